# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in settings (RE lib/orchestrator/encryption.rb).

Ciphertext is ``ESC salt|iv|tag|cipher``: AES-256-GCM, authenticated with "<object id>|<key>", so that it opens only where
it was made. The key comes from scrypt of a constant instead of the server's secret, with the cheapest cost there is: the
lab keeps no secrets, and a rollout writes a thousand of them.
"""

from __future__ import annotations

import base64
import hashlib
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import Crash

ESCAPE = "\x1b"
SECRET_KEY_BASE = b"lab secret key base"
TAG_BYTES = 16
LINE = 60


class CipherError(Exception):
    """Ciphertext under another object or key; OpenSSL gives no message, so Ruby shows the name of the class."""

    def __init__(self) -> None:
        super().__init__("OpenSSL::Cipher::CipherError")


@lru_cache(maxsize=4096)
def _key(salt: str) -> bytes:
    password = hashlib.scrypt(SECRET_KEY_BASE, salt=salt.encode(), n=2, r=1, p=1, dklen=24).hex()
    return hashlib.sha256(f"{salt}${password}".encode()).digest()


def _encode(data: bytes) -> str:
    """Ruby's Base64.encode64: lines of 60 characters, each with its line break."""
    text = base64.b64encode(data).decode()
    return "".join(f"{text[start : start + LINE]}\n" for start in range(0, len(text), LINE))


def encode_setting(owner: str, key: str, clear: str) -> str:
    """Return ciphertext with a fresh salt (encryption.rb:50-66). Ruby's cipher refuses an empty text."""
    if not clear:
        raise Crash("data must not be empty (ArgumentError)")
    salt, vector = f"400$8$29${os.urandom(8).hex()}", os.urandom(12)
    sealed = AESGCM(_key(salt)).encrypt(vector, clear.encode(), f"{owner}|{key}".encode())
    parts = (vector, sealed[-TAG_BYTES:], sealed[:-TAG_BYTES])
    return f"{ESCAPE}{salt}|" + "|".join(map(_encode, parts))


def decode_setting(owner: str, key: str, data: str) -> str:
    """Return the clear text; what is no ciphertext is returned as it is (encryption.rb:68-80). Raises CipherError."""
    if not data.startswith(ESCAPE):
        return data
    salt, *parts = data[1:].split("|", 3)
    try:
        vector, tag, cipher = map(base64.b64decode, parts)
        return AESGCM(_key(salt)).decrypt(vector, cipher + tag, f"{owner}|{key}".encode()).decode()
    except (InvalidTag, ValueError):
        raise CipherError from None


def encrypt_settings(owner: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings with every text under a ``$key`` encrypted and stored under ``key`` (encryption.rb:20-44).

    Hashes are searched, arrays are not; what is no text keeps its name with the dollar sign.
    """
    stored = dict(settings)
    for name, value in settings.items():
        if isinstance(value, dict):
            stored[name] = encrypt_settings(owner, value)
        elif isinstance(value, str) and name.startswith("$"):
            stored[name[1:]] = encode_setting(owner, name[1:], value)
            del stored[name]
    return stored
