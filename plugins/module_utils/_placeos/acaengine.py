# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ACAEngine looks like on the wire, and nowhere else: paths, names of fields, status codes, oddities.

Read from ruby-engine a3c55b7, coauth f0d0336 and co-elastic-query 54a300f; no server was recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos import dollar_secrets
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_rest import API, AcaResource
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_zones import Zones
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds_acaengine import (
    ACAENGINE_KINDS,
    LACKS,
)
from ansible_collections.placeos.office365.plugins.module_utils._placeos.rest import a_list
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    Action,
    Desired,
    PartlyReadable,
    Pending,
    Row,
)

WAITED_TOO_LONG = "Wait time exceeded"
"""How the sentence begins that stands for the result of a function after 15 seconds, with status 200."""

STRONG_READS = 10
"""Up to so many objects are read one by one, which is up to date; the list of all of them may lag."""

_ROLES = ("ssh", "device", "service", "logic")
"""Roles of modules are numbers; dependencies have their names."""


class ACAEngine:
    """An ACAEngine server; index_lag is the number of seconds by which its lists may lag behind its writes."""

    name = "acaengine"
    any_case = True
    lacks = LACKS

    def __init__(self, http: HttpClient, *, index_lag: float = 2.0) -> None:
        self.http = http
        self.index_lag = index_lag
        self._resources: dict[str, AcaResource] = {}

    def resource(self, kind: str) -> Any:
        """The resource of a kind; one instance per kind and task, so that a list is read once."""
        if kind not in self._resources:
            classes: dict[str, type[AcaResource]] = {
                "zone": Zones,
                "system": Systems,
                "driver": Drivers,
                "module": Modules,
                "settings": Settings,
                "domain": Domains,
            }
            self._resources[kind] = classes[kind](self, ACAENGINE_KINDS[kind])
        return self._resources[kind]

    def execute(self, system_id: str, module: str, method: str, arguments: list[Any]) -> Any:
        """Run a function of a system's module and return its result. Never repeated: it may act on the real world."""
        name, index = _slug(module)
        path = f"{API}/systems/{quote(system_id)}/exec"
        body = {"module": name, "index": index, "method": method, "args": arguments}
        try:
            answer = self.http.request("POST", path, body=body, final=(500,)).data
        except HttpError as error:
            if isinstance(error.data, list) and error.data:
                # ["message\nbacktrace"]
                error.words = str(error.data[0]).split("\n", 1)[0]
            raise
        result = a_list(answer, self.http.url(path))[0] if answer else None
        if isinstance(result, str) and result.startswith(WAITED_TOO_LONG):
            raise HttpError("timeout", "POST", self.http.url(path), result, maybe_done=True)
        return result

    def status(self, system_id: str, module: str, key: str) -> Any:
        """One status value of a system's module; None where the module has not set it."""
        name, index = _slug(module)
        path = f"{API}/systems/{quote(system_id)}/state"
        try:
            return self.http.get(path, {"module": name, "index": index, "lookup": key}).data
        except HttpError as error:
            if error.reason == "content" and error.status == 200:
                # A text comes as it is, without quotes.
                return error.words
            raise


def _slug(module: str) -> tuple[str, int]:
    """``Bookings_2`` -> (``Bookings``, 2); the index is 1 where none is given."""
    name, _line, index = module.rpartition("_")
    return (name, int(index)) if name and index.isdigit() else (module, 1)


