# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones (rest-api controllers/zones.cr, models zone.cr)."""

from __future__ import annotations

from ..auth import require_support
from ..errors import ApiError, forbidden, invalid
from ..fields import Field, Model, Values, integer, optional, string, string_set, strings, time_zone
from ..http import Context, Reply, empty, reply
from ..listing import collection, collection_headers, dump, index
from ..removal import remove_zone
from ..routing import WRITE, Router
from ..rows import NAME_REQUIRED, NAME_TAKEN, build, cached, changed, insert, renderer, require, save
from ..store import Row
from . import trigger_instances, triggers
from .root import BASE

MODEL = Model(
    "PlaceOS::Model::Zone",
    "zone",
    [
        Field("name", string, sanitise="text"),
        Field("description", string, "", sanitise="common"),
        Field("tags", string_set, [], sanitise="text"),
        optional("location", sanitise="text"),
        optional("display_name", sanitise="text"),
        optional("code", sanitise="text"),
        optional("type", sanitise="text"),
        Field("count", integer, 0),
        Field("capacity", integer, 0),
        optional("map_id"),
        optional("timezone", time_zone),
        Field("triggers", strings, []),
        Field("images", strings, []),
        Field("playlists", strings, []),
        optional("place_id"),
        optional("parent_id"),
    ],
)
OPTIONAL = ("location", "display_name", "code", "type", "map_id", "timezone", "place_id", "parent_id")
document = renderer(MODEL.fields, OPTIONAL, {"update_systems": False})
blob = cached(document)


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("zones",)
    router.add("GET", f"{BASE}/zones", index_zones, scopes=scopes)
    router.add("GET", f"{BASE}/zones/tags", tags)
    router.add("POST", f"{BASE}/zones", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/zones/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/zones/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/zones/:id", destroy, scopes=scopes, access=WRITE)
    router.add("GET", f"{BASE}/zones/:id/triggers", zone_triggers, scopes=scopes)


def index_zones(ctx: Context) -> Reply:
    """List; without tags or parent only for support. Parents are alternatives, tags must all be there."""
    parents, wanted = ctx.csv("parent_id"), ctx.csv("tags")
    if ctx.identifier("group_id"):
        if not ctx.identity.support:
            raise forbidden()
        return collection("zone", [])  # there are no groups in the lab
    if not wanted and not parents and not ctx.identity.support:
        raise forbidden()
    candidates = None
    keep = []
    if parents:
        keys = {"" if parent == "root" else parent for parent in parents}
        if not ctx.state.options.index_lag:
            candidates = [row for key in keys for row in ctx.tables.zones.find("parent", key)]
        keep.append(lambda row: (row["parent_id"] or "") in keys)
    if wanted:
        required = frozenset(wanted)
        keep.append(lambda row: required.issubset(row["tags"]))
    render = blob
    if ctx.flag("include_children_count"):

        def render(row: Row) -> bytes:
            count = len(ctx.tables.zones.find("parent", row["id"]))
            return dump({**document(row), "children_count": count})

    return index(ctx, ctx.tables.zones, render, keep=keep, candidates=candidates)


def tags(ctx: Context) -> Reply:
    """List the tags in use; the server forgets to trim all but the first."""
    names = sorted({tag for row in ctx.tables.zones.rows.values() for tag in row["tags"]})
    return reply(", ".join(names).split(",") if names else [])


def show(ctx: Context) -> Reply:
    """Return one zone."""
    row = require(ctx.tables.zones, ctx.params["id"])
    if ctx.flag("complete"):
        return reply({**document(row), "trigger_data": triggers.of_zone(ctx.tables, row)})
    return Reply(200, blob(row))


async def create(ctx: Context) -> Reply:
    """Create; the name must be unique over the whole installation."""
    values = MODEL.parse(ctx.body)
    require_support(ctx)
    row = build(MODEL, values)
    _validate(ctx, row, creating=True)
    row["name"] = row["name"].strip()
    await ctx.state.race_window()
    insert(ctx.tables.zones, row)
    shown = document(row)
    if row["triggers"]:
        shown |= {"remove_triggers": [], "add_triggers": row["triggers"], "update_systems": True}
        trigger_instances.zone_gained(ctx.tables, row, row["triggers"])
    return reply(shown, 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes."""
    old = require(ctx.tables.zones, ctx.params["id"])
    values: Values = MODEL.parse(ctx.body)
    require_support(ctx)
    row = changed(MODEL, old, values)
    _validate(ctx, row)
    save(ctx.tables.zones, row)
    shown = document(row)
    if "triggers" in values and row["triggers"] != old["triggers"]:
        removed = [t for t in old["triggers"] if t not in row["triggers"]]
        added = [t for t in row["triggers"] if t not in old["triggers"]]
        shown |= {"remove_triggers": removed, "add_triggers": added, "update_systems": bool(removed or added)}
        trigger_instances.zone_lost(ctx.tables, row, removed)
        trigger_instances.zone_gained(ctx.tables, row, added)
    return reply(shown)


def destroy(ctx: Context) -> Reply:
    """Delete with all children, settings and metadata; systems lose the zone and get a new version."""
    row = require(ctx.tables.zones, ctx.params["id"])
    require_support(ctx)
    remove_zone(ctx.state, row)
    return empty(202)


def zone_triggers(ctx: Context) -> Reply:
    """List the triggers of a zone."""
    require_support(ctx)
    found = triggers.of_zone(ctx.tables, require(ctx.tables.zones, ctx.params["id"]))
    return reply(found, headers=collection_headers("trigger", len(found)))


def _validate(ctx: Context, row: Row, *, creating: bool = False) -> None:
    problem = MODEL.missing(row) or name_problem(ctx.tables.zones.find("name", row["name"].strip()), row, creating)
    if problem:
        raise problem


def name_problem(namesakes: list[Row], row: Row, creating: bool) -> ApiError | None:
    """Return the 422 for a blank name, or one another row has."""
    if not row["name"].strip():
        return invalid(NAME_REQUIRED)
    if any(creating or other["id"] != row["id"] for other in namesakes):
        return invalid(NAME_TAKEN)
    return None
