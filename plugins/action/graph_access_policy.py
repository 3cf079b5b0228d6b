# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the PowerShell script of graph_access_policy to the host on which the module runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

MODULE = "placeos.office365.graph_access_policy"
SCRIPT = Path(__file__).parents[1] / "plugin_utils" / "_microsoft" / "exchange_online.ps1"
"""Static: it is transferred as it is, and gets everything it needs to know on standard input."""


class ActionModule(ActionBase):
    """Transfers the script where PowerShell is the transport, runs the module, and removes the script again."""

    TRANSFERS_FILES = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task."""
        super().run(tmp, task_vars)
        arguments = {name: value for name, value in self._task.args.items() if not name.startswith("_")}
        if arguments.get("transport", "powershell") == "powershell":
            arguments["_script"] = self._transferred()
        try:
            result: dict[str, Any] = self._execute_module(
                module_name=MODULE, module_args=arguments, task_vars=task_vars
            )
        finally:
            self._forget()
        shown = result.get("invocation")
        if isinstance(shown, dict) and isinstance(shown.get("module_args"), dict):
            shown["module_args"].pop("_script", None)
        return result

    def _forget(self) -> None:
        """Remove what was transferred, as Ansible's own actions do."""
        self._remove_tmp_path(self._connection._shell.tmpdir)  # type: ignore[no-untyped-call] # noqa: SLF001

    def _transferred(self) -> str:
        """The path of the script on the host."""
        self._make_tmp_path()
        shell = self._connection._shell  # noqa: SLF001
        remote = shell.join_path(shell.tmpdir, SCRIPT.name)
        self._transfer_file(str(SCRIPT), remote)  # type: ignore[no-untyped-call]
        self._fixup_perms2((shell.tmpdir, remote))  # type: ignore[no-untyped-call]
        return str(remote)
