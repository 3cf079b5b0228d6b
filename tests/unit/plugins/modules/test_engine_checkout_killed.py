# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed at any of git's calls: the next one converges, and takes nothing half done for whole."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.modules import engine_checkout
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import run
from ansible_collections.placeos.office365.tests.unit.plugins.modules.git_upstream import (
    Upstream,
    git,
    note_calls,
    noted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., dict[str, Any]]

ROOT = str(Path(engine_checkout.__file__).parents[5])
"""The folder that has ansible_collections."""
MAIN = """
import json, sys
from ansible.module_utils.testing import patch_module_args
from ansible_collections.placeos.office365.plugins.modules.engine_checkout import main
with patch_module_args(json.loads(sys.argv[1])):
    main()
"""
# How often git is called when a version is installed and an old one removed.
CALLS = range(1, 18)


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    made = Upstream(tmp_path / "upstream")
    for version in ("v1", "v2", "v3", "v4"):
        made.release(version)
    return made


@pytest.fixture
def play(upstream: Upstream, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Play:
    """Run the module here."""
    (tmp_path / "project").mkdir()

    def start(version: str, **arguments: Any) -> dict[str, Any]:
        given = {**where(tmp_path, upstream), "version": version, **arguments}
        return run(engine_checkout.main, given, lambda: capsys.readouterr().out, connection={}).result

    return start


def where(folder: Path, upstream: Upstream) -> dict[str, Any]:
    return {"directory": str(folder / "project" / "o365-engine"), "repository": upstream.url}


def start_process(programs: Path, **arguments: Any) -> subprocess.Popen[str]:
    """Run the module in a process of its own, which can be killed, with these programs first on PATH."""
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, json.dumps({**arguments, "_ansible_remote_tmp": str(programs)})],
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": ROOT},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def status_of(process: subprocess.Popen[str]) -> int:
    process.communicate()
    return process.returncode


def three_in_use(play: Play) -> None:
    for version in ("v1", "v2", "v3"):
        play(version, state="used", current=play(version)["path"])


def killing(folder: Path, call: int) -> Path:
    """A git that kills the module at its n-th call, and goes on as an orphan."""
    count = folder / "count"
    folder.mkdir()
    count.write_text("")
    note_calls(folder, "git", f"printf x >> '{count}'; [ $(wc -c < '{count}') != {call} ] || kill -9 $PPID")
    return folder


@pytest.mark.parametrize("call", CALLS)
def test_the_run_after_a_killed_one_converges(call: int, play: Play, upstream: Upstream, tmp_path: Path) -> None:
    directory = tmp_path / "project" / "o365-engine"
    three_in_use(play)
    killed = start_process(killing(tmp_path / "bin", call), **where(tmp_path, upstream), version="v4", keep=1)
    assert status_of(killed) == -signal.SIGKILL
    result = play("v4", keep=1)
    assert not result.get("failed"), result
    release = Path(result["path"])
    assert release.name == upstream.commits["v4"][:12]
    assert git(release, "status", "--porcelain") == ""
    git(release, "fsck", "--full")
    assert (release / "version").read_text() == "v4\n"
    # v1 was removed, by one of the two.
    kept = {upstream.commits[version][:12] for version in ("v2", "v3", "v4")}
    assert {one.name for one in (directory / "releases").iterdir()} == kept
    assert {one.name for one in directory.iterdir()} == {".lock", "history.json", "releases", "repository.git"}
    assert play("v4", keep=1)["changed"] is False


def test_all_calls_of_git_are_among_those_at_which_it_is_killed(play: Play, upstream: Upstream, tmp_path: Path) -> None:
    three_in_use(play)
    log = note_calls(tmp_path / "bin", "git")
    assert status_of(start_process(tmp_path / "bin", **where(tmp_path, upstream), version="v4", keep=1)) == 0
    assert len(noted(log)) == CALLS[-1]


def test_a_removal_that_was_killed_is_ended_by_the_next_run(
    play: Play, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    three_in_use(play)
    releases = tmp_path / "project" / "o365-engine" / "releases"

    def half(path: Path) -> None:
        (path / "version").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", half)
        with pytest.raises(KeyboardInterrupt):
            play("v4", keep=1)
    assert [one.name[:5] for one in releases.iterdir() if one.name.startswith(".")] == [".old-"]
    assert not play("v4", keep=1).get("failed")
    assert [one.name for one in releases.iterdir() if one.name.startswith(".")] == []


def test_what_a_killed_run_left_is_not_taken_for_a_release(play: Play, upstream: Upstream) -> None:
    path = Path(play("v1")["path"])
    half = path.with_name(upstream.commits["v2"][:12])
    path.rename(half)
    (half / ".git" / "placeos_release.json").unlink()
    (path.parent / ".new-0123456789ab").mkdir()
    (path.parent / ".old-0123456789ab").mkdir()
    assert play("v2")["path"] == f"{half}-2"
    assert {one.name for one in path.parent.iterdir()} == {half.name, f"{half.name}-2"}


def test_a_git_that_outlives_its_run_is_waited_for(play: Play, upstream: Upstream, tmp_path: Path) -> None:
    note_calls(tmp_path / "bin", "git", 'case "$*" in *fetch*) kill -9 $PPID; sleep 3;; esac')
    assert status_of(start_process(tmp_path / "bin", **where(tmp_path, upstream), version="v1")) == -signal.SIGKILL
    assert "busy in" in play("v1", timeout=0.3)["msg"]
    assert play("v1", timeout=60)["created"]


def test_locks_of_a_killed_git_do_not_stop_the_next_one(play: Play, tmp_path: Path) -> None:
    play("v1")
    cache = tmp_path / "project" / "o365-engine" / "repository.git"
    for lock in ("shallow.lock", "packed-refs.lock", "refs/placeos/commits/0123.lock"):
        (cache / lock).touch()
    (cache / "objects" / "pack").mkdir(exist_ok=True)
    (cache / "objects" / "pack" / "tmp_pack_1234").write_text("half")
    assert play("v2")["created"]
    assert [one for one in cache.rglob("*") if one.name.endswith(".lock") or one.name.startswith("tmp_")] == []


def test_two_runs_at_once_wait_for_each_other(play: Play, upstream: Upstream, tmp_path: Path) -> None:
    both = [start_process(tmp_path, **where(tmp_path, upstream), version="v1") for _one in range(2)]
    results = [json.loads(process.communicate()[0]) for process in both]
    assert sorted(result["created"] for result in results) == [False, True]
