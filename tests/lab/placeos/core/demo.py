# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two demo drivers of the recordings: three functions, three status variables, one setting."""

from __future__ import annotations

from typing import Any, ClassVar

from .driver import BOOL, STRING, Driver, Function, ModuleRaised


class DemoLogic(Driver):
    """``drivers/demo/logic.cr`` and, alike, ``drivers/demo/device.cr``."""

    functions: ClassVar[dict[str, Function]] = {
        "power": Function({"state": BOOL}),
        "echo": Function({"x": STRING}),
        "fail": Function(),
    }
    details: ClassVar[dict[str, Any]] = {
        "descriptive_name": "Demo",
        "generic_name": "Demo",
        "default_settings": '{"greeting":"none"}',
    }

    def on_update(self) -> None:
        """Show the greeting; power is off at first and survives new settings."""
        self.status["greeting"] = self.settings.get("greeting", "none")
        self.status.setdefault("power", False)
        self.status.setdefault("connected", True)

    def do_power(self, state: bool) -> bool:
        """Switch and return the new state."""
        self.status["power"] = state
        return state

    def do_echo(self, x: str) -> str:
        """Return the argument."""
        return x

    def do_fail(self) -> None:
        """Raise."""
        raise ModuleRaised("boom")
