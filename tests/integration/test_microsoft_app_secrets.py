# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Client secrets: renewed in time, rotated step by step, stored in a vaulted file, and seen nowhere else."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from integration.support.app import WANTED, app_id, made, short_pauses
from integration.support.microsoft import Microsoft
from tools.lab_process import ROOT
from tools.processes import arguments_of_descendants

PASSWORD = "fake-vault-password"
PLAY = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - name: The application
      placeos.office365.graph_app: "{{ signed_in | combine(wanted) }}"
      register: app
    - name: What there is to see
      ansible.builtin.debug:
        var: app
"""


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    short_pauses(monkeypatch)


def secrets_of(microsoft: Microsoft, identifier: str) -> list[str]:
    return [secret["keyId"] for secret in microsoft.application(identifier)["passwordCredentials"]]


# -- without a file ----------------------------------------------------------------------------------------------------


def test_a_secret_is_renewed_before_it_ends_and_the_old_one_kept(microsoft: Microsoft) -> None:
    first = made(microsoft, secret={"days": 20, "renew_before_days": 10})
    key_id = first["secret"]["key_id"]
    assert made(microsoft, secret={"days": 20, "renew_before_days": 10, "key_id": key_id})["changed"] is False
    foreseen = microsoft.check("graph_app", **WANTED, secret={"key_id": key_id})
    (entry,) = foreseen["diff"]
    assert entry["before"]["key_id"] == key_id
    assert entry["after"]["key_id"] == "(new)"
    assert f"the one in use, {key_id}, ends on " in entry["after"]["reason"]
    second = made(microsoft, secret={"key_id": key_id})
    assert secrets_of(microsoft, app_id(first)) == [key_id, second["secret"]["key_id"]]
    in_use = {secret["key_id"]: secret["in_use"] for secret in second["secrets"]}
    assert in_use == {key_id: False, second["secret"]["key_id"]: True}


def test_without_a_key_id_a_secret_of_that_name_counts(microsoft: Microsoft) -> None:
    first = made(microsoft, secret={"name": "PlaceOS"})
    assert made(microsoft, secret={"name": "PlaceOS"})["changed"] is False
    assert made(microsoft, secret={"name": "Another"})["changed"] is True
    assert made(microsoft, secret={"name": "PlaceOS", "key_id": ""})["changed"] is True
    assert len(secrets_of(microsoft, app_id(first))) == 3


def test_a_rotation_step_by_step(microsoft: Microsoft) -> None:
    first = made(microsoft, secret={})
    old, identifier = first["secret"]["key_id"], app_id(first)
    refused = microsoft.run("graph_app", app_id=identifier, secret={"key_id": old}, remove_secrets=[old])
    assert "the secret in use" in refused["msg"]
    refused = microsoft.run("graph_app", app_id=identifier, remove_secrets=[old])
    assert "no other valid secret would be left" in refused["msg"]

    new = microsoft.good("graph_app", app_id=identifier, secret={"key_id": old, "renew": "always"})
    for secret in (first["secret"]["value"], new["secret"]["value"]):
        assert microsoft.token(client_id=identifier, client_secret=secret)
    used = {"key_id": new["secret"]["key_id"]}
    gone = microsoft.good("graph_app", app_id=identifier, secret=used, remove_secrets=[old])
    assert gone["changes"]["deleted"] == [f"secret PlaceOS (Ansible) {old}"]
    assert secrets_of(microsoft, identifier) == [used["key_id"]]
    again = microsoft.good("graph_app", app_id=identifier, secret=used, remove_secrets=[old])
    assert again["changed"] is False


def test_what_an_interrupted_run_left_is_reported_and_removed_by_its_id(microsoft: Microsoft) -> None:
    first = made(microsoft, secret={})
    second = made(microsoft, secret={"key_id": ""})
    orphan, used = first["secret"]["key_id"], {"key_id": second["secret"]["key_id"]}
    told = made(microsoft, secret=used)
    assert told["orphans"] == [orphan]
    assert any(orphan in warning for warning in told["warnings"])
    assert made(microsoft, secret={**used, "previous": [orphan]})["orphans"] == []
    assert made(microsoft, secret=used, remove_secrets=[orphan])["orphans"] == []
    assert secrets_of(microsoft, app_id(first)) == [used["key_id"]]


def test_secrets_that_all_ended_may_all_go(microsoft: Microsoft) -> None:
    app = microsoft.made_app(name="Old", days=-1)
    result = microsoft.good("graph_app", app_id=app["client_id"], remove_secrets=[app["key_id"]])
    assert result["changed"] is True


# -- with a file, through ansible-playbook -----------------------------------------------------------------------------


class Play:
    """Runs the one task as a user does, at the highest verbosity, and looks at everything it leaves."""

    def __init__(self, microsoft: Microsoft, home: Path) -> None:
        self.microsoft, self.home = microsoft, home
        self.file = home / "host_vars" / "acme" / "microsoft_app.yml"
        self.output = ""
        self.arguments: set[str] = set()
        (home / "play.yml").write_text(PLAY)
        (home / "password").write_text(PASSWORD)
        (home / "connection.json").write_text(json.dumps({"signed_in": microsoft.options}))

    def run(self, *extra: str, environment: dict[str, str] | None = None, **wanted: Any) -> dict[str, Any]:
        """Run it; returns the result of the task, or of its failure."""
        given = {**WANTED, "secret": {}, "secret_file": str(self.file), **wanted}
        (self.home / "wanted.json").write_text(json.dumps({"wanted": given}))
        env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
        env |= {"ANSIBLE_HOME": str(self.home / "ansible"), "ANSIBLE_REMOTE_TMP": str(self.home / "ansible" / "tmp")}
        env |= {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"), "ANSIBLE_NOCOLOR": "1", "HOME": str(self.home)}
        env |= {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json", "ANSIBLE_KEEP_REMOTE_FILES": "1", **(environment or {})}
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "play.yml", "-i", "localhost,", "-c", "local"]
        command += ["-e", "@connection.json", "-e", "@wanted.json", *extra]
        command += ["-e", f"ansible_python_interpreter={sys.executable}"]
        with (self.home / "output.txt").open("w+b") as output:
            process = subprocess.Popen(command, cwd=self.home, env=env, stdout=output, stderr=subprocess.STDOUT)
            while process.poll() is None:
                self.arguments.update(arguments_of_descendants())
            output.seek(0)
            self.output = output.read().decode("utf-8", "replace")
        return self._result(process.returncode)

    def _result(self, status: int) -> dict[str, Any]:
        start = self.output.rfind('"app": {' if status == 0 else "FAILED! => {")
        assert start >= 0, self.output[-3000:]
        text = self.output[self.output.index("{", start) :]
        found: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
        return found

    def variables(self) -> dict[str, Any]:
        """What the file holds."""
        vault = VaultLib([("default", VaultSecret(PASSWORD.encode()))])
        found: dict[str, Any] = yaml.safe_load(vault.decrypt(self.file.read_bytes()))
        return found

    def nowhere(self, value: str) -> None:
        """The value is in no output, no argument of a process, and no file."""
        assert len(value) == 40
        assert value not in self.output
        assert self.arguments
        assert not any(value in line for line in self.arguments)
        for path in self.home.rglob("*"):
            if path.is_file():
                assert value.encode() not in path.read_bytes(), path


@pytest.fixture
def play(microsoft: Microsoft, tmp_path: Path) -> Play:
    return Play(microsoft, tmp_path)


WITH_PASSWORD = ("--vault-password-file", "password")


def test_a_stored_secret_works_and_is_seen_nowhere_at_the_highest_verbosity(microsoft: Microsoft, play: Play) -> None:
    result = play.run(*WITH_PASSWORD, "-vvvv", "--diff")
    stored = play.variables()
    play.nowhere(stored["microsoft_client_secret"])
    # That of the application that signs in.
    assert microsoft.options["client_secret"] not in play.output
    assert not any(microsoft.options["client_secret"] in line for line in play.arguments)
    assert stat.S_IMODE(play.file.stat().st_mode) == 0o600
    assert result["secret"]["stored_in"] == str(play.file)
    assert "value" not in result["secret"]
    assert stored["microsoft_client_id"] == app_id(result)
    assert stored["microsoft_client_secret_key_id"] == result["secret"]["key_id"]
    assert microsoft.token(client_id=app_id(result), client_secret=stored["microsoft_client_secret"])


def test_not_even_a_debug_log_shows_the_new_secret(play: Play) -> None:
    # There Ansible shows what modules print.
    result = play.run(*WITH_PASSWORD, environment={"ANSIBLE_DEBUG": "1"})
    assert result["secret"]["key_id"] in play.output
    play.nowhere(play.variables()["microsoft_client_secret"])


def test_a_rotation_with_a_file_run_by_run(microsoft: Microsoft, play: Play) -> None:
    first = play.run(*WITH_PASSWORD)
    before = play.variables()
    assert play.run(*WITH_PASSWORD)["changed"] is False

    renewed = play.run(*WITH_PASSWORD, secret={"renew": "always"})
    after = play.variables()
    old = before["microsoft_client_secret_key_id"]
    assert after["microsoft_client_secret_previous"] == [old]
    assert after["microsoft_client_secret_key_id"] == renewed["secret"]["key_id"] != old

    removed = play.run(*WITH_PASSWORD, secret=None, remove_secrets=[old])
    assert removed["changes"]["deleted"] == [f"secret PlaceOS (Ansible) {old}"]
    assert play.variables()["microsoft_client_secret_previous"] == []
    assert secrets_of(microsoft, app_id(first)) == [after["microsoft_client_secret_key_id"]]
    assert microsoft.token(client_id=app_id(first), client_secret=after["microsoft_client_secret"])


def test_check_mode_leaves_tenant_and_disk_as_they_are(microsoft: Microsoft, play: Play) -> None:
    microsoft.control("read-only", {"enabled": True})
    try:
        result = play.run(*WITH_PASSWORD, "--check", "--diff")
        violations = microsoft.control("violations", method="GET")
    finally:
        microsoft.control("read-only", {"enabled": False})
    assert violations == []
    assert result["changed"] is True
    assert result["application"]["app_id"] is None
    assert not play.file.parent.exists()


def test_without_a_vault_password_nothing_is_made(microsoft: Microsoft, play: Play) -> None:
    mark = microsoft.mark()
    result = play.run()
    assert "has no vault password" in result["msg"]
    assert "--vault-password-file" in result["msg"]
    assert microsoft.since(mark) == []


def test_a_secret_that_was_made_and_not_stored_is_made_again_and_reported(microsoft: Microsoft, play: Play) -> None:
    # As a run leaves it that ends between the two.
    first = made(microsoft, secret={})
    result = play.run(*WITH_PASSWORD)
    assert result["changes"]["created"] == ["secret PlaceOS (Ansible)"]
    assert result["orphans"] == [first["secret"]["key_id"]]
    key_id = play.variables()["microsoft_client_secret_key_id"]
    assert secrets_of(microsoft, app_id(first)) == [first["secret"]["key_id"], key_id]
