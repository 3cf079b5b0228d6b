# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake machine between a module and the lab's Microsoft 365: it notes what passes, and answers some of it itself.

The lab answers as Microsoft does, also when a fault is ordered. What no working service ever says (bytes that are no
text, answers of another type, redirects with a body, somebody else's certificate) is said here.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from lab.tls import Certificates

from .microsoft import Microsoft

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_KEY = re.compile(r"(\(\w+=')[^')]*")
_ADDRESS = re.compile(r"/[^/]+@[^/]+")
_GRANT = re.compile(r"(/appRoleAssignedTo/)[^/]+")
_OF_THE_CONNECTION = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"})


@dataclass(frozen=True)
class Said:
    """An answer of the middleman's own; drop: it hangs up instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    drop: bool = False

    @classmethod
    def json(cls, document: Any, status: int = 200, **headers: str) -> Said:
        """An answer in JSON; headers with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(document).encode(), {"Content-Type": "application/json", **named})


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def cmdlet(self) -> str:
        """The cmdlet of Exchange that it runs, if any."""
        return self.headers.get("x-cmdletname", "")

    @property
    def endpoint(self) -> str:
        """What it is about, without ids, addresses and query."""
        if self.cmdlet:
            return self.cmdlet
        path = _GRANT.sub(r"\1…", _KEY.sub(r"\1…", _ID.sub("…", self.path.partition("?")[0])))
        return f"{self.method} {_ADDRESS.sub('/…', path)}"

    @property
    def writes(self) -> bool:
        """Would it change something in the tenant?"""
        if self.cmdlet:
            return not self.cmdlet.startswith(("Get-", "Test-"))
        only_reads = ("/oauth2/v2.0/token", "/$batch", "/getSchedule")
        return self.method != "GET" and not self.path.partition("?")[0].endswith(only_reads)


Rule = Callable[[Asked], "Said | None"]


class FakeMiddleman:
    """Passes everything on, except where ``rule`` says something else."""

    def __init__(self, microsoft: Microsoft, certificates: Certificates) -> None:
        self.upstream = microsoft.url
        self.ca_path = str(certificates.ca)
        self.rule: Rule = lambda _asked: None
        self.asked: list[Asked] = []
        self._upstream_ca = microsoft.ca_path
        self._sessions = threading.local()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self) -> None:
                fake._handle(self)

            def log_message(self, *_args: Any) -> None:
                """Nobody reads it."""

        for method in ("GET", "POST", "PATCH", "DELETE", "CONNECT"):
            setattr(Handler, f"do_{method}", Handler.handle_any)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: Any) -> None:
                """Clients of these tests refuse certificates and hang up on purpose."""

        self._server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
        # The handshake is made by the thread of the connection: one that fails does not stop the server.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Its address by the name that its certificate usually has."""
        return f"https://localhost:{self.port}"

    @contextlib.contextmanager
    def running(self) -> Iterator[FakeMiddleman]:
        """While it listens."""
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def start(self, rule: Rule = lambda _asked: None) -> None:
        """Forget what passed, and follow another rule."""
        self.asked = []
        self.rule = rule

    # -- one request ---------------------------------------------------------------------------------------------------

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, handler.path, headers, body)
        self.asked.append(asked)
        said = self.rule(asked) or self.passed_on(asked)
        if said.drop:
            handler.close_connection = True
            # Zero seconds of lingering turn the close into a reset.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            return
        handler.send_response(said.status)
        for name, value in said.headers.items():
            handler.send_header(name, value)
        if said.status != 204:
            handler.send_header("Content-Length", str(len(said.body)))
        handler.end_headers()
        handler.wfile.write(said.body)

    def passed_on(self, asked: Asked) -> Said:
        """What the lab answers."""
        if not hasattr(self._sessions, "session"):
            self._sessions.session = requests.Session()
            self._sessions.session.trust_env = False
            self._sessions.session.verify = self._upstream_ca
        sent = {name: value for name, value in asked.headers.items() if name not in _OF_THE_CONNECTION}
        answer = self._sessions.session.request(
            asked.method, f"{self.upstream}{asked.path}", data=asked.body, headers=sent, allow_redirects=False
        )
        given = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_THE_CONNECTION}
        return Said(answer.status_code, answer.content, given)


class ThroughMiddleman(Microsoft):
    """The lab's Microsoft 365, reached by modules through a middleman; the test itself goes straight to it."""

    def __init__(self, microsoft: Microsoft, middleman: FakeMiddleman) -> None:
        super().__init__(microsoft.lab)
        self.middleman = middleman
        addresses = dict.fromkeys(self.endpoints, middleman.url)
        self.options = {**self.options, **addresses, "ca_path": middleman.ca_path}
