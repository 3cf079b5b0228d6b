# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container as it is seen from inside: its environment, its files, its log."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .image import APPLICATION

if TYPE_CHECKING:
    from .machine import Machine

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Container:
    """One container of the VM, by its full id."""

    machine: Machine
    id: str

    @classmethod
    def named(cls, machine: Machine, name: str) -> Container:
        """Find a container by its name."""
        return cls(machine, machine.run("docker", "inspect", "--format", "{{.Id}}", name).stdout.strip())

    def inspect(self) -> dict[str, Any]:
        """What docker says about it."""
        (found,) = json.loads(self.machine.run("docker", "inspect", self.id).stdout)
        document: dict[str, Any] = found
        return document

    @property
    def exists(self) -> bool:
        """Is it there, running or not?"""
        return self.machine.run("docker", "inspect", self.id, check=False).returncode == 0

    @property
    def started_at(self) -> str:
        """When its process was started; another time after a restart."""
        return str(self.inspect()["State"]["StartedAt"])

    def exec(self, *command: str) -> str:
        """Run a command inside it."""
        return self.machine.run("docker", "exec", self.id, *command).stdout

    def environment(self) -> dict[str, str]:
        """The environment that its first process was started with."""
        entries = self.exec("cat", "/proc/1/environ").split("\0")
        return dict(entry.split("=", 1) for entry in entries if entry)

    def application(self, name: str) -> str:
        """A file of the application, as the engine sees it."""
        return self.exec("cat", f"{APPLICATION}/{name}")

    def log(self) -> str:
        """All that it printed."""
        answer = self.machine.run("docker", "logs", self.id)
        return answer.stdout + answer.stderr

    def wait_well(self, url: str, within: float = 30.0) -> None:
        """Wait until it answers its health check."""
        deadline = time.monotonic() + within
        while not answers(url):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{url} does not answer\n{self.log()}")
            time.sleep(0.05)


def answers(url: str) -> str:
    """Return what a URL answers with status 200, or an empty text."""
    try:
        with DIRECT.open(url, timeout=5) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, OSError):
        return ""
