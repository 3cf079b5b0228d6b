# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones (RE app/models/orchestrator/zone.rb)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import CREATED, HASH, LIST, TEXT, Model, save
from ..state import name_key
from ..store import Document, Row
from . import system

if TYPE_CHECKING:
    from ..state import State


def leave_systems(state: State, row: Row) -> None:
    """Take the zone out of its systems and raise their versions (zone.rb:48-56); other zones stay as they are."""
    for found in state.tables.systems.find("zone", row["id"]):
        changed = Document(found, version=found["version"] + 1)
        changed["zones"] = [zone_id for zone_id in found["zones"] if zone_id != row["id"]]
        save(state, system.MODEL, changed)


def expire_systems(state: State, row: Document, old: Row | None) -> None:
    """Logic modules in the systems of a zone hear of its new settings (zone.rb:58-66)."""
    for found in state.tables.systems.find("zone", row["id"]):
        state.engine.expire_cache(found)


MODEL = Model(
    "zone",
    {
        "name": TEXT,
        "description": TEXT,
        "tags": TEXT,
        "settings": HASH,
        "triggers": LIST,
        "created_at": CREATED,
    },
    present=("name", "name"),
    unique=("name", name_key),
    secretive=True,
    after_save=expire_systems,
    before_destroy=leave_systems,
)
