# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""engine_environment, from the client's own installation to a changed secret, read from inside the container."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from vm.bed.arguments import all_arguments
from vm.bed.client import APPLICATION_ID, SECRET, TENANT, Client, Creations
from vm.bed.container import Container
from vm.bed.machine import Machine
from vm.bed.playbook import Run
from vm.bed.project import BY_HAND, Project
from vm.bed.search import files_with, shows

ROLE = "engine_environment"
# Awkward on purpose: Compose's own syntax, quotes, and what an env file would take for a comment.
FURTHER_SECRET = 'it\'s $HOME ${TZ} "quoted" #no-comment = \\ back'
NEW_SECRET = "Second~client.Secret_9R"
WANTED = {
    "OFFICE_CLIENT_ID": APPLICATION_ID,
    "OFFICE_CLIENT_SECRET": SECRET,
    "OFFICE_TOKEN_URL": f"/{TENANT}/oauth2/v2.0/token",
    "INTERNAL_DOMAIN": "acme.example",
    "SYNC_INTERVAL": "15 minutes for $5",
    "MAILER_PASSWORD": FURTHER_SECRET,
}


@dataclass
class State:
    """What there is on the VM at one moment."""

    engine: Container
    started: str
    couch: str
    files: dict[str, tuple[int, int, bytes]]
    environment: dict[str, str]

    @classmethod
    def of(cls, client: Client) -> State:
        engine = client.engine()
        couch = Container.named(client.machine, "couch").id
        return cls(engine, engine.started_at, couch, client.project.files(), engine.environment())


@dataclass
class Step:
    """One run, and what there was before and after it."""

    run: Run
    before: State
    after: State
    created: list[str]
    ups: list[list[str]]
    arguments: set[str]

    @classmethod
    def take(cls, client: Client, *arguments: str, quick: bool = True, watched: bool = False) -> Step:
        before, creations = State.of(client), Creations(client.project)
        client.machine.commands.forget()
        with all_arguments(watched) as seen:
            run = client.run(ROLE, arguments=arguments, quick=quick)
        ups = client.machine.commands.calls_of_compose("up")
        recorded = {" ".join(call) for call in client.machine.commands.calls()}
        return cls(run, before, State.of(client), creations.names(), ups, seen | recorded)


@dataclass
class Story:
    """The runs, in their order."""

    client: Client
    checked: Step
    first: Step
    again: Step
    changed: Step
    leftovers: dict[str, Any]


@pytest.fixture(scope="module")
def story(new_client: Callable[..., Client]) -> Story:
    client = new_client()
    client.variables["engine_environment_variables"] = {"SYNC_INTERVAL": WANTED["SYNC_INTERVAL"]}
    client.variables["engine_environment_secrets"] = {"MAILER_PASSWORD": FURTHER_SECRET}
    checked = Step.take(client, "--check", "--diff")
    first = Step.take(client, "-vvv", "--diff", quick=False, watched=True)
    folders = [client.machine.state / name for name in ("opt", "home", "root", "tmp", "etc", "log")]
    leftovers = {secret: files_with(secret, *folders) for secret in (SECRET, FURTHER_SECRET)}
    again = Step.take(client)
    client.variables["microsoft_client_secret"] = NEW_SECRET
    changed = Step.take(client, "--diff")
    leftovers["after"] = files_with(SECRET, *folders)
    return Story(client, checked, first, again, changed, leftovers)


def test_check_mode_says_what_would_change_and_changes_nothing(story: Story) -> None:
    assert story.checked.run.status == 0, story.checked.run.output
    assert story.checked.run.changed
    assert story.checked.before == story.checked.after
    assert not story.checked.ups


def test_the_first_run_succeeds_and_says_that_it_changed_something(story: Story) -> None:
    assert story.first.run.status == 0, story.first.run.output
    assert story.first.run.changed


def test_the_running_engine_has_every_variable_exactly(story: Story) -> None:
    assert {name: story.first.after.environment.get(name) for name in WANTED} == WANTED


