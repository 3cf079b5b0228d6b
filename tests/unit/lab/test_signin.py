# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials, roles, scopes, the authority of the Host, and OAuth tokens."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from lab.placeos.resources.signin import client_id_of
from lab.placeos.seed import KEYS, PASSWORD
from lab.testing import Client, Running

GRANT = {
    "grant_type": "password",
    "username": "admin@localhost.example.org",
    "password": PASSWORD,
    "client_id": client_id_of("localhost"),
}


def test_the_authority_document_says_version_two(lab: Client) -> None:
    document = lab.get("/auth/authority", role=None).json
    assert document["version"] == "v2.0.0"
    assert document["domain"] == "localhost"
    assert document["token_valid"] is False
    assert "internals" not in document
    assert "{{url}}" in document["login_url"]
    assert document["updated_at"].endswith("Z")
    assert lab.get("/auth/authority", role=None, headers={"Host": "LOCALHOST"}).status == 200


def test_an_unknown_host_has_no_authority(lab: Client) -> None:
    elsewhere = {"Host": "elsewhere.example.org"}
    assert lab.get("/auth/authority", role=None, headers=elsewhere).status == 404
    assert lab.get("/auth/authority?health=1", role=None, headers=elsewhere).status == 200
    assert lab.get("/zones", headers=elsewhere).json == {"error": "authority not found"}
    assert lab.get("/zones", headers={"Host": "LOCALHOST"}).status == 401
    assert lab.get("/zones", headers={"Host": "localhost:8443"}).status == 200


@pytest.mark.parametrize("key", ["", "nope", "api_key-unknown.secret", KEYS["admin"][:-2] + "xx"])
def test_bad_keys_are_refused(lab: Client, key: str) -> None:
    assert lab.get("/zones", role=None, headers={"X-API-Key": key}).status == 401


def test_keys_and_tokens_travel_in_query_and_cookie_too(lab: Client, running: Running) -> None:
    token = running.platform.describe("x")["credentials"]["jwt_admin"]
    assert lab.get(f"/zones?api-key={KEYS['admin']}", role=None).status == 200
    assert lab.get("/zones", role=None, headers={"Cookie": f"api-key={KEYS['admin']}"}).status == 200
    assert lab.get(f"/zones?bearer_token={token}", role=None).status == 200
    assert lab.get("/zones", role=None, headers={"Authorization": f"Bearer {token}"}).status == 200
    assert lab.get("/zones", role=None, headers={"Authorization": f"Bearer {token[:-4]}AAAA"}).status == 401


def test_roles_get_an_empty_403(lab: Client) -> None:
    for role, method, path in (
        ("user", "GET", "/zones"),
        ("user", "POST", "/zones"),
        ("support", "POST", "/drivers"),
        ("support", "GET", "/api_keys"),
        ("support", "POST", "/domains"),
    ):
        answer = lab(method, path, {"name": "x"} if method == "POST" else None, role=role)
        assert (answer.status, answer.text) == (403, ""), (role, path)
    assert lab.get("/zones?tags=building", role="user").status == 200
    assert lab.post("/zones", {"name": "x"}, role="support").status == 201


def test_a_scope_limits_a_key(lab: Client) -> None:
    user = lab.get("/users/current").json["id"]
    body = {"name": "Scoped ", "permissions": 3, "scopes": ["zones.read"], "user_id": user}
    made = lab.post("/api_keys", body).json
    key = {"X-API-Key": made["x_api_key"]}
    assert made["name"] == "scoped"
    assert lab.get("/zones", role=None, headers=key).status == 200
    assert lab.post("/zones", {"name": "x"}, role=None, headers=key).status == 403
    assert lab.get("/systems", role=None, headers=key).status == 403
    assert "x_api_key" not in lab.get(f"/api_keys/{made['id']}").json


@pytest.mark.parametrize("form", [True, False])
def test_the_password_grant_issues_a_token_that_works(lab: Client, form: bool) -> None:
    if form:
        media = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = lab.post("/auth/oauth/token", urlencode(GRANT).encode(), role=None, headers=media)
    else:
        answer = lab.post("/auth/oauth/token", GRANT, role=None)
    assert answer.status == 200, answer
    token = answer.json["access_token"]
    assert answer.json["token_type"] == "Bearer"
    assert lab.get("/drivers", role=None, headers={"Authorization": f"Bearer {token}"}).status == 200


def test_a_refresh_token_works_once(lab: Client) -> None:
    refresh = lab.post("/auth/oauth/token", GRANT, role=None).json["refresh_token"]
    order = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": GRANT["client_id"]}
    assert lab.post("/auth/oauth/token", order, role=None).status == 200
    again = lab.post("/auth/oauth/token", order, role=None)
    assert (again.status, again.json["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"password": "wrong"}, 400, "invalid_grant"),
        ({"client_id": "x"}, 401, "invalid_client"),
        ({"grant_type": "magic"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_a_refused_grant_is_an_oauth_error(lab: Client, change: dict[str, str], status: int, error: str) -> None:
    """Only a bad client is 401 (doorkeeper 5.9 lib/doorkeeper/oauth/error_response.rb)."""
    answer = lab.post("/auth/oauth/token", {**GRANT, **change}, role=None)
    assert (answer.status, answer.json["error"]) == (status, error)


def test_the_client_library_signs_in_with_everything_in_the_query(lab: Client) -> None:
    """As @placeos/ts-client does: no body, an empty secret, the authority's id, its redirect URI."""
    more = {"client_secret": "", "redirect_uri": "https://localhost/backoffice/oauth-resp.html", "authority": "x"}
    media = {"Content-Type": "application/x-www-form-urlencoded"}
    path = f"/auth/token?{urlencode({**GRANT, **more})}"
    assert lab.post(path, b"", role=None, headers=media).json["refresh_token"]


def test_an_application_is_a_client_and_a_confidential_one_shows_its_secret(lab: Client) -> None:
    body = {"name": "App", "redirect_uri": "https://app.example.org/oauth", "owner_id": "authority-x"}
    made = lab.post("/oauth_apps", {**body, "confidential": True}).json
    grant = {**GRANT, "client_id": made["uid"]}
    assert lab.post("/auth/oauth/token", grant, role=None).json["error"] == "invalid_client"
    assert lab.post("/auth/oauth/token", {**grant, "client_secret": made["secret"]}, role=None).status == 200


def test_a_deleted_user_does_not_sign_in(lab: Client) -> None:
    domain = lab.get("/domains").json[0]["id"]
    lab.patch(f"/domains/{domain}", {"internals": {"soft_delete": True}})
    user = lab.post("/users", {"name": "A", "email": "a@example.org", "password": "x"}).id
    grant = {**GRANT, "username": "a@example.org", "password": "x"}
    assert lab.post("/auth/oauth/token", grant, role=None).status == 200
    lab.delete(f"/users/{user}")
    assert lab.post("/auth/oauth/token", grant, role=None).json["error"] == "invalid_grant"
