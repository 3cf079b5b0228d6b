# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml and verify.yml on ACAEngine with the demo's workplace, as a user runs them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from integration.support.acaengine import API, PANEL, AcaServer
from integration.support.playbook import Run, run_playbook
from integration.support.secrets import secrets_of_the_demo
from tools.lab_process import ROOT, running_lab
from tools.processes import arguments_of_descendants

BOOKABLE = 42
ROOMS = 48
EXAMPLE = ROOT / "inventories" / "example_acaengine"


def changed_tasks(run: Run) -> list[str]:
    """The names of the tasks that changed something, in order."""
    tasks = re.split(r"^TASK \[", run.output, flags=re.MULTILINE)[1:]
    return [task.partition("]")[0] for task in tasks if re.search(r"^changed: ", task, re.MULTILINE)]


@dataclass
class Demo:
    """The demo workplace: foretold by check mode, then built by one talkative run that was watched."""

    server: AcaServer
    home: Path
    foretold: Run
    violations: list[object]
    first: Run
    log: str
    arguments: set[str]

    def run(self, *arguments: str, playbook: str = "site.yml") -> Run:
        """Run another playbook on it."""
        return run_playbook(self.server, self.home, *arguments, playbook=playbook)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Check mode on a server that refuses writes, then the first run with all that could leak a secret switched on."""
    home = tmp_path_factory.mktemp("home")
    seen: set[str] = set()

    def watch() -> None:
        seen.update(arguments_of_descendants())

    with running_lab(tmp_path_factory.mktemp("aca-lab"), "--tls") as lab:
        server = AcaServer(lab)
        server.options["ca_path"] = lab.info["ca_file"]
        server.control("read-only", {"enabled": True})
        foretold = run_playbook(server, home, "--check", "--diff")
        violations = server.control("violations", method="GET")
        server.control("read-only", {"enabled": False})
        log = {"ANSIBLE_LOG_PATH": str(home / "ansible.log")}
        first = run_playbook(server, home, "-vvvv", "--diff", environment=log, watch=watch)
        yield Demo(server, home, foretold, violations, first, (home / "ansible.log").read_text("utf-8"), seen)


def test_one_run_builds_the_workplace_and_proves_its_rooms(demo: Demo) -> None:
    assert demo.first.status == 0, demo.first.output[-3000:]
    assert len(demo.server.names("zones")) == 11
    assert len(demo.server.names("systems")) == ROOMS
    assert [row["class_name"] for row in demo.server.rows("dependencies")] == [PANEL]
    modules = demo.server.rows("modules")
    assert len(modules) == BOOKABLE
    assert all(demo.server.loaded(row["id"]) for row in modules)


def test_check_mode_writes_nothing_and_foretells_the_run(demo: Demo) -> None:
    assert demo.violations == []
    assert demo.foretold.status == 0, demo.foretold.output[-3000:]
    assert changed_tasks(demo.foretold) == changed_tasks(demo.first)
    assert demo.foretold.total("changed") == demo.first.total("changed") == 6


def test_what_acaengine_has_no_place_for_is_told(demo: Demo) -> None:
    assert "ACAEngine has no metadata" in demo.first.output
    assert "ACAEngine's staff API takes its credentials from the driver" in demo.first.output
    for option in ("timezone", "display_name", "code", "location"):
        assert f'"option": "{option}"' in demo.first.output


def test_no_secret_is_printed_logged_or_an_argument_of_any_process(demo: Demo) -> None:
    secrets = [*secrets_of_the_demo(), demo.server.password_grant["password"]]
    assert "msgraph_secret" in demo.first.output, "the diff of the settings is what could leak"
    assert "placeos_settings" in demo.log
    assert any("AnsiballZ_placeos_settings" in line for line in demo.arguments)
    requests = Path(demo.server.lab.info["requests_log"]).read_text("utf-8")
    for secret in secrets:
        for place in (demo.foretold.output, demo.first.output, demo.log, requests, *demo.arguments):
            assert secret not in place
    left = [path for path in demo.home.rglob("*") if path.is_file()]
    assert demo.home / "ansible.log" in left
    for secret in secrets:
        assert [path for path in left if secret.encode() in path.read_bytes()] == []


def test_a_second_run_changes_nothing_and_writes_nothing_but_sign_ins_and_calls(demo: Demo) -> None:
    mark = demo.server.mark()
    second = demo.run()
    assert (second.status, second.total("changed")) == (0, 0), second.output[-3000:]
    writes = [line for line in demo.server.since(mark) if not line.startswith("GET")]
    calls = [line for line in writes if line.endswith("/exec")]
    sign_ins = [line for line in writes if line == "POST /auth/oauth/token"]
    assert len(calls) == BOOKABLE
    assert len(sign_ins) == 8, "one for each task that asks the server"
    assert sorted(calls + sign_ins) == sorted(writes)
    reads = [line for line in demo.server.since(mark) if line.startswith("GET") and "/auth/authority" not in line]
    assert len(reads) <= 15, reads


def test_each_part_runs_alone(demo: Demo) -> None:
    server = demo.server
    built = server.everything()
    server.reset()
    mark = server.mark()
    for tag, changed in (("estate", 2), ("booking_driver", 3), ("domain", 1)):
        # Who says which platform it is, spares asking the server.
        run = demo.run("--tags", tag, "-e", "placeos_platform=acaengine")
        assert (run.status, run.total("changed")) == (0, changed), f"{tag}: {run.output[-3000:]}"
    assert server.everything() == built
    assert not [line for line in server.since(mark) if "/auth/authority" in line]


def test_each_broken_room_is_one_line_with_its_cause_and_no_other_room_is_listed(demo: Demo) -> None:
    server = demo.server
    broken = {
        "Sydney - 24.01": "check the e-mail address, the mailbox, and the application's right to read it",
        "Sydney - 24.02": "check the e-mail address, the mailbox, and the application's right to read it",
        "Sydney - 24.03": "the module is switched off",
        "Sydney - 24.04": "run the role booking_driver",
    }
    server.control("mailboxes", {"email": "syd-24.01@acme.example", "state": "missing"})
    server.control("mailboxes", {"email": "syd-24.02@acme.example", "state": "denied"})
    stopped, removed = (server.row("systems", f"Sydney - 24.0{number}")["modules"][0] for number in (3, 4))
    assert server.api("POST", f"{API}/modules/{stopped}/stop").ok
    assert server.api("DELETE", f"{API}/modules/{removed}").ok
    try:
        verified = demo.run(playbook="playbooks/verify.yml")
    finally:
        for email in ("syd-24.01@acme.example", "syd-24.02@acme.example"):
            server.control("mailboxes", {"email": email, "state": "ok"})
    assert verified.status != 0
    head, *lines = verified.failure()["msg"].splitlines()
    assert head == f"{len(broken)} of {BOOKABLE} did not answer as they should"
    assert len(lines) == len(broken), lines
    for (room, cause), line in zip(broken.items(), sorted(lines), strict=True):
        assert line.startswith(f"- {room} (syd-{room[-5:]}@acme.example): Bookings_1 fetch_bookings: ")
        assert cause in line

    # The role that the lines name mends the rest.
    mended = demo.run("--tags", "booking_driver,verify")
    assert mended.status == 0, mended.output[-3000:]
    assert changed_tasks(mended) == ["placeos.office365.booking_driver : Modules (booking logic in each bookable room)"]


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example inventory with its vault filled in, for a server that is not its VM."""
    folder = tmp_path / "acme"
    shutil.copytree(EXAMPLE, folder)
    variables = folder / "host_vars" / "acme"
    shutil.copy(variables / "vault.yml.example", variables / "vault.yml")
    return folder


