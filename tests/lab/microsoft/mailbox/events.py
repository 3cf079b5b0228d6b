# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One event as a mailbox keeps it: made from a request, changed, and shown. Properties are those of the recordings.

A stored event is a dict of what Graph shows, and of keys beginning with ``_``: ``_start`` and ``_end`` (moments in UTC),
``_zones`` (their names as given), ``_body`` (content type and text as given), ``_gone`` (dates of a series that were
deleted), ``_changed`` (changes of single dates), ``_user`` (whose mailbox), ``_uid`` (what its iCalUId is made of).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..errors import GraphError
from ..facts import properties
from ..table import Row
from . import ids
from .recurrence import BadRecurrence, normalised
from .times import NEVER, invalid, moment_of, stamp, zone

PLAIN = {
    "allowNewTimeProposals": True,
    "categories": [],
    "hideAttendees": False,
    "importance": "normal",
    "isOnlineMeeting": False,
    "isReminderOn": True,
    "onlineMeetingProvider": "unknown",
    "reminderMinutesBeforeStart": 15,
    "responseRequested": True,
    "sensitivity": "normal",
    "showAs": "busy",
    "subject": "",
    "transactionId": None,
}
"""Properties that are stored as they come, and what they are otherwise."""
NO_LOCATION: Row = {
    "displayName": "",
    "locationType": "default",
    "uniqueIdType": "unknown",
    "address": {},
    "coordinates": {},
}


def create(given: dict[str, Any], owner: tuple[str, str, str], number: int, now: datetime) -> Row:
    """Return a new event of a mailbox (user id, name, address); raises GraphError."""
    user_id, name, address = owner
    event: Row = {
        "id": ids.event_id(user_id, number),
        "createdDateTime": stamp(now),
        "hasAttachments": False,
        "isCancelled": False,
        "isDraft": False,
        "isOrganizer": True,
        "onlineMeetingUrl": None,
        "onlineMeeting": None,
        "responseStatus": {"response": "organizer", "time": NEVER},
        "organizer": {"emailAddress": {"name": name, "address": address}},
        "attendees": [],
        "location": dict(NO_LOCATION),
        "locations": [],
        "isAllDay": False,
        "recurrence": None,
        **PLAIN,
        "_body": ("html", ""),
        "_gone": set(),
        "_changed": {},
        "_user": user_id,
        "_uid": ids.event_id(user_id, number),
        "_version": 0,
    }
    for wanted in ("start", "end"):
        if wanted not in given:
            raise invalid(wanted)
    return change(event, given, now)


def change(event: Row, given: dict[str, Any], now: datetime) -> Row:
    """Return an event with the properties of a request; raises GraphError."""
    _check_names(given)
    event = {**event, **{key: given[key] for key in PLAIN if key in given}}
    zones = list(event.get("_zones", ("UTC", "UTC")))
    for index, name in enumerate(("start", "end")):
        if name in given:
            event[f"_{name}"], zones[index] = moment_of(given[name], name)
    event["_zones"] = tuple(zones)
    event["isAllDay"] = bool(given.get("isAllDay", event["isAllDay"]))
    _check_times(event)
    if "body" in given:
        body = given["body"] or {}
        event["_body"] = (str(body.get("contentType") or "text").lower(), str(body.get("content") or ""))
    if "attendees" in given:
        event["attendees"] = [_attendee(entry) for entry in given["attendees"] or []]
    if "location" in given:
        event["location"] = _location(given["location"])
        event["locations"] = [event["location"]] if event["location"]["displayName"] else []
    if "locations" in given:
        event["locations"] = [_location(entry) for entry in given["locations"] or []]
    if "recurrence" in given:
        event["recurrence"] = _recurrence(given["recurrence"], zones[0])
        event["_gone"], event["_changed"] = set(), {}
    if event["isOnlineMeeting"] and not event["onlineMeeting"]:
        event["onlineMeetingProvider"] = "teamsForBusiness"
        event["onlineMeeting"] = {"joinUrl": f"https://teams.microsoft.com/l/meetup-join/{event['id'][-40:-2]}"}
    return touched(event, now)


def touched(event: Row, now: datetime) -> Row:
    """Return an event in its next version."""
    version = event["_version"] + 1
    return {
        **event,
        "_version": version,
        "changeKey": ids.change_key(event["id"], version),
        "lastModifiedDateTime": stamp(now),
    }


def _check_names(given: dict[str, Any]) -> None:
    for name in given:
        if name not in properties("event") and not name.startswith("@"):
            words = (
                f"The property '{name}' does not exist on type 'microsoft.graph.event'. Make sure to only use property"
                " names that are defined by the type or mark the type as open type."
            )
            raise GraphError(400, "RequestBodyRead", words)


def _check_times(event: Row) -> None:
    if event["_end"] < event["_start"]:
        words = "The end of the event can't be before its start."
        raise GraphError(400, "ErrorCalendarEndDateIsEarlierThanStartDate", words)
    if event["isAllDay"]:
        for name, zone_name in zip(("start", "end"), event["_zones"], strict=True):
            local = event[f"_{name}"].astimezone(zone(zone_name))
            if (local.hour, local.minute, local.second) != (0, 0, 0):
                words = f"The Event.{name.title()} property for an all-day event needs to be set to midnight."
                raise GraphError(400, "ErrorPropertyValidationFailure", words)


def _recurrence(given: Any, zone_name: str) -> Row | None:
    if given is None:
        return None
    try:
        return normalised(given, zone_name)
    except BadRecurrence as problem:
        raise invalid(str(problem)) from None


def _attendee(given: Any) -> Row:
    address = given.get("emailAddress") if isinstance(given, dict) else None
    if not isinstance(address, dict) or not address.get("address"):
        raise invalid("attendees")
    return {
        "type": given.get("type") or "required",
        "status": {"response": "none", "time": NEVER},
        "emailAddress": {"name": address.get("name") or address["address"], "address": address["address"]},
    }


def _location(given: Any) -> Row:
    if not isinstance(given, dict) or not given.get("displayName"):
        return dict(NO_LOCATION)
    named = {"displayName": given["displayName"], "uniqueId": given["displayName"], "uniqueIdType": "private"}
    kept = {
        key: given[key] for key in ("address", "coordinates", "locationEmailAddress", "locationUri") if key in given
    }
    return {"locationType": given.get("locationType") or "default", **named, **kept}
