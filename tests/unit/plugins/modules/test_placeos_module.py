# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.placeos.office365.plugins.modules.placeos_module import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import (
    API,
    FakePlaceOS,
    Ran,
    driver,
    module,
    system,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]

MODULES = f"{API}/modules"
CALENDAR_DRIVER = driver(
    "driver-L5-dHDzws5", "Calendar", role=2, default_uri="https://graph.example.org", module_name="Calendar"
)
BOOKINGS_DRIVER = driver("driver-L5-o5Sn_q1", "Bookings")
CALENDAR = module(
    "mod-L5-dI0dT4n", "driver-L5-dHDzws5", role=2, name="Calendar", uri="https://graph.example.org", running=True
)
BOOKINGS = module("mod-L5-o6S4cBV", "driver-L5-o5Sn_q1", control_system_id="sys-L5-room001", running=True)
ROOM = system("sys-L5-room001", "1.01", email="room1@x.example", modules=["mod-L5-dI0dT4n", "mod-L5-o6S4cBV"])
BARE_ROOM = {**ROOM, "modules": []}


def expect_lists(server: FakePlaceOS, rooms: list[Any], modules: list[Any]) -> None:
    server.expect_list(f"{API}/drivers", CALENDAR_DRIVER, BOOKINGS_DRIVER)
    server.expect_list(f"{API}/systems", *rooms)
    server.expect_list(MODULES, *modules)


def test_a_logic_module_is_looked_up_created_confirmed_and_started(server: FakePlaceOS, play: Play) -> None:
    stopped = {**BOOKINGS, "running": False}
    listed = {**ROOM, "modules": ["mod-L5-o6S4cBV"]}
    expect_lists(server, [BARE_ROOM], [])
    server.expect("GET", f"{MODULES}?control_system_id=sys-L5-room001", [])
    body = {"driver_id": "driver-L5-o5Sn_q1", "control_system_id": "sys-L5-room001"}
    server.expect("POST", MODULES, stopped, body=body, status=201)
    server.expect_list(MODULES, stopped)
    server.expect_list(f"{API}/systems", listed)
    server.expect("POST", f"{MODULES}/mod-L5-o6S4cBV/start")
    server.expect("GET", f"{MODULES}/mod-L5-o6S4cBV/state", {"connected": "true"})
    ran = play(main, driver="Bookings", systems=["room1@x.example"], running=True).no_warnings()
    assert ran.changes["created"] == ["Bookings in room1@x.example"]
    assert ran.result["changed"] is True


def test_a_shared_module_gets_the_drivers_address_and_joins_its_systems(server: FakePlaceOS, play: Play) -> None:
    listed = {**ROOM, "modules": ["mod-L5-dI0dT4n"], "version": 1}
    expect_lists(server, [BARE_ROOM], [])
    body = {"driver_id": "driver-L5-dHDzws5", "uri": "https://graph.example.org"}
    server.expect("POST", MODULES, CALENDAR, body=body, status=201)
    server.expect_list(MODULES, CALENDAR)
    server.expect("PUT", f"{API}/systems/sys-L5-room001/module/mod-L5-dI0dT4n", listed)
    server.expect_list(f"{API}/systems", listed)
    ran = play(main, driver="Calendar", systems=["1.01"]).no_warnings()
    assert ran.changes["created"] == ["Calendar"]
    assert ran.diff[0][2]["uri"] == "https://graph.example.org"


def test_unchanged_modules_cost_one_read_per_kind(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, [ROOM], [CALENDAR, BOOKINGS])
    wanted = [
        {"driver": "Calendar", "systems": ["1.01"], "running": True},
        {"driver": "Bookings", "systems": ["1.01"], "running": True},
    ]
    ran = play(main, modules=wanted).no_warnings()
    assert ran.result["changed"] is False
    assert ran.changes == {"unchanged": ["Calendar", "Bookings in 1.01"]}


