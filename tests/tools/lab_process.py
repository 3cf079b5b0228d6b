# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the lab as a process of its own and stops it again by its id.

with running_lab(tmp_path, "--tls") as lab:
    print(lab.info["placeos"]["url"])
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .processes import stop_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 60.0


class LabError(RuntimeError):
    """The lab did not start; the message ends with what it said."""


class Lab:
    """A running lab: `info` is the content of its lab.json, `log` what it says."""

    def __init__(self, process: subprocess.Popen[bytes], state: Path, log: Path) -> None:
        self.process = process
        self.state = state
        self.log = log
        self.info: dict[str, Any] = {}

    @property
    def pid(self) -> int:
        """The process id of the lab."""
        return self.process.pid

    def wait_ready(self, within: float = READY_WITHIN, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Wait until lab.json is there. Raises LabError when the lab ends before, or needs longer than `within` s."""
        ready = self.state / "lab.json"
        deadline = time.monotonic() + within
        while not cancelled():
            if self.process.poll() is not None:
                raise LabError(f"the lab ended with status {self.process.returncode}\n{self.last_words()}")
            if ready.exists():
                # Not yet complete when it is read while it is written: then read it again.
                with contextlib.suppress(json.JSONDecodeError):
                    self.info = json.loads(ready.read_text(encoding="utf-8"))
                    return
            if time.monotonic() > deadline:
                raise LabError(f"the lab was not ready within {within:.0f} s\n{self.last_words()}")
            time.sleep(0.05)

    def last_words(self, lines: int = 20) -> str:
        """Return the last lines that the lab printed."""
        said = self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(said[-lines:])

    def requests(self) -> list[dict[str, Any]]:
        """Return every request that the lab has answered so far, oldest first."""
        log = Path(self.info.get("requests_log", self.state / "requests.jsonl"))
        if not log.exists():
            return []
        # Only whole lines: the last one may still be on its way.
        whole = log.read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.strip()]

    def methods(self, since: int = 0) -> Counter[str]:
        """Count requests by HTTP method, leaving out the first `since` and the lab's own controls."""
        return Counter(r["method"] for r in self.requests()[since:] if not str(r["path"]).startswith("/_lab"))

    def stop(self) -> None:
        """Stop the lab. Does nothing when it has ended already."""
        stop_process(self.process)


def start_lab(state: Path, *arguments: str, python: str = sys.executable) -> Lab:
    """Start `python tests/lab serve --state STATE ARGUMENTS` without waiting until it is ready."""
    state.mkdir(parents=True, exist_ok=True)
    log = state / "lab.log"
    command = [python, str(ROOT / "tests" / "lab"), "serve", "--state", str(state), *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    return Lab(process, state, log)


@contextlib.contextmanager
def running_lab(state: Path, *arguments: str, within: float = READY_WITHIN) -> Iterator[Lab]:
    """Run a lab for the length of a `with` block."""
    lab = start_lab(state, *arguments)
    try:
        lab.wait_ready(within)
        yield lab
    finally:
        lab.stop()
