# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding applications and service principals, and what Application.ReadWrite.OwnedBy allows: to write what one owns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import known
from ..http import Context, Key
from ..permissions import refusal

if TYPE_CHECKING:
    from ..table import Row

EVERYTHING = frozenset(("Application.ReadWrite.All", "Directory.ReadWrite.All"))
OWNED_BY = "Application.ReadWrite.OwnedBy"


def application(ctx: Context, lag: float) -> Row:
    """Return the application of the path, by id or alternate key, as a replica knows it."""
    key = ctx.params["id"]
    tenant = ctx.tenant
    if key.by == "appid":
        found = tenant.application_by(key, lag)
    elif key.by == "uniquename":
        found = tenant.applications.find(lambda row: row["uniqueName"] == str(key), lag)
    else:
        found = tenant.applications.as_of(key, lag)
    if found is None:
        raise known("repl_resource_not_found", name=key)
    return found


def application_to_change(ctx: Context) -> Row:
    """Return the application a write is about: known to all replicas, then as it is now, and owned where that matters."""
    seen = application(ctx, ctx.tenant.lag)
    row = ctx.tenant.applications.get(seen["id"])
    if row is None:
        raise known("repl_resource_not_found", name=ctx.params["id"])
    require_owned(ctx, row)
    return row


def principal(ctx: Context, lag: float, name: str = "id") -> Row:
    """Return the service principal of the path, by id or appId."""
    key: Key = ctx.params[name]
    tenant = ctx.tenant
    found = tenant.principal_by(key, lag) if key.by == "appid" else tenant.service_principals.as_of(key, lag)
    if found is None:
        raise known("repl_resource_not_found", name=key)
    return found


def principal_to_change(ctx: Context) -> Row:
    """Return the service principal a write is about, owned where that matters."""
    row = ctx.tenant.service_principals.get(principal(ctx, ctx.tenant.lag)["id"])
    if row is None:
        raise known("repl_resource_not_found", name=ctx.params["id"])
    require_owned(ctx, row)
    return row


def only_owned(ctx: Context) -> bool:
    """Tell whether the bearer may write only what it owns."""
    return not EVERYTHING & ctx.bearer.roles


def require_owned(ctx: Context, row: Row) -> None:
    """Refuse a write to what the bearer does not own, unless it may write everything."""
    if only_owned(ctx) and ctx.bearer.oid not in row["_owners"]:
        raise refusal("directory", ctx.bearer.roles)
