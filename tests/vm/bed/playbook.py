# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook against the VM over ssh, as the operator who becomes root with sudo."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from tools.lab_process import ROOT
from tools.recap import plain, recaps, total

if TYPE_CHECKING:
    from .machine import Machine

# Modules come through the connection, so that they are no files on the VM.
PIPELINING = {"ANSIBLE_PIPELINING": "1"}
FAILED = re.compile(r"^fatal: \[.*?\]: FAILED! => ", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What one run printed, and how it ended."""

    status: int
    output: str

    @property
    def changed(self) -> int:
        """How many tasks changed something."""
        return total(recaps(self.output)[-1], "changed")

    def failure(self) -> dict[str, Any]:
        """The result of the first task that failed."""
        start = FAILED.search(self.output)
        assert start, self.output
        # One line, or many with -vvv.
        found: dict[str, Any] = json.JSONDecoder().raw_decode(self.output, start.end())[0]
        return found

    @property
    def text(self) -> str:
        """All that was printed, with line breaks inside results made real, for finding words."""
        return self.output.replace("\\n", "\n").replace('\\"', '"')


@dataclass
class Controller:
    """A folder with an inventory of one client, and the ansible-playbook that uses it."""

    machine: Machine
    home: Path
    variables: dict[str, Any] = field(default_factory=dict)
    host: str = "acme"

    def write_inventory(self) -> Path:
        """Write how to reach the VM, and the client's variables."""
        folder = self.home / "inventory"
        (folder / "host_vars").mkdir(parents=True, exist_ok=True)
        key = self.home / "operator_key"
        key.unlink(missing_ok=True)
        key.touch(mode=0o600)
        key.write_text(self.machine.login.private_key, encoding="utf-8")
        known_hosts = self.home / "known_hosts"
        known_hosts.write_text(self.machine.login.known_hosts, encoding="utf-8")
        reach = {
            "ansible_host": "127.0.0.1",
            "ansible_port": self.machine.login.port,
            "ansible_user": self.machine.login.user,
            "ansible_ssh_private_key_file": str(key),
            "ansible_ssh_common_args": f"-F /dev/null -o UserKnownHostsFile={known_hosts} -o StrictHostKeyChecking=yes",
            "ansible_python_interpreter": "/usr/bin/python3",
        }
        hosts = {"all": {"hosts": {self.host: reach}}}
        (folder / "hosts.yml").write_text(yaml.safe_dump(hosts), encoding="utf-8")
        variables = yaml.safe_dump(self.variables)
        (folder / "host_vars" / f"{self.host}.yml").write_text(variables, encoding="utf-8")
        return folder

    def start(self, playbook: str | list[dict[str, Any]], *arguments: str, environment: dict[str, str]) -> Running:
        """Start a playbook, given by its path in the repository or as plays."""
        if not isinstance(playbook, str):
            (self.home / "playbook.yml").write_text(yaml.safe_dump(playbook, sort_keys=False), encoding="utf-8")
            playbook = str(self.home / "playbook.yml")
        env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
        env |= {
            "HOME": str(self.home),
            "ANSIBLE_HOME": str(self.home / ".ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.home / "cp"),
            # No connection stays open behind the playbook for longer than a moment.
            "ANSIBLE_SSH_ARGS": "-C -o ControlMaster=auto -o ControlPersist=2s",
            **environment,
        }
        folder = self.write_inventory()
        command = [str(Path(sys.executable).parent / "ansible-playbook"), playbook, "-i", str(folder), *arguments]
        output = self.home / "output.txt"
        with output.open("wb") as stream:
            process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT
            )
        return Running(process, output)

    def run(
        self, playbook: str | list[dict[str, Any]], *arguments: str, environment: dict[str, str] | None = None
    ) -> Run:
        """Run a playbook to its end."""
        return self.start(playbook, *arguments, environment=environment or {}).wait()


@dataclass
class Running:
    """A playbook that runs."""

    process: subprocess.Popen[bytes]
    output: Path

    def wait(self, within: float = 600.0) -> Run:
        """Wait until it has ended."""
        try:
            self.process.wait(within)
        finally:
            if self.process.poll() is None:
                self.process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(10)
                self.process.kill()
                self.process.wait()
        return Run(self.process.returncode, plain(self.output.read_bytes().decode("utf-8", "replace")))
