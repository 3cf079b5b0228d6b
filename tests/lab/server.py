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
from .faults import parse_switch
from .gate import Gate
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
    placeos_port: int = 0
    tls: bool = False
    latency_ms: float = 0.0
    faults: list[str] = field(default_factory=list)
    read_only: bool = False
    log_level: str = "warning"


def application(gate: Gate, platform: PlaceOSPlatform) -> ASGIApp:
    """Return the ASGI application of one server: control endpoints beside the gate."""
    panel = Starlette(routes=[Mount("/_lab", routes=control.routes(gate, platform.control_routes()))])

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        # The gate gets the server's own send: it needs the connection behind it (see gate.hang_up).
        app = panel if scope["type"] == "http" and scope["path"].startswith("/_lab/") else gate
        await app(scope, receive, send)

    return choose


def listen(port: int) -> socket.socket:
    """Return a socket listening on this machine only; port 0 means any free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
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


async def serve(options: Options) -> None:
    """Run until SIGINT or SIGTERM."""
    options.state.mkdir(parents=True, exist_ok=True)
    lab_file, log_file = options.state / LAB_FILE, options.state / LOG_FILE
    lab_file.unlink(missing_ok=True)
    log_file.unlink(missing_ok=True)
    certificates = tls.make(options.state)
    log = RequestLog(log_file)

    platform = PlaceOSPlatform()
    gate = Gate(platform, log, options.latency_ms / 1000, options.read_only, dict(map(parse_switch, options.faults)))
    gate.restore_switches()
    listener = listen(options.placeos_port)
    server = Server(configure(options, application(gate, platform), certificates if options.tls else None))

    stop = asyncio.Event()
    running = asyncio.create_task(server.serve(sockets=[listener]))
    running.add_done_callback(lambda _: stop.set())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if await _started(server, running):
        port = listener.getsockname()[1]
        scheme = "https" if options.tls else "http"
        write_atomically(
            lab_file,
            {
                "ca_file": str(certificates.ca),
                "placeos": platform.describe(f"{scheme}://localhost:{port}"),
                "requests_log": str(log_file),
                "pid": os.getpid(),
            },
        )
        print(f"lab: PlaceOS v2 at {scheme}://localhost:{port}, see {lab_file}", flush=True)
    await stop.wait()
    server.should_exit = True
    await running
    lab_file.unlink(missing_ok=True)
    log.close()


async def _started(server: uvicorn.Server, running: asyncio.Task[None]) -> bool:
    """Wait until the server answers; False when it ended instead. There is no event to wait for."""
    while not server.started and not running.done():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return not running.done()
