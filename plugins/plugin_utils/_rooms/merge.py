# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenant's rooms merged into the inventory: what is there stays, what is missing is added, the rest is reported.

Nothing here reads or writes files: the inventory's objects carry what is to be written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._workplace.names import in_building
from .known import Inventory, KnownBuilding, KnownLevel, KnownRoom
from .places import Places, first_free, is_unassigned
from .tenant import Tenant, TenantRoom

GAPS = ("capacity", "description")
"""What the tenant may fill where the inventory is silent."""

OVERWRITABLE = ("capacity", "description", "display_name")
"""What the tenant may replace on demand. Name, place, features, map_id and bookable are the author's alone."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user decides.

    overwrite: fields of which the tenant's value wins; bookable: are new rooms, unless the tenant refuses it; timezones:
    of buildings that are made, or that a former import made without one, by the tenant's name of the building.
    """

    overwrite: Collection[str] = ()
    bookable: bool = True
    timezones: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Merged:
    """What the merge did and saw, each entry with the room's stored name and address."""

    added: list[dict[str, Any]] = field(default_factory=list)
    filled: list[dict[str, Any]] = field(default_factory=list)
    overwritten: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    different: list[dict[str, Any]] = field(default_factory=list)
    vanished: list[dict[str, Any]] = field(default_factory=list)
    incomplete: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)


def merge(inventory: Inventory, tenant: Tenant, choices: Choices) -> Merged:
    """Merge the tenant's rooms into the inventory, which is changed in place."""
    return _Merge(inventory, tenant, choices).run()


