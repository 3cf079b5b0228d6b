# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run: arguments, faults, the document on standard input, the document on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .connect import NotConnected, connect
from .script import NotTheScript, Script, read_script
from .session import Session

ARGUMENTS = ["-NoLogo", "-NoProfile", "-NonInteractive", "-File"]
USAGE = 64
SHELL, MODULE = "7.4", "3.9.2"


class Refused(Exception):
    """The script would have said that it cannot go on."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run, and return the exit status."""
    record: dict[str, Any] = {"argv": arguments, "environment": sorted(environment)}
    try:
        return run(arguments, environment, record)
    finally:
        note(environment, record)


def note(environment: Mapping[str, str], record: dict[str, Any]) -> None:
    """Append what a test may want to look at."""
    target = environment.get("FAKE_PWSH_RECORD")
    if target:
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


def run(arguments: list[str], environment: Mapping[str, str], record: dict[str, Any]) -> int:
    """Do what was asked."""
    try:
        if arguments[:-1] != ARGUMENTS:
            raise NotTheScript(f"the arguments are not {' '.join(ARGUMENTS)} SCRIPT")
        script = read_script(Path(arguments[-1]))
    except NotTheScript as problem:
        print(f"fake pwsh: {problem}", file=sys.stderr)
        return USAGE
    text = sys.stdin.read()
    fault = environment.get("FAKE_PWSH_FAULT", "")
    if fault.startswith("exit="):
        print("fake pwsh: told to fail", file=sys.stderr)
        return int(fault[5:])
    if fault == "garbage":
        print("A new PowerShell stable release is available: v9.9.9\nnot JSON {")
        return 0
    if fault == "hang":
        # A child of its own: whoever stops this process must stop that one too.
        with subprocess.Popen(["/bin/sleep", "600"]) as child:
            note(environment, {**record, "hangs": True, "child": child.pid})
            time.sleep(600)
    try:
        document = answered(script, text, environment, record)
    except Refused as problem:
        document = {"ok": False, "stage": problem.stage, "message": str(problem), "powershell_version": SHELL}
    line = json.dumps(document)
    if fault == "chatter":
        print("WARNING: Your organization uses an old version of something.")
    print(line[: len(line) // 2] if fault == "truncated" else line)
    return 0


def answered(script: Script, text: str, environment: Mapping[str, str], record: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a run that got as far as the script; raises Refused."""
    try:
        request = json.loads(text)
        commands, given = request["commands"], request["connect"]
        names = [str(command["cmdlet"]) for command in commands]
        stop_on_error = bool(request.get("stop_on_error"))
    except (KeyError, TypeError, ValueError):
        raise Refused("input", "standard input is not the JSON document that this script expects") from None
    if not isinstance(given, dict) or not {name.lower() for name in names} <= script.cmdlets:
        raise Refused("input", "standard input names no identity, or a cmdlet that this script does not run")
    record["cmdlets"] = names
    record["connect"] = sorted(given)
    record["exchange_environment"] = given.get("ExchangeEnvironmentName")
    session = opened(given, script, environment)
    answers: list[dict[str, Any]] = []
    failed = False
    for name, command in zip(names, commands, strict=True):
        if failed and stop_on_error:
            answers.append({"rows": [], "warnings": [], "error": None, "skipped": True})
            continue
        answer = session.run(name, command.get("parameters") or {})
        failed = failed or (name.lower() in script.writing and answer["error"] is not None)
        answers.append(answer)
    return {"ok": True, "module_version": MODULE, "answers": answers}


def opened(given: dict[str, Any], script: Script, environment: Mapping[str, str]) -> Session:
    """Return a session; raises Refused."""
    fault = environment.get("FAKE_PWSH_FAULT", "")
    if fault == "no-module":
        raise Refused("module", "the module ExchangeOnlineManagement is not installed")
    if fault == "old-module":
        raise Refused("module", "no installed version of ExchangeOnlineManagement suits this PowerShell: 2.0.5")
    if fault == "connect":
        raise Refused("connect", "One or more errors occurred. (Network is unreachable (outlook.office365.com:443))")
    try:
        return Session(connect(given, environment), script)
    except NotConnected as problem:
        raise Refused("connect", str(problem)) from None
