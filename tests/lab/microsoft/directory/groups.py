# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups: list, read, create, members (also nested ones), references to members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import GraphError, bad_request, invalid, known, new_id
from ..http import Context, Reply, empty, reply
from . import build, entities
from .expand import expanded
from .listing import counted, listed, listed_objects
from .owners import already_there, referred

if TYPE_CHECKING:
    from ..routing import Router
    from ..table import Row

READS_USERS = frozenset(
    ("User.Read.All", "User.ReadBasic.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
)


def register(router: Router) -> None:
    """Register the routes."""
    router.add("groups.list", groups)
    router.also("GET", "/groups/$count", count, like="groups.list")
    router.add("groups.get", group)
    router.add("groups.create", create)
    router.also("DELETE", "/groups/{id}", delete, like="groups.create")
    router.add("groups.members", members)
    router.add("groups.members_cast", members)
    router.add("groups.transitiveMembers", members)
    for side in ("members", "transitiveMembers"):
        for kind in ("user", "group", "servicePrincipal"):
            router.also("GET", f"/groups/{{id}}/{side}/microsoft.graph.{kind}", members, like=f"groups.{side}")
        router.also("GET", f"/groups/{{id}}/{side}/$count", members_count, like=f"groups.{side}")
    router.also("POST", "/groups/{id}/members/$ref", add_member, like="groups.create")
    router.also("DELETE", "/groups/{id}/members/{member}/$ref", remove_member, like="groups.create")
    for side in ("memberOf", "transitiveMemberOf"):
        router.also("GET", f"/groups/{{id}}/{side}", member_of, like="groups.members")


def find(ctx: Context, lag: float) -> Row:
    """Return the group of the path."""
    key = ctx.params["id"]
    row = ctx.tenant.groups.as_of(key, lag)
    if row is None and key.by == "uniquename":
        row = ctx.tenant.groups.find(lambda one: one["uniqueName"] == str(key), lag)
    if row is None:
        raise known("repl_resource_not_found", name=key)
    return row


def groups(ctx: Context) -> Reply:
    """List groups."""
    return listed(ctx, ctx.tenant.groups.all_as_of(ctx.tenant.replica()), "group", "groups")


def count(ctx: Context) -> Reply:
    """Count groups."""
    return counted(ctx, ctx.tenant.groups.all_as_of(ctx.tenant.replica()), "group")


def shown(ctx: Context, row: Row, status: int = 200) -> Reply:
    """Answer a group."""
    context = entities.context_of("groups", ctx.query, "group", entity=True)
    select = entities.selection(ctx.query, "group")
    return reply(
        {"@odata.context": ctx.context(context), **entities.show(row, "group", select), **expanded(ctx, row, "group")},
        status,
    )


def group(ctx: Context) -> Reply:
    """Show one group."""
    return shown(ctx, find(ctx, ctx.tenant.replica()))


def create(ctx: Context) -> Reply:
    """Create a security or Microsoft 365 group; those with mail and security are Exchange's to make."""
    body, tenant = ctx.json(), ctx.tenant
    for name in ("displayName", "mailEnabled", "mailNickname", "securityEnabled"):
        if body.get(name) in (None, ""):
            raise invalid(name, "Group", f"A value is required for property '{name}' of resource 'Group'.")
    unified = "Unified" in (body.get("groupTypes") or [])
    if body["mailEnabled"] and not unified:
        message = (
            "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement"
            " property is unset and the security-enablement property is set."
        )
        raise GraphError(400, "Request_BadRequest", message)
    kind = "microsoft365" if unified else "security"
    row = build.group(tenant, f"{body['mailNickname']}@{tenant.domains[0]}", body["displayName"], kind, [])
    row |= {"id": new_id(), "createdDateTime": tenant.clock.text(), "description": body.get("description")}
    row["securityEnabled"] = bool(body["securityEnabled"])
    return shown(ctx, tenant.groups.put(row), 201)


def delete(ctx: Context) -> Reply:
    """Delete a group."""
    ctx.tenant.groups.remove(writable(ctx)["id"])
    return empty(204)


def members_of(ctx: Context) -> list[Row]:
    """Return the members that the path asks for."""
    lag = ctx.tenant.replica()
    return ctx.tenant.members_of(find(ctx, lag), transitive="/transitivemembers" in ctx.path.lower(), lag=lag)


def members(ctx: Context) -> Reply:
    """List members; a cast makes it a list of one type."""
    rows = members_of(ctx)
    cast = ctx.path.lower().rpartition("graph.")[2]
    kinds = {kind.lower(): kind for kind in entities.ODATA_TYPES}
    if "graph." in ctx.path.lower() and cast in kinds:
        rows = [row for row in rows if entities.kind_of(row) == kinds[cast]]
        return listed(ctx, [visible(ctx, row) for row in rows], kinds[cast], f"{kinds[cast]}s")
    return listed_objects(ctx, [visible(ctx, row) for row in rows])


def visible(ctx: Context, row: Row) -> Row:
    """Return a member without what the bearer may not read of its type: values are null (group-list-members.md)."""
    if "userPrincipalName" not in row or READS_USERS & ctx.bearer.roles:
        return row
    return {name: value if name == "id" else None for name, value in row.items()}


def members_count(ctx: Context) -> Reply:
    """Count members."""
    return counted(ctx, members_of(ctx), "user")


def member_of(ctx: Context) -> Reply:
    """List the groups that a group is in."""
    lag = ctx.tenant.replica()
    row = find(ctx, lag)
    return listed_objects(
        ctx, ctx.tenant.groups_of(row["id"], transitive="/transitivememberof" in ctx.path.lower(), lag=lag)
    )


def writable(ctx: Context) -> Row:
    """Return the group a write is about; groups that belong to Exchange are refused."""
    row = ctx.tenant.groups.get(find(ctx, ctx.tenant.lag)["id"])
    if row is None:
        raise known("repl_resource_not_found", name=ctx.params["id"])
    if row["mailEnabled"] and "Unified" not in row["groupTypes"]:
        raise bad_request(
            "Cannot Update a mail-enabled security groups and or distribution list.", "Request_BadRequest"
        )
    return row


def add_member(ctx: Context) -> Reply:
    """Add a member."""
    row = writable(ctx)
    member = referred(ctx, ctx.json())
    if member["id"] in row["_members"]:
        raise already_there("members")
    ctx.tenant.groups.change(row, _members=[*row["_members"], member["id"]])
    return empty(204)


def remove_member(ctx: Context) -> Reply:
    """Take a member away."""
    row, member = writable(ctx), ctx.params["member"].lower()
    if member not in row["_members"]:
        raise known("repl_resource_not_found", name=member)
    ctx.tenant.groups.change(row, _members=[one for one in row["_members"] if one != member])
    return empty(204)
