# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory as found, and what is to become of it: buildings, levels and rooms that know where they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._workplace.names import in_building
from .tenant import one_line

if TYPE_CHECKING:
    from .sheet import Sheet

# Where a part of the tree is written: ("buildings", 0, "levels", 1, "rooms", 3).
Path = tuple[str | int, ...]

UNASSIGNED = "Unassigned"
"""The building or level of rooms whose place the tenant does not tell."""


class ImportFault(ValueError):
    """The inventory cannot be merged into; the message says why and what to do."""


@dataclass(slots=True, eq=False)
class KnownRoom:
    """A room of the inventory.

    ``fields`` are its values now; ``changes`` are those of them that are to be written; ``path`` is its place in the
    tree, ``line`` its line in the rooms file: neither for a new room. ``fixed``: it is written so that it cannot be moved.
    """

    fields: dict[str, Any]
    path: Path | None = None
    line: int | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    moved: bool = False
    fixed: bool = False

    @property
    def email(self) -> str | None:
        """The address in lower case, as both platforms compare it."""
        text = one_line(self.fields.get("email"))
        return text.lower() if text else None

    @property
    def name(self) -> str:
        """The name, for people."""
        return one_line(str(self.fields.get("name", ""))) or self.email or "a room without a name"

    @property
    def shown(self) -> str:
        """What people see."""
        return one_line(self.fields.get("display_name")) or self.name

    @property
    def new(self) -> bool:
        """Does the import add it?"""
        return self.path is None and self.line is None

    def set(self, key: str, value: Any) -> None:
        """Write a value."""
        self.fields[key] = value
        self.changes[key] = value


@dataclass(slots=True, eq=False)
class KnownLevel:
    """A level; ``path`` is None for one that the import adds. ``compact``: what is added to it stands on one line."""

    fields: dict[str, Any]
    path: Path | None = None
    rooms: list[KnownRoom] = field(default_factory=list)
    compact: bool = False

    @property
    def name(self) -> str:
        """The name as rooms files and stored names have it."""
        return str(self.fields.get("name", ""))

    @property
    def calls(self) -> set[str]:
        """Everything it is called, folded."""
        return {
            str(self.fields[key]).strip().casefold() for key in ("name", "display_name", "code") if self.fields.get(key)
        }


@dataclass(slots=True, eq=False)
class KnownBuilding(KnownLevel):
    """A building; its rooms are those of its levels. ``changes``: values that are to be written where it stands."""

    levels: list[KnownLevel] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)

    def all_rooms(self) -> Iterator[KnownRoom]:
        """The rooms of all levels."""
        for level in self.levels:
            yield from level.rooms


@dataclass(slots=True)
class Inventory:
    """A client's workplace.

    ``zones`` and ``systems`` hold the folded stored names that are taken. ``strays`` are rows of the rooms file that name
    a place which is not in the tree: a fault for the check to report, but known, so that they are not added again.
    """

    fields: dict[str, Any]
    buildings: list[KnownBuilding] = field(default_factory=list)
    strays: list[KnownRoom] = field(default_factory=list)
    zones: set[str] = field(default_factory=set)
    systems: set[str] = field(default_factory=set)

    def homes(self) -> Iterator[tuple[KnownBuilding, KnownLevel, KnownRoom]]:
        """Every room with its level and building."""
        for building in self.buildings:
            for level in building.levels:
                for room in level.rooms:
                    yield building, level, room


def read_inventory(workplace: Mapping[str, Any], sheet: Sheet | None) -> Inventory:
    """Read the value of ``workplace`` and the rows of its rooms file.

    Faults of single values are no obstacle; where the tree has no mappings or lists, ImportFault is raised.
    """
    inventory = Inventory(dict(workplace))
    inventory.zones.add(str(workplace.get("name", "")).casefold())
    for b_path, raw in _entries(workplace, ("buildings",)):
        building = KnownBuilding(dict(raw), b_path)
        inventory.buildings.append(building)
        inventory.zones.add(building.name.casefold())
        for l_path, raw_level in _entries(raw, (*b_path, "levels")):
            level = KnownLevel(dict(raw_level), l_path)
            building.levels.append(level)
            for r_path, raw_room in _entries(raw_level, (*l_path, "rooms")):
                level.rooms.append(KnownRoom({key: item for key, item in raw_room.items() if item is not None}, r_path))
    for line, row_building, row_level, values in sheet.rooms if sheet else ():
        _place_row(inventory, row_building, row_level, KnownRoom(dict(values), line=line))
    for building in inventory.buildings:
        inventory.zones.update(in_building(building.name, level.name).casefold() for level in building.levels)
        inventory.systems.update(in_building(building.name, room.name).casefold() for room in building.all_rooms())
    return inventory


def _entries(parent: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    found = parent.get(str(path[-1]))
    if found is None:
        return
    where = spell(path)
    if not isinstance(found, (list, tuple)):
        raise ImportFault(f"{where} is not written as a list, so nothing can be merged into it; write the list out")
    for index, entry in enumerate(found):
        if not isinstance(entry, Mapping):
            raise ImportFault(f"{where}[{index}] is not written as a mapping, so nothing can be merged into it")
        yield (*path, index), entry


def spell(path: Path) -> str:
    """The path as faults of the workplace name it."""
    return "workplace" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _place_row(inventory: Inventory, building_name: str, level_name: str, room: KnownRoom) -> None:
    for building in inventory.buildings:
        if building.name == building_name:
            for level in building.levels:
                if level.name == level_name:
                    level.rooms.append(room)
                    return
    inventory.strays.append(room)
