# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances of triggers in systems (rest-api controllers/system-triggers.cr, models trigger_instance.cr)."""

from __future__ import annotations

import secrets
from typing import Any

from ..auth import require_support
from ..errors import invalid
from ..fields import Field, Model, boolean, decode_object, integer, optional, string, strings
from ..http import Context, Reply, empty, reply
from ..listing import Keep, dump, index
from ..routing import WRITE, Router
from ..rows import build, changed, insert, renderer, require, save
from ..state import Tables
from ..store import Row
from .root import BASE

MODEL = Model(
    "PlaceOS::Model::TriggerInstance",
    "trig",
    [
        Field("enabled", boolean, True),
        Field("triggered", boolean, False),
        Field("important", boolean, False),
        Field("exec_enabled", boolean, False),
        Field("playlists", strings, []),
        Field("webhook_secret", string, None, nilable=True, assignable=False),
        Field("trigger_count", integer, 0),
        optional("control_system_id"),
        optional("trigger_id"),
        optional("zone_id"),
    ],
)
CHANGEABLE = frozenset(("enabled", "important", "exec_enabled"))
document = renderer(MODEL.fields, ("control_system_id", "trigger_id", "zone_id"), {})


def register(router: Router) -> None:
    """Add the routes."""
    scopes, base = ("system_triggers",), f"{BASE}/systems/:id/triggers"
    router.add("GET", base, index_instances, scopes=scopes)
    router.add("POST", base, create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{base}/:key", show, scopes=scopes)
    router.add("PATCH PUT", f"{base}/:key", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{base}/:key", destroy, scopes=scopes, access=WRITE)


def _add(tables: Tables, row: Row) -> Row:
    """Store a new instance; it is as important as its trigger, whatever was sent."""
    trigger = tables.triggers.rows[row["trigger_id"]]
    return insert(
        tables.trigger_instances, Row(row, important=trigger["important"], webhook_secret=secrets.token_urlsafe(32))
    )


def _inherit(tables: Tables, system: Row, zone_id: str, trigger_id: str) -> None:
    if tables.triggers.get(trigger_id):
        values = {"control_system_id": system["id"], "trigger_id": trigger_id, "zone_id": zone_id}
        _add(tables, build(MODEL, values))


def zone_gained(tables: Tables, zone: Row, trigger_ids: list[str]) -> None:
    """Give the systems of a zone instances of new triggers."""
    for system in tables.systems.find("zone", zone["id"]) if trigger_ids else ():
        for trigger_id in trigger_ids:
            _inherit(tables, system, zone["id"], trigger_id)


def zone_lost(tables: Tables, zone: Row, trigger_ids: list[str]) -> None:
    """Remove the instances of triggers a zone no longer has."""
    for instance in tables.trigger_instances.find("zone", zone["id"]):
        if instance["trigger_id"] in trigger_ids:
            tables.trigger_instances.remove(instance["id"])


def system_gained(tables: Tables, system: Row, zone_ids: list[str]) -> None:
    """Give a system instances of the triggers of new zones."""
    for zone_id in zone_ids:
        zone = tables.zones.get(zone_id)
        for trigger_id in zone["triggers"] if zone else ():
            _inherit(tables, system, zone_id, trigger_id)


def system_lost(tables: Tables, system: Row, zone_ids: list[str]) -> None:
    """Remove the instances a system had from zones it left."""
    for instance in tables.trigger_instances.find("system", system["id"]):
        if instance["zone_id"] in zone_ids:
            tables.trigger_instances.remove(instance["id"])


def _shown(ctx: Context, row: Row) -> dict[str, Any]:
    """Return an instance with the names of its trigger and system; only administrators see its secret."""
    shown = document(row)
    trigger, system = ctx.tables.triggers.get(row["trigger_id"]), ctx.tables.systems.get(row["control_system_id"])
    if trigger:
        shown["name"] = trigger["name"]
    if system and ctx.flag("complete") is not False:
        shown["control_system"] = {"name": system["name"], "id": system["id"]}
    if not ctx.identity.admin:
        del shown["webhook_secret"]
    return shown


def index_instances(ctx: Context) -> Reply:
    """List the instances of a system; ``q`` searches the triggers' texts."""
    system = require(ctx.tables.systems, ctx.params["id"])
    require_support(ctx)
    table, triggers = ctx.tables.trigger_instances, ctx.tables.triggers
    trigger_id, as_of = ctx.text("trigger_id"), ctx.number("as_of", "Int64")
    keep: list[Keep] = [lambda row: row["control_system_id"] == system["id"]]
    keep += [_is_true(name) for name in ("important", "triggered") if ctx.flag(name)]
    if trigger_id is not None:
        keep.append(lambda row: row["trigger_id"] == trigger_id)
    if as_of is not None:
        keep.append(lambda row: row["updated_at"] < as_of + 1)

    def words(row: Row) -> frozenset[str]:
        trigger = triggers.get(row["trigger_id"])
        return triggers.words_of(trigger) if trigger else frozenset()

    candidates = table.find("system", system["id"])
    return index(ctx, table, lambda row: dump(_shown(ctx, row)), keep=keep, candidates=candidates, words=words)


def _is_true(name: str) -> Keep:
    return lambda row: bool(row[name])


def create(ctx: Context) -> Reply:
    """Add an instance of a trigger that exists."""
    system = require(ctx.tables.systems, ctx.params["id"])
    require_support(ctx)
    row = build(MODEL, MODEL.parse(ctx.body), control_system_id=system["id"], playlists=[])
    if ctx.tables.triggers.get(row["trigger_id"]) is None:
        raise invalid(("trigger", "is required"))
    return reply(document(_add(ctx.tables, row)), 201)


def _instance(ctx: Context) -> Row:
    require(ctx.tables.systems, ctx.params["id"])
    require_support(ctx)
    return require(ctx.tables.trigger_instances, ctx.params["key"])


def show(ctx: Context) -> Reply:
    """Return one instance."""
    return reply(_shown(ctx, _instance(ctx)))


def update(ctx: Context) -> Reply:
    """Change the switches; playlists which do not exist are dropped, and there are none here."""
    old = _instance(ctx)
    body = decode_object(ctx.body, "UpdateParams")
    values = MODEL.convert({name: body[name] for name in CHANGEABLE & body.keys() if body[name] is not None})
    return reply(document(save(ctx.tables.trigger_instances, changed(MODEL, old, values))))


def destroy(ctx: Context) -> Reply:
    """Remove an instance."""
    ctx.tables.trigger_instances.remove(_instance(ctx)["id"])
    return empty(202)
