# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Systems: versions, names, modules that join, and what a deletion takes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab.testing import Client

LOGIC, DEVICE = "drivers/demo/logic.cr", "drivers/demo/device.cr"


@pytest.fixture
def room(lab: Client) -> str:
    return lab.post("/systems", {"name": "Room"}).id


def test_an_update_needs_the_version_in_the_query(lab: Client, room: str) -> None:
    answer = lab.patch(f"/systems/{room}", {"capacity": 4, "version": 0})
    assert answer.status == 422
    assert answer.json["parameter"] == "version"


def test_an_update_raises_the_version_even_when_nothing_changes(lab: Client, room: str) -> None:
    assert lab.patch(f"/systems/{room}?version=0", {}).json["version"] == 1


def test_a_stale_version_is_refused_and_changes_nothing(lab: Client, room: str) -> None:
    lab.patch(f"/systems/{room}?version=0", {"capacity": 4})
    assert lab.patch(f"/systems/{room}?version=0", {"capacity": 5}).status == 409
    assert lab.get(f"/systems/{room}").json["capacity"] == 4


def test_put_is_a_partial_update(lab: Client, room: str) -> None:
    lab.patch(f"/systems/{room}?version=0", {"code": "R1"})
    assert lab.put(f"/systems/{room}?version=1", {"capacity": 4}).json["code"] == "R1"


def test_a_name_is_unique_after_trimming_and_case_sensitive(lab: Client, room: str) -> None:
    assert lab.post("/systems", {"name": " Room "}).json["failures"] == [
        {"field": "name", "reason": "should be unique"}
    ]
    assert lab.post("/systems", {"name": "room"}).status == 201


def test_no_email_is_absent_on_create_and_blank_on_read(lab: Client) -> None:
    created = lab.post("/systems", {"name": "A"})
    assert "email" not in created.json
    assert lab.get(f"/systems/{created.id}").json["email"] == ""


def test_an_email_is_lower_cased_and_finds_the_system(lab: Client) -> None:
    lab.post("/systems", {"name": "A", "email": "Room.One@Example.ORG"})
    assert lab.get("/systems/room.one@example.org").json["name"] == "A"
    assert [s["name"] for s in lab.get("/systems/with_emails?in=ROOM.one@example.org").json] == ["A"]


def test_a_logic_module_joins_its_system_and_raises_the_version(
    lab: Client, room: str, make_driver: Callable[..., str]
) -> None:
    driver = make_driver(LOGIC, "Logic", 99)
    module = lab.post("/modules", {"driver_id": driver, "control_system_id": room}).id
    system = lab.get(f"/systems/{room}").json
    assert (system["modules"], system["version"]) == ([module], 1)


def test_adding_a_module_twice_changes_nothing(lab: Client, room: str, make_driver: Callable[..., str]) -> None:
    driver = make_driver(DEVICE, "Display", 1)
    module = lab.post("/modules", {"driver_id": driver, "ip": "192.0.2.1", "port": 1}).id
    first = lab.put(f"/systems/{room}/module/{module}").json
    assert lab.put(f"/systems/{room}/module/{module}").json == first
    assert (first["modules"], first["version"]) == ([module], 1)


def test_a_module_removed_from_its_last_system_is_deleted(
    lab: Client, room: str, make_driver: Callable[..., str]
) -> None:
    driver = make_driver(DEVICE, "Display", 1)
    module = lab.post("/modules", {"driver_id": driver, "ip": "192.0.2.1", "port": 1}).id
    other = lab.post("/systems", {"name": "Other"}).id
    for system in (room, other):
        lab.put(f"/systems/{system}/module/{module}")
    lab.delete(f"/systems/{room}/module/{module}")
    assert lab.get(f"/modules/{module}").status == 200
    lab.delete(f"/systems/{other}/module/{module}")
    assert lab.get(f"/modules/{module}").status == 404


def test_a_deleted_repository_takes_drivers_and_modules_along(
    lab: Client, room: str, repository: str, make_driver: Callable[..., str]
) -> None:
    driver = make_driver(LOGIC, "Logic", 99)
    module = lab.post("/modules", {"driver_id": driver, "control_system_id": room}).id
    lab.delete(f"/repositories/{repository}")
    assert lab.get(f"/drivers/{driver}").status == lab.get(f"/modules/{module}").status == 404
    assert lab.get(f"/systems/{room}").json["modules"] == []


