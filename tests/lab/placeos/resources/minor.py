# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of resources the collection does not touch: they exist, and a few can be created and read."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import orjson

from ..auth import require_admin
from ..errors import invalid
from ..fields import decode_object
from ..http import Context, Reply, empty, reply
from ..ids import new_id
from ..listing import collection_headers, dump, index
from ..routing import WRITE, Router
from ..rows import require
from ..state import now
from ..store import Row, Table
from .root import BASE

EMPTY_LISTS = {
    "edges": "edge",
    "ldap_auths": "ldap_strat",
    "saml_auths": "adfs_strat",
    "oauth_auths": "oauth_strat",
    "signage/playlists": "playlists",
}
Maker = Callable[[Context, dict[str, Any]], Row]


def register(router: Router) -> None:
    """Add the routes."""
    for route, table in EMPTY_LISTS.items():
        router.add("GET", f"{BASE}/{route}", _constant({"X-Total-Count": "0", "Content-Range": f"{table} 0-0/0"}))
    router.add("GET", f"{BASE}/brokers", _constant(collection_headers("broker", 0)))
    router.add("GET", f"{BASE}/storages", _constant({}))
    _resource(router, "schema", "json_schema", _schema)
    _resource(router, "groups", "groups", _group)
    _resource(router, "asset_categories", "asset_category", _category)


def _constant(headers: dict[str, str]) -> Callable[[Context], Reply]:
    def empty_list(ctx: Context) -> Reply:
        return reply([], headers=dict(headers))

    return empty_list


def _resource(router: Router, route: str, table_name: str, make: Maker) -> None:
    def table(ctx: Context) -> Table:
        return ctx.tables.minor.setdefault(table_name, Table(table_name))

    def index_rows(ctx: Context) -> Reply:
        return index(ctx, table(ctx), lambda row: dump(_plain(row)))

    def show(ctx: Context) -> Reply:
        return reply(_plain(require(table(ctx), ctx.params["id"])))

    def create(ctx: Context) -> Reply:
        require_admin(ctx)
        body = decode_object(ctx.body, table_name)
        if not body.get("name"):
            raise invalid(("name", "should not be nil"))
        row = make(ctx, body)
        row.setdefault("id", new_id(table_name))
        return reply(_plain(table(ctx).put(row)), 201)

    def destroy(ctx: Context) -> Reply:
        require_admin(ctx)
        table(ctx).remove(require(table(ctx), ctx.params["id"])["id"])
        return empty(202)

    router.add("GET", f"{BASE}/{route}", index_rows)
    router.add("POST", f"{BASE}/{route}", create, access=WRITE, body=True)
    router.add("GET", f"{BASE}/{route}/:id", show)
    router.add("DELETE", f"{BASE}/{route}/:id", destroy, access=WRITE)


def _plain(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _times() -> dict[str, Any]:
    moment = now()
    return {"created_at": moment, "updated_at": moment}


def _schema(ctx: Context, body: dict[str, Any]) -> Row:
    text = orjson.dumps(body.get("schema", {})).decode()
    return Row(_times(), name=body["name"], description=body.get("description", ""), schema=text)


def _group(ctx: Context, body: dict[str, Any]) -> Row:
    authority = ctx.identity.user["authority_id"]
    return Row(
        id=str(uuid.uuid4()),
        name=body["name"],
        description=body.get("description", ""),
        subsystems=body.get("subsystems", []),
        authority_id=authority,
        **dict.fromkeys(("created_at", "updated_at"), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())),
    )


def _category(ctx: Context, body: dict[str, Any]) -> Row:
    authority = ctx.identity.user["authority_id"]
    return Row(_times(), name=body["name"], hidden=bool(body.get("hidden", False)), authority_id=authority)
