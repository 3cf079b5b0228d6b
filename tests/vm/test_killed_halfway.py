# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""engine_compose is killed (-9) on the VM at several points; the next run makes everything right."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from vm.bed.client import COLLECTION, Client
from vm.bed.container import Container, answers
from vm.bed.playbook import PIPELINING, Run

OVERRIDE, ENV_FILE = "docker-compose.override.yml", "engine_environment.env"


def play(client: Client, secret: str, port: int | None = None) -> list[dict[str, Any]]:
    """One task, which gives the engine a secret, and another port if one is given."""
    further = f"ENGINE_PORT={port}\n" if port else ""
    override = f'version: "2.1"\nservices:\n  engine:\n    env_file: [{ENV_FILE}]\n'
    if port:
        override += f"    environment:\n      ENGINE_PORT: '{port}'\n"
    files = [
        {"path": ENV_FILE, "content": f"OFFICE_CLIENT_SECRET={secret}\n{further}"},
        {"path": OVERRIDE, "content": override},
    ]
    health = {"url": client.project.health_url, "timeout": 30 if port is None else 8, "interval": 0.3}
    task = {"project_dir": client.project.path, "files": files, "health": health}
    tasks = [{"name": "The engine", f"{COLLECTION}.engine_compose": task}]
    return [{"name": "The VM", "hosts": "all", "gather_facts": False, "become": True, "tasks": tasks}]


def names(client: Client) -> list[str]:
    return sorted(client.project.files())


@pytest.fixture(scope="module")
def client(new_client: Callable[..., Client]) -> Client:
    """A client whose engine has its first secret from an uninterrupted run."""
    client = new_client()
    run = client.controller.run(play(client, "secret-0"), environment=PIPELINING)
    assert run.status == 0, run.output
    return client


@pytest.fixture(scope="module")
def expected_files(client: Client) -> list[str]:
    """The files that an uninterrupted run leaves."""
    return names(client)


def kill_at(client: Client, plays: list[dict[str, Any]], *gates: tuple[str, str], orphan_goes_on: bool = True) -> Run:
    """Run, wait until a call is held at each gate in turn, and kill the module while it is at the last one."""
    with ExitStack() as stack:
        first = stack.enter_context(client.machine.commands.gate(*gates[0]))
        running = client.controller.start(plays, environment=PIPELINING)
        held = first.wait()
        for gate in gates[1:]:
            following = stack.enter_context(client.machine.commands.gate(*gate))
            first.open()
            first, held = following, following.wait()
        client.machine.kill_module(held)
        if not orphan_goes_on:
            client.machine.run("kill", "-KILL", str(held))
    run = running.wait()
    assert run.status, run.output
    return run


POINTS = {
    "when the files are written": [("docker-compose config -q*", "before")],
    "before the container is created": [("docker-compose up*", "before")],
    "when the container is created": [("docker-compose up*", "after")],
    "while it waits for health": [("docker-compose up*", "before"), ("docker inspect*", "before")],
}


@pytest.mark.parametrize(
    ("point", "orphan_goes_on"), [*((point, True) for point in POINTS), ("before the container is created", False)]
)
def test_the_next_run_converges(client: Client, expected_files: list[str], point: str, orphan_goes_on: bool) -> None:
    secret = f"secret-{time.monotonic_ns()}"
    couch = Container.named(client.machine, "couch").id
    kill_at(client, play(client, secret), *POINTS[point], orphan_goes_on=orphan_goes_on)
    run = client.controller.run(play(client, secret), environment=PIPELINING)
    assert run.status == 0, run.output
    assert client.engine().environment()["OFFICE_CLIENT_SECRET"] == secret
    assert answers(client.project.health_url)
    assert names(client) == expected_files
    assert Container.named(client.machine, "couch").id == couch
    assert len(client.project.compose("ps", "--quiet", "engine").split()) == 1


def test_the_next_run_of_a_change_that_does_no_good_goes_back_to_what_was_well(
    client: Client, expected_files: list[str]
) -> None:
    assert client.controller.run(play(client, "well"), environment=PIPELINING).status == 0
    bad = play(client, "bad", client.project.port + 1)
    kill_at(client, bad, *POINTS["while it waits for health"])
    assert not answers(client.project.health_url)
    run = client.controller.run(bad, environment=PIPELINING)
    assert run.status, run.output
    environment = client.engine().environment()
    assert environment["OFFICE_CLIENT_SECRET"] == "well"
    assert answers(client.project.health_url)
    assert names(client) == expected_files
