# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two Office 365 booking panel drivers (RD modules/aca/o365_booking_panel.rb and office_booking.rb)."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any, ClassVar

from . import graph
from .driver import Driver, Function, RubyError, no_method, takes

DURATION = re.compile(r"(\d+\.?\d*|\.\d+)([yMwdhms]?)")
SECONDS = {"y": 365 * 86_400, "M": 30 * 86_400, "w": 7 * 86_400, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
MESSAGES = {
    "booking_cancel_email_message": "The Stop button was presseed on the room booking panel",
    "booking_timeout_email_message": "The Start button was not pressed on the room booking panel",
}
TIME_ZONE = "UTC"
"""The engine's TZ; in the lab the day begins at midnight there."""


def parse_duration(value: Any) -> int:
    """Return milliseconds of "1m2s"; a bare number is milliseconds (uv-rays Scheduler.parse_duration, inferred)."""
    text = str(value)
    parts = DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise RubyError(f"cannot parse '{text}'", "uv-rays/scheduler/time.rb:75:in `parse_duration'")
    return int(sum(float(number) * (SECONDS[unit] * 1000 if unit else 1) for number, unit in parts))


def iso(epoch: int) -> str:
    """Return a time as the panels get it."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Panel(Driver, ABC):
    """What both drivers share: panels read their status."""

    functions: ClassVar[dict[str, Function]] = {
        "fetch_bookings": takes("*args"),
        "start_meeting": takes("meeting_ref"),
        "set_meeting_pending": takes("meeting_ref"),
        "set_end_meeting_warning": takes("meeting_ref?", "extendable?"),
        "clear_end_meeting_warning": takes(),
        "create_meeting": takes("params"),
        "cancel_meeting": takes("start_time", "reason?"),
    }
    mailbox: Any = None
    credentials: graph.Credentials | None = None

    def on_load(self) -> None:
        """Begin with no bookings."""
        self.status["today"] = []
        self.on_update()

    def publish(self) -> None:
        """Show the settings both drivers hand to panels."""
        status, setting = self.status, self.setting
        status["room_name"] = setting("room_name") or self.system["name"]
        status["touch_enabled"] = setting("touch_enabled") or False
        status["control_url"] = setting("booking_control_url") or self.system["support_url"]
        status["hide_all"] = setting("booking_hide_all") or False
        for name in "arrow_direction hearing_assistance timeline_start timeline_end description icon".split():
            status[name] = setting(name)

    def do_start_meeting(self, meeting_ref: Any) -> Any:
        """Note that a meeting began; the module's settings remember it (define_setting)."""
        self.status["last_meeting_started"] = self.status["meeting_pending"] = meeting_ref
        self.status["meeting_ending"] = self.status["meeting_pending_notice"] = False
        self.manager.define_setting("last_meeting_started", meeting_ref)
        return meeting_ref

    def do_set_meeting_pending(self, meeting_ref: Any) -> bool:
        """Ask for the start of a meeting."""
        self.status.update(meeting_ending=False, meeting_pending=meeting_ref, meeting_pending_notice=True)
        return True

    def do_set_end_meeting_warning(self, meeting_ref: Any = None, extendable: Any = False) -> Any:
        """Warn that a meeting ends."""
        started = self.status.get("last_meeting_started")
        if started is None or self.status.get("meeting_ending") != (meeting_ref or started):
            self.status["meeting_ending"] = True
            if meeting_ref:
                self.status["last_meeting_started"] = meeting_ref
            self.status["meeting_canbe_extended"] = extendable
            return extendable
        return None

    def do_clear_end_meeting_warning(self) -> Any:
        """Take the warning back."""
        self.status["meeting_ending"] = self.status.get("last_meeting_started")
        return self.status["meeting_ending"]

    def do_create_meeting(self, params: Any) -> str:
        """Pretend to book; nothing is kept."""
        self.events()
        return "Ok"

    def do_cancel_meeting(self, start_time: Any, reason: Any = "unknown reason") -> bool:
        """Pretend to cancel; nothing is kept."""
        self.status["last_meeting_started"] = self.status["meeting_pending"] = start_time
        return True

    def do_fetch_bookings(self, *args: Any) -> list[dict[str, Any]]:
        """Read today's bookings into the status and return them."""
        today = [self.expose(event) for event in self.events()]
        self.status["today"] = today
        return today

    @abstractmethod
    def events(self) -> list[dict[str, Any]]:
        """Return today's events of the mailbox; raises RubyError."""

    @abstractmethod
    def expose(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return an event as panels get it."""

    def shown(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return what both drivers show of an event."""
        host = {"name": event["host"], "email": event["host"]}
        return {
            "Start": iso(event["event_start"]),
            "End": iso(event["event_end"]),
            "Subject": event["title"],
            "id": event["id"],
            "icaluid": f"040000008200E000{event['id'].upper()}",
            "owner": host["name"],
            "email": host["email"],
            "organizer": host,
            "isAllDay": event["all_day"],
        }


class O365BookingPanel(Panel):
    """The current driver: settings msgraph_* before office_*."""

    functions: ClassVar[dict[str, Function]] = {
        **Panel.functions,
        "end_meeting": takes("id"),
        "refresh_endpoints": takes("epoch?"),
    }
    default_settings: ClassVar[dict[str, Any]] = {
        "update_every": "2m",
        **MESSAGES,
        "msgraph_client_id": graph.PLACEHOLDERS["client_id"],
        "msgraph_secret": graph.PLACEHOLDERS["secret"],
        "msgraph_tenant": graph.PLACEHOLDERS["tenant"],
    }

    def on_update(self) -> None:
        """Read the settings (o365_booking_panel.rb:34-107).

        What raises here leaves the client as it was: without one when the module was just started, so that the start
        succeeds and every later call fails.
        """
        self.publish()
        self.status["disabled"] = self.setting("booking_disabled")
        self.status["default_title"] = self.setting("booking_default_title") or "On the spot booking"
        self.status["max_duration"] = self.setting("booking_max_duration")
        self.status["min_duration"] = self.setting("booking_min_duration")
        for shown, name in (("timeout", "timeout"), ("cancel_timeout", "booking_cancel_timeout")):
            given = self.setting(name)
            if given:
                self.status[shown] = parse_duration(given) // 1000
        self.status["cancel_email_message"] = self.setting("booking_cancel_email_message")
        self.status["timeout_email_message"] = self.setting("booking_timeout_email_message")
        client_id = self.setting("msgraph_client_id") or self.setting("office_client_id")
        secret = self.setting("msgraph_secret") or self.setting("office_secret")
        path = self.setting("msgraph_token_path") or self.setting("office_token_path") or "/oauth2/v2.0/token"
        url = self.setting("msgraph_token_url") or self.setting("office_token_url") or f"/{self.tenant()}{path}"
        self.mailbox = self.setting("msgraph_room") or self.setting("office_room") or self.system["email"]
        self.credentials = graph.Credentials(client_id, secret, url)
        self.status["last_meeting_started"] = self.setting("last_meeting_started")
        self.status["cancel_meeting_after"] = self.setting("cancel_meeting_after")
        parse_duration(self.setting("update_every") or "5m")

    def tenant(self) -> str:
        """Return the tenant (o365_booking_panel.rb:87); without one a text is added to nil."""
        tenant = self.setting("msgraph_tenant") or self.setting("office_tenant")
        if not tenant:
            raise RubyError("no implicit conversion of nil into String", "aca/o365_booking_panel.rb:87:in `on_update'")
        return str(tenant)

    def events(self) -> list[dict[str, Any]]:
        """Ask Graph in a batch (RD lib/microsoft/office2/events.rb:41-113).

        The batch succeeds whatever happens to the one request in it; a refused mailbox just has no bookings, not even
        none, and the driver trips over that.
        """
        if self.credentials is None:
            raise no_method("get_bookings")
        engine, options = self.manager.state.engine, self.manager.state.options
        client_id = str(self.credentials.client_id)
        if not (options.token_cache and client_id in engine.graph_tokens):
            graph.sign_in(self.credentials, options.microsoft)
            engine.graph_tokens.add(client_id)
        if graph.refusal_of(engine.mailboxes, self.mailbox, self.credentials, options.microsoft) is not None:
            raise RubyError(
                "undefined method `each' for nil:NilClass", "aca/o365_booking_panel.rb:346:in `expose_bookings'"
            )
        return engine.mailboxes.events(str(self.mailbox), TIME_ZONE)

    def expose(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return an event as expose_bookings does (o365_booking_panel.rb:344-388)."""
        attendees = [{"email": entry["email"], "name": entry["name"]} for entry in event["attendees"]]
        return {
            **self.shown(event),
            "start_epoch": event["event_start"],
            "end_epoch": event["event_end"],
            "body": event["body"],
            "attendees": attendees,
            "showAs": "busy",
        }

    def do_end_meeting(self, id: Any) -> list[dict[str, Any]]:  # noqa: A002 - the driver's own name
        """End a meeting that began."""
        found = [event for event in self.status["today"] if event["id"] == id]
        if not found:
            raise RubyError(f"Error (400): Booking not found with id: {id}", "aca/o365_booking_panel.rb:178")
        return self.do_fetch_bookings()

    def do_refresh_endpoints(self, epoch: Any = None) -> Any:
        """Make the panels load anew."""
        self.status["reload"] = epoch or int(datetime.now(UTC).timestamp()) + 120
        return self.status["reload"]


class OfficeBooking(Panel):
    """The deprecated driver: settings office_* only; the variables it falls back to are not set in the lab."""

    default_settings: ClassVar[dict[str, Any]] = {"update_every": "2m", **MESSAGES}

    def on_update(self) -> None:
        """Read the settings and fetch bookings at once (office_booking.rb:30-105). ``timeout`` is handed on as it is."""
        self.publish()
        self.status["timeout"] = self.setting("timeout")
        given = self.setting("booking_cancel_timeout")
        if given:
            self.status["booking_cancel_timeout"] = parse_duration(given) // 1000
        self.status["booking_max_duration"] = self.setting("booking_max_duration")
        self.status["booking_default_title"] = self.setting("booking_default_title")
        self.mailbox = self.setting("office_room") or self.system["email"]
        self.credentials = graph.Credentials(
            self.setting("office_client_id"), self.setting("office_secret"), self.setting("office_token_url")
        )
        self.status["last_meeting_started"] = self.setting("last_meeting_started")
        self.status["cancel_meeting_after"] = self.setting("cancel_meeting_after")
        self.do_fetch_bookings()

    def events(self) -> list[dict[str, Any]]:
        """Ask Graph (RD lib/microsoft/office.rb:57-61,178-195,777-803).

        A token for each call, and its words on refusal. The driver looks for the code of a 400 in the wrong place.
        """
        if self.credentials is None:
            raise no_method("get_bookings_by_user")
        microsoft = self.manager.state.options.microsoft
        graph.sign_in(self.credentials, microsoft)
        mailboxes = self.manager.state.engine.mailboxes
        refusal = graph.refusal_of(mailboxes, self.mailbox, self.credentials, microsoft)
        if refusal is not None:
            status, body = refusal
            place = "microsoft/office.rb:183:in `check_response'"
            raise no_method("[]") if status == 400 else RubyError(body, place)
        return mailboxes.events(str(self.mailbox), TIME_ZONE)

    def expose(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return an event as expose_bookings does (office_booking.rb:270-303)."""
        return self.shown(event)


class DemoLogic(Driver):
    """RD modules/aca/demo_logic.rb: a module that needs nothing."""

    functions: ClassVar[dict[str, Function]] = {
        "play": takes(),
        "stop": takes(),
        "volume": takes("value"),
        "mute": takes("state"),
        "state": takes("status"),
    }

    def on_load(self) -> None:
        """Begin idle."""
        self.status.update(name=self.system["name"], volume=0, mute=False, views=0, state="Idle")

    def do_play(self) -> Any:
        """Play."""
        return self.do_state("Playing")

    def do_stop(self) -> Any:
        """Stop."""
        return self.do_state("Stopped")

    def do_volume(self, value: Any) -> Any:
        """Set the volume, between 0 and 100."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise no_method(">", f"{value!r}:{'NilClass' if value is None else 'String'}")
        self.status["volume"] = min(max(value, 0), 100)
        return None if 0 <= value <= 100 else self.status["volume"]

    def do_mute(self, state: Any) -> Any:
        """Mute, or not."""
        self.status["mute"] = state
        return state

    def do_state(self, status: Any) -> Any:
        """Set the state."""
        self.status["state"] = status
        return status
