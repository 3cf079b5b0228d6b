# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments as Outlook writes them: ``dateTime`` without offset and 7 digits, ``timeZone`` a Windows or an IANA name."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..errors import GraphError
from ..facts import table

NEVER = "0001-01-01T00:00:00Z"
LONG_FRACTION = re.compile(r"(\.\d{6})\d+")


def zone(name: str) -> ZoneInfo:
    """Return the zone of a Windows or IANA name; raises GraphError (the code is inferred)."""
    known = table("windows_zones")["zones"]
    windows = {key.lower(): value for key, value in known.items()}
    try:
        return ZoneInfo(windows.get(name.lower(), name))
    except (KeyError, OSError, ValueError):
        words = f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
        raise GraphError(400, "TimeZoneNotSupportedException", words) from None


def windows_name(name: str) -> str:
    """Return the Windows name of a zone where one is known: what a stored event shows (recorded)."""
    facts = table("windows_zones")
    if name in facts["zones"]:
        return name
    by_city = {city: key for key, city in facts["zones"].items()} | facts["cities"]
    return str(by_city.get(name, name))


def parse_moment(text: Any, default: ZoneInfo | None = None) -> datetime:
    """Return a moment in UTC; without an offset it is in the default zone, or UTC. ValueError for no date."""
    given = text.strip() if isinstance(text, str) else ""
    moment = datetime.fromisoformat(LONG_FRACTION.sub(r"\1", given))
    return (moment if moment.tzinfo else moment.replace(tzinfo=default or UTC)).astimezone(UTC)


def moment_of(value: Any, name: str) -> tuple[datetime, str]:
    """Return moment and zone of a dateTimeTimeZone; raises GraphError."""
    if not isinstance(value, dict):
        raise invalid(name)
    given = value.get("timeZone") or "UTC"
    try:
        return parse_moment(value.get("dateTime"), zone(str(given))), str(given)
    except ValueError:
        raise invalid(name) from None


def invalid(name: str) -> GraphError:
    """Return the 400 about a property (the text is inferred)."""
    return GraphError(400, "ErrorPropertyValidationFailure", f"At least one property failed validation: {name}.")


def written(moment: datetime, zone_name: str) -> dict[str, str]:
    """Return a dateTimeTimeZone."""
    return {"dateTime": fraction(moment.astimezone(zone(zone_name))), "timeZone": zone_name}


def fraction(moment: datetime) -> str:
    """Return a date with seven digits behind the second, and no offset."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"


def stamp(moment: datetime) -> str:
    """Return a DateTimeOffset with seven digits."""
    return fraction(moment.astimezone(UTC)) + "Z"
