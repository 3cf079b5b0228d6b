# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every request to a server of the lab passes: log, statistics, latency, faults, read-only."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .faults import SWITCHES, Faults, Rule
from .requestlog import RequestLog

WRITES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
MAX_VIOLATIONS = 10_000
READ_ONLY_STATUS = 403
READ_ONLY_BODY = b"The lab is read-only: this write was refused and recorded (GET /_lab/violations).\n"
HTML_BODY = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n"


class Platform(Protocol):
    """What a server of the lab must offer to the gate and the control endpoints."""

    name: str
    """In the log and in lab.json."""
    title: str
    app: ASGIApp

    @property
    def sign_in_paths(self) -> Container[str]:
        """Paths whose POST is no write, or whose application asks `Gate.refuses` by itself."""

    def reset(self) -> None:
        """Return to the seed state."""

    def switch(self, name: str, value: float | bool) -> bool:
        """Turn a named fault of the platform on or off; False when it is unknown."""

    def describe(self, url: str) -> dict[str, Any]:
        """Return this server's part of lab.json."""

    def fault_body(self, status: int, path: str) -> Any:
        """Return the body of an ordered status that was ordered without one."""

    def control_routes(self) -> list[Route]:
        """Return the control endpoints only this server has."""


@dataclass
class Gate:
    """The ASGI application around one server."""

    platform: Platform
    log: RequestLog | None = None
    latency: float = 0.0
    read_only: bool = False
    switches: dict[str, float | bool] = field(default_factory=dict)
    """Named faults the lab was started with; a reset returns to them."""
    faults: Faults = field(default_factory=Faults)
    violations: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)

    def restore_switches(self) -> None:
        """Turn the named faults as they were at the start."""
        for name in SWITCHES:
            self.platform.switch(name, self.switches.get(name, False))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or not."""
        if scope["type"] != "http":
            return
        method, path = scope["method"], scope["raw_path"].decode("latin-1").partition("?")[0]
        query = scope["query_string"].decode("latin-1")
        target = f"{path}?{query}" if query else path
        self.counts[method] += 1
        began, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # Logged before the answer leaves, so that whoever has the answer finds the entry.
                self._note(method, target, status, time.perf_counter() - began)
            await send(message)

        if self.latency:
            await asyncio.sleep(self.latency)
        rule = self.faults.take(method, path)
        if rule is not None:
            if await self._fault(rule, scope, receive, sending):
                self._note(method, target, None, time.perf_counter() - began)
                await hang_up(send)
            return
        await self._serve(scope, receive, sending)

    def _note(self, method: str, target: str, status: int | None, seconds: float) -> None:
        self.statuses[str(status)] += 1
        if self.log:
            self.log.note(self.platform.name, method, target, status, seconds)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode("latin-1").partition("?")[0]
        if self.is_write(scope["method"], path) and self.refuses(scope["method"], path):
            await _drain(receive)
            await _answer(send, READ_ONLY_STATUS, READ_ONLY_BODY, "text/plain")
            return
        await self.platform.app({**scope, "lab.gate": self}, receive, send)

    def is_write(self, method: str, path: str) -> bool:
        """Tell whether a request is a write by its method and path alone."""
        return method in WRITES and path.rstrip("/") not in self.platform.sign_in_paths

    def refuses(self, method: str, path: str) -> bool:
        """Tell whether a write is to be refused, and record it then."""
        if self.read_only and len(self.violations) < MAX_VIOLATIONS:
            self.violations.append({"server": self.platform.name, "method": method, "path": path})
        return self.read_only

    async def _fault(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> bool:
        """Carry a fault out; True when the connection is to be closed without an answer."""
        if rule.kind == "drop":
            if rule.when == "after":
                await self._serve(scope, receive, _swallow)
            else:
                await _drain(receive)
            return True
        if rule.kind == "hang":
            # The request has arrived: it is carried out even if its sender has given up by then.
            received = await _received(receive)
            await asyncio.sleep(rule.seconds)
            await self._serve(scope, _replayed(received, receive), send)
        elif rule.kind == "redirect":
            host = dict(scope["headers"]).get(b"host", b"localhost").partition(b":")[0]
            await _drain(receive)
            await _answer(send, 301, b"", "text/html", [(b"location", b"https://" + host + b"/")])
        elif rule.kind == "html":
            await _drain(receive)
            await _answer(send, 200, HTML_BODY, "text/html")
        else:
            await _drain(receive)
            headers = [(b"retry-after", f"{rule.retry_after:g}".encode())] if rule.retry_after is not None else []
            path = scope["raw_path"].decode("latin-1")
            body = rule.body if rule.body is not None else self.platform.fault_body(rule.status, path)
            text = body.encode() if isinstance(body, str) else orjson.dumps(body)
            await _answer(
                send, rule.status, text, "text/plain" if isinstance(body, str) else "application/json", headers
            )
        return False


async def _received(receive: Receive) -> list[Message]:
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    """Hand the messages of a request out again, then whatever follows."""

    async def replay() -> Message:
        return messages.pop(0) if messages else await receive()

    return replay


async def _drain(receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            return


async def _swallow(message: Message) -> None:
    """Take an answer nobody will see."""


async def _answer(
    send: Send, status: int, body: bytes, media: str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    head = [(b"content-type", media.encode()), (b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def hang_up(send: Send) -> None:
    """Close the connection without an answer. ASGI has no word for it: this reaches for the server's transport."""
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if cycle is None or transport is None:
        raise RuntimeError("this server cannot close connections: use the lab over a real socket")
    transport.close()
    # The server must learn of the end before this handler returns, or it would log a missing answer.
    for _attempt in range(100):
        if getattr(cycle, "disconnected", True):
            return
        await asyncio.sleep(0.005)
