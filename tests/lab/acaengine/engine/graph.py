# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft behind the booking drivers: the token endpoint, and today's events of a mailbox.

Texts of refusals are those of captured bodies; what Microsoft answers to a path it does not know (404 without a body) is
inferred from what browsers show there. The mailboxes are those of the PlaceOS part.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...placeos.core.mailboxes import GRAPH_ERRORS, OK, WRONG_SECRET, Mailboxes
from .driver import RubyError

if TYPE_CHECKING:
    from ...microsoft.outside import Outside

SITE = "https://login.microsoftonline.com"
TOKEN_PATH = re.compile(r"^/?([^/]+)/oauth2/v2\.0/token/?$")
TENANT = re.compile(r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$|^[^\s_]+\.[^\s_]+$")
PLACEHOLDERS = {
    "client_id": "enter MS Graph Application ID",
    "secret": "enter MS Graph Client secret",
    "tenant": "tenant_name_or_ID.onMicrosoft.com",
}
"""What the panel driver's default settings say instead of credentials (RD o365_booking_panel.rb:24-26)."""

OAUTH_PLACE = "oauth2/client.rb:119:in `request'"
TRACE = "Trace ID: 9a8b7c6d-0000-4000-8000-000000000100 Correlation ID: 0f1e2d3c-0000-4000-8000-000000000200"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a driver hands to its client."""

    client_id: Any
    secret: Any
    token_url: Any


def sign_in(given: Credentials, microsoft: Outside | None = None) -> None:
    """Ask for a token; raises what the gem oauth2 1.4.0 makes of a refusal: "error: description", then the body.

    ``microsoft`` is the tenant of the lab, which knows the secrets of its own applications.
    """
    url = str(given.token_url or "").removeprefix(SITE)
    path = TOKEN_PATH.match(url)
    if path is None:
        # A bare tenant id is a path too, though not that of the token endpoint; the 404 has nothing to say.
        raise RubyError("", OAUTH_PLACE)
    tenant = path[1]
    if not given.client_id:
        raise _refusal("invalid_request", 900144, "The request body must contain the following parameter: 'client_id'.")
    if tenant == PLACEHOLDERS["tenant"]:
        raise _refusal(
            "invalid_request",
            90002,
            f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the"
            " correct cloud. Check with your subscription administrator, this may happen if there are no active"
            " subscriptions for the tenant.",
        )
    if not TENANT.match(tenant):
        raise _refusal(
            "invalid_request",
            900023,
            f"Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.",
        )
    if given.client_id == PLACEHOLDERS["client_id"]:
        raise _refusal(
            "unauthorized_client",
            700016,
            f"Application with identifier '{given.client_id}' was not found in the directory '{tenant}'. This can happen"
            " if the application has not been installed by the administrator of the tenant or consented to by any user"
            " in the tenant. You may have sent your authentication request to the wrong tenant.",
        )
    if not given.secret:
        raise _refusal(
            "invalid_client",
            7000216,
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        )
    if given.secret in (WRONG_SECRET, PLACEHOLDERS["secret"]):
        raise _refusal(
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not"
            f" the client secret ID, for a secret added to app '{given.client_id}'.",
        )
    if microsoft and microsoft.concerns(tenant, given.client_id):
        refusal = microsoft.sign_in(tenant, given.client_id, given.secret)
        if refusal:
            raise _error_of(refusal[1])


def _refusal(error: str, code: int, sentence: str) -> RubyError:
    description = f"AADSTS{code}: {sentence} {TRACE} Timestamp: 2026-09-01 10:00:00Z"
    return _error_of({"error": error, "error_description": description, "error_codes": [code]})


def _error_of(body: dict[str, Any]) -> RubyError:
    return RubyError(f"{body['error']}: {body['error_description']}\n{json.dumps(body)}", OAUTH_PLACE)


def refusal_of(
    mailboxes: Mailboxes, mailbox: Any, given: Credentials, microsoft: Outside | None = None
) -> tuple[int, str] | None:
    """Return status and body of Graph's refusal to show a mailbox; None when it answers."""
    if not mailbox:
        # /users//calendarView
        sentence = "Empty segment encountered in request URL. Please make sure that a valid request URL is specified."
        return 400, json.dumps({"error": {"code": "BadRequest", "message": sentence}})
    state = mailboxes.states.get(str(mailbox).strip().lower(), OK)
    if state == OK:
        return _scope_of(str(mailbox).strip(), given, microsoft)
    status, code, message = GRAPH_ERRORS[state]
    return status, json.dumps({"error": {"code": code, "message": message}})


def _scope_of(mailbox: str, given: Credentials, microsoft: Outside | None) -> tuple[int, str] | None:
    """Return the refusal of a mailbox that the tenant of the lab keeps the application from."""
    path = TOKEN_PATH.match(str(given.token_url or "").removeprefix(SITE))
    if microsoft is None or path is None or not microsoft.concerns(path[1], given.client_id):
        return None
    refusal = microsoft.calendar(given.client_id, mailbox)
    return (refusal[0], json.dumps(refusal[1])) if refusal else None
