# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is this the name of an IANA time zone?"""

from __future__ import annotations

import re
import zoneinfo
from functools import cache

from .text import show, suggest

NO_DATABASE = (
    "This control node has no time zone database, so time zones were checked for their form only."
    " Install the Python package tzdata or the system's time zone data to have their names checked."
)
_FORM = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")


@cache
def known() -> frozenset[str]:
    """Every zone name of the system's or the tzdata package's database; empty where there is neither."""
    return frozenset(zoneinfo.available_timezones())


@cache
def problem(name: str) -> str | None:
    """What is wrong with the name, or None."""
    if not known():
        # A slim container may lack the database; that is no fault of the inventory.
        return None if _FORM.fullmatch(name) else f"{show(name)} is not a time zone; write it as Region/City"
    if name in known():
        return None
    hint = suggest(name, known()) or "; use an IANA name such as Australia/Sydney"
    return f"{show(name)} is not a time zone{hint}"
