# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state a server starts from: one authority, three users, one API key each, nothing else.

Keys and password are constants so that a demonstration inventory can hold them. They open nothing but the lab, which
listens on this machine only: they are worthless and no secrets.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from .auth import ADMIN_SUPPORT, SUPPORT, USER, key_digest, user_claims
from .resources import api_keys, domains, users
from .resources.signin import client_id_of
from .rows import build, insert

if TYPE_CHECKING:
    from .state import State

PASSWORD = "lab-password-of-no-value"
KEYS = {
    "admin": "api_key-LabAdmin001.lab1AdminKeyOfNoValueWorksOnlyOnTheLabServer0001",
    "support": "api_key-LabSupport1.lab2SupportKeyOfNoValueWorksOnlyOnTheLabServer02",
    "user": "api_key-LabUserKey1.lab3PlainUserKeyOfNoValueWorksOnlyOnTheLabServer3",
}
PEOPLE: tuple[tuple[str, str, bool, bool, int], ...] = (
    ("admin", "Admin User", True, True, ADMIN_SUPPORT),
    ("support", "Support User", False, True, SUPPORT),
    ("user", "Plain User", False, False, USER),
)


@cache
def _digest(role: str) -> str:
    """Return the digest of a seeded user's password; made once, because it is slow on purpose."""
    return users.password_digest(PASSWORD)


def address(role: str, domain: str) -> str:
    """Return the e-mail address of a seeded user."""
    return f"{role}@{domain}.example.org"


def plant(state: State) -> None:
    """Fill the empty tables of a server."""
    tables, domain = state.tables, state.domain
    authority = build(domains.MODEL, {"name": f"Local {domain}", "domain": domain})
    insert(tables.domains, authority)
    for role, name, admin, support, permission in PEOPLE:
        email = address(role, domain)
        user = build(
            users.MODEL,
            {"name": name, "email": email, "sys_admin": admin, "support": support},
            authority_id=authority["id"],
            email_digest=hashlib.md5(email.encode(), usedforsecurity=False).hexdigest(),
        )
        user["password_digest"] = _digest(role)
        insert(tables.users, user)
        key_id, _dot, secret = KEYS[role].partition(".")
        key = build(
            api_keys.MODEL,
            {"name": f"{role}-key", "description": "seed", "permissions": permission, "user_id": user["id"]},
            secret=key_digest(key_id, secret),
        )
        key["authority_id"] = authority["id"]
        insert(tables.api_keys, key, key_id)


def credentials(state: State) -> dict[str, Any]:
    """Return what a client needs to sign in: keys and a token by role, and the password grant."""
    admin = next(user for user in state.tables.users if user["name"] == "Admin User")
    claims = user_claims(admin, ADMIN_SUPPORT, state.domain, ["public"])
    return {
        "credentials": {**KEYS, "jwt_admin": state.signer.issue(claims, 30 * 24 * 60 * 60)},
        "username": address("admin", state.domain),
        "password": PASSWORD,
        "client_id": client_id_of(state.domain),
    }
