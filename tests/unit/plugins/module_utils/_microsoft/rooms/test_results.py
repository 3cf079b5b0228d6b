# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms as Graph sends them, in all spellings and with all gaps, become entries of one shape."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.rooms.results import (
    missing,
    order,
    room,
    room_list,
)


@pytest.mark.parametrize(
    ("sent", "name", "value"),
    [
        ({"isWheelChairAccessible": True}, "is_wheel_chair_accessible", True),
        ({"isWheelchairAccessible": False}, "is_wheel_chair_accessible", False),
        ({"displayDeviceName": "TV"}, "display_device_name", "TV"),
        ({"displayDevice": "TV"}, "display_device_name", "TV"),
        ({"displayDeviceName": None, "displayDevice": "TV"}, "display_device_name", "TV"),
        ({"geocoordinates": {"latitude": 1.5, "longitude": None}}, "geo_coordinates", {"latitude": 1.5}),
        ({"address": {"countryOrRegion": "AU", "street": None}}, "address", {"country_or_region": "AU"}),
        ({"address": {"street": None, "@odata.type": "x"}}, "address", None),
        ({"capacity": "50"}, "capacity", 50),
        ({"capacity": 50.0}, "capacity", 50),
        ({"capacity": True}, "capacity", None),
        ({"capacity": "many"}, "capacity", None),
        ({"floorNumber": -1}, "floor_number", -1),
        ({"EMAILADDRESS": " a@acme.example "}, "email_address", "a@acme.example"),
        ({"label": " "}, "label", None),
        ({"tags": ["a", None, 5, "b "]}, "tags", ["a", "b"]),
        ({"tags": None}, "tags", []),
        ({"isManaged": True}, "is_managed", None),
    ],
)
def test_every_spelling_and_gap_has_one_name_and_type(sent: dict[str, Any], name: str, value: Any) -> None:
    assert room(sent).get(name) == value


def test_a_room_of_which_nothing_is_known_has_all_keys() -> None:
    empty = room({})
    assert {key for key, value in empty.items() if value is not None} == {"tags"}
    assert set(room_list({})) <= set(empty)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
)
SENT = st.dictionaries(
    st.sampled_from("id displayName emailAddress building floorNumber floorLabel capacity tags address".split()), JSON
)


@given(st.lists(SENT, max_size=5))
def test_rooms_of_any_content_are_ordered_the_same_however_they_came(sent: list[dict[str, Any]]) -> None:
    rooms = [room(one) for one in sent]
    mixed = random.Random(1).sample(rooms, len(rooms))
    assert [order(one) for one in sorted(rooms, key=order)] == [order(one) for one in sorted(mixed, key=order)]


def test_rooms_stand_by_building_floor_and_name_and_unknown_places_last() -> None:
    names = ["Sydney 2 Room 2", "Sydney 2 Room 10", "Sydney 10 A", "Sydney - B", "- - C"]
    rooms = []
    for name in reversed(names):
        building, floor, shown = name.split(" ", 2)
        known = {"building": None if building == "-" else building, "floorNumber": None if floor == "-" else int(floor)}
        rooms.append(room({**known, "displayName": shown}))
    assert [one["display_name"] for one in sorted(rooms, key=order)] == ["Room 2", "Room 10", "A", "B", "C"]


def test_what_is_missing_is_counted() -> None:
    rooms = [room({"building": "A", "floorNumber": 0}), room({"floorLabel": "P", "capacity": 0}), room({})]
    assert missing(rooms) == {"building": 2, "floor": 1, "capacity": 2, "email_address": 3}
