# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens: whom the sign-in service believes, what it says to the others, and what stands in a token."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest
from lab.microsoft.seed import INITIAL_DOMAIN, MAIL_DOMAIN, TENANT_ID
from lab.microsoft.seed_apps import AUTOMATION_ID, PLACEOS_ID, PLACEOS_KEY, PLACEOS_SECRET
from lab.microsoft.signin import keys
from lab.microsoft.testing import FORM, GRAPH_SCOPE, Client, Running

GOOD = {"client_id": PLACEOS_ID, "client_secret": PLACEOS_SECRET}
EXCHANGE_SCOPE = "https://outlook.office365.com/.default"


def claims_of(token: str) -> dict[str, Any]:
    return keys.parts(token)[1]


@pytest.mark.parametrize("tenant", [TENANT_ID, TENANT_ID.upper(), INITIAL_DOMAIN, MAIL_DOMAIN])
def test_the_tenant_may_be_named_by_its_id_or_any_of_its_domains(ms: Client, tenant: str) -> None:
    answer = ms.sign_in(tenant, **GOOD)
    assert answer.status == 200
    assert answer.json | {"access_token": ""} == {
        "token_type": "Bearer",
        "expires_in": 3599,
        "ext_expires_in": 3599,
        "access_token": "",
    }
    assert answer.headers["cache-control"] == "no-store, no-cache"
    assert answer.headers["x-ms-request-id"]


def test_a_token_says_who_may_do_what_where_and_until_when(ms: Client, running_ms: Running) -> None:
    claims = claims_of(ms.token_of(PLACEOS_ID, PLACEOS_SECRET))
    assert claims["roles"] == ["Calendars.ReadWrite", "Group.Read.All", "Place.Read.All", "User.Read.All"]
    assert claims["aud"] == "https://graph.microsoft.com"
    assert claims["iss"] == f"https://sts.windows.net/{TENANT_ID}/"
    assert (claims["tid"], claims["appid"], claims["idtyp"], claims["appidacr"]) == (TENANT_ID, PLACEOS_ID, "app", "1")
    principal = running_ms.tenant.principal_by(PLACEOS_ID)
    assert principal is not None
    assert claims["oid"] == claims["sub"] == principal["id"]
    assert claims["exp"] - claims["iat"] == 3599


def test_a_token_for_a_resource_without_grants_has_no_roles_at_all(ms: Client) -> None:
    assert "roles" not in claims_of(ms.token_of(PLACEOS_ID, PLACEOS_SECRET, EXCHANGE_SCOPE))


def test_a_resource_may_be_named_by_its_application_id(ms: Client) -> None:
    token = ms.token_of(PLACEOS_ID, PLACEOS_SECRET, "00000003-0000-0000-c000-000000000000/.default")
    assert claims_of(token)["aud"] == "00000003-0000-0000-c000-000000000000"
    assert ms.get("/v1.0/users?$top=1", role=token).status == 200


