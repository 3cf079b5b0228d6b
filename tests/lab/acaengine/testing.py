# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For tests in process: an ACAEngine server in a thread, and a client with its paths and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ..gate import Gate
from ..requestlog import RequestLog
from ..testing import Answer, serving
from ..testing import Client as AnyClient
from .platform import ACAEnginePlatform
from .seed import PASSWORD, TOKENS, address, client_id_of
from .state import State

API = "/control/api"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Client(AnyClient):
    """Sends one request per connection, signed with the token of a seeded user."""

    api = API
    roots = (API, "/_lab", "/auth", "/control")

    def signed(self, role: str) -> dict[str, str]:
        """Return the header of a role, or of a token that is no role."""
        return {"Authorization": f"Bearer {TOKENS.get(role, role)}"}

    def made(self, path: str, **body: Any) -> str:
        """Create an object and return its id."""
        answer = self.post(path, body)
        assert answer.status == 200, answer
        return str(answer.json["id"])

    def changed(self, path: str, **body: Any) -> dict[str, Any]:
        """Change an object and return it; a system's version is read before."""
        if path.startswith("/systems/"):
            body.setdefault("version", self.get(path).json["version"])
        answer = self.put(path, body)
        assert answer.status == 200, answer
        return dict(answer.json)

    def names(self, path: str) -> list[str]:
        """Return the names in a list."""
        return [row["name"] for row in self.get(path).json["results"]]

    def token(self, **values: str) -> Answer:
        """Ask for a token with a form; by default as the administrator."""
        grant = {
            "grant_type": "password",
            "username": address("admin", "localhost"),
            "password": PASSWORD,
            "client_id": client_id_of("localhost"),
        }
        body = values if "grant_type" in values else grant | values
        return self.post("/auth/oauth/token", urlencode(body).encode(), role=None, headers=FORM)


@dataclass
class Running:
    """The server behind the client."""

    client: Client
    platform: ACAEnginePlatform
    gate: Gate
    log: Path

    @property
    def state(self) -> State:
        """What the server knows."""
        return self.platform.state


@contextmanager
def running_engine(directory: Path) -> Iterator[Running]:
    """Run an ACAEngine server until the block ends; its log is kept in a directory."""
    log = directory / "requests.jsonl"
    platform = ACAEnginePlatform()
    gate = Gate(platform, RequestLog(log))
    with serving(gate) as port:
        yield Running(Client(port), platform, gate, log)
