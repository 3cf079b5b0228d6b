# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendars and events of a mailbox."""

from __future__ import annotations

from typing import Any

import pytest
from lab.microsoft.testing import Client, Running
from lab.testing import Answer

ME, ROOM, GUEST = "placeos@acme.example", "syd-24.01@acme.example", "ada.byrne@acme.example"
CALENDAR = f"/v1.0/users/{ME}/calendar"
EVENTS = f"{CALENDAR}/events"
WHEN = {"start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Australia/Sydney"}}
UNTIL = {"end": {"dateTime": "2026-12-01T10:30:00", "timeZone": "Australia/Sydney"}}
EVERY_TWO_DAYS = {
    "pattern": {"type": "daily", "interval": 2},
    "range": {"type": "endDate", "startDate": "2026-12-01", "endDate": "2026-12-15"},
}


def invite(*addresses: str) -> list[dict[str, Any]]:
    return [{"type": "required", "emailAddress": {"address": address}} for address in addresses]


def new(ms: Client, **more: Any) -> dict[str, Any]:
    answer = ms.post(EVENTS, {"subject": "Stand-up", **WHEN, **UNTIL, **more}, role="placeos")
    assert answer.status == 201, answer
    return dict(answer.json)


def view(ms: Client, mailbox: str = ME, start: str = "2026-11-30", end: str = "2027-03-01", more: str = "") -> Answer:
    query = f"startDateTime={start}T00:00:00Z&endDateTime={end}T00:00:00Z{more}"
    return ms.get(f"/v1.0/users/{mailbox}/calendarView?{query}", role="placeos")


