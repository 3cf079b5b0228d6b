# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications: found by three keys, created once, secrets shown once, owned by whoever may write only what it owns."""

from __future__ import annotations

from typing import Any

import pytest
from lab.microsoft.seed_apps import PLACEOS_ID, PLACEOS_KEY
from lab.microsoft.testing import Client
from lab.testing import Answer

ROLE = {"id": "df021288-bdef-4463-88db-98f22de89214", "type": "Role"}
GRAPH = "00000003-0000-0000-c000-000000000000"


def make(ms: Client, role: str = "automation", **body: Any) -> Answer:
    return ms.post("/v1.0/applications", {"displayName": "New", **body}, role=role)


def code_of(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


@pytest.mark.parametrize(
    "path",
    [
        f"/v1.0/applications(appId='{PLACEOS_ID}')",
        f"/v1.0/applications%28appId%3D%27{PLACEOS_ID}%27%29",
        f"/v1.0/Applications(appId='{PLACEOS_ID.upper()}')",
        f"/beta/applications(appId='{PLACEOS_ID}')",
    ],
)
def test_an_application_is_found_by_its_app_id_however_it_is_written(ms: Client, path: str) -> None:
    answer = ms.get(path, role="automation")
    assert (answer.status, answer.json["displayName"]) == (200, "PlaceOS Calendars")
    version = path.split("/")[1]
    assert answer.json["@odata.context"] == f"https://graph.microsoft.com/{version}/$metadata#applications/$entity"


@pytest.mark.parametrize(
    "text",
    [
        f"appId eq '{PLACEOS_ID}'",
        "displayName eq 'placeos calendars'",
        "startswith(displayName,'PlaceOS C')",
        "displayName in ('PlaceOS Calendars','other')",
        "requiredResourceAccess/any(r:r/resourceAppId eq '00000003-0000-0000-c000-000000000000') and appId ne null",
    ],
)
def test_applications_are_filtered(ms: Client, text: str) -> None:
    from urllib.parse import quote

    advanced = "&$count=true" if " ne " in text else ""
    headers = {"ConsistencyLevel": "eventual"} if advanced else {}
    answer = ms.get(f"/v1.0/applications?$filter={quote(text)}{advanced}", role="automation", headers=headers)
    assert "PlaceOS Calendars" in [row["displayName"] for row in answer.json["value"]]


@pytest.mark.parametrize("text", ["displayName eq", "nonsense eq 'x'", "displayName like 'x'", "(displayName eq 'x'"])
def test_a_bad_filter_is_refused(ms: Client, text: str) -> None:
    from urllib.parse import quote

    answer = ms.get(f"/v1.0/applications?$filter={quote(text)}", role="automation")
    assert code_of(answer) == (400, "BadRequest")


def test_only_what_is_selected_is_shown(ms: Client) -> None:
    answer = ms.get("/v1.0/applications?%24select=AppId,displayName&$top=1", role="automation")
    assert answer.json["@odata.context"].endswith("#applications(appId,displayName)")
    assert set(answer.json["value"][0]) == {"appId", "displayName"}
    unknown = ms.get("/v1.0/applications?$select=nonsense", role="automation")
    assert code_of(unknown) == (400, "BadRequest")


def test_a_new_application_is_created_found_changed_and_deleted(ms: Client) -> None:
    wanted = [{"resourceAppId": GRAPH, "resourceAccess": [ROLE]}]
    made = make(ms, requiredResourceAccess=wanted, uniqueName="placeos-acme")
    assert made.status == 201
    assert made.json["requiredResourceAccess"] == wanted
    path = "/v1.0/applications(uniqueName='placeos-acme')"
    assert ms.get(path, role="automation").json["id"] == made.json["id"]
    assert ms.patch(f"/v1.0/applications/{made.json['id']}", {"notes": "x"}, role="automation").status == 204
    assert ms.get(path, role="automation").json["notes"] == "x"
    assert ms.delete(f"/v1.0/applications/{made.json['id']}", role="automation").status == 204
    assert code_of(ms.get(path, role="automation")) == (404, "Request_ResourceNotFound")
    deleted = ms.get(f"/v1.0/directory/deletedItems/{made.json['id']}", role="automation").json
    assert deleted["@odata.type"] == "#microsoft.graph.application"
    assert deleted["deletedDateTime"]
    assert ms.post(f"/v1.0/directory/deletedItems/{made.json['id']}/restore", role="automation").status == 200
    assert ms.get(path, role="automation").status == 200


def test_an_upsert_creates_only_when_asked_to_and_then_changes(ms: Client) -> None:
    path = "/v1.0/applications(uniqueName='placeos-acme')"
    assert code_of(ms.patch(path, {"displayName": "One"}, role="automation")) == (404, "Request_ResourceNotFound")
    headers = {"Prefer": "create-if-missing"}
    made = ms.patch(path, {"displayName": "One"}, role="automation", headers=headers)
    assert (made.status, made.json["uniqueName"], made.json["displayName"]) == (201, "placeos-acme", "One")
    assert ms.patch(path, {"displayName": "Two"}, role="automation", headers=headers).status == 204
    assert ms.get(path, role="automation").json["displayName"] == "Two"


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({"displayName": ""}, "displayName"),
        ({"displayName": None}, "displayName"),
        ({"signInAudience": "Everybody"}, "signInAudience"),
        ({"appId": PLACEOS_ID}, "appId"),
        ({"requiredResourceAccess": [{"resourceAppId": "x", "resourceAccess": []}]}, "requiredResourceAccess"),
        (
            {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": [{"id": "x"}]}]},
            "requiredResourceAccess",
        ),
        ({"passwordCredentials": [{"displayName": "x"}]}, "passwordCredentials"),
        ({"tags": "x"}, "tags"),
    ],
)
def test_bad_values_are_refused_by_name(ms: Client, body: dict[str, Any], target: str) -> None:
    answer = make(ms, **body)
    assert code_of(answer) == (400, "Request_BadRequest")
    assert answer.json["error"]["details"][0]["target"] == target


