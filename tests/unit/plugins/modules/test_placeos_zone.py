# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.modules.placeos_zone import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import API, FakePlaceOS, Ran, zone

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]

ZONES = f"{API}/zones"
ORG = zone("zone-L5-dGjtzdS", "Acme", tags=["org"])
NORTH = zone(
    "zone-L5-dHGq7Zz", "Acme North", display_name="North", tags=["building"], parent_id="zone-L5-dGjtzdS",
    timezone="Europe/Berlin",
)  # fmt: skip
WANTED: dict[str, Any] = {
    "name": "Acme North",
    "display_name": "North",
    "tags": ["building"],
    "parent": "Acme",
    "timezone": "Europe/Berlin",
}


def test_a_zone_is_created_and_its_creation_confirmed(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG)
    body = {
        "name": "Acme North", "display_name": "North", "tags": ["building"], "parent_id": "zone-L5-dGjtzdS",
        "timezone": "Europe/Berlin",
    }  # fmt: skip
    server.expect("POST", ZONES, NORTH, body=body, status=201)
    server.expect_list(ZONES, ORG, NORTH)
    ran = play(main, **WANTED).no_warnings()
    assert ran.result["changed"] is True
    assert ran.changes == {"created": ["Acme North"]}
    assert ran.result["zones"][0]["id"] == "zone-L5-dHGq7Zz"
    after = {
        "name": "Acme North",
        "parent": "Acme",
        "tags": ["building"],
        "display_name": "North",
        "timezone": "Europe/Berlin",
    }
    assert ran.diff == [("zone Acme North", {}, after)]


def test_an_unchanged_zone_costs_one_read(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, NORTH, ORG)
    ran = play(main, **WANTED).no_warnings()
    assert ran.result["changed"] is False
    assert ran.changes == {"unchanged": ["Acme North"]}
    assert ran.diff == []


def test_only_the_changed_field_is_sent(server: FakePlaceOS, play: Play) -> None:
    after = {**NORTH, "display_name": "North Tower"}
    server.expect_list(ZONES, ORG, NORTH)
    server.expect("PATCH", f"{ZONES}/zone-L5-dHGq7Zz", after, body={"display_name": "North Tower"})
    server.expect_list(ZONES, ORG, after)
    ran = play(main, **{**WANTED, "display_name": "North Tower"}).no_warnings()
    assert ran.changes == {"updated": ["Acme North"]}
    assert ran.diff == [("zone Acme North", {"display_name": "North"}, {"display_name": "North Tower"})]


def test_a_zone_is_deleted(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG, NORTH)
    server.expect("DELETE", f"{ZONES}/zone-L5-dHGq7Zz", status=202)
    ran = play(main, name="Acme North", state="absent").no_warnings()
    assert ran.changes == {"deleted": ["Acme North"]}
    before = {"state": "present", "id": "zone-L5-dHGq7Zz"}
    assert ran.diff == [("zone Acme North", before, {"state": "absent"})]


def test_deleting_what_is_not_there_costs_one_read(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG)
    assert play(main, name="Acme North", state="absent").changes == {"unchanged": ["Acme North"]}


@pytest.mark.parametrize(
    ("arguments", "changes"),
    [
        ({**WANTED, "name": "Acme South"}, {"created": ["Acme South"]}),
        ({**WANTED, "display_name": "Other"}, {"updated": ["Acme North"]}),
        ({"name": "Acme North", "state": "absent"}, {"deleted": ["Acme North"]}),
    ],
)
def test_check_mode_reads_once_and_writes_nothing(
    server: FakePlaceOS, play: Play, arguments: dict[str, Any], changes: dict[str, Any]
) -> None:
    server.expect_list(ZONES, ORG, NORTH)
    ran = play(main, **arguments, check=True).no_warnings()
    assert ran.result["changed"] is True
    assert ran.changes == changes
    assert len(ran.diff) == 1


def test_without_diff_mode_there_is_no_diff(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG, NORTH)
    assert "diff" not in play(main, **WANTED, diff=False).result


