# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""graph_room_info on the lab's tenant: every room once, whatever the pages, and few requests for many mailboxes."""

from __future__ import annotations

from typing import Any

import pytest
from integration.support.microsoft import Microsoft
from integration.support.modules import Result

BARE = {
    "displayName": None, "building": None, "capacity": None, "floorLabel": None, "floorNumber": None, "label": None,
    "nickname": None, "tags": None, "address": None, "geoCoordinates": None, "phone": None, "bookingType": None,
    "isWheelChairAccessible": None, "audioDeviceName": None, "videoDeviceName": None, "displayDeviceName": None,
    "teamsEnabledState": None, "placeId": None, "parentId": None,
}  # fmt: skip


def read(microsoft: Microsoft, **arguments: Any) -> Result:
    """Run the module as PlaceOS's own application."""
    return microsoft.good("graph_room_info", **microsoft.identity("placeos"), **arguments)


def emails(result: Result) -> list[str]:
    return [room["email_address"] for room in result["rooms"]]


@pytest.mark.parametrize("links", [False, True], ids=["without links between pages", "with links between pages"])
def test_all_rooms_of_the_tenant_are_read_once(microsoft: Microsoft, links: bool) -> None:
    microsoft.switch("places-next-link", enabled=links)
    mark = microsoft.mark()
    result = read(microsoft, check_mailboxes=False, room_lists=False)
    assert (result["count"], len(set(emails(result)))) == (250, 250)
    asked = [line for line in microsoft.since(mark) if "/places/" in line]
    assert len(asked) <= 4
    assert any("skip" in line for line in asked)


def test_two_readings_agree_in_every_character(microsoft: Microsoft) -> None:
    assert read(microsoft) == read(microsoft)


def test_rooms_know_their_lists_and_a_list_that_may_have_more_is_told(microsoft: Microsoft) -> None:
    result = read(microsoft, check_mailboxes=False)
    assert {entry["display_name"]: len(entry["rooms"]) for entry in result["room_lists"]} == {
        "Rooms Melbourne": 46, "Rooms Singapore": 96, "Rooms Sydney": 100
    }  # fmt: skip
    (warning,) = result["warnings"]
    assert "Rooms Sydney shows exactly 100 rooms" in warning
    assert {tuple(room["room_lists"]) for room in result["rooms"]} == {
        ("Rooms Melbourne",), ("Rooms Singapore",), ("Rooms Sydney",), ()
    }  # fmt: skip


def test_a_room_of_which_nothing_is_known_has_nulls(microsoft: Microsoft) -> None:
    microsoft.control("rooms", {"replace": True, "rooms": [{**BARE, "emailAddress": "bare@acme.example"}]})
    (room,) = read(microsoft)["rooms"]
    known = {key: value for key, value in room.items() if value not in (None, [])}
    assert set(known) == {"id", "email_address", "mailbox"}  # and it is in no group of the policy yet
    assert room["mailbox"]["state"] == "denied_by_policy"


def test_what_the_rooms_lack_is_counted(microsoft: Microsoft) -> None:
    rooms = [
        {"emailAddress": "a@acme.example", "building": "Sydney", "floorNumber": 0, "capacity": "4"},
        {**BARE, "emailAddress": "b@acme.example"},
        {**BARE, "emailAddress": "c@acme.example", "floorLabel": "P"},
    ]
    microsoft.control("rooms", {"replace": True, "rooms": rooms})
    result = read(microsoft, check_mailboxes=False)
    assert result["missing"] == {"building": 2, "floor": 1, "capacity": 2, "email_address": 0}
    assert emails(result)[0] == "a@acme.example"


