# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document by which ACAEngine's zones know each other: what is ours is written, what is not stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.module_utils._placeos.discovery_info import (
    LISTINGS,
    Listing,
    children,
    document,
    extras,
    listing_for,
    with_child,
    with_extras,
    without_child,
)

BUILDING = LISTINGS["building"]
LEVEL = LISTINGS["level"]
ID = st.sampled_from(["zone-1", "zone-2", "zone-3", "zone-4"])
NAME = st.sampled_from(["North", "South", "Level 1", ""])
JSON = st.sampled_from([None, True, 3, "x", ["a"], {"k": [1]}])
FOREIGN = st.dictionaries(st.sampled_from(["colour", "floor_code", "x"]), JSON, max_size=2)


def entries(id_key: str, name_key: str, ids: st.SearchStrategy[Any] = ID) -> st.SearchStrategy[list[Any]]:
    """What may stand in a list that people edit by hand."""
    ours = st.fixed_dictionaries({}, optional={id_key: ids | st.none() | st.just(["junk"]), name_key: NAME})
    return st.lists(st.builds(lambda a, b: {**b, **a}, ours, FOREIGN) | JSON, max_size=4)


INFO = st.builds(
    lambda known, foreign: {**foreign, **known},
    st.fixed_dictionaries(
        {},
        optional={
            "buildings": entries("zone_id", "name"),
            "levels": entries("level_id", "level_name"),
            "extras": entries("extra_id", "extra_name", st.sampled_from(["vc", "wb", "tv", 5])),
        },
    ),
    FOREIGN,
)
VALUES = st.fixed_dictionaries({}, optional={"display_name": NAME, "map_id": NAME, "orientations": JSON})
LISTING = st.sampled_from([BUILDING, LEVEL])
WANTED_EXTRAS = st.lists(
    st.builds(lambda key, name: {"id": key, "name": name}, st.sampled_from(["vc", "wb", "5"]), NAME), max_size=3
)


def keep(
    info: dict[str, Any], listing: Listing = LEVEL, identifier: str = "zone-9", known: Any = (), **values: Any
) -> dict[str, Any]:
    return with_child(info, listing, identifier, values, name="Stored name", known={identifier, *known})


# -- reading -----------------------------------------------------------------------------------------------------------


def test_a_tag_says_where_a_zone_is_listed() -> None:
    assert listing_for(["carpark", "level"]) is LEVEL
    assert listing_for(["building"]) is BUILDING
    assert listing_for(["org"]) is None


@pytest.mark.parametrize("settings", [None, [], "x", {}, {"discovery_info": None}, {"discovery_info": ["x"]}])
def test_settings_without_a_document_have_an_empty_one(settings: Any) -> None:
    assert document(settings) == {}


def test_entries_are_read_with_our_names() -> None:
    info = {
        "buildings": [{"zone_id": "zone-1", "name": "North", "orientations": {"map": 90}, "colour": "red"}],
        "levels": [{"level_id": "zone-2", "level_name": "1", "map_url": "1.svg"}, {"level_name": "2"}, "junk"],
    }
    assert dict(children(info)) == {
        "zone-1": {"display_name": "North", "orientations": {"map": 90}},
        "zone-2": {"display_name": "1", "map_id": "1.svg"},
    }


def test_of_a_zone_that_is_listed_twice_the_entry_counts_that_is_written() -> None:
    info = {"levels": [{"level_id": "zone-1", "level_name": "old"}, {"level_id": "zone-1", "level_name": "twin"}]}
    changed = keep(info, LEVEL, "zone-1", display_name="new")
    assert dict(children(changed))["zone-1"] == {"display_name": "new"}


# -- entries of zones ------------------------------------------------------------------------------------------------


def test_a_new_zone_is_listed_at_the_end_under_its_stored_name() -> None:
    info = {"levels": [{"level_id": "zone-1", "level_name": "1"}]}
    assert keep(info, map_id="2.svg") == {
        "levels": [
            {"level_id": "zone-1", "level_name": "1"},
            {"level_id": "zone-9", "level_name": "Stored name", "map_url": "2.svg"},
        ]
    }


def test_the_shown_name_is_preferred_to_the_stored_one() -> None:
    assert keep({}, BUILDING, display_name="North") == {"buildings": [{"zone_id": "zone-9", "name": "North"}]}


def test_what_is_not_said_about_a_listed_zone_stays() -> None:
    entry = {"level_id": "zone-9", "level_name": "By hand", "map_url": "1.svg", "floor_code": 7}
    assert keep({"levels": [entry], "colour": "red"}, map_id="2.svg") == {
        "levels": [{**entry, "map_url": "2.svg"}],
        "colour": "red",
    }


@pytest.mark.parametrize("dangling", [{"level_id": "zone-gone"}, {"level_id": None}, {"level_id": ""}, {}])
def test_an_entry_by_hand_with_the_same_name_is_taken_over(dangling: dict[str, Any]) -> None:
    entry = {**dangling, "level_name": "L1", "floor_code": 7}
    assert keep({"levels": [entry]}, display_name="L1") == {
        "levels": [{"level_id": "zone-9", "level_name": "L1", "floor_code": 7}]
    }


def test_an_entry_of_a_zone_that_exists_is_left_to_it_whatever_its_name() -> None:
    other = {"level_id": "zone-1", "level_name": "L1"}
    assert keep({"levels": [other]}, known={"zone-1"}, display_name="L1")["levels"][0] == other


