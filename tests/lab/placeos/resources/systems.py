# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Systems (rest-api controllers/systems.cr, models control_system.cr)."""

from __future__ import annotations

import re
from typing import Any

from ..auth import require_admin, require_support
from ..errors import ApiError, conflict, forbidden, invalid, not_found
from ..fields import (
    Field,
    Model,
    boolean,
    email,
    integer,
    mapping,
    optional,
    string,
    string_set,
    strings,
    time_zone,
    word,
)
from ..hierarchy import system_settings
from ..http import Context, Reply, empty, reply, split
from ..listing import Keep, collection, collection_headers, index
from ..removal import drop_module, remove_module, remove_system
from ..routing import WRITE, Router
from ..rows import build, cached, changed, insert, renderer, require, save
from ..state import now
from ..store import Row
from . import modules, settings, trigger_instances, zones
from .root import BASE

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]+")
FIVE_HOURS = 5 * 60 * 60

MODEL = Model(
    "PlaceOS::Model::ControlSystem",
    "sys",
    [
        Field("name", string, sanitise="text"),
        Field("description", string, "", sanitise="common"),
        Field("features", string_set, [], sanitise="text"),
        optional("email", email, blank_is_null=False),
        Field("bookable", boolean, False),
        Field("public", boolean, False),
        optional("display_name", sanitise="text"),
        optional("code", sanitise="text"),
        optional("type", sanitise="text"),
        Field("capacity", integer, 0),
        optional("map_id"),
        Field("approval", boolean, False),
        Field("images", strings, []),
        Field("security_groups", strings, []),
        optional("timezone", time_zone),
        Field("support_url", string, ""),
        optional("timetable_url"),
        Field("camera_snapshot_urls", strings, []),
        optional("camera_url"),
        optional("room_booking_url"),
        Field("version", integer, 0),
        Field("installed_ui_devices", integer, 0),
        Field("zones", strings, []),
        Field("modules", strings, []),
        Field("orientation", word(("unspecified", "landscape", "portrait", "square"), "Orientation"), "unspecified"),
        Field("playlists", strings, []),
        Field("signage", boolean, False),
        Field("signage_last_seen", integer, 0, assignable=False),
        Field("space_config", mapping, {}),
    ],
)
OPTIONAL = "display_name code type map_id timezone timetable_url camera_url room_booking_url".split()
_render = renderer(MODEL.fields, (*OPTIONAL, "email"), {"update_triggers": False})


def document(row: Row) -> dict[str, Any]:
    """Return a system as it is read from the database: no e-mail shows as ""."""
    return {**_render(row), "email": row["email"] or ""}


blob = cached(document)


