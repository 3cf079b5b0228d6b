# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, as far as signing in and API keys need them (rest-api controllers/users.cr, models user.cr)."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from ..auth import require_admin
from ..errors import forbidden, invalid, not_found
from ..fields import Field, Model, boolean, decode_object, optional, string, strings
from ..http import Context, Reply, empty, reply
from ..listing import dump, index
from ..removal import remove_user
from ..routing import WRITE, Router
from ..rows import build, changed, insert, save
from ..store import Row
from .root import BASE

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")

MODEL = Model(
    "PlaceOS::Model::User",
    "user",
    [
        Field("name", string, sanitise="text"),
        optional("nickname", sanitise="text"),
        Field("email", string, ""),
        optional("phone", sanitise="text"),
        optional("country"),
        optional("image"),
        Field("ui_theme", string, "light", nilable=True),
        optional("misc", sanitise="common"),
        optional("login_name"),
        optional("staff_id"),
        optional("first_name", sanitise="text"),
        optional("last_name", sanitise="text"),
        optional("building", sanitise="text"),
        optional("department", sanitise="text"),
        optional("preferred_language"),
        Field("password_digest", string, None, nilable=True, assignable=False),
        Field("email_digest", string, None, nilable=True, assignable=False),
        optional("card_number"),
        Field("deleted", boolean, False, assignable=False),
        Field("groups", strings, []),
        Field("expires", boolean, False, assignable=False),
        Field("sys_admin", boolean, False),
        Field("support", boolean, False),
        Field("locatable", boolean, True),
        optional("password"),
    ],
)
ADMIN_ATTRIBUTES = frozenset(("login_name", "staff_id", "card_number", "groups", "sys_admin", "support"))
PERSONAL = (
    "nickname phone country image misc login_name staff_id first_name last_name building department preferred_language"
)
HIDDEN_FROM_USERS = frozenset(("ui_theme", "login_name", "staff_id", "phone", "sys_admin", "support", "card_number"))


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("users",)
    router.add("GET", f"{BASE}/users", index_users, scopes=scopes)
    router.add("POST", f"{BASE}/users", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/users/current", current)
    router.add("GET", f"{BASE}/users/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/users/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/users/:id", destroy, scopes=scopes, access=WRITE)


def password_digest(password: str, salt: str | None = None) -> str:
    """Return what is stored of a password."""
    salt = salt or secrets.token_hex(8)
    return f"{salt}${hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**12, r=8, p=1).hex()}"


def password_matches(row: Row, password: str) -> bool:
    """Compare a password with the stored digest."""
    stored = row["password_digest"]
    return bool(stored) and secrets.compare_digest(stored, password_digest(password, stored.partition("$")[0]))


def shown(row: Row) -> dict[str, Any]:
    """Return a user as administrators see it."""
    result: dict[str, Any] = {"created_at": row["created_at"], "name": row["name"], "email": row["email"].lower()}
    for name in (*PERSONAL.split(), "ui_theme", "card_number"):
        if row[name] is not None:
            result[name] = row[name]
    return result | {
        "email_digest": row["email_digest"],
        "deleted": row["deleted"],
        "groups": row["groups"],
        "sys_admin": row["sys_admin"],
        "support": row["support"],
        "locatable": row["locatable"],
        "login_count": 0,
        "work_preferences": [],
        "work_overrides": {},
        "authority_id": row["authority_id"],
        "id": row["id"],
    }


def public(row: Row) -> dict[str, Any]:
    """Return a user as other users see it."""
    return {name: value for name, value in shown(row).items() if name not in HIDDEN_FROM_USERS}


def raw(row: Row) -> dict[str, Any]:
    """Return the whole row, as creating and updating answer (with the password's digest)."""
    result = {**shown(row), "updated_at": row["updated_at"], "expires": row["expires"], "email": row["email"]}
    if row["password_digest"]:
        result["password_digest"] = row["password_digest"]
    return result


def current(ctx: Context) -> Reply:
    """Return the caller."""
    return reply({**shown(ctx.identity.user), "subsystem_access": [], "associated_metadata": {}})


def index_users(ctx: Context) -> Reply:
    """List the users of the caller's authority; administrators see all."""
    admin = ctx.identity.admin
    mine, wanted = ctx.identity.user["authority_id"], ctx.text("authority_id")
    render = shown if admin else public
    only = (wanted or "") if admin else mine
    keep = [lambda row: row["authority_id"] == only] if only else []
    return index(ctx, ctx.tables.users, lambda row: dump(render(row)), keep=keep)


def find(ctx: Context) -> Row:
    """Return a user by id, e-mail, login name or staff id."""
    key = ctx.params["id"]
    row = ctx.tables.users.get(key)
    if row is None:
        names = (key, key.lower())
        rows = ctx.tables.users.rows.values()
        row = next((r for r in rows if r["email"].lower() == names[1] or key in (r["login_name"], r["staff_id"])), None)
    if row is None:
        raise not_found()
    return row


def show(ctx: Context) -> Reply:
    """Return one user."""
    row = find(ctx)
    return reply(shown(row) if ctx.identity.admin else public(row))


def create(ctx: Context) -> Reply:
    """Create a user of the caller's authority."""
    require_admin(ctx)
    row = build(MODEL, MODEL.parse(ctx.body), authority_id=ctx.identity.user["authority_id"])
    _validate(ctx, row, creating=True)
    _prepare(row)
    given = row["email"]
    row["email"] = given.lower()
    return reply({**raw(insert(ctx.tables.users, row)), "email": given}, 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes; the e-mail stays, roles are for administrators to change."""
    row = find(ctx)
    if row["id"] != ctx.identity.user["id"] and not ctx.identity.admin:
        raise forbidden()
    body = decode_object(ctx.body, MODEL.name)
    body.pop("email", None)
    if not ctx.identity.admin:
        body = {name: value for name, value in body.items() if name not in ADMIN_ATTRIBUTES}
    row = changed(MODEL, row, MODEL.convert(body))
    _validate(ctx, row)
    _prepare(row)
    return reply(raw(save(ctx.tables.users, row)))


def destroy(ctx: Context) -> Reply:
    """Delete a user."""
    require_admin(ctx)
    remove_user(ctx.state, find(ctx))
    return empty(202)


def _prepare(row: Row) -> None:
    if row["password"]:
        row["password_digest"] = password_digest(row["password"])
    row["password"] = None
    if row["first_name"]:
        row["name"] = f"{row['first_name']} {row['last_name'] or ''}".strip()
    row["email_digest"] = hashlib.md5(row["email"].lower().encode(), usedforsecurity=False).hexdigest()


def _validate(ctx: Context, row: Row, *, creating: bool = False) -> None:
    problem = MODEL.missing(row)
    if problem:
        raise problem
    if not EMAIL.match(row["email"]):
        raise invalid(("email", "is an invalid email"))
    others = [r for r in ctx.tables.users.rows.values() if r["email"].lower() == row["email"].lower()]
    if any(creating or other["id"] != row["id"] for other in others):
        raise invalid(("email_digest", "should be unique"))
