# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Triggers, in outline: actions and conditions are not looked into (rest-api controllers/triggers.cr)."""

from __future__ import annotations

from typing import Any

from ..auth import require_admin, require_support
from ..errors import invalid
from ..fields import Field, Model, boolean, integer, mapping, optional, string, strings
from ..http import Context, Reply, empty, reply
from ..listing import collection_headers, index
from ..routing import WRITE, Router
from ..rows import build, cached, changed, insert, renderer, require, save
from ..state import Tables
from ..store import Row
from . import trigger_instances
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
METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE"))
document = renderer(MODEL.fields, ("control_system_id",), {})
blob = cached(document)


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("triggers",)
    router.add("GET", f"{BASE}/triggers", index_triggers, scopes=scopes)
    router.add("POST", f"{BASE}/triggers", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/triggers/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/triggers/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/triggers/:id", destroy, scopes=scopes, access=WRITE)
    router.add("GET", f"{BASE}/triggers/:id/instances", instances)


def of_zone(tables: Tables, zone: Row) -> list[dict[str, Any]]:
    """Return the triggers of a zone which exist."""
    found = [tables.triggers.get(trigger_id) for trigger_id in zone["triggers"]]
    return [document(trigger) for trigger in found if trigger]


def index_triggers(ctx: Context) -> Reply:
    """List."""
    require_support(ctx)
    return index(ctx, ctx.tables.triggers, blob)


def show(ctx: Context) -> Reply:
    """Return one trigger, on request with its instances."""
    require_support(ctx)
    row = require(ctx.tables.triggers, ctx.params["id"])
    if ctx.flag("instances"):
        return reply({**document(row), "trigger_instances": _instances(ctx, row)})
    return Reply(200, blob(row))


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


def instances(ctx: Context) -> Reply:
    """List the instances of a trigger; everybody may, secrets included (there is no check on the server)."""
    found = _instances(ctx, require(ctx.tables.triggers, ctx.params["id"]))
    return reply(found, headers=collection_headers("trig", len(found)))


def _instances(ctx: Context, trigger: Row) -> list[dict[str, Any]]:
    return [trigger_instances.document(row) for row in ctx.tables.trigger_instances.find("trigger", trigger["id"])]


def _validate(row: Row) -> None:
    problem = MODEL.missing(row)
    if problem:
        raise problem
    if not row["name"].strip():
        raise invalid(("name", "is required"))
    unknown = [method for method in row["supported_methods"] if method not in METHODS]
    if unknown:
        raise invalid(("supported_methods", f"contains invalid methods: {', '.join(unknown)}"))
