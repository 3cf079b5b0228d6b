# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What single kinds need beyond their fields; modules have a file of their own (flow_module.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._apply import Outcome, run_lanes
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flow import Flow, Report
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flow_module import ModuleFlow
from ansible_collections.placeos.office365.plugins.module_utils._placeos.references import Unresolved
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    UNREADABLE,
    Action,
    Desired,
    Pending,
    Plan,
    Problem,
    Row,
)


class SystemFlow(Flow):
    """Systems take their own modules with them when they are deleted."""

    def cascades(self, doomed: dict[str, Action], current: list[Row]) -> dict[str, list[str]]:
        modules = {row["id"]: row for row in self.platform.resource("module").rows()}
        elsewhere = {m for row in current if row["id"] not in doomed for m in row["modules"]}
        taken: dict[str, list[str]] = {}
        for row in current:
            if row["id"] not in doomed:
                continue
            for identifier in row["modules"]:
                module = modules.get(identifier, {})
                # A logic module belongs to its system; a device or service that only this system has is a loss.
                if identifier not in elsewhere and module.get("role") not in ("logic", None):
                    taken.setdefault(row["id"], []).append(f"module {module.get('name')} {identifier}")
        return taken


class RepositoryFlow(Flow):
    """A repository takes its drivers, and their modules, with it."""

    def cascades(self, doomed: dict[str, Action], current: list[Row]) -> dict[str, list[str]]:
        taken: dict[str, list[str]] = {}
        for driver in self.platform.resource("driver").rows():
            taken.setdefault(driver.get("repository", ""), []).append(f"driver {driver.get('name')}")
        return {identifier: taken.get(identifier, []) for identifier in doomed}


class DomainFlow(Flow):
    """A domain takes its users and sign-in methods with it; the API does not list them here."""

    def label(self, item: dict[str, Any]) -> str:
        return str(item.get("domain") or item.get("id"))

    def desire(self, item: dict[str, Any], items: list[dict[str, Any]]) -> Desired:
        """Zone and driver are named in the inventory, but the config holds their ids."""
        wanted = super().desire(item, items)
        for key, kind in (("org_zone", "zone"), ("o365_driver", "driver")):
            name = wanted.values.pop(key, None)
            if not name or wanted.absent:
                continue
            try:
                identifier = self.references.resolve(kind, name)
                wanted.values["config"] = {**(wanted.values.get("config") or {}), key: identifier}
            except Unresolved as error:
                self.problems.append(Problem(wanted.label, key, str(error)))
        return wanted

    def read_current(self, desired: list[Desired]) -> list[Row]:
        """A domain is made on purpose only, with a name: a host name that the server does not know is a mistake."""
        rows = super().read_current(desired)
        known = {self.kind.key(("domain",), row) for row in rows} | {row["id"] for row in rows}
        for wanted in desired:
            found = {wanted.values.get("id"), self.kind.key(("domain",), wanted.values)} & known
            if not found and not wanted.absent and not wanted.values.get("name"):
                names = ", ".join(sorted(str(row.get("domain")) for row in rows))
                text = f"the server has no such domain, only {names}; correct it, or give name to make a new one"
                self.problems.append(Problem(wanted.label, "domain", text))
        return rows

    def cascades(self, doomed: dict[str, Action], current: list[Row]) -> dict[str, list[str]]:
        return {identifier: ["all users and sign-in methods of the domain"] for identifier in doomed}


class TenantFlow(Flow):
    """Tenants are read from a database, so their list does not lag."""

    def label(self, item: dict[str, Any]) -> str:
        suffix = f" ({item['email_domain']})" if item.get("email_domain") else ""
        return f"{item.get('domain') or item.get('id')}{suffix}"


class DriverFlow(Flow):
    """Drivers take their modules with them when they are deleted."""

    def label(self, item: dict[str, Any]) -> str:
        return str(item.get("name") or item.get("class_name") or item.get("id"))

    compile_timeout: float = 300.0
    """Seconds to wait until a driver can be used."""

    def _complete(self, wanted: Desired, needed: tuple[str, ...]) -> None:
        for name in needed:
            if name not in wanted.values:
                self.problems.append(Problem(wanted.label, name, "is needed for a new driver"))

    def cascades(self, doomed: dict[str, Action], current: list[Row]) -> dict[str, list[str]]:
        taken: dict[str, list[str]] = {}
        for module in self.platform.resource("module").rows():
            taken.setdefault(module.get("driver", ""), []).append(f"module {module['name']} {module['id']}")
        return {identifier: taken.get(identifier, []) for identifier in doomed}


