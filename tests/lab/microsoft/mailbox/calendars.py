# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading: the calendar, its view, its events, its permissions (recorded/calendar, events, recurrence)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from ..errors import GraphError, known
from ..http import Context, Reply, reply
from ..table import Row
from . import ids
from .access import route, route_like
from .queries import applied, listed, render
from .store import Calendar
from .times import parse_moment

if TYPE_CHECKING:
    from ..routing import Router


def register(router: Router) -> None:
    """Register the routes."""
    route(router, "calendar.get", calendar, ("GET", "/users/{mailbox}/calendars/{calendar}"))
    route(router, "calendars.list", calendars)
    route(
        router,
        "calendar.calendarView",
        view,
        ("GET", "/users/{mailbox}/calendars/{calendar}/calendarView"),
    )
    route(router, "calendarView.default", view)
    route(
        router,
        "calendar.events.list",
        list_events,
        ("GET", "/users/{mailbox}/events"),
        ("GET", "/users/{mailbox}/calendars/{calendar}/events"),
    )
    route(
        router,
        "events.get",
        event,
        ("GET", "/users/{mailbox}/calendar/events/{id}"),
        ("GET", "/users/{mailbox}/calendars/{calendar}/events/{id}"),
    )
    route_like(
        router,
        "events.get",
        instances,
        ("GET", "/users/{mailbox}/events/{id}/instances"),
        ("GET", "/users/{mailbox}/calendar/events/{id}/instances"),
    )
    route_like(
        router,
        "calendar.get",
        permissions,
        ("GET", "/users/{mailbox}/calendar/calendarPermissions"),
        ("GET", "/users/{mailbox}/calendars/{calendar}/calendarPermissions"),
    )


def named(ctx: Context, rest: str) -> str:
    """Return what follows the hash of a context: the mailbox as the request wrote it, percent-encoded (recorded)."""
    return f"users('{quote(ctx.params['mailbox'], safe='')}')/{rest}"


def collection(ctx: Context) -> str:
    """Return the collection a path leads to, for the context."""
    steps = [step for step in ctx.path.split("/") if step]
    kind = steps[2].partition("(")[0]
    if "calendar" in ctx.params:
        return f"calendars('{quote(ctx.params['calendar'], safe='')}')"
    return "calendar" if kind.lower() == "calendar" else ""


def below(ctx: Context, name: str) -> str:
    """Return a context of something below the calendar, or directly below the user."""
    start = collection(ctx)
    return named(ctx, f"{start}/{name}" if start else name)


def check_calendar(ctx: Context, own: Calendar) -> None:
    """Refuse calendars other than the default one: mailboxes of the lab have one."""
    wanted = ctx.params.get("calendar")
    if wanted is not None and wanted != ids.calendar_id(own.mailbox.user_id):
        raise known("item_missing")


def calendar_row(own: Calendar) -> Row:
    """Return the default calendar."""
    user_id, name, address = own.owner
    return {
        "id": ids.calendar_id(user_id),
        "name": "Calendar",
        "color": "auto",
        "hexColor": "",
        "isDefaultCalendar": True,
        "changeKey": ids.change_key(user_id, 0),
        "canShare": True,
        "canViewPrivateItems": True,
        "canEdit": True,
        "allowedOnlineMeetingProviders": ["teamsForBusiness"],
        "defaultOnlineMeetingProvider": "teamsForBusiness",
        "isTallyingResponses": True,
        "isRemovable": False,
        "owner": {"name": name, "address": address},
    }


def calendar(ctx: Context, own: Calendar) -> Reply:
    """Show the default calendar."""
    check_calendar(ctx, own)
    what = "calendars" if "calendar" in ctx.params else "calendar"
    return reply({"@odata.context": ctx.context(named(ctx, f"{what}/$entity")), **calendar_row(own)})


def calendars(ctx: Context, own: Calendar) -> Reply:
    """List the one calendar."""
    return reply({"@odata.context": ctx.context(named(ctx, "calendars")), "value": [calendar_row(own)]})


def window(ctx: Context) -> tuple[str, str]:
    """Return the two ends of a view; 400 without them."""
    start, end = ctx.query.get("startdatetime"), ctx.query.get("enddatetime")
    if not start or not end:
        raise known("calendarview_no_range")
    return start, end


def view(ctx: Context, own: Calendar) -> Reply:
    """Show single events and dates of series within a time."""
    check_calendar(ctx, own)
    try:
        start, end = map(parse_moment, window(ctx))
    except ValueError:
        words = "The value of StartDateTime or EndDateTime is not a valid date and time."
        raise GraphError(400, "ErrorInvalidParameter", words) from None
    return listed(ctx, own.between(start, end), below(ctx, "calendarView"))


def list_events(ctx: Context, own: Calendar) -> Reply:
    """List single events and series, latest created first."""
    check_calendar(ctx, own)
    rows = sorted(own.mailbox.events.values(), key=lambda row: str(row["createdDateTime"]), reverse=True)
    return listed(ctx, rows, below(ctx, "events"))


def event(ctx: Context, own: Calendar) -> Reply:
    """Show one event."""
    check_calendar(ctx, own)
    return shown(ctx, own.get(str(ctx.params["id"])))


def shown(ctx: Context, row: Row, status: int = 200, *, as_sent: bool = False) -> Reply:
    """Answer one event; a new one says where it is (recorded)."""
    view_of = render(ctx, row, as_sent=as_sent)
    names = ctx.query.get("$select")
    context = below(ctx, f"events({names})/$entity" if names else "events/$entity")
    headers = {"ETag": view_of["@odata.etag"], **applied(ctx)}
    if status == 201:
        owner = f"{row['_user']}@{ctx.tenant.id}"
        headers["Location"] = f"https://outlook.office.com/api/v2.0/Users('{owner}')/Events('{row['id']}')"
    return reply({"@odata.context": ctx.context(context), **view_of}, status, headers)


def instances(ctx: Context, own: Calendar) -> Reply:
    """Show the dates of one series within a time."""
    master = own.get(str(ctx.params["id"]))
    try:
        start, end = map(parse_moment, window(ctx))
    except ValueError:
        raise known("calendarview_no_range") from None
    rows = [row for row in own.between(start, end) if row.get("_master") == master["id"]]
    return listed(ctx, rows, below(ctx, f"events('{quote(master['id'], safe='')}')/instances"))


def permissions(ctx: Context, own: Calendar) -> Reply:
    """List who may see the calendar: everybody in the organisation sees when it is busy."""
    check_calendar(ctx, own)
    row = {
        "id": "RGVmYXVsdA==",
        "isRemovable": False,
        "isInsideOrganization": True,
        "role": "freeBusyRead",
        "allowedRoles": ["none", "freeBusyRead", "limitedRead", "read", "write"],
        "emailAddress": {"name": "My Organization"},
    }
    return reply({"@odata.context": ctx.context(below(ctx, "calendarPermissions")), "value": [row]})
