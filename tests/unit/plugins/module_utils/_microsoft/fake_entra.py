# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake sign-in of Entra, with the two addresses that msal asks, and the refusals that were seen of the real one."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import (
    Asked,
    FakeHttpServer,
    Play,
)

TENANT = "11112222-3333-4444-5555-666677778888"
CLIENT = "aaaabbbb-1111-2222-3333-ccccddddeeee"
SECRET = "fake~Secret.Value-0123456789abcdef"
GRAPH = "https://graph.microsoft.com"


def fake_jwt(**claims: Any) -> str:
    """A token of the right form; its signature is worth nothing."""

    def part(data: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.fake"


def refusal(code: int, error: str = "invalid_client", sentence: str = "Refused.") -> dict[str, Any]:
    """The body of a refused sign-in, with the fields of the recorded ones."""
    return {
        "error": error,
        "error_description": f"AADSTS{code}: {sentence} Trace ID: 9a8b7c6d-0000-4000-8000-000000000100 "
        "Correlation ID: 0f1e2d3c-0000-4000-8000-000000000200 Timestamp: 2026-09-01 10:00:00Z",
        "error_codes": [code],
        "timestamp": "2026-09-01 10:00:00Z",
        "trace_id": "9a8b7c6d-0000-4000-8000-000000000100",
        "correlation_id": "0f1e2d3c-0000-4000-8000-000000000200",
    }


class FakeEntra:
    """Answers the address document, and a token request with the next play, or with a token."""

    def __init__(self, server: FakeHttpServer) -> None:
        self.server = server
        self.plays: list[Play] = []
        self.discovery: Play | None = None
        self.roles = ["Calendars.ReadWrite"]
        self.expires_in: Any = 3599
        self.issued: list[str] = []
        server.answer = self.answer

    def answer(self, asked: Asked) -> Play:
        path = urlsplit(asked.path).path
        if path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
            return self.discovery or Play(200, self.addresses(self.server.url))
        if path == f"/{TENANT}/oauth2/v2.0/token" and asked.method == "POST":
            return self.plays.pop(0) if self.plays else self.token(asked)
        return Play(400, refusal(90002, "invalid_tenant", "Tenant not found."))

    @staticmethod
    def addresses(url: str) -> dict[str, Any]:
        return {
            "token_endpoint": f"{url}/{TENANT}/oauth2/v2.0/token",
            "authorization_endpoint": f"{url}/{TENANT}/oauth2/v2.0/authorize",
            "issuer": f"{url}/{TENANT}/v2.0",
        }

    def token(self, asked: Asked) -> Play:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        audience = form["scope"].removesuffix("/.default")
        credential = "1" if "client_secret" in form else "2"
        token = fake_jwt(
            aud=audience, tid=TENANT, appid=form["client_id"], appidacr=credential, idtyp="app", roles=self.roles,
            exp=2_000_000_000, jti=len(self.issued),
        )  # fmt: skip
        self.issued.append(token)
        return Play(200, {"token_type": "Bearer", "expires_in": self.expires_in, "access_token": token})

    @property
    def forms(self) -> list[dict[str, str]]:
        """What was posted to the token address."""
        posts = [asked for asked in self.server.asked if asked.method == "POST"]
        return [{name: values[0] for name, values in parse_qs(asked.body.decode()).items()} for asked in posts]
