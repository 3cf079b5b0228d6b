# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table that remembers for a while how its rows were, so that stale replicas can be imitated.

Rows are plain dicts: properties as Graph shows them, and keys beginning with ``_`` for what it does not show.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]
KEPT_SECONDS = 600.0
FROM_THE_START = float("-inf")


class Table:
    """Rows by id, in the order they came."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._rows: dict[str, Row] = {}
        self._past: dict[str, list[tuple[float, Row | None]]] = {}
        """By id: how the row was, and until when; None means that it was not there."""

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, row_id: str | None) -> Row | None:
        """Return the row as it is now."""
        return self._rows.get(str(row_id).lower())

    def plant(self, row: Row) -> Row:
        """Put a row there that has always been there."""
        self._rows[row["id"].lower()] = row
        return row

    def put(self, row: Row) -> Row:
        """Put a new or changed row; a changed one must be a copy (see change)."""
        key = row["id"].lower()
        self._remember(key)
        self._rows[key] = row
        return row

    def change(self, row: Row, **values: Any) -> Row:
        """Change properties of a row and return the new one."""
        return self.put({**copy.deepcopy(row), **values})

    def remove(self, row_id: str) -> Row | None:
        """Take a row away."""
        key = row_id.lower()
        if key not in self._rows:
            return None
        self._remember(key)
        return self._rows.pop(key)

    def forget(self, row_id: str) -> None:
        """Take a row away as if it had never been there."""
        self._rows.pop(row_id.lower(), None)
        self._past.pop(row_id.lower(), None)

    def _remember(self, key: str) -> None:
        now = self._now()
        past = [entry for entry in self._past.get(key, []) if entry[0] > now - KEPT_SECONDS]
        self._past[key] = [*past, (now, self._rows.get(key))]

    def as_of(self, row_id: str | None, lag: float) -> Row | None:
        """Return the row as it was some seconds ago."""
        key = str(row_id).lower()
        if lag > 0:
            moment = self._now() - lag
            for until, row in self._past.get(key, []):
                if until > moment:
                    return row
        return self._rows.get(key)

    def all_as_of(self, lag: float) -> list[Row]:
        """Return all rows as they were some seconds ago."""
        if lag <= 0:
            return list(self)
        known = dict.fromkeys([*self._rows, *self._past])
        return [row for key in known if (row := self.as_of(key, lag)) is not None]

    def find(self, match: Callable[[Row], bool], lag: float = 0.0) -> Row | None:
        """Return the first row that matches."""
        return next((row for row in self.all_as_of(lag) if match(row)), None)
