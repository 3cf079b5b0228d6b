# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests of modules on ACAEngine: their edge, their place in systems, and their start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.placeos.office365.plugins.modules.placeos_module import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_acaengine import (
    API,
    DEPENDENCIES,
    MODULES,
    SYSTEMS,
    dependency,
    expect_all,
    module,
    system,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import FakePlaceOS, Ran

    Play = Callable[..., Ran]

PANEL = dependency("dep-panel", "Panel")
GRAPH = dependency(
    "dep-graph", "Graph", role="service", class_name="::Aca::Graph", module_name="Graph",
    default="https://graph.example",
)  # fmt: skip
ROOM = system("sys-room1", "1.01", edge_id="edge-7", version=3)
BOOKINGS = module("mod-book", "dep-panel", control_system_id="sys-room1", edge_id="edge-7")
WANTED = {"driver": "Panel", "systems": ["1.01"]}
OF_PANEL = f"{MODULES}?dependency_id=dep-panel"
OF_GRAPH = f"{MODULES}?dependency_id=dep-graph"


def bare(raw: dict[str, Any]) -> dict[str, Any]:
    """A module as every answer but a list shows it."""
    return {name: value for name, value in raw.items() if name != "dependency"}


def in_room(room: dict[str, Any], *modules: str, version: int = 4) -> dict[str, Any]:
    return {**room, "modules": list(modules), "version": version}


def expect_basics(server: FakePlaceOS, *rooms: dict[str, Any]) -> None:
    expect_all(server, DEPENDENCIES, PANEL, GRAPH)
    expect_all(server, SYSTEMS, *rooms)


def expect_created(server: FakePlaceOS, room: dict[str, Any], made: dict[str, Any]) -> None:
    """Look strongly, take the edge that the list of systems has told, create."""
    server.expect("GET", f"{MODULES}?system_id={room['id']}", {"total": 0, "results": []})
    body = {"dependency_id": "dep-panel", "control_system_id": room["id"], "edge_id": room["edge_id"]}
    server.expect("POST", MODULES, bare(made), body=body)


def test_a_logic_module_gets_its_system_s_edge_and_is_put_into_its_list(server: FakePlaceOS, play_aca: Play) -> None:
    expect_basics(server, {**ROOM, "modules": ["mod-disp"]})
    expect_all(server, OF_PANEL)
    expect_all(server, MODULES, module("mod-disp", "dep-display", dependency={"module_name": "Display"}))
    expect_created(server, {**ROOM, "modules": ["mod-disp"]}, BOOKINGS)
    expect_all(server, OF_PANEL, BOOKINGS)
    expect_all(server, SYSTEMS, {**ROOM, "modules": ["mod-disp"]})
    server.expect("GET", f"{SYSTEMS}/sys-room1", {**ROOM, "modules": ["mod-disp"]})
    after = in_room(ROOM, "mod-disp", "mod-book")
    server.expect("PUT", f"{SYSTEMS}/sys-room1", after, body={"modules": ["mod-disp", "mod-book"], "version": 3})
    server.expect("GET", f"{SYSTEMS}/sys-room1", after)
    ran = play_aca(main, **WANTED).no_warnings()
    assert ran.changes == {"created": ["Panel in 1.01"], "updated": ["modules of 1.01"]}
    assert ran.diff[-1] == ("modules of 1.01", {"modules": ["mod-disp"]}, {"modules": ["mod-disp", "mod-book"]})


def test_an_unchanged_module_costs_three_lists(server: FakePlaceOS, play_aca: Play) -> None:
    expect_basics(server, in_room(ROOM, "mod-book"))
    expect_all(server, OF_PANEL, {**BOOKINGS, "running": True})
    assert play_aca(main, **WANTED, running=True).no_warnings().result["changed"] is False


def test_a_module_of_the_same_name_from_another_driver_is_told(server: FakePlaceOS, play_aca: Play) -> None:
    """Panels and verify use the first of the name, which may be the older driver's."""
    old = dependency("dep-old", "Old panel", class_name="::Aca::OfficeBooking")
    theirs = module("mod-old", "dep-old", control_system_id="sys-room1", dependency={"module_name": "Bookings"})
    expect_all(server, DEPENDENCIES, PANEL, old)
    expect_all(server, SYSTEMS, in_room(ROOM, "mod-old", "mod-book"))
    expect_all(server, OF_PANEL, BOOKINGS)
    expect_all(server, MODULES, BOOKINGS, theirs)
    (warning,) = play_aca(main, **WANTED).warnings
    assert "a module Bookings of the driver Old panel is in 1 system as well, such as 1.01; Bookings_1 is" in warning


