# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every rule of the inventory finds what breaks it, says where, and lets the rest alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.plugin_utils._workplace import timezones
from ansible_collections.placeos.office365.plugins.plugin_utils._workplace.describe import describe

GOOD: dict[str, Any] = {
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
                        },
                        {"name": "27.02"},
                    ],
                },
            ],
        },
        {"name": "Perth", "levels": [{"name": "Level 27", "rooms": [{"name": "27.01"}]}]},
    ],
}

SYDNEY = "workplace.buildings[0]"
LEVEL = f"{SYDNEY}.levels[0]"
ROOM = f"{LEVEL}.rooms[0]"
SECOND = f"{LEVEL}.rooms[1]"


class Inventory:
    """A good inventory to break."""

    def __init__(self) -> None:
        self.workplace = copy.deepcopy(GOOD)
        self.sydney: dict[str, Any] = self.workplace["buildings"][0]
        self.perth: dict[str, Any] = self.workplace["buildings"][1]
        self.level: dict[str, Any] = self.sydney["levels"][0]
        self.room: dict[str, Any] = self.level["rooms"][0]
        self.second: dict[str, Any] = self.level["rooms"][1]

    def faults(self) -> list[str]:
        return describe(self.workplace).faults


@pytest.fixture
def inventory() -> Inventory:
    return Inventory()


def only(faults: list[str]) -> str:
    assert len(faults) == 1, faults
    return faults[0]


def test_the_good_inventory_has_no_fault(inventory: Inventory) -> None:
    assert inventory.faults() == []


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (None, "workplace: is empty, not a mapping; write its keys (name, buildings, …)"),
        ([], "workplace: is a list, not a mapping; write its keys (name, buildings, …)"),
        ("Acme", "workplace: is text, not a mapping; write its keys (name, buildings, …)"),
    ],
)
def test_a_workplace_that_is_no_mapping(raw: object, fault: str) -> None:
    assert describe(raw).faults == [fault]
    assert describe(raw).flat == {}


def test_an_unknown_key_is_named_with_the_nearest_known_one(inventory: Inventory) -> None:
    inventory.room["capasity"] = 8
    assert only(inventory.faults()).startswith(f'{ROOM}.capasity: unknown key; did you mean "capacity"?')


def test_an_unknown_key_near_to_none_lists_the_known_ones(inventory: Inventory) -> None:
    inventory.level["zzz"] = 8
    expected = "unknown key; the keys here are name, display_name, code, description, map, capacity, rooms"
    assert only(inventory.faults()) == f"{LEVEL}.zzz: {expected}"


def test_a_key_that_is_no_text_is_unknown(inventory: Inventory) -> None:
    inventory.room[7] = "x"  # type: ignore[index]
    assert only(inventory.faults()).startswith(f"{ROOM}.7: unknown key")


@pytest.mark.parametrize(
    ("place", "key", "path"),
    [
        ("workplace", "name", "workplace.name"),
        ("workplace", "buildings", "workplace.buildings"),
        ("sydney", "name", f"{SYDNEY}.name"),
        ("sydney", "levels", f"{SYDNEY}.levels"),
        ("level", "name", f"{LEVEL}.name"),
        ("second", "name", f"{SECOND}.name"),
    ],
)
@pytest.mark.parametrize("how", ["left out", "null"])
def test_a_required_key_is_missed(inventory: Inventory, place: str, key: str, path: str, how: str) -> None:
    node = getattr(inventory, place)
    if how == "null":
        node[key] = None
    else:
        del node[key]
    assert only(inventory.faults()) == f"{path}: is missing; it is required"


@pytest.mark.parametrize("key", ["id", "name"])
def test_an_extra_needs_id_and_name(inventory: Inventory, key: str) -> None:
    del inventory.sydney["extras"][0][key]
    assert only(inventory.faults()) == f"{SYDNEY}.extras[0].{key}: is missing; it is required"


def test_a_key_without_value_counts_as_not_written(inventory: Inventory) -> None:
    inventory.second.update(dict.fromkeys(("email", "capacity", "features", "timezone", "bookable", "map_id")))
    assert inventory.faults() == []


