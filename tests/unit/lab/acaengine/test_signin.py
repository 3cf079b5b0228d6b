# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The authority document, tokens, and who may do what."""

from __future__ import annotations

import re

import pytest
from lab.acaengine.seed import CLIENT_SECRET, EDGE_ID, PASSWORD, address, client_id_of
from lab.acaengine.testing import Client

CLIENT = client_id_of("localhost")


def test_the_authority_document_tells_the_platform_and_hides_internals(aca: Client) -> None:
    answer = aca.get("/auth/authority", role=None)
    assert (answer.json["version"], answer.json["dom"]) == ("v1.0.0", "localhost")
    assert (answer.json["session"], answer.json["production"]) == (False, True)
    assert answer.json["login_url"] == "/login?continue={{url}}"
    assert not answer.json.keys() & {"internals", "created_at", "token_valid"}


def test_the_authority_is_chosen_by_the_host_and_its_port_does_not_matter(aca: Client) -> None:
    assert aca.get("/auth/authority", role=None, headers={"Host": "localhost:8443"}).status == 200
    unknown = aca.get("/auth/authority", role=None, headers={"Host": "acme.example"})
    assert (unknown.status, unknown.text) == (404, "")
    aca.made("/auth/api/domains", name="Acme", dom="https://acme.example/x")
    assert aca.get("/auth/authority", role=None, headers={"Host": "ACME.example"}).json["name"] == "Acme"
    assert aca.get("/auth/authority", role=None, headers={"X-Forwarded-Host": "acme.example"}).json["name"] == "Acme"


def test_a_password_gives_an_opaque_token_for_two_weeks(aca: Client) -> None:
    answer = aca.token()
    assert re.fullmatch(r"[0-9a-f]{64}", answer.json["access_token"])
    assert (answer.json["token_type"], answer.json["scope"]) == ("bearer", "public")
    assert answer.json["expires_in"] == 14 * 24 * 60 * 60
    assert answer.json["refresh_token"]
    assert aca.get("/zones", role=answer.json["access_token"]).status == 200


def test_a_token_request_may_be_json(aca: Client) -> None:
    body = {"grant_type": "password", "username": address("user", "localhost").upper(), "password": PASSWORD}
    token = aca.post("/auth/oauth/token", body, role=None).json["access_token"]
    assert aca.get("/users/current", role=token).json["name"] == "Plain User"


def test_a_token_is_taken_from_the_query_too(aca: Client) -> None:
    token = aca.token().json["access_token"]
    assert aca.get(f"/zones?bearer_token={token}", role=None).status == 200
    assert aca.get(f"/zones?access_token={token}", role=None).status == 200


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"password": "wrong"}, "invalid_grant"),
        ({"username": "nobody@localhost.example.org"}, "invalid_grant"),
        ({"client_id": "unknown"}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "used"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "client_id": CLIENT}, "invalid_client"),
    ],
)
def test_every_refusal_is_401_with_the_words_of_doorkeeper(aca: Client, values: dict[str, str], error: str) -> None:
    answer = aca.token(**values)
    assert (answer.status, answer.json["error"]) == (401, error)
    assert answer.json["error_description"] in answer.headers["www-authenticate"]


def test_client_id_and_secret_together_are_right_or_refused(aca: Client) -> None:
    assert aca.token(client_secret=CLIENT_SECRET).status == 200


def test_a_refresh_revokes_the_old_tokens_at_once(aca: Client) -> None:
    first = aca.token().json
    second = aca.token(grant_type="refresh_token", refresh_token=first["refresh_token"], client_id=CLIENT).json
    assert aca.get("/zones", role=second["access_token"]).status == 200
    refused = aca.get("/zones", role=first["access_token"])
    assert (refused.status, refused.text) == (401, "")
    assert "The access token was revoked" in refused.headers["www-authenticate"]
    again = aca.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (again.status, again.json["error"]) == (401, "invalid_grant")


