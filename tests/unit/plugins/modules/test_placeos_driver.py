# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.placeos.office365.plugins.modules.placeos_driver import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import (
    API,
    FakePlaceOS,
    Ran,
    driver,
    module,
    repository,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]

DRIVERS = f"{API}/drivers"
REPOSITORY = repository("repo-L5-XC4tJha", "Drivers")
BOOKINGS = driver("driver-L5-o5Sn_q1", "Bookings")
URL = f"{DRIVERS}/driver-L5-o5Sn_q1"
WANTED: dict[str, Any] = {
    "name": "Bookings",
    "repository": "Drivers",
    "file_name": "drivers/place/bookings.cr",
    "module_name": "Bookings",
    "role": "logic",
}
BODY: dict[str, Any] = {
    "name": "Bookings", "repository_id": "repo-L5-XC4tJha", "file_name": "drivers/place/bookings.cr",
    "commit": "abc1234", "module_name": "Bookings", "role": 99,
}  # fmt: skip
COMMITS = f"{API}/repositories/repo-L5-XC4tJha/commits?driver=drivers%2Fplace%2Fbookings.cr&limit=1"


def expect_lists(server: FakePlaceOS, *drivers: dict[str, Any]) -> None:
    server.expect_list(f"{API}/repositories", REPOSITORY)
    server.expect_list(DRIVERS, *drivers)


def test_a_new_driver_gets_the_newest_commit_and_is_compiled(
    server: FakePlaceOS, play: Play, sleeps: list[float]
) -> None:
    expect_lists(server)
    server.expect("GET", COMMITS, [{"commit": "abc1234", "date": "2026-08-01", "subject": "x", "author": "y"}])
    server.expect("POST", DRIVERS, BOOKINGS, body=BODY, status=201)
    server.expect_list(DRIVERS, BOOKINGS)
    server.expect("GET", f"{URL}/compiled", {"error": "not compiled yet"}, status=404)
    server.expect("GET", f"{URL}/compiled", None)
    ran = play(main, **WANTED).no_warnings()
    assert ran.changes == {"created": ["Bookings"]}
    assert len(sleeps) == 1


def test_an_unchanged_driver_costs_one_read_of_its_kind(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, BOOKINGS)
    ran = play(main, **WANTED).no_warnings()
    assert ran.result["changed"] is False
    assert ran.result["drivers"][0]["role"] == "logic"


def test_without_a_commit_an_existing_driver_keeps_its_own(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, {**BOOKINGS, "commit": "old0000"})
    assert not play(main, **WANTED).result["changed"]


def test_latest_moves_an_existing_driver(server: FakePlaceOS, play: Play) -> None:
    after = {**BOOKINGS, "commit": "fff9999"}
    expect_lists(server, BOOKINGS)
    server.expect("GET", COMMITS, [{"commit": "fff9999"}])
    server.expect("PATCH", URL, after, body={"commit": "fff9999"})
    server.expect_list(DRIVERS, after)
    server.expect("GET", f"{URL}/compiled", None)
    ran = play(main, **WANTED, commit="latest").no_warnings()
    assert ran.diff == [("driver Bookings", {"commit": "abc1234"}, {"commit": "fff9999"})]


def test_latest_is_no_change_where_the_stored_hash_is_the_short_form(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, BOOKINGS)
    server.expect("GET", COMMITS, [{"commit": "abc1234d1c2b3a4f5e6d7c8b9a0f1e2d3c4b5a69"}])
    assert not play(main, **WANTED, commit="latest").result["changed"]


def test_only_the_changed_field_is_sent(server: FakePlaceOS, play: Play) -> None:
    after = {**BOOKINGS, "default_uri": "https://x.example"}
    expect_lists(server, BOOKINGS)
    server.expect("PATCH", URL, after, body={"default_uri": "https://x.example"})
    server.expect_list(DRIVERS, after)
    server.expect("GET", f"{URL}/compiled", None)
    ran = play(main, **WANTED, default_uri="https://x.example").no_warnings()
    assert ran.changes == {"updated": ["Bookings"]}