@pytest.mark.parametrize("change", [{}, {"display_name": "New"}, {"state": "absent"}])
def test_the_set_form_of_one_sends_what_the_single_form_sends(
    server: FakePlaceOS, play: Play, change: dict[str, Any]
) -> None:
    results = []
    for arguments in ({**WANTED, **change}, {"zones": [{**WANTED, **change}]}):
        server.expect_list(ZONES, ORG, NORTH)
        if change.get("display_name"):
            after = {**NORTH, **change}
            server.expect("PATCH", f"{ZONES}/zone-L5-dHGq7Zz", after, body=change)
            server.expect_list(ZONES, ORG, after)
        elif change:
            server.expect("DELETE", f"{ZONES}/zone-L5-dHGq7Zz", status=202)
        result = play(main, **arguments).result
        del result["invocation"]
        results.append(result)
    assert results[0] == results[1]


def test_a_whole_tree_is_created_from_the_root_down(server: FakePlaceOS, play: Play) -> None:
    level = zone("zone-L5-dHIbLE6", "Acme North Level 1", tags=["level"], parent_id="zone-L5-dHGq7Zz")
    north = {key: NORTH[key] for key in ("name", "parent_id")}
    server.expect_list(ZONES)
    server.expect("POST", ZONES, ORG, body={"name": "Acme"}, status=201)
    server.expect("POST", ZONES, NORTH, body=north, status=201)
    server.expect("POST", ZONES, level, body={"name": "Acme North Level 1", "parent_id": NORTH["id"]}, status=201)
    server.expect_list(ZONES, ORG, NORTH, level)
    tree = [
        {"name": "Acme North Level 1", "parent": "Acme North"},
        {"name": "Acme North", "parent": "Acme"},
        {"name": "Acme"},
    ]
    ran = play(main, zones=tree).no_warnings()
    assert ran.changes == {"created": ["Acme North Level 1", "Acme North", "Acme"]}


def test_in_check_mode_a_tree_that_is_not_there_yet_is_shown_whole(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES)
    ran = play(main, zones=[{"name": "Acme"}, {"name": "Acme North", "parent": "Acme"}], check=True).no_warnings()
    assert ran.diff[1] == (
        "zone Acme North",
        {},
        {"name": "Acme North", "parent": "Acme (id known after creation)"},
    )


def test_an_unknown_parent_is_a_fault_that_suggests_the_right_one(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG, NORTH)
    ran = play(main, name="Level 1", parent="Acme Nort")
    assert ran.result["failed"] is True
    assert "zone Level 1: parent: there is no zone 'Acme Nort'; did you mean 'Acme North'?" in ran.result["msg"]
    assert ran.result["errors"][0]["field"] == "parent"


def test_in_check_mode_an_unknown_parent_is_taken_to_come_from_an_earlier_task(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG)
    ran = play(main, name="Level 1", parent="Acme West", check=True)
    assert ran.changes == {"created": ["Level 1"]}
    assert ran.warnings == ("check mode: not there yet, taken to be created by an earlier task: zone 'Acme West'",)


def test_a_zone_is_not_deleted_over_the_heads_of_its_children(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG, NORTH)
    ran = play(main, name="Acme", state="absent")
    assert ran.result["failed"] is True
    assert ran.result["changed"] is False
    assert "zone Acme: deleting it would also delete 1 more: zone Acme North; set force" in ran.result["msg"]


def test_a_zone_is_deleted_with_its_children_by_force(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG, NORTH)
    server.expect("DELETE", f"{ZONES}/zone-L5-dGjtzdS", status=202)
    assert play(main, name="Acme", state="absent", force=True).changes == {"deleted": ["Acme"]}


def test_a_purge_deletes_inside_its_scope_from_the_leaves_up(server: FakePlaceOS, play: Play) -> None:
    level = zone("zone-L5-dHIbLE6", "Level 1", parent_id=NORTH["id"])
    other = zone("zone-L5-dOther1", "Other org")
    server.expect_list(ZONES, ORG, NORTH, level, other)
    server.expect("DELETE", f"{ZONES}/zone-L5-dHIbLE6", status=202)
    server.expect("DELETE", f"{ZONES}/zone-L5-dHGq7Zz", status=202)
    ran = play(main, zones=[{"name": "Acme"}], purge=True, purge_scope={"zone": "Acme"}, purge_max_share=1)
    assert ran.changes == {"deleted": ["Level 1", "Acme North"], "unchanged": ["Acme"]}


