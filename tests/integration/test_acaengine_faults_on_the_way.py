# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes to ACAEngine that break on the way: the others are done, nothing is made twice, the next run mends the rest."""

from __future__ import annotations

from typing import Any

import pytest
from integration.support.acaengine import API, PANEL, AcaServer
from integration.support.site import large_workplace, run_site, site, small_workplace

EACH = pytest.mark.parametrize(
    "kind",
    ["zones", "systems", "dependencies", "modules", "domains"],
    ids=["zone", "system", "driver", "module", "domain"],
)
WHEN = pytest.mark.parametrize("when", ["before", "after"])
ROOM = {"name": "Room", "email": "room@acme.example"}
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "zones": ("zone", {"name": "Acme", "tags": ["org"]}),
    "systems": ("system", ROOM),
    "dependencies": ("driver", {"class_name": PANEL}),
    "modules": ("module", {"driver": PANEL, "systems": ["Room"], "running": True}),
    "domains": ("domain", {"domain": "acme.example", "name": "Acme"}),
}
CHANGED: dict[str, dict[str, Any]] = {
    "zones": {"description": "Head office"},
    "systems": {"capacity": 12},
    "dependencies": {"description": "Panels"},
    "modules": {"notes": "By the door"},
    "domains": {"config": {"dark": True}},
}


def path(kind: str) -> str:
    """Where the API keeps a kind."""
    return "/auth/api/domains" if kind == "domains" else f"{API}/{kind}"


def prepare(aca: AcaServer, kind: str) -> None:
    """What an object of a kind needs."""
    if kind == "modules":
        aca.good("system", **ROOM)
        aca.good("driver", class_name=PANEL)


@WHEN
@EACH
def test_a_connection_that_drops_in_a_create_leaves_one_object(aca: AcaServer, kind: str, when: str) -> None:
    prepare(aca, kind)
    before = len(aca.rows(kind))
    module, arguments = MADE[kind]
    aca.fault(path(kind), method="POST", fault="drop", when=when)
    assert aca.good(module, **arguments)["changed"]
    assert len(aca.rows(kind)) == before + 1
    assert not aca.good(module, **arguments)["changed"]
    if kind == "modules":
        assert aca.drivers_of("Room") == [PANEL]
        assert aca.loaded(aca.rows("modules")[0]["id"])


@WHEN
@EACH
def test_a_connection_that_drops_in_an_update_loses_nothing(aca: AcaServer, kind: str, when: str) -> None:
    prepare(aca, kind)
    module, arguments = MADE[kind]
    aca.good(module, **arguments)
    wanted = {**arguments, **CHANGED[kind]}
    aca.fault(path(kind), method="PUT", fault="drop", when=when)
    assert aca.good(module, **wanted)["changed"]
    aca.control("faults", method="DELETE")
    assert not aca.good(module, **wanted)["changed"]


@WHEN
@EACH
def test_a_connection_that_drops_in_a_delete_is_no_failure(aca: AcaServer, kind: str, when: str) -> None:
    prepare(aca, kind)
    module, arguments = MADE[kind]
    aca.good(module, **arguments)
    absent = {**arguments, "state": "absent", "force": True}
    aca.fault(path(kind), method="DELETE", fault="drop", when=when)
    assert aca.good(module, **absent)["changed"]
    assert not aca.good(module, **absent)["changed"]


@pytest.mark.parametrize("status", [429, 502, 503])
@EACH
def test_a_create_that_is_put_off_is_done_once(aca: AcaServer, kind: str, status: int) -> None:
    prepare(aca, kind)
    before = len(aca.rows(kind))
    module, arguments = MADE[kind]
    aca.fault(path(kind), method="POST", status=status, retry_after=0.1)
    assert aca.good(module, **arguments)["changed"]
    assert len(aca.rows(kind)) == before + 1


@WHEN
def test_a_whole_site_over_bad_connections_has_no_twin(aca: AcaServer, when: str) -> None:
    run_site(aca, small_workplace())
    undisturbed = aca.everything()
    aca.reset()
    for kind in ("zones", "systems", "dependencies", "modules"):
        for method, times in (("POST", 2), ("PUT", 1), ("GET", 2)):
            aca.fault(path(kind), method=method, fault="drop", when=when, times=times, skip=1)
    run_site(aca, small_workplace())
    aca.control("faults", method="DELETE")
    assert run_site(aca, small_workplace()) == []
    assert aca.everything() == undisturbed


def test_a_storm_of_conflicts_is_read_and_compared_again(aca: AcaServer) -> None:
    aca.good("system", **ROOM, capacity=4)
    aca.fault(path("systems"), method="PUT", status=409, times=4)
    mark = aca.mark()
    assert aca.good("system", **ROOM, capacity=5)["changes"]["updated"] == ["Room"]
    assert aca.counts(mark)["writes"] == 5
    assert aca.row("systems", "Room")["capacity"] == 5


def test_a_storm_of_conflicts_while_modules_are_put_into_their_rooms(aca: AcaServer) -> None:
    tree = large_workplace(12)
    for module, result in site(aca, tree):
        assert not result["failed"], f"{module}: {result['msg']}"
        if module == "settings":
            aca.fault(path("systems"), method="PUT", status=409, times=16)
    assert all(len(row["modules"]) == 1 for row in aca.rows("systems"))
    assert run_site(aca, tree) == []


