# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes that break on the way: the other objects are done, nothing is made twice, the next run mends the rest."""

from __future__ import annotations

from typing import Any

import pytest
from integration.support.objects import BOOKINGS, CALENDAR, DRIVERS, EXAMPLES, Example, prepare
from integration.support.server import API, Server

EACH = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.module)
WHEN = pytest.mark.parametrize("when", ["before", "after"])
PATHS = {
    "repository": f"{API}/repositories",
    "settings": f"{API}/settings",
    "metadata": f"{API}/metadata",
    "tenant": "/api/staff/v1/tenants",
}
SYSTEMS = f"{API}/systems"


def path_of(module: str) -> str:
    """Where the API keeps a kind."""
    return PATHS.get(module, f"{API}/{module}s")


@WHEN
@EACH
def test_a_connection_that_drops_in_a_create_leaves_one_object(server: Server, example: Example, when: str) -> None:
    prepare(server, *example.needs)
    before = server.everything()
    server.fault(
        path_of(example.module), method="PUT" if example.module == "metadata" else "POST", fault="drop", when=when
    )
    result = server.good(example.module, **example.made)
    assert result["changes"]["created"] == [example.label]
    assert sum(map(len, server.everything().values())) == sum(map(len, before.values())) + 1
    assert not server.good(example.module, **example.made)["changed"]


@WHEN
@EACH
def test_a_connection_that_drops_in_an_update_loses_nothing(server: Server, example: Example, when: str) -> None:
    prepare(server, *example.needs, (example.module, example.made))
    wanted = {**example.made, **example.changed}
    for method in ("PATCH", "PUT"):
        server.fault(path_of(example.module), method=method, fault="drop", when=when)
    assert server.good(example.module, **wanted)["changes"]["updated"] == [example.label]
    server.control("faults", method="DELETE")
    assert not server.good(example.module, **wanted)["changed"]


@WHEN
@EACH
def test_a_connection_that_drops_in_a_delete_is_no_failure(server: Server, example: Example, when: str) -> None:
    prepare(server, *example.needs, (example.module, example.made))
    absent = {**example.made, **example.removed, "state": "absent"}
    server.fault(path_of(example.module), method="DELETE", fault="drop", when=when)
    assert server.good(example.module, **absent)["changes"]["deleted"] == [example.label]
    assert not server.good(example.module, **absent)["changed"]


@EACH
def test_an_answer_that_comes_too_late_leaves_no_twin(server: Server, example: Example) -> None:
    prepare(server, *example.needs)
    before = server.everything()
    method = "PUT" if example.module == "metadata" else "POST"
    server.fault(path_of(example.module), method=method, fault="hang", seconds=0.5)
    # Whether this run succeeds or not: the create may still be carried out after it was given up.
    server.run(example.module, timeout=0.25, **example.made)
    server.fault("/", method="GET", fault="hang", seconds=0.5)
    server.good("info", kind="zone")
    assert not server.good(example.module, **example.made)["failed"]
    assert sum(map(len, server.everything().values())) == sum(map(len, before.values())) + 1
    assert not server.good(example.module, **example.made)["changed"]


@pytest.mark.parametrize("status", [429, 502, 503])
@EACH
def test_a_create_that_is_put_off_is_done_once(server: Server, example: Example, status: int) -> None:
    prepare(server, *example.needs)
    before = server.everything()
    method = "PUT" if example.module == "metadata" else "POST"
    server.fault(path_of(example.module), method=method, status=status, retry_after=0.1)
    assert server.good(example.module, **example.made)["changes"]["created"] == [example.label]
    assert sum(map(len, server.everything().values())) == sum(map(len, before.values())) + 1


def test_one_failed_room_of_a_thousand_leaves_the_other_999_done(server: Server) -> None:
    rooms = [{"name": f"Room {number:04}", "email": f"{number:04}@acme.example"} for number in range(1000)]
    server.fault(SYSTEMS, method="POST", status=500, skip=500, body={"error": "no more disk"})
    result = server.run("system", systems=rooms)
    assert result["failed"]
    (error,) = result["errors"]
    assert (error["method"], error["url"], error["status"]) == ("POST", f"{server.url}{SYSTEMS}", 500)
    assert (error["kind"], error["action"], error["message"]) == ("system", "create", "no more disk")
    head, line = result["msg"].splitlines()
    assert head.startswith("1 of 1000 systems failed")
    assert f"system {error['name']}: POST {server.url}{SYSTEMS} answered 500: no more disk" in line
    assert len(result["changes"]["created"]) == 999
    assert len(server.names("systems")) == 999

    mark = server.mark()
    assert server.good("system", systems=rooms)["changes"]["created"] == [error["name"]]
    assert server.counts(mark) == {"reads": 2, "writes": 1}
    assert server.names("systems") == [room["name"] for room in rooms]


