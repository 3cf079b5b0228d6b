# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules for Microsoft 365 are run for, as tests need it many times: a module, and its options on a new tenant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .app import WANTED
from .microsoft import Microsoft

ROOMS, STAFF = "placeos-rooms@acme.example", "placeos-staff@acme.example"
ROOM, SERVICE, CONTROL = "syd-24.01@acme.example", "placeos@acme.example", "dana.marsh@acme.example"


def scoped_app(microsoft: Microsoft, *permissions: str) -> dict[str, Any]:
    """An application without any policy, and without mailbox permissions in Entra unless named: the options for it."""
    made = microsoft.made_app(name="PlaceOS by roles", permissions=["User.Read.All", *permissions])
    return {"app_id": made["client_id"], "app": {"client_secret": made["client_secret"]}}


ACCESS: dict[str, Any] = {
    "transport": "admin_api",
    "access": [{"group": ROOMS}, {"group": STAFF}],
    "members": [ROOM, SERVICE],
    "allowed_mailboxes": [ROOM, SERVICE],
    "denied_mailboxes": [CONTROL],
    "replication_deadline": 0,
}


def make(microsoft: Microsoft) -> dict[str, Any]:
    return {**WANTED, "secret": {}, "replication_deadline": 20}


def change(microsoft: Microsoft) -> dict[str, Any]:
    app = microsoft.made_app(name=WANTED["name"], permissions=["Mail.Send", "User.Read.All"])
    return {
        "app_id": app["client_id"],
        "permissions": ["User.Read.All", "Place.Read.All"],
        "purge": True,
        "secret": {"key_id": app["key_id"], "renew": "always"},
        "replication_deadline": 20,
    }


def delete(microsoft: Microsoft) -> dict[str, Any]:
    app = microsoft.made_app(name="To be deleted")
    return {"app_id": app["client_id"], "state": "absent", "replication_deadline": 20}


def check(microsoft: Microsoft) -> dict[str, Any]:
    return {
        **microsoft.identity("placeos"),
        "reader": microsoft.identity("automation"),
        "allowed_mailboxes": [ROOM],
        "denied_mailboxes": [CONTROL],
        "fail_on": "never",
    }


def policies(microsoft: Microsoft) -> dict[str, Any]:
    app = scoped_app(microsoft, "Calendars.ReadWrite")
    return {**ACCESS, **app, "kind": "access_policy"}


def roles(microsoft: Microsoft) -> dict[str, Any]:
    scope = {"scope": "PlaceOS", "scope_filter": "RecipientTypeDetails -eq 'RoomMailbox'"}
    return {**ACCESS, **scoped_app(microsoft), "kind": "rbac", "access": [*ACCESS["access"], scope]}


def rooms(microsoft: Microsoft) -> dict[str, Any]:
    microsoft.control("rooms", {"replace": True, "rooms": []})
    microsoft.control("rooms", {"mail": "room-{n}@acme.example", "count": 3, "list": "hq@acme.example"})
    return microsoft.identity("placeos")


JOBS: Mapping[str, tuple[str, Callable[[Microsoft], dict[str, Any]]]] = {
    "an application is made": ("graph_app", make),
    "an application is changed": ("graph_app", change),
    "an application is deleted": ("graph_app", delete),
    "everything is checked": ("graph_app_check", check),
    "policies are made": ("graph_access_policy", policies),
    "roles are given": ("graph_access_policy", roles),
    "rooms are read": ("graph_room_info", rooms),
}