def test_unknown_properties_and_foreign_identifiers_are_refused(ms: Client) -> None:
    assert code_of(make(ms, nonsense=1)) == (400, "Request_BadRequest")
    assert code_of(make(ms, identifierUris=["https://else.example"])) == (
        400,
        "InvalidUniqueTenantIdentifierAsPerAppPolicy",
    )
    assert make(ms, identifierUris=["https://acme.example/placeos"]).status == 201


def test_a_unique_name_is_unique_and_stays(ms: Client) -> None:
    first = make(ms, uniqueName="one").json
    assert make(ms, uniqueName="one").status == 400
    path = f"/v1.0/applications/{first['id']}"
    assert ms.patch(path, {"uniqueName": "two"}, role="automation").status == 400
    unnamed = make(ms).json
    assert ms.patch(f"/v1.0/applications/{unnamed['id']}", {"uniqueName": "two"}, role="automation").status == 204


def test_a_secret_is_shown_once_and_opens_the_door(ms: Client) -> None:
    made = ms.app_with("User.Read.All")
    path = f"/v1.0/applications/{made['object_id']}"
    body = {"passwordCredential": {"displayName": "PlaceOS (Ansible)", "endDateTime": "2099-01-02T03:04:05.678Z"}}
    added = ms.post(f"{path}/addPassword", body, role="automation")
    assert added.status == 200
    secret = added.json["secretText"]
    assert (len(secret), added.json["hint"]) == (40, secret[:3])
    assert added.json["endDateTime"] == "2099-01-02T03:04:05.678Z"
    assert added.json["@odata.context"].endswith("#microsoft.graph.passwordCredential")
    kept = ms.get(path, role="automation").json["passwordCredentials"][-1]
    assert kept["secretText"] is None
    assert kept == {name: value for name, value in added.json.items() if name[0] != "@"} | {"secretText": None}
    assert ms.sign_in(client_id=made["client_id"], client_secret=secret).status == 200


