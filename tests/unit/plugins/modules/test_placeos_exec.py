# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_exec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.modules.placeos_exec import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules import fake_acaengine as aca
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import API, FakePlaceOS, Ran, system

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]

ROOMS = [system("sys-L5-room001", "1.01", email="room1@x.example"), system("sys-L5-room002", "1.02")]
POLL: dict[str, Any] = {"module": "Bookings_1", "method": "poll_events"}


def url(system_id: str, what: str) -> str:
    return f"{API}/systems/{system_id}/Bookings_1/{what}"


def test_a_function_is_run_with_its_arguments(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/systems", *ROOMS)
    server.expect("POST", url("sys-L5-room001", "echo"), "hello", body=["hello", 1])
    ran = play(main, system="1.01", module="Bookings_1", method="echo", arguments=["hello", 1]).no_warnings()
    assert ran.result["changed"] is True
    assert ran.result["results"][0]["result"] == "hello"
    assert ran.result["results"][0]["failed"] is False


def test_the_status_is_read_after_the_function(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/systems", *ROOMS)
    server.expect("POST", url("sys-L5-room001", "poll_events"), None, body=[])
    server.expect("GET", url("sys-L5-room001", "bookings"), [{"id": "b1"}])
    ran = play(main, system="room1@x.example", **POLL, status="bookings", reports_change=False)
    assert ran.result["changed"] is False
    assert ran.result["results"][0]["status"] == [{"id": "b1"}]


def test_a_status_that_is_not_set_is_a_failure(server: FakePlaceOS, play: Play) -> None:
    """Recorded: the server answers 500 {} for a status that the module has not set."""
    server.expect_list(f"{API}/systems", *ROOMS)
    server.expect("POST", url("sys-L5-room001", "poll_events"), None, body=[])
    server.expect("GET", url("sys-L5-room001", "bookings"), {}, status=500)
    ran = play(main, system="1.01", **POLL, status="bookings")
    assert ran.result["failed"] is True
    assert "the status bookings is not set" in ran.result["msg"]


def test_one_system_that_fails_leaves_the_others_run(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/systems", *ROOMS)
    missing = {"error": "module not found", "message": "could not find module", "backtrace": None}
    server.expect("POST", url("sys-L5-room001", "poll_events"), missing, body=[], status=404)
    server.expect("POST", url("sys-L5-room002", "poll_events"), None, body=[])
    ran = play(main, systems=["1.01", "1.02", "1.03"], **POLL)
    assert ran.result["failed"] is True
    assert [entry["failed"] for entry in ran.result["results"]] == [True, False, True]
    assert "2 of 3" in ran.result["msg"]
    assert "the room has no module of this name" in ran.result["msg"]
    assert "there is no system '1.03'" in ran.result["msg"]
    assert ran.result["errors"][0]["status"] == 404


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_function_is_never_run_twice_after_a_lost_answer(server: FakePlaceOS, play: Play, status: int) -> None:
    server.expect_list(f"{API}/systems", *ROOMS)
    server.expect("POST", url("sys-L5-room001", "poll_events"), None, body=[], status=status)
    assert play(main, system="1.01", **POLL).result["failed"] is True


def test_check_mode_runs_nothing(server: FakePlaceOS, play: Play) -> None:
    ran = play(main, systems=["1.01"], **POLL, check=True)
    assert ran.result["changed"] is True
    assert server.sent == []


def test_an_id_or_no_system_at_all(server: FakePlaceOS, play: Play) -> None:
    assert play(main, systems=[], **POLL, check=True).result["changed"] is False


def test_system_and_systems_exclude_each_other(server: FakePlaceOS, play: Play) -> None:
    assert "mutually exclusive" in play(main, system="a", systems=["b"], **POLL).result["msg"]
    assert "one of the following is required" in play(main, **POLL).result["msg"]


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (None, "poll_events returned nothing instead of a list"),
        ("no mailbox", "poll_events returned 'no mailbox' instead of a list"),
        ({"a": 1}, "poll_events returned a dict instead of a list"),
    ],
)
def test_an_answer_that_is_no_list_is_a_failure_where_a_list_is_due(
    server: FakePlaceOS, play: Play, answer: Any, cause: str
) -> None:
    server.expect_list(f"{API}/systems", *ROOMS)
    server.expect("POST", url("sys-L5-room001", "poll_events"), answer, body=[])
    ran = play(main, system="1.01", **POLL, returns="list")
    assert ran.result["failed"] is True
    assert ran.result["results"][0]["cause"] == cause


@pytest.mark.parametrize("bookings", [[], [{"id": "b1"}]])
def test_a_list_is_right_where_a_list_is_due(server: FakePlaceOS, play: Play, bookings: list[Any]) -> None:
    server.expect_list(f"{API}/systems", *ROOMS)
    server.expect("POST", url("sys-L5-room001", "poll_events"), bookings, body=[])
    assert play(main, system="1.01", **POLL, returns="list").result["results"][0]["result"] == bookings


# -- ACAEngine -------------------------------------------------------------------------------------------------------

ROOM = aca.system("sys-room1", "1.01", email="room1@x.example")
FETCH: dict[str, Any] = {"system": "1.01", "module": "Bookings_2", "method": "fetch_bookings", "arguments": [1]}
EXEC = f"{aca.SYSTEMS}/sys-room1/exec"
SENT = {"module": "Bookings", "index": 2, "method": "fetch_bookings", "args": [1]}


@pytest.mark.parametrize("result", [[{"id": "b1"}], [], None, "text", {"a": 1}])
def test_on_acaengine_the_result_is_unwrapped(server: FakePlaceOS, play_aca: Play, result: Any) -> None:
    aca.expect_all(server, aca.SYSTEMS, ROOM)
    server.expect("POST", EXEC, [result], body=SENT)
    assert play_aca(main, **FETCH).no_warnings().result["results"][0]["result"] == result


def test_on_acaengine_a_module_without_an_index_is_the_first(server: FakePlaceOS, play_aca: Play) -> None:
    aca.expect_all(server, aca.SYSTEMS, ROOM)
    server.expect("POST", EXEC, [[]], body={"module": "Room_Panel", "index": 1, "method": "fetch", "args": []})
    play_aca(main, system="1.01", module="Room_Panel", method="fetch").no_warnings()


def test_on_acaengine_the_sentence_of_a_time_out_is_a_failure(server: FakePlaceOS, play_aca: Play) -> None:
    aca.expect_all(server, aca.SYSTEMS, ROOM)
    server.expect("POST", EXEC, ["Wait time exceeded. Command may have been queued."], body=SENT)
    ran = play_aca(main, **FETCH)
    assert ran.result["failed"] is True
    assert "no answer within the 15 seconds that ACAEngine waits" in ran.result["results"][0]["cause"]
    assert ran.result["results"][0]["result"] is None


def test_on_acaengine_an_error_is_told_without_its_backtrace(server: FakePlaceOS, play_aca: Play) -> None:
    aca.expect_all(server, aca.SYSTEMS, ROOM)
    error = "AADSTS7000215: Invalid client secret provided.\n/home/aca-apps/lib/x.rb:1:in `fetch'\n/home/y.rb:2"
    server.expect("POST", EXEC, [error], body=SENT, status=500)
    ran = play_aca(main, **FETCH, returns="list")
    assert ran.result["results"][0]["message"] == "AADSTS7000215: Invalid client secret provided."
    assert "give its value, not its id" in ran.result["msg"]
    assert "x.rb" not in ran.printed


def test_on_acaengine_a_module_that_is_not_there_is_told(server: FakePlaceOS, play_aca: Play) -> None:
    aca.expect_all(server, aca.SYSTEMS, ROOM)
    words = "method 'fetch_bookings' request failed as the module is not available at this time"
    server.expect("POST", EXEC, [f"{words}\n/x.rb:1"], body=SENT, status=500)
    assert "the room has no such module, or it is switched off" in play_aca(main, **FETCH).result["msg"]


@pytest.mark.parametrize("status", [502, 504])
def test_on_acaengine_too_nothing_is_run_twice(server: FakePlaceOS, play_aca: Play, status: int) -> None:
    aca.expect_all(server, aca.SYSTEMS, ROOM)
    server.expect("POST", EXEC, body=SENT, status=status)
    assert play_aca(main, **FETCH).result["failed"] is True


@pytest.mark.parametrize(("value", "failed"), [([], False), (None, True)])
def test_on_acaengine_the_status_is_read_after_the_function(
    server: FakePlaceOS, play_aca: Play, value: Any, failed: bool
) -> None:
    aca.expect_all(server, aca.SYSTEMS, ROOM)
    server.expect("POST", EXEC, [None], body=SENT)
    server.expect("GET", f"{aca.SYSTEMS}/sys-room1/state?module=Bookings&index=2&lookup=today", value)
    assert play_aca(main, **FETCH, status="today").result["results"][0]["failed"] is failed
