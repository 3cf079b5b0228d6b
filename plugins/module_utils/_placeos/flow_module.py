# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules, their place in systems, and their start.

One item may stand for many modules: a logic driver has one module in each of its systems, while a device or service
module is one that all of its systems share. Within a system the modules keep the order of the items.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._apply import Execution, Outcome, run_lanes
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flow import Flow, Report
from ansible_collections.placeos.office365.plugins.module_utils._placeos.references import Unresolved
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    Action,
    Change,
    Desired,
    Pending,
    Plan,
    Problem,
    Row,
)

START_TRIES = 4
"""A start right after a create can be lost by the server: the flag is set, but nothing runs."""


class NotStarted(Exception):
    """A module that is switched on but does not run."""


def merge_order(current: list[str], wanted: list[str], unwanted: Collection[str] = ()) -> list[str]:
    """The module list of a system: wanted modules in their order, all others where they are, unwanted ones gone.

    Wanted modules that are listed take, in order, the places that wanted modules hold; the rest follow at the end.
    """
    queue = list(dict.fromkeys(wanted))
    result: list[str] = []
    taken = 0
    for identifier in current:
        if identifier in unwanted:
            continue
        if identifier in queue:
            # A list may hold a module twice; it is wanted once.
            if taken < len(queue):
                result.append(queue[taken])
                taken += 1
            continue
        result.append(identifier)
    return result + queue[taken:]


