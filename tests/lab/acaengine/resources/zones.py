# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones (RE app/controllers/orchestrator/api/zones_controller.rb)."""

from __future__ import annotations

import re

from ..auth import check
from ..elastic import analyse
from ..errors import Halt, not_found
from ..http import Context, Reply, head, reply
from ..model import destroy, save
from ..models import zone
from ..params import Params, permit
from ..routing import Router
from ..store import Document
from .common import CONTROL, index, shown

UNWANTED = re.compile(r"[^0-9a-z ]", re.IGNORECASE)


def register(router: Router) -> None:
    """Add the routes."""
    base = f"{CONTROL}/zones"
    router.add("GET", base, index_zones)
    router.add("POST", base, create, role="admin")
    router.add("GET", f"{base}/:id", show)
    router.add("PUT PATCH", f"{base}/:id", update, role="admin")
    router.add("DELETE", f"{base}/:id", remove, role="admin")


def index_zones(ctx: Context) -> Reply:
    """List.

    Anyone may ask for tags, which must all be there; the server takes everything but letters, digits and blanks out
    of what is asked for, and compares with the words of the tags, which are lower case (:13-31).
    """
    table = ctx.state.tables.zones
    if not ctx.has("tags"):
        check(ctx, "support")
        return index(ctx, table)
    wanted = set(UNWANTED.sub("", ctx.text("tags") or "").split())
    if not wanted:
        raise Halt(400)
    return index(ctx, table, keep=[lambda row: wanted.issubset(analyse(row["tags"] or ""))], with_name=False)


def show(ctx: Context) -> Reply:
    """Return a zone to support; ``data=key`` gives one setting to anyone, if it is a list or an object (:33-52)."""
    row = ctx.state.find(ctx.state.tables.zones, ctx.id)
    if ctx.has("data"):
        value = row["settings"].get(ctx.text("data") or "")
        if not isinstance(value, (list, dict)):
            raise not_found()
        return reply(value)
    check(ctx, "support")
    return reply({**row, "trigger_data": []}) if ctx.has("complete") else shown(row)


def values_of(ctx: Context) -> Params:
    """Return the attributes a request may set (:74-83)."""
    return permit(ctx.params, ("name", "description", "tags"), ("triggers",), ("settings",))


def create(ctx: Context) -> Reply:
    """Create; 200."""
    return shown(save(ctx.state, zone.MODEL, zone.MODEL.build(values_of(ctx))))


def update(ctx: Context) -> Reply:
    """Change the attributes given."""
    row = Document(ctx.state.find(ctx.state.tables.zones, ctx.id))
    return shown(save(ctx.state, zone.MODEL, zone.MODEL.assign(row, values_of(ctx))))


def remove(ctx: Context) -> Reply:
    """Delete."""
    destroy(ctx.state, zone.MODEL, ctx.state.find(ctx.state.tables.zones, ctx.id))
    return head()
