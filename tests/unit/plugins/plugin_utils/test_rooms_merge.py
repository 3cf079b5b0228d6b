# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant's rooms merged into an inventory: what stands there stays, gaps are filled, the rest is reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.plugin_utils._rooms.known import ImportFault
from ansible_collections.placeos.office365.tests.unit.plugins.plugin_utils.rooms_client import (
    SMALL,
    WORKPLACE,
    Client,
    room,
)

FIRST, SECOND = "syd-1.01@acme.example", "syd-1.02@acme.example"
NEW = "syd-1.03@acme.example"


@pytest.fixture
def client(tmp_path: Path) -> Client:
    made = Client(tmp_path)
    made.write(SMALL)
    return made


def names(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["room"] for entry in entries]


def test_a_room_is_found_by_its_address_whatever_the_letter_case(client: Client) -> None:
    result = client.take(room("Syd-1.01@ACME.example", capacity=8), room(SECOND))
    assert (result["added"], result["vanished"]) == ([], [])
    assert result["filled"] == [{"room": "Sydney - 1.01", "email": FIRST, "field": "capacity", "value": 8}]


def test_a_gap_is_filled_and_every_other_character_stays(client: Client) -> None:
    client.take(room(FIRST, capacity=8), room(SECOND, label="By the window"))
    assert client.read() == SMALL.replace(
        "email: SYD-1.01@acme.example # old spelling\n",
        "email: SYD-1.01@acme.example # old spelling\n              capacity: 8\n",
    ).replace("capacity: 4}", "capacity: 4, description: By the window}")


def test_a_value_that_differs_is_reported_and_stays(client: Client) -> None:
    result = client.take(room(FIRST), room(SECOND, capacity=6))
    assert client.read() == SMALL
    told = {"room": "Sydney - 1.02", "email": SECOND, "field": "capacity", "inventory": 4, "microsoft": 6}
    assert told in result["different"]


def test_a_value_is_replaced_where_its_field_is_named(client: Client) -> None:
    result = client.take(room(FIRST), room(SECOND, capacity=6), overwrite=["capacity"])
    assert client.read() == SMALL.replace("capacity: 4", "capacity: 6")
    assert names(result["overwritten"]) == ["Sydney - 1.02"]


def test_only_some_fields_can_be_replaced(client: Client) -> None:
    with pytest.raises(ImportFault, match="name cannot be overwritten, only capacity, description, display_name"):
        client.plan(overwrite=["name"])


def test_a_new_room_stands_below_its_level_in_the_style_of_its_neighbour(client: Client) -> None:
    client.take(room(FIRST), room(SECOND), room(NEW, display_name="Coogee", capacity=6))
    assert client.added_lines(SMALL) == (f"            - {{name: Coogee, email: {NEW}, capacity: 6, bookable: true}}")


def test_a_room_that_the_tenant_does_not_list_is_reported_and_stays(client: Client) -> None:
    result = client.take(room(FIRST))
    assert names(result["vanished"]) == ["Sydney - 1.02"]
    assert client.read() == SMALL


def test_a_second_import_changes_nothing(client: Client) -> None:
    elsewhere = [room("x@acme.example", building=None), room("y@acme.example", building="Perth")]
    rooms = [room(FIRST, capacity=8), room(NEW), *elsewhere]
    assert client.take(*rooms)["changed"]
    again = client.plan(*rooms)
    assert not again["changed"]
    assert (again["added"], again["filled"], again["moved"]) == ([], [], [])


def test_rooms_teach_what_the_inventory_calls_their_building_and_floor(client: Client) -> None:
    """The tenant's SYD/B1 is our Sydney/Level 1, since the rooms we know stand there."""
    where = {"building": "SYD", "floor_label": "B1"}
    client.take(room(FIRST, **where), room(SECOND, **where), room(NEW, **where))
    assert client.rooms()[NEW]["level"] == "Level 1"
    assert len(client.workplace()["buildings"]) == 1


