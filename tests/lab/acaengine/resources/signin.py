# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The authority document and tokens (CA authorities_controller.rb; DK 4.3.2)."""

from __future__ import annotations

import base64
import binascii

from ..http import Context, Reply, head, reply
from ..params import blank
from ..routing import Router
from ..seed import PASSWORD
from ..state import name_key
from ..store import Row
from ..tokens import Token

VERSION = "v1.0.0"
HIDDEN = frozenset(("created_at", "internals"))
SCOPES = frozenset(("public", "admin"))
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
WORDS = {
    "invalid_request": "The request is missing a required parameter, includes an unsupported parameter value, or is"
    " otherwise malformed.",
    "invalid_client": "Client authentication failed due to unknown client, no client authentication included, or"
    " unsupported authentication method.",
    "invalid_grant": "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used"
    " in the authorization request, or was issued to another client.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
}
"""DK config/locales/en.yml, which clients show to people."""


def register(router: Router) -> None:
    """Add the routes."""
    router.add("GET", "/auth/authority", authority, public=True)
    router.add("POST", "/auth/oauth/token", token, public=True)


def authority(ctx: Context) -> Reply:
    """Describe the authority of the host (authorities_controller.rb:8-24); nobody is signed in with a cookie here."""
    row = ctx.state.authority_of(ctx.host)
    if row is None:
        return head(404)
    visible = {name: value for name, value in row.items() if name not in HIDDEN}
    return reply({**visible, "version": VERSION, "session": False, "production": True})


def token(ctx: Context) -> Reply:
    """Issue a token; every refusal is 401 in this version (DK error_response.rb:24-26)."""
    grant = ctx.text("grant_type")
    issued = GRANTS[grant](ctx) if grant in GRANTS else "unsupported_grant_type" if grant else "invalid_request"
    if isinstance(issued, str):
        words = f'Bearer realm="Doorkeeper", error="{issued}", error_description="{WORDS[issued]}"'
        body = {"error": issued, "error_description": WORDS[issued]}
        return reply(body, 401, {**NO_STORE, "WWW-Authenticate": words})
    document = {
        "access_token": issued.value,
        "token_type": "bearer",
        "expires_in": int(issued.lifetime),
        "refresh_token": issued.refresh,
        "scope": issued.scope,
        "created_at": issued.created_at,
    }
    return reply({name: value for name, value in document.items() if not blank(value)}, headers=NO_STORE)


def credentials(ctx: Context) -> tuple[str, str] | None:
    """Return client id and secret, from the header or the parameters; None unless both are there (DK credentials.rb)."""
    scheme, _blank, encoded = ctx.headers.get("authorization", "").partition(" ")
    if scheme == "Basic":
        try:
            uid, _colon, secret = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            uid = secret = ""
        if uid and secret:
            return uid, secret
    uid, secret = ctx.text("client_id") or "", ctx.text("client_secret") or ""
    return (uid, secret) if uid and secret else None


def genuine(ctx: Context, given: tuple[str, str] | None) -> bool:
    """Tell whether credentials are those of the application."""
    return given == (ctx.state.client_id, ctx.state.client_secret)


def scope_of(ctx: Context) -> str | None:
    """Return the scope of a new token; None for one the server does not have."""
    wanted = ctx.text("scope") or "public"
    return wanted if SCOPES.issuperset(wanted.split()) else None


def by_password(ctx: Context) -> Token | str:
    """The password grant.

    A client id alone is enough when it is known; with a secret both must be right; without either the token belongs
    to no client (DK request/password.rb, password_access_token_request.rb).
    """
    given = credentials(ctx)
    client = ctx.text("client_id")
    if client is not None and not (genuine(ctx, given) if given else client == ctx.state.client_id):
        return "invalid_client"
    user = signed_in(ctx)
    if user is None:
        return "invalid_grant"
    scope = scope_of(ctx)
    if scope is None:
        return "invalid_scope"
    return ctx.state.tokens.issue(user["id"], scope, ctx.state.options.token_lifetime, refresh=True)


def signed_in(ctx: Context) -> Row | None:
    """Return the user of the host's authority with that address and password (CA initializers/doorkeeper.rb:54-62)."""
    row = ctx.state.authority_of(ctx.host)
    key = f"{row['id'] if row else ''}-{name_key(ctx.text('username'))}"
    found = ctx.state.tables.users.find("email", key)
    return found[0] if found and ctx.text("password") == PASSWORD else None


def by_refresh_token(ctx: Context) -> Token | str:
    """The refresh grant: the old access token is revoked with its refresh token (DK refresh_token_request.rb)."""
    refresh = ctx.text("refresh_token") or ""
    known = ctx.state.tokens.by_refresh.get(refresh)
    if known is None or known.revoked:
        return "invalid_grant" if refresh else "invalid_request"
    given = credentials(ctx)
    if given and not genuine(ctx, given):
        return "invalid_client"
    return ctx.state.tokens.renew(refresh, ctx.state.options.token_lifetime) or "invalid_grant"


def by_client(ctx: Context) -> Token | str:
    """The client's own token: it has no user (DK client_credentials_request.rb)."""
    if not genuine(ctx, credentials(ctx)):
        return "invalid_client"
    scope = scope_of(ctx)
    if scope is None:
        return "invalid_scope"
    return ctx.state.tokens.issue(None, scope, ctx.state.options.token_lifetime, refresh=False)


GRANTS = {"password": by_password, "refresh_token": by_refresh_token, "client_credentials": by_client}
