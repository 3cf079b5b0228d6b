# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all resources have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from ..elastic import Keep, search
from ..http import Context, Reply, raw
from ..store import Row, Table

CONTROL, AUTH = "/control/api", "/auth/api"


def blob(row: Row) -> bytes:
    """Return a document as JSON: every attribute, nulls as well (CO base.rb, attributes)."""
    if row.blob is None:
        row.blob = orjson.dumps(row)
    return row.blob


def listed(total: int, blobs: Iterable[bytes]) -> Reply:
    """Return a list (EQ search)."""
    return raw(b'{"total":%d,"results":[%s]}' % (total, b",".join(blobs)))


def index(
    ctx: Context,
    table: Table,
    *,
    keep: Iterable[Keep] = (),
    with_name: bool = True,
    render: Callable[[Row], bytes] = blob,
    **options: Any,
) -> Reply:
    """Answer a list route."""
    total, rows = search(ctx, table, keep=tuple(keep), with_name=with_name, **options)
    return listed(total, map(render, rows))


def shown(row: Row) -> Reply:
    """Return one document."""
    return raw(blob(row))


def pick(row: Row | None, *names: str) -> dict[str, Any] | None:
    """Return some attributes of an associated document (``only:``)."""
    return None if row is None else {name: row[name] for name in names}
