# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ACAEngine server of the lab, in the seed state for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lab.acaengine.seed import EDGE_ID
from lab.acaengine.testing import Client, Running, running_engine

Make = Callable[..., str]


@pytest.fixture(scope="session")
def running_aca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_engine(tmp_path_factory.mktemp("acaengine")) as server:
        yield server


@pytest.fixture
def aca(running_aca: Running) -> Client:
    """A client of a server in the seed state."""
    client = running_aca.client
    client.post("/_lab/reset")
    client.post("/_lab/read-only", {"enabled": False})
    return client


@pytest.fixture
def room(aca: Client) -> str:
    """A bookable system with a mailbox."""
    return aca.made("/systems", name="Room 1", email="room1@acme.example", bookable=True)


@pytest.fixture
def demo(aca: Client) -> str:
    """A dependency whose class needs no settings."""
    return aca.made("/dependencies", name="Demo", role="logic", class_name="::Aca::DemoLogic", module_name="Demo")


@pytest.fixture
def add_module(aca: Client) -> Make:
    """Return a function that creates a module of a dependency, adds it to a system and starts it unless told otherwise."""

    def add(system: str, dependency: str, *, start: bool = True, **more: Any) -> str:
        body = {"dependency_id": dependency, "edge_id": EDGE_ID, "control_system_id": system, **more}
        module = aca.made("/modules", **body)
        aca.changed(f"/systems/{system}", modules=[*aca.get(f"/systems/{system}").json["modules"], module])
        if start:
            assert aca.post(f"/modules/{module}/start").status == 200
        return module

    return add
