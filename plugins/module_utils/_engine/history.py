# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which releases were in use, in which order: ``history.json``. Pure; standard library only.

An entry has commit, version, path and when; the newest is last. An entry made by a rollback also has
``rolled_back_from``, so that "the previous release" goes further back the next time, and not forth again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Entry = Mapping[str, Any]  # older Pythons cannot evaluate it

LONGEST = 100
"""Entries that are kept."""


class HistoryError(ValueError):
    """The text is no history."""


def read_history(text: str) -> list[dict[str, Any]]:
    """The entries in a file's text; raises HistoryError."""
    if not text.strip():
        return []
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise HistoryError(f"is not JSON: {error}") from error
    if not isinstance(entries, list) or not all(
        isinstance(e, dict) and isinstance(e.get("path"), str) for e in entries
    ):
        raise HistoryError("is not a list of entries with a path")
    return entries


def show_history(entries: Sequence[Entry]) -> str:
    """The file's text."""
    return json.dumps(list(entries), indent=2) + "\n"


def added(entries: Sequence[Entry], entry: Entry, rolled_back: bool = False) -> list[Entry]:
    """The entries with one more, unless the newest is of the same release already."""
    newest = entries[-1] if entries else None
    if newest and newest["path"] == entry["path"]:
        return list(entries)
    if rolled_back and newest:
        entry = {**entry, "rolled_back_from": newest.get("commit", "")}
    return [*entries, entry][-LONGEST:]


def way_back(entries: Sequence[Entry], current: str) -> list[Entry]:
    """The releases that were in use before the current one, nearest last, each once.

    A release that was left by a rollback is not on the way back.
    """
    way: list[Entry] = []
    for entry in entries:
        if "rolled_back_from" in entry and way:
            way.pop()
        # Coming to a release again, forth or back, forgets what was between.
        seen = [position for position, other in enumerate(way) if other["path"] == entry["path"]]
        if seen and "rolled_back_from" in entry:
            del way[seen[0] :]
        else:
            way = [other for other in way if other["path"] != entry["path"]]
        way.append(entry)
    if way and way[-1]["path"] == current:
        way.pop()
    return [entry for entry in way if entry["path"] != current]
