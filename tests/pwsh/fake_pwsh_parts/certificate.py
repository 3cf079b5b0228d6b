# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PFX file, and the assertion that proves the possession of its key. Needs the library cryptography."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12


class Unreadable(Exception):
    """The file, or its password, is not what it should be."""


def assertion(app_id: str, audience: str, path: Path, password: str | None) -> str:
    """Return a signed assertion (JWT, PS256) of an application; raises Unreadable."""
    try:
        key, certificate, _more = pkcs12.load_key_and_certificates(
            path.read_bytes(), password.encode() if password else None
        )
    except OSError as problem:
        raise Unreadable(f"Could not read the certificate file: {problem.strerror}") from None
    except ValueError:
        # .NET says so of a wrong password, and of a file that is no PFX.
        raise Unreadable("The specified network password is not correct.") from None
    if not isinstance(key, rsa.RSAPrivateKey) or certificate is None:
        raise Unreadable("The certificate has no private key.")
    now = int(time.time())
    thumbprint = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()
    head = {"alg": "PS256", "typ": "JWT", "x5t#S256": encoded(thumbprint)}
    claims = {
        "aud": audience,
        "iss": app_id,
        "sub": app_id,
        "jti": str(uuid.uuid4()),
        "nbf": now - 5,
        "exp": now + 300,
    }
    text = ".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    return f"{text}.{encoded(key.sign(text.encode(), scheme, hashes.SHA256()))}"


def encoded(content: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
