# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers as the Docker engine knows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._engine.compose import Compose
from ansible_collections.placeos.office365.plugins.module_utils._engine.run import EngineError, Programs

_LABEL = "com.docker.compose."


@dataclass(frozen=True)
class Container:
    """What is of interest about a container."""

    id: str
    status: str
    restarts: int = 0
    exit_code: int = 0
    # What the image's own HEALTHCHECK says: starting, healthy, unhealthy, or nothing without one.
    health: str = ""
    image: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[tuple[str, str], ...] = ()
    # Its environment, NAME=value; there are secrets among them.
    variables: tuple[str, ...] = field(default=(), repr=False)

    @property
    def running(self) -> bool:
        """Whether it runs, and is not about to be restarted."""
        return self.status == "running"

    @property
    def config_hash(self) -> str | None:
        """Compose's hash of the configuration that it was created with."""
        return self.labels.get(_LABEL + "config-hash")


def containers(compose: Compose, service: str) -> list[Container]:
    """The service's containers, the running ones first; those of "run" are left out.

    Raises:
        EngineError: the Docker engine does not answer.
    """
    ids = compose.container_ids(service)
    if ids is None:
        # Compose cannot read its files, for example because our own is listed but not written yet.
        ids = _by_label(compose.programs, service)
    found = [c for c in inspect(compose.programs, ids) if c.labels.get(_LABEL + "oneoff", "False") != "True"]
    return sorted(found, key=lambda container: not container.running)


def _by_label(programs: Programs, service: str) -> list[str]:
    filters = [f"label={_LABEL}service={service}"]
    ran = programs.run(["docker", "ps", "-a", "-q", "--no-trunc", *_options(filters)])
    if ran.rc != 0:
        raise EngineError(f"docker: {ran.words}")
    folders = {str(programs.folder), str(Path(programs.folder).resolve())}
    return [
        container.id
        for container in inspect(programs, ran.out.split())
        if container.labels.get(_LABEL + "project.working_dir") in folders
    ]


def _options(filters: list[str]) -> list[str]:
    return [word for one in filters for word in ("--filter", one)]


def inspect(programs: Programs, ids: list[str]) -> list[Container]:
    """The containers by id; those that are gone meanwhile are left out.

    Raises:
        EngineError: the Docker engine does not answer.
    """
    if not ids:
        return []
    ran = programs.run(["docker", "inspect", "--type", "container", *ids])
    try:
        rows = json.loads(ran.out or "[]")
    except ValueError:
        rows = None
    if rows is None or (ran.rc != 0 and "no such" not in ran.err.lower()):
        raise EngineError(f"docker inspect: {ran.err.strip() or 'no answer'}")
    return [_container(row) for row in rows]


def _container(row: Mapping[str, Any]) -> Container:
    state = row.get("State") or {}
    config = row.get("Config") or {}
    return Container(
        id=row["Id"],
        status=state.get("Status", ""),
        restarts=row.get("RestartCount", 0),
        exit_code=state.get("ExitCode", 0),
        health=(state.get("Health") or {}).get("Status", "").replace("none", ""),
        image=config.get("Image", ""),
        labels=config.get("Labels") or {},
        mounts=tuple((m.get("Source", ""), m.get("Destination", "")) for m in row.get("Mounts") or ()),
        variables=tuple(config.get("Env") or ()),
    )


def last_lines(programs: Programs, container: str, count: int) -> list[str]:
    """The last lines of a container's log, both of its streams in the order of time."""
    ran = programs.run(["docker", "logs", "--timestamps", "--tail", str(count), container])
    return [line.partition(" ")[2] for line in sorted(ran.out.splitlines() + ran.err.splitlines())]