def test_only_the_changed_field_is_sent(server: FakePlaceOS, play: Play) -> None:
    after = {**BOOKINGS, "notes": "hello"}
    expect_lists(server, [ROOM], [CALENDAR, BOOKINGS])
    server.expect("PATCH", f"{MODULES}/mod-L5-o6S4cBV", after, body={"notes": "hello"})
    server.expect_list(MODULES, CALENDAR, after)
    server.expect_list(f"{API}/systems", ROOM)
    ran = play(main, driver="Bookings", systems=["1.01"], notes="hello").no_warnings()
    assert ran.changes == {"updated": ["Bookings in 1.01"]}
    assert ran.diff == [("module Bookings in 1.01", {"notes": ""}, {"notes": "hello"})]


def test_a_stopped_module_is_started_and_a_running_one_stopped(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, [ROOM], [{**CALENDAR, "running": False}, BOOKINGS])
    server.expect("GET", f"{MODULES}/mod-L5-dI0dT4n", {**CALENDAR, "running": False})
    server.expect("POST", f"{MODULES}/mod-L5-dI0dT4n/start")
    server.expect("GET", f"{MODULES}/mod-L5-o6S4cBV", BOOKINGS)
    server.expect("POST", f"{MODULES}/mod-L5-o6S4cBV/stop")
    server.expect("GET", f"{MODULES}/mod-L5-dI0dT4n/state", {"connected": "true"})
    wanted = [
        {"driver": "Calendar", "systems": ["1.01"], "running": True},
        {"driver": "Bookings", "systems": ["1.01"], "running": False},
    ]
    ran = play(main, modules=wanted).no_warnings()
    assert ran.changes == {"updated": ["Calendar", "Bookings in 1.01"]}


def test_a_module_that_was_started_behind_a_lagging_list_is_left_alone(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, [ROOM], [CALENDAR, {**BOOKINGS, "running": False}])
    server.expect("GET", f"{MODULES}/mod-L5-o6S4cBV", {**BOOKINGS, "running": True})
    server.expect("GET", f"{MODULES}/mod-L5-o6S4cBV/state", {"connected": "true"})
    ran = play(main, driver="Bookings", systems=["1.01"], running=True).no_warnings()
    assert ran.result["changed"] is False


def test_a_start_that_was_lost_is_repeated(server: FakePlaceOS, play: Play, sleeps: list[float]) -> None:
    expect_lists(server, [ROOM], [CALENDAR, {**BOOKINGS, "running": False}])
    server.expect("GET", f"{MODULES}/mod-L5-o6S4cBV", {**BOOKINGS, "running": False})
    server.expect("POST", f"{MODULES}/mod-L5-o6S4cBV/start")
    for _look in range(4):
        server.expect("GET", f"{MODULES}/mod-L5-o6S4cBV/state", {})
    server.expect("POST", f"{MODULES}/mod-L5-o6S4cBV/stop")
    server.expect("POST", f"{MODULES}/mod-L5-o6S4cBV/start")
    server.expect("GET", f"{MODULES}/mod-L5-o6S4cBV/state", {"connected": "true"})
    ran = play(main, driver="Bookings", systems=["1.01"], running=True).no_warnings()
    assert ran.changes == {"updated": ["Bookings in 1.01"]}


def test_a_module_that_never_runs_fails_the_task(server: FakePlaceOS, play: Play, sleeps: list[float]) -> None:
    expect_lists(server, [ROOM], [CALENDAR, {**BOOKINGS, "running": False}])
    server.expect("GET", f"{MODULES}/mod-L5-o6S4cBV", {**BOOKINGS, "running": False})
    for attempt in range(4):
        server.expect("POST", f"{MODULES}/mod-L5-o6S4cBV/start")
        for _look in range(4):
            server.expect("GET", f"{MODULES}/mod-L5-o6S4cBV/state", {})
        if attempt < 3:
            server.expect("POST", f"{MODULES}/mod-L5-o6S4cBV/stop")
    ran = play(main, driver="Bookings", systems=["1.01"], running=True)
    assert ran.result["failed"] is True
    assert "switched on, but it does not run" in ran.result["msg"]


