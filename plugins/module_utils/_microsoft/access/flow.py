# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application's access to mailboxes, from looking over planning to writing, in as few sessions as can be.

One session reads everything, a second one writes, reads again and tests. An unchanged run has the first one alone, or two
where policies count nested groups.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access import policies as access_policies
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access import rbac
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.look import Job, Looking, Seen
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    ACCESS_POLICY,
    DELETE,
    RESTRICT,
    AccessFaults,
    Note,
    Plan,
    Step,
    warning,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.rbac_rows import pointers_of
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.tests import Verdict
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    Exchange,
    ExchangeError,
)

NOT_SETTLED = "not_settled"
PAUSES = (2.0, 4.0, 8.0, 8.0, 12.0)
"""Seconds between attempts while a new application has not reached Exchange; the last one is repeated."""


class AccessFailed(Exception):
    """A step that failed: which, why, and what was done before it."""

    def __init__(self, step: Step, error: ExchangeError, done: Sequence[Step]) -> None:
        super().__init__(f"{step.label}: {error}")
        self.step, self.error, self.done = step, error, list(done)


@dataclass
class Outcome:
    """What came of it.

    plan: as it was before writing; settled: as it is after that; verdicts of the Test cmdlets; restricted: access policies
    restrict the application, whatever kind is planned.
    """

    plan: Plan
    settled: Plan
    verdicts: list[Verdict]
    notes: list[Note]
    changed: bool
    restricted: bool


class Access:
    """Carries out one job through one way to Exchange."""

    def __init__(
        self,
        exchange: Exchange,
        job: Job,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange = exchange
        self._job = job
        self._looking = Looking(exchange, job)
        self._sleep, self._clock = sleep, clock

    @property
    def _seen(self) -> Seen:
        return self._looking.seen

    def run(self) -> Outcome:
        """Look, plan, and unless in check mode write.

        Raises:
            AccessFaults: the wishes are not possible; nothing was written.
            AccessFailed: a write failed.
            ExchangeError: Exchange cannot be reached, or not be read.
        """
        self._looking.look()
        plan = self._plan()
        pending = plan.pending
        settled = plan
        if pending and self._job.check_mode:
            self._seen.verdicts = []
        elif pending:
            self._write(pending, [])
            settled = self._plan()
            if settled.pending:
                # Two policies that differ in their right only have one identity, so that a removal may have hit the
                # wrong one of them or both: go by what is there now, once, and remove before creating.
                self._write(sorted(settled.pending, key=lambda step: step.verb != DELETE), pending)
            settled = self._settled()
        elif self._job.questions and not self._seen.verdicts:
            self._looking.test()
        late = [note for note in settled.notes if note.id == NOT_SETTLED]
        notes = [*plan.notes, *late, *self._looking.remarks()]
        policies = access_policies.policies_of(self._seen.lists["policies"], self._job.app.app_id)
        restricted = any(policy.right == RESTRICT for policy in policies)
        return Outcome(plan, settled, self._seen.verdicts, notes, bool(pending), restricted)

    def _plan(self) -> Plan:
        job, seen = self._job, self._seen
        wishes = self._looking.known_wishes()
        if job.kind == ACCESS_POLICY:
            policies = seen.lists["policies"]
            return access_policies.plan_policies(job.app.app_id, wishes, seen.groups, policies, purge=job.purge)
        found = rbac.Found(
            seen.lists["principals"], seen.lists.get("scopes", ()), seen.lists["assignments"], seen.groups
        )
        if not job.app.object_id:
            pointers = pointers_of(found.principals)
            pointer = next((one for one in pointers if one.app_id == job.app.app_id.lower()), None)
            if pointer is not None:
                job = self._job = replace(job, app=replace(job.app, object_id=pointer.object_id))
                self._looking.job = job
            elif not job.check_mode:
                raise AccessFaults(
                    f"the object id of application {job.app.app_id} under Entra's Enterprise applications is not known: "
                    "give service_principal_id, or let the automation identity read it (Application.Read.All)"
                )
        return rbac.plan_rbac(job.app, wishes, found, purge=job.purge)

    def _write(self, pending: Sequence[Step], before: Sequence[Step]) -> None:
        """Do all steps, then read and test again, in one session; repeated from the failed step while that is lag."""
        deadline = self._clock() + self._job.replication_deadline
        done = list(before)
        left = list(pending)
        attempt = 0
        while True:
            writes = [step.command for step in left if step.command is not None]
            after = [*self._looking.list_commands(), *self._looking.test_commands()]
            answers = self._exchange.run([*writes, *after], stop_on_error=True)
            wrote = answers[: len(writes)]
            failed = next((place for place, answer in enumerate(wrote) if answer.error is not None), None)
            if failed is None:
                self._looking.take_again(answers[len(writes) :])
                return
            done += left[:failed]
            left = left[failed:]
            error = wrote[failed].error or ExchangeError("", "no words")
            in_the_way = _in_the_way(left) if error.kind == "exists" else None
            if in_the_way is not None:
                left = [in_the_way, *(step for step in left if step is not in_the_way)]
                continue
            wait = PAUSES[min(attempt, len(PAUSES) - 1)]
            if not _may_be_lag(error, done) or self._clock() + wait > deadline:
                raise AccessFailed(left[0], error, done)
            attempt += 1
            self._sleep(wait)

    def _settled(self) -> Plan:
        """Plan once more from what Exchange shows now; what is still to do was not taken over as given."""
        settled = self._plan()
        if settled.pending:
            labels = ", ".join(step.label for step in settled.pending)
            settled.notes.append(
                warning(
                    NOT_SETTLED, self._job.app.app_id, f"Exchange still shows something else than was written: {labels}.",
                    "Run again in some minutes; if it stays, write the value as Exchange shows it (--diff).",
                )
            )  # fmt: skip
        self._retest()
        return settled

    def _retest(self) -> None:
        """Give what was just written a moment, where the Test cmdlets do not see it yet."""
        deadline = self._clock() + self._job.replication_deadline
        attempt = 0
        while not all(one.ok for one in self._seen.verdicts):
            wait = PAUSES[min(attempt, len(PAUSES) - 1)]
            if self._clock() + wait > deadline:
                return
            attempt += 1
            self._sleep(wait)
            self._looking.test()


def _in_the_way(left: Sequence[Step]) -> Step | None:
    """The removal of the policy with the other right for the same group, where both cannot exist at once.

    Whether they can is not documented. Without it the new one comes first.
    """
    wanted = (left[0].after or {}).get("group_id")
    rest = [step for step in left[1:] if step.verb == DELETE]
    return next((step for step in rest if wanted and (step.before or {}).get("group_id") == wanted), None)


def _may_be_lag(error: ExchangeError, done: Sequence[Step]) -> bool:
    """Is it what a new object looks like that has not arrived everywhere?"""
    return error.kind == "principal_not_found" or (error.kind == "not_found" and bool(done))