def test_a_secret_lasts_two_years_unless_told_otherwise(ms: Client) -> None:
    made = ms.app_with()
    added = ms.post(f"/v1.0/applications/{made['object_id']}/addPassword", role="automation")
    assert added.status == 200
    assert int(added.json["endDateTime"][:4]) == int(added.json["startDateTime"][:4]) + 2


def test_a_secret_may_not_end_before_it_begins(ms: Client) -> None:
    made = ms.app_with()
    body = {"passwordCredential": {"endDateTime": "2001-01-01T00:00:00Z"}}
    assert code_of(ms.post(f"/v1.0/applications/{made['object_id']}/addPassword", body, role="automation")) == (
        400,
        "Request_BadRequest",
    )


def test_policies_of_the_tenant_limit_secrets(ms: Client) -> None:
    made = ms.app_with()
    path = f"/v1.0/applications/{made['object_id']}/addPassword"
    ms.switch("policy-lifetime", days=90)
    assert code_of(ms.post(path, {}, role="automation")) == (400, "CredentialInvalidLifetimeAsPerAppPolicy")
    ms.switch("policy-type", enabled=True)
    assert code_of(ms.post(path, {}, role="automation")) == (400, "CredentialTypeNotAllowedAsPerAppPolicy")


def test_one_secret_is_removed_by_its_id(ms: Client) -> None:
    path = f"/v1.0/applications(appId='{PLACEOS_ID}')"
    assert ms.post(f"{path}/removePassword", {"keyId": PLACEOS_KEY}, role="automation").status == 204
    again = ms.post(f"{path}/removePassword", {"keyId": PLACEOS_KEY}, role="automation")
    assert code_of(again) == (400, "Request_BadRequest")
    assert again.json["error"]["message"] == "No credentials found to be removed."


def test_who_may_write_only_what_it_owns_owns_what_it_makes(ms: Client) -> None:
    token = ms.bearer_of("Application.ReadWrite.OwnedBy")
    made = make(ms, token).json
    assert ms.patch(f"/v1.0/applications/{made['id']}", {"notes": "x"}, role=token).status == 204
    assert ms.post(f"/v1.0/applications/{made['id']}/addPassword", {}, role=token).status == 200
    assert len(ms.get(f"/v1.0/applications/{made['id']}/owners", role=token).json["value"]) == 1
    others = f"/v1.0/applications(appId='{PLACEOS_ID}')"
    assert ms.get(others, role=token).status == 200
    for answer in (
        ms.patch(others, {"notes": "x"}, role=token),
        ms.post(f"{others}/addPassword", {}, role=token),
        ms.delete(others, role=token),
    ):
        assert code_of(answer) == (403, "Authorization_RequestDenied")


def test_an_owner_is_added_and_taken_away(ms: Client) -> None:
    owned = ms.app_with("Application.ReadWrite.OwnedBy")
    token = ms.token_of(owned["client_id"], owned["client_secret"])
    path = f"/v1.0/applications(appId='{PLACEOS_ID}')"
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{owned['service_principal_id']}"}
    assert ms.post(f"{path}/owners/$ref", reference, role="automation").status == 204
    assert ms.patch(path, {"notes": "mine"}, role=token).status == 204
    assert ms.post(f"{path}/owners/$ref", reference, role="automation").status == 400
    assert ms.delete(f"{path}/owners/{owned['service_principal_id']}/$ref", role="automation").status == 204
    assert ms.patch(path, {"notes": "not mine"}, role=token).status == 403


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null"])
def test_what_is_no_json_object_is_refused(ms: Client, body: bytes) -> None:
    answer = ms.post("/v1.0/applications", body, role="automation")
    assert code_of(answer) == (400, "BadRequest")