def test_modules_in_the_wrong_order_are_put_right_with_the_version(server: FakePlaceOS, play: Play) -> None:
    wrong = {**ROOM, "modules": ["mod-L5-o6S4cBV", "mod-L5-other01", "mod-L5-dI0dT4n"], "version": 6}
    right = ["mod-L5-dI0dT4n", "mod-L5-other01", "mod-L5-o6S4cBV"]
    expect_lists(server, [wrong], [CALENDAR, BOOKINGS])
    server.expect_list(f"{API}/systems", wrong)
    server.expect("GET", f"{API}/systems/sys-L5-room001", wrong)
    mended = {**wrong, "modules": right, "version": 7}
    server.expect("PATCH", f"{API}/systems/sys-L5-room001?version=6", mended, body={"modules": right})
    server.expect("GET", f"{API}/systems/sys-L5-room001", mended)
    wanted = [{"driver": "Calendar", "systems": ["1.01"]}, {"driver": "Bookings", "systems": ["1.01"]}]
    ran = play(main, modules=wanted).no_warnings()
    assert ran.result["changed"] is True
    assert ran.changes["updated"] == ["modules of 1.01"]


def test_a_logic_module_that_is_missing_in_its_systems_list_is_attached(server: FakePlaceOS, play: Play) -> None:
    """The server loses it there when other writes of the system come in between."""
    unlisted = {**ROOM, "modules": ["mod-L5-dI0dT4n"], "version": 2}
    mended = {**ROOM, "version": 3}
    expect_lists(server, [unlisted], [CALENDAR, BOOKINGS])
    server.expect_list(f"{API}/systems", unlisted)
    server.expect("GET", f"{API}/systems/sys-L5-room001", unlisted)
    server.expect("PUT", f"{API}/systems/sys-L5-room001/module/mod-L5-o6S4cBV", mended)
    server.expect("GET", f"{API}/systems/sys-L5-room001", mended)
    ran = play(main, driver="Bookings", systems=["1.01"]).no_warnings()
    assert ran.result["changed"] is True


def test_a_logic_module_is_deleted(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, [ROOM], [CALENDAR, BOOKINGS])
    server.expect("DELETE", f"{MODULES}/mod-L5-o6S4cBV", status=202)
    server.expect_list(f"{API}/systems", {**ROOM, "modules": ["mod-L5-dI0dT4n"]})
    ran = play(main, driver="Bookings", systems=["1.01"], state="absent").no_warnings()
    assert ran.changes["deleted"] == ["Bookings in 1.01"]


def test_a_shared_module_leaves_a_system_without_being_deleted(server: FakePlaceOS, play: Play) -> None:
    after = {**ROOM, "modules": ["mod-L5-o6S4cBV"], "version": 1}
    server.expect_list(f"{API}/drivers", CALENDAR_DRIVER, BOOKINGS_DRIVER)
    server.expect_list(f"{API}/systems", ROOM, {**ROOM, "id": "sys-L5-room002", "name": "1.02", "email": ""})
    server.expect_list(MODULES, CALENDAR, BOOKINGS)
    server.expect_list(MODULES, CALENDAR, BOOKINGS)
    server.expect_list(f"{API}/systems", ROOM)
    server.expect("GET", f"{API}/systems/sys-L5-room001", ROOM)
    server.expect("DELETE", f"{API}/systems/sys-L5-room001/module/mod-L5-dI0dT4n", status=202)
    server.expect("GET", f"{API}/systems/sys-L5-room001", after)
    ran = play(main, driver="Calendar", systems=["1.01"], state="absent").no_warnings()
    assert ran.changes == {"updated": ["modules of 1.01"]}