def starts(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [event["start"]["dateTime"][5:16] for event in answer.json["value"]]


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


def test_the_default_calendar_and_the_list_of_calendars_agree(ms: Client) -> None:
    one = ms.get(CALENDAR, role="placeos").json
    assert one["@odata.context"].endswith("#users('placeos%40acme.example')/calendar/$entity")
    assert one["owner"] == {"name": "PlaceOS", "address": ME}
    (same,) = ms.get(f"/v1.0/users/{ME}/calendars", role="placeos").json["value"]
    assert {key: value for key, value in one.items() if key != "@odata.context"} == same
    assert ms.get(f"/v1.0/users/{ME}/calendars/{one['id']}/events", role="placeos").status == 200
    assert code(ms.get(f"/v1.0/users/{ME}/calendars/other", role="placeos")) == (404, "ErrorItemNotFound")


@pytest.mark.parametrize("name", [ME, ME.upper(), "zoe.adler@acme.onmicrosoft.com", "zoe.adler@acme.example"])
def test_a_mailbox_is_named_by_address_or_user_name(ms: Client, name: str) -> None:
    assert ms.get(f"/v1.0/users/{name}/calendar", role="placeos").status == 200
    assert ms.get(f"/v1.0/users('{name}')/calendar", role="placeos").status == 200


def test_a_mailbox_is_named_by_the_id_of_its_user(ms: Client) -> None:
    user = ms.get(f"/v1.0/users/{ME}", role="placeos").json["id"]
    assert ms.get(f"/v1.0/users/{user}/calendar", role="placeos").json["owner"]["address"] == ME


@pytest.mark.parametrize(
    ("mailbox", "expected"),
    [
        ("nobody@acme.example", (404, "ErrorInvalidUser")),
        ("uma.lane@acme.example", (404, "MailboxNotEnabledForRESTAPI")),
        ("dana.marsh@acme.example", (403, "ErrorAccessDenied")),
    ],
)
def test_a_mailbox_may_be_unknown_missing_or_out_of_reach(ms: Client, mailbox: str, expected: tuple[int, str]) -> None:
    assert code(ms.get(f"/v1.0/users/{mailbox}/calendar", role="placeos")) == expected


@pytest.mark.parametrize("mailbox", [ME, "nobody@acme.example", "uma.lane@acme.example"])
def test_without_the_permission_every_mailbox_is_refused_alike(ms: Client, mailbox: str) -> None:
    answer = ms.get(f"/v1.0/users/{mailbox}/calendar", role="automation")
    assert code(answer) == (403, "ErrorAccessDenied")
    assert answer.json["error"]["message"] == "Access is denied. Check credentials and try again."


def test_reading_is_allowed_with_less_than_writing(ms: Client) -> None:
    token = ms.bearer_of("Calendars.Read")
    assert ms.get(EVENTS, role=token).status == 200
    assert ms.post(EVENTS, {**WHEN, **UNTIL}, role=token).status == 403


def test_an_event_is_answered_as_it_was_sent_and_read_in_utc(ms: Client) -> None:
    body = {"contentType": "text", "content": "Bring <cake>"}
    made = new(ms, body=body, location={"displayName": "Kitchen"})
    assert made["start"] == {"dateTime": "2026-12-01T10:00:00.0000000", "timeZone": "Australia/Sydney"}
    assert (made["body"], made["bodyPreview"]) == (body, "Bring <cake>")
    read = ms.get(f"{EVENTS}/{made['id']}", role="placeos").json
    assert read["start"] == {"dateTime": "2026-11-30T23:00:00.0000000", "timeZone": "UTC"}
    assert (read["originalStartTimeZone"], read["body"]["contentType"]) == ("Australia/Sydney", "html")
    assert "Bring &lt;cake&gt;" in read["body"]["content"]
    assert read["locations"] == [read["location"]]


def test_an_etag_names_the_version(ms: Client) -> None:
    made = new(ms)
    assert made["@odata.etag"] == f'W/"{made["changeKey"]}"'
    answer = ms.patch(f"{EVENTS}/{made['id']}", {"subject": "New"}, role="placeos")
    assert answer.headers["etag"] == answer.json["@odata.etag"] != made["@odata.etag"]
    assert ms.get(f"{EVENTS}/{made['id']}", role="placeos").json["subject"] == "New"


def test_a_new_event_says_where_it_is(ms: Client) -> None:
    answer = ms.post(EVENTS, {**WHEN, **UNTIL}, role="placeos")
    assert answer.headers["location"].endswith(f"/Events('{answer.json['id']}')")


def test_times_and_bodies_come_as_preferred(ms: Client) -> None:
    made = new(ms, body={"contentType": "html", "content": "<p>Hello</p>"})
    wishes = {"Prefer": 'outlook.timezone="AUS Eastern Standard Time", outlook.body-content-type="text"'}
    answer = ms.get(f"{EVENTS}/{made['id']}", role="placeos", headers=wishes)
    assert answer.json["start"] == {"dateTime": "2026-12-01T10:00:00.0000000", "timeZone": "AUS Eastern Standard Time"}
    assert answer.json["body"] == {"contentType": "text", "content": "Hello"}
    assert "outlook.timezone" in answer.headers["preference-applied"]
    wrong = {"Prefer": 'outlook.timezone="Nowhere"'}
    assert ms.get(f"{EVENTS}/{made['id']}", role="placeos", headers=wrong).status == 400


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"start": None}, "ErrorPropertyValidationFailure"),
        ({"start": {"dateTime": "tomorrow", "timeZone": "UTC"}}, "ErrorPropertyValidationFailure"),
        ({"start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Nowhere"}}, "TimeZoneNotSupportedException"),
        ({"end": {"dateTime": "2026-11-01T10:00:00", "timeZone": "UTC"}}, "ErrorCalendarEndDateIsEarlierThanStartDate"),
        ({"title": "x"}, "RequestBodyRead"),
        ({"isAllDay": True}, "ErrorPropertyValidationFailure"),
        ({"attendees": [{"emailAddress": {}}]}, "ErrorPropertyValidationFailure"),
        ({"recurrence": {"pattern": {}}}, "ErrorPropertyValidationFailure"),
    ],
)
def test_an_event_must_make_sense(ms: Client, change: dict[str, Any], expected: str) -> None:
    assert code(ms.post(EVENTS, {**WHEN, **UNTIL, **change}, role="placeos")) == (400, expected)


