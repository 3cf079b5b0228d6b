# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Systems (RE app/controllers/orchestrator/api/systems_controller.rb); calls and states are in ``execution``."""

from __future__ import annotations

from typing import Any

from ..errors import Crash, Halt
from ..http import Context, Reply, head, reply
from ..model import destroy, save
from ..models import module, system
from ..params import Params, permit, to_i
from ..routing import Router
from ..seed import EDGE_ID
from ..state import State
from ..store import Document, Row
from .common import CONTROL, index, pick, shown

NAMES = (
    "name",
    "edge_id",
    "description",
    "support_url",
    "installed_ui_devices",
    "capacity",
    "email",
    "bookable",
    "features",
    "version",
)


def register(router: Router) -> None:
    """Add the routes; plain users may list and read."""
    base = f"{CONTROL}/systems"
    router.add("GET", base, index_systems)
    router.add("POST", base, create, role="admin")
    router.add("GET", f"{base}/:id", show)
    router.add("PUT PATCH", f"{base}/:id", update, role="admin")
    router.add("DELETE", f"{base}/:id", remove_system, role="admin")
    router.add("POST", f"{base}/:id/remove", remove_module, role="admin")
    router.add("POST", f"{base}/:id/start", start, role="admin")
    router.add("POST", f"{base}/:id/stop", stop, role="admin")


def find(ctx: Context) -> Row:
    """Return the system of the path by id or by name in any case, straight from the database (:334-338).

    The second look-up is made with whatever the first one gives, also with nothing: an unknown system is an EmptyKey
    (CO base.rb:94-98), which no rescue_from expects. It answers 500, not 404.
    """
    tables = ctx.state.tables
    found = tables.systems.get(ctx.id)
    if found is None:
        ctx.state.refuse_other_kinds(tables.systems, ctx.id)
        named = tables.systems.find("name", ctx.id.lower())
        found = named[0] if named else None
    if found is None:
        raise Crash("no id(s) provided (EmptyKey)")
    return found


def index_systems(ctx: Context) -> Reply:
    """List, optionally the systems with a zone or a module (:14-36)."""
    keep = []
    for parameter, attribute in (("zone_id", "zones"), ("module_id", "modules")):
        if ctx.has(parameter):
            wanted = ctx.text(parameter)
            keep.append(lambda row, wanted=wanted, attribute=attribute: wanted in row[attribute])
    return index(ctx, ctx.state.tables.systems, keep=keep)


def show(ctx: Context) -> Reply:
    """Return a system; ``complete`` adds edge, modules and zones (:38-48; control_system.rb:110-124)."""
    row = find(ctx)
    if not ctx.has("complete"):
        return shown(row)
    tables = ctx.state.tables
    whole: dict[str, Any] = dict(row)
    edge = tables.edges.get(row["edge_id"])
    if edge is not None:
        whole["edge"] = pick(edge, "name", "description")
    whole["module_data"] = [
        {**found, "dependency": pick(tables.dependencies.get(found["dependency_id"]), "name", "module_name")}
        for found in ctx.state.find_all(tables.modules, row["modules"])
    ]
    whole["zone_data"] = ctx.state.find_all(tables.zones, row["zones"])
    return reply(whole)


def values_of(ctx: Context) -> Params:
    """Return the attributes a request may set (:314-332)."""
    values = permit(ctx.params, NAMES, ("zones", "modules"), ("settings",))
    for name in ("installed_ui_devices", "capacity"):
        if name in values:
            values[name] = to_i(values[name])
    return values


def create(ctx: Context) -> Reply:
    """Create, on this node unless another is named; 200 (:87-95)."""
    values = values_of(ctx)
    values["edge_id"] = values.get("edge_id") or EDGE_ID
    return shown(save(ctx.state, system.MODEL, system.MODEL.build(values)))


def update(ctx: Context) -> Reply:
    """Change the attributes given and raise the version.

    The present version must be told, in the body or the query. A missing one reads as 0 (:50-56).
    """
    row = Document(find(ctx))
    values = values_of(ctx)
    if to_i(values.get("version")) != row["version"]:
        raise Halt(409)
    system.MODEL.assign(row, values)
    if row["version"] is None:
        raise Crash("undefined method `+' for nil:NilClass")
    row["version"] += 1
    return shown(save(ctx.state, system.MODEL, row))


def remove_module(ctx: Context) -> Reply:
    """Take a module out and delete it if no other system has it; the version stays (:58-85)."""
    row, module_id = find(ctx), ctx.text("module_id")
    if module_id in row["modules"]:
        modules = [other for other in row["modules"] if other != module_id]
        save(ctx.state, system.MODEL, Document(row, modules=modules))
        found = ctx.state.tables.modules.get(module_id)
        if found is not None and not ctx.state.tables.systems.find("module", module_id):
            destroy(ctx.state, module.MODEL, found)
    return head()


def remove_system(ctx: Context) -> Reply:
    """Delete a system and its modules that no other one has (:97-111)."""
    row = find(ctx)
    cleanup_modules(ctx.state, row)
    destroy(ctx.state, system.MODEL, row)
    return head()


def cleanup_modules(state: State, row: Row) -> None:
    """Delete the modules of a system that are in no other (control_system.rb:137-169).

    Deleting waits for the unloading, and unloading a module that is not loaded fails (control.rb:248-294): a module that
    was never started stays behind, in no system.
    """
    for module_id in row["modules"]:
        if len(state.tables.systems.find("module", module_id)) <= 1 and state.engine.forget(module_id):
            state.tables.modules.remove(module_id)


def start(ctx: Context) -> Reply:
    """Start all modules; what cannot be started is not told (:118-138)."""
    row = find(ctx)
    for module_id in row["modules"]:
        try:
            ctx.state.engine.start(module_id, system_level=True)
        except Crash:
            continue
    ctx.state.engine.expire_cache(row)
    return head()


def stop(ctx: Context) -> Reply:
    """Stop all modules, shared or not (:140-146)."""
    for module_id in find(ctx)["modules"]:
        try:
            ctx.state.engine.stop(module_id, system_level=True)
        except Crash:
            continue
    return head()
