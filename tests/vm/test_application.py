# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""engine_app, from the client's own checkout over several releases, good and bad, and back with the rollback playbook."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from vm.bed.arguments import all_arguments
from vm.bed.client import SECRET, Client
from vm.bed.container import Container, answers
from vm.bed.git_servers import TOKEN_USER, GitHttps
from vm.bed.image import APPLICATION
from vm.bed.machine import Machine
from vm.bed.playbook import Run
from vm.bed.project import Project
from vm.bed.repository import Repository
from vm.bed.search import files_with, shows

ROLE = "engine_app"
TOKEN = "token-OF-the.repository_77"
ROLLBACK = "playbooks/rollback_engine.yml"


@dataclass
class Moment:
    """A run, and what the engine was like after it."""

    run: Run
    engine: Container
    release: str  # what the application in the container says it is
    answer: str
    mounted: str
    commit: str  # of the checkout that is mounted
    lock: str  # its Gemfile.lock
    environment: dict[str, str]
    releases: list[str]
    # Secrets of git that were found in files, or in arguments of programs.
    in_files: dict[Path, int] = field(default_factory=dict)
    in_arguments: list[str] = field(default_factory=list)
    agents: list[list[str]] = field(default_factory=list)
    temporary: list[Path] = field(default_factory=list)


@dataclass
class Story:
    """The moments of one client, by name."""

    client: Client
    tags: dict[str, str]
    own_files: dict[str, str]
    moments: dict[str, Moment] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Moment:
        return self.moments[name]

    @property
    def folder(self) -> Path:
        """Where the releases are, seen from outside."""
        return self.client.project.folder / "engine_app"

    def tell(self, name: str, run: Callable[[], Run], credential: str = "") -> Moment:
        """Run something and note what there is afterwards."""
        with all_arguments(bool(credential)) as seen:
            done = run()
        machine, engine = self.client.machine, self.client.engine()
        engine.wait_well(self.client.project.health_url)
        mounts = {mount["Destination"]: mount["Source"] for mount in engine.inspect()["Mounts"]}
        releases = self.folder / "releases"
        mounted = mounts.get(APPLICATION, "")
        commit = machine.run("git", "-C", mounted or "/", "rev-parse", "HEAD", check=False).stdout.strip()
        moment = Moment(
            done,
            engine,
            engine.application("RELEASE").strip(),
            answers(self.client.project.health_url),
            mounted,
            commit,
            engine.application("Gemfile.lock").strip(),
            engine.environment(),
            sorted(entry.name for entry in releases.iterdir()) if releases.is_dir() else [],
        )
        if credential:
            folders = [machine.state / place for place in ("opt", "home", "root", "tmp", "etc")]
            moment.in_files = files_with(credential, *folders)
            calls = {" ".join(call) for call in machine.commands.calls()}
            moment.in_arguments = [line for line in seen | calls if shows(line, credential)]
            moment.agents = [one for one in machine.processes().values() if one[0].endswith("ssh-agent")]
            moment.temporary = list((machine.state / "tmp").iterdir())
        self.moments[name] = moment
        return moment


def git_in_project(project: Project, *arguments: str) -> str:
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@acme.example"]
    return project.machine.run("git", "-C", f"{project.path}/ruby-engine-app", *identity, *arguments).stdout


def write_own_checkout(project: Project) -> None:
    """What the client runs before: a checkout of its own, mounted where the application belongs."""
    own = project.folder / "ruby-engine-app"
    (own / "public/auth").mkdir(parents=True)
    (own / "public/auth/authority").write_text('{"version": "v1.0.0", "application": "the client\'s own"}\n')
    (own / "RELEASE").write_text("own\n")
    (own / "Gemfile.lock").write_text("GEM of the client\n")
    git_in_project(project, "init", "--quiet")
    git_in_project(project, "add", "--all")
    git_in_project(project, "commit", "--quiet", "--message", "As it was cloned")


@pytest.fixture(scope="module")
def tags(machine: Machine) -> dict[str, str]:
    """Make the repository of the application, and return the hash of each of its tags."""
    repository = Repository(machine.state / "srv/git")
    repository.create()
    tags = {tag: repository.release(tag) for tag in ("v1.0.0", "v1.1.0")}
    tags["v1.2.0"] = repository.release_without_answer("v1.2.0")
    tags["v1.3.0"] = repository.release_that_ends("v1.3.0")
    tags["v1.4.0"] = repository.release("v1.4.0")
    return tags