class _Merge:
    def __init__(self, inventory: Inventory, tenant: Tenant, choices: Choices) -> None:
        self.inventory = inventory
        self.tenant = tenant
        self.choices = choices
        self.places = Places(inventory, {name.strip().casefold(): zone for name, zone in choices.timezones.items()})
        self.homes: dict[KnownRoom, tuple[KnownBuilding, KnownLevel]] = {}
        self.by_email: dict[str, KnownRoom] = {}
        self.report = Merged()

    def run(self) -> Merged:
        for building, level, room in self.inventory.homes():
            self.homes[room] = (building, level)
            if room.email:
                self.by_email.setdefault(room.email, room)
        for stray in self.inventory.strays:
            if stray.email:
                self.by_email.setdefault(stray.email, stray)
        self._report_vanished()
        for wanted in self.tenant.rooms:
            self.places.hear(wanted)
        known = [(wanted, self.by_email[wanted.email]) for wanted in self.tenant.rooms if wanted.email in self.by_email]
        for wanted, room in known:
            if room in self.homes:
                self.places.learn(wanted, *self.homes[room])
        unknown = self._adopt([wanted for wanted in self.tenant.rooms if wanted.email not in self.by_email])
        for wanted, room in known:
            self._keep(wanted, room)
        self._add(unknown)
        for building, zone in self.places.fill_timezones():
            self.report.filled.append({"room": building.name, "email": None, "field": "timezone", "value": zone})
        for wanted in self.tenant.rooms:
            self._judge(wanted, self.by_email[wanted.email])
        self.report.left_out = [{"room": name, "reason": reason} for name, reason in self.tenant.left_out]
        return self.report

    def _report_vanished(self) -> None:
        for email, room in self.by_email.items():
            if email not in self.tenant.emails:
                self.report.vanished.append(self._entry(room))

    def _entry(self, room: KnownRoom, **more: Any) -> dict[str, Any]:
        home = self.homes.get(room)
        name = in_building(home[0].name, room.name) if home else room.name
        return {"room": name, "email": room.email, **more}

    def _adopt(self, unknown: list[TenantRoom]) -> list[TenantRoom]:
        """Give rooms that were written by hand without an address the one of the tenant's room of their name."""
        candidates: dict[tuple[KnownBuilding, str], list[KnownRoom]] = {}
        for building, _level, room in self.inventory.homes():
            if room.email is None:
                for call in sorted({room.name.casefold(), room.shown.casefold()}):
                    candidates.setdefault((building, call), []).append(room)
        homes = {wanted.email: self.places.find_building(wanted) for wanted in unknown}
        namesakes = Counter((homes[wanted.email], wanted.name.casefold()) for wanted in unknown)
        left = []
        for wanted in unknown:
            home, call = homes[wanted.email], wanted.name.casefold()
            rooms = candidates.get((home, call), []) if home else []
            if len(rooms) == 1 and namesakes[home, call] == 1 and rooms[0].email is None:
                rooms[0].set("email", wanted.email)
                self.by_email[wanted.email] = rooms[0]
                self.report.filled.append(self._entry(rooms[0], field="email", value=wanted.email))
                self._keep(wanted, rooms[0])
            else:
                left.append(wanted)
        return left

    def _keep(self, wanted: TenantRoom, room: KnownRoom) -> None:
        """Fill the gaps of a room that the inventory has, and report where the two disagree."""
        for key in GAPS:
            if key in wanted.fields and room.fields.get(key) is None:
                room.set(key, wanted.fields[key])
                self.report.filled.append(self._entry(room, field=key, value=wanted.fields[key]))
        values = {**wanted.fields, "display_name": wanted.name}
        mine = {**room.fields, "display_name": room.shown}
        for key in OVERWRITABLE:
            if (
                key not in values
                or values[key] == mine.get(key)
                or (key == "display_name" and wanted.name == room.name)
            ):
                continue
            entry = self._entry(room, field=key, inventory=mine.get(key), microsoft=values[key])
            if key in self.choices.overwrite:
                room.set(key, values[key])
                self.report.overwritten.append(entry)
            else:
                self.report.different.append(entry)
        if room.fields.get("bookable") is True and not wanted.bookable:
            self.report.different.append(self._entry(room, field="bookable", inventory=True, microsoft=False))
        if room in self.homes:
            self._keep_place(wanted, room, *self.homes[room])

    def _keep_place(self, wanted: TenantRoom, room: KnownRoom, building: KnownBuilding, level: KnownLevel) -> None:
        if wanted.building is None:
            return
        lost = is_unassigned(building) or (
            is_unassigned(level) and wanted.floor is not None and self.places.find_building(wanted) is building
        )
        stays = room.fixed or (room.path is not None and self.places.squeezes(wanted))
        if lost and not stays:
            self._move(wanted, room, level)
            return
        said = self.places.find_building(wanted)
        if said is not building and wanted.building.casefold() not in building.calls:
            entry = self._entry(room, field="building", inventory=building.name, microsoft=wanted.building)
            self.report.different.append(entry)
        elif wanted.floor is not None and (lost or self.places.find_level(wanted, building) not in (level, None)):
            entry = self._entry(room, field="level", inventory=level.name, microsoft=wanted.floor.name)
            self.report.different.append(entry)

    def _move(self, wanted: TenantRoom, room: KnownRoom, level: KnownLevel) -> None:
        """The import did not know where the room is; now the tenant says it."""
        before = self._entry(room)["room"]
        building, target = self.places.place(wanted)
        if target is level:
            return
        level.rooms.remove(room)
        target.rooms.append(room)
        room.moved = True
        taken = self._taken(building)
        if building is not self.homes[room][0] and taken(room.name):
            room.set("display_name", room.shown)
            room.set("name", first_free(self._names(wanted, target), taken))
        self.inventory.systems.add(in_building(building.name, room.name).casefold())
        self.homes[room] = (building, target)
        self.report.moved.append(self._entry(room, before=before, level=target.name))

    def _add(self, unknown: list[TenantRoom]) -> None:
        placed = [(wanted, *self.places.place(wanted)) for wanted in unknown]
        namesakes = Counter((building, wanted.name.casefold()) for wanted, building, _level in placed)
        for wanted, building, level in placed:
            names = self._names(wanted, level)
            alone = namesakes[building, wanted.name.casefold()] == 1
            name = first_free(names if alone else names[1:], self._taken(building))
            fields: dict[str, Any] = {"name": name}
            if name != wanted.name:
                fields["display_name"] = wanted.name
            fields["email"] = wanted.email
            fields.update(wanted.fields)
            fields["bookable"] = self.choices.bookable and wanted.bookable
            room = KnownRoom(fields)
            level.rooms.append(room)
            self.inventory.systems.add(in_building(building.name, name).casefold())
            self.homes[room] = (building, level)
            self.by_email[wanted.email] = room
            self.report.added.append(self._entry(room, level=level.name))

    @staticmethod
    def _names(wanted: TenantRoom, level: KnownLevel) -> list[str]:
        """What the room may be called; room names are unique in a building, while every level may have a Focus."""
        return [wanted.name, f"{level.name} {wanted.name}", f"{wanted.name} ({wanted.email.partition('@')[0]})"]

    def _taken(self, building: KnownBuilding) -> Callable[[str], bool]:
        return lambda text: in_building(building.name, text).casefold() in self.inventory.systems

    def _judge(self, wanted: TenantRoom, room: KnownRoom) -> None:
        """What the room still lacks, and whether its mailbox could be read."""
        missing = []
        home = self.homes.get(room)
        if home:
            missing += ["building"] if is_unassigned(home[0]) else []
            missing += ["floor"] if is_unassigned(home[1]) else []
        missing += ["capacity"] if room.fields.get("capacity") is None else []
        if missing:
            self.report.incomplete.append(self._entry(room, missing=missing))
        if wanted.mailbox not in (None, "readable"):
            self.report.unreadable.append(self._entry(room, mailbox=wanted.mailbox))
