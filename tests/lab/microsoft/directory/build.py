# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""New objects of the directory with every property the real ones show (recorded/directory, tables/types.json)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ..facts import role_id
from ..signin.keys import encode

if TYPE_CHECKING:
    from ..state import Tenant
    from ..table import Row

NAMESPACE = uuid.UUID("0d1ec70e-0000-4000-8000-000000000000")
LINKS = ("logoUrl", "marketingUrl", "privacyStatementUrl", "supportUrl", "termsOfServiceUrl")


def constant_id(*words: str) -> str:
    """Return an id that is the same in every run for the same words."""
    return str(uuid.uuid5(NAMESPACE, "/".join(words)))


def application(tenant: Tenant, app_id: str, name: str, **values: Any) -> Row:
    """Return the row of an application; values are properties as in a request."""
    unverified = {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None}
    row: Row = {
        "id": str(uuid.uuid4()),
        "deletedDateTime": None,
        "appId": app_id,
        "applicationTemplateId": None,
        "disabledByMicrosoftStatus": None,
        "createdByAppId": None,
        "createdDateTime": tenant.clock.text(),
        "displayName": name,
        "description": None,
        "groupMembershipClaims": None,
        "identifierUris": [],
        "isDeviceOnlyAuthSupported": None,
        "isFallbackPublicClient": None,
        "nativeAuthenticationApisEnabled": None,
        "notes": None,
        "publisherDomain": tenant.domains[0] if tenant.domains else None,
        "requestSignatureVerification": None,
        "samlMetadataUrl": None,
        "serviceManagementReference": None,
        "servicePrincipalLockConfiguration": None,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "tokenEncryptionKeyId": None,
        "uniqueName": None,
        "defaultRedirectUri": None,
        "certification": None,
        "optionalClaims": None,
        "addIns": [],
        "api": {
            "acceptMappedClaims": None,
            "knownClientApplications": [],
            "requestedAccessTokenVersion": None,
            "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [],
        },
        "appRoles": [],
        "info": dict.fromkeys(LINKS),
        "keyCredentials": [],
        "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
        "passwordCredentials": [],
        "publicClient": {"redirectUris": []},
        "requiredResourceAccess": [],
        "verifiedPublisher": unverified,
        "web": {
            "homePageUrl": None,
            "logoutUrl": None,
            "redirectUris": [],
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
            "redirectUriSettings": [],
        },
        "spa": {"redirectUris": []},
        "_secrets": {},
        "_owners": [],
    }
    return row | values


def service_principal(tenant: Tenant, app_id: str, name: str, **values: Any) -> Row:
    """Return the row of a service principal."""
    row: Row = {
        "id": str(uuid.uuid4()),
        "deletedDateTime": None,
        "accountEnabled": True,
        "alternativeNames": [],
        "appDisplayName": name,
        "appDescription": None,
        "appId": app_id,
        "applicationTemplateId": None,
        "appOwnerOrganizationId": tenant.id,
        "appRoleAssignmentRequired": False,
        "createdDateTime": tenant.clock.text(),
        "description": None,
        "disabledByMicrosoftStatus": None,
        "displayName": name,
        "homepage": None,
        "loginUrl": None,
        "logoutUrl": None,
        "notes": None,
        "notificationEmailAddresses": [],
        "preferredSingleSignOnMode": None,
        "preferredTokenSigningKeyThumbprint": None,
        "replyUrls": [],
        "resourceSpecificApplicationPermissions": [],
        "samlSingleSignOnSettings": None,
        "servicePrincipalNames": [app_id],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "tokenEncryptionKeyId": None,
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
        "addIns": [],
        "appRoles": [],
        "info": dict.fromkeys(LINKS),
        "keyCredentials": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
        "_secrets": {},
        "_owners": [],
    }
    return row | values


