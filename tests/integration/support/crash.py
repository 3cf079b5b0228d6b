# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills a run right after its n-th request was answered, as a power cut would."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import requests.adapters


def killed_after(requests_answered: int, work: Callable[[], Any]) -> bool:
    """Do the work in a process of its own; False when it ended before so many requests were answered."""
    child = os.fork()
    if child == 0:
        try:
            _kill_after(requests_answered)
            work()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _kill_after(limit: int) -> None:
    """Wrap the one place where all requests are sent; only ever called in a process that is to die."""
    send = requests.adapters.HTTPAdapter.send
    lock = threading.Lock()
    answered = 0

    def counting(*args: Any, **kwargs: Any) -> Any:
        nonlocal answered
        answer = send(*args, **kwargs)
        with lock:
            answered += 1
            if answered >= limit:
                os.kill(os.getpid(), signal.SIGKILL)
        return answer

    requests.adapters.HTTPAdapter.send = counting  # type: ignore[method-assign]
