# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves git repositories on the loopback interface: `git daemon`, and https with a user name and a token.

Over ssh they are served by the VM's second sshd; see machine.py.
"""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from lab import tls
from tools.processes import stop_process

from .programs import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .machine import Machine

TOKEN_USER = "x-token-auth"  # what Bitbucket has for access tokens
# The repositories belong to nobody in particular.
ANYBODYS = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}


@contextmanager
def git_daemon(machine: Machine) -> Iterator[str]:
    """Serve the VM's /srv/git over git://; yields the address of that folder."""
    (port,) = free_ports(1)
    folder = machine.state / "srv/git"
    command = ["git", "daemon", "--listen=127.0.0.1", f"--port={port}", "--reuseaddr", "--export-all"]
    with (machine.state / "log/git_daemon").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--base-path={folder}", "--log-destination=stderr", "--verbose", str(folder)],
            env=os.environ | ANYBODYS,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_for_words(machine.state / "log/git_daemon", "Ready to rumble")
            yield f"git://127.0.0.1:{port}"
        finally:
            # git itself only starts git-daemon and waits for it, so the signal goes to both.
            if process.poll() is None:
                os.killpg(process.pid, 15)
            stop_process(process)


def _wait_for_words(log: Path, words: str, within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while words not in log.read_text(errors="replace"):
        if time.monotonic() > deadline:
            raise TimeoutError(log.read_text(errors="replace"))
        time.sleep(0.02)


class GitHttps:
    """An https server in front of `git http-backend`. Where `token` is set, it asks for it."""

    def __init__(self, machine: Machine, certificates: tls.Certificates) -> None:
        self.machine = machine
        self.folder = machine.state / "srv/git"
        self.token = ""
        self.requests: list[tuple[str, str, int]] = []  # method, path, status
        outer = self

        class Handler(_Handler):
            served = outer

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_port}"


class _Handler(BaseHTTPRequestHandler):
    """Answers with what `git http-backend`, a CGI program, says."""

    protocol_version = "HTTP/1.0"
    served: GitHttps

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *args: object) -> None:
        """Requests are kept in a list instead."""

    def _answer(self) -> None:
        path, _mark, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        wanted = base64.b64encode(f"{TOKEN_USER}:{self.served.token}".encode()).decode()
        if self.served.token and self.headers.get("Authorization") != f"Basic {wanted}":
            self._send(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
            return
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.served.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
            **ANYBODYS,
        }
        answer = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=False)
        head, _blank, content = answer.stdout.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n") if line]
        headers = [(name, value) for name, _colon, value in lines if name != "Status"]
        status = next((int(value.split()[0]) for name, _colon, value in lines if name == "Status"), 200)
        self._send(status if answer.stdout else 500, headers, content)

    def _send(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.served.requests.append((self.command, self.path, status))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def git_https(machine: Machine) -> Iterator[GitHttps]:
    """Serve the VM's /srv/git over https, with a certificate that the VM trusts."""
    folder = machine.state / "tls"
    folder.mkdir(mode=0o700)
    certificates = tls.make(folder)
    with (machine.state / "etc/ssl/certs/ca-certificates.crt").open("ab") as trusted:
        trusted.write(certificates.ca.read_bytes())
    server = GitHttps(machine, certificates)
    thread = threading.Thread(target=server.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.server.shutdown()
        thread.join()
        server.server.server_close()
