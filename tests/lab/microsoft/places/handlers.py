# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls below ``/places``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from ..errors import GraphError, bad_request, known
from ..facts import properties
from ..http import Context, Reply, reply
from ..odata import matcher, selected
from ..table import Row

if TYPE_CHECKING:
    from ..routing import Router

PAGE = 100
IN_ONE_LIST = 100
"""Rooms that are shown of one room list (OfficeDocs-Exchange pull request 3067)."""
MOST = {"room": 1000, "roomList": 100}
WRITE = "Place.ReadWrite.All"
"""Named by permissions.json for applications, though no role of this name has an id: no application holds it for sure."""
WRITABLE = frozenset(
    """
    address audioDeviceName bookingType building capacity displayDeviceName floorLabel floorNumber geoCoordinates
    isWheelChairAccessible label nickname parentId phone tags videoDeviceName displayName
""".split()
)


def register(router: Router) -> None:
    """Register the routes."""
    router.add("places.rooms", rooms)
    router.add("places.roomLists", room_lists)
    router.add("places.roomList.rooms", rooms_of_list)
    for cast, handler in (("room", rooms_count), ("roomlist", lists_count)):
        router.also(
            "GET", f"/places/microsoft.graph.{cast}/$count", handler, like=f"places.{cast.replace('list', 'List')}s"
        )
    router.add("places.get", place)
    router.also("GET", "/places/{id}/microsoft.graph.room", place, like="places.get")
    router.also("GET", "/places/{id}/microsoft.graph.roomlist", place, like="places.get")
    router.add("places.update", update, own_check=True)


def show(row: Row, kind: str, names: list[str] | None) -> Row:
    """Return a place as Graph shows it."""
    wanted = list(properties(kind)) if names is None else list(dict.fromkeys(["id", *names]))
    return {name: row.get(name) for name in wanted if not name.startswith("_")}


def rooms(ctx: Context) -> Reply:
    """List all rooms."""
    return listed(ctx, list(ctx.tenant.rooms), "room", "places/microsoft.graph.room")


def room_lists(ctx: Context) -> Reply:
    """List all room lists."""
    return listed(ctx, list(ctx.tenant.room_lists), "roomList", "places/microsoft.graph.roomList")


def rooms_of_list(ctx: Context) -> Reply:
    """List the rooms of one room list: by its address, never by its id."""
    address = str(ctx.params["roomListEmailAddress"])
    found = next((row for row in ctx.tenant.room_lists if same(row["emailAddress"], address)), None)
    if found is None:
        raise missing(address)
    addresses = [str(one).lower() for one in found["_rooms"]]
    by_address = {str(row["emailAddress"]).lower(): row for row in ctx.tenant.rooms}
    inside = [by_address[one] for one in addresses if one in by_address][:IN_ONE_LIST]
    return listed(ctx, inside, "room", f"places('{quote(address, safe='')}')/microsoft.graph.roomList/rooms")


def same(left: Any, right: str) -> bool:
    """Compare two addresses."""
    return str(left or "").lower() == right.lower()


def missing(name: str) -> GraphError:
    """Return the 404 of a place (the text is inferred)."""
    return GraphError(404, "ResourceNotFound", f"The specified place '{name}' was not found.")


def whole_number(ctx: Context, name: str, default: int, least: int, most: int | None = None) -> int:
    """Return a number of the query."""
    text = ctx.query.get(name, str(default)).strip()
    if not text.isdigit() or int(text) < least or (most is not None and int(text) > most):
        limits = f" between {least} and {most}" if most else ""
        raise bad_request(f"Invalid value '{text}' for {name}: a whole number{limits} is expected.")
    return int(text)