def test_a_driver_may_be_named_by_its_class(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, DEPENDENCIES, PANEL, {**GRAPH, "class_name": "::Aca::Graph"})
    expect_all(server, SYSTEMS, in_room(ROOM, "mod-book"))
    expect_all(server, OF_PANEL, BOOKINGS)
    ran = play_aca(main, driver="::Aca::O365BookingPanel", systems=["1.01"], check=True)
    assert ran.changes == {"unchanged": ["::Aca::O365BookingPanel in 1.01"]}


def test_a_module_that_fell_out_of_its_system_s_list_is_put_back(server: FakePlaceOS, play_aca: Play) -> None:
    expect_basics(server, ROOM)
    expect_all(server, OF_PANEL, BOOKINGS)
    expect_all(server, SYSTEMS, ROOM)
    server.expect("GET", f"{SYSTEMS}/sys-room1", ROOM)
    after = in_room(ROOM, "mod-book")
    server.expect("PUT", f"{SYSTEMS}/sys-room1", after, body={"modules": ["mod-book"], "version": 3})
    server.expect("GET", f"{SYSTEMS}/sys-room1", after)
    assert play_aca(main, **WANTED).no_warnings().changes["updated"] == ["modules of 1.01"]


def test_a_system_that_changes_meanwhile_is_read_again(server: FakePlaceOS, play_aca: Play) -> None:
    expect_basics(server, ROOM)
    expect_all(server, OF_PANEL, BOOKINGS)
    expect_all(server, SYSTEMS, ROOM)
    server.expect("GET", f"{SYSTEMS}/sys-room1", ROOM)
    server.expect("PUT", f"{SYSTEMS}/sys-room1", status=409, body={"modules": ["mod-book"], "version": 3})
    server.expect("GET", f"{SYSTEMS}/sys-room1", in_room(ROOM, "mod-other"))
    after = in_room(ROOM, "mod-other", "mod-book", version=5)
    server.expect("PUT", f"{SYSTEMS}/sys-room1", after, body={"modules": ["mod-other", "mod-book"], "version": 4})
    server.expect("GET", f"{SYSTEMS}/sys-room1", after)
    play_aca(main, **WANTED).no_warnings()


def test_a_module_that_another_run_has_just_made_is_taken(server: FakePlaceOS, play_aca: Play) -> None:
    """The list of all modules lags, that of one system does not."""
    room = in_room(ROOM, "mod-book")
    expect_basics(server, room)
    expect_all(server, OF_PANEL)
    expect_all(server, MODULES)
    server.expect("GET", f"{MODULES}?system_id=sys-room1", {"total": 1, "results": [bare(BOOKINGS)]})
    expect_all(server, OF_PANEL, BOOKINGS)
    expect_all(server, SYSTEMS, room)
    assert play_aca(main, **WANTED).no_warnings().result["modules"][0]["id"] == "mod-book"


# -- shared modules --------------------------------------------------------------------------------------------------


def test_a_shared_module_gets_the_edge_of_most_systems_and_its_driver_s_address(
    server: FakePlaceOS, play_aca: Play
) -> None:
    rooms = [
        system(f"sys-room{n}", f"1.0{n}", edge_id=edge) for n, edge in ((1, "edge-7"), (2, "edge-8"), (3, "edge-8"))
    ]
    made = module("mod-graph", "dep-graph", edge_id="edge-8", role=2, uri="https://graph.example")
    expect_basics(server, *rooms)
    expect_all(server, OF_GRAPH)
    body = {"dependency_id": "dep-graph", "uri": "https://graph.example", "edge_id": "edge-8"}
    server.expect("POST", MODULES, bare(made), body=body)
    expect_all(server, OF_GRAPH, made)
    after = [in_room(room, "mod-graph", version=1) for room in rooms[:2]]
    for room, later in zip(rooms[:2], after, strict=True):
        server.expect("GET", f"{SYSTEMS}/{room['id']}", room)
        server.expect("PUT", f"{SYSTEMS}/{room['id']}", later, body={"modules": ["mod-graph"], "version": 0})
    expect_all(server, SYSTEMS, *after, rooms[2])
    ran = play_aca(main, driver="Graph", systems=["1.01", "1.02"]).no_warnings()
    assert ran.changes == {"created": ["Graph"], "updated": ["modules of 1.01", "modules of 1.02"]}


def test_without_any_system_a_shared_module_runs_on_the_first_node(server: FakePlaceOS, play_aca: Play) -> None:
    made = module("mod-graph", "dep-graph", edge_id="edge-1", role=2, uri="https://graph.example")
    expect_basics(server)
    expect_all(server, OF_GRAPH)
    expect_all(server, SYSTEMS)
    expect_all(server, f"{API}/nodes", {"id": "edge-1", "name": "Master"})
    body = {"dependency_id": "dep-graph", "uri": "https://graph.example", "edge_id": "edge-1"}
    server.expect("POST", MODULES, bare(made), body=body)
    expect_all(server, OF_GRAPH, made)
    expect_all(server, SYSTEMS)
    assert play_aca(main, driver="Graph", systems=[]).no_warnings().changes == {"created": ["Graph"]}


