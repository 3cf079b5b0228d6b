# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of applications in requests: which may be written, and what Graph finds wrong with them.

Texts that no public answer shows are inferred; codes and structure are those of tables/errors.json (invalid_value).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..clock import parse
from ..errors import GraphError, bad_request, invalid, known
from ..facts import properties
from .certificates import key_credentials

if TYPE_CHECKING:
    from ..state import Tenant
    from ..table import Row

GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
AUDIENCES = ("AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount")
READ_ONLY = frozenset(
    "id appId createdDateTime deletedDateTime publisherDomain createdByAppId applicationTemplateId certification "
    "disabledByMicrosoftStatus isDisabled verifiedPublisher".split()
)
LISTS = (
    "identifierUris",
    "tags",
    "requiredResourceAccess",
    "passwordCredentials",
    "keyCredentials",
    "appRoles",
    "addIns",
)


def checked(tenant: Tenant, body: dict[str, Any], current: Row) -> Row:
    """Return the properties that a request writes; ``current`` is the application as it is, or as it begins."""
    values = {name: value for name, value in body.items() if not name.startswith("@")}
    known_names = properties("application")
    for name, value in values.items():
        if name not in known_names:
            raise bad_request(f"Invalid property '{name}'.", "Request_BadRequest")
        if name in READ_ONLY:
            raise invalid(name, "Application", f"Property '{name}' is read-only and cannot be set.")
        if name in LISTS and not isinstance(value, list):
            raise invalid(name, "Application")
        if isinstance(current.get(name), dict):
            if not isinstance(value, dict):
                raise invalid(name, "Application")
            values[name] = {**current[name], **value}
    title = values.get("displayName", current["displayName"])
    if not isinstance(title, str) or not title.strip() or len(title) > 256:
        raise invalid("displayName", "Application")
    if values.get("signInAudience", "AzureADMyOrg") not in AUDIENCES:
        raise invalid("signInAudience", "Application")
    check_identifiers(tenant, values.get("identifierUris", []), current)
    check_unique_name(tenant, values, current)
    check_access(values.get("requiredResourceAccess", []))
    check_preauthorized(tenant, values, current)
    if "passwordCredentials" in values:
        values["passwordCredentials"] = kept_passwords(values["passwordCredentials"], current)
    if "keyCredentials" in values:
        values["keyCredentials"] = key_credentials(tenant, values["keyCredentials"], current["keyCredentials"])
    return values


def check_identifiers(tenant: Tenant, uris: list[Any], current: Row) -> None:
    """Refuse identifiers without the ids of tenant or application, or a verified domain of the tenant."""
    for uri in uris:
        text = str(uri).lower()
        mine = (tenant.id, str(current["appId"]), *tenant.domains)
        if not any(part.lower() in text for part in mine):
            error = known("policy_identifier")
            error.message = "Values of identifierUris must use a verified domain of the organization or its subdomain."
            raise error
        others = [row for row in tenant.applications if row["id"] != current["id"]]
        if any(text in map(str.lower, row["identifierUris"]) for row in others):
            raise same_value("identifierUris")


def check_unique_name(tenant: Tenant, values: Row, current: Row) -> None:
    """Refuse to change a uniqueName, or to use one twice (it can be set once: reference of the type application)."""
    if "uniqueName" not in values or values["uniqueName"] == current["uniqueName"]:
        return
    name = values["uniqueName"]
    if current["uniqueName"] is not None or not isinstance(name, str) or not name:
        raise invalid("uniqueName", "Application", "Property 'uniqueName' is immutable once it has a value.")
    if tenant.applications.find(lambda row: row["uniqueName"] == name) is not None:
        raise same_value("uniqueName")


def same_value(name: str) -> GraphError:
    """Return the 400 about a value that another object has."""
    message = f"Another object with the same value for property {name} already exists."
    details = [{"code": "ObjectConflict", "message": message, "target": name}]
    return GraphError(400, "Request_BadRequest", message, details=details)


def check_access(wanted: list[Any]) -> None:
    """Refuse requests for permissions that are not formed well; whether a role exists is not checked here."""
    for one in wanted:
        accesses = one.get("resourceAccess") if isinstance(one, dict) else None
        if not isinstance(accesses, list) or not GUID.match(str(one.get("resourceAppId"))):
            raise invalid("requiredResourceAccess", "Application")
        for access in accesses:
            fits = (
                isinstance(access, dict)
                and GUID.match(str(access.get("id")))
                and access.get("type") in ("Role", "Scope")
            )
            if not fits:
                raise invalid("requiredResourceAccess", "Application")


def check_preauthorized(tenant: Tenant, values: Row, current: Row) -> None:
    """Refuse clients that are authorised for scopes which not every replica knows, those of the same request included."""
    given = (values.get("api") or {}).get("preAuthorizedApplications") or []
    before = tenant.applications.as_of(current["id"], tenant.lag) or current
    scopes = {str(scope.get("id")).lower() for scope in before["api"]["oauth2PermissionScopes"]}
    wanted = [name for one in given if isinstance(one, dict) for name in one.get("delegatedPermissionIds") or []]
    if any(str(name).lower() not in scopes for name in wanted):
        raise known("repl_preauthorized")


def kept_passwords(given: list[Any], current: Row) -> list[Row]:
    """Return what is left of the secrets: a PATCH can only leave some out."""
    known_keys = {row["keyId"]: row for row in current["passwordCredentials"]}
    if any(not isinstance(row, dict) or row.get("keyId") not in known_keys for row in given):
        message = "New password credentials must be generated using service actions."
        raise invalid("passwordCredentials", "Application", message)
    return [known_keys[row["keyId"]] for row in given]


def moment(value: Any, name: str) -> Any:
    """Return a time of a request; 400 for what is none."""
    try:
        return parse(str(value))
    except ValueError:
        raise bad_request(
            f"Cannot convert the literal '{value}' to the expected type 'Edm.DateTimeOffset'.", "Request_BadRequest"
        ) from None
