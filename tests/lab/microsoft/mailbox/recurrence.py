# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dates of a series: patternedRecurrence of Graph, every pattern and range type. Nothing here knows of mailboxes.

Dates are those of the zone in which the series was made, so that a meeting stays at ten o'clock when the clocks change
(recorded: recurrence.jsonl, the monthly series).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice
from typing import Any

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
INDEXES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
PATTERNS = ("daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly")
RANGES = ("endDate", "noEnd", "numbered")
MOST = 5000
"""Dates that are looked at in a series without end."""


class BadRecurrence(ValueError):
    """A recurrence that makes no sense, with the name of the property."""


def normalised(given: Any, zone_name: str) -> dict[str, Any]:
    """Return a recurrence as Graph stores it: all properties, zeros for those that do not apply; raises BadRecurrence."""
    if not isinstance(given, dict) or not all(isinstance(given.get(part), dict) for part in ("pattern", "range")):
        raise BadRecurrence("recurrence")
    pattern, limits = given["pattern"], given["range"]
    if pattern.get("type") not in PATTERNS or limits.get("type") not in RANGES:
        raise BadRecurrence("recurrence type")
    interval = pattern.get("interval", 1)
    if not isinstance(interval, int) or interval < 1:
        raise BadRecurrence("interval")
    days = [str(day).lower() for day in pattern.get("daysOfWeek") or []]
    if not set(days) <= set(DAYS) or (not days and pattern["type"] in ("weekly", "relativeMonthly", "relativeYearly")):
        raise BadRecurrence("daysOfWeek")
    try:
        date.fromisoformat(str(limits.get("startDate")))
        last = limits.get("endDate")
        date.fromisoformat(str(last if last is not None or limits["type"] == "endDate" else "0001-01-01"))
    except ValueError:
        raise BadRecurrence("range") from None
    if limits["type"] == "numbered" and int(limits.get("numberOfOccurrences") or 0) <= 0:
        raise BadRecurrence("numberOfOccurrences")
    stored: dict[str, Any] = {
        "type": pattern["type"],
        "interval": interval,
        "month": pattern.get("month") or 0,
        "dayOfMonth": pattern.get("dayOfMonth") or 0,
        "firstDayOfWeek": pattern.get("firstDayOfWeek") or "sunday",
        "index": pattern.get("index") or "first",
    }
    if days:
        stored["daysOfWeek"] = days
    return {
        "pattern": stored,
        "range": {
            "type": limits["type"],
            "startDate": limits["startDate"],
            "endDate": limits.get("endDate") or "0001-01-01",
            "recurrenceTimeZone": limits.get("recurrenceTimeZone") or zone_name,
            "numberOfOccurrences": limits.get("numberOfOccurrences") or 0,
        },
    }


def dates(recurrence: dict[str, Any]) -> Iterator[date]:
    """Yield the dates of a stored recurrence, earliest first."""
    pattern, limits = recurrence["pattern"], recurrence["range"]
    start = date.fromisoformat(limits["startDate"])
    found = (day for day in _all(pattern, start) if day >= start)
    if limits["type"] == "numbered":
        yield from islice(found, limits["numberOfOccurrences"])
        return
    end = date.fromisoformat(limits["endDate"]) if limits["type"] == "endDate" else date.max
    for day in islice(found, MOST):
        if day > end:
            return
        yield day


def _all(pattern: dict[str, Any], start: date) -> Iterator[date]:
    kind, interval = pattern["type"], pattern["interval"]
    if kind == "daily":
        for step in count(0, interval):
            yield start + timedelta(days=step)
    elif kind == "weekly":
        first = DAYS.index(pattern["firstDayOfWeek"])
        week = start - timedelta(days=(start.weekday() - first) % 7)
        offsets = sorted((DAYS.index(day) - first) % 7 for day in pattern["daysOfWeek"])
        for step in count(0, interval):
            yield from (week + timedelta(days=7 * step + offset) for offset in offsets)
    else:
        months = interval * (12 if kind.endswith("Yearly") else 1)
        begin = pattern["month"] if kind.endswith("Yearly") and pattern["month"] else start.month
        for step in count(0, months):
            year, month = divmod(start.year * 12 + begin - 1 + step, 12)
            if year > date.max.year:
                return
            yield _in_month(pattern, year, month + 1, start)


def _in_month(pattern: dict[str, Any], year: int, month: int, start: date) -> date:
    """Return the date of a pattern in a month; a day that the month lacks is its last one."""
    length = calendar.monthrange(year, month)[1]
    if pattern["type"].startswith("absolute"):
        return date(year, month, min(pattern["dayOfMonth"] or start.day, length))
    wanted = {DAYS.index(day) for day in pattern["daysOfWeek"]}
    fitting = [day for day in range(1, length + 1) if date(year, month, day).weekday() in wanted]
    return date(year, month, fitting[INDEXES[pattern["index"]]])