def test_what_the_clients_own_file_says_still_holds(story: Story) -> None:
    before, after = story.first.before.environment, story.first.after.environment
    assert {name: after[name] for name in before if name != "HOSTNAME"} == {
        name: value for name, value in before.items() if name != "HOSTNAME"
    }


def test_only_the_engine_is_created_anew_and_only_once(story: Story) -> None:
    assert len(story.first.created) == 1
    assert story.first.before.couch == story.first.after.couch
    assert story.first.before.engine.id != story.first.after.engine.id


def test_the_clients_own_files_stay_as_they_are(story: Story) -> None:
    before, after = story.first.before.files, story.first.after.files
    assert {name: after[name] for name in before} == before


def test_new_files_belong_to_root_and_are_for_nobody_else(story: Story) -> None:
    new = {name: entry for name, entry in story.first.after.files.items() if name not in story.first.before.files}
    assert new
    assert {(mode, owner) for mode, owner, _content in new.values()} == {(0o600, 0)}


@pytest.mark.parametrize("secret", [SECRET, FURTHER_SECRET])
def test_a_secret_is_in_no_file_that_others_can_read(story: Story, secret: str) -> None:
    found = story.leftovers[secret]
    assert found
    assert set(found.values()) == {0o600}
    folder = story.client.project.folder
    assert all(file.is_relative_to(folder) for file in found)


@pytest.mark.parametrize("secret", [SECRET, FURTHER_SECRET, NEW_SECRET])
def test_a_secret_is_never_printed(story: Story, secret: str) -> None:
    for step in (story.checked, story.first, story.again, story.changed):
        assert not shows(step.run.output, secret)


@pytest.mark.parametrize("secret", [SECRET, FURTHER_SECRET, NEW_SECRET])
def test_a_secret_is_never_an_argument_of_a_program(story: Story, secret: str) -> None:
    seen = story.first.arguments | story.changed.arguments
    assert any("docker-compose" in line for line in seen)
    assert not [line for line in seen if shows(line, secret)]


def test_an_unchanged_run_changes_nothing_and_calls_no_up(story: Story) -> None:
    assert story.again.run.status == 0, story.again.run.output
    assert story.again.run.changed == 0
    assert story.again.before == story.again.after
    assert not story.again.ups
    assert not story.again.created


def test_a_changed_secret_creates_the_engine_anew_exactly_once(story: Story) -> None:
    assert story.changed.run.status == 0, story.changed.run.output
    assert len(story.changed.created) == 1
    assert len(story.changed.ups) == 1
    assert story.changed.after.environment["OFFICE_CLIENT_SECRET"] == NEW_SECRET
    assert story.changed.before.couch == story.changed.after.couch


def test_the_former_secret_is_gone(story: Story) -> None:
    assert SECRET not in story.changed.after.environment.values()
    assert story.leftovers["after"] == {}
    assert not story.changed.before.engine.exists


def test_nothing_is_left_in_the_vms_temporary_folder(story: Story) -> None:
    assert list((story.client.machine.state / "tmp").iterdir()) == []


def test_variables_written_by_hand_in_map_form_are_overruled_with_compose_v2(
    new_client: Callable[..., Client], machine: Machine, port: int
) -> None:
    client = new_client(Project(machine, port, "map", "docker-compose.yml", further=dict(BY_HAND)))
    machine.commands.add_compose_v2()
    machine.commands.remove("docker-compose")
    first = Step.take(client)
    assert first.run.status == 0, first.run.output
    assert {name: first.after.environment[name] for name in BY_HAND} == {name: WANTED[name] for name in BY_HAND}
    assert "OFFICE_CLIENT_SECRET" in first.run.text
    assert BY_HAND["OFFICE_CLIENT_SECRET"] not in first.run.text
    assert any(call[:2] == ["docker", "compose"] and "up" in call for call in machine.commands.calls("docker"))
    again = Step.take(client)
    assert (again.run.status, again.run.changed, again.ups) == (0, 0, [])
    assert again.before == again.after
