# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange's roles through Graph: ``/beta/roleManagement/exchange``. They are the ones that the cmdlets show.

Requests as a client sends them (pnp/cli-microsoft365, exo approleassignment add). Inferred: an assignment makes the pointer
to a service principal that has none; texts of refusals.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import GraphError, bad_request
from ..http import Context, Reply, empty, reply
from ..odata import Filter
from ..table import Row
from . import opath
from .recipients import sid_of
from .scopes import APPLICATION_ROLES
from .state import EVERYWHERE, NAMESPACE, ManagementScope, Pointer, Reach, RoleAssignment

if TYPE_CHECKING:
    from ..routing import Router
    from ..state import Tenant

START = "roleManagement/exchange"
SCOPES = {"users": "user", "groups": "group", "administrativeunits": "unit"}
PREFIXES = {"user": "/Users", "group": "/Groups", "unit": "/AdministrativeUnits"}


def register(router: Router) -> None:
    """Register the routes."""
    router.add("exchange.roleDefinitions.list", list_definitions)
    router.add("exchange.roleAssignments.list", list_assignments)
    router.add("exchange.roleAssignments.create", create_assignment)
    router.add("exchange.roleAssignments.delete", delete_assignment)
    router.add("exchange.customAppScopes.list", list_scopes)
    router.add("exchange.customAppScopes.create", create_scope)
    router.add("exchange.customAppScopes.delete", delete_scope)
    for name, one in (("roleDefinitions", definition), ("roleAssignments", assignment), ("customAppScopes", scope)):
        router.also("GET", f"/{START}/{name}/{{id}}", one, like=f"exchange.{name}.list")


def missing(name: object) -> GraphError:
    """Return the 404 of an id."""
    return GraphError(404, "ResourceNotFound", f"Resource '{name}' does not exist.")


def definition_id(role: str) -> str:
    """Return the id of a role."""
    return str(uuid.uuid5(NAMESPACE, role))


def definition_row(role: str) -> Row:
    """Return a role."""
    return {
        "id": definition_id(role),
        "description": f"Allows an application to use {APPLICATION_ROLES[role]} in the mailboxes of its scope.",
        "displayName": role,
        "isEnabled": True,
        "isBuiltIn": True,
        "templateId": None,
        "version": "0.12 (14.0.451.0)",
        "rolePermissions": [{"allowedResourceActions": [APPLICATION_ROLES[role]], "condition": None}],
    }


def assignment_row(one: RoleAssignment) -> Row:
    """Return an assignment."""
    directory: str | None = "/"
    for key, prefix in PREFIXES.items():
        if getattr(one.reach, key):
            directory = f"{prefix}/{getattr(one.reach, key)}"
    return {
        "id": one.guid,
        "principalId": f"/ServicePrincipals/{one.app}",
        "roleDefinitionId": definition_id(one.role),
        "directoryScopeId": None if one.reach.custom_scope else directory,
        "appScopeId": one.reach.custom_scope,
    }


def scope_row(one: ManagementScope) -> Row:
    """Return a scope."""
    return {
        "id": one.guid,
        "type": "RecipientScope",
        "displayName": one.name,
        "customAttributes": {"Exclusive": one.exclusive, "RecipientFilter": one.recipient_filter},
    }


def listed(ctx: Context, name: str, rows: list[Row], kind: str) -> Reply:
    """Answer a list."""
    text = ctx.query.get("$filter", "").strip()
    if text:
        fits = Filter(text, kind).match
        rows = [row for row in rows if fits(row)]
    names = [part.strip() for part in ctx.query.get("$select", "").split(",") if part.strip()]
    shown = [{key: row[key] for key in row if not names or key in names} for row in rows]
    return reply({"@odata.context": ctx.context(f"{START}/{name}"), "value": shown})


def one_of(ctx: Context, name: str, rows: list[Row], status: int = 200) -> Reply:
    """Answer the row of the id in the path, or the only one."""
    wanted = ctx.params.get("id")
    found = next((row for row in rows if wanted is None or row["id"] == wanted), None)
    if found is None:
        raise missing(wanted)
    return reply({"@odata.context": ctx.context(f"{START}/{name}/$entity"), **found}, status)


def list_definitions(ctx: Context) -> Reply:
    """List the roles that applications can have."""
    return listed(ctx, "roleDefinitions", [definition_row(role) for role in APPLICATION_ROLES], "unifiedRoleDefinition")


def definition(ctx: Context) -> Reply:
    """Show a role."""
    return one_of(ctx, "roleDefinitions", [definition_row(role) for role in APPLICATION_ROLES])


def list_assignments(ctx: Context) -> Reply:
    """List the assignments."""
    rows = [assignment_row(one) for one in ctx.tenant.exchange.current.assignments]
    return listed(ctx, "roleAssignments", rows, "unifiedRoleAssignment")


def assignment(ctx: Context) -> Reply:
    """Show an assignment."""
    return one_of(ctx, "roleAssignments", [assignment_row(one) for one in ctx.tenant.exchange.current.assignments])