def test_a_workplace_without_buildings(inventory: Inventory) -> None:
    inventory.workplace["buildings"] = []
    assert only(inventory.faults()) == "workplace.buildings: is empty; a workplace needs at least one building"


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("name", 27.1, "27.1 is a number, not text; write it in quotes, exactly as it should read"),
        ("name", False, "false is true or false, not text; write it in quotes, exactly as it should read"),
        ("name", ["a"], "is a list, not text"),
        ("name", {"a": 1}, "is a mapping, not text"),
        ("name", "", "is blank; write a text or leave the key out"),
        ("name", " \t ", "is blank; write a text or leave the key out"),
        ("name", "a\nb", '"a\\nb" has a line break or another control character; write it on one line'),
        ("map_id", 27.01, "27.01 is a number, not text; write it in quotes, exactly as it should read"),
        ("bookable", "yes", '"yes" is text; write true or false without quotes'),
        ("bookable", "perhaps", '"perhaps" is neither true nor false; write true or false'),
        ("bookable", 1, "1 is neither true nor false; write true or false"),
        ("public", "no", '"no" is text; write true or false without quotes'),
        ("features", "video_conference", "is text, not a list; write [video_conference, whiteboard]"),
        ("features", [7], "entry 0 7 is a number, not text; write it in quotes, exactly as it should read"),
        ("features", ["a b"], 'entry 0 "a b" must be one word without blanks, commas and semicolons; use - or _'),
        ("images", "https://a.example/1.jpg", "is text, not a list; write [https://host/picture.jpg]"),
        ("images", ["ftp://a/b"], 'entry 0 "ftp://a/b" is not an absolute URL; write it as https://host/path'),
        ("support_url", "/help", '"/help" is not an absolute URL; write it as https://host/path'),
        ("support_url", "help.example", '"help.example" is not an absolute URL; write it as https://host/path'),
        ("support_url", "https://", '"https://" is not an absolute URL; write it as https://host/path'),
        ("support_url", "https://[x", '"https://[x" is not an absolute URL; write it as https://host/path'),
        ("support_url", "https://a b", '"https://a b" is not an absolute URL; write it as https://host/path'),
        ("timezone", "Australia/Sidney", '"Australia/Sidney" is not a time zone; did you mean "Australia/Sydney"?'),
        ("timezone", "australia/sydney", '"australia/sydney" is not a time zone; did you mean "Australia/Sydney"?'),
        ("timezone", "Qq", '"Qq" is not a time zone; use an IANA name such as Australia/Sydney'),
        ("timezone", "../../etc/passwd", '"../../etc/passwd" is not a time zone; use an IANA name such as'),
    ],
)
def test_a_room_value_of_the_wrong_kind(inventory: Inventory, key: str, value: object, fault: str) -> None:
    inventory.second[key] = value
    assert only(inventory.faults()).startswith(f"{SECOND}.{key}: {fault}")


@pytest.mark.parametrize("value", [True, 8.5, 8.0, -1, "8.5", "eight", "-8", [8], 2**31])
def test_a_capacity_that_is_no_whole_number(inventory: Inventory, value: object) -> None:
    inventory.room["capacity"] = value
    fault = only(inventory.faults())
    assert fault.startswith(f"{ROOM}.capacity: ")
    assert "is not a whole number from 0" in fault


def test_a_capacity_in_quotes(inventory: Inventory) -> None:
    inventory.room["capacity"] = "8"
    assert only(inventory.faults()) == f'{ROOM}.capacity: "8" is text; write the number without quotes: 8'


@pytest.mark.parametrize("value", [0, 8, 2**31 - 1])
def test_a_capacity_that_is_a_whole_number(inventory: Inventory, value: int) -> None:
    inventory.room["capacity"] = value
    assert inventory.faults() == []


@pytest.mark.parametrize(
    "address",
    [
        "syd-27.01@acme", "syd", "@acme.example", "a@", "a b@acme.example", "a@b@acme.example", "a@acme..example",
        "a@-acme.example", "a@acme.example.", ".a@acme.example", "a..b@acme.example", "räume@acme.example",
        "Room <a@acme.example>", "x" * 65 + "@acme.example", "a@" + "b" * 64 + ".example", "a@" + "b." * 130 + "example",
    ],
)  # fmt: skip
def test_what_is_no_email_address(inventory: Inventory, address: str) -> None:
    inventory.room["email"] = address
    fault = only(inventory.faults())
    assert fault.startswith(f"{ROOM}.email: ")
    assert fault.endswith("is not an e-mail address; write it as room@company.example")


@pytest.mark.parametrize(
    "address", ["a@b.c", "Syd-27.01@Acme.Example", "o'neill+x_1@mail.acme.example", " a@b.example "]
)
def test_what_is_an_email_address(inventory: Inventory, address: str) -> None:
    inventory.room["email"] = address
    assert inventory.faults() == []


