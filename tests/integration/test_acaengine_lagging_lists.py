# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another run left a moment ago, and ACAEngine's lists do not show yet, is taken: no twin, no failure."""

from __future__ import annotations

import time

import pytest
from integration.support.acaengine import API, PANEL, AcaServer

ROOM = {"name": "Room", "email": "room@acme.example"}
LAG = 1.0


@pytest.fixture
def lagging(aca: AcaServer, monkeypatch: pytest.MonkeyPatch) -> AcaServer:
    """Lists that show the server as it was a second ago, and modules that know it."""
    monkeypatch.setitem(aca.options, "index_lag", LAG)
    aca.control("faults", {"fault": "index-lag", "seconds": LAG})
    return aca


def test_a_module_that_was_made_but_not_yet_put_into_its_room(lagging: AcaServer) -> None:
    """A run that was killed between those two writes leaves it so; its room's list does not show it either."""
    driver = lagging.good("driver", class_name=PANEL)["drivers"][0]["id"]
    lagging.good("system", **ROOM)
    system = lagging.api("GET", f"{API}/systems/Room").json()
    # Room and driver are listed; what is made now, is not.
    time.sleep(LAG)
    made = lagging.make(
        "modules", dependency_id=driver, control_system_id=system["id"], edge_id=system["edge_id"]
    )["id"]  # fmt: skip
    lagging.good("module", driver=PANEL, systems=["Room"], running=True)
    assert lagging.by_id("systems", system["id"])["modules"] == [made]
    lagging.control("faults", {"fault": "index-lag", "seconds": 0})
    assert [row["id"] for row in lagging.rows("modules")] == [made]
    assert lagging.loaded(made)


def test_a_driver(lagging: AcaServer) -> None:
    """The server would take any number of them."""
    lagging.good("driver", class_name=PANEL)
    lagging.good("driver", class_name=PANEL)
    lagging.control("faults", {"fault": "index-lag", "seconds": 0})
    assert len(lagging.rows("dependencies")) == 1


@pytest.mark.parametrize("name", ["Room", "27.01", "A/B", "Room?", "50%", "R&D", "Zürich", "a room"])
def test_a_room_whatever_its_name(lagging: AcaServer, name: str) -> None:
    """The server refuses its twin; it is found by its name all the same, and gets what is new."""
    lagging.make("systems", name=name)
    result = lagging.good("system", name=name, capacity=7)
    assert result["changed"]
    lagging.control("faults", {"fault": "index-lag", "seconds": 0})
    assert lagging.row("systems", name)["capacity"] == 7


def test_zones(lagging: AcaServer) -> None:
    zones = [{"name": "Acme", "tags": ["org"]}, {"name": "Sydney", "tags": ["building"], "parent": "Acme"}]
    lagging.good("zone", zones=zones)
    lagging.good("zone", zones=zones)
    lagging.control("faults", {"fault": "index-lag", "seconds": 0})
    assert lagging.names("zones") == ["Acme", "Sydney"]
    assert len(lagging.info_of("Acme")["buildings"]) == 1
    assert not lagging.good("zone", zones=zones)["changed"]


def test_a_reference_to_what_was_just_made_is_found(lagging: AcaServer) -> None:
    lagging.good("zone", name="Acme", tags=["org"])
    lagging.good("system", **ROOM, zones=["Acme"])
    lagging.good("driver", class_name=PANEL)
    lagging.good("settings", parent=PANEL, encryption_level="none", document={"a": 1})
    lagging.good("module", driver=PANEL, systems=["Room"], running=True)
    lagging.good("domain", domain="localhost", o365_driver=PANEL, config={})
    lagging.control("faults", {"fault": "index-lag", "seconds": 0})
    assert lagging.drivers_of("Room") == [PANEL]
    assert lagging.rows("domains")[0]["config"]["o365_driver"] == lagging.panel()["id"]
