# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation, a preflight and failing runs at the highest verbosity show no secret, old or new, wherever one looks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.support.microsoft_client import PASSWORD, Client
from tools.lab_process import running_lab
from tools.processes import descendants


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client that is set up, of its own lab."""
    with running_lab(tmp_path_factory.mktemp("lab"), "--tls", "--tenant", "empty") as lab:
        found = Client(lab, tmp_path_factory.mktemp("home"))
        found.start()
        found.good()
        yield found


def of_processes() -> set[str]:
    """Command lines and environments of all processes below this one."""
    seen = set()
    for process in descendants():
        for name in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                seen.add(Path(f"/proc/{process}/{name}").read_bytes().decode("utf-8", "replace"))
    return seen


def watched(client: Client, playbook: str, *arguments: str, fails: bool = False) -> None:
    """Run a playbook with -vvvv and a log, and look for all secrets that were there before and are there after it."""
    before = client.kept()["microsoft_client_secret"]
    log, seen = client.home / "ansible.log", set[str]()
    log.unlink(missing_ok=True)
    run = client.run(
        "-vvvv",
        "--diff",
        *arguments,
        playbook=playbook,
        environment={"ANSIBLE_LOG_PATH": str(log)},
        watch=lambda: seen.update(of_processes()),
    )
    assert (run.status != 0) is fails, run.output[-3000:]
    assert seen
    places = {"output": run.output, "log": log.read_text("utf-8"), "processes": "\n".join(seen)}
    secrets = {before, client.kept()["microsoft_client_secret"], client.microsoft.automation["client_secret"], PASSWORD}
    for secret in secrets:
        assert [name for name, text in places.items() if secret in text] == []
    # The automation's own secret and the vault password are in files of this test.
    of_the_app = secrets - {client.microsoft.automation["client_secret"], PASSWORD}
    for path in (path for path in client.home.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not [secret for secret in of_the_app if secret.encode() in content], path
    assert client.file.stat().st_mode & 0o777 == 0o600


def test_a_preflight(client: Client) -> None:
    watched(client, "playbooks/preflight.yml")


def test_a_rotation(client: Client) -> None:
    before = client.kept()["microsoft_client_secret"]
    watched(client, "playbooks/rotate_secret.yml")
    assert client.kept()["microsoft_client_secret"] != before


def test_a_run_whose_automation_is_refused(client: Client) -> None:
    refused = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}
    client.microsoft.fault("*/oauth2/v2.0/token", status=401, body=refused, times=0)
    try:
        watched(client, "site.yml", fails=True)
    finally:
        client.microsoft.control("faults", method="DELETE")


def test_a_run_whose_server_is_not_trusted(client: Client) -> None:
    watched(client, "site.yml", "-e", "microsoft_ca_path=/etc/ssl/certs/ca-certificates.crt", fails=True)