def test_rooms_that_disagree_teach_nothing(client: Client) -> None:
    perth = "    - {name: Perth, timezone: Australia/Perth, levels: [{name: L}]}\n"
    client.write(SMALL.replace("other: 1", "") + perth)
    client.take(room("per@acme.example", building="Perth", floor_label="L"))
    result = client.take(
        room(FIRST, building="HQ"), room("per@acme.example", building="HQ"), room(NEW, building="HQ", floor_number=2)
    )
    assert client.rooms()[NEW]["building"] == "HQ"
    # Neither of the two known rooms is moved.
    assert {entry["inventory"] for entry in result["different"] if entry["field"] == "building"} == {"Sydney", "Perth"}


@pytest.mark.parametrize(
    "floor", [{"floor_label": "1"}, {"floor_label": "LEVEL 1"}, {"floor_label": "x", "floor_number": 1}]
)
def test_a_floor_is_found_by_its_name_or_number(client: Client, floor: dict[str, Any]) -> None:
    client.take(room(NEW, **{"floor_number": None, **floor}))
    assert client.rooms()[NEW]["level"] == "Level 1"


def test_a_room_that_the_tenant_has_elsewhere_is_reported_and_not_moved(client: Client) -> None:
    rooms = [room(FIRST, building="Perth"), room(SECOND), room("per@acme.example", building="Perth")]
    client.take(*rooms)
    assert (client.rooms()[FIRST]["building"], client.rooms()["per@acme.example"]["building"]) == ("Sydney", "Perth")
    told = {"room": "Sydney - 1.01", "email": FIRST, "field": "building", "inventory": "Sydney", "microsoft": "Perth"}
    assert told in client.plan(*rooms)["different"]


def test_two_buildings_of_the_tenant_may_be_one_of_the_inventory(client: Client) -> None:
    known = [room(FIRST, building="SYD-A"), room(SECOND, building="SYD-B")]
    client.take(*known, room(NEW, building="SYD-A", floor_number=3))
    assert (client.rooms()[NEW]["building"], client.rooms()[NEW]["level"]) == ("Sydney", "Level 3")


def test_a_room_on_another_level_than_the_tenant_says_teaches_nothing_about_that_level(client: Client) -> None:
    client.write(SMALL.replace("other: 1", "") + "        - {name: Level 2}\n")
    rooms = [room(FIRST), room(SECOND, floor_number=2), room(NEW, floor_number=2)]
    result = client.take(*rooms)
    assert client.rooms()[NEW]["level"] == "Level 2"
    assert [entry["room"] for entry in result["different"] if entry["field"] == "level"] == ["Sydney - 1.02"]


def test_rooms_without_a_place_are_unassigned_and_told_one_by_one(client: Client) -> None:
    result = client.take(room(NEW, floor_number=None), room("x@acme.example", building=None, floor_number=None))
    found = client.rooms()
    assert (found[NEW]["building"], found[NEW]["level"]) == ("Sydney", "Unassigned")
    assert (found["x@acme.example"]["building"], found["x@acme.example"]["level"]) == ("Unassigned", "Unassigned")
    assert {entry["email"]: entry["missing"] for entry in result["incomplete"]} == {
        NEW: ["floor", "capacity"],
        "x@acme.example": ["building", "floor", "capacity"],
    }


def test_an_unassigned_room_moves_with_all_that_was_written_by_hand_once_its_place_is_known(client: Client) -> None:
    email = "x@acme.example"
    client.take(room(email, building=None, floor_number=None), timezones={"Unassigned": "Australia/Sydney"})
    note = f"email: {email}\n              # beamer broken\n              features: [tv]\n"
    client.write(client.read().replace(f"email: {email}\n", note))
    result = client.take(room(email, building="Sydney", floor_number=1, capacity=3))
    assert result["moved"] == [{"room": "Sydney - X", "email": email, "before": "Unassigned - X", "level": "Level 1"}]
    moved = client.rooms()[email]
    assert (moved["level"], moved["features"], moved["capacity"]) == ("Level 1", ["tv"], 3)
    assert "# beamer broken" in client.read()
    assert not client.plan(room(email, building="Sydney", floor_number=1, capacity=3))["changed"]


