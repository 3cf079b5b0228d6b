# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Systems (RE app/models/orchestrator/control_system.rb)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..hosts import parses
from ..model import CREATED, HASH, LIST, NO, REFERENCE, TEXT, Attribute, Errors, Model
from ..params import blank, integer, to_s
from ..state import name_key
from ..store import Document, Row

if TYPE_CHECKING:
    from ..state import State


def check(state: State, row: Document, errors: Errors) -> None:
    """Capacity, bookable and support link (control_system.rb:176-194)."""
    if row["capacity"] is None:
        errors["capacity"] = ["is not a number"]
    if row["bookable"] is None:
        errors["bookable"] = ["is not included in the list"]
    if not row["support_url"]:
        row["support_url"] = None
    elif not parses(row["support_url"]):
        errors["support_url"] = ["is an invalid URI"]


def update_features(state: State, row: Document, old: Row | None) -> None:
    """Features of a bookable system are recomputed (control_system.rb:200-218).

    A system that is stored gets the names of its loaded modules *as stored until now*, so that a change of the module
    list shows in the features one update later. A new one keeps what it was given. ``extra_features`` are appended
    after a blank, which leads when there is nothing before it.
    """
    if not row["bookable"]:
        return
    if old is not None:
        row["features"] = " ".join(state.engine.index(old))
    extra = row["settings"].get("extra_features")
    if not blank(extra):
        row["features"] = f"{to_s(row['features'])} {to_s(extra)}"


def expire(state: State, row: Document, old: Row | None) -> None:
    """The running logic modules of the system take its settings over (control_system.rb:13,71-97,220-222)."""
    state.engine.expire_cache(row)


MODEL = Model(
    "sys",
    {
        "edge_id": REFERENCE,
        "name": TEXT,
        "description": TEXT,
        "email": TEXT,
        "capacity": Attribute(integer, 0),
        "features": TEXT,
        "bookable": NO,
        "installed_ui_devices": Attribute(integer, 0),
        "zones": LIST,
        "modules": LIST,
        "settings": HASH,
        "created_at": CREATED,
        "support_url": TEXT,
        "version": Attribute(integer, 0),
    },
    present=("name", "name"),
    unique=("name", name_key),
    secretive=True,
    validate=check,
    before_save=update_features,
    after_save=expire,
)
