# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the servers of the lab: sockets on this machine, one event loop, lab.json when all is ready."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from . import control, tls
from .acaengine.platform import ACAEnginePlatform
from .faults import parse_switch
from .gate import Gate, Platform
from .microsoft.outside import Outside
from .microsoft.platform import MicrosoftPlatform
from .placeos.platform import PlaceOSPlatform
from .requestlog import RequestLog

HOST = "127.0.0.1"
LAB_FILE = "lab.json"
LOG_FILE = "requests.jsonl"
GRACE_SECONDS = 2


@dataclass
class Options:
    """The command line."""

    state: Path
    ports: dict[str, int] = field(default_factory=dict)
    """By platform; any free one where there is none."""
    tls: bool = False
    """For the platforms that do not speak https anyway."""
    tenant: str = "acme"
    """What the Microsoft tenant holds: ``acme`` or ``empty``."""
    latency_ms: float = 0.0
    faults: list[str] = field(default_factory=list)
    read_only: bool = False
    log_level: str = "warning"


def platforms(options: Options | None = None) -> list[Platform]:
    """Return the servers of a lab, in the seed state."""
    microsoft = MicrosoftPlatform(
        tenant=options.tenant if options else "acme", directory=options.state if options else None
    )
    outside = Outside(microsoft.tenant)
    return [PlaceOSPlatform(microsoft=outside), ACAEnginePlatform(microsoft=outside), microsoft]


def speaks_tls(platform: Platform, options: Options) -> bool:
    """Tell whether a server speaks https."""
    return options.tls or getattr(platform, "always_tls", False)


def application(gate: Gate) -> ASGIApp:
    """Return the ASGI application of one server: control endpoints beside the gate."""
    panel = Starlette(routes=[Mount("/_lab", routes=control.routes(gate, gate.platform.control_routes()))])

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        # The gate gets the server's own send: it needs the connection behind it (see gate.hang_up).
        app = panel if scope["type"] == "http" and scope["path"].startswith("/_lab/") else gate
        await app(scope, receive, send)

    return choose


def listen(port: int) -> socket.socket:
    """Return a socket listening on this machine only; port 0 means any free one."""
    # With the protocol named, asyncio turns Nagle's algorithm off for the connections (it costs 40 ms an answer).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(1024)
    listener.setblocking(False)
    return listener


def write_atomically(path: Path, document: dict[str, Any]) -> None:
    """Write JSON so that a reader sees all of it or nothing."""
    scratch = path.with_suffix(".tmp")
    scratch.touch(mode=0o600)
    scratch.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    scratch.replace(path)


class Server(uvicorn.Server):
    """A uvicorn server which leaves the signals of the process to the lab."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signals over."""
        yield


def configure(options: Options, app: ASGIApp, certificates: tls.Certificates | None) -> uvicorn.Config:
    """Return the settings of one server."""
    return uvicorn.Config(
        app,
        http="httptools",
        log_level=options.log_level,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=True,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=str(certificates.certificate) if certificates else None,
        ssl_keyfile=str(certificates.key) if certificates else None,
    )


@dataclass
class Running:
    """One server of the lab: its gate, its socket, and the task that serves it."""

    gate: Gate
    port: int
    server: Server
    task: asyncio.Task[None]


def start(platform: Platform, options: Options, log: RequestLog, certificates: tls.Certificates) -> Running:
    """Start a server on a socket of its own."""
    switches = dict(map(parse_switch, options.faults))
    gate = Gate(platform, log, options.latency_ms / 1000, options.read_only, switches)
    gate.restore_switches()
    listener = listen(options.ports.get(platform.name, 0))
    server = Server(configure(options, application(gate), certificates if speaks_tls(platform, options) else None))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    return Running(gate, listener.getsockname()[1], server, task)


async def serve(options: Options) -> None:
    """Run until SIGINT or SIGTERM."""
    options.state.mkdir(parents=True, exist_ok=True)
    lab_file, log_file = options.state / LAB_FILE, options.state / LOG_FILE
    lab_file.unlink(missing_ok=True)
    log_file.unlink(missing_ok=True)
    certificates = tls.make(options.state)
    log = RequestLog(log_file)
    running: list[Running] = []
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        for platform in platforms(options):
            running.append(start(platform, options, log, certificates))
            running[-1].task.add_done_callback(lambda _: stop.set())
        if await _started(running):
            tell(running, options, certificates, log_file)
        await stop.wait()
    finally:
        for one in running:
            one.server.should_exit = True
        await asyncio.gather(*(one.task for one in running))
        lab_file.unlink(missing_ok=True)
        log.close()


def tell(running: list[Running], options: Options, certificates: tls.Certificates, log_file: Path) -> None:
    """Write lab.json and say where the servers are."""
    urls = {
        one.gate.platform.name: f"http{'s' if speaks_tls(one.gate.platform, options) else ''}://localhost:{one.port}"
        for one in running
    }
    parts = {one.gate.platform.name: one.gate.platform.describe(urls[one.gate.platform.name]) for one in running}
    lab_file = options.state / LAB_FILE
    document = {"ca_file": str(certificates.ca), **parts, "requests_log": str(log_file), "pid": os.getpid()}
    write_atomically(lab_file, document)
    where = ", ".join(f"{one.gate.platform.title} at {urls[one.gate.platform.name]}" for one in running)
    print(f"lab: {where}, see {lab_file}", flush=True)


async def _started(running: list[Running]) -> bool:
    """Wait until all servers answer; False when one ended instead. There is no event to wait for."""
    while not all(one.server.started for one in running):
        if any(one.task.done() for one in running):
            return False
        await asyncio.sleep(0.01)
    return True
