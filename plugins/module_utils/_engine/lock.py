# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for an exclusive lock, which processes that a killed run has left may still hold."""

from __future__ import annotations

import fcntl
import time


def lock_within(descriptor: int, seconds: float, *, pause: float = 0.2) -> bool:
    """Lock an open file or folder; False where others held it all the time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(pause)
        else:
            return True
