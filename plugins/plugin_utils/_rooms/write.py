# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the merged inventory to the texts of its files, and the proof that they say what was meant."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .known import ImportFault, Inventory, KnownBuilding, KnownLevel, KnownRoom, Path
from .scalars import Raw
from .tree_text import TreeText

if TYPE_CHECKING:
    from .sheet import Sheet

NEW_TITLE = """\
---
# The workplace: one organisation, its buildings, their levels and rooms.
# Begun by an import of the tenant's rooms. Write it on by hand: the next import adds what is missing and changes nothing
# that stands here.
"""


@dataclass(frozen=True, slots=True)
class Written:
    """The new texts; ``sheet_text`` is None where no rooms file is written. ``tree`` is the new value of ``workplace``."""

    tree_text: str
    sheet_text: str | None
    tree: dict[str, Any]


def write(text: TreeText, inventory: Inventory, sheet: Sheet | None, *, rows: bool) -> Written:
    """Write what the merge changed. rows: new rooms become rows of the rooms file, else entries of the tree."""
    before = text.value()
    writer = _Writer(text, before.get("workplace"), rows=rows)
    writer.write(inventory)
    result = text.result() if text.text or not text.edits else NEW_TITLE + text.result()
    # The text is edited, not made from the value: so read it again, and compare.
    if text.edits and TreeText(result, text.where).value() != {**before, "workplace": writer.tree}:
        raise ImportFault(
            f"{text.where} is written in a way that this import cannot change safely. Nothing was written."
            " Import into a new file (import_rooms_file) and take over by hand what you need."
        )
    sheet_text = None
    if sheet is not None:
        sheet_text = sheet.text
        if writer.row_changes or writer.new_rows:
            sheet_text = sheet.changed(writer.row_changes, writer.new_rows)
    return Written(result, sheet_text, writer.tree)


class _Writer:
    """Makes the same changes twice: to the text, and to a copy of its value."""

    def __init__(self, text: TreeText, tree: Any, *, rows: bool) -> None:
        self.text = text
        self.exists = isinstance(tree, Mapping)
        self.tree: dict[str, Any] = copy.deepcopy(dict(tree)) if isinstance(tree, Mapping) else {}
        self.rows = rows
        self.row_changes: dict[int, dict[str, Any]] = {}
        self.new_rows: list[dict[str, Any]] = []
        self._cuts: list[KnownRoom] = []
        self._taken: dict[int, Raw] = {}

    def write(self, inventory: Inventory) -> None:
        """Fields first, then what is taken away, then what is added, from the rooms up to the buildings."""
        self._set_all(inventory)
        # From the end, so that the places of those before stay right in the value.
        for room in sorted(self._cuts, key=lambda room: room.path or (), reverse=True):
            self._cut(room)
        if not self.exists:
            if inventory.buildings:
                self._begin(inventory)
            return
        if "rooms_file" in inventory.fields and "rooms_file" not in self.tree:
            self.text.set_key((), "rooms_file", inventory.fields["rooms_file"])
            self.tree["rooms_file"] = inventory.fields["rooms_file"]
        for building in inventory.buildings:
            if building.path is None:
                continue
            for level in building.levels:
                if level.path is not None:
                    self._append(level.path, "rooms", [self._room(room) for room in self._arriving(level, building)])
            new = [level for level in building.levels if level.path is None]
            self._append(building.path, "levels", [self._level(level, building) for level in new])
        added = [building for building in inventory.buildings if building.path is None]
        self._append((), "buildings", [self._building(building) for building in added])

    def _set_all(self, inventory: Inventory) -> None:
        for stray in inventory.strays:
            self._set_fields(None, None, stray)
        for building, level, room in inventory.homes():
            self._set_fields(building, level, room)
        for building in inventory.buildings:
            if building.path is not None:
                self._set_keys(building.path, building.changes)

    def _set_fields(self, building: KnownBuilding | None, level: KnownLevel | None, room: KnownRoom) -> None:
        if room.line is not None:
            changes = dict(room.changes)
            if room.moved and building and level:
                changes |= {"building": building.name, "level": level.name}
            if changes:
                self.row_changes[room.line] = changes
        elif room.path is not None:
            self._set_keys(room.path, room.changes)
            if room.moved:
                self._cuts.append(room)

    def _set_keys(self, path: Path, changes: Mapping[str, Any]) -> None:
        for key, value in changes.items():
            self.text.set_key(path, key, value)
            _reach(self.tree, path)[key] = value

    def _cut(self, room: KnownRoom) -> None:
        path = room.path or ()
        self._taken[id(room)] = self.text.cut(path)
        siblings = _reach(self.tree, path[:-1])
        room.fields = siblings.pop(int(path[-1]))
        if not siblings:
            # A list that has lost its last entry reads as no value.
            _reach(self.tree, path[:-2])[str(path[-2])] = None

    def _begin(self, inventory: Inventory) -> None:
        fields = {key: value for key, value in inventory.fields.items() if key != "buildings"}
        text, self.tree = _with(fields, "buildings", [self._building(building) for building in inventory.buildings])
        self.text.add_variable("workplace", text)

    def _append(self, path: Path, key: str, items: list[tuple[Any, dict[str, Any]]]) -> None:
        if not items:
            return
        self.text.append(path, key, [text for text, _value in items])
        parent = _reach(self.tree, path)
        parent[key] = [*(parent.get(key) or []), *(value for _text, value in items)]

    def _arriving(self, level: KnownLevel, building: KnownBuilding) -> list[KnownRoom]:
        """The rooms that are to be written into the tree at this level; new rows are noted on the way."""
        arriving = []
        for room in level.rooms:
            if room.new and self.rows:
                self.new_rows.append({"building": building.name, "level": level.name, **room.fields})
            elif room.new or (room.moved and room.path is not None):
                arriving.append(room)
        return arriving

    def _room(self, room: KnownRoom) -> tuple[Any, dict[str, Any]]:
        return self._taken.get(id(room), room.fields), room.fields

    def _level(self, level: KnownLevel, building: KnownBuilding) -> tuple[Any, dict[str, Any]]:
        return _with(level.fields, "rooms", [self._room(room) for room in self._arriving(level, building)])

    def _building(self, building: KnownBuilding) -> tuple[Any, dict[str, Any]]:
        return _with(building.fields, "levels", [self._level(level, building) for level in building.levels])


def _with(fields: dict[str, Any], key: str, items: list[tuple[Any, dict[str, Any]]]) -> tuple[Any, dict[str, Any]]:
    """The fields with a list of entries, as they are to be written and as a value."""
    if not items:
        return fields, fields
    return {**fields, key: [text for text, _value in items]}, {**fields, key: [value for _text, value in items]}


def _reach(tree: Any, path: Path) -> Any:
    for part in path:
        tree = tree[part]
    return tree
