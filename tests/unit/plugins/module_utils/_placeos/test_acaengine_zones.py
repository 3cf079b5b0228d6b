# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests of zones on ACAEngine, whose places stand in the settings of the zone above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.modules.placeos_zone import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_acaengine import (
    ZONES,
    ciphertext,
    expect_all,
    zone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import FakePlaceOS, Ran

    Play = Callable[..., Ran]

L1_ENTRY = {"level_id": "zone-l1", "level_name": "Level 1", "map_url": "l1.svg"}
B_ENTRY = {"zone_id": "zone-b", "name": "North", "orientations": {"map": 90}}
ORG = zone("zone-o", "Acme", tags="org")
BUILDING = zone("zone-b", "Acme North", tags="building")
LEVEL = zone("zone-l1", "Acme North Level 1", tags="level")
EXTRAS = [{"extra_id": "vc", "extra_name": "Video Conference"}]
LISTED_ORG = {**ORG, "settings": {"discovery_info": {"buildings": [B_ENTRY]}}}
LISTED_BUILDING = {**BUILDING, "settings": {"discovery_info": {"extras": EXTRAS, "levels": [L1_ENTRY]}}}
WANTED: list[dict[str, Any]] = [
    {"name": "Acme", "tags": ["org"]},
    {
        "name": "Acme North", "display_name": "North", "tags": ["building"], "parent": "Acme",
        "orientations": {"map": 90}, "extras": [{"id": "vc", "name": "Video Conference"}],
    },
    {
        "name": "Acme North Level 1", "display_name": "Level 1", "tags": ["level"], "parent": "Acme North",
        "map_id": "l1.svg",
    },
]  # fmt: skip
NORTH_ONLY = {"name": "Acme North", "tags": ["building"]}


