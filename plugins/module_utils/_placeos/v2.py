# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What PlaceOS v2 looks like on the wire, and nowhere else: paths, names of fields, status codes, oddities.

Read from PlaceOS rest-api, models and staff-api of August 2026 and seen on the recorded server.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar
from urllib.parse import quote

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos import settings_text
from ansible_collections.placeos.office365.plugins.module_utils._placeos.compare import stored_text
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds import ENCRYPTION_LEVELS, KINDS, ROLES
from ansible_collections.placeos.office365.plugins.module_utils._placeos.rest import RestResource, a_list
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    UNREADABLE,
    Action,
    Desired,
    Pending,
    Row,
)

API = "/api/engine/v2"
STAFF_API = "/api/staff/v1"

PAGE = 10_000
"""The largest page that the server grants."""

PARENTS_PER_READ = 20
"""Settings are silently cut at 100 rows; 20 parents with at most four levels each stay below."""

_CIPHERTEXT = "\x1b"
"""First character of a value that the server does not show."""

_FEATURES = "PlaceOS v2 keeps the names of features in metadata (placeos_metadata)"
LACKING: dict[str, dict[str, str]] = {
    "zone": {"extras": _FEATURES, "orientations": "PlaceOS v2 has no orientations of buildings"},
    "driver": {"class_name": "PlaceOS v2 knows drivers by repository and file_name"},
    "domain": {"o365_driver": "PlaceOS v2 has tenants of the staff API instead (placeos_tenant)"},
}
"""Options that only ACAEngine has a place for."""

_LEVEL_NAMES = {number: name for name, number in ENCRYPTION_LEVELS.items()}
_ROLE_NAMES = {number: name for name, number in ROLES.items()}


class V2:
    """A PlaceOS v2 server; index_lag is the number of seconds by which its lists may lag behind its writes."""

    name = "placeos"
    any_case = False
    lacks: Mapping[str, str] = MappingProxyType({})

    def __init__(self, http: HttpClient, *, index_lag: float = 2.0) -> None:
        self.http = http
        self.index_lag = index_lag
        self._resources: dict[str, Any] = {}

    def resource(self, kind: str) -> Any:
        """The resource of a kind; one instance per kind and task, so that a list is read once."""
        if kind not in self._resources:
            special: dict[str, type[V2Resource]] = {
                "zone": Zones,
                "system": Systems,
                "repository": Repositories,
                "driver": Drivers,
                "module": Modules,
                "settings": Settings,
                "metadata": Metadata,
                "tenant": Tenants,
            }
            declared = replace(KINDS[kind], lacking=LACKING.get(kind, {}))
            self._resources[kind] = special.get(kind, V2Resource)(self, declared)
        return self._resources[kind]

    def execute(self, system_id: str, module: str, method: str, arguments: list[Any]) -> Any:
        """Run a function of a system's module and return its result. Never repeated: it may act on the real world."""
        path = f"{API}/systems/{quote(system_id)}/{quote(module)}/{quote(method)}"
        return self.http.request("POST", path, body=arguments).data

    def status(self, system_id: str, module: str, key: str) -> Any:
        """One status value of a system's module; None where the module has not set it (the server answers 500 {})."""
        try:
            return self.http.get(f"{API}/systems/{quote(system_id)}/{quote(module)}/{quote(key)}", final=(500,)).data
        except HttpError as error:
            if error.status == 500 and not error.data:
                return None
            raise


