# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new secret on its way from the module to the action plugin, readable by that alone.

What a module prints passes through connection plugins, which show it at high verbosity (ssh at -vvv, debug logs). So the
action plugin gives a public key along, made for this one task, and the secret is printed encrypted (RSA-OAEP, RFC 8017).
"""

from __future__ import annotations

import base64

try:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
except ImportError as error:
    CRYPTOGRAPHY_IMPORT_ERROR: ImportError | None = error
else:
    CRYPTOGRAPHY_IMPORT_ERROR = None


class UnusableKey(Exception):
    """The key to seal with is none."""


def _padding() -> padding.OAEP:
    return padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


class Envelope:
    """The receiver's side: one key pair, never stored."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def address(self) -> str:
        """The public key as one line of text."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def open(self, sealed: str) -> str:
        """The text that was sealed for this address."""
        return self._key.decrypt(base64.b64decode(sealed), _padding()).decode("utf-8")


def recipient(address: str) -> rsa.RSAPublicKey:
    """The key of an address; looked at before there is anything to seal."""
    try:
        key = serialization.load_der_public_key(base64.b64decode(address))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey("the key that the action plugin gave along cannot be read") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise UnusableKey("the key that the action plugin gave along is of another kind")
    return key


def seal(text: str, key: rsa.RSAPublicKey) -> str:
    """A text of up to 190 bytes that only the receiver can read; client secrets have 40."""
    return base64.b64encode(key.encrypt(text.encode("utf-8"), _padding())).decode()
