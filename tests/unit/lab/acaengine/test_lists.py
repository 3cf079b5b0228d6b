# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: limits, order, search, and an index that is behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab.acaengine.elastic import analyse, parse
from lab.acaengine.testing import Client, Running


@pytest.fixture
def index_stands_still(aca: Client, running_aca: Running) -> Callable[[], None]:
    """Return a function after which lists show what is there now, whatever happens later."""

    def stand_still() -> None:
        for table in running_aca.state.tables.by_design.values():
            table.changes.clear()
        aca.post("/_lab/faults", {"fault": "index-lag", "seconds": 60})

    return stand_still


def zones(aca: Client, *names: str, **more: Any) -> list[str]:
    return [aca.made("/zones", name=name, **more) for name in names]


def test_a_list_has_a_total_and_twenty_rows(aca: Client) -> None:
    zones(aca, *(f"Zone {number:02}" for number in range(25)))
    first = aca.get("/zones").json
    assert (first["total"], len(first["results"])) == (25, 20)
    assert aca.names("/zones?limit=3&offset=21") == ["Zone 21", "Zone 22", "Zone 23"]
    assert aca.get("/zones?limit=0").json == {"total": 25, "results": []}
    assert len(aca.names("/zones?limit=1000")) == 25


def test_the_most_rows_can_be_capped(aca: Client) -> None:
    zones(aca, "A", "B", "C")
    aca.post("/_lab/faults", {"fault": "list-cap", "rows": 2})
    assert aca.names("/zones?limit=500") == ["A", "B"]
    aca.delete("/_lab/faults")
    assert aca.names("/zones?limit=500") == ["A", "B", "C"]


@pytest.mark.parametrize("query", ["limit=10000&offset=1", "offset=9981", "offset=20000", "limit=-1", "offset=-1"])
def test_what_elasticsearch_refuses_is_500(aca: Client, query: str) -> None:
    assert aca.get(f"/zones?{query}").status == 500


def test_the_last_window_is_still_answered(aca: Client) -> None:
    assert aca.get("/zones?limit=10000").status == aca.get("/zones?offset=9980").status == 200
    assert aca.get("/zones?limit=99999").status == 200


def test_names_are_ordered_without_case(aca: Client) -> None:
    zones(aca, "beta", "Alpha", "ALPHA 2", "gamma")
    assert aca.names("/zones") == ["Alpha", "ALPHA 2", "beta", "gamma"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("syd", {"Sydney Level 27.01", "Sydney"}),
        ("sydney lev", {"Sydney Level 27.01", "Sydney", "Perth Level 3"}),
        ("27.01", {"Sydney Level 27.01"}),
        ("7.01", set()),
        ("+perth +lev", {"Perth Level 3"}),
        ("harbour", {"Sydney"}),
        ("SYD", {"Sydney Level 27.01", "Sydney"}),
        ("zone", {"Sydney Level 27.01", "Sydney", "Perth Level 3"}),
        ("-perth", {"Sydney Level 27.01", "Sydney"}),
        ("sydney - perth", {"Sydney Level 27.01", "Sydney", "Perth Level 3"}),
        ("nothing", set()),
    ],
)
def test_a_search_looks_at_the_name_and_everything_else(aca: Client, query: str, found: set[str]) -> None:
    """Words are joined with OR and the last one is a beginning; the type of a document is a word of it."""
    zones(aca, "Sydney Level 27.01", "Perth Level 3")
    aca.made("/zones", name="Sydney", description="at the harbour")
    assert set(aca.names(f"/zones?q={query.replace('+', '%2B').replace(' ', '%20')}")) == found


def test_settings_are_not_searched(aca: Client) -> None:
    aca.made("/zones", name="A", settings={"note": "treasure"})
    assert aca.names("/zones?q=treasure") == []


def test_an_address_is_not_found_by_its_at_sign(aca: Client) -> None:
    aca.made("/systems", name="Room", email="room.one@acme.example")
    assert aca.names("/systems?q=room.one@acme.example") == []
    assert aca.names("/systems?q=room.on") == ["Room"]


def test_a_search_brings_its_own_order(aca: Client) -> None:
    zones(aca, "A level", "Level 2")
    aca.made("/zones", name="0 other", description="level")
    assert aca.names("/zones?q=level%202")[0] == "Level 2"
    assert aca.names("/zones?q=level%202")[-1] == "0 other"


def test_the_standard_analyser_keeps_dotted_words() -> None:
    assert analyse("Room 27.01 at room.one@acme.example, R&D's") == [
        "room",
        "27.01",
        "at",
        "room.one",
        "acme.example",
        "r",
        "d's",
    ]


def test_an_empty_last_word_matches_everything() -> None:
    matches = parse("level *", with_name=True)
    assert matches((frozenset({"other"}), frozenset({"other"})))


def test_an_index_that_is_behind_lists_what_was_there(aca: Client, index_stands_still: Callable[[], None]) -> None:
    kept, renamed, gone = zones(aca, "Kept", "Renamed", "Gone", tags="old")
    index_stands_still()
    zones(aca, "New")
    aca.changed(f"/zones/{renamed}", name="A new name", tags="new")
    aca.delete(f"/zones/{gone}")
    listed = aca.get("/zones").json
    assert [row["name"] for row in listed["results"]] == ["Kept", "A new name"], "order of then, content of now"
    assert listed["total"] == 2
    assert aca.names("/zones?tags=new") == []
    assert aca.names("/zones?tags=old") == ["Kept", "A new name"]
    assert aca.post("/zones", {"name": "new"}).json == {"name": ["has already been taken"]}
    assert aca.get(f"/zones/{kept}").status == 200
    aca.post("/_lab/faults", {"fault": "index-lag", "seconds": 0.1})
    aca.eventually(lambda: aca.names("/zones") == ["A new name", "Kept", "New"])


def test_one_deleted_row_on_a_page_makes_the_total_end_there(
    aca: Client, index_stands_still: Callable[[], None]
) -> None:
    """The class takes a page with fewer rows than asked for as the last one (co-elastic-query.rb, search)."""
    gone, *_others = zones(aca, *(f"Zone {number}" for number in range(6)))
    index_stands_still()
    aca.delete(f"/zones/{gone}")
    first = aca.get("/zones?limit=3").json
    assert (first["total"], [row["name"] for row in first["results"]]) == (2, ["Zone 1", "Zone 2"])
    second = aca.get("/zones?limit=3&offset=3").json
    assert (second["total"], [row["name"] for row in second["results"]]) == (6, ["Zone 3", "Zone 4", "Zone 5"])