def test_a_deleted_zone_takes_children_settings_and_references_along(lab: Client) -> None:
    parent = lab.post("/zones", {"name": "Building"}).id
    child = lab.post("/zones", {"name": "Level", "parent_id": parent}).id
    setting = lab.post("/settings", {"parent_id": child, "settings_string": "a: 1"}).id
    system = lab.post("/systems", {"name": "Room", "zones": [child, parent]}).id
    assert lab.delete(f"/zones/{parent}").status == 202
    assert lab.get(f"/zones/{child}").status == lab.get(f"/settings/{setting}").status == 404
    after = lab.get(f"/systems/{system}").json
    assert (after["zones"], after["version"]) == ([], 2)


def test_unknown_zones_are_kept_and_unknown_modules_dropped(lab: Client) -> None:
    created = lab.post("/systems", {"name": "A", "zones": ["zone-nope"], "modules": ["mod-nope"]}).json
    assert (created["zones"], created["modules"]) == (["zone-nope"], [])


def test_a_list_is_ordered_by_code_point_and_paged_with_links(lab: Client) -> None:
    for name in ("b", "B", "a", "_", "1"):
        lab.post("/systems", {"name": name})
    first = lab.get("/systems?limit=2&q=*")
    assert [s["name"] for s in first.json] == ["1", "B"]
    assert first.headers["x-total-count"] == "5"
    assert first.headers["content-range"] == "sys 0-2/5"
    assert first.headers["link"] == '</api/engine/v2/systems/?limit=2&q=%2A&offset=2>; rel="next"'
    last = lab.get("/systems?limit=2&offset=4")
    assert [s["name"] for s in last.json] == ["b"]
    assert "link" not in last.headers


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=north", ["Room 1", "Room 2"]),
        ("q=Room%201", ["Room 1", "Room 2", "Tower"]),
        ("q=oom", []),
        ("q=10", []),
        ("capacity=5", ["Room 2"]),
        ("features=vc,tv", ["Room 1"]),
        ("features=vc", ["Room 1", "Room 2"]),
        ("bookable=true", ["Room 2"]),
        ("bookable=yes", ["Room 1", "Tower"]),
        ("email=R1@example.org", ["Room 1"]),
    ],
)
def test_filters_and_search(lab: Client, query: str, names: list[str]) -> None:
    rooms: list[dict[str, Any]] = [
        {"name": "Room 1", "description": "north", "features": ["vc", "tv"], "email": "r1@example.org"},
        {"name": "Room 2", "description": "north", "features": ["vc"], "capacity": 6, "bookable": True},
        {"name": "Tower", "description": "room with 12 seats"},
    ]
    for body in rooms:
        lab.post("/systems", body)
    if query == "q=Room%201":
        # Words are joined with OR and the last one is a prefix: "1" also finds "12".
        assert {"Room 1", "Room 2", "Tower"} == {s["name"] for s in lab.get(f"/systems?{query}").json}
    else:
        assert [s["name"] for s in lab.get(f"/systems?{query}").json] == names


def test_systems_of_a_group_are_for_support(lab: Client, room: str) -> None:
    """As rest-api systems_spec.cr says; the lab has no groups, so that nothing is found."""
    path = "/systems?group_id=01a20525-97dc-767d-bcad-e42f37f75dfa"
    assert lab.get(path, role="user").status == 403
    assert lab.get(path, role="support").json == []


def test_a_module_is_not_shown_to_plain_users(lab: Client, room: str, make_driver: Callable[..., str]) -> None:
    """Filter check_show_permissions of rest-api modules.cr."""
    module = lab.post("/modules", {"driver_id": make_driver(LOGIC, "Logic", 99), "control_system_id": room}).id
    assert lab.get(f"/modules/{module}", role="user").status == 403
    assert lab.get(f"/modules/{module}", role="support").status == 200
    assert lab.get("/modules/mod-unknown", role="user").status == 404
