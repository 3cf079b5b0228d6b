# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Systems: versions, names, features, and the modules that go with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab.acaengine.seed import EDGE_ID
from lab.acaengine.testing import Client

Make = Callable[..., str]


def test_a_system_is_created_on_this_node_with_200_and_every_attribute(aca: Client) -> None:
    answer = aca.post("/systems", {"name": "Room"})
    assert answer.status == 200
    assert answer.json == {
        "id": answer.json["id"],
        "edge_id": EDGE_ID,
        "name": "Room",
        "description": None,
        "email": None,
        "capacity": 0,
        "features": None,
        "bookable": False,
        "installed_ui_devices": 0,
        "zones": [],
        "modules": [],
        "settings": {},
        "created_at": answer.json["created_at"],
        "support_url": None,
        "version": 0,
    }
    assert aca.post("/systems", {"name": "B", "edge_id": "edge-2"}).json["edge_id"] == "edge-2"


def test_a_name_is_unique_without_case(aca: Client, room: str) -> None:
    assert aca.post("/systems", {"name": "ROOM 1 "}).json == {"name": ["has already been taken"]}
    assert aca.post("/systems", {}).json == {"name": ["can't be blank", "can't be blank"]}


def test_flags_and_addresses_are_checked(aca: Client) -> None:
    answer = aca.post("/systems", {"name": "A", "bookable": None, "support_url": "http://"})
    assert answer.status == 406
    assert answer.json == {"bookable": ["is not included in the list"], "support_url": ["is an invalid URI"]}
    assert aca.post("/systems", {"name": "A", "support_url": ""}).json["support_url"] is None


def test_a_system_is_found_by_name_in_any_case_at_once(aca: Client, room: str) -> None:
    aca.post("/_lab/faults", {"fault": "index-lag", "seconds": 60})
    assert aca.names("/systems") == []
    for name in ("Room%201", "rOOm%201"):
        assert aca.get(f"/systems/{name}", role="user").json["id"] == room
    aca.changed(f"/systems/{room}", name="Room 2")
    assert aca.get("/systems/room%202").json["id"] == room
    assert aca.get("/systems/room%201").status == 500


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/start")])
def test_an_unknown_system_is_500_not_404(aca: Client, method: str, path: str) -> None:
    """find_system looks up nil (systems_controller.rb:337), which is an EmptyKey that nobody rescues."""
    assert aca(method, f"/systems/sys-unknown{path}", {}).status == 500


def test_an_update_needs_the_present_version_in_body_or_query(aca: Client, room: str) -> None:
    assert aca.put(f"/systems/{room}", {"version": 0, "capacity": 4}).json["version"] == 1
    assert aca.put(f"/systems/{room}?version=1", {"capacity": 5}).json["version"] == 2
    for stale in ({}, {"version": 1}, {"version": 3}, {"version": "one"}):
        answer = aca.put(f"/systems/{room}", {**stale, "capacity": 6})
        assert (answer.status, answer.text) == (409, "")
    assert aca.get(f"/systems/{room}").json["capacity"] == 5


def test_a_version_that_is_not_told_reads_as_zero(aca: Client, room: str) -> None:
    assert aca.patch(f"/systems/{room}", {"capacity": 4}).json["version"] == 1
    assert aca.patch(f"/systems/{room}", {"capacity": 4}).status == 409


def test_an_update_that_changes_nothing_raises_the_version(aca: Client, room: str) -> None:
    assert aca.put(f"/systems/{room}", {"version": 0}).json["version"] == 1


def test_lists_and_settings_are_replaced_whole(aca: Client) -> None:
    system = aca.made("/systems", name="A", zones=["zone-1", "zone-2"], settings={"a": 1, "b": 2}, modules=["mod-1"])
    after = aca.changed(f"/systems/{system}", zones=["zone-2"], settings={"c": 3})
    assert (after["zones"], after["settings"], after["modules"]) == (["zone-2"], {"c": 3}, ["mod-1"])
    assert aca.changed(f"/systems/{system}", modules=[])["modules"] == []


def test_systems_are_listed_by_zone_and_module(aca: Client) -> None:
    aca.made("/systems", name="A", zones=["zone-1"], modules=["mod-1"])
    aca.made("/systems", name="B", zones=["zone-1", "zone-2"])
    assert aca.names("/systems?zone_id=zone-1") == ["A", "B"]
    assert aca.names("/systems?zone_id=zone-2") == ["B"]
    assert aca.names("/systems?module_id=mod-1") == ["A"]
    assert aca.names("/systems?zone_id=zone-1&module_id=mod-1") == ["A"]


