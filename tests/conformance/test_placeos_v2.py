# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab answers as the real server did: recorded exchanges are replayed against it.

The recordings lie beside the repository (or where PLACEOS_CONFORMANCE_DIR says) and are not part of it. Each exchange
that differs must stand in the table of tests/lab/README.md.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "tests" / "lab"
CONFORMANCE = Path(os.environ.get("PLACEOS_CONFORMANCE_DIR") or ROOT.parent / "shared" / "conformance")
REPLAY = CONFORMANCE / "replay.py"
NOT_REQUIRED = frozenset(("api_keys", "users", "triggers_and_others"))
OVERALL, PER_FILE = 98.0, 95.0
DOCUMENTED = re.compile(r"^\| `([a-z_]+):(\d+)` \|", re.MULTILINE)

pytestmark = pytest.mark.skipif(
    not REPLAY.exists(), reason=f"the recordings of the real server are not there ({CONFORMANCE})"
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A fresh lab, as its own program."""
    state = tmp_path_factory.mktemp("lab")
    process = subprocess.Popen([sys.executable, str(LAB), "serve", "--state", str(state)])
    try:
        deadline = time.monotonic() + 30
        while not (state / "lab.json").exists():
            assert process.poll() is None, "the lab ended"
            assert time.monotonic() < deadline, "the lab did not start"
            time.sleep(0.05)
        yield json.loads((state / "lab.json").read_text("utf-8"))["placeos"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


@pytest.fixture(scope="module")
def report(lab: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of a replay of all required transcripts."""
    files = sorted(f for f in (CONFORMANCE / "placeos_v2").glob("*.jsonl") if f.stem not in NOT_REQUIRED)
    assert len(files) > 10, "the transcripts are missing"
    target = tmp_path_factory.mktemp("replay") / "report.json"
    command = [sys.executable, str(REPLAY), *map(str, files), "--base-url", lab["url"], "--json", str(target)]
    for name, secret in lab["credentials"].items():
        command += ["--credential", f"{name}={secret}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert target.exists(), result.stdout + result.stderr
    document: dict[str, Any] = json.loads(target.read_text("utf-8"))
    assert document["complete"], result.stdout + result.stderr
    return document


def share(part: dict[str, Any]) -> float:
    return 100.0 * part["matched"] / part["total"] if part["total"] else 100.0


def test_nearly_all_exchanges_match(report: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        for entry in report["files"]:
            print(f"  {entry['file']:<28} {entry['matched']:>4}/{entry['total']:<4} {share(entry):6.1f} %")
        print(f"  {'TOTAL':<28} {report['matched']:>4}/{report['total']:<4} {share(report):6.1f} %")
    assert report["total"] > 1000
    assert report["skipped"] == 0
    assert share(report) >= OVERALL
    assert [entry["file"] for entry in report["files"] if share(entry) < PER_FILE] == []


def test_no_status_code_differs(report: dict[str, Any]) -> None:
    wrong = [
        f"{entry['file']}:{exchange['n']} {exchange['differences']}"
        for entry in report["files"]
        for exchange in entry["different"]
        if any(text.startswith(("status:", "no answer", "not sent")) for text in exchange["differences"])
    ]
    assert wrong == []


def test_each_difference_is_documented_and_nothing_else(report: dict[str, Any]) -> None:
    differing = {
        f"{Path(entry['file']).stem}:{exchange['n']}" for entry in report["files"] for exchange in entry["different"]
    }
    readme = (LAB / "README.md").read_text("utf-8")
    documented = {f"{name}:{number}" for name, number in DOCUMENTED.findall(readme)}
    assert differing == documented
