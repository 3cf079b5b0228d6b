# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers (rest-api controllers/drivers.cr, models driver.cr)."""

from __future__ import annotations

from typing import Any

from ..auth import require_admin, require_support
from ..core.core import NODE_ID
from ..errors import ApiError, crash, invalid, not_found
from ..fields import (
    Field,
    Model,
    TypeMismatch,
    anything,
    boolean,
    enumeration,
    integer,
    json_text,
    optional,
    string,
    word,
)
from ..http import Context, Reply, empty, reply, text
from ..listing import Keep, index
from ..removal import remove_driver
from ..routing import WRITE, Router
from ..rows import build, cached, changed, insert, renderer, require, save
from ..store import Row
from . import modules
from .root import BASE

role = enumeration(modules.ROLES, "PlaceOS::Model::Driver::Role")

MODEL = Model(
    "PlaceOS::Model::Driver",
    "driver",
    [
        Field("name", string, sanitise="text"),
        Field("description", string, "", sanitise="common"),
        Field("json_schema", json_text, "{}"),
        optional("default_uri"),
        optional("default_port", integer),
        Field("role", role),
        Field("alert_level", word(modules.SEVERITIES, "PlaceOS::Model::Alert::Severity"), "medium"),
        Field("file_name", string),
        Field("commit", string),
        optional("compilation_output"),
        Field("module_name", string),
        Field("ignore_connected", boolean, False),
        Field("update_available", boolean, False),
        optional("update_info", anything),
        Field("repository_id", string),
    ],
)
document = renderer(MODEL.fields, ("default_uri", "default_port", "compilation_output", "update_info"), {})
blob = cached(document)
REQUIRED = ("name", "module_name", "file_name", "commit")


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("drivers",)
    router.add("GET", f"{BASE}/drivers", index_drivers, scopes=scopes)
    router.add("POST", f"{BASE}/drivers", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/drivers/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/drivers/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/drivers/:id", destroy, scopes=scopes, access=WRITE)
    router.add("GET", f"{BASE}/drivers/:id/compiled", compiled)
    router.add("GET", f"{BASE}/drivers/:id/readme", readme)
    router.add("POST", f"{BASE}/drivers/:id/recompile", recompile, access=WRITE)
    router.add("POST", f"{BASE}/drivers/:id/reload", reload, access=WRITE)


def index_drivers(ctx: Context) -> Reply:
    """List; an unknown role is ignored."""
    require_support(ctx)
    ctx.state.core.settle()
    keep: list[Keep] = []
    wanted = _role(ctx.text("role"))
    if wanted is not None:
        keep.append(lambda row: row["role"] == wanted)
    if ctx.flag("update_available"):
        keep.append(lambda row: bool(row["update_available"]))
    return index(ctx, ctx.tables.drivers, blob, keep=keep)


def _role(value: str | None) -> int | None:
    if value is None:
        return None
    try:
        return role(int(value) if value.isdigit() else value)
    except TypeMismatch:
        return None


def show(ctx: Context) -> Reply:
    """Return one driver, by default with its state on each core node (which needs its repository)."""
    ctx.state.core.settle()
    row = require(ctx.tables.drivers, ctx.params["id"])
    if ctx.flag("compilation_status") is False:
        return Reply(200, blob(row))
    require(ctx.tables.repositories, row["repository_id"])
    return reply(document(row) | {"compilation_status": {NODE_ID: ctx.state.core.compiled(row["id"])}})


def create(ctx: Context) -> Reply:
    """Create; nothing about a driver needs to be unique. Its compilation starts in the background."""
    require_admin(ctx)
    row = build(MODEL, MODEL.parse(ctx.body))
    _validate(ctx, row)
    insert(ctx.tables.drivers, row)
    ctx.state.core.driver_saved(row)
    return reply(document(row), 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes; the role must stay. All modules of the driver are saved again."""
    require_admin(ctx)
    old = require(ctx.tables.drivers, ctx.params["id"])
    row = changed(MODEL, old, MODEL.parse(ctx.body))
    if row["role"] != old["role"]:
        raise invalid(("role", "Driver role must not change"))
    _validate(ctx, row)
    save(ctx.tables.drivers, row)
    modules.driver_saved(ctx.state, row)
    ctx.state.core.driver_saved(row)
    return reply(document(row))


def destroy(ctx: Context) -> Reply:
    """Delete with all modules."""
    require_admin(ctx)
    remove_driver(ctx.state, require(ctx.tables.drivers, ctx.params["id"]))
    return empty(202)


def compiled(ctx: Context) -> Reply:
    """200 when built, 404 while building, 503 with the compiler's output when that failed."""
    row = _buildable(ctx)
    if ctx.state.core.compiled(row["id"]):
        return empty()
    row = require(ctx.tables.drivers, row["id"])
    if row["compilation_output"] is None or row["id"] in ctx.state.core.unsettled:
        raise not_found("Driver not compiled yet")
    raise ApiError(503, {"compilation_output": row["compilation_output"]})


def readme(ctx: Context) -> Reply:
    """The readme comes from the git host, which the lab does not reach."""
    require_support(ctx)
    require(ctx.tables.drivers, ctx.params["id"])
    raise crash()


def recompile(ctx: Context) -> Reply:
    """Build again and reload; answers when that is done."""
    row = _buildable(ctx)
    build_ = ctx.state.core.build(row, at_once=True)
    ctx.state.core.settle()
    if build_.failure:
        return text(build_.failure, 500)
    return reload(ctx)


def reload(ctx: Context) -> Reply:
    """Load the driver's modules again on every core node."""
    row = _buildable(ctx)
    if not ctx.state.core.compiled(row["id"]):
        return text("Unable to reload driver on all core cluster", 422)
    ctx.state.core.reload_driver(row["id"])
    return text("OK")


def _buildable(ctx: Context) -> Row:
    require_admin(ctx)
    ctx.state.core.settle()
    row = require(ctx.tables.drivers, ctx.params["id"])
    if ctx.tables.repositories.get(row["repository_id"]) is None:
        raise crash()
    return row


def _validate(ctx: Context, row: Row) -> None:
    problem = MODEL.missing(row)
    if problem:
        raise problem
    failures: list[tuple[str, Any]] = [(name, "is required") for name in REQUIRED if not row[name].strip()]
    repository = ctx.tables.repositories.get(row["repository_id"])
    if repository and repository["repo_type"] != "driver":
        failures.append(("repository", "should be a driver repository"))
    if failures:
        raise invalid(*failures)
