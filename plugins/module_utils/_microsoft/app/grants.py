# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: application permissions that are wanted, requested by a registration, and consented to.

A request (requiredResourceAccess) grants nothing; a grant is an app role assignment of the service principal. Both are
compared with what is wanted, each permission together with its resource.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import (
    ROLE,
    Grant,
    Resource,
    Role,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import (
    EXCHANGE_APP_ID,
    GRAPH_APP_ID,
    NONEXISTENT,
)

RESOURCES: Mapping[str, str] = {
    "microsoft graph": GRAPH_APP_ID,
    "office 365 exchange online": EXCHANGE_APP_ID,
}
"""APIs that may be given by their names."""

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Wanted:
    """A permission by name; value None only puts the resource among those that a purge may touch."""

    resource: str
    value: str | None


def is_guid(value: str) -> bool:
    """Does this look like the id of an object?"""
    return _GUID.fullmatch(value) is not None


def parse(given: Sequence[Any]) -> tuple[list[Wanted], list[str]]:
    """The option ``permissions``: names of Microsoft Graph's permissions, or {resource, value}; and its faults."""
    wanted: list[Wanted] = []
    problems: list[str] = []
    for position, item in enumerate(given):
        where = f"permissions[{position}]"
        entry = {"value": item} if isinstance(item, str) else item
        if not isinstance(entry, Mapping) or not entry or entry.keys() - {"resource", "value"}:
            problems.append(f"{where} must be a name such as Calendars.ReadWrite, or resource and value: {item!r}")
            continue
        resource, value = entry.get("resource", "Microsoft Graph"), entry.get("value")
        if not (value is None or isinstance(value, str)) or value == "":
            problems.append(f"{where}: value must be the name of a permission: {value!r}")
            continue
        app_id = _resource_id(resource)
        if app_id is None:
            problems.append(
                f"{where}: resource must be the application id of an API, Microsoft Graph or Office 365 Exchange "
                f"Online: {resource!r}"
            )
            continue
        wanted.append(Wanted(app_id, value))
    return list(dict.fromkeys(wanted)), problems


def _resource_id(resource: Any) -> str | None:
    if not isinstance(resource, str):
        return None
    return resource.lower() if is_guid(resource) else RESOURCES.get(resource.lower())


def scope_of(wanted: Iterable[Wanted]) -> list[str]:
    """The resources whose permissions a task looks after; Microsoft Graph is always one of them."""
    return list(dict.fromkeys([GRAPH_APP_ID, *(item.resource for item in wanted)]))


def resolve(wanted: Iterable[Wanted], resources: Mapping[str, Resource | None]) -> tuple[list[Role], list[str]]:
    """Permissions with their ids as the resource itself publishes them; and what it does not publish, all at once."""
    roles: list[Role] = []
    problems: list[str] = []
    missing: set[str] = set()
    for item in wanted:
        resource = resources.get(item.resource)
        if resource is None:
            if item.resource not in missing:
                missing.add(item.resource)
                problems.append(
                    f"the API {item.resource} has no service principal in this tenant, so none of its permissions can "
                    f"be granted; check the id"
                )
        elif item.value is None:
            continue
        elif item.value in resource.roles:
            roles.append(role_of(resource, resource.roles[item.value]))
        else:
            problems.append(_why_unknown(item.value, resource))
    return roles, problems


def role_of(resource: Resource, role_id: str) -> Role:
    """A permission of a resource by its id."""
    graph = resource.app_id == GRAPH_APP_ID
    value = resource.value_of(role_id)
    return Role(resource.app_id, role_id.lower(), value, resource.name, resource.object_id, graph)


def _why_unknown(value: str, resource: Resource) -> str:
    """Explain a permission that can't be granted, and say which one may be meant."""
    if resource.app_id == GRAPH_APP_ID and value in NONEXISTENT:
        return NONEXISTENT[value]
    name = resource.name or resource.app_id
    wrong = f"permission {value}"
    if value in resource.unavailable:
        return f"{wrong}: {name} has it, but not for applications, or has switched it off"
    names = {known.lower(): known for known in resource.roles}
    if value.lower() in names:
        return f"{wrong} is written {names[value.lower()]}"
    near = difflib.get_close_matches(value.lower(), names, n=3, cutoff=0.75)
    hint = f"; similar ones are {', '.join(names[match] for match in near)}" if near else ""
    return f"{wrong}: {name} has no application permission of this name (it may be a delegated one){hint}"


# -- requests ----------------------------------------------------------------------------------------------------------


def requested(required: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(resource, role id) of each application permission that a registration requests."""
    return [
        (str(entry["resourceAppId"]).lower(), str(access["id"]).lower())
        for entry in required
        for access in entry.get("resourceAccess") or []
        if access.get("type") == ROLE
    ]


def merged(
    required: Sequence[Mapping[str, Any]], roles: Iterable[Role], removed: Iterable[Role] = ()
) -> list[dict[str, Any]]:
    """Requests (requiredResourceAccess) with these permissions added and those removed; all else as it was, in its order."""
    entries: list[dict[str, Any]] = [
        {**entry, "resourceAccess": [dict(access) for access in entry.get("resourceAccess") or []]}
        for entry in required
    ]
    drop = {(role.resource, role.id) for role in removed}
    for entry in entries:
        resource = str(entry["resourceAppId"]).lower()
        entry["resourceAccess"] = [
            access
            for access in entry["resourceAccess"]
            if access.get("type") != ROLE or (resource, str(access["id"]).lower()) not in drop
        ]
    known = set(requested(entries))
    for role in roles:
        if (role.resource, role.id) in known:
            continue
        known.add((role.resource, role.id))
        same = [entry for entry in entries if str(entry["resourceAppId"]).lower() == role.resource]
        if not same:
            same = [{"resourceAppId": role.resource, "resourceAccess": []}]
            entries.extend(same)
        same[0]["resourceAccess"].append({"id": role.id, "type": ROLE})
    return [entry for entry in entries if entry["resourceAccess"]]


# -- grants ------------------------------------------------------------------------------------------------------------


def granted(found: Iterable[Grant], resources: Iterable[Resource]) -> dict[Role, Grant]:
    """Assignments by permission. Those of APIs that could not be read keep the id of the role as its name."""
    by_id = {resource.object_id: resource for resource in resources}
    result: dict[Role, Grant] = {}
    for grant in found:
        resource = by_id.get(grant.resource_id)
        if resource is None:
            role = Role(
                grant.resource_id, grant.role_id, grant.role_id, grant.resource_name, grant.resource_id, graph=False
            )
        else:
            role = role_of(resource, grant.role_id)
        result[role] = grant
    return result


def named(pairs: Iterable[tuple[str, str]], resources: Mapping[str, Resource | None]) -> list[Role]:
    """Requested permissions with their names, as far as their resources are known."""
    roles = []
    for app_id, role_id in pairs:
        resource = resources.get(app_id)
        roles.append(role_of(resource, role_id) if resource else Role(app_id, role_id, role_id, graph=False))
    return roles


def labels(roles: Iterable[Role]) -> list[str]:
    """Names of permissions, each once, in order."""
    return list(dict.fromkeys(role.label for role in roles))