def test_mailboxes_inside_and_outside_the_scope_are_told_apart(microsoft: Microsoft) -> None:
    microsoft.control("rooms", {"mail": "outside@acme.example"})
    result = read(microsoft, emails=["outside@acme.example", "SYD-24.01@acme.example"])
    states = {room["email_address"]: room["mailbox"]["state"] for room in result["rooms"]}
    assert states == {"outside@acme.example": "denied_by_policy", "syd-24.01@acme.example": "readable"}
    assert {room["mailbox"]["account_enabled"] for room in result["rooms"]} == {False}


def test_a_thousand_mailboxes_take_at_most_sixty_requests(microsoft: Microsoft) -> None:
    microsoft.control("rooms", {"replace": True})
    microsoft.control("rooms", {"mail": "room-{n}@acme.example", "count": 1000})
    mark = microsoft.mark()
    result = read(microsoft)
    assert result["count"] == 1000
    assert all(room["mailbox"]["user_id"] for room in result["rooms"])
    batches = [line for line in microsoft.since(mark) if line.startswith("POST /v1.0/$batch")]
    places = [line for line in microsoft.since(mark) if "GET /v1.0/places/" in line]
    assert len(batches) == 54
    assert len(batches) + len(places) <= 54 + 13


def test_an_address_that_no_room_has_gives_a_warning_with_the_delay(microsoft: Microsoft) -> None:
    result = read(microsoft, emails=["new@acme.example"], room_lists=False)
    assert result["rooms"] == []
    assert ["new@acme.example" in warning and "24 to 48 hours" in warning for warning in result["warnings"]] == [True]


def test_the_rooms_of_one_building(microsoft: Microsoft) -> None:
    result = read(microsoft, building=" sydney", check_mailboxes=False, room_lists=False)
    assert {room["building"] for room in result["rooms"]} == {"Sydney"}
    assert result["count"] == 250
    assert "Nowhere" in read(microsoft, building="Nowhere", check_mailboxes=False, room_lists=False)["warnings"][0]


def test_a_missing_permission_for_places_is_named(microsoft: Microsoft) -> None:
    app = microsoft.made_app(name="Blind", permissions=["User.Read.All"])
    result = microsoft.run("graph_room_info", client_id=app["client_id"], client_secret=app["client_secret"])
    assert result["failed"]
    assert "needs the application permission Place.Read.All" in result["msg"]
    assert result["errors"][0]["status"] == 403
    assert '{"code"' not in result["msg"]


def test_missing_permissions_for_accounts_and_calendars_are_warnings(microsoft: Microsoft) -> None:
    app = microsoft.made_app(name="Places only", permissions=["Place.Read.All"])
    identity = {name: app[name] for name in ("client_id", "client_secret")}
    result = microsoft.good("graph_room_info", **identity, emails=["syd-24.01@acme.example"], room_lists=False)
    (room,) = result["rooms"]
    assert (room["mailbox"]["state"], room["mailbox"]["account_enabled"]) == ("missing_role", None)
    assert any("User.Read.All" in warning for warning in result["warnings"])
    assert any("Calendars.ReadWrite" in warning for warning in result["warnings"])


def test_throttling_is_waited_out(microsoft: Microsoft) -> None:
    microsoft.fault("/v1.0/places/*", status=429, retry_after=0, times=3)
    assert read(microsoft, check_mailboxes=False, room_lists=False)["count"] == 250


@pytest.mark.parametrize(
    "body", ['{"value": null}', '{"value": [1]}', "[]", '{"value": [{', "null", "<html><title>x</title>"]
)
def test_an_answer_of_another_shape_is_told_and_is_no_traceback(microsoft: Microsoft, body: str) -> None:
    microsoft.fault("/v1.0/places/microsoft.graph.room", status=200, body=body, times=1)
    result = microsoft.run("graph_room_info", **microsoft.identity("placeos"))
    assert result["failed"]
    assert "/v1.0/places/microsoft.graph.room" in result["msg"]


def test_nothing_is_written(microsoft: Microsoft) -> None:
    microsoft.check("graph_room_info", **microsoft.identity("placeos"), emails=["syd-24.01@acme.example"])
