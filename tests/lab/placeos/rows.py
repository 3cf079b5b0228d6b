# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating, reading and updating rows: what all resources have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .errors import missing_key
from .fields import Model, Values
from .ids import new_id
from .listing import dump
from .state import now
from .store import Row, Table

NAME_TAKEN = ("name", "should be unique")
NAME_REQUIRED = ("name", "is required")


def require(table: Table, row_id: str) -> Row:
    """Return a row or raise 404."""
    row = table.get(row_id)
    if row is None:
        raise missing_key(row_id)
    return row


def build(model: Model, values: Values, **extra: Any) -> Row:
    """Return a new row without id, with assigned attributes over the defaults."""
    row = Row(model.new())
    model.assign(row, values, creating=True)
    row.update(extra)
    return row


def insert(table: Table, row: Row, row_id: str | None = None) -> Row:
    """Give a new row its id and times and store it."""
    row["id"] = row_id or new_id(table.name)
    row["created_at"] = row["updated_at"] = now()
    return table.put(row)


def changed(model: Model, row: Row, values: Values) -> Row:
    """Return a copy of a row with assigned attributes; nothing is stored yet."""
    copy = Row(row)
    model.assign(copy, values, creating=False)
    return copy


def save(table: Table, row: Row) -> Row:
    """Store a changed row under a new update time."""
    row["updated_at"] = now()
    return table.put(row)


def patch(table: Table, row: Row, **changes: Any) -> Row:
    """Store a copy of a row with some attributes changed."""
    return save(table, Row(row, **changes))


def renderer(fields: Iterable[str], optional: Iterable[str], tail: dict[str, Any]) -> Callable[[Row], dict[str, Any]]:
    """Return a function which gives a row as clients see it.

    ``fields`` in the order of the server, those in ``optional`` are left out while null, ``tail`` is added at the end.
    """
    names = tuple(fields)
    hidden = frozenset(optional)

    def render(row: Row) -> dict[str, Any]:
        shown = {"created_at": row["created_at"], "updated_at": row["updated_at"]}
        for name in names:
            value = row[name]
            if value is not None or name not in hidden:
                shown[name] = value
        shown["id"] = row["id"]
        shown.update(tail)
        return shown

    return render


def cached(render: Callable[[Row], dict[str, Any]]) -> Callable[[Row], bytes]:
    """Return a function which renders a row to JSON once per version."""

    def blob(row: Row) -> bytes:
        if row.blob is None:
            row.blob = dump(render(row))
        return row.blob

    return blob
