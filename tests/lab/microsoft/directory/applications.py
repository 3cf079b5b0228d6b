# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications: list, create, read, change, upsert by uniqueName, delete, deleted items."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from ..errors import invalid, known, new_id
from ..http import Context, Reply, empty, reply
from . import access, build, entities
from .application_values import checked
from .expand import expanded
from .listing import counted, listed

if TYPE_CHECKING:
    from ..routing import Router
    from ..table import Row

DELETED = "/directory/deletedItems"


def register(router: Router) -> None:
    """Register the routes."""
    router.add("applications.list", applications)
    router.also("GET", "/applications/$count", count, like="applications.list")
    router.add("applications.create", create)
    router.add("applications.upsert", upsert)
    router.add("applications.get", application)
    router.add("applications.get_by_appId", application_by_key)
    router.add("applications.update", update)
    router.add("applications.delete", delete)
    for kind in ("application", "servicePrincipal"):
        router.also("GET", f"{DELETED}/microsoft.graph.{kind}", deleted_items, like="applications.list")
    router.also("GET", f"{DELETED}/{{id}}", deleted_item, like="applications.get")
    router.also("POST", f"{DELETED}/{{id}}/restore", restore, like="applications.update")
    router.also("DELETE", f"{DELETED}/{{id}}", purge, like="applications.delete")


def applications(ctx: Context) -> Reply:
    """List applications."""
    return listed(ctx, ctx.tenant.applications.all_as_of(ctx.tenant.replica()), "application", "applications")


def count(ctx: Context) -> Reply:
    """Count applications."""
    return counted(ctx, ctx.tenant.applications.all_as_of(ctx.tenant.replica()), "application")


def shown(ctx: Context, row: Row, status: int = 200) -> Reply:
    """Answer an application."""
    context = entities.context_of("applications", ctx.query, "application", entity=True)
    select = entities.selection(ctx.query, "application")
    return reply(
        {
            "@odata.context": ctx.context(context),
            **entities.show(row, "application", select),
            **expanded(ctx, row, "application"),
        },
        status,
    )


def application(ctx: Context) -> Reply:
    """Show one."""
    return shown(ctx, access.application(ctx, ctx.tenant.replica()))


def application_by_key(ctx: Context) -> Reply:
    """Show one, found by appId."""
    ctx.params["id"] = ctx.params["appId"]
    return application(ctx)


def create(ctx: Context) -> Reply:
    """Create an application; one that may write only what it owns becomes its owner."""
    return shown(ctx, made(ctx, ctx.json()), 201)


def made(ctx: Context, body: Row, **fixed: str) -> Row:
    """Make an application of a request."""
    if "displayName" not in body:
        raise invalid(
            "displayName", "Application", "A value is required for property 'displayName' of resource 'Application'."
        )
    tenant = ctx.tenant
    begun = build.application(tenant, new_id(), body["displayName"], createdByAppId=ctx.bearer.app_id)
    values = checked(tenant, {**body, **fixed}, begun)
    if access.only_owned(ctx):
        begun["_owners"] = [ctx.bearer.oid]
    return tenant.applications.put(begun | values)


def changed(ctx: Context, row: Row, body: Row) -> Reply:
    """Change an application."""
    values = checked(ctx.tenant, body, row)
    left = {one["keyId"] for one in {**row, **values}["passwordCredentials"]}
    secrets = {key: text for key, text in row["_secrets"].items() if key in left}
    ctx.tenant.applications.change(row, **values, _secrets=secrets)
    if "displayName" in values:
        principal = ctx.tenant.principal_by(row["appId"])
        if principal is not None:
            names = {"displayName": values["displayName"], "appDisplayName": values["displayName"]}
            ctx.tenant.service_principals.change(principal, **names)
    return empty(204)


def update(ctx: Context) -> Reply:
    """Change one."""
    return changed(ctx, access.application_to_change(ctx), ctx.json())


def upsert(ctx: Context) -> Reply:
    """Change the one with a uniqueName; with ``Prefer: create-if-missing`` create it when there is none."""
    name = ctx.params["uniqueName"]
    row = ctx.tenant.applications.find(lambda one: one["uniqueName"] == str(name))
    body = ctx.json()
    if row is not None:
        access.require_owned(ctx, row)
        return changed(ctx, row, body)
    if not ctx.prefers("create-if-missing"):
        raise known("repl_resource_not_found", name=name)
    return shown(ctx, made(ctx, body, uniqueName=str(name)), 201)


def delete(ctx: Context) -> Reply:
    """Move an application and its service principal to the deleted items."""
    row = access.application_to_change(ctx)
    tenant = ctx.tenant
    principal = tenant.principal_by(row["appId"])
    if principal is not None:
        delete_principal(ctx, principal)
    tenant.applications.remove(row["id"])
    tenant.deleted.put({**copy.deepcopy(row), "deletedDateTime": tenant.clock.text()})
    return empty(204)


def delete_principal(ctx: Context, principal: Row) -> None:
    """Move a service principal to the deleted items; its grants are gone."""
    tenant = ctx.tenant
    for one in tenant.assignments:
        if principal["id"] in (one["principalId"], one["resourceId"]):
            tenant.assignments.remove(one["id"])
    for grant in tenant.permission_grants:
        if principal["id"] in (grant["clientId"], grant["resourceId"]):
            tenant.permission_grants.remove(grant["id"])
    tenant.service_principals.remove(principal["id"])
    tenant.deleted.put({**copy.deepcopy(principal), "deletedDateTime": tenant.clock.text()})


def deleted_items(ctx: Context) -> Reply:
    """List deleted applications or service principals."""
    kind = "application" if ctx.path.lower().endswith("application") else "servicePrincipal"
    rows = [row for row in ctx.tenant.deleted.all_as_of(ctx.tenant.replica()) if entities.kind_of(row) == kind]
    return listed(ctx, rows, kind, f"{kind}s")


def find_deleted(ctx: Context) -> Row:
    """Return the deleted item of the path."""
    found = ctx.tenant.deleted.get(ctx.params["id"])
    if found is None:
        raise known("user_missing_directory", name=ctx.params["id"])
    return found


def deleted_item(ctx: Context) -> Reply:
    """Show a deleted item."""
    context = ctx.context("directoryObjects/$entity")
    return reply({"@odata.context": context, **entities.show_object(find_deleted(ctx), ctx.query.get("$select"))})


def restore(ctx: Context) -> Reply:
    """Bring a deleted item back; an application brings its service principal along."""
    row = find_deleted(ctx)
    tenant = ctx.tenant
    access.require_owned(ctx, row)
    for one in [other for other in tenant.deleted if other["appId"] == row["appId"]]:
        tenant.deleted.remove(one["id"])
        table = tenant.applications if entities.kind_of(one) == "application" else tenant.service_principals
        table.put({**one, "deletedDateTime": None})
    return reply({"@odata.context": ctx.context("directoryObjects/$entity"), **entities.show_object(row)})


def purge(ctx: Context) -> Reply:
    """Delete a deleted item for good."""
    row = find_deleted(ctx)
    access.require_owned(ctx, row)
    ctx.tenant.deleted.remove(row["id"])
    return empty(204)
