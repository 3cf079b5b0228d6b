# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For tests in process: a lab server in a thread, on a real socket, and a client that says what it sends."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from . import tls
from .gate import Gate
from .placeos.platform import PlaceOSPlatform
from .placeos.seed import KEYS
from .requestlog import RequestLog
from .server import application, listen

API = "/api/engine/v2"


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower-case names) and body of an answer."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def id(self) -> str:
        assert self.status == 201, self
        return str(self.json["id"])


class Client:
    """Sends one request per connection; paths below the API may leave its root out.

    Subclasses for other platforms say where their API is and how a role signs in.
    """

    api = API
    roots: tuple[str, ...] = (API, "/_lab", "/auth", "/api/staff", "//")

    def __init__(self, port: int) -> None:
        self.port = port

    def signed(self, role: str) -> dict[str, str]:
        """Return the header that signs a request of a role."""
        return {"X-API-Key": KEYS[role]}

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        role: str | None = "admin",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        target = path if path.startswith(self.roots) else self.api + path
        sent = {"Host": "localhost", "Accept": "application/json", **(headers or {})}
        if role:
            sent = {**self.signed(role), **sent}
        payload = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        if payload is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = self.connection()
        try:
            connection.request(method, target, payload, sent)
            response = connection.getresponse()
            text = response.read().decode()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)
        finally:
            connection.close()

    def connection(self) -> http.client.HTTPConnection:
        """Return a connection to the server."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def get(self, path: str, **options: Any) -> Answer:
        return self("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self("DELETE", path, **options)

    def at_once(self, *calls: Callable[[], Answer]) -> list[Answer]:
        """Send several requests at the same time."""
        barrier = threading.Barrier(len(calls))

        def shoot(call: Callable[[], Answer]) -> Answer:
            barrier.wait(10)
            return call()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(shoot, calls))

    def eventually(self, call: Callable[[], Any], seconds: float = 5) -> Any:
        """Repeat until the result is truthy."""
        deadline = time.monotonic() + seconds
        while not (result := call()):
            assert time.monotonic() < deadline, "did not happen in time"
            time.sleep(0.02)
        return result


@dataclass
class Running:
    """The server behind the client."""

    client: Client
    platform: PlaceOSPlatform
    gate: Gate
    log: Path


@contextmanager
def running_lab(directory: Path) -> Iterator[Running]:
    """Run a PlaceOS server until the block ends; its log is kept in a directory."""
    log = directory / "requests.jsonl"
    platform = PlaceOSPlatform()
    gate = Gate(platform, RequestLog(log))
    with serving(gate) as port:
        yield Running(Client(port), platform, gate, log)


@contextmanager
def serving(gate: Gate, certificates: tls.Certificates | None = None) -> Iterator[int]:
    """Serve one platform in a thread until the block ends, with certificates by https; the value is its port."""
    listener = listen(0)
    config = uvicorn.Config(
        application(gate),
        lifespan="off",
        log_level="critical",
        http="httptools",
        ssl_certfile=str(certificates.certificate) if certificates else None,
        ssl_keyfile=str(certificates.key) if certificates else None,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(10)
