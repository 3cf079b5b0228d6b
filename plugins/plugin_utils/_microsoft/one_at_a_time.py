# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time works with a file: of two that did, one would write over the secret that the other one has stored."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PATIENCE = 300.0
"""Seconds for which a run waits for another one to end."""
_PAUSE = 0.2


class NotHeld(Exception):
    """The file cannot be worked with now; says why, and what to do."""


@contextlib.contextmanager
def held(
    path: Path,
    *,
    patience: float = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[None]:
    """While it lasts no other run gets here with the same file. Its folder is made. Raises NotHeld.

    The lock is an empty file beside it, which goes with the lock; one that a killed run has left does no harm.
    """
    lock = path.with_name(f".{path.name}.lock")
    until = clock() + patience
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while (descriptor := _taken(lock)) is None:
            if clock() > until:
                raise NotHeld(
                    f"another run has been working with {path} for {patience:g} seconds; run again when it has ended"
                )
            sleep(_PAUSE)
    except OSError as error:
        raise NotHeld(f"{path} cannot be written: {error.strerror} ({error.filename})") from error
    try:
        yield
    finally:
        # Still held here: whoever waits for this file finds that it is another one by then.
        with contextlib.suppress(OSError):
            lock.unlink()
        os.close(descriptor)


def _taken(lock: Path) -> int | None:
    """A descriptor of the lock file, locked; None where somebody else has it."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        # A file system without locks: then it is as it would be without this.
        return descriptor
    try:
        same = os.path.samestat(os.fstat(descriptor), lock.stat())
    except FileNotFoundError:
        same = False
    if not same:
        os.close(descriptor)
        return None
    return descriptor
