# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application by which people sign in as well: graph_app changes its own application permissions and nothing else."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from integration.support.app import short_pauses
from integration.support.microsoft import GRAPH_ID, Microsoft

SHAREPOINT_ID = "00000003-0000-0ff1-ce00-000000000000"
ROLE_OF_SHAREPOINT = {"id": "678536fe-1083-478a-9c59-b99265e6b0d3", "type": "Role"}
SIGN_IN, PROFILE = "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "14dad69e-099b-42c9-810b-d002981feec1"
APPLICATION: dict[str, Any] = {
    "web": {
        "redirectUris": ["https://acme.placeos.example/auth/oauth2/callback"],
        "implicitGrantSettings": {"enableIdTokenIssuance": True, "enableAccessTokenIssuance": False},
    },
    "spa": {"redirectUris": ["https://acme.placeos.example/workplace"]},
    "tags": ["HideApp", "of the client"],
    "groupMembershipClaims": "SecurityGroup",
    "notes": "Made by hand",
    "isFallbackPublicClient": True,
}
PRINCIPAL: dict[str, Any] = {"tags": ["of the client"], "appRoleAssignmentRequired": True, "notes": "Ask IT"}


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    short_pauses(monkeypatch)


def written(microsoft: Microsoft, method: str, path: str, body: dict[str, Any]) -> None:
    """A write by hand that must succeed."""
    answer = microsoft.api(method, f"/v1.0/{path}", body)
    assert answer.status_code in (200, 201, 204), answer.text


@pytest.fixture
def app(microsoft: Microsoft) -> dict[str, str]:
    """The application, with all that its makers have given it."""
    made = microsoft.made_app(name="Acme sign-in", permissions=["Calendars.ReadWrite", "Mail.Send"])
    application = f"applications/{made['object_id']}"
    (graph,) = (
        entry
        for entry in microsoft.application(made["client_id"])["requiredResourceAccess"]
        if entry["resourceAppId"] == GRAPH_ID
    )
    scopes = [{"id": identifier, "type": "Scope"} for identifier in (SIGN_IN, PROFILE)]
    required = [
        {"resourceAppId": SHAREPOINT_ID, "resourceAccess": [ROLE_OF_SHAREPOINT]},
        {"resourceAppId": GRAPH_ID, "resourceAccess": [scopes[0], *graph["resourceAccess"], scopes[1]]},
    ]
    pem = Path(microsoft.automation["certificate_path"]).read_bytes()
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(der).decode("ascii")}
    body = {**APPLICATION, "requiredResourceAccess": required, "keyCredentials": [key]}
    written(microsoft, "PATCH", application, body)
    written(microsoft, "POST", f"{application}/addPassword", {"passwordCredential": {"displayName": "Sign-in"}})
    written(microsoft, "PATCH", f"servicePrincipals/{made['service_principal_id']}", PRINCIPAL)
    owner = microsoft.control("users", {"mail": "owner@acme.example"})["id"]
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{owner}"}
    for holder in (application, f"servicePrincipals/{made['service_principal_id']}"):
        written(microsoft, "POST", f"{holder}/owners/$ref", reference)
    return made


def everything(microsoft: Microsoft, app: dict[str, str]) -> dict[str, Any]:
    """All that Entra shows of it but its application permissions on Graph."""
    paths = [f"applications/{app['object_id']}", f"servicePrincipals/{app['service_principal_id']}"]
    found = {path: microsoft.get(f"/v1.0/{path}") for path in paths}
    found |= {f"owners of {path}": microsoft.get(f"/v1.0/{path}/owners") for path in paths}
    found["certificates"] = microsoft.get(f"/v1.0/{paths[0]}?$select=keyCredentials")
    for entry in found[paths[0]]["requiredResourceAccess"]:
        if entry["resourceAppId"] == GRAPH_ID:
            entry["resourceAccess"] = [access for access in entry["resourceAccess"] if access["type"] == "Scope"]
    return found


@pytest.mark.parametrize(
    ("purge", "granted"),
    [(False, ["Calendars.ReadWrite", "Mail.Send", "User.Read.All"]), (True, ["Calendars.ReadWrite", "User.Read.All"])],
    ids=["one permission more", "purge"],
)
def test_all_but_its_permissions_stays_as_its_makers_left_it(
    microsoft: Microsoft, app: dict[str, str], purge: bool, granted: list[str]
) -> None:
    before = everything(microsoft, app)
    result = microsoft.good(
        "graph_app", app_id=app["client_id"], permissions=["Calendars.ReadWrite", "User.Read.All"], purge=purge
    )
    assert result["changed"] is True
    assert microsoft.granted(app["client_id"]) == granted
    assert everything(microsoft, app) == before
