# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of kinds: what can be configured on a PlaceOS server, and what identifies it.

A field stands here once; the modules' options, the comparison and the diff are made from it. What a field is called
on the wire, how it gets there, and which fields a platform lacks, is the platform's business (v2.py, acaengine.py).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._placeos import compare
from ansible_collections.placeos.office365.plugins.module_utils._plan import Field, Kind, Row

ROLES = {"ssh": 0, "device": 1, "service": 2, "websocket": 3, "logic": 99}
"""Driver and module roles on the wire (integers, whatever the OpenAPI file says)."""

ENCRYPTION_LEVELS = {"none": 0, "support": 1, "admin": 2, "never_display": 3}
"""Who may read a settings row back."""


def _named(row: Row, pattern: Any, rows: Mapping[str, Row]) -> bool:
    """Scope: the name matches a shell pattern, in any case."""
    return fnmatch.fnmatch(str(compare.text(row.get("name")) or "").lower(), str(pattern).lower())


def _below_zone(row: Row, zone: Any, rows: Mapping[str, Row]) -> bool:
    """Scope: the zone lies below the given one, at any depth."""
    seen: set[str] = set()
    parent = row.get("parent")
    # Parents in a cycle are possible on the server.
    while parent and parent not in seen:
        if parent == zone:
            return True
        seen.add(parent)
        parent = rows[parent].get("parent") if parent in rows else None
    return False


def _equals(name: str) -> Any:
    def test(row: Row, value: Any, rows: Mapping[str, Row]) -> bool:
        return bool(row.get(name) == value)

    return test


ZONE = Kind(
    name="zone",
    plural="zones",
    fields=(
        Field("name", canon=compare.text, required=True),
        Field("parent", ref="zone", canon=compare.plain),
        Field("tags", "list", elements="str", canon=compare.text_set),
        Field("display_name", canon=compare.text),
        Field("description", canon=compare.markup),
        Field("code", canon=compare.text),
        Field("type", canon=compare.text),
        Field("location", canon=compare.text),
        Field("capacity", "int", canon=compare.number),
        Field("count", "int", canon=compare.number),
        Field("map_id", canon=compare.plain),
        Field("timezone", canon=compare.timezone),
        Field("images", "list", elements="str", canon=compare.text_list),
        Field(
            "extras",
            "list",
            elements="dict",
            canon=compare.extras,
            combine=compare.merge_extras,
            options={"id": {"type": "str", "required": True}, "name": {"type": "str", "required": True}},
        ),
        Field("orientations", "raw", canon=compare.document),
    ),
    identities=(("id",), ("name",)),
    parent="parent",
    scopes={"zone": _below_zone, "name": _named},
)

SYSTEM = Kind(
    name="system",
    plural="systems",
    fields=(
        Field("name", canon=compare.text, required=True),
        Field("email", canon=compare.email),
        Field("zones", "list", elements="str", ref="zone", canon=compare.text_list),
        Field("display_name", canon=compare.text),
        Field("description", canon=compare.markup),
        Field("code", canon=compare.text),
        Field("type", canon=compare.text),
        Field("capacity", "int", canon=compare.number),
        Field("bookable", "bool", canon=compare.boolean),
        Field("public", "bool", canon=compare.boolean),
        Field("approval", "bool", canon=compare.boolean),
        Field("features", "list", elements="str", canon=compare.text_set),
        Field("map_id", canon=compare.plain),
        Field("timezone", canon=compare.timezone),
        Field("images", "list", elements="str", canon=compare.text_list),
        Field("support_url", canon=compare.plain),
        Field("timetable_url", canon=compare.plain),
        Field("room_booking_url", canon=compare.plain),
        Field("camera_url", canon=compare.plain),
        Field("camera_snapshot_urls", "list", elements="str", canon=compare.text_list),
        Field("installed_ui_devices", "int", canon=compare.number),
    ),
    identities=(("id",), ("email",), ("name",)),
    scopes={"zone": lambda row, zone, rows: zone in (row.get("zones") or ()), "name": _named},
)

REPOSITORY = Kind(
    name="repository",
    plural="repositories",
    fields=(
        Field("name", canon=compare.text, required=True),
        Field("uri", canon=compare.git_uri),
        Field("repo_type", choices=("driver", "interface"), default="driver"),
        Field("folder_name", canon=compare.lower),
        Field("branch"),
        Field("commit_hash"),
        Field("description", canon=compare.markup),
        Field("root_path", canon=compare.plain),
        Field("username", canon=compare.plain),
        Field("password", secret=True),
    ),
    # Names are not unique; the folder name is, per type, and the server refuses a second one. A repository that is
    # there under another folder name is used as it is, unless the folder name is asked for.
    identities=(("id",), ("repo_type", "folder_name"), ("repo_type", "uri", "-folder_name")),
    unique=False,
    scopes={"name": _named, "repo_type": _equals("repo_type")},
)

