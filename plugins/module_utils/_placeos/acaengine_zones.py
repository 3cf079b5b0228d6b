# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones of ACAEngine: tags in one text, and no parents but the lists in the settings of the zone above.

The ids in those lists are known only once all zones exist, so they are written in a second pass (complete).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos import discovery_info
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_rest import AcaResource
from ansible_collections.placeos.office365.plugins.module_utils._plan import Desired, Row

REWRITES = 3
"""How often a document is written whose answer was lost."""


@dataclass(frozen=True)
class Entry:
    """A zone's entry that is still to be written.

    parent: the zone that is to list it, "" for none; former: the zone that lists it so far, and how.
    """

    zone: str
    name: str
    tags: tuple[str, ...]
    parent: str
    values: Mapping[str, Any]
    former: str | None = None
    former_entry: Mapping[str, Any] | None = None


class Zones(AcaResource):
    """Zones, with parent, display_name, map_id and orientations read from the documents of the zones above them."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._places: dict[str, dict[str, Any]] = {}
        self._entries: dict[str, dict[str, Any]] = {}
        self._known: set[str] = set()
        self._waiting: list[Entry] = []
        self._all_exist = False
        self._documents = threading.Lock()

    # -- reading -------------------------------------------------------------------------------------------------

    def rows(self, desired: list[Desired] | None = None, **filters: Any) -> list[Row]:
        raws = list(self.pages(self.path, filters))
        self._places, self._entries = {}, {}
        for raw in raws:
            self._learn(raw)
        self._known |= {str(raw["id"]) for raw in raws}
        return [self.decode(raw) for raw in raws]

    def read(self, row: Row) -> Row | None:
        """One zone and the document of the zone above it, both strongly consistent."""
        raw = self._raw_if_there(str(row["id"]))
        if raw is None:
            return None
        if row.get("parent"):
            # A zone above that is gone lists nothing any more.
            self._learn(self._raw_if_there(str(row["parent"])) or {"id": row["parent"]})
        return self.decode(raw)

    def _raw_if_there(self, identifier: str) -> dict[str, Any] | None:
        try:
            return self._raw(identifier)
        except HttpError as error:
            if error.status == 404:
                return None
            raise

    def _raw(self, identifier: str) -> dict[str, Any]:
        data = self.http.get(f"{self.path}/{quote(identifier)}").data
        return data if isinstance(data, dict) else {}

    def _learn(self, raw: Mapping[str, Any]) -> None:
        """Note which zones this one lists."""
        parent = str(raw.get("id"))
        info = discovery_info.document(raw.get("settings"))
        listed = dict(discovery_info.children(info))
        for child, place in list(self._places.items()):
            if place["parent"] == parent and child not in listed:
                del self._places[child]
        for child, values in listed.items():
            self._places[child] = {**values, "parent": parent}
            self._entries[child] = discovery_info.entry_of(info, child)

    def decode(self, raw: Any) -> Row:
        row = super().decode(raw)
        row["tags"] = str(raw.get("tags") or "").split()
        row["extras"] = discovery_info.extras(discovery_info.document(raw.get("settings")))
        for name in discovery_info.PLACED_FIELDS:
            row.pop(name, None)
        row.update(self._places.get(row["id"], {}))
        return row

    # -- writing -------------------------------------------------------------------------------------------------

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        wire = {k: v for k, v in values.items() if k not in (*discovery_info.PLACED_FIELDS, "extras")}
        if "tags" in wire:
            wire["tags"] = " ".join(wire["tags"] or ())
        return super().encode(wire)

    def create(self, values: dict[str, Any]) -> Row:
        body = self.encode(values)
        if values.get("extras"):
            body["settings"] = {discovery_info.KEY: discovery_info.with_extras({}, values["extras"])}
        row = self.decode(self.http.request("POST", self.path, body=body).data)
        self._known.add(row["id"])
        return self._place(row, values)

    def update(self, row: Row, changes: dict[str, Any]) -> Row:
        body = self.encode(changes)
        stored = row
        if "extras" in changes:
            with self._documents:
                settings = self._raw(row["id"]).get("settings") or {}
                info = discovery_info.with_extras(discovery_info.document(settings), changes["extras"])
                stored = self.put(row, {**body, "settings": {**settings, discovery_info.KEY: info}})
        elif body:
            stored = self.put(row, body)
        return self._place(stored, changes)

    def delete(self, row: Row) -> None:
        try:
            super().delete(row)
        except HttpError as error:
            # A zone that is gone already may still be listed.
            if error.status != 404 and not (error.maybe_done and self._raw_if_there(str(row["id"])) is None):
                raise
        if row.get("parent"):
            # Afterwards: a zone that nothing lists any more would not be found below its organisation again.
            self._rewrite(str(row["parent"]), without=row["id"])

    # -- the documents of the zones above ------------------------------------------------------------------------

    def complete(self, order: list[str]) -> dict[str, HttpError]:
        """The second pass: every zone's entry, one write per document; new entries in the order of the inventory."""
        positions = {identifier: position for position, identifier in enumerate(order)}
        self._all_exist = True
        return self._write(sorted(self._waiting, key=lambda entry: positions.get(entry.zone, len(order))))

    def _write(self, entries: list[Entry]) -> dict[str, HttpError]:
        parents: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.parent:
                parents.setdefault(entry.parent, []).append(entry)
        failed: dict[str, HttpError] = {}
        for parent, listed in parents.items():
            try:
                self._rewrite(parent, entries=listed)
            except HttpError as error:
                failed.update((entry.zone, error) for entry in listed)
        for entry in entries:
            if entry.former and entry.zone not in failed:
                try:
                    self._rewrite(entry.former, without=entry.zone)
                except HttpError as error:
                    failed[entry.zone] = error
        return failed

    def _place(self, row: Row, changes: Mapping[str, Any]) -> Row:
        """Note, or after the second pass write, what the zone above is to say about this one."""
        placed = {name: changes[name] for name in discovery_info.PLACED_FIELDS if name in changes}
        former = row.get("parent") or ""
        parent = placed.get("parent", former) or ""
        if not placed or not (parent or former):
            return row
        values = {name: value for name, value in placed.items() if name != "parent"}
        moved = bool(former) and former != parent
        # An entry that moves takes along all that it holds.
        entry = Entry(
            row["id"], str(row["name"]), tuple(row["tags"]), parent, values,
            former if moved else None, self._entries.get(row["id"]) if moved else None,
        )  # fmt: skip
        if not self._all_exist:
            self._waiting.append(entry)
        else:
            for error in self._write([entry]).values():
                raise error
        return {**row, **placed, "parent": parent}

    def _rewrite(self, identifier: str, *, entries: list[Entry] | None = None, without: str | None = None) -> None:
        """Change a zone's document; one at a time, since nothing guards them. A lost answer is made good."""
        with self._documents:
            for attempt in range(REWRITES):
                try:
                    self._rewrite_once(identifier, entries or [], without)
                    return
                except HttpError as error:
                    if error.status == 404 and without:
                        return
                    if not error.maybe_done or attempt == REWRITES - 1:
                        raise
                    time.sleep(error.retry_after if error.retry_after is not None else random.uniform(0, 0.1))

    def _rewrite_once(self, identifier: str, entries: list[Entry], without: str | None) -> None:
        """Read a zone's settings, change its document, and write them if that changed anything."""
        raw = self._raw(identifier)
        settings = raw.get("settings") or {}
        info = before = discovery_info.document(settings)
        if without:
            info = discovery_info.without_child(info, without)
        for entry in entries:
            listing = discovery_info.listing_for(entry.tags)
            if listing is not None:
                info = discovery_info.with_child(
                    info, listing, entry.zone, entry.values,
                    name=entry.name, known=self._known, former=entry.former_entry,
                )  # fmt: skip
        if info != before:
            self.put({"id": identifier}, {"settings": {**settings, discovery_info.KEY: info}})
            raw = {"id": identifier, "settings": {discovery_info.KEY: info}}
        self._learn(raw)
