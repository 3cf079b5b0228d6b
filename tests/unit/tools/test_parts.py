# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How `make test` judges its parts: green only when something was tested."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tools import run_parts
from tools.parts import Counts, Part, matches, molecule_counts, pytest_counts
from tools.processes import inherit_orphans

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOLECULE = """\
PLAY RECAP *********
demo                       : ok={ok}    changed=0    unreachable=0    failed=0
default > converge: Executed: Successful
default > {action}: Executed: Successful

SCENARIO RECAP
default                   : actions=2  successful=2  disabled=0  skipped=0  missing=0  failed=0
"""


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., run_parts.Result]:
    """Run Python code as a part and return what became of it."""
    monkeypatch.setattr(run_parts, "LOGS", tmp_path)
    monkeypatch.setattr(run_parts, "ROOT", tmp_path)

    def run(*programs: str, may_skip: bool = False) -> run_parts.Result:
        commands = [[sys.executable, "-c", code] for code in programs]
        return run_parts.run(Part("a part", "group", commands, pytest_counts, lambda: tmp_path, may_skip=may_skip))

    return run


def test_a_part_with_passed_tests_passes(judge: Callable[..., run_parts.Result]) -> None:
    result = judge("print('3 passed in 0.1s')")
    assert (result.verdict, result.counts) == ("passed", Counts(3))


def test_a_part_that_ran_no_test_fails_although_its_command_succeeded(judge: Callable[..., run_parts.Result]) -> None:
    result = judge("print('no tests ran in 0.01s')")
    assert result.verdict == "failed"
    assert "nothing was tested" in result.reason


def test_a_part_whose_tests_were_all_skipped_fails_unless_it_may_skip(judge: Callable[..., run_parts.Result]) -> None:
    assert judge("print('2 skipped in 0.1s')").verdict == "failed"
    assert judge("print('2 skipped in 0.1s')", may_skip=True).verdict == "skipped"


def test_a_part_fails_with_any_of_its_commands(judge: Callable[..., run_parts.Result]) -> None:
    result = judge("print('3 passed in 0.1s'); raise SystemExit(4)", "print('3 passed in 0.1s')")
    assert result.verdict == "failed"
    assert "status 4" in result.reason


def test_a_part_that_leaves_a_process_running_fails(judge: Callable[..., run_parts.Result]) -> None:
    inherit_orphans()
    result = judge(
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
        "print('1 passed in 0.1s')"
    )
    assert "left running" in result.reason
    assert not run_parts.leftovers(0.5)


def test_the_last_line_counts_parts(capsys: pytest.CaptureFixture[str]) -> None:
    parts = [Part(name, "group", [], pytest_counts) for name in ("one", "two", "three")]
    results = [run_parts.Result(part, "passed", Counts(9), 0.1) for part in parts]
    assert run_parts.summarise(results, parts) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 0 failed"
    results[1] = run_parts.Result(parts[1], "failed", Counts(), 0.1, "nothing was tested")
    results[2] = run_parts.Result(parts[2], "skipped", Counts(), 0.1)
    assert run_parts.summarise(results, parts) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed, 1 skipped"


def test_parts_that_were_not_reached_count_as_failed(capsys: pytest.CaptureFixture[str]) -> None:
    parts = [Part(name, "group", [], pytest_counts) for name in ("one", "two")]
    assert run_parts.summarise([run_parts.Result(parts[0], "passed", Counts(9), 0.1)], parts) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed"


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("===== 12 passed in 3.02s =====\n", Counts(12)),
        ("12 passed, 3 skipped in 3.02s\n==== 5 passed, 1 warning in 61.20s (0:01:01) ====\n", Counts(17, 3)),
        ("\x1b[32m4 passed\x1b[0m in 0.1s\n", Counts(4)),
        ("no tests ran in 0.01s\n", Counts()),
    ],
)
def test_pytest_summaries_are_added_up(output: str, counts: Counts) -> None:
    assert pytest_counts(output) == counts


def test_numbers_and_lines_are_counted() -> None:
    assert matches(r"in (\d+) files")("in 3 files\nin 4 files") == Counts(7)
    assert matches(r'Running "')('Running "a"\nRunning "b"') == Counts(2)


def test_molecule_actions_are_counted() -> None:
    assert molecule_counts(MOLECULE.format(ok=3, action="verify")) == Counts(2)


@pytest.mark.parametrize(
    ("output", "fault"),
    [
        (MOLECULE.format(ok=3, action="verify") + "skipping: no hosts\n  │ matched", "a play matched no host"),
        (MOLECULE.format(ok=0, action="verify"), "no task ran on any host"),
        (MOLECULE.format(ok=3, action="create"), "not verified: default"),
    ],
)
def test_molecule_is_not_believed_when_it_tested_nothing(output: str, fault: str) -> None:
    assert molecule_counts(output) == Counts(fault=fault)


def test_molecule_never_takes_the_repository_for_its_scratch_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable means the working directory to Molecule, which it empties in the end."""
    monkeypatch.setenv("MOLECULE_EPHEMERAL_DIRECTORY", "")

    assert "MOLECULE_EPHEMERAL_DIRECTORY" not in run_parts.environment()
