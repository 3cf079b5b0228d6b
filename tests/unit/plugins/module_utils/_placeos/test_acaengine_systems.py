# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests of systems on ACAEngine: their version, their settings, and how they are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.modules.placeos_system import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_acaengine import (
    MODULES,
    SYSTEMS,
    ZONES,
    ciphertext,
    expect_all,
    module,
    system,
    zone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import FakePlaceOS, Ran

    Play = Callable[..., Ran]

PANEL_KEY = ciphertext("panel key")
ZONE_ROWS = [zone("zone-orga", "Acme"), zone("zone-bldg", "North"), zone("zone-leve", "North Level 1")]
ROOM = system(
    "sys-room1", "North 1-01", email="r1@acme.example", capacity=8, bookable=True, version=3,
    zones=["zone-leve", "zone-bldg", "zone-orga"], features="Bookings Display vc",
    settings={"map_id": "1.01", "extra_features": "vc wb", "panel_key": PANEL_KEY, "theme": {"colour": "red"}},
)  # fmt: skip
WANTED: dict[str, Any] = {
    "name": "North 1-01", "email": "r1@acme.example", "capacity": 8, "bookable": True, "map_id": "1.01",
    "features": ["wb", "vc"], "zones": ["Acme", "North", "North Level 1"],
}  # fmt: skip
BARE = {"name": "North 1-01"}
URL = f"{SYSTEMS}/sys-room1"


def changed(**values: Any) -> dict[str, Any]:
    """The room after an update."""
    return {**ROOM, "version": ROOM["version"] + 1, **values}


def test_a_room_is_created_with_its_most_important_zone_first(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES, *ZONE_ROWS)
    expect_all(server, SYSTEMS)
    body = {
        "name": "North 1-01", "email": "r1@acme.example", "capacity": 8, "bookable": True,
        "zones": ["zone-leve", "zone-bldg", "zone-orga"], "settings": {"map_id": "1.01", "extra_features": "wb vc"},
    }  # fmt: skip
    server.expect("POST", SYSTEMS, ROOM, body=body)
    expect_all(server, SYSTEMS, ROOM)
    ran = play_aca(main, **WANTED).no_warnings()
    assert ran.changes == {"created": ["North 1-01"]}
    assert ran.diff[0][2]["zones"] == ["Acme", "North", "North Level 1"]
    assert PANEL_KEY[1:12] not in ran.printed


def test_an_unchanged_room_costs_two_lists(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES, *ZONE_ROWS)
    expect_all(server, SYSTEMS, ROOM)
    assert play_aca(main, **WANTED).no_warnings().result["changed"] is False


def test_an_update_names_the_version_and_leaves_the_settings_out(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, SYSTEMS, ROOM)
    server.expect("PUT", URL, changed(capacity=10), body={"capacity": 10, "version": 3})
    expect_all(server, SYSTEMS, changed(capacity=10))
    assert play_aca(main, **BARE, capacity=10).no_warnings().changes == {"updated": ["North 1-01"]}


def test_a_changed_setting_carries_all_others_along(server: FakePlaceOS, play_aca: Play) -> None:
    settings = {**ROOM["settings"], "map_id": "1.02", "extra_features": "vc"}
    expect_all(server, SYSTEMS, ROOM)
    server.expect("PUT", URL, changed(settings=settings), body={"settings": settings, "version": 3})
    expect_all(server, SYSTEMS, changed(settings=settings))
    ran = play_aca(main, **BARE, map_id="1.02", features=["vc"]).no_warnings()
    assert ran.diff[0][2] == {"map_id": "1.02", "features": ["vc"]}
    assert PANEL_KEY[1:12] not in ran.printed


def test_zones_in_another_order_are_another_priority(server: FakePlaceOS, play_aca: Play) -> None:
    zones = ["zone-orga", "zone-bldg", "zone-leve"]
    expect_all(server, ZONES, *ZONE_ROWS)
    expect_all(server, SYSTEMS, ROOM)
    server.expect("PUT", URL, changed(zones=zones), body={"zones": zones, "version": 3})
    expect_all(server, SYSTEMS, changed(zones=zones))
    play_aca(main, **BARE, zones=["North Level 1", "North", "Acme"]).no_warnings()