@pytest.mark.parametrize("path", ["calendar/calendarView", "calendarView"])
@pytest.mark.parametrize("query", ["", "?startDateTime=2026-12-01T00:00:00Z", "?startDateTime=x&endDateTime=y"])
def test_a_view_needs_a_range(ms: Client, path: str, query: str) -> None:
    assert code(ms.get(f"/v1.0/users/{ME}/{path}{query}", role="placeos")) == (400, "ErrorInvalidParameter")


def test_a_view_holds_what_overlaps_the_range(ms: Client) -> None:
    new(ms)
    assert starts(view(ms)) == ["11-30T23:00"]
    assert starts(view(ms, start="2026-12-01")) == []
    query = "startDateTime=2026-11-30T23:15:00Z&endDateTime=2026-11-30T23:20:00Z"
    assert starts(ms.get(f"{CALENDAR}/calendarView?{query}", role="placeos")) == ["11-30T23:00"]
    query = "startDateTime=2026-11-30T23:30:00Z&endDateTime=2026-12-01T00:00:00Z"
    assert starts(ms.get(f"{CALENDAR}/calendarView?{query}", role="placeos")) == []


def test_ten_events_are_a_page_and_a_link_leads_on(ms: Client) -> None:
    new(
        ms,
        recurrence={
            **EVERY_TWO_DAYS,
            "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 23},
        },
    )
    answer, found = view(ms), []
    for size in (10, 10, 3):
        assert len(answer.json["value"]) == size
        found += starts(answer)
        link = answer.json.get("@odata.nextLink")
        answer = ms.get(link.removeprefix(ms.url), role="placeos") if link else answer
    assert (link, len(set(found))) == (None, 23)
    assert len(view(ms, more="&%24top=50").json["value"]) == 23
    assert len(view(ms, more="&$top=5&$skip=20").json["value"]) == 3
    assert view(ms, more="&$top=0").status == 400


def test_a_list_is_selected_sorted_filtered_and_counted(ms: Client) -> None:
    for subject, hour in (("b", 8), ("a", 9), ("c", 7)):
        times = {name: {"dateTime": f"2026-12-02T0{hour}:00:00", "timeZone": "UTC"} for name in ("start", "end")}
        new(ms, subject=subject, **times)
    chosen = view(ms, more="&$select=subject&$orderby=subject%20desc&$count=true").json
    assert [event["subject"] for event in chosen["value"]] == ["c", "b", "a"]
    assert set(chosen["value"][0]) == {"@odata.etag", "id", "subject"}
    assert chosen["@odata.count"] == 3
    assert [event["subject"] for event in view(ms).json["value"]] == ["c", "b", "a"]
    found = view(ms, more="&$filter=subject%20eq%20%27a%27").json["value"]
    assert [event["subject"] for event in found] == ["a"]
    assert view(ms, more="&$orderby=colour").status == 400
    assert view(ms, more="&$select=colour").status == 400


def test_a_series_is_one_event_in_the_list_and_many_in_the_view(ms: Client) -> None:
    master = new(ms, recurrence=EVERY_TWO_DAYS)
    assert master["type"] == "seriesMaster"
    listed = ms.get(EVENTS, role="placeos").json["value"]
    assert [(event["id"], event["type"]) for event in listed] == [(master["id"], "seriesMaster")]
    dates = view(ms).json["value"]
    assert len(dates) == 8
    assert {(event["type"], event["seriesMasterId"], event["recurrence"]) for event in dates} == {
        ("occurrence", master["id"], None)
    }
    assert len({event["id"] for event in dates}) == len({event["iCalUId"] for event in dates}) == 8
    assert ms.get(f"{EVENTS}/{dates[3]['id']}", role="placeos").json["start"] == dates[3]["start"]


def test_a_series_stays_at_its_hour_when_clocks_change(ms: Client) -> None:
    weekly = {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["sunday"]},
        "range": {"type": "numbered", "startDate": "2027-03-28", "numberOfOccurrences": 2},
    }
    when = {
        name: {"dateTime": f"2027-03-28T10:{minute}:00", "timeZone": "AUS Eastern Standard Time"}
        for name, minute in (("start", "00"), ("end", "30"))
    }
    new(ms, recurrence=weekly, **when)
    assert starts(view(ms, start="2027-03-01", end="2027-05-01")) == ["03-27T23:00", "04-04T00:00"]


