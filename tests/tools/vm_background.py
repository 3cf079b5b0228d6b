# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leaves the VM of tests/vm running in the background, and stops it again by its id: vm_background.py start|stop STATE.

STATE/vm.json says how to reach it, or under "absent" why none can run here; STATE/vm.pid which process it is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from vm.bed.programs import why_not

from tools.lab_background import alive, is_lab

TESTS = Path(__file__).resolve().parents[1]
READY_WITHIN = 90.0
STOPPED_WITHIN = 30.0


def start(state: Path) -> str:
    """Start a VM and wait until it can be reached; say why where none can run."""
    state.mkdir(parents=True, exist_ok=True)
    facts = state / "vm.json"
    if reason := why_not():
        facts.write_text(json.dumps({"absent": reason}), encoding="utf-8")
        return f"absent: {reason}"
    with (state / "vm.log").open("wb") as log:
        bed = subprocess.Popen(
            [sys.executable, "-m", "vm.bed", str(state / "machine"), "--facts", str(facts)],
            cwd=TESTS,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (state / "vm.pid").write_text(f"{bed.pid}\n", encoding="utf-8")
    deadline = time.monotonic() + READY_WITHIN
    while not facts.exists():
        if bed.poll() is not None or time.monotonic() > deadline:
            stop(state)
            raise RuntimeError((state / "vm.log").read_text(encoding="utf-8", errors="replace")[-2000:])
        time.sleep(0.2)
    return f"started {bed.pid}"


def stop(state: Path) -> str:
    """Stop the VM of a folder, if there is one; everything in it ends with it."""
    file = state / "vm.pid"
    if not file.exists():
        return "no VM"
    pid = int(file.read_text(encoding="utf-8"))
    if is_lab(pid, state / "machine"):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOPPED_WITHIN
        while alive(pid) and is_lab(pid, state / "machine") and time.monotonic() < deadline:
            time.sleep(0.1)
        if is_lab(pid, state / "machine"):
            os.kill(pid, signal.SIGKILL)
    file.unlink()
    return f"stopped {pid}"


def main() -> int:
    """Carry out one order."""
    if len(sys.argv) != 3 or sys.argv[1] not in ("start", "stop"):
        print(__doc__, file=sys.stderr)
        return 2
    state = Path(sys.argv[2]).resolve()
    try:
        print(start(state) if sys.argv[1] == "start" else stop(state))
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
