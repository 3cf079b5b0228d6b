# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of the collection inside this process: arguments in, result out."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from typing import Any

from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args

COLLECTION = "ansible_collections.placeos.office365"
Result = dict[str, Any]


def run_module(name: str, arguments: dict[str, Any], *, check: bool = False) -> Result:
    """Return what the module prints; ``failed`` is always set, ``diff`` always asked for."""
    module = importlib.import_module(f"{COLLECTION}.plugins.modules.placeos_{name}")
    # The list is global, and meant for a process that ends after one module.
    warnings._global_warnings.clear()
    printed = io.StringIO()
    given = {**arguments, "_ansible_check_mode": check, "_ansible_diff": True}
    with patch_module_args(given), contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        module.main()
    result: Result = json.loads(printed.getvalue())
    result.setdefault("failed", False)
    result["warnings"] = [_text(warning) for warning in result.get("warnings", [])]
    return result


def _text(warning: Any) -> str:
    return warning if isinstance(warning, str) else json.dumps(warning)
