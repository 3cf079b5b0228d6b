# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which driver files the build service of the lab can build."""

from __future__ import annotations

from .bookings import Bookings
from .calendar import Calendar
from .demo import DemoLogic
from .driver import Driver

CATALOGUE: dict[str, type[Driver]] = {
    "drivers/demo/logic.cr": DemoLogic,
    "drivers/demo/device.cr": DemoLogic,
    "drivers/microsoft/graph_api.cr": Calendar,
    "drivers/place/calendar.cr": Calendar,
    "drivers/place/bookings.cr": Bookings,
}


def compiler_output(driver_name: str, folder: str, file_name: str) -> str:
    """Return what the build service says about a file it cannot build."""
    return f"failed to compile {driver_name} from {folder}: compilation failed: Error: can't find file '{file_name}'"
