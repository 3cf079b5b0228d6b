# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries the plan of an application out, against a directory whose copies lag and whose answers get lost.

Each write waits out the known errors of lagging copies; what was written is then read until several reads in a row show
it. A new secret comes last and nothing is read after it: its value exists in that one answer only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.directory import Directory
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.grants import requested
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import (
    APPLICATION,
    GRANT,
    PRINCIPAL,
    SECRET,
    Current,
    Plan,
    Step,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.secrets import NewSecret
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.consistency import (
    DELAYS,
    NotConsistent,
    delays,
    through_lag,
    wait_until,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.errors import (
    ALREADY_DONE,
    CONFLICT_REFETCH,
    kind_of,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import (
    Application,
    Credential,
    Grant,
    MalformedAnswer,
    Principal,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError

SECOND = 1.0
READS = 3
"""Consistent reads in a row after which a write counts as arrived."""


class NotArrived(Exception):
    """What was written is not shown by the directory in time; says what."""


class StepFailed(Exception):
    """A step that could not be done (None: what was written did not arrive); those before it were."""

    def __init__(self, step: Step | None, error: Exception, done: Done) -> None:
        super().__init__(str(error))
        self.step, self.error, self.done = step, error, done


@dataclass
class Done:
    """What there is after the steps that were done. value: that of the new secret."""

    application: Application | None = None
    principal: Principal | None = None
    grants: tuple[Grant, ...] = ()
    steps: list[Step] = field(default_factory=list)
    secret: Credential | None = None
    value: str = ""
    notes: list[str] = field(default_factory=list)


class Apply:
    """One run. deadline: seconds for which each step waits for the directory's copies."""

    def __init__(
        self,
        directory: Directory,
        *,
        deadline: float,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.directory = directory
        self.deadline = deadline
        self._time: dict[str, Any] = {"deadline": deadline, "sleep": sleep, "clock": clock}
        self._sleep = sleep

    def run(self, plan: Plan, current: Current) -> Done:
        """Do all steps in their order; raises StepFailed at the first that fails."""
        done = Done(current.application, current.principal, current.grants)
        making = [step for step in plan.steps if (step.kind, step.verb) == (SECRET, "create")]
        step: Step | None = None
        try:
            for step in plan.steps:
                if step not in making:
                    self._do(step, done)
                    done.steps.append(step)
            step = None
            if done.steps:
                self._settle(done)
            for step in making:
                self._add_secret(step, done)
                done.steps.append(step)
        except (HttpError, TokenError, MalformedAnswer, NotConsistent, NotArrived) as error:
            raise StepFailed(step, error, done) from error
        return done

    def delete(self, step: Step, application: Application) -> Done:
        """Delete the registration, and wait until it is gone."""
        done = Done(application)
        try:
            self._unless_gone(lambda: self.directory.delete_application(application.object_id))
            wait_until(
                lambda: self.directory.application(application.object_id),
                lambda found: found is None,
                times=READS,
                **self._time,
            )
        except (HttpError, TokenError, MalformedAnswer, NotConsistent) as error:
            raise StepFailed(step, error, done) from error
        return Done(steps=[step])

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _do(self, step: Step, done: Done) -> None:
        does: Mapping[tuple[str, str], Callable[[Step, Done], None]] = {
            (APPLICATION, "create"): self._create_application,
            (APPLICATION, "update"): self._update_application,
            (PRINCIPAL, "create"): self._create_principal,
            (GRANT, "create"): self._grant,
            (GRANT, "delete"): self._revoke,
            (SECRET, "delete"): self._remove_secret,
        }
        does[step.kind, step.verb](step, done)

    def _through_lag(self, call: Callable[[], Any]) -> Any:
        return through_lag(call, **self._time)

    def _create_application(self, step: Step, done: Done) -> None:
        body, unique_name = step.what["body"], step.what["unique_name"]
        try:
            created = self._through_lag(lambda: self.directory.create_application(body, unique_name))
        except HttpError as error:
            if unique_name and kind_of(error) == CONFLICT_REFETCH:
                created = None
            elif unique_name or not error.maybe_done:
                raise
            else:
                created = self._look_again(body["displayName"])
                if created is None:
                    created = self._through_lag(lambda: self.directory.create_application(body, None))
        if created is None:
            created = self._existing(lambda: self.directory.application_by("uniqueName", unique_name))
        done.application = created

    def _look_again(self, name: str) -> Application | None:
        """The application that a create may have made although its answer was lost."""
        waited = 0.0
        for wait in delays():
            found = self.directory.applications_named(name)
            if found:
                return found[0]
            if waited + wait > min(self.deadline, sum(DELAYS)):
                return None
            waited += wait
            self._sleep(wait)
        return None

    def _existing(self, read: Callable[[], Any]) -> Any:
        """What surely exists, as soon as a copy shows it."""
        return wait_until(read, lambda found: found is not None, times=1, **self._time)

    def _update_application(self, step: Step, done: Done) -> None:
        application = self._application(done)
        self._through_lag(lambda: self.directory.update_application(application.object_id, step.what))

    def _create_principal(self, step: Step, done: Done) -> None:
        app_id = self._application(done).app_id
        try:
            done.principal = self._through_lag(lambda: self.directory.create_principal(app_id))
        except HttpError as error:
            if kind_of(error) != CONFLICT_REFETCH:
                raise
            # Somebody made it at the same time, or the read before came from a copy that lags.
            done.principal = self._existing(lambda: self.directory.principal(app_id))
            done.grants = self._through_lag(lambda: self.directory.grants(self._principal(done)))

    def _grant(self, step: Step, done: Done) -> None:
        principal, role = self._principal(done), step.what
        try:
            self._through_lag(lambda: self.directory.grant(principal, role))
        except HttpError as error:
            if kind_of(error) != ALREADY_DONE:
                raise

    def _revoke(self, step: Step, done: Done) -> None:
        _role, grant = step.what
        self._unless_gone(lambda: self.directory.revoke(grant))

    def _remove_secret(self, step: Step, done: Done) -> None:
        application, secret = self._application(done), step.what
        self._unless_gone(lambda: self.directory.remove_secret(application.object_id, secret.key_id))

    @staticmethod
    def _unless_gone(call: Callable[[], None]) -> None:
        """Take something away; that it is not there any more is confirmed by the reads that follow."""
        try:
            call()
        except HttpError as error:
            if error.status != 404 and kind_of(error) != ALREADY_DONE:
                raise

    # -- a new secret --------------------------------------------------------------------------------------------------

    def _add_secret(self, step: Step, done: Done) -> None:
        """Make it. Where the answer is lost the secret that nobody can know is removed, and one more is made."""
        application, new = self._application(done), step.what
        known = {secret.key_id for secret in application.secrets}

        def add() -> tuple[dict[str, Any], str]:
            found: tuple[dict[str, Any], str] = self.directory.add_secret(application.object_id, new.name, new.ends)
            return found

        try:
            row, value = self._through_lag(add)
        except (HttpError, MalformedAnswer) as error:
            if isinstance(error, HttpError) and not error.maybe_done:
                raise
            self._drop_unknown(application, new, known, done)
            if isinstance(error, MalformedAnswer):
                raise
            try:
                row, value = self._through_lag(add)
            except HttpError as second:
                if second.maybe_done:
                    self._drop_unknown(application, new, known, done)
                raise
        # From here on nothing may fail: what was answered is all there will ever be.
        done.value = value
        try:
            done.secret = Credential.read({**row, "displayName": row.get("displayName") or new.name})
        except MalformedAnswer:
            done.secret = Credential(str(row.get("keyId") or ""), new.name, ends=new.ends)

    def _drop_unknown(self, application: Application, new: NewSecret, known: set[str], done: Done) -> None:
        """Remove the secret whose answer was lost: of this name, and with exactly the end that was asked for."""

        def left(found: Application | None) -> list[Credential]:
            secrets = found.secrets if found else ()
            return [s for s in secrets if s.name == new.name and s.key_id not in known and _same_end(s, new)]

        def found_any(found: Application | None) -> bool:
            return bool(left(found))

        try:
            seen = wait_until(
                lambda: self.directory.application(application.object_id),
                found_any,
                times=1,
                **{**self._time, "deadline": min(self.deadline, 2 * SECOND)},
            )
            for secret in left(seen):
                self._unless_gone(partial(self.directory.remove_secret, application.object_id, secret.key_id))
                known.add(secret.key_id)
        except NotConsistent:
            done.notes.append(
                f"the answer to making secret {new.name!r} was lost; if Entra made it all the same, it is one that "
                f"nobody knows, and the next run reports it"
            )
        except (HttpError, MalformedAnswer) as error:
            done.notes.append(f"the answer to making secret {new.name!r} was lost, and looking for it failed: {error}")

    # -- what was written, as the directory shows it -------------------------------------------------------------------

    def _settle(self, done: Done) -> None:
        """Read what was written until several reads in a row agree."""
        application = self._application(done)
        kinds = {step.kind for step in done.steps}

        def read() -> Done:
            seen = Done(done.application, done.principal, done.grants)
            if kinds & {APPLICATION, SECRET}:
                seen.application = self.directory.application(application.object_id)
            if PRINCIPAL in kinds:
                seen.principal = self.directory.principal(application.app_id)
            if kinds & {PRINCIPAL, GRANT} and seen.principal is not None:
                seen.grants = self.directory.grants(seen.principal)
            return seen

        try:
            seen = wait_until(read, lambda found: not _not_arrived(done.steps, found), times=READS, **self._time)
        except NotConsistent as error:
            late = _not_arrived(done.steps, error.value) if isinstance(error.value, Done) else []
            raise NotArrived(f"{', '.join(late) or 'the application'}: {error}") from error
        done.application, done.principal, done.grants = seen.application, seen.principal, seen.grants

    @staticmethod
    def _application(done: Done) -> Application:
        if done.application is None:
            raise MalformedAnswer("the application that was just made is not there any more; somebody deletes it")
        return done.application

    @staticmethod
    def _principal(done: Done) -> Principal:
        if done.principal is None:
            raise MalformedAnswer("the service principal that was just made is not there any more; somebody deletes it")
        return done.principal


def _same_end(secret: Credential, new: NewSecret) -> bool:
    return secret.ends is not None and abs((secret.ends - new.ends).total_seconds()) < SECOND


def _not_arrived(steps: list[Step], seen: Done) -> list[str]:
    """What was written and these reads do not show, by its label."""
    given = {(grant.resource_id, grant.role_id) for grant in seen.grants}
    keys = {secret.key_id for secret in seen.application.secrets} if seen.application else set()
    shown: Mapping[tuple[str, str], Callable[[Step], bool]] = {
        (APPLICATION, "create"): lambda step: _carries(seen.application, step.what["body"]),
        (APPLICATION, "update"): lambda step: _carries(seen.application, step.what),
        (PRINCIPAL, "create"): lambda _step: seen.principal is not None,
        (GRANT, "create"): lambda step: (step.what.resource_id, step.what.id) in given,
        (GRANT, "delete"): lambda step: (step.what[1].resource_id, step.what[1].role_id) not in given,
        (SECRET, "delete"): lambda step: seen.application is not None and step.what.key_id not in keys,
    }
    return [step.label for step in steps if not shown[step.kind, step.verb](step)]


def _carries(application: Application | None, body: Mapping[str, Any]) -> bool:
    """Has the registration the properties that were written?"""
    required = body.get("requiredResourceAccess")
    return (
        application is not None
        and ("displayName" not in body or application.display_name == body["displayName"])
        and ("uniqueName" not in body or application.unique_name == body["uniqueName"])
        and (required is None or set(requested(application.required)) == set(requested(required)))
    )
