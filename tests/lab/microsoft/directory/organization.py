# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GET /organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import known
from ..http import Context, Reply, reply
from . import entities
from .listing import listed

if TYPE_CHECKING:
    from ..routing import Router


def register(router: Router) -> None:
    """Register the routes."""
    router.add("organization.list", organizations)
    router.also("GET", "/organization/{id}", organization, like="organization.list")


def organizations(ctx: Context) -> Reply:
    """List the one organisation there is."""
    return listed(ctx, [ctx.tenant.organization], "organization", "organization")


def organization(ctx: Context) -> Reply:
    """Show it."""
    if ctx.params["id"].lower() != ctx.tenant.id:
        raise known("user_missing_directory", name=ctx.params["id"])
    context = entities.context_of("organization", ctx.query, "organization", entity=True)
    shown = entities.show(ctx.tenant.organization, "organization", entities.selection(ctx.query, "organization"))
    return reply({"@odata.context": ctx.context(context), **shown})