def test_complete_adds_edge_modules_and_zones(aca: Client, demo: str, add_module: Make) -> None:
    zone = aca.made("/zones", name="Z")
    system = aca.made("/systems", name="A", zones=[zone, "zone-gone"])
    module = add_module(system, demo, start=False)
    whole = aca.get(f"/systems/{system}?complete=true").json
    assert whole["edge"] == {"name": "Lab node", "description": None}
    assert [row["id"] for row in whole["zone_data"]] == [zone]
    assert [(row["id"], row["dependency"]) for row in whole["module_data"]] == [
        (module, {"name": "Demo", "module_name": "Demo"})
    ]


# -- features --


def test_features_of_a_new_bookable_system_are_those_given_and_the_extra_ones(aca: Client) -> None:
    body = {"name": "A", "bookable": True, "settings": {"extra_features": "vc tv"}}
    assert aca.post("/systems", body).json["features"] == " vc tv"
    assert aca.post("/systems", {**body, "name": "B", "features": "whiteboard"}).json["features"] == "whiteboard vc tv"
    assert aca.post("/systems", {**body, "name": "C", "bookable": False}).json["features"] is None


def test_features_become_the_names_of_loaded_modules_one_update_late(
    aca: Client, room: str, demo: str, add_module: Make
) -> None:
    other = aca.made("/systems", name="Other")
    module = add_module(other, demo)
    assert aca.changed(f"/systems/{room}", modules=[module])["features"] == "", "the stored system had none"
    assert aca.changed(f"/systems/{room}", features="own")["features"] == "Demo"
    after = aca.changed(f"/systems/{room}", settings={"extra_features": "vc"})
    assert after["features"] == "Demo vc"


def test_a_module_that_was_never_loaded_is_no_feature(aca: Client, room: str, demo: str, add_module: Make) -> None:
    add_module(room, demo, start=False)
    assert aca.changed(f"/systems/{room}", capacity=4)["features"] == ""


def test_features_of_a_system_that_is_not_bookable_stay_as_they_are(aca: Client) -> None:
    system = aca.made("/systems", name="A", features="own")
    assert aca.changed(f"/systems/{system}", settings={"extra_features": "vc"})["features"] == "own"


# -- modules --


def test_remove_takes_a_module_out_without_a_new_version_and_deletes_it_when_unused(
    aca: Client, room: str, demo: str, add_module: Make
) -> None:
    module = add_module(room, demo)
    version = aca.get(f"/systems/{room}").json["version"]
    answer = aca.post(f"/systems/{room}/remove", {"module_id": module})
    assert (answer.status, answer.text) == (200, "")
    after = aca.get(f"/systems/{room}").json
    assert (after["modules"], after["version"]) == ([], version)
    assert aca.get(f"/modules/{module}").status == 404


def test_remove_keeps_a_module_that_another_system_has(aca: Client, room: str, demo: str, add_module: Make) -> None:
    module = add_module(room, demo)
    aca.made("/systems", name="Other", modules=[module])
    aca.post(f"/systems/{room}/remove", {"module_id": module})
    assert aca.get(f"/modules/{module}").status == 200
    assert aca.post(f"/systems/{room}/remove", {"module_id": "mod-unknown"}).status == 200


def test_a_deleted_system_takes_its_loaded_modules_along(aca: Client, room: str, demo: str, add_module: Make) -> None:
    own, shared = add_module(room, demo), add_module(room, demo)
    aca.made("/systems", name="Other", modules=[shared])
    answer = aca.delete(f"/systems/{room}")
    assert (answer.status, answer.text) == (200, "")
    assert aca.get(f"/modules/{own}").status == 404
    assert aca.get(f"/modules/{shared}").status == 200
    assert aca.post("/systems", {"name": "Room 1"}).status == 200


def test_a_module_that_was_never_loaded_survives_its_system(
    aca: Client, room: str, demo: str, add_module: Make
) -> None:
    """Unloading fails for it, and the deletion waits for the unloading (control_system.rb:146-155)."""
    module = add_module(room, demo, start=False)
    aca.delete(f"/systems/{room}")
    assert aca.get(f"/modules/{module}").status == 200


def test_start_and_stop_reach_all_modules_and_always_succeed(
    aca: Client, room: str, demo: str, add_module: Make
) -> None:
    normal = add_module(room, demo, start=False)
    stubborn = add_module(room, demo, start=False, ignore_startstop=True)
    aca.changed(f"/systems/{room}", modules=[normal, stubborn, "mod-unknown"])

    def running() -> list[bool]:
        return [aca.get(f"/modules/{module}").json["running"] for module in (normal, stubborn)]

    answer = aca.post(f"/systems/{room}/start")
    assert (answer.status, answer.text, running()) == (200, "", [True, False])
    aca.post(f"/modules/{stubborn}/start")
    assert (aca.post(f"/systems/{room}/stop").status, running()) == (200, [False, True])
