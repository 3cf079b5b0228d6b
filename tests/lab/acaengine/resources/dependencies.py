# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dependencies (RE app/controllers/orchestrator/api/dependencies_controller.rb)."""

from __future__ import annotations

from ..http import Context, Reply, head, reply, text
from ..model import destroy, save
from ..models import dependency
from ..params import Params, permit
from ..routing import Router
from ..store import Document, Row
from .common import CONTROL, index, shown

NAMES = ("name", "description", "role", "class_name", "module_name", "default", "ignore_connected")
FIXED = ("role", "class_name")


def register(router: Router) -> None:
    """Add the routes: reading is for support, everything else for administrators (:6-7)."""
    base = f"{CONTROL}/dependencies"
    router.add("GET", base, index_dependencies, role="support")
    router.add("POST", base, create, role="admin")
    router.add("GET", f"{base}/:id", show, role="support")
    router.add("PUT PATCH", f"{base}/:id", update, role="admin")
    router.add("DELETE", f"{base}/:id", remove, role="admin")
    router.add("POST", f"{base}/:id/reload", reload, role="admin")


def index_dependencies(ctx: Context) -> Reply:
    """List, optionally of a role; one that does not exist is ignored (:14-27). Names are not searched first here."""
    role = ctx.text("role")
    keep = [lambda row: row["role"] == role] if role in dependency.ROLES else []
    return index(ctx, ctx.state.tables.dependencies, keep=keep, with_name=False)


def find(ctx: Context) -> Row:
    """Return the dependency of the path."""
    return ctx.state.find(ctx.state.tables.dependencies, ctx.id)


def show(ctx: Context) -> Reply:
    """Return a dependency."""
    return shown(find(ctx))


def values_of(ctx: Context) -> Params:
    """Return the attributes a request may set (:103-113)."""
    return permit(ctx.params, NAMES, (), ("settings",))


def create(ctx: Context) -> Reply:
    """Create; the name need not be unique."""
    return shown(save(ctx.state, dependency.MODEL, dependency.MODEL.build(values_of(ctx))))


def update(ctx: Context) -> Reply:
    """Change the attributes given; role and class stay as they are (:33-41)."""
    row = Document(find(ctx))
    values = {name: value for name, value in values_of(ctx).items() if name not in FIXED}
    return shown(save(ctx.state, dependency.MODEL, dependency.MODEL.assign(row, values)))


def remove(ctx: Context) -> Reply:
    """Delete, and the modules with it."""
    destroy(ctx.state, dependency.MODEL, find(ctx))
    return head()


def reload(ctx: Context) -> Reply:
    """Load the class anew and tell its modules; a file that is not there gives the error as text (:58-100)."""
    row, engine = find(ctx), ctx.state.engine
    if engine.shelf.driver_of(row["class_name"]) is None:
        file = row["class_name"].removeprefix("::").replace("::", "/").lower()
        return text(f"could not find '{file}.rb'\norchestrator/dependency_manager.rb:119:in `perform_load'", 500)
    updated = 0
    for found in ctx.state.tables.modules.find("dependency", row["id"]):
        if found["id"] in engine.loaded:
            updated += 1
            engine.reloaded(found["id"])
    return reply({"message": f"{updated} module{'' if updated == 1 else 's'} updated"})