def test_the_example_inventory_is_valid_and_builds_its_rooms(demo: Demo, example: Path, tmp_path: Path) -> None:
    demo.server.reset()
    here = {"client_manages_vm": False, "ansible_connection": "local"}
    arguments = ("-e", json.dumps(here), "-e", "ansible_python_interpreter={{ansible_playbook_python}}")
    first = run_playbook(demo.server, tmp_path, *arguments, inventory=example)
    assert first.status == 0, first.output[-3000:]
    wanted = yaml.safe_load((example / "host_vars" / "acme" / "workplace.yml").read_text("utf-8"))["workplace"]
    info = demo.server.info_of("Sydney")
    assert [level["map_url"] for level in info["levels"]] == [wanted["buildings"][0]["levels"][0]["map"]]
    assert [extra["extra_id"] for extra in info["extras"]] == ["video_conference", "presentation_screen"]
    assert demo.server.info_of("Acme")["buildings"][0]["orientations"] == {"landscape": 0}
    assert demo.server.drivers_of("Sydney - 27.01") == [PANEL]
    assert demo.server.drivers_of("Sydney - 27.02") == []


def test_the_example_inventory_says_what_its_vm_needs(demo: Demo, example: Path, tmp_path: Path) -> None:
    demo.server.reset()
    mark = demo.server.mark()
    faults = {"placeos_client_id": "", "engine_environment_directory": "relative"}
    refused = run_playbook(demo.server, tmp_path, "-e", json.dumps(faults), inventory=example)
    assert refused.status != 0
    assert "placeos_client_id" in refused.failure()["msg"]
    assert demo.server.since(mark) == []
