# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of graph_access_policy, and all that can be wrong with them before anybody is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    ACCESS_POLICY,
    DENY,
    RBAC,
    RESTRICT,
    Wish,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.rbac import permission_faults
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.connect import TRANSPORT_SPEC
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_access_policy
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.options import identity_suboptions

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ADDRESSES: dict[str, Any] = {"type": "list", "elements": "str", "default": []}
ENTRY: dict[str, Any] = {
    "group": {"type": "str"},
    "scope": {"type": "str"},
    "scope_filter": {"type": "str"},
    "administrative_unit": {"type": "str"},
    "right": {"type": "str", "choices": [RESTRICT, DENY], "default": RESTRICT},
    "permissions": {"type": "list", "elements": "str", "default": ["Calendars.ReadWrite"]},
    "description": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
SPEC: dict[str, Any] = {
    "app_id": {"type": "str", "required": True},
    "service_principal_id": {"type": "str"},
    "display_name": {"type": "str", "default": "PlaceOS"},
    "kind": {"type": "str", "choices": [RBAC, ACCESS_POLICY], "default": RBAC},
    "access": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": ENTRY,
        "mutually_exclusive": [["group", "scope", "administrative_unit"]],
        "required_one_of": [["group", "scope", "administrative_unit"]],
        "required_by": {"scope_filter": ["scope"]},
    },
    "purge": {"type": "bool", "default": False},
    "allowed_mailboxes": _ADDRESSES,
    "denied_mailboxes": _ADDRESSES,
    "members": _ADDRESSES,
    "max_tests": {"type": "int", "default": 20},
    "app": {"type": "dict", "options": identity_suboptions()},
    "wait": {"type": "float", "default": 0.0},
    "replication_deadline": {"type": "float", "default": 60.0},
    **TRANSPORT_SPEC,
}


def wishes(entries: Sequence[Mapping[str, Any]]) -> list[Wish]:
    """The option access as wishes."""
    return [
        Wish(
            (entry["group"] or "").strip(),
            (entry["scope"] or "").strip(),
            entry["scope_filter"] or "",
            (entry["administrative_unit"] or "").strip(),
            entry["right"],
            tuple(dict.fromkeys(entry["permissions"])),
            entry["description"],
            entry["state"] == "present",
        )
        for entry in entries
    ]


def option_faults(given: Mapping[str, Any], *, check_mode: bool) -> list[str]:
    """All that is wrong with the options and can be told without asking anybody."""
    faults = []
    app_id, principal = given["app_id"], given["service_principal_id"]
    if not app_id and not check_mode:
        faults.append(
            f"{of_graph_access_policy('app_id')} is empty: give the application (client) id of PlaceOS's application"
        )
    elif app_id and not _GUID.fullmatch(app_id):
        faults.append(
            f"{of_graph_access_policy('app_id')} must be the application (client) id, not {app_id!r}; policies for * are "
            "never touched"
        )
    if principal and not _GUID.fullmatch(principal):
        faults.append(f"service_principal_id must be the object id of the enterprise application, not {principal!r}")
    elif principal and app_id and principal.lower() == app_id.lower():
        faults.append("service_principal_id is the application id; give the object id under Enterprise applications")
    if given["wait"] < 0 or given["replication_deadline"] < 0 or given["max_tests"] < 0 or given["pwsh_timeout"] <= 0:
        faults.append(
            "wait, replication_deadline and max_tests must not be negative, and "
            f"{of_graph_access_policy('pwsh_timeout')} must be above 0"
        )
    denied = {address.lower() for address in given["denied_mailboxes"]}
    both = {address.lower() for address in given["allowed_mailboxes"]} & denied
    if both:
        faults.append(
            f"in both of {of_graph_access_policy('allowed_mailboxes', 'denied_mailboxes')}: {', '.join(sorted(both))}"
        )
    if given["purge"] and not any(entry["state"] == "present" for entry in given["access"]):
        faults.append(
            f"{of_graph_access_policy('purge')} without anything that is to stay would remove all there is, whatever it is: "
            "give each of them in access with state absent"
        )
    return faults + _entry_faults(given["kind"], wishes(given["access"]))


def _entry_faults(kind: str, wanted: Sequence[Wish]) -> list[str]:
    faults = []
    seen: set[tuple[str, str]] = set()
    for place, wish in enumerate(wanted):
        where = f"access[{place}]"
        if not (wish.group or wish.scope or wish.unit):
            faults.append(f"{where}: give one of group, scope and administrative_unit")
            continue
        if "*" in wish.place:
            faults.append(
                f"{where}: {wish.place} is a pattern, which Exchange would find something else by; give one name"
            )
        if kind == ACCESS_POLICY and not wish.group:
            faults.append(f"{where}: an access policy has a group; scope and administrative_unit need kind rbac")
        if kind == RBAC and wish.right == DENY:
            faults.append(f"{where}: RBAC grants and never denies; DenyAccess needs kind access_policy")
        if kind == RBAC and not wish.permissions:
            faults.append(f"{where}: permissions is empty")
        # One group cannot be restricted to and denied, but either can be there while the other is absent.
        names = wish.permissions if kind == RBAC else ("" if wish.present else wish.right,)
        for name in names:
            key = (wish.place.lower(), name)
            if key in seen:
                faults.append(f"{where}: {wish.place}{f' and {name}' if name else ''} is in the list twice")
            seen.add(key)
    return faults + (permission_faults(wanted) if kind == RBAC else [])