def test_a_series_becomes_a_single_event(ms: Client) -> None:
    master = new(ms, recurrence=EVERY_TWO_DAYS)
    changed = ms.patch(f"{EVENTS}/{master['id']}", {"recurrence": None}, role="placeos").json
    assert (changed["type"], changed["recurrence"]) == ("singleInstance", None)
    assert len(view(ms).json["value"]) == 1


def test_one_date_of_a_series_is_deleted(ms: Client) -> None:
    new(ms, recurrence=EVERY_TWO_DAYS)
    third = view(ms).json["value"][2]
    assert ms.delete(f"{EVENTS}/{third['id']}", role="placeos").status == 204
    left = view(ms).json["value"]
    assert len(left) == 7
    assert third["id"] not in [event["id"] for event in left]
    assert code(ms.get(f"{EVENTS}/{third['id']}", role="placeos")) == (404, "ErrorItemNotFound")


def test_one_date_of_a_series_is_moved(ms: Client) -> None:
    new(ms, recurrence=EVERY_TWO_DAYS)
    third = view(ms).json["value"][2]
    later = {
        name: {"dateTime": f"2026-12-20T0{hour}:00:00", "timeZone": "UTC"} for name, hour in (("start", 1), ("end", 2))
    }
    moved = ms.patch(f"{EVENTS}/{third['id']}", {"subject": "Moved", **later}, role="placeos").json
    assert (moved["id"], moved["type"], moved["subject"]) == (third["id"], "exception", "Moved")
    assert starts(view(ms))[-1] == "12-20T01:00"
    assert len(view(ms).json["value"]) == 8


def test_an_event_is_deleted(ms: Client) -> None:
    made = new(ms)
    gone = ms.delete(f"/v1.0/users/{ME}/events/{made['id']}", role="placeos")
    assert (gone.status, gone.text, gone.headers["content-type"]) == (204, "", "text/plain")
    assert code(ms.delete(f"{EVENTS}/{made['id']}", role="placeos")) == (404, "ErrorItemNotFound")
    assert code(ms.get(f"{EVENTS}/short", role="placeos")) == (400, "ErrorInvalidIdMalformed")


def test_a_room_accepts_when_it_is_free_and_shows_who_booked_it(ms: Client) -> None:
    made = new(ms, attendees=invite(ROOM, GUEST))
    assert {
        one["status"]["response"] for one in ms.get(f"{EVENTS}/{made['id']}", role="placeos").json["attendees"]
    } == {
        "accepted",
        "none",
    }
    (booked,) = view(ms, ROOM).json["value"]
    assert (booked["subject"], booked["isOrganizer"], booked["responseStatus"]["response"]) == (
        "PlaceOS",
        False,
        "accepted",
    )
    assert booked["iCalUId"] == made["iCalUId"]
    (invited,) = view(ms, GUEST).json["value"]
    assert (invited["subject"], invited["responseStatus"]["response"]) == ("Stand-up", "notResponded")


def test_a_room_declines_when_it_is_taken(ms: Client) -> None:
    new(ms, attendees=invite(ROOM))
    second = new(ms, attendees=invite(ROOM))
    assert ms.get(f"{EVENTS}/{second['id']}", role="placeos").json["attendees"][0]["status"]["response"] == "declined"
    assert len(view(ms, ROOM).json["value"]) == 1


def test_what_the_organiser_moves_or_cancels_follows_everywhere(ms: Client) -> None:
    made = new(ms, attendees=invite(ROOM, GUEST))
    later = {name: {"dateTime": "2026-12-24T01:00:00", "timeZone": "UTC"} for name in ("start", "end")}
    ms.patch(f"{EVENTS}/{made['id']}", later, role="placeos")
    assert starts(view(ms, ROOM)) == starts(view(ms, GUEST)) == ["12-24T01:00"]
    assert ms.post(f"{EVENTS}/{made['id']}/cancel", {"comment": "Sorry"}, role="placeos").status == 202
    assert starts(view(ms)) == starts(view(ms, ROOM)) == starts(view(ms, GUEST)) == []


