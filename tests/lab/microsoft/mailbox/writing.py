# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing: events, answers to invitations, mail (recorded/events, recurrence)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import GraphError
from ..http import Context, Reply, empty
from .access import route
from .calendars import check_calendar, shown
from .store import Calendar

if TYPE_CHECKING:
    from ..routing import Router

PLACES = ("/users/{mailbox}/calendar/events/{id}", "/users/{mailbox}/calendars/{calendar}/events/{id}")


def register(router: Router) -> None:
    """Register the routes."""
    route(
        router,
        "calendar.events.create",
        create,
        ("POST", "/users/{mailbox}/events"),
        ("POST", "/users/{mailbox}/calendars/{calendar}/events"),
    )
    route(router, "events.update", update, *(("PATCH", place) for place in PLACES))
    route(router, "events.delete", delete, *(("DELETE", place) for place in PLACES))
    for name, inside in (("cancel", cancel), ("accept", accept), ("decline", decline)):
        route(router, f"events.{name}", inside, *(("POST", f"{place}/{name}") for place in PLACES))
    route(router, "sendMail", send_mail)


def create(ctx: Context, own: Calendar) -> Reply:
    """Make an event."""
    check_calendar(ctx, own)
    return shown(ctx, own.create(ctx.json()), 201, as_sent=True)


def update(ctx: Context, own: Calendar) -> Reply:
    """Change an event, or one date of a series."""
    return shown(ctx, own.change(str(ctx.params["id"]), ctx.json()), as_sent=True)


def gone() -> Reply:
    """Answer a deletion (recorded: the content type of an answer without content)."""
    return Reply(204, None, headers={"Content-Type": "text/plain"})


def delete(ctx: Context, own: Calendar) -> Reply:
    """Delete an event, or one date of a series."""
    own.remove(str(ctx.params["id"]))
    return gone()


def cancel(ctx: Context, own: Calendar) -> Reply:
    """Cancel an event."""
    own.cancel(str(ctx.params["id"]))
    return empty(202)


def accept(ctx: Context, own: Calendar) -> Reply:
    """Accept an invitation."""
    own.answer(str(ctx.params["id"]), "accepted")
    return empty(202)


def decline(ctx: Context, own: Calendar) -> Reply:
    """Decline an invitation."""
    own.answer(str(ctx.params["id"]), "declined")
    return empty(202)


def send_mail(ctx: Context, own: Calendar) -> Reply:
    """Take a message; the lab keeps it and delivers it to nobody. Names in the body may be in any case (actions of OData)."""
    given = {key.lower(): value for key, value in ctx.json().items()}
    message: Any = given.get("message")
    if not isinstance(message, dict):
        raise GraphError(400, "ErrorInvalidParameter", "The value of the parameter 'Message' is empty.")
    everybody = [one for kind in ("to", "cc", "bcc") for one in message.get(f"{kind}Recipients") or []]
    if (
        not all(isinstance(one, dict) and (one.get("emailAddress") or {}).get("address") for one in everybody)
        or not everybody
    ):
        raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    ctx.tenant.exchange.sent.append({"from": own.mailbox.address, **message})
    return empty(202)
