# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""engine_checkout against real git servers that refuse, and killed (-9) on the VM while it fetches and checks out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vm.bed.git_servers import TOKEN_USER, GitHttps
from vm.bed.machine import Machine
from vm.bed.playbook import PIPELINING, Controller, Run
from vm.bed.repository import Repository
from vm.bed.search import files_with, shows

DIRECTORY = "/opt/checkout/o365-engine"
TOKEN = "token-OF-the.repository_77"


class Checkout:
    """Runs the module on the VM, in a folder of its own."""

    def __init__(self, machine: Machine, home: Path) -> None:
        self.machine = machine
        self.controller = Controller(machine, home)
        self.folder = machine.state / DIRECTORY.lstrip("/")
        self.folder.parent.mkdir(exist_ok=True)
        self.over_ssh = f"ssh://git@127.0.0.1:{machine.git_login.port}/srv/git/pinned.git"

    def plays(self, **options: Any) -> list[dict[str, Any]]:
        task = {"placeos.office365.engine_checkout": {"directory": DIRECTORY, "version": "v1.0.0", **options}}
        return [{"name": "The VM", "hosts": "all", "gather_facts": False, "become": True, "tasks": [task]}]

    def run(self, *arguments: str, **options: Any) -> Run:
        return self.controller.run(self.plays(**options), *arguments, environment=PIPELINING)

    def refused(self, words: list[str], **options: Any) -> None:
        """See it fail with these words, without the credentials, and without a release."""
        run = self.run("-vvv", **options)
        assert run.status, run.output
        said = run.failure()["msg"]
        assert not [word for word in words if word not in said], said
        assert not [name for name in ("token", "deploy_key") if name in options and shows(run.output, options[name])]
        assert not self.releases()
        assert not list((self.machine.state / "tmp").iterdir())

    def releases(self) -> list[str]:
        """Names of the releases, half ones too."""
        folder = self.folder / "releases"
        return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def checkout(machine: Machine, tmp_path: Path) -> Iterator[Checkout]:
    machine.commands.restore()
    yield Checkout(machine, tmp_path)
    # A killed module cannot remove what Ansible has unpacked for it.
    machine.run("sh", "-c", f"rm -rf {Path(DIRECTORY).parent} /tmp/ansible_*")
    machine.commands.restore()


@pytest.fixture(scope="module")
def commit(machine: Machine) -> str:
    repository = Repository(machine.state / "srv/git", "pinned")
    repository.create()
    return repository.release("v1.0.0")


def test_an_unknown_host_key_is_not_trusted_silently(checkout: Checkout, commit: str) -> None:
    key = checkout.machine.git_login.private_key
    checkout.refused(["known_hosts", "ssh-keyscan"], repository=checkout.over_ssh, deploy_key=key)


def test_another_host_key_than_the_known_one_is_refused(checkout: Checkout, commit: str) -> None:
    login = checkout.machine.git_login
    wrong = login.known_hosts.replace(login.host_key, checkout.machine.login.host_key)
    checkout.refused(["host key"], repository=checkout.over_ssh, deploy_key=login.private_key, known_hosts=wrong)


def test_a_key_that_the_server_does_not_know_is_said_so(checkout: Checkout, commit: str) -> None:
    machine = checkout.machine
    known = machine.git_login.known_hosts
    stranger = machine.login.private_key
    checkout.refused(
        ["deploy_key", "ermission denied"], repository=checkout.over_ssh, deploy_key=stranger, known_hosts=known
    )


def test_a_token_that_the_server_does_not_know_is_said_so(
    checkout: Checkout, commit: str, https_server: GitHttps
) -> None:
    https_server.token = TOKEN
    url = f"{https_server.url}/pinned.git"
    try:
        checkout.refused(["token"], repository=url, token="another-token_0123", token_user=TOKEN_USER)
        checkout.refused(["token"], repository=url)
    finally:
        https_server.token = ""


def test_without_git_on_the_vm_it_says_what_to_install(checkout: Checkout, commit: str, daemon_url: str) -> None:
    checkout.machine.commands.remove("git")
    checkout.refused(["git"], repository=f"{daemon_url}/pinned.git")


@pytest.mark.parametrize("transport", ["ssh", "https"])
@pytest.mark.parametrize("held", ["git *fetch *://*", "git *checkout *"])
def test_killed_on_the_way_it_leaves_no_half_release_and_no_credential_and_the_next_run_makes_it(
    checkout: Checkout, commit: str, https_server: GitHttps, held: str, transport: str
) -> None:
    machine = checkout.machine
    options = {"repository": f"{https_server.url}/pinned.git", "token": TOKEN, "token_user": TOKEN_USER}
    credential = TOKEN
    if transport == "ssh":
        credential = machine.git_login.private_key
        options = {
            "repository": checkout.over_ssh,
            "deploy_key": credential,
            "known_hosts": machine.git_login.known_hosts,
        }
    https_server.token = TOKEN
    try:
        with machine.commands.gate(held) as gate:
            running = checkout.controller.start(checkout.plays(**options), environment=PIPELINING)
            call = gate.wait()
            machine.kill_module(call)
            machine.run("kill", "-KILL", str(call))
        assert running.wait().status
        assert commit[:12] not in checkout.releases()
        assert files_with(credential, *(machine.state / place for place in ("opt", "home", "root", "tmp", "etc"))) == {}
        assert {entry.name.split("_")[0] for entry in (machine.state / "tmp").iterdir()} <= {"ansible"}
        run = checkout.run(**options)
    finally:
        https_server.token = ""
    assert run.status == 0, run.output
    assert checkout.releases() == [commit[:12]]
    head = machine.run("git", "-C", f"{DIRECTORY}/releases/{commit[:12]}", "rev-parse", "HEAD").stdout.strip()
    assert head == commit
    assert not [arguments for arguments in machine.processes().values() if arguments[0].endswith("ssh-agent")]
