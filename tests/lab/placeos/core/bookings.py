# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The room booking driver ``drivers/place/bookings.cr``: it asks the Calendar module of its system for events."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from .driver import INTEGER, OPTIONAL_STRING, Driver, ExecError, Function, ModuleRaised

WEEK = 7 * 24 * 60 * 60
CALENDAR = "Calendar"
DEFAULT_TIME_ZONE = "Australia/Sydney"


class Bookings(Driver):
    """Status ``bookings`` is a list of today's events, once ``poll_events`` succeeded."""

    functions: ClassVar[dict[str, Function]] = {
        "poll_events": Function(),
        "start_meeting": Function({"meeting_start_time": INTEGER}),
        "end_meeting": Function({"meeting_start_time": INTEGER}),
        "book_now": Function({"period_in_seconds": INTEGER, "title": OPTIONAL_STRING, "owner": OPTIONAL_STRING}),
    }
    details: ClassVar[dict[str, Any]] = {
        "descriptive_name": "PlaceOS Bookings",
        "generic_name": "Bookings",
        "default_settings": '{"calendar_id":null,"calendar_time_zone":"Australia/Sydney","book_now_default_title":'
        '"Ad Hoc booking","disable_book_now":false,"disable_end_meeting":false,"pending_period":5,"pending_before":5,'
        '"cache_polling_period":5,"cache_days":30,"include_cancelled_bookings":false}',
    }

    def on_update(self) -> None:
        """Publish the settings a panel shows."""
        settings = self.settings
        self.status["default_title"] = settings.get("book_now_default_title") or "Ad Hoc booking"
        self.status["disable_book_now"] = bool(settings.get("disable_book_now", False))
        self.status["disable_end_meeting"] = bool(settings.get("disable_end_meeting", False))
        self.status["pending_period"] = settings.get("pending_period", 5)
        self.status["pending_before"] = settings.get("pending_before", 5)
        self.status["control_ui"] = settings.get("control_ui")
        self.status["catering_ui"] = settings.get("catering_ui")

    @property
    def calendar_id(self) -> str:
        """The mailbox: the setting ``calendar_id``, else the system's e-mail; the driver needs one of them."""
        system = self.system
        mailbox = self.settings.get("calendar_id") or (system and system["email"])
        if not mailbox:
            raise ModuleRaised("Nil assertion failed", "NilAssertionError")
        return str(mailbox)

    @property
    def time_zone(self) -> str:
        """The zone events are shown in."""
        return str(self.settings.get("calendar_time_zone") or DEFAULT_TIME_ZONE)

    def calendar(self, function: str, *args: Any) -> Any:
        """Call a function of the first Calendar module of the same system."""
        core, system = self.state.core, self.system
        module = core.module_in_system(system["id"], CALENDAR, 1) if system else None
        if module is None or core.metadata(module) is None:
            raise ModuleRaised(f"undefined method '{function}' for {CALENDAR}_1 (driver index unavailable)")
        try:
            return core.execute(module, function, list(args), trusted=True)
        except ExecError as problem:
            raise ModuleRaised(problem.message, "PlaceOS::Driver::RemoteException") from problem

    def do_poll_events(self) -> None:
        """Read today's events into the status."""
        mailbox, now = self.calendar_id, int(time.time())
        events = self.calendar("list_events", mailbox, now - WEEK, now + 4 * WEEK, self.time_zone)
        self.status["bookings"] = events
        current = next((e for e in events if e["event_start"] <= now < e["event_end"]), None)
        upcoming = next((e for e in events if e["event_start"] > now), None)
        self.status["current_booking"] = current
        self.status["next_booking"] = upcoming
        self.status["booked"] = current is not None
        self.status["in_use"] = current is not None
        self.status["status"] = "busy" if current else "free"

    def do_start_meeting(self, meeting_start_time: int) -> None:
        """Note that a meeting began."""
        self.status["last_booking_started"] = meeting_start_time

    def do_end_meeting(self, meeting_start_time: int) -> None:
        """End the current or the next meeting."""
        known = [self.status.get("current_booking"), self.status.get("next_booking")]
        if not any(event and event["event_start"] == meeting_start_time for event in known):
            raise ModuleRaised("only the current or pending meeting can be cancelled")
        self.do_poll_events()

    def do_book_now(self, period_in_seconds: int, title: str | None, owner: str | None) -> dict[str, Any]:
        """Book the room from now on; the event is returned, but not kept."""
        self.do_poll_events()
        start = int(time.time())
        return {
            "event_start": start,
            "event_end": start + period_in_seconds,
            "title": title or self.status["default_title"],
            "host": owner or self.calendar_id,
        }