class ModuleFlow(Flow):
    """The flow of modules; what one item stands for is said at the top of this file."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._systems: dict[str, Row] = {}
        self._members: dict[str, list[str]] = {}
        self._leavers: dict[str, set[str]] = {}

    # -- desired -------------------------------------------------------------------------------------------------

    def prepare(self, items: list[dict[str, Any]]) -> tuple[list[Desired], list[Row]]:
        """One desired module per logic module and per shared module; the systems' lists are noted on the way."""
        named = [
            (
                self._reference(item, "driver", item["driver"]) if item.get("driver") else None,
                [self._reference(item, "system", name) for name in (item.get("systems") or ()) if item.get("driver")],
            )
            for item in items
        ]
        # After the names, for which lists that lag may have been read again.
        drivers = {row["id"]: row for row in self.references.rows("driver")}
        self._systems = {row["id"]: row for row in self.references.rows("system")}
        if self.scope and "zone" in self.scope:
            zone = self.scope["zone"]
            self.scope["zone"] = {row["id"] for row in self._systems.values() if zone in (row.get("zones") or ())}
        desired: list[Desired] = []
        for item, (driver, systems) in zip(items, named, strict=True):
            if not item.get("driver"):
                # Named by its id alone, a module is changed wherever it is.
                if item.get("systems") is not None:
                    self.problems.append(Problem(self.label(item), "systems", "give the driver as well"))
                desired.append(self.desire({**item, "systems": None}, items))
                continue
            row = drivers.get(driver, {}) if isinstance(driver, str) else {}
            logic = row.get("role") == "logic" or (not row and bool(systems))
            if not row and isinstance(driver, str) and not self.problems:
                self.problems.append(Problem(self.label(item), "driver", f"there is no driver {driver}"))
            desired.extend(self._expand(item, driver, row, systems, logic))
        if self.problems:
            return desired, []
        current = self.read_current(desired)
        self._detach(desired, current)
        for row in current:
            if row.get("system"):
                # What is purged is not in the inventory, so its room has to tell which one it is.
                row["label"] = f"{row['name']} {row['id']} in {self.references.name('system', row['system'])}"
        return desired, current

    def label(self, item: dict[str, Any]) -> str:
        return str(item.get("custom_name") or item.get("driver") or item.get("id"))

    def sought(self, desired: list[Desired]) -> list[Desired]:
        if self.scope is None:
            return desired
        # Without a driver in its scope, a purge may find modules of any.
        return [*desired, *(Desired("scope", {"driver": driver}) for driver in self.scope.get("driver") or [None])]

    def may_hide(self, action: Action) -> bool:
        """A logic module is looked up by its system right before it is created."""
        return not _system_of(action)

    def _reference(self, item: dict[str, Any], kind: str, name: str) -> Any:
        try:
            return self.references.resolve(kind, name)
        except Unresolved as error:
            if item.get("state") == "absent":
                return Pending(kind, name)
            self.problems.append(Problem(self.label(item), "systems" if kind == "system" else kind, str(error)))
            return Pending(kind, name)

    def _expand(
        self, item: dict[str, Any], driver: Any, driver_row: Row, systems: list[Any], logic: bool
    ) -> list[Desired]:
        label = self.label(item)
        absent = item.get("state") == "absent"
        fields = {spec.name for spec in self.kind.fields} - {"driver", "system"}
        values = {name: value for name, value in item.items() if name in fields and value is not None}
        values["driver"] = driver
        if item.get("id"):
            values["id"] = item["id"]
        if not logic:
            if absent and systems:
                # The module itself stays: it only leaves these systems.
                self._leave(values, systems)
                return []
            for name, default in (("uri", "default_uri"), ("port", "default_port")):
                # The server does not inherit them from the driver.
                if name not in values and driver_row.get(default) and not absent:
                    values[name] = driver_row[default]
            for system in systems:
                self._members.setdefault(_text(system), []).append(label)
            return [Desired(label, values, absent)]
        if item.get("systems") is None:
            self.problems.append(Problem(label, "systems", "a logic module needs the systems that it works in"))
        found = []
        for system, name in zip(systems, item.get("systems") or (), strict=True):
            own = f"{label} in {name}"
            if not absent:
                self._members.setdefault(_text(system), []).append(own)
            found.append(Desired(own, {**values, "system": system}, absent))
        return found

    def _leave(self, values: dict[str, Any], systems: list[Any]) -> None:
        identity = ("driver", "custom_name?")
        for row in self.resource.rows():
            if self.kind.key(identity, row) == self.kind.key(identity, values):
                for system in systems:
                    self._leavers.setdefault(_text(system), set()).add(row["id"])

    def _detach(self, desired: list[Desired], current: list[Row]) -> None:
        """With purge, a shared module also leaves the systems that are not listed any more."""
        if not self.scope or "driver" not in self.scope:
            return
        for row in current:
            if row.get("driver") not in self.scope["driver"] or row.get("system"):
                continue
            labels = {w.label for w in desired if not w.absent and w.values.get("driver") == row["driver"]}
            for identifier, system in self._systems.items():
                if identifier not in self.scope.get("zone", self._systems):
                    continue
                if row["id"] in system["modules"] and not labels & set(self._members.get(identifier, ())):
                    self._leavers.setdefault(identifier, set()).add(row["id"])

    def cascades(self, doomed: dict[str, Action], current: list[Row]) -> dict[str, list[str]]:
        """A shared module that systems still use is not deleted under them."""
        taken: dict[str, list[str]] = {}
        for row in current:
            if row["id"] in doomed and not row.get("system"):
                used = [s["name"] for s in self._systems.values() if row["id"] in s["modules"]]
                taken[row["id"]] = [f"its place in system {name}" for name in used]
        return taken

    # -- plan ----------------------------------------------------------------------------------------------------

    def run(self, items: list[dict[str, Any]]) -> Report:
        report = super().run(items)
        if self.policy.check_mode and not report.problems:
            rows = {action.label: action.current for action in report.plan.actions}
            ids = {label: row["id"] if row else f"(new) {label}" for label, row in rows.items()}
            report.extra_changes = self._list_changes(ids, report)
        return report

    def _list_changes(self, ids: Mapping[str, str], report: Report) -> dict[str, dict[str, Change]]:
        """The systems whose module lists have to change: label -> {modules: before/after}."""
        names = {row["id"]: f"{row.get('custom_name') or row['name']} {row['id']}" for row in self._module_rows(report)}
        changes = {}
        for identifier in dict.fromkeys([*self._members, *self._leavers]):
            before = list(self._systems.get(identifier, {}).get("modules", ()))
            after = self._wanted_list(identifier, before, ids)
            if before != after:
                shown = Change([names.get(m, m) for m in before], [names.get(m, m) for m in after])
                changes[f"modules of {self.references.name('system', identifier)}"] = {"modules": shown}
        return changes

    def _module_rows(self, report: Report) -> list[Row]:
        return [row for action in report.plan.actions if (row := action.current) is not None]

    def _wanted_list(self, system: str, current: list[str], ids: Mapping[str, str]) -> list[str]:
        wanted = [ids[label] for label in self._members.get(system, ()) if label in ids]
        return merge_order(current, wanted, self._leavers.get(system, set()))

    # -- apply ---------------------------------------------------------------------------------------------------

    def apply(self, plan: Plan, report: Report) -> None:
        """Shared modules first, then each system's list, then logic modules, then confirmation, order and starts."""
        fields_only = replace(plan, actions=tuple(_without_running(action) for action in plan.actions))
        shared = [a for a in fields_only.actions if not _system_of(a)]
        logic = [a for a in fields_only.actions if _system_of(a)]
        outcomes = {o.action.label: o for o in self._execute(fields_only, shared)}
        before = {identifier: list(row["modules"]) for identifier, row in self._systems.items()}
        problems = self._attach(outcomes)
        outcomes.update({o.action.label: o for o in self._execute(fields_only, logic)})

        ids = {label: o.row["id"] for label, o in outcomes.items() if o.row is not None and o.verb != "delete"}
        touched = problems or any(o.verb != "keep" for o in outcomes.values()) or self._out_of_place(ids)
        if touched:
            problems.extend(self._settle_lists(ids))
        by_label = {action.label: action for action in plan.actions}
        self._start([(by_label[label], outcome) for label, outcome in outcomes.items() if label in by_label])

        for identifier, row in self._systems.items():
            if before.get(identifier) != row["modules"]:
                name = f"modules of {self.references.name('system', identifier)}"
                report.extra_changes[name] = {"modules": Change(before.get(identifier), row["modules"])}
        report.outcomes = [outcomes[label] for label in by_label if label in outcomes] + problems

    def _execute(self, plan: Plan, actions: list[Action]) -> list[Outcome]:
        return Execution(
            replace(plan, actions=tuple(actions)), _CheckedCreates(self.resource), workers=self.policy.workers
        ).run()

    def _out_of_place(self, ids: Mapping[str, str]) -> bool:
        return any(
            self._wanted_list(identifier, row["modules"], ids) != row["modules"]
            for identifier, row in self._systems.items()
            if identifier in self._members or identifier in self._leavers
        )

    def _attach(self, outcomes: Mapping[str, Outcome]) -> list[Outcome]:
        """Add shared modules to the systems that lack them; one system is written by one thread at a time."""
        ids = {label: o.row["id"] for label, o in outcomes.items() if o.row is not None and o.verb != "delete"}
        missing = [
            (identifier, ids[label])
            for identifier, labels in self._members.items()
            for label in labels
            if label in ids and ids[label] not in self._systems.get(identifier, {}).get("modules", ())
        ]
        return self._change_systems(missing, self._attach_one)

    def _attach_one(self, task: tuple[str, str]) -> None:
        system, module = task
        self._systems[system] = self.platform.resource("system").attach(system, module)

    def _change_systems(self, tasks: list[Any], work: Any) -> list[Outcome]:
        failed: list[Outcome] = []

        def attempt(task: Any) -> None:
            try:
                work(task)
            except HttpError as error:
                label = f"modules of {self.references.name('system', task[0])}"
                failed.append(Outcome(Action("update", label, None, None), "update", error=error))

        run_lanes(tasks, lambda task: task[0], attempt, self.policy.workers)
        return failed

    def _settle_lists(self, ids: Mapping[str, str]) -> list[Outcome]:
        """Read all systems once; where a list is not as wanted (lost updates, order), mend it and look again."""
        listed = {row["id"]: row for row in self.platform.resource("system").rows()}
        tasks = []
        for identifier in dict.fromkeys([*self._members, *self._leavers]):
            row = listed.get(identifier) or self._systems.get(identifier)
            if row is None:
                continue
            self._systems[identifier] = row
            if self._wanted_list(identifier, row["modules"], ids) != row["modules"]:
                tasks.append((identifier, ids))
        return self._change_systems(tasks, self._mend)

    def _mend(self, task: tuple[str, Mapping[str, str]]) -> None:
        identifier, ids = task
        systems = self.platform.resource("system")
        last: HttpError | None = None
        for attempt in range(6):
            if last is not None:
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
            row = systems.read({"id": identifier})
            if row is None:
                return
            self._systems[identifier] = row
            after = self._wanted_list(identifier, row["modules"], ids)
            if after == row["modules"]:
                return
            try:
                systems.arrange(row, after)
            except HttpError as error:
                if error.status != 409 and not error.maybe_done:
                    raise
                last = error
        if last is not None:
            if last.status == 409:
                last.words = "the module list keeps changing under our hands"
                last.hint = "Another client writes this system; run again when it is done."
            raise last

    # -- start ---------------------------------------------------------------------------------------------------

    def _start(self, pairs: list[tuple[Action, Outcome]]) -> None:
        """Switch modules on and off; what was switched on is looked at until it really runs."""
        tasks = [
            (outcome, action.changes["running"].after)
            for action, outcome in pairs
            if "running" in action.changes and outcome.error is None and outcome.row is not None
        ]

        def switch(task: tuple[Outcome, bool]) -> None:
            outcome, on = task
            try:
                if outcome.verb != "create" and (self.resource.read(outcome.stored) or {}).get("running") == on:
                    # The list was behind: another run has switched it just before.
                    return
                _until_answered(self.resource.start if on else self.resource.stop, outcome.stored["id"])
            except HttpError as error:
                outcome.error = error
                return
            outcome.stored["running"] = on
            if outcome.verb == "keep":
                outcome.verb = "update"

        run_lanes(tasks, lambda task: None, switch, self.policy.workers)
        self._await_running([outcome for outcome, on in tasks if on and outcome.error is None])

    def _await_running(self, waiting: list[Outcome]) -> None:
        """Look until everything runs, pausing for all at once; where a start was lost, switch off and on again."""
        for attempt in range(START_TRIES):
            for pause in (0.0, 0.3, 0.7, 1.0):
                if not waiting:
                    return
                time.sleep(pause)
                waiting = self._not_loaded(waiting, restart=attempt > 0 and not pause)
        for outcome in waiting:
            outcome.error = NotStarted(
                "switched on, but it does not run; look at the logs of core (ACAEngine: engine) for this module, "
                "and whether its driver is compiled"
            )

    def _not_loaded(self, outcomes: list[Outcome], *, restart: bool) -> list[Outcome]:
        """Those that do not run yet; a failed request is that module's error."""
        pending: dict[str, Outcome] = {}

        def look(outcome: Outcome) -> None:
            module = outcome.stored["id"]
            try:
                if restart:
                    self.resource.stop(module)
                    self.resource.start(module)
                if not self.resource.loaded(module):
                    pending[module] = outcome
            except HttpError as error:
                outcome.error = error

        run_lanes(outcomes, lambda outcome: None, look, self.policy.workers)
        return list(pending.values())


