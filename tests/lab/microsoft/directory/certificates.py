# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of applications: a PATCH replaces all of them; addKey and removeKey want a proof by an existing one.

Sources: application-update.md, application-addkey.md (the proof is a JWT for 00000002-0000-0000-c000-000000000000 by the
application's object id, good for ten minutes at most).
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ..clock import parse, stamp
from ..errors import GraphError, invalid, new_id
from ..signin import assertion, keys

if TYPE_CHECKING:
    from ..state import Tenant
    from ..table import Row

PROOF_AUDIENCE = "00000002-0000-0000-c000-000000000000"
LONGEST_PROOF = 600


def key_credentials(tenant: Tenant, given: list[Any], current: list[Row]) -> list[Row]:
    """Return the certificates after a PATCH: those with a known keyId and no key stay as they are."""
    known_keys = {row["keyId"]: row for row in current}
    return [
        known_keys[one["keyId"]]
        if isinstance(one, dict) and one.get("keyId") in known_keys and not one.get("key")
        else credential(tenant, one)
        for one in given
    ]


def credential(tenant: Tenant, given: Any) -> Row:
    """Return a new certificate of a request; 400 for what is none."""
    if not isinstance(given, dict) or not isinstance(given.get("key"), str):
        raise invalid("keyCredentials", "Application")
    try:
        raw = base64.b64decode(given["key"], validate=True)
        loader = x509.load_pem_x509_certificate if raw.startswith(b"-----") else x509.load_der_x509_certificate
        certificate = loader(raw)
    except ValueError:
        message = "Key credential value is not a valid certificate."
        raise invalid("keyCredentials", "Application", message) from None
    if given.get("type", "AsymmetricX509Cert") != "AsymmetricX509Cert" or given.get("usage", "Verify") != "Verify":
        raise invalid("keyCredentials", "Application")
    der = certificate.public_bytes(serialization.Encoding.DER)
    ends = certificate.not_valid_after_utc
    if given.get("endDateTime") and parse(str(given["endDateTime"])) > ends:
        raise invalid("keyCredentials", "Application", "Key credential end date is invalid.")
    if ends <= tenant.now():
        raise invalid("keyCredentials", "Application", "Key credential end date is invalid.")
    thumbprint = base64.b64encode(hashlib.sha1(der, usedforsecurity=False).digest()).decode()
    return {
        "customKeyIdentifier": given.get("customKeyIdentifier") or thumbprint,
        "displayName": given.get("displayName") or certificate.subject.rfc4514_string(),
        "endDateTime": given.get("endDateTime") or stamp(ends),
        "key": base64.b64encode(der).decode(),
        "keyId": given.get("keyId") or new_id(),
        "startDateTime": given.get("startDateTime") or stamp(certificate.not_valid_before_utc),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


def check_proof(tenant: Tenant, row: Row, proof: Any) -> None:
    """Refuse a proof that none of the object's certificates signed, or that is not about it (code inferred)."""
    refused = GraphError(400, "Authentication_MissingOrMalformed", "Access Token missing or malformed.")
    try:
        header, claims, signed, signature = keys.parts(str(proof))
    except ValueError:
        raise refused from None
    how = assertion.PADDINGS.get(str(header.get("alg")))
    now, end = tenant.clock.now(), claims.get("exp")
    timely = isinstance(end, (int, float)) and now <= end <= now + LONGEST_PROOF + assertion.SKEW
    if how is None or not timely or claims.get("aud") != PROOF_AUDIENCE or claims.get("iss") != row["id"]:
        raise refused
    for one in row["keyCredentials"]:
        public = x509.load_der_x509_certificate(base64.b64decode(one["key"])).public_key()
        try:
            if isinstance(public, rsa.RSAPublicKey):
                public.verify(signature, signed, how, hashes.SHA256())
                return
        except InvalidSignature:
            continue
    raise refused
