# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of the directory: $filter, $search, $orderby, $count, $top, and pages behind an opaque $skiptoken."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from ..errors import bad_request, known
from ..http import Context, Reply, reply
from ..odata import Filter
from . import entities
from .expand import expanded

if TYPE_CHECKING:
    from ..table import Row

PAGE, MOST = 100, 999
SUPPORTED = frozenset(
    ("$filter", "$search", "$orderby", "$count", "$top", "$skiptoken", "$select", "$expand", "$format")
)


def listed(ctx: Context, rows: list[Row], kind: str, collection: str) -> Reply:
    """Answer a list of rows of one type; ``collection`` is what the context names."""
    rows = arranged(ctx, rows, kind)
    select = entities.selection(ctx.query, kind)
    context = entities.context_of(collection, ctx.query, kind)
    return paged(ctx, rows, context, lambda row: {**entities.show(row, kind, select), **expanded(ctx, row, kind)})


def listed_objects(ctx: Context, rows: list[Row], collection: str = "directoryObjects") -> Reply:
    """Answer a list of objects of several types."""
    check_options(ctx)
    return paged(ctx, rows, collection, lambda row: entities.show_object(row, ctx.query.get("$select")))


def check_options(ctx: Context) -> None:
    """Refuse options the directory does not have."""
    for name in ctx.query:
        if name == "$skip":
            raise bad_request("'$skip' is not supported by the service.", "Request_BadRequest")
        if name.startswith("$") and name not in SUPPORTED:
            raise bad_request(f"The query parameter '{name}' is not supported.")
    wants_count = ctx.query.get("$count", "").lower() == "true"
    if not ctx.eventual and ("$search" in ctx.query or wants_count):
        error = known("advanced_query")
        if "$search" not in ctx.query:
            error.message = error.message.replace("$search", "$count")
        raise error


def arranged(ctx: Context, rows: list[Row], kind: str) -> list[Row]:
    """Return the rows that pass $filter and $search, in the order of $orderby."""
    check_options(ctx)
    text = ctx.query.get("$filter", "").strip()
    if text:
        condition = Filter(text, kind)
        if condition.advanced and not (ctx.eventual and ctx.query.get("$count", "").lower() == "true"):
            raise bad_request("Unsupported Query.", "Request_UnsupportedQuery")
        rows = [row for row in rows if condition.match(row)]
    if "$search" in ctx.query:
        rows = searched(ctx.query["$search"], rows)
    order = ctx.query.get("$orderby", "").strip()
    if order:
        if text and not ctx.eventual:
            raise bad_request("Sorting not supported for current query.", "Request_UnsupportedQuery")
        name, _blank, direction = order.partition(" ")
        rows = sorted(rows, key=lambda row: str(row.get(name) or "").lower(), reverse=direction.strip() == "desc")
    return rows


def searched(text: str, rows: list[Row]) -> list[Row]:
    """Return the rows of a $search: ``"displayName:word"``."""
    name, colon, word = text.strip('" ').partition(":")
    if not colon or '"' not in text:
        raise bad_request('Syntax error: the $search clause must be "property:value" in double quotes.')
    return [row for row in rows if word.lower() in str(row.get(name) or "").lower()]


def size_of(ctx: Context, most: int = MOST, usual: int = PAGE) -> int:
    """Return the size of a page."""
    text = ctx.query.get("$top")
    if text is None:
        return usual
    if not text.strip().isdigit() or not 1 <= int(text) <= most:
        raise bad_request(
            "Invalid page size specified: '" + text + f"'. Must be between 1 and {most} inclusive.",
            "Request_BadRequest",
        )
    return int(text)


def paged(ctx: Context, rows: list[Row], context: str, show: object) -> Reply:
    """Answer one page; the link to the next one leads to where the request went."""
    size, start = size_of(ctx), start_of(ctx)
    document: Row = {"@odata.context": ctx.context(context)}
    if ctx.query.get("$count", "").lower() == "true":
        document["@odata.count"] = len(rows)
    if start + size < len(rows):
        mark = base64.urlsafe_b64encode(f"lab:{start + size}".encode()).decode().rstrip("=")
        more = {name: value for name, value in ctx.query.items() if name != "$skiptoken"} | {"$skiptoken": mark}
        query = urlencode(more, quote_via=quote, safe="$,()':/")
        document["@odata.nextLink"] = f"{ctx.base}/{ctx.version}{ctx.path}?{query}"
    document["value"] = [show(row) for row in rows[start : start + size]]  # type: ignore[operator]
    return reply(document)


def start_of(ctx: Context) -> int:
    """Return where a page begins."""
    mark = ctx.query.get("$skiptoken")
    if mark is None:
        return 0
    try:
        label, _colon, number = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode().partition(":")
        if label == "lab":
            return int(number)
    except ValueError:
        pass
    raise bad_request("Skiptoken is not valid.", "Directory_ExpiredPageToken")


def counted(ctx: Context, rows: list[Row], kind: str) -> Reply:
    """Answer ``…/$count``: a number as text."""
    if not ctx.eventual:
        error = known("advanced_query")
        error.message = error.message.replace("$search", "$count")
        raise error
    return Reply(200, str(len(arranged(ctx, rows, kind))).encode(), "text/plain")
