# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.placeos.office365.plugins.modules.placeos_system import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import (
    API,
    FakePlaceOS,
    Ran,
    module,
    system,
    zone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]

SYSTEMS = f"{API}/systems"
ORG = zone("zone-L5-dGjtzdS", "Acme")
LEVEL = zone("zone-L5-dHIbLE6", "Acme North Level 1")
ROOM = system(
    "sys-L5-V0DV_Ap", "Acme 1.01", email="acme.1.01@rooms.example.org", capacity=8, bookable=True, features=["vc", "whiteboard"],
    zones=["zone-L5-dGjtzdS", "zone-L5-dHIbLE6"], version=3, modules=["mod-L5-dI0dT4n"],
)  # fmt: skip
ROOM_URL = f"{SYSTEMS}/sys-L5-V0DV_Ap"
WANTED: dict[str, Any] = {
    "name": "Acme 1.01",
    "email": "Acme.1.01@Rooms.example.org",
    "capacity": 8,
    "bookable": True,
    "features": ["whiteboard", "vc"],
    "zones": ["Acme", "Acme North Level 1"],
}


def expect_lists(server: FakePlaceOS, *rooms: dict[str, Any]) -> None:
    server.expect_list(f"{API}/zones", ORG, LEVEL)
    server.expect_list(SYSTEMS, *rooms)


def test_a_system_is_created_with_ids_for_its_zones(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server)
    body = {**WANTED, "zones": ["zone-L5-dGjtzdS", "zone-L5-dHIbLE6"]}
    server.expect("POST", SYSTEMS, {**ROOM, "version": 0, "modules": []}, body=body, status=201)
    server.expect_list(SYSTEMS, ROOM)
    ran = play(main, **WANTED).no_warnings()
    assert ran.changes == {"created": ["Acme 1.01"]}
    assert ran.diff == [("system Acme 1.01", {}, {**WANTED})]


def test_an_unchanged_system_costs_one_read_of_its_kind_and_one_of_zones(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, ROOM)
    ran = play(main, **WANTED).no_warnings()
    assert ran.result["changed"] is False
    assert ran.result["systems"][0]["id"] == "sys-L5-V0DV_Ap"


