# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dates of a series."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from lab.microsoft.mailbox.recurrence import BadRecurrence, dates, normalised


def series(kind: str, start: str, end: str | int, **pattern: Any) -> list[str]:
    limits: dict[str, Any] = {"startDate": start}
    limits |= (
        {"type": "endDate", "endDate": end}
        if isinstance(end, str)
        else {"type": "numbered", "numberOfOccurrences": end}
    )
    given = {"pattern": {"type": kind, "interval": 1, **pattern}, "range": limits}
    return [day.isoformat()[5:] for day in dates(normalised(given, "UTC"))]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (series("daily", "2026-11-30", 3), "11-30 12-01 12-02"),
        (series("daily", "2020-08-31", "2020-09-06", interval=2), "08-31 09-02 09-04 09-06"),
        (series("weekly", "2020-08-31", "2020-09-20", daysOfWeek=["monday"]), "08-31 09-07 09-14"),
        (series("weekly", "2026-11-25", 4, daysOfWeek=["Monday", "Wednesday"]), "11-25 11-30 12-02 12-07"),
        (series("weekly", "2026-11-25", 3, daysOfWeek=["monday", "wednesday"], interval=2), "11-25 12-07 12-09"),
        (
            # With weeks from Sunday to Saturday, a Sunday belongs to the week that begins with it.
            series("weekly", "2026-11-25", 3, daysOfWeek=["sunday", "wednesday"], interval=2, firstDayOfWeek="sunday"),
            "11-25 12-06 12-09",
        ),
        (
            series("weekly", "2026-11-25", 3, daysOfWeek=["sunday", "wednesday"], interval=2, firstDayOfWeek="monday"),
            "11-25 11-29 12-09",
        ),
        (series("absoluteMonthly", "2026-10-31", 3, dayOfMonth=31), "10-31 11-30 12-31"),
        (series("relativeMonthly", "2020-10-06", "2020-12-30", daysOfWeek=["tuesday"], interval=2), "10-06 12-01"),
        (series("relativeMonthly", "2026-11-01", 2, daysOfWeek=["friday"], index="last"), "11-27 12-25"),
        (series("absoluteYearly", "2026-02-10", 2, dayOfMonth=10, month=2), "02-10 02-10"),
        (series("relativeYearly", "2026-01-01", 2, daysOfWeek=["monday"], index="second", month=3), "03-09 03-08"),
    ],
)
def test_each_pattern_has_its_dates(found: list[str], expected: str) -> None:
    assert found == expected.split()


def test_a_series_without_end_goes_on() -> None:
    given = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-01-01"}}
    days = dates(normalised(given, "UTC"))
    assert [next(days) for _number in range(400)][-1] == date(2027, 2, 4)


def test_what_does_not_apply_is_stored_as_zero() -> None:
    given = {"pattern": {"type": "daily", "interval": 2}, "range": {"type": "noEnd", "startDate": "2026-01-01"}}
    stored = normalised(given, "Australia/Sydney")
    assert stored["pattern"] == {
        "type": "daily",
        "interval": 2,
        "month": 0,
        "dayOfMonth": 0,
        "firstDayOfWeek": "sunday",
        "index": "first",
    }
    assert stored["range"]["recurrenceTimeZone"] == "Australia/Sydney"


@pytest.mark.parametrize(
    "change",
    [
        {"pattern": None},
        {"pattern": {"type": "hourly", "interval": 1}},
        {"pattern": {"type": "daily", "interval": 0}},
        {"pattern": {"type": "weekly", "interval": 1}},
        {"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["someday"]}},
        {"range": {"type": "endDate", "startDate": "2026-01-01"}},
        {"range": {"type": "endDate", "startDate": "soon", "endDate": "2026-01-01"}},
        {"range": {"type": "numbered", "startDate": "2026-01-01"}},
    ],
)
def test_a_recurrence_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    good = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-01-01"}}
    with pytest.raises(BadRecurrence):
        normalised({**good, **change}, "UTC")
