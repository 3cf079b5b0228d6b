# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of the collection inside this process: arguments in, result out."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from typing import Any
from unittest import mock

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

COLLECTION = "ansible_collections.placeos.office365"
Result = dict[str, Any]


def run_module(name: str, arguments: dict[str, Any], *, check: bool = False) -> Result:
    """Return what the module prints; ``failed`` is always set, ``diff`` always asked for.

    The names of the placeos modules go without their prefix.
    """
    full_name = name if name.startswith("graph_") else f"placeos_{name}"
    module = importlib.import_module(f"{COLLECTION}.plugins.modules.{full_name}")
    printed = io.StringIO()
    warnings: list[str] = []
    given = {**arguments, "_ansible_check_mode": check, "_ansible_diff": True}
    with (
        patch_module_args(given),
        # In a process that has also loaded parts of the controller, warnings would go to the terminal.
        mock.patch.object(AnsibleModule, "warn", lambda _self, warning, **_more: warnings.append(warning)),
        contextlib.redirect_stdout(printed),
        contextlib.suppress(SystemExit),
    ):
        module.main()
    result: Result = json.loads(printed.getvalue())
    return {"failed": False, **result, "warnings": warnings}