@pytest.fixture(scope="module")
def story(
    new_client: Callable[..., Client], port: int, tags: dict[str, str], daemon_url: str, https_server: GitHttps
) -> Story:
    machine = https_server.machine
    project = Project(machine, port, mounts=(f"./ruby-engine-app:{APPLICATION}",))
    client = new_client(project, prepare=write_own_checkout)
    own = project.folder / "ruby-engine-app"
    story = Story(client, tags, {name: (own / name).read_text() for name in ("RELEASE", "Gemfile.lock")})
    login = machine.git_login
    client.variables |= {
        "engine_environment_health_timeout": 8,
        "engine_app_repository": f"ssh://{login.user}@127.0.0.1:{login.port}/srv/git/o365-engine.git",
        "engine_app_version": "v1.0.0",
        "engine_app_deploy_key": login.private_key,
        "engine_app_known_hosts": login.known_hosts,
    }
    client.machine.commands.forget()
    (own / "RELEASE").write_text("own, changed by hand\n")
    story.tell("changed by hand", lambda: client.run(ROLE))
    (own / "RELEASE").write_text("own\n")
    story.tell("checked", lambda: client.run(ROLE, arguments=("--check", "--diff")))
    both = ("engine_environment", ROLE)
    loudly = partial(client.run, *both, arguments=("-vvv", "--diff"), quick=False)
    story.tell("first", loudly, login.private_key)
    story.tell("again", lambda: client.run(ROLE))

    for name in ("engine_app_deploy_key", "engine_app_known_hosts"):
        del client.variables[name]
    https_server.token = TOKEN
    client.variables |= {
        "engine_app_repository": f"{https_server.url}/o365-engine.git",
        "engine_app_version": story.tags["v1.1.0"],
        "engine_app_token": TOKEN,
        "engine_app_token_user": TOKEN_USER,
    }
    story.tell("second", lambda: client.run(ROLE, arguments=("-vvv", "--diff"), quick=False), TOKEN)
    https_server.token = ""

    del client.variables["engine_app_token"]
    client.variables["engine_app_repository"] = f"{daemon_url}/o365-engine.git"
    for name, version in (("silent", "v1.2.0"), ("ending", "v1.3.0")):
        client.variables["engine_app_version"] = version
        story.tell(name, lambda: client.run(ROLE))
    story.tell("rolled back", lambda: client.playbook(ROLLBACK))
    story.tell("rolled back twice", lambda: client.playbook(ROLLBACK))
    client.variables["engine_app_version"] = "v1.4.0"
    story.tell("v1.4.0", lambda: client.run(ROLE))
    story.tell("back to the client's", lambda: client.playbook(ROLLBACK, "-e", "engine_app_rollback_to=client"))
    return story


def test_changes_by_hand_in_the_clients_own_checkout_are_listed_and_nothing_is_done(story: Story) -> None:
    moment = story["changed by hand"]
    assert moment.run.status
    assert "RELEASE" in moment.run.failure()["msg"]
    assert "engine_app_local_changes" in moment.run.failure()["msg"]
    assert (moment.release, moment.releases) == ("own, changed by hand", [])


def test_check_mode_names_the_release_and_makes_nothing(story: Story) -> None:
    moment = story["checked"]
    assert moment.run.status == 0, moment.run.output
    assert moment.run.changed
    assert (moment.release, moment.releases) == ("own", [])
    assert moment.engine.id == story["changed by hand"].engine.id


def test_the_first_release_comes_over_ssh_and_is_what_the_engine_runs(story: Story) -> None:
    moment = story["first"]
    assert moment.run.status == 0, moment.run.output
    assert moment.release == "v1.0.0"
    assert "o365-engine v1.0.0" in moment.answer
    assert moment.commit == story.tags["v1.0.0"]


def test_both_roles_share_the_override_file(story: Story) -> None:
    for name in ("first", "second", "v1.4.0", "back to the client's"):
        assert story[name].environment["OFFICE_CLIENT_SECRET"] == SECRET


def test_the_clients_own_checkout_stays_where_it_was(story: Story) -> None:
    own = story.client.project.folder / "ruby-engine-app"
    assert (own / "RELEASE").read_text() == story.own_files["RELEASE"]
    assert (own / "public/auth/authority").exists()
    assert git_in_project(story.client.project, "log", "--format=%s") == "As it was cloned\n"


