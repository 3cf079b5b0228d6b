# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""placeos_module: shared and logic modules, their order in systems, and their start."""

from __future__ import annotations

from typing import Any

import pytest
from integration.support.objects import DRIVERS, prepare
from integration.support.server import Server

ROOMS = ["Room 1", "Room 2", "Room 3"]
SYSTEMS = ("system", {"systems": [{"name": name, "email": f"{name[-1]}@acme.example"} for name in ROOMS]})
BOTH = [
    {"driver": "Microsoft Graph API", "systems": ROOMS, "running": True},
    {"driver": "PlaceOS Bookings", "systems": ROOMS, "running": True},
]


@pytest.fixture
def rooms(server: Server) -> Server:
    """Three rooms and two compiled drivers."""
    prepare(server, *DRIVERS, SYSTEMS)
    return server


def members(server: Server, room: str) -> list[str]:
    """The driver names of a room's modules, in order."""
    names = {row["id"]: row["name"] for row in server.rows("modules")}
    return [names[identifier] for identifier in server.row("systems", room)["modules"]]


def told(result: dict[str, Any]) -> dict[str, Any]:
    """What a result says, without the ids that only a real run can know."""
    lists = [
        {**entry, "after": len(entry["after"]["modules"])} if entry["after_header"].startswith("modules of") else entry
        for entry in result["diff"]
    ]
    return {"changed": result["changed"], "changes": result["changes"], "diff": lists}


def test_one_shared_service_and_a_logic_module_in_each_room(rooms: Server) -> None:
    foretold = rooms.check("module", modules=BOTH)
    real = rooms.good("module", modules=BOTH)
    assert real["changes"]["created"] == ["Microsoft Graph API", *[f"PlaceOS Bookings in {room}" for room in ROOMS]]
    assert told(foretold) == told(real)
    assert rooms.names("modules") == ["Bookings", "Bookings", "Bookings", "Calendar"]
    for room in ROOMS:
        assert members(rooms, room) == ["Calendar", "Bookings"]
    assert all(rooms.loaded(row["id"]) for row in rooms.rows("modules"))
    mark = rooms.mark()
    assert not rooms.good("module", modules=BOTH)["changed"]
    assert rooms.counts(mark) == {"reads": 3}


def test_a_further_room_gets_the_shared_module_without_a_second_one(rooms: Server) -> None:
    first = [{**item, "systems": ROOMS[:2]} for item in BOTH]
    rooms.good("module", modules=first)
    result = rooms.good("module", modules=BOTH)
    assert result["changes"]["created"] == ["PlaceOS Bookings in Room 3"]
    assert result["changes"]["updated"] == ["modules of Room 3"]
    assert rooms.names("modules") == ["Bookings", "Bookings", "Bookings", "Calendar"]


def test_modules_in_another_order_are_put_in_the_order_of_the_list(rooms: Server) -> None:
    rooms.good("module", modules=list(reversed(BOTH)))
    assert members(rooms, "Room 1") == ["Bookings", "Calendar"]
    foretold = rooms.check("module", modules=BOTH)
    real = rooms.good("module", modules=BOTH)
    assert foretold["changes"] == real["changes"]
    assert real["changes"]["updated"] == [f"modules of {room}" for room in ROOMS]
    assert members(rooms, "Room 1") == ["Calendar", "Bookings"]
    assert not rooms.good("module", modules=BOTH)["changed"]


def test_a_stopped_module_is_started_and_a_running_one_stopped(rooms: Server) -> None:
    rooms.good("module", modules=BOTH)
    stopped = [{**BOTH[0], "running": False}, BOTH[1]]
    assert rooms.check("module", modules=stopped)["changes"]["updated"] == ["Microsoft Graph API"]
    assert rooms.good("module", modules=stopped)["changes"]["updated"] == ["Microsoft Graph API"]
    assert not rooms.loaded(rooms.row("modules", "Calendar")["id"])
    again = rooms.good("module", modules=BOTH)
    assert again["diff"] == [
        {
            "before_header": "module Microsoft Graph API",
            "after_header": "module Microsoft Graph API",
            "before": {"running": False},
            "after": {"running": True},
        }
    ]
    assert rooms.loaded(rooms.row("modules", "Calendar")["id"])


def test_an_absent_shared_module_only_leaves_the_named_rooms(rooms: Server) -> None:
    rooms.good("module", modules=BOTH)
    leave = {"driver": "Microsoft Graph API", "systems": ["Room 2"], "state": "absent"}
    foretold = rooms.check("module", **leave)
    real = rooms.good("module", **leave)
    assert foretold["changes"] == real["changes"]
    assert real["changes"]["updated"] == ["modules of Room 2"]
    assert members(rooms, "Room 2") == ["Bookings"]
    assert members(rooms, "Room 1") == ["Calendar", "Bookings"]
    assert not rooms.good("module", **leave)["changed"]


def test_an_absent_logic_module_is_deleted_in_the_named_rooms_only(rooms: Server) -> None:
    rooms.good("module", modules=BOTH)
    gone = {"driver": "PlaceOS Bookings", "systems": ["Room 2"], "state": "absent"}
    assert rooms.good("module", **gone)["changes"]["deleted"] == ["PlaceOS Bookings in Room 2"]
    assert members(rooms, "Room 2") == ["Calendar"]
    assert rooms.names("modules") == ["Bookings", "Bookings", "Calendar"]


def test_a_shared_module_in_use_is_deleted_only_with_force(rooms: Server) -> None:
    rooms.good("module", modules=BOTH)
    gone = {"driver": "Microsoft Graph API", "state": "absent"}
    refused = rooms.run("module", **gone)
    assert refused["failed"]
    for words in ("module Microsoft Graph API", "Room 1", "force", "nothing was written"):
        assert words in refused["msg"]
    assert rooms.good("module", **gone, force=True)["changes"]["deleted"] == ["Microsoft Graph API"]
    assert members(rooms, "Room 1") == ["Bookings"]


def test_a_driver_that_does_not_exist_is_named_with_the_one_that_was_meant(rooms: Server) -> None:
    refused = rooms.run("module", driver="Microsoft Graf API", systems=["Room 1"])
    assert refused["failed"]
    assert "there is no driver 'Microsoft Graf API'; did you mean 'Microsoft Graph API'?" in refused["msg"]
