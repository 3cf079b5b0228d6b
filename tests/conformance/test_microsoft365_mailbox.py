# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's calendars and places agree with recordings and metadata of the real ones.

Requests were not recorded, so they are made from what their answers show; answers are compared by structure, series by
their dates.
"""

from __future__ import annotations

from typing import Any

import pytest
from conformance.microsoft365 import facts, needs_facts, recorded
from conformance.structure import differences
from lab.microsoft.facts import properties
from lab.microsoft.testing import Client
from lab.testing import Answer

NEW_PROPERTIES = frozenset(("hexColor", "isDefaultCalendar", "transactionId", "hideAttendees", "isDraft"))
"""Of calendars and events: they came after the recordings of 2020."""
ROOM, SERVICE, DIRECTOR = "syd-24.01@acme.example", "placeos@acme.example", "dana.marsh@acme.example"
ERRORS = {entry["id"]: entry for entry in facts("errors").get("graph", [])}

pytestmark = needs_facts


# -- errors of Graph ------------------------------------------------------------------------------------------------------

VIEW = "calendarView?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z"
TRIGGERS: dict[str, tuple[str, str, Any, dict[str, str]]] = {
    "policy_denied_current": (f"/v1.0/users/{DIRECTOR}/{VIEW}", "placeos", None, {}),
    "missing_consent_exchange": (f"/v1.0/users/{ROOM}/{VIEW}", "automation", None, {}),
    "mailbox_missing": (f"/v1.0/users/uma.lane@acme.example/{VIEW}", "placeos", None, {}),
    "user_invalid": (f"/v1.0/users/nobody@contoso.example/{VIEW}", "placeos", None, {}),
    "item_missing": (f"/v1.0/users/{ROOM}/events/AAMk{'A' * 147}=", "placeos", None, {}),
    "bad_id": (f"/v1.0/users/{ROOM}/events/x", "placeos", None, {}),
    "calendarview_no_range": (f"/v1.0/users/{ROOM}/calendar/calendarView", "placeos", None, {}),
    "schedule_unknown": (
        f"/v1.0/users/{ROOM}/calendar/getSchedule",
        "placeos",
        {
            "schedules": ["nobody@contoso.example"],
            "startTime": {"dateTime": "2026-12-01T08:00:00", "timeZone": "UTC"},
            "endTime": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
        },
        {},
    ),
}


@pytest.mark.parametrize("name", list(TRIGGERS))
def test_triggers_of_errors_have_their_status_and_words(ms: Client, name: str) -> None:
    path, role, body, headers = TRIGGERS[name]
    answer = ms("POST" if body else "GET", path, body, role=role, headers=headers)
    real = ERRORS[name]
    assert answer.status == real["status"]
    if name == "schedule_unknown":
        assert answer.json["value"] == real["body"]["value"]
        return
    assert differences(real["body"], answer.json) == []
    for key in ("code", "message"):
        assert answer.json["error"][key] == real["body"]["error"][key]


# -- recordings: calendar, events, series --------------------------------------------------------------------------------


def headers_missing(real: dict[str, Any], answer: Answer) -> set[str]:
    return {name.lower() for name in real["headers"]} - set(answer.headers)


def same(real: dict[str, Any], answer: Answer) -> None:
    """Compare status, names of headers, structure, and the beginning of the context."""
    assert answer.status == real["status"], answer
    assert headers_missing(real, answer) == set()
    if real["body"] is None:
        assert answer.text == ""
        return
    assert differences(real["body"], answer.json, NEW_PROPERTIES) == []
    context = real["body"]["@odata.context"].replace("svc-placeos%40contoso.example", "placeos%40acme.example")
    assert answer.json["@odata.context"] == context


def body_of(event: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a request that asks for what an answer shows; Graph takes null for no recurrence."""
    names = names or ("subject", "start", "end", "body", "attendees", "recurrence", "sensitivity", "isAllDay")
    return {name: event[name] for name in names}


def test_the_calendar_looks_as_recorded(ms: Client) -> None:
    (entry,) = recorded("calendar")
    same(entry["response"], ms.get(f"/v1.0/users/{SERVICE}/calendar?", role="placeos"))


