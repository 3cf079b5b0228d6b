# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What engine_environment does when it cannot succeed: nothing, or everything back, and it says why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from vm.bed.client import SECRET, Client, Creations
from vm.bed.container import answers
from vm.bed.machine import Machine
from vm.bed.playbook import Run
from vm.bed.project import Project
from vm.bed.search import shows

from ansible_collections.placeos.office365.plugins.module_utils._engine.masking import MARK

ROLE = "engine_environment"


@pytest.fixture(scope="module")
def client(new_client: Callable[..., Client]) -> Client:
    """A client that no test of this file changes."""
    return new_client()


def files_of_the_client(client: Client) -> dict[str, tuple[int, int, bytes]]:
    """All but the folder in which the module keeps its notes."""
    return {name: entry for name, entry in client.project.files().items() if not name.startswith(".placeos_office365/")}


def refused(client: Client, words: list[str], *arguments: str) -> Run:
    """Run the role, see it fail with these words, and see that nothing is other than before."""
    engine, files, creations = client.engine(), files_of_the_client(client), Creations(client.project)
    started = engine.started_at
    run = client.run(ROLE, arguments=arguments)
    assert run.status, run.output
    assert not [word for word in words if word not in run.text], run.output
    assert not shows(run.output, SECRET)
    assert (client.engine(), engine.started_at) == (engine, started)
    assert creations.names() == []
    assert files_of_the_client(client) == files
    return run


def test_without_compose_it_names_both_forms_and_what_to_install(client: Client) -> None:
    client.machine.commands.remove("docker-compose")
    try:
        refused(client, ["docker compose", "docker-compose", "Install"])
    finally:
        client.machine.commands.restore()


def test_files_that_compose_refuses_restart_nothing_and_its_words_are_shown(client: Client) -> None:
    base = client.project.folder / client.project.file_name
    base.write_text(client.project.compose_text().replace("restart: always", "restarts: always"))
    try:
        client.machine.commands.forget()
        refused(client, ["Unsupported config option", "restarts", client.project.path])
        assert not client.machine.commands.calls_of_compose("up")
    finally:
        base.write_text(client.project.compose_text())


def test_an_override_file_of_ours_that_somebody_broke_restarts_nothing(client: Client) -> None:
    override = client.project.folder / "docker-compose.override.yml"
    override.write_text(f"{MARK}\nservices: [engine\n")
    try:
        client.machine.commands.forget()
        refused(client, ["docker-compose.override.yml", "is not valid YAML in line"])
        assert not client.machine.commands.calls_of_compose("up")
    finally:
        override.unlink()


def test_a_project_that_is_not_there_is_named(client: Client) -> None:
    refused(client, ["/opt/elsewhere"], "-e", "engine_environment_directory=/opt/elsewhere")


def test_the_clients_own_override_file_is_never_overwritten(client: Client) -> None:
    own = client.project.folder / "docker-compose.override.yml"
    own.write_text('version: "2.1"\nservices:\n  engine:\n    environment:\n      - OF_THE_CLIENT=1\n')
    dot_env = client.project.folder / ".env"
    try:
        client.project.compose("up", "-d")
        refused(client, ["docker-compose.override.yml", "engine_environment_override_file", "COMPOSE_FILE"])
        client.variables["engine_environment_override_file"] = "office365.yml"
        refused(client, ["COMPOSE_FILE=docker-compose.yaml:docker-compose.override.yml:office365.yml"])
        with dot_env.open("a") as lines:
            lines.write("COMPOSE_FILE=docker-compose.yaml:docker-compose.override.yml:office365.yml\n")
        run = client.run(ROLE)
        assert run.status == 0, run.output
        environment = client.engine().environment()
        assert (environment["OFFICE_CLIENT_SECRET"], environment["OF_THE_CLIENT"]) == (SECRET, "1")
    finally:
        client.variables.pop("engine_environment_override_file", None)
        client.project.down()
        client.project.write()
        client.project.up()


def test_an_engine_that_does_not_answer_goes_back_to_what_it_was(new_client: Callable[..., Client]) -> None:
    client = new_client()
    before, files, environment = client.engine(), files_of_the_client(client), client.engine().environment()
    # It starts, and listens where nobody looks for it.
    client.variables["engine_environment_variables"] = {"ENGINE_PORT": str(client.project.port + 1)}
    client.variables["engine_environment_health_timeout"] = 8
    creations = Creations(client.project)
    run = client.run(ROLE)
    assert run.status, run.output
    assert creations.names() == ["engine", "engine"]
    said = run.failure()["msg"]
    assert client.project.health_url in said
    assert f"Listening on port {client.project.port + 1}" in said
    assert not shows(run.output, SECRET)
    after = client.engine()
    assert after.id != before.id
    assert after.environment() | {"HOSTNAME": ""} == environment | {"HOSTNAME": ""}
    assert answers(client.project.health_url)
    assert files_of_the_client(client) == files


def test_the_mistyped_mount_of_the_check_list_is_explained(
    new_client: Callable[..., Client], machine: Machine, port: int
) -> None:
    client = new_client(Project(machine, port).with_typo(), well=False)
    run = client.run(ROLE, arguments=("--check",))
    assert run.status == 0, run.output
    assert "0365-engine" in run.text
    assert "o365-engine" in run.text
