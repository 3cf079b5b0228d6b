# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One example object of each kind, what it needs to be there before it, and one change to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .server import Server

ZONES = [
    {"name": "Acme", "tags": ["org"]},
    {"name": "Sydney", "parent": "Acme", "tags": ["building"], "timezone": "Australia/Sydney"},
]
ROOM = {"name": "Sydney - 27.01", "email": "syd-27.01@acme.example", "bookable": True, "zones": ["Acme", "Sydney"]}
REPOSITORY = {"name": "PlaceOS Drivers", "uri": "https://github.com/PlaceOS/drivers", "branch": "master"}
CALENDAR = {
    "name": "Microsoft Graph API",
    "repository": "PlaceOS Drivers",
    "file_name": "drivers/microsoft/graph_api.cr",
    "module_name": "Calendar",
    "role": "service",
    "default_uri": "https://graph.microsoft.com",
}
BOOKINGS = {
    "name": "PlaceOS Bookings",
    "repository": "PlaceOS Drivers",
    "file_name": "drivers/place/bookings.cr",
    "module_name": "Bookings",
    "role": "logic",
}
SECRET = "s3cret-of-a-test"
CREDENTIALS = {"tenant": "11111111-2222-3333-4444-555555555555", "client_id": "66666666", "client_secret": SECRET}

ESTATE = (("zone", {"zones": ZONES}), ("system", {"systems": [ROOM]}))
DRIVERS = (("repository", {"repositories": [REPOSITORY]}), ("driver", {"drivers": [CALENDAR, BOOKINGS]}))


def prepare(server: Server, *tasks: tuple[str, dict[str, Any]]) -> None:
    """Build what a test stands on."""
    for module, arguments in tasks:
        server.good(module, **arguments)


@dataclass(frozen=True)
class Example:
    """An object's life: made, changed in one field, removed.

    changes: the diff of the change, field -> (before, after); shown: the diff of the creation.
    """

    module: str
    label: str
    made: dict[str, Any]
    changed: dict[str, Any]
    changes: dict[str, tuple[Any, Any]]
    shown: dict[str, Any]
    needs: tuple[tuple[str, dict[str, Any]], ...] = ()
    removed: dict[str, Any] = field(default_factory=dict)
    header: str = ""

    @property
    def diff_header(self) -> str:
        """How the diff calls the object."""
        return self.header or f"{self.module} {self.label}"


MASKED = "********"

EXAMPLES = (
    Example(
        module="zone",
        label="Sydney",
        needs=(("zone", {"zones": ZONES[:1]}),),
        made=ZONES[1],
        changed={"tags": ["level", "building"]},
        changes={"tags": (["building"], ["level", "building"])},
        shown={"name": "Sydney", "parent": "Acme", "tags": ["building"], "timezone": "Australia/Sydney"},
    ),
    Example(
        module="system",
        label="Sydney - 27.01",
        needs=(("zone", {"zones": ZONES}),),
        made={**ROOM, "capacity": 8},
        changed={"capacity": 10},
        changes={"capacity": (8, 10)},
        shown={**ROOM, "capacity": 8},
    ),
    Example(
        module="repository",
        label="PlaceOS Drivers",
        made=REPOSITORY,
        changed={"branch": "nightly"},
        changes={"branch": ("master", "nightly")},
        shown={**REPOSITORY, "repo_type": "driver"},
    ),
    Example(
        module="driver",
        label="PlaceOS Bookings",
        needs=DRIVERS[:1],
        made={**BOOKINGS, "commit": "abcdef0"},
        changed={"description": "Books rooms"},
        changes={"description": ("", "Books rooms")},
        shown={**BOOKINGS, "commit": "abcdef0"},
    ),
    Example(
        module="module",
        label="Microsoft Graph API",
        needs=DRIVERS,
        made={"driver": "Microsoft Graph API"},
        changed={"notes": "Shared by all rooms"},
        changes={"notes": ("", "Shared by all rooms")},
        shown={"driver": "Microsoft Graph API", "uri": "https://graph.microsoft.com"},
    ),
    Example(
        module="settings",
        label="none settings of Sydney",
        needs=(("zone", {"zones": ZONES}),),
        made={"parent": "Sydney", "parent_kind": "zone", "encryption_level": "none", "document": {"a": 1, "b": [2]}},
        changed={"document": {"b": [3]}},
        changes={"document": ({"a": 1, "b": [2]}, {"a": 1, "b": [3]})},
        shown={"parent": "Sydney", "encryption_level": "none", "document": {"a": 1, "b": [2]}},
    ),
    Example(
        module="metadata",
        label="workplace of Sydney",
        needs=(("zone", {"zones": ZONES}),),
        made={"name": "workplace", "parent": "Sydney", "description": "For apps", "details": {"extras": ["tv"]}},
        changed={"details": {"floor": 27}},
        changes={"details": ({"extras": ["tv"]}, {"extras": ["tv"], "floor": 27})},
        shown={"name": "workplace", "parent": "Sydney", "description": "For apps", "details": {"extras": ["tv"]}},
    ),
    Example(
        module="domain",
        label="acme.example",
        made={"domain": "acme.example", "name": "Acme", "config": {"org_zone": "zone-1"}},
        changed={"config": {"dark": True}},
        changes={"config": ({"org_zone": "zone-1"}, {"org_zone": "zone-1", "dark": True})},
        shown={"domain": "acme.example", "name": "Acme", "config": {"org_zone": "zone-1"}},
        removed={"force": True},
    ),
    Example(
        module="tenant",
        label="localhost",
        made={"domain": "localhost", "name": "Acme", "calendar_platform": "office365", "credentials": CREDENTIALS},
        changed={"early_checkin": 600},
        changes={"early_checkin": (3600, 600)},
        shown={
            "domain": "localhost",
            "name": "Acme",
            "calendar_platform": "office365",
            "credentials": {"tenant": MASKED, "client_id": MASKED, "client_secret": MASKED},
        },
    ),
)
