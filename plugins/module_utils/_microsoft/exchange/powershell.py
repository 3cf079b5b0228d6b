# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange's cmdlets through Microsoft's PowerShell module: one process, one session, JSON in and JSON out.

The program is always the same static script; what it is to do and the secrets it needs go to its standard input.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import parsed
from ansible_collections.placeos.office365.plugins.module_utils._masking import Secrets
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    CMDLETS,
    Answer,
    Command,
    ExchangeError,
    checked_rows,
    checked_texts,
    cmdlet_error,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.connect_errors import connect_cause
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_access_policy

ARGUMENTS = ("-NoLogo", "-NoProfile", "-NonInteractive", "-File")
_INSTALL = "Install-Module ExchangeOnlineManagement -Scope CurrentUser"
NO_PROGRAM = (
    "PowerShell is not there. Install PowerShell 7.4 or later (https://aka.ms/powershell) on the host that runs this "
    f"task (the control node or execution environment), then in it: {_INSTALL} -RequiredVersion 3.9.2. "
    f"Or set {of_graph_access_policy('pwsh_path')}; or set {of_graph_access_policy('transport')} to admin_api, which needs "
    "neither."
)
_NO_MODULE = (
    f"Run in PowerShell, as the user of this task: {_INSTALL}. Version 3.10 and later need PowerShell 7.6, 3.5 to 3.9.2 "
    "need 7.4, 3.1 to 3.4 need 7.2; for an older PowerShell add -RequiredVersion 3.9.2 or 3.4.0."
)
# Not for a child: it gets what it needs on its standard input.
_SECRET_WORDS = (
    "SECRET", "PASSWORD", "PASSPHRASE", "PASSWD", "SSHPASS", "TOKEN", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL",
    "VAULT",
)  # fmt: skip
_SECRET_PARAMETERS = ("AccessToken", "CertificatePassword")
_SHOWN = 600


@dataclass(frozen=True)
class Pwsh:
    """How to start PowerShell. program: name or path; script: path of the shipped script; timeout in seconds."""

    program: str
    script: str
    timeout: float = 600.0


class PowerShell:
    """Runs cmdlets in one new session per call of run.

    connect: makes the parameters of Connect-ExchangeOnline when they are needed (a token is then as young as can be).
    """

    def __init__(self, pwsh: Pwsh, connect: Callable[[], Mapping[str, Any]]) -> None:
        self._pwsh = pwsh
        self._connect = connect

    def run(self, commands: Sequence[Command], *, stop_on_error: bool = False) -> list[Answer]:
        """Run all commands; see Exchange.run."""
        if not commands:
            return []
        unknown = sorted({command.name for command in commands} - CMDLETS)
        if unknown:
            raise ExchangeError(", ".join(unknown), "not one of the cmdlets that the script runs", "malformed")
        program = shutil.which(self._pwsh.program)
        if program is None:
            raise ExchangeError("", f"{self._pwsh.program} is not found", "module", NO_PROGRAM)
        connect = {name: value for name, value in self._connect().items() if value is not None}
        secrets = Secrets(str(connect[name]) for name in _SECRET_PARAMETERS if connect.get(name))
        request = {
            "connect": connect,
            "commands": [{"cmdlet": c.name, "parameters": dict(c.parameters)} for c in commands],
            "stop_on_error": stop_on_error,
        }
        # One line of ASCII: no code page and no splitting into lines can change it on the way.
        document = _document(*self._communicate(program, json.dumps(request) + "\n"), secrets)
        if document.get("ok") is not True:
            raise _refused(document, secrets)
        return _answers(commands, document.get("answers"))

    def _communicate(self, program: str, text: str) -> tuple[str, str, int]:
        """Standard output, standard error and exit code of one run."""
        try:
            process = subprocess.Popen(  # noqa: S603 - the arguments are the module's own
                [program, *ARGUMENTS, self._pwsh.script],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=child_environment(os.environ),
                start_new_session=True,
            )
        except OSError as error:
            raise ExchangeError("", f"{program} cannot be started: {error.strerror}", "module", NO_PROGRAM) from error
        try:
            out, err = process.communicate(text.encode(), timeout=self._pwsh.timeout)
        except subprocess.TimeoutExpired:
            _kill(process)
            hint = (
                "What it had done by then is found by the next run. A first connection that hangs is mostly a firewall or "
                "proxy between the host that runs this task and Microsoft (https_proxy, no_proxy). If Exchange is slow, "
                f"raise {of_graph_access_policy('pwsh_timeout')}."
            )
            words = f"PowerShell did not end within {self._pwsh.timeout:g} seconds and was stopped"
            raise ExchangeError("", words, "timeout", hint) from None
        except BaseException:
            _kill(process)
            raise
        return out.decode("utf-8", "replace"), err.decode("utf-8", "replace"), process.returncode


