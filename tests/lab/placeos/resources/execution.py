# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reaching modules through their system: exec, state, functions, types; and exec over a whole zone."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..auth import require_admin, require_support
from ..core import ExecError
from ..core.core import resolved_name
from ..errors import ApiError, bad_request, crash, forbidden, not_found
from ..fields import decode, json_kind
from ..http import Context, Reply, reply
from ..routing import WRITE, Router
from ..rows import require
from ..store import Row
from . import metadata
from .root import BASE


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("systems", "control")
    router.add("GET", f"{BASE}/systems/:id/types", types, scopes=scopes)
    router.add("GET", f"{BASE}/systems/:id/metadata", system_metadata)
    router.add("GET", f"{BASE}/systems/:id/functions/:slug", functions, scopes=scopes)
    router.add("GET", f"{BASE}/systems/:id/:slug", state, scopes=scopes)
    router.add("GET", f"{BASE}/systems/:id/:slug/:key", state_key, scopes=scopes)
    router.add("POST", f"{BASE}/systems/:id/:slug/:key", execute, scopes=scopes, access=WRITE, body=True)
    router.add("POST", f"{BASE}/zones/:id/exec/:slug/:key", zone_execute, access=WRITE, body=True)


def parts(slug: str) -> tuple[str, int]:
    """Split ``Display_2`` into name and index; the index defaults to 1."""
    name, underscore, index = slug.rpartition("_")
    return (name, int(index)) if underscore and index.isdigit() else (slug, 1)


def arguments(ctx: Context) -> list[Any]:
    """Return the positional arguments of a call; the body must be a JSON array."""
    document = decode(ctx.body)
    if not isinstance(document, list):
        raise bad_request(f"Expected BeginArray but was {json_kind(document)} at line 1, column 2")
    return document


def failed(problem: ExecError, system_id: str, name: str, index: int) -> ApiError:
    """Return the answer to a call that failed."""
    return ApiError(
        problem.status,
        {
            "error": problem.code,
            "sys_id": system_id,
            "module_name": name,
            "index": index,
            "message": problem.message,
            "backtrace": problem.backtrace,
        },
    )


def call(ctx: Context, system_id: str, slug: str, function: str, args: list[Any]) -> Any:
    """Call a function of a module in a system; raises ExecError."""
    name, index = parts(slug)
    core, who = ctx.state.core, ctx.identity
    module = core.module_in_system(system_id, name, index)
    if module is None:
        raise ExecError("module not found", 404, "could not find module")
    return core.execute(module, function, args, admin=who.admin, support=who.support, user_id=who.user["id"])


def execute(ctx: Context) -> Reply:
    """Call a function."""
    args = arguments(ctx)
    _may_operate(ctx)
    system_id, slug = ctx.params["id"], ctx.params["slug"]
    try:
        return reply(call(ctx, system_id, slug, ctx.params["key"], args))
    except ExecError as problem:
        raise failed(problem, system_id, *parts(slug)) from problem


def zone_execute(ctx: Context) -> Reply:
    """Call a function in every system of a zone and sort the systems by outcome."""
    require_support(ctx)
    zone, args = require(ctx.tables.zones, ctx.params["id"]), arguments(ctx)
    outcome: dict[str, list[str]] = {"success": [], "failure": [], "module_missing": []}
    for system in ctx.tables.systems.find("zone", zone["id"]):
        try:
            call(ctx, system["id"], ctx.params["slug"], ctx.params["key"], args)
            outcome["success"].append(system["id"])
        except ExecError as problem:
            outcome["module_missing" if problem.code == "module not found" else "failure"].append(system["id"])
    return reply(outcome)


def types(ctx: Context) -> Reply:
    """Count the modules of a system by name."""
    system = ctx.tables.systems.get(ctx.params["id"])
    modules = [ctx.tables.modules.get(module_id) for module_id in dict.fromkeys(system["modules"])] if system else []
    return reply(Counter(resolved_name(module) for module in modules if module))


def system_metadata(ctx: Context) -> Reply:
    """Return the metadata of a system."""
    require_admin(ctx)
    return reply(metadata.by_name(ctx, ctx.params["id"], ctx.text("name")))


def _module(ctx: Context) -> Row | None:
    return ctx.state.core.module_in_system(ctx.params["id"], *parts(ctx.params["slug"]))


def functions(ctx: Context) -> Reply:
    """Describe the functions the caller may use."""
    _may_operate(ctx)
    module = _module(ctx)
    known = ctx.state.core.metadata(module) if module else None
    if known is None:
        raise not_found(f"metadata not found for {ctx.params['slug']} on {ctx.params['id']}")
    hidden = () if ctx.identity.admin else ("administrator",)
    return reply({name: function.describe() for name, function in known.items() if function.security not in hidden})


def state(ctx: Context) -> Reply:
    """Return all status variables; the values are JSON texts."""
    _may_operate(ctx)
    module = _module(ctx)
    return reply(texts(ctx.state.core.status(module)) if module else {})


def state_key(ctx: Context) -> Reply:
    """Return one status variable; an unknown one crashes the server."""
    _may_operate(ctx)
    module = _module(ctx)
    status = ctx.state.core.status(module) if module else {}
    if ctx.params["key"] not in status:
        raise crash()
    return reply(status[ctx.params["key"]])


def texts(status: dict[str, Any]) -> dict[str, str]:
    """Return status variables as core stores them: each value as JSON text."""
    from ..listing import dump

    return {name: dump(value).decode() for name, value in status.items()}


def _may_operate(ctx: Context) -> None:
    """Only support reaches into modules; others learn first whether the system exists."""
    if not ctx.identity.support:
        require(ctx.tables.systems, ctx.params["id"])
        raise forbidden()