class V2Resource(RestResource):
    """One kind of PlaceOS v2; what differs for a kind is overridden below."""

    api = API

    def pages(self, path: str, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """All raw rows; offsets are counted here, since the Link header of older servers skips a row per page."""
        seen: set[Any] = set()
        offset = 0
        while True:
            answer = self.http.get(path, {**filters, "limit": PAGE, "offset": offset or None})
            rows = a_list(answer.data, self.http.url(path))
            for raw in rows:
                # Rows move between pages while somebody writes.
                if raw.get("id") not in seen:
                    seen.add(raw.get("id"))
                    yield raw
            offset += len(rows)
            total = int(answer.headers.get("X-Total-Count") or 0)
            if not rows or offset >= total:
                return


class Zones(V2Resource):
    """Zones inside zones."""

    wire: ClassVar[Mapping[str, str]] = {"parent": "parent_id"}


class Systems(V2Resource):
    """Systems carry a version: an update must name it, and it changes with every write, also of its modules."""

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        row["version"] = raw.get("version", 0)
        row["modules"] = raw.get("modules") or []
        return row

    def precondition(self, row: Row) -> dict[str, Any] | None:
        return {"version": row["version"]}

    def attach(self, system_id: str, module_id: str) -> Row:
        """Add a module to the end of a system's list; harmless where it is there already."""
        path = f"{self.path}/{quote(system_id)}/module/{quote(module_id)}"
        return self.decode(self.http.request("PUT", path).data)

    def arrange(self, row: Row, modules: list[str]) -> None:
        """Make these a system's modules, in this order.

        What leaves the list is deleted by the server when no other system has it.
        """
        leaving = [module for module in row["modules"] if module not in modules]
        missing = [module for module in modules if module not in row["modules"]]
        for module in leaving:
            self.http.request("DELETE", f"{self.path}/{quote(row['id'])}/module/{quote(module)}")
        for module in missing:
            self.attach(row["id"], module)
        if not leaving and not missing:
            # Only the order is wrong. The list is replaced whole, so it must name every module.
            self.update(row, {"modules": modules})


class Repositories(V2Resource):
    """A stored password comes back as ciphertext only."""

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        if row.get("password"):
            row["password"] = UNREADABLE
        return row

    def create(self, values: dict[str, Any]) -> Row:
        values = dict(values)
        # The server demands a folder name; derived here, so that it is not part of the comparison.
        values.setdefault("folder_name", _slug(str(values["name"])))
        return super().create(values)

    def newest_commit(self, repository_id: str, file_name: str) -> str:
        """Hash of the newest commit that touched a driver file."""
        path = f"{self.path}/{quote(repository_id)}/commits"
        commits = a_list(self.http.get(path, {"driver": file_name, "limit": 1}, final=(500,)).data, self.http.url(path))
        for commit in commits:
            if isinstance(commit, dict) and commit.get("commit"):
                return str(commit["commit"])
        raise HttpError(
            "content", "GET", self.http.url(path, {"driver": file_name}), f"no commit of {file_name} in this repository",
            hint="Check the file name and the repository's branch; a new repository may need a minute to be pulled.",
        )  # fmt: skip


def _slug(name: str) -> str:
    kept = "".join(char if char.isalnum() and char.isascii() else "-" for char in name.lower())
    return "-".join(part for part in kept.split("-") if part) or "repository"


class Drivers(V2Resource):
    """Drivers are compiled some time after they were saved; roles are numbers."""

    wire: ClassVar[Mapping[str, str]] = {"repository": "repository_id"}

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        row["role"] = _ROLE_NAMES.get(raw.get("role"), raw.get("role"))
        row["compilation_output"] = raw.get("compilation_output")
        return row

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        wire = super().encode(values)
        if "role" in wire:
            wire["role"] = ROLES[wire["role"]]
        return wire

    def read(self, row: Row) -> Row | None:
        # Without this the server asks every core node, and answers 404 when the driver's repository is gone.
        path = f"{self.path}/{quote(row['id'])}"
        try:
            return self.decode(self.http.get(path, {"compilation_status": "false"}).data)
        except HttpError as error:
            if error.status == 404:
                return None
            raise

    def compiled(self, driver_id: str) -> bool | str:
        """True when compiled, False while not yet, the compiler's output when it failed."""
        path = f"{self.path}/{quote(driver_id)}/compiled"
        try:
            self.http.get(path, final=(500, 503))
        except HttpError as error:
            if error.status == 404:
                return False
            if error.status == 503:
                output = (error.data or {}).get("compilation_output") if isinstance(error.data, dict) else None
                return str(output or error.words)
            raise
        return True

    def wait_until_compiled(
        self, driver_id: str, timeout: float, *, sleep: Callable[[float], None] = time.sleep
    ) -> str | None:
        """None when the driver is ready, else why it is not, after at most timeout seconds."""
        deadline = time.monotonic() + timeout
        pause = 0.2
        while True:
            state = self.compiled(driver_id)
            if state is True:
                return None
            if isinstance(state, str):
                return state
            if time.monotonic() + pause > deadline:
                return f"not compiled after {timeout:g} seconds; look at the logs of core and build, or raise compile_timeout"
            sleep(pause)
            pause = min(pause * 1.5, 5.0)


class Modules(V2Resource):
    """Modules; the server applies no driver defaults, so uri and port are always sent."""

    wire: ClassVar[Mapping[str, str]] = {"driver": "driver_id", "system": "control_system_id"}

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        row["name"] = raw.get("name", "")
        row["role"] = _ROLE_NAMES.get(raw.get("role"), raw.get("role"))
        return row

    def find(self, desired: Desired) -> Row | None:
        """Logic modules by their system, which is up to date, all others in the list."""
        return self.find_in_system(desired) if _in_system(desired) else super().find(desired)

    def find_in_system(self, desired: Desired) -> Row | None:
        """A logic module of a system: that look-up is strongly consistent."""
        system = desired.values["system"]
        try:
            rows = [self.decode(raw) for raw in self.http.get(self.path, {"control_system_id": system}).data or []]
        except HttpError as error:
            if error.status == 404:
                return None
            raise
        identity = self.kind.identities[-1]
        key = self.kind.key(identity, desired.values)
        return next((row for row in rows if self.kind.key(identity, row) == key), None)

    def lane(self, action: Action) -> Hashable | None:
        # The server loses updates of a system's module list when two of its modules are written at once.
        values = action.desired.values if action.desired else action.row
        return values.get("system") or super().lane(action)

    def start(self, module_id: str) -> None:
        """Switch a module on; a no-op where it is on already."""
        self.http.request("POST", f"{self.path}/{quote(module_id)}/start")

    def stop(self, module_id: str) -> None:
        """Switch a module off."""
        self.http.request("POST", f"{self.path}/{quote(module_id)}/stop")

    def loaded(self, module_id: str) -> bool:
        """Does the module really run? A loaded module has a state; a start that was lost leaves only the flag."""
        return bool(self.http.get(f"{self.path}/{quote(module_id)}/state").data)


class Settings(V2Resource):
    """Settings rows: one document per parent and encryption level, by convention only."""

    wire: ClassVar[Mapping[str, str]] = {"parent": "parent_id"}

    def rows(self, desired: list[Desired] | None = None, **filters: Any) -> list[Row]:
        """The rows of the desired objects' parents: this look-up is strong and shows what the caller may read."""
        parents = sorted({p for d in desired or () if isinstance(p := d.values.get("parent"), str)})
        rows: list[Row] = []
        for start in range(0, len(parents), PARENTS_PER_READ):
            chunk = parents[start : start + PARENTS_PER_READ]
            answer = self.http.get(self.path, {"parent_id": ",".join(chunk)})
            rows.extend(self.decode(raw) for raw in a_list(answer.data, self.http.url(self.path)))
        known = {row["id"] for row in rows}
        for identifier in sorted({d.values["id"] for d in desired or () if "id" in d.values} - known):
            # Named by its id alone, a row's parent is not known.
            row = self.read({"id": identifier})
            rows.extend([row] if row else [])
        return rows

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        row["encryption_level"] = _LEVEL_NAMES.get(raw.get("encryption_level", 0), raw.get("encryption_level"))
        stored = raw.get("settings_string") or ""
        row["document"] = UNREADABLE if stored.startswith(_CIPHERTEXT) else settings_text.parsed(stored)
        row["keys"] = raw.get("keys") or []
        return row

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        wire = super().encode(values)
        if "encryption_level" in wire:
            wire["encryption_level"] = ENCRYPTION_LEVELS[wire["encryption_level"]]
        if "document" in wire:
            wire["settings_string"] = settings_text.written(wire.pop("document"))
        return wire

    def lane(self, action: Action) -> Hashable | None:
        # Two levels of one parent hot-reload the same modules.
        return (action.desired.values if action.desired else action.row).get("parent")


class Metadata(V2Resource):
    """Metadata: a document per name below a zone, system or user; saved by an upsert, without ids in the API."""

    def rows(self, desired: list[Desired] | None = None, **filters: Any) -> list[Row]:
        """One bulk read per name: it is strong, and not cut at 100 rows as the read per parent is."""
        wanted: dict[str, set[str]] = {}
        for item in desired or ():
            parent = item.values.get("parent")
            if isinstance(parent, str):
                # Looked up by its stored spelling: "A & B" itself is not found, and refused as not unique.
                wanted.setdefault(stored_text(item.values["name"]), set()).add(parent)
        rows: list[Row] = []
        for name, parents in sorted(wanted.items()):
            for chunk in _chunks(sorted(parents), 100):
                answer = self.http.get(f"{API}/metadata/{quote(name, safe='')}/bulk", {"parent_ids": ",".join(chunk)})
                rows.extend(self.decode(raw) for raw in (answer.data or {}).values() if raw)
        return rows

    def below(self, parent: str) -> list[Row]:
        """All metadata of one parent (at most 100: the server's silent limit)."""
        return [self.decode(raw) for raw in (self.http.get(f"{API}/metadata/{quote(parent)}").data or {}).values()]

    def read(self, row: Row) -> Row | None:
        answer = self.http.get(f"{API}/metadata/{quote(row['parent'])}", {"name": row["name"]})
        return next((self.decode(raw) for raw in (answer.data or {}).values()), None)

    def create(self, values: dict[str, Any]) -> Row:
        return self._put({"parent": values["parent"], "name": values["name"]}, values)

    def update(self, row: Row, changes: dict[str, Any]) -> Row:
        return self._put(row, changes)

    def _put(self, row: Row, changes: Mapping[str, Any]) -> Row:
        """PUT replaces the document and clears editors that it does not name, so all of it is sent."""
        body = {
            # The stored spelling: a name with & in its unescaped form is refused the second time.
            "name": row["name"],
            "description": changes.get("description", row.get("description", "")),
            "details": changes.get("details", row.get("details", {})),
            "editors": changes.get("editors", row.get("editors", [])),
        }
        if row.get("schema_id"):
            body["schema_id"] = row["schema_id"]
        return self.decode(self.http.request("PUT", f"{API}/metadata/{quote(row['parent'])}", body=body).data)

    def delete(self, row: Row) -> None:
        if not row["name"]:
            raise ValueError("metadata without a name: the server would delete all of the parent's")
        self.http.request("DELETE", f"{API}/metadata/{quote(row['parent'])}", query={"name": row["name"]})

    def decode(self, raw: Any) -> Row:
        parent, name = raw.get("parent_id", ""), raw.get("name", "")
        row = super().decode({**raw, "id": f"{parent}/{name}", "parent": parent})
        row["schema_id"] = raw.get("schema_id")
        return row

    def lane(self, action: Action) -> Hashable | None:
        return (action.desired.values if action.desired else action.row).get("parent")


class Tenants(V2Resource):
    """Tenants of the staff API: integer ids, no read by id, credentials never returned."""

    wire: ClassVar[Mapping[str, str]] = {"calendar_platform": "platform"}

    @property
    def path(self) -> str:
        return f"{STAFF_API}/tenants"

    def rows(self, desired: list[Desired] | None = None, **filters: Any) -> list[Row]:
        return [self.decode(raw) for raw in a_list(self.http.get(self.path).data, self.http.url(self.path))]

    def read(self, row: Row) -> Row | None:
        return next((tenant for tenant in self.rows() if tenant["id"] == row["id"]), None)

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        row["credentials"] = UNREADABLE
        return row


def _chunks(values: list[str], size: int) -> Iterable[list[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _in_system(desired: Desired) -> bool:
    """Is the desired module one of a system that has an id?"""
    system = desired.values.get("system")
    return bool(system) and not isinstance(system, Pending)