def assignment(tenant: Tenant, principal: Row, resource: Row, app_role_id: str, **values: Any) -> Row:
    """Return the row of a grant; its id is made of two GUIDs as in the recording, the principal's first."""
    seed = uuid.uuid5(NAMESPACE, "/".join((principal["id"], resource["id"], app_role_id)))
    row: Row = {
        "id": encode(uuid.UUID(principal["id"]).bytes_le + seed.bytes_le),
        "deletedDateTime": None,
        "appRoleId": app_role_id,
        "createdDateTime": tenant.clock.text(),
        "principalDisplayName": principal["displayName"],
        "principalId": principal["id"],
        "principalType": "User"
        if "userPrincipalName" in principal
        else "Group"
        if "_members" in principal
        else "ServicePrincipal",
        "resourceDisplayName": resource["displayName"],
        "resourceId": resource["id"],
    }
    return row | values


def grant(tenant: Tenant, principal: Row, resource_app_id: str, *permissions: str) -> None:
    """Plant grants that have always been there."""
    resource = tenant.principal_by(resource_app_id)
    if resource is None:
        raise LookupError(resource_app_id)
    for value in permissions:
        tenant.assignments.plant(assignment(tenant, principal, resource, role_id(value, resource_app_id)))


def user(tenant: Tenant, mail: str | None, name: str, **values: Any) -> Row:
    """Return the row of a user; ``_manager`` is a user's id."""
    upn = str(values.get("userPrincipalName") or mail)
    row: Row = {
        "id": constant_id("user", upn),
        "deletedDateTime": None,
        "accountEnabled": True,
        "businessPhones": [],
        "companyName": None,
        "createdDateTime": "2024-02-05T01:12:44Z",
        "department": None,
        "displayName": name,
        "employeeId": None,
        "givenName": None,
        "jobTitle": None,
        "mail": mail,
        "mailNickname": upn.partition("@")[0],
        "mobilePhone": None,
        "officeLocation": None,
        "onPremisesSyncEnabled": None,
        "preferredLanguage": None,
        "proxyAddresses": [f"SMTP:{mail}"] if mail else [],
        "surname": None,
        "usageLocation": None,
        "userPrincipalName": upn,
        "userType": "Member",
        "_manager": None,
    }
    return row | values


KINDS: dict[str, tuple[bool, bool, list[str]]] = {
    "mail-enabled-security": (True, True, []),
    "security": (False, True, []),
    "distribution": (True, False, []),
    "microsoft365": (True, False, ["Unified"]),
    "dynamic": (False, True, ["DynamicMembership"]),
}
"""mailEnabled, securityEnabled and groupTypes of each kind of group."""


def group(tenant: Tenant, mail: str, name: str, kind: str, members: list[str], **values: Any) -> Row:
    """Return the row of a group; ``mail`` also names groups that have no address; members are ids."""
    mail_enabled, security_enabled, types = KINDS[kind]
    made = uuid.uuid5(NAMESPACE, f"group/{mail}")
    numbers = "-".join(str(int.from_bytes(made.bytes_le[at : at + 4], "little")) for at in (0, 4, 8, 12))
    row: Row = {
        "id": str(made),
        "deletedDateTime": None,
        "createdDateTime": "2024-02-05T01:20:00Z",
        "description": None,
        "displayName": name,
        "groupTypes": types,
        "isAssignableToRole": None,
        "mail": mail if mail_enabled else None,
        "mailEnabled": mail_enabled,
        "mailNickname": mail.partition("@")[0],
        "membershipRule": 'user.department -eq "Sales"' if kind == "dynamic" else None,
        "onPremisesSyncEnabled": None,
        "proxyAddresses": [f"SMTP:{mail}"] if mail_enabled else [],
        "resourceProvisioningOptions": [],
        "securityEnabled": security_enabled,
        "securityIdentifier": f"S-1-12-1-{numbers}",
        "uniqueName": None,
        "visibility": "Private" if types == ["Unified"] else None,
        "_members": members,
        "_owners": [],
        "_kind": kind,
    }
    return row | values
