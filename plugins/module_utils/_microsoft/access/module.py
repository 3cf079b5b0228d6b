# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of graph_access_policy: plan, writes, Exchange's own tests, proof by real reads, result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access import rbac
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.flow import (
    Access,
    AccessFailed,
    Outcome,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.grants import (
    Held,
    grant_notes,
    read_grants,
    read_principal,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.look import Job
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    RBAC,
    VERBS,
    AccessFaults,
    Note,
    Plan,
    info,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.options import (
    SPEC,
    option_faults,
    wishes,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.proof import (
    Proved,
    not_proved,
    prove_scope,
    verdict_fault,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.tests import questions
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.errors import line
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.admin_api import UNDOCUMENTED
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import ExchangeError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.connect import exchange_for
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.frame import MicrosoftFrame, describe_any
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import MalformedAnswer
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_access_policy
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.options import UnusableOption, has_credential
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import Tokens

SERVICE_ERRORS = (HttpError, TokenError, ExchangeError, MalformedAnswer)


def manage() -> None:
    """Run the module."""
    frame = MicrosoftFrame(SPEC, needs_identity=False)
    try:
        Run(frame).finish()
    except UnusableOption as error:
        frame.module.fail_json(msg=str(error))


class Run:
    """One run; what is known so far is in every result, also in that of a failure."""

    def __init__(self, frame: MicrosoftFrame) -> None:
        self._frame = frame
        self._given = frame.params
        self._kind: str = self._given["kind"]
        self._notes: list[Note] = []
        self._result: dict[str, Any] = {
            "changed": False,
            "access": [],
            "changes": Plan().changes(),
            "tests": [],
            "proof": not_proved("not tried").shown(),
        }
        faults = option_faults(self._given, check_mode=frame.module.check_mode)
        if faults:
            self._stop(faults)
        self._exchange = exchange_for(frame)
        self._app_tokens = self._tokens_of_app()
        if self._given["transport"] == "admin_api":
            self._notes.append(info("admin_api_undocumented", "transport", UNDOCUMENTED + "."))

    def finish(self) -> NoReturn:
        """Do everything and end the module."""
        try:
            job = self._job()
            outcome = Access(self._exchange, job).run()
        except AccessFaults as error:
            self._stop(error.faults)
        except AccessFailed as error:
            self._partly(error)
        except SERVICE_ERRORS as error:
            entry = describe_any(error)
            self._fail(line(entry) if isinstance(error, HttpError) else str(error), [entry])
        self._take(outcome)
        self._notes += self._entra_notes(job, restricted=outcome.restricted)
        pending = self._frame.module.check_mode and outcome.changed
        fault = "" if pending else verdict_fault(outcome.verdicts)
        proved = not_proved("the mailboxes were not read, since Exchange's own test already objects")
        if not fault:
            proved = self._prove(pending=pending)
            fault = proved.fault
            self._notes += proved.notes
        self._result["proof"] = proved.shown()
        self._end(fault)

    # -- before ----------------------------------------------------------------------------------------------------

    def _tokens_of_app(self) -> Tokens | None:
        """The tokens of PlaceOS's application itself, where it is given."""
        app = self._given["app"]
        if not has_credential(app):
            return None
        app["client_id"] = app.get("client_id") or self._given["app_id"]
        if app["client_id"].lower() != self._given["app_id"].lower() and not app.get("access_token"):
            raise UnusableOption(
                f"app.client_id {app['client_id']} is not app_id {self._given['app_id']}: the proof must be made with the "
                "application whose access is managed"
            )
        identity = self._frame.other_identity("app")
        return self._frame.tokens(identity) if identity else None

    def _job(self) -> Job:
        given = self._given
        object_id = given["service_principal_id"] or ""
        if self._kind == RBAC and given["app_id"] and not object_id:
            object_id = self._looked_up()
        return Job(
            rbac.Application(given["app_id"], object_id, given["display_name"]),
            self._kind,
            wishes(given["access"]),
            given["purge"],
            given["members"],
            given["denied_mailboxes"],
            questions(given["allowed_mailboxes"], given["denied_mailboxes"], given["max_tests"]),
            given["replication_deadline"],
            self._frame.module.check_mode,
        )

    def _looked_up(self) -> str:
        """The object id by Graph, or nothing where the automation identity may not read it."""
        if not has_credential(self._given):
            return ""
        try:
            return read_principal(self._frame.graph(), self._given["app_id"])[0]
        except HttpError as error:
            if error.status not in (403, 404):
                raise
            return ""

    # -- after -----------------------------------------------------------------------------------------------------

    def _take(self, outcome: Outcome) -> None:
        plan = outcome.plan
        self._notes += outcome.notes
        shown = plan if self._frame.module.check_mode else outcome.settled
        self._result.update(
            changed=outcome.changed,
            access=shown.objects(),
            changes=plan.changes(),
            tests=[verdict.shown() for verdict in outcome.verdicts],
        )
        if self._frame.module._diff:  # noqa: SLF001 - there is no other way to ask for it
            self._result["diff"] = plan.diff()

    def _entra_notes(self, job: Job, *, restricted: bool) -> list[Note]:
        """What Entra grants besides: from the directory, else from the application's own token."""
        if not job.app.app_id:
            return []
        held = self._grants(job.app)
        return grant_notes(self._kind, job.app.app_id, held, job.permissions, restricted=restricted)

    def _grants(self, app: rbac.Application) -> Held:
        reasons = []
        if has_credential(self._given):
            try:
                graph = self._frame.graph()
                object_id = app.object_id or read_principal(graph, app.app_id)[0]
                return Held(read_grants(graph, object_id), "app role assignments")
            except (HttpError, TokenError, MalformedAnswer) as error:
                reasons.append(str(error))
        if self._app_tokens is not None:
            try:
                claims = self._app_tokens.claims(self._frame.cloud.graph_url)
                return Held(frozenset(claims.roles), "the roles in its token")
            except TokenError as error:
                reasons.append(str(error))
        return Held(None, "; ".join(reasons) or "neither the directory nor its own token can be read")

    def _prove(self, *, pending: bool) -> Proved:
        given = self._given
        if pending:
            return not_proved("nothing is changed in check mode, so there is nothing to prove yet")
        if self._app_tokens is None:
            return not_proved("app is not given, so no mailbox could be read with the application's own credentials")
        if not given["allowed_mailboxes"] and not given["denied_mailboxes"]:
            return not_proved(f"none of {of_graph_access_policy('allowed_mailboxes', 'denied_mailboxes')} is given")
        graph = self._frame.graph(self._app_tokens)
        wait = 0.0 if self._frame.module.check_mode else given["wait"]
        allowed, denied = given["allowed_mailboxes"], given["denied_mailboxes"]
        known = [f"{note.message} {note.action}" for note in self._notes if note.evidence.get("permissions")]
        try:
            return prove_scope(
                self._kind, graph, self._app_tokens, allowed, denied, wait=wait, defeated=" ".join(known)
            )
        except (HttpError, TokenError) as error:
            self._fail(f"The scope is configured, but could not be proved: {error}", [describe_any(error)])

    # -- ends ------------------------------------------------------------------------------------------------------

    def _stop(self, faults: Sequence[str]) -> NoReturn:
        """The wishes are impossible: all of that at once, and nothing was written."""
        head = f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the options; nothing was written"
        lines = [head, *(f"- {fault}" for fault in faults)]
        self._fail("\n".join(lines), [{"kind": "option", "message": fault, "hint": ""} for fault in faults])

    def _partly(self, error: AccessFailed) -> NoReturn:
        """A write failed: say what, and what was done before it."""
        changes: dict[str, list[str]] = {word: [] for word in VERBS.values()}
        for step in error.done:
            changes[VERBS[step.verb]].append(step.label)
        self._result.update(changed=bool(error.done), changes=changes)
        done = ", ".join(step.label for step in error.done) or "nothing"
        entry = {"kind": error.error.kind, "name": error.step.label, "message": error.error.words}
        entry.update(hint=error.error.hint, url=error.error.url)
        self._fail(
            f"{error}. Done before that: {done}; what comes after it was left out. Run again to go on from there.",
            [{**entry, "status": error.error.status}],
        )

    def _end(self, fault: str) -> NoReturn:
        if fault:
            self._fail(fault, [{"kind": "scope", "message": fault, "hint": ""}])
        self._tell()
        self._frame.module.exit_json(**self._result)

    def _fail(self, message: str, errors: Sequence[Mapping[str, Any]]) -> NoReturn:
        self._tell()
        self._frame.module.fail_json(msg=message, errors=[dict(error) for error in errors], **self._result)

    def _tell(self) -> None:
        self._result["findings"] = [note.shown() for note in self._notes]
        for note in self._notes:
            if note.severity == "warning":
                self._frame.module.warn(note.line)
