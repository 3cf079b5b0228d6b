# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""placeos_exec and placeos_info on ACAEngine: what the panels and the server say, in words that help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from integration.support.acaengine import API, PANEL, AcaServer
from integration.support.objects import CREDENTIALS
from integration.support.site import panel_document
from tools.lab_process import running_lab

from ansible_collections.placeos.office365.plugins.filter.panel_settings import panel_settings

DEPRECATED = "::Aca::OfficeBooking"
DEMO = "::Aca::DemoLogic"
ROOMS = [
    {"name": "27.01", "email": "syd-27.01@acme.example", "bookable": True},
    {"name": "27.02", "email": "syd-27.02@acme.example", "bookable": True},
    {"name": "No address", "bookable": True},
    {"name": "No module", "email": "store@acme.example"},
]
FETCH = {"module": "Bookings_1", "method": "fetch_bookings", "returns": "list"}
LOST = "Microsoft 365 gave no bookings: check the e-mail address, the mailbox, and the application's right to read it"


def build(aca: AcaServer, class_name: str, secret: str = CREDENTIALS["client_secret"], **settings: Any) -> None:
    """Three rooms with a panel of this class."""
    aca.good("system", systems=ROOMS)
    aca.good("driver", class_name=class_name)
    made = panel_settings(
        settings,
        class_name,
        tenant_id=CREDENTIALS["tenant"],
        client_id=CREDENTIALS["client_id"],
        client_secret=secret,
    )
    aca.good("settings", parent=class_name, encryption_level="none", document=made["document"])
    aca.good("module", driver=class_name, systems=["27.01", "27.02", "No address"], running=True)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AcaServer]:
    """Rooms with the current panel; the tests of this file that take it share it."""
    with running_lab(tmp_path_factory.mktemp("rooms")) as lab:
        aca = AcaServer(lab)
        build(aca, PANEL)
        aca.good("driver", class_name=DEMO)
        aca.good("module", driver=DEMO, systems=["27.01"], running=True)
        yield aca


@pytest.mark.parametrize("called", ["27.01", "syd-27.01@acme.example", "SYD-27.01@ACME.example"])
def test_bookings_are_returned_unwrapped_from_a_room_called_by_name_or_address(rooms: AcaServer, called: str) -> None:
    (entry,) = rooms.good("exec", system=called, **FETCH)["results"]
    assert not entry["failed"]
    assert isinstance(entry["result"], list)
    assert entry["result"]


def test_a_status_is_read_after_the_call_whether_it_is_a_text_or_not(rooms: AcaServer) -> None:
    (entry,) = rooms.good("exec", system="27.01", status="today", **FETCH)["results"]
    assert isinstance(entry["status"], list)
    (entry,) = rooms.good("exec", system="27.01", module="Demo", method="play", status="state")["results"]
    assert isinstance(entry["status"], str)


def test_nothing_is_run_in_check_mode(rooms: AcaServer) -> None:
    mark = rooms.mark()
    assert rooms.check("exec", system="27.01", **FETCH)["changed"]
    assert rooms.since(mark) == []


def test_each_failure_is_one_line_with_the_system_its_mailbox_and_the_cause(rooms: AcaServer) -> None:
    called = ["No module", "27.01", "No address", "Nowhere"]
    result = rooms.run("exec", systems=called, **FETCH)
    head, *lines = result["msg"].splitlines()
    assert head == "3 of 4 did not answer as they should"
    assert lines[0].startswith(
        "- No module (store@acme.example): Bookings_1 fetch_bookings: the room has no such module"
    )
    assert lines[1].startswith("- No address: Bookings_1 fetch_bookings: the system has no e-mail address")
    assert lines[2].startswith("- Nowhere: Bookings_1 fetch_bookings: there is no system 'Nowhere'")
    assert [entry["failed"] for entry in result["results"]] == [True, False, True, True]


def test_a_function_the_driver_does_not_have(rooms: AcaServer) -> None:
    result = rooms.run("exec", system="27.01", module="Bookings_1", method="fly")
    assert "the driver has no such function" in result["msg"], result["msg"]


def test_the_sentence_that_stands_for_an_answer_that_did_not_come_is_a_failure(rooms: AcaServer) -> None:
    system = rooms.row("systems", "27.01")["id"]
    rooms.control("slow", {"system": system, "enabled": True})
    try:
        mark = rooms.mark()
        result = rooms.run("exec", systems=["27.01", "27.02"], **FETCH)
    finally:
        rooms.control("slow", {"system": system, "enabled": False})
    assert result["failed"]
    assert "1 of 2" in result["msg"]
    assert "no answer within the 15 seconds that ACAEngine waits" in result["msg"]
    assert len([line for line in rooms.since(mark) if line.endswith("/exec")]) == 2, "it may still be carried out"