def register(router: Router) -> None:
    """Add the routes; those which reach modules are in ``execution``."""
    scopes = ("systems",)
    router.add("GET", f"{BASE}/systems", index_systems, scopes=scopes)
    router.add("GET", f"{BASE}/systems/with_emails", with_emails, scopes=scopes)
    router.add("POST", f"{BASE}/systems", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/systems/:id", show, scopes=(*scopes, "guest"))
    router.add("PATCH PUT", f"{BASE}/systems/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/systems/:id", destroy, scopes=scopes, access=WRITE)
    router.add("GET", f"{BASE}/systems/:id/zones", system_zones, scopes=(*scopes, "guest"))
    router.add("GET", f"{BASE}/systems/:id/settings", collated, scopes=scopes)
    router.add("PUT", f"{BASE}/systems/:id/module/:module_id", add_module, access=WRITE)
    router.add("DELETE", f"{BASE}/systems/:id/module/:module_id", take_module, scopes=scopes, access=WRITE)
    router.add("POST", f"{BASE}/systems/:id/start", start, scopes=scopes, access=WRITE)
    router.add("POST", f"{BASE}/systems/:id/stop", stop, scopes=scopes, access=WRITE)


def find(ctx: Context, headers: dict[str, str] | None = None) -> Row:
    """Return the system of the path, by id or by e-mail; the e-mail look-up leaves its headers on the answer."""
    key = ctx.params["id"]
    if "@" not in key:
        return require(ctx.tables.systems, key)
    found = ctx.tables.systems.find("email", key.strip().lower())
    collection_info = collection_headers("sys", len(found))
    if not found:
        problem = not_found(f"no system with email: {key}")
        problem.headers = collection_info
        raise problem
    if headers is not None:
        headers |= collection_info
    return found[0]


def index_systems(ctx: Context) -> Reply:
    """List; zones and features must all match, e-mails are alternatives, capacity is a minimum."""
    keep: list[Keep] = []
    candidates = None
    group_id = ctx.identifier("group_id")
    if group_id and not ctx.identity.support:
        raise forbidden()
    if group_id or ctx.text("subsystem") is not None:
        return collection("sys", [])  # there are no groups in the lab, so no zone is reached through one
    zone_ids, features, emails = ctx.csv("zone_id"), ctx.csv("features"), ctx.csv("email")
    bookable, signage = ctx.flag("bookable"), ctx.flag("signage")
    capacity, module_id, trigger_id = ctx.number("capacity", "Int32"), ctx.text("module_id"), ctx.text("trigger_id")
    table, current = ctx.tables.systems, not ctx.state.options.index_lag
    if zone_ids:
        required_zones = frozenset(zone_ids)
        keep.append(lambda row: required_zones.issubset(row["zones"]))
        candidates = table.find("zone", zone_ids[0]) if current else None
    if features:
        required = frozenset(features)
        keep.append(lambda row: required.issubset(row["features"]))
    if emails:
        wanted = {address.strip().lower() for address in emails}
        keep.append(lambda row: row["email"] in wanted)
    if bookable is not None:
        keep.append(lambda row: row["bookable"] is bookable)
    if signage is not None:
        keep.append(lambda row: row["signage"] is signage)
    if ctx.flag("public"):
        keep.append(lambda row: bool(row["public"]))
    if capacity is not None:
        keep.append(lambda row: row["capacity"] >= capacity)
    if module_id is not None:
        keep.append(lambda row: module_id in row["modules"])
        candidates = table.find("module", module_id) if current else None
    if trigger_id is not None:
        instances = ctx.tables.trigger_instances.find("trigger", trigger_id)
        holders = {instance["control_system_id"] for instance in instances}
        keep.append(lambda row: row["id"] in holders)
    return index(ctx, table, blob, keep=keep, candidates=candidates)


def with_emails(ctx: Context) -> Reply:
    """Look systems up by e-mail; always current, not paged."""
    addresses = split(ctx.required("in", "Array(String)"))
    wanted = dict.fromkeys(address.lower() for address in addresses)
    return collection("sys", [blob(row) for address in wanted for row in ctx.tables.systems.find("email", address)])


def show(ctx: Context) -> Reply:
    """Return one system; ``complete`` adds zones and modules."""
    headers: dict[str, str] = {}
    row = find(ctx, headers)
    if not ctx.flag("complete"):
        return Reply(200, blob(row), headers=headers)
    tables = ctx.tables
    found_zones = [tables.zones.get(zone_id) for zone_id in dict.fromkeys(row["zones"])]
    found_modules = [tables.modules.get(module_id) for module_id in dict.fromkeys(row["modules"])]
    shown = document(row)
    shown["zone_data"] = [zones.document(zone) for zone in found_zones if zone]
    shown["module_data"] = [
        modules.live(ctx, module) | {"driver": modules.driver_details(driver)}
        for module in found_modules
        if module and (driver := tables.drivers.get(module["driver_id"]))
    ]
    return reply(shown, headers=headers)


async def create(ctx: Context) -> Reply:
    """Create; the name must be unique over the whole installation."""
    values = MODEL.parse(ctx.body)
    require_support(ctx)
    row = build(MODEL, values, signage_last_seen=now() - FIVE_HOURS)
    _validate(ctx, row, creating=True)
    row["name"] = row["name"].strip()
    _clean(ctx, row)
    await ctx.state.race_window()
    insert(ctx.tables.systems, row)
    shown = _render(row)
    if row["zones"]:
        shown |= {"remove_zones": [], "add_zones": row["zones"], "update_triggers": True}
        trigger_instances.system_gained(ctx.tables, row, row["zones"])
    return reply(shown, 201)


async def update(ctx: Context) -> Reply:
    """Change the assigned attributes of the version named in the query; the version rises by one.

    With races, two requests in flight both pass the check; the later one writes what it read, so the earlier
    change is lost although both were answered with 200.
    """
    headers: dict[str, str] = {}
    old = find(ctx, headers)
    values = MODEL.parse(ctx.body)
    require_support(ctx)
    ctx.required("version", "Int32")
    if ctx.number("version", "Int32") != old["version"]:
        raise conflict("Attempting to edit an old System version")
    row = changed(MODEL, old, values)
    row["version"] = old["version"] + 1
    _validate(ctx, row)
    _clean(ctx, row)
    await ctx.state.race_window()
    latest = ctx.tables.systems.get(row["id"])
    if latest is not None and latest is not old and "modules" not in values:
        row["modules"] = latest["modules"]  # only columns of the update itself are written
    save(ctx.tables.systems, row)
    shown = document(row)
    if "email" in values and values["email"] is None:
        del shown["email"]
    if row["zones"] != old["zones"]:
        removed = [zone for zone in old["zones"] if zone not in row["zones"]]
        added = [zone for zone in row["zones"] if zone not in old["zones"]]
        shown |= {"remove_zones": removed, "add_zones": added, "update_triggers": bool(removed or added)}
        trigger_instances.system_lost(ctx.tables, row, removed)
        trigger_instances.system_gained(ctx.tables, row, added)
    return reply(shown, headers=headers)


def destroy(ctx: Context) -> Reply:
    """Delete with the modules that are in no other system."""
    row = find(ctx)
    require_admin(ctx)
    remove_system(ctx.state, row)
    return empty(202)


def system_zones(ctx: Context) -> Reply:
    """List the zones of a system."""
    row = find(ctx)
    require_admin(ctx)
    found = [ctx.tables.zones.get(zone_id) for zone_id in dict.fromkeys(row["zones"])]
    return collection("zone", [zones.blob(zone) for zone in found if zone])


def collated(ctx: Context) -> Reply:
    """List the settings that apply, low priority first."""
    row = find(ctx)
    require_admin(ctx)
    return Reply(200, settings.blobs(ctx, system_settings(ctx.state, row)))


def add_module(ctx: Context) -> Reply:
    """Add a module at the end; doing so again changes nothing."""
    row = find(ctx)
    require_admin(ctx)
    module_id = ctx.params["module_id"]
    if ctx.tables.modules.get(module_id) is None:
        raise not_found()
    if module_id not in row["modules"]:
        # One statement of SQL: never lost, and no new update time.
        row = ctx.tables.systems.put(Row(row, modules=[*row["modules"], module_id], version=row["version"] + 1))
    return Reply(200, blob(row))


def take_module(ctx: Context) -> Reply:
    """Remove a module; it is deleted when no other system has it."""
    row = find(ctx)
    require_admin(ctx)
    module_id = ctx.params["module_id"]
    if module_id in row["modules"]:
        module = ctx.tables.modules.get(module_id)
        row = drop_module(ctx.state, row, module, module_id)
        if module and not ctx.tables.systems.find("module", module_id):
            remove_module(ctx.state, module)
    return Reply(202, blob(row))


def start(ctx: Context) -> Reply:
    """Set the running flag of the modules; by default only of those in no other system."""
    return _run(ctx, True)


def stop(ctx: Context) -> Reply:
    """Clear the running flag, as for start."""
    return _run(ctx, False)


def _run(ctx: Context, running: bool) -> Reply:
    row = find(ctx)
    require_support(ctx)
    single = ctx.flag("single_occurrence") is not False
    for module_id in dict.fromkeys(row["modules"]):
        module = ctx.tables.modules.get(module_id)
        shared = sum(system["modules"].count(module_id) for system in ctx.tables.systems.find("module", module_id)) > 1
        if module and not module["ignore_startstop"] and not (single and shared) and module["running"] is not running:
            ctx.state.core.module_saved(ctx.tables.modules.put(Row(module, running=running)))
    return empty()


def _validate(ctx: Context, row: Row, *, creating: bool = False) -> None:
    namesakes = ctx.tables.systems.find("name", (row["name"] or "").strip())
    problem: ApiError | None = MODEL.missing(row) or zones.name_problem(namesakes, row, creating)
    if problem:
        raise problem
    failures = []
    if any(url.strip() and not URI.match(url) for url in row["camera_snapshot_urls"]):
        failures.append(("camera_snapshot_urls", "contains an invalid URI"))
    if row["support_url"].strip() and not URI.match(row["support_url"]):
        failures.append(("support_url", "is an invalid URI"))
    if failures:
        raise invalid(*failures)


def _clean(ctx: Context, row: Row) -> None:
    """Drop blank URLs and modules which do not exist; zones are not checked."""
    for name in ("camera_snapshot_urls", "images"):
        row[name] = [url for url in row[name] if url.strip()]
    if not row["support_url"].strip():
        row["support_url"] = ""
    for name in ("timetable_url", "camera_url", "room_booking_url"):
        if row[name] is not None and not row[name].strip():
            row[name] = None
    row["modules"] = [module_id for module_id in row["modules"] if ctx.tables.modules.get(module_id)]
