# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries a plan out: concurrently, one outcome per object, then confirmed by one list read and repaired.

The real server loses updates when one object is written twice at once, checks names without a database constraint,
and its lists may lag behind its writes. Hence: lanes, looking before a create is repeated, and the confirmation.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    Action,
    Desired,
    Kind,
    Pending,
    Plan,
    Row,
    differences,
)

CONFLICT_TRIES = 6
"""How often an update is read and compared again after the server said that its version was old."""


class Resource(Protocol):
    """What a platform offers for one kind; rows are decoded, values are encoded by it."""

    kind: Kind
    settle: float
    """Seconds by which this server's lists may lag behind its writes."""

    def rows(self, desired: list[Desired]) -> list[Row]:
        """All rows that can matter for the desired objects."""

    def read(self, row: Row) -> Row | None:
        """One row, strongly consistent; None when it is gone."""

    def create(self, values: dict[str, Any]) -> Row:
        """Make one object."""

    def update(self, row: Row, changes: dict[str, Any]) -> Row:
        """Change some fields of one object."""

    def delete(self, row: Row) -> None:
        """Remove one object."""

    def find(self, desired: Desired) -> Row | None:
        """Look one object up as strongly as the server can."""

    def complete(self, order: list[str]) -> dict[str, HttpError]:
        """Write what needed the ids of objects that were created meanwhile; errors by the id of the object.

        order: the ids of what was written, in the order of the plan.
        """

    def lane(self, action: Action) -> Hashable | None:
        """Actions with one lane must not run at the same time; None for no restriction."""


@dataclass
class Outcome:
    """What became of one action. verb is what was really done, row what the server has now."""

    action: Action
    verb: str
    row: Row | None = None
    error: HttpError | Exception | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def stored(self) -> Row:
        """What the server has; empty where nothing was stored."""
        return self.row or {}


class NotAttempted(Exception):
    """An object that was left alone because something that it needs had failed before."""


def run_lanes(
    items: Iterable[Any], lane: Callable[[Any], Hashable | None], work: Callable[[Any], None], workers: int
) -> None:
    """Run work for every item in a bounded pool; items of one lane one after another, in order.

    work must not raise: an exception in it is a defect, and is raised here after the pool has stopped.
    """
    queues: dict[Hashable, list[Any]] = {}
    for position, item in enumerate(items):
        key = lane(item)
        queues.setdefault(("alone", position) if key is None else ("lane", key), []).append(item)

    def run(queue: list[Any]) -> None:
        for item in queue:
            work(item)

    if len(queues) < 2 or workers < 2:
        for queue in queues.values():
            run(queue)
        return
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for future in [pool.submit(run, queue) for queue in queues.values()]:
            future.result()


