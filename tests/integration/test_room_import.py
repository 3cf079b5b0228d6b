# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook import_rooms.yml, as a user runs it: from a tenant to an inventory that site.yml can use."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.support.microsoft import Microsoft
from integration.support.playbook import DEMO, Run, run_playbook
from integration.support.server import Server

ZONES = '{"Sydney": "Australia/Sydney", "Melbourne": "Australia/Melbourne", "Unassigned": "Australia/Sydney"}'


@dataclass
class Client:
    """An inventory in a folder of its own, and the servers of the lab."""

    server: Server
    microsoft: Microsoft
    folder: Path
    home: Path
    host: str = "demo"

    @property
    def workplace(self) -> Path:
        return self.folder / "host_vars" / self.host / "workplace.yml"

    def play(self, *arguments: str, playbook: str = "playbooks/import_rooms.yml", **variables: Any) -> Run:
        """Run a playbook with this inventory against the lab."""
        given = {f"microsoft_{name}": value for name, value in self.microsoft.endpoints.items()}
        given |= {f"microsoft_{name}": value for name, value in self.microsoft.identity("placeos").items()}
        given |= {
            "microsoft_tenant_id": self.microsoft.tenant,
            "microsoft_ca_path": self.microsoft.ca_path,
            **variables,
        }
        file = self.home / "variables.yml"
        file.write_text(yaml.safe_dump(given), "utf-8")
        return run_playbook(
            self.server, self.home, "-e", f"@{file}", *arguments, inventory=self.folder, playbook=playbook
        )

    def rooms(self) -> list[dict[str, Any]]:
        """The rooms of the tree."""
        tree = yaml.safe_load(self.workplace.read_text("utf-8"))["workplace"]
        levels = [level for building in tree["buildings"] for level in building["levels"]]
        return [room for level in levels for room in level.get("rooms") or ()]


@pytest.fixture
def demo(server: Server, microsoft: Microsoft, tmp_path: Path) -> Client:
    """The demo's inventory, as its user has it."""
    shutil.copytree(DEMO, tmp_path / "inventory")
    return Client(server, microsoft, tmp_path / "inventory", tmp_path)


@pytest.fixture
def empty(server: Server, microsoft: Microsoft, tmp_path: Path) -> Client:
    """An inventory that has a host and nothing else."""
    (tmp_path / "inventory").mkdir()
    hosts = {"acme": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}}
    (tmp_path / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), "utf-8")
    return Client(server, microsoft, tmp_path / "inventory", tmp_path, "acme")


def good(run: Run) -> Run:
    assert run.status == 0, run.output[-3000:]
    return run


def test_an_import_into_the_demo_keeps_what_is_there_and_a_second_one_touches_nothing(demo: Client) -> None:
    before = demo.workplace.read_text("utf-8").splitlines()
    shown = good(demo.play("--check", "--diff"))
    assert shown.total("changed") == 1
    assert "+              email: syd-28.01@acme.example" in shown.output
    assert demo.workplace.read_text("utf-8").splitlines() == before

    good(demo.play(import_rooms_dry_run=True))
    assert demo.workplace.read_text("utf-8").splitlines() == before

    first = good(demo.play())
    assert "Rooms from Microsoft 365: 250" in first.output
    after = iter(demo.workplace.read_text("utf-8").splitlines())
    assert [line for line in before if line not in after] == []
    rows = (demo.folder / "host_vars/demo/rooms.csv").read_text("utf-8").lower()
    addresses = [room["email"].lower() for room in demo.rooms() if room.get("email")]
    assert len(addresses) == len(set(addresses))
    assert len(addresses) + rows.count("@") == 250
    kept = sorted(path.name for path in demo.workplace.parent.glob("*~"))
    assert [name.split(".")[0] for name in kept] == ["rooms", "workplace"]

    touched = demo.workplace.stat().st_mtime_ns
    second = good(demo.play())
    assert second.total("changed") == 0
    assert "nothing to write" in second.output
    assert demo.workplace.stat().st_mtime_ns == touched
    assert sorted(path.name for path in demo.workplace.parent.glob("*~")) == kept


def test_a_first_import_makes_an_inventory_that_site_yml_uses(empty: Client) -> None:
    rooms: list[dict[str, Any]] = [
        {
            "emailAddress": "a@acme.example",
            "displayName": "Focus",
            "building": "Sydney",
            "floorNumber": 1,
            "capacity": 4,
        },
        {"emailAddress": "b@acme.example", "displayName": "Focus", "building": "Sydney", "floorNumber": 2},
        {"emailAddress": "c@acme.example", "displayName": "{{ lookup('pipe', 'id') }}", "building": None},
    ]
    empty.microsoft.control("rooms", {"replace": True, "rooms": rooms})
    scope = {"mail": empty.microsoft.info["groups"]["rooms"], "members": [room["emailAddress"] for room in rooms]}
    empty.microsoft.control("groups", scope)
    shown = good(empty.play("--check"))
    assert "Rooms added: 3" in shown.output
    assert not empty.workplace.parent.exists()

    waiting = good(empty.play())
    assert '\\"fill in\\" is not a time zone' in waiting.output
    refused = empty.play(playbook="site.yml", placeos_api_key=empty.server.credentials["admin"])
    assert refused.status != 0
    assert "is not a time zone" in refused.output

    text = empty.workplace.read_text("utf-8").replace("fill in", "Australia/Sydney")
    empty.workplace.write_text(text, "utf-8")
    assert empty.workplace.stat().st_mode & 0o777 == 0o644
    run = good(empty.play(playbook="site.yml", placeos_api_key=empty.server.credentials["admin"]))
    assert sorted(empty.server.names("systems")) == [
        "Sydney - Level 1 Focus", "Sydney - Level 2 Focus", "Unassigned - {{ lookup('pipe', 'id') }}"
    ]  # fmt: skip
    assert "uid=" not in run.output


def test_rooms_can_go_to_a_rooms_file_and_time_zones_be_given(empty: Client) -> None:
    given = {
        "import_rooms_format": "csv",
        "import_rooms_timezones": yaml.safe_load(ZONES) | {"Singapore": "Asia/Singapore"},
    }
    run = good(empty.play(**given))
    assert "Faults" not in run.output
    rows = (empty.workplace.parent / "rooms.csv").read_text("utf-8").splitlines()
    assert len(rows) == 251
    assert empty.rooms() == []
    assert good(empty.play(**given)).total("changed") == 0


def test_the_automation_identity_reads_rooms_where_the_app_has_no_secret_yet(empty: Client) -> None:
    app = empty.microsoft.made_app(name="Rooms", permissions=["Place.Read.All"])
    run = empty.play(
        microsoft_client_secret="",
        microsoft_automation_client_id=app["client_id"],
        microsoft_automation_client_secret=app["client_secret"],
    )
    assert "Rooms from Microsoft 365: 250" in good(run).output
    assert app["client_secret"] not in run.output


def test_a_workplace_in_another_file_is_not_begun_twice(demo: Client) -> None:
    demo.workplace.rename(demo.workplace.with_name("estate.yml"))
    run = demo.play()
    assert run.status != 0
    assert "name its file with import_rooms_file" in run.output
    assert not demo.workplace.exists()
    good(demo.play(import_rooms_file="host_vars/demo/estate.yml"))
    assert not demo.workplace.exists()