@given(INFO, LISTING, ID, VALUES, st.sets(ID))
def test_listing_a_zone_twice_is_listing_it_once(
    info: dict[str, Any], listing: Listing, identifier: str, values: dict[str, Any], known: set[str]
) -> None:
    once = with_child(info, listing, identifier, values, name="Name", known={*known, identifier})
    assert with_child(once, listing, identifier, values, name="Name", known={*known, identifier}) == once


@given(INFO, LISTING, ID, VALUES, st.sets(ID))
def test_listing_a_zone_touches_one_entry_and_no_foreign_key(
    info: dict[str, Any], listing: Listing, identifier: str, values: dict[str, Any], known: set[str]
) -> None:
    after = with_child(info, listing, identifier, values, name="Name", known={*known, identifier})
    assert {k: v for k, v in after.items() if k != listing.name} == {k: v for k, v in info.items() if k != listing.name}
    before = info.get(listing.name, [])
    assert len(after[listing.name]) - len(before) in (0, 1)
    changed = [(old, new) for old, new in zip(before, after[listing.name], strict=False) if old != new]
    assert len(changed) <= 1
    ours = {listing.id_key, *listing.fields.values()}
    for old, new in changed:
        assert {k: v for k, v in old.items() if k not in ours} == {k: v for k, v in new.items() if k not in ours}


@given(INFO, LISTING, ID, VALUES)
def test_what_was_listed_is_read_back(
    info: dict[str, Any], listing: Listing, identifier: str, values: dict[str, Any]
) -> None:
    after = with_child(info, listing, identifier, values, name="Name", known={identifier})
    read = dict(children({listing.name: after[listing.name]}))[identifier]
    assert {k: read[k] for k in values if k in listing.fields} == {
        k: v for k, v in values.items() if k in listing.fields
    }


@given(INFO, ID)
def test_a_zone_that_leaves_takes_only_its_own_entries(info: dict[str, Any], identifier: str) -> None:
    after = without_child(info, identifier)
    assert identifier not in dict(children(after))
    assert without_child(after, identifier) == after
    assert after.keys() == info.keys()
    for name, value in info.items():
        kept = after[name]
        if name in ("buildings", "levels"):
            kept = [e for e in value if e not in kept]
            assert all(identifier in (e.get("zone_id"), e.get("level_id")) for e in kept)
        else:
            assert kept == value


def test_what_is_no_list_is_not_emptied_by_a_zone_that_leaves() -> None:
    assert without_child({"levels": {"by": "hand"}}, "zone-1") == {"levels": {"by": "hand"}}


def test_an_entry_takes_its_foreign_keys_along_to_another_parent() -> None:
    former = {"zone_id": "zone-9", "name": "North", "orientations": 90, "colour": "red"}
    moved = with_child({}, BUILDING, "zone-9", {"orientations": 0}, name="x", known={"zone-9"}, former=former)
    assert moved == {"buildings": [{"zone_id": "zone-9", "name": "North", "orientations": 0, "colour": "red"}]}


# -- features --------------------------------------------------------------------------------------------------------


def test_features_keep_their_order_and_foreign_keys() -> None:
    info = {"extras": [{"extra_id": "wb", "extra_name": "Board", "icon": "w"}, {"extra_id": "tv", "extra_name": "TV"}]}
    assert with_extras(info, [{"id": "vc", "name": "Video"}, {"id": "wb", "name": "Whiteboard"}]) == {
        "extras": [
            {"extra_id": "wb", "extra_name": "Whiteboard", "icon": "w"},
            {"extra_id": "tv", "extra_name": "TV"},
            {"extra_id": "vc", "extra_name": "Video"},
        ]
    }


def test_features_are_read_with_our_names() -> None:
    info = {"extras": [{"extra_id": 5, "extra_name": None}, {"extra_name": "no id"}, "junk"]}
    assert extras(info) == [{"id": "5", "name": ""}]


@given(INFO, WANTED_EXTRAS)
def test_naming_features_twice_is_naming_them_once(info: dict[str, Any], wanted: list[dict[str, str]]) -> None:
    once = with_extras(info, wanted)
    assert with_extras(once, wanted) == once


@given(INFO, WANTED_EXTRAS)
def test_features_that_are_not_wanted_stay_as_they_are(info: dict[str, Any], wanted: list[dict[str, str]]) -> None:
    after = with_extras(info, wanted)
    assert {k: v for k, v in after.items() if k != "extras"} == {k: v for k, v in info.items() if k != "extras"}
    ids = {item["id"] for item in wanted}
    for old, new in zip(info.get("extras", []), after["extras"], strict=False):
        if not isinstance(old, dict) or str(old.get("extra_id")) not in ids:
            assert new == old
        else:
            assert {**old, "extra_name": new["extra_name"]} == new


@given(INFO, WANTED_EXTRAS)
def test_every_wanted_feature_has_its_name_afterwards(info: dict[str, Any], wanted: list[dict[str, str]]) -> None:
    names = {item["id"]: item["name"] for item in wanted}
    read = extras(with_extras(info, wanted))
    assert {item["id"]: item["name"] for item in read if item["id"] in names} == names
    assert all(item["name"] == names[item["id"]] for item in read if item["id"] in names)