def test_a_room_moves_to_a_level_that_is_made_for_it(client: Client) -> None:
    email = "x@acme.example"
    client.take(room(email, floor_number=None))
    client.write(
        client.read().replace(
            f"email: {email}", f"email: {email} # kept\n              features:\n                - tv"
        )
    )
    client.take(room(email, floor_number=2))
    assert f"email: {email} # kept\n              features:\n                - tv" in client.read()
    assert (client.rooms()[email]["level"], client.rooms()[email]["features"]) == ("Level 2", ["tv"])


def test_a_room_that_cannot_be_cut_out_of_its_line_is_reported_and_stays(client: Client) -> None:
    client.write(
        "workplace: {name: Acme, buildings: [{name: Sydney, timezone: Australia/Sydney, levels:"
        " [{name: Unassigned, rooms: [{name: X, email: x@acme.example}]}]}]}\n"
    )
    result = client.take(room("x@acme.example", display_name="X"))
    assert client.rooms()["x@acme.example"]["level"] == "Unassigned"
    assert [(entry["field"], entry["microsoft"]) for entry in result["different"]] == [("level", "Level 1")]


def test_rooms_of_one_name_get_their_level_into_it(client: Client) -> None:
    client.take(
        room("f1@acme.example", display_name="Focus"),
        room("f2@acme.example", display_name="Focus", floor_number=2),
        room("f3@acme.example", display_name="Focus", floor_number=2),
    )
    made = [entry for entry in client.rooms().values() if entry["email"].startswith("f")]
    assert [(entry["name"], entry["display_name"]) for entry in made] == [
        ("Level 1 Focus", "Focus"),
        ("Level 2 Focus", "Focus"),
        ("Focus (f3)", "Focus"),
    ]
    assert client.plan()["faults"] == []


def test_a_name_that_is_taken_by_hand_is_not_taken_again(client: Client) -> None:
    client.take(room(FIRST), room(NEW, display_name="1.01"))
    assert client.rooms()[NEW]["name"] == "Level 1 1.01"


def test_a_room_without_address_gets_that_of_the_tenants_room_of_its_name(client: Client) -> None:
    client.write(SMALL.replace("              email: SYD-1.01@acme.example # old spelling\n", ""))
    result = client.take(room(FIRST, display_name="bondi"), room(SECOND))
    assert result["added"] == []
    assert client.rooms()[FIRST]["name"] == "1.01"


def test_two_rooms_of_one_name_are_not_mistaken_for_one_without_address(client: Client) -> None:
    client.write(SMALL.replace("              email: SYD-1.01@acme.example # old spelling\n", ""))
    result = client.take(room("a@acme.example", display_name="Bondi"), room("b@acme.example", display_name="Bondi"))
    assert len(result["added"]) == 2


def test_a_building_of_the_organisations_name_gets_another_one(client: Client) -> None:
    client.take(room(NEW, building="Acme"), timezones={"acme": "Australia/Perth"})
    made = client.workplace()["buildings"][1]
    assert (made["name"], made["display_name"], made["timezone"]) == ("Acme Building", "Acme", "Australia/Perth")
    client.take(room("more@acme.example", building="ACME"))
    assert client.rooms()["more@acme.example"]["building"] == "Acme Building"


def test_a_new_building_waits_for_its_time_zone(client: Client) -> None:
    result = client.take(room(NEW, building="Perth"))
    assert result["faults"] == [
        'workplace.buildings[1].timezone: "fill in" is not a time zone; use an IANA name such as Australia/Sydney'
    ]
    client.write(client.read().replace("fill in", "Australia/Perth"))
    assert client.plan(room(NEW, building="Perth"))["faults"] == []


