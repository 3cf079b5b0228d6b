# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON web tokens of the lab: RS256, issuer POS, as the sign-in service of PlaceOS issues them."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ISSUER = "POS"
LIFETIME = 2 * 60 * 60


class TokenError(Exception):
    """A bearer token which cannot be accepted; the text is the server's."""


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise TokenError("Invalid base64") from None


class Signer:
    """Issues and checks tokens with a key pair made at start."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._checked: dict[str, dict[str, Any]] = {}

    def issue(self, claims: dict[str, Any], lifetime: int = LIFETIME) -> str:
        """Return a signed token with issue and expiry times added."""
        now = int(time.time())
        payload = {"iss": ISSUER, "iat": now, "exp": now + lifetime, **claims}
        head = _encode(orjson.dumps({"typ": "JWT", "alg": "RS256"}))
        signed = f"{head}.{_encode(orjson.dumps(payload))}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_encode(signature)}"

    def check(self, token: str) -> dict[str, Any]:
        """Return the claims of a valid token; raises TokenError."""
        claims = self._checked.get(token)
        if claims is None:
            claims = self._verify(token)
            if len(self._checked) > 1000:
                self._checked.clear()
            self._checked[token] = claims
        if claims.get("exp", 0) <= time.time():
            raise TokenError("Token is expired")
        return claims

    def _verify(self, token: str) -> dict[str, Any]:
        segments = token.split(".")
        if len(segments) != 3:
            raise TokenError(f"Invalid number of segments in the token. Expected 3 got {len(segments)}")
        try:
            header, claims = orjson.loads(_decode(segments[0])), orjson.loads(_decode(segments[1]))
        except orjson.JSONDecodeError:
            raise TokenError("Invalid JSON") from None
        if not isinstance(header, dict) or not isinstance(claims, dict) or header.get("alg") != "RS256":
            raise TokenError("Invalid JWT header")
        try:
            signed = f"{segments[0]}.{segments[1]}".encode()
            self._key.public_key().verify(_decode(segments[2]), signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise TokenError("Signature verification failed") from None
        return claims
