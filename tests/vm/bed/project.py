# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's folder with docker-compose.yaml and .env, shaped like the one ACA handed out, and its usual variants."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .container import Container
from .image import APPLICATION, IMAGE

if TYPE_CHECKING:
    from .machine import Machine

FOLDER = "/opt/aca"
# What the check-list has people write: the bare tenant id where a path is needed.
BY_HAND = {
    "OFFICE_CLIENT_ID": "id-written-by-hand",
    "OFFICE_CLIENT_SECRET": "secret-written-by-hand",
    "OFFICE_TOKEN_URL": "11111111-2222-3333-4444-555555555555",
    "INTERNAL_DOMAIN": "by-hand.example",
}
ENVIRONMENT = {
    "TZ": "$TZ",
    "WWW_PORT": "$WWW_PORT",
    "RAILS_ENV": "$RAILS_ENV",
    "ELASTIC": "elastic",
    "ELASTIC_INDEX": "$ES_INDEX",
    "COUCHBASE_HOST": "couch",
    "COUCHBASE_BUCKET": "$CB_BUCKET",
    "COUCHBASE_PASSWORD": "$CB_PASS",
    "UV_THREADPOOL_SIZE": "4",
    "COAUTH_NO_SSL": "true",
    "ENGINE_NODE_ID": "$ENGINE_NODE_ID",
    "SECRET_KEY_BASE": "$SECRET_KEY_BASE",
    "ENGINE_PORT": "$ENGINE_PORT",
}
# Containers share the network of the VM, which has no bridge: that is where this file differs from the real one.
COMPOSE = """\
version: "2.1"

volumes:
  elastic-data:
  couch-data:

services:
  elastic:
    image: $DOCKER_ENGINE
    container_name: elastic
    restart: always
    network_mode: host
    command: sleep
    volumes:
      - elastic-data:/usr/share/elasticsearch/data
    environment:
      - TZ=$TZ
  couch:
    image: $DOCKER_ENGINE
    container_name: couch
    restart: always
    network_mode: host
    command: sleep
    volumes:
      - couch-data:/opt/couchbase/var
    environment:
      - TZ=$TZ
  engine:
    image: $DOCKER_ENGINE
    restart: always
    container_name: engine
    command: engine-dev
    network_mode: host
    logging:
      options:
       max-size: 99m
    depends_on:
      - couch
      - elastic
    volumes:
      - ./aca-device-modules:/home/aca-apps/aca-device-modules:ro
{volumes}    environment:
{environment}    healthcheck:
      test: wget -q --spider http://127.0.0.1:$ENGINE_PORT/auth/authority
      interval: 120s
"""


@dataclass
class Project:
    """A compose project on the VM: `path` is its folder there, `folder` the same seen from outside."""

    machine: Machine
    port: int
    form: Literal["list", "map"] = "list"
    file_name: str = "docker-compose.yaml"
    path: str = FOLDER
    further: dict[str, str] = field(default_factory=dict)  # variables inside the client's own file
    mounts: tuple[str, ...] = ()  # further lines of `volumes`
    dot_env: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The project's folder, from outside."""
        return self.machine.state / self.path.lstrip("/")

    @property
    def health_url(self) -> str:
        """What the engine answers when it is well."""
        return f"http://127.0.0.1:{self.port}/auth/authority"

    def compose_text(self) -> str:
        """The client's own compose file."""
        indent, mark, joint = " " * 6, *(("- ", "=") if self.form == "list" else ("", ": "))
        quote = "" if self.form == "list" else '"'
        variables = (ENVIRONMENT | self.further).items()
        lines = [f"{indent}{mark}{name}{joint}{quote}{value}{quote}\n" for name, value in variables]
        volumes = "".join(f"{indent}- {mount}\n" for mount in self.mounts)
        return COMPOSE.format(volumes=volumes, environment="".join(lines))

    def write(self) -> None:
        """Write the folder as the client has it before the collection comes."""
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "aca-device-modules").mkdir(parents=True)
        (self.folder / self.file_name).write_text(self.compose_text(), encoding="utf-8")
        values = {
            "TZ": "Australia/Sydney",
            "DOCKER_ENGINE": IMAGE,
            "RAILS_ENV": "development",
            "WWW_PORT": "8888",
            "ES_INDEX": "aca",
            "CB_USER": "admin",
            "CB_BUCKET": "aca",
            "CB_PASS": "couchbase-password",
            "ENGINE_NODE_ID": "edge-1",
            "SECRET_KEY_BASE": "0123456789abcdef",
            "ENGINE_PORT": str(self.port),
            **self.dot_env,
        }
        text = "".join(f"{name}={value}\n" for name, value in values.items())
        (self.folder / ".env").write_text(text, encoding="utf-8")

    def compose(self, *arguments: str) -> str:
        """Run docker-compose as the client does by hand, in the project's folder."""
        command = ["sh", "-c", 'cd "$1" && shift && exec docker-compose --no-ansi "$@"', "sh", self.path, *arguments]
        return self.machine.run(*command).stdout

    def up(self, *, well: bool = True) -> Container:
        """Start everything as the client has it, and return the engine's container once it is well, if it can be."""
        self.compose("up", "-d")
        engine = self.engine()
        if well:
            engine.wait_well(self.health_url)
        return engine

    def down(self) -> None:
        """Remove all containers of the VM, and their volumes."""
        containers = self.machine.run("docker", "ps", "--all", "--quiet").stdout.split()
        if containers:
            self.machine.run("docker", "rm", "--force", "--volumes", *containers)
        self.machine.run("docker", "volume", "prune", "--force")

    def engine(self) -> Container:
        """The container that is called engine now."""
        return Container.named(self.machine, "engine")

    def files(self) -> dict[str, tuple[int, int, bytes]]:
        """Mode, owner and content of each file of the folder, by its relative path; repositories' insides left out."""
        found: dict[str, tuple[int, int, bytes]] = {}
        for file in sorted(self.folder.rglob("*")):
            name = str(file.relative_to(self.folder))
            if file.is_file() and not file.is_symlink() and "/.git/" not in f"/{name}" and ".git/" not in name:
                found[name] = (file.stat().st_mode & 0o7777, file.stat().st_uid, file.read_bytes())
        return found

    def by_hand(self) -> Project:
        """The same project, but with the check-list's four variables in the client's own file."""
        return Project(self.machine, self.port, self.form, self.file_name, further=dict(BY_HAND), mounts=self.mounts)

    def with_typo(self) -> Project:
        """The same project, but with the check-list's mistyped mount, a zero for the letter o."""
        return Project(self.machine, self.port, self.form, self.file_name, mounts=(f"./0365-engine/:{APPLICATION}",))