def test_a_building_that_waits_for_its_time_zone_gets_it_from_a_later_import(client: Client) -> None:
    client.take(room(NEW, building="Perth"))
    before = client.read()
    zones = {"Perth": "Australia/Perth", "Sydney": "Europe/Vienna"}
    result = client.take(room(NEW, building="Perth"), room(FIRST), room(SECOND), timezones=zones)
    assert [(entry["room"], entry["value"]) for entry in result["filled"]] == [("Perth", "Australia/Perth")]
    assert (result["faults"], client.read()) == ([], before.replace("fill in", "Australia/Perth"))
    assert client.plan(room(NEW, building="Perth"), timezones=zones)["changed"] is False


def test_the_workplaces_time_zone_serves_a_new_building(client: Client) -> None:
    client.write(SMALL.replace("  name: Acme\n", "  name: Acme\n  timezone: Australia/Sydney\n"))
    assert client.take(room(NEW, building="Perth"))["faults"] == []
    assert "timezone" not in client.workplace()["buildings"][1]


def test_a_room_that_cannot_be_reserved_is_not_bookable(client: Client) -> None:
    result = client.take(room(FIRST, booking_type="Reserved"), room(NEW, booking_type="reserved"))
    assert client.rooms()[NEW]["bookable"] is False
    assert client.rooms()[FIRST]["bookable"] is True
    assert names([entry for entry in result["different"] if entry["field"] == "bookable"]) == ["Sydney - 1.01"]


def test_new_rooms_are_not_bookable_where_the_user_says_so(client: Client) -> None:
    client.take(room(NEW), bookable=False)
    assert client.rooms()[NEW]["bookable"] is False


def test_rooms_without_a_usable_address_are_left_out_by_name(client: Client) -> None:
    result = client.take(room(None, display_name="Lobby"), room("not an address", display_name="Roof"))
    advice = '"not an address" is not an e-mail address; write it as room@company.example'
    assert result["left_out"] == [
        {"room": "Lobby", "reason": "it has no e-mail address"},
        {"room": "Roof", "reason": f"its e-mail address {advice}"},
    ]
    assert not result["changed"]


def test_only_the_named_buildings_are_imported_and_other_rooms_do_not_count_as_vanished(client: Client) -> None:
    rooms = [room(FIRST), room(SECOND), room("per@acme.example", building="Perth")]
    result = client.take(*rooms, buildings=["perth"])
    assert names(result["added"]) == ["Perth - PER"]
    assert result["vanished"] == []


def test_excluded_rooms_are_not_added_and_do_not_count_as_vanished(client: Client) -> None:
    result = client.take(room(FIRST), room(SECOND), room("board-1@acme.example"), exclude=["Board-*", SECOND])
    assert (result["added"], result["vanished"]) == ([], [])


def test_a_room_list_can_stand_for_the_building(client: Client) -> None:
    client.take(room(NEW, building=None, room_lists=["Sydney"]), lists_as_buildings=True)
    assert client.rooms()[NEW]["building"] == "Sydney"
    two = room("b@acme.example", building=None, room_lists=["Sydney", "Large rooms"])
    client.take(two, lists_as_buildings=True)
    assert client.rooms()["b@acme.example"]["building"] == "Unassigned"


def test_what_the_tenant_says_is_never_evaluated_as_a_template(client: Client) -> None:
    evil = "{{ lookup('pipe', 'id') }}"
    client.take(room(NEW, display_name=evil, label=f"x {evil}", building=evil, floor_label=evil))
    assert client.read().count("!unsafe ") == 4
    assert client.rooms()[NEW]["building"] == evil


def test_a_text_of_several_lines_becomes_one(client: Client) -> None:
    client.take(room(NEW, display_name=" The\n\tlong\x85room ", label="a\u2028b"))
    assert (client.rooms()[NEW]["name"], client.rooms()[NEW]["description"]) == ("The long room", "a b")


def test_a_mailbox_that_cannot_be_read_is_reported(client: Client) -> None:
    states = {FIRST: "denied_by_policy", SECOND: "readable"}
    result = client.take(*(room(email, mailbox={"state": state}) for email, state in states.items()))
    assert result["unreadable"] == [{"room": "Sydney - 1.01", "email": FIRST, "mailbox": "denied_by_policy"}]


