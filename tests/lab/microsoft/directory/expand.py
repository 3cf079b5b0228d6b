# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""$expand: related objects inside an answer, twenty of each at most (documented for members)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import bad_request
from . import entities

if TYPE_CHECKING:
    from ..http import Context
    from ..table import Row

MOST = 20
PART = re.compile(r"(?P<name>[A-Za-z]+)(?:\(\$select=(?P<select>[A-Za-z0-9_,]+)\))?")
Related = Callable[["Context", "Row"], Any]


def _objects(ctx: Context, ids: list[str]) -> list[Row]:
    return [row for one in ids if (row := ctx.tenant.object_by(one)) is not None]


def _manager(ctx: Context, row: Row) -> Row | None:
    return ctx.tenant.users.get(row["_manager"])


def _members(ctx: Context, row: Row) -> list[Row]:
    return _objects(ctx, row["_members"])


def _owners(ctx: Context, row: Row) -> list[Row]:
    return _objects(ctx, row["_owners"])


def _groups(ctx: Context, row: Row) -> list[Row]:
    return ctx.tenant.groups_of(row["id"], transitive=False)


RELATED: dict[str, dict[str, Related]] = {
    "user": {"manager": _manager, "memberOf": _groups},
    "group": {"members": _members, "owners": _owners, "memberOf": _groups},
    "application": {"owners": _owners},
    "servicePrincipal": {"owners": _owners, "memberOf": _groups},
}
GRANTS = {"appRoleAssignments": "principalId", "appRoleAssignedTo": "resourceId"}


def expanded(ctx: Context, row: Row, kind: str) -> Row:
    """Return what the $expand of a request adds to an object; 400 for what its type does not have."""
    text = ctx.query.get("$expand", "")
    added: Row = {}
    for part in re.split(r",(?![^(]*\))", text) if text else []:
        found = PART.fullmatch(part.strip())
        name = found["name"] if found else part
        if found and kind == "servicePrincipal" and name in GRANTS:
            rows = [one for one in ctx.tenant.assignments if one[GRANTS[name]] == row["id"]]
            added[name] = [entities.show(one, "appRoleAssignment") for one in rows[:MOST]]
        elif found and name in RELATED.get(kind, {}):
            value = RELATED[kind][name](ctx, row)
            added[name] = shown(value, found["select"])
        else:
            message = f"Could not find a property named '{name}' on type 'microsoft.graph.{kind}'."
            raise bad_request(f"Parsing OData Select and Expand failed: {message}")
    return added


def shown(value: Any, select: str | None) -> Any:
    """Return what is shown of one related object or several."""
    if isinstance(value, list):
        return [entities.show_object(one, select) for one in value[:MOST]]
    return None if value is None else entities.show_object(value, select)
