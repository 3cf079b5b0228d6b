# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""OAuth applications: who may ask for tokens (rest-api oauth_applications.cr, models doorkeeper_application.cr)."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from ..auth import require_admin
from ..errors import crash, invalid
from ..fields import Field, Model, boolean, string, strings
from ..http import Context, Reply, empty, reply
from ..listing import Keep, dump, index
from ..routing import WRITE, Router
from ..rows import build, changed, insert, require, save
from ..store import Row, Table
from .root import BASE

MODEL = Model(
    "PlaceOS::Model::DoorkeeperApplication",
    "oauth_applications",
    [
        Field("name", string, sanitise="text"),
        Field("secret", string, ""),
        Field("scopes", string, "public"),
        Field("owner_id", string),
        Field("redirect_uri", string),
        Field("confidential", boolean, False),
        Field("skip_authorization", boolean, False),
        Field("subsystems", strings, []),
        Field("uid", string, "", assignable=False),
    ],
)


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("o_auth_applications",)
    router.add("GET", f"{BASE}/oauth_apps", index_applications, scopes=scopes)
    router.add("POST", f"{BASE}/oauth_apps", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/oauth_apps/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/oauth_apps/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/oauth_apps/:id", destroy, scopes=scopes, access=WRITE)


def client(table: Table, uid: str) -> Row | None:
    """Return the application a client id stands for."""
    return next((row for row in table.rows.values() if row["uid"] == uid), None)


def document(row: Row) -> dict[str, Any]:
    """Return an application; its id is an integer."""
    return {**row, "id": int(row["id"])}


def _find(ctx: Context) -> Row:
    require_admin(ctx)
    if not ctx.params["id"].isdigit():
        raise crash()
    return require(ctx.tables.applications, ctx.params["id"])


def index_applications(ctx: Context) -> Reply:
    """List: for support all or those of an authority, for others those of their own which need no subsystem."""
    wanted = ctx.text("authority_id")
    keep: list[Keep] = []
    if not ctx.identity.support:
        mine = ctx.identity.user["authority_id"]
        keep.append(lambda row: row["owner_id"] == mine and not row["subsystems"])
    elif wanted is not None:
        keep.append(lambda row: row["owner_id"] == wanted)
    return index(ctx, ctx.tables.applications, lambda row: dump(document(row)), keep=keep)


def show(ctx: Context) -> Reply:
    """Return one application."""
    return reply(document(_find(ctx)))


def create(ctx: Context) -> Reply:
    """Create; the secret is always a new one, the client id the MD5 of the redirect URI."""
    require_admin(ctx)
    row = build(MODEL, MODEL.parse(ctx.body))
    _validate(ctx, row)
    row["secret"] = secrets.token_urlsafe(40)
    row["uid"] = hashlib.md5(row["redirect_uri"].lower().encode(), usedforsecurity=False).hexdigest()
    number = ctx.state.next_application
    ctx.state.next_application += 1
    return reply(document(insert(ctx.tables.applications, row, str(number))), 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes; the client id stays."""
    row = changed(MODEL, _find(ctx), MODEL.parse(ctx.body))
    _validate(ctx, row)
    return reply(document(save(ctx.tables.applications, row)))


def destroy(ctx: Context) -> Reply:
    """Delete."""
    ctx.tables.applications.remove(_find(ctx)["id"])
    return empty(202)


def _validate(ctx: Context, row: Row) -> None:
    problem = MODEL.missing(row)
    if problem:
        raise problem
    failures = [(name, "is required") for name in ("name", "redirect_uri") if not row[name].strip()]
    siblings = [
        other
        for other in ctx.tables.applications.rows.values()
        if other["owner_id"] == row["owner_id"] and other["id"] != row.get("id")
    ]
    failures += [
        (name, "should be unique")
        for name in ("redirect_uri", "name")
        if any(other[name] == row[name].strip() for other in siblings)
    ]
    if failures:
        raise invalid(*failures)
