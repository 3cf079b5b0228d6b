# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms and room lists."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lab.microsoft.seed import TENANT_ID
from lab.microsoft.testing import Client, Running
from lab.testing import Answer

START = "https://graph.microsoft.com/v1.0/$metadata#places"
ROOM, SYDNEY = "syd-24.01@acme.example", "rooms-list-syd@acme.example"


def rooms(ms: Client, query: str = "", path: str = "microsoft.graph.room") -> Answer:
    return ms.get(f"/v1.0/places/{path}{query}", role="placeos")


@pytest.mark.parametrize("cast", ["microsoft.graph.room", "graph.room", "Microsoft.Graph.Room"])
def test_the_context_is_the_one_that_placeos_compares(ms: Client, cast: str) -> None:
    assert rooms(ms, path=cast).json["@odata.context"] == f"{START}/microsoft.graph.room"


@pytest.mark.parametrize("cast", ["microsoft.graph.roomlist", "microsoft.graph.roomList", "graph.roomlist"])
def test_room_lists_are_listed(ms: Client, cast: str) -> None:
    answer = rooms(ms, path=cast)
    assert answer.json["@odata.context"] == f"{START}/microsoft.graph.roomList"
    assert SYDNEY in [row["emailAddress"] for row in answer.json["value"]]


def test_a_hundred_rooms_come_and_no_link_to_the_others(ms: Client) -> None:
    answer = rooms(ms).json
    assert (len(answer["value"]), "@odata.nextLink" in answer) == (100, False)


def test_top_and_skip_lead_through_all_of_them(ms: Client) -> None:
    found = [row["id"] for skip in (0, 100, 200) for row in rooms(ms, f"?$top=100&$skip={skip}").json["value"]]
    assert len(set(found)) == len(found) == 250
    assert rooms(ms, "?$skip=300").json["value"] == []
    assert len(rooms(ms, "?%24top=7").json["value"]) == 7
    assert len(rooms(ms, "?$top=1000").json["value"]) == 250


@pytest.mark.parametrize("query", ["?$top=0", "?$top=1001", "?$top=x", "?$skip=-1"])
def test_numbers_must_be_numbers(ms: Client, query: str) -> None:
    assert rooms(ms, query).status == 400


def test_with_the_switch_there_is_a_link(ms: Client) -> None:
    ms.switch("places-next-link", enabled=True)
    answer, found = rooms(ms, "?$top=90&$select=id"), []
    while True:
        found += [row["id"] for row in answer.json["value"]]
        link = answer.json.get("@odata.nextLink")
        if not link:
            break
        answer = ms.get(link.removeprefix(ms.url), role="placeos")
    assert len(set(found)) == 250


def test_rooms_are_counted_filtered_and_selected(ms: Client) -> None:
    answer = rooms(ms, "?$count=true&$filter=building%20eq%20%27Sydney%27&$select=displayName,building").json
    assert answer["@odata.count"] == len(answer["value"]) > 0
    assert set(answer["value"][0]) == {"id", "displayName", "building"}
    assert answer["@odata.context"] == f"{START}/microsoft.graph.room(displayName,building)"
    assert rooms(ms, path="microsoft.graph.room/$count").text == "250"
    assert rooms(ms, "?$select=colour").status == 400


def test_what_nobody_described_is_null(ms: Client) -> None:
    room = rooms(ms, path=ROOM).json
    empty = {"building", "capacity", "floorNumber", "floorLabel", "phone", "address", "audioDeviceName", "label"}
    assert {name for name in empty if room[name] is not None} == set()
    assert (room["bookingType"], room["isWheelChairAccessible"], room["tags"]) == ("standard", False, [])


def test_every_property_may_be_null(ms: Client) -> None:
    nothing: dict[str, Any] = {"emailAddress": "void@acme.example", "displayName": None, "bookingType": "unknown"}
    order = {**nothing, "isWheelChairAccessible": None, "tags": None, "nickname": None}
    assert ms.post("/_lab/rooms", {"rooms": [order], "replace": True}, role=None).status == 200
    (room,) = rooms(ms).json["value"]
    assert (room["displayName"], room["bookingType"], room["tags"]) == (None, "unknown", None)


def test_a_place_is_found_by_id_and_by_address(ms: Client) -> None:
    room = rooms(ms, path=ROOM).json
    assert room["@odata.type"] == "#microsoft.graph.room"
    assert rooms(ms, path=room["id"]).json["emailAddress"] == ROOM
    assert rooms(ms, path=f"{ROOM.upper()}/microsoft.graph.room").status == 200
    assert rooms(ms, path=f"{ROOM}/microsoft.graph.roomlist").status == 404
    assert rooms(ms, path="nobody@acme.example").status == 404


def test_the_rooms_of_a_list_are_found_by_its_address_alone(ms: Client) -> None:
    answer = rooms(ms, path=f"{SYDNEY}/microsoft.graph.roomlist/rooms").json
    assert {row["emailAddress"][:4] for row in answer["value"]} == {"syd-"}
    listed = next(
        row for row in rooms(ms, path="microsoft.graph.roomlist").json["value"] if row["emailAddress"] == SYDNEY
    )
    assert rooms(ms, path=f"{listed['id']}/microsoft.graph.roomlist/rooms").status == 404


def test_a_list_shows_a_hundred_rooms_and_never_more(ms: Client) -> None:
    path = f"{SYDNEY}/microsoft.graph.roomlist/rooms"
    assert len(rooms(ms, path=path).json["value"]) == 100
    assert rooms(ms, "?$top=100&$skip=100", path).json["value"] == []


def test_the_refusal_is_json_inside_a_message(ms: Client) -> None:
    answer = ms.get("/v1.0/places/microsoft.graph.room", role=ms.bearer_of("User.Read.All"))
    assert (answer.status, answer.json["error"]["code"]) == (403, "UnknownError")
    assert json.loads(answer.json["error"]["message"])["code"] == "invalid_permissions"


def token_with(running_ms: Running, role: str) -> str:
    """Return a token with a role that no application can be given: it has no id."""
    now = int(running_ms.tenant.clock.now())
    claims = {"aud": "https://graph.microsoft.com", "appid": "a", "oid": "o", "tid": TENANT_ID, "roles": [role]}
    return str(running_ms.tenant.signing_key.sign({**claims, "nbf": now, "iat": now, "exp": now + 600}))


def test_changing_a_place_needs_a_permission_that_none_has(ms: Client, running_ms: Running) -> None:
    body = {"@odata.type": "#microsoft.graph.room", "capacity": 12, "isWheelchairAccessible": True}
    assert ms.patch(f"/v1.0/places/{ROOM}", body, role="placeos").status == 403
    writer = token_with(running_ms, "Place.ReadWrite.All")
    answer = ms.patch(f"/v1.0/places/{ROOM}", body, role=writer)
    assert (answer.json["capacity"], answer.json["isWheelChairAccessible"]) == (12, True)
    assert rooms(ms, path=ROOM).json["capacity"] == 12
    assert ms.patch(f"/v1.0/places/{ROOM}", {"capacity": 3}, role=writer).status == 400
    assert ms.patch(f"/v1.0/places/{ROOM}", {**body, "emailAddress": "x"}, role=writer).status == 400
