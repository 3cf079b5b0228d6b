# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in with a certificate, and how certificates come to an application."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import Certificate
from lab.microsoft.seed import TENANT_ID
from lab.microsoft.signin import keys
from lab.microsoft.signin.assertion import PADDINGS, TYPE
from lab.microsoft.testing import Client

Pair = tuple[rsa.RSAPrivateKey, Certificate]
AUDIENCE = f"https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/token"


@pytest.fixture(scope="module")
def pair() -> Pair:
    return keys.pair("a test")


@pytest.fixture
def app(ms: Client, pair: Pair) -> dict[str, str]:
    """An application that has the certificate."""
    made = ms.app_with("User.Read.All")
    patch = {"keyCredentials": [new_key(pair[1])]}
    answer = ms.patch(f"/v1.0/applications/{made['object_id']}", patch, role="automation")
    assert answer.status == 204, answer
    return made


def der(certificate: Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def new_key(certificate: Certificate) -> dict[str, Any]:
    return {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(der(certificate)).decode()}


def assertion(pair: Pair, client_id: str, *, alg: str = "PS256", **claims: Any) -> str:
    key, certificate = pair
    digest, name = (hashlib.sha256, "x5t#S256") if alg == "PS256" else (hashlib.sha1, "x5t")
    header = {"alg": alg, "typ": "JWT", name: keys.encode(digest(der(certificate)).digest())}
    now = int(time.time())
    given = {
        "aud": AUDIENCE,
        "iss": client_id,
        "sub": client_id,
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
    }
    body = ".".join(keys.encode(json.dumps(part).encode()) for part in (header, given | claims))
    how: padding.AsymmetricPadding = PADDINGS[alg]
    return f"{body}.{keys.encode(key.sign(body.encode(), how, hashes.SHA256()))}"


@pytest.mark.parametrize("alg", ["PS256", "RS256"])
def test_a_signed_assertion_is_as_good_as_a_secret(ms: Client, app: dict[str, str], pair: Pair, alg: str) -> None:
    value = assertion(pair, app["client_id"], alg=alg)
    answer = ms.sign_in(client_id=app["client_id"], client_assertion_type=TYPE, client_assertion=value)
    assert answer.status == 200, answer
    assert keys.parts(answer.json["access_token"])[1]["appidacr"] == "2"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": int(time.time()) - 4000}, 700024),
        ({"nbf": int(time.time()) + 4000}, 700024),
        ({"aud": "https://login.microsoftonline.com/other/oauth2/v2.0/token"}, 700023),
        ({"iss": "somebody-else"}, 700021),
        ({"sub": "somebody-else"}, 700021),
    ],
)
def test_an_assertion_must_be_about_this_application_here_and_now(
    ms: Client, app: dict[str, str], pair: Pair, claims: dict[str, Any], code: int
) -> None:
    value = assertion(pair, app["client_id"], **claims)
    answer = ms.sign_in(client_id=app["client_id"], client_assertion_type=TYPE, client_assertion=value)
    assert (answer.status, answer.json["error_codes"]) == (401, [code])


def test_a_certificate_nobody_registered_is_not_found(ms: Client, app: dict[str, str]) -> None:
    value = assertion(keys.pair("another"), app["client_id"])
    answer = ms.sign_in(client_id=app["client_id"], client_assertion_type=TYPE, client_assertion=value)
    assert (answer.status, answer.json["error_codes"]) == (401, [700027])
    assert "The key was not found" in answer.json["error_description"]


def test_another_key_under_the_name_of_the_registered_one_is_found_out(
    ms: Client, app: dict[str, str], pair: Pair
) -> None:
    value = assertion((keys.pair("another")[0], pair[1]), app["client_id"])
    answer = ms.sign_in(client_id=app["client_id"], client_assertion_type=TYPE, client_assertion=value)
    assert answer.json["error_codes"] == [700027]
    assert "use of the key to verify the signature failed" in answer.json["error_description"]


def test_an_expired_certificate_opens_nothing(ms: Client, app: dict[str, str], pair: Pair) -> None:
    ms.advance(400 * 86400)
    moment = int(time.time()) + 400 * 86400
    value = assertion(pair, app["client_id"], iat=moment, exp=moment + 300)
    answer = ms.sign_in(client_id=app["client_id"], client_assertion_type=TYPE, client_assertion=value)
    assert "The key used is expired" in answer.json["error_description"]


@pytest.mark.parametrize("value", ["x", "a.b.c", "e30.e30.AAAA"])
def test_what_is_no_assertion_is_malformed(ms: Client, app: dict[str, str], value: str) -> None:
    answer = ms.sign_in(client_id=app["client_id"], client_assertion_type=TYPE, client_assertion=value)
    assert answer.json["error_codes"] == [50027]


def test_a_patch_replaces_every_certificate(ms: Client, app: dict[str, str]) -> None:
    path = f"/v1.0/applications/{app['object_id']}"
    fresh = new_key(keys.pair("fresh")[1])
    assert ms.patch(path, {"keyCredentials": [fresh]}, role="automation").status == 204
    (left,) = ms.get(path, role="automation").json["keyCredentials"]
    assert left["displayName"] == "CN=fresh"
    assert left["key"] is None
    (selected,) = ms.get(f"{path}?$select=keyCredentials", role="automation").json["keyCredentials"]
    assert selected["key"] == fresh["key"]


def test_a_patch_keeps_a_certificate_it_names_by_its_id(ms: Client, app: dict[str, str]) -> None:
    path = f"/v1.0/applications/{app['object_id']}"
    (old,) = ms.get(path, role="automation").json["keyCredentials"]
    body = {"keyCredentials": [old, new_key(keys.pair("fresh")[1])]}
    assert ms.patch(path, body, role="automation").status == 204
    assert len(ms.get(path, role="automation").json["keyCredentials"]) == 2


def test_no_certificate_is_no_certificate(ms: Client, app: dict[str, str]) -> None:
    body = {"keyCredentials": [{"type": "AsymmetricX509Cert", "usage": "Verify", "key": "AAAA"}]}
    answer = ms.patch(f"/v1.0/applications/{app['object_id']}", body, role="automation")
    assert (answer.status, answer.json["error"]["details"][0]["target"]) == (400, "keyCredentials")


def test_a_key_is_added_and_removed_by_proof_of_an_existing_one(ms: Client, app: dict[str, str], pair: Pair) -> None:
    proof = assertion(pair, app["object_id"], aud="00000002-0000-0000-c000-000000000000")
    path = f"/v1.0/applications/{app['object_id']}"
    body = {"keyCredential": new_key(keys.pair("second")[1]), "passwordCredential": None, "proof": proof}
    added = ms.post(f"{path}/addKey", body, role="automation")
    assert (added.status, added.json["displayName"]) == (200, "CN=second")
    removal = {"keyId": added.json["keyId"], "proof": proof}
    assert ms.post(f"{path}/removeKey", removal, role="automation").status == 204
    again = ms.post(f"{path}/removeKey", removal, role="automation")
    assert (again.status, again.json["error"]["message"]) == (400, "No credentials found to be removed.")


def test_a_key_is_not_added_without_a_proof(ms: Client, app: dict[str, str]) -> None:
    body = {"keyCredential": new_key(keys.pair("second")[1]), "proof": "x"}
    answer = ms.post(f"/v1.0/applications/{app['object_id']}/addKey", body, role="automation")
    assert (answer.status, answer.json["error"]["code"]) == (400, "Authentication_MissingOrMalformed")
