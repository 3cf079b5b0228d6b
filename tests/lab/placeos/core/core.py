# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds drivers in the background and keeps the modules which run.

Nothing here happens by itself: builds and starts have a due time and are settled when somebody looks.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from ..ciphertext import decrypt
from .catalogue import CATALOGUE, compiler_output
from .driver import Driver, ExecError, Function, ModuleRaised
from .mailboxes import Mailboxes

if TYPE_CHECKING:
    from ..state import State
    from ..store import Row

NODE_ID = "01M82KA5TGMCBRP1YGFX1XH7GV"
NODE_URL = "http://core:3000"
START_SECONDS = 0.05
LOST_START_SECONDS = 1.0
"""With races, a start within this time after the module's creation is lost."""

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Build:
    """One compilation: of which file and commit, due when, and with which output if it failed."""

    file_name: str
    commit: str
    due: float
    failure: str | None


@dataclass(slots=True)
class Running:
    """A module which was told to run: loaded when due and built, never when the start was lost."""

    due: float
    lost: bool = False
    driver: Driver | None = None
    build: Build | None = None
    epoch: int = -1


class Core:
    """One core node."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.builds: dict[str, Build] = {}
        self.unsettled: set[str] = set()
        self.running: dict[str, Running] = {}
        self.loaded_once: dict[str, type[Driver]] = {}
        self.created: dict[str, float] = {}
        self.mailboxes = Mailboxes()
        self.settings_epoch = 0

    # -- drivers --

    def driver_saved(self, driver: Row) -> None:
        """Start a build when the driver is new or its file or commit changed."""
        build = self.builds.get(driver["id"])
        if build is None or (build.file_name, build.commit) != (driver["file_name"], driver["commit"]):
            self.build(driver)

    def build(self, driver: Row, *, at_once: bool = False) -> Build:
        """Queue a compilation, or carry it out at once."""
        file_name = driver["file_name"]
        failure = None
        if file_name not in CATALOGUE:
            repository = self.state.tables.repositories.get(driver["repository_id"])
            folder = repository["folder_name"] if repository else driver["repository_id"]
            failure = compiler_output(driver["name"], folder, file_name)
        due = time.monotonic() + (0 if at_once else self.state.options.compile_seconds)
        build = self.builds[driver["id"]] = Build(file_name, driver["commit"], due, failure)
        self.unsettled.add(driver["id"])
        return build

    def driver_removed(self, driver_id: str) -> None:
        """Forget a driver."""
        self.builds.pop(driver_id, None)
        self.unsettled.discard(driver_id)

    def settle(self) -> None:
        """Write the outcome of builds which are due into their drivers."""
        if not self.unsettled:
            return
        now = time.monotonic()
        for driver_id in [d for d in self.unsettled if self.builds[d].due <= now]:
            self.unsettled.discard(driver_id)
            driver = self.state.tables.drivers.get(driver_id)
            if driver is not None and driver["compilation_output"] != self.builds[driver_id].failure:
                row = type(driver)(driver, compilation_output=self.builds[driver_id].failure)
                self.state.tables.drivers.put(row)

    def compiled(self, driver_id: str) -> bool:
        """Tell whether the current commit of a driver is built."""
        build = self.builds.get(driver_id)
        return build is not None and build.failure is None and build.due <= time.monotonic()

    # -- modules --

    def module_created(self, module: Row) -> None:
        """Note when a module was made; one that was created running is started."""
        self.module_saved(module)
        self.created[module["id"]] = time.monotonic()

    def module_saved(self, module: Row) -> None:
        """Follow the ``running`` flag of a module."""
        module_id, now = module["id"], time.monotonic()
        if not module["running"]:
            self.running.pop(module_id, None)
        elif module_id not in self.running:
            age = now - self.created.get(module_id, 0.0)
            lost = self.state.options.races and 0 < age < LOST_START_SECONDS
            self.running[module_id] = Running(now + START_SECONDS, lost)

    def module_removed(self, module_id: str) -> None:
        """Forget a module."""
        self.running.pop(module_id, None)
        self.loaded_once.pop(module_id, None)
        self.created.pop(module_id, None)

    def load(self, module: Row) -> bool:
        """Load a running module now (again), with fresh settings; a lost start is made good."""
        run = self.running.get(module["id"])
        if run is not None:
            run.lost, run.due, run.epoch = False, 0.0, -1
        return run is not None and self.loaded(module) is not None

    def reload_driver(self, driver_id: str) -> None:
        """Load all running modules of a driver again."""
        for module in self.state.tables.modules.find("driver", driver_id):
            run = self.running.get(module["id"])
            if run is not None:
                self.running[module["id"]] = Running(0.0)

    def loaded(self, module: Row) -> Driver | None:
        """Return the running instance of a module, with current settings, or None.

        While a new commit is built the old instance goes on.
        """
        run = self.running.get(module["id"])
        if run is None or run.lost or run.due > time.monotonic():
            return None
        build = self.builds.get(module["driver_id"])
        if build is not None and build is not run.build and self.compiled(module["driver_id"]):
            kind = CATALOGUE[build.file_name]
            run.driver, run.build = kind(self.state, module["id"], self.settings_of(module)), build
            run.epoch = self.settings_epoch
            self.loaded_once[module["id"]] = kind
        elif run.driver is not None and run.epoch != self.settings_epoch:
            run.driver.settings = self.settings_of(module)
            run.driver.on_update()
            run.epoch = self.settings_epoch
        return run.driver

    def status(self, module: Row) -> dict[str, Any]:
        """Return the status variables of a module, none unless it is loaded."""
        driver = self.loaded(module)
        return driver.status if driver else {}

    def connected(self, module: Row) -> bool:
        """Return the live connection state shown instead of the stored one."""
        return not module["running"] or self.status(module).get("connected", True) is not False

    def metadata(self, module: Row) -> dict[str, Function] | None:
        """Return the functions of a module that was loaded at least once."""
        self.loaded(module)
        kind = self.loaded_once.get(module["id"])
        return kind.functions if kind else None

    def module_in_system(self, system_id: str, name: str, index: int) -> Row | None:
        """Return the module a slug such as ``Display_2`` means: the second module of that name, in system order."""
        system = self.state.tables.systems.get(system_id)
        modules = (self.state.tables.modules.get(module_id) for module_id in system["modules"]) if system else ()
        matching = [module for module in modules if module and resolved_name(module) == name]
        return matching[index - 1] if 0 < index <= len(matching) else None

    def execute(
        self,
        module: Row,
        function: str,
        args: list[Any],
        *,
        admin: bool = False,
        support: bool = False,
        trusted: bool = False,
        user_id: str = "",
    ) -> Any:
        """Call a function of a module and return its result; raises ExecError."""
        functions = self.metadata(module)
        if functions is None:
            raise ExecError("module not found", 404, "could not find module")
        described = functions.get(function)
        if described is None:
            raise ExecError("bad request", 400, f"could not find function {function}")
        allowed = {"": True, "support": support or admin, "administrator": admin}[described.security]
        if not allowed and not trusted:
            raise ExecError("access denied", 401, f"attempted to access privileged function {function}")
        driver = self.loaded(module)
        if driver is None:
            request = f"core/api/core/v1/command/{module['id']}/execute" + (f"?user_id={user_id}" if user_id else "")
            stopped = "" if module["running"] else ", it is stopped"
            reason = f"Could not locate module {module['id']}{stopped} (PlaceOS::Core::ModuleError)"
            raise ExecError("unexpected failure", 500, f"request to {request} failed with ERROR: {reason}")
        try:
            return driver.call(function, args)
        except ModuleRaised as problem:
            raise ExecError("request failed", 500, f"module raised: {problem}", ["frame"]) from problem

    def settings_of(self, module: Row) -> dict[str, Any]:
        """Return the merged settings of a module: driver, zones, system, module; later ones win."""
        from ..hierarchy import module_settings

        merged: dict[str, Any] = {}
        for row in module_settings(self.state, module):
            try:
                text = decrypt(row["settings_string"], row["parent_id"], row["encryption_level"])
                document = yaml.load(text, Loader=Loader)  # noqa: S506 - the safe loader, in C
            except (ValueError, yaml.YAMLError):
                continue
            if isinstance(document, dict):
                merged.update((str(key), value) for key, value in document.items())
        return merged


def resolved_name(module: Row) -> str:
    """Return the name a module goes by in its systems: the custom one, else the driver's."""
    return str(module["custom_name"] or module["name"])
