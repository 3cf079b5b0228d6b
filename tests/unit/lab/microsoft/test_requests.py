# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request to Graph: its token, its version, its path, its headers."""

from __future__ import annotations

import pytest
from lab.microsoft.seed_apps import PLACEOS_ID, PLACEOS_SECRET
from lab.microsoft.signin.keys import SigningKey
from lab.microsoft.testing import Client
from lab.testing import Answer


def error_of(answer: Answer) -> tuple[int, str, str]:
    error = answer.json["error"]
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    return answer.status, error["code"], error["message"]


def test_without_a_token_nothing_is_answered(ms: Client) -> None:
    answer = ms.get("/v1.0/users", role=None)
    assert error_of(answer) == (401, "InvalidAuthenticationToken", "Access token is empty.")
    assert answer.headers["www-authenticate"].startswith('Bearer realm=""')


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "e30.e30.AAAA"])
def test_what_is_no_token_is_refused(ms: Client, token: str) -> None:
    assert error_of(ms.get("/v1.0/users", role=token))[:2] == (401, "InvalidAuthenticationToken")


def test_a_token_that_another_key_signed_is_refused(ms: Client) -> None:
    claims = {"aud": "https://graph.microsoft.com", "appid": PLACEOS_ID, "nbf": 0, "exp": 9e9, "oid": "x", "roles": []}
    assert ms.get("/v1.0/users", role=SigningKey().sign(claims)).status == 401


def test_an_expired_token_is_told_apart(ms: Client) -> None:
    token = ms.token_of(PLACEOS_ID, PLACEOS_SECRET)
    ms.advance(3600)
    assert error_of(ms.get("/v1.0/users", role=token))[2] == "Lifetime validation failed, the token is expired."


def test_a_token_for_another_resource_is_refused(ms: Client) -> None:
    token = ms.token_of(PLACEOS_ID, PLACEOS_SECRET, "https://outlook.office365.com/.default")
    assert error_of(ms.get("/v1.0/users", role=token))[2] == "Access token validation failure. Invalid audience."


def test_a_token_survives_a_reset(ms: Client) -> None:
    token = ms.token_of(PLACEOS_ID, PLACEOS_SECRET)
    ms.post("/_lab/reset", role=None)
    assert ms.get("/v1.0/users?$top=1", role=token).status == 200


@pytest.mark.parametrize(
    ("path", "segment"),
    [
        ("/v1.0/foo", "foo"),
        ("/v1.0/users/x/foo", "foo"),
        ("/v1.0/applications(foo='x')", "x"),
        ("/v1.0/places/foo/bar", "bar"),
    ],
)
def test_an_unknown_segment_is_named(ms: Client, path: str, segment: str) -> None:
    assert error_of(ms.get(path, role="placeos")) == (
        400,
        "BadRequest",
        f"Resource not found for the segment '{segment}'.",
    )


def test_an_unknown_version_is_refused(ms: Client) -> None:
    assert error_of(ms.get("/v2.0/users", role="placeos")) == (400, "BadRequest", "Invalid version: v2.0")


def test_an_unknown_method_is_refused(ms: Client) -> None:
    assert error_of(ms.put("/v1.0/users", {}, role="placeos"))[:2] == (405, "Request_BadRequest")


def test_segments_are_the_same_in_any_case_and_parentheses_are_a_segment(ms: Client) -> None:
    for path in ("/v1.0/USERS/ada.byrne@acme.example", "/V1.0/users('ada.byrne@acme.example')"):
        assert ms.get(path, role="placeos").json["displayName"] == "Ada Byrne"


def test_every_answer_names_its_request(ms: Client) -> None:
    answer = ms.get(
        "/v1.0/organization", role="placeos", headers={"client-request-id": "abc", "Prefer": 'IdType="ImmutableId"'}
    )
    assert answer.headers["client-request-id"] == "abc"
    assert answer.headers["request-id"] != "abc"
    assert "ServerInfo" in answer.headers["x-ms-ags-diagnostic"]
    assert answer.headers["odata-version"] == "4.0"
    assert answer.headers["content-type"].startswith("application/json;odata.metadata=minimal")
    refused = ms.get("/v1.0/foo", role="placeos", headers={"client-request-id": "abc"})
    assert refused.json["error"]["innerError"]["client-request-id"] == "abc"
    assert refused.headers["content-type"] == "application/json"


def test_the_context_names_the_version_and_never_this_server(ms: Client) -> None:
    answer = ms.get("/beta/organization", role="placeos")
    assert answer.json["@odata.context"] == "https://graph.microsoft.com/beta/$metadata#organization"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1.0/applications", "Authorization_RequestDenied"),
        ("/v1.0/servicePrincipals", "Authorization_RequestDenied"),
        ("/v1.0/oauth2PermissionGrants", "Authorization_RequestDenied"),
        ("/v1.0/users/ada.byrne@acme.example/memberOf/microsoft.graph.group", "Authorization_RequestDenied"),
    ],
)
def test_what_was_not_granted_is_denied(ms: Client, path: str, code: str) -> None:
    assert error_of(ms.get(path, role="placeos"))[:2] == (403, code)


def test_alternatives_that_belong_together_must_be_held_together(ms: Client) -> None:
    made = ms.app_with()
    path = f"/v1.0/servicePrincipals/{made['service_principal_id']}/appRoleAssignments"
    for roles, status in (
        (["AppRoleAssignment.ReadWrite.All"], 403),
        (["Application.Read.All"], 403),
        (["AppRoleAssignment.ReadWrite.All", "Application.Read.All"], 400),
    ):
        assert ms.post(path, {"principalId": "x"}, role=ms.bearer_of(*roles)).status == status
