# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of ACAEngine: one document inside each zone, system, dependency and module."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos import discovery_info, dollar_secrets
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_rest import API, AcaResource
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_systems import Systems
from ansible_collections.placeos.office365.plugins.module_utils._plan import Action, Desired, PartlyReadable, Row

STRONG_READS = 10
"""Up to so many objects are read one by one, which is up to date; the list of all of them may lag."""


class Settings(AcaResource):
    """Settings are one document of each object, without levels: secrets are the texts under ``$`` keys.

    Rows are made up here, one per object and level that is asked for, so that one inventory serves both platforms.
    """

    holders: ClassVar[Mapping[str, str]] = {"zone": "zones", "sys": "systems", "dep": "dependencies", "mod": "modules"}
    """Paths of the objects that have settings, by the beginning of their ids."""

    owned: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "zone": (discovery_info.KEY,),
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