def test_an_unchanged_system_without_zones_costs_one_read(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(SYSTEMS, ROOM)
    assert not play(main, name="Acme 1.01", capacity=8).result["changed"]


def test_a_changed_field_is_sent_with_the_version(server: FakePlaceOS, play: Play) -> None:
    after = {**ROOM, "capacity": 10, "version": 4}
    expect_lists(server, ROOM)
    server.expect("PATCH", f"{ROOM_URL}?version=3", after, body={"capacity": 10})
    server.expect_list(SYSTEMS, after)
    ran = play(main, **{**WANTED, "capacity": 10}).no_warnings()
    assert ran.changes == {"updated": ["Acme 1.01"]}
    assert ran.diff == [("system Acme 1.01", {"capacity": 8}, {"capacity": 10})]


def test_a_changed_order_of_zones_is_shown_by_name(server: FakePlaceOS, play: Play) -> None:
    after = {**ROOM, "zones": ["zone-L5-dHIbLE6", "zone-L5-dGjtzdS"], "version": 4}
    expect_lists(server, ROOM)
    server.expect("PATCH", f"{ROOM_URL}?version=3", after, body={"zones": ["zone-L5-dHIbLE6", "zone-L5-dGjtzdS"]})
    server.expect_list(SYSTEMS, after)
    ran = play(main, **{**WANTED, "zones": ["Acme North Level 1", "Acme"]}).no_warnings()
    before, now = ["Acme", "Acme North Level 1"], ["Acme North Level 1", "Acme"]
    assert ran.diff == [("system Acme 1.01", {"zones": before}, {"zones": now})]


def test_a_room_with_a_known_email_is_renamed(server: FakePlaceOS, play: Play) -> None:
    after = {**ROOM, "name": "Boardroom", "version": 4}
    server.expect_list(SYSTEMS, ROOM)
    server.expect("PATCH", f"{ROOM_URL}?version=3", after, body={"name": "Boardroom"})
    server.expect_list(SYSTEMS, after)
    ran = play(main, name="Boardroom", email="acme.1.01@rooms.example.org").no_warnings()
    assert ran.changes == {"updated": ["Boardroom"]}


def test_swapped_names_are_written_in_three_steps(server: FakePlaceOS, play: Play) -> None:
    one = system("sys-L5-one0001", "A", email="a@x.example", version=1)
    two = system("sys-L5-two0002", "B", email="b@x.example", version=5)
    server.expect_list(SYSTEMS, one, two)
    parked = {**one, "name": "A (being renamed)", "version": 2}
    server.expect("PATCH", f"{SYSTEMS}/sys-L5-one0001?version=1", parked, body={"name": "A (being renamed)"})
    new_two = {**two, "name": "A", "version": 6}
    server.expect("PATCH", f"{SYSTEMS}/sys-L5-two0002?version=5", new_two, body={"name": "A"})
    new_one = {**one, "name": "B", "version": 3}
    server.expect("PATCH", f"{SYSTEMS}/sys-L5-one0001?version=2", new_one, body={"name": "B"})
    server.expect_list(SYSTEMS, new_one, new_two)
    wanted = [{"name": "B", "email": "a@x.example"}, {"name": "A", "email": "b@x.example"}]
    ran = play(main, systems=wanted).no_warnings()
    assert ran.changes["updated"] == ["A", "B"] or ran.changes["updated"] == ["B", "A"]
    assert {row["name"]: row["id"] for row in ran.result["systems"]} == {"B": "sys-L5-one0001", "A": "sys-L5-two0002"}


def test_after_a_conflict_the_system_is_read_and_compared_again(
    server: FakePlaceOS, play: Play, sleeps: list[float]
) -> None:
    """Somebody else has set the capacity meanwhile, so only the rest is still to be written."""
    moved = {**ROOM, "version": 7, "capacity": 10}
    after = {**moved, "version": 8, "bookable": False}
    server.expect_list(SYSTEMS, ROOM)
    conflict = {"error": "attempting to edit an old version"}
    server.expect("PATCH", f"{ROOM_URL}?version=3", conflict, body={"capacity": 10, "bookable": False}, status=409)
    server.expect("GET", ROOM_URL, moved)
    server.expect("PATCH", f"{ROOM_URL}?version=7", after, body={"bookable": False})
    server.expect_list(SYSTEMS, after)
    ran = play(main, name="Acme 1.01", capacity=10, bookable=False).no_warnings()
    assert ran.changes == {"updated": ["Acme 1.01"]}


def test_an_update_that_the_server_lost_is_repaired_and_told(server: FakePlaceOS, play: Play) -> None:
    after = {**ROOM, "capacity": 10, "version": 4}
    server.expect_list(SYSTEMS, ROOM)
    server.expect("PATCH", f"{ROOM_URL}?version=3", after, body={"capacity": 10})
    lost = {**ROOM, "version": 4}
    server.expect_list(SYSTEMS, lost)
    server.expect("GET", ROOM_URL, lost)
    server.expect("PATCH", f"{ROOM_URL}?version=4", {**after, "version": 5}, body={"capacity": 10})
    server.expect("GET", ROOM_URL, {**after, "version": 5})
    ran = play(main, name="Acme 1.01", capacity=10)
    assert ran.changes == {"updated": ["Acme 1.01"]}
    assert ran.warnings == ("system Acme 1.01: the server lost capacity; written again",)


def test_a_twin_behind_a_lagging_list_is_found_and_not_made_again(
    server: FakePlaceOS, play: Play, sleeps: list[float]
) -> None:
    server.expect_list(SYSTEMS)
    refusal = {"error": "validation failed", "failures": [{"field": "name", "reason": "should be unique"}]}
    server.expect("POST", SYSTEMS, refusal, body={"name": "Acme 1.01", "capacity": 9}, status=422)
    server.expect_list(SYSTEMS)
    server.expect_list(SYSTEMS, ROOM)
    after = {**ROOM, "capacity": 9, "version": 4}
    server.expect("PATCH", f"{ROOM_URL}?version=3", after, body={"capacity": 9})
    server.expect_list(SYSTEMS, after)
    ran = play(main, name="Acme 1.01", capacity=9)
    assert ran.result.get("failed", False) is False
    assert ran.result["systems"][0]["id"] == "sys-L5-V0DV_Ap"
    assert sleeps


def test_a_system_is_deleted_with_its_own_logic_modules(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(SYSTEMS, ROOM)
    server.expect_list(f"{API}/modules", module("mod-L5-dI0dT4n", "driver-L5-o5Sn_q1", role=99))
    server.expect("DELETE", ROOM_URL, status=202)
    ran = play(main, name="Acme 1.01", state="absent").no_warnings()
    assert ran.changes == {"deleted": ["Acme 1.01"]}


def test_a_system_is_not_deleted_with_a_device_that_no_other_system_has(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(SYSTEMS, ROOM)
    server.expect_list(f"{API}/modules", module("mod-L5-dI0dT4n", "driver-L5-x", role=1, name="Display"))
    ran = play(main, name="Acme 1.01", state="absent")
    assert "would also delete 1 more: module Display mod-L5-dI0dT4n; set force" in ran.result["msg"]


def test_a_shared_module_does_not_hold_up_a_deletion(server: FakePlaceOS, play: Play) -> None:
    other = system("sys-L5-other01", "Other", modules=["mod-L5-dI0dT4n"])
    server.expect_list(SYSTEMS, ROOM, other)
    server.expect_list(f"{API}/modules", module("mod-L5-dI0dT4n", "driver-L5-x", role=2))
    server.expect("DELETE", ROOM_URL, status=202)
    assert play(main, name="Acme 1.01", state="absent").changes == {"deleted": ["Acme 1.01"]}


def test_check_mode_writes_nothing(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, ROOM)
    wanted = [{**WANTED, "capacity": 10}, {"name": "Acme 1.02", "zones": ["Acme"]}]
    ran = play(main, systems=wanted, check=True).no_warnings()
    assert ran.changes == {"created": ["Acme 1.02"], "updated": ["Acme 1.01"]}
    assert ran.result["systems"][0]["capacity"] == 8


def test_the_set_form_of_one_sends_what_the_single_form_sends(server: FakePlaceOS, play: Play) -> None:
    results = []
    for arguments in ({**WANTED, "capacity": 10}, {"systems": [{**WANTED, "capacity": 10}]}):
        after = {**ROOM, "capacity": 10, "version": 4}
        expect_lists(server, ROOM)
        server.expect("PATCH", f"{ROOM_URL}?version=3", after, body={"capacity": 10})
        server.expect_list(SYSTEMS, after)
        result = play(main, **arguments).result
        del result["invocation"]
        results.append(result)
    assert results[0] == results[1]


def test_a_purge_takes_the_systems_of_a_zone_that_are_not_listed(server: FakePlaceOS, play: Play) -> None:
    gone = system("sys-L5-gone001", "Acme 1.99", zones=["zone-L5-dHIbLE6"])
    outside = system("sys-L5-out0001", "Elsewhere")
    expect_lists(server, ROOM, gone, outside)
    server.expect_list(f"{API}/modules")
    server.expect("DELETE", f"{SYSTEMS}/sys-L5-gone001", status=202)
    scope = {"zone": "Acme North Level 1"}
    ran = play(main, systems=[WANTED], purge=True, purge_scope=scope, purge_max_share=0.5).no_warnings()
    assert ran.changes == {"deleted": ["Acme 1.99"], "unchanged": ["Acme 1.01"]}


def test_clearing_an_email_sends_an_empty_text(server: FakePlaceOS, play: Play) -> None:
    after = {**ROOM, "email": "", "version": 4}
    server.expect_list(SYSTEMS, ROOM)
    server.expect("PATCH", f"{ROOM_URL}?version=3", after, body={"email": ""})
    server.expect_list(SYSTEMS, after)
    assert play(main, name="Acme 1.01", email="").changes == {"updated": ["Acme 1.01"]}