class Systems(AcaResource):
    """Systems carry a version: an update must name it. Zones come with the most important one first.

    map_id and extra_features are settings, as the user interfaces of ACAEngine read them; the server makes its own
    field features from the names of the modules and extra_features.
    """

    settings_keys: ClassVar[Mapping[str, str]] = {"map_id": "map_id", "features": "extra_features"}

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        settings = raw.get("settings") or {}
        row["zones"] = list(reversed(raw.get("zones") or []))
        row["map_id"] = settings.get("map_id")
        row["features"] = str(settings.get("extra_features") or "").split()
        row["version"] = raw.get("version") or 0
        row["modules"] = raw.get("modules") or []
        row["edge"] = raw.get("edge_id")
        row["settings"] = settings
        return row

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        wire = super().encode({name: value for name, value in values.items() if name not in self.settings_keys})
        if "zones" in wire:
            wire["zones"] = list(reversed(wire["zones"]))
        return wire

    def create(self, values: dict[str, Any]) -> Row:
        settings = self._settings({}, values)
        return self.decode(
            self.http.request("POST", self.path, body={**self.encode(values), "settings": settings}).data
        )

    def update(self, row: Row, changes: dict[str, Any]) -> Row:
        body = {**self.encode(changes), "version": row["version"]}
        if changes.keys() & self.settings_keys.keys():
            # Replaced whole, so all of it is sent; ciphertexts stay valid in their place.
            body["settings"] = self._settings(row["settings"], changes)
        return self.put(row, body)

    def _settings(self, current: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        given = {key: values[name] for name, key in self.settings_keys.items() if name in values}
        if "extra_features" in given:
            given["extra_features"] = " ".join(given["extra_features"] or ())
        return {**current, **given}

    def read(self, row: Row) -> Row | None:
        """One system by id; the server fails, instead of saying 404, for one that it does not have."""
        try:
            return super().read(row)
        except HttpError as error:
            if error.status == 500 and not self._listed(row["id"]):
                return None
            raise

    def _listed(self, identifier: str) -> bool:
        return any(identifier == row["id"] for row in self.rows())

    def delete(self, row: Row) -> None:
        try:
            super().delete(row)
        except HttpError as error:
            if error.status != 500 or self.read(row) is not None:
                raise

    def find(self, desired: Desired) -> Row | None:
        """By name, which the server looks up strongly; by the list where the name has a dot (a format to Rails)."""
        name = desired.values.get("name")
        if name and "/" not in name and "." not in name:
            row = self.read({"id": name})
            return (
                row
                if row is not None and self.kind.key(("name",), row) == self.kind.key(("name",), desired.values)
                else None
            )
        return super().find(desired)

    def attach(self, system_id: str, module_id: str) -> Row:
        """Add a module to the end of a system's list; harmless where it is there already."""
        for _attempt in range(6):
            row = self.read({"id": system_id})
            if row is None:
                break
            if module_id in row["modules"]:
                return row
            try:
                return self.put(row, {"modules": [*row["modules"], module_id], "version": row["version"]})
            except HttpError as error:
                if error.status != 409:
                    raise
        raise HttpError(
            "status", "PUT", self.http.url(f"{self.path}/{system_id}"), "the system is gone, or changes all the time",
            hint="Another client writes this system; run again when it is done.",
        )  # fmt: skip

    def arrange(self, row: Row, modules: list[str]) -> None:
        """Make these a system's modules, in this order. What leaves the list stays on the server."""
        self.put(row, {"modules": modules, "version": row["version"]})


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
        if not drivers or len(drivers) > STRONG_READS or not all(isinstance(driver, str) for driver in drivers):
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
            system = systems.read({"id": system_id})
            if system is None:
                raise HttpError(
                    "status", "GET", self.http.url(f"{systems.path}/{system_id}"), "the system is gone", 404
                )
            return str(system["edge"])
        edges = Counter(row["edge"] for row in systems.rows() if row.get("edge"))
        if edges:
            return str(edges.most_common(1)[0][0])
        nodes = list(self.pages(f"{API}/nodes", {}))
        if not nodes:
            raise HttpError(
                "content", "GET", self.http.url(f"{API}/nodes"), "the server has no edge node to run modules on"
            )
        return str(nodes[0]["id"])

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


class Settings(AcaResource):
    """Settings are one document of each object, without levels: secrets are the texts under ``$`` keys.

    Rows are made up here, one per object and level that is asked for, so that one inventory serves both platforms.
    """

    holders: ClassVar[Mapping[str, str]] = {"zone": "zones", "sys": "systems", "dep": "dependencies", "mod": "modules"}
    """Paths of the objects that have settings, by the beginning of their ids."""

    owned: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "zone": ("discovery_info",),
        "sys": tuple(Systems.settings_keys.values()),
    }
    """Settings that are fields of their object here: they are no part of a document that does not name them."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._named: dict[str, set[str]] = {}

    def rows(self, desired: list[Desired] | None = None, **filters: Any) -> list[Row]:
        """The documents of the desired objects' parents; one that is empty and to go is gone already."""
        wanted: dict[tuple[str, str], bool] = {}
        for item in desired or ():
            place = _place(item.values)
            if place is not None:
                document = item.values.get("document")
                self._named.setdefault(place[0], set()).update(document if isinstance(document, Mapping) else ())
                wanted[place] = item.absent
        raws = self._raws(sorted({parent for parent, _level in wanted}))
        rows = [self._row(raws[parent], level) for parent, level in wanted if parent in raws]
        return [row for row in rows if row["document"] or not wanted[row["parent"], row["encryption_level"]]]

    def _raws(self, parents: list[str]) -> dict[str, dict[str, Any]]:
        raws: dict[str, dict[str, Any]] = {}
        by_path: dict[str, list[str]] = {}
        for parent in parents:
            by_path.setdefault(self._path_of(parent).rpartition("/")[0], []).append(parent)
        for path, members in by_path.items():
            if len(members) > STRONG_READS:
                raws.update((raw["id"], raw) for raw in self.pages(path, {}))
            else:
                raws.update((raw["id"], raw) for raw in map(self._read_raw, members) if raw)
        return raws

    def _path_of(self, parent: str) -> str:
        holder = parent.partition("-")[0]
        return f"{API}/{self.holders.get(holder, holder)}/{quote(parent)}"

    def _read_raw(self, parent: str) -> dict[str, Any] | None:
        if parent.partition("-")[0] not in self.holders:
            return None
        try:
            data = self.http.get(self._path_of(parent)).data
        except HttpError as error:
            if error.status == 404:
                return None
            raise
        return data if isinstance(data, dict) else None

    def _row(self, raw: Mapping[str, Any], level: str) -> Row:
        parent = str(raw["id"])
        document = {
            key: value
            for key, value in (raw.get("settings") or {}).items()
            if key not in self.owned.get(parent.partition("-")[0], ()) or key in self._named.get(parent, ())
        }
        return {
            "id": f"{parent}/{level}",
            "parent": parent,
            "encryption_level": level,
            "document": PartlyReadable(document) if dollar_secrets.holds_ciphertext(document) else document,
            "keys": list(document),
        }

    def read(self, row: Row) -> Row | None:
        raw = self._read_raw(row["parent"])
        return self._row(raw, row["encryption_level"]) if raw else None

    def create(self, values: dict[str, Any]) -> Row:
        row = {"id": "", "document": {}, "keys": [], **values}
        return self.update({**row, "document": {}}, {"document": values.get("document") or {}})

    def update(self, row: Row, changes: dict[str, Any]) -> Row:
        """Replace the document, keeping what changed in it meanwhile by other hands."""
        before, after = row["document"], changes["document"]
        gone = before.keys() - after.keys()
        new = {key: value for key, value in after.items() if key not in before or before[key] != value}
        return self._store(row, gone, new)

    def delete(self, row: Row) -> None:
        self._store(row, set(row["document"]), {})

    def _store(self, row: Row, gone: set[str], new: Mapping[str, Any]) -> Row:
        raw = self._read_raw(row["parent"])
        path = self._path_of(row["parent"])
        if raw is None:
            raise HttpError("status", "GET", self.http.url(path), "the object whose settings these are is gone", 404)
        settings = {key: value for key, value in (raw.get("settings") or {}).items() if key not in gone}
        body: dict[str, Any] = {"settings": {**settings, **new}}
        if row["parent"].startswith("sys-"):
            body["version"] = raw.get("version") or 0
        stored = self.http.request("PUT", path, body=body).data
        return self._row(stored, row["encryption_level"])

    def lane(self, action: Action) -> Hashable | None:
        # The document is replaced whole.
        return (_place(action.wanted.values) or _place(action.row) or (None,))[0]


def _place(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """(parent, level) of a desired document, from its parent or from the id that a row here has."""
    parent, level = values.get("parent"), values.get("encryption_level", "none")
    if "id" in values:
        parent, _slash, level = str(values["id"]).partition("/")
    if not isinstance(parent, str) or "-" not in parent or parent.partition("-")[0] not in Settings.holders:
        return None
    return parent, level or "none"


class Domains(AcaResource):
    """Domains belong to the sign-in service; the host name is called dom."""

    api = "/auth/api"
    wire: ClassVar[Mapping[str, str]] = {"domain": "dom"}
