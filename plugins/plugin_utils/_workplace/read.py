# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the inventory as written to a tree of checked values; every fault of a single value is found here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import checks, rooms_file
from .model import BUILDING, EXTRA, LEVEL, ROOM, WORKPLACE, Keys
from .text import kind, show, suggest
from .tree import Building, Level, Room, Workplace
from .where import Faults, Where


def read_workplace(raw: object, base_dir: str | None, faults: Faults) -> Workplace | None:
    """The tree with the rooms of the rooms file in their places; None when ``raw`` is no mapping at all."""
    where = Where("workplace")
    found = _values(raw, WORKPLACE, where, faults)
    if found is None:
        return None
    workplace = Workplace(where, *found)
    buildings = workplace.given.pop("buildings", None)
    if buildings == []:
        faults.add(where.key("buildings"), "is empty; a workplace needs at least one building")
    for index, entry in enumerate(buildings or ()):
        building = _building(entry, where.item("buildings", index), faults)
        if building:
            workplace.buildings.append(building)
    name = workplace.given.pop("rooms_file", None)
    if name is not None:
        _place_rows(workplace, rooms_file.read(name, base_dir, where.key("rooms_file"), faults), faults)
    return workplace


def _building(raw: object, where: Where, faults: Faults) -> Building | None:
    found = _values(raw, BUILDING, where, faults)
    if found is None:
        return None
    building = Building(where, *found)
    for index, entry in enumerate(building.given.pop("extras", ())):
        _add_extra(building, entry, where.item("extras", index), faults)
    for index, entry in enumerate(building.given.pop("levels", ())):
        level = _level(entry, where.item("levels", index), faults)
        if level:
            building.levels.append(level)
    return building


def _add_extra(building: Building, raw: object, where: Where, faults: Faults) -> None:
    found = _values(raw, EXTRA, where, faults)
    given = found[0] if found else {}
    if "id" not in given:
        # What the building offers is unknown now: its rooms' features cannot be judged.
        building.bad.add("extras")
        return
    if given["id"] in building.extras:
        faults.add(where.key("id"), f"{show(given['id'])} is there twice in this building; remove one or rename it")
        return
    building.extras[given["id"]] = given.get("name", given["id"])


def _level(raw: object, where: Where, faults: Faults) -> Level | None:
    found = _values(raw, LEVEL, where, faults)
    if found is None:
        return None
    level = Level(where, *found)
    for index, entry in enumerate(level.given.pop("rooms", ())):
        place = where.item("rooms", index)
        values = _values(entry, ROOM, place, faults)
        if values is not None:
            level.rooms.append(Room(place, *values))
    return level


def _place_rows(workplace: Workplace, rows: list[rooms_file.RoomRow], faults: Faults) -> None:
    """Put the rows of a rooms file under the levels that they name."""
    buildings: dict[object, Building] = {}
    levels: dict[tuple[object, object], Level] = {}
    for building in workplace.buildings:
        # The first of two buildings or levels of one name takes the rows; the double name is a fault by itself.
        buildings.setdefault(building.name, building)
        for level in building.levels:
            levels.setdefault((building.name, level.name), level)
    for row in rows:
        found = _values(row.values, ROOM, row.where, faults, known_bad=row.bad)
        if found is None or row.building is None:
            continue
        home = buildings.get(row.building)
        if home is None:
            names = [str(name) for name in buildings if name]
            faults.add(row.where.key("building"), _unknown(row.building, "building of the workplace", names))
            continue
        if row.level is None:
            continue
        floor = levels.get((row.building, row.level))
        if floor is None:
            names = [level.name for level in home.levels if level.name]
            faults.add(row.where.key("level"), _unknown(row.level, f"level of {show(home.name)}", names))
            continue
        floor.rooms.append(Room(row.where, *found))


def _unknown(name: object, what: str, names: list[str]) -> str:
    hint = (
        suggest(str(name), names) or f"; add it to workplace.buildings or use one of: {', '.join(names) or 'none yet'}"
    )
    return f"{show(name)} is not a {what}{hint}"


def _values(
    raw: object, keys: Keys, where: Where, faults: Faults, known_bad: set[str] | None = None
) -> tuple[dict[str, Any], set[str]] | None:
    """The values that pass their checks, and the keys of those that do not; None when ``raw`` is no mapping.

    A key without a value (null in YAML, or ``omit``) counts as not written. ``known_bad`` are keys whose fault is already known.
    """
    if not isinstance(raw, Mapping):
        wanted = ", ".join(key.name for key in keys.values() if key.required)
        faults.add(where.path, f"is {kind(raw)}, not a mapping; write its keys ({wanted}, …)")
        return None
    given: dict[str, Any] = {}
    bad: set[str] = set(known_bad or ())
    for name, value in raw.items():
        key = keys.get(name) if isinstance(name, str) else None
        if key is None:
            near = suggest(str(name), keys)
            faults.add(where.key(str(name)), f"unknown key{near}; the keys here are {', '.join(keys)}")
            continue
        if _is_unset(value):
            continue
        try:
            given[key.name] = key.check(value)
        except checks.UnfitError as unfit:
            faults.add(where.key(key.name), str(unfit))
            bad.add(key.name)
    for key in keys.values():
        if key.required and key.name not in given and key.name not in bad:
            faults.add(where.key(key.name), "is missing; it is required")
    return given, bad


def _is_unset(value: object) -> bool:
    # ansible-core hands its placeholder ``omit`` to filters to deal with, but has no public name for its type.
    return value is None or type(value).__name__ == "_OmitType"