# -- starting --------------------------------------------------------------------------------------------------------


def test_a_new_module_is_started_and_looked_at(server: FakePlaceOS, play_aca: Play, sleeps: list[float]) -> None:
    expect_basics(server, ROOM)
    expect_all(server, OF_PANEL)
    expect_created(server, ROOM, BOOKINGS)
    expect_all(server, OF_PANEL, BOOKINGS)
    expect_all(server, SYSTEMS, in_room(ROOM, "mod-book"))
    server.expect("POST", f"{MODULES}/mod-book/start")
    server.expect("GET", f"{MODULES}/mod-book/state", {"connected": True})
    assert play_aca(main, **WANTED, running=True).no_warnings().result["modules"][0]["running"] is True


def test_a_module_that_the_server_can_not_load_stops_there(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float]
) -> None:
    expect_basics(server, in_room(ROOM, "mod-book"))
    expect_all(server, OF_PANEL, BOOKINGS)
    server.expect("GET", f"{MODULES}/mod-book", BOOKINGS)
    server.expect("POST", f"{MODULES}/mod-book/start", "module failed to start", status=500)
    ran = play_aca(main, **WANTED, running=True)
    assert ran.result["failed"] is True
    assert "answered 500: module failed to start" in ran.result["msg"]
    assert "docker logs --tail 99 engine" in ran.result["msg"]


def test_a_module_that_is_on_but_not_loaded_is_switched_off_and_on(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float]
) -> None:
    expect_basics(server, in_room(ROOM, "mod-book"))
    expect_all(server, OF_PANEL, BOOKINGS)
    server.expect("GET", f"{MODULES}/mod-book", BOOKINGS)
    server.expect("POST", f"{MODULES}/mod-book/start")
    for _look in range(4):
        server.expect("GET", f"{MODULES}/mod-book/state", status=404)
    server.expect("POST", f"{MODULES}/mod-book/stop")
    server.expect("POST", f"{MODULES}/mod-book/start")
    server.expect("GET", f"{MODULES}/mod-book/state", {})
    assert play_aca(main, **WANTED, running=True).result["changed"] is True


def test_a_module_is_stopped(server: FakePlaceOS, play_aca: Play) -> None:
    running = {**BOOKINGS, "running": True}
    expect_basics(server, in_room(ROOM, "mod-book"))
    expect_all(server, OF_PANEL, running)
    server.expect("GET", f"{MODULES}/mod-book", running)
    server.expect("POST", f"{MODULES}/mod-book/stop")
    assert play_aca(main, **WANTED, running=False).no_warnings().changes == {"updated": ["Panel in 1.01"]}


# -- going -----------------------------------------------------------------------------------------------------------


GONE = module("mod-graph", "dep-graph", control_system_id="sys-room1")


def test_a_purge_by_driver_reads_the_drivers_that_no_wanted_module_has(server: FakePlaceOS, play_aca: Play) -> None:
    expect_basics(server, in_room(ROOM, "mod-book", "mod-graph"))
    expect_all(server, OF_GRAPH, GONE)
    expect_all(server, OF_PANEL, BOOKINGS)
    server.expect("DELETE", f"{MODULES}/mod-graph")
    # The server takes it from its system's list.
    expect_all(server, SYSTEMS, in_room(ROOM, "mod-book", version=5))
    scope = {"driver": ["Panel", "Graph"]}
    ran = play_aca(main, modules=[WANTED], purge=True, purge_scope=scope, purge_max_share=1)
    assert ran.changes["deleted"] == ["Bookings mod-graph in 1.01"]


def test_a_purge_by_system_reads_the_modules_of_all_drivers(server: FakePlaceOS, play_aca: Play) -> None:
    expect_basics(server, in_room(ROOM, "mod-book", "mod-graph"))
    expect_all(server, MODULES, BOOKINGS, GONE)
    server.expect("DELETE", f"{MODULES}/mod-graph")
    expect_all(server, SYSTEMS, in_room(ROOM, "mod-book", version=5))
    ran = play_aca(main, modules=[WANTED], purge=True, purge_scope={"system": "sys-room1"}, purge_max_share=1)
    assert ran.changes["deleted"] == ["Bookings mod-graph in 1.01"]


def test_a_module_that_goes_is_not_mourned_in_its_system_s_list(server: FakePlaceOS, play_aca: Play) -> None:
    expect_basics(server, in_room(ROOM, "mod-book"))
    expect_all(server, OF_PANEL, BOOKINGS)
    server.expect("DELETE", f"{MODULES}/mod-book")
    expect_all(server, SYSTEMS, in_room(ROOM, version=5))
    ran = play_aca(main, **WANTED, state="absent").no_warnings()
    assert ran.changes == {"deleted": ["Panel in 1.01"]}
