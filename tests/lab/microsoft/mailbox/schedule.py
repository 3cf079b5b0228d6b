# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""getSchedule: who is busy when. 200 whatever becomes of the single addresses (recorded/events, errors.json).

The document speaks of 20 addresses; the service refuses from 101 on, in the words used here (docs-contrib issue 5895).
Only the mailbox in the path must be within the application's scope: free/busy of the others is not protected by it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from ..errors import GraphError
from ..http import Context, Reply, reply
from ..table import Row
from .access import route
from .queries import applied, preferences
from .store import Calendar
from .times import moment_of, written

if TYPE_CHECKING:
    from ..routing import Router

MOST = 100
LONGEST = timedelta(days=62)
SHORTEST_INTERVAL, LONGEST_INTERVAL = 5, 1440
DEFAULT_INTERVAL = 30
DIGITS = {"free": "0", "tentative": "1", "busy": "2", "oof": "3", "workingElsewhere": "4"}
WORKING_HOURS: Row = {
    "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
    "startTime": "08:00:00.0000000",
    "endTime": "17:00:00.0000000",
    "timeZone": {"name": "AUS Eastern Standard Time"},
}


def register(router: Router) -> None:
    """Register the route."""
    route(router, "calendar.getSchedule", get_schedule, ("POST", "/users/{mailbox}/calendars/{calendar}/getSchedule"))


def get_schedule(ctx: Context, own: Calendar) -> Reply:
    """Answer the free/busy times of some addresses."""
    given = {key.lower(): value for key, value in ctx.json().items()}
    addresses, start, end, interval = checked(given)
    zone_name = preferences(ctx).get("timezone", "UTC")
    value = [one_schedule(own, str(address), (start, end), interval, zone_name) for address in addresses]
    context = ctx.context("Collection(microsoft.graph.scheduleInformation)")
    headers = {"Location": "https://graph.microsoft.com", **applied(ctx)}
    return reply({"@odata.context": context, "value": value}, headers=headers)


def checked(given: Row) -> tuple[list[Any], datetime, datetime, int]:
    """Return addresses, both ends and interval of a request; raises GraphError (texts but the first are inferred)."""
    addresses = given.get("schedules")
    if not isinstance(addresses, list) or not addresses:
        raise GraphError(400, "ErrorInvalidParameter", "The value of the parameter 'Schedules' is empty.")
    if len(addresses) > MOST:
        words = f"There are too many target users in the EmailAddress array. The allowed size = {MOST}; the actual size"
        raise GraphError(400, "ErrorMailboxDataArrayTooBig", f"{words} = {len(addresses)}.")
    start, _zone = moment_of(given.get("starttime"), "startTime")
    end, _zone = moment_of(given.get("endtime"), "endTime")
    if end <= start:
        words = "The end of the time window must be after its start."
        raise GraphError(400, "ErrorInvalidTimeInterval", words)
    if end - start > LONGEST:
        words = (
            "The requested time duration specified for FreeBusyViewOptions.TimeWindow is too long. The allowed limit ="
        )
        raise GraphError(
            400, "ErrorTimeIntervalTooBig", f"{words} 62 days; the actual limit = {(end - start).days} days."
        )
    interval = given.get("availabilityviewinterval") or DEFAULT_INTERVAL
    longest = min(LONGEST_INTERVAL, (end - start) // timedelta(minutes=1))
    if not isinstance(interval, int) or not SHORTEST_INTERVAL <= interval <= longest:
        words = f"The merged free/busy interval '{interval}' is not valid: {SHORTEST_INTERVAL} to {LONGEST_INTERVAL} minutes,"
        raise GraphError(400, "ErrorInvalidMergedFreeBusyInterval", f"{words} and not longer than the time window.")
    return addresses, start, end, interval


def one_schedule(own: Calendar, address: str, ends: tuple[datetime, datetime], interval: int, zone_name: str) -> Row:
    """Return the schedule of one address, or its error (recorded)."""
    mailbox = own.tenant.mailbox_of(address)
    if mailbox is None or not mailbox.enabled:
        words = f"Unable to resolve e-mail address <>SMTP:{address} to an Active Directory object."
        error = {"message": words, "responseCode": "ErrorMailRecipientNotFound"}
        return {"scheduleId": address, "availabilityView": "", "scheduleItems": [], "error": error}
    events = [one for one in Calendar(own.tenant, mailbox).between(*ends) if one["showAs"] != "free"]
    return {
        "scheduleId": address,
        "availabilityView": availability(events, ends, interval),
        "scheduleItems": [item(event, zone_name, full=mailbox is own.mailbox) for event in events],
        "workingHours": WORKING_HOURS,
    }


def availability(events: list[Row], ends: tuple[datetime, datetime], interval: int) -> str:
    """Return a digit for each interval: that of the busiest event in it."""
    start, end = ends
    step = timedelta(minutes=interval)
    digits = []
    for index in range(ceil((end - start) / step)):
        first, last = start + index * step, start + (index + 1) * step
        hits = [DIGITS.get(one["showAs"], "2") for one in events if one["_start"] < last and one["_end"] > first]
        digits.append(max(hits, default="0", key="04123".index))
    return "".join(digits)


def item(event: Row, zone_name: str, *, full: bool) -> Row:
    """Return one event of a schedule; subject and place only where the calendar's details may be read."""
    details = {
        "isPrivate": event["sensitivity"] == "private",
        "subject": event["subject"],
        "location": event["location"]["displayName"],
    }
    return {
        **({"isPrivate": details["isPrivate"]} if full else {}),
        "status": event["showAs"],
        **({"subject": details["subject"], "location": details["location"]} if full else {}),
        "start": written(event["_start"], zone_name),
        "end": written(event["_end"], zone_name),
    }
