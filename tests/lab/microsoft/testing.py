# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For tests in process: a Microsoft server in a thread, by https, and a client with its paths and tokens."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from .. import tls
from ..gate import Gate
from ..requestlog import RequestLog
from ..testing import Answer, serving
from ..testing import Client as AnyClient
from . import seed, seed_apps
from .platform import MicrosoftPlatform
from .state import Tenant

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GRAPH_SCOPE = "https://graph.microsoft.com/.default"
APPS = {
    "automation": (seed_apps.AUTOMATION_ID, seed_apps.AUTOMATION_SECRET),
    "placeos": (seed_apps.PLACEOS_ID, seed_apps.PLACEOS_SECRET),
}


class Client(AnyClient):
    """Sends one request per connection; a role is the name of a seeded application, or a token itself."""

    api = ""
    roots = ("/",)

    def __init__(self, port: int, ca: Path) -> None:
        super().__init__(port)
        self.ca = ca
        self._context = ssl.create_default_context(cafile=str(ca))
        self._tokens: dict[str, str] = {}

    @property
    def url(self) -> str:
        """The server's address."""
        return f"https://localhost:{self.port}"

    def connection(self) -> http.client.HTTPConnection:
        """Return a connection by https."""
        return http.client.HTTPSConnection("localhost", self.port, timeout=20, context=self._context)

    def signed(self, role: str) -> dict[str, str]:
        """Return the header of an application, or of a token; the token of a role is asked for once."""
        if role in APPS and role not in self._tokens:
            self._tokens[role] = self.token_of(*APPS[role])
        return {"Authorization": f"Bearer {self._tokens.get(role, role)}"}

    def forget_tokens(self) -> None:
        """Ask for new tokens from now on."""
        self._tokens.clear()

    def sign_in(self, tenant: str = seed.TENANT_ID, query: str = "", **form: str) -> Answer:
        """Send a form to the token endpoint; by default it asks for a token for Graph with client credentials."""
        given = {"grant_type": "client_credentials", "scope": GRAPH_SCOPE, **form}
        body = urlencode({name: value for name, value in given.items() if value}).encode()
        return self.post(f"/{tenant}/oauth2/v2.0/token{query}", body, role=None, headers=FORM)

    def token_of(self, client_id: str, secret: str, scope: str = GRAPH_SCOPE) -> str:
        """Return an access token."""
        answer = self.sign_in(client_id=client_id, client_secret=secret, scope=scope)
        assert answer.status == 200, answer
        return str(answer.json["access_token"])

    def app_with(self, *permissions: str, **order: Any) -> dict[str, str]:
        """Make an application that holds permissions."""
        answer = self.post("/_lab/apps", {"permissions": list(permissions), **order}, role=None)
        assert answer.status == 200, answer
        return dict(answer.json)

    def bearer_of(self, *permissions: str, **order: Any) -> str:
        """Return the token of a new application that holds permissions."""
        made = self.app_with(*permissions, **order)
        return self.token_of(made["client_id"], made["client_secret"])

    def switch(self, name: str, **value: Any) -> None:
        """Turn a switch of the lab."""
        answer = self.post("/_lab/faults", {"fault": name, **value}, role=None)
        assert answer.status == 200, answer

    def advance(self, seconds: float) -> None:
        """Let time pass in the tenant."""
        assert self.post("/_lab/advance-clock", {"seconds": seconds}, role=None).status == 200


@dataclass
class Running:
    """The server behind the client."""

    client: Client
    platform: MicrosoftPlatform
    gate: Gate
    directory: Path

    @property
    def tenant(self) -> Tenant:
        """What the server knows."""
        return self.platform.tenant


@contextmanager
def running_microsoft(directory: Path, tenant: str = "acme") -> Iterator[Running]:
    """Run a Microsoft server until the block ends; certificates and log are kept in a directory."""
    certificates = tls.make(directory)
    platform = MicrosoftPlatform(tenant=tenant, directory=directory)
    gate = Gate(platform, RequestLog(directory / "requests.jsonl"))
    with serving(gate, certificates) as port:
        yield Running(Client(port, certificates.ca), platform, gate, directory)
