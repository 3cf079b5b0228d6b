# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which settings apply to a system or module, from low to high priority.

Driver < zones in order < system < module; within one parent by level, 0 first (models control_system.cr, module.cr).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import crash

if TYPE_CHECKING:
    from .state import State
    from .store import Row

LOGIC = 99
MAX_ROWS = 100
"""Silent cap of the server on the settings (and metadata) rows of one look-up."""


def for_parents(state: State, parent_ids: list[str]) -> list[Row]:
    """Return the master rows of some parents, at most 100, highest level first."""
    table = state.tables.settings
    rows = [row for parent_id in parent_ids for row in table.find("parent", parent_id)][:MAX_ROWS]
    return sorted(rows, key=lambda row: -row["encryption_level"])


def system_settings(state: State, system: Row) -> list[Row]:
    """Return the collated settings of a system."""
    return _system_descending(state, system)[::-1]


def module_settings(state: State, module: Row) -> list[Row]:
    """Return the collated settings of a module; a logic module inherits those of its system."""
    rows = for_parents(state, [module["id"]])
    if module["role"] == LOGIC:
        system = state.tables.systems.get(module["control_system_id"])
        if system is None:
            raise crash()
        rows += _system_descending(state, system)
    rows += for_parents(state, [module["driver_id"]])
    return rows[::-1]


def _system_descending(state: State, system: Row) -> list[Row]:
    rows = for_parents(state, [system["id"]])
    for zone_id in reversed(system["zones"]):
        if state.tables.zones.get(zone_id):
            rows += for_parents(state, [zone_id])
    return rows
