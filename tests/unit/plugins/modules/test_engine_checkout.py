# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases of the engine's application on the VM, made by the real git from real repositories."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.modules import engine_checkout
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import Ran, run
from ansible_collections.placeos.office365.tests.unit.plugins.modules.git_upstream import (
    Upstream,
    git,
    note_calls,
    noted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    """A repository with the versions v1 to v3."""
    made = Upstream(tmp_path / "upstream")
    for version in ("v1", "v2", "v3"):
        made.release(version, annotated=version == "v2")
    return made


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the releases are: in a project folder that has other things as well."""
    project = tmp_path / "project"
    (project / "ruby-engine-app").mkdir(parents=True)
    (project / "docker-compose.yml").write_text("services: {}\n")
    return project / "o365-engine"


@pytest.fixture
def play(upstream: Upstream, directory: Path, capsys: pytest.CaptureFixture[str]) -> Play:
    """Run the module on the folder of the releases."""

    def start(version: str | None = None, check: bool = False, **arguments: Any) -> Ran:
        given = {"directory": str(directory), "repository": upstream.url, "version": version, **arguments}
        return run(
            engine_checkout.main,
            {name: value for name, value in given.items() if value is not None},
            lambda: capsys.readouterr().out,
            check=check,
            connection={},
        )

    return start


@pytest.fixture
def install(play: Play) -> Callable[..., Path]:
    """Install a version and use it, as the role does when the engine is healthy."""

    def start(version: str, rolled_back: bool = False, **arguments: Any) -> Path:
        made = play(version, **arguments)
        assert not made.result.get("failed"), made.result
        use(play, made.result["path"], version, rolled_back)
        return Path(made.result["path"])

    return start


def use(play: Play, path: str, version: str, rolled_back: bool = False) -> Ran:
    return play(version, state="used", current=path, rolled_back=rolled_back)


def names(directory: Path) -> set[str]:
    return {path.name for path in (directory / "releases").iterdir()}


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder, with their contents."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -- a release -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["v1", "v2", "hash", "short hash", "old short hash"])
def test_a_version_becomes_a_complete_checkout(named: str, play: Play, upstream: Upstream, directory: Path) -> None:
    commits = upstream.commits
    version = {"hash": commits["v1"], "short hash": commits["v3"][:8], "old short hash": commits["v1"][:8]}.get(
        named, named
    )
    commit = next(full for tag, full in commits.items() if version == tag or full.startswith(version))
    ran = play(version)
    assert (ran.result["changed"], ran.result["created"], ran.result["commit"]) == (True, True, commit)
    release = Path(ran.result["path"])
    assert release == directory / "releases" / commit[:12]
    assert (release / "version").read_text() == git(upstream.folder, "show", f"{commit}:version") + "\n"
    assert git(release, "rev-parse", "HEAD") == commit
    assert git(release, "status", "--porcelain") == ""
    assert git(release, "remote", "get-url", "origin") == upstream.url
    assert ran.warnings == ()


def test_no_more_than_the_commit_is_fetched(play: Play, directory: Path) -> None:
    play("v3")
    assert git(directory / "repository.git", "rev-list", "--count", "--all") == "1"


@pytest.mark.parametrize("version", ["v2", "hash", "short hash"])
def test_a_second_run_changes_nothing(version: str, play: Play, upstream: Upstream, directory: Path) -> None:
    version = {"hash": upstream.commits["v2"], "short hash": upstream.commits["v2"][:7]}.get(version, version)
    first = play(version)
    before = tree(directory)
    again = play(version)
    assert (again.result["changed"], again.result["created"]) == (False, False)
    assert again.result["path"] == first.result["path"]
    assert tree(directory) == before


def test_a_hash_that_is_there_needs_no_network(play: Play, upstream: Upstream) -> None:
    path = play("v2").result["path"]
    shutil.rmtree(upstream.folder)
    assert play(upstream.commits["v2"]).result["path"] == path
    assert play(upstream.commits["v2"][:9]).result["path"] == path


def test_a_release_depends_on_nothing_but_itself(play: Play, upstream: Upstream, directory: Path) -> None:
    release = Path(play("v1").result["path"])
    shutil.rmtree(directory / "repository.git")
    shutil.rmtree(upstream.folder)
    assert git(release, "status", "--porcelain") == ""
    git(release, "fsck", "--full", "--strict")


@pytest.mark.parametrize("damage", ["everything", "one file"])
def test_a_damaged_store_of_what_was_fetched_is_made_anew(damage: str, play: Play, directory: Path) -> None:
    release = Path(play("v1").result["path"])
    store = directory / "repository.git"
    blob = git(release, "rev-parse", "HEAD:version")
    found = [path for path in (store / "objects").rglob("*") if path.is_file()]
    lost = [path for path in found if damage == "everything" or path.parent.name + path.name == blob]
    assert lost
    for path in lost:
        path.unlink()
    shutil.rmtree(release)
    assert play("v1").result["created"]
    git(store, "fsck", "--full")


def test_a_store_that_is_no_repository_is_made_anew_and_the_one_around_it_left_alone(
    play: Play, directory: Path
) -> None:
    project = directory.parent
    git(project, "init", "--quiet")
    git(project, "add", "docker-compose.yml")
    git(project, "commit", "--quiet", "-m", "The project")
    before = git(project, "for-each-ref")
    (directory / "releases").mkdir(parents=True)
    (directory / "repository.git").mkdir()
    assert play("v1").result["created"]
    assert git(project, "for-each-ref") == before
    assert git(directory / "repository.git", "rev-parse", "--is-bare-repository") == "true"


def test_what_git_is_told_by_the_environment_of_the_task_does_not_count(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    assert play("v1").result["created"]
    assert not (tmp_path / "elsewhere").exists()


def test_a_branch_is_used_with_a_warning(play: Play, upstream: Upstream) -> None:
    ran = play("main")
    assert ran.result["commit"] == upstream.commits["v3"]
    assert "main is a branch" in ran.warnings[0]
    assert "Pin a tag or a commit" in ran.warnings[0]


def test_a_tag_that_was_moved_is_told(play: Play, upstream: Upstream) -> None:
    play("v1")
    git(upstream.folder, "tag", "--force", "v1", "v3")
    ran = play("v1")
    assert ran.result["commit"] == upstream.commits["v3"]
    assert f"was moved: it was commit {upstream.commits['v1']}" in ran.warnings[0]


def test_submodules_are_part_of_a_release(play: Play, upstream: Upstream, tmp_path: Path) -> None:
    library = Upstream(tmp_path / "library")
    library.release("v1")
    git(upstream.folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.url, "lib")
    upstream.release("v4")
    release = Path(play("v4").result["path"])
    assert (release / "lib" / "version").read_text() == "v1\n"
    assert not play("v4").result["changed"]


def test_what_somebody_has_changed_by_hand_in_the_project_is_left_alone(play: Play, directory: Path) -> None:
    (directory.parent / "ruby-engine-app" / "mine").write_text("mine\n")
    before = {name for name in tree(directory.parent) if not name.startswith("o365-engine/")}
    play("v1")
    assert {name for name in tree(directory.parent) if not name.startswith("o365-engine/")} == before


def test_the_engine_in_its_container_can_read_a_release_whatever_the_umask(play: Play, directory: Path) -> None:
    mask = os.umask(0o077)
    try:
        release = Path(play("v1").result["path"])
    finally:
        os.umask(mask)
    for path in (directory, release, release / "app"):
        assert path.stat().st_mode & 0o005 == 0o005
    assert (release / "app" / "start.rb").stat().st_mode & 0o004


# -- check mode ------------------------------------------------------------------------------------------------------


def test_check_mode_says_what_would_be_done_and_writes_nothing(
    play: Play, upstream: Upstream, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = note_calls(tmp_path / "bin", "git")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    ran = play("v1", check=True)
    assert (ran.result["changed"], ran.result["commit"]) == (True, upstream.commits["v1"])
    assert ran.result["path"] == str(directory / "releases" / upstream.commits["v1"][:12])
    assert ran.result["diff"]["after"] == f"{ran.result['path']}\n"
    assert not directory.exists()
    assert [line for line in noted(log) if " fetch " in line or " init " in line] == []
    assert len([line for line in noted(log) if " ls-remote " in line]) == 1
    assert play("v1").result["path"] == ran.result["path"]


def test_check_mode_tells_which_releases_would_be_removed(install: Any, play: Play, directory: Path) -> None:
    oldest = install("v1")
    install("v2")
    newest = install("v3")
    before = tree(directory)
    ran = play("v3", check=True, keep=1, current=str(newest))
    assert ran.result["pruned"] == [str(oldest)]
    assert tree(directory) == before


# -- what cannot be done ---------------------------------------------------------------------------------------------


def test_an_unknown_version_is_told_with_similar_ones(play: Play, directory: Path) -> None:
    ran = play("v4")
    assert ran.result["failed"]
    assert "version v4: the repository has no commit, tag or branch of that name" in ran.result["msg"]
    assert set(ran.result["similar"]) == {"v1", "v2", "v3"}
    assert names(directory) == set()


def test_an_unknown_commit_is_told(play: Play) -> None:
    assert "has no such commit" in play("ab" * 20).result["msg"]
    assert "no commit, tag or branch" in play("abababab").result["msg"]


def test_an_unknown_repository_is_told(play: Play, tmp_path: Path) -> None:
    ran = play("v1", repository=str(tmp_path / "nothing"))
    assert f"{tmp_path}/nothing, version v1: git ls-remote: " in ran.result["msg"]
    assert "There is no such repository" in ran.result["msg"]


def test_a_vm_without_git_is_told(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no git on the VM. Install it" in play("v1").result["msg"]


def test_a_git_that_does_not_answer_is_ended(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note_calls(tmp_path / "bin", "git", 'case "$*" in *ls-remote*) sleep 60;; esac')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    assert "git ls-remote: no end after 0.5 seconds" in play("v1", timeout=0.5).result["msg"]


@pytest.mark.parametrize("version", ["--upload-pack=touch x", "v1^{}"])
def test_a_version_that_is_none_is_refused(version: str, play: Play) -> None:
    assert "is no name of a commit" in play(version).result["msg"]


def test_all_faults_of_the_wish_are_told_at_once(play: Play) -> None:
    said = play("a b", keep=0, token="fake").result["msg"]
    assert all(words in said for words in ("is no name", "a token is for addresses with https", "keep must be"))


def test_a_checkout_made_by_hand_is_not_taken_over(play: Play, upstream: Upstream, directory: Path) -> None:
    git(directory.parent, "clone", "--quiet", upstream.url, str(directory))
    before = tree(directory)
    said = play("v1").result["msg"]
    assert "is a checkout that was not made by this module; it is left alone" in said
    assert "engine_app_directory" in said
    assert tree(directory) == before


def test_a_folder_with_other_contents_is_not_taken_over(play: Play, directory: Path) -> None:
    directory.mkdir()
    (directory / "mine").write_text("mine\n")
    assert "is a folder with other contents" in play("v1").result["msg"]


@pytest.mark.parametrize("part", [".", "releases", "repository.git"])
def test_a_symbolic_link_is_not_followed(part: str, play: Play, directory: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if part == ".":
        directory.symlink_to(elsewhere)
    else:
        directory.mkdir()
        (directory / ".lock").touch()
        (directory / part).symlink_to(elsewhere)
    assert "is a symbolic link" in play("v1").result["msg"]
    assert list(elsewhere.iterdir()) == []


def test_a_failure_in_the_middle_leaves_no_half_release(play: Play, upstream: Upstream, tmp_path: Path) -> None:
    library = Upstream(tmp_path / "library")
    library.release("v1")
    git(upstream.folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.url, "lib")
    upstream.release("v4")
    shutil.rmtree(library.folder)
    ran = play("v4")
    assert "git submodule update" in ran.result["msg"]
    assert names(tmp_path / "project" / "o365-engine") == set()


# -- local changes ---------------------------------------------------------------------------------------------------


def test_local_changes_in_the_release_to_be_used_are_refused_with_their_list(play: Play) -> None:
    release = Path(play("v1").result["path"])
    (release / "version").write_text("changed by hand\n")
    (release / "app" / "neu ü.rb").write_text("new\n")
    (release / "app" / "start.rb").unlink()
    ran = play("v1")
    assert ran.result["failed"]
    assert ran.result["local_changes"][0]["files"] == [" D app/start.rb", " M version", "?? app/neu ü.rb"]
    assert "  M version" in ran.result["msg"]
    assert "engine_app_local_changes" in ran.result["msg"]
    assert (release / "version").read_text() == "changed by hand\n"


def test_local_changes_in_what_is_used_now_are_refused_before_anything_is_made(play: Play, directory: Path) -> None:
    release = Path(play("v1").result["path"])
    (release / "version").write_text("changed by hand\n")
    ran = play("v2", current=str(release))
    assert ran.result["local_changes"][0]["path"] == str(release)
    assert names(directory) == {release.name}


def test_without_a_current_path_it_is_the_newest_of_the_history(play: Play, install: Any) -> None:
    release = install("v1")
    (release / "version").write_text("changed by hand\n")
    assert play("v2").result["local_changes"][0]["path"] == str(release)


def test_the_lock_file_that_the_engine_replaces_is_no_local_change(play: Play) -> None:
    release = Path(play("v1").result["path"])
    (release / "Gemfile.lock").write_text("as in the image\n")
    assert not play("v1").result["changed"]
    assert play("v1", expected_changes=[]).result["local_changes"][0]["files"] == [" M Gemfile.lock"]


def test_changed_releases_are_used_as_they_are_when_told_so(play: Play) -> None:
    release = Path(play("v1").result["path"])
    (release / "version").write_text("changed by hand\n")
    ran = play("v1", local_changes="keep")
    assert (ran.result["path"], ran.result["changed"]) == (str(release), False)
    assert "used as they are" in ran.warnings[0]


def test_discarding_uses_another_checkout_and_deletes_nothing(play: Play) -> None:
    release = Path(play("v1").result["path"])
    (release / "version").write_text("changed by hand\n")
    ran = play("v1", local_changes="discard", current=str(release))
    clean = Path(ran.result["path"])
    assert clean == release.with_name(f"{release.name}-2")
    assert git(clean, "status", "--porcelain") == ""
    assert (release / "version").read_text() == "changed by hand\n"
    again = play("v1", current=str(clean))
    assert (again.result["path"], again.result["changed"]) == (str(clean), False)


@pytest.mark.parametrize("how", ["commit", "branch", "stash"])
def test_commits_that_are_nowhere_else_are_local_changes(how: str, play: Play) -> None:
    release = Path(play("v1").result["path"])
    (release / "version").write_text("changed by hand\n")
    if how == "stash":
        git(release, "stash")
    else:
        git(release, "commit", "--quiet", "-am", "Quick fix")
    if how == "branch":
        git(release, "checkout", "--quiet", "-b", "fix", "HEAD")
        git(release, "checkout", "--quiet", "HEAD~1")
    commits = play("v1").result["local_changes"][0]["commits"]
    assert any(("Quick fix" in commit or "Version v1" in commit) for commit in commits)


def test_the_clients_own_checkout_is_examined_when_it_is_in_use(
    play: Play, upstream: Upstream, directory: Path
) -> None:
    own = directory.parent / "by-hand"
    git(directory.parent, "clone", "--quiet", upstream.url, str(own))
    assert play("v1", current=str(own), check=True).result["local_changes"] == []
    (own / "version").write_text("changed by hand\n")
    git(own, "commit", "--quiet", "-am", "Quick fix")
    (own / "debug.rb").write_text("puts 1\n")
    ran = play("v1", current=str(own))
    found = ran.result["local_changes"][0]
    assert found["files"] == ["?? debug.rb"]
    assert [commit.split(" ", 1)[1] for commit in found["commits"]] == ["Quick fix"]
    told = play("v1", current=str(own), local_changes="keep")
    assert told.result["previous"] == {"commit": "", "path": str(own)}
    assert (own / "debug.rb").exists()


def test_a_mounted_folder_without_git_is_not_taken_for_a_part_of_the_checkout_around_it(
    play: Play, directory: Path
) -> None:
    git(directory.parent, "init", "--quiet")
    own = directory.parent / "ruby-engine-app"
    (own / "app.rb").write_text("puts 1\n")
    assert play("v1", current=str(own)).result["local_changes"] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another user")
def test_what_a_checkout_of_somebody_else_configures_is_not_run_by_root(
    play: Play, upstream: Upstream, directory: Path
) -> None:
    own, proof = directory.parent / "theirs", directory.parent / "proof"
    git(directory.parent, "clone", "--quiet", upstream.url, str(own))
    git(own, "config", "filter.evil.clean", f"id -u > {proof}; cat")
    git(own, "config", "core.fsmonitor", f"id -u > {proof}")
    (own / ".gitattributes").write_text("* filter=evil\n")
    (own / "version").write_text("changed\n")
    for path in [own, *own.rglob("*")]:
        os.chown(path, 12345, 12345)
    for path in [directory.parent, *directory.parents]:
        path.chmod(path.stat().st_mode | 0o001)
    found = play("v1", current=str(own)).result["local_changes"][0]
    assert " M version" in found["files"]
    assert not proof.exists()


# -- old releases ----------------------------------------------------------------------------------------------------


def test_the_oldest_releases_go_beyond_those_to_keep(
    install: Any, play: Play, upstream: Upstream, directory: Path
) -> None:
    paths = [install(version) for version in ("v1", "v2", "v3")]
    upstream.release("v4")
    ran = play("v4", keep=3)
    assert ran.result["pruned"] == [str(paths[0])]
    assert ran.result["previous"]["path"] == str(paths[2])
    assert names(directory) == {paths[1].name, paths[2].name, Path(ran.result["path"]).name}
    assert not play("v4", keep=3).result["changed"]


def test_what_is_in_use_and_what_was_before_stay_whatever_is_to_be_kept(
    install: Any, play: Play, directory: Path
) -> None:
    first, second = install("v1", keep=1), install("v2", keep=1)
    ran = play("v3", keep=1, current=str(second))
    assert ran.result["pruned"] == []
    assert names(directory) == {first.name, second.name, Path(ran.result["path"]).name}


def test_an_old_release_with_local_changes_stays(install: Any, play: Play) -> None:
    oldest = install("v1")
    install("v2")
    (oldest / "debug.rb").write_text("puts 1\n")
    newest = install("v3")
    ran = play("v3", keep=1, current=str(newest))
    assert ran.result["pruned"] == []
    assert "An old release has local changes" in ran.warnings[-1]
    assert (oldest / "debug.rb").exists()


def test_a_release_that_was_used_lately_outlives_one_that_was_never_used(
    install: Any, play: Play, upstream: Upstream
) -> None:
    first = install("v1")
    history = first.parents[1] / "history.json"
    play("v2")  # made, but never healthy
    entries = json.loads(history.read_text())
    entries[0]["when"] = "2100-01-01T00:00:00Z"
    history.write_text(json.dumps([*entries, *entries]))
    newest = install("v3")
    upstream.release("v4")
    ran = play("v4", keep=3, current=str(newest))
    assert ran.result["pruned"] == [str(first.with_name(upstream.commits["v2"][:12]))]


def test_nothing_but_releases_is_ever_removed(install: Any, play: Play, directory: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("precious\n")
    newest = install("v3")
    releases = directory / "releases"
    (releases / "0123456789ab").symlink_to(outside)
    (releases / "ba9876543210").mkdir()  # named like a release, but none
    (releases / "notes").mkdir()
    (releases / "README").write_text("mine\n")
    moved = install("v1").rename(releases / "mine")
    (releases / "aaaaaaaaaaaa").symlink_to(outside / "release")
    install("v2").rename(outside / "release")
    assert play("v3", keep=1, current=str(newest)).result["pruned"] == []
    assert (outside / "precious").exists()
    assert moved.exists()
    assert (outside / "release" / "version").exists()
    assert {"aaaaaaaaaaaa", "0123456789ab", "ba9876543210", "notes", "README", "mine"} < names(directory)


# -- going back ------------------------------------------------------------------------------------------------------


def test_the_previous_release_is_found_without_the_network(install: Any, play: Play, upstream: Upstream) -> None:
    first, second = install("v1"), install("v2")
    shutil.rmtree(upstream.folder)
    ran = play(state="previous", repository=None, current=str(second))
    assert (ran.result["path"], ran.result["version"], ran.result["changed"]) == (str(first), "v1", False)


def test_going_back_twice_goes_further_and_never_forth_again(install: Any, play: Play) -> None:
    paths = [install(version) for version in ("v1", "v2", "v3")]
    in_use = str(paths[2])
    seen = []
    for _round in range(2):
        found = play(state="previous", current=in_use).result
        in_use = found["path"]
        use(play, in_use, found["version"], rolled_back=True)
        seen.append(Path(in_use))
    assert seen == [paths[1], paths[0]]
    refused = play(state="previous", current=in_use).result
    assert "there is no release before the current one" in refused["msg"]
    assert "rolled back to already" in refused["msg"]
    assert {release["version"] for release in refused["releases"]} == {"v1", "v2", "v3"}


def test_a_release_on_the_vm_can_be_named(install: Any, play: Play, upstream: Upstream) -> None:
    paths = {version: install(version) for version in ("v1", "v2", "v3")}
    for name in ("v1", upstream.commits["v1"], upstream.commits["v1"][:7]):
        assert play(name, state="previous", current=str(paths["v3"])).result["path"] == str(paths["v1"])
    assert "no release on the VM fit v9" in play("v9", state="previous").result["msg"]


def test_without_a_release_before_it_fails(install: Any, play: Play, directory: Path) -> None:
    assert "no release is in use" in play(state="previous").result["msg"]
    install("v1")
    assert "there is no release before the current one" in play(state="previous").result["msg"]
    own = str(directory.parent / "ruby-engine-app")
    assert f"{own} is mounted, which is no release" in play(state="previous", current=own).result["msg"]


def test_a_previous_release_that_was_removed_is_passed_over(install: Any, play: Play) -> None:
    paths = [install(version) for version in ("v1", "v2", "v3")]
    shutil.rmtree(paths[1])
    assert play(state="previous", current=str(paths[2])).result["path"] == str(paths[0])


def test_local_changes_are_judged_on_the_way_back_too(install: Any, play: Play) -> None:
    first, second = install("v1"), install("v2")
    (first / "version").write_text("changed by hand\n")
    assert play(state="previous", current=str(second)).result["local_changes"][0]["path"] == str(first)
    assert play(state="previous", current=str(second), local_changes="keep").result["path"] == str(first)
    assert "no unchanged checkout" in play(state="previous", current=str(second), local_changes="discard").result["msg"]


def test_what_is_in_use_is_written_down_once(install: Any, play: Play, directory: Path, upstream: Upstream) -> None:
    release = install("v1")
    assert use(play, str(release), "v1").result["changed"] is False
    entries = json.loads((directory / "history.json").read_text())
    assert [(one["commit"], one["version"], one["path"]) for one in entries] == [
        (upstream.commits["v1"], "v1", str(release))
    ]
    assert play("v2", state="used", current="/somewhere/else").result["failed"]


def test_check_mode_writes_no_history(play: Play, directory: Path) -> None:
    path = play("v1", check=True).result["path"]
    assert play("v1", state="used", current=path, check=True).result["changed"]
    assert not directory.exists()


def test_the_clients_own_mount_can_be_gone_back_to(install: Any, play: Play, directory: Path) -> None:
    install("v1")
    assert use(play, "", "client", rolled_back=True).result["changed"]
    assert json.loads((directory / "history.json").read_text())[-1]["path"] == ""
    assert "no release is in use" in play(state="previous").result["msg"]


def test_a_damaged_history_is_told(install: Any, play: Play, directory: Path) -> None:
    install("v1")
    (directory / "history.json").write_text("{")
    assert "history.json is not JSON" in play("v1").result["msg"]


def test_a_path_through_a_symbolic_link_is_the_same_release(install: Any, play: Play, directory: Path) -> None:
    release = install("v1")
    link = directory.parent.parent / "link"
    link.symlink_to(directory.parent)
    seen = play("v1", current=str(link / "o365-engine" / "releases" / release.name)).result
    assert (seen["path"], seen["previous"]) == (str(release), None)