def child_environment(own: Mapping[str, str]) -> dict[str, str]:
    """The environment of PowerShell: ours without secrets, without colours, and without calls home."""
    kept = {
        name: value
        for name, value in own.items()
        # A managed identity is reached by a header of this name's value on App Service and Arc.
        if name == "IDENTITY_HEADER" or not any(word in name.upper() for word in _SECRET_WORDS)
    }
    return {**kept, "NO_COLOR": "1", "POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off"}


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End it and everything that it has started."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _document(out: str, err: str, code: int, secrets: Secrets) -> Mapping[str, Any]:
    """The JSON object that the script wrote: all of the output, or its last line where something else spoke before."""
    lines = [line for line in out.splitlines() if line.strip()]
    for text in (out, lines[-1] if lines else ""):
        try:
            document = parsed(text.encode())
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            return document
    said = _short(secrets.hide(err)) or _short(secrets.hide(out)) or "nothing"
    raise ExchangeError(
        "", f"PowerShell ended with code {code} and without the JSON answer of the script; it said: {said}",
        "malformed", "Run the task again with -vvv; start PowerShell by hand on that host to see whether it works.",
    )  # fmt: skip


def _refused(document: Mapping[str, Any], secrets: Secrets) -> ExchangeError:
    """What kept the script from running the cmdlets."""
    stage, words = document.get("stage"), document.get("message")
    shown = secrets.hide(words) if isinstance(words, str) and words.strip() else "no reason given"
    shell = document.get("powershell_version")
    version = f" (PowerShell {shell})" if isinstance(shell, str) and shell else ""
    if stage == "module":
        return ExchangeError("", f"PowerShell cannot use Exchange: {shown}{version}", "module", _NO_MODULE)
    if stage == "connect":
        kind, hint = connect_cause(shown)
        return ExchangeError("Connect-ExchangeOnline", f"{_short(shown)}{version}", kind, hint)
    return ExchangeError("", f"the PowerShell script refused its input: {shown}{version}", "malformed")


def _answers(commands: Sequence[Command], given: Any) -> list[Answer]:
    """One answer per command, each looked at."""
    if not isinstance(given, list) or len(given) != len(commands):
        count = len(given) if isinstance(given, list) else "no"
        raise ExchangeError("", f"PowerShell gave {count} answers to {len(commands)} commands", "malformed")
    return [_answer(command, item) for command, item in zip(commands, given, strict=True)]


def _answer(command: Command, item: Any) -> Answer:
    if not isinstance(item, Mapping):
        raise ExchangeError(str(command), "the answer is not an object", "malformed")
    if item.get("skipped") is True:
        return Answer(skipped=True)
    fault = item.get("error")
    error = None
    if fault is not None:
        said = fault if isinstance(fault, Mapping) else {"message": fault}
        texts = [str(said.get(name) or "") for name in ("message", "type", "category")]
        error = cmdlet_error(command, *texts)
    return Answer(checked_rows(item.get("rows"), str(command)), checked_texts(item.get("warnings")), error)


def _short(text: str) -> str:
    shown = " ".join(text.replace("\x00", "").split())
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "..."
