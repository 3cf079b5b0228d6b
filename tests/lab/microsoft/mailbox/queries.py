# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of Outlook: ten a page, $skip in the link to the next one, $select, $orderby, $filter, and what Prefer asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from ..errors import GraphError
from ..http import Context, Reply, reply
from ..odata import matcher, selected
from ..table import Row
from . import views
from .times import zone

PAGE, MOST = 10, 1000
SORTABLE = ("start/dateTime", "end/dateTime", "subject", "createdDateTime", "lastModifiedDateTime")
PREFERENCE = re.compile(r"""outlook\.(timezone|body-content-type)\s*=\s*"?([^",;]+)"?""", re.IGNORECASE)


def preferences(ctx: Context) -> dict[str, str]:
    """Return the preferences about time zone and bodies: names in lower case."""
    return {name.lower(): value.strip() for name, value in PREFERENCE.findall(ctx.headers.get("prefer", ""))}


def applied(ctx: Context) -> dict[str, str]:
    """Return the header that says which preferences were followed."""
    found = preferences(ctx)
    words = [f'outlook.{name}="{value}"' for name, value in found.items()]
    return {"Preference-Applied": ", ".join(words)} if words else {}


def render(ctx: Context, event: Row, *, as_sent: bool = False) -> Row:
    """Return an event as the request wants it. The answer to a write keeps its zones and its body (recorded)."""
    wanted = preferences(ctx)
    zone_name = wanted.get("timezone") or (None if as_sent else "UTC")
    if zone_name:
        zone(zone_name)
    body = wanted.get("body-content-type", None if as_sent else "html")
    shown = views.shown(event, zone_name=zone_name, body=body if body in ("text", None) else "html")
    names = selected(ctx.query.get("$select"), "event")
    if names is None:
        return shown
    return {"@odata.etag": shown["@odata.etag"], "id": shown["id"]} | {key: shown[key] for key in names if key in shown}


def number(ctx: Context, name: str, default: int, least: int, most: int | None = None) -> int:
    """Return a number of the query; 400 for anything else."""
    text = ctx.query.get(name)
    if text is None:
        return default
    if not text.isdigit() or int(text) < least:
        words = f"Invalid value '{text}' for {name} query option found. The {name} query option requires a non-negative"
        raise GraphError(400, "BadRequest", f"{words} integer value.")
    return min(int(text), most or int(text))


def ordered(ctx: Context, rows: list[Row]) -> list[Row]:
    """Return rendered rows in the order of $orderby."""
    for part in reversed(ctx.query.get("$orderby", "").split(",")):
        words = part.split()
        if not words:
            continue
        if words[0] not in SORTABLE or (len(words) > 1 and words[1].lower() not in ("asc", "desc")):
            raise GraphError(400, "BadRequest", f"Invalid orderby clause: '{part.strip()}'.")
        rows = sorted(rows, key=_key(words[0]), reverse=len(words) > 1 and words[1].lower() == "desc")
    return rows


def _key(path: str) -> Callable[[Row], str]:
    def key(row: Row) -> str:
        value: Any = row
        for step in path.split("/"):
            value = value.get(step) if isinstance(value, dict) else None
        return str(value or "").lower()

    return key


def listed(ctx: Context, rows: list[Row], context: str) -> Reply:
    """Return one page of events."""
    fits = matcher(ctx.query.get("$filter"), "event")
    if "$filter" in ctx.query or "$orderby" in ctx.query:
        shown = [(views.shown(row), row) for row in rows]
        order = ordered(ctx, [view for view, _row in shown if fits(view)])
        by_id = {view["id"]: row for view, row in shown}
        rows = [by_id[view["id"]] for view in order]
    size, start = number(ctx, "$top", PAGE, 1, MOST), number(ctx, "$skip", 0, 0)
    names = ctx.query.get("$select")
    document: Row = {"@odata.context": ctx.context(f"{context}({names})" if names else context)}
    if ctx.query.get("$count", "").lower() == "true":
        document["@odata.count"] = len(rows)
    document["value"] = [render(ctx, row) for row in rows[start : start + size]]
    if start + size < len(rows):
        document["@odata.nextLink"] = next_link(ctx, start + size)
    return reply(document, headers=applied(ctx))


def next_link(ctx: Context, skip: int) -> str:
    """Return the address of the next page: the same request with another $skip."""
    spelled = {"startdatetime": "startDateTime", "enddatetime": "endDateTime"}
    query = {spelled.get(name, name): value for name, value in ctx.query.items() if name != "$skip"}
    text = urlencode({**query, "$skip": str(skip)}, quote_via=quote, safe="$,:/'()")
    return f"{ctx.base}/{ctx.version}{ctx.path}?{text}"
