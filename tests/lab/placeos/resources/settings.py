# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings rows (rest-api controllers/settings.cr, models settings.cr and utilities/versions.cr).

A row holds YAML or JSON text for one parent at one encryption level. Every save adds a history row, which points to
its master and shows up in the plain index.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from ..auth import require_support
from ..ciphertext import NONE, decrypt, encrypt, is_encrypted, visible
from ..core.core import Loader
from ..errors import crash, forbidden, invalid
from ..fields import Field, Model, enumeration, optional, string, strings, word
from ..hierarchy import for_parents
from ..http import Context, Reply, empty, reply
from ..listing import dump, index, join
from ..routing import WRITE, Router
from ..rows import build, cached, changed, insert, renderer, require, save
from ..store import Row
from .root import BASE

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]+")
MAX_VERSIONS = 20
HISTORY_LIMIT = 15
PARENT_TYPES = {"sys": "control_system", "driver": "driver", "mod": "module", "zone": "zone"}
LEVELS = {"none": 0, "support": 1, "admin": 2, "neverdisplay": 3}

MODEL = Model(
    "PlaceOS::Model::Settings",
    "sets",
    [
        Field("modified_by_id", string, None, nilable=True, assignable=False),
        optional("settings_id"),
        Field("encryption_level", enumeration(LEVELS, "PlaceOS::Encryption::Level"), NONE),
        Field("settings_string", string, "{}"),
        Field("keys", strings, []),
        optional("parent_type", word(PARENT_TYPES.values(), "PlaceOS::Model::Settings::ParentType")),
        optional("parent_id"),
    ],
)
document = renderer(MODEL.fields, ("modified_by_id", "settings_id"), {})
stored_blob = cached(document)


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("settings",)
    router.add("GET", f"{BASE}/settings", index_settings, scopes=scopes)
    router.add("POST", f"{BASE}/settings", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/settings/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/settings/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/settings/:id", destroy, scopes=scopes, access=WRITE)
    router.add("GET", f"{BASE}/settings/:id/history", history, scopes=scopes)


def _shown(ctx: Context, row: Row) -> dict[str, Any]:
    """Return a row with the text in clear where the caller may see it."""
    shown = document(row)
    level = row["encryption_level"]
    if level != NONE and visible(level, admin=ctx.identity.admin, support=ctx.identity.support):
        try:
            shown["settings_string"] = decrypt(row["settings_string"], row["parent_id"], level)
        except ValueError:
            raise crash() from None
    return shown


def blobs(ctx: Context, rows: list[Row]) -> bytes:
    """Return a JSON array of rows as the caller may see them."""
    return join(dump(_shown(ctx, row)) for row in rows)


def index_settings(ctx: Context) -> Reply:
    """List by parents: current, decrypted, at most 100, no paging. Without parents: everything, still encrypted."""
    require_support(ctx)
    parents = ctx.csv("parent_id")
    if parents is not None:
        return Reply(200, blobs(ctx, for_parents(ctx.state, parents)))
    return index(ctx, ctx.tables.settings, stored_blob)


def show(ctx: Context) -> Reply:
    """Return one row."""
    row = require(ctx.tables.settings, ctx.params["id"])
    require_support(ctx)
    return reply(_shown(ctx, row))


def create(ctx: Context) -> Reply:
    """Create; several rows for one parent and level are possible."""
    row = build(MODEL, MODEL.parse(ctx.body))
    _may_modify(ctx, row)
    text = row["settings_string"]
    _validate(text, row)
    row["modified_by_id"] = ctx.identity.user["id"]
    _prepare(row, text)
    insert(ctx.tables.settings, row)
    _saved(ctx, row)
    return reply(_shown(ctx, row), 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes.

    Another level or parent without the text is a 500 for an encrypted row: the text is decrypted under the wrong key.
    """
    old = require(ctx.tables.settings, ctx.params["id"])
    values = MODEL.parse(ctx.body)
    _may_modify(ctx, old)
    row = changed(MODEL, old, values)
    _may_modify(ctx, row)
    text = row["settings_string"]
    if text != old["settings_string"]:
        _validate(text, row)
    moved = (row["encryption_level"], row["parent_id"]) != (old["encryption_level"], old["parent_id"])
    if moved and is_encrypted(text):
        raise crash()
    row["modified_by_id"] = ctx.identity.user["id"]
    _prepare(row, text)
    save(ctx.tables.settings, row)
    _saved(ctx, row)
    return reply(_shown(ctx, row))


def destroy(ctx: Context) -> Reply:
    """Delete with history."""
    row = require(ctx.tables.settings, ctx.params["id"])
    _may_modify(ctx, row)
    for version in ctx.tables.settings.find("history", row["id"]):
        ctx.tables.settings.remove(version["id"])
    ctx.tables.settings.remove(row["id"])
    ctx.state.core.settings_epoch += 1
    return empty(202)


def history(ctx: Context) -> Reply:
    """List the versions of a row, newest first, as they are stored; the link skips one row."""
    row = require(ctx.tables.settings, ctx.params["id"])
    if not ctx.identity.admin:
        raise forbidden()
    limit = ctx.number("limit", "Int32", HISTORY_LIMIT) or 0
    offset = ctx.number("offset", "Int32", 0) or 0
    versions = ctx.tables.settings.find("history", row["id"])[::-1]
    page = versions[offset : offset + limit]
    end, total = offset + len(page), len(versions)
    headers = {"X-Total-Count": str(total), "Content-Range": f"sets {offset}-{end}/{total}"}
    if end < total:
        target = ctx.query_with(offset=str(end + 1), limit=str(limit))
        headers["Link"] = f'<{BASE}/settings/{row["id"]}/history?{target}>; rel="next"'
    return Reply(200, join(stored_blob(version) for version in page), headers=headers)


def _may_modify(ctx: Context, row: Row) -> None:
    if not ctx.identity.admin:
        raise forbidden()


def top_level_keys(text: str) -> list[str] | None:
    """Return the keys of a YAML mapping, None for another document; 500 for text which is not YAML."""
    try:
        node = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError:
        raise crash() from None
    if not isinstance(node, yaml.MappingNode):
        return None
    return list(dict.fromkeys(str(key.value) for key, _value in node.value))


def _has_binary(text: str) -> bool:
    return "!!binary" in text


def _validate(text: str, row: Row) -> None:
    level = row["encryption_level"]
    if is_encrypted(text):
        try:
            text = decrypt(text, row["parent_id"] or "", level)
        except ValueError:
            raise crash() from None
    if not text.strip():
        return
    problem = ""
    if top_level_keys(text) is None:
        problem = "Expected mapping, not scalar at line 1, column 1"
    elif _has_binary(text):
        problem = "Can't serialize Slice(UInt8) to JSON"
    if problem:
        raise invalid(("settings_string", f"is not a valid JSON or YAML object: {problem}"))


def _prepare(row: Row, text: str) -> None:
    """Set type, keys and ciphertext before a save; 500 without a usable parent."""
    parent_type = next((PARENT_TYPES[p] for p in PARENT_TYPES if (row["parent_id"] or "").startswith(p)), None)
    if parent_type is None:
        raise crash()
    row["parent_type"] = parent_type
    level = row["encryption_level"]
    try:
        clear = decrypt(text, row["parent_id"], level) if is_encrypted(text) else text
        row["keys"] = (top_level_keys(clear) or []) if clear.strip() else []
    except ValueError:
        raise crash() from None
    row["settings_string"] = encrypt(text, row["parent_id"], level)


def _saved(ctx: Context, row: Row) -> None:
    """Add the history row, forget the oldest, and tell the modules."""
    ctx.state.core.settings_epoch += 1
    if row["settings_id"] is not None:
        return
    table = ctx.tables.settings
    insert(table, Row(row, settings_id=row["id"], modified_by_id=None))
    for version in table.find("history", row["id"])[:-MAX_VERSIONS]:
        table.remove(version["id"])
