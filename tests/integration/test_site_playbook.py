# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml and verify.yml on the demo inventory, as a user runs them: idempotence, secrets, proof of the rooms."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from integration.support.objects import CALENDAR
from integration.support.playbook import Run, run_playbook
from integration.support.secrets import secrets_of_the_demo
from integration.support.server import API, Server
from tools.lab_process import running_lab
from tools.processes import arguments_of_descendants

BOOKABLE = 42


@dataclass
class Demo:
    """The demo workplace, built by one talkative run of site.yml that was watched."""

    server: Server
    home: Path
    first: Run
    log: str
    arguments: set[str]

    def run(self, *arguments: str, playbook: str = "site.yml") -> Run:
        """Run another playbook on it."""
        return run_playbook(self.server, self.home, *arguments, playbook=playbook)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run site.yml once with everything that could leak a secret switched on."""
    home = tmp_path_factory.mktemp("home")
    seen: set[str] = set()

    def watch() -> None:
        seen.update(arguments_of_descendants())

    with running_lab(tmp_path_factory.mktemp("demo-lab"), "--tls") as lab:
        server = Server(lab)
        server.options["ca_path"] = lab.info["ca_file"]
        log = {"ANSIBLE_LOG_PATH": str(home / "ansible.log")}
        first = run_playbook(server, home, "-vvvv", "--diff", environment=log, watch=watch)
        yield Demo(server, home, first, (home / "ansible.log").read_text("utf-8"), seen)


def test_one_run_builds_the_workplace_and_proves_its_rooms(demo: Demo) -> None:
    assert demo.first.status == 0, demo.first.output[-3000:]
    assert demo.first.total("changed") > 5
    assert len(demo.server.names("zones")) == 11
    assert len(demo.server.names("systems")) == 48
    assert demo.server.names("modules") == ["Bookings"] * BOOKABLE + ["Calendar"]
    assert all(demo.server.loaded(row["id"]) for row in demo.server.rows("modules"))


def test_no_secret_is_printed_logged_or_an_argument_of_any_process(demo: Demo) -> None:
    secrets = secrets_of_the_demo()
    assert len(secrets) >= 3
    assert "calendar_config" in demo.first.output, "the diff of the settings is what could leak"
    assert "placeos_settings" in demo.log
    assert any("ansible-playbook" in line for line in demo.arguments)
    assert any("AnsiballZ_placeos_settings" in line for line in demo.arguments)
    requests = Path(demo.server.lab.info["requests_log"]).read_text("utf-8")
    for secret in secrets:
        assert secret not in demo.first.output
        assert secret not in demo.log
        assert secret not in requests
        assert not [line for line in demo.arguments if secret in line]


def test_no_secret_is_left_in_a_temporary_file(demo: Demo) -> None:
    left = [Path(folder, name) for folder, _folders, names in os.walk(demo.home) for name in names]
    assert demo.home / "ansible.log" in left
    for secret in secrets_of_the_demo():
        assert [path for path in left if secret.encode() in path.read_bytes()] == []
    remote = demo.home / ".ansible" / "tmp"
    assert remote.is_dir(), "the modules' files were elsewhere"
    assert [path for path in left if path.is_relative_to(remote)] == []


def test_a_second_run_changes_nothing_with_few_reads(demo: Demo) -> None:
    mark = demo.server.mark()
    second = demo.run("--skip-tags", "verify")
    assert (second.status, second.total("changed")) == (0, 0), second.output[-3000:]
    counts = demo.server.counts(mark)
    assert counts["writes"] == 0
    assert counts["reads"] <= 15


def test_check_mode_of_an_unchanged_site_changes_and_writes_nothing(demo: Demo) -> None:
    demo.server.control("read-only", {"enabled": True})
    try:
        checked = demo.run("--check", "--diff")
        assert demo.server.control("violations", method="GET") == []
    finally:
        demo.server.control("read-only", {"enabled": False})
    assert (checked.status, checked.total("changed")) == (0, 0), checked.output[-3000:]


def module_of(server: Server, room: str) -> str:
    """The id of a room's booking module."""
    system = server.row("systems", room)["id"]
    (found,) = [row["id"] for row in server.rows("modules", control_system_id=system) if row["name"] == "Bookings"]
    return str(found)


def test_each_broken_room_is_one_line_with_its_cause_and_no_other_room_is_listed(demo: Demo) -> None:
    server = demo.server
    broken = {
        "Sydney - 24.01": "there is no such mailbox in Microsoft 365",
        "Sydney - 24.02": "the application may not read this mailbox",
        "Sydney - 24.03": "the module is switched off",
        "Sydney - 24.04": "the room has no module of this name",
    }
    server.control("mailboxes", {"email": "syd-24.01@acme.example", "state": "missing"})
    server.control("mailboxes", {"email": "syd-24.02@acme.example", "state": "denied"})
    assert server.api("POST", f"{API}/modules/{module_of(server, 'Sydney - 24.03')}/stop").ok
    assert server.api("DELETE", f"{API}/modules/{module_of(server, 'Sydney - 24.04')}").ok

    try:
        verified = demo.run(playbook="playbooks/verify.yml")
    finally:
        for email in ("syd-24.01@acme.example", "syd-24.02@acme.example"):
            server.control("mailboxes", {"email": email, "state": "ok"})
    assert verified.status != 0
    head, *lines = verified.failure()["msg"].splitlines()
    assert head.startswith(f"{len(broken)} of {BOOKABLE}")
    rooms = [line for line in lines if line.startswith("- ")]
    assert len(rooms) == len(broken)
    for (room, cause), line in zip(broken.items(), sorted(rooms), strict=True):
        assert line.startswith(f"- {room}")
        assert cause in line

    # The role that the lines name mends the rest.
    mended = demo.run("--tags", "booking_driver,verify")
    assert mended.status == 0, mended.output[-3000:]


def test_a_wrong_secret_is_the_cause_of_every_room(demo: Demo) -> None:
    wrong = {"calendar_config": {"client_secret": "wrong-secret"}}
    demo.server.good("settings", parent=CALENDAR["name"], encryption_level="admin", document=wrong)
    rooms = [row["name"] for row in demo.server.rows("systems") if row["bookable"]]
    # The task of the role verify, without the time that a playbook takes.
    verified = demo.server.run("exec", systems=rooms, module="Bookings_1", method="poll_events", status="bookings")
    lines = [line for line in verified["msg"].splitlines() if line.startswith("- ")]
    assert len(lines) == BOOKABLE
    assert all("Microsoft refuses the client secret" in line for line in lines)
    assert all(line.startswith(f"- {room}") for room, line in zip(rooms, lines, strict=True))
