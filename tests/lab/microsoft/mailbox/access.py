# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Into a mailbox, or not: how many calls at once, permission, existence, scope.

The order of the refusals is inferred: first the permission (a token without it gets 403 whatever the mailbox), then whether
there is a mailbox, then policies and scopes. Concurrency is counted per application and mailbox; a call occupies its mailbox
for the time of the option ``mailbox_seconds``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import known
from ..exchange.evaluation import Accepted, Verdict, satisfies
from ..exchange.scopes import APPLICATION_ROLES, verdict
from ..facts import table
from ..http import Context, Reply
from ..permissions import refusal
from .store import Calendar

if TYPE_CHECKING:
    from ..routing import Router
    from ..state import Tenant

AT_ONCE = 4
Inside = Callable[[Context, Calendar], Reply]


def opened(ctx: Context, accept: Accepted) -> Calendar:
    """Return the calendar of the mailbox in the path; raises GraphError."""
    tenant, bearer, name = ctx.tenant, ctx.bearer, str(ctx.params["mailbox"])
    mailbox = tenant.mailbox_of(name)
    if mailbox is None or not mailbox.enabled:
        if not satisfies({*bearer.roles, *anywhere(tenant, bearer.app_id)}, accept):
            raise refusal("exchange", bearer.roles)
        exists = mailbox is not None or tenant.user_by(name) is not None
        raise known("mailbox_missing") if exists else known("user_invalid", name=name)
    result = verdict(tenant, accept, bearer.app_id, bearer.roles, mailbox.user_id)
    if result is Verdict.NO_ROLE:
        raise refusal("exchange", bearer.roles)
    if result is Verdict.DENIED:
        raise known("policy_denied_current")
    return Calendar(tenant, mailbox)


def anywhere(tenant: Tenant, app_id: str) -> set[str]:
    """Return what Exchange grants an application in some mailbox."""
    now = tenant.exchange.in_force(tenant.options.policy_delay)
    mine = {one.object_id for one in now.pointers if one.app_id.lower() == app_id.lower()}
    return {APPLICATION_ROLES[one.role] for one in now.assignments if one.app in mine and one.enabled}


def route(router: Router, matrix_id: str, inside: Inside, *also: tuple[str, str]) -> None:
    """Register a call into a mailbox, and further methods and paths that need the same permissions."""
    accept: Accepted = table("permissions")["routes"][matrix_id]["accept"]

    async def call(ctx: Context) -> Reply:
        answer = await occupied(ctx, accept, inside)
        answer.headers.setdefault("Cache-Control", "private")  # recorded
        return answer

    router.add(matrix_id, call, own_check=True)
    for method, path in also:
        router.also(method, path, call, like=matrix_id, own_check=True)


def route_like(router: Router, matrix_id: str, inside: Inside, *paths: tuple[str, str]) -> None:
    """Register calls that have no entry of their own in the permission matrix."""
    accept: Accepted = table("permissions")["routes"][matrix_id]["accept"]

    async def call(ctx: Context) -> Reply:
        answer = await occupied(ctx, accept, inside)
        answer.headers.setdefault("Cache-Control", "private")  # recorded
        return answer

    for method, path in paths:
        router.also(method, path, call, like=matrix_id, own_check=True)


async def occupied(ctx: Context, accept: Accepted, inside: Inside) -> Reply:
    """Carry a call out unless four of the same application are in the mailbox already."""
    running = ctx.tenant.exchange.running
    key = (ctx.bearer.app_id, str(ctx.params["mailbox"]).lower())
    if running.get(key, 0) >= AT_ONCE:
        raise known("throttled_exchange")
    running[key] = running.get(key, 0) + 1
    try:
        if ctx.tenant.options.mailbox_seconds > 0:
            await asyncio.sleep(ctx.tenant.options.mailbox_seconds)
        return inside(ctx, opened(ctx, accept))
    finally:
        running[key] -= 1
        if not running[key]:
            del running[key]
