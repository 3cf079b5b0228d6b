# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Graph shows of a stored event (see events.py), and of one date of a series."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime

from ..table import Row
from . import ids
from .times import windows_name, written, zone

TAG = re.compile(r"<[^>]+>")
WRAPPED = (
    '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    "<!-- converted from text --></head>\r\n<body>\r\n<div>{text}</div>\r\n</body>\r\n</html>\r\n"
)


def preview(event: Row) -> str:
    """Return the beginning of the body as plain text."""
    return plain_text(event)[:255]


def plain_text(event: Row) -> str:
    """Return the body as plain text."""
    kind, content = event["_body"]
    return content if kind == "text" else html.unescape(TAG.sub("", content)).strip()


def body_of(event: Row, kind: str | None) -> Row:
    """Return the body as asked for: "text", "html", or as it was sent (None), as the answer to a write shows it."""
    sent, content = event["_body"]
    if kind is None or kind == sent:
        return {"contentType": sent, "content": content}
    if kind == "text":
        return {"contentType": "text", "content": plain_text(event)}
    return {"contentType": "html", "content": WRAPPED.format(text=html.escape(content))}


def on_date(event: Row, day: date) -> Row:
    """Return one date of a series as an event of its own."""
    home = zone(event["_zones"][0])
    local = event["_start"].astimezone(home)
    start = datetime.combine(day, local.time(), home).astimezone(UTC)
    one = {
        **event,
        "id": ids.occurrence_id(event["id"], day),
        "_start": start,
        "_end": start + (event["_end"] - event["_start"]),
        "recurrence": None,
        "_master": event["id"],
        "_date": day,
    }
    return {**one, **event["_changed"].get(day, {})}


def kind_of(event: Row) -> str:
    """Return the eventType."""
    if event.get("_date"):
        return "exception" if event.get("_exception") else "occurrence"
    return "seriesMaster" if event["recurrence"] else "singleInstance"


def shown(event: Row, *, zone_name: str | None = "UTC", body: str | None = "html") -> Row:
    """Return an event as Graph shows it; without a zone its times are in those it was made in."""
    first, last = event["_zones"] if zone_name is None else (zone_name, zone_name)
    recurrence = event["recurrence"]
    if recurrence and zone_name is not None:
        limits = recurrence["range"]
        stored = windows_name(limits["recurrenceTimeZone"])
        recurrence = {**recurrence, "range": {**limits, "recurrenceTimeZone": stored}}
    key = event["changeKey"]
    return {
        "@odata.etag": f'W/"{key}"',
        "id": event["id"],
        "createdDateTime": event["createdDateTime"],
        "lastModifiedDateTime": event["lastModifiedDateTime"],
        "changeKey": key,
        "categories": event["categories"],
        "transactionId": event["transactionId"],
        "originalStartTimeZone": event["_zones"][0],
        "originalEndTimeZone": event["_zones"][1],
        "iCalUId": ids.ical_uid(event["_uid"], event.get("_date")),
        "reminderMinutesBeforeStart": event["reminderMinutesBeforeStart"],
        "isReminderOn": event["isReminderOn"],
        "hasAttachments": event["hasAttachments"],
        "subject": event["subject"],
        "bodyPreview": preview(event),
        "importance": event["importance"],
        "sensitivity": event["sensitivity"],
        "isAllDay": event["isAllDay"],
        "isCancelled": event["isCancelled"],
        "isOrganizer": event["isOrganizer"],
        "responseRequested": event["responseRequested"],
        "seriesMasterId": event.get("_master"),
        "showAs": event["showAs"],
        "type": kind_of(event),
        "webLink": ids.web_link(event["id"]),
        "onlineMeetingUrl": event["onlineMeetingUrl"],
        "isOnlineMeeting": event["isOnlineMeeting"],
        "onlineMeetingProvider": event["onlineMeetingProvider"],
        "allowNewTimeProposals": event["allowNewTimeProposals"],
        "isDraft": event["isDraft"],
        "hideAttendees": event["hideAttendees"],
        "recurrence": recurrence,
        "onlineMeeting": event["onlineMeeting"],
        "responseStatus": event["responseStatus"],
        "body": body_of(event, body),
        "start": written(event["_start"], first),
        "end": written(event["_end"], last),
        "location": event["location"],
        "locations": event["locations"],
        "attendees": event["attendees"],
        "organizer": event["organizer"],
    }
