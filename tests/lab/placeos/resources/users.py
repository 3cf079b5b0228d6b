# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, without tokens of other services and JSON path search (rest-api controllers/users.cr, models user.cr)."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from ..auth import require_support
from ..errors import crash, forbidden, invalid, not_found
from ..fields import Field, Model, boolean, decode_object, optional, string, strings
from ..http import Context, Reply, empty, reply, split
from ..listing import Keep, dump, index
from ..removal import remove_user
from ..routing import WRITE, Router
from ..rows import build, changed, insert, patch, save
from ..store import Row
from . import metadata
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
# All but PUBLIC_DATA of models user.cr, which shows staff id and telephone to everybody.
HIDDEN_FROM_USERS = frozenset(("ui_theme", "login_name", "sys_admin", "support", "misc", "card_number"))
LANGUAGE = re.compile(r"[a-zA-Z]{2}[a-zA-Z]?(-[a-zA-Z]+)?")


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("users",)
    router.add("GET", f"{BASE}/users", index_users, scopes=scopes)
    router.add("POST", f"{BASE}/users", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/users/current", current)
    router.add("GET", f"{BASE}/users/groups", groups)
    router.add("GET", f"{BASE}/users/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/users/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/users/:id", destroy, scopes=scopes, access=WRITE)
    router.add("POST", f"{BASE}/users/:id/revive", revive, scopes=scopes, access=WRITE)
    router.add("GET", f"{BASE}/users/:id/metadata", user_metadata)


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


def _seen(ctx: Context, row: Row, *, with_metadata: bool) -> dict[str, Any]:
    """Return a user as the caller may see it."""
    result = shown(row) if ctx.identity.admin else public(row)
    return result | _metadata(ctx, row, access=ctx.identity.admin) if with_metadata else result


def _metadata(ctx: Context, row: Row, *, access: bool) -> dict[str, Any]:
    subsystems: dict[str, Any] = {"subsystem_access": []} if access else {}
    return {**subsystems, "associated_metadata": metadata.by_name(ctx, row["id"], None)}


def current(ctx: Context) -> Reply:
    """Return the caller."""
    user = ctx.identity.user
    return reply(shown(user) | _metadata(ctx, user, access=True))


def index_users(ctx: Context) -> Reply:
    """List the users of the caller's authority, without deleted ones; administrators see all authorities."""
    admin = ctx.identity.admin
    mine, wanted = ctx.identity.user["authority_id"], ctx.text("authority_id")
    only = (wanted or "") if admin else mine
    keep: list[Keep] = [lambda row: row["authority_id"] == only] if only else []
    if not ctx.flag("include_deleted"):
        keep.append(lambda row: not row["deleted"])
    with_metadata = bool(ctx.flag("include_metadata"))
    return index(ctx, ctx.tables.users, lambda row: dump(_seen(ctx, row, with_metadata=with_metadata)), keep=keep)


def find(ctx: Context) -> Row:
    """Return a user by id (with or without its prefix), or of the caller's authority by another unique property."""
    key = ctx.params["id"]
    is_email = EMAIL.match(key) is not None
    row = None if is_email else ctx.tables.users.get(key if key.startswith("user-") else f"user-{key}")
    if row is None:
        colleagues = ctx.tables.users.find("authority", ctx.identity.user["authority_id"])
        names = ("login_name",) if is_email else ("login_name", "staff_id")
        found = (r for r in colleagues if key in [r[name] for name in names] or _has_email(r, key))
        row = next(found, None)
    if row is None:
        raise not_found()
    return row


def _has_email(row: Row, address: str) -> bool:
    return bool(row["email"].lower() == address.strip().lower())


def show(ctx: Context) -> Reply:
    """Return one user."""
    return reply(_seen(ctx, find(ctx), with_metadata=bool(ctx.flag("include_metadata"))))


def groups(ctx: Context) -> Reply:
    """Return the groups of some users of the caller's authority."""
    addresses = split(ctx.required("emails", "Array(String)"))
    wrong = [address for address in addresses if not EMAIL.match(address)]
    if wrong:
        problem = invalid(*(("emails", f"{address} is an invalid email") for address in wrong))
        problem.body["error"] = "not all provided emails were valid"
        raise problem
    wanted = {address.lower() for address in addresses}
    colleagues = ctx.tables.users.find("authority", ctx.identity.user["authority_id"])
    return reply([{"groups": row["groups"], "id": row["id"]} for row in colleagues if row["email"].lower() in wanted])


def user_metadata(ctx: Context) -> Reply:
    """Return the metadata of a user who is there."""
    return reply(metadata.by_name(ctx, find(ctx)["id"], ctx.text("name")))


def create(ctx: Context) -> Reply:
    """Create a user of the named authority, or else of the caller's."""
    require_support(ctx)
    body = decode_object(ctx.body, MODEL.name)
    named = ctx.tables.domains.get(body["authority_id"]) if isinstance(body.get("authority_id"), str) else None
    authority_id = named["id"] if named else ctx.identity.user["authority_id"]
    row = build(MODEL, MODEL.convert(body), authority_id=authority_id)
    _validate(ctx, row, creating=True)
    _prepare(row)
    given = row["email"]
    row["email"] = given.lower()
    return reply({**raw(insert(ctx.tables.users, row)), "email": given}, 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes; the e-mail stays, roles are for administrators to change."""
    row, who = find(ctx), ctx.identity
    colleague = who.support and row["authority_id"] == who.user["authority_id"]
    if not (row["id"] == who.user["id"] or who.admin or colleague):
        raise forbidden()
    body = decode_object(ctx.body, MODEL.name)
    body.pop("email", None)
    if not who.admin:
        body = {name: value for name, value in body.items() if name not in ADMIN_ATTRIBUTES}
    row = changed(MODEL, row, MODEL.convert(body))
    _validate(ctx, row)
    _prepare(row)
    return reply(raw(save(ctx.tables.users, row)))


def destroy(ctx: Context) -> Reply:
    """Delete a user, or only mark it where the authority's internals say ``soft_delete``; one administrator remains."""
    require_support(ctx)
    row = find(ctx)
    authority = ctx.state.authority_of(ctx.hostname)
    if not ctx.flag("force_removal") and authority and authority["internals"].get("soft_delete") is True:
        patch(ctx.tables.users, row, deleted=True)
        return empty(202)
    if row["sys_admin"] and sum(user["sys_admin"] for user in ctx.tables.users.rows.values()) == 1:
        raise crash()
    remove_user(ctx.state, row)
    return empty(202)


def revive(ctx: Context) -> Reply:
    """Take the mark of a deletion away."""
    require_support(ctx)
    patch(ctx.tables.users, find(ctx), deleted=False)
    return empty()


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
    failures = []
    if not EMAIL.match(row["email"]):
        failures.append(("email", "is an invalid email"))
    if row["preferred_language"] and not LANGUAGE.fullmatch(row["preferred_language"]):
        failures.append(("preferred_language", "is an invalid preferred language"))
    # Login names and staff ids should be unique too, but the server compares them with the id of the authority.
    others = [r for r in ctx.tables.users.find("authority", row["authority_id"]) if _has_email(r, row["email"])]
    if any(creating or other["id"] != row["id"] for other in others):
        failures.append(("email_digest", "should be unique"))
    if failures:
        raise invalid(*failures)
