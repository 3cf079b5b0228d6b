# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook as a user does, from the repository's root, and reads what it prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.lab_process import ROOT
from tools.recap import plain, recaps, total

from .server import Server

DEMO = ROOT / "inventories" / "demo"
BY_HAND = {
    "client_manages_microsoft": False,
    "microsoft_tenant_id": "11111111-2222-3333-4444-555555555555",
    "microsoft_client_id": "66666666-7777-8888-9999-000000000000",
    "microsoft_client_secret": "demo-client-secret-of-no-value",
}
"""The demo client as one whose app others have made, where a test is about its platform alone: the lab knows neither this
tenant nor this app, and takes any secret of it."""
FAILED = re.compile(r"^fatal: \[.*?\]: FAILED! => (\{.*\})$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What one run printed, and how it ended."""

    status: int
    output: str

    def total(self, word: str) -> int:
        """Add up a count of the recap."""
        return total(recaps(self.output)[-1], word)

    def failure(self) -> dict[str, Any]:
        """The result of the one task that failed."""
        (found,) = FAILED.findall(self.output)
        result: dict[str, Any] = json.loads(found)
        return result


def run_playbook(
    server: Server,
    home: Path,
    *arguments: str,
    inventory: Path = DEMO,
    playbook: str = "site.yml",
    environment: dict[str, str] | None = None,
    watch: Callable[[], None] | None = None,
) -> Run:
    """Run a playbook against the lab; watch is called again and again while it runs."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    # Where modules are laid down is taken from the user's entry in the password file, not from HOME.
    folders = {"ANSIBLE_HOME": home / ".ansible", "ANSIBLE_REMOTE_TMP": home / ".ansible" / "tmp"}
    env |= {"HOME": str(home), "ANSIBLE_NOCOLOR": "1", **{name: str(folder) for name, folder in folders.items()}}
    env |= {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json", **(environment or {})}
    command = [str(Path(sys.executable).parent / "ansible-playbook"), playbook, "-i", str(inventory)]
    options = {"placeos_url": server.url, "placeos_ca_path": server.lab.info["ca_file"], **server.site_variables()}
    options |= BY_HAND if inventory == DEMO else {}
    # In a file, since these may be credentials; before the arguments, which may say otherwise.
    variables = server.lab.state / f"variables-of-{server.platform}.json"
    variables.write_text(json.dumps(options), "utf-8")
    command += ["-e", f"@{variables}", *arguments]
    with (home / "output.txt").open("w+b") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            while process.poll() is None:
                if watch:
                    watch()
                try:
                    process.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        output.seek(0)
        return Run(process.returncode, plain(output.read().decode("utf-8", "replace")))
