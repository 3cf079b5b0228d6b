# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of kinds as ACAEngine keeps them: what it compares differently, and what it has no place for.

Texts are stored as they were sent: nothing is sanitised. Names are unique whatever their letter case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._placeos import compare, dollar_secrets
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds import KINDS
from ansible_collections.placeos.office365.plugins.module_utils._plan import Kind

LACKS: Mapping[str, str] = {
    "repository": "ACAEngine finds its drivers on the server's disk, not in repositories",
    "metadata": "ACAEngine has no metadata; the names of features are in the zones' discovery_info (extras)",
    "tenant": "ACAEngine's staff API takes its credentials from the driver that the domain names as o365_driver",
}
"""Kinds that ACAEngine does not have."""

_NO_FIELD = "ACAEngine's {}s have no such field"


def _kind(
    name: str,
    *,
    canon: Mapping[str, Callable[[Any], Any]] | None = None,
    lacking: Mapping[str, str] | None = None,
    without: tuple[str, ...] = (),
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    **kind_changes: Any,
) -> Kind:
    """A kind with some fields declared differently. without: fields that are lacking for want of a place."""
    base = KINDS[name]
    lacks = {**{field: _NO_FIELD.format(name) for field in without}, **(lacking or {})}
    fields = tuple(
        replace(
            field,
            canon=(canon or {}).get(field.name, field.canon),
            loose=compare.lower if field.name == "name" else field.loose,
            **(changes or {}).get(field.name, {}),
        )
        for field in base.fields
        if field.name not in lacks
    )
    return replace(base, fields=fields, lacking=lacks, **kind_changes)


ACAENGINE_KINDS: dict[str, Kind] = {
    "zone": _kind(
        "zone",
        canon={"name": compare.plain, "description": compare.plain, "tags": compare.words, "display_name": compare.plain},
        without=("code", "type", "location", "capacity", "count", "timezone", "images"),
        # A level that was made by hand has a short name; its building lists it under that name.
        identities=(("id",), ("name",), ("parent", "display_name")),
    ),
    "system": _kind(
        "system",
        canon={"name": compare.plain, "description": compare.plain, "features": compare.words},
        without=(
            "display_name", "code", "type", "public", "approval", "timezone", "images", "timetable_url",
            "room_booking_url", "camera_url", "camera_snapshot_urls",
        ),
        # A room without mailbox that was made by hand has a short name too; it has its place on its level's map.
        identities=(("id",), ("email",), ("name",), ("zones", "map_id")),
    ),
    "driver": _kind(
        "driver",
        canon={"name": compare.plain, "description": compare.plain, "module_name": compare.plain},
        lacking=dict.fromkeys(("repository", "file_name", "commit"), "ACAEngine knows drivers by class_name"),
        changes={"class_name": {"immutable": True}},
        identities=(("id",), ("class_name",), ("name", "-class_name")),
        scopes={"name": KINDS["driver"].scopes["name"]},
    ),
    "module": _kind("module", canon={"custom_name": compare.plain, "notes": compare.plain}),
    "settings": _kind(
        "settings",
        canon={"document": dollar_secrets.canonical},
        changes={"document": {"combine": dollar_secrets.merged}},
    ),
    "domain": _kind(
        "domain",
        canon={"name": compare.plain, "description": compare.plain},
        lacking={
            "email_domains": _NO_FIELD.format("domain"),
            "org_zone": "ACAEngine's user interfaces find the organisation by its tag",
        },
    ),
}  # fmt: skip
"""Every kind that ACAEngine has, by its name."""
