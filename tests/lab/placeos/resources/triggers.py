# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Triggers and their instances in systems, in outline (rest-api controllers/triggers.cr, system-triggers.cr)."""

from __future__ import annotations

import secrets
from typing import Any

from ..auth import require_admin, require_support
from ..errors import invalid
from ..fields import Field, Model, boolean, integer, mapping, optional, string, strings
from ..http import Context, Reply, empty, reply
from ..listing import dump, index
from ..routing import WRITE, Router
from ..rows import build, cached, changed, insert, renderer, require, save
from ..state import Tables
from ..store import Row
from .root import BASE

MODEL = Model(
    "PlaceOS::Model::Trigger",
    "trigger",
    [
        Field("name", string, sanitise="text"),
        Field("description", string, "", sanitise="common"),
        Field("actions", mapping, {"functions": [], "mailers": []}),
        Field("conditions", mapping, {"comparisons": [], "time_dependents": []}),
        Field("debounce_period", integer, 0),
        Field("important", boolean, False),
        Field("enable_webhook", boolean, False),
        Field("any_match", boolean, False),
        Field("supported_methods", strings, ["POST"]),
        optional("control_system_id"),
    ],
)
document = renderer(MODEL.fields, ("control_system_id",), {})
blob = cached(document)

INSTANCE = Model(
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
instance_document = renderer(INSTANCE.fields, ("control_system_id", "trigger_id", "zone_id"), {})


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("triggers",)
    router.add("GET", f"{BASE}/triggers", index_triggers, scopes=scopes)
    router.add("POST", f"{BASE}/triggers", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/triggers/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/triggers/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/triggers/:id", destroy, scopes=scopes, access=WRITE)
    router.add("GET", f"{BASE}/systems/:id/triggers", system_index)
    router.add("POST", f"{BASE}/systems/:id/triggers", system_create, access=WRITE, body=True)
    router.add("GET", f"{BASE}/systems/:id/triggers/:key", system_show)
    router.add("DELETE", f"{BASE}/systems/:id/triggers/:key", system_destroy, access=WRITE)


def of_zone(tables: Tables, zone: Row) -> list[dict[str, Any]]:
    """Return the triggers of a zone which exist."""
    found = [tables.triggers.get(trigger_id) for trigger_id in zone["triggers"]]
    return [document(trigger) for trigger in found if trigger]


def _add(tables: Tables, system: Row, zone_id: str, trigger_id: str) -> None:
    if tables.triggers.get(trigger_id):
        row = build(INSTANCE, {"control_system_id": system["id"], "trigger_id": trigger_id, "zone_id": zone_id})
        row["webhook_secret"] = secrets.token_urlsafe(32)
        insert(tables.trigger_instances, row)


def zone_gained(tables: Tables, zone: Row, trigger_ids: list[str]) -> None:
    """Give the systems of a zone instances of new triggers."""
    for system in tables.systems.find("zone", zone["id"]) if trigger_ids else ():
        for trigger_id in trigger_ids:
            _add(tables, system, zone["id"], trigger_id)


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
            _add(tables, system, zone_id, trigger_id)


def system_lost(tables: Tables, system: Row, zone_ids: list[str]) -> None:
    """Remove the instances a system had from zones it left."""
    for instance in tables.trigger_instances.find("system", system["id"]):
        if instance["zone_id"] in zone_ids:
            tables.trigger_instances.remove(instance["id"])


def index_triggers(ctx: Context) -> Reply:
    """List."""
    require_support(ctx)
    return index(ctx, ctx.tables.triggers, blob)


def show(ctx: Context) -> Reply:
    """Return one trigger."""
    require_support(ctx)
    return Reply(200, blob(require(ctx.tables.triggers, ctx.params["id"])))


def create(ctx: Context) -> Reply:
    """Create."""
    require_admin(ctx)
    row = build(MODEL, MODEL.parse(ctx.body))
    _validate(row)
    return reply(document(insert(ctx.tables.triggers, row)), 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes."""
    require_admin(ctx)
    row = changed(MODEL, require(ctx.tables.triggers, ctx.params["id"]), MODEL.parse(ctx.body))
    _validate(row)
    return reply(document(save(ctx.tables.triggers, row)))


def destroy(ctx: Context) -> Reply:
    """Delete with all instances; zones keep the id."""
    require_admin(ctx)
    row = require(ctx.tables.triggers, ctx.params["id"])
    for instance in ctx.tables.trigger_instances.find("trigger", row["id"]):
        ctx.tables.trigger_instances.remove(instance["id"])
    ctx.tables.triggers.remove(row["id"])
    return empty(202)


def system_index(ctx: Context) -> Reply:
    """List the instances of a system."""
    require_support(ctx)
    system = require(ctx.tables.systems, ctx.params["id"])

    def render(row: Row) -> bytes:
        trigger = ctx.tables.triggers.get(row["trigger_id"])
        shown = instance_document(row) | {"control_system": {"name": system["name"], "id": system["id"]}}
        return dump(shown | ({"name": trigger["name"]} if trigger else {}))

    table = ctx.tables.trigger_instances
    keep = [lambda row: row["control_system_id"] == system["id"]]
    return index(ctx, table, render, keep=keep, candidates=table.find("system", system["id"]))


def system_create(ctx: Context) -> Reply:
    """Add an instance."""
    require_admin(ctx)
    system = require(ctx.tables.systems, ctx.params["id"])
    row = build(INSTANCE, INSTANCE.parse(ctx.body), control_system_id=system["id"])
    row["webhook_secret"] = secrets.token_urlsafe(32)
    return reply(instance_document(insert(ctx.tables.trigger_instances, row)), 201)


def system_show(ctx: Context) -> Reply:
    """Return one instance."""
    require_support(ctx)
    return reply(instance_document(require(ctx.tables.trigger_instances, ctx.params["key"])))


def system_destroy(ctx: Context) -> Reply:
    """Remove an instance."""
    require_admin(ctx)
    ctx.tables.trigger_instances.remove(require(ctx.tables.trigger_instances, ctx.params["key"])["id"])
    return empty(202)


def _validate(row: Row) -> None:
    problem = MODEL.missing(row)
    if problem:
        raise problem
    if not row["name"].strip():
        raise invalid(("name", "is required"))
