# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flat lists hold what the inventory says, every room once, parents before children."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.plugin_utils._workplace.describe import describe

# The example that inventories elsewhere are written after; its names are fixed.
EXAMPLE: dict[str, Any] = {
    "name": "Acme",
    "buildings": [
        {
            "name": "Sydney",
            "timezone": "Australia/Sydney",
            "extras": [{"id": "video_conference", "name": "Video Conference"}],
            "levels": [
                {
                    "name": "Level 27",
                    "map": "assets/maps/level_27.svg",
                    "rooms": [
                        {
                            "name": "27.01",
                            "email": "syd-27.01@acme.example",
                            "capacity": 8,
                            "bookable": True,
                            "map_id": "27.01",
                            "features": ["video_conference"],
                        }
                    ],
                }
            ],
        }
    ],
}


def flat(workplace: dict[str, Any]) -> dict[str, Any]:
    description = describe(workplace)
    assert description.faults == []
    return description.flat


def one_room(**keys: object) -> dict[str, Any]:
    return {"name": "Acme", "buildings": [{"name": "B", "levels": [{"name": "L", "rooms": [{"name": "R", **keys}]}]}]}


def test_the_documented_example() -> None:
    assert flat(EXAMPLE) == {
        "name": "Acme",
        "zones": [
            {"name": "Acme", "display_name": "Acme", "tags": ["org"]},
            {
                "name": "Sydney",
                "display_name": "Sydney",
                "tags": ["building"],
                "parent": "Acme",
                "timezone": "Australia/Sydney",
                "extras": [{"id": "video_conference", "name": "Video Conference"}],
            },
            {
                "name": "Sydney - Level 27",
                "display_name": "Level 27",
                "tags": ["level"],
                "parent": "Sydney",
                "map_id": "assets/maps/level_27.svg",
            },
        ],
        "metadata": [
            {
                "parent": "Sydney",
                "name": "workplace_app",
                "description": "Settings of the workplace app",
                "details": {"events": {"feature_decriptions": {"video_conference": "Video Conference"}}},
            }
        ],
        "systems": [
            {
                "name": "Sydney - 27.01",
                "display_name": "27.01",
                "email": "syd-27.01@acme.example",
                "capacity": 8,
                "bookable": True,
                "map_id": "27.01",
                "features": ["video_conference"],
                "zones": ["Acme", "Sydney", "Sydney - Level 27"],
                "timezone": "Australia/Sydney",
            }
        ],
        "bookable": ["Sydney - 27.01"],
    }


def test_only_what_was_given_is_returned() -> None:
    result = flat(one_room())
    assert result["zones"][1] == {"name": "B", "display_name": "B", "tags": ["building"], "parent": "Acme"}
    assert result["systems"] == [
        {"name": "B - R", "display_name": "R", "bookable": False, "zones": ["Acme", "B", "B - L"]},
    ]
    assert result["bookable"] == result["metadata"] == []


def test_every_key_of_a_room_arrives() -> None:
    room = {
        "display_name": "The Room", "code": "R1", "description": "two\nlines", "type": "huddle", "email": "r@acme.example",
        "capacity": 0, "bookable": True, "public": False, "map_id": "r", "images": ["https://a.example/1.jpg", "2.jpg"],
        "support_url": "https://help.acme.example/r", "timezone": "Asia/Tokyo", "features": ["vc", "wb", "vc"],
    }  # fmt: skip
    workplace = one_room(**room)
    workplace["buildings"][0]["levels"][0]["map"] = "https://maps.acme.example/l.svg"
    workplace["buildings"][0]["extras"] = [{"id": "vc", "name": "VC"}, {"id": "wb", "name": "WB"}]
    expected = room | {"name": "B - R", "zones": ["Acme", "B", "B - L"], "features": ["vc", "wb"]}
    assert flat(workplace)["systems"] == [expected]


