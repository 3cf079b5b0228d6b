# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PlaceOS server of the lab, in the seed state for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from lab.testing import Client, Running, running_lab


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture
def lab(running: Running) -> Client:
    """A client of a server in the seed state; drivers build at once."""
    client = running.client
    client.post("/_lab/reset")
    client.post("/_lab/read-only", {"enabled": False})
    running.platform.state.options.compile_seconds = 0.0
    return client


@pytest.fixture
def repository(lab: Client) -> str:
    body = {
        "name": "Drivers",
        "folder_name": "drivers",
        "uri": "https://github.com/PlaceOS/drivers",
        "branch": "master",
    }
    return lab.post("/repositories", body).id


@pytest.fixture
def make_driver(lab: Client, repository: str) -> Callable[[str, str, int], str]:
    """Return a function that creates a driver of a file, a module name and a role, and waits until it is built."""

    def make(file_name: str, module_name: str, role: int) -> str:
        body = {"name": module_name, "module_name": module_name, "file_name": file_name, "role": role}
        driver = lab.post("/drivers", {**body, "commit": "abc1234", "repository_id": repository}).id
        assert lab.get(f"/drivers/{driver}/compiled").status == 200
        return driver

    return make