def test_tokens_can_be_made_to_expire_and_renewed(aca: Client) -> None:
    issued = aca.token().json
    assert aca.post("/_lab/expire-tokens", {}).json == {"expired": 1}
    refused = aca.get("/zones", role=issued["access_token"])
    assert refused.status == 401
    assert "The access token expired" in refused.headers["www-authenticate"]
    renewed = aca.token(grant_type="refresh_token", refresh_token=issued["refresh_token"]).json
    assert aca.get("/zones", role=renewed["access_token"]).status == 200
    assert aca.get("/zones").status == 200, "the seeded tokens are spared"


def test_without_refresh_tokens_only_the_password_is_left(aca: Client) -> None:
    issued = aca.token().json
    aca.post("/_lab/expire-tokens", {"refresh": True})
    assert aca.token(grant_type="refresh_token", refresh_token=issued["refresh_token"]).json["error"] == "invalid_grant"
    assert aca.token().status == 200


def test_the_lifetime_of_tokens_can_be_shortened(aca: Client) -> None:
    aca.post("/_lab/faults", {"fault": "token-lifetime", "seconds": 60})
    assert aca.token().json["expires_in"] == 60
    aca.delete("/_lab/faults")
    assert aca.token().json["expires_in"] == 1_209_600


def test_a_clients_own_token_has_no_user(aca: Client) -> None:
    issued = aca.token(grant_type="client_credentials", client_id=CLIENT, client_secret=CLIENT_SECRET).json
    assert "refresh_token" not in issued
    token = issued["access_token"]
    assert aca.get("/systems", role=token).status == 200, "nothing asks for the user there"
    assert aca.get("/zones?tags=org", role=token).status == 200
    for path in ("/zones", "/modules", "/dependencies", "/users/current", "/auth/api/domains"):
        refused = aca.get(path, role=token)
        assert (path, refused.status, refused.text) == (path, 401, "")


@pytest.mark.parametrize("role", [None, "no-such-token"])
@pytest.mark.parametrize("path", ["/zones", "/zones/unknown", "/systems", "/users/current", "/auth/api/domains"])
def test_without_a_token_every_route_is_401_and_empty(aca: Client, role: str | None, path: str) -> None:
    answer = aca.get(path, role=role)
    assert (answer.status, answer.text) == (401, "")
    assert "The access token is invalid" in answer.headers["www-authenticate"]


ANYONE = ("/systems", "/zones?tags=org", "/users/current")
SUPPORT = ("/zones", "/modules", "/dependencies", "/nodes")
ADMIN = ("/discovery", "/auth/api/domains", "/users")


@pytest.mark.parametrize(
    ("role", "allowed"), [("user", ANYONE), ("support", (*ANYONE, *SUPPORT)), ("admin", (*ANYONE, *SUPPORT, *ADMIN))]
)
def test_who_may_list_what(aca: Client, role: str, allowed: tuple[str, ...]) -> None:
    found = {path: aca.get(path, role=role).status for path in (*ANYONE, *SUPPORT, *ADMIN)}
    assert found == {path: 200 if path in allowed else 403 for path in found}


@pytest.mark.parametrize("role", ["user", "support"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/zones"),
        ("PUT", "/zones/unknown"),
        ("DELETE", "/zones/unknown"),
        ("POST", "/systems"),
        ("PATCH", "/systems/unknown"),
        ("POST", "/systems/unknown/remove"),
        ("POST", "/systems/unknown/start"),
        ("POST", "/modules"),
        ("POST", "/modules/unknown/start"),
        ("POST", "/dependencies"),
        ("POST", "/dependencies/unknown/reload"),
        ("POST", "/discovery/scan"),
        ("POST", "/auth/api/domains"),
    ],
)
def test_writing_is_for_administrators_and_checked_first(aca: Client, role: str, method: str, path: str) -> None:
    answer = aca(method, path, {}, role=role)
    assert (answer.status, answer.text) == (403, "")


def test_the_current_user_is_shown_with_every_attribute(aca: Client) -> None:
    user = aca.get("/users/current").json
    assert (user["email"], user["sys_admin"]) == ("admin@localhost.example.org", True)
    assert user["password_digest"].startswith("400$")
    assert "password_digest" not in aca.get(f"/users/{user['id']}").json


def test_there_is_one_node(aca: Client) -> None:
    assert [node["id"] for node in aca.get("/nodes").json["results"]] == [EDGE_ID]
