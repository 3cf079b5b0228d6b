# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what Graph answers about an application to facts; every answer is looked at before it is believed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import (
    Credential,
    Grant,
    Registration,
    ServicePrincipal,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import (
    NO_ROLE,
    ROLE,
    Resource,
    moment,
    optional_text,
    rows,
    text,
)

REGISTRATION = "id,appId,displayName,signInAudience,disabledByMicrosoftStatus,requiredResourceAccess,passwordCredentials,keyCredentials"
SERVICE_PRINCIPAL = "id,appId,displayName,accountEnabled,disabledByMicrosoftStatus"
RESOURCE = "id,appId,displayName,appRoles,oauth2PermissionScopes"

_HEX = re.compile(r"[0-9A-Fa-f]{40}")
_ENABLED = (None, "", "NotDisabled")
"""Values of disabledByMicrosoftStatus that are no fault (application resource type)."""


class Api:
    """An API of the tenant: the names of its application and delegated permissions by their ids."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.resource = Resource.read(row)
        self._names = {identifier: value for value, identifier in self.resource.roles.items()}
        self._scopes = {
            text(scope, "id", "a delegated permission").lower(): optional_text(scope, "value", "a delegated permission")
            for scope in rows(row, "oauth2PermissionScopes", "an API")
        }

    def grant(self, identifier: str, *, delegated: bool = False) -> Grant:
        """The permission with this id; the id itself where it has no name."""
        value = (self._scopes if delegated else self._names).get(identifier.lower()) or identifier.lower()
        return Grant(value, self.resource.app_id, self.resource.name)

    @property
    def published(self) -> frozenset[str]:
        """The names of its application permissions."""
        return frozenset(self.resource.roles)


def service_principal(row: Mapping[str, Any]) -> ServicePrincipal:
    """From a servicePrincipal."""
    kind = "a service principal"
    disabled = optional_text(row, "disabledByMicrosoftStatus", kind)
    return ServicePrincipal(
        text(row, "id", kind),
        optional_text(row, "displayName", kind) or "",
        enabled=row.get("accountEnabled") is not False,
        disabled="" if disabled in _ENABLED else str(disabled),
    )


def requested(row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(API's application id, permission's id, type) of all that a registration requests."""
    entries = rows(row, "requiredResourceAccess", "an application")
    what = "requested permissions"
    return [
        (text(entry, "resourceAppId", what).lower(), text(access, "id", what).lower(), text(access, "type", what))
        for entry in entries
        for access in rows(entry, "resourceAccess", what)
    ]


def registration(row: Mapping[str, Any], apis: Mapping[str, Api]) -> Registration:
    """From an application; apis: those it requests permissions of, by application id, as far as they could be read."""
    kind = "an application"
    grants: dict[bool, set[Grant]] = {True: set(), False: set()}
    for app_id, identifier, how in requested(row):
        delegated = how != ROLE
        api = apis.get(app_id)
        unnamed = Grant(identifier, app_id, app_id)
        grants[delegated].add(api.grant(identifier, delegated=delegated) if api else unnamed)
    disabled = optional_text(row, "disabledByMicrosoftStatus", kind)
    return Registration(
        text(row, "id", kind),
        optional_text(row, "displayName", kind) or "",
        audience=optional_text(row, "signInAudience", kind) or "",
        disabled="" if disabled in _ENABLED else str(disabled),
        requested=frozenset(grants[False]),
        delegated=frozenset(grants[True]),
        credentials=(
            *(_credential("secret", item) for item in rows(row, "passwordCredentials", kind)),
            *(_credential("certificate", item) for item in _signing(rows(row, "keyCredentials", kind))),
        ),
    )


def assigned(found: Iterable[Mapping[str, Any]], apis: Mapping[str, Api]) -> frozenset[Grant]:
    """From appRoleAssignments; apis: by the object id of their service principals, as far as they could be read."""
    grants = set()
    for row in found:
        kind = "an app role assignment"
        identifier, resource = text(row, "appRoleId", kind).lower(), text(row, "resourceId", kind).lower()
        if identifier == NO_ROLE:
            continue  # access without a role
        api = apis.get(resource)
        name = optional_text(row, "resourceDisplayName", kind) or resource
        grants.add(api.grant(identifier) if api else Grant(identifier, resource, name))
    return frozenset(grants)


def _signing(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Certificates with which an application signs in; others encrypt tokens for it."""
    return [row for row in found if row.get("usage") in (None, "Verify")]


def _credential(kind: str, row: Mapping[str, Any]) -> Credential:
    what = f"a {kind}"
    return Credential(
        kind,
        text(row, "keyId", what).lower(),
        optional_text(row, "displayName", what) or "",
        hint=optional_text(row, "hint", what) or "" if kind == "secret" else "",
        starts=moment(row, "startDateTime", what),
        ends=moment(row, "endDateTime", what),
        thumbprint=thumbprint(row.get("customKeyIdentifier")) if kind == "certificate" else "",
    )


def thumbprint(value: Any) -> str:
    """The SHA-1 thumbprint that customKeyIdentifier holds: hexadecimal, its bytes or its digits in Base64; or ''."""
    if not isinstance(value, str):
        return ""
    if _HEX.fullmatch(value):
        return value.upper()
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return ""
    if len(raw) == 20:
        return raw.hex().upper()
    digits = raw.decode("ascii", "replace")
    return digits.upper() if _HEX.fullmatch(digits) else ""