def test_one_failed_change_of_many_is_made_good_by_the_next_run(server: Server) -> None:
    rooms: list[dict[str, Any]] = [{"name": f"Room {number:02}"} for number in range(50)]
    server.good("system", systems=rooms)
    larger = [{**room, "capacity": 12} for room in rooms]
    server.fault(SYSTEMS, method="PATCH", status=500, skip=20)
    result = server.run("system", systems=larger)
    (error,) = result["errors"]
    assert (error["action"], error["method"], error["status"]) == ("update", "PATCH", 500)
    assert len(result["changes"]["updated"]) == 49
    assert server.good("system", systems=larger)["changes"]["updated"] == [error["name"]]


def test_a_refused_value_is_told_with_its_field_and_the_servers_words(server: Server) -> None:
    result = server.run("system", systems=[{"name": "Good"}, {"name": "Bad", "support_url": "panel"}])
    assert result["failed"]
    (error,) = result["errors"]
    assert (error["name"], error["field"], error["status"]) == ("Bad", "support_url", 422)
    assert f"system Bad: POST {server.url}{SYSTEMS} answered 422: support_url is an invalid URI" in result["msg"]
    assert "correct the named field in the inventory" in result["msg"]
    assert result["changes"]["created"] == ["Good"]


def test_what_lies_in_a_zone_that_failed_is_not_attempted(server: Server) -> None:
    zones = [{"name": "Acme"}, {"name": "Sydney", "parent": "Acme"}]
    server.fault(f"{API}/zones", method="POST", status=500)
    result = server.run("zone", zones=zones)
    assert [error["name"] for error in result["errors"]] == ["Acme", "Sydney"]
    assert "not attempted, since zone 'Acme' that it refers to was not created" in result["msg"]
    assert server.good("zone", zones=zones)["changes"]["created"] == ["Acme", "Sydney"]


def test_a_conflict_is_read_and_compared_again(server: Server) -> None:
    server.good("system", name="Room", capacity=4)
    server.fault(SYSTEMS, method="PATCH", status=409, times=3, body={"error": "a newer version exists"})
    mark = server.mark()
    assert server.good("system", name="Room", capacity=5)["changes"]["updated"] == ["Room"]
    assert server.counts(mark)["writes"] == 4
    assert server.row("systems", "Room")["capacity"] == 5


def test_conflicts_without_end_are_given_up(server: Server) -> None:
    server.good("system", systems=[{"name": "Room", "capacity": 4}, {"name": "Other", "capacity": 4}])
    room = server.row("systems", "Room")["id"]
    server.fault(f"{SYSTEMS}/{room}", method="PATCH", status=409, times=0, body={"error": "a newer version exists"})
    result = server.run("system", systems=[{"name": "Room", "capacity": 5}, {"name": "Other", "capacity": 5}])
    (error,) = result["errors"]
    assert (error["name"], error["status"], error["message"]) == ("Room", 409, "a newer version exists")
    assert "Another client keeps writing" in result["msg"]
    assert result["changes"]["updated"] == ["Other"]


def test_a_driver_that_does_not_compile_is_told_with_the_compilers_output_in_each_run(server: Server) -> None:
    prepare(server, *DRIVERS[:1])
    broken = {**BOOKINGS, "file_name": "drivers/none.cr", "commit": "abcdef0"}
    for _run in range(2):
        result = server.run("driver", drivers=[CALENDAR, broken])
        assert result["failed"]
        (error,) = result["errors"]
        assert error["name"] == "PlaceOS Bookings"
        assert "can't find file 'drivers/none.cr'" in error["message"]
        assert "can't find file 'drivers/none.cr'" in result["msg"]
    assert server.names("drivers") == ["Microsoft Graph API", "PlaceOS Bookings"]


def test_a_compilation_that_takes_too_long_is_told_and_waited_for_by_the_next_run(server: Server) -> None:
    prepare(server, *DRIVERS[:1])
    result = server.run("driver", **CALENDAR, compile_timeout=0.05)
    assert result["failed"]
    assert "driver Microsoft Graph API: " in result["msg"]
    assert "not compiled after 0.05 seconds" in result["msg"]
    assert "compile_timeout" in result["msg"]
    assert not server.good("driver", **CALENDAR)["changed"]
    assert server.names("drivers") == ["Microsoft Graph API"]


def test_a_start_that_the_server_lost_is_repeated_until_the_module_runs(server: Server) -> None:
    prepare(server, *DRIVERS, ("system", {"name": "Room"}))
    server.control("faults", {"fault": "races", "enabled": True})
    server.good("module", driver=BOOKINGS["name"], systems=["Room"], running=True)
    (module,) = server.rows("modules")
    assert module["running"]
    assert server.loaded(module["id"])
