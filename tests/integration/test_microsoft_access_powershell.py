# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to mailboxes through PowerShell, whose place the lab's fake pwsh takes, and through the action plugin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from integration.support.microsoft_jobs import CONTROL, ROOM, ROOMS, SERVICE, STAFF
from tools.lab_process import ROOT

if TYPE_CHECKING:
    from integration.support.microsoft import Microsoft

MODULE = "graph_access_policy"
FAKE_PWSH = ROOT / "tests" / "pwsh" / "fake_pwsh"
SCRIPT = ROOT / "plugins" / "plugin_utils" / "_microsoft" / "exchange_online.ps1"
RunPwsh = Callable[..., dict[str, Any]]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Where the fake notes what it was given, one line per session."""
    return tmp_path / "record.jsonl"


@pytest.fixture
def environment(microsoft: Microsoft, record: Path) -> dict[str, str]:
    """What tells the fake where its Exchange is."""
    return {
        "FAKE_PWSH_EXCHANGE": microsoft.url,
        "FAKE_PWSH_CA": microsoft.ca_path,
        "FAKE_PWSH_RECORD": str(record),
        "FAKE_PWSH_PYTHON": sys.executable,
    }


@pytest.fixture
def run(microsoft: Microsoft, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> RunPwsh:
    """Run the module with the fake instead of PowerShell."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def start(check: bool = False, /, **more: Any) -> dict[str, Any]:
        return microsoft.run(MODULE, check, **options(microsoft, **more))

    return start


def options(microsoft: Microsoft, **more: Any) -> dict[str, Any]:
    return {
        "app_id": microsoft.info["client_id"],
        "app": {"client_secret": microsoft.info["client_secret"]},
        "kind": "access_policy",
        "access": [{"group": ROOMS}, {"group": STAFF}],
        "allowed_mailboxes": [ROOM, SERVICE],
        "denied_mailboxes": [CONTROL],
        "replication_deadline": 0,
        "pwsh_path": str(FAKE_PWSH),
        "_script": str(SCRIPT),
        **more,
    }


def sessions(record: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in record.read_text().splitlines()]


def changes(result: dict[str, Any]) -> dict[str, list[str]]:
    return {verb: labels for verb, labels in result["changes"].items() if labels}


def new_app(microsoft: Microsoft, *permissions: str) -> dict[str, Any]:
    made = microsoft.made_app(name="PlaceOS by roles", permissions=["User.Read.All", *permissions])
    return {"app_id": made["client_id"], "app": {"client_secret": made["client_secret"]}}


def test_an_unchanged_run_is_one_session_of_reads(run: RunPwsh, record: Path) -> None:
    result = run()
    assert not result["failed"], result["msg"]
    assert (result["changed"], result["proof"]["ok"]) == (False, True)
    (session,) = sessions(record)
    assert len(session["cmdlets"]) == 10
    assert all(name.startswith(("Get-", "Test-")) for name in session["cmdlets"])
    assert result["findings"] == []


@pytest.mark.parametrize(("kind", "permissions"), [("access_policy", ["Calendars.ReadWrite"]), ("rbac", [])])
def test_a_first_run_is_two_sessions_and_the_second_run_changes_nothing(
    run: RunPwsh, record: Path, microsoft: Microsoft, kind: str, permissions: list[str]
) -> None:
    app = new_app(microsoft, *permissions)
    planned = run(True, kind=kind, **app)
    assert len(sessions(record)) == 1
    result = run(kind=kind, **app)
    assert not result["failed"], result["msg"]
    assert changes(result) == changes(planned)
    assert len(sessions(record)) == 3
    again = run(kind=kind, **app)
    assert (again["changed"], len(sessions(record))) == (False, 4)
    assert again["access"] == result["access"]


