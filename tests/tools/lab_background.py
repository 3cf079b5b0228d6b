# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leaves a lab running in the background, and stops it again by its id: lab_background.py start|stop STATE [ARGUMENTS].

STATE is the lab's folder; its lab.json says where the lab answers, its lab.pid which process it is.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.lab_process import LabError, start_lab

STOPPED_WITHIN = 15.0


def is_lab(pid: int, state: Path) -> bool:
    """Tell whether this process is the lab of that folder, and not another one that got its id later."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        # Without /proc nothing can be said about a process but that it is there.
        return not Path("/proc/self").exists() and alive(pid)
    return str(state) in words


def alive(pid: int) -> bool:
    """Tell whether there is such a process."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def start(state: Path, arguments: list[str]) -> str:
    """Start a lab and wait until it answers."""
    lab = start_lab(state, *arguments)
    (state / "lab.pid").write_text(f"{lab.pid}\n", encoding="utf-8")
    try:
        lab.wait_ready()
    except LabError:
        lab.stop()
        raise
    return f"started {lab.pid}"


def stop(state: Path) -> str:
    """Stop the lab of a folder, if there is one."""
    file = state / "lab.pid"
    if not file.exists():
        return "no lab"
    pid = int(file.read_text(encoding="utf-8"))
    if is_lab(pid, state):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOPPED_WITHIN
        while is_lab(pid, state) and time.monotonic() < deadline:
            time.sleep(0.1)
        if is_lab(pid, state):
            os.kill(pid, signal.SIGKILL)
    file.unlink()
    return f"stopped {pid}"


def main() -> int:
    """Carry out one order."""
    if len(sys.argv) < 3 or sys.argv[1] not in ("start", "stop"):
        print(__doc__, file=sys.stderr)
        return 2
    state = Path(sys.argv[2]).resolve()
    try:
        print(start(state, sys.argv[3:]) if sys.argv[1] == "start" else stop(state))
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
