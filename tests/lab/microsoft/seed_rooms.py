# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms of the seed: 250 in three buildings, most of them with little more than a name, as tenants are.

The addresses of the demonstration's rooms are among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .directory import build

if TYPE_CHECKING:
    from .state import Tenant
    from .table import Row

MAIL_DOMAIN = "acme.example"
PER_FLOOR = 6


@dataclass(frozen=True, slots=True)
class Building:
    """A building: the beginning of its rooms' addresses, name, address, floors, number of rooms."""

    code: str
    name: str
    street: str
    state: str
    country: str
    postal_code: str
    floors: range
    rooms: int


BUILDINGS = (
    Building("syd", "Sydney", "1 Example Street", "NSW", "AU", "2000", range(16, 34), 108),
    Building("sin", "Singapore", "2 Example Road", "", "SG", "018989", range(5, 21), 96),
    Building("mel", "Melbourne", "3 Example Lane", "VIC", "AU", "3000", range(1, 9), 46),
)
CAPACITIES = (4, 6, 8, 12, 20, None)


def list_address(code: str) -> str:
    """Return the address of a building's room list."""
    return f"rooms-list-{code}@{MAIL_DOMAIN}"


def plant(tenant: Tenant) -> dict[str, list[str]]:
    """Plant rooms and room lists; returns the ids of the rooms' users by building."""
    made: dict[str, list[str]] = {}
    for building in BUILDINGS:
        places = [(floor, number) for floor in building.floors for number in range(1, PER_FLOOR + 1)]
        users, addresses = [], []
        for floor, number in places[: building.rooms]:
            name = f"{floor:02d}.{number:02d}"
            address = f"{building.code}-{name}@{MAIL_DOMAIN}"
            # Only every third room was ever described with Set-Place.
            known = described(building, floor, number) if (floor + number) % 3 == 0 else {}
            user = room(tenant, address, f"{building.name} {name}", **known)
            users.append(user["id"])
            addresses.append(address)
        tenant.room_lists.plant(room_list(list_address(building.code), f"Rooms {building.name}", addresses))
        made[building.code] = users
    return made


def described(building: Building, floor: int, number: int) -> dict[str, Any]:
    """Return what Set-Place tells of a room."""
    return {
        "building": building.name,
        "capacity": CAPACITIES[number - 1],
        "floorLabel": f"Level {floor}",
        "floorNumber": floor,
        "label": None if number % 2 else "Video",
        "isWheelChairAccessible": True,
        "displayDeviceName": "Screen" if number % 2 else None,
        "phone": f"+61 2 5550 {floor:02d}{number:02d}",
        "tags": ["video"] if number % 2 else [],
        "address": {
            "street": building.street,
            "city": building.name,
            "state": building.state,
            "countryOrRegion": building.country,
            "postalCode": building.postal_code,
        },
    }


def room(tenant: Tenant, mail: str, name: str, /, **known: Any) -> Row:
    """Plant a room with its user and mailbox; returns the user."""
    from .state import Mailbox

    user = build.user(tenant, mail, name, accountEnabled=False)
    tenant.users.plant(user)
    place: Row = {
        "id": build.constant_id("place", mail),
        "displayName": name,
        "address": None,
        "geoCoordinates": None,
        "isWheelChairAccessible": False,
        "label": None,
        "parentId": None,
        "phone": None,
        "placeId": build.constant_id("place", mail),
        "tags": [],
        "audioDeviceName": None,
        "bookingType": "standard",
        "building": None,
        "capacity": None,
        "displayDeviceName": None,
        "emailAddress": mail,
        "floorLabel": None,
        "floorNumber": None,
        "nickname": name,
        "teamsEnabledState": None,
        "videoDeviceName": None,
        "_user": user["id"],
    }
    tenant.rooms.plant(place | known)
    tenant.mailboxes[mail.lower()] = Mailbox(mail, "RoomMailbox", user["id"], name)
    return user


def room_list(address: str, name: str, rooms: list[str]) -> Row:
    """Return the row of a room list."""
    return {
        "id": build.constant_id("list", address),
        "displayName": name,
        "emailAddress": address,
        "address": None,
        "geoCoordinates": None,
        "isWheelChairAccessible": False,
        "label": None,
        "parentId": None,
        "phone": None,
        "placeId": build.constant_id("list", address),
        "tags": [],
        "_rooms": rooms,
    }
