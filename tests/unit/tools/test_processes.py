# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tools.ansible_test_tree import ROOT
from tools.processes import descendants, end_descendants, inherit_orphans, run_shown, stop_process

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"


def start(code: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    return process


def test_a_process_that_ignores_the_request_to_end_is_killed() -> None:
    process = start(STUBBORN)
    assert stop_process(process, within=0.2) == -signal.SIGKILL
    assert stop_process(process) == -signal.SIGKILL


def test_orphans_are_found_and_ended_but_not_those_to_be_spared() -> None:
    inherit_orphans()
    spared = start("import time; print('on', flush=True); time.sleep(60)")
    parent = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    subprocess.run([sys.executable, "-c", parent], check=True)
    assert len(descendants() - {spared.pid}) == 1
    end_descendants(spare={spared.pid})
    assert descendants() == {spared.pid}
    assert stop_process(spared) == -signal.SIGTERM


def test_what_comes_before_the_point_of_interest_is_shown_only_when_the_program_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for status in (0, 2):
        code = f"import sys; print('before'); print('RECAP'); print('after'); sys.exit({status})"
        ended, output = run_shown(
            [sys.executable, "-c", code], cwd=tmp_path, env=os.environ, cancelled=lambda: False, shown_from="RECAP"
        )
        assert (ended, output) == (status, "before\nRECAP\nafter\n")
        assert capsys.readouterr().out == "RECAP\nafter\n" + (output if status else "")


def test_output_is_kept_and_an_interrupted_program_has_no_status(tmp_path: Path) -> None:
    code = "import pathlib, time; print('said', flush=True); pathlib.Path('done').touch(); time.sleep(60)"
    status, output = run_shown(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ, cancelled=(tmp_path / "done").exists
    )
    assert status is None
    assert output.startswith("said\n")
    assert run_shown([sys.executable, "-c", "print(1)"], cwd=tmp_path, env=os.environ, cancelled=lambda: False) == (
        0,
        "1\n",
    )


def test_the_lock_of_the_lab_follows_its_requirements() -> None:
    def pins(file: Path) -> set[str]:
        lines = (line.split(";")[0].strip().lower() for line in file.read_text(encoding="utf-8").splitlines())
        return {line for line in lines if "==" in line and not line.startswith("#")}

    locked = pins(ROOT / "requirements" / "lab.txt")
    assert pins(ROOT / "tests" / "lab" / "requirements.txt") <= locked, "run `make lock KEEP=1`"
