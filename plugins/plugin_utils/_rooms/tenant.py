# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tenant says about its rooms, in the terms of the inventory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from .._workplace import checks

# The values of bookingType that Microsoft documents are standard (can be reserved) and reserved (first come, first
# served, cannot be reserved): learn.microsoft.com/graph/api/resources/room.
NOT_BOOKABLE = "reserved"


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor as the tenant has it: ``label`` and ``number`` may each be absent, not both."""

    label: str | None
    number: int | None

    @property
    def name(self) -> str:
        """What a level that is made for it is called."""
        return self.label or f"Level {self.number}"

    @property
    def calls(self) -> frozenset[str]:
        """What a level of the inventory may be called to be this floor, folded."""
        bare = [text for text in (self.label, None if self.number is None else str(self.number)) if text is not None]
        return frozenset(f"{prefix}{text}".casefold() for text in bare for prefix in ("", "Level ", "Floor "))

    @property
    def order(self) -> tuple[float, list[tuple[int, int, str]]]:
        """From the lowest floor to the highest; floors without a number by their names, last."""
        number = self.number
        if number is None and self.label and re.fullmatch(r"-?\d{1,4}", self.label):
            number = int(self.label)
        return (float("inf") if number is None else number, natural(self.name))


@dataclass(frozen=True, slots=True)
class TenantRoom:
    """One room of the tenant. ``fields`` are the values that an inventory could hold, only those that are known."""

    email: str
    name: str
    building: str | None
    floor: Floor | None
    bookable: bool
    fields: dict[str, Any]
    mailbox: str | None = None


@dataclass(slots=True)
class Tenant:
    """``rooms`` are to be imported, in a fixed order; ``emails`` are all addresses; ``left_out`` are (name, reason)."""

    rooms: list[TenantRoom] = field(default_factory=list)
    emails: set[str] = field(default_factory=set)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts Room 2 before Room 10."""
    parts = re.split(r"(\d+)", text.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def one_line(value: object) -> str | None:
    """The text without control characters and doubled blanks; None when nothing is left, or for anything else."""
    if not isinstance(value, str):
        return None
    cleaned = "".join(char if char.isprintable() else " " for char in value)
    return " ".join(cleaned.split()) or None


def whole(value: object) -> int | None:
    """A whole number that may stand in quotes, as in a sample of Microsoft's documentation."""
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,10}\s*", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def read_tenant(
    rooms: Iterable[Any],
    *,
    buildings: Iterable[str] = (),
    exclude: Iterable[str] = (),
    lists_as_buildings: bool = False,
) -> Tenant:
    """Sort out what the module graph_room_info returned.

    buildings: only rooms of these, by the tenant's name of the building; exclude: addresses or patterns such as
    ``board-*``; lists_as_buildings: a room without a building is in the one that its only room list is named after.
    """
    wanted = {name.strip().casefold() for name in buildings}
    patterns = [pattern.strip().casefold() for pattern in exclude]
    tenant = Tenant()
    found: list[TenantRoom] = []
    for raw in rooms:
        if not isinstance(raw, Mapping):
            continue
        room = _room(raw, tenant, lists_as_buildings=lists_as_buildings)
        if room is None or room.email in tenant.emails:
            continue
        tenant.emails.add(room.email)
        if wanted and (room.building or "").casefold() not in wanted:
            continue
        if any(fnmatchcase(room.email, pattern) for pattern in patterns):
            continue
        found.append(room)
    tenant.rooms = sorted(found, key=_order)
    return tenant


def _order(room: TenantRoom) -> tuple[Any, ...]:
    # Labelled floors first: a room that only has the number of such a floor then finds the level by its label.
    floor = room.floor
    return (
        room.building is None,
        natural(room.building or ""),
        floor is None,
        floor.order if floor else (0.0, []),
        bool(floor and floor.label is None),
        natural(room.name),
        room.email,
    )


def _room(raw: Mapping[str, Any], tenant: Tenant, *, lists_as_buildings: bool) -> TenantRoom | None:
    shown = one_line(raw.get("display_name"))
    written = one_line(raw.get("email_address"))
    if written is None:
        tenant.left_out.append((shown or str(raw.get("id") or "a room without a name"), "it has no e-mail address"))
        return None
    try:
        email = checks.email(written).lower()
    except checks.UnfitError as unfit:
        tenant.left_out.append((shown or written, f"its e-mail address {unfit}"))
        return None
    mailbox = raw.get("mailbox")
    building = one_line(raw.get("building"))
    if building is None and lists_as_buildings:
        lists = {name for name in map(one_line, _list(raw.get("room_lists"))) if name}
        building = lists.pop() if len(lists) == 1 else None
    label, number = one_line(raw.get("floor_label")), whole(raw.get("floor_number"))
    capacity = whole(raw.get("capacity"))
    fields: dict[str, Any] = {}
    if capacity is not None and 0 < capacity < 2**31:
        fields["capacity"] = capacity
    description = one_line(raw.get("label"))
    if description:
        fields["description"] = description
    return TenantRoom(
        email=email,
        name=shown or one_line(raw.get("nickname")) or email.partition("@")[0],
        building=building,
        floor=Floor(label, number) if label is not None or number is not None else None,
        bookable=str(raw.get("booking_type") or "").casefold() != NOT_BOOKABLE,
        fields=fields,
        mailbox=one_line(mailbox.get("state")) if isinstance(mailbox, Mapping) else None,
    )


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []
