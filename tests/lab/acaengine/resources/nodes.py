# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edge nodes (RE app/controllers/orchestrator/api/nodes_controller.rb): reading."""

from __future__ import annotations

from ..http import Context, Reply
from ..routing import Router
from .common import CONTROL, index, shown


def register(router: Router) -> None:
    """Add the routes; for support."""
    base = f"{CONTROL}/nodes"
    router.add("GET", base, index_nodes, role="support")
    router.add("GET", f"{base}/:id", show, role="support")


def index_nodes(ctx: Context) -> Reply:
    """List."""
    return index(ctx, ctx.state.tables.edges)


def show(ctx: Context) -> Reply:
    """Return a node."""
    return shown(ctx.state.find(ctx.state.tables.edges, ctx.id))
