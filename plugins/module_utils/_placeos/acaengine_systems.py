# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Systems of ACAEngine: rooms, with a version, their zones in the reverse order, and fields that are settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_rest import AcaResource
from ansible_collections.placeos.office365.plugins.module_utils._plan import Desired, Row


class Systems(AcaResource):
    """Systems carry a version: an update must name it. Zones come with the most important one first.

    map_id and extra_features are settings, as the user interfaces of ACAEngine read them; the server makes its own
    field features from the names of the modules and extra_features.
    """

    settings_keys: ClassVar[Mapping[str, str]] = {"map_id": "map_id", "features": "extra_features"}

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.edges: dict[str, str] = {}
        """The node that runs a system's modules, by the system's id, as far as it was read."""

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        settings = raw.get("settings") or {}
        row["zones"] = list(reversed(raw.get("zones") or []))
        row["map_id"] = settings.get("map_id")
        row["features"] = str(settings.get("extra_features") or "").split()
        row["version"] = raw.get("version") or 0
        row["modules"] = raw.get("modules") or []
        if raw.get("edge_id"):
            self.edges[row["id"]] = str(raw["edge_id"])
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
            same = row is not None and self.kind.key(("name",), row) == self.kind.key(("name",), desired.values)
            return row if same else None
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
