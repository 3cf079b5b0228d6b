# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RBAC for Applications as Exchange shows it: service principals, management scopes, role assignments.

The columns are known from documents and from the sources of public tools (Microsoft365DSC), not from a capture, so
several forms of each are understood, and nothing is concluded from a column that is absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import text_of

_STRONG_NAMES = ("ObjectId", "AppId", "Guid", "Sid", "Id", "Identity")


@dataclass(frozen=True)
class Pointer:
    """Exchange's pointer to a service principal of Entra. names: by which assignments surely mean it."""

    app_id: str
    object_id: str
    display_name: str
    names: frozenset[str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Pointer:
        """From a row of Get-ServicePrincipal."""
        names = [text_of(row, name).lower() for name in _STRONG_NAMES]
        return cls(
            text_of(row, "AppId").lower(),
            text_of(row, "ObjectId").lower(),
            text_of(row, "DisplayName"),
            frozenset(name for name in names if name),
        )


@dataclass(frozen=True)
class Scope:
    """A management scope over recipients."""

    name: str
    recipient_filter: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Scope:
        """From a row of Get-ManagementScope."""
        return cls(text_of(row, "Name") or text_of(row, "Identity"), text_of(row, "RecipientFilter"))


@dataclass(frozen=True)
class Assignment:
    """A role given to an application.

    custom, group, unit: its scope by kind, in lower case, empty where nothing is said; other: a scope whose kind is not
    said. A group, a scope and a unit can have the same name, so the kinds are kept apart.
    """

    name: str
    identity: str
    role: str
    enabled: bool
    custom: str = ""
    group: str = ""
    unit: str = ""
    other: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Assignment:
        """From a row of Get-ManagementRoleAssignment."""
        return cls(
            text_of(row, "Name") or last_part(text_of(row, "Identity")),
            text_of(row, "Identity") or text_of(row, "Name"),
            last_part(text_of(row, "Role")),
            text_of(row, "Enabled").lower() != "false",
            text_of(row, "CustomResourceScope").lower(),
            text_of(row, "RecipientGroupScope").lower(),
            text_of(row, "RecipientAdministrativeUnitScope").lower(),
            text_of(row, "CustomRecipientWriteScope").lower(),
        )

    @property
    def scopes(self) -> list[str]:
        """All that it says of its scope."""
        return list(dict.fromkeys(name for name in (self.custom, self.group, self.unit, self.other) if name))


def last_part(name: str) -> str:
    """The name proper where it comes with a path before it, written with either kind of slash."""
    return re.split(r"[\\/]", name)[-1].strip()


def pointers_of(rows: Iterable[Mapping[str, Any]]) -> list[Pointer]:
    """All pointers; those without an application id are none."""
    return [pointer for pointer in map(Pointer.of, rows) if pointer.app_id]


def assignments_of(rows: Iterable[Mapping[str, Any]], pointer: Pointer, others: Iterable[Pointer]) -> list[Assignment]:
    """The application roles that one application holds.

    An assignment counts as its own when it names it by an id; by its display name only if no other application has the
    same, since what is taken for its own may be removed by a purge.
    """
    shared = {other.display_name.lower() for other in others if other.app_id != pointer.app_id}
    found = []
    for row in rows:
        kind = text_of(row, "RoleAssigneeType").lower()
        if kind not in ("", "serviceprincipal") or not last_part(text_of(row, "Role")).startswith("Application "):
            continue
        said = {text_of(row, name).lower() for name in ("App", "RoleAssignee", "RoleAssigneeName")} - {""}
        said |= {last_part(name) for name in said}
        by_name = {pointer.display_name.lower()} - shared - {""}
        if said & (pointer.names | by_name):
            found.append(Assignment.of(row))
    return found


def same_filter(first: str, second: str) -> bool:
    """Are two recipient filters the same but for blanks, case of operators, outer brackets and kind of quotes?"""
    return _plain_filter(first) == _plain_filter(second)


def _plain_filter(text: str) -> str:
    text = " ".join(text.replace('"', "'").split()).lower()
    while text.startswith("(") and text.endswith(")") and _one_pair(text):
        text = text[1:-1].strip()
    return text


def _one_pair(text: str) -> bool:
    """Do the first and the last bracket belong together?"""
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return place == len(text) - 1
    return False
