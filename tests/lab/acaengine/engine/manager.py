# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loaded module (RE lib/orchestrator/core/module_manager.rb)."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from ..encryption import ESCAPE, CipherError, decode_setting
from ..errors import Crash, Invalid
from ..model import save
from ..models import module as modules
from ..store import Document, Row
from .driver import Driver, RubyError, no_method

if TYPE_CHECKING:
    from ..state import State

LOG = logging.getLogger("lab.acaengine.module")


class Manager:
    """Keeps the class, the status and, while it runs, the instance of one module."""

    def __init__(self, state: State, module: Row, class_name: str, kind: type[Driver]) -> None:
        self.state = state
        self.module_id: str = module["id"]
        self.class_name = class_name
        self.kind = kind
        self.running = False
        self.instance: Driver | None = None
        self.status: dict[str, Any] = {}

    @property
    def row(self) -> Row:
        """The document of the module."""
        row = self.state.tables.modules.get(self.module_id)
        if row is None:
            raise no_method("settings")
        return row

    @property
    def system(self) -> Row:
        """The system of a logic module."""
        found = self.state.tables.systems.get(self.row["control_system_id"])
        if found is None:
            raise no_method("config")
        return found

    @property
    def name(self) -> str:
        """The name in systems: the custom one, else the dependency's (RE system.rb:204-208)."""
        row = self.row
        dependency = self.state.tables.dependencies.get(row["dependency_id"])
        return str(row["custom_name"] or (dependency["module_name"] if dependency else ""))

    # -- running (module_manager.rb:79-168,383-398) --

    def start(self) -> bool:
        """Start; False when the instance cannot be made. What goes wrong in on_load is only logged."""
        try:
            self.start_local()
        except RubyError as problem:
            LOG.info("module failed to start: %s", problem.message)
            return False
        self._note(running=True)
        return True

    def start_local(self) -> None:
        """Make the instance, without touching the database."""
        self.running = True
        if self.instance is None:
            self.instance = self.kind(self)
            self._callback(self.instance.on_load)

    def stop(self) -> None:
        """Stop; the status stays."""
        self.running = False
        self.instance = None
        self._note(running=False)

    def reloaded(self) -> None:
        """Take new settings over, if there is an instance."""
        if self.instance is not None:
            self._callback(self.instance.on_update)

    def _callback(self, callback: Any) -> None:
        try:
            callback()
        except RubyError as problem:
            LOG.info("%s: error in a callback of module %s: %s", self.class_name, self.module_id, problem.message)

    def _note(self, *, running: bool) -> None:
        """Store the running flag (update_running_status); devices are never reached in the lab."""
        row = self.state.tables.modules.get(self.module_id)
        if row is None or row["running"] == running:
            return
        reached = row["role"] in (modules.SERVICE, modules.LOGIC) and running
        changed = Document(row, running=running, connected=reached, updated_at=int(time.time()))
        try:
            save(self.state, modules.MODEL, changed)
        except (Invalid, Crash) as problem:
            LOG.info("error updating running state of %s: %s", self.module_id, problem)

    # -- settings (module_manager.rb:248-299) --

    def setting(self, name: str) -> Any:
        """Return the first value that is not null.

        Module, then for logic modules the system and its zones in the order of the array, then the dependency.
        Ciphertext is opened with the id of where it was found.
        """
        for owner in self.lookup_path():
            value = owner["settings"].get(name)
            if value is None:
                continue
            if isinstance(value, str) and value.startswith(ESCAPE):
                try:
                    return decode_setting(owner["id"], name, value)
                except CipherError as problem:
                    raise RubyError(str(problem), "orchestrator/encryption.rb:79:in `final'") from None
            return value
        return None

    def lookup_path(self) -> list[Row]:
        """Return the documents in which a setting is looked for."""
        tables, row = self.state.tables, self.row
        path = [row]
        if row["control_system_id"]:
            system = self.system
            path += [system, *self.state.find_all(tables.zones, system["zones"])]
        dependency = tables.dependencies.get(row["dependency_id"])
        return path if dependency is None else [*path, dependency]

    def define_setting(self, name: str, value: Any) -> None:
        """Store a setting of the module itself (module_manager.rb:327-337)."""
        row = self.row
        save(self.state, modules.MODEL, Document(row, settings={**row["settings"], name: value}))
