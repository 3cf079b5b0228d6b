# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake VM: a Compose project in a folder, fake programs on PATH, and an address that answers as the container would."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.placeos.office365.plugins.module_utils._engine.files import Content
from ansible_collections.placeos.office365.plugins.module_utils._engine.health import Health
from ansible_collections.placeos.office365.plugins.module_utils._engine.run import NOT_FOUND, Programs, Ran
from ansible_collections.placeos.office365.plugins.module_utils._engine.service import Outcome, Service, Wish
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._engine.fake_docker import FakeDocker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BASE = 'version: "2.1"\nservices:\n  engine: {image: $DOCKER_ENGINE}\n'
OVERRIDE = "docker-compose.override.yml"
ENV = "engine_environment.env"
MARK = "# Written by the Ansible collection placeos.office365. Do not edit: the next run replaces it.\n"


def wanted(secret: str, extra: str = "") -> dict[str, str | None]:
    """The two files of the role, with a secret."""
    override = f'{MARK}version: "2.1"\nservices:\n  engine:\n    env_file:\n      - "{ENV}"\n{extra}'
    return {ENV: f"{MARK}OFFICE_CLIENT_SECRET={secret}\n", OVERRIDE: override}


class FakePrograms(Programs):
    """Plays the programs without starting any, which is much quicker; only installed ones are there."""

    def __init__(self, vm: FakeVm) -> None:
        super().__init__(vm.project, vm.environment)
        self.vm = vm

    def run(self, arguments: Sequence[str], timeout: float = 0) -> Ran:
        name = Path(arguments[0]).name
        if not (self.vm.bin / name).exists():
            return Ran(NOT_FOUND, "", f"{name}: not found")
        fake = FakeDocker(self.vm.state, self.folder)
        code = fake.play(name, list(arguments[1:]))
        return Ran(code, fake.out, fake.err)


@dataclass
class FakeVm:
    """Folder, programs and address of the fake."""

    root: Path
    url: str = ""
    # Whether to start the fake programs for real.
    really: bool = False

    def __post_init__(self) -> None:
        self.project = self.root / "aca"
        self.bin = self.root / "bin"
        self.state = self.root / "state.json"
        for folder in (self.project, self.bin):
            folder.mkdir(parents=True)
        self.set(containers=[], made=0, v2=False, engine_down=False, up_seconds=0)
        (self.project / "docker-compose.yaml").write_text(BASE)
        self.install("docker")
        self.install("docker-compose")

    def install(self, name: str) -> None:
        """Put a fake program on PATH."""
        fake = Path(__file__).with_name("fake_docker.py")
        place = self.bin / name
        place.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{fake}" {name} "$@"\n')
        place.chmod(0o755)

    def use_v2(self) -> None:
        """Have the plugin, and nothing else."""
        (self.bin / "docker-compose").unlink()
        self.set(v2=True)

    def set(self, **changes: Any) -> None:
        """Change what the fake programs know."""
        known = json.loads(self.state.read_text()) if self.state.exists() else {}
        self.state.write_text(json.dumps({**known, **changes}))

    @property
    def containers(self) -> list[dict[str, Any]]:
        """The containers as the fake knows them."""
        containers: list[dict[str, Any]] = json.loads(self.state.read_text())["containers"]
        return containers

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the programs."""
        return {"PATH": str(self.bin), "FAKE_DOCKER_STATE": str(self.state)}

    def service(self, files: Mapping[str, str | None], **options: Any) -> Service:
        """The module's work on this VM."""
        health = Health(self.url, "acme.example", True, options.pop("timeout", 0.2), 0.02)
        contents = {name: Content(None if text is None else text.encode()) for name, text in files.items()}
        environment = {**self.environment, **options.pop("environment", {})}
        service = Service(Wish(self.project, "engine", contents, health, **options), environment)
        if not self.really:
            service.programs = FakePrograms(self)
        return service

    def converge(self, files: Mapping[str, str | None], *, check_mode: bool = False, **options: Any) -> Outcome:
        """Run the module's work."""
        return self.service(files, **options).converge(check_mode)

    def calls(self) -> list[str]:
        """What the programs were asked since the last time."""
        log = self.root / "calls"
        said = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return said

    def ups(self) -> int:
        """How often Compose was told to bring the service up, since the last time anything was asked here."""
        return sum(" up " in call for call in self.calls())

    def tree(self) -> dict[str, tuple[str, int]]:
        """Every file of the project with text and mode."""
        files = [path for path in self.project.rglob("*") if path.is_file()]
        return {str(p.relative_to(self.project)): (p.read_text(), p.stat().st_mode & 0o7777) for p in sorted(files)}

    def files(self) -> dict[str, str]:
        """Texts of the files in the project folder itself."""
        return {name: text for name, (text, _mode) in self.tree().items() if "/" not in name}


class FakeAnswers:
    """The address of the service: 200 while a container runs that is not sick."""

    def __init__(self, vm: FakeVm) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                running = [c for c in vm.containers if c["State"]["Status"] == "running"]
                well = running and "SICK" not in " ".join(running[0]["FakeFiles"].values())
                self.send_response(200 if well and self.headers["Host"] == "acme.example" else 503)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        vm.url = f"http://127.0.0.1:{self.server.server_port}/auth/authority"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
