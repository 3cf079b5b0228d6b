# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs at the highest verbosity show no secret and no token, known or new, wherever one looks.

That is: output, log, results as other callbacks store them, cached facts, command lines and environments of all processes,
and the files that a run leaves.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from integration.support.microsoft_client import PASSWORD, Client
from integration.support.playbook import Run
from tools.lab_process import ROOT, running_lab
from tools.processes import descendants

PASSPHRASE = "worthless passphrase"
TOKEN = re.compile(r"eyJ(?:0eX|hbG)[\w-]+\.")
"""How a JSON Web Token begins: {"typ or {"alg."""
SECRET = re.compile(r"\w{3}8Q~[\w.~-]{30,}")
"""Any client secret of the lab, and of Entra."""
OF_ANSIBLE = re.compile(r"^.*done with _execute_module \(.*$", re.MULTILINE)
"""The line of Ansible's own debug output that shows the options of every module, whatever they are marked as."""


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


def secrets_of(client: Client) -> set[str]:
    """Those that the client has now."""
    app = client.kept().get("microsoft_client_secret", PASSWORD)
    return {client.microsoft.automation["client_secret"], PASSWORD, PASSPHRASE, app}


def traces(known: set[str], text: str) -> set[str]:
    """What a text tells of secrets: those that are known, and whatever looks like one."""
    found = {secret for secret in known if secret in text}
    found |= {match.group(0) for kind in (TOKEN, SECRET) for match in kind.finditer(text)}
    return found | ({"a private key"} if "PRIVATE KEY-----" in text else set())


@dataclass
class Watched:
    """A run, and all that could be seen of it. kept: what Ansible left of its modules, where it was told to."""

    run: Run
    kept: dict[Path, str]


def watched(client: Client, playbook: str, *arguments: str, fails: bool = False, **environment: str) -> Watched:
    """Run a playbook with -vvvv and everything that stores results, and prove that no secret is anywhere."""
    for left in ("junit", "tree", "facts", "retry", ".ansible/tmp"):
        shutil.rmtree(client.home / left, ignore_errors=True)
    for left in ("ansible.log", "output.txt"):
        (client.home / left).unlink(missing_ok=True)
    given = {path for path in client.home.rglob("*") if path.is_file()}
    before, seen, home = secrets_of(client), set[str](), str(client.home)
    run = client.run(
        "-vvvv",
        "--diff",
        *arguments,
        playbook=playbook,
        environment={
            "ANSIBLE_LOG_PATH": f"{home}/ansible.log",
            "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit,ansible.builtin.tree",
            "JUNIT_OUTPUT_DIR": f"{home}/junit",
            "ANSIBLE_CALLBACK_TREE_DIR": f"{home}/tree",
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": f"{home}/facts",
            "ANSIBLE_RETRY_FILES_ENABLED": "1",
            "ANSIBLE_RETRY_FILES_SAVE_PATH": f"{home}/retry",
            **environment,
        },
        watch=lambda: seen.update(of_processes()),
    )
    assert (run.status != 0) is fails, run.output[-3000:]
    assert seen
    assert list(client.home.glob("junit/*.xml"))
    assert list(client.home.glob("tree/*"))
    modules = client.home / ".ansible" / "tmp"
    files = {path: path.read_text("utf-8", "replace") for path in client.home.rglob("*") if path.is_file()}
    places = {
        "output": OF_ANSIBLE.sub("", run.output),
        "processes": "\n".join(seen),
        **{str(path): text for path, text in files.items() if path not in given and modules not in path.parents},
    }
    places.pop(f"{home}/output.txt")
    assert f"{home}/ansible.log" in places
    known = before | secrets_of(client)
    for name, text in places.items():
        assert (name, traces(known, text)) == (name, set())
    # Files that were there before hold what they held: the secrets of this test, and the app's encrypted.
    assert traces(known, client.file.read_text("utf-8")) == set()
    assert client.file.stat().st_mode & 0o777 == 0o600
    return Watched(run, {path: text for path, text in files.items() if modules in path.parents})


@pytest.fixture
def certificate(client: Client) -> Path:
    """The automation's certificate with an encrypted key."""
    pem = Path(client.microsoft.automation["certificate_path"]).read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    encrypted = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(PASSPHRASE.encode()),
    )
    target = client.home / "automation.pem"
    target.write_bytes(encrypted + pem[pem.index(b"-----BEGIN CERTIFICATE") :])
    return target


