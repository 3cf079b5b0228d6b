# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport through PowerShell, with fake programs in its place: what it is given, and whatever it does."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    Command,
    ExchangeError,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.powershell import (
    PowerShell,
    Pwsh,
    child_environment,
)

SECRET = "fake-token-of-no-value"
LIST = Command("Get-ApplicationAccessPolicy")
ANSWERS: list[Any] = [[1], [{"rows": 7}], [{"rows": ["x"]}], {}]
GOOD = {"ok": True, "module_version": "3.9.2", "answers": [{"rows": [], "warnings": [], "error": None}]}


def shell(tmp_path: Path, body: str, timeout: float = 20) -> PowerShell:
    """A PowerShell whose program is these lines of Python."""
    program = tmp_path / "fake_pwsh"
    program.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{body}\n")
    program.chmod(0o755)
    connect = {"Organization": "acme.onmicrosoft.com", "AccessToken": SECRET, "ManagedIdentityAccountId": None}
    return PowerShell(Pwsh(str(program), str(tmp_path / "script.ps1"), timeout), lambda: connect)


def saying(tmp_path: Path, text: str, code: int = 0) -> PowerShell:
    return shell(tmp_path, f"sys.stdin.read(); sys.stdout.write({text!r}); sys.exit({code})")


def fault(powershell: PowerShell, *commands: Command) -> ExchangeError:
    with pytest.raises(ExchangeError) as caught:
        powershell.run(commands or (LIST,))
    assert SECRET not in str(caught.value)
    return caught.value


def test_everything_it_needs_goes_to_standard_input_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    seen = tmp_path / "seen.json"
    body = (
        f"text = sys.stdin.read()\nopen({str(seen)!r}, 'w').write(json.dumps([sys.argv[1:], dict(os.environ), text]))\n"
        f"print(json.dumps({GOOD!r}))"
    )
    (answer,) = shell(tmp_path, body).run([Command("Get-Recipient", {"Identity": "größe@acme.example"})])
    assert (list(answer.rows), answer.error) == ([], None)
    arguments, environment, text = json.loads(seen.read_text())
    assert arguments == ["-NoLogo", "-NoProfile", "-NonInteractive", "-File", str(tmp_path / "script.ps1")]
    assert SECRET not in json.dumps([arguments, environment])
    assert text.isascii()
    assert text.count("\n") == 1
    assert json.loads(text) == {
        "connect": {"Organization": "acme.onmicrosoft.com", "AccessToken": SECRET},
        "commands": [{"cmdlet": "Get-Recipient", "parameters": {"Identity": "größe@acme.example"}}],
        "stop_on_error": False,
    }


def test_the_environment_of_the_child_has_no_secrets_but_reaches_a_managed_identity() -> None:
    own = {"PATH": "/bin", "AZURE_CLIENT_SECRET": "x", "PLACEOS_API_KEY": "x", "My_Token": "x", "IDENTITY_HEADER": "h"}
    more = ("ANSIBLE_VAULT_PASSWORD_FILE", "SSHPASS", "DB_PASSWD", "AWS_ACCESS_KEY_ID", "SIGNING_PRIVATE_KEY")
    kept = child_environment({**own, **dict.fromkeys(more, "x")})
    assert {"PATH": "/bin", "IDENTITY_HEADER": "h"}.items() <= kept.items()
    assert "x" not in kept.values()
    assert kept["NO_COLOR"] == "1"


@pytest.mark.parametrize("before", [0, 560, 585])
@pytest.mark.parametrize("to", ["stdout", "stderr", "connect", "input"])
def test_what_it_was_given_is_not_shown_when_it_repeats_it_not_even_a_part(
    tmp_path: Path, to: str, before: int
) -> None:
    repeat = f"'x' * {before} + ' ' + json.loads(sys.stdin.read())['connect']['AccessToken']"
    if to in ("stdout", "stderr"):
        body = f"sys.{to}.write({repeat})"
    else:
        body = f"print(json.dumps({{'ok': False, 'stage': {to!r}, 'message': {repeat}}}))"
    said = str(fault(shell(tmp_path, body)))
    assert SECRET[:8] not in said