@pytest.mark.parametrize(
    ("change", "status", "error", "said"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", (7000215, "Invalid client secret provided")),
        ({"client_secret": PLACEOS_KEY}, 401, "invalid_client", (7000215, "not the client secret ID")),
        ({"client_secret": ""}, 401, "invalid_client", (7000218, "'client_assertion' or 'client_secret'")),
        ({"client_id": "aaaabbbb-0000-0000-0000-000000000000"}, 400, "unauthorized_client", (700016, "'Acme'")),
        ({"client_id": ""}, 400, "invalid_request", (900144, "'client_id'")),
        ({"scope": ""}, 400, "invalid_request", (900144, "'scope'")),
        ({"grant_type": ""}, 400, "invalid_request", (900144, "'grant_type'")),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", (70003, "'password'")),
        ({"scope": "User.Read.All"}, 400, "invalid_scope", (1002012, "scope User.Read.All is not valid")),
        ({"scope": f"{GRAPH_SCOPE} {EXCHANGE_SCOPE}"}, 400, "invalid_scope", (1002012, "is not valid")),
        ({"scope": "https://graph.microsoft.us/.default"}, 400, "invalid_resource", (500011, "graph.microsoft.us")),
        ({"tenant": "99998888-7777-4666-8555-444433332222"}, 400, "invalid_request", (90002, "'99998888")),
        ({"tenant": "nobody.example"}, 400, "invalid_request", (90002, "'nobody.example'")),
        ({"tenant": "not_a_tenant"}, 400, "invalid_request", (900023, "'not_a_tenant'")),
        ({"tenant": "common"}, 400, "unauthorized_client", (700016, "'Microsoft Services'")),
        ({"tenant": "organizations"}, 400, "unauthorized_client", (700016, "'Microsoft Services'")),
    ],
)
def test_each_mistake_has_its_own_code(
    ms: Client, change: dict[str, str], status: int, error: str, said: tuple[int, str]
) -> None:
    code, words = said
    answer = ms.sign_in(**{**GOOD, **change})
    assert (answer.status, answer.json["error"], answer.json["error_codes"]) == (status, error, [code])
    assert answer.json["error_description"].startswith(f"AADSTS{code}: ")
    assert words in answer.json["error_description"]
    assert answer.json["error_uri"].endswith(f"code={code}")
    assert answer.json["trace_id"] in answer.json["error_description"]


def test_a_secret_that_was_removed_is_a_wrong_one(ms: Client) -> None:
    made = ms.app_with()
    path = f"/v1.0/applications/{made['object_id']}/removePassword"
    assert ms.post(path, {"keyId": made["key_id"]}, role="automation").status == 204
    answer = ms.sign_in(client_id=made["client_id"], client_secret=made["client_secret"])
    assert answer.json["error_codes"] == [7000215]


def test_a_secret_past_its_end_has_expired(ms: Client) -> None:
    made = ms.app_with(days=2)
    good = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
    assert ms.sign_in(**good).status == 200
    ms.advance(2 * 86400 + 1)
    assert ms.sign_in(**good).json["error_codes"] == [7000222]


def test_the_switch_lets_every_secret_expire(ms: Client) -> None:
    ms.switch("secrets-expire", enabled=True)
    assert ms.sign_in(**GOOD).json["error_codes"] == [7000222]


def test_an_application_without_enterprise_application_gets_no_token(ms: Client) -> None:
    made = ms.app_with()
    assert ms.delete(f"/v1.0/servicePrincipals/{made['service_principal_id']}", role="automation").status == 204
    answer = ms.sign_in(client_id=made["client_id"], client_secret=made["client_secret"])
    assert (answer.status, answer.json["error_codes"]) == (401, [7000229])


def test_a_disabled_enterprise_application_gets_no_token(ms: Client) -> None:
    made = ms.app_with(name="Off")
    path = f"/v1.0/servicePrincipals/{made['service_principal_id']}"
    assert ms.patch(path, {"accountEnabled": False}, role="automation").status == 204
    answer = ms.sign_in(client_id=made["client_id"], client_secret=made["client_secret"])
    assert (answer.status, answer.json["error_codes"]) == (401, [7000112])
    assert "(Off)" in answer.json["error_description"]


def test_conditional_access_blocks_a_right_secret_and_says_of_a_wrong_one_that_it_is_wrong(ms: Client) -> None:
    ms.switch("conditional-access", enabled=True)
    blocked = ms.sign_in(**GOOD)
    assert (blocked.status, blocked.json["error"], blocked.json["error_codes"]) == (400, "invalid_grant", [53003])
    assert ms.sign_in(**{**GOOD, "client_secret": "wrong"}).json["error_codes"] == [7000215]


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_token_endpoint_takes_posts_only(ms: Client, method: str) -> None:
    answer = ms(method, f"/{TENANT_ID}/oauth2/v2.0/token", role=None)
    assert (answer.status, answer.json["error_codes"]) == (400, [900561])
    assert f"Received a {method} request" in answer.json["error_description"]