@pytest.mark.parametrize(
    ("place", "key", "value", "fault"),
    [
        ("workplace", "timezone", "Mars/Olympus", 'workplace.timezone: "Mars/Olympus" is not a time zone'),
        ("workplace", "buildings", {}, "workplace.buildings: is a mapping, not a list; begin each entry with a dash"),
        ("workplace", "buildings", [3], "workplace.buildings[0]: is a number, not a mapping; write its keys"),
        ("sydney", "timezone", "GMT+10:00", f'{SYDNEY}.timezone: "GMT+10:00" is not a time zone'),
        ("sydney", "location", 7, f"{SYDNEY}.location: 7 is a number, not text"),
        ("sydney", "levels", "Level 27", f"{SYDNEY}.levels: is text, not a list"),
        ("sydney", "levels", ["Level 27"], f"{SYDNEY}.levels[0]: is text, not a mapping"),
        ("sydney", "orientations", "landscape", f"{SYDNEY}.orientations: is text, neither a list nor a mapping"),
        ("level", "map", "ftp://maps/27.svg", f'{LEVEL}.map: "ftp://maps/27.svg" is not an absolute URL'),
        ("level", "capacity", "many", f'{LEVEL}.capacity: "many" is not a whole number'),
        ("level", "rooms", "27.01", f"{LEVEL}.rooms: is text, not a list"),
        ("level", "rooms", ["27.01"], f"{LEVEL}.rooms[0]: is text, not a mapping; write its keys (name, …)"),
    ],
)
def test_a_value_of_the_wrong_kind_elsewhere(
    inventory: Inventory, place: str, key: str, value: object, fault: str
) -> None:
    getattr(inventory, place)[key] = value
    assert only(inventory.faults()).startswith(fault)


def test_extras_that_are_no_list_of_mappings(inventory: Inventory) -> None:
    inventory.sydney["extras"] = ["video_conference"]
    assert only(inventory.faults()).startswith(
        f"{SYDNEY}.extras[0]: is text, not a mapping; write its keys (id, name, …)"
    )


def test_an_extra_id_of_two_words(inventory: Inventory) -> None:
    inventory.sydney["extras"].append({"id": "white board", "name": "Whiteboard"})
    assert only(inventory.faults()).startswith(f'{SYDNEY}.extras[1].id: "white board" must be one word')


def test_an_extra_id_used_twice(inventory: Inventory) -> None:
    inventory.sydney["extras"].append({"id": "video_conference", "name": "Video"})
    assert only(inventory.faults()) == (
        f'{SYDNEY}.extras[1].id: "video_conference" is there twice in this building; remove one or rename it'
    )


@pytest.mark.parametrize("rows", [{}, {"extras": None}, {"extras": []}])
def test_a_feature_that_its_building_does_not_offer(inventory: Inventory, rows: dict[str, Any]) -> None:
    inventory.perth.update(rows)
    inventory.perth["levels"][0]["rooms"][0]["features"] = ["video_conference"]
    assert only(inventory.faults()) == (
        "workplace.buildings[1].levels[0].rooms[0].features:"
        ' "video_conference" is not among workplace.buildings[1].extras; add it there or remove it here'
    )


def test_a_misspelt_feature(inventory: Inventory) -> None:
    inventory.room["features"] = ["video_conference", "video_conferance"]
    assert only(inventory.faults()) == (
        f'{ROOM}.features: "video_conferance" is not among {SYDNEY}.extras; did you mean "video_conference"?'
    )


def test_a_building_name_used_twice(inventory: Inventory) -> None:
    inventory.perth["name"] = "Sydney"
    faults = inventory.faults()
    assert faults[0] == (
        'workplace.buildings[1].name: "Sydney" would be stored as "Sydney", as workplace.buildings[0].name already is;'
        " zone names are unique in a workplace: rename one"
    )


def test_a_building_called_as_the_organisation(inventory: Inventory) -> None:
    inventory.perth["name"] = "Acme"
    fault = only(inventory.faults())
    assert fault.startswith(
        'workplace.buildings[1].name: "Acme" would be stored as "Acme", as workplace.name already is'
    )


def test_a_level_name_used_twice_in_a_building(inventory: Inventory) -> None:
    inventory.sydney["levels"].append({"name": " Level 27 "})
    assert only(inventory.faults()) == (
        f'{SYDNEY}.levels[1].name: "Level 27" would be stored as "Sydney - Level 27", as {LEVEL}.name already is;'
        " level names are unique in a building: rename one"
    )


def test_a_room_name_used_twice_in_a_building(inventory: Inventory) -> None:
    inventory.sydney["levels"].append({"name": "Level 28", "rooms": [{"name": "27.02"}]})
    assert only(inventory.faults()) == (
        f'{SYDNEY}.levels[1].rooms[0].name: "27.02" would be stored as "Sydney - 27.02", as {SECOND}.name already is;'
        " room names are unique in a building, not only on a level: put the level into one of the names and keep the"
        " short one as display_name"
    )


