# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake HTTP server on loopback, in a thread, that plays a script and counts what it was asked."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass
class Play:
    """One scripted answer.

    content: bytes as they are, anything else as JSON; drop: hang up instead of answering; hold: never answer.
    """

    status: int = 200
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    hold: bool = False


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class FakeHttpServer:
    """Plays its script in order; the last answer is repeated. With ``answer`` set, that says what to play."""

    def __init__(self, certificate: tuple[str, str] | None = None, port: int = 0) -> None:
        self.script: list[Play] = [Play()]
        self.answer: Callable[[Asked], Play] | None = None
        self.asked: list[Asked] = []
        self.connections = 0
        self.released = threading.Event()
        self._lock = threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                fake.connections += 1

            def handle_any(self) -> None:
                fake.handle(self)

            def log_message(self, *_args: Any) -> None:
                """Nobody reads it."""

        for method in ("GET", "POST", "PATCH", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.handle_any)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: Any) -> None:
                """Clients of these tests hang up on purpose."""

        self._server = Server(("127.0.0.1", port), Handler)
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def methods(self) -> list[str]:
        return [asked.method for asked in self.asked]

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Note the request, then play the next answer."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        asked = Asked(handler.command, handler.path, dict(handler.headers), body)
        with self._lock:
            self.asked.append(asked)
            play = self.answer(asked) if self.answer else self._next()
        if play.hold:
            self.released.wait(30)
        if play.drop or play.hold:
            self._hang_up(handler)
            return
        content = play.content
        if content is None:
            content = b""
        elif not isinstance(content, bytes):
            content = json.dumps(content).encode()
        handler.send_response(play.status)
        for name, value in {"Content-Type": "application/json", **play.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _next(self) -> Play:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    @staticmethod
    def _hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        # Zero seconds of lingering turn the close into a reset.
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    def play(self, *script: Play) -> None:
        """What to answer from now on."""
        self.script = list(script)

    @contextlib.contextmanager
    def running(self) -> Iterator[FakeHttpServer]:
        self._thread.start()
        try:
            yield self
        finally:
            self.released.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
