# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys (rest-api controllers/api_keys.cr, models api_key.cr)."""

from __future__ import annotations

import secrets
import time
from typing import Any

from ..auth import key_digest, require_admin, user_claims
from ..errors import crash, invalid
from ..fields import Field, Model, Values, enumeration, integer, optional, string, strings
from ..http import Context, Reply, empty, reply
from ..listing import Keep, dump, index
from ..routing import WRITE, Router
from ..rows import build, changed, insert, renderer, require, save
from ..store import Row
from . import domains, users
from .root import BASE

PERMISSIONS = {"user": 0, "support": 1, "admin": 2, "adminsupport": 3}
PERMISSION_NAMES = ("user", "support", "admin", "admin_support")
TOKEN_LIFETIME = 60 * 60

MODEL = Model(
    "PlaceOS::Model::ApiKey",
    "api_key",
    [
        Field("name", string, sanitise="text"),
        Field("description", string, "", sanitise="common"),
        Field("scopes", strings, ["public"]),
        Field("permissions", enumeration(PERMISSIONS, "PlaceOS::Model::UserJWT::Permissions"), 0),
        Field("secret", string, None, nilable=True, assignable=False),
        optional("expires_at", integer),
        optional("user_id"),
        optional("authority_id"),
    ],
)
_render = renderer(("name", "description", "scopes", "user_id", "authority_id", "expires_at"), ("expires_at",), {})


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("api_keys",)
    router.add("GET", f"{BASE}/api_keys", index_keys, scopes=scopes)
    router.add("POST", f"{BASE}/api_keys", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/api_keys/inspect", inspect)
    router.add("GET", f"{BASE}/api_keys/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/api_keys/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/api_keys/:id", destroy, scopes=scopes, access=WRITE)


def document(ctx: Context, row: Row, key: str | None = None) -> dict[str, Any]:
    """Return a key with its user and authority; the key itself only when it was just made."""
    user, authority = ctx.tables.users.get(row["user_id"]), ctx.tables.domains.get(row["authority_id"])
    shown = _render(row)
    shown |= {
        "user": users.raw(user) if user else None,
        "authority": domains.document(authority) if authority else None,
        "permissions": PERMISSION_NAMES[row["permissions"]],
    }
    return shown if key is None else {**shown, "x_api_key": key}


def index_keys(ctx: Context) -> Reply:
    """List, on request those of one authority."""
    require_admin(ctx)
    authority_id = ctx.text("authority_id")
    keep: list[Keep] = [] if authority_id is None else [lambda row: row["authority_id"] == authority_id]
    return index(ctx, ctx.tables.api_keys, lambda row: dump(document(ctx, row)), keep=keep)


def show(ctx: Context) -> Reply:
    """Return one key."""
    require_admin(ctx)
    return reply(document(ctx, require(ctx.tables.api_keys, ctx.params["id"])))


def inspect(ctx: Context) -> Reply:
    """Return the claims the presented credential stands for."""
    who = ctx.identity
    if who.claims:
        return reply(who.claims)
    now = int(time.time())
    scopes = [scope.replace(".read", ".Read").replace(".write", ".Write") for scope in who.scopes]
    authority = ctx.state.authority_of(ctx.hostname)
    claims = user_claims(who.user, who.permission, authority["domain"] if authority else "", scopes)
    return reply({"iss": "POS", "iat": now - 300, "exp": now + TOKEN_LIFETIME, **claims})


def create(ctx: Context) -> Reply:
    """Create; the answer is the only one that shows the key. ``ttl`` is ignored, as on the server."""
    require_admin(ctx)
    row = build(MODEL, MODEL.parse(ctx.body))
    _validate(ctx, row, creating=True)
    user = ctx.tables.users.get(row["user_id"])
    if user is None:
        raise crash()
    key_id, secret = secrets.token_hex(16), secrets.token_urlsafe(32)
    row["name"] = row["name"].strip().lower()
    row["authority_id"] = user["authority_id"]
    row["secret"] = key_digest(key_id, secret)
    insert(ctx.tables.api_keys, row, key_id)
    return reply(document(ctx, row, f"{key_id}.{secret}"), 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes."""
    require_admin(ctx)
    old = require(ctx.tables.api_keys, ctx.params["id"])
    values: Values = MODEL.parse(ctx.body)
    row = changed(MODEL, old, values)
    _validate(ctx, row)
    return reply(document(ctx, save(ctx.tables.api_keys, row)))


def destroy(ctx: Context) -> Reply:
    """Delete; the key stops working at once."""
    require_admin(ctx)
    ctx.tables.api_keys.remove(require(ctx.tables.api_keys, ctx.params["id"])["id"])
    return empty(202)


def _validate(ctx: Context, row: Row, *, creating: bool = False) -> None:
    row["scopes"] = [_scope(scope) for scope in row["scopes"]]
    problem = MODEL.missing(row)
    if problem:
        raise problem
    failures = []
    if row["expires_at"] is not None and row["expires_at"] <= time.time():
        failures.append(("expires_at", "must be in the future"))
    user = ctx.tables.users.get(row["user_id"])
    if user:
        others = ctx.tables.api_keys.find("name", (user["authority_id"], row["name"].strip().lower()))
        if any(creating or other["id"] != row["id"] for other in others):
            failures.append(("name", "should be unique"))
    if failures:
        raise invalid(*failures)


def _scope(text: str) -> str:
    resource, dot, access = text.partition(".")
    if not dot:
        return resource
    if access.lower() not in ("read", "write"):
        raise crash()
    return f"{resource}.{access.capitalize()}"
