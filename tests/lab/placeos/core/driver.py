# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a simulated driver is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from ..state import State
    from ..store import Row

STRING = {"type": "string", "title": "String"}
BOOL = {"type": "boolean", "title": "Bool"}
INTEGER = {"type": "integer", "format": "Int64", "title": "Int64"}
OPTIONAL_STRING = {"anyOf": [{"type": "null"}, {"type": "string"}], "title": "(String | Nil)", "default": None}
OPTIONAL_INTEGER = {"anyOf": [{"type": "null"}, INTEGER], "title": "(Int64 | Nil)", "default": None}


class ExecError(Exception):
    """A call which failed: error code in the words of the server, HTTP status, message."""

    def __init__(self, code: str, status: int, message: str, backtrace: list[str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.backtrace = backtrace


class ModuleRaised(Exception):
    """Code of a driver raised; ``kind`` is the class of the exception there."""

    def __init__(self, message: str, kind: str = "Exception") -> None:
        super().__init__(f"{message} ({kind})")


@dataclass(frozen=True, slots=True)
class Function:
    """A public function: parameters in order with their JSON schema, and who may call it ("", support, administrator)."""

    params: dict[str, dict[str, Any]] = field(default_factory=dict)
    security: str = ""

    def describe(self) -> dict[str, Any]:
        """Return the entry of ``GET /systems/:id/functions/:slug``."""
        return {"arity": len(self.params), "params": self.params, "order": list(self.params)}

    def bind(self, args: list[Any]) -> dict[str, Any]:
        """Return arguments by name; a required one which is missing raises in the module."""
        values = dict(zip(self.params, args, strict=False))
        for name, schema in self.params.items():
            if name not in values:
                if "default" not in schema:
                    raise ModuleRaised(f'Missing hash key: "{name}"', "KeyError")
                values[name] = schema["default"]
        return values


class Driver:
    """A loaded module: its settings and its status variables. Subclasses name their functions and define them."""

    functions: ClassVar[dict[str, Function]] = {}
    details: ClassVar[dict[str, Any]] = {}
    """What ``GET /repositories/:id/details`` tells about the driver."""

    def __init__(self, state: State, module_id: str, settings: dict[str, Any]) -> None:
        self.state = state
        self.module_id = module_id
        self.settings = settings
        self.status: dict[str, Any] = {}
        self.on_update()

    @property
    def module(self) -> Row:
        """The current row of the module."""
        return self.state.tables.modules.rows[self.module_id]

    @property
    def system(self) -> Row | None:
        """The system of a logic module."""
        return self.state.tables.systems.get(self.module["control_system_id"])

    def on_update(self) -> None:
        """React to new settings."""

    def call(self, function: str, args: list[Any]) -> Any:
        """Run a public function and return its result."""
        method: Callable[..., Any] = getattr(self, f"do_{function}")
        return method(**self.functions[function].bind(args))
