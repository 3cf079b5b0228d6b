# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects the arguments of every process of this machine and of the VM, for as long as it is told to."""

from __future__ import annotations

import contextlib
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERVAL = 0.01  # seconds; shorter-lived programs that matter are recorded one by one, see commands.py


@contextmanager
def all_arguments(watched: bool = True) -> Iterator[set[str]]:
    """Yield a set that fills with command lines while the block runs, if they are to be watched."""
    seen: set[str] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(INTERVAL):
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    seen.add((process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))

    thread = threading.Thread(target=watch, daemon=True)
    if watched:
        thread.start()
    try:
        yield seen
    finally:
        ended.set()
        if watched:
            thread.join()
