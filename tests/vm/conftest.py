# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One VM for the whole session; the client's project is as new in every test that asks for one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from vm.bed.client import Client
from vm.bed.git_servers import GitHttps, git_daemon, git_https
from vm.bed.image import import_image
from vm.bed.machine import Machine, MachineError, running_machine
from vm.bed.programs import free_ports, why_not
from vm.bed.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Seconds for a test with its fixtures: a story of many runs is one fixture, and the machine may be busy.
PATIENCE = 1800
# Set where the tests must run: what would be a reason to skip them is then a failure.
REQUIRED = "PLACEOS_VM_TESTS_REQUIRED"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """More time than other tests have."""
    for item in items:
        if "tests/vm/" in str(item.path):
            item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The VM, with the image that plays the engine."""
    if reason := why_not():
        cannot_run(reason)
    try:
        with running_machine(tmp_path_factory.mktemp("vm")) as started:
            import_image(started)
            yield started
    except MachineError as error:
        cannot_run(str(error))


def cannot_run(reason: str) -> None:
    """Skip, and say why; or fail, where that was asked for."""
    if os.environ.get(REQUIRED):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def port(machine: Machine) -> int:
    """The port of the loopback interface that the engine listens on."""
    return free_ports(1)[0]


@pytest.fixture(scope="session")
def daemon_url(machine: Machine) -> Iterator[str]:
    """The address below which repositories are served by git daemon."""
    with git_daemon(machine) as url:
        yield url


@pytest.fixture(scope="session")
def https_server(machine: Machine) -> Iterator[GitHttps]:
    """Repositories over https."""
    with git_https(machine) as server:
        yield server


@pytest.fixture(scope="module")
def new_client(
    machine: Machine, port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Client]]:
    """Make a client whose project is written as asked for and runs; the former client's is gone then."""
    projects: list[Project] = []

    def down() -> None:
        for project in projects:
            project.down()
        machine.commands.restore()

    def make(
        project: Project | None = None, *, well: bool = True, prepare: Callable[[Project], None] | None = None
    ) -> Client:
        down()
        project = project or Project(machine, port)
        projects[:] = [project]
        project.write()
        if prepare:
            prepare(project)
        project.up(well=well)
        return Client(project, tmp_path_factory.mktemp("controller"))

    yield make
    down()