def test_an_empty_tenant_is_a_path_nobody_knows(ms: Client) -> None:
    answer = ms.post("//oauth2/v2.0/token", b"grant_type=client_credentials", role=None, headers=FORM)
    assert (answer.status, answer.text) == (404, "")
    assert answer.headers["x-ms-ests-server"]


def test_a_query_of_the_token_endpoint_is_tolerated_and_its_id_comes_back(ms: Client) -> None:
    query = "?client-request-id=0f1e2d3c-0000-4000-8000-000000000200"
    assert ms.sign_in(query=query, **GOOD).status == 200
    answer = ms.sign_in(query=query, **{**GOOD, "client_secret": "wrong"})
    assert answer.json["correlation_id"] == "0f1e2d3c-0000-4000-8000-000000000200"


def test_a_shorter_life_can_be_ordered(ms: Client) -> None:
    ms.switch("token-lifetime", seconds=60)
    answer = ms.sign_in(**GOOD)
    assert answer.json["expires_in"] == 60
    assert ms.get("/v1.0/users?$top=1", role=answer.json["access_token"]).status == 200
    ms.advance(61)
    assert ms.get("/v1.0/users?$top=1", role=answer.json["access_token"]).status == 401


@pytest.mark.parametrize("tenant", [TENANT_ID, INITIAL_DOMAIN])
def test_discovery_keeps_clients_on_the_address_they_asked(ms: Client, tenant: str) -> None:
    document = ms.get(f"/{tenant}/v2.0/.well-known/openid-configuration", role=None).json
    root = f"https://localhost/{TENANT_ID}"
    assert document["issuer"] == f"{root}/v2.0"
    assert document["token_endpoint"] == f"{root}/oauth2/v2.0/token"
    assert document["jwks_uri"] == f"{root}/discovery/v2.0/keys"


def test_discovery_of_an_unknown_tenant_is_refused(ms: Client) -> None:
    answer = ms.get("/99998888-7777-4666-8555-444433332222/v2.0/.well-known/openid-configuration", role=None)
    assert (answer.status, answer.json["error"], answer.json["error_codes"]) == (400, "invalid_tenant", [90002])


@pytest.mark.parametrize("tenant", ["common", "organizations"])
def test_shared_discovery_leaves_the_tenant_open(ms: Client, tenant: str) -> None:
    document = ms.get(f"/{tenant}/v2.0/.well-known/openid-configuration", role=None).json
    assert "{tenantid}" in document["issuer"]
    assert document["token_endpoint"].endswith(f"/{tenant}/oauth2/v2.0/token")


def test_the_key_set_holds_the_key_that_signs(ms: Client) -> None:
    published = ms.get("/common/discovery/v2.0/keys", role=None).json["keys"]
    header = keys.parts(ms.token_of(PLACEOS_ID, PLACEOS_SECRET))[0]
    assert [key["kid"] for key in published] == [header["kid"]]
    assert published[0]["kty"] == "RSA"


def test_signing_in_is_no_write(ms: Client) -> None:
    ms.post("/_lab/read-only", {"enabled": True}, role=None)
    assert ms.sign_in(**GOOD).status == 200
    assert ms.get("/_lab/violations", role=None).json == []


def test_client_credentials_may_come_as_basic_authentication(ms: Client) -> None:
    basic = base64.b64encode(f"{AUTOMATION_ID}:wrong".encode()).decode()
    body = f"grant_type=client_credentials&scope={quote(GRAPH_SCOPE)}".encode()
    headers = {**FORM, "Authorization": f"Basic {basic}"}
    answer = ms.post(f"/{TENANT_ID}/oauth2/v2.0/token", body, role=None, headers=headers)
    assert answer.json["error_codes"] == [7000215]