def stored(raw: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """A zone with these settings."""
    return {**raw, "settings": settings}


def expect_rewritten(
    server: FakePlaceOS, before: dict[str, Any], info: Any, *, other: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Expect that a zone is read, and its settings written with another document."""
    after = {**before, "settings": {**(other or {}), "discovery_info": info}}
    server.expect("GET", f"{ZONES}/{before['id']}", before)
    server.expect("PUT", f"{ZONES}/{before['id']}", after, body={"settings": after["settings"]})
    return after


# -- creating --------------------------------------------------------------------------------------------------------


def test_a_tree_is_created_in_two_passes_with_one_write_per_document(server: FakePlaceOS, play_aca: Play) -> None:
    second = zone("zone-l2", "Acme North Level 2", tags="level")
    building = stored(BUILDING, discovery_info={"extras": EXTRAS})
    expect_all(server, ZONES)
    server.expect("POST", ZONES, ORG, body={"name": "Acme", "tags": "org"})
    server.expect(
        "POST", ZONES, building,
        body={"name": "Acme North", "tags": "building", "settings": {"discovery_info": {"extras": EXTRAS}}},
    )  # fmt: skip
    server.expect("POST", ZONES, LEVEL, body={"name": "Acme North Level 1", "tags": "level"})
    server.expect("POST", ZONES, second, body={"name": "Acme North Level 2", "tags": "level"})
    listed_org = expect_rewritten(server, ORG, {"buildings": [B_ENTRY]})
    levels = [L1_ENTRY, {"level_id": "zone-l2", "level_name": "Level 2"}]
    listed_building = expect_rewritten(server, building, {"extras": EXTRAS, "levels": levels})
    expect_all(server, ZONES, listed_org, listed_building, LEVEL, second)
    another = {
        "name": "Acme North Level 2", "display_name": "Level 2", "tags": ["level"], "parent": "Acme North"
    }  # fmt: skip
    ran = play_aca(main, zones=[*WANTED, another]).no_warnings()
    assert ran.changes == {"created": ["Acme", "Acme North", "Acme North Level 1", "Acme North Level 2"]}
    assert [entry.get("parent") for entry in ran.result["zones"]] == [None, "zone-o", "zone-b", "zone-b"]
    assert "unsupported" not in ran.result


def test_an_unchanged_tree_costs_one_list_read(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES, LEVEL, LISTED_BUILDING, LISTED_ORG)
    ran = play_aca(main, zones=WANTED).no_warnings()
    assert ran.result["changed"] is False
    assert len(server.sent) == 1


def test_check_mode_shows_the_tree_and_writes_nothing(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES)
    ran = play_aca(main, zones=WANTED, check=True).no_warnings()
    assert ran.changes == {"created": [item["name"] for item in WANTED]}
    assert ran.diff[2][2]["parent"] == "Acme North (id known after creation)"


def test_a_zone_that_an_interrupted_run_left_unlisted_is_listed(server: FakePlaceOS, play_aca: Play) -> None:
    building = stored(BUILDING, discovery_info={"extras": EXTRAS})
    expect_all(server, ZONES, LISTED_ORG, building, LEVEL)
    after = expect_rewritten(server, building, {"extras": EXTRAS, "levels": [L1_ENTRY]})
    expect_all(server, ZONES, LISTED_ORG, after, LEVEL)
    ran = play_aca(main, zones=WANTED).no_warnings()
    assert ran.changes == {"updated": ["Acme North Level 1"], "unchanged": ["Acme", "Acme North"]}


@pytest.mark.parametrize("dangling", ["zone-gone", "", None])
def test_an_entry_made_by_hand_is_taken_over_by_its_name(
    server: FakePlaceOS, play_aca: Play, dangling: str | None
) -> None:
    by_hand = {"level_id": dangling, "level_name": "Level 1", "map_url": "old.svg", "floor_code": 7}
    building = stored(BUILDING, discovery_info={"extras": EXTRAS, "levels": [by_hand]})
    expect_all(server, ZONES, LISTED_ORG, building, LEVEL)
    after = expect_rewritten(server, building, {"extras": EXTRAS, "levels": [{**L1_ENTRY, "floor_code": 7}]})
    expect_all(server, ZONES, LISTED_ORG, after, LEVEL)
    play_aca(main, zones=WANTED).no_warnings()


def test_foreign_settings_keys_and_ciphertexts_of_the_document_s_zone_survive(
    server: FakePlaceOS, play_aca: Play
) -> None:
    other = {"sign_key": ciphertext("x"), "theme": {"colour": "red"}}
    building = stored(BUILDING, **other, discovery_info={"extras": EXTRAS, "links": ["a"]})
    expect_all(server, ZONES, LISTED_ORG, building, LEVEL)
    info = {"extras": EXTRAS, "links": ["a"], "levels": [L1_ENTRY]}
    after = expect_rewritten(server, building, info, other=other)
    expect_all(server, ZONES, LISTED_ORG, after, LEVEL)
    ran = play_aca(main, zones=WANTED).no_warnings()
    assert "5d1f" not in ran.printed


# -- changing --------------------------------------------------------------------------------------------------------


def test_a_field_of_the_zone_itself_is_sent_alone(server: FakePlaceOS, play_aca: Play) -> None:
    after = {**BUILDING, "description": "the <b>north</b>"}
    expect_all(server, ZONES, BUILDING)
    server.expect("PUT", f"{ZONES}/zone-b", after, body={"description": "the <b>north</b>"})
    expect_all(server, ZONES, after)
    ran = play_aca(main, **NORTH_ONLY, description="the <b>north</b>").no_warnings()
    assert ran.changes == {"updated": ["Acme North"]}


def test_a_field_in_the_place_is_written_to_the_zone_above_only(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES, LISTED_ORG, LISTED_BUILDING, LEVEL)
    after = expect_rewritten(server, LISTED_ORG, {"buildings": [{**B_ENTRY, "orientations": {"map": 0}}]})
    expect_all(server, ZONES, after, LISTED_BUILDING, LEVEL)
    ran = play_aca(main, **NORTH_ONLY, orientations={"map": 0}).no_warnings()
    assert ran.diff == [("zone Acme North", {"orientations": {"map": 90}}, {"orientations": {"map": 0}})]


def test_new_features_join_those_that_are_there(server: FakePlaceOS, play_aca: Play) -> None:
    """What another hand changed in the document since the list was read stays."""
    expect_all(server, ZONES, LISTED_BUILDING)
    meanwhile = stored(BUILDING, theme="dark", discovery_info={"extras": EXTRAS, "levels": [], "links": ["new"]})
    info = {
        "extras": [*EXTRAS, {"extra_id": "wb", "extra_name": "Whiteboard"}], "levels": [], "links": ["new"]
    }  # fmt: skip
    after = expect_rewritten(server, meanwhile, info, other={"theme": "dark"})
    expect_all(server, ZONES, after)
    ran = play_aca(main, **NORTH_ONLY, extras=[{"id": "wb", "name": "Whiteboard"}]).no_warnings()
    assert ran.changes == {"updated": ["Acme North"]}


def test_a_zone_in_another_letter_case_is_renamed_and_its_children_follow(server: FakePlaceOS, play_aca: Play) -> None:
    """Names are unique whatever their letter case, so the zone is found, and so is the parent of its children."""
    building = stored(BUILDING, discovery_info={"extras": EXTRAS})
    expect_all(server, ZONES, LISTED_ORG, {**building, "name": "ACME NORTH"}, LEVEL)
    server.expect("PUT", f"{ZONES}/zone-b", building, body={"name": "Acme North"})
    after = expect_rewritten(server, building, {"extras": EXTRAS, "levels": [L1_ENTRY]})
    expect_all(server, ZONES, LISTED_ORG, after, LEVEL)
    ran = play_aca(main, zones=WANTED).no_warnings()
    assert ran.changes == {"updated": ["Acme North", "Acme North Level 1"], "unchanged": ["Acme"]}


def test_a_zone_moves_to_another_parent_with_all_that_its_entry_holds(server: FakePlaceOS, play_aca: Play) -> None:
    entry = {**L1_ENTRY, "floor_code": 7}
    north = stored(BUILDING, discovery_info={"levels": [entry], "extras": EXTRAS})
    south = zone("zone-s", "Acme South", tags="building")
    expect_all(server, ZONES, north, south, LEVEL)
    after_south = expect_rewritten(server, south, {"levels": [entry]})
    after_north = expect_rewritten(server, north, {"levels": [], "extras": EXTRAS})
    expect_all(server, ZONES, after_north, after_south, LEVEL)
    ran = play_aca(main, name="Acme North Level 1", tags=["level"], parent="Acme South").no_warnings()
    assert ran.diff == [("zone Acme North Level 1", {"parent": "Acme North"}, {"parent": "Acme South"})]


def test_a_zone_leaves_its_place_for_none(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES, LISTED_BUILDING, LEVEL)
    after = expect_rewritten(server, LISTED_BUILDING, {"extras": EXTRAS, "levels": []})
    expect_all(server, ZONES, after, LEVEL)
    ran = play_aca(main, name="Acme North Level 1", parent="").no_warnings()
    assert ran.changes == {"updated": ["Acme North Level 1"]}
    expect_all(server, ZONES, after, LEVEL)
    assert play_aca(main, name="Acme North Level 1", parent="").result["changed"] is False


def test_an_entry_that_a_lagging_list_still_shows_is_looked_at_strongly(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES, LISTED_ORG, LISTED_BUILDING, LEVEL)
    after = expect_rewritten(server, LISTED_ORG, {"buildings": [{**B_ENTRY, "name": "Nord"}]})
    expect_all(server, ZONES, LISTED_ORG, LISTED_BUILDING, LEVEL)
    server.expect("GET", f"{ZONES}/zone-b", LISTED_BUILDING)
    server.expect("GET", f"{ZONES}/zone-o", after)
    ran = play_aca(main, **NORTH_ONLY, display_name="Nord").no_warnings()
    assert ran.changes == {"updated": ["Acme North"]}
    assert ran.result["zones"][0]["display_name"] == "Nord"


# -- deleting --------------------------------------------------------------------------------------------------------


def test_a_zone_that_goes_leaves_the_document_above_it(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES, LISTED_ORG, LISTED_BUILDING, LEVEL)
    server.expect("DELETE", f"{ZONES}/zone-l1")
    expect_rewritten(server, LISTED_BUILDING, {"extras": EXTRAS, "levels": []})
    ran = play_aca(main, name="Acme North Level 1", state="absent").no_warnings()
    assert ran.changes == {"deleted": ["Acme North Level 1"]}


def test_a_zone_that_somebody_else_deleted_is_still_taken_from_the_document(
    server: FakePlaceOS, play_aca: Play
) -> None:
    expect_all(server, ZONES, LISTED_BUILDING, LEVEL)
    server.expect("DELETE", f"{ZONES}/zone-l1", status=404)
    expect_rewritten(server, LISTED_BUILDING, {"extras": EXTRAS, "levels": []})
    assert play_aca(main, name="Acme North Level 1", state="absent").changes == {"deleted": ["Acme North Level 1"]}


def test_after_a_lost_answer_to_a_deletion_the_document_is_put_right(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float]
) -> None:
    expect_all(server, ZONES, LISTED_BUILDING, LEVEL)
    server.expect("DELETE", f"{ZONES}/zone-l1", status=502)
    server.expect("GET", f"{ZONES}/zone-l1", status=404)
    expect_rewritten(server, LISTED_BUILDING, {"extras": EXTRAS, "levels": []})
    assert play_aca(main, name="Acme North Level 1", state="absent").changes == {"deleted": ["Acme North Level 1"]}


def test_the_zones_below_one_that_is_to_go_are_named(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES, LISTED_ORG, LISTED_BUILDING, LEVEL)
    ran = play_aca(main, name="Acme North", state="absent")
    assert ran.result["failed"] is True
    assert (
        "1 zones stand below it and would be left without a place: zone Acme North Level 1; set force"
        in ran.result["msg"]
    )


def test_a_purge_follows_the_places(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES, LISTED_ORG, LISTED_BUILDING, LEVEL, zone("zone-x", "Other", tags="level"))
    server.expect("DELETE", f"{ZONES}/zone-l1")
    after = expect_rewritten(server, LISTED_BUILDING, {"extras": EXTRAS, "levels": []})
    server.expect("DELETE", f"{ZONES}/zone-b")
    expect_rewritten(server, LISTED_ORG, {"buildings": []})
    ran = play_aca(main, zones=WANTED[:1], purge=True, purge_scope={"zone": "Acme"}, purge_max_share=1)
    assert ran.changes == {"deleted": ["Acme North Level 1", "Acme North"], "unchanged": ["Acme"]}
    assert after["settings"]["discovery_info"]["levels"] == []


# -- faults ----------------------------------------------------------------------------------------------------------


def test_a_document_that_can_not_be_written_fails_the_zones_in_it_not_the_others(
    server: FakePlaceOS, play_aca: Play
) -> None:
    south = zone("zone-s", "Acme South", tags="building")
    expect_all(server, ZONES, ORG, BUILDING)
    server.expect("POST", ZONES, south, body={"name": "Acme South", "tags": "building"})
    server.expect("POST", ZONES, LEVEL, body={"name": "Acme North Level 1", "tags": "level"})
    server.expect("GET", f"{ZONES}/zone-o", ORG)
    entry = {"zone_id": "zone-s", "name": "Acme South"}
    server.expect("PUT", f"{ZONES}/zone-o", status=403, body={"settings": {"discovery_info": {"buildings": [entry]}}})
    after = expect_rewritten(
        server, BUILDING, {"levels": [{"level_id": "zone-l1", "level_name": "Acme North Level 1"}]}
    )
    expect_all(server, ZONES, ORG, after, south, LEVEL)
    ran = play_aca(
        main,
        zones=[
            {"name": "Acme South", "tags": ["building"], "parent": "Acme"},
            {"name": "Acme North Level 1", "tags": ["level"], "parent": "Acme North"},
        ],
    )
    assert ran.result["failed"] is True
    assert [error["name"] for error in ran.result["errors"]] == ["Acme South"]
    assert ran.result["errors"][0]["url"].endswith(f"{ZONES}/zone-o")
    assert ran.changes == {"created": ["Acme North Level 1"]}


def test_a_name_that_another_run_has_just_taken_is_found_behind_the_lagging_list(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float]
) -> None:
    expect_all(server, ZONES)
    server.expect(
        "POST", ZONES, {"name": ["has already been taken"]}, status=406, body={"name": "Acme North", "tags": "building"}
    )
    expect_all(server, ZONES)
    expect_all(server, ZONES, BUILDING)
    expect_all(server, ZONES, BUILDING)
    ran = play_aca(main, **NORTH_ONLY)
    assert ran.result["zones"][0]["id"] == "zone-b"
    assert "found after POST" in ran.warnings[0]


def test_what_has_no_place_is_left_out_and_said(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES, ORG)
    ran = play_aca(main, name="Acme", tags=["org"], display_name="Acme Inc", timezone="UTC", code="A").no_warnings()
    assert ran.result["changed"] is False
    unsupported = {entry["option"]: entry["reason"] for entry in ran.result["unsupported"]}
    assert sorted(unsupported) == ["code", "display_name", "timezone"]
    assert "an organisation lists its buildings" in unsupported["display_name"]
    assert unsupported["code"] == "ACAEngine's zones have no such field"
