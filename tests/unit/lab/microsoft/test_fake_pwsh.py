# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake pwsh: it accepts the shipped script alone, and does with the lab what the script does with Exchange."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from lab.microsoft.seed_apps import AUTOMATION_ID, AUTOMATION_SECRET, PLACEOS_ID, PLACEOS_SECRET
from lab.microsoft.testing import APPS, Client, Running

ROOT = Path(__file__).resolve().parents[4]
PROGRAM = ROOT / "tests" / "pwsh" / "fake_pwsh"
SCRIPT = ROOT / "plugins" / "plugin_utils" / "_microsoft" / "exchange_online.ps1"
ARGUMENTS = ["-NoLogo", "-NoProfile", "-NonInteractive", "-File"]
SCOPE = "https://outlook.office365.com/.default"
ORGANIZATION = "acme.onmicrosoft.com"
ROOM = "syd-24.01@acme.example"

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="the shipped script is not there")


@dataclass
class Pwsh:
    """Starts the fake."""

    environment: dict[str, str]
    record: Path

    def start(
        self, document: Any, *, arguments: list[str] | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        given = document if isinstance(document, str) else json.dumps(document)
        return subprocess.run(
            [str(PROGRAM), *(arguments or [*ARGUMENTS, str(SCRIPT)])],
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**self.environment, **environment},
        )

    def __call__(self, connect: dict[str, Any], *commands: tuple[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
        environment = more.pop("environment", {})
        listed = [{"cmdlet": name, "parameters": parameters} for name, parameters in commands]
        done = self.start({"connect": connect, "commands": listed, "stop_on_error": False, **more}, **environment)
        assert (done.returncode, done.stderr) == (0, "")
        return dict(json.loads(done.stdout))

    @property
    def recorded(self) -> dict[str, Any]:
        return dict(json.loads(self.record.read_text("utf-8").splitlines()[-1]))


@pytest.fixture
def pwsh(ms: Client, tmp_path: Path) -> Pwsh:
    record = tmp_path / "record.jsonl"
    environment = {
        "PATH": "/usr/bin:/bin",
        "FAKE_PWSH_EXCHANGE": ms.url,
        "FAKE_PWSH_CA": str(ms.ca),
        "FAKE_PWSH_RECORD": str(record),
        "FAKE_PWSH_PYTHON": sys.executable,
    }
    return Pwsh(environment, record)


@pytest.fixture
def by_token(ms: Client) -> dict[str, str]:
    """Connect with an access token."""
    return {"Organization": ORGANIZATION, "AccessToken": ms.token_of(*APPS["automation"], scope=SCOPE)}


@pytest.fixture
def by_certificate(running_ms: Running, tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Return a function that makes the parameters for the automation's certificate in a PFX file."""

    def make(password: str = "", file_password: str | None = None) -> dict[str, str]:
        content = (running_ms.directory / "automation.pem").read_bytes()
        key = serialization.load_pem_private_key(content, None)
        encryption: Any = serialization.NoEncryption()
        if password:
            encryption = serialization.BestAvailableEncryption((file_password or password).encode())
        path = tmp_path / "automation.pfx"
        certificate = x509.load_pem_x509_certificate(content)
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"lab", key, certificate, None, encryption))  # type: ignore[arg-type]
        found = {"Organization": ORGANIZATION, "AppId": AUTOMATION_ID, "CertificateFilePath": str(path)}
        return {**found, "CertificatePassword": password} if password else found

    return make


def refused(document: dict[str, Any]) -> tuple[str, str]:
    assert document["ok"] is False
    return document["stage"], document["message"]


READ: tuple[str, dict[str, Any]] = ("Get-ApplicationAccessPolicy", {})


def test_it_answers_as_the_script_does(pwsh: Pwsh, by_token: dict[str, str]) -> None:
    document = pwsh(by_token, READ)
    (answer,) = document["answers"]
    assert (document["ok"], document["module_version"], answer["error"], answer["skipped"]) == (
        True,
        "3.9.2",
        None,
        False,
    )
    assert [row["Description"] for row in answer["rows"]] == ["PlaceOS: rooms", "PlaceOS: staff and service account"]
    assert "ShardType" not in answer["rows"][0], "the script shows listed properties only"


def test_pages_are_followed_and_values_are_plain(pwsh: Pwsh, by_token: dict[str, str]) -> None:
    order = {"Identity": "placeos-rooms@acme.example", "ResultSize": "Unlimited"}
    rows = pwsh(by_token, ("Get-DistributionGroupMember", order))["answers"][0]["rows"]
    assert len(rows) == 250
    assert {type(value) for row in rows for value in row.values()} <= {str, bool, list}
    assert not any("@" in name for row in rows for name in row)


def test_a_certificate_signs_in(pwsh: Pwsh, by_certificate: Callable[..., dict[str, str]]) -> None:
    assert pwsh(by_certificate(), READ)["ok"] is True
    assert pwsh(by_certificate("open sesame"), READ)["ok"] is True
    assert refused(pwsh(by_certificate("wrong", "right"), READ)) == (
        "connect",
        "The specified network password is not correct.",
    )


def test_a_managed_identity_is_that_of_the_machine(pwsh: Pwsh) -> None:
    connect = {"Organization": ORGANIZATION, "ManagedIdentity": True}
    assert refused(pwsh(connect, READ))[0] == "connect"
    environment = {"FAKE_PWSH_MANAGED_IDENTITY": f"{AUTOMATION_ID}:{AUTOMATION_SECRET}"}
    assert pwsh(connect, READ, environment=environment)["ok"] is True
    other = {**connect, "ManagedIdentityAccountId": PLACEOS_ID}
    assert refused(pwsh(other, READ, environment=environment))[0] == "connect"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"CertificateThumbprint": "AB12"}, "only supported on Windows"),
        ({"ClientSecret": "x"}, "A parameter cannot be found that matches parameter name 'ClientSecret'."),
        ({"AppId": "x"}, "Parameter set cannot be resolved"),
        ({"Organization": "acme.example"}, ".onmicrosoft.com"),
        ({"ExchangeEnvironmentName": "O365Mars"}, "ExchangeEnvironmentName"),
        ({"AccessToken": "nonsense"}, "UnAuthorized"),
    ],
)
def test_connecting_is_refused_as_on_linux(
    pwsh: Pwsh, by_token: dict[str, str], change: dict[str, str], words: str
) -> None:
    stage, message = refused(pwsh({**by_token, **change}, READ))
    assert (stage, words in message) == ("connect", True), message


