# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the permissions that are asked for, and with the scope that is to be proved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...module_utils._microsoft.permissions import NONEXISTENT, RBAC_ROLES
from .given import ADDRESS, given, listed, truth

_PERMISSION = re.compile(r"^[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9_-]+)+$")


def permission_faults(variables: Mapping[str, Any]) -> list[str]:
    """Names that Microsoft does not know, each with what is known about it."""
    faults = []
    asked = variables.get("graph_app_permissions") or []
    for index, item in enumerate([asked] if isinstance(asked, str) else asked):
        value = str(item.get("value") or "") if isinstance(item, Mapping) else str(item)
        faults += _permission(f"graph_app_permissions[{index}]", value)
    for index, value in enumerate(listed(variables, "graph_access_permissions")):
        where = f"graph_access_permissions[{index}]"
        found = _permission(where, value)
        if not found and value not in RBAC_ROLES and given(variables, "graph_access_kind") == "rbac":
            found = [f"{where}: {value!r} has no role in Exchange, so it cannot be scoped there"]
        faults += found
    return faults


def _permission(where: str, value: str) -> list[str]:
    if value in NONEXISTENT:
        return [f"{where}: {NONEXISTENT[value]}"]
    if not _PERMISSION.match(value):
        return [f"{where}: {value!r} is not the name of an application permission such as Calendars.ReadWrite"]
    return []


def managed_scope_faults(variables: Mapping[str, Any]) -> list[str]:
    """What the role graph_access needs in order to limit the app."""
    name = "graph_access_groups"
    groups = listed(variables, name)
    if truth(variables, "graph_access_waived"):
        return []
    if not groups:
        fault = (
            f"{name}: is empty; name the mail-enabled security groups whose members' mailboxes the app may reach "
            "(or set graph_access_waived: true, and every mailbox of the organisation stays open to it)"
        )
        return [fault]
    return [f"{name}: {group!r} is not the mail address of a group" for group in groups if not ADDRESS.match(group)]


def proof_faults(variables: Mapping[str, Any]) -> list[str]:
    """What the proof of the scope needs: a mailbox that must be refused."""
    name = "graph_access_denied_mailboxes"
    denied = listed(variables, name)
    if truth(variables, "graph_access_waived"):
        return []
    if not denied:
        fault = (
            f"{name}: is empty; name a mailbox that the app must not reach, such as that of a person who is in none of "
            "the groups. Without one nothing can be proved (graph_access_waived: true does without the proof)"
        )
        return [fault]
    return [f"{name}: {mailbox!r} is not a mail address" for mailbox in denied if not ADDRESS.match(mailbox)]
