# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications and service principals of the seed: Microsoft's own, the one that automates, and PlaceOS."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

from .clock import stamp
from .directory import build
from .facts import EXCHANGE, GRAPH, SHAREPOINT, role_id, roles_of, table

if TYPE_CHECKING:
    from .state import Tenant
    from .table import Row

MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""The tenant that Microsoft's own applications belong to (recorded/directory)."""
RESOURCES = {
    GRAPH: ("Microsoft Graph", ["https://graph.microsoft.com", "https://canary.graph.microsoft.com"]),
    EXCHANGE: (
        "Office 365 Exchange Online",
        ["https://outlook.office365.com", "https://outlook.office.com", "https://ps.outlook.com"],
    ),
    SHAREPOINT: ("Office 365 SharePoint Online", ["https://acme.sharepoint.com"]),
}
PLACEOS_ID = "aaaabbbb-1111-2222-3333-00000000a001"
PLACEOS_SECRET = "Lab8Q~worthless.placeos.secret.No-Value1"
PLACEOS_KEY = "5ec2e700-0000-4000-8000-00000000a001"
PLACEOS_PERMISSIONS = ("Calendars.ReadWrite", "User.Read.All", "Group.Read.All", "Place.Read.All")
"""What the integration guide has an administrator grant."""
AUTOMATION_ID = "aaaabbbb-1111-2222-3333-00000000a002"
AUTOMATION_SECRET = "Aut8Q~worthless.automation.of.No-Value02"
AUTOMATION_KEY = "5ec2e700-0000-4000-8000-00000000a002"
AUTOMATION_PERMISSIONS = (
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "Group.Read.All",
    "Organization.Read.All",
    "Place.Read.All",
    "RoleManagement.ReadWrite.Exchange",
    "User.Read.All",
)


def plant_resources(tenant: Tenant) -> None:
    """Plant the service principals of Microsoft's own applications."""
    for app_id, (name, names) in RESOURCES.items():
        row = build.service_principal(
            tenant,
            app_id,
            name,
            id=build.constant_id("principal", app_id),
            appOwnerOrganizationId=MICROSOFT,
            createdDateTime="2024-02-05T00:58:12Z",
            servicePrincipalNames=[*names, app_id],
            signInAudience="AzureADMultipleOrgs",
            appRoles=[published(value, one) for value, one in roles_of(app_id).items()],
            oauth2PermissionScopes=[scope(value, one) for value, one in (table("scopes").get(app_id) or {}).items()],
        )
        tenant.service_principals.plant(row)


def published(value: str, role: str) -> Row:
    """Return a role as a resource shows it; descriptions are not Microsoft's."""
    return {
        "allowedMemberTypes": ["Application"],
        "description": f"Allows the app to use {value} without a signed-in user.",
        "displayName": value,
        "id": role,
        "isEnabled": True,
        "origin": "Application",
        "value": value,
    }


def scope(value: str, identity: str) -> Row:
    """Return a delegated permission as a resource shows it; descriptions are not Microsoft's."""
    words = {"Description": f"Allows the app to use {value}.", "DisplayName": value}
    shown = {f"{who}Consent{what}": text for who in ("admin", "user") for what, text in words.items()}
    return {**shown, "id": identity, "isEnabled": True, "type": "User", "value": value}


def secret(tenant: Tenant, key_id: str, name: str, text: str, days: float = 150) -> Row:
    """Return a password credential that began a month ago."""
    now = tenant.now().replace(microsecond=0)
    return {
        "customKeyIdentifier": None,
        "displayName": name,
        "endDateTime": stamp(now + dt.timedelta(days=days)),
        "hint": text[:3],
        "keyId": key_id,
        "secretText": None,
        "startDateTime": stamp(now - dt.timedelta(days=30)),
    }


def certificate(tenant: Tenant, der: bytes, name: str) -> Row:
    """Return the key credential of a certificate."""
    now = tenant.now().replace(microsecond=0)
    return {
        "customKeyIdentifier": base64.b64encode(hashlib.sha1(der, usedforsecurity=False).digest()).decode(),
        "displayName": name,
        "endDateTime": stamp(now + dt.timedelta(days=364)),
        "key": base64.b64encode(der).decode(),
        "keyId": build.constant_id("key", name),
        "startDateTime": stamp(now - dt.timedelta(minutes=30)),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


def plant_app(
    tenant: Tenant,
    app_id: str,
    name: str,
    permissions: tuple[str, ...],
    secrets: dict[str, tuple[str, str]],
    **values: Any,
) -> tuple[Row, Row]:
    """Plant a registration with its enterprise application, grants on Graph, and secrets (keyId: name and text)."""
    wanted = [{"id": role_id(value), "type": "Role"} for value in permissions]
    application = build.application(
        tenant,
        app_id,
        name,
        id=build.constant_id("application", app_id),
        createdDateTime="2024-03-11T04:30:00Z",
        requiredResourceAccess=[{"resourceAppId": GRAPH, "resourceAccess": wanted}] if wanted else [],
        passwordCredentials=[secret(tenant, key, label, text) for key, (label, text) in secrets.items()],
        _secrets={key: text for key, (_label, text) in secrets.items()},
    )
    application |= values
    principal = build.service_principal(
        tenant,
        app_id,
        name,
        id=build.constant_id("principal", app_id),
        createdDateTime="2024-03-11T04:30:02Z",
        tags=["WindowsAzureActiveDirectoryIntegratedApp"],
    )
    tenant.applications.plant(application)
    tenant.service_principals.plant(principal)
    build.grant(tenant, principal, GRAPH, *permissions)
    return application, principal


def plant_placeos(tenant: Tenant) -> None:
    """Plant PlaceOS's application as the integration guide makes it."""
    secrets = {PLACEOS_KEY: ("PlaceOS", PLACEOS_SECRET)}
    plant_app(tenant, PLACEOS_ID, "PlaceOS Calendars", PLACEOS_PERMISSIONS, secrets)


def plant_automation(tenant: Tenant) -> None:
    """Plant the application that manages PlaceOS's: secret and certificate, Exchange Administrator."""
    keys = [certificate(tenant, tenant.certificate, "CN=lab automation")] if tenant.certificate else []
    secrets = {AUTOMATION_KEY: ("Automation", AUTOMATION_SECRET)}
    _application, principal = plant_app(
        tenant, AUTOMATION_ID, "PlaceOS Automation", AUTOMATION_PERMISSIONS, secrets, keyCredentials=keys
    )
    build.grant(tenant, principal, EXCHANGE, "Exchange.ManageAsApp")
    tenant.exchange.administrators.add(principal["id"])
