# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What single kinds need beyond their fields on ACAEngine."""

from __future__ import annotations

import difflib
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._placeos import discovery_info, dollar_secrets
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flow import Flow, secret_key
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flow_module import ModuleFlow
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flows import (
    DomainFlow,
    DriverFlow,
    SettingsFlow,
    SystemFlow,
)
from ansible_collections.placeos.office365.plugins.module_utils._plan import Action, Desired, Kind, Problem, Row

NO_PLACE = "ACAEngine has a place for it only where an organisation lists its buildings, and a building its levels"


SCAN_SECONDS = 20.0
"""Longest wait for a class that the server is to find; it starts a new process to look."""


class PlacedZoneFlow(Flow):
    """Zones that stand in the document of the zone above them; only buildings and levels do."""

    taken_along = "{count} zones stand below it and would be left without a place: {shown}; set force if that is meant"

    def prepare(self, items: list[dict[str, Any]]) -> tuple[list[Desired], list[Row]]:
        desired, current = super().prepare(items)
        known = {self.kind.key(("name",), row): row for row in current} | {row["id"]: row for row in current}
        for wanted in desired:
            values = wanted.values
            row = known.get(values.get("id")) or known.get(self.kind.key(("name",), values)) or {}
            listing = discovery_info.listing_for(values.get("tags") or row.get("tags") or ())
            above = values["parent"] if "parent" in values else row.get("parent")
            # A zone that is to leave its place says so with an empty parent.
            fields = ("parent", *(listing.fields if above else ())) if listing else ()
            for name in discovery_info.PLACED_FIELDS:
                if name in values and name not in fields:
                    del values[name]
                    self.leave_out(wanted.label, name, NO_PLACE)
        return desired, current


class DiscoveredDriverFlow(DriverFlow):
    """Drivers made from a class that the server has found on its disk."""

    def prepare(self, items: list[dict[str, Any]]) -> tuple[list[Desired], list[Row]]:
        desired, current = super().prepare(items)
        if self.problems:
            return desired, current
        for wanted in desired:
            found = [
                row
                for identity in self.kind.identities
                for row in current
                if (key := self.kind.sought(identity, wanted.values)) and self.kind.key(identity, row) == key
            ]
            if not found and not wanted.absent and "id" not in wanted.values:
                self._from_discovery(wanted)
        return desired, current

    def _from_discovery(self, wanted: Desired) -> None:
        """What the inventory does not say about a new driver, its class does."""
        name = wanted.values.get("class_name")
        if not name:
            text = "is needed for a new driver, such as ::Aca::O365BookingPanel"
            self.problems.append(Problem(wanted.label, "class_name", text))
            return
        found = self._look_for(name)
        if found is None:
            close = difflib.get_close_matches(name, list(self.resource.discovered()), 1)
            hint = f"did you mean {close[0]}?" if close else "put its file into the server's folder of drivers first"
            self.problems.append(Problem(wanted.label, "class_name", f"the server has no driver class {name}; {hint}"))
            return
        proposed = self.resource.decode({**found, "id": found.get("id", "")})
        for field in ("name", "module_name", "role", "description", "default_uri", "default_port"):
            if proposed.get(field) not in (None, ""):
                wanted.values.setdefault(field, proposed[field])
        self._complete(wanted, ("name", "module_name", "role"))

    def _look_for(self, class_name: str) -> dict[str, Any] | None:
        """The class as the server discovered it; a scan is asked for where it did not yet."""
        found: dict[str, dict[str, Any]] = self.resource.discovered()
        if class_name in found or self.policy.check_mode:
            return _usable(found, class_name)
        self.resource.scan()
        deadline = time.monotonic() + min(self.compile_timeout, SCAN_SECONDS)
        while class_name not in found and time.monotonic() < deadline:
            time.sleep(1)
            found = self.resource.discovered(again=True)
        return _usable(found, class_name)


def _usable(found: dict[str, dict[str, Any]], class_name: str) -> dict[str, Any] | None:
    """A class that was discovered, unless its file is gone by now."""
    discovered = found.get(class_name)
    return None if discovered is None or discovered.get("file_exists") is False else discovered


class ListedModuleFlow(ModuleFlow):
    """Modules that are put into their system's list by a write of their own."""

    def may_hide(self, action: Action) -> bool:
        """A module whose making was interrupted is in no system's list, only in the one that lags."""
        return True

    def prepare(self, items: list[dict[str, Any]]) -> tuple[list[Desired], list[Row]]:
        desired, current = super().prepare(items)
        ours = {row["id"] for row in current}
        listed = {identifier: self._systems.get(identifier, {}).get("modules", ()) for identifier in self._members}
        if not self.problems and any(module not in ours for modules in listed.values() for module in modules):
            self._warn_of_namesakes(
                {wanted.values["driver"] for wanted in desired if "driver" in wanted.values}, listed
            )
        return desired, current

    def _warn_of_namesakes(self, drivers: set[Any], listed: Mapping[str, Iterable[str]]) -> None:
        """A room may have an older driver's module of the same name, which panels would go on using."""
        names = {row["id"]: row.get("module_name") for row in self.references.rows("driver")}
        taken = {names.get(driver) for driver in drivers} - {None}
        modules = {row["id"]: row for row in self.resource.rows()}
        rooms: dict[tuple[str, str], list[str]] = {}
        for system, members in listed.items():
            for row in (modules[module] for module in members if module in modules):
                name = row.get("custom_name") or row["name"]
                if name in taken and row.get("driver") not in drivers:
                    other = self.references.name("driver", row["driver"])
                    rooms.setdefault((name, other), []).append(str(self.references.name("system", system)))
        for (name, other), found in sorted(rooms.items()):
            number = "1 system" if len(found) == 1 else f"{len(found)} systems"
            self.warnings.append(
                f"a module {name} of the driver {other} is in {number} as well, such as {found[0]}; {name}_1 is the one "
                f"that comes first in a system's list: remove the modules of the driver that is not to be used"
            )


