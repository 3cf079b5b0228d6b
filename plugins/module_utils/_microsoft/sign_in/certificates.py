# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate with which an application signs in: from PEM text or PKCS#12 bytes to what msal signs with.

cryptography comes with msal, which cannot work without it; both are imported where they are used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


class UnusableCertificate(Exception):
    """The certificate cannot be used; the text names what is wrong, never the content."""


@dataclass(frozen=True)
class KeyPair:
    """private_key and certificate: PEM text; thumbprint: SHA-256 of the certificate, in hex."""

    private_key: str = field(repr=False)
    certificate: str
    thumbprint: str


def key_pair(content: str | bytes, passphrase: str | None = None) -> KeyPair:
    """The private key and its certificate. Several certificates may follow; the one of the key is taken."""
    raw = content.encode() if isinstance(content, str) else content
    secret = passphrase.encode() if passphrase else None
    key, certificates = _from_pem(raw, secret) if b"-----BEGIN" in raw else _from_pkcs12(raw, secret)

    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    if not isinstance(key, RSAPrivateKey):
        raise UnusableCertificate("its key is not an RSA key, and Entra accepts no other kind from an application")

    def public(holder: Any) -> bytes:
        return bytes(holder.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    mine = next((certificate for certificate in certificates if public(certificate) == public(key)), None)
    if mine is None:
        raise UnusableCertificate(
            "it has no certificate beside the private key; put both into it"
            if not certificates
            else "its certificate does not belong to its private key"
        )
    return KeyPair(
        private_key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        certificate=mine.public_bytes(Encoding.PEM).decode(),
        thumbprint=mine.fingerprint(hashes.SHA256()).hex().upper(),
    )


def _from_pem(raw: bytes, passphrase: bytes | None) -> tuple[Any, list[Any]]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    blocks: dict[str, list[bytes]] = {"key": [], "certificate": []}
    for block in _BLOCK.finditer(raw):
        label = block.group(1)
        if label.endswith(b"PRIVATE KEY"):
            blocks["key"].append(block.group(0))
        elif label == b"CERTIFICATE":
            blocks["certificate"].append(block.group(0))
    if not blocks["key"]:
        raise UnusableCertificate("it has no private key; put the key and the certificate into it")
    key_block = blocks["key"][0]
    encrypted = b"ENCRYPTED" in key_block
    if encrypted and not passphrase:
        raise UnusableCertificate("its private key is encrypted and there is no passphrase")
    try:
        key = load_pem_private_key(key_block + b"\n", passphrase if encrypted else None)
    except (ValueError, TypeError) as error:
        raise UnusableCertificate(
            "the passphrase does not open its private key" if encrypted else "its private key cannot be read"
        ) from error
    except Exception as error:  # cryptography has kinds of its own for what it does not support
        raise UnusableCertificate(f"its private key is of an unknown kind ({type(error).__name__})") from error
    try:
        return key, [x509.load_pem_x509_certificate(block + b"\n") for block in blocks["certificate"]]
    except ValueError as error:
        raise UnusableCertificate("its certificate cannot be read") from error


def _from_pkcs12(raw: bytes, passphrase: bytes | None) -> tuple[Any, list[Any]]:
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        key, certificate, others = pkcs12.load_key_and_certificates(raw, passphrase)
    except Exception as error:  # which ones is not documented
        words = str(error).lower()
        if "password" in words or "mac" in words or "decrypt" in words:
            raise UnusableCertificate(
                "the passphrase does not open it" if passphrase else "it is encrypted and there is no passphrase"
            ) from error
        raise UnusableCertificate("it is neither PEM text nor a PKCS#12 (PFX) file") from error
    if key is None:
        raise UnusableCertificate("it has no private key; export it with its private key")
    return key, [one for one in (certificate, *others) if one is not None]
