# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metadata: named JSON documents of zones, systems and users (rest-api controllers/metadata.cr)."""

from __future__ import annotations

from typing import Any

import orjson

from ..auth import require_support
from ..errors import bad_request, crash, forbidden, invalid, not_found
from ..fields import TypeMismatch, anything, decode_object, json_kind, string, string_set
from ..hierarchy import MAX_ROWS
from ..http import Context, Reply, empty, reply, split
from ..routing import WRITE, Router
from ..rows import insert, require, save
from ..sanitise import clean
from ..store import Row
from . import zones
from .root import BASE

MAX_VERSIONS = 20
INTERFACE = "PlaceOS::Model::Metadata::Interface"
PARENT_TABLES = frozenset(
    ("zone", "sys", "user", "mod", "driver", "repo", "sets", "authority", "trigger", "metadata", "edge")
)
TAKEN = ("name", "must be unique beneath 'parent_id'")


def register(router: Router) -> None:
    """Add the routes."""
    scopes, reading = ("metadata",), ("metadata", "guest")
    router.add("GET", f"{BASE}/metadata/:id", show, scopes=reading)
    router.add("PATCH PUT", f"{BASE}/metadata/:id", mutate, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/metadata/:id", destroy, scopes=scopes, access=WRITE)
    router.add("GET", f"{BASE}/metadata/:id/bulk", bulk, scopes=reading)
    router.add("GET", f"{BASE}/metadata/:id/children", children, scopes=reading)
    router.add("GET", f"{BASE}/metadata/:id/history", history, scopes=scopes)
    router.add("PATCH", f"{BASE}/metadata/:id/name", rename, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/zones/:id/metadata", show)


def document(row: Row) -> dict[str, Any]:
    """Return a row as clients see it; the document itself is kept as JSON text."""
    shown: dict[str, Any] = {
        "name": row["name"],
        "description": row["description"],
        "details": orjson.loads(row["details"]),
        "parent_id": row["parent_id"],
    }
    if row["schema_id"] is not None:
        shown["schema_id"] = row["schema_id"]
    shown["editors"] = row["editors"]
    if row["modified_by_id"] is not None:
        shown["modified_by_id"] = row["modified_by_id"]
    return shown | {"updated_at": row["updated_at"], "created_at": row["created_at"]}


def _rows(ctx: Context, parent_id: str, name: str | None = None) -> list[Row]:
    """Return the documents of a parent, at most 100; an empty name means all."""
    rows = ctx.tables.metadata.find("parent", parent_id)
    if name:
        rows = [row for row in rows if row["name"] == name]
    return rows[:MAX_ROWS]


def by_name(ctx: Context, parent_id: str, name: str | None) -> dict[str, Any]:
    """Return the documents of a parent by name."""
    return {row["name"]: document(row) for row in _rows(ctx, parent_id, name)}


def show(ctx: Context) -> Reply:
    """Return the documents of a parent; an unknown parent has none."""
    return reply(by_name(ctx, ctx.params["id"], ctx.text("name")))


def bulk(ctx: Context) -> Reply:
    """Return one document of several parents, null where there is none."""
    found: dict[str, Any] = {}
    for parent_id in split(ctx.required("parent_ids", "Array(String)")):
        rows = _rows(ctx, parent_id, ctx.params["id"])
        found[parent_id] = document(rows[0]) if rows else None
    return reply(found)


def children(ctx: Context) -> Reply:
    """Return the child zones of a zone with their documents."""
    parent = require(ctx.tables.zones, ctx.params["id"])
    with_parent = ctx.flag("include_parent") is not False
    found = [
        {"zone": zones.document(zone), "metadata": by_name(ctx, zone["id"], ctx.text("name"))}
        for zone in ctx.tables.zones.find("parent", parent["id"])
        if with_parent or zone["id"] != parent["id"]
    ]
    return reply(found)


def _interface(ctx: Context) -> dict[str, Any]:
    """Return the checked body of an upsert; name, description and details must be there."""
    body = decode_object(ctx.body, INTERFACE)
    for name in ("name", "description", "details"):
        if name not in body:
            raise bad_request(f"Missing JSON attribute: {name}\n  parsing {INTERFACE}#{name} at line 1, column 1")
    try:
        body["name"], body["description"] = string(body["name"]), string(body["description"])
        body["details"] = anything(body["details"])
        body["editors"] = string_set(body["editors"]) if body.get("editors") is not None else []
        if body.get("schema_id") is not None:
            string(body["schema_id"])
    except TypeMismatch as problem:
        raise bad_request(f"{problem}\n  parsing {INTERFACE}") from None
    return body


def mutate(ctx: Context) -> Reply:
    """Create or change a document: PUT replaces the details, PATCH merges them (RFC 7396)."""
    parent_id, body = ctx.params["id"], _interface(ctx)
    if not body["name"].strip():
        raise invalid(("name", "Name must not be empty"))
    found = _rows(ctx, parent_id, body["name"])
    row = _change(ctx, found[0], body) if found else _create(ctx, parent_id, body)
    row["modified_by_id"] = ctx.identity.user["id"]
    if found:
        save(ctx.tables.metadata, row)
    else:
        insert(ctx.tables.metadata, row)
    _keep_version(ctx, row)
    return reply(document(row))


def _change(ctx: Context, old: Row, body: dict[str, Any]) -> Row:
    _may_write(ctx, old["parent_id"], old["editors"])
    row = Row(old)
    details = body["details"]
    if ctx.method == "PATCH":
        details = merge(orjson.loads(old["details"]), details)
    row["details"] = stored(details)
    row["description"] = clean(body["description"], "common")
    if ctx.identity.support:
        row["editors"] = body["editors"]
        row["schema_id"] = body.get("schema_id") or old["schema_id"]
    return row


def _create(ctx: Context, parent_id: str, body: dict[str, Any]) -> Row:
    _may_write(ctx, parent_id, [])
    table = parent_id.partition("-")[0]
    if table not in PARENT_TABLES:
        raise crash()
    if not _exists(ctx, table, parent_id):
        raise invalid(("parent_id", "must reference an existing model"))
    name = clean(body["name"], "text").strip()
    if not name:
        raise invalid(("name", "is required"))
    if _rows(ctx, parent_id, name):
        raise invalid(TAKEN)
    return Row(
        name=name,
        description=clean(body["description"], "common"),
        details=stored(body["details"]),
        parent_id=parent_id,
        schema_id=body.get("schema_id"),
        editors=body["editors"],
        metadata_id=None,
    )


def _exists(ctx: Context, table: str, parent_id: str) -> bool:
    tables = ctx.tables
    by_table = {t.name: t for t in (tables.zones, tables.systems, tables.users, tables.modules, tables.drivers)}
    return table in by_table and by_table[table].get(parent_id) is not None


def _may_write(ctx: Context, parent_id: str, editors: list[str]) -> None:
    who = ctx.identity
    if not (who.support or parent_id == who.user["id"] or set(editors) & set(who.user["groups"])):
        raise forbidden()


def merge(target: Any, change: Any) -> Any:
    """Merge as RFC 7396 says: objects recursively, null deletes, anything else replaces."""
    if not isinstance(change, dict):
        return change
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in change.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def stored(details: Any) -> bytes:
    """Return details as jsonb keeps them: keys by length, then by code point."""
    return orjson.dumps(_jsonb(details))


def _jsonb(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _jsonb(value[key]) for key in sorted(value, key=lambda key: (len(key.encode()), key))}
    return [_jsonb(item) for item in value] if isinstance(value, list) else value


def rename(ctx: Context) -> Reply:
    """Give a document another name."""
    body = decode_object(ctx.body, "Rename")
    for key in ("current_name", "new_name"):
        if key not in body:
            raise bad_request(f"Missing JSON attribute: {key}")
        if not isinstance(body[key], str):
            raise bad_request(f"Expected String but was {json_kind(body[key])}")
        if not body[key].strip():
            raise invalid((key, "Name must not be empty"))
    parent_id = ctx.params["id"]
    found = _rows(ctx, parent_id, body["current_name"])
    if not found:
        raise not_found()
    _may_write(ctx, parent_id, found[0]["editors"])
    name = clean(body["new_name"], "text").strip()
    if any(row["id"] != found[0]["id"] for row in _rows(ctx, parent_id, name)):
        raise invalid(TAKEN)
    row = save(ctx.tables.metadata, Row(found[0], name=name, modified_by_id=ctx.identity.user["id"]))
    _keep_version(ctx, row)
    return reply(document(row))


def destroy(ctx: Context) -> Reply:
    """Delete a document; an empty name deletes all of them."""
    if ctx.params["id"] != ctx.identity.user["id"]:
        require_support(ctx)
    name = ctx.required("name")
    for row in _rows(ctx, ctx.params["id"], name):
        for version in ctx.tables.metadata.find("history", row["id"]):
            ctx.tables.metadata.remove(version["id"])
        ctx.tables.metadata.remove(row["id"])
    return empty(202)


def history(ctx: Context) -> Reply:
    """Return the versions of the documents, newest first; the link repeats the request as it was."""
    parent_id = ctx.params["id"]
    limit, offset = ctx.number("limit", "Int32", 100) or 0, ctx.number("offset", "Int32", 0) or 0
    if limit < 0 or offset < 0:
        raise crash()
    masters = _rows(ctx, parent_id, ctx.text("name"))
    versions = {row["name"]: ctx.tables.metadata.find("history", row["id"])[::-1] for row in masters}
    pages = {name: found[offset : offset + limit] for name, found in versions.items()}
    total = max((len(found) for found in versions.values()), default=0)
    end = offset + max((len(page) for page in pages.values()), default=0)
    headers = {"X-Total-Count": str(total), "Content-Range": f"metadata {offset}-{end}/{total}"}
    if end < total:
        headers["Link"] = f'<{BASE}/metadata/{parent_id}/history?{ctx.query_with()}>; rel="next"'
    return reply({name: [document(row) for row in page] for name, page in pages.items()}, headers=headers)


def _keep_version(ctx: Context, row: Row) -> None:
    table = ctx.tables.metadata
    insert(table, Row(row, metadata_id=row["id"], modified_by_id=None))
    for version in table.find("history", row["id"])[:-MAX_VERSIONS]:
        table.remove(version["id"])
