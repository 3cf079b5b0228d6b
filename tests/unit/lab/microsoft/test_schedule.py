# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""getSchedule: free and busy times."""

from __future__ import annotations

from typing import Any

import pytest
from lab.microsoft.testing import Client
from lab.testing import Answer

ME, ROOM = "placeos@acme.example", "syd-24.01@acme.example"
PATH = f"/v1.0/users/{ME}/calendar/getSchedule"


def moment(text: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": f"2026-12-{text}:00", "timeZone": zone}


def ask(ms: Client, *addresses: str, path: str = PATH, role: str = "placeos", **more: Any) -> Answer:
    body = {"schedules": list(addresses), "startTime": moment("01T08:00"), "endTime": moment("01T10:00")}
    return ms.post(path, {**body, "availabilityViewInterval": 30, **more}, role=role)


def book(ms: Client, start: str, end: str, **more: Any) -> None:
    guests = [{"emailAddress": {"address": ROOM}}]
    body = {"subject": "Secret", "start": moment(start), "end": moment(end), "attendees": guests, **more}
    assert ms.post(f"/v1.0/users/{ME}/events", body, role="placeos").status == 201


def test_each_interval_has_a_digit_and_each_event_an_item(ms: Client) -> None:
    book(ms, "01T08:30", "01T09:15")
    (mine,) = ask(ms, ME).json["value"]
    assert mine["availabilityView"] == "0220"
    (item,) = mine["scheduleItems"]
    assert (item["status"], item["subject"], item["isPrivate"]) == ("busy", "Secret", False)
    assert item["start"] == {"dateTime": "2026-12-01T08:30:00.0000000", "timeZone": "UTC"}
    assert mine["workingHours"]["startTime"] == "08:00:00.0000000"


@pytest.mark.parametrize(
    ("shown", "digit"), [("tentative", "1"), ("oof", "3"), ("workingElsewhere", "4"), ("free", "0")]
)
def test_the_digit_says_how_busy(ms: Client, shown: str, digit: str) -> None:
    book(ms, "01T08:00", "01T08:30", showAs=shown)
    assert ask(ms, ME).json["value"][0]["availabilityView"] == f"{digit}000"


def test_of_others_only_the_times_are_shown(ms: Client) -> None:
    book(ms, "01T08:00", "01T09:00")
    (room,) = ask(ms, ROOM).json["value"]
    assert set(room["scheduleItems"][0]) == {"status", "start", "end"}


def test_an_unknown_address_is_an_error_within_a_success(ms: Client) -> None:
    answer = ask(ms, ROOM, "nobody@acme.example", "uma.lane@acme.example")
    good, *bad = answer.json["value"]
    assert (answer.status, "error" in good) == (200, False)
    assert [one["error"]["responseCode"] for one in bad] == ["ErrorMailRecipientNotFound"] * 2
    assert bad[0]["error"]["message"] == (
        "Unable to resolve e-mail address <>SMTP:nobody@acme.example to an Active Directory object."
    )


def test_the_mailbox_in_the_path_must_be_in_scope_and_the_others_need_not(ms: Client) -> None:
    director = "dana.marsh@acme.example"
    assert "error" not in ask(ms, director).json["value"][0]
    refused = ask(ms, ROOM, path=f"/v1.0/users/{director}/calendar/getSchedule")
    assert (refused.status, refused.json["error"]["code"]) == (403, "ErrorAccessDenied")


def test_names_in_the_body_may_begin_with_a_capital(ms: Client) -> None:
    body = {"Schedules": [ROOM], "StartTime": moment("01T08:00"), "EndTime": moment("01T10:00")}
    assert ms.post(PATH, {**body, "AvailabilityViewInterval": "60"}, role="placeos").status == 400
    assert (
        ms.post(PATH, {**body, "AvailabilityViewInterval": 60}, role="placeos").json["value"][0]["availabilityView"]
        == "00"
    )


def test_a_hundred_addresses_are_the_most(ms: Client) -> None:
    assert len(ask(ms, *[ROOM] * 100).json["value"]) == 100
    answer = ask(ms, *[ROOM] * 101)
    assert (answer.status, answer.json["error"]["code"]) == (400, "ErrorMailboxDataArrayTooBig")
    assert answer.json["error"]["message"].endswith("The allowed size = 100; the actual size = 101.")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"schedules": []}, "ErrorInvalidParameter"),
        ({"schedules": "x"}, "ErrorInvalidParameter"),
        ({"startTime": None}, "ErrorPropertyValidationFailure"),
        ({"startTime": moment("01T10:00")}, "ErrorInvalidTimeInterval"),
        ({"endTime": {"dateTime": "2027-03-01T00:00:00", "timeZone": "UTC"}}, "ErrorTimeIntervalTooBig"),
        ({"availabilityViewInterval": 4}, "ErrorInvalidMergedFreeBusyInterval"),
        ({"availabilityViewInterval": 121}, "ErrorInvalidMergedFreeBusyInterval"),
    ],
)
def test_a_question_must_make_sense(ms: Client, change: dict[str, Any], code: str) -> None:
    answer = ask(ms, ROOM, **change)
    assert (answer.status, answer.json["error"]["code"]) == (400, code)


def test_items_come_in_the_preferred_zone(ms: Client) -> None:
    book(ms, "01T08:00", "01T09:00")
    body = {"schedules": [ME], "startTime": moment("01T08:00"), "endTime": moment("01T10:00")}
    answer = ms.post(PATH, body, role="placeos", headers={"Prefer": 'outlook.timezone="Singapore Standard Time"'})
    assert answer.json["value"][0]["scheduleItems"][0]["start"] == {
        "dateTime": "2026-12-01T16:00:00.0000000",
        "timeZone": "Singapore Standard Time",
    }


def test_asking_is_no_write(ms: Client) -> None:
    ms.post("/_lab/read-only", {"enabled": True}, role=None)
    assert ask(ms, ROOM).status == 200
    assert ms.get("/_lab/violations", role=None).json == []
