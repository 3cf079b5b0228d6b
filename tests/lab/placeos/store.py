# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables in memory: rows are replaced, never changed, so that indexes, caches and the lagging view stay simple."""

from __future__ import annotations

import bisect
import re
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

from .search import lexemes, split_up

CUT_AT = {
    "email": re.compile(r"[@._]"),
    **dict.fromkeys(("uri", "default_uri", "file_name"), re.compile(r"[\W_]+")),
}
"""Columns which are indexed in pieces as well, and where they are cut."""

Key = Callable[["Row"], Iterable[Hashable]]
Order = Callable[["Row"], tuple[Any, ...]]


class Row(dict[str, Any]):
    """One version of a row. ``blob`` caches its JSON, ``words`` its search words."""

    __slots__ = ("blob", "words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.blob: bytes | None = None
        self.words: frozenset[str] | None = None


def by_name(row: Row) -> tuple[Any, ...]:
    """The usual order of lists: name by code point, then id."""
    return (row["name"], row["id"])


class Table:
    """Rows by id, in list order, and by any number of secondary indexes.

    ``indexes`` maps a name to a function giving the keys a row is found under; lookups return rows in storage order
    (an updated row moves to the end, as in PostgreSQL).
    """

    def __init__(
        self,
        name: str,
        *,
        order: Order = by_name,
        searched: Iterable[str] = (),
        indexes: dict[str, Key] | None = None,
    ) -> None:
        self.name = name
        self.order_of = order
        self.searched = tuple(searched)
        self.rows: dict[str, Row] = {}
        self.sorted: list[tuple[Any, ...]] = []  # order keys; the last element is always the id
        self.key_functions = indexes or {}
        self.indexes: dict[str, dict[Hashable, dict[str, None]]] = {name: {} for name in self.key_functions}
        self.changes: deque[tuple[float, str, Row | None]] = deque()

    def __iter__(self) -> Iterator[Row]:
        """Yield all rows in list order."""
        rows = self.rows
        return (rows[key[-1]] for key in self.sorted)

    def get(self, row_id: str | None) -> Row | None:
        """Return a row by id."""
        return self.rows.get(row_id) if row_id else None

    def find(self, index: str, key: Hashable) -> list[Row]:
        """Return the rows an index holds under a key."""
        return [self.rows[row_id] for row_id in self.indexes[index].get(key, ())]

    def put(self, row: Row) -> Row:
        """Insert a row or replace the version with the same id."""
        row_id = row["id"]
        old = self.rows.get(row_id)
        self._note(row_id, old)
        if old is not None:
            self._unlink(old)
        self.rows[row_id] = row
        bisect.insort(self.sorted, self.order_of(row))
        for name, function in self.key_functions.items():
            index = self.indexes[name]
            for key in function(row):
                index.setdefault(key, {})[row_id] = None
        return row

    def remove(self, row_id: str) -> None:
        """Delete a row; nothing happens when it is gone already."""
        old = self.rows.get(row_id)
        if old is not None:
            self._note(row_id, old)
            self._unlink(old)
            del self.rows[row_id]

    def words_of(self, row: Row) -> frozenset[str]:
        """Return the search words of a row."""
        if row.words is None:
            row.words = lexemes(
                split_up(row.get(name), CUT_AT[name]) if name in CUT_AT else row.get(name) for name in self.searched
            )
        return row.words

    def lagging(self, seconds: float) -> dict[str, Row | None]:
        """Return what an index which is ``seconds`` behind shows instead: id -> older version, None for no row."""
        since = time.monotonic() - seconds
        older: dict[str, Row | None] = {}
        for moment, row_id, old in reversed(self.changes):
            if moment < since:
                break
            older[row_id] = old
        return older

    def _note(self, row_id: str, old: Row | None) -> None:
        now = time.monotonic()
        self.changes.append((now, row_id, old))
        while self.changes and self.changes[0][0] < now - MEMORY_SECONDS:
            self.changes.popleft()

    def _unlink(self, row: Row) -> None:
        row_id = row["id"]
        position = bisect.bisect_left(self.sorted, self.order_of(row))
        del self.sorted[position]
        for name, function in self.key_functions.items():
            index = self.indexes[name]
            for key in function(row):
                holders = index.get(key)
                if holders is not None:
                    holders.pop(row_id, None)
                    if not holders:
                        del index[key]


MEMORY_SECONDS = 60.0
"""How long replaced versions are remembered: the longest index lag that works."""
