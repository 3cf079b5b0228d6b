# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills ansible-playbook before the task begins whose name contains the text of KILL_BEFORE_TASK."""

from __future__ import annotations

import os
import signal
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: kill_before_task
type: aggregate
short_description: Kills the run before a task
description:
  - Sends SIGKILL to ansible-playbook itself, when the task that the variable KILL_BEFORE_TASK names is about to begin.
    For tests only.
author: PlaceOS Office 365 collection contributors (@placeos)
"""


class CallbackModule(CallbackBase):
    """The strategy announces a task before it hands it to a worker, so nothing of it is done, and all before it is."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kill_before_task"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """End as in a power cut."""
        if os.environ["KILL_BEFORE_TASK"] in task.get_name():
            os.kill(os.getpid(), signal.SIGKILL)