def test_names_that_differ_only_in_letter_case(inventory: Inventory) -> None:
    inventory.room["name"] = "Aquarium"
    inventory.second["name"] = "aquarium"
    fault = only(inventory.faults())
    assert fault.startswith(
        f'{SECOND}.name: "aquarium" would be stored as "Sydney - aquarium", which differs from "Sydney - Aquarium"'
        f" of {ROOM}.name only in letter case, and ACAEngine takes the two for one"
    )


def test_stored_names_that_meet_across_buildings(inventory: Inventory) -> None:
    inventory.perth["name"] = "Sydney - Level 27"
    assert only(inventory.faults()) == (
        'workplace.buildings[1].name: "Sydney - Level 27" would be stored as "Sydney - Level 27",'
        f" as {LEVEL}.name already is; zone names are unique in a workplace: rename one"
    )


def test_an_address_of_two_rooms_in_two_buildings_whatever_its_case(inventory: Inventory) -> None:
    inventory.perth["levels"][0]["rooms"][0]["email"] = "SYD-27.01@acme.example"
    assert only(inventory.faults()) == (
        'workplace.buildings[1].levels[0].rooms[0].email: "SYD-27.01@acme.example"'
        f" is the address of {ROOM}.email too; each room has its own mailbox"
    )


def test_a_bookable_room_without_address(inventory: Inventory) -> None:
    inventory.second["bookable"] = True
    assert only(inventory.faults()) == (
        f"{SECOND}.email: is missing; a bookable room needs the address of its mailbox, or bookable: false"
    )


def test_a_bookable_room_with_a_bad_address_has_one_fault(inventory: Inventory) -> None:
    inventory.room["email"] = 7
    assert only(inventory.faults()).startswith(f"{ROOM}.email: 7 is a number, not text")


def test_a_map_id_used_twice_on_a_level(inventory: Inventory) -> None:
    inventory.second["map_id"] = "27.01"
    assert only(inventory.faults()) == (
        f'{SECOND}.map_id: "27.01" is used on this level by {ROOM}.map_id too; each room has its own place on the map'
    )


def test_a_map_id_may_occur_on_two_levels(inventory: Inventory) -> None:
    inventory.sydney["levels"].append(
        {"name": "Level 28", "map": "28.svg", "rooms": [{"name": "28.01", "map_id": "27.01"}]}
    )
    assert inventory.faults() == []


def test_a_level_without_map_whose_rooms_have_map_ids(inventory: Inventory) -> None:
    del inventory.level["map"]
    inventory.second["map_id"] = "27.02"
    assert only(inventory.faults()) == (
        f"{LEVEL}.map: is missing, but 2 of the level's rooms have a map_id (first: {ROOM}.map_id);"
        " give the level its map"
    )


def test_without_a_time_zone_database_only_the_form_is_checked(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezones, "known", frozenset)
    timezones.problem.cache_clear()
    try:
        inventory.sydney["timezone"] = "Mars/Olympus"
        assert inventory.faults() == []
        assert describe(inventory.workplace).notes == [timezones.NO_DATABASE]
        inventory.sydney["timezone"] = "GMT 10"
        assert only(inventory.faults()) == f'{SYDNEY}.timezone: "GMT 10" is not a time zone; write it as Region/City'
    finally:
        timezones.problem.cache_clear()


def test_twelve_different_faults_are_reported_at_once(inventory: Inventory) -> None:
    inventory.workplace["buidlings"] = []
    inventory.workplace["timezone"] = "Sydney"
    inventory.sydney["location"] = 1
    inventory.sydney["extras"].append({"id": "video_conference", "name": "Again"})
    inventory.room["capacity"] = "eight"
    inventory.room["email"] = "syd-27.01@acme"
    inventory.second["bookable"] = True
    inventory.second["map_id"] = "27.01"
    inventory.perth["name"] = "SYDNEY"
    inventory.perth["levels"][0]["name"] = "  "
    inventory.perth["levels"][0]["rooms"][0].update(map_id="x", features=["fountain"])
    del inventory.perth["levels"][0]["rooms"][0]["name"]
    paths = [fault.split(": ")[0] for fault in inventory.faults()]
    perth = "workplace.buildings[1]"
    assert sorted(paths) == sorted(
        [
            "workplace.buidlings",
            "workplace.timezone",
            f"{SYDNEY}.location",
            f"{SYDNEY}.extras[1].id",
            f"{ROOM}.capacity",
            f"{ROOM}.email",
            f"{SECOND}.email",
            f"{SECOND}.map_id",
            f"{perth}.name",
            f"{perth}.levels[0].name",
            f"{perth}.levels[0].rooms[0].name",
            f"{perth}.levels[0].rooms[0].features",
            f"{perth}.levels[0].map",
        ]
    )
