# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook and measures it: wall time, time of each task, requests, memory."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tools.processes import descendants

if TYPE_CHECKING:
    from tools.lab_process import Lab

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SAMPLE_SECONDS = 0.2


class PlaybookError(RuntimeError):
    """A playbook failed; the message ends with what it said."""


@dataclass
class Run:
    """One run. Memory in MiB: of the largest process, and of all of them together with shared pages counted once."""

    seconds: float
    largest: float
    together: float
    changed: int
    reads: int
    writes: int
    tasks: dict[str, float] = field(default_factory=dict)


class TreeMemory:
    """Samples the memory of a process and all below it; the largest sum is kept. Linux only, elsewhere 0."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.peak = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(map(_proportional, {self.pid} | descendants(self.pid))))

    def stop(self) -> float:
        """End, and return the peak."""
        self._done.set()
        self._thread.join()
        return self.peak


def _proportional(pid: int) -> float:
    """Proportional set size in MiB: pages that several processes share are divided among them."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def ansible_playbook() -> str:
    """The ansible-playbook that belongs to this Python."""
    beside = Path(sys.executable).parent / "ansible-playbook"
    return str(beside) if beside.exists() else shutil.which("ansible-playbook") or "ansible-playbook"


def environment(times: Path) -> dict[str, str]:
    """The caller's environment without its own Ansible settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return env | {
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "task_times",
        "ANSIBLE_NOCOLOR": "1",
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
        "TASK_TIMES": str(times),
    }


def play(playbook: Path, inventory: Path, lab: Lab, *arguments: str, memory: bool = False) -> Run:
    """Run a playbook once. memory: also sample the whole tree, which costs a little."""
    times, output = lab.state / "task_times.json", lab.state / "playbook.log"
    command = [ansible_playbook(), str(playbook), "-i", str(inventory), *arguments]
    before, began = len(lab.requests()), time.perf_counter()
    with output.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(times), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        watch = TreeMemory(process.pid) if memory else None
        # The usage of the process and of all that it waited for; maxrss is that of the largest one.
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    together = watch.stop() if watch else 0.0
    said = output.read_text(encoding="utf-8", errors="replace")
    if process.returncode:
        raise PlaybookError(f"ansible-playbook ended with status {process.returncode}\n{said[-3000:]}")
    methods = lab.methods(before)
    tasks: dict[str, float] = {}
    for name, spent in json.loads(times.read_text(encoding="utf-8")):
        tasks[name] = tasks.get(name, 0.0) + spent
    changed = int(said.rpartition("changed=")[2].split()[0])
    return Run(
        seconds, usage.ru_maxrss / 1024, together, changed, methods["GET"], methods.total() - methods["GET"], tasks
    )