@pytest.mark.parametrize("name", ["first", "second"])
def test_the_credential_is_in_no_file_and_in_no_argument_and_not_printed(story: Story, name: str) -> None:
    moment = story[name]
    credential = story.client.machine.git_login.private_key if name == "first" else TOKEN
    assert moment.in_files == {}
    assert moment.in_arguments == []
    assert not shows(moment.run.output, credential)
    assert (moment.agents, moment.temporary) == ([], [])


def test_git_was_really_asked_over_ssh_and_https(story: Story, https_server: GitHttps) -> None:
    calls = story.client.machine.commands.calls("ssh")
    assert any("git-upload-pack '/srv/git/o365-engine.git'" in " ".join(call) for call in calls)
    assert ("POST", "/o365-engine.git/git-upload-pack", 200) in https_server.requests


def test_an_unchanged_run_changes_nothing_although_the_engine_has_changed_its_gemfile_lock(story: Story) -> None:
    assert (story["again"].run.status, story["again"].run.changed) == (0, 0), story["again"].run.output
    assert story["again"].engine.id == story["first"].engine.id
    assert story["again"].lock == "GEM of the image"


def test_a_newer_commit_comes_over_https_with_a_token(story: Story) -> None:
    moment = story["second"]
    assert moment.run.status == 0, moment.run.output
    assert moment.release == "v1.1.0"
    assert moment.engine.id != story["first"].engine.id
    assert len(moment.releases) == 2


@pytest.mark.parametrize("name", ["silent", "ending"])
def test_a_release_that_is_not_well_is_taken_back_and_the_former_serves_again(story: Story, name: str) -> None:
    moment = story[name]
    assert moment.run.status
    assert (moment.release, moment.mounted) == ("v1.1.0", story["second"].mounted)
    assert "o365-engine v1.1.0" in moment.answer
    assert "Booting engine" in moment.run.failure()["msg"]


def test_the_last_lines_of_an_engine_that_ended_are_shown_without_its_secrets(story: Story) -> None:
    said = story["ending"].run.failure()["msg"]
    assert "NoMethodError" in said
    assert "ended" in said
    assert not shows(story["ending"].run.output, SECRET)


def test_the_rollback_playbook_brings_the_release_before_and_says_what_the_inventory_pins(story: Story) -> None:
    moment = story["rolled back"]
    assert moment.run.status == 0, moment.run.output
    assert moment.release == "v1.0.0"
    assert "engine_app_version" in moment.run.text
    assert story.tags["v1.0.0"] in moment.run.text


def test_rolling_back_further_than_the_first_release_fails_and_names_the_choice(story: Story) -> None:
    moment = story["rolled back twice"]
    assert moment.run.status
    assert "engine_app_rollback_to" in moment.run.failure()["msg"]
    assert moment.engine.id == story["rolled back"].engine.id
    assert moment.release == "v1.0.0"


def test_old_releases_go_and_three_stay(story: Story) -> None:
    assert story["v1.4.0"].run.status == 0, story["v1.4.0"].run.output
    assert len(story["v1.4.0"].releases) == 3
    assert Path(story["v1.4.0"].mounted).name in story["v1.4.0"].releases


def test_the_clients_own_checkout_can_be_had_back(story: Story) -> None:
    moment = story["back to the client's"]
    assert moment.run.status == 0, moment.run.output
    assert moment.release == "own"
    assert "the client's own" in moment.answer


def test_the_history_tells_what_was_in_use(story: Story) -> None:
    entries = json.loads((story.folder / "history.json").read_text())
    listed = entries if isinstance(entries, list) else entries["history"]
    assert {entry["version"] for entry in listed} & {"v1.4.0"}
    assert [entry["when"] for entry in listed] == sorted(entry["when"] for entry in listed)


def test_the_mistyped_mount_is_overruled_and_explained(
    new_client: Callable[..., Client], machine: Machine, port: int, tags: dict[str, str], daemon_url: str
) -> None:
    project = Project(machine, port).with_typo()
    client = new_client(project, well=False)
    client.variables |= {"engine_app_repository": f"{daemon_url}/o365-engine.git", "engine_app_version": "v1.0.0"}
    run = client.run(ROLE)
    assert run.status == 0, run.output
    assert "0365-engine" in run.text
    assert client.engine().application("RELEASE") == "v1.0.0\n"
    assert [mount["Destination"] for mount in client.engine().inspect()["Mounts"]].count(APPLICATION) == 1
