# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get-Place and Set-Place: the metadata of rooms that Graph shows below /places (names mirror the parameters, inferred)."""

from __future__ import annotations

from typing import Any

from .call import Call, Handler
from .encoding import Row
from .errors import not_found, refused

PROPERTIES = {
    "AudioDeviceName": "audioDeviceName",
    "Building": "building",
    "Capacity": "capacity",
    "DisplayDeviceName": "displayDeviceName",
    "Floor": "floorNumber",
    "FloorLabel": "floorLabel",
    "IsWheelChairAccessible": "isWheelChairAccessible",
    "Label": "label",
    "ParentId": "parentId",
    "Phone": "phone",
    "Tags": "tags",
    "VideoDeviceName": "videoDeviceName",
}
"""Parameter of Set-Place and property of a room in Graph."""
ADDRESS = {
    "Street": "street",
    "City": "city",
    "State": "state",
    "PostalCode": "postalCode",
    "CountryOrRegion": "countryOrRegion",
}


def place_row(place: dict[str, Any], kind: str) -> Row:
    """Return a place as Get-Place shows it."""
    address = place.get("address") or {}
    where = place.get("geoCoordinates") or {}
    coordinates = [str(where[key]) for key in ("latitude", "longitude") if where.get(key) is not None]
    return {
        "Identity": place.get("emailAddress"),
        "DisplayName": place.get("displayName"),
        "Type": kind,
        "PlaceId": place.get("placeId") or place["id"],
        **{name: address.get(key) for name, key in ADDRESS.items()},
        **{name: place.get(key) for name, key in PROPERTIES.items()},
        "ParentType": None,
        "GeoCoordinates": ";".join(coordinates) or None,
        "MTREnabled": place.get("teamsEnabledState") == "enabled",
    }


def find(call: Call) -> dict[str, Any]:
    """Return the room an identity means: its address, or whatever else names its mailbox."""
    wanted = {call.identity.lower()}
    wanted |= {one.address.lower() for one in call.recipients.matching(call.identity)}
    for room in call.tenant.rooms:
        if str(room.get("emailAddress")).lower() in wanted or room["id"] == call.identity:
            return room
    raise not_found(call.identity)


def get(call: Call) -> list[Row]:
    """Get-Place."""
    if call.identity:
        return [place_row(find(call), "Room")]
    if call.given.get("Type") == "RoomList":
        return [place_row(row, "RoomList") for row in call.limited(list(call.tenant.room_lists))]
    if call.given.get("Type") == "Space":
        return []
    return [place_row(row, "Room") for row in call.limited(list(call.tenant.rooms))]


def change(call: Call) -> list[Row]:
    """Set-Place."""
    room = find(call)
    values = {key: call.given[name] for name, key in PROPERTIES.items() if name in call.given}
    address = {key: call.given[name] for name, key in ADDRESS.items() if name in call.given}
    if address:
        values["address"] = {**(room.get("address") or {}), **address}
    if "GeoCoordinates" in call.given:
        values["geoCoordinates"] = _coordinates(call.text("GeoCoordinates"))
    if "MTREnabled" in call.given:
        values["teamsEnabledState"] = "enabled" if call.given["MTREnabled"] else "disabled"
    if all(room.get(key) == value for key, value in values.items()):
        call.unchanged(call.identity)
    elif not call.rehearsal:
        call.tenant.rooms.change(room, **values)
    return []


def _coordinates(text: str) -> dict[str, float]:
    parts = text.split(";")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3):
        raise refused(f"The geographic coordinates '{text}' aren't valid. Use latitude;longitude or add ;altitude.")
    return dict(zip(("latitude", "longitude", "altitude"), numbers, strict=False))


HANDLERS: dict[str, Handler] = {"Get-Place": get, "Set-Place": change}