def test_rows_warnings_errors_and_what_was_skipped_are_told_apart(tmp_path: Path) -> None:
    error = {"message": "Ex1|A.B|object 'x' couldn't be found", "type": "T", "category": "NotSpecified"}
    answers: list[dict[str, Any]] = [
        {"rows": [{"Name": "a"}], "warnings": ["w"], "error": None, "skipped": False},
        {"rows": [], "warnings": [], "error": error},
        {"rows": [], "warnings": [], "error": "text"},
        {"skipped": True},
    ]
    powershell = saying(tmp_path, json.dumps({**GOOD, "answers": answers}))
    first, second, third, fourth = powershell.run([LIST] * 4, stop_on_error=True)
    assert (list(first.rows), list(first.warnings)) == ([{"Name": "a"}], ["w"])
    assert second.error is not None
    assert (second.error.kind, second.error.words) == ("not_found", "object 'x' couldn't be found")
    assert third.error is not None
    assert third.error.words == "text"
    assert fourth.skipped


def test_a_line_before_the_answer_does_no_harm(tmp_path: Path) -> None:
    (answer,) = saying(tmp_path, "WARNING: a new version is there\n" + json.dumps(GOOD) + "\n").run([LIST])
    assert answer.error is None


def test_a_missing_program_is_told_with_how_to_install_it(tmp_path: Path) -> None:
    powershell = PowerShell(Pwsh(str(tmp_path / "nothing"), "script.ps1"), dict)
    error = fault(powershell)
    assert error.kind == "module"
    assert "Install-Module ExchangeOnlineManagement" in str(error)
    assert "pwsh_path" in str(error)


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    program = tmp_path / "fake_pwsh"
    program.write_text("#!/nowhere/interpreter\n")
    program.chmod(0o755)
    assert "cannot be started" in str(fault(PowerShell(Pwsh(str(program), "s.ps1"), dict)))


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("module", "Install-Module"),
        ("connect", "Exchange.ManageAsApp"),
        ("input", "refused its input"),
        (None, "refused"),
    ],
)
def test_what_keeps_the_script_from_working_is_told_with_what_to_do(tmp_path: Path, stage: Any, said: str) -> None:
    document = {"ok": False, "stage": stage, "message": "because", "powershell_version": "7.4"}
    error = fault(saying(tmp_path, json.dumps(document)))
    assert said in str(error)
    assert "because (PowerShell 7.4)" in str(error)


@pytest.mark.parametrize(
    "text",
    ["", "garbage", '{"ok": tr', "[]", "null", '{"ok": true}', '{"ok": true, "answers": []}', '{"ok": "yes"}', "\0\0"]
    + [json.dumps({**GOOD, "answers": answers}) for answers in ANSWERS],
)
def test_any_other_output_is_a_clear_fault(tmp_path: Path, text: str) -> None:
    assert fault(saying(tmp_path, text)).kind == "malformed"


def test_an_exit_code_without_an_answer_comes_with_what_it_said(tmp_path: Path) -> None:
    error = fault(shell(tmp_path, "sys.stderr.write('out of memory'); sys.exit(134)"))
    assert "code 134" in str(error)
    assert "out of memory" in str(error)


def test_a_program_that_does_not_read_its_input_is_no_traceback(tmp_path: Path) -> None:
    error = fault(shell(tmp_path, "sys.exit(3)"), *[Command("Get-Recipient", {"Identity": "x" * 1000})] * 500)
    assert "code 3" in str(error)


def test_one_that_hangs_is_stopped_with_all_that_it_has_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    body = f"child = os.spawnlp(os.P_NOWAIT, 'sleep', 'sleep', '600')\nopen({str(pid)!r}, 'w').write(str(child))\ntime.sleep(600)"
    error = fault(shell(tmp_path, body, timeout=2))
    assert (error.kind, "pwsh_timeout" in error.hint) == ("timeout", True)
    assert ended(int(pid.read_text()))


def ended(pid: int) -> bool:
    """Is a process gone, or nothing but an entry that nobody has asked for?"""
    for _attempt in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        time.sleep(0.05)
    return False


def test_a_cmdlet_that_the_script_does_not_run_is_not_even_sent(tmp_path: Path) -> None:
    assert "not one of the cmdlets" in str(fault(saying(tmp_path, "{}"), Command("Remove-Mailbox", {"Identity": "x"})))


def test_nothing_to_do_starts_nothing(tmp_path: Path) -> None:
    assert PowerShell(Pwsh(str(tmp_path / "nothing"), "s"), dict).run([]) == []