def create_assignment(ctx: Context) -> Reply:
    """Give an application a role, within one scope."""
    given, exchange = ctx.json(), ctx.tenant.exchange
    role = next((one for one in APPLICATION_ROLES if definition_id(one) == given.get("roleDefinitionId")), None)
    if role is None:
        raise bad_request("The role definition of the assignment was not found.")
    wanted, chosen = given.get("directoryScopeId"), given.get("appScopeId")
    if (wanted is None) == (chosen is None):
        raise bad_request("Exactly one of directoryScopeId and appScopeId must be given.")
    owner = pointer_of(ctx.tenant, str(given.get("principalId") or ""))
    one = RoleAssignment(
        exchange.new_guid(),
        f"{role}-{owner.object_id}"[:58] + f"-{exchange.made}",
        role,
        owner.object_id,
        custom(ctx.tenant, str(chosen)) if chosen else directory_scope(ctx.tenant, str(wanted)),
    )
    if any(
        assignment_row(other) | {"id": ""} == assignment_row(one) | {"id": ""} for other in exchange.current.assignments
    ):
        raise GraphError(409, "Conflict", "The role assignment already exists.")
    exchange.change(assignments=(*exchange.current.assignments, one))
    return one_of(ctx, "roleAssignments", [assignment_row(one)], 201)


def pointer_of(tenant: Tenant, principal: str) -> Pointer:
    """Return the pointer to ``/ServicePrincipals/<id>``; it is made when there is none."""
    start, _slash, object_id = principal.strip("/").partition("/")
    row = tenant.service_principals.as_of(object_id, tenant.lag) if start.lower() == "serviceprincipals" else None
    if row is None:
        raise bad_request(f"The principal '{principal}' was not found.")
    pointers = tenant.exchange.current.pointers
    found = next((one for one in pointers if one.object_id == row["id"]), None)
    if found is None:
        guid, sid = tenant.exchange.new_guid(), sid_of(row["id"])
        found = Pointer(row["appId"], row["id"], row["displayName"], guid, sid)
        tenant.exchange.change(pointers=(*pointers, found))
    return found


def custom(tenant: Tenant, scope_id: str) -> Reach:
    """Return the limit of an assignment to a scope of its own."""
    if not any(one.guid == scope_id for one in tenant.exchange.current.scopes):
        raise bad_request(f"The app scope '{scope_id}' was not found.")
    return Reach(custom_scope=scope_id)


def directory_scope(tenant: Tenant, text: str) -> Reach:
    """Return the limit of an assignment to ``/``, ``/users/<id>``, ``/groups/<id>`` or ``/administrativeUnits/<id>``."""
    if text == "/":
        return EVERYWHERE
    start, _slash, object_id = text.strip("/").partition("/")
    key = SCOPES.get(start.lower())
    tables = {"user": tenant.users, "group": tenant.groups}
    there = object_id in tenant.exchange.units if key == "unit" else key in tables and tables[key].get(object_id)
    if key is None or not there:
        raise bad_request(f"The directory scope '{text}' was not found.")
    return replace(EVERYWHERE, **{key: object_id})


def delete_assignment(ctx: Context) -> Reply:
    """Take a role away."""
    exchange, wanted = ctx.tenant.exchange, str(ctx.params["id"])
    left = tuple(one for one in exchange.current.assignments if one.guid != wanted)
    if len(left) == len(exchange.current.assignments):
        raise missing(wanted)
    exchange.change(assignments=left)
    return empty()


def list_scopes(ctx: Context) -> Reply:
    """List the scopes."""
    return listed(ctx, "customAppScopes", [scope_row(one) for one in ctx.tenant.exchange.current.scopes], "appScope")


def scope(ctx: Context) -> Reply:
    """Show a scope."""
    return one_of(ctx, "customAppScopes", [scope_row(one) for one in ctx.tenant.exchange.current.scopes])


def create_scope(ctx: Context) -> Reply:
    """Make a scope."""
    given, exchange = ctx.json(), ctx.tenant.exchange
    attributes, name = given.get("customAttributes"), given.get("displayName")
    if (
        not isinstance(attributes, dict)
        or not isinstance(name, str)
        or not name
        or given.get("type") != "RecipientScope"
    ):
        raise bad_request("displayName, type RecipientScope and customAttributes are required.")
    if any(one.name.lower() == name.lower() for one in exchange.current.scopes):
        raise GraphError(409, "Conflict", f"The scope '{name}' already exists.")
    text = str(attributes.get("RecipientFilter") or "")
    try:
        opath.parse(text)
    except opath.BadFilter as problem:
        raise bad_request(str(problem)) from None
    one = ManagementScope(exchange.new_guid(), name, text, exclusive=bool(attributes.get("Exclusive")))
    exchange.change(scopes=(*exchange.current.scopes, one))
    return one_of(ctx, "customAppScopes", [scope_row(one)], 201)


def delete_scope(ctx: Context) -> Reply:
    """Delete a scope that no assignment uses."""
    exchange, wanted = ctx.tenant.exchange, str(ctx.params["id"])
    if any(one.reach.custom_scope == wanted for one in exchange.current.assignments):
        raise bad_request("The scope is used by a role assignment.")
    left = tuple(one for one in exchange.current.scopes if one.guid != wanted)
    if len(left) == len(exchange.current.scopes):
        raise missing(wanted)
    exchange.change(scopes=left)
    return empty()
