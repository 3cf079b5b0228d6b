# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs parts of the tests one after the other and ends with one table: `run_parts.py all`, or names of parts.

A part fails when a command of it fails, when it tested nothing, or when it leaves a process running. The others run all
the same. The last line counts parts. What each part printed is kept in .build/logs.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.ansible_test_tree import ROOT
from tools.parts import BIN, Counts, Part, all_parts
from tools.processes import descendants, end_descendants, inherit_orphans, run_shown

LOGS = ROOT / ".build" / "logs"
# Empty at each start: ansible-lint and molecule prefer a copy of the collection in Ansible's home to the work tree.
HOME = ROOT / ".build" / "ansible-home"
interrupted = threading.Event()


@dataclass
class Result:
    """What became of one part."""

    part: Part
    verdict: str
    counts: Counts
    seconds: float
    reason: str = ""


def environment() -> dict[str, str]:
    """Give the programs this Python's tools first and the collection of this work tree only."""
    env = dict(os.environ)
    # Molecule empties this folder at the end of a scenario; set to nothing, it is the folder that it was started in.
    env.pop("MOLECULE_EPHEMERAL_DIRECTORY", None)
    env["PATH"] = os.pathsep.join([str(BIN), env.get("PATH", os.defpath)])
    env |= {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"), "ANSIBLE_HOME": str(HOME)}
    env |= {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1", "COLUMNS": "160"}
    if not env.get("LC_ALL") and not env.get("LANG"):
        env["LC_ALL"] = "C.UTF-8"
    for name in ("NO_PROXY", "no_proxy"):
        env[name] = ",".join(filter(None, [env.get(name), "localhost", "127.0.0.1"]))
    return env


def leftovers(patience: float = 2.0) -> set[int]:
    """Return the processes that are still there a moment after a part has ended."""
    deadline = time.monotonic() + patience
    while (left := descendants()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def run(part: Part) -> Result:
    """Run one part and judge it."""
    print(f"\n=== {part.name} ".ljust(79, "="), flush=True)
    if part.absent:
        print(part.absent)
        return Result(part, "skipped", Counts(), 0.0, part.absent)
    started, output, reason = time.monotonic(), "", ""
    try:
        folder = part.prepare()
        for command in part.commands:
            status, text = run_shown(command, cwd=folder, env=environment(), cancelled=interrupted.is_set)
            output += text
            if status is None:
                reason = "interrupted"
                break
            if status:
                reason = reason or f"{Path(command[0]).name} ended with status {status}"
    except (OSError, subprocess.CalledProcessError) as error:
        reason = str(error)
    log = LOGS / f"{part.name.replace(' ', '-')}.log"
    log.write_text(output, encoding="utf-8")
    counts = part.count(output)
    if left := leftovers():
        end_descendants()
        reason = reason or f"{len(left)} process(es) were left running"
    # pytest says with status 5 that it found nothing to run, and all may have been skipped for a good reason.
    reason = reason or counts.fault
    skipped = part.may_skip and not counts.passed and counts.skipped > 0
    if not reason and not counts.passed and not skipped:
        reason = "nothing was tested"
    verdict = "failed" if reason else "skipped" if skipped else "passed"
    where = f" ({log.relative_to(ROOT)})" if reason else ""
    return Result(part, verdict, counts, time.monotonic() - started, reason + where)


def summarise(results: list[Result], parts: list[Part]) -> int:
    """Print the table and the closing line; return the exit status."""
    width = max(len(part.name) for part in parts)
    print(f"\n{'part':<{width}}  {'result':<8} {'tests':>6} {'skipped':>8} {'seconds':>8}")
    for result in results:
        row = f"{result.part.name:<{width}}  {result.verdict:<8} {result.counts.passed:>6} {result.counts.skipped:>8}"
        print(f"{row} {result.seconds:>8.1f}  {result.reason}".rstrip())
    for part in parts[len(results) :]:
        print(f"{part.name:<{width}}  not run")
    numbers = {verdict: sum(r.verdict == verdict for r in results) for verdict in ("passed", "failed", "skipped")}
    numbers["failed"] += len(parts) - len(results)
    print(f"{'all':<{width}}  {'':<8} {'':>6} {'':>8} {sum(r.seconds for r in results):>8.1f}\n")
    skipped = f", {numbers['skipped']} skipped" if numbers["skipped"] else ""
    print(f"{numbers['passed']} passed, {numbers['failed']} failed{skipped}", flush=True)
    return 1 if numbers["failed"] or not numbers["passed"] + numbers["skipped"] else 0


def main(names: list[str]) -> int:
    """Run the named groups or parts and return the exit status."""
    known = all_parts()
    parts = [part for part in known if "all" in names or part.group in names or part.name in names]
    if not parts:
        groups = sorted({part.group for part in known})
        print(f"usage: run_parts.py all | {' | '.join(groups)}", file=sys.stderr)
        return 2
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, lambda *_: interrupted.set())
    inherit_orphans()
    LOGS.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(HOME, ignore_errors=True)
    results: list[Result] = []
    for part in parts:
        results.append(run(part))
        if interrupted.is_set():
            break
    status = summarise(results, parts)
    return 130 if interrupted.is_set() else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
