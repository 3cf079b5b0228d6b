# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grants of application roles, from the side of the client (appRoleAssignments) and of the resource (appRoleAssignedTo).

Sources: serviceprincipal-post-approleassignments.md, recorded/directory, tables/errors.json (assign_*).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import invalid, known
from ..http import Context, Reply, empty, reply
from . import access, build, entities
from .application_values import GUID
from .listing import listed

if TYPE_CHECKING:
    from ..routing import Router
    from ..table import Row

SIDES = {
    "appRoleAssignments": ("principalId", "id", "clientSpId"),
    "appRoleAssignedTo": ("resourceId", "resourceSpId", "resourceSpId"),
}
"""By last segment: the property that names the object of the path, and the names of its parameter in the matrix."""
DEFAULT_ROLE = "00000000-0000-0000-0000-000000000000"


def register(router: Router) -> None:
    """Register the routes."""
    for side in SIDES:
        router.add(f"{side}.list", assignments)
        router.add(f"{side}.create", create)
        router.also("GET", f"/servicePrincipals/{{id}}/{side}/{{assignmentId}}", assignment, like=f"{side}.list")
        router.add(f"{side}.delete", delete)


def side_of(ctx: Context) -> tuple[str, str]:
    """Return the last literal segment of the path, and the property that names the object of the path."""
    side = next(name for name in SIDES if f"/{name.lower()}" in ctx.path.lower())
    return side, SIDES[side][0]


def owner_of(ctx: Context, lag: float) -> Row:
    """Return the service principal of the path."""
    name = next(name for name in ctx.params if name != "assignmentId")
    return access.principal(ctx, lag, name)


def assignments(ctx: Context) -> Reply:
    """List the grants of a client, or those on a resource."""
    side, link = side_of(ctx)
    lag = ctx.tenant.replica()
    owner = owner_of(ctx, lag)
    rows = [row for row in ctx.tenant.assignments.all_as_of(lag) if row[link] == owner["id"]]
    return listed(ctx, rows, "appRoleAssignment", f"servicePrincipals('{owner['id']}')/{side}")


def find(ctx: Context, lag: float) -> Row:
    """Return the grant of the path."""
    _side, link = side_of(ctx)
    owner = owner_of(ctx, lag)
    row = ctx.tenant.assignments.as_of(ctx.params["assignmentId"], lag)
    if row is None or row[link] != owner["id"]:
        raise known("repl_resource_not_found", name=ctx.params["assignmentId"])
    return row


def shown(ctx: Context, owner_id: str, row: Row, status: int = 200) -> Reply:
    """Answer a grant."""
    side, _link = side_of(ctx)
    context = ctx.context(f"servicePrincipals('{owner_id}')/{side}/$entity")
    select = entities.selection(ctx.query, "appRoleAssignment")
    return reply({"@odata.context": context, **entities.show(row, "appRoleAssignment", select)}, status)


def assignment(ctx: Context) -> Reply:
    """Show one grant."""
    row = find(ctx, ctx.tenant.replica())
    return shown(ctx, row[side_of(ctx)[1]], row)


def create(ctx: Context) -> Reply:
    """Grant a role; whatever the grant refers to must be known to all replicas."""
    tenant, body = ctx.tenant, ctx.json()
    _side, link = side_of(ctx)
    owner = owner_of(ctx, tenant.lag)
    for name in ("principalId", "resourceId", "appRoleId"):
        if not GUID.match(str(body.get(name))):
            raise invalid(name, "AppRoleAssignment")
    if str(body[link]).lower() != owner["id"]:
        raise invalid(link, "AppRoleAssignment")
    principal = tenant.object_by(str(body["principalId"]), tenant.lag)
    resource = tenant.service_principals.as_of(str(body["resourceId"]), tenant.lag)
    if principal is None or resource is None:
        raise known("assign_not_valid_reference")
    role = str(body["appRoleId"]).lower()
    published = {one["id"].lower() for one in resource["appRoles"]}
    if role not in published and not (role == DEFAULT_ROLE and not published):
        raise known("assign_unknown_role")
    row = build.assignment(tenant, principal, resource, role)
    if tenant.assignments.get(row["id"]) is not None:
        raise known("assign_duplicate")
    return shown(ctx, owner["id"], tenant.assignments.put(row), 201)


def delete(ctx: Context) -> Reply:
    """Take a grant back."""
    row = find(ctx, ctx.tenant.lag)
    if ctx.tenant.assignments.remove(row["id"]) is None:
        raise known("repl_resource_not_found", name=row["id"])
    return empty(204)
