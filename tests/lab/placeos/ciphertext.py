# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption of settings and passwords at rest (models, utilities/encryption.cr).

``ESC salt|iv|ciphertext``: AES-256-GCM without a stored tag, key = SHA-256(salt, server secret, row id, level name).
A value read under the wrong id or level therefore decrypts to garbage instead of failing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

ESCAPE = "\x1b"
SERVER_SECRET = "lab server secret"
LEVEL_NAMES = ("None", "Support", "Admin", "NeverDisplay")
NONE, SUPPORT, ADMIN, NEVER = range(4)


def is_encrypted(text: str) -> bool:
    """Tell whether a stored text is ciphertext."""
    return text.startswith(ESCAPE)


def _key(salt: str, owner: str, level: int) -> bytes:
    return hashlib.sha256(f"{salt}{SERVER_SECRET}{owner}{LEVEL_NAMES[level]}".encode()).digest()


def encrypt(text: str, owner: str, level: int) -> str:
    """Return ciphertext with a fresh salt; level 0 and ciphertext are kept as they are."""
    if level == NONE or is_encrypted(text):
        return text
    salt, vector = str(uuid.uuid4()), os.urandom(12)
    encryptor = Cipher(algorithms.AES(_key(salt, owner, level)), modes.GCM(vector)).encryptor()
    data = encryptor.update(text.encode()) + encryptor.finalize()
    return f"{ESCAPE}{salt}|{base64.b64encode(vector).decode()}|{base64.b64encode(data).decode()}"


def decrypt(text: str, owner: str, level: int) -> str:
    """Return the clear text; raises ValueError when the result is not UTF-8 (wrong owner or level)."""
    if level == NONE or not is_encrypted(text):
        return text
    salt, vector, data = text[1:].split("|")
    cipher = Cipher(algorithms.AES(_key(salt, owner, level)), modes.GCM(base64.b64decode(vector)))
    return cipher.decryptor().update(base64.b64decode(data)).decode()


def visible(level: int, *, admin: bool, support: bool) -> bool:
    """Tell whether a caller may see values of a level: admin 0-2, support 0-1, user 0, nobody 3."""
    return level <= (ADMIN if admin else SUPPORT if support else NONE)
