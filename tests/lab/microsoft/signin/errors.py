# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the token endpoint and of discovery (tables/errors.json)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ..errors import fill
from ..facts import table
from ..http import Reply, reply

if TYPE_CHECKING:
    from ..http import Context

JSON = "application/json; charset=utf-8"
COMMON = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "P3P": 'CP="DSP CUR OTPi IND OTRi ONL FIN"',
    "x-ms-ests-server": "2.1.24000.0 - LAB ProdSlices",
    "Set-Cookie": "x-ms-gateway-slice=estsfd; path=/; secure; samesite=none; httponly",
}
"""Of every answer (recorded/entra_and_users, entra_errors)."""
NOT_KEPT = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache", "Expires": "-1"}
BY_HAND = {
    # From general knowledge of the service: code, error and text are inferred.
    "unsupported_grant": (
        400,
        70003,
        "unsupported_grant_type",
        "The app requested an unsupported grant type '{grant}'.",
    ),
    "assertion_audience": (
        401,
        700023,
        "invalid_client",
        "Client assertion audience claim does not match Realm issuer.",
    ),
    "assertion_client": (
        401,
        700021,
        "invalid_client",
        "Client assertion application identifier doesn't match 'client_id' parameter.",
    ),
    "assertion_malformed": (401, 50027, "invalid_client", "JWT token is invalid or malformed."),
    "assertion_key": (
        401,
        700027,
        "invalid_client",
        "Client assertion failed signature validation. [Reason - {reason}]",
    ),
}


class SignInError(Exception):
    """A refusal: status, code, error and text."""

    def __init__(self, error_id: str, /, **values: Any) -> None:
        super().__init__(error_id)
        if error_id in BY_HAND:
            self.status, code, self.error, text = BY_HAND[error_id]
            self.code, self.text = code, f"AADSTS{code}: {fill(text, values)}"
        else:
            entry = table("errors")["token"][error_id]
            self.status, self.code, self.error = entry["status"], entry["code"], entry["error"]
            self.text = fill(entry["text"] or "", values)

    def answer(self, ctx: Context) -> Reply:
        """Return the answer with its trace, correlation and time."""
        moment = ctx.tenant.now().strftime("%Y-%m-%d %H:%M:%SZ")
        trace, correlation = str(uuid.uuid4()), str(ctx.query.get("client-request-id") or uuid.uuid4())
        document = {
            "error": self.error,
            "error_description": f"{self.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
            "error_codes": [self.code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.code}",
        }
        return reply(document, self.status, {**NOT_KEPT, **headers(trace)}, JSON)


def headers(request_id: str | None = None) -> dict[str, str]:
    """Return the headers of every answer of the sign-in service."""
    return {**COMMON, "x-ms-request-id": request_id or str(uuid.uuid4())}
