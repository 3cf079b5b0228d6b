# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which building and level of the inventory a place of the tenant is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TypeVar

from .._workplace.names import in_building
from .known import UNASSIGNED, Inventory, KnownBuilding, KnownLevel
from .tenant import TenantRoom

Place = TypeVar("Place", bound=KnownLevel)

FILL_IN = "fill in"
"""Stands where only a person knows the value. The check of the inventory refuses it as a time zone."""


@dataclass(slots=True)
class _Lessons:
    """Which places of the inventory the rooms of each place of the tenant stand in, and the other way round."""

    homes: dict[Hashable, set[KnownLevel]] = field(default_factory=dict)
    sources: dict[KnownLevel, set[Hashable]] = field(default_factory=dict)

    def learn(self, source: Hashable, home: KnownLevel) -> None:
        self.homes.setdefault(source, set()).add(home)
        self.sources.setdefault(home, set()).add(source)

    def home(self, source: Hashable, names: Collection[str]) -> KnownLevel | None:
        """Where all rooms of this place stand, unless the place there is that of others.

        names: what the tenant calls its places, folded. Two places of the tenant may be one of the inventory, but not
        when one of them has its name: then the rooms of the other one are the exception.
        """
        homes = self.homes.get(source, set())
        if len(homes) != 1:
            return None
        home = next(iter(homes))
        return home if self.sources[home] == {source} or not home.calls & set(names) else None


@dataclass(slots=True)
class Places:
    """Finds, or makes, the place of a room.

    Rooms that are already in the inventory teach what its author calls a place of the tenant: when all rooms that the
    tenant puts in ``SYD`` stand in the inventory's Sydney, a new room of ``SYD`` belongs there too. After that, names
    decide.
    """

    inventory: Inventory
    timezones: dict[str, str]
    _floors: dict[str, set[str]] = field(default_factory=dict)
    _buildings: _Lessons = field(default_factory=_Lessons)
    _levels: _Lessons = field(default_factory=_Lessons)

    def hear(self, room: TenantRoom) -> None:
        """Note what the tenant calls its places."""
        if room.building is not None:
            floors = self._floors.setdefault(room.building.casefold(), set())
            floors.update(room.floor.calls if room.floor else ())

    def learn(self, room: TenantRoom, building: KnownBuilding, level: KnownLevel) -> None:
        """A room of the tenant stands here in the inventory."""
        if room.building is None or is_unassigned(building):
            return
        key = room.building.casefold()
        self._buildings.learn(key, building)
        if room.floor is not None and not is_unassigned(level):
            self._levels.learn((key, room.floor), level)

    def find_building(self, room: TenantRoom) -> KnownBuilding | None:
        """The building of the inventory that the tenant's is, if there is one."""
        if room.building is None:
            return None
        folded = room.building.casefold()
        learnt = self._buildings.home(folded, self._floors)
        return learnt if isinstance(learnt, KnownBuilding) else _called(self.inventory.buildings, {folded})

    def find_level(self, room: TenantRoom, building: KnownBuilding) -> KnownLevel | None:
        """The level of that building that the tenant's floor is, if there is one."""
        if room.floor is None:
            return None
        key = (room.building or "").casefold()
        learnt = self._levels.home((key, room.floor), self._floors.get(key, ()))
        if learnt in building.levels:
            return learnt
        # A level that is called exactly so wins over one that is called nearly so.
        return _called(building.levels, {room.floor.name.casefold()}) or _called(building.levels, room.floor.calls)

    def place(self, room: TenantRoom) -> tuple[KnownBuilding, KnownLevel]:
        """The building and level of a room, made where the inventory lacks them."""
        if room.building is None:
            building = _called(self.inventory.buildings, {UNASSIGNED.casefold()}) or self._new_building(UNASSIGNED)
        else:
            building = self.find_building(room) or self._new_building(room.building)
        if room.floor is None:
            level = _called(building.levels, {UNASSIGNED.casefold()}) or self._new_level(building, UNASSIGNED)
        else:
            level = self.find_level(room, building) or self._new_level(building, room.floor.name)
        return building, level

    def squeezes(self, room: TenantRoom) -> bool:
        """Would a room that is put there have to stand on one line, without the comments that it may have?"""
        building = self.find_building(room)
        level = self.find_level(room, building) if building else None
        return level.compact if level else bool(building and building.compact)

    def _new_building(self, name: str) -> KnownBuilding:
        taken = self.inventory.zones
        free = first_free((name, f"{name} Building"), lambda text: text.casefold() in taken)
        fields = {"name": free}
        if free != name:
            # Zone names are unique: a client Acme cannot have a building Acme.
            fields["display_name"] = name
        zone = self._timezone([name.casefold(), free.casefold()])
        if zone or not self.inventory.fields.get("timezone"):
            fields["timezone"] = zone or FILL_IN
        building = KnownBuilding(fields)
        self.inventory.buildings.append(building)
        taken.add(free.casefold())
        return building

    def _timezone(self, calls: Iterable[str]) -> str | None:
        return next((self.timezones[call] for call in calls if call in self.timezones), None)

    def fill_timezones(self) -> Iterator[tuple[KnownBuilding, str]]:
        """Put the given time zones where a former import left their place open."""
        for building in self.inventory.buildings:
            zone = self._timezone(sorted(building.calls))
            if building.path is not None and building.fields.get("timezone") == FILL_IN and zone:
                building.fields["timezone"] = building.changes["timezone"] = zone
                yield building, zone

    def _new_level(self, building: KnownBuilding, name: str) -> KnownLevel:
        taken = self.inventory.zones
        free = first_free((name, f"{name} Floor"), lambda text: in_building(building.name, text).casefold() in taken)
        level = KnownLevel({"name": free} if free == name else {"name": free, "display_name": name})
        level.compact = building.compact
        building.levels.append(level)
        taken.add(in_building(building.name, free).casefold())
        return level


def is_unassigned(place: KnownLevel) -> bool:
    """Is this where the import puts rooms without a place?"""
    return place.name.casefold() == UNASSIGNED.casefold()


def first_free(candidates: Sequence[str], taken: Callable[[str], bool]) -> str:
    """The first candidate that is not taken, else the last one with a number."""
    numbered = (f"{candidates[-1]} {number}" for number in count(2))
    return next(text for text in chain(candidates, numbered) if not taken(text))


def _called(places: Iterable[Place], calls: Iterable[str]) -> Place | None:
    wanted = set(calls)
    return next((place for place in places if place.calls & wanted), None)
