# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules that hold between values: names and addresses used once, features offered, maps where they are needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .names import in_building
from .text import show, suggest

if TYPE_CHECKING:
    from .tree import Building, Level, Node, Room, Workplace
    from .where import Faults

_ZONE_ADVICE = "zone names are unique in a workplace: rename one"
_LEVEL_ADVICE = "level names are unique in a building: rename one"
_ROOM_ADVICE = (
    "room names are unique in a building, not only on a level: put the level into one of the names"
    " and keep the short one as display_name"
)


@dataclass(slots=True)
class _Register:
    """Who holds which text, whatever its letter case: ``holders`` maps the folded text to (text, path)."""

    holders: dict[str, tuple[str, str]] = field(default_factory=dict)

    def claim(self, text: str, path: str) -> tuple[str, str] | None:
        """The earlier holder, if there is one; else the text is held by ``path`` now."""
        holder = self.holders.setdefault(text.casefold(), (text, path))
        return None if holder[1] == path else holder


def check_rules(workplace: Workplace, faults: Faults) -> None:
    """Report everything that is wrong between otherwise good values."""
    _check_names(workplace, faults)
    emails = _Register()
    for building in workplace.buildings:
        for level in building.levels:
            _check_maps(level, faults)
            for room in level.rooms:
                _check_email(room, emails, faults)
                _check_features(room, building, faults)


def _check_names(workplace: Workplace, faults: Faults) -> None:
    zones, systems = _Register(), _Register()
    if workplace.name:
        _claim(zones, workplace, workplace.name, _ZONE_ADVICE, faults)
    for building in workplace.buildings:
        if not building.name:
            continue
        _claim(zones, building, building.name, _ZONE_ADVICE, faults)
        for level in building.levels:
            if level.name:
                _claim(zones, level, in_building(building.name, level.name), _LEVEL_ADVICE, faults)
            for room in level.rooms:
                if room.name:
                    _claim(systems, room, in_building(building.name, room.name), _ROOM_ADVICE, faults)


def _claim(register: _Register, node: Node, stored: str, advice: str, faults: Faults) -> None:
    path = node.where.key("name")
    earlier = register.claim(stored, path)
    if not earlier:
        return
    other, other_path = earlier
    fault = f"{show(node.name)} would be stored as {show(stored)}"
    if other == stored:
        faults.add(path, f"{fault}, as {other_path} already is; {advice}")
    else:
        faults.add(
            path,
            f"{fault}, which differs from {show(other)} of {other_path} only in letter case,"
            f" and ACAEngine takes the two for one; {advice}",
        )


def _check_maps(level: Level, faults: Faults) -> None:
    holders: dict[str, str] = {}
    for room in level.rooms:
        map_id = room.given.get("map_id")
        if map_id is None:
            continue
        path = room.where.key("map_id")
        holder = holders.setdefault(map_id, path)
        if holder != path:
            faults.add(
                path, f"{show(map_id)} is used on this level by {holder} too; each room has its own place on the map"
            )
    if holders and not level.has("map"):
        first = next(iter(holders.values()))
        faults.add(
            level.where.key("map"),
            f"is missing, but {len(holders)} of the level's rooms have a map_id (first: {first}); give the level its map",
        )


def _check_email(room: Room, emails: _Register, faults: Faults) -> None:
    path = room.where.key("email")
    email = room.given.get("email")
    if email is not None:
        earlier = emails.claim(email, path)
        if earlier:
            faults.add(path, f"{show(email)} is the address of {earlier[1]} too; each room has its own mailbox")
    elif room.given.get("bookable") and not room.has("email"):
        faults.add(path, "is missing; a bookable room needs the address of its mailbox, or bookable: false")


def _check_features(room: Room, building: Building, faults: Faults) -> None:
    if "extras" in building.bad:
        # What it offers is unknown.
        return
    for feature in room.given.get("features", ()):
        if feature not in building.extras:
            hint = suggest(feature, building.extras) or "; add it there or remove it here"
            faults.add(
                room.where.key("features"),
                f"{show(feature)} is not among {building.where.key('extras')}{hint}",
            )
