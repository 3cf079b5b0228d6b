# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""placeos_exec runs functions, placeos_info reads; neither writes in check mode."""

from __future__ import annotations

import pytest
from integration.support.objects import CALENDAR, CREDENTIALS, DRIVERS, ESTATE, ROOM, ZONES, prepare
from integration.support.server import Server

MODULES = [
    {"driver": "Microsoft Graph API", "systems": [ROOM["name"]], "running": True},
    {"driver": "PlaceOS Bookings", "systems": [ROOM["name"]], "running": True},
]
CREDENTIALS_OF_DRIVER = {
    "parent": CALENDAR["name"],
    "encryption_level": "admin",
    "document": {"calendar_config": CREDENTIALS},
}
POLL = {"module": "Bookings_1", "method": "poll_events"}


@pytest.fixture(scope="module")
def room(session_server: Server) -> Server:
    """One room that can be booked; the tests of this file share it."""
    server = session_server
    server.reset()
    prepare(server, *ESTATE, *DRIVERS, ("settings", CREDENTIALS_OF_DRIVER), ("module", {"modules": MODULES}))
    return server


@pytest.mark.parametrize("called", [ROOM["name"], ROOM["email"], str(ROOM["email"]).upper()])
def test_a_function_is_run_in_a_system_called_by_name_or_address(room: Server, called: str) -> None:
    result = room.good("exec", system=called, status="bookings", **POLL)
    (entry,) = result["results"]
    assert result["changed"]
    assert not entry["failed"]
    assert entry["status"][0]["location"] == ROOM["email"]
    assert not room.good("exec", system=called, reports_change=False, **POLL)["changed"]


def test_nothing_is_run_in_check_mode(room: Server) -> None:
    mark = room.mark()
    result = room.check("exec", system=ROOM["name"], **POLL)
    assert result["changed"]
    assert not [line for line in room.since(mark) if line.startswith("POST")]


def test_arguments_are_passed_in_order(room: Server) -> None:
    result = room.good("exec", system=ROOM["name"], module="Bookings_1", method="book_now", arguments=[600, "Talk"])
    assert result["results"][0]["result"]["title"] == "Talk"


def test_each_failure_is_one_line_with_the_system_and_the_cause(room: Server) -> None:
    room.good("system", name="Store", email="store@acme.example")
    result = room.run("exec", systems=["Store", ROOM["name"], "Nowhere"], status="bookings", **POLL)
    assert result["failed"]
    lines = result["msg"].splitlines()
    assert lines[0] == "2 of 3 did not answer as they should"
    assert lines[1].startswith(
        "- Store (store@acme.example): Bookings_1 poll_events: the room has no module of this name"
    )
    assert lines[2].startswith("- Nowhere: Bookings_1 poll_events: there is no system 'Nowhere'")
    assert [entry["failed"] for entry in result["results"]] == [True, False, True]
    assert [error["system"] for error in result["errors"]] == ["Store", "Nowhere"]
    assert result["errors"][0]["status"] == 404


def test_a_function_the_driver_does_not_have(room: Server) -> None:
    result = room.run("exec", system=ROOM["name"], module="Bookings_1", method="fly")
    assert "the driver has no such function" in result["msg"]
    assert "could not find function fly" in result["msg"]


def test_a_function_is_not_run_twice_after_a_lost_answer(room: Server) -> None:
    room.fault("/api/engine/v2/systems/*/poll_events", method="POST", fault="drop", when="after")
    mark = room.mark()
    result = room.run("exec", system=ROOM["name"], **POLL)
    assert "the connection broke before the answer arrived" in result["msg"]
    assert len([line for line in room.since(mark) if line.startswith("POST")]) == 1


def test_all_zones_are_read_in_one_request(room: Server) -> None:
    mark = room.mark()
    result = room.good("info", kind="zone", query="[].name")
    assert sorted(result["objects"]) == ["Acme", "Sydney"]
    assert (result["count"], result["changed"]) == (2, False)
    assert room.counts(mark) == {"reads": 1}


def test_the_server_filters(room: Server) -> None:
    zone = room.row("zones", "Acme")["id"]
    room.good("system", name="Elsewhere")
    assert room.good("info", kind="system", filters={"zone_id": zone}, query="[].name")["objects"] == [ROOM["name"]]


@pytest.mark.parametrize("kind", ["repository", "driver", "module", "domain", "tenant", "authority"])
def test_every_kind_can_be_read(room: Server, kind: str) -> None:
    assert room.good("info", kind=kind)["count"] == (
        0 if kind == "tenant" else 1 if kind not in ("driver", "module") else 2
    )


def test_settings_and_metadata_are_read_of_a_named_parent(room: Server) -> None:
    room.good("metadata", name="floor", parent=ZONES[1]["name"], details={"a": 1})
    metadata = room.good("info", kind="metadata", parent="Sydney")
    assert [(row["name"], row["details"]) for row in metadata["objects"]] == [("floor", {"a": 1})]
    settings = room.good("info", kind="settings", parent=CALENDAR["name"], parent_kind="driver")
    assert [row["encryption_level"] for row in settings["objects"]] == ["admin"]


def test_a_query_that_is_none_and_a_parent_that_is_missing_are_told(room: Server) -> None:
    assert "query '[?' is not valid" in room.run("info", kind="zone", query="[?")["msg"]
    assert (
        "there is no zone 'Sidney'; did you mean 'Sydney'?" in room.run("info", kind="settings", parent="Sidney")["msg"]
    )
