# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VM that the other tests rest on is a real one, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tools.processes import descendants
from vm.bed.accounts import OPERATOR
from vm.bed.git_servers import GitHttps
from vm.bed.machine import Machine, running_machine
from vm.bed.project import Project
from vm.bed.repository import Repository


def log_in(machine: Machine, home: Path, command: str) -> subprocess.CompletedProcess[str]:
    key, known = home / "key", home / "known_hosts"
    key.touch(mode=0o600)
    key.write_text(machine.login.private_key)
    known.write_text(machine.login.known_hosts)
    options = ["-F", "/dev/null", "-o", f"UserKnownHostsFile={known}", "-i", str(key), "-p", str(machine.login.port)]
    target = f"{machine.login.user}@127.0.0.1"
    return subprocess.run(["ssh", *options, target, command], capture_output=True, text=True, check=False)


def test_the_operator_logs_in_over_ssh_and_becomes_root_with_sudo(machine: Machine, tmp_path: Path) -> None:
    assert log_in(machine, tmp_path, "id -un; cat /etc/sudoers").stdout == f"{OPERATOR}\n"
    assert log_in(machine, tmp_path, "sudo -n id -un && sudo -n cat /etc/shadow").returncode == 0


def test_the_operator_is_unknown_outside_the_vm(machine: Machine) -> None:
    assert f"\n{OPERATOR}:" in machine.run("cat", "/etc/passwd").stdout
    assert f"\n{OPERATOR}:" not in Path("/etc/passwd").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["list", "map"])
def test_the_clients_project_runs_and_is_read_from_inside_the_container(machine: Machine, port: int, form: str) -> None:
    project = Project(machine, port, "list" if form == "list" else "map")
    project.write()
    try:
        engine = project.up()
        assert engine.environment()["RAILS_ENV"] == "development"
        assert "in the image" in engine.application("public/auth/authority")
        assert "Listening" in engine.log()
    finally:
        project.down()


def test_the_fake_of_compose_v2_is_a_command_of_the_real_docker_client(machine: Machine, tmp_path: Path) -> None:
    version = "sudo -n -H docker compose version"
    assert "not a docker command" in log_in(machine, tmp_path, version).stderr
    machine.commands.add_compose_v2()
    machine.commands.remove("docker-compose")
    try:
        answer = log_in(machine, tmp_path, f"{version}; sudo -n -H docker-compose version")
        assert "v2.0.0-fake" in answer.stdout
        assert "fake_docker_compose_v2" in answer.stderr
        assert "docker-compose: command not found" in answer.stderr
    finally:
        machine.commands.restore()


def test_repositories_are_served_over_three_transports(
    machine: Machine, daemon_url: str, https_server: GitHttps
) -> None:
    repository = Repository(machine.state / "srv/git", "served")
    repository.create()
    commit = repository.release("v1.0.0")
    key = machine.state / "tmp/key"
    key.touch(mode=0o600)
    key.write_text(machine.git_login.private_key)
    machine.run("sh", "-c", "cat >/tmp/known_hosts", given=machine.git_login.known_hosts)
    ssh = "ssh -F /dev/null -o UserKnownHostsFile=/tmp/known_hosts -i /tmp/key"
    over_ssh = f"ssh://git@127.0.0.1:{machine.git_login.port}/srv/git"
    try:
        for url in (daemon_url, https_server.url, over_ssh):
            listing = machine.run("git", "-c", f"core.sshCommand={ssh}", "ls-remote", f"{url}/served.git", "main")
            assert listing.stdout.split()[0] == commit
        https_server.token = "a token"
        refused = machine.run("git", "ls-remote", f"{https_server.url}/served.git", check=False)
        assert refused.returncode
    finally:
        https_server.token = ""
        for name in ("key", "known_hosts"):
            (machine.state / "tmp" / name).unlink()


def test_a_call_is_held_at_a_gate_and_its_caller_can_be_killed(machine: Machine, tmp_path: Path) -> None:
    machine.commands.forget()
    with machine.commands.gate("git *--version*") as gate:
        call = "import subprocess; subprocess.run(['/usr/bin/git', '--version'])"
        enter = ["nsenter", "--target", str(machine.pid), "--mount", "--pid", "--wd=/", "--"]
        caller = subprocess.Popen([*enter, "python3", "-c", call, "the caller"], stdout=subprocess.DEVNULL)
        machine.kill_module(gate.wait(), "the caller")
        assert caller.wait(10)
    assert machine.commands.calls("git") == [["git", "--version"]]


def test_a_vm_leaves_nothing_behind_but_its_folder(machine: Machine, port: int, tmp_path: Path) -> None:
    mounts, processes = Path("/proc/self/mountinfo").read_text(), descendants()
    with running_machine(tmp_path / "another") as another:
        another.run("docker", "version")
        assert descendants() - processes
        assert Path("/proc/self/mountinfo").read_text() == mounts
        groups = [group for group in Path("/sys/fs/cgroup").glob(f"**/{another.cgroup}") if group.is_dir()]
    assert not descendants() - processes
    assert Path("/proc/self/mountinfo").read_text() == mounts
    assert not [group for group in groups if group.exists()]
    assert os.path.lexists(tmp_path / "another" / "docker")
