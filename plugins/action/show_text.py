# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints a text line by line as it is, where ansible.builtin.debug would print JSON with quotes, commas and escapes."""

from __future__ import annotations

from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

SPEC = {"text": {"type": "str", "required": True}}
FOR_PROGRAMS = ("json", "jsonl")
"""Callbacks whose output is read by programs, which find the text in the result."""


class ActionModule(ActionBase):
    """Displays the text, and returns it."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task; never changed, and the same in check mode."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _given, arguments = self.validate_argument_spec(argument_spec=SPEC)  # type: ignore[no-untyped-call]
        text = str(arguments["text"]).rstrip("\n")
        callback = str(constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK")).rpartition(".")[2]
        if not self._task.no_log and callback not in FOR_PROGRAMS:
            # At once, so that the texts of two hosts do not get mixed up; from a worker, it goes through the main process.
            # An empty line on either side sets it off from what Ansible itself says.
            Display().display(f"\n{text}\n\n")
        # It was shown: even with -v it is not to be seen a second time, as JSON.
        return {**result, "changed": False, "msg": text, "_ansible_verbose_override": True}
