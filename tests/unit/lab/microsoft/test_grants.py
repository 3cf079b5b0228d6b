# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service principals and what they are granted: in the directory at once, in tokens with the next one."""

from __future__ import annotations

import pytest
from lab.microsoft.facts import EXCHANGE, GRAPH, role_id
from lab.microsoft.seed_apps import PLACEOS_ID
from lab.microsoft.signin import keys
from lab.microsoft.testing import Client
from lab.testing import Answer


def principal(ms: Client, app_id: str) -> str:
    return str(ms.get(f"/v1.0/servicePrincipals(appId='{app_id}')?$select=id", role="automation").json["id"])


def grant(ms: Client, client: str, value: str, *, side: str = "appRoleAssignments") -> Answer:
    resource = principal(ms, GRAPH)
    body = {"principalId": client, "resourceId": resource, "appRoleId": role_id(value)}
    holder = client if side == "appRoleAssignments" else resource
    return ms.post(f"/v1.0/servicePrincipals/{holder}/{side}", body, role="automation")


def roles_in(token: str) -> list[str]:
    return list(keys.parts(token)[1].get("roles", []))


def test_graph_publishes_every_role_with_its_real_id(ms: Client) -> None:
    roles = ms.get(f"/v1.0/servicePrincipals(appId='{GRAPH}')", role="automation").json["appRoles"]
    by_value = {role["value"]: role["id"] for role in roles}
    assert len(roles) == len(by_value) == 534
    assert by_value["Calendars.ReadWrite"] == "ef54d2bf-783f-4e0f-bca1-3210c0444d99"
    assert "Contacts.Read.All" not in by_value
    exchange = ms.get(f"/v1.0/servicePrincipals(appId='{EXCHANGE}')", role="automation").json["appRoles"]
    assert [role["value"] for role in exchange] == ["Exchange.ManageAsApp"]


@pytest.mark.parametrize("side", ["appRoleAssignments", "appRoleAssignedTo"])
def test_a_grant_is_given_seen_from_both_sides_and_taken_back(ms: Client, side: str) -> None:
    made = ms.app_with()
    client = made["service_principal_id"]
    answer = grant(ms, client, "User.Read.All", side=side)
    assert answer.status == 201
    holder = client if side == "appRoleAssignments" else principal(ms, GRAPH)
    assert answer.json["@odata.context"].endswith(f"#servicePrincipals('{holder}')/{side}/$entity")
    assert len(answer.json["id"]) == 43
    assert answer.json["principalType"] == "ServicePrincipal"
    mine = ms.get(f"/v1.0/servicePrincipals/{client}/appRoleAssignments", role="automation").json["value"]
    given = ms.get(f"/v1.0/servicePrincipals/{principal(ms, GRAPH)}/appRoleAssignedTo", role="automation").json["value"]
    assert [row["id"] for row in mine] == [answer.json["id"]]
    assert answer.json["id"] in [row["id"] for row in given]
    assert ms.delete(f"/v1.0/servicePrincipals/{holder}/{side}/{answer.json['id']}", role="automation").status == 204
    assert ms.get(f"/v1.0/servicePrincipals/{client}/appRoleAssignments", role="automation").json["value"] == []


def test_the_same_grant_again_is_refused(ms: Client) -> None:
    client = ms.app_with("User.Read.All")["service_principal_id"]
    answer = grant(ms, client, "User.Read.All")
    assert answer.status == 400
    assert answer.json["error"]["message"].startswith("Permission being assigned already exists on the object")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"appRoleId": "11111111-1111-1111-1111-111111111111"},
            "Permission being assigned was not found on application",
        ),
        ({"resourceId": "11111111-1111-1111-1111-111111111111"}, "Not a valid reference update."),
        ({"principalId": "11111111-1111-1111-1111-111111111111"}, "Invalid value specified for property 'principalId'"),
        ({"appRoleId": "nonsense"}, "Invalid value specified for property 'appRoleId'"),
        ({"resourceId": None}, "Invalid value specified for property 'resourceId'"),
    ],
)
def test_a_grant_must_refer_to_what_exists(ms: Client, change: dict[str, str | None], words: str) -> None:
    client = ms.app_with()["service_principal_id"]
    body = {"principalId": client, "resourceId": principal(ms, GRAPH), "appRoleId": role_id("User.Read.All"), **change}
    answer = ms.post(f"/v1.0/servicePrincipals/{client}/appRoleAssignments", body, role="automation")
    assert (answer.status, answer.json["error"]["code"]) == (400, "Request_BadRequest")
    assert answer.json["error"]["message"].startswith(words)


