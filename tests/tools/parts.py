# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of `make test`: what each one runs, and how it is told from its output that something was tested."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vm.bed.programs import why_not

from .ansible_test_tree import ROOT, lay_out, source_files
from .recap import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BIN = Path(sys.executable).parent
PYTEST_SUMMARY = re.compile(r"^=*\s*((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s\b.*$", re.MULTILINE)
# ansible-core 2.19 is the last one for Python 3.11, so the unit tests run on both sides of that border.
OTHER_PYTHONS = ("python3.14", "python3.13", "python3.12") if sys.version_info < (3, 12) else ("python3.11",)


@dataclass(frozen=True)
class Counts:
    """How many tests (or files, for checks of files) a part has run."""

    passed: int = 0
    skipped: int = 0
    fault: str = ""


@dataclass
class Part:
    """One row of the summary.

    XX unless everything was skipped and `may_skip` is set. `absent` says why the part cannot run here, if so.
    """

    name: str
    group: str
    commands: Sequence[Sequence[str]]
    count: Callable[[str], Counts]
    prepare: Callable[[], Path] = lambda: ROOT
    may_skip: bool = False
    absent: str = ""


def files(*patterns: str) -> Callable[[str], Counts]:
    """Count the source files that a check which does not count itself has seen."""
    return lambda _output: Counts(sum(any(fnmatch.fnmatch(n, p) for p in patterns) for n in source_files()))


def matches(pattern: str) -> Callable[[str], Counts]:
    """Add up the numbers that `pattern` finds; without a group, count what it finds."""
    expression = re.compile(pattern)

    def count(output: str) -> Counts:
        found = expression.findall(plain(output))
        return Counts(sum(int(number) for number in found) if expression.groups else len(found))

    return count


def pytest_counts(output: str) -> Counts:
    """Add up the last lines of all pytest runs in `output`."""
    numbers: dict[str, int] = {}
    for summary in PYTEST_SUMMARY.findall(plain(output)):
        for number, word in re.findall(r"(\d+) ([a-z]+)", summary):
            numbers[word] = numbers.get(word, 0) + int(number)
    return Counts(numbers.get("passed", 0), numbers.get("skipped", 0) + numbers.get("xfailed", 0))


def molecule_counts(output: str) -> Counts:
    """Add up the actions of all scenarios.

    Molecule is content with plays that match no host, for example when its shared configuration was not read, and
    with a scenario that verifies nothing.
    """
    text = re.sub(r"[\s\u2502]+", " ", plain(output))  # it frames and wraps what Ansible prints
    scenarios = re.findall(r"(\S+) : actions=\d+ successful=(\d+)", text)
    verified = set(re.findall(r"(\S+) \S verify: Executed: Successful", text))
    if re.search("no hosts matched|Could not match supplied host|provided hosts list is empty", text):
        return Counts(fault="a play matched no host")
    if not re.search(r" : ok=[1-9]", text):
        return Counts(fault="no task ran on any host")
    if missing := [name for name, _number in scenarios if name not in verified]:
        return Counts(fault=f"not verified: {', '.join(missing)}")
    return Counts(sum(int(number) for _name, number in scenarios))


def other_python() -> tuple[str, str] | None:
    """Find a Python on the other side of the border between 3.11 and 3.12 that really starts: version, path."""
    probe = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2], sys.executable)"
    places = [Path(place) for place in os.environ.get("PATH", os.defpath).split(os.pathsep)]
    # pyenv puts stand-ins on PATH, which fail for versions that are not selected; the real ones are here.
    places += sorted(Path.home().glob(".pyenv/versions/*/bin"))
    for name in OTHER_PYTHONS:
        for found in (place / name for place in places if (place / name).is_file()):
            answer = subprocess.run([found, "-c", probe], capture_output=True, text=True, check=False, cwd=ROOT)
            if answer.returncode == 0:
                version, path = answer.stdout.strip().split(" ", 1)
                return version, path
    return None


