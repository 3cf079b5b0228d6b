# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loading, starting and calling modules (RE lib/orchestrator/{control,system}.rb, core/{system_proxy,request_proxy}.rb)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ...placeos.core.mailboxes import Mailboxes
from ..errors import Crash
from ..store import Row
from .classes import Shelf
from .driver import RubyError, no_method
from .manager import Manager

if TYPE_CHECKING:
    from ..state import State

PROTECTED = frozenset(
    "unsubscribe subscribe schedule systems system logger task wake_device on_load on_unload on_update connected disconnected"
    " received send defaults disconnect config get put post delete request clear_cookies use_middleware exec __send__"
    " public_send instance_eval instance_variable_get setting status inspect".split()
)
"""Names that calls may not use (request_proxy.rb:7-63, as far as somebody would try them)."""


class ModuleNotFound(Crash):
    """A module that cannot be loaded or is not loaded: nobody rescues it, so that it answers 500 (control.rb:215-276)."""


class Engine:
    """The modules of one node."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.shelf = Shelf(time.monotonic)
        self.loaded: dict[str, Manager] = {}
        self.mailboxes = Mailboxes()
        self.graph_tokens: set[str] = set()
        self.slow_systems: set[str] = set()

    # -- control.rb --

    def load(self, module_id: str) -> Manager:
        """Return the manager of a module, made now if need be (control.rb:154-203); one that should run is started."""
        known = self.loaded.get(module_id)
        if known is not None:
            return known
        row = self.state.tables.modules.get(module_id)
        if row is None or self.state.tables.edges.get(row["edge_id"]) is None:
            raise ModuleNotFound(f"unable to start module '{module_id}', not found")
        dependency = self.state.tables.dependencies.get(row["dependency_id"])
        kind = self.shelf.driver_of(dependency["class_name"]) if dependency is not None else None
        if dependency is None or kind is None:
            raise ModuleNotFound(f"unable to start module '{module_id}', not found")
        manager = self.loaded[module_id] = Manager(self.state, row, dependency["class_name"], kind)
        if row["running"]:
            try:
                manager.start_local()
            except RubyError:
                manager.running = False
        return manager

    def start(self, module_id: str, *, system_level: bool = False) -> bool:
        """Load and start a module (control.rb:215-245)."""
        manager = self.load(module_id)
        if system_level and manager.row["ignore_startstop"]:
            return True
        return manager.start()

    def stop(self, module_id: str, *, system_level: bool = False) -> None:
        """Stop a loaded module (control.rb:248-275)."""
        manager = self.loaded.get(module_id)
        if manager is None:
            raise ModuleNotFound(f"unable to stop module '{module_id}', might not be loaded")
        if not (system_level and manager.row["ignore_startstop"]):
            manager.stop()

    def forget(self, module_id: str) -> bool:
        """Stop and unload a module; False when it was not loaded (control.rb:280-294)."""
        manager = self.loaded.pop(module_id, None)
        if manager is not None:
            manager.stop()
        return manager is not None

    def update(self, module_id: str) -> None:
        """Unload and load anew, whether it was loaded or not (control.rb:299-318); failures are not told."""
        self.forget(module_id)
        try:
            self.load(module_id)
        except ModuleNotFound:
            return

    def reloaded(self, module_id: str) -> None:
        """Hand new settings to a module."""
        manager = self.loaded.get(module_id)
        if manager is not None:
            manager.reloaded()

    def expire_cache(self, system: Row) -> None:
        """Hand new settings of a system or its zones to its logic modules (control_system.rb:71-97)."""
        for row in self.state.find_all(self.state.tables.modules, system["modules"]):
            if row["control_system_id"]:
                self.reloaded(row["id"])

    # -- system.rb, system_proxy.rb --

    def index(self, system: Row) -> dict[str, list[Manager]]:
        """Return the loaded modules of a system by name; others are not part of it (system.rb:172-216)."""
        found: dict[str, list[Manager]] = {}
        for module_id in system["modules"]:
            manager = self.loaded.get(module_id)
            if manager is not None:
                found.setdefault(manager.name, []).append(manager)
        return found

    def module_of(self, system: Row, name: str, number: int) -> Manager | None:
        """Return a module by name and index from 1; 0 is the last one, as Ruby counts (system.rb:80-87)."""
        named = self.index(system).get(name, [])
        position = number - 1
        return named[position] if -len(named) <= position < len(named) else None

    def call(self, system_id: str, name: str, number: int, function: str, args: list[Any]) -> Any:
        """Call a function of a module in a system; raises RubyError (request_proxy.rb:76-143)."""
        system = self.state.tables.systems.get(system_id)
        if system is None:
            raise no_method("get")
        manager = self.module_of(system, name, number)
        if manager is None:
            raise RubyError(f"method '{function}' request failed as the module is not available at this time")
        if function in PROTECTED:
            raise RubyError(f"attempt to access module '{manager.module_id}' protected method '{function}'")
        if manager.instance is None:
            stopped = f"as the module '{manager.module_id}' is currently stopped"
            raise RubyError(f"method '{function}' request failed {stopped}")
        return manager.instance.call(function, args)
