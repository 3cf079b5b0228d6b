# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets of the demo client."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml
from tools.lab_process import ROOT

from .playbook import BY_HAND, DEMO


def secrets_of_the_demo() -> list[str]:
    """What its vault holds, and the client secret that it is run with here."""
    program = str(Path(sys.executable).parent / "ansible-vault")
    vault = str((DEMO / "host_vars" / "demo" / "vault.yml").relative_to(ROOT))
    answer = subprocess.run([program, "view", vault], cwd=ROOT, check=True, capture_output=True, text=True)
    kept = [value for value in yaml.safe_load(answer.stdout).values() if isinstance(value, str)]
    return [*kept, str(BY_HAND["microsoft_client_secret"])]
