# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ACAEngine server as a part of the lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from ..placeos.core.mailboxes import STATES
from .app import ACAEngine
from .engine.classes import DriverClass, Unusable
from .engine.driver import Driver
from .models.dependency import ROLES
from .seed import TOKENS, credentials
from .state import LIST_CAP, Options
from .tokens import LIFETIME

if TYPE_CHECKING:
    from ..microsoft.outside import Outside

DOMAIN = "localhost"


class ACAEnginePlatform:
    """Name, application and switches of the ACAEngine server."""

    name = "acaengine"
    title = "ACAEngine"
    sign_in_paths = frozenset(("/auth/oauth/token",))

    def __init__(self, options: Options | None = None, *, microsoft: Outside | None = None) -> None:
        server = ACAEngine(options, DOMAIN)
        server.state.options.microsoft = microsoft
        self.app: ASGIApp = server
        self.state = server.state

    def reset(self) -> None:
        """Return to the seed state; the seeded tokens are constants, others end."""
        self.state.reset()

    def switch(self, name: str, value: float | bool) -> bool:
        """Turn a named fault on or off (false or 0)."""
        options = self.state.options
        if name == "index-lag":
            options.index_lag = float(value)
        elif name == "list-cap":
            options.list_cap = int(value) if value else LIST_CAP
        elif name == "exec-timeout":
            options.exec_timeout = bool(value)
        elif name == "token-cache":
            options.token_cache = bool(value)
        elif name == "token-lifetime":
            options.token_lifetime = float(value) if value else LIFETIME
        else:
            return False
        return True

    def describe(self, url: str) -> dict[str, Any]:
        """Return this server's part of lab.json."""
        return {"url": url, "host_header": DOMAIN, **credentials(self.state)}

    def fault_body(self, status: int, _path: str) -> Any:
        """Return the body of an ordered status."""
        return {"error": f"fault of the lab: {status}"}

    def control_routes(self) -> list[Route]:
        """Return the control endpoints only this server has."""
        return [
            Route("/mailboxes", self.mailboxes, methods=["GET", "POST"]),
            Route("/expire-tokens", self.expire_tokens, methods=["POST"]),
            Route("/slow", self.slow, methods=["GET", "POST"]),
            Route("/classes", self.classes, methods=["GET", "POST", "DELETE"]),
        ]

    async def mailboxes(self, request: Request) -> JSONResponse:
        """Make a mailbox missing, denied or ok."""
        known = self.state.engine.mailboxes
        if request.method == "POST":
            order = await order_of(request)
            if order.get("state") not in STATES or not order.get("email"):
                return JSONResponse({"error": f"email and state ({', '.join(STATES)}) are needed"}, 400)
            known.set(order["email"], order["state"])
        return JSONResponse(known.states)

    async def expire_tokens(self, request: Request) -> JSONResponse:
        """Let every issued access token expire, and with ``refresh`` make their refresh tokens useless."""
        refresh = bool((await order_of(request)).get("refresh", False))
        return JSONResponse({"expired": self.state.tokens.expire(frozenset(TOKENS.values()), refresh=refresh)})

    async def slow(self, request: Request) -> JSONResponse:
        """Let the calls in one system take longer than the server waits."""
        systems = self.state.engine.slow_systems
        if request.method == "POST":
            order = await order_of(request)
            if not order.get("system"):
                return JSONResponse({"error": "system (an id) is needed"}, 400)
            (systems.add if order.get("enabled", True) else systems.discard)(str(order["system"]))
        return JSONResponse(sorted(systems))

    async def classes(self, request: Request) -> JSONResponse:
        """List the driver classes on the disk, put one there, or take one away (from the disk and the known ones)."""
        shelf, known = self.state.engine.shelf, self.state.tables.discoveries
        if request.method != "GET":
            order = await order_of(request)
            class_name = str(order.get("class_name") or "")
            role = order.get("role", "logic")
            if not class_name.startswith("::") or role not in ROLES:
                return JSONResponse({"error": f"class_name (::A::B) and role ({', '.join(ROLES)}) are needed"}, 400)
            if request.method == "DELETE":
                shelf.on_disk.pop(class_name, None)
                known.remove(f"disc-{class_name}")
            else:
                self._put(class_name, role, order)
        scanned = {name: known.get(f"disc-{name}") is not None for name in shelf.on_disk}
        return JSONResponse({"scanned": scanned})

    def _put(self, class_name: str, role: str, order: dict[str, Any]) -> None:
        """Put a class on the disk; one that is there already keeps what it does and only becomes unknown again."""
        shelf = self.state.engine.shelf
        if class_name in shelf.on_disk:
            self.state.tables.discoveries.remove(f"disc-{class_name}")
            return
        shelf.on_disk[class_name] = DriverClass(
            class_name,
            str(order.get("name") or class_name),
            str(order.get("module_name") or "Custom"),
            role,
            order.get("default"),
            order.get("settings") or {},
            Driver if order.get("starts", True) else Unusable,
        )


async def order_of(request: Request) -> dict[str, Any]:
    """Return the JSON object in a body; anything else is an empty one."""
    document = await request.json() if await request.body() else {}
    return document if isinstance(document, dict) else {}
