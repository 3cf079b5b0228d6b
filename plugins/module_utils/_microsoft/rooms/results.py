# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms and room lists of a tenant as results: names as in Ansible, types as documented, any value possibly null."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Read = Callable[[Any], Any]


def text(value: Any) -> str | None:
    """A text that is more than blanks."""
    return value.strip() or None if isinstance(value, str) else None


def whole(value: Any) -> int | None:
    """A whole number; a documentation sample shows one as text (Graph, api/place-get: "50")."""
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,10}\s*", value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(value: Any) -> bool | None:
    """True or false, also as text."""
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        return value.casefold() == "true"
    return value if isinstance(value, bool) else None


def texts(value: Any) -> list[str]:
    """A list of texts; an absent one is empty."""
    return [item for item in map(text, value) if item] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any] | None:
    """An address or coordinates; null where no member is known."""
    if not isinstance(value, Mapping):
        return None
    known = {
        snake(str(name)): item for name, item in value.items() if item is not None and not str(name).startswith("@")
    }
    return known or None


def snake(name: str) -> str:
    """CountryOrRegion and countryOrRegion as country_or_region."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


# Names of the v1.0 metadata (microsoftgraph/msgraph-metadata, room, roomList and their base place), and the other
# spellings of documentation samples. They are compared without regard to letter case: isWheelChairAccessible of the
# metadata is isWheelchairAccessible in samples, geoCoordinates is geocoordinates.
_PLACE: Mapping[str, tuple[Read, tuple[str, ...]]] = {
    "id": (text, ("id",)),
    "place_id": (text, ("placeId",)),
    "parent_id": (text, ("parentId",)),
    "display_name": (text, ("displayName",)),
    "email_address": (text, ("emailAddress",)),
    "phone": (text, ("phone",)),
    "address": (mapping, ("address",)),
    "geo_coordinates": (mapping, ("geoCoordinates",)),
}
_ROOM: Mapping[str, tuple[Read, tuple[str, ...]]] = {
    **_PLACE,
    "nickname": (text, ("nickname",)),
    "label": (text, ("label",)),
    "building": (text, ("building",)),
    "floor_label": (text, ("floorLabel",)),
    "floor_number": (whole, ("floorNumber",)),
    "capacity": (whole, ("capacity",)),
    "booking_type": (text, ("bookingType",)),
    "audio_device_name": (text, ("audioDeviceName", "audioDevice")),
    "video_device_name": (text, ("videoDeviceName", "videoDevice")),
    "display_device_name": (text, ("displayDeviceName", "displayDevice")),
    "is_wheel_chair_accessible": (flag, ("isWheelChairAccessible",)),
    "teams_enabled_state": (text, ("teamsEnabledState",)),
    "tags": (texts, ("tags",)),
}


def room(raw: Mapping[str, Any]) -> dict[str, Any]:
    """One room as a result entry; what is not known is null, or an empty list of tags."""
    return _entry(raw, _ROOM)


def room_list(raw: Mapping[str, Any]) -> dict[str, Any]:
    """One room list as a result entry, without its rooms."""
    return _entry(raw, _PLACE)


def _entry(raw: Mapping[str, Any], fields: Mapping[str, tuple[Read, tuple[str, ...]]]) -> dict[str, Any]:
    folded: dict[str, Any] = {}
    for name, value in raw.items():
        if value is not None:
            folded.setdefault(str(name).casefold(), value)
    entry = {}
    for name, (read, spellings) in fields.items():
        found = (folded[spelling.casefold()] for spelling in spellings if spelling.casefold() in folded)
        entry[name] = read(next(found, None))
    return entry


def order(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """By building, floor and name, numbers by their size; what is not known last, so that two runs agree."""
    floor = entry.get("floor_number")
    return (
        *_last(entry.get("building")),
        floor is None,
        floor or 0,
        *_last(entry.get("floor_label")),
        *_last(entry.get("display_name")),
        *_last(entry.get("email_address")),
        entry.get("id") or "",
    )


def _last(value: str | None) -> tuple[bool, list[tuple[int, int, str]]]:
    parts = re.split(r"(\d+)", (value or "").casefold())
    return value is None, [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def missing(rooms: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many rooms lack what a workplace needs to know of them."""
    entries = list(rooms)

    def without(*names: str) -> int:
        return sum(all(entry[name] is None for name in names) for entry in entries)

    return {
        "building": without("building"),
        "floor": without("floor_label", "floor_number"),
        "capacity": without("capacity"),
        "email_address": without("email_address"),
    }