def test_after_a_conflict_the_room_is_read_and_compared_again(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float]
) -> None:
    """Another hand set the capacity, and another secret, meanwhile."""
    other = ciphertext("other key")
    fresh = changed(version=7, capacity=10, settings={**ROOM["settings"], "panel_key": other})
    settings = {**fresh["settings"], "map_id": "1.02"}
    expect_all(server, SYSTEMS, ROOM)
    body = {"capacity": 10, "version": 3, "settings": {**ROOM["settings"], "map_id": "1.02"}}
    server.expect("PUT", URL, status=409, body=body)
    server.expect("GET", URL, fresh)
    after = {**fresh, "version": 8, "settings": settings}
    server.expect("PUT", URL, after, body={"version": 7, "settings": settings})
    expect_all(server, SYSTEMS, after)
    assert play_aca(main, **BARE, capacity=10, map_id="1.02").changes == {"updated": ["North 1-01"]}


def test_a_room_that_is_always_in_conflict_is_given_up(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float]
) -> None:
    expect_all(server, SYSTEMS, ROOM)
    for attempt in range(6):
        server.expect("PUT", URL, status=409, body={"capacity": 10, "version": 3})
        if attempt < 5:
            server.expect("GET", URL, ROOM)
    ran = play_aca(main, **BARE, capacity=10)
    assert ran.result["failed"] is True
    assert "Another client keeps writing this object" in ran.result["msg"]


TAKEN = {"name": ["has already been taken"]}


def test_behind_a_lagging_list_a_room_is_found_by_its_name(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, SYSTEMS)
    server.expect("POST", SYSTEMS, TAKEN, status=406, body={"name": "North 1-01", "capacity": 8, "settings": {}})
    server.expect("GET", f"{SYSTEMS}/North%201-01", ROOM)
    expect_all(server, SYSTEMS, ROOM)
    ran = play_aca(main, **BARE, capacity=8)
    assert ran.result["systems"][0]["id"] == "sys-room1"


@pytest.mark.parametrize("name", ["North 1.01", "North/1"])
def test_a_name_with_a_dot_or_slash_is_looked_for_in_the_list(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float], name: str
) -> None:
    """To Rails a dot begins a format."""
    expect_all(server, SYSTEMS)
    server.expect("POST", SYSTEMS, TAKEN, status=406, body={"name": name, "settings": {}})
    expect_all(server, SYSTEMS)
    expect_all(server, SYSTEMS, {**ROOM, "name": name.upper()})
    server.expect("PUT", URL, {**ROOM, "name": name}, body={"name": name, "version": 3})
    expect_all(server, SYSTEMS, {**ROOM, "name": name})
    assert play_aca(main, name=name).result["systems"][0]["id"] == "sys-room1"


def test_what_the_server_finds_under_another_name_is_another_room(
    server: FakePlaceOS, play_aca: Play, monkeypatch: pytest.MonkeyPatch, sleeps: list[float]
) -> None:
    """A name that looks like an id is one to the server."""
    monkeypatch.setattr("time.monotonic", lambda: 20.0 * len(sleeps))
    expect_all(server, SYSTEMS)
    server.expect("POST", SYSTEMS, TAKEN, status=406, body={"name": "sys-room1", "settings": {}})
    for _look in range(3):
        server.expect("GET", f"{SYSTEMS}/sys-room1", ROOM)
    ran = play_aca(main, name="sys-room1")
    assert "name has already been taken" in ran.result["msg"]
    assert "Another system has it already" in ran.result["msg"]


def test_a_room_is_renamed_by_its_e_mail(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, SYSTEMS, ROOM)
    server.expect("PUT", URL, changed(name="North 1-02"), body={"name": "North 1-02", "version": 3})
    expect_all(server, SYSTEMS, changed(name="North 1-02"))
    assert play_aca(main, name="North 1-02", email="R1@acme.example").changes == {"updated": ["North 1-02"]}


def test_a_room_takes_only_its_own_logic_modules_along(server: FakePlaceOS, play_aca: Play) -> None:
    display = module("mod-disp", "dep-2", role=1, dependency={"name": "D", "module_name": "Display"})
    rooms = [{**ROOM, "modules": ["mod-book", "mod-disp"]}, system("sys-room2", "Other")]
    expect_all(server, SYSTEMS, *rooms)
    expect_all(server, MODULES, module("mod-book", "dep-1", control_system_id="sys-room1"), display)
    ran = play_aca(main, **BARE, state="absent")
    assert "deleting it would also delete 1 more: module Display mod-disp; set force" in ran.result["msg"]
    expect_all(server, SYSTEMS, *rooms)
    server.expect("DELETE", URL)
    assert play_aca(main, **BARE, state="absent", force=True).changes == {"deleted": ["North 1-01"]}
