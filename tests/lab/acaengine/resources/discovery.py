# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers found on the disk (RE app/controllers/orchestrator/api/discovery_controller.rb)."""

from __future__ import annotations

from ..http import Context, Reply, head
from ..routing import Router
from ..seed import scan
from .common import CONTROL, index, shown


def register(router: Router) -> None:
    """Add the routes; only for administrators."""
    base = f"{CONTROL}/discovery"
    router.add("GET", base, index_drivers, role="admin")
    router.add("POST", f"{base}/scan", start_scan, role="admin")
    router.add("GET", f"{base}/:id", show, role="admin")


def index_drivers(ctx: Context) -> Reply:
    """List."""
    return index(ctx, ctx.state.tables.discoveries)


def show(ctx: Context) -> Reply:
    """Return one; ids are "disc-" and the name of the class."""
    return shown(ctx.state.find(ctx.state.tables.discoveries, ctx.id))


def start_scan(ctx: Context) -> Reply:
    """Scan the disk, at most once in ten seconds.

    The answer is the same when nothing is done (:30-43). The real scan is a process of its own that ends some time
    later; here it is done at once.
    """
    if ctx.state.engine.shelf.may_scan(ctx.state.options.scan_pause):
        scan(ctx.state)
    return head()