DRIVER = Kind(
    name="driver",
    plural="drivers",
    fields=(
        Field("name", canon=compare.text),
        Field("repository", ref="repository"),
        Field("file_name"),
        Field("class_name", canon=compare.plain),
        Field("commit", canon=compare.commit),
        Field("module_name", canon=compare.text),
        Field("role", choices=tuple(ROLES), immutable=True),
        Field("description", canon=compare.markup),
        Field("default_uri", canon=compare.plain),
        Field("default_port", "int", canon=compare.number),
        Field("ignore_connected", "bool", canon=compare.boolean),
    ),
    # One file of one repository is one driver; the server itself would take any number of them.
    identities=(("id",), ("repository", "file_name"), ("name", "-file_name")),
    unique=False,
    scopes={"repository": _equals("repository"), "name": _named},
)

MODULE = Kind(
    name="module",
    plural="modules",
    fields=(
        Field("driver", ref="driver", required=True),
        Field("system", ref="system", canon=compare.plain, immutable=True),
        Field("custom_name", canon=compare.text),
        Field("uri", canon=compare.plain),
        Field("ip", canon=compare.plain),
        Field("port", "int", canon=compare.number),
        Field("tls", "bool", canon=compare.boolean),
        Field("udp", "bool", canon=compare.boolean),
        Field("makebreak", "bool", canon=compare.boolean),
        Field("notes", canon=compare.markup),
        Field("ignore_connected", "bool", canon=compare.boolean),
        Field("ignore_startstop", "bool", canon=compare.boolean),
        Field("running", "bool", canon=compare.boolean),
    ),
    identities=(("id",), ("driver", "system?", "custom_name?")),
    unique=False,
    scopes={
        "driver": lambda row, drivers, rows: row.get("driver") in drivers,
        "system": _equals("system"),
        # The flow puts the systems of the zone in its place; modules that systems share are in no zone.
        "zone": lambda row, systems, rows: row.get("system") in systems,
    },
    list_scopes=frozenset({"driver"}),
)

SETTINGS = Kind(
    name="settings",
    plural="settings",
    fields=(
        # The server would lose the content of a row whose level or parent is changed.
        Field("parent", required=True, immutable=True),
        Field("encryption_level", choices=tuple(ENCRYPTION_LEVELS), required=True, immutable=True),
        Field("document", "dict", canon=compare.document, combine=compare.merge_or_replace),
    ),
    identities=(("id",), ("parent", "encryption_level")),
    unique=False,
    scopes={"parent": _equals("parent")},
)

METADATA = Kind(
    name="metadata",
    plural="metadata",
    fields=(
        Field("name", canon=compare.text, required=True),
        Field("parent", required=True),
        Field("description", canon=compare.markup),
        Field("details", "raw", canon=compare.document, combine=compare.merge_or_replace),
        Field("editors", "list", elements="str", canon=compare.text_set),
    ),
    identities=(("parent", "name"),),
    unique=False,
    scopes={"parent": _equals("parent"), "name": _named},
)

DOMAIN = Kind(
    name="domain",
    plural="domains",
    fields=(
        Field("name", canon=compare.text),
        Field("domain", canon=compare.domain, required=True),
        Field("description", canon=compare.markup),
        Field("login_url"),
        Field("logout_url"),
        Field("email_domains", "list", elements="str", canon=compare.text_set),
        Field("config", "dict", canon=compare.document, combine=compare.merge_or_replace),
        Field("internals", "dict", canon=compare.document, combine=compare.merge_or_replace),
    ),
    identities=(("id",), ("domain",)),
    scopes={"name": _named},
)

TENANT = Kind(
    name="tenant",
    plural="tenants",
    fields=(
        Field("name", canon=compare.text),
        Field("domain", canon=compare.domain, required=True),
        Field("email_domain", canon=compare.domain),
        Field("calendar_platform", choices=("office365", "google")),
        Field("delegated", "bool", canon=compare.boolean),
        Field("service_account", canon=compare.email),
        Field("credentials", "dict", canon=compare.document, secret=True),
        Field("booking_limits", "dict", canon=compare.document),
        Field("outlook_config", "dict", canon=compare.document),
        Field("early_checkin", "int", canon=compare.number),
    ),
    identities=(("id",), ("domain", "email_domain?")),
    scopes={"name": _named, "domain": _equals("domain")},
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (ZONE, SYSTEM, REPOSITORY, DRIVER, MODULE, SETTINGS, METADATA, DOMAIN, TENANT)
}  # fmt: skip
"""Every kind by its name, in the order of creation."""
