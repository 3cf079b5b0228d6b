# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents and the tables they are in: the tables of the PlaceOS part, with what Elasticsearch would know of each row."""

from __future__ import annotations

from typing import Any

from ..placeos.store import Key, Order, Row, Table

__all__ = ["Document", "Key", "Order", "Row", "Table", "by_age", "by_lower_name"]

LAST = "\U0010ffff"


class Document(Row):
    """One version of a document; ``terms`` caches its words: those of its name, and those of everything."""

    __slots__ = ("terms",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms: tuple[frozenset[str], frozenset[str]] | None = None


def by_lower_name(row: Row) -> tuple[Any, ...]:
    """Order of doc.name.sort, which is analysed to lower case (RE db/es_template.json); nameless documents come last."""
    name = row["name"]
    return (LAST if name is None else name.lower(), row["id"])


def by_age(row: Row) -> tuple[Any, ...]:
    """Order where a controller sets none: newest first (EQ DEFAULT_SORT)."""
    return (-row["created_at"], row["id"])
