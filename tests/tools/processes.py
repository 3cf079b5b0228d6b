# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs, shows what they print, and ends by its id whatever they leave behind.

Ansible gives each worker a session of its own, so a module it runs can outlive an interrupted playbook. On Linux this
process asks to inherit such orphans; elsewhere only its direct children are known to it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
STOPPED_WITHIN = 10.0


def stop_process(process: subprocess.Popen[bytes], sig: int = signal.SIGTERM, within: float = STOPPED_WITHIN) -> int:
    """Ask one process to end, insist after `within` seconds, and return its exit status."""
    if process.poll() is None:
        process.send_signal(sig)
        try:
            return process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def run_shown(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    cancelled: Callable[[], bool],
    shown_from: str = "",
) -> tuple[int | None, str]:
    """Run a program, show its output as it comes, and return its exit status and that output.

    The status is None when `cancelled` said so and the program was interrupted. What comes before the first line with
    the text `shown_from` is not shown, unless the program fails.
    """
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    lines: list[str] = []
    # A thread, because something the program leaves behind may keep the pipe open.
    reader = threading.Thread(target=_copy, args=(process, lines, shown_from), daemon=True)
    reader.start()
    while process.poll() is None and not cancelled():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
    status = None if cancelled() else process.returncode
    if status is None:
        stop_process(process, signal.SIGINT)
    reader.join(2)
    if status and shown_from:
        _show("".join(lines))
    return status, "".join(lines)


def _copy(process: subprocess.Popen[bytes], lines: list[str], shown_from: str) -> None:
    assert process.stdout is not None
    shown = False
    for line in iter(process.stdout.readline, b""):
        lines.append(line.decode("utf-8", "replace"))
        shown = shown or shown_from in lines[-1]
        if shown:
            _show(lines[-1])


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def inherit_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def arguments_of_descendants() -> set[str]:
    """Return the command lines of all live processes below this one; for proving that no secret is in them."""
    seen: set[str] = set()
    for process in descendants():
        # Some end meanwhile.
        with contextlib.suppress(OSError):
            seen.add(Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return seen


def descendants(pid: int | None = None) -> set[int]:
    """Return the ids of all live processes below `pid` (this process by default)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            # pid (name) state ppid ...; the name may hold spaces and brackets.
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if fields[0] != "Z":
                parents[int(entry.name)] = int(fields[1])
    found: set[int] = set()
    new = {pid or os.getpid()}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


def end_descendants(spare: set[int] | None = None, patience: float = 3.0) -> None:
    """End every process below this one by its id, except those in `spare` and what they started."""
    spared = set(spare or ())
    for pid in tuple(spared):
        spared |= descendants(pid)
    for sig in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + patience
        for pid in descendants() - spared:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sig)
        while descendants() - spared and time.monotonic() < deadline:
            time.sleep(0.05)
