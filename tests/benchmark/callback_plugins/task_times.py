# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes how long each task of a playbook took, as JSON, to the file named by TASK_TIMES."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: task_times
type: aggregate
short_description: Writes how long each task took
description:
  - Writes a list of [task, seconds] to the file that the variable TASK_TIMES names. For the benchmark only.
author: PlaceOS Office 365 collection contributors (@placeos)
"""


class CallbackModule(CallbackBase):
    """A task lasts from its start to the last result of a host."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_times"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tasks: list[list[Any]] = []
        self._started = 0.0

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Start the clock."""
        self._started = time.perf_counter()
        self._tasks.append([task.name or task.action, 0.0])

    def _result(self, *_args: Any, **_kwargs: Any) -> None:
        self._tasks[-1][1] = time.perf_counter() - self._started

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_skipped = _result

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write all of them."""
        Path(os.environ["TASK_TIMES"]).write_text(json.dumps(self._tasks), encoding="utf-8")
