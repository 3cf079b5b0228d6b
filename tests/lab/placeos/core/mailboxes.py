# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calendars behind the simulated drivers: which mailboxes answer, and what they hold today."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

OK, MISSING, DENIED = "ok", "missing", "denied"
STATES = (OK, MISSING, DENIED)
WRONG_SECRET = "wrong-secret"
"""A client secret with this value is refused, as Entra ID refuses a wrong one."""

GRAPH_ERRORS = {
    MISSING: (404, "ErrorItemNotFound", "The specified object was not found in the store."),
    DENIED: (
        403,
        "ErrorAccessDenied",
        "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.",
    ),
}
SUBJECTS = ("Stand-up", "Project review", "Interview", "Planning", "Client call", "Training", "One to one")
HOURS = (8, 9, 11, 13, 15, 16)


@dataclass(slots=True)
class Mailboxes:
    """State by e-mail address; an address which was never mentioned is reachable."""

    states: dict[str, str] = field(default_factory=dict)

    def set(self, email: str, state: str) -> None:
        """Make a mailbox "missing", "denied" or "ok" again."""
        self.states[email.strip().lower()] = state

    def error(self, email: str) -> str | None:
        """Return the text of Graph's error for an unreachable mailbox."""
        state = self.states.get(email.strip().lower(), OK)
        if state == OK:
            return None
        status, code, message = GRAPH_ERRORS[state]
        return graph_error(status, {"error": {"code": code, "message": message}})

    def events(self, email: str, time_zone: str) -> list[dict[str, Any]]:
        """Return today's events of a mailbox: the same all day, different from room to room."""
        today = datetime.now(ZoneInfo(time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        digest = hashlib.sha256(f"{email.lower()} {today.date()}".encode()).digest()
        hours = sorted({HOURS[byte % len(HOURS)] for byte in digest[: 1 + digest[0] % 3]})
        return [
            _event(email, time_zone, today + timedelta(hours=hour), digest, index) for index, hour in enumerate(hours)
        ]


def _event(email: str, time_zone: str, start: datetime, digest: bytes, index: int) -> dict[str, Any]:
    host = f"organiser{digest[index + 8] % 40}@{email.rpartition('@')[2]}"
    end = start + timedelta(minutes=30 + 30 * (digest[index + 4] % 2))
    return {
        "event_start": int(start.timestamp()),
        "event_end": int(end.timestamp()),
        "id": hashlib.sha256(digest + bytes([index])).hexdigest()[:40],
        "host": host,
        "title": SUBJECTS[digest[index + 12] % len(SUBJECTS)],
        "body": "",
        "attendees": [
            {"name": host, "email": host, "response_status": "accepted", "resource": False, "organizer": True},
            {"name": email, "email": email, "response_status": "accepted", "resource": True, "organizer": False},
        ],
        "hide_attendees": False,
        "location": email,
        "private": False,
        "all_day": False,
        "timezone": time_zone,
        "recurring": False,
        "status": "confirmed",
        "creator": host,
    }


def secret_error(client_id: str) -> str:
    """Return the text of Entra's refusal of a client secret."""
    body = {
        "error": "invalid_client",
        "error_description": "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is"
        " the client secret value, not the client secret ID, for a secret added to app"
        f" '{client_id}'.",
        "error_codes": [7000215],
    }
    return graph_error(401, body)


def graph_error(status: int, body: dict[str, Any]) -> str:
    """Return the text that the client library makes of a refusal."""
    return f"{status}: {json.dumps(body)}"