class DollarSettingsFlow(SettingsFlow):
    """Settings whose secrets are the texts under ``$`` keys."""

    def desire(self, item: dict[str, Any], items: list[dict[str, Any]]) -> Desired:
        """A level above none asks for encryption, which ACAEngine gives to single texts only."""
        wanted = super().desire(item, items)
        document = wanted.values.get("document")
        if not isinstance(document, dict):
            return wanted
        if item.get("encryption_level") not in (None, "none"):
            wanted.values["document"] = document = dollar_secrets.marked(document)
        for path, secret in dollar_secrets.secrets(document).items():
            if not secret:
                self.problems.append(Problem(wanted.label, "document", f"{path} is empty, and can't be encrypted"))
        for path in dollar_secrets.unprotected(document):
            text = f"{path} would be stored readably: ACAEngine encrypts texts outside of lists only"
            self.problems.append(Problem(wanted.label, "document", text))
        return wanted

    def read_current(self, desired: list[Desired]) -> list[Row]:
        parents = Counter(str(wanted.values.get("parent")) for wanted in desired)
        present = {wanted.values.get("parent") for wanted in desired if not wanted.absent}
        rows: list[Row] = self.resource.rows([*desired, *self._scoped(parents)])
        by_id = {row["id"]: row for row in rows}
        for wanted in desired:
            values = wanted.values
            parent = values.get("parent")
            if parent and parents[str(parent)] > 1 and values.get("mode") == "replace":
                text = "ACAEngine keeps one document per object: with mode replace, give all of it in one item"
                self.problems.append(Problem(wanted.label, "mode", text))
            if parent and wanted.absent and parent in present:
                text = (
                    "ACAEngine keeps one document per object, and another item of the list wants it: name single keys"
                )
                self.problems.append(Problem(wanted.label, "state", text))
            row = by_id.get(values.get("id") or f"{parent}/{values.get('encryption_level')}")
            if row is not None and not wanted.absent and isinstance(values.get("document"), dict):
                self._compare_secrets(wanted, row)
        return rows

    def _scoped(self, parents: Collection[str]) -> list[Desired]:
        """The document in a purge's scope, where no item of the list is about it; one that is empty is gone already."""
        parent = (self.scope or {}).get("parent")
        return [Desired("scope", {"parent": parent}, absent=True)] if parent and parent not in parents else []

    def _compare_secrets(self, wanted: Desired, row: Row) -> None:
        """Put the stored ciphertexts into the places of secrets that are the same, as far as can be known."""
        document = wanted.values["document"]
        same = {path for path, secret in dollar_secrets.secrets(document).items() if self._same(row, path, secret)}
        if same:
            wanted.values["document"] = dollar_secrets.carried(document, row["document"], same)
        for path in dollar_secrets.exposed(wanted.values["document"], row["document"]):
            self.warnings.append(
                f"{wanted.label}: {path} is encrypted on the server and becomes readable; begin its name with $"
            )
        for path in dollar_secrets.readable(
            dollar_secrets.merged(row["document"], wanted.values["document"], wanted.values)
        ):
            key = path.rpartition(".")[2]
            self.warnings.append(
                f"{wanted.label}: {path} stands readable on the server; give it as ${key} to have it encrypted, "
                f"or as null to remove it"
            )

    def _same(self, row: Row, path: str, secret: str) -> bool:
        if self.policy.update_secret != "on_change":
            return self.policy.update_secret == "on_create"
        return self.fingerprints.matches(f"{secret_key(self.kind, row, 'document')}/{path}", secret)

    def same_secret(self, kind: Kind, desired: Desired, row: Row, name: str) -> bool:
        """What was found to be the same was replaced by its ciphertext; a secret that is left is to be written."""
        return not dollar_secrets.secrets(desired.values[name])

    def secrets_of(self, value: Any) -> dict[str, Any]:
        """Each by itself: several tasks may give one object its secrets."""
        return {f"/{path}": secret for path, secret in dollar_secrets.secrets(value).items()}


ACAENGINE_FLOWS: dict[str, type[Flow]] = {
    "zone": PlacedZoneFlow,
    "system": SystemFlow,
    "driver": DiscoveredDriverFlow,
    "module": ListedModuleFlow,
    "settings": DollarSettingsFlow,
    "domain": DomainFlow,
}
"""The flow of each kind on ACAEngine."""