def test_a_shared_module_in_use_is_not_deleted(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, [ROOM], [CALENDAR, BOOKINGS])
    ran = play(main, driver="Calendar", state="absent")
    assert "its place in system 1.01; set force" in ran.result["msg"]


def test_check_mode_writes_nothing_and_shows_the_lists_that_would_change(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, [BARE_ROOM], [])
    wanted = [
        {"driver": "Calendar", "systems": ["1.01"], "running": True},
        {"driver": "Bookings", "systems": ["1.01"], "running": True},
    ]
    ran = play(main, modules=wanted, check=True).no_warnings()
    assert ran.changes["created"] == ["Calendar", "Bookings in 1.01"]
    header, before, after = ran.diff[-1]
    assert (header, before) == ("modules of 1.01", {"modules": []})
    assert after == {"modules": ["(new) Calendar", "(new) Bookings in 1.01"]}


def test_a_logic_module_needs_systems(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/drivers", BOOKINGS_DRIVER)
    server.expect_list(f"{API}/systems", ROOM)
    ran = play(main, driver="Bookings")
    assert ran.result["errors"][0]["field"] == "systems"


def test_every_unknown_system_is_told(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/drivers", BOOKINGS_DRIVER)
    server.expect_list(f"{API}/systems", ROOM)
    ran = play(main, driver="Bookings", systems=["1.02", "1.01", "1.03"])
    assert [error["message"].split(";")[0] for error in ran.result["errors"]] == [
        "there is no system '1.02'",
        "there is no system '1.03'",
    ]


def test_the_set_form_of_one_sends_what_the_single_form_sends(server: FakePlaceOS, play: Play) -> None:
    wanted = {"driver": "Bookings", "systems": ["1.01"], "notes": "hello"}
    for arguments in (wanted, {"modules": [wanted]}):
        after = {**BOOKINGS, "notes": "hello"}
        expect_lists(server, [ROOM], [CALENDAR, BOOKINGS])
        server.expect("PATCH", f"{MODULES}/mod-L5-o6S4cBV", after, body={"notes": "hello"})
        server.expect_list(MODULES, CALENDAR, after)
        server.expect_list(f"{API}/systems", ROOM)
        play(main, **arguments).no_warnings()


def test_a_module_named_by_its_id_alone_is_changed_wherever_it_is(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, [ROOM], [CALENDAR, BOOKINGS])
    changed = {**BOOKINGS, "notes": "checked"}
    server.expect("PATCH", f"{MODULES}/mod-L5-o6S4cBV", changed, body={"notes": "checked"})
    server.expect_list(MODULES, CALENDAR, changed)
    server.expect_list(f"{API}/systems", ROOM)
    ran = play(main, id="mod-L5-o6S4cBV", notes="checked").no_warnings()
    assert ran.changes == {"updated": ["mod-L5-o6S4cBV"]}


def test_systems_can_not_be_given_to_a_module_of_unknown_driver(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/drivers", CALENDAR_DRIVER, BOOKINGS_DRIVER)
    server.expect_list(f"{API}/systems", ROOM)
    ran = play(main, id="mod-L5-o6S4cBV", systems=["1.01"])
    assert "give the driver as well" in ran.result["msg"]


def test_a_shared_module_leaves_a_system_only_under_its_own_name(server: FakePlaceOS, play: Play) -> None:
    expect_lists_without_modules(server)
    server.expect_list(MODULES, CALENDAR, BOOKINGS)
    server.expect_list(MODULES, CALENDAR, BOOKINGS)
    ran = play(main, driver="Calendar", custom_name="Other", systems=["1.01"], state="absent").no_warnings()
    assert ran.result["changed"] is False


def expect_lists_without_modules(server: FakePlaceOS) -> None:
    server.expect_list(f"{API}/drivers", CALENDAR_DRIVER, BOOKINGS_DRIVER)
    server.expect_list(f"{API}/systems", ROOM)