def test_a_token_older_than_its_grant_does_not_have_it(ms: Client) -> None:
    made = ms.app_with()
    old = ms.token_of(made["client_id"], made["client_secret"])
    assert grant(ms, made["service_principal_id"], "User.Read.All").status == 201
    assert ms.get("/v1.0/users?$top=1", role=old).status == 403
    new = ms.token_of(made["client_id"], made["client_secret"])
    assert roles_in(new) == ["User.Read.All"]
    assert ms.get("/v1.0/users?$top=1", role=new).status == 200


def test_new_tokens_can_be_made_to_miss_a_grant_for_a_while(ms: Client) -> None:
    ms.switch("grant-lag", seconds=30)
    made = ms.app_with()
    grant(ms, made["service_principal_id"], "User.Read.All")
    assert roles_in(ms.token_of(made["client_id"], made["client_secret"])) == []
    ms.advance(31)
    assert roles_in(ms.token_of(made["client_id"], made["client_secret"])) == ["User.Read.All"]


def test_a_service_principal_needs_an_application_and_exists_once(ms: Client) -> None:
    unknown = ms.post("/v1.0/servicePrincipals", {"appId": "11111111-1111-1111-1111-111111111111"}, role="automation")
    assert unknown.status == 400
    assert unknown.json["error"]["details"][0]["code"] == "NoBackingApplicationObject"
    again = ms.post("/v1.0/servicePrincipals", {"appId": PLACEOS_ID}, role="automation")
    assert (again.status, again.json["error"]["code"]) == (409, "Request_MultipleObjectsWithSameKeyValue")
    application = ms.post("/v1.0/applications", {"displayName": "New"}, role="automation").json
    made = ms.post("/v1.0/servicePrincipals", {"appId": application["appId"], "tags": ["x"]}, role="automation")
    assert (made.status, made.json["displayName"], made.json["tags"]) == (201, "New", ["x"])


def test_a_deleted_application_takes_enterprise_application_and_grants_along(ms: Client) -> None:
    made = ms.app_with("User.Read.All")
    assert ms.delete(f"/v1.0/applications/{made['object_id']}", role="automation").status == 204
    assert ms.get(f"/v1.0/servicePrincipals/{made['service_principal_id']}", role="automation").status == 404
    given = ms.get(f"/v1.0/servicePrincipals(appId='{GRAPH}')/appRoleAssignedTo", role="automation").json["value"]
    assert made["service_principal_id"] not in [row["principalId"] for row in given]


def test_consent_to_delegated_permissions_is_a_grant_of_its_own(ms: Client) -> None:
    token = ms.bearer_of("DelegatedPermissionGrant.ReadWrite.All")
    client = ms.app_with()["service_principal_id"]
    body = {
        "clientId": client,
        "consentType": "AllPrincipals",
        "resourceId": principal(ms, GRAPH),
        "scope": "User.Read",
    }
    made = ms.post("/v1.0/oauth2PermissionGrants", body, role=token)
    assert (made.status, made.json["scope"]) == (201, "User.Read")
    assert ms.post("/v1.0/oauth2PermissionGrants", body, role=token).status == 409
    path = f"/v1.0/oauth2PermissionGrants/{made.json['id']}"
    assert ms.patch(path, {"scope": "User.Read Calendars.Read"}, role=token).status == 204
    listed = ms.get(f"/v1.0/oauth2PermissionGrants?$filter=clientId%20eq%20'{client}'", role=token).json["value"]
    assert [row["scope"] for row in listed] == ["User.Read Calendars.Read"]
    assert ms.delete(path, role=token).status == 204
