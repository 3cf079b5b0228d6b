# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module graph_app: options, reads, plan, check mode, steps, result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from ansible.module_utils.basic import missing_required_lib

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app import sealing
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app import view as app_view
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.apply import Apply, Done, StepFailed
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.directory import Directory
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.find import (
    Identity,
    NotOne,
    find,
    read,
    with_secret,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.foresight import obstacles
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.grants import (
    Wanted,
    is_guid,
    parse,
    resolve,
    scope_of,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.guards import (
    Signer,
    deletion_refusal,
    refusals,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import (
    APPLICATION,
    Current,
    Desired,
    Plan,
    Step,
    plan,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.secrets import Wish
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.frame import MicrosoftFrame
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import Application, MalformedAnswer
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_app
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError

FAILURES = (HttpError, TokenError, MalformedAnswer, NotOne, sealing.UnusableKey)

READING = (
    "Reading applications needs Application.ReadWrite.OwnedBy or Application.Read.All, with admin consent, for the "
    "application that signs in (in an inventory microsoft_automation_client_id): Entra, App registrations, API permissions. "
    "Right after a grant, wait some minutes."
)

LONGEST = 730
"""Days that a client secret may live: the two years to which Entra's portal keeps it (Graph itself sets no limit)."""

SECRET_SPEC: Mapping[str, Any] = {
    "name": {"type": "str", "default": "PlaceOS (Ansible)"},
    "days": {"type": "int", "default": 180},
    "key_id": {"type": "str", "no_log": False},
    "previous": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "renew": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
    "renew_before_days": {"type": "float", "default": 30.0},
}

SPEC: Mapping[str, Any] = {
    "name": {"type": "str"},
    "app_id": {"type": "str"},
    "unique_name": {"type": "str"},
    "permissions": {"type": "list", "elements": "raw"},
    "consent": {"type": "bool", "default": True},
    "purge": {"type": "bool", "default": False},
    "secret": {"type": "dict", "options": dict(SECRET_SPEC), "no_log": False},
    "remove_secrets": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "secret_file": {"type": "path", "no_log": False},
    "secret_file_vault_id": {"type": "str", "no_log": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "replication_deadline": {"type": "float", "default": 120.0},
    # What the action plugin says of secret_file: {address, app_id, key_id, previous, undo}.
    "_stored": {"type": "dict", "no_log": False},
}


def manage() -> None:
    """The whole of the module."""
    frame = MicrosoftFrame(SPEC, required_one_of=[["name", "app_id", "unique_name"]])
    wanted = _checked(frame)
    run = Run(frame, wanted)
    try:
        run.absent() if frame.params["state"] == "absent" else run.present()
    except FAILURES as error:
        if isinstance(error, HttpError) and error.status == 403 and not error.hint:
            error.hint = READING
        frame.fail(error, changed=False, changes=app_view.changes([], []))


def _checked(frame: MicrosoftFrame) -> list[Wanted]:
    """Faults in the options, all at once, before the first request."""
    given = frame.params
    wanted, problems = parse(given["permissions"] or [])
    if given["app_id"] is not None and not is_guid(given["app_id"]):
        problems.append(f"{of_graph_app('app_id')} must be the application (client) id, a GUID: {given['app_id']!r}")
    for option in ("name", "unique_name"):
        if given[option] is not None and not given[option].strip():
            problems.append(f"{of_graph_app(option)} is empty")
    secret = given["secret"]
    if secret and not 1 <= secret["days"] <= LONGEST:
        problems.append(
            f"{of_graph_app('secret.days')} must be between 1 and {LONGEST} (two years, as in Entra's portal): "
            f"{secret['days']}"
        )
    if secret and secret["renew"] == "auto" and secret["renew_before_days"] >= secret["days"]:
        problems.append(
            f"secret.renew_before_days ({secret['renew_before_days']:g}) must be less than secret.days "
            f"({secret['days']}), or every run would make a new secret"
        )
    ids = [*given["remove_secrets"], *([secret["key_id"]] if secret and secret["key_id"] else [])]
    problems.extend(
        f"{key_id!r} is no id of a secret: Entra shows it as Secret ID, a GUID" for key_id in ids if not is_guid(key_id)
    )
    if given["state"] == "absent" and not (given["app_id"] or given["unique_name"]):
        problems.append("state absent needs app_id or unique_name, since a display name may stand for several")
    if given["secret_file"] and given["_stored"] is None:
        problems.append("secret_file is handled by the action plugin placeos.office365.graph_app, which did not run")
    if sealing.CRYPTOGRAPHY_IMPORT_ERROR is not None:
        problems.append(missing_required_lib("cryptography"))
    if problems:
        frame.module.fail_json(msg="\n".join(problems))
    return wanted


class Run:
    """One run against the directory."""

    def __init__(self, frame: MicrosoftFrame, wanted: Sequence[Wanted]) -> None:
        self.frame = frame
        self.given = frame.params
        self.wanted = wanted
        self.stored: dict[str, Any] = self.given["_stored"] or {}
        self.directory = Directory(frame.graph())
        self.deadline: float = self.given["replication_deadline"]
        self.now = datetime.now(UTC)

    # -- absent --------------------------------------------------------------------------------------------------------

    def absent(self) -> NoReturn:
        """Delete the registration."""
        given = self.given
        application: Application | None
        if given["app_id"]:
            application = self.directory.application_by("appId", given["app_id"])
        else:
            application = self.directory.application_by("uniqueName", given["unique_name"])
        label = given["app_id"] or given["unique_name"]
        if application is None:
            self.frame.module.exit_json(changed=False, changes=app_view.changes([], [f"{APPLICATION} {label}"]))
        before = {"state": "present", "name": application.display_name, "app_id": application.app_id}
        refusal = deletion_refusal(application, self._signer())
        if refusal:
            raise NotOne(refusal)
        name = application.display_name or label
        step = Step("delete", APPLICATION, name, application, before, {"state": "absent"})
        if not self.frame.module.check_mode:
            try:
                self._apply().delete(step, application)
            except StepFailed as failed:
                self._fail(failed, Plan([step]))
        self.frame.module.exit_json(
            changed=True,
            msg=f"{application.display_name} ({application.app_id}) is deleted; it can be restored for 30 days",
            changes=app_view.changes([step], []),
            **self._diff([step]),
        )

    # -- present -------------------------------------------------------------------------------------------------------

    def present(self) -> NoReturn:
        """Make the application as it is wanted."""
        given, module = self.given, self.frame.module
        address = sealing.recipient(self.stored["address"]) if self.stored.get("address") else None
        identity = Identity(given["app_id"], given["unique_name"], given["name"], self.stored.get("app_id"))
        application = find(self.directory, identity, deadline=self.deadline)
        if application is None and not given["name"]:
            raise NotOne(
                f"there is no application with the unique name {given['unique_name']!r}; to make one, give name"
            )
        wish = self._wish()
        if application is not None and wish is not None and wish.key_id and wish.renew == "auto":
            application = with_secret(self.directory, application, wish.key_id, deadline=self.deadline)
        managed = given["permissions"] is not None
        scope = scope_of(self.wanted) if managed else []
        current = read(self.directory, application, scope, permissions=managed)
        roles, problems = resolve(self.wanted, current.resources) if managed else ([], [])
        desired = self._desired(tuple(roles) if managed else None, scope)
        steps = plan(current, desired, self.now)
        problems.extend(steps.problems)
        problems.extend(refusals(steps, application, identity, self._signer()))
        if problems:
            module.fail_json(
                msg="nothing was written:\n" + "\n".join(f"- {problem}" for problem in problems),
                errors=[{"message": problem} for problem in problems],
                changed=False,
                changes=app_view.changes([], []),
            )
        done = Done(current.application, current.principal, current.grants)
        if module.check_mode:
            claims = self.frame.tokens().claims(self.frame.cloud.graph_url)
            steps.obstacles.extend(obstacles(steps, current, claims, self.directory.owners))
        for warning in [*steps.warnings, *steps.obstacles]:
            module.warn(warning)
        if not module.check_mode:
            try:
                done = self._apply().run(steps, current)
            except StepFailed as failed:
                self._fail(failed, steps)
        self._finish(steps, desired, current, done, address)

    def _signer(self) -> Signer:
        """Who signs in; where a ready token does not say it, the options do."""
        claims = self.frame.tokens().claims(self.frame.cloud.graph_url)
        identity = self.frame.identity
        return Signer(claims.app_id or identity.client_id or "", identity.client_secret or "")

    def _desired(self, roles: tuple[Any, ...] | None, scope: Sequence[str]) -> Desired:
        given = self.given
        return Desired(
            name=given["name"],
            unique_name=given["unique_name"],
            roles=roles,
            scope=frozenset(scope),
            consent=given["consent"],
            purge=given["purge"],
            secret=self._wish(),
            remove=tuple(given["remove_secrets"]),
            key_in_use=self.stored.get("key_id") or None,
            undo=bool(self.stored.get("undo")),
        )

    def _wish(self) -> Wish | None:
        """The wish for a secret; what the file says of the one in use is believed."""
        secret = self.given["secret"]
        if secret is None:
            return None
        key_id = secret["key_id"]
        if self.given["secret_file"]:
            key_id = self.stored.get("key_id") or key_id or ""
        previous = [*secret["previous"], *(self.stored.get("previous") or [])]
        return Wish(
            secret["name"],
            secret["days"],
            key_id.lower() if key_id is not None else None,
            frozenset(str(known).lower() for known in previous),
            secret["renew"],
            secret["renew_before_days"],
        )

    def _apply(self) -> Apply:
        return Apply(self.directory, deadline=self.deadline)

    def _diff(self, steps: Sequence[Step]) -> dict[str, Any]:
        asked = self.frame.module._diff  # noqa: SLF001 - there is no other way to ask for it
        return {"diff": app_view.diff(steps)} if asked else {}

    def _finish(self, steps: Plan, desired: Desired, current: Current, done: Done, address: Any) -> NoReturn:
        module = self.frame.module
        result = app_view.result(steps, desired, current, done, self.now)
        if done.value:
            result["secret"]["sealed" if address else "value"] = (
                sealing.seal(done.value, address) if address else done.value
            )
        for note in done.notes:
            module.warn(note)
        module.exit_json(
            changed=bool(steps.steps),
            changes=app_view.changes(steps.steps, steps.unchanged),
            **result,
            **self._diff(steps.steps),
        )

    def _fail(self, failed: StepFailed, steps: Plan) -> NoReturn:
        """End the module over a step; what was done before it is told."""
        message, entry = app_view.failure(
            failed, steps, tenant=self.given["tenant"] or "organizations", login_url=self.frame.cloud.login_url
        )
        self.frame.module.fail_json(
            msg=message,
            errors=[entry],
            changed=bool(failed.done.steps),
            changes=app_view.changes(failed.done.steps, []),
            application=app_view.application(failed.done),
            **self._diff(failed.done.steps),
        )
