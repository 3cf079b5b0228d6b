# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of every configuration task: options -> desired -> one list read -> plan -> apply -> report."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._apply import Execution, Outcome
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos.fingerprints import Fingerprints
from ansible_collections.placeos.office365.plugins.module_utils._placeos.platform import Platform
from ansible_collections.placeos.office365.plugins.module_utils._placeos.references import References, Unresolved
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    UNREADABLE,
    Action,
    Change,
    Desired,
    Kind,
    PartlyReadable,
    Pending,
    Plan,
    Problem,
    Purge,
    Row,
    make_plan,
)


@dataclass(frozen=True)
class Policy:
    """How a task may act. host: the name under which the client signs in to the server."""

    check_mode: bool = False
    workers: int = 8
    purge: bool = False
    purge_scope: dict[str, Any] = field(default_factory=dict)
    purge_max_share: float = 0.1
    force: bool = False
    update_secret: str = "on_change"
    host: str = ""


@dataclass
class Report:
    """What a task has to say: its plan, and what became of it (empty in check mode)."""

    plan: Plan
    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unsupported: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Options that were left out since the platform has no place for them: (option, reason) -> labels of objects."""
    extra_changes: dict[str, dict[str, Change]] = field(default_factory=dict)
    """Changes beyond the objects' own fields (a module's place in systems), by label."""


class Flow:
    """One task for one kind. Subclasses add what a kind needs beyond its fields."""

    parent_kinds: tuple[str, ...] = ()
    """Kinds that ``parent`` may name, where it is not a reference to the own kind."""

    taken_along = "deleting it would also delete {count} more: {shown}; set force if that is meant"
    """Why a deletion asks for force."""

    def __init__(self, platform: Platform, kind: str, policy: Policy) -> None:
        self.platform = platform
        self.policy = policy
        self.resource = platform.resource(kind)
        self.kind: Kind = self.resource.kind
        self.references = References(platform, check_mode=policy.check_mode)
        self.fingerprints = Fingerprints(platform, policy.host)
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.unsupported: dict[tuple[str, str], list[str]] = {}
        self.scope: dict[str, Any] | None = None
        self._peers: set[str] | None = None

    def run(self, items: list[dict[str, Any]]) -> Report:
        """Make the server match the items; writes nothing in check mode or when there are problems."""
        self.scope = self._purge_scope() if self.policy.purge else None
        desired, current = self.prepare(items)
        purge = None if self.scope is None else Purge(self.scope, self.policy.purge_max_share)
        if self.problems:
            return self._report(Plan(self.kind, ()))
        plan = make_plan(self.kind, desired, current, purge=purge, same_secret=self.same_secret)
        self._allow_large_purge_preview(plan)
        self.guard_deletes(plan, current)
        report = self._report(plan)
        if not self.problems and not self.policy.check_mode:
            self.apply(plan, report)
        return report

    def _report(self, plan: Plan) -> Report:
        return Report(plan, problems=self.problems, warnings=self.warnings, unsupported=self.unsupported)

    # -- what subclasses change ----------------------------------------------------------------------------------

    def prepare(self, items: list[dict[str, Any]]) -> tuple[list[Desired], list[Row]]:
        """Desired objects with references resolved, and the rows to compare them with."""
        same_kind = any(spec.ref == self.kind.name for spec in self.kind.fields)
        if same_kind:
            # Resolving a purge's scope may have read the list already.
            current = self.references.rows(self.kind.name)
            return [self.desire(item, items) for item in items], current
        desired = [self.desire(item, items) for item in items]
        return desired, self.read_current(desired)

    def read_current(self, desired: list[Desired]) -> list[Row]:
        """The rows of this kind; read twice before something is created that the server would take twice."""
        sought = self.sought(desired)
        rows: list[Row] = self.resource.rows(sought)
        if self.kind.unique or self.policy.check_mode or not self.resource.settle:
            return rows
        planned = make_plan(self.kind, desired, rows, same_secret=lambda *_args: True)
        if any(self.may_hide(action) for action in planned.of("create")):
            # What another run created a moment ago may not be listed yet, and nothing would refuse its twin.
            time.sleep(self.resource.settle)
            rows = self.resource.rows(sought)
        return rows

    def sought(self, desired: list[Desired]) -> list[Desired]:
        """The desired objects, and stand-ins for what a purge may find besides."""
        return desired

    def may_hide(self, action: Action) -> bool:
        """May the object to be created be there already, behind a list that lags?"""
        return True

    def label(self, item: dict[str, Any]) -> str:
        """The object's inventory name."""
        return str(item.get("name") or item.get("id"))

    def apply(self, plan: Plan, report: Report) -> None:
        """Carry the plan out."""
        report.outcomes = Execution(plan, self.resource, workers=self.policy.workers).run()
        self.remember_secrets(report)

    # -- options -> desired --------------------------------------------------------------------------------------

    def desire(self, item: dict[str, Any], items: list[dict[str, Any]]) -> Desired:
        """One object's options as desired values: what is unset is left out."""
        label = self.label(item)
        given = {
            name: value
            for name, value in item.items()
            if value is not None and name not in ("state", "parent_kind", "purge")
        }
        values = {name: value for name, value in given.items() if name not in self.kind.lacking}
        for name in given.keys() & self.kind.lacking.keys():
            self.leave_out(label, name, self.kind.lacking[name])
        absent = item.get("state") == "absent"
        peers = self._peers_of(items)
        for spec in self.kind.fields:
            if spec.name in values and (spec.ref or (spec.name == "parent" and self.parent_kinds)):
                kind = spec.ref or item.get("parent_kind") or self.parent_kinds[0]
                values[spec.name] = self._resolve(label, spec.name, kind, values[spec.name], peers=peers, absent=absent)
        return Desired(label, values, absent)

    def leave_out(self, label: str, option: str, reason: str) -> None:
        """Note that an option of an object has no place on this platform."""
        self.unsupported.setdefault((option, reason), []).append(label)

    def _peers_of(self, items: list[dict[str, Any]]) -> set[str]:
        """The names that this task's own list gives; made once, since every object asks for them."""
        if self._peers is None:
            self._peers = {self.label(other) for other in items if other.get("state") != "absent"}
        return self._peers

    def _resolve(self, label: str, name: str, kind: str, value: Any, *, peers: set[str], absent: bool) -> Any:
        if isinstance(value, list):
            return [self._resolve(label, name, kind, item, peers=peers, absent=absent) for item in value]
        if value == "":
            return value
        try:
            if kind == self.kind.name and value in peers:
                # Created by this very task, unless it is there already.
                rows = self.references.lookup(kind, value)
                if not rows:
                    return Pending(kind, value)
            return self.references.resolve(kind, value)
        except Unresolved as error:
            if absent:
                # Nothing can be inside what does not exist: the object is gone already.
                return Pending(kind, value)
            self.problems.append(Problem(label, name, str(error)))
            return value

    def _purge_scope(self) -> dict[str, Any]:
        scope = dict(self.policy.purge_scope)
        if self.parent_kinds and "parent" not in scope:
            # The server lists these documents by their parent only.
            self.problems.append(Problem("purge", "purge_scope", "needs the parent whose documents it may delete"))
        elif not scope:
            self.problems.append(Problem("purge", "purge_scope", "purge needs a scope, or it would empty the server"))
        for name, value in scope.items():
            if name not in self.kind.scopes:
                text = f"{self.kind.plural} have no such scope on this platform"
                self.problems.append(Problem("purge", f"purge_scope.{name}", text))
                continue
            kind = self.scope_kind(name)
            if kind:
                try:
                    if isinstance(value, list):
                        scope[name] = [self.references.resolve(kind, item) for item in value]
                    else:
                        scope[name] = self.references.resolve(kind, value)
                except Unresolved as error:
                    self.problems.append(Problem("purge", f"purge_scope.{name}", str(error)))
        return scope

    def scope_kind(self, name: str) -> str | None:
        """The kind that a scope's value names, or None for a plain value."""
        if name == "parent" and self.parent_kinds:
            return self.parent_kinds[0]
        return name if name in ("zone", "driver", "system", "repository") else None

    # -- safety --------------------------------------------------------------------------------------------------

    def _allow_large_purge_preview(self, plan: Plan) -> None:
        """In check mode too large a purge is shown with its list; a real run is stopped by it."""
        for problem in plan.problems:
            if problem.label == "purge" and self.policy.check_mode:
                self.warnings.append(f"a real run would be refused: purge {problem.text}")
            else:
                self.problems.append(problem)

    def guard_deletes(self, plan: Plan, current: list[Row]) -> None:
        """Deleting what takes other objects with it asks for force."""
        doomed = {action.current["id"]: action for action in plan.of("delete") if action.current}
        if not doomed or self.policy.force:
            return
        for identifier, taken in self.cascades(doomed, current).items():
            if taken:
                shown = ", ".join(taken[:5]) + (" …" if len(taken) > 5 else "")
                text = self.taken_along.format(count=len(taken), shown=shown)
                self.problems.append(Problem(doomed[identifier].label, None, text))

    def cascades(self, doomed: dict[str, Action], current: list[Row]) -> dict[str, list[str]]:
        """What the server would delete along with each doomed object, without what is to be deleted anyway."""
        parent = self.kind.parent
        taken: dict[str, list[str]] = {}
        if parent:
            for row in current:
                if row.get(parent) in doomed and row["id"] not in doomed:
                    taken.setdefault(row[parent], []).append(f"{self.kind.name} {row.get('name')}")
        return taken

    # -- secrets that can't be read back -------------------------------------------------------------------------

    def same_secret(self, kind: Kind, desired: Desired, row: Row, name: str) -> bool:
        """Decides about unreadable values by policy."""
        if self.policy.update_secret == "always":
            return False
        if self.policy.update_secret == "on_create":
            return True
        return self.fingerprints.matches(secret_key(kind, row, name), desired.values[name])

    def secrets_of(self, value: Any) -> dict[str, Any]:
        """What of a desired value can't be read back once it is stored, by the end of the key it is remembered under."""
        return {"": value}

    def remember_secrets(self, report: Report) -> None:
        """Keep fingerprints of the secrets that were written, for the next run's comparison."""
        if self.policy.update_secret != "on_change":
            return
        for outcome in report.outcomes:
            if outcome.error is not None or outcome.row is None or outcome.verb not in ("create", "update"):
                continue
            for name in outcome.action.changes:
                stored = outcome.row.get(name)
                if (stored is UNREADABLE or isinstance(stored, PartlyReadable)) and outcome.action.desired:
                    key = secret_key(self.kind, outcome.row, name)
                    for end, secret in self.secrets_of(outcome.action.desired.values[name]).items():
                        self.fingerprints.learn(key + end, secret)
        try:
            warning = self.fingerprints.save()
        except HttpError as error:
            warning = f"written secrets could not be remembered, the next run will write them again: {error}"
        if warning:
            report.warnings.append(warning)


def secret_key(kind: Kind, row: Row, name: str) -> str:
    """Under which a secret's fingerprint is kept."""
    return f"{kind.name}/{row['id']}/{name}"
