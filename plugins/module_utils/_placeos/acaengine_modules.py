# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers of ACAEngine, there called dependencies, and the modules that are made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_rest import API, AcaResource
from ansible_collections.placeos.office365.plugins.module_utils._plan import Action, Desired, Pending, Row

DRIVERS_PER_READ = 10
"""Up to so many drivers, the modules of each are listed by themselves, instead of all modules of the server."""

_ROLES = ("ssh", "device", "service", "logic")
"""Roles of modules are numbers; dependencies have their names."""


class Drivers(AcaResource):
    """Drivers are called dependencies, and made from what the server has discovered on its disk."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._discovered: dict[str, dict[str, Any]] | None = None

    @property
    def path(self) -> str:
        return f"{API}/dependencies"

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        default = raw.get("default")
        if default not in (None, ""):
            row["default_uri" if raw.get("role") == "service" else "default_port"] = default
        return row

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        wire = super().encode(values)
        for name in ("default_uri", "default_port"):
            if name in wire:
                wire["default"] = wire.pop(name)
        return wire

    def create(self, values: dict[str, Any]) -> Row:
        # As the user interface does: a new driver starts with the settings that its class proposes.
        proposed = self.discovered().get(values["class_name"], {}).get("settings") or {}
        return self.decode(
            self.http.request("POST", self.path, body={**self.encode(values), "settings": proposed}).data
        )

    def discovered(self, *, again: bool = False) -> dict[str, dict[str, Any]]:
        """The driver classes that the server has found on its disk, by class name."""
        if self._discovered is None or again:
            found = self.pages(f"{API}/discovery", {})
            self._discovered = {str(raw.get("class_name")): raw for raw in found}
        return self._discovered

    def scan(self) -> None:
        """Make the server look for driver classes; it does so in the background."""
        self.http.request("POST", f"{API}/discovery/scan")


class Modules(AcaResource):
    """Modules need the edge of their system, and are put into its list by hand; the server starts them by request."""

    wire: ClassVar[Mapping[str, str]] = {"driver": "dependency_id", "system": "control_system_id"}

    def rows(self, desired: list[Desired] | None = None, **filters: Any) -> list[Row]:
        """The modules of the desired objects' drivers; all of them where a driver is not known."""
        drivers = {item.values.get("driver") for item in desired or ()}
        if not drivers or len(drivers) > DRIVERS_PER_READ or not all(isinstance(driver, str) for driver in drivers):
            return super().rows(desired, **filters)
        return [row for driver in sorted(map(str, drivers)) for row in super(Modules, self).rows(dependency_id=driver)]

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        role = raw.get("role")
        row["role"] = _ROLES[role] if isinstance(role, int) and 0 <= role < len(_ROLES) else role
        row["name"] = (raw.get("dependency") or {}).get("module_name") or ""
        return row

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        # Switched by requests of their own.
        return super().encode({name: value for name, value in values.items() if name != "running"})

    def create(self, values: dict[str, Any]) -> Row:
        edge = self._edge(values.get("system"))
        return self.decode(self.http.request("POST", self.path, body={**self.encode(values), "edge_id": edge}).data)

    def _edge(self, system_id: str | None) -> str:
        """The edge of the module's system; of most systems for a module that several share."""
        systems = self.platform.resource("system")
        if system_id:
            if system_id not in systems.edges:
                systems.read({"id": system_id})
            if system_id in systems.edges:
                return str(systems.edges[system_id])
            url = self.http.url(f"{systems.path}/{system_id}")
            raise HttpError("status", "GET", url, "the system is gone", 404)
        if not systems.edges:
            systems.rows()
        if systems.edges:
            return str(Counter(systems.edges.values()).most_common(1)[0][0])
        path = f"{API}/nodes"
        for node in self.pages(path, {}):
            return str(node["id"])
        raise HttpError("content", "GET", self.http.url(path), "the server has no edge node to run modules on")

    def find(self, desired: Desired) -> Row | None:
        """By the list of its system, else by that of its driver, which lags: a new module is in no system's list yet."""
        return self.find_in_system(desired) or super().find(desired)

    def find_in_system(self, desired: Desired) -> Row | None:
        """A logic module in the list of its system: that look-up is strongly consistent."""
        system = desired.values.get("system")
        if not system or isinstance(system, Pending):
            return None
        try:
            answer = self.http.get(self.path, {"system_id": system}).data
        except HttpError as error:
            if error.status == 404:
                return None
            raise
        key = self.kind.key(self.kind.identities[-1], desired.values)
        rows = [self.decode(raw) for raw in self.results(answer, self.path)]
        return next((row for row in rows if self.kind.key(self.kind.identities[-1], row) == key), None)

    def lane(self, action: Action) -> Hashable | None:
        # Two modules of one system are put into its list, which has a version, one after another.
        values = action.desired.values if action.desired else action.row
        return values.get("system") or super().lane(action)

    def start(self, module_id: str) -> None:
        """Load a module and switch it on."""
        try:
            self.http.request("POST", f"{self.path}/{quote(module_id)}/start", final=(500,))
        except HttpError as error:
            if error.status == 500:
                error.hint = "The driver could not be loaded; the engine's log says why (docker logs --tail 99 engine)."
            raise

    def stop(self, module_id: str) -> None:
        """Switch a module off; the server fails for one that is not loaded, which is off in any case."""
        try:
            self.http.request("POST", f"{self.path}/{quote(module_id)}/stop", final=(500,))
        except HttpError as error:
            if error.status != 500 or self.loaded(module_id):
                raise

    def loaded(self, module_id: str) -> bool:
        """Does the module really run? Only a loaded module has a state."""
        try:
            self.http.get(f"{self.path}/{quote(module_id)}/state")
        except HttpError as error:
            if error.status == 404:
                return False
            raise
        return True