class _CheckedCreates:
    """Modules are not unique on the server, so a logic module is looked up strongly right before it is created."""

    def __init__(self, modules: Any) -> None:
        self._modules = modules

    def __getattr__(self, name: str) -> Any:
        return getattr(self._modules, name)

    def create(self, values: dict[str, Any]) -> Row:
        if values.get("system"):
            found: Row | None = self._modules.find_in_system(Desired("", values))
            if found is not None:
                return found
        made: Row = self._modules.create(values)
        return made


def _without_running(action: Action) -> Action:
    changes = {name: change for name, change in action.changes.items() if name != "running"}
    desired = action.desired
    if desired is not None:
        desired = replace(desired, values={k: v for k, v in desired.values.items() if k != "running"})
    verb = "keep" if action.verb == "update" and not changes else action.verb
    return replace(action, verb=verb, changes=changes, desired=desired)


def _until_answered(switch: Callable[[str], None], module_id: str) -> None:
    """Switch a module on or off; again where the answer was lost, since doing it twice does no harm."""
    for attempt in range(3):
        try:
            switch(module_id)
            return
        except HttpError as error:
            if not error.maybe_done or error.reason == "timeout" or attempt == 2:
                raise
            time.sleep(error.retry_after if error.retry_after is not None else random.uniform(0, 0.1))


def _system_of(action: Action) -> Any:
    return (action.desired.values if action.desired else action.current or {}).get("system")


def _text(value: Any) -> str:
    return value.name if isinstance(value, Pending) else str(value)
