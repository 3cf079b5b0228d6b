# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in the inventory -> ids on the server, with one list read per kind."""

from __future__ import annotations

import difflib
import re
import time
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._placeos import compare
from ansible_collections.placeos.office365.plugins.module_utils._placeos.platform import Platform
from ansible_collections.placeos.office365.plugins.module_utils._plan import Pending, Row

_ID = re.compile(r"^(zone|sys|driver|dep|repo|mod|authority|sgrp|user)-[\w~+-]{4,}$")


class Unresolved(Exception):
    """A name that no object, or more than one, answers to."""


class References:
    """Looks names up. Ids are taken as they are; without a match the list is read again while it may be lagging."""

    def __init__(self, platform: Platform, *, check_mode: bool = False) -> None:
        self.platform = platform
        self.check_mode = check_mode
        self.assumed: list[str] = []
        self._index: dict[str, dict[Any, list[Row]]] = {}
        self._names: dict[str, dict[str, str]] = {}

    def resolve(self, kind: str, name: str) -> str | Pending:
        """The id that a name stands for.

        In check mode an unknown name is assumed to be created by an earlier task, and reported as such.
        """
        if _ID.match(name):
            return name
        rows = self.lookup(kind, name)
        if not rows and self.check_mode:
            self.assumed.append(f"{kind} {name!r}")
            return Pending(kind, name)
        if not rows:
            rows = self._look_again(kind, name)
        if not rows:
            raise Unresolved(f"there is no {kind} {name!r}{self._similar(kind, name)}")
        if len(rows) > 1:
            ids = ", ".join(sorted(str(row["id"]) for row in rows))
            raise Unresolved(f"{len(rows)} objects of kind {kind} are called {name!r}: {ids}; give the id instead")
        return str(rows[0]["id"])

    def name(self, kind: str, identifier: Any) -> Any:
        """The name of an id as far as it is known without asking; for showing."""
        return self._names.get(kind, {}).get(identifier, identifier)

    def learn(self, kind: str, rows: list[Row]) -> None:
        """Use rows that were read anyway."""
        index: dict[Any, list[Row]] = {}
        names: dict[str, str] = {}
        for row in rows:
            # A set: one row is found once, by whichever of its names.
            for key in {self._key(kind, name) for name in _names_of(kind, row)}:
                index.setdefault(key, []).append(row)
            names[row["id"]] = str(compare.text(row.get("name")) or row["id"])
        self._index[kind] = index
        self._names[kind] = names

    def rows(self, kind: str) -> list[Row]:
        """All rows of a kind, read once."""
        if kind not in self._index:
            self.learn(kind, self.platform.resource(kind).rows())
        return list({row["id"]: row for rows in self._index[kind].values() for row in rows}.values())

    def lookup(self, kind: str, name: str) -> list[Row]:
        """The rows with a name, in the list as it was read last."""
        if kind not in self._index:
            self.learn(kind, self.platform.resource(kind).rows())
        return self._index[kind].get(self._key(kind, name), [])

    def _key(self, kind: str, name: str) -> Any:
        if kind == "system" and "@" in name:
            return compare.email(name)
        return compare.lower(compare.text(name)) if self.platform.any_case else compare.text(name)

    def _look_again(self, kind: str, name: str) -> list[Row]:
        """What was created a moment ago may be missing in a list."""
        deadline = time.monotonic() + 3 * self.platform.index_lag
        pause = 0.3
        while time.monotonic() + pause < deadline:
            time.sleep(pause)
            pause *= 2
            self.learn(kind, self.platform.resource(kind).rows())
            if rows := self.lookup(kind, name):
                return rows
        return []

    def _similar(self, kind: str, name: str) -> str:
        close = difflib.get_close_matches(name, list(self._names.get(kind, {}).values()), 1)
        return f"; did you mean {close[0]!r}?" if close else ""


def _names_of(kind: str, row: Row) -> list[str]:
    if kind == "module":
        return [name for name in (row.get("custom_name"), row.get("name")) if name]
    if kind == "driver" and row.get("class_name"):
        return [row["name"], row["class_name"]]
    if kind == "system" and row.get("email"):
        return [row["name"], row["email"]]
    return [row["name"]] if row.get("name") else []
