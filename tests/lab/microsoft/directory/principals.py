# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service principals (enterprise applications): list, create, read, change, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import bad_request, invalid, known
from ..facts import properties
from ..http import Context, Reply, empty, reply
from . import access, build, entities
from .applications import delete_principal
from .expand import expanded
from .listing import counted, listed

if TYPE_CHECKING:
    from ..routing import Router
    from ..table import Row

WRITABLE = frozenset(
    "accountEnabled alternativeNames appRoleAssignmentRequired description displayName homepage loginUrl notes "
    "notificationEmailAddresses preferredSingleSignOnMode replyUrls samlSingleSignOnSettings servicePrincipalNames "
    "servicePrincipalType tags".split()
)


def register(router: Router) -> None:
    """Register the routes."""
    router.add("servicePrincipals.list", principals)
    router.also("GET", "/servicePrincipals/$count", count, like="servicePrincipals.list")
    router.add("servicePrincipals.create", create)
    router.add("servicePrincipals.get", principal)
    router.add("servicePrincipals.get_by_appId", principal_by_key)
    router.also("PATCH", "/servicePrincipals/{id}", update, like="servicePrincipals.create")
    router.add("servicePrincipals.delete", delete)


def principals(ctx: Context) -> Reply:
    """List service principals."""
    rows = ctx.tenant.service_principals.all_as_of(ctx.tenant.replica())
    return listed(ctx, rows, "servicePrincipal", "servicePrincipals")


def count(ctx: Context) -> Reply:
    """Count service principals."""
    return counted(ctx, ctx.tenant.service_principals.all_as_of(ctx.tenant.replica()), "servicePrincipal")


def shown(ctx: Context, row: Row, status: int = 200) -> Reply:
    """Answer a service principal."""
    context = entities.context_of("servicePrincipals", ctx.query, "servicePrincipal", entity=True)
    select = entities.selection(ctx.query, "servicePrincipal")
    return reply(
        {
            "@odata.context": ctx.context(context),
            **entities.show(row, "servicePrincipal", select),
            **expanded(ctx, row, "servicePrincipal"),
        },
        status,
    )


def principal(ctx: Context) -> Reply:
    """Show one."""
    return shown(ctx, access.principal(ctx, ctx.tenant.replica()))


def principal_by_key(ctx: Context) -> Reply:
    """Show one, found by appId."""
    ctx.params["id"] = ctx.params["appId"]
    return principal(ctx)


def values_of(body: Row) -> Row:
    """Return the properties that a request writes."""
    values = {name: value for name, value in body.items() if not name.startswith("@") and name != "appId"}
    for name, value in values.items():
        if name not in properties("servicePrincipal"):
            raise bad_request(f"Invalid property '{name}'.", "Request_BadRequest")
        if name not in WRITABLE:
            raise invalid(name, "ServicePrincipal", f"Property '{name}' is read-only and cannot be set.")
        if name in ("accountEnabled", "appRoleAssignmentRequired") and not isinstance(value, bool):
            raise invalid(name, "ServicePrincipal")
        if name in ("tags", "replyUrls", "servicePrincipalNames") and not isinstance(value, list):
            raise invalid(name, "ServicePrincipal")
    return values


def create(ctx: Context) -> Reply:
    """Create the service principal of an application of this tenant."""
    body, tenant = ctx.json(), ctx.tenant
    app_id = str(body.get("appId") or "")
    values = values_of(body)
    if tenant.principal_by(app_id) is not None:
        raise known("sp_conflict", app_id=app_id)
    backing = tenant.application_by(app_id, tenant.lag)
    if backing is None:
        raise known("repl_no_backing_app", app_id=app_id)
    access.require_owned(ctx, backing)
    row = build.service_principal(
        tenant,
        backing["appId"],
        backing["displayName"],
        servicePrincipalNames=[backing["appId"], *backing["identifierUris"]],
        signInAudience=backing["signInAudience"],
        appRoles=backing["appRoles"],
        createdByAppId=ctx.bearer.app_id,
        _owners=[ctx.bearer.oid] if access.only_owned(ctx) else [],
    )
    return shown(ctx, tenant.service_principals.put(row | values), 201)


def update(ctx: Context) -> Reply:
    """Change one."""
    row = access.principal_to_change(ctx)
    ctx.tenant.service_principals.change(row, **values_of(ctx.json()))
    return empty(204)


def delete(ctx: Context) -> Reply:
    """Delete one with its grants."""
    delete_principal(ctx, access.principal_to_change(ctx))
    return empty(204)