def test_too_large_a_purge_is_refused_before_anything_is_written(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG, NORTH)
    ran = play(main, zones=[{"name": "New"}], purge=True, purge_scope={"zone": "Acme"})
    assert ran.result["failed"] is True
    assert "purge would delete 1 of the 1 zones in its scope" in ran.result["msg"]
    assert ran.result["changed"] is False


def test_in_check_mode_too_large_a_purge_is_shown_with_a_warning(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG, NORTH)
    ran = play(main, zones=[{"name": "Acme"}], purge=True, purge_scope={"zone": "Acme"}, check=True)
    assert ran.changes == {"deleted": ["Acme North"], "unchanged": ["Acme"]}
    assert ran.warnings[0].startswith("a real run would be refused: purge would delete 1 of the 1 zones")


def test_one_refused_zone_fails_the_task_and_leaves_the_others_done(server: FakePlaceOS, play: Play) -> None:
    good = zone("zone-L5-good001", "Good")
    failures = {"error": "validation failed", "failures": [{"field": "timezone", "reason": "is not known"}]}
    server.expect_list(ZONES)
    server.expect(
        "POST",
        ZONES,
        failures,
        body={"name": "Bad", "timezone": "Mars/One"},
        status=422,
        headers={"X-Request-ID": "fake-id-1"},
    )
    server.expect("POST", ZONES, good, body={"name": "Good"}, status=201)
    server.expect_list(ZONES, good)
    ran = play(main, zones=[{"name": "Bad", "timezone": "Mars/One"}, {"name": "Good"}])
    assert ran.result["failed"] is True
    assert ran.result["changed"] is True
    assert ran.changes == {"created": ["Good"]}
    assert ran.result["errors"] == [
        {
            "kind": "zone", "name": "Bad", "action": "create", "method": "POST",
            "url": f"https://acme.placeos.example{ZONES}", "status": 422, "message": "timezone is not known",
            "field": "timezone", "request_id": "fake-id-1",
            "hint": "The server refuses the value; correct the named field in the inventory.",
        }
    ]  # fmt: skip
    assert "1 of 2 zones failed" in ran.result["msg"]
    assert (
        "zone Bad: POST https://acme.placeos.example/api/engine/v2/zones answered 422: timezone is not known"
        in ran.result["msg"]
    )
    assert "fake-id-1" in ran.result["msg"]


def test_a_refused_key_says_what_to_check(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", f"{ZONES}?limit=10000", {"error": "unknown X-API-Key", "backtrace": None}, status=401)
    ran = play(main, **WANTED)
    assert ran.result["failed"] is True
    assert "answered 401: unknown X-API-Key" in ran.result["msg"]
    assert "placeos_host_header" in ran.result["msg"]


def test_a_missing_right_has_no_words_but_a_hint(server: FakePlaceOS, play: Play) -> None:
    """The server's 403 has an empty body."""
    server.expect("GET", f"{ZONES}?limit=10000", None, status=403)
    ran = play(main, **WANTED)
    assert "answered 403: (no words) Forbidden" in ran.result["msg"]
    assert "configuration needs an administrator" in ran.result["msg"]


def test_a_list_longer_than_a_page_is_read_to_its_end_by_counting_rows(server: FakePlaceOS, play: Play) -> None:
    """A short first page stands for the server's 10,000; one row has moved to the second page meanwhile."""
    server.expect("GET", f"{ZONES}?limit=10000", [ORG, NORTH], headers={"X-Total-Count": "3", "Link": "<x>; rel=next"})
    south = zone("zone-L5-south01", "Acme South")
    server.expect("GET", f"{ZONES}?limit=10000&offset=2", [NORTH, south], headers={"X-Total-Count": "3"})
    assert play(main, zones=[{"name": "Acme South"}, {"name": "Acme North"}]).changes == {
        "unchanged": ["Acme South", "Acme North"]
    }


def test_a_server_that_is_not_placeos_is_told(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", f"{ZONES}?limit=10000", {"hello": "world"})
    ran = play(main, **WANTED)
    assert "expected a list, got dict" in ran.result["msg"]
    assert "Is this the URL of a PlaceOS server?" in ran.result["msg"]