def test_a_preflight_with_powershell_a_certificate_and_kept_files(client: Client, certificate: Path) -> None:
    record = client.home / "pwsh.jsonl"
    variables = client.home / "certificate.yml"
    variables.write_text(
        f"microsoft_automation_client_secret: ''\nmicrosoft_automation_certificate_path: {certificate}\n"
        f"microsoft_automation_certificate_passphrase: {PASSPHRASE}\n"
        f"graph_access_transport: powershell\ngraph_access_pwsh: {ROOT}/tests/pwsh/fake_pwsh\n",
        "utf-8",
    )
    seen = watched(
        client,
        "playbooks/preflight.yml",
        "-e",
        f"@{variables}",
        ANSIBLE_KEEP_REMOTE_FILES="1",
        FAKE_PWSH_EXCHANGE=client.microsoft.url,
        FAKE_PWSH_CA=client.microsoft.ca_path,
        FAKE_PWSH_RECORD=str(record),
    )
    assert "AccessToken" in record.read_text("utf-8")
    # What Ansible keeps when it is told to are the modules with their options, in folders of their owner alone.
    known = secrets_of(client)
    holding = {path: found for path, text in seen.kept.items() if (found := traces(known, text))}
    assert {path.name.partition("_")[0] for path in holding} == {"AnsiballZ"}
    assert PASSPHRASE in set.union(*holding.values())
    assert {stat.S_IMODE(path.parent.stat().st_mode) for path in holding} == {0o700}
    assert not [path for path, found in holding.items() if any(TOKEN.match(text) for text in found)]


def test_a_rotation_with_the_debug_output_of_ansible(client: Client) -> None:
    before = client.kept()["microsoft_client_secret"]
    seen = watched(client, "playbooks/rotate_secret.yml", ANSIBLE_DEBUG="1", ANSIBLE_CALLBACK_RESULT_FORMAT="yaml")
    after = client.kept()["microsoft_client_secret"]
    assert after != before
    assert seen.kept == {}
    # What Ansible shows there are options: the new secret is one of those that it is given to, none of what makes it.
    lines = [line for line in OF_ANSIBLE.findall(seen.run.output) if after in line]
    assert lines
    assert not [line for line in lines if "placeos.office365.graph_app," in line]
    assert not TOKEN.search(seen.run.output)


def test_an_import_of_rooms(client: Client) -> None:
    variables = client.home / "import.yml"
    variables.write_text(
        "import_rooms_timezone: Australia/Sydney\nimport_rooms_file: host_vars/acme/rooms.yml\n", "utf-8"
    )
    seen = watched(client, "playbooks/import_rooms.yml", "-e", f"@{variables}", "--check")
    assert "syd-1.01@acme.example" in seen.run.output


PLAY = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: A secret for something else
      placeos.office365.graph_app:
        tenant: "{{ microsoft_tenant_id }}"
        client_id: "{{ microsoft_automation_client_id }}"
        client_secret: "{{ microsoft_automation_client_secret }}"
        login_url: "{{ microsoft_login_url }}"
        graph_url: "{{ microsoft_graph_url }}"
        ca_path: "{{ microsoft_ca_path }}"
        unique_name: something-else
        name: Something else
        secret: {}
      register: app
    - name: It is there
      ansible.builtin.assert:
        that: app.secret.value | length == 40
        quiet: true
"""


def test_a_secret_that_is_only_registered(client: Client) -> None:
    play = client.home / "play.yml"
    play.write_text(PLAY, "utf-8")
    seen = watched(client, str(play), ANSIBLE_DEBUG="1")
    # Nothing but what the task was given is in Ansible's own debug output either.
    automation = client.microsoft.automation["client_secret"]
    assert set(SECRET.findall(seen.run.output)) == {automation}


def test_a_run_whose_automation_is_refused(client: Client) -> None:
    refused = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}
    client.microsoft.fault("*/oauth2/v2.0/token", status=401, body=refused, times=0)
    try:
        watched(client, "site.yml", fails=True, ANSIBLE_DISPLAY_TRACEBACK="always")
    finally:
        client.microsoft.control("faults", method="DELETE")


def test_a_run_whose_server_is_not_trusted(client: Client) -> None:
    watched(client, "site.yml", "-e", "microsoft_ca_path=/etc/ssl/certs/ca-certificates.crt", fails=True)