class CompiledDriverFlow(DriverFlow):
    """Drivers made from a file of a repository: the newest commit is looked up, and compilation awaited.

    Without a commit, a new driver gets the newest one and an existing driver keeps its own; ``latest`` moves both.
    """

    def prepare(self, items: list[dict[str, Any]]) -> tuple[list[Desired], list[Row]]:
        desired, current = super().prepare(items)
        if self.problems:
            return desired, current
        present = {self._key(row) for row in current}
        for wanted in desired:
            if wanted.absent:
                continue
            commit = wanted.values.get("commit")
            is_new = self._key(wanted.values) not in present and "id" not in wanted.values
            if commit == "latest" or (commit is None and is_new):
                self._newest(wanted)
            if is_new:
                self._complete(wanted, ("name", "repository", "file_name", "module_name", "role"))
        return desired, current

    def _key(self, values: dict[str, Any]) -> Any:
        return self.kind.key(("repository", "file_name"), values)

    def _newest(self, wanted: Desired) -> None:
        repository = wanted.values.get("repository")
        if isinstance(repository, Pending):
            # Check mode, and the repository is still to be created: nobody can say yet.
            wanted.values["commit"] = "latest"
            return
        if repository is None or "file_name" not in wanted.values:
            self.problems.append(Problem(wanted.label, "commit", "latest needs repository and file_name"))
            return
        try:
            newest = self.platform.resource("repository").newest_commit(repository, wanted.values["file_name"])
            wanted.values["commit"] = newest
        except HttpError as error:
            text = f"the newest commit can't be found out ({error}); give a commit. {error.hint}".strip()
            self.problems.append(Problem(wanted.label, "commit", text))

    def apply(self, plan: Plan, report: Report) -> None:
        super().apply(plan, report)
        # A driver that did not compile in an earlier run is as desired, but not of any use.
        waiting = [
            outcome
            for outcome in report.outcomes
            if outcome.error is None
            and (row := outcome.row) is not None
            and outcome.verb != "delete"
            and (outcome.verb != "keep" or row.get("compilation_output"))
        ]

        def wait(outcome: Outcome) -> None:
            try:
                failure = self.resource.wait_until_compiled(outcome.stored["id"], self.compile_timeout)
            except HttpError as error:
                outcome.error = error
                return
            if failure:
                outcome.error = CompileError(failure)

        run_lanes(waiting, lambda _outcome: None, wait, self.policy.workers)


class CompileError(Exception):
    """A driver that was saved but did not compile; the text is the compiler's output."""


class SettingsFlow(Flow):
    """Settings documents per parent and level."""

    parent_kinds = ("zone", "system", "driver", "module")

    def label(self, item: dict[str, Any]) -> str:
        if item.get("id") and not item.get("parent"):
            return str(item["id"])
        return f"{item.get('encryption_level')} settings of {item.get('parent')}"

    def desire(self, item: dict[str, Any], items: list[dict[str, Any]]) -> Desired:
        """An id that the caller knows already spares the look-up of the name."""
        known = item.get("parent_id")
        wanted = super().desire({**item, "parent": known or item.get("parent"), "parent_id": None}, items)
        return replace(wanted, label=self.label(item))

    def may_hide(self, action: Action) -> bool:
        return False

    def read_current(self, desired: list[Desired]) -> list[Row]:
        scoped = [Desired("scope", {"parent": self.scope["parent"]})] if self.scope and "parent" in self.scope else []
        rows: list[Row] = self.resource.rows(desired + scoped)
        self._warn_about_duplicates(rows)
        rows = self._first_of_duplicates(rows)
        for wanted in desired:
            self._look_for_conflicts(wanted, rows)
        return rows

    def _groups(self, rows: list[Row]) -> dict[tuple[str, str], list[Row]]:
        groups: dict[tuple[str, str], list[Row]] = {}
        for row in sorted(rows, key=lambda row: str(row["id"])):
            groups.setdefault((row["parent"], row["encryption_level"]), []).append(row)
        return groups

    def _warn_about_duplicates(self, rows: list[Row]) -> None:
        for (parent, level), group in self._groups(rows).items():
            if len(group) > 1:
                ids = ", ".join(row["id"] for row in group)
                self.warnings.append(
                    f"{parent} has {len(group)} settings rows of level {level} ({ids}); the first is managed, "
                    f"and which one a driver sees is left to chance: merge them by hand and delete the others"
                )

    def _first_of_duplicates(self, rows: list[Row]) -> list[Row]:
        return [group[0] for group in self._groups(rows).values()]

    def _look_for_conflicts(self, wanted: Desired, rows: list[Row]) -> None:
        values = wanted.values
        document = values.get("document")
        if wanted.absent or not isinstance(document, dict):
            return
        for row in rows:
            if row["parent"] != values.get("parent"):
                continue
            if row["encryption_level"] == values.get("encryption_level"):
                beyond = sorted(set(row["keys"]) - set(document))
                if row["document"] is UNREADABLE and values.get("mode") != "replace" and beyond:
                    text = (
                        f"the stored document can't be read, so nothing can be merged into it; it also has the keys "
                        f"{', '.join(beyond)}: give the whole document with mode: replace"
                    )
                    self.problems.append(Problem(wanted.label, "document", text))
                continue
            shared = sorted(set(row["keys"]) & set(document))
            if shared:
                self.warnings.append(
                    f"{wanted.label}: {', '.join(shared)} also stand{'s' if len(shared) == 1 else ''} in the "
                    f"{row['encryption_level']} settings {row['id']} of the same parent; the higher level wins"
                )


class MetadataFlow(Flow):
    """Metadata documents below zones and systems."""

    parent_kinds = ("zone", "system")

    def label(self, item: dict[str, Any]) -> str:
        return f"{item.get('name')} of {item.get('parent')}"

    def may_hide(self, action: Action) -> bool:
        return False

    def read_current(self, desired: list[Desired]) -> list[Row]:
        rows: list[Row] = self.resource.rows(desired)
        if self.scope and "parent" in self.scope:
            known = {row["id"] for row in rows}
            rows.extend(row for row in self.resource.below(self.scope["parent"]) if row["id"] not in known)
        return rows


FLOWS: dict[str, type[Flow]] = {
    "system": SystemFlow,
    "repository": RepositoryFlow,
    "driver": CompiledDriverFlow,
    "module": ModuleFlow,
    "settings": SettingsFlow,
    "metadata": MetadataFlow,
    "domain": DomainFlow,
    "tenant": TenantFlow,
}
"""The flow of each kind that needs its own, on PlaceOS v2."""
