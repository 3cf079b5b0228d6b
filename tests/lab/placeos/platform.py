# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The PlaceOS server as a part of the lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from .app import PlaceOS
from .core.mailboxes import STATES
from .seed import credentials
from .state import Options

if TYPE_CHECKING:
    from ..microsoft.outside import Outside

DOMAIN = "localhost"
DEFAULT_RACE_WINDOW = 0.05


class PlaceOSPlatform:
    """Name, application and switches of the PlaceOS server."""

    name = "placeos"
    title = "PlaceOS v2"
    sign_in_paths = frozenset(("/auth/oauth/token", "/auth/token"))

    def __init__(self, options: Options | None = None, *, microsoft: Outside | None = None) -> None:
        server = PlaceOS(options, DOMAIN)
        server.state.options.microsoft = microsoft
        self.app: ASGIApp = server
        self.state = server.state

    def reset(self) -> None:
        """Return to the seed state; tokens that were issued stay valid only for rows that exist again."""
        token_owner = next(user["id"] for user in self.state.tables.users if user["name"] == "Admin User")
        self.state.reset()
        self._keep_token(token_owner)

    def _keep_token(self, user_id: str) -> None:
        """Give the seeded administrator the id it had, so that the token in lab.json works after a reset."""
        users = self.state.tables.users
        row = next(user for user in users if user["name"] == "Admin User")
        keys = self.state.tables.api_keys.find("user", row["id"])
        users.remove(row["id"])
        users.put(type(row)(row, id=user_id))
        for key in keys:
            self.state.tables.api_keys.put(type(key)(key, user_id=user_id))

    def switch(self, name: str, value: float | bool) -> bool:
        """Turn races or index lag on or off; a number for races is the window in seconds."""
        options = self.state.options
        if name == "races":
            options.races = value is True or (value is not False and value >= 0)
            options.race_window = float(value) if value and value is not True else DEFAULT_RACE_WINDOW
        elif name == "index-lag":
            options.index_lag = float(value)
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

        async def mailboxes(request: Request) -> JSONResponse:
            known = self.state.core.mailboxes
            if request.method == "POST":
                order = await request.json()
                if order.get("state") not in STATES or not order.get("email"):
                    return JSONResponse({"error": f"email and state ({', '.join(STATES)}) are needed"}, 400)
                known.set(order["email"], order["state"])
            return JSONResponse(known.states)

        return [Route("/mailboxes", mailboxes, methods=["GET", "POST"])]
