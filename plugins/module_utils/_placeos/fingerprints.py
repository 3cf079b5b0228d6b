# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a secret that can't be read back changed? Salted slow hashes decide.

They are kept in the ``internals`` of the server's domain: beside the secrets, in the server's own backup, readable
by administrators and support only (``config`` would be shown to everybody by the authority document).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._placeos import compare
from ansible_collections.placeos.office365.plugins.module_utils._placeos.platform import Platform
from ansible_collections.placeos.office365.plugins.module_utils._plan import Row

INTERNALS_KEY = "ansible_placeos_office365"

_COST = {"n": 2**14, "r": 8, "p": 1}
"""About 50 ms and 16 MB per hash."""


def fingerprint(value: Any, salt: bytes | None = None) -> str:
    """``scrypt$salt$hash`` of a value's canonical form."""
    salt = salt or os.urandom(16)
    digest = hashlib.scrypt(compare.document(value).encode(), salt=salt, maxmem=2**26, dklen=32, **_COST)
    return f"scrypt${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def matches(value: Any, stored: Any) -> bool:
    """Was the stored fingerprint made of this value?"""
    if not isinstance(stored, str) or stored.count("$") != 2:
        return False
    scheme, salt, _digest = stored.split("$")
    try:
        return scheme == "scrypt" and hmac.compare_digest(fingerprint(value, base64.b64decode(salt)), stored)
    except ValueError:
        return False


class Fingerprints:
    """The fingerprints of one server; read when first needed, written once at the end."""

    def __init__(self, platform: Platform, host: str) -> None:
        self._domains = platform.resource("domain")
        self._host = compare.domain(host)
        self._domain: Row | None = None
        self._stored: dict[str, Any] | None = None
        self._learnt: dict[str, Any] = {}

    def matches(self, key: str, value: Any) -> bool:
        """Is value, as far as the fingerprint tells, what stands on the server under this key?"""
        return matches(value, self._read().get(key))

    def learn(self, key: str, value: Any) -> None:
        """Remember a secret that was written."""
        self._learnt[key] = fingerprint(value)

    def save(self) -> str | None:
        """Store what was learnt; returns a warning where that is not possible."""
        if not self._learnt:
            return None
        self._read()
        if self._domain is None:
            return (
                f"no domain {self._host!r} on the server, so it can't be remembered which secrets were written: "
                f"the next run will write them again"
            )
        fresh = self._domains.read(self._domain) or self._domain
        internals = compare.merged(fresh.get("internals"), {INTERNALS_KEY: {"fingerprints": self._learnt}})
        self._domains.update(fresh, {"internals": internals})
        return None

    def _read(self) -> dict[str, Any]:
        if self._stored is None:
            rows = [row for row in self._domains.rows() if compare.domain(row.get("domain")) == self._host]
            self._domain = rows[0] if rows else None
            kept = ((self._domain or {}).get("internals") or {}).get(INTERNALS_KEY) or {}
            self._stored = dict(kept.get("fingerprints") or {})
        return self._stored
