# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key that signs access tokens, and JSON Web Tokens as Entra writes them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

KNOWN_TOKENS = 2000


def encode(data: bytes) -> str:
    """Return base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64 for URLs; ValueError for anything else."""
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Return header, claims, what was signed, and the signature; ValueError for what is no JWT."""
    head, dot, rest = token.partition(".")
    payload, second, signature = rest.partition(".")
    if not dot or not second or "." in signature:
        raise ValueError("a JSON Web Token has two dots")
    header, claims = json.loads(decode(head)), json.loads(decode(payload))
    if {type(header), type(claims)} != {dict}:
        raise ValueError("header and claims are objects")
    return header, claims, f"{head}.{payload}".encode(), decode(signature)


def pair(name: str, days: int = 365) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """Return an RSA key and a self-signed certificate."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return key, certificate


class SigningKey:
    """An RSA key with a certificate; made anew with each server."""

    def __init__(self) -> None:
        self._key, certificate = pair("lab token signing")
        self._der = certificate.public_bytes(serialization.Encoding.DER)
        self.id = encode(hashlib.sha1(self._der, usedforsecurity=False).digest())
        self._verified: dict[str, dict[str, Any]] = {}

    def sign(self, claims: dict[str, Any]) -> str:
        """Return a signed token."""
        header = {"typ": "JWT", "alg": "RS256", "x5t": self.id, "kid": self.id}
        body = ".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        signature = self._key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{body}.{encode(signature)}"

    def claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that this key signed; ValueError for any other."""
        if token in self._verified:
            return self._verified[token]
        _header, claims, signed, signature = parts(token)
        try:
            self._key.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise ValueError("the signature is not ours") from None
        if len(self._verified) >= KNOWN_TOKENS:
            self._verified.clear()
        self._verified[token] = claims
        return claims

    def public(self) -> dict[str, Any]:
        """Return the key for the key set."""
        numbers = self._key.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.id,
            "x5t": self.id,
            "n": encode(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
            "e": encode(numbers.e.to_bytes(3, "big")),
            "x5c": [base64.b64encode(self._der).decode()],
        }
