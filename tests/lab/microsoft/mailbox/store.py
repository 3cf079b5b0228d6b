# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of a mailbox: looked up, expanded to their dates, and delivered to whoever is invited.

A room answers by itself: it accepts when it is free, declines when it is not, and shows the organiser's name instead of the
subject (Set-CalendarProcessing: AutomateProcessing AutoAccept, DeleteSubject, AddOrganizerToSubject, DeleteComments are what
a new room has). In the lab it has answered by the time the request ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, known
from ..table import Row
from . import events, ids, views
from .recurrence import dates
from .times import NEVER, stamp

if TYPE_CHECKING:
    from ..state import Mailbox, Tenant

RESOURCES = frozenset(("RoomMailbox", "EquipmentMailbox"))
BUSY = frozenset(("busy", "oof", "tentative", "workingElsewhere", "unknown"))


class Calendar:
    """The default calendar of one mailbox."""

    def __init__(self, tenant: Tenant, mailbox: Mailbox) -> None:
        self.tenant = tenant
        self.mailbox = mailbox

    @property
    def owner(self) -> tuple[str, str, str]:
        """User id, name and address."""
        return self.mailbox.user_id, self.mailbox.display_name, self.mailbox.address

    def number(self) -> int:
        """Return a number that no event of this tenant has."""
        self.tenant.exchange.events_made += 1
        return self.tenant.exchange.events_made

    def get(self, event_id: str) -> Row:
        """Return an event or one date of a series; raises GraphError."""
        found = self.mailbox.events.get(event_id)
        if found is not None:
            return found
        for master in self.mailbox.events.values():
            if master["recurrence"] and event_id.startswith(master["id"][:48]):
                for day in dates(master["recurrence"]):
                    if ids.occurrence_id(master["id"], day) == event_id and day not in master["_gone"]:
                        return views.on_date(master, day)
        raise known("item_missing" if ids.WELL_FORMED.match(event_id) else "bad_id")

    def between(self, start: datetime, end: datetime) -> list[Row]:
        """Return single events and dates of series that overlap a time, earliest first."""
        found = [one for event in self.mailbox.events.values() for one in expanded(event, end)]
        hits = [one for one in found if one["_start"] < end and (one["_end"] > start or one["_start"] == start)]
        return sorted(hits, key=lambda one: (one["_start"], one["id"]))

    def is_free(self, event: Row) -> bool:
        """Tell whether nothing in this calendar meets an event or its first dates."""
        wanted = list(expanded(event, None))[:60]
        return not any(
            other["_uid"] != event["_uid"] and other["showAs"] in BUSY
            for one in wanted
            for other in self.between(one["_start"], one["_end"])
            if other["_start"] < one["_end"] and other["_end"] > one["_start"]
        )

    def create(self, given: dict[str, Any]) -> Row:
        """Make an event, and invite its attendees. The same transactionId again is the same event."""
        transaction = given.get("transactionId")
        if transaction:
            for event in self.mailbox.events.values():
                if event["transactionId"] == transaction:
                    return event
        event = events.create(given, self.owner, self.number(), self.tenant.clock.utc())
        self.mailbox.events[event["id"]] = event
        self.deliver(event)
        return event

    def change(self, event_id: str, given: dict[str, Any]) -> Row:
        """Change an event, or one date of a series; returns it."""
        event, now = self.get(event_id), self.tenant.clock.utc()
        changed = events.change(event, given, now)
        if event.get("_date"):
            if "recurrence" in given:
                raise GraphError(400, "ErrorInvalidRequest", "An occurrence of a series can't have a recurrence.")
            master = self.mailbox.events[event["_master"]]
            own = {key: value for key, value in changed.items() if value != event.get(key)} | {"_exception": True}
            dated = {**master["_changed"], event["_date"]: {**master["_changed"].get(event["_date"], {}), **own}}
            self.mailbox.events[master["id"]] = {**master, "_changed": dated}
            return self.get(event_id)
        self.mailbox.events[event_id] = changed
        self.deliver(changed)
        return changed

    def remove(self, event_id: str) -> None:
        """Delete an event or one date; what its organiser deletes is taken from its attendees too."""
        event = self.get(event_id)
        if event.get("_date"):
            master = self.mailbox.events[event["_master"]]
            self.mailbox.events[master["id"]] = {**master, "_gone": master["_gone"] | {event["_date"]}}
            self.deliver(self.mailbox.events[master["id"]])
            return
        del self.mailbox.events[event_id]
        if event["isOrganizer"]:
            for mailbox, copy in self.copies(event):
                del mailbox.events[copy["id"]]

    def copies(self, event: Row) -> Iterator[tuple[Mailbox, Row]]:
        """Yield the copies of an event in other mailboxes."""
        for entry in event["attendees"]:
            mailbox = self.tenant.mailbox_of(entry["emailAddress"]["address"])
            if mailbox is None or mailbox is self.mailbox:
                continue
            for copy in list(mailbox.events.values()):
                if copy["_uid"] == event["_uid"]:
                    yield mailbox, copy

    def deliver(self, event: Row) -> None:
        """Bring an event of this mailbox to its attendees' calendars; rooms answer."""
        if not event["isOrganizer"]:
            return
        for entry in event["attendees"]:
            mailbox = self.tenant.mailbox_of(entry["emailAddress"]["address"])
            if mailbox is None or not mailbox.enabled or mailbox is self.mailbox:
                continue
            theirs = Calendar(self.tenant, mailbox)
            answer = "none"
            if mailbox.kind in RESOURCES:
                answer = "accepted" if theirs.is_free(event) else "declined"
                entry["status"] = {"response": answer, "time": stamp(self.tenant.clock.utc())}
            theirs.receive(event, answer)

    def receive(self, event: Row, answer: str) -> None:
        """Keep a copy of somebody else's event, or forget it when it was declined."""
        old = next((one for one in self.mailbox.events.values() if one["_uid"] == event["_uid"]), None)
        if old:
            del self.mailbox.events[old["id"]]
        if answer == "declined":
            return
        user_id = self.mailbox.user_id
        copy = {
            **event,
            "id": old["id"] if old else ids.event_id(user_id, self.number()),
            "isOrganizer": False,
            "responseStatus": {"response": "notResponded", "time": NEVER},
            "_user": user_id,
        }
        if self.mailbox.kind in RESOURCES:
            organiser = event["organizer"]["emailAddress"]["name"]
            copy |= {"subject": organiser, "_body": ("html", ""), "isReminderOn": False}
            copy["responseStatus"] = {"response": answer, "time": stamp(self.tenant.clock.utc())}
        self.mailbox.events[copy["id"]] = events.touched(copy, self.tenant.clock.utc())

    def answer(self, event_id: str, response: str) -> None:
        """Accept or decline an invitation (the sentence about one's own event is inferred)."""
        event = self.get(event_id)
        if event["isOrganizer"]:
            words = "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer."
            raise GraphError(400, "ErrorInvalidRequest", words)
        time = stamp(self.tenant.clock.utc())
        organiser = self.tenant.mailbox_of(event["organizer"]["emailAddress"]["address"])
        for one in organiser.events.values() if organiser else ():
            if one["_uid"] == event["_uid"]:
                for entry in one["attendees"]:
                    if entry["emailAddress"]["address"].lower() == self.mailbox.address.lower():
                        entry["status"] = {"response": response, "time": time}
        if response == "declined":
            self.remove(event_id)
        else:
            own = self.mailbox.events[event.get("_master") or event_id]
            own["responseStatus"] = {"response": response, "time": time}

    def cancel(self, event_id: str) -> None:
        """Cancel an event for everybody; only its organiser may (the sentence is inferred)."""
        if not self.get(event_id)["isOrganizer"]:
            words = "Your request can't be completed. You need to be an organizer to cancel a meeting."
            raise GraphError(400, "ErrorInvalidRequest", words)
        self.remove(event_id)


def expanded(event: Row, until: datetime | None) -> Iterator[Row]:
    """Yield an event, or the dates of a series that begin before a moment."""
    if not event["recurrence"]:
        yield event
        return
    for day in dates(event["recurrence"]):
        if day in event["_gone"]:
            continue
        one = views.on_date(event, day)
        if until is not None and one["_start"] >= until and not one.get("_exception"):
            return
        yield one
