# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a simulated driver is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from ..store import Row
    from .manager import Manager

Params = list[tuple[str, str]]
"""Parameters as Ruby's Method#parameters gives them: req, opt or rest, and a name."""


class RubyError(Exception):
    """An exception in Ruby code; ``place`` is the first line of its backtrace."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place

    def text(self) -> str:
        """Message and backtrace, as calls answer them (RE systems_controller.rb:194-196)."""
        backtrace = (
            [self.place, "libuv/reactor.rb:1:in `schedule'"] if self.place else ["libuv/reactor.rb:1:in `schedule'"]
        )
        return "\n".join([self.message, *backtrace])


def no_method(name: str, receiver: str = "nil:NilClass") -> RubyError:
    """NoMethodError of Ruby before 3.4."""
    return RubyError(f"undefined method `{name}' for {receiver}")


@dataclass(frozen=True, slots=True)
class Function:
    """A public method and its parameters."""

    params: tuple[tuple[str, str], ...] = ()

    @property
    def required(self) -> int:
        """How many arguments there must be."""
        return sum(kind == "req" for kind, _name in self.params)

    @property
    def most(self) -> float:
        """How many there may be."""
        return float("inf") if any(kind == "rest" for kind, _name in self.params) else len(self.params)

    def describe(self) -> dict[str, Any]:
        """Return the entry of ``GET /systems/:id/funcs`` (systems_controller.rb:232-276)."""
        fixed = self.required == len(self.params)
        return {"arity": self.required if fixed else -self.required - 1, "params": [list(pair) for pair in self.params]}


def takes(*params: str) -> Function:
    """Return a function by its parameters: ``name``, ``name?`` (optional) or ``*name``."""
    kinds = {"*": "rest", "?": "opt"}
    return Function(
        tuple((kinds.get(p[0]) or kinds.get(p[-1]) or "req", p.strip("*?")) for p in params),
    )


class Driver:
    """An instance of a driver class. Subclasses name their functions and define them as ``do_<name>``."""

    functions: ClassVar[dict[str, Function]] = {}

    def __init__(self, manager: Manager) -> None:
        self.manager = manager

    @property
    def status(self) -> dict[str, Any]:
        """The status variables; they outlive the instance (RE module_manager.rb:15)."""
        return self.manager.status

    def setting(self, name: str) -> Any:
        """Return a setting, or None."""
        return self.manager.setting(name)

    @property
    def system(self) -> Row:
        """The system of a logic module."""
        return self.manager.system

    def on_load(self) -> None:
        """React to the start."""

    def on_update(self) -> None:
        """React to new settings."""

    def call(self, name: str, args: list[Any]) -> Any:
        """Run a public function; raises RubyError for what Ruby would raise."""
        described = self.functions.get(name)
        if described is None:
            shown = self.manager.class_name.removeprefix("::")
            raise no_method(name, f"#<{shown}:0x00007f1ab00c0de0>")
        if not described.required <= len(args) <= described.most:
            wanted = f"{described.required}+" if described.most == float("inf") else str(described.required)
            raise RubyError(f"wrong number of arguments (given {len(args)}, expected {wanted})")
        method: Callable[..., Any] = getattr(self, f"do_{name}")
        return method(*args)