def test_conflicts_without_end_are_given_up_for_that_room_only(aca: AcaServer) -> None:
    aca.good("system", systems=[{"name": "Room", "capacity": 4}, {"name": "Other", "capacity": 4}])
    room = aca.row("systems", "Room")["id"]
    aca.fault(f"{path('systems')}/{room}", method="PUT", status=409, times=0)
    result = aca.run("system", systems=[{"name": "Room", "capacity": 5}, {"name": "Other", "capacity": 5}])
    (error,) = result["errors"]
    assert (error["name"], error["status"]) == ("Room", 409)
    assert "Another client keeps writing this object; run again" in result["msg"]
    assert result["changes"]["updated"] == ["Other"]


def test_one_failed_room_of_many_leaves_the_others_done(aca: AcaServer) -> None:
    rooms = [{"name": f"Room {number:02}", "email": f"{number}@acme.example"} for number in range(40)]
    aca.fault(path("systems"), method="POST", status=500, skip=20)
    result = aca.run("system", systems=rooms)
    (error,) = result["errors"]
    assert (error["method"], error["status"], error["action"]) == ("POST", 500, "create")
    assert f"system {error['name']}: POST {aca.url}{API}/systems answered 500" in result["msg"]
    assert len(result["changes"]["created"]) == 39
    assert aca.good("system", systems=rooms)["changes"]["created"] == [error["name"]]


def test_a_zone_whose_place_could_not_be_written_is_told_and_mended_by_the_next_run(aca: AcaServer) -> None:
    zones = [
        {"name": "Acme", "tags": ["org"]},
        {"name": "Sydney", "tags": ["building"], "parent": "Acme"},
        {"name": "Level 1", "tags": ["level"], "parent": "Sydney", "map_id": "1.svg"},
    ]
    aca.fault(path("zones"), method="PUT", status=500)
    result = aca.run("zone", zones=zones)
    assert [error["name"] for error in result["errors"]] == ["Sydney"]
    assert sorted(result["changes"]["created"]) == ["Acme", "Level 1"]
    assert aca.good("zone", zones=zones)["changes"]["updated"] == ["Sydney"]
    assert not aca.good("zone", zones=zones)["changed"]
    assert len(aca.names("zones")) == 3


def test_what_lies_in_a_zone_that_failed_is_not_attempted(aca: AcaServer) -> None:
    zones = [{"name": "Acme", "tags": ["org"]}, {"name": "Sydney", "parent": "Acme", "tags": ["building"]}]
    aca.fault(path("zones"), method="POST", status=500)
    result = aca.run("zone", zones=zones)
    assert [error["name"] for error in result["errors"]] == ["Acme", "Sydney"]
    assert "not attempted, since zone 'Acme' that it refers to was not created" in result["msg"]
    assert aca.good("zone", zones=zones)["changes"]["created"] == ["Acme", "Sydney"]


def test_a_class_that_the_server_does_not_have_is_named_with_the_one_that_was_meant(aca: AcaServer) -> None:
    result = aca.run("driver", class_name="::Aca::O365BookingPannel", compile_timeout=0.5)
    assert (
        "the server has no driver class ::Aca::O365BookingPannel; did you mean ::Aca::O365BookingPanel?"
        in result["msg"]
    )
    assert aca.rows("dependencies") == []


def test_a_class_that_is_on_the_disk_since_the_last_scan_is_found_by_a_new_one(aca: AcaServer) -> None:
    aca.control("classes", {"class_name": "::Acme::Panel", "name": "Panel", "module_name": "Panel", "role": "logic"})
    assert aca.good("driver", class_name="::Acme::Panel")["changed"]
    assert [row["name"] for row in aca.rows("dependencies")] == ["Panel"]


def test_a_driver_that_does_not_start_is_told_for_its_room(aca: AcaServer) -> None:
    aca.control(
        "classes",
        {"class_name": "::Acme::Panel", "name": "Panel", "module_name": "Panel", "role": "logic", "starts": False},
    )
    aca.good("system", systems=[ROOM, {"name": "Other"}])
    aca.good("driver", class_name="::Acme::Panel")
    task = {"driver": "::Acme::Panel", "systems": ["Room", "Other"], "running": True}
    result = aca.run("module", **task)
    assert result["failed"]
    assert [error["status"] for error in result["errors"]] == [500, 500]
    assert f"module ::Acme::Panel in Room: POST {aca.url}{API}/modules/" in result["msg"]
    assert "/start answered 500: module failed to start" in result["msg"]
    assert "docker logs --tail 99 engine" in result["msg"]
    # It is there and in its place; only its start is still to come.
    assert aca.drivers_of("Room") == ["::Acme::Panel"]
    assert aca.run("module", **task)["failed"]
    assert len(aca.rows("modules")) == 2


def test_support_may_read_but_not_write_and_is_told_so(aca: AcaServer) -> None:
    """The server's refusal has no body."""
    result = aca.run("zone", name="Acme", tags=["org"], **aca.signed_in("support"))
    (error,) = result["errors"]
    assert (error["kind"], error["name"], error["action"], error["status"]) == ("zone", "Acme", "create", 403)
    assert f"- zone Acme: POST {aca.url}{API}/zones answered 403: (no words) Forbidden" in result["msg"]
    assert "configuration needs an administrator" in result["msg"]


def test_a_plain_user_may_not_even_read(aca: AcaServer) -> None:
    result = aca.run("zone", name="Acme", tags=["org"], **aca.signed_in("user"))
    assert f"GET {aca.url}{API}/zones?limit=10000 answered 403: (no words) Forbidden" in result["msg"]
    assert "configuration needs an administrator" in result["msg"]
