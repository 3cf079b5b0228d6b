# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users: list, read, manager, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import bad_request, known
from ..http import Context, Reply, reply
from . import entities
from .expand import expanded
from .listing import counted, listed, listed_objects

if TYPE_CHECKING:
    from ..routing import Router
    from ..table import Row


def register(router: Router) -> None:
    """Register the routes."""
    router.add("users.list", users)
    router.also("GET", "/users/$count", count, like="users.list")
    router.add("users.get", user)
    router.add("users.manager", manager)
    for kind in ("memberOf", "transitiveMemberOf"):
        router.add(f"users.{kind}", groups_of)
        router.also("GET", f"/users/{{id}}/{kind}", groups_of, like=f"users.{kind}")
    for path in ("/me", "/me/{rest}", "/me/{rest}/{more}"):
        router.also("GET", path, me, like="users.get", own_check=True)


def me(_ctx: Context) -> Reply:
    """Refuse: an application is nobody."""
    raise bad_request("/me request is only valid with delegated authentication flow.")


def find(ctx: Context, lag: float) -> Row:
    """Return the user of the path."""
    found = ctx.tenant.user_by(ctx.params["id"], lag)
    if found is None:
        raise known("user_missing_directory", name=ctx.params["id"])
    return found


def users(ctx: Context) -> Reply:
    """List users."""
    return listed(ctx, ctx.tenant.users.all_as_of(ctx.tenant.replica()), "user", "users")


def count(ctx: Context) -> Reply:
    """Count users."""
    return counted(ctx, ctx.tenant.users.all_as_of(ctx.tenant.replica()), "user")


def user(ctx: Context) -> Reply:
    """Show one user, found by id or userPrincipalName."""
    return shown(ctx, find(ctx, ctx.tenant.replica()))


def shown(ctx: Context, row: Row) -> Reply:
    """Answer a user."""
    context = entities.context_of("users", ctx.query, "user", entity=True)
    own = entities.show(row, "user", entities.selection(ctx.query, "user"))
    return reply({"@odata.context": ctx.context(context), **own, **expanded(ctx, row, "user")})


def manager(ctx: Context) -> Reply:
    """Show a user's manager; 404 without one."""
    lag = ctx.tenant.replica()
    found = ctx.tenant.users.as_of(find(ctx, lag)["_manager"], lag)
    if found is None:
        raise known("user_missing_directory", name="manager")
    return reply(
        {
            "@odata.context": ctx.context("directoryObjects/$entity"),
            **entities.show_object(found, ctx.query.get("$select")),
        }
    )


def groups_of(ctx: Context) -> Reply:
    """List the groups of a user, nested ones too where the path says transitive; a cast makes it a list of groups."""
    lag = ctx.tenant.replica()
    path = ctx.path.lower()
    rows = ctx.tenant.groups_of(find(ctx, lag)["id"], transitive="transitive" in path, lag=lag)
    if "graph.group" in path.rpartition("/")[2]:
        return listed(ctx, rows, "group", "groups")
    return listed_objects(ctx, rows)
