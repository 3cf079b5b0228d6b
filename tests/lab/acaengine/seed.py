# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state a server starts from: one authority, three users, one application, one edge node, the scanned drivers.

Passwords, tokens and ids are constants so that a demonstration inventory can hold them. They open nothing but the lab, which
listens on this machine only: they are worthless and no secrets.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from .model import save
from .models import others
from .store import Document
from .tokens import Token

if TYPE_CHECKING:
    from .state import State

EDGE_ID = "edge-LabNode01"
PASSWORD = "lab-password-of-no-value"
CLIENT_SECRET = "lab-client-secret-of-no-value"
PEOPLE = (
    ("admin", "Admin User", True, False),
    ("support", "Support User", False, True),
    ("user", "Plain User", False, False),
)
TOKENS = {role: f"lab{role}tokenofnovalue".ljust(64, "0") for role, *_others in PEOPLE}
FOREVER = 4_102_444_800.0


def address(role: str, domain: str) -> str:
    """Return the e-mail address of a seeded user."""
    return f"{role}@{domain}.example.org"


def client_id_of(domain: str) -> str:
    """Return the id of the backoffice application: the MD5 of its redirect URI (CA applications_controller.rb:49)."""
    redirect = f"https://{domain}/backoffice/oauth-resp.html"
    return hashlib.md5(redirect.encode(), usedforsecurity=False).hexdigest()


def plant(state: State) -> None:
    """Fill the empty tables of a server."""
    domain = state.domain
    node = others.EDGE.build({"name": "Lab node", "host_origin": f"https://{domain}", "password": "0" * 32})
    save(state, others.EDGE, Document(node, id=EDGE_ID))
    authority = save(state, others.AUTHORITY, others.AUTHORITY.build({"name": f"Local {domain}", "dom": domain}))
    for role, name, admin, support in PEOPLE:
        email = address(role, domain)
        values = {"name": name, "email": email, "sys_admin": admin, "support": support, "authority_id": authority["id"]}
        user = others.USER.build(values)
        user["email_digest"] = hashlib.md5(email.encode(), usedforsecurity=False).hexdigest()
        user["password_digest"] = "400$8$25$lab$scrypt-digest-of-no-value"
        user = save(state, others.USER, Document(user, id=f"user-Lab{role.title()}"))
        state.tokens.keep(Token(TOKENS[role], user["id"], 0, FOREVER))
    state.client_id, state.client_secret = client_id_of(domain), CLIENT_SECRET
    scan(state)


def scan(state: State) -> None:
    """Make every class on the disk known (RE discovery.rb:24-82)."""
    for kind in state.engine.shelf.on_disk.values():
        found_id = f"disc-{kind.class_name}"
        known = state.tables.discoveries.get(found_id)
        row = Document(known) if known is not None else others.DISCOVERY.build({})
        save(state, others.DISCOVERY, Document(others.DISCOVERY.assign(row, kind.details()), id=found_id))


def credentials(state: State) -> dict[str, Any]:
    """Return what a client needs to sign in."""
    people = {role: {"username": address(role, state.domain), "password": PASSWORD} for role, *_others in PEOPLE}
    return {
        "client_id": state.client_id,
        "client_secret": state.client_secret,
        **people["admin"],
        "users": people,
        "tokens": TOKENS,
    }
