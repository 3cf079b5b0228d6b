# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake Graph with mailboxes only: answers batches of calendar reads as Exchange was recorded and documented to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import (
    Asked,
    FakeHttpServer,
    Play,
)

RAOP = "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."


def error(code: str, message: str) -> dict[str, Any]:
    """Graph's form of an error."""
    return {"error": {"code": code, "message": message, "innerError": {"request-id": "5e6f7a8b"}}}


ANSWERS: dict[str, tuple[int, Any]] = {
    "readable": (200, {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#x", "value": [{"id": "AAMk"}]}),
    "denied_by_policy": (403, error("ErrorAccessDenied", RAOP)),
    "missing_role": (403, error("ErrorAccessDenied", "Access is denied. Check credentials and try again.")),
    "not_found": (404, error("ErrorInvalidUser", "The requested user 'x' is invalid.")),
    "no_mailbox": (404, error("MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted.")),
    "throttled": (429, error("ApplicationThrottled", "Application is over its MailboxConcurrency limit.")),
    "error": (500, error("ErrorInternalServerError", "An internal server error occurred.")),
}


@dataclass
class FakeMailboxes:
    """States by address (readable where none is given), and what was asked. throttle: addresses to their 429s."""

    server: FakeHttpServer
    states: dict[str, str] = field(default_factory=dict)
    throttle: dict[str, int] = field(default_factory=dict)
    batches: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.answer = self.answer

    def answer(self, asked: Asked) -> Play:
        if not asked.path.endswith("/$batch"):
            return Play(200, {"value": []})
        steps = json.loads(asked.body)["requests"]
        addresses = [unquote(step["url"].split("/")[2]) for step in steps]
        self.batches.append(addresses)
        pairs = list(zip(steps, addresses, strict=True))
        # Answers may come in any order (Graph, concepts/json-batching).
        return Play(200, {"responses": [self.step(step["id"], address) for step, address in reversed(pairs)]})

    def step(self, identifier: str, address: str) -> dict[str, Any]:
        state = self.states.get(address, "readable")
        if self.throttle.get(address, 0) > 0:
            self.throttle[address] -= 1
            state = "throttled"
        status, body = ANSWERS[state]
        headers = {"Retry-After": "7"} if status == 429 else {}
        return {"id": identifier, "status": status, "headers": headers, "body": body}
