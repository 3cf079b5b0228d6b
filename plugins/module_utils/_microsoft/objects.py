# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of the directory, as far as the modules look at them, read with care from what Graph answers.

Every property may be null in Graph's own description of its types; what an object can't be without is asked for here,
so that a wrong answer is told as such and not found later as a traceback.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_all

ROLE = "Role"
"""The type of a requested application permission; a delegated one is a Scope."""

NO_ROLE = "00000000-0000-0000-0000-000000000000"
"""Stands in an assignment that gives access without any role: no permission."""


class MalformedAnswer(Exception):
    """An object of the directory lacks what each has, or has it in another type. method, url: whose answer it was."""

    kind = "malformed"

    def __init__(self, words: str, method: str = "", url: str = "") -> None:
        super().__init__(words)
        self.words, self.method, self.url = words, method, url

    def __str__(self) -> str:
        return f"{self.method} {self.url}: {self.words}" if self.url else self.words


@contextmanager
def answer_of(method: str, url: str) -> Iterator[None]:
    """What is read inside is the answer to this request: where it is malformed, the error names it."""
    try:
        yield
    except MalformedAnswer as error:
        if not error.url:
            error.method, error.url = method, url
        raise


def same(row: Mapping[str, Any], name: str, wanted: str, kind: str) -> Mapping[str, Any]:
    """The object that was asked for by this key, and no other: what is written next goes by its id."""
    found = text(row, name, kind)
    if found.lower() != wanted.lower():
        raise MalformedAnswer(f"{kind} with {name} {wanted} was asked for, and the answer describes one with {found}")
    return row


def text(row: Mapping[str, Any], name: str, kind: str) -> str:
    """A text that every such object has."""
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedAnswer(
            f"the server's answer describes {kind} without a usable {name} (it is {shortened(value)}). "
            f"Is {of_all('graph_url')} the address of Microsoft Graph?"
        )
    return value


def optional_text(row: Mapping[str, Any], name: str, kind: str) -> str | None:
    """A text, or None."""
    return text(row, name, kind) if row.get(name) not in (None, "") else None


def rows(row: Mapping[str, Any], name: str, kind: str) -> list[dict[str, Any]]:
    """A list of objects; null is an empty one."""
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise MalformedAnswer(f"the server's answer describes {kind} with {name} being {shortened(value)}, not a list")
    return value


def moment(row: Mapping[str, Any], name: str, kind: str) -> datetime | None:
    """A point in time, or None."""
    value = optional_text(row, name, kind)
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise MalformedAnswer(f"the server's answer describes {kind} with {name} {value!r}, which is no time") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def shortened(value: Any) -> str:
    """A value for an error message."""
    shown = repr(value)
    return shown if len(shown) < 60 else f"{shown[:57]}..."


@dataclass(frozen=True)
class Credential:
    """A client secret as every read shows it: never its value. hint: its first three characters."""

    key_id: str
    name: str = ""
    hint: str = ""
    starts: datetime | None = None
    ends: datetime | None = None

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Credential:
        """From a passwordCredential."""
        kind = "a client secret"
        return cls(
            text(row, "keyId", kind).lower(),
            optional_text(row, "displayName", kind) or "",
            optional_text(row, "hint", kind) or "",
            moment(row, "startDateTime", kind),
            moment(row, "endDateTime", kind),
        )

    def valid(self, now: datetime) -> bool:
        """Can it still be used to sign in?"""
        return self.ends is None or self.ends > now


@dataclass(frozen=True)
class Application:
    """An application registration. required: requiredResourceAccess as the server has it."""

    object_id: str
    app_id: str
    display_name: str
    unique_name: str | None = None
    created: str = ""
    required: tuple[Mapping[str, Any], ...] = ()
    secrets: tuple[Credential, ...] = ()

    SELECT = "id,appId,displayName,uniqueName,createdDateTime,requiredResourceAccess,passwordCredentials"

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Application:
        """From an application."""
        kind = "an application"
        required = rows(row, "requiredResourceAccess", kind)
        for entry in required:
            text(entry, "resourceAppId", "requested permissions")
            for access in rows(entry, "resourceAccess", "requested permissions"):
                text(access, "id", "a requested permission")
        return cls(
            text(row, "id", kind),
            text(row, "appId", kind).lower(),
            optional_text(row, "displayName", kind) or "",
            optional_text(row, "uniqueName", kind),
            optional_text(row, "createdDateTime", kind) or "",
            tuple(required),
            tuple(Credential.read(item) for item in rows(row, "passwordCredentials", kind)),
        )


@dataclass(frozen=True)
class Principal:
    """A service principal: the application as this tenant knows it."""

    object_id: str
    app_id: str
    enabled: bool = True

    SELECT = "id,appId,displayName,accountEnabled"

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Principal:
        """From a servicePrincipal."""
        kind = "a service principal"
        return cls(text(row, "id", kind), text(row, "appId", kind).lower(), row.get("accountEnabled") is not False)


@dataclass(frozen=True)
class Role:
    """An application permission together with its resource: a value or an id alone may stand for several.

    User.Read.All, for one, has the same id on Microsoft Graph and on SharePoint.
    """

    resource: str
    id: str
    value: str
    resource_name: str = field(default="", compare=False)
    resource_id: str = field(default="", compare=False)
    graph: bool = field(default=True, compare=False)

    @property
    def label(self) -> str:
        """The permission as a person names it; those of Microsoft Graph without their resource."""
        return self.value if self.graph else f"{self.value} ({self.resource_name or self.resource})"


@dataclass(frozen=True)
class Resource:
    """The service principal of an API with the application permissions it has to give."""

    object_id: str
    app_id: str
    name: str
    roles: Mapping[str, str]
    unavailable: frozenset[str] = frozenset()

    SELECT = "id,appId,displayName,appRoles"

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Resource:
        """From a servicePrincipal with its appRoles. unavailable: switched off, or for people only."""
        kind = "an API"
        roles: dict[str, str] = {}
        unavailable: set[str] = set()
        for role in rows(row, "appRoles", kind):
            value = optional_text(role, "value", "an application role")
            if value is None:
                continue
            members = role.get("allowedMemberTypes")
            if role.get("isEnabled") is False or (isinstance(members, list) and "Application" not in members):
                unavailable.add(value)
            else:
                roles[value] = text(role, "id", "an application role").lower()
        return cls(
            text(row, "id", kind),
            text(row, "appId", kind).lower(),
            optional_text(row, "displayName", kind) or "",
            roles,
            frozenset(unavailable - roles.keys()),
        )

    def value_of(self, role_id: str) -> str:
        """The name of a permission of this API; its id where it has none."""
        return next((value for value, id_ in self.roles.items() if id_ == role_id.lower()), role_id)


@dataclass(frozen=True)
class Grant:
    """An app role assignment: a permission that was consented to. id is opaque, and case-sensitive."""

    id: str
    role_id: str
    resource_id: str
    resource_name: str = ""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Grant:
        """From an appRoleAssignment."""
        kind = "an app role assignment"
        return cls(
            text(row, "id", kind),
            text(row, "appRoleId", kind).lower(),
            text(row, "resourceId", kind),
            optional_text(row, "resourceDisplayName", kind) or "",
        )


def grants(found: Iterable[Mapping[str, Any]]) -> tuple[Grant, ...]:
    """The assignments that are permissions."""
    return tuple(grant for grant in map(Grant.read, found) if grant.role_id != NO_ROLE)
