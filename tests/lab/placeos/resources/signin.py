# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sign-in service: the authority document and OAuth tokens (PlaceOS/auth).

Password and refresh_token grants, JSON or form. Inferred from source, not recorded.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson

from ..auth import ADMIN, SUPPORT, user_claims
from ..errors import ApiError
from ..http import Context, Reply, empty, reply
from ..routing import WRITE, Router
from ..store import Row
from ..tokens import LIFETIME, TokenError
from . import applications, users

VERSION = "v2.0.0"


def register(router: Router) -> None:
    """Add the routes."""
    router.add("GET", "/auth/authority", authority, public=True)
    router.add("POST", "/auth/oauth/token", token, public=True, access=WRITE)
    router.add("POST", "/auth/token", token, public=True, access=WRITE)


def client_id_of(domain: str) -> str:
    """Return the client id of the backoffice application: MD5 of its redirect URI."""
    redirect = f"https://{domain}/backoffice/oauth-resp.html"
    return hashlib.md5(redirect.encode(), usedforsecurity=False).hexdigest()


def authority(ctx: Context) -> Reply:
    """Describe the authority of the Host; 404 for an unknown one unless asked as a health check."""
    row = ctx.state.authority_of(ctx.hostname.lower())
    if row is None:
        return empty(200 if "health" in ctx.query else 404)
    shown: dict[str, Any] = {
        "id": row["id"],
        "updated_at": datetime.fromtimestamp(row["updated_at"], UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "name": row["name"],
        "description": row["description"],
        "domain": row["domain"],
        "login_url": row["login_url"],
        "logout_url": row["logout_url"],
        "config": row["config"],
        "email_domains": row["email_domains"],
        "version": VERSION,
        "session": False,
        "token_valid": _token_valid(ctx),
        "production": True,
    }
    return reply(shown)


def _token_valid(ctx: Context) -> bool:
    bearer = ctx.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        ctx.state.signer.check(bearer)
    except TokenError:
        return False
    return True


def _parameters(ctx: Context) -> dict[str, str]:
    if ctx.headers.get("content-type", "").startswith("application/json"):
        try:
            document = orjson.loads(ctx.body)
        except orjson.JSONDecodeError:
            return dict(ctx.query)
        body = {k: str(v) for k, v in document.items()} if isinstance(document, dict) else {}
    else:
        body = dict(parse_qsl(ctx.body.decode("utf-8", "replace")))
    return {**ctx.query, **body}


def _refusal(status: int, error: str, description: str) -> ApiError:
    return ApiError(status, {"error": error, "error_description": description})


def token(ctx: Context) -> Reply:
    """Issue an access and a refresh token for a user of the Host's authority."""
    values = _parameters(ctx)
    row = ctx.state.authority_of(ctx.hostname.lower())
    if row is None or not _is_client(ctx, row, values):
        raise _refusal(
            401,
            "invalid_client",
            "Client authentication failed due to unknown client, no client authentication included, or unsupported"
            " authentication method.",
        )
    grant = values.get("grant_type")
    if grant == "password":
        user = _signed_in(ctx, row, values)
    elif grant == "refresh_token":
        user = ctx.tables.users.get(ctx.state.refresh_tokens.pop(values.get("refresh_token", ""), None))
    elif grant:
        raise _refusal(400, "unsupported_grant_type", "The authorization grant type is not supported.")
    else:
        raise _refusal(400, "invalid_request", "Missing required parameter: grant_type.")
    if user is None:
        # Doorkeeper 5.8 and 5.9: 401 is for clients, everything else is 400 (oauth/error_response.rb).
        raise _refusal(
            400,
            "invalid_grant",
            "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in"
            " the authorization request, or was issued to another client.",
        )
    return reply(_issue(ctx, row, user))


def _is_client(ctx: Context, domain: Row, values: dict[str, str]) -> bool:
    """Tell whether the client is backoffice or an application; a confidential one has to show its secret."""
    given = values.get("client_id", "")
    application = applications.client(ctx.tables.applications, given)
    if application is None:
        return given == client_id_of(domain["domain"])
    return not application["confidential"] or values.get("client_secret") == application["secret"]


def _signed_in(ctx: Context, domain: Row, values: dict[str, str]) -> Row | None:
    name = values.get("username", "").strip().lower()
    for user in ctx.tables.users.find("authority", domain["id"]):
        if (
            user["email"].lower() == name
            and not user["deleted"]
            and users.password_matches(user, values.get("password", ""))
        ):
            return user
    return None


def permission_of(user: Row) -> int:
    """Return the permission bits of a user."""
    return (SUPPORT if user["support"] else 0) | (ADMIN if user["sys_admin"] else 0)


def _issue(ctx: Context, domain: Row, user: Row) -> dict[str, Any]:
    refresh = secrets.token_urlsafe(32)
    ctx.state.refresh_tokens[refresh] = user["id"]
    claims = user_claims(user, permission_of(user), domain["domain"], ["public"])
    access = ctx.state.signer.issue({**claims, "jti": secrets.token_hex(8)})
    return {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "refresh_token": refresh,
        "scope": "public",
        "created_at": ctx.state.signer.check(access)["iat"],
    }
