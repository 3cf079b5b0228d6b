# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations as ACAEngine's scheduler reads them: ``1h30m``, ``90s``; a bare number counts as milliseconds.

Source: cotag/uv-rays, ``lib/uv-rays/scheduler/time.rb``, ``parse_duration``.
"""

from __future__ import annotations

import re

# More digits than any duration has, fewer than a number can hold.
_NUMBER = r"(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})"
_PART = re.compile(rf"({_NUMBER})([yMwdhms])")
_DURATION = re.compile(rf"(?=.)(?:{_NUMBER}[yMwdhms])*(?:{_NUMBER}|\.)?")
_BARE = re.compile(rf"{_NUMBER}")

_SECONDS = {"y": 31_536_000, "M": 2_592_000, "w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


def is_bare(text: str) -> bool:
    """Is it a number without a unit?"""
    return _BARE.fullmatch(text) is not None


def milliseconds(text: str) -> int | None:
    """The length of a duration; None when the scheduler could not read it."""
    if not text.isascii() or not _DURATION.fullmatch(text):
        return None
    parts = _PART.findall(text)
    rest = text[sum(len(number) + len(unit) for number, unit in parts) :]
    return int(
        sum(float(number) * _SECONDS[unit] * 1000 for number, unit in parts) + (0 if rest in {"", "."} else float(rest))
    )


def written(seconds: float) -> str:
    """Seconds as a duration, to the millisecond: 1800 is ``30m``."""
    whole = int(seconds)
    if whole != seconds:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
    text = ""
    for unit in "hms":
        count, whole = divmod(whole, _SECONDS[unit])
        text += f"{count}{unit}" if count else ""
    return text or "0s"
