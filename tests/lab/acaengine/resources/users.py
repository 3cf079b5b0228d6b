# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, as far as a tool needs them (RE app/controllers/orchestrator/api/users_controller.rb): reading."""

from __future__ import annotations

import orjson

from ..http import Context, Reply, raw
from ..routing import Router
from ..store import Row
from .common import CONTROL, index, shown

PUBLIC = ("email_digest", "name", "first_name", "last_name", "country", "building", "created_at", "staff_id", "id")
ADMIN = (*PUBLIC, "support", "sys_admin", "email", "phone")


def register(router: Router) -> None:
    """Add the routes."""
    base = f"{CONTROL}/users"
    router.add("GET", base, index_users, role="admin")
    router.add("GET", f"{base}/current", current)
    router.add("GET", f"{base}/:id", show)


def index_users(ctx: Context) -> Reply:
    """List, without deleted ones, newest first (:21-30)."""
    keep = [lambda row: not row["deleted"]]
    authority_id = ctx.text("authority_id")
    if authority_id:
        keep.append(lambda row: row["authority_id"] == authority_id)
    return index(ctx, ctx.state.tables.users, keep=keep, with_name=False, render=lambda row: limited(row, ADMIN))


def limited(row: Row, names: tuple[str, ...]) -> bytes:
    """Return a user with some attributes (CA user.rb:11-14)."""
    return orjson.dumps({name: row[name] for name in names})


def show(ctx: Context) -> Reply:
    """Return a user, with more for administrators (:32-41)."""
    row = ctx.state.find(ctx.state.tables.users, ctx.id)
    return raw(limited(row, ADMIN if ctx.user["sys_admin"] else PUBLIC))


def current(ctx: Context) -> Reply:
    """Return the caller with every attribute, the digest of the password as well (:43-45)."""
    return shown(ctx.user)
