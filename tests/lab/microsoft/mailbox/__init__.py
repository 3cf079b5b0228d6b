# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes through Graph: calendars, events, schedules, and sending mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..routing import Router


def register(router: Router) -> None:
    """Register the routes."""
    from . import calendars, schedule, writing

    for part in (calendars, schedule, writing):
        part.register(router)
