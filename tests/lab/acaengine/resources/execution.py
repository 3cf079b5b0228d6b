# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls, states and functions of the modules in a system (RE systems_controller.rb:148-307)."""

from __future__ import annotations

from typing import Any

from ..engine.driver import RubyError
from ..engine.manager import Manager
from ..errors import BadRequest, UserNotFound, not_found
from ..http import Context, Reply, reply
from ..params import to_i
from ..routing import Router
from ..store import Row
from .common import CONTROL

WAIT_EXCEEDED = "Wait time exceeded. Command may have been queued."


def register(router: Router) -> None:
    """Add the routes; they are open to any user."""
    base = f"{CONTROL}/systems/:id"
    router.add("POST", f"{base}/exec", execute)
    router.add("GET", f"{base}/state", state)
    router.add("GET", f"{base}/funcs", functions)
    router.add("GET", f"{base}/count", count)
    router.add("GET", f"{base}/types", types)


def execute(ctx: Context) -> Reply:
    """Call a function.

    Its result in an array, or 500 with message and backtrace in one (:148-196). Everything that goes wrong comes out
    that way, a missing parameter, an unknown system and a token without user included. A call that takes longer than
    15 s goes on; the answer then is a sentence, with status 200.
    """
    try:
        name, function = ctx.required("module"), ctx.required("method")
        user = ctx.user
    except (BadRequest, UserNotFound) as problem:
        return failed(RubyError(str(problem)))
    number = 1 if ctx.params.get("index") in (None, False) else to_i(ctx.text("index"))
    given = ctx.params.get("args")
    args: list[Any] = given if isinstance(given, list) else [] if given is None else [given]
    engine = ctx.state.engine
    slow = ctx.state.options.exec_timeout or ctx.id in engine.slow_systems
    try:
        result = engine.call(ctx.id, name, number, function, args)
    except RubyError as problem:
        return reply([WAIT_EXCEEDED]) if slow and user else failed(problem)
    return reply([WAIT_EXCEEDED if slow else result])


def failed(problem: RubyError) -> Reply:
    """Return what a call that raised is answered with."""
    return reply([problem.text()], 500)


def system_of(ctx: Context) -> Row:
    """Return the system of the path, by id only (System.get)."""
    row = ctx.state.tables.systems.get(ctx.id)
    if row is None:
        raise not_found()
    return row


def module_of(ctx: Context) -> Manager:
    """Return the module a request names; 404 unless it is loaded."""
    name = ctx.required("module")
    number = 1 if ctx.params.get("index") is None else to_i(ctx.text("index"))
    manager = ctx.state.engine.module_of(system_of(ctx), name, number)
    if manager is None:
        raise not_found()
    return manager


def status_of(ctx: Context, manager: Manager) -> Reply:
    """Return all status variables or one; a text is not quoted (``render json:``)."""
    return reply(manager.status.get(ctx.text("lookup") or "") if ctx.has("lookup") else manager.status)


def state(ctx: Context) -> Reply:
    """Return the status of a module, also of one that was stopped."""
    return status_of(ctx, module_of(ctx))


def functions(ctx: Context) -> Reply:
    """Describe the functions of a module (:232-276)."""
    described = module_of(ctx).kind.functions
    return reply({name: function.describe() for name, function in described.items()})


def count(ctx: Context) -> Reply:
    """Count the modules of a name (:279-288)."""
    name = ctx.required("module")
    return reply({"count": len(ctx.state.engine.index(system_of(ctx)).get(name, []))})


def types(ctx: Context) -> Reply:
    """Count the modules by name (:292-307)."""
    return reply({name: len(found) for name, found in ctx.state.engine.index(system_of(ctx)).items()})
