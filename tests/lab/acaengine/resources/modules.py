# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules (RE app/controllers/orchestrator/api/modules_controller.rb)."""

from __future__ import annotations

from typing import Any

import orjson

from ..elastic import Keep, terms
from ..engine.manager import Manager
from ..errors import Halt, not_found
from ..http import Context, Reply, head, raw, reply, text
from ..model import destroy, save
from ..models import module
from ..params import Params, permit, to_i
from ..routing import Router
from ..state import State
from ..store import Document, Row
from .common import CONTROL, blob, index, listed, pick, shown
from .execution import status_of

NAMES = (
    "dependency_id",
    "control_system_id",
    "edge_id",
    "ip",
    "tls",
    "udp",
    "port",
    "makebreak",
    "uri",
    "custom_name",
    "notes",
    "ignore_connected",
    "ignore_startstop",
)


def register(router: Router) -> None:
    """Add the routes: reading is for support, everything else for administrators (:8-9)."""
    base = f"{CONTROL}/modules"
    router.add("GET", base, index_modules, role="support")
    router.add("POST", base, create, role="admin")
    router.add("GET", f"{base}/:id", show, role="support")
    router.add("PUT PATCH", f"{base}/:id", update, role="admin")
    router.add("DELETE", f"{base}/:id", remove, role="admin")
    router.add("POST", f"{base}/:id/start", start, role="admin")
    router.add("POST", f"{base}/:id/stop", stop, role="admin")
    router.add("GET", f"{base}/:id/state", state, role="support")
    router.add("POST", f"{base}/:id/ping", ping, role="support")


def whole(server: State, row: Row) -> dict[str, Any]:
    """Return a module with what belongs to it; what is not there is left out (MOD_INCLUDE, :16-33)."""
    tables = server.tables
    found: dict[str, Any] = dict(row)
    edge = pick(tables.edges.get(row["edge_id"]), "name", "description")
    names = ("name", "description", "module_name", "settings")
    dependency = pick(tables.dependencies.get(row["dependency_id"]), *names)
    system = tables.systems.get(row["control_system_id"])
    if edge is not None:
        found["edge"] = edge
    if dependency is not None:
        found["dependency"] = dependency
    if system is not None:
        zones = server.find_all(tables.zones, system["zones"])
        found["control_system"] = {"name": system["name"], "settings": system["settings"], "zone_data": zones}
    return found


def index_modules(ctx: Context) -> Reply:
    """List, newest first (no sort is set).

    ``system_id`` reads the system's modules from the database: current, complete, in the system's order, and without
    what belongs to them (:34-100).
    """
    tables = ctx.state.tables
    system_id = ctx.text("system_id")
    if system_id is not None:
        system = ctx.state.find(tables.systems, system_id)
        rows = ctx.state.find_all(tables.modules, system["modules"])
        return listed(len(rows), map(blob, rows))

    def dependency_terms(row: Row) -> Any:
        dependency = tables.dependencies.get(row["dependency_id"])
        return None if dependency is None else terms(dependency, "dep")

    return index(
        ctx,
        tables.modules,
        keep=filters(ctx),
        with_name=False,
        parent=dependency_terms,
        render=lambda row: orjson.dumps(whole(ctx.state, row)),
    )


def filters(ctx: Context) -> list[Keep]:
    """Return the filters of a list (:45-93).

    Modules that do not count as disconnected are in neither list of ``connected``; in that of the disconnected ones
    their dependency has a say as well.
    """
    keep: list[Keep] = []
    dependency_id, connected, running = ctx.text("dependency_id"), ctx.text("connected"), ctx.text("running")
    if dependency_id is not None:
        keep.append(lambda row: row["dependency_id"] == dependency_id)
    if connected is not None:
        keep.append(lambda row: row["ignore_connected"] is False and row["connected"] is (connected == "true"))
        if connected != "true":
            keep.append(lambda row: counted(ctx.state, row))
    if running is not None:
        keep.append(lambda row: row["running"] is (running == "true"))
    if ctx.has("no_logic"):
        keep.append(lambda row: row["role"] in (module.SSH, module.DEVICE, module.SERVICE))
    if ctx.has("as_of"):
        latest = to_i(ctx.text("as_of"))
        keep.append(lambda row: row["updated_at"] <= latest)
    return keep


def counted(server: State, row: Row) -> bool:
    """Tell whether the dependency of a module lets it count as disconnected."""
    dependency = server.tables.dependencies.get(row["dependency_id"])
    return dependency is not None and not dependency["ignore_connected"]


def find(ctx: Context) -> Row:
    """Return the module of the path."""
    return ctx.state.find(ctx.state.tables.modules, ctx.id)


def show(ctx: Context) -> Reply:
    """Return a module."""
    return reply(whole(ctx.state, find(ctx)))


def values_of(ctx: Context) -> Params:
    """Return the attributes a request may set; running and connected are not among them (:205-216)."""
    return permit(ctx.params, NAMES, (), ("settings",))


def create(ctx: Context) -> Reply:
    """Create; the module is in no system until the system says so (:126-129)."""
    return shown(save(ctx.state, module.MODEL, module.MODEL.build(values_of(ctx))))


def update(ctx: Context) -> Reply:
    """Change the attributes given; the module is loaded anew, and runs again if it did (:106-124)."""
    row = find(ctx)
    changed = save(ctx.state, module.MODEL, module.MODEL.assign(Document(row), values_of(ctx)))
    was_running = changed["running"]
    dependency = ctx.state.tables.dependencies.get(changed["dependency_id"])
    answer = raw(orjson.dumps({**changed, "dependency": pick(dependency, "name", "module_name")}))
    ctx.state.engine.update(ctx.id)
    if was_running and ctx.id in ctx.state.engine.loaded:
        ctx.state.engine.start(ctx.id)
    return answer


def remove(ctx: Context) -> Reply:
    """Delete."""
    destroy(ctx.state, module.MODEL, find(ctx))
    return head()


def start(ctx: Context) -> Reply:
    """Start, loading the class first (:141-149).

    A class that is not there, or an unknown module, is an error nobody rescues (control.rb:187-196,236-240); an
    instance that cannot be made gives the text.
    """
    if ctx.state.engine.start(ctx.id):
        return head()
    return text("module failed to start", 500)


def stop(ctx: Context) -> Reply:
    """Stop; a module that is not loaded is an error nobody rescues (:151-154; control.rb:267-271)."""
    ctx.state.engine.stop(ctx.id)
    return head()


def state(ctx: Context) -> Reply:
    """Return the status of a loaded module (:158-167,218-225)."""
    manager: Manager | None = ctx.state.engine.loaded.get(ctx.id)
    if manager is None:
        raise not_found()
    return status_of(ctx, manager)


def ping(ctx: Context) -> Reply:
    """Ping a device: nothing answers in the lab; logic modules cannot be asked (:186-199)."""
    row = find(ctx)
    if row["role"] is not None and row["role"] > module.SERVICE:
        raise Halt(406)
    return reply({"host": row["ip"], "pingable": False, "warning": None, "exception": "timeout"})