def listed(ctx: Context, rows: list[Row], kind: str, context: str) -> Reply:
    """Answer one page: 100 unless $top says otherwise, and no link to the next one unless the switch is on."""
    fits = matcher(ctx.query.get("$filter"), kind)
    rows = [row for row in rows if fits(row)]
    size = whole_number(ctx, "$top", PAGE, 1, MOST[kind])
    start = whole_number(ctx, "$skip", 0, 0)
    names = selected(ctx.query.get("$select"), kind)
    shown = f"{context}({ctx.query['$select']})" if names else context
    document: Row = {"@odata.context": ctx.context(shown)}
    if ctx.query.get("$count", "").lower() == "true":
        document["@odata.count"] = len(rows)
    if start + size < len(rows) and ctx.tenant.options.places_next_link:
        query = {**ctx.query, "$skip": str(start + size)}
        text = urlencode(query, quote_via=quote, safe="$,:/'()")
        document["@odata.nextLink"] = f"{ctx.base}/{ctx.version}{ctx.path}?{text}"
    document["value"] = [show(row, kind, names) for row in rows[start : start + size]]
    return reply(document)


def rooms_count(ctx: Context) -> Reply:
    """Count the rooms."""
    return counted(ctx, list(ctx.tenant.rooms), "room")


def lists_count(ctx: Context) -> Reply:
    """Count the room lists."""
    return counted(ctx, list(ctx.tenant.room_lists), "roomList")


def counted(ctx: Context, rows: list[Row], kind: str) -> Reply:
    """Answer a number."""
    fits = matcher(ctx.query.get("$filter"), kind)
    return Reply(200, str(sum(map(fits, rows))).encode(), "text/plain")


def find(ctx: Context) -> tuple[Row, str]:
    """Return a place by id or address, and its type."""
    wanted = str(ctx.params["id"])
    for table, kind in ((ctx.tenant.rooms, "room"), (ctx.tenant.room_lists, "roomList")):
        for row in table:
            if row["id"] == wanted or same(row["emailAddress"], wanted):
                return row, kind
    raise missing(wanted)


def place(ctx: Context) -> Reply:
    """Show one place; the cast in the path must be its type."""
    row, kind = find(ctx)
    last = ctx.path.rstrip("/").rpartition("/")[2].lower()
    if "graph." in last and not last.endswith(f"graph.{kind.lower()}"):
        raise missing(str(ctx.params["id"]))
    return answered(ctx, row, kind)


def answered(ctx: Context, row: Row, kind: str) -> Reply:
    """Answer one place."""
    names = selected(ctx.query.get("$select"), kind)
    context = f"places/microsoft.graph.{kind}" + (f"({ctx.query['$select']})" if names else "") + "/$entity"
    type_name = {"@odata.type": f"#microsoft.graph.{kind}"}
    return reply({"@odata.context": ctx.context(context), **type_name, **show(row, kind, names)})


def update(ctx: Context) -> Reply:
    """Change the metadata of a place. The body must say what it is."""
    if WRITE not in ctx.bearer.roles:
        held = " ".join(sorted(ctx.bearer.roles))
        words = f"{WRITE.lower()} permission is required, current permissions: {held}, IsAppOnly:True"
        inside = json.dumps({"code": "invalid_permissions", "message": words}, separators=(",", ":"))
        raise GraphError(403, "UnknownError", inside)
    row, kind = find(ctx)
    given = {key: value for key, value in ctx.json().items() if not key.startswith("@")}
    kind_given = str(ctx.json().get("@odata.type", "")).lstrip("#").lower()
    if kind_given != f"microsoft.graph.{kind.lower()}":
        raise bad_request("@odata.type of the place is missing or wrong.")
    known_names = {name.lower(): name for name in properties(kind)}
    changes: Row = {}
    for key, value in given.items():
        name = known_names.get(key.lower())
        if name is None or name not in WRITABLE:
            raise known("invalid_value", property=key, resource="Place")
        changes[name] = value
    table = ctx.tenant.rooms if kind == "room" else ctx.tenant.room_lists
    return answered(ctx, table.change(row, **changes), kind)