def test_a_function_is_not_run_twice_after_a_lost_answer(rooms: AcaServer) -> None:
    rooms.fault(f"{API}/systems/*/exec", method="POST", fault="drop", when="after")
    mark = rooms.mark()
    result = rooms.run("exec", system="27.01", **FETCH)
    assert "the connection broke before the answer arrived" in result["msg"]
    assert len([line for line in rooms.since(mark) if line.startswith("POST")]) == 1


@pytest.mark.parametrize(
    ("class_name", "state", "cause"),
    [
        (PANEL, "missing", LOST),
        (PANEL, "denied", LOST),
        (DEPRECATED, "missing", "there is no such mailbox in Microsoft 365"),
        (DEPRECATED, "denied", "the application may not read this mailbox"),
    ],
)
def test_a_mailbox_that_is_missing_or_denied(aca: AcaServer, class_name: str, state: str, cause: str) -> None:
    build(aca, class_name)
    aca.control("mailboxes", {"email": "syd-27.01@acme.example", "state": state})
    result = aca.run("exec", systems=["27.01", "27.02"], **FETCH)
    assert [entry["failed"] for entry in result["results"]] == [True, False]
    assert cause in result["msg"], result["msg"]
    aca.control("mailboxes", {"email": "syd-27.01@acme.example", "state": "ok"})
    assert not aca.good("exec", systems=["27.01", "27.02"], **FETCH)["failed"]


@pytest.mark.parametrize("class_name", [PANEL, DEPRECATED])
def test_a_room_without_an_address_is_told_so_whatever_the_driver_says(aca: AcaServer, class_name: str) -> None:
    build(aca, class_name)
    result = aca.run("exec", systems=["No address"], **FETCH)
    assert "the system has no e-mail address" in result["msg"], result["msg"]


@pytest.mark.parametrize("class_name", [PANEL, DEPRECATED])
def test_a_wrong_secret_is_the_cause_of_every_room_and_is_not_shown(aca: AcaServer, class_name: str) -> None:
    build(aca, class_name, "wrong-secret")
    result = aca.run("exec", systems=["27.01", "27.02"], **FETCH)
    lines = result["msg"].splitlines()[1:]
    assert len(lines) == 2, result["msg"]
    assert all("Microsoft refuses the client secret" in line for line in lines)
    assert "wrong-secret" not in str(result)


def test_placeholders_that_were_left_in_the_driver_are_the_cause(aca: AcaServer) -> None:
    aca.good("system", systems=ROOMS[:1])
    aca.good("driver", class_name=PANEL)
    aca.good("module", driver=PANEL, systems=["27.01"], running=True)
    result = aca.run("exec", systems=["27.01"], **FETCH)
    assert "Microsoft does not know the tenant" in result["msg"], result["msg"]
    aca.good("settings", parent=PANEL, encryption_level="none", document=panel_document())
    assert not aca.good("exec", systems=["27.01"], **FETCH)["failed"]


@pytest.mark.parametrize("class_name", [PANEL, DEPRECATED])
def test_the_bare_tenant_id_as_token_url_is_the_cause(aca: AcaServer, class_name: str) -> None:
    """As the check-list has it; Microsoft's answer has no words then."""
    build(aca, class_name)
    key = "msgraph_token_url" if class_name == PANEL else "office_token_url"
    document = {key: CREDENTIALS["tenant"]}
    aca.good("settings", parent=class_name, encryption_level="none", document=document)
    result = aca.run("exec", systems=["27.01"], **FETCH)
    assert "token URL" in result["msg"], result["msg"]


def test_all_zones_are_read_in_one_request(rooms: AcaServer) -> None:
    rooms.good("zone", name="Acme", tags=["org"])
    mark = rooms.mark()
    result = rooms.good("info", kind="zone")
    assert [(row["name"], row["tags"]) for row in result["objects"]] == [("Acme", ["org"])]
    assert (result["count"], result["changed"], result["platform"]) == (1, False, "acaengine")
    assert rooms.counts(mark) == {"reads": 1}


def test_the_server_filters(rooms: AcaServer) -> None:
    driver = rooms.panel()["id"]
    assert rooms.good("info", kind="module", filters={"dependency_id": driver})["count"] == 3


@pytest.mark.parametrize(
    ("kind", "count"), [("system", 4), ("driver", 2), ("module", 4), ("domain", 1), ("authority", 1)]
)
def test_every_kind_can_be_read(rooms: AcaServer, kind: str, count: int) -> None:
    assert rooms.good("info", kind=kind)["count"] == count


@pytest.mark.parametrize("kind", ["repository", "metadata", "tenant"])
def test_a_kind_that_acaengine_lacks_is_told(rooms: AcaServer, kind: str) -> None:
    result = rooms.good("info", kind=kind, parent="Acme")
    assert result["skipped"]
    assert "ACAEngine" in result["msg"]
    assert (result["objects"], result["count"]) == ([], 0)


def test_a_parent_that_is_missing_is_told(rooms: AcaServer) -> None:
    result = rooms.run("info", kind="settings", parent="27.03", parent_kind="system")
    assert "there is no system '27.03'; did you mean '27.0" in result["msg"]