@pytest.mark.parametrize("capacity", [0, -1, "many", 2**31, True, 4.5])
def test_a_capacity_that_says_nothing_is_none(client: Client, capacity: Any) -> None:
    client.take(room(NEW, capacity=capacity))
    assert "capacity" not in client.rooms()[NEW]


def test_a_first_workplace_is_begun_in_the_order_of_buildings_floors_and_names(tmp_path: Path) -> None:
    client = Client(tmp_path)
    result = client.take(
        room("c@acme.example", display_name="Room 10", capacity="50"),
        room("b@acme.example", display_name="Room 2"),
        room("a@acme.example", building="Perth", floor_label="Ground", floor_number=0),
        room("d@acme.example", floor_number=-1),
        timezones={"Sydney": "Australia/Sydney", "Perth": "Australia/Perth"},
    )
    assert result["faults"] == []
    assert client.read().startswith("---\n# The workplace")
    assert [(entry["building"], entry["level"], entry["name"]) for entry in client.rooms().values()] == [
        ("Perth", "Ground", "A"),
        ("Sydney", "Level -1", "D"),
        ("Sydney", "Level 1", "Room 2"),
        ("Sydney", "Level 1", "Room 10"),
    ]
    assert client.rooms()["c@acme.example"]["capacity"] == 50


def test_a_tenant_without_rooms_begins_nothing(tmp_path: Path) -> None:
    result = Client(tmp_path).plan()
    assert (result["changed"], result["faults"]) == (False, [])


def test_a_workplace_that_stands_in_another_file_is_not_begun_a_second_time(tmp_path: Path) -> None:
    client = Client(tmp_path)
    with pytest.raises(
        ImportFault, match=r"has a workplace already, but not in .*name its file with import_rooms_file"
    ):
        client.plan(room(NEW), workplace={"name": "Acme"})
    result = client.plan(room(NEW), workplace={"name": "Acme"}, separate=True)
    assert result["changed"]
    assert result["summary"][1].startswith("The inventory has its workplace in another file")


def test_templates_of_the_inventory_stay_templates_and_are_understood(client: Client) -> None:
    text = SMALL.replace("SYD-1.01@acme.example", '"syd-1.01@{{ company }}"')
    client.write(text)
    evaluated = client.workplace()
    evaluated["buildings"][0]["levels"][0]["rooms"][0]["email"] = FIRST
    result = client.take(room(FIRST, capacity=3), room(SECOND), workplace=evaluated)
    assert (result["added"], result["faults"]) == ([], [])
    assert client.added_lines(text) == "              capacity: 3"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$ANSIBLE_VAULT;1.1;AES256\n3132\n", "encrypted with ansible-vault"),
        ("workplace: [\n", "is not YAML that can be read"),
        ("a: \x07\n", "is not YAML that can be read"),
        ("- a\n", "holds no variables"),
        ('workplace: "{{ all_of_it }}"\n', "workplace is not written as a mapping"),
        ('workplace: {name: A, buildings: "{{ b }}"}\n', r"workplace\.buildings is not written as a list"),
        ("workplace: {name: A, buildings: [x]}\n", r"workplace\.buildings\[0\] is not written as a mapping"),
    ],
)
def test_what_cannot_be_merged_into_is_refused_in_words(client: Client, text: str, words: str) -> None:
    client.write(text)
    with pytest.raises(ImportFault, match=words):
        client.plan(room(NEW))
    assert client.read() == text


def test_the_summary_counts_all_and_shows_ten(client: Client) -> None:
    result = client.plan(*(room(f"r{number}@acme.example", building=None) for number in range(12)))
    summary = result["summary"]
    assert summary[0] == f"Rooms from Microsoft 365: 12; to be written: {client.folder / WORKPLACE}"
    assert summary[1] == "Rooms added: 12"
    assert summary[12] == "  and 2 more"
    assert "Rooms in the inventory, but not listed by Microsoft 365; left as they are: 2" in summary
