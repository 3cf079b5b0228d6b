# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's servers as the demo asks them itself, beside the collection: just enough to set up and to count."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import yaml

API = "/api/engine/v2"
CALENDAR = "Microsoft Graph API"
DAY = "startDateTime=2026-01-01T00:00:00Z&endDateTime=2026-01-02T00:00:00Z"
PAGE = 500
SCOPE = "https://graph.microsoft.com/.default"


class Server:
    """One address of the lab."""

    def __init__(self, url: str, ca_file: str, headers: dict[str, str] | None = None) -> None:
        self.url = url.rstrip("/")
        self.headers = {"Accept": "application/json", **(headers or {})}
        trusted = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file))
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), trusted)

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> tuple[Any, Any]:
        """Return the JSON of an answer, and its headers. Raises urllib.error.HTTPError."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = urllib.request.Request(f"{self.url}{path}", data=body, headers=sent)
        with self._opener.open(request, timeout=30) as answer:
            return json.load(answer), answer.headers

    def control(self, path: str, order: Any = None) -> Any:
        """Use one of the lab's own endpoints: give an order, or without one read."""
        body = None if order is None else json.dumps(order).encode()
        return self.ask(f"/_lab/{path}", body, Content_Type="application/json")[0]


class PlaceOS(Server):
    """PlaceOS, asked by its administrator."""

    def __init__(self, info: dict[str, Any]) -> None:
        part = info["placeos"]
        super().__init__(part["url"], info["ca_file"], {"X-API-Key": part["credentials"]["admin"]})

    def rows(self, path: str) -> list[dict[str, Any]]:
        """Return all rows of a list, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            mark = "&" if "?" in path else "?"
            page, headers = self.ask(f"{path}{mark}limit={PAGE}&offset={len(found)}")
            found += page
            if not page or len(found) >= int(headers.get("X-Total-Count") or 0):
                return found

    def credentials(self) -> dict[str, str]:
        """Return what PlaceOS was given to read calendars with: tenant, client_id, client_secret."""
        (driver,) = [row for row in self.rows(f"{API}/drivers") if row["name"] == CALENDAR]
        documents = [
            yaml.safe_load(row["settings_string"]) for row in self.rows(f"{API}/settings?parent_id={driver['id']}")
        ]
        (found,) = [document["calendar_config"] for document in documents if "calendar_config" in (document or {})]
        return dict(found)


class Graph(Server):
    """Microsoft Graph, asked by an app."""

    def sign_in(self, tenant: str, client_id: str, client_secret: str) -> None:
        """Get a token."""
        form = {"grant_type": "client_credentials", "scope": SCOPE, "client_id": client_id}
        body = urllib.parse.urlencode({**form, "client_secret": client_secret}).encode()
        token = self.ask(f"/{tenant}/oauth2/v2.0/token", body)[0]["access_token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def read(self, mailbox: str) -> str:
        """Read a mailbox's calendar: what came of it, such as "200" or "403 ErrorAccessDenied"."""
        try:
            self.ask(f"/v1.0/users/{mailbox}/calendar/calendarView?{DAY}")
        except urllib.error.HTTPError as refusal:
            return f"{refusal.code} {json.load(refusal)['error']['code']}"
        return "200"
