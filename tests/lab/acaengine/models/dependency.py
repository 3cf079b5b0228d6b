# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dependencies: drivers, as ACAEngine calls their records (RE app/models/orchestrator/dependency.rb)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import Crash
from ..model import CREATED, HASH, NO, REFERENCE, TEXT, Attribute, Errors, Model, destroy
from ..store import Document, Row
from . import module

if TYPE_CHECKING:
    from ..state import State

ROLES = ("ssh", "device", "service", "logic")


def role_text(value: Any) -> str:
    """The writer of role: ``to_sym``, which only text has (dependency.rb:27-30)."""
    if not isinstance(value, str):
        raise Crash("undefined method `to_sym'")
    return value


def check(state: State, row: Document, errors: Errors) -> None:
    """The role is one of four (dependency.rb:65-74)."""
    if row["role"] not in ROLES:
        errors["role"] = ["is not valid"]


def update_modules(state: State, row: Document, old: Row | None) -> None:
    """Running modules take new settings over (dependency.rb:83-98)."""
    for found in state.tables.modules.find("dependency", row["id"]):
        state.engine.reloaded(found["id"])


def cleanup_modules(state: State, row: Row) -> None:
    """The modules of a dependency go with it (dependency.rb:76-81)."""
    for found in state.tables.modules.find("dependency", row["id"]):
        destroy(state, module.MODEL, found)


MODEL = Model(
    "dep",
    {
        "name": TEXT,
        "role": Attribute(role_text),
        "description": TEXT,
        "default": REFERENCE,
        "class_name": TEXT,
        "module_name": TEXT,
        "settings": HASH,
        "created_at": CREATED,
        "ignore_connected": NO,
    },
    present=("name", "class_name", "module_name"),
    secretive=True,
    validate=check,
    after_save=update_modules,
    before_destroy=cleanup_modules,
)