def test_every_key_of_a_zone_arrives() -> None:
    workplace = one_room()
    workplace |= {"display_name": "Acme Inc", "code": "A", "description": "o", "timezone": "UTC"}
    building = workplace["buildings"][0]
    building |= {
        "display_name": "The B",
        "code": "B1",
        "description": "b",
        "timezone": "Asia/Tokyo",
        "location": "Kyoto",
    }
    building["levels"][0] |= {
        "display_name": "The L", "code": "1", "description": "l", "map": "maps/l.svg", "capacity": 40,
    }  # fmt: skip
    assert flat(workplace)["zones"] == [
        {
            "name": "Acme", "display_name": "Acme Inc", "tags": ["org"], "code": "A", "description": "o",
            "timezone": "UTC",
        },
        {
            "name": "B", "display_name": "The B", "tags": ["building"], "parent": "Acme", "code": "B1",
            "description": "b", "timezone": "Asia/Tokyo", "location": "Kyoto",
        },
        {
            "name": "B - L", "display_name": "The L", "tags": ["level"], "parent": "B", "code": "1",
            "description": "l", "map_id": "maps/l.svg", "capacity": 40,
        },
    ]  # fmt: skip


def test_the_nearest_time_zone_is_the_rooms() -> None:
    workplace = one_room() | {"timezone": "UTC"}
    assert flat(workplace)["systems"][0]["timezone"] == "UTC"
    workplace["buildings"][0]["timezone"] = "Asia/Tokyo"
    assert flat(workplace)["systems"][0]["timezone"] == "Asia/Tokyo"
    workplace["buildings"][0]["levels"][0]["rooms"][0]["timezone"] = "Europe/Zurich"
    assert flat(workplace)["systems"][0]["timezone"] == "Europe/Zurich"


def test_blanks_around_values_are_dropped() -> None:
    system = flat(one_room(email=" r@acme.example ", display_name=" The Room "))["systems"][0]
    assert (system["email"], system["display_name"]) == ("r@acme.example", "The Room")


def test_orientations_are_passed_on_for_acaengine() -> None:
    for orientations in ({"landscape": 0}, ["landscape"]):
        workplace = one_room()
        workplace["buildings"][0]["orientations"] = orientations
        assert flat(workplace)["zones"][1]["orientations"] == orientations


# The names hold blanks, case pairs, separators and other alphabets: what breaks composed names.
NAMES = st.text(st.sampled_from("aAß1 .-é&"), min_size=1, max_size=4).filter(str.strip)


def as_acaengine_compares(name: str) -> str:
    return name.strip().casefold()


@st.composite
def workplaces(draw: st.DrawFn) -> dict[str, Any]:
    def distinct(minimum: int) -> list[str]:
        return draw(st.lists(NAMES, min_size=minimum, max_size=3, unique_by=as_acaengine_compares))

    buildings = []
    for building in distinct(1):
        rooms = distinct(0)
        levels: list[dict[str, Any]] = [{"name": level, "rooms": []} for level in distinct(1)]
        for room in rooms:
            draw(st.sampled_from(levels))["rooms"].append({"name": room, "bookable": False})
        buildings.append({"name": building, "levels": levels})
    return {"name": "The whole organisation", "buildings": buildings}


@settings(max_examples=150, deadline=None)
@given(workplaces())
def test_every_room_is_kept_exactly_once_or_the_inventory_is_refused(workplace: dict[str, Any]) -> None:
    description = describe(workplace)
    if description.faults:
        # Composed names can meet ("a" + "- b" and "a -" + "b"); then the fault says so.
        assert all("would be stored as" in fault for fault in description.faults)
        return
    result = description.flat
    written = [
        (building["name"].strip(), level["name"].strip(), room["name"].strip())
        for building in workplace["buildings"]
        for level in building["levels"]
        for room in level["rooms"]
    ]
    levels = {zone["name"]: zone["display_name"] for zone in result["zones"]}
    kept = [(system["zones"][1], levels[system["zones"][2]], system["display_name"]) for system in result["systems"]]
    assert kept == written
    assert len({system["name"].casefold() for system in result["systems"]}) == len(written)
    seen: set[str] = set()
    for zone in result["zones"]:
        assert "parent" not in zone or zone["parent"] in seen
        seen.add(zone["name"])
    assert len(seen) == len(result["zones"])
    assert all(set(system["zones"]) <= seen for system in result["systems"])