def test_an_identity_without_a_directory_role_is_refused_in_the_known_words(pwsh: Pwsh, ms: Client) -> None:
    token = ms.token_of(PLACEOS_ID, PLACEOS_SECRET, SCOPE)
    stage, message = refused(pwsh({"Organization": ORGANIZATION, "AccessToken": token}, READ))
    assert stage == "connect"
    assert message.startswith(f"The role assigned to application {PLACEOS_ID} isn't supported in this scenario.")


def test_a_cmdlet_that_fails_says_so_and_the_next_one_is_run(pwsh: Pwsh, by_token: dict[str, str]) -> None:
    missing = ("Get-Recipient", {"Identity": "nobody@acme.example"})
    wrong = ("Get-Recipient", {"Nothing": 1})
    first, second, third = pwsh(by_token, missing, wrong, READ)["answers"]
    assert first["error"]["message"].startswith("Ex6F9304|Microsoft.Exchange.Configuration.Tasks.")
    assert (second["error"]["category"], second["rows"]) == ("InvalidArgument", [])
    assert third["error"] is None


def test_after_a_write_that_failed_the_rest_is_skipped_if_wanted(pwsh: Pwsh, by_token: dict[str, str]) -> None:
    bad = ("Remove-ApplicationAccessPolicy", {"Identity": "nothing"})
    missing = ("Get-Recipient", {"Identity": "nobody@acme.example"})
    answers = pwsh(by_token, missing, bad, READ, stop_on_error=True)["answers"]
    assert [answer["skipped"] for answer in answers] == [False, False, True]
    assert [answer["skipped"] for answer in pwsh(by_token, bad, READ)["answers"]] == [False, False]


def test_a_cmdlet_that_the_script_does_not_run_is_refused(pwsh: Pwsh, by_token: dict[str, str]) -> None:
    assert refused(pwsh(by_token, ("Remove-Mailbox", {"Identity": ROOM})))[0] == "input"


