# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client on PlaceOS v2 whose Microsoft 365 is managed, or checked: its inventory, its runs, what its platform holds."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from tools.lab_process import Lab

from .microsoft import Microsoft
from .playbook import Run, run_playbook
from .server import Server
from .site import room

GROUP, SERVICE, DIRECTOR = "placeos-rooms@acme.example", "placeos@acme.example", "director@acme.example"
ROOMS = ("syd-1.01@acme.example", "syd-1.02@acme.example")
PASSWORD = "worthless vault password"
CALLBACK_PLUGINS = Path(__file__).resolve().parent / "callback_plugins"


class Client:
    """The host acme in an inventory of its own; the lab behind it starts with an empty tenant."""

    def __init__(self, lab: Lab, home: Path) -> None:
        self.server, self.microsoft, self.home = Server(lab), Microsoft(lab), home
        self.server.options["ca_path"] = lab.info["ca_file"]
        self.inventory = home / "inventory"
        self.file = self.inventory / "host_vars" / "acme" / "microsoft_app.yml"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.vault = home / "vault_password"
        self.vault.write_text(PASSWORD, "utf-8")
        self.vault.chmod(0o600)

    def start(self, **variables: Any) -> None:
        """Back to an empty tenant with the client's mailboxes, an empty platform, and an inventory."""
        self.server.reset()
        self.microsoft.reset()
        self.file.unlink(missing_ok=True)
        for address in ROOMS:
            self.microsoft.control("rooms", {"mail": address})
        for address in (SERVICE, DIRECTOR):
            self.microsoft.control("users", {"mail": address})
        self.microsoft.control("groups", {"mail": GROUP, "members": [*ROOMS, SERVICE]})
        self.write({**self.managed(), **variables})

    def managed(self) -> dict[str, Any]:
        """The variables of a client whose Microsoft 365 is managed."""
        automation = self.microsoft.automation
        return {
            **self.common(),
            "client_manages_microsoft": True,
            "microsoft_automation_client_id": automation["client_id"],
            "microsoft_automation_client_secret": automation["client_secret"],
            "graph_access_groups": [GROUP],
            "graph_access_transport": "admin_api",
            "graph_access_denied_mailboxes": [DIRECTOR],
        }

    def common(self) -> dict[str, Any]:
        """What any client of this lab has."""
        levels = [{"name": "Level 1", "rooms": [room("1.01"), room("1.02")]}]
        building = {"name": "Sydney", "timezone": "Australia/Sydney", "levels": levels}
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "placeos_api_key": self.server.credentials["admin"],
            "placeos_index_lag": 0,
            "microsoft_tenant_id": self.microsoft.tenant,
            "microsoft_ca_path": self.microsoft.ca_path,
            **{f"microsoft_{name}": url for name, url in self.microsoft.endpoints.items()},
            "booking_driver_service_account": SERVICE,
            "graph_app_wait": 20,
            "graph_access_wait": 0,
            "workplace": {"name": "Acme", "buildings": [building]},
        }

    def write(self, variables: dict[str, Any]) -> None:
        """Write the inventory."""
        hosts = {"all": {"hosts": {"acme": variables}}}
        (self.inventory / "hosts.yml").write_text(yaml.safe_dump(hosts), "utf-8")

    # -- runs ------------------------------------------------------------------------------------------------------

    def run(self, *arguments: str, playbook: str = "site.yml", **more: Any) -> Run:
        """Run a playbook on this client."""
        given = ("--vault-password-file", str(self.vault), *arguments)
        return run_playbook(self.server, self.home, *given, inventory=self.inventory, playbook=playbook, **more)

    def good(self, *arguments: str, playbook: str = "site.yml", **more: Any) -> Run:
        """Run a playbook that must succeed."""
        run = self.run(*arguments, playbook=playbook, **more)
        assert run.status == 0, run.output[-4000:]
        return run

    def killed_before(self, task: str, playbook: str) -> None:
        """Run a playbook until this task is about to begin, and kill it there."""
        environment = {
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACK_PLUGINS),
            "ANSIBLE_CALLBACKS_ENABLED": "kill_before_task",
            "KILL_BEFORE_TASK": task,
        }
        run = self.run(playbook=playbook, environment=environment)
        assert run.status == -signal.SIGKILL, f"it never came to {task!r}:\n{run.output[-4000:]}"

    # -- what stands there -----------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        """What the vaulted file holds; nothing where there is none."""
        if not self.file.exists():
            return {}
        program = str(Path(sys.executable).parent / "ansible-vault")
        command = [program, "view", "--vault-password-file", str(self.vault), str(self.file)]
        answer = subprocess.run(command, cwd=self.home, check=True, capture_output=True, text=True)
        found: dict[str, Any] = yaml.safe_load(answer.stdout)
        return found

    def key_ids(self) -> list[str]:
        """The ids of the client secrets that Entra has for the app."""
        return [
            row["keyId"]
            for row in self.microsoft.application(self.kept()["microsoft_client_id"])["passwordCredentials"]
        ]

    def delivered(self) -> dict[str, str]:
        """The credentials that the platform's calendar driver has; nothing where it has none."""
        drivers = [row for row in self.server.rows("drivers") if row["name"] == "Microsoft Graph API"]
        for row in (setting for driver in drivers for setting in self.server.settings_of(driver["id"])):
            document = yaml.safe_load(row["settings_string"]) or {}
            if "calendar_config" in document:
                config: dict[str, str] = document["calendar_config"]
                return config
        return {}

    def platform_signs_in(self) -> bool:
        """Does Microsoft give the platform a token for the credentials that it has?"""
        held = self.delivered()
        identity = {"client_id": held["client_id"], "client_secret": held["client_secret"]}
        try:
            return bool(self.microsoft.token(**identity))
        except AssertionError:
            return False
