# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One client: its project on the VM, its inventory on the controller, and the roles that are run for it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .container import Container
from .playbook import PIPELINING, Controller, Run, Running
from .project import Project

COLLECTION = "placeos.office365"
TENANT = "11111111-2222-3333-4444-555555555555"
APPLICATION_ID = "66666666-7777-8888-9999-000000000000"
SECRET = "First~client.Secret_8Q"
VARIABLES: dict[str, Any] = {
    # The roles for the VM do not talk to the platform; nobody listens there.
    "placeos_url": "http://127.0.0.1:9",
    "placeos_platform": "acaengine",
    "placeos_client_id": "a client id",
    "placeos_username": "admin@acme.example",
    "placeos_password": "password of the platform",
    "microsoft_tenant_id": TENANT,
    "microsoft_client_id": APPLICATION_ID,
    "microsoft_client_secret": SECRET,
    "workplace": {"name": "Acme", "buildings": [{"name": "Sydney", "timezone": "Australia/Sydney", "levels": []}]},
    "client_manages_vm": True,
    "engine_environment_internal_domain": "acme.example",
    "engine_environment_health_timeout": 20,
}


def plays(*roles: str) -> list[dict[str, Any]]:
    """A playbook with these roles of the collection."""
    names = [{"role": f"{COLLECTION}.{role}"} for role in roles]
    return [{"name": "The VM", "hosts": "all", "gather_facts": False, "roles": names}]


class Client:
    """A client whose project is on the VM; `variables` are those of its inventory."""

    def __init__(self, project: Project, home: Path) -> None:
        self.project = project
        self.machine = project.machine
        self.controller = Controller(project.machine, home)
        self.variables: dict[str, Any] = {
            **VARIABLES,
            "engine_environment_directory": project.path,
            "engine_environment_health_url": project.health_url,
        }
        self.controller.variables = self.variables

    def run(self, *roles: str, arguments: tuple[str, ...] = (), quick: bool = True) -> Run:
        """Run roles; not `quick` is what Ansible does by default, modules are copied to the VM then."""
        return self.start(*roles, arguments=arguments, quick=quick).wait()

    def start(self, *roles: str, arguments: tuple[str, ...] = (), quick: bool = False) -> Running:
        """Start roles and return while they run."""
        return self.controller.start(plays(*roles), *arguments, environment=PIPELINING if quick else {})

    def playbook(self, path: str, *arguments: str) -> Run:
        """Run a playbook of the collection."""
        return self.controller.run(path, *arguments, environment=PIPELINING)

    def engine(self) -> Container:
        """The engine's container as it is now."""
        return self.project.engine()


class Creations:
    """Counts the containers that the VM's docker creates from now on."""

    def __init__(self, project: Project) -> None:
        self.machine = project.machine
        self.since = f"{time.time():.6f}"

    def names(self) -> list[str]:
        """Names of the containers created since, oldest first."""
        window = ["--since", self.since, "--until", f"{time.time():.6f}"]
        only = ["--filter", "type=container", "--filter", "event=create"]
        shown = ["--format", "{{.Actor.Attributes.name}}"]
        return self.machine.run("docker", "events", *window, *only, *shown).stdout.split()