def test_a_guest_accepts_or_declines(ms: Client) -> None:
    made = new(ms, attendees=invite(GUEST))
    mine = view(ms, GUEST).json["value"][0]["id"]
    assert ms.post(f"/v1.0/users/{GUEST}/events/{mine}/accept", {}, role="placeos").status == 202
    assert ms.get(f"{EVENTS}/{made['id']}", role="placeos").json["attendees"][0]["status"]["response"] == "accepted"
    assert ms.post(f"/v1.0/users/{GUEST}/calendar/events/{mine}/decline", {}, role="placeos").status == 202
    assert ms.get(f"{EVENTS}/{made['id']}", role="placeos").json["attendees"][0]["status"]["response"] == "declined"
    assert starts(view(ms, GUEST)) == []


def test_organisers_do_not_answer_themselves_and_guests_do_not_cancel(ms: Client) -> None:
    made = new(ms, attendees=invite(GUEST))
    mine = view(ms, GUEST).json["value"][0]["id"]
    assert code(ms.post(f"{EVENTS}/{made['id']}/accept", {}, role="placeos")) == (400, "ErrorInvalidRequest")
    assert code(ms.post(f"/v1.0/users/{GUEST}/events/{mine}/cancel", {}, role="placeos")) == (
        400,
        "ErrorInvalidRequest",
    )


def test_the_same_transaction_makes_one_event(ms: Client) -> None:
    assert new(ms, transactionId="t1")["id"] == new(ms, transactionId="t1")["id"]
    assert len(view(ms).json["value"]) == 1


def test_an_online_meeting_has_an_address(ms: Client) -> None:
    made = new(ms, isOnlineMeeting=True)
    assert made["onlineMeetingProvider"] == "teamsForBusiness"
    assert made["onlineMeeting"]["joinUrl"].startswith("https://teams.microsoft.com/")


def test_everybody_in_the_organisation_sees_when_a_calendar_is_busy(ms: Client) -> None:
    (row,) = ms.get(f"{CALENDAR}/calendarPermissions", role="placeos").json["value"]
    assert (row["role"], row["emailAddress"]) == ("freeBusyRead", {"name": "My Organization"})


def test_mail_is_taken_and_needs_its_own_permission(ms: Client, running_ms: Running) -> None:
    message = {"subject": "Hi", "toRecipients": [{"emailAddress": {"address": GUEST}}]}
    path, body = f"/v1.0/users/{ME}/sendMail", {"message": message, "saveToSentItems": "false"}
    assert code(ms.post(path, body, role="placeos")) == (403, "ErrorAccessDenied")
    token = ms.bearer_of("Mail.Send")
    sent = ms.post(path, body, role=token)
    assert (sent.status, sent.text) == (202, "")
    assert running_ms.tenant.exchange.sent == [{"from": ME, **message}]
    assert ms.post(path, {"message": {"subject": "nobody"}}, role=token).status == 400


def test_a_read_only_tenant_books_nothing(ms: Client) -> None:
    ms.post("/_lab/read-only", {"enabled": True}, role=None)
    assert ms.post(EVENTS, {**WHEN, **UNTIL}, role="placeos").text.startswith("The lab is read-only")
    assert starts(view(ms)) == []


def test_more_than_four_calls_at_once_into_one_mailbox_are_throttled(ms: Client, running_ms: Running) -> None:
    running_ms.tenant.options.mailbox_seconds = 0.7
    ms.signed("placeos")
    try:
        same = ms.at_once(*(lambda: ms.get(CALENDAR, role="placeos") for _number in range(7)))
        other = [f"syd-24.0{number}@acme.example" for number in range(1, 7)]
        different = ms.at_once(
            *(lambda name=name: ms.get(f"/v1.0/users/{name}/calendar", role="placeos") for name in other)
        )
    finally:
        running_ms.tenant.options.mailbox_seconds = 0.003
    assert sorted(answer.status for answer in same) == [200] * 4 + [429] * 3
    refused = next(answer for answer in same if answer.status == 429)
    assert (refused.json["error"]["code"], refused.headers["retry-after"]) == ("ApplicationThrottled", "10")
    assert {answer.status for answer in different} == {200}
