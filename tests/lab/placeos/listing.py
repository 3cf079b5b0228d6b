# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: order, paging, search and the headers that go with them (rest-api controllers/application.cr).

The index routes are also where an Elasticsearch-era server lags behind: with ``index_lag`` they show what was there
that many seconds ago. Look-ups by id, e-mail, parent or system always see everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import orjson

from . import search
from .http import Context, Reply
from .store import Row, Table

MAX_LIMIT = 10_000
MAX_OFFSET = 1_000_000
DEFAULT_LIMIT = 100

Render = Callable[[Row], bytes]
Keep = Callable[[Row], bool]


def page_bounds(ctx: Context) -> tuple[int, int]:
    """Return limit and offset; 400 for what is no unsigned integer."""
    limit = ctx.number("limit", "UInt32", DEFAULT_LIMIT)
    offset = ctx.number("offset", "UInt32", 0)
    return min(limit or 0, MAX_LIMIT), min(offset or 0, MAX_OFFSET)


def index(
    ctx: Context,
    table: Table,
    render: Render,
    *,
    keep: Sequence[Keep] = (),
    candidates: Iterable[Row] | None = None,
    words: Callable[[Row], frozenset[str]] | None = None,
) -> Reply:
    """Answer an index route: filter, search with ``q``, order, page.

    ``candidates`` narrows the rows by a secondary index (any order, all filters still apply).
    """
    limit, offset = page_bounds(ctx)
    rows = _visible(ctx, table, candidates)
    for condition in keep:
        rows = [row for row in rows if condition(row)]
    query = search.parse(ctx.query.get("q", "*"))
    if query:
        matches = search.matcher(query)
        words_of = words or table.words_of
        rows = [row for row in rows if matches(words_of(row))]
    total = len(rows)
    page = rows[offset : offset + limit]
    end = offset + len(page)
    headers = {"X-Total-Count": str(total), "Content-Range": f"{table.name} {offset}-{end}/{total}"}
    if end < total:
        target = ctx.query_with(offset=str(end), limit=str(limit))
        headers["Link"] = f'<{base_route(ctx)}?{target}>; rel="next"'
    return Reply(200, join(render(row) for row in page), headers=headers)


def _visible(ctx: Context, table: Table, candidates: Iterable[Row] | None) -> list[Row]:
    lag = ctx.state.options.index_lag
    older = table.lagging(lag) if lag else {}
    if not older:
        return list(table) if candidates is None else sorted(candidates, key=table.order_of)
    rows = [row for row in table.rows.values() if row["id"] not in older]
    rows += [row for row in older.values() if row is not None]
    return sorted(rows, key=table.order_of)


def base_route(ctx: Context) -> str:
    """Return the route as the server writes it into links: always with a trailing slash."""
    return ctx.path.rstrip("/") + "/"


def collection(table: str, blobs: Sequence[bytes]) -> Reply:
    """Answer a look-up which is not paged; the range is written differently there."""
    return Reply(200, join(blobs), headers=collection_headers(table, len(blobs)))


def collection_headers(table: str, size: int) -> dict[str, str]:
    """Return the headers of an unpaged look-up."""
    return {"X-Total-Count": str(size), "Content-Range": f"{table} 0-{size - 1}/{size}"}


def join(blobs: Iterable[bytes]) -> bytes:
    """Return a JSON array of rendered rows."""
    return b"[" + b",".join(blobs) + b"]"


def dump(document: object) -> bytes:
    """Return compact JSON."""
    return orjson.dumps(document)
