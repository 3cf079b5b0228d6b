# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owners of applications and service principals, and objects of the directory by id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, bad_request, known
from ..http import Context, Reply, empty, reply
from . import access, entities
from .listing import listed_objects

if TYPE_CHECKING:
    from ..routing import Router
    from ..table import Row

REFERENCE = re.compile(
    r"/(?:directoryObjects|users|servicePrincipals|groups)(?:/|\(')(?P<id>[0-9a-f-]{36})(?:'\))?$", re.IGNORECASE
)


def register(router: Router) -> None:
    """Register the routes."""
    for kind in ("applications", "servicePrincipals"):
        write = "applications.update" if kind == "applications" else "servicePrincipals.create"
        router.also("GET", f"/{kind}/{{id}}/owners", owners, like=f"{kind}.get")
        router.also("POST", f"/{kind}/{{id}}/owners/$ref", add, like=write)
        router.also("DELETE", f"/{kind}/{{id}}/owners/{{owner}}/$ref", remove, like=write)
    router.also("GET", "/directoryObjects/{id}", directory_object, like="users.get")


def referred(ctx: Context, body: dict[str, Any]) -> Row:
    """Return the object that ``@odata.id`` names."""
    found = REFERENCE.search(str(body.get("@odata.id", "")))
    row = ctx.tenant.object_by(found["id"], ctx.tenant.lag) if found else None
    if found is None:
        raise bad_request("Invalid URL format specified in payload.", "Request_BadRequest")
    if row is None:
        raise known("repl_resource_not_found", name=found["id"])
    return row


def is_application(ctx: Context) -> bool:
    """Tell which kind of object the path is about."""
    return ctx.path.lower().startswith("/applications")


def owners(ctx: Context) -> Reply:
    """List the owners."""
    lag = ctx.tenant.replica()
    row = access.application(ctx, lag) if is_application(ctx) else access.principal(ctx, lag)
    return listed_objects(ctx, [one for name in row["_owners"] if (one := ctx.tenant.object_by(name, lag)) is not None])


def to_change(ctx: Context) -> tuple[Row, Any]:
    """Return the object of the path and its table."""
    if is_application(ctx):
        return access.application_to_change(ctx), ctx.tenant.applications
    return access.principal_to_change(ctx), ctx.tenant.service_principals


def already_there(name: str) -> GraphError:
    """Return the 400 about a reference that exists."""
    return GraphError(
        400,
        "Request_BadRequest",
        f"One or more added object references already exist for the following modified properties: '{name}'.",
    )


def add(ctx: Context) -> Reply:
    """Add an owner."""
    row, table = to_change(ctx)
    owner = referred(ctx, ctx.json())
    if owner["id"] in row["_owners"]:
        raise already_there("owners")
    table.change(row, _owners=[*row["_owners"], owner["id"]])
    return empty(204)


def remove(ctx: Context) -> Reply:
    """Take an owner away."""
    row, table = to_change(ctx)
    owner = ctx.params["owner"].lower()
    if owner not in row["_owners"]:
        raise known("user_missing_directory", name=owner)
    table.change(row, _owners=[one for one in row["_owners"] if one != owner])
    return empty(204)


def directory_object(ctx: Context) -> Reply:
    """Show any object by id."""
    row = ctx.tenant.object_by(ctx.params["id"], ctx.tenant.replica())
    if row is None:
        raise known("user_missing_directory", name=ctx.params["id"])
    shown = entities.show_object(row, ctx.query.get("$select"))
    return reply({"@odata.context": ctx.context("directoryObjects/$entity"), **shown})
