# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is asking: API keys, bearer tokens, roles and scopes (rest-api utilities/current-user.cr, scopes.cr)."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Any

from .errors import forbidden, unauthorized
from .http import Context
from .store import Row
from .tokens import TokenError

PUBLIC = "public"
USER, SUPPORT, ADMIN, ADMIN_SUPPORT = range(4)


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller: the user's row, effective permission (0 user, 1 support, 2 admin, 3 both), scopes and roles."""

    user: Row
    permission: int
    scopes: tuple[str, ...] = (PUBLIC,)
    claims: dict[str, Any] = field(default_factory=dict)

    @property
    def admin(self) -> bool:
        """Administrators may do everything."""
        return self.permission >= ADMIN

    @property
    def support(self) -> bool:
        """Support staff; administrators count as such."""
        return self.permission >= SUPPORT

    def may(self, scopes: tuple[str, ...], access: str) -> bool:
        """Tell whether one of the scopes is granted, in full or for this kind of access."""
        return any(name in self.scopes or f"{name}.{access}" in self.scopes for name in (PUBLIC, *scopes))


def key_digest(key_id: str, secret: str) -> str:
    """Return what is stored of the secret of an API key."""
    return hmac.new(key_id.encode(), secret.encode(), hashlib.sha512).hexdigest()


def user_claims(user: Row, permission: int, domain: str, scopes: list[str]) -> dict[str, Any]:
    """Return the claims of a user's token."""
    about = {"n": user["name"], "e": user["email"], "p": permission, "r": user["groups"]}
    return {"aud": domain, "sub": user["id"], "scope": scopes, "u": about}


def authorize(ctx: Context) -> Identity:
    """Return the caller or raise 401. The authority is chosen by the Host header alone."""
    key = ctx.headers.get("x-api-key") or ctx.query.get("api-key") or ctx.cookies.get("api-key")
    identity = _by_key(ctx, key) if key else _by_token(ctx, _bearer(ctx))
    if ctx.state.authority_of(ctx.hostname) is None:
        raise unauthorized("authority not found")
    return identity


def _by_key(ctx: Context, key: str) -> Identity:
    key_id, _dot, secret = key.partition(".")
    row = ctx.tables.api_keys.get(key_id)
    # Digests of known keys are remembered, so that a request does not cost a hash.
    known = ctx.state.key_cache.get(key)
    if row is None or not secret or row["secret"] != (known or key_digest(key_id, secret)):
        raise unauthorized("unknown X-API-Key")
    ctx.state.key_cache[key] = row["secret"]
    if row["expires_at"] is not None and row["expires_at"] <= time.time():
        raise unauthorized("API key has expired")
    user = ctx.tables.users.get(row["user_id"])
    if user is None:
        raise unauthorized("unknown X-API-Key")
    scopes = tuple(scope.replace(".Read", ".read").replace(".Write", ".write") for scope in row["scopes"])
    return Identity(user, row["permissions"], scopes)


def _bearer(ctx: Context) -> str:
    header = ctx.headers.get("authorization")
    if header is not None:
        token = header.removeprefix("Bearer ").removeprefix("Token ").rstrip()
    else:
        token = (ctx.query.get("bearer_token") or ctx.cookies.get("bearer_token") or "").strip()
    if not token:
        raise unauthorized()
    return token


def _by_token(ctx: Context, token: str) -> Identity:
    try:
        claims = ctx.state.signer.check(token)
    except TokenError as problem:
        raise unauthorized(str(problem)) from None
    user = ctx.tables.users.get(claims.get("sub"))
    if user is None:
        raise unauthorized("user not found")
    scopes = tuple(str(scope).lower() for scope in claims.get("scope", [PUBLIC]))
    return Identity(user, int(claims.get("u", {}).get("p", 0)), scopes, claims)


def require_admin(ctx: Context) -> None:
    """403 unless the caller is an administrator."""
    if not ctx.identity.admin:
        raise forbidden()


def require_support(ctx: Context) -> None:
    """403 unless the caller is support staff or administrator."""
    if not ctx.identity.support:
        raise forbidden()