def make_venv(python: str, venv: Path) -> None:
    """Install ansible-core and what the unit tests import for another Python, unless that has been done."""
    requirements = [ROOT / "requirements" / name for name in ("controller.txt", "test.txt")]
    done = venv / ".done"
    if done.exists() and all(done.stat().st_mtime > requirement.stat().st_mtime for requirement in requirements):
        return
    print(f"Installing what the unit tests need into {venv.relative_to(ROOT)}", flush=True)
    subprocess.run([python, "-m", "venv", "--clear", str(venv)], check=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    wanted = ["-r", str(requirements[0]), "-c", str(requirements[1])]
    subprocess.run([*pip, *wanted, "hypothesis", "openpyxl", "pytest", "pytest-mock", "pytest-xdist"], check=True)
    done.touch()


def program(name: str) -> str:
    """Return the path of a program in this Python's environment."""
    return str(BIN / name)


def pytest(*arguments: str) -> list[str]:
    """Return the command that runs pytest."""
    return [sys.executable, "-m", "pytest", "-q", *arguments]


def ansible_test(binary: Path, command: str, version: str, *arguments: str) -> list[str]:
    """Return the command that runs ansible-test."""
    return [str(binary / "ansible-test"), command, "--python", version, "--color", "no", *arguments]


def lint_parts() -> list[Part]:
    """Return the checks that run no code of the collection."""
    shell = [n for n in source_files() if n.endswith(".sh") or n in {".ci/run", "requirements/lock"}]
    collection_docs = [program("antsibull-docs"), "lint-collection-docs", "--plugin-docs", "--skip-rstcheck"]
    collection_docs += ["--validate-collection-refs", "self", "."]
    mypy = [sys.executable, "-m", "mypy", "--no-color-output"]
    return [
        Part("ruff check", "lint", [[program("ruff"), "check", "."]], files("*.py")),
        Part("ruff format", "lint", [[program("ruff"), "format", "--check", "."]], matches(r"(\d+) files? already")),
        Part(
            "mypy",
            "lint",
            [[*mypy, "-p", "ansible_collections.placeos.office365.plugins"], [*mypy, "tests"]],
            matches(r"no issues found in (\d+) source file"),
        ),
        Part("yamllint", "lint", [[program("yamllint"), "--strict", "."]], files("*.yml", "*.yaml")),
        Part(
            "ansible-lint",
            "lint",
            [[program("ansible-lint"), "--strict", "--profile", "production", "--nocolor"]],
            matches(r"Passed: 0 failure\(s\), 0 warning\(s\) in (\d+) files"),
        ),
        Part("antsibull-docs", "lint", [collection_docs], files("plugins/modules/*.py")),
        Part(
            "changelog",
            "lint",
            [
                [program("antsibull-changelog"), "lint"],
                [program("antsibull-changelog"), "lint-changelog-yaml", "changelogs/changelog.yaml"],
            ],
            files("changelogs/*.yaml", "changelogs/fragments/*"),
        ),
        Part(
            "powershell",
            "lint",
            [[sys.executable, "tests/tools/check_powershell.py"]],
            matches(r"(\d+) PowerShell scripts? checked, 0 faults"),
        ),
        Part(
            "shellcheck",
            "lint",
            [["shellcheck", *shell]],
            lambda _output: Counts(len(shell)),
            absent="" if shutil.which("shellcheck") else "shellcheck is not installed",
        ),
    ]


def plugin_parts() -> list[Part]:
    """Return what runs on both supported lines of ansible-core, as far as there is a Python for the other one."""
    tests = "tests/unit/plugins/"
    version = "{}.{}".format(*sys.version_info)
    package = [pytest("tests/package")]
    units = Part(f"units {version}", "units", [ansible_test(BIN, "units", version, tests)], pytest_counts, lay_out)
    other = other_python()
    if not other:
        return [units, Part("package", "package", package, pytest_counts)]
    version, python = other
    venv = ROOT / ".build" / f"venv-{version}"

    def other_venv() -> Path:
        make_venv(python, venv)
        return ROOT

    def other_venv_and_tree() -> Path:
        make_venv(python, venv)
        return lay_out()

    other_units = [ansible_test(venv / "bin", "units", version, tests)]
    return [
        units,
        Part(f"units {version}", "units", other_units, pytest_counts, other_venv_and_tree),
        Part("package", "package", package, pytest_counts, other_venv),
    ]


def all_parts() -> list[Part]:
    """Return every part of `make test`, the quick ones first."""
    version = "{}.{}".format(*sys.version_info)
    return [
        *lint_parts(),
        Part("unit", "unit", [pytest("tests/unit", "--ignore=tests/unit/plugins")], pytest_counts),
        *plugin_parts(),
        Part("conformance", "conformance", [pytest("tests/conformance")], pytest_counts, may_skip=True),
        Part(
            "integration", "integration", [pytest("-n", "2", "--dist", "loadfile", "tests/integration")], pytest_counts
        ),
        # Two labs, and two VMs, as they wait a lot. The reason is shown in the table where none can run.
        Part(
            "vm",
            "vm",
            [pytest("-n", "2", "--dist", "loadfile", "tests/vm")],
            pytest_counts,
            may_skip=True,
            absent=why_not(),
        ),
        Part("molecule", "molecule", [[program("molecule"), "test", "--all"]], molecule_counts),
        Part(
            "sanity",
            "sanity",
            [ansible_test(BIN, "sanity", version, "--requirements")],
            matches(r"Running sanity test \""),
            lay_out,
        ),
    ]