def test_what_is_no_request_is_refused_without_repeating_it(pwsh: Pwsh) -> None:
    done = pwsh.start("secret words, no JSON")
    stage, message = refused(json.loads(done.stdout))
    assert (stage, "secret" in message) == ("input", False)


@pytest.mark.parametrize(
    "arguments",
    [["-Command", "Get-Date"], ["-File", str(SCRIPT)], [*ARGUMENTS, str(SCRIPT), "more"], [*ARGUMENTS, "/nowhere.ps1"]],
)
def test_other_arguments_are_refused(pwsh: Pwsh, arguments: list[str]) -> None:
    done = pwsh.start({}, arguments=arguments)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith("fake pwsh: ")


def test_another_script_is_refused(pwsh: Pwsh, tmp_path: Path) -> None:
    other = tmp_path / "exchange_online.ps1"
    other.write_bytes(SCRIPT.read_bytes() + b"\n")
    done = pwsh.start({}, arguments=[*ARGUMENTS, str(other)])
    assert "is not the shipped exchange_online.ps1" in done.stderr


def test_a_copy_of_the_script_is_accepted(pwsh: Pwsh, by_token: dict[str, str], tmp_path: Path) -> None:
    copy = tmp_path / "ansible-tmp.ps1"
    copy.write_bytes(SCRIPT.read_bytes())
    done = pwsh.start({"connect": by_token, "commands": []}, arguments=[*ARGUMENTS, str(copy)])
    assert json.loads(done.stdout)["answers"] == []


def test_it_records_arguments_and_names_but_no_values(pwsh: Pwsh, by_token: dict[str, str]) -> None:
    pwsh({**by_token, "ExchangeEnvironmentName": "O365Default"}, READ)
    found = pwsh.recorded
    assert found["argv"] == [*ARGUMENTS, str(SCRIPT)]
    assert "FAKE_PWSH_CA" in found["environment"]
    assert (found["connect"], found["cmdlets"]) == (
        ["AccessToken", "ExchangeEnvironmentName", "Organization"],
        ["Get-ApplicationAccessPolicy"],
    )
    assert found["exchange_environment"] == "O365Default"
    assert by_token["AccessToken"] not in pwsh.record.read_text("utf-8")


@pytest.mark.parametrize(
    ("fault", "stage", "words"),
    [
        ("no-module", "module", "the module ExchangeOnlineManagement is not installed"),
        ("old-module", "module", "no installed version of ExchangeOnlineManagement suits this PowerShell: 2.0.5"),
        ("connect", "connect", "Network is unreachable"),
    ],
)
def test_faults_before_the_first_cmdlet(
    pwsh: Pwsh, by_token: dict[str, str], fault: str, stage: str, words: str
) -> None:
    found = refused(pwsh(by_token, READ, environment={"FAKE_PWSH_FAULT": fault}))
    assert (found[0], words in found[1]) == (stage, True)


@pytest.mark.parametrize(
    ("fault", "status", "lines"), [("garbage", 0, 2), ("chatter", 0, 2), ("truncated", 0, 1), ("exit=3", 3, 0)]
)
def test_faults_of_the_program(pwsh: Pwsh, by_token: dict[str, str], fault: str, status: int, lines: int) -> None:
    done = pwsh.start({"connect": by_token, "commands": []}, FAKE_PWSH_FAULT=fault)
    assert (done.returncode, len(done.stdout.splitlines())) == (status, lines)
    if fault in ("garbage", "truncated"):
        with pytest.raises(ValueError):
            json.loads(done.stdout.splitlines()[-1])


def test_when_it_hangs_it_has_a_child_of_its_own(pwsh: Pwsh, by_token: dict[str, str]) -> None:
    with subprocess.Popen(
        [str(PROGRAM), *ARGUMENTS, str(SCRIPT)],
        stdin=subprocess.PIPE,
        env={**pwsh.environment, "FAKE_PWSH_FAULT": "hang"},
        start_new_session=True,
    ) as process:
        assert process.stdin
        process.stdin.write(b"{}")
        process.stdin.close()
        while not pwsh.record.exists() or not pwsh.record.read_text("utf-8").endswith("\n"):
            assert process.poll() is None, "it ended"
            time.sleep(0.02)
        child = pwsh.recorded["child"]
        assert os.getpgid(child) == process.pid
        os.killpg(process.pid, signal.SIGKILL)