class Execution:
    """One plan on its way."""

    def __init__(self, plan: Plan, resource: Resource, *, workers: int = 8, lookup_deadline: float = 30.0) -> None:
        self.plan = plan
        self.resource = resource
        self.workers = workers
        self.lookup_deadline = lookup_deadline
        self.outcomes: dict[str, Outcome] = {}
        self._latest: dict[str, Row] = {}
        self._created: dict[Any, str] = {}
        self._claimed = {action.current["id"] for action in plan.actions if action.current}
        self._down: HttpError | None = None
        self._lock = threading.Lock()

    def run(self) -> list[Outcome]:
        """Carry out everything; never raises for a single object."""
        writes = self.plan.of("create", "update")
        for wave in self._waves(writes):
            run_lanes(wave, self._lane, self._attempt, self.workers)
        self._complete()
        if any(outcome.error is None for outcome in self.outcomes.values()):
            self._confirm()
        deletes = self.plan.of("delete")
        for wave in self._delete_waves(deletes):
            run_lanes(wave, self._lane, self._attempt, self.workers)
        for action in self.plan.of("keep"):
            self.outcomes.setdefault(_key(action), Outcome(action, "keep", action.current))
        return self._in_plan_order()

    def _in_plan_order(self) -> list[Outcome]:
        """The outcomes so far, whichever thread was faster."""
        order = dict.fromkeys(_key(action) for action in self.plan.actions)
        return [self.outcomes[key] for key in order if key in self.outcomes]

    def _complete(self) -> None:
        """Let the resource write what it could not before all objects existed."""
        if self._down is not None:
            return
        written = {o.stored["id"]: o for o in self._in_plan_order() if o.error is None and o.row is not None}
        for identifier, error in self.resource.complete(list(written)).items():
            written[identifier].error = error

    # -- order ---------------------------------------------------------------------------------------------------

    def _lane(self, action: Action) -> Hashable | None:
        return action.lane or self.resource.lane(action)

    def _waves(self, actions: list[Action]) -> Iterable[list[Action]]:
        """Group actions so that each comes after those that create what it refers to."""
        waiting = list(actions)
        while waiting:
            labels = {self._name_key(action.label) for action in waiting if action.verb == "create"}
            ready = [action for action in waiting if not any(key in labels for key in self._needs(action))]
            # References that go round in a circle can't be created in any order; the attempt says so for each.
            wave = ready or waiting
            yield wave
            done = {id(action) for action in wave}
            waiting = [action for action in waiting if id(action) not in done]

    def _needs(self, action: Action) -> list[Any]:
        return [
            self._name_key(pending.name)
            for pending in _pending(action)
            if pending.kind == self.plan.kind.name and self._name_key(pending.name) != self._name_key(action.label)
        ]

    def _delete_waves(self, actions: list[Action]) -> Iterable[list[Action]]:
        """Objects inside others go first, so that no cascade takes what was not listed."""
        parent = self.plan.kind.parent
        waiting = list(actions)
        while waiting:
            parents = {(action.current or {}).get(parent) for action in waiting} if parent else set()
            wave = [action for action in waiting if (action.current or {}).get("id") not in parents] or waiting
            yield wave
            done = {id(action) for action in wave}
            waiting = [action for action in waiting if id(action) not in done]

    def _name_key(self, name: str) -> Any:
        try:
            return self.plan.kind.field("name").canon(name)
        except KeyError:
            return name

    # -- one object ----------------------------------------------------------------------------------------------

    def _attempt(self, action: Action) -> None:
        outcome = self.outcomes.get(_key(action)) or Outcome(action, action.verb)
        # An object that was parked under another name on the way is judged by its last step.
        outcome.action = action
        try:
            if self._down is not None:
                raise NotAttempted(f"not attempted, since the server stopped answering ({self._down})")
            if outcome.error is not None:
                return
            self._do(action, outcome)
        except HttpError as error:
            outcome.error = error
            if _not_unique(error):
                error.hint = (
                    f"Another {self.plan.kind.name} has it already, one that the inventory describes differently or not "
                    f"at all: rename or remove that one."
                )
            if error.unreachable:
                self._down = error
        except NotAttempted as error:
            outcome.error = error
        with self._lock:
            self.outcomes[_key(action)] = outcome
            if outcome.row is not None and outcome.error is None:
                self._latest[outcome.row["id"]] = outcome.row
                if action.verb == "create":
                    self._created[self._name_key(action.label)] = outcome.row["id"]

    def _do(self, action: Action, outcome: Outcome) -> None:
        values = {name: self._resolve(change.after) for name, change in action.changes.items()}
        if action.verb == "create":
            self._create(action, values, outcome)
        elif action.verb == "update":
            row = self._latest.get(action.row["id"], action.row)
            outcome.row = self._update(action, row, values, outcome)
        elif action.verb == "delete":
            self._delete(action.row)

    def _resolve(self, value: Any) -> Any:
        """Put the ids of just created objects in the place of references to them."""
        if isinstance(value, Pending):
            key = self._name_key(value.name)
            if value.kind == self.plan.kind.name and key in self._created:
                return self._created[key]
            raise NotAttempted(f"not attempted, since {value.kind} {value.name!r} that it refers to was not created")
        if isinstance(value, list):
            return [self._resolve(item) for item in value]
        return value

    def _create(self, action: Action, values: dict[str, Any], outcome: Outcome) -> None:
        for attempt in range(3):
            try:
                outcome.row = self.resource.create(values)
                return
            except HttpError as error:
                if not (error.maybe_done or _not_unique(error)):
                    raise
                # Either the answer was lost, or a lagging list hid the object: look, never create a twin.
                row = self._find(action.wanted, wait=_not_unique(error))
                if row is not None:
                    outcome.notes.append(f"found after {error}")
                    outcome.row = self._update(action, row, None, outcome)
                    return
                if _not_unique(error) or attempt == 2:
                    raise
                if _still_at_it(error) and not self.plan.kind.unique:
                    # Nothing would refuse the twin that a second request makes when the first is done late.
                    error.hint = "The server may still be at it. Run again later: if it was done, it is found then."
                    raise
                _wait(error, attempt)

    def _find(self, desired: Desired, *, wait: bool) -> Row | None:
        """Look an object up again, with back-off for as long as the server's lists may lag."""
        deadline = time.monotonic() + (self.lookup_deadline if wait else self.resource.settle)
        pause = 0.2
        while True:
            row = self.resource.find(desired)
            if row is not None and row["id"] in self._claimed:
                # It has the name that this object is to get, but the plan knows it as another one.
                return None
            if row is not None or time.monotonic() + pause > deadline:
                return row
            time.sleep(pause)
            pause = min(pause * 2, 3.0)

    def _update(self, action: Action, row: Row, values: dict[str, Any] | None, outcome: Outcome) -> Row:
        """Write the differences; with values None they are first taken from the row as it is now."""
        for attempt in range(CONFLICT_TRIES):
            try:
                if values is None:
                    values = self._differences(action, row)
                return self.resource.update(row, values) if values else row
            except HttpError as error:
                if error.status != 409 and not error.maybe_done:
                    raise
                if attempt == CONFLICT_TRIES - 1:
                    raise
                # Somebody else wrote, or our own answer was lost: read, compare and write what is still missing.
                _wait(error, attempt)
                fresh = self.resource.read(row)
                if fresh is None:
                    raise
                row, values = fresh, self._differences(action, fresh)
        raise AssertionError("unreachable")

    def _differences(self, action: Action, row: Row, *, readable_only: bool = False) -> dict[str, Any]:
        """What of this action is still missing in a row; a parked rename has only its own field in mind."""
        wanted = Desired(action.label, {k: self._resolve(v) for k, v in action.wanted.values.items()})
        if action.verb == "update" and set(action.changes) == {"name"} and action.lane:
            wanted = Desired(action.label, {"name": action.changes["name"].after})
        # A secret that can't be read back is sent again only if it was part of the plan.
        changes = differences(self.plan.kind, wanted, row, resend=() if readable_only else action.changes)
        return {name: change.after for name, change in changes.items()}

    def _delete(self, row: Row) -> None:
        for attempt in range(3):
            try:
                self.resource.delete(row)
                return
            except HttpError as error:
                if error.status == 404:
                    return
                if not error.maybe_done or attempt == 2:
                    raise
                if self.resource.read(row) is None:
                    return
                _wait(error, attempt)

    # -- confirmation --------------------------------------------------------------------------------------------

    def _confirm(self) -> None:
        """One list read after the writes; whatever is missing or different is read strongly and written again."""
        written = [o for o in self.outcomes.values() if o.error is None and o.row is not None and o.action.desired]
        if not written or self._down is not None:
            return
        try:
            desired = [o.action.desired for o in written if o.action.desired]
            listed = {row["id"]: row for row in self.resource.rows(desired)}
        except HttpError as error:
            for outcome in written:
                outcome.notes.append(f"written, but not confirmed: {error}")
            return
        doubtful = []
        for outcome in written:
            row = listed.get(outcome.stored["id"])
            if row is None or self._differences(outcome.action, row, readable_only=True):
                doubtful.append(outcome)
            else:
                outcome.row = row
        run_lanes(doubtful, lambda o: self._lane(o.action), self._repair, self.workers)

    def _repair(self, outcome: Outcome) -> None:
        try:
            for _attempt in range(3):
                row = self.resource.read(outcome.stored)
                if row is None:
                    raise NotAttempted("written, but gone when looked at again; somebody else deletes objects here")
                outcome.row = row
                missing = self._differences(outcome.action, row, readable_only=True)
                if not missing:
                    return
                outcome.row = self._update(outcome.action, row, missing, outcome)
                kept = self._differences(outcome.action, outcome.stored, readable_only=True)
                if kept:
                    outcome.notes.append(f"the server stores another value than was sent for {', '.join(sorted(kept))}")
                    return
                outcome.notes.append(f"the server lost {', '.join(sorted(missing))}; written again")
        except (HttpError, NotAttempted) as error:
            outcome.error = error


def _wait(error: HttpError, attempt: int) -> None:
    """Let the server, or the other writer, finish; as long as it asks for, else a little longer each time."""
    time.sleep(error.retry_after if error.retry_after is not None else random.uniform(0, 0.05 * 2**attempt))


def _key(action: Action) -> str:
    """Purged objects have no inventory name, so they are told apart by id."""
    return f"{action.label}\0{action.current['id']}" if action.purged and action.current else action.label


def _pending(action: Action) -> list[Pending]:
    found: list[Pending] = []
    for change in action.changes.values():
        values = change.after if isinstance(change.after, list) else [change.after]
        found.extend(value for value in values if isinstance(value, Pending))
    return found


def _still_at_it(error: HttpError) -> bool:
    """Nobody waited long enough for the answer, so the request may be carried out after this."""
    return error.reason == "timeout" or error.status == 504


def _not_unique(error: HttpError) -> bool:
    """The refusal that follows a create of something that exists already."""
    reasons = [str(failure.get("reason", "")) for failure in error.failures]
    return error.status in (406, 422) and any("unique" in text or "been taken" in text for text in reasons)
