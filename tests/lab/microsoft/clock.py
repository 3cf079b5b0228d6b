# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of a tenant: that of this machine, moved by what a test ordered."""

from __future__ import annotations

import datetime as dt
import time


class Clock:
    """Seconds since 1970; ``shift`` is what ``POST /_lab/advance-clock`` added."""

    def __init__(self) -> None:
        self.shift = 0.0

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return time.time() + self.shift

    def utc(self) -> dt.datetime:
        """Return the time as a date with the time zone UTC."""
        return dt.datetime.fromtimestamp(self.now(), dt.UTC)

    def text(self) -> str:
        """Return the time as Graph writes it."""
        return stamp(self.utc())


def stamp(moment: dt.datetime) -> str:
    """Return a moment as Graph writes it: UTC, without a fraction where there is none."""
    moment = moment.astimezone(dt.UTC)
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"


def parse(text: str) -> dt.datetime:
    """Return the moment a text names; ValueError when it names none. Without a zone it is UTC."""
    value = text.strip()
    if value.endswith(("Z", "z")):
        value = value[:-1] + "+00:00"
    moment = dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