def test_an_event_lives_as_recorded(ms: Client) -> None:
    by_number = {entry["n"]: entry["response"] for entry in recorded("events")}
    start = f"/v1.0/users/{SERVICE}/calendar"
    made = ms.post(f"{start}/events", body_of(by_number[1]["body"]), role="placeos")
    same(by_number[1], made)
    assert {key: made.json[key] for key in ("start", "end", "sensitivity")} == {
        key: by_number[1]["body"][key] for key in ("start", "end", "sensitivity")
    }
    item = f"{start}/events/{made.json['id']}"
    query = "startDateTime=2020-08-31T00:00:00-00:00&endDateTime=2021-03-01T00:00:00-00:00"
    same(by_number[2], ms.get(f"{start}/calendarView?{query}", role="placeos"))
    read = ms.get(item, role="placeos")
    same(by_number[3], read)
    assert (read.json["start"], read.json["end"]) == (by_number[3]["body"]["start"], by_number[3]["body"]["end"])
    question = {
        "schedules": [SERVICE],
        "startTime": {"dateTime": "2020-08-31T00:00:00", "timeZone": "UTC"},
        "endTime": {"dateTime": "2020-09-01T00:00:00", "timeZone": "UTC"},
    }
    same(by_number[4], ms.post(f"{start}/getSchedule", question, role="placeos"))
    change = body_of(by_number[10]["body"], "subject", "start", "end", "isAllDay", "sensitivity")
    changed = ms.patch(item, change, role="placeos")
    same(by_number[10], changed)
    assert changed.json["isAllDay"] is True
    same(by_number[11], ms.delete(item, role="placeos"))


def described(event: dict[str, Any]) -> tuple[Any, ...]:
    return (
        event["start"],
        event["end"],
        event["type"],
        event["subject"],
        event["recurrence"],
        event["seriesMasterId"] is None,
    )


def test_series_have_the_dates_of_the_recording(ms: Client) -> None:
    """The whole recording in order: creating, expanding, changing and deleting three series."""
    start = f"/v1.0/users/{SERVICE}/calendar"
    ids: dict[str, str] = {}
    for entry in recorded("recurrence"):
        method, target, _protocol = entry["request"]["line"].split()
        real = entry["response"]
        path, _mark, query = target.partition("?")
        last = path.rpartition("/")[2]
        if method == "POST":
            answer = ms.post(f"{start}/events", body_of(real["body"]), role="placeos")
            ids[real["body"]["id"]] = answer.json["id"]
        elif method == "PATCH":
            names = ("subject", "start", "end", "body", "recurrence")
            answer = ms.patch(f"{start}/events/{ids[last]}", body_of(real["body"], *names), role="placeos")
        elif method == "DELETE":
            answer = ms.delete(f"{start}/events/{ids[last]}", role="placeos")
        else:
            answer = ms.get(f"{start}/{'calendarView?' + query if query else 'events/' + ids[last]}", role="placeos")
        same(real, answer)
        if real["body"] is None:
            continue
        if "value" not in real["body"]:
            assert described(answer.json) == described(real["body"])
            continue
        assert [described(one) for one in answer.json["value"]] == [described(one) for one in real["body"]["value"]]
        ids |= {
            theirs["id"]: ours["id"] for theirs, ours in zip(real["body"]["value"], answer.json["value"], strict=True)
        }


# -- places ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cast", "kind"), [("room", "room"), ("roomlist", "roomList")])
def test_places_have_the_properties_of_their_type(ms: Client, cast: str, kind: str) -> None:
    types = facts("types")["types"]
    wanted = {entry["name"] for name in ("place", kind) for entry in types[name]["properties"]} | {"id"}
    answer = ms.get(f"/v1.0/places/microsoft.graph.{cast}", role="placeos").json
    assert {frozenset(row) for row in answer["value"]} == {frozenset(wanted)}
    assert set(properties(kind)) == wanted


@pytest.mark.parametrize("kind", ["event", "calendar", "scheduleInformation", "scheduleItem"])
def test_mailboxes_emit_no_property_that_is_unknown(ms: Client, kind: str) -> None:
    guests = [{"emailAddress": {"address": ROOM}}]
    times = {
        name: {"dateTime": f"2026-12-01T0{hour}:00:00", "timeZone": "UTC"} for name, hour in (("start", 8), ("end", 9))
    }
    made = ms.post(f"/v1.0/users/{SERVICE}/events", {**times, "attendees": guests}, role="placeos").json
    schedule = TRIGGERS["schedule_unknown"][2]
    found = ms.post(
        f"/v1.0/users/{SERVICE}/calendar/getSchedule", {**schedule, "schedules": [SERVICE]}, role="placeos"
    ).json
    shown = {
        "event": made,
        "calendar": ms.get(f"/v1.0/users/{SERVICE}/calendar", role="placeos").json,
        "scheduleInformation": found["value"][0],
        "scheduleItem": found["value"][0]["scheduleItems"][0],
    }[kind]
    assert {name for name in shown if not name.startswith("@")} <= set(properties(kind))