def test_a_failed_compilation_fails_the_task_with_the_compilers_output(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server)
    server.expect("POST", DRIVERS, BOOKINGS, body=BODY, status=201)
    server.expect_list(DRIVERS, BOOKINGS)
    output = "failed to compile Bad from demo: Error: can't find file 'drivers/demo/nope.cr'"
    server.expect("GET", f"{URL}/compiled", {"compilation_output": output}, status=503)
    ran = play(main, **WANTED, commit="abc1234")
    assert ran.result["failed"] is True
    assert output in ran.result["msg"]
    assert ran.result["errors"][0]["name"] == "Bookings"


def test_a_compilation_that_takes_too_long_is_given_up(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server)
    server.expect("POST", DRIVERS, BOOKINGS, body=BODY, status=201)
    server.expect_list(DRIVERS, BOOKINGS)
    server.expect("GET", f"{URL}/compiled", {"error": "not compiled yet"}, status=404)
    ran = play(main, **WANTED, commit="abc1234", compile_timeout=0)
    assert "not compiled after 0 seconds" in ran.result["msg"]


def test_a_new_driver_names_all_that_it_lacks(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server)
    ran = play(main, name="Bookings", repository="Drivers", file_name="x.cr", commit="abc1234")
    assert {error["field"] for error in ran.result["errors"]} == {"module_name", "role"}


def test_a_newest_commit_that_nobody_knows_is_a_fault_before_any_write(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server)
    server.expect("GET", COMMITS, {}, status=500)
    ran = play(main, **WANTED)
    assert ran.result["errors"][0]["field"] == "commit"
    assert "give a commit" in ran.result["msg"]


def test_a_changed_role_is_refused(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, BOOKINGS)
    ran = play(main, **{**WANTED, "role": "device"})
    assert "can't be changed to 'device'" in ran.result["msg"]


def test_a_driver_is_deleted(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, BOOKINGS)
    server.expect_list(f"{API}/modules")
    server.expect("DELETE", URL, status=202)
    assert play(main, **WANTED, state="absent").changes == {"deleted": ["Bookings"]}


def test_a_driver_is_not_deleted_with_its_modules(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server, BOOKINGS)
    server.expect_list(f"{API}/modules", module("mod-L5-o6S4cBV", "driver-L5-o5Sn_q1"))
    ran = play(main, **WANTED, state="absent")
    assert "would also delete 1 more: module Bookings mod-L5-o6S4cBV" in ran.result["msg"]


def test_check_mode_asks_for_the_newest_commit_and_writes_nothing(server: FakePlaceOS, play: Play) -> None:
    expect_lists(server)
    server.expect("GET", COMMITS, [{"commit": "abc1234"}])
    ran = play(main, **WANTED, check=True).no_warnings()
    assert ran.diff[0][2]["commit"] == "abc1234"
    assert ran.diff[0][2]["repository"] == "Drivers"


def test_in_check_mode_a_repository_may_still_be_missing(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/repositories")
    server.expect_list(DRIVERS)
    ran = play(main, **WANTED, check=True)
    assert ran.changes == {"created": ["Bookings"]}
    assert ran.diff[0][2]["commit"] == "latest"


def test_the_set_form_of_one_sends_what_the_single_form_sends(server: FakePlaceOS, play: Play) -> None:
    for arguments in (WANTED, {"drivers": [WANTED]}):
        after = {**BOOKINGS, "description": "x"}
        expect_lists(server, {**BOOKINGS, "description": "y"})
        server.expect("PATCH", URL, after, body={"description": "x"})
        server.expect_list(DRIVERS, after)
        server.expect("GET", f"{URL}/compiled", None)
        if "drivers" in arguments:
            play(main, drivers=[{**WANTED, "description": "x"}]).no_warnings()
        else:
            play(main, **WANTED, description="x").no_warnings()
