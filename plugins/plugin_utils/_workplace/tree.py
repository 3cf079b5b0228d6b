# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory once read: the values that passed their checks, and where they were written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .where import Where


@dataclass(slots=True)
class Node:
    """One mapping of the inventory.

    ``given`` holds the values that passed, ``bad`` the keys whose value did not: a key in neither was not written.
    """

    where: Where
    given: dict[str, Any]
    bad: set[str] = field(default_factory=set)

    @property
    def name(self) -> str | None:
        """The short name; None when it is missing or faulty."""
        return self.given.get("name")

    def has(self, key: str) -> bool:
        """Was the key written, well or badly? A rule about its absence must not fire on a bad value."""
        return key in self.given or key in self.bad


@dataclass(slots=True)
class Room(Node):
    """A room, from the tree or from a row of a rooms file."""


@dataclass(slots=True)
class Level(Node):
    """A level and its rooms, those of the tree first."""

    rooms: list[Room] = field(default_factory=list)


@dataclass(slots=True)
class Building(Node):
    """A building; ``extras`` maps the ids of what its rooms may offer to their names."""

    levels: list[Level] = field(default_factory=list)
    extras: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Workplace(Node):
    """The whole client."""

    buildings: list[Building] = field(default_factory=list)
