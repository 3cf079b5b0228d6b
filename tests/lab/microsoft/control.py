# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control endpoints of the Microsoft server: what a test puts into the tenant, and its clock."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ..control import guarded
from . import seed_apps, seed_people, seed_rooms
from .directory import build
from .facts import EXCHANGE, GRAPH, roles_of

if TYPE_CHECKING:
    from .state import Tenant
    from .table import Row


async def order_of(request: Request) -> dict[str, Any]:
    """Return the JSON object in a body; TypeError for anything else."""
    document = await request.json() if await request.body() else {}
    if not isinstance(document, dict):
        raise TypeError("a JSON object is expected")
    return document


def needed(order: dict[str, Any], name: str) -> str:
    """Return a text of an order."""
    value = order.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is needed")
    return value


def routes(tenant: Tenant) -> list[Route]:
    """Return the control endpoints."""
    panel = Panel(tenant)
    posts = {
        "/advance-clock": panel.advance_clock,
        "/users": panel.users,
        "/rooms": panel.rooms,
        "/groups": panel.groups,
        "/apps": panel.apps,
    }
    return [Route(path, guarded(endpoint), methods=["POST"]) for path, endpoint in posts.items()]


class Panel:
    """The orders of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def advance_clock(self, request: Request) -> JSONResponse:
        """Let time pass: ``{"seconds": 3600}``."""
        self.tenant.clock.shift += float((await order_of(request)).get("seconds", 0))
        return JSONResponse({"now": self.tenant.clock.text()})

    async def users(self, request: Request) -> JSONResponse:
        """Add a user, or remove one: mail, name, ``upn``.

        Of its mailbox: ``kind`` (none: no mailbox at all), ``enabled``, and ``aliases``, its further addresses.
        """
        order = await order_of(request)
        mail = needed(order, "mail")
        if order.get("remove"):
            found = self.tenant.mailboxes.pop(mail.lower(), None)
            user = self.tenant.users.get(found.user_id) if found else self.tenant.user_by(mail)
            if user is not None:
                self.tenant.users.remove(user["id"])
            return JSONResponse({"removed": user is not None})
        name = str(order.get("name") or mail.partition("@")[0])
        more = {"userPrincipalName": order["upn"]} if order.get("upn") else {}
        kind = str(order.get("kind") or "UserMailbox")
        if kind == "none":
            row = self.tenant.users.plant(build.user(self.tenant, mail, name, **more))
        else:
            enabled = bool(order.get("enabled", True))
            row = seed_people.mailbox(self.tenant, mail, name, kind, enabled=enabled, **more)
            self.tenant.mailboxes[mail.lower()].aliases.extend(map(str, order.get("aliases") or []))
        return JSONResponse({"id": row["id"]})

    async def rooms(self, request: Request) -> JSONResponse:
        """Add a room (mail, name, any property of a room), or ``count`` of them (mail with ``{n}``); ``list``: its list.

        Or ``rooms``: a list of rooms as Graph shows them; with ``replace`` all others are gone.
        """
        order = await order_of(request)
        if order.get("replace"):
            self._no_rooms()
        if "rooms" in order or order.get("replace"):
            return JSONResponse({"rooms": [self._room(dict(one)) for one in order.get("rooms") or []]})
        mail = needed(order, "mail")
        count = int(order.get("count", 1))
        known = {name: value for name, value in order.items() if name not in ("mail", "name", "count", "list")}
        made = []
        for number in range(1, count + 1):
            address = mail.replace("{n}", f"{number:04d}")
            name = str(order.get("name") or address.partition("@")[0]).replace("{n}", f"{number:04d}")
            user = seed_rooms.room(self.tenant, address, name, **known)
            made.append({"mail": address, "id": user["id"]})
            if order.get("list"):
                self._listed(str(order["list"]), address)
        return JSONResponse({"rooms": made, "id": made[0]["id"]})

    def _no_rooms(self) -> None:
        for place in self.tenant.rooms:
            self.tenant.rooms.forget(place["id"])
            self.tenant.users.forget(place["_user"])
            self.tenant.mailboxes.pop(str(place["emailAddress"]).lower(), None)
        for row in self.tenant.room_lists:
            self.tenant.room_lists.forget(row["id"])

    def _room(self, place: dict[str, Any]) -> dict[str, Any]:
        mail = needed(place, "emailAddress")
        known = {name: value for name, value in place.items() if not name.startswith("@")}
        name = str(place.get("displayName") or mail.partition("@")[0])
        user = seed_rooms.room(self.tenant, mail, name, **known)
        return {"mail": mail, "id": user["id"]}

    def _listed(self, address: str, room: str) -> None:
        row = self.tenant.room_lists.find(lambda one: one["emailAddress"] == address)
        if row is None:
            row = self.tenant.room_lists.plant(seed_rooms.room_list(address, address.partition("@")[0], []))
        row["_rooms"].append(room)

    async def groups(self, request: Request) -> JSONResponse:
        """Put a group there: mail, kind (mail-enabled-security by default), members (addresses or ids); replaces one."""
        order = await order_of(request)
        mail, kind = needed(order, "mail"), str(order.get("kind") or "mail-enabled-security")
        if kind not in build.KINDS:
            raise ValueError(f"kind is one of {', '.join(build.KINDS)}")
        members = [self._member(str(name)) for name in order.get("members") or []]
        row = build.group(self.tenant, mail, str(order.get("name") or mail.partition("@")[0]), kind, members)
        self.tenant.groups.plant(row)
        return JSONResponse({"id": row["id"], "mail": row["mail"]})

    def _member(self, name: str) -> str:
        """Return the id of what an address or an id names."""
        box, group = self.tenant.mailbox_of(name), self.tenant.group_by_mail(name)
        if box is not None:
            return box.user_id
        if group is not None:
            return str(group["id"])
        found = self.tenant.object_by(name) or self.tenant.user_by(name)
        if found is None:
            raise ValueError(f"there is no {name}")
        return str(found["id"])

    async def apps(self, request: Request) -> JSONResponse:
        """Make an application that is ready: name, permissions (Graph), ``exchange_administrator``, ``app_id``, ``days``.

        ``secret`` (a text) and ``unique_name`` are optional. Answers client_id, client_secret, key_id, object ids.
        """
        order = await order_of(request)
        name = str(order.get("name") or "Made by a test")
        permissions = tuple(order.get("permissions") or ())
        unknown = [value for value in permissions if value not in roles_of(GRAPH)]
        if unknown:
            raise ValueError(f"no such roles: {', '.join(unknown)}")
        app_id, key = str(order.get("app_id") or uuid.uuid4()), str(uuid.uuid4())
        text = str(order.get("secret") or f"T3s8Q~{uuid.uuid4().hex}aB")[:40]
        values = {"uniqueName": order["unique_name"]} if order.get("unique_name") else {}
        made = seed_apps.plant_app(self.tenant, app_id, name, permissions, {key: ("Made by a test", text)}, **values)
        application, principal = made
        if "days" in order:
            application["passwordCredentials"] = [
                seed_apps.secret(self.tenant, key, "Made by a test", text, float(order["days"]))
            ]
        if order.get("exchange_administrator"):
            build.grant(self.tenant, principal, EXCHANGE, "Exchange.ManageAsApp")
            self.tenant.exchange.administrators.add(principal["id"])
        return JSONResponse(shown(application, principal, key, text))


def shown(application: Row, principal: Row, key: str, text: str) -> dict[str, str]:
    """Return what a test needs to know about an application."""
    return {
        "client_id": application["appId"],
        "client_secret": text,
        "key_id": key,
        "object_id": application["id"],
        "service_principal_id": principal["id"],
    }