def test_a_secret_and_a_pem_certificate_become_a_token_and_stay_out_of_sight(
    run: RunPwsh, record: Path, microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = microsoft.automation["client_secret"]
    monkeypatch.setenv("AZURE_CLIENT_SECRET", secret)
    results = [run(), run(**microsoft.certificate_identity())]
    assert not any(result["failed"] for result in results)
    for session in sessions(record):
        assert session["connect"] == ["AccessToken", "Organization"]
        assert "AZURE_CLIENT_SECRET" not in session["environment"]
    text = json.dumps(results) + record.read_text()
    for hidden in (secret, microsoft.info["client_secret"], "eyJ"):
        assert hidden not in text


def test_a_ready_token_for_exchange_is_used(run: RunPwsh, record: Path, microsoft: Microsoft) -> None:
    token = microsoft.token(scope="https://outlook.office365.com/.default")
    signed = {"client_id": None, "client_secret": None, "exchange_access_token": token}
    result = run(**signed, organization="acme.onmicrosoft.com")
    assert not result["failed"], result["msg"]
    assert token not in json.dumps(result)
    assert "Give organization" in run(**signed)["msg"]


def test_a_managed_identity_signs_in_by_itself(
    run: RunPwsh, record: Path, microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = microsoft.automation
    monkeypatch.setenv("FAKE_PWSH_MANAGED_IDENTITY", f"{who['client_id']}:{who['client_secret']}")
    given = {"client_id": None, "client_secret": None, "managed_identity": True}
    result = run(**given, organization="acme.onmicrosoft.com")
    assert not result["failed"], result["msg"]
    assert sessions(record)[0]["connect"] == ["ManagedIdentity", "Organization"]
    assert (
        "only where transport (in an inventory graph_access_transport) is powershell"
        in run(**given, transport="admin_api")["msg"]
    )


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("no-module", "Install-Module ExchangeOnlineManagement"),
        ("old-module", "2.0.5"),
        ("connect", "Network is unreachable"),
        ("garbage", "without the JSON answer"),
        ("truncated", "without the JSON answer"),
        ("exit=7", "code 7"),
    ],
)
def test_whatever_powershell_does_is_told_in_words(
    run: RunPwsh, monkeypatch: pytest.MonkeyPatch, fault: str, said: str
) -> None:
    monkeypatch.setenv("FAKE_PWSH_FAULT", fault)
    result = run()
    assert result["failed"]
    assert said in result["msg"]
    assert not result["changed"]


def test_chatter_before_the_answer_does_no_harm(run: RunPwsh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_PWSH_FAULT", "chatter")
    assert not run()["failed"]


def test_one_that_hangs_is_stopped(run: RunPwsh, record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_PWSH_FAULT", "hang")
    result = run(pwsh_timeout=3)
    assert "did not end within 3 seconds" in result["msg"]
    assert ended(sessions(record)[0]["child"])


def ended(pid: int) -> bool:
    """Is a process gone, or nothing but an entry that nobody has asked for?"""
    for _attempt in range(100):
        try:
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_without_powershell_it_is_told_how_to_get_it(run: RunPwsh) -> None:
    message = run(pwsh_path="pwsh-that-is-not-there")["msg"]
    assert "Install PowerShell 7.4 or later" in message
    assert "admin_api" in message


def test_without_the_action_plugin_there_is_no_script(run: RunPwsh) -> None:
    assert "call the module by its full name" in run(_script=None)["msg"]


def test_an_identity_without_rights_in_exchange_is_told_what_it_needs(run: RunPwsh, microsoft: Microsoft) -> None:
    result = run(**microsoft.identity("placeos"), organization="acme.onmicrosoft.com")
    assert result["failed"]
    assert "Exchange.ManageAsApp" in result["msg"]


# -- the action plugin -----------------------------------------------------------------------------------------------


def play(
    home: Path, environment: dict[str, str], arguments: dict[str, Any], *more: str
) -> subprocess.CompletedProcess[str]:
    """A playbook with this one task, verbosely."""
    task = {"name": "Limit", "placeos.office365.graph_access_policy": arguments, "register": "limited"}
    playbook = home / "play.yml"
    plays = [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]
    playbook.write_text(json.dumps(plays))
    playbook.chmod(0o600)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    env = {**kept, **environment, "HOME": str(home), "ANSIBLE_HOME": str(home / ".ansible"), "ANSIBLE_NOCOLOR": "1"}
    env |= {"ANSIBLE_REMOTE_TMP": str(home / "remote"), "PATH": f"{home / 'bin'}:{os.environ['PATH']}"}
    program = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-c", "local", "-vvvv"]
    program += ["-e", f"ansible_python_interpreter={sys.executable}"]
    return subprocess.run(
        [*program, *more, str(playbook)], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=240
    )


def test_the_action_plugin_brings_the_script_and_leaves_nothing_behind(
    tmp_path: Path, environment: dict[str, str], record: Path, microsoft: Microsoft
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pwsh").symlink_to(FAKE_PWSH)
    given = {**microsoft.options, **options(microsoft)}
    for name in ("pwsh_path", "_script"):
        del given[name]
    ran = play(tmp_path, environment, given)
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert "ok=1" in ran.stdout
    (session,) = sessions(record)
    assert session["argv"][-1].endswith("exchange_online.ps1")
    assert not Path(session["argv"][-1]).exists()
    assert list((tmp_path / "remote").rglob("*.ps1")) == []
    for secret in (microsoft.automation["client_secret"], microsoft.info["client_secret"], "eyJ"):
        assert secret not in ran.stdout + ran.stderr + record.read_text()


def test_the_action_plugin_transfers_nothing_for_the_other_transport(
    tmp_path: Path, environment: dict[str, str], record: Path, microsoft: Microsoft
) -> None:
    given = {**microsoft.options, **options(microsoft), "transport": "admin_api"}
    for name in ("pwsh_path", "_script"):
        del given[name]
    ran = play(tmp_path, environment, given, "--check")
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert "exchange_online.ps1" not in ran.stdout
    assert not record.exists()
