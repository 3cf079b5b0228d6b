# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calendar service drivers: ``drivers/microsoft/graph_api.cr`` and ``drivers/place/calendar.cr``."""

from __future__ import annotations

from typing import Any, ClassVar

from .driver import INTEGER, OPTIONAL_INTEGER, OPTIONAL_STRING, STRING, Driver, Function, ModuleRaised
from .mailboxes import WRONG_SECRET, graph_error, secret_error

DEFAULT_SETTINGS = (
    '{"calendar_service_account":"service_account@email.address","calendar_config":{"tenant":"","client_id":"",'
    '"client_secret":"","conference_type":null},"mailer_from":"email_or_office_userPrincipalName"}'
)


class Calendar(Driver):
    """Reads calendars with the credentials in the setting ``calendar_config`` (tenant, client_id, client_secret)."""

    functions: ClassVar[dict[str, Function]] = {
        "list_users": Function({"query": OPTIONAL_STRING, "limit": OPTIONAL_INTEGER}, "support"),
        "get_user": Function({"user_id": STRING}, "support"),
        "list_calendars": Function({"user_id": STRING}, "support"),
        "list_groups": Function({"query": OPTIONAL_STRING}, "support"),
        "list_events": Function(
            {
                "calendar_id": STRING,
                "period_start": INTEGER,
                "period_end": INTEGER,
                "time_zone": OPTIONAL_STRING,
                "user_id": OPTIONAL_STRING,
            },
            "support",
        ),
        "access_token": Function({"user_id": OPTIONAL_STRING}, "administrator"),
    }
    details: ClassVar[dict[str, Any]] = {
        "descriptive_name": "PlaceOS Calendar",
        "generic_name": "Calendar",
        "default_settings": DEFAULT_SETTINGS,
        "uri_base": "https://graph.microsoft.com",
    }

    def on_update(self) -> None:
        """Service drivers are connected as soon as they run."""
        self.status["connected"] = True

    def client(self) -> dict[str, str]:
        """Return tenant, client_id and client_secret; raises what the driver raises when they are missing or refused."""
        config = self.settings.get("calendar_config")
        keys = ("tenant", "client_id", "client_secret")
        if not isinstance(config, dict) or not all(isinstance(config.get(key), str) for key in keys):
            # The client is made when settings arrive; without them it stays nil.
            raise ModuleRaised("Nil assertion failed", "NilAssertionError")
        if config["client_secret"] in ("", WRONG_SECRET):
            raise ModuleRaised(secret_error(config["client_id"]), "Office365::Exception")
        microsoft = self.state.options.microsoft
        if microsoft and microsoft.concerns(config["tenant"], config["client_id"]):
            refusal = microsoft.sign_in(*(config[key] for key in keys))
            if refusal:
                raise ModuleRaised(graph_error(*refusal), "Office365::Exception")
        return {key: config[key] for key in keys}

    def reach(self, config: dict[str, str], mailbox: str) -> None:
        """Raise what the driver raises when the application may not use a mailbox, or when there is none."""
        problem = self.state.core.mailboxes.error(mailbox)
        microsoft = self.state.options.microsoft
        if problem is None and microsoft and microsoft.concerns(config["tenant"], config["client_id"]):
            refusal = microsoft.calendar(config["client_id"], mailbox)
            problem = graph_error(*refusal) if refusal else None
        if problem:
            raise ModuleRaised(problem, "Office365::Exception")

    def do_list_events(
        self, calendar_id: str, period_start: int, period_end: int, time_zone: str | None, user_id: str | None
    ) -> list[dict[str, Any]]:
        """Return the events of a mailbox between two times."""
        self.reach(self.client(), calendar_id)
        events = self.state.core.mailboxes.events(calendar_id, time_zone or "UTC")
        return [event for event in events if period_start <= event["event_start"] < period_end]

    def do_list_users(self, query: str | None, limit: int | None) -> list[dict[str, Any]]:
        """Return two users of the directory, or those whose name or address contains the query."""
        self.client()
        users = [_user("alex.rivera@example.org", "Alex Rivera"), _user("sam.lee@example.org", "Sam Lee")]
        if query:
            users = [user for user in users if query.lower() in f"{user['name']} {user['email']}".lower()]
        return users[:limit]

    def do_get_user(self, user_id: str) -> dict[str, Any]:
        """Return a user by address."""
        self.client()
        return _user(user_id, user_id.partition("@")[0].replace(".", " ").title())

    def do_list_calendars(self, user_id: str) -> list[dict[str, Any]]:
        """Return the one calendar of a user."""
        self.client()
        return [{"id": user_id, "summary": "Calendar", "primary": True, "can_edit": True, "name": user_id}]

    def do_list_groups(self, query: str | None) -> list[dict[str, Any]]:
        """Return no groups."""
        self.client()
        return []

    def do_access_token(self, user_id: str | None) -> dict[str, Any]:
        """Return a token which opens nothing."""
        self.client()
        return {"token": "lab-token", "expires": 3600}


def _user(email: str, name: str) -> dict[str, Any]:
    return {"id": email, "name": name, "email": email, "username": email, "suspended": False}
