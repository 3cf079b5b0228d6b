# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Consent to delegated permissions: oauth2PermissionGrants."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from ..errors import GraphError, invalid, known
from ..http import Context, Reply, empty, reply
from ..signin.keys import encode
from . import access, entities
from .listing import listed

if TYPE_CHECKING:
    from ..routing import Router
    from ..table import Row

KIND = "oAuth2PermissionGrant"
SET = "oauth2PermissionGrants"


def register(router: Router) -> None:
    """Register the routes."""
    router.add(f"{SET}.list", grants)
    router.also("GET", f"/servicePrincipals/{{id}}/{SET}", grants_of, like=f"{SET}.list")
    router.add(f"{SET}.create", create)
    router.also("GET", f"/{SET}/{{id}}", grant, like=f"{SET}.list")
    router.also("PATCH", f"/{SET}/{{id}}", update, like=f"{SET}.create")
    router.also("DELETE", f"/{SET}/{{id}}", delete, like=f"{SET}.create")


def grants(ctx: Context) -> Reply:
    """List consents."""
    return listed(ctx, ctx.tenant.permission_grants.all_as_of(ctx.tenant.replica()), KIND, SET)


def grants_of(ctx: Context) -> Reply:
    """List the consents of one client."""
    lag = ctx.tenant.replica()
    owner = access.principal(ctx, lag)
    rows = [row for row in ctx.tenant.permission_grants.all_as_of(lag) if row["clientId"] == owner["id"]]
    return listed(ctx, rows, KIND, SET)


def find(ctx: Context, lag: float) -> Row:
    """Return the consent of the path."""
    row = ctx.tenant.permission_grants.as_of(ctx.params["id"], lag)
    if row is None:
        raise known("repl_resource_not_found", name=ctx.params["id"])
    return row


def shown(ctx: Context, row: Row, status: int = 200) -> Reply:
    """Answer a consent."""
    select = entities.selection(ctx.query, KIND)
    return reply({"@odata.context": ctx.context(f"{SET}/$entity"), **entities.show(row, KIND, select)}, status)


def grant(ctx: Context) -> Reply:
    """Show one consent."""
    return shown(ctx, find(ctx, ctx.tenant.replica()))


def create(ctx: Context) -> Reply:
    """Consent for everybody (AllPrincipals) or one user (Principal)."""
    tenant, body = ctx.tenant, ctx.json()
    consent, user = body.get("consentType"), body.get("principalId")
    if consent not in ("AllPrincipals", "Principal") or (consent == "Principal") != bool(user):
        raise invalid("consentType", "OAuth2PermissionGrant")
    client = tenant.service_principals.as_of(str(body.get("clientId")), tenant.lag)
    resource = tenant.service_principals.as_of(str(body.get("resourceId")), tenant.lag)
    if client is None or resource is None:
        raise known("assign_not_valid_reference")
    parts = uuid.UUID(client["id"]).bytes_le + uuid.UUID(resource["id"]).bytes_le
    identity = encode(parts + (uuid.UUID(str(user)).bytes_le if user else b""))
    if tenant.permission_grants.get(identity) is not None:
        raise GraphError(409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.")
    row = {
        "clientId": client["id"],
        "consentType": consent,
        "id": identity,
        "principalId": user,
        "resourceId": resource["id"],
        "scope": str(body.get("scope") or ""),
    }
    return shown(ctx, tenant.permission_grants.put(row), 201)


def update(ctx: Context) -> Reply:
    """Change the scopes of a consent."""
    row = find(ctx, ctx.tenant.lag)
    ctx.tenant.permission_grants.change(row, scope=str(ctx.json().get("scope", row["scope"])))
    return empty(204)


def delete(ctx: Context) -> Reply:
    """Take a consent back."""
    ctx.tenant.permission_grants.remove(find(ctx, ctx.tenant.lag)["id"])
    return empty(204)
