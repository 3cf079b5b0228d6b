# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: an application as it is and as it is wanted -> the steps between them. Check mode, diff and result all show these.

The order is that in which nobody is locked out and nothing is lost: application, service principal, grants, removals,
and the new secret last, since its value exists in one answer only and nothing may fail after that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.grants import (
    granted,
    labels,
    merged,
    named,
    requested,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.secrets import (
    Wish,
    decide,
    removals,
    timestamp,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import (
    Application,
    Credential,
    Grant,
    Principal,
    Resource,
    Role,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_app

APPLICATION, PRINCIPAL, GRANT, SECRET = "application", "service principal", "permission", "secret"

AUDIENCE = "AzureADMyOrg"
"""Accounts of this tenant only."""


@dataclass(frozen=True)
class Desired:
    """What is wanted. roles None: permissions are left alone. scope: ids of the APIs that a purge may touch."""

    name: str | None = None
    unique_name: str | None = None
    roles: tuple[Role, ...] | None = None
    scope: frozenset[str] = frozenset()
    consent: bool = True
    purge: bool = False
    secret: Wish | None = None
    remove: tuple[str, ...] = ()
    key_in_use: str | None = None
    undo: bool = False


@dataclass(frozen=True)
class Current:
    """What the directory has. resources: APIs by application id, None for those without a service principal."""

    application: Application | None = None
    principal: Principal | None = None
    grants: tuple[Grant, ...] = ()
    resources: Mapping[str, Resource | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One write. verb: create, update or delete; what: what the write needs; before, after: for people."""

    verb: str
    kind: str
    name: str
    what: Any = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """As a result names it."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Permissions:
    """Where the application's permissions stand: requested by it, granted to it, wanted and lacking, not wanted."""

    requested: tuple[Role, ...] = ()
    granted: tuple[Role, ...] = ()
    missing: tuple[Role, ...] = ()
    excess: tuple[Role, ...] = ()

    def shown(self) -> dict[str, list[str]]:
        """Names, each list in order."""
        return {name: sorted(labels(getattr(self, name))) for name in ("requested", "granted", "missing", "excess")}


@dataclass
class Plan:
    """steps: in their order; unchanged: labels of what is as wanted; problems: faults that forbid all steps.

    obstacles: why the application will not work, or a step fail, unless a person does something.
    """

    steps: list[Step] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    permissions: Permissions = field(default_factory=Permissions)
    orphans: tuple[Credential, ...] = ()

    def of(self, kind: str, verb: str | None = None) -> list[Step]:
        """The steps of one kind."""
        return [step for step in self.steps if step.kind == kind and verb in (None, step.verb)]


def plan(current: Current, desired: Desired, now: datetime) -> Plan:
    """Everything that lies between what is and what is wanted."""
    result = Plan()
    name = desired.name or (current.application.display_name if current.application else "") or ""
    result.permissions = standing(current, desired)
    if desired.undo:
        _secrets(result, current, desired, now)
        return result
    _application(result, current, desired, name)
    _principal(result, current, name)
    _grants(result, current, desired)
    _secrets(result, current, desired, now)
    return result


def standing(current: Current, desired: Desired) -> Permissions:
    """Where the permissions stand now."""
    application = current.application
    asked = named(requested(application.required) if application else [], current.resources)
    given = granted(current.grants, [resource for resource in current.resources.values() if resource])
    if desired.roles is None:
        return Permissions(tuple(asked), tuple(given))
    missing = [role for role in desired.roles if role not in given]
    excess = [role for role in dict.fromkeys([*asked, *given]) if role not in desired.roles]
    return Permissions(tuple(asked), tuple(given), tuple(missing), tuple(excess))


# -- the registration and its service principal ------------------------------------------------------------------------


def _application(result: Plan, current: Current, desired: Desired, name: str) -> None:
    application = current.application
    if application is None:
        result.steps.append(_new_application(desired, name))
        return
    if desired.unique_name and application.unique_name and application.unique_name != desired.unique_name:
        result.problems.append(
            f"application {application.display_name} ({application.app_id}) has the unique name "
            f"{application.unique_name!r} already, and a unique name can't be changed: give that one as "
            f"{of_graph_app('unique_name')}"
        )
    body, before, after = _changes(result, current, application, desired)
    if body:
        result.steps.append(Step("update", APPLICATION, name, body, before, after))
    else:
        result.unchanged.append(f"{APPLICATION} {name}")


def _new_application(desired: Desired, name: str) -> Step:
    roles = desired.roles or ()
    body = {"displayName": name, "signInAudience": AUDIENCE, "requiredResourceAccess": merged([], roles)}
    shown = {"name": name, "unique_name": desired.unique_name, "requested": sorted(labels(roles))}
    what = {"body": body, "unique_name": desired.unique_name}
    return Step("create", APPLICATION, name, what, after={key: value for key, value in shown.items() if value})


def _changes(
    result: Plan, current: Current, application: Application, desired: Desired
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """(body, before, after) of what differs in a registration."""
    body: dict[str, Any] = {}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if desired.name and application.display_name != desired.name:
        body["displayName"] = desired.name
        before["name"], after["name"] = application.display_name, desired.name
    if desired.unique_name and not application.unique_name:
        # api/application-update: only while it is null.
        body["uniqueName"] = desired.unique_name
        before["unique_name"], after["unique_name"] = None, desired.unique_name
    required = merged(application.required, desired.roles or (), _purged(result.permissions.excess, desired))
    if set(requested(required)) != set(requested(application.required)):
        body["requiredResourceAccess"] = required
        before["requested"] = sorted(labels(result.permissions.requested))
        after["requested"] = sorted(labels(named(requested(required), current.resources)))
    return body, before, after


def _purged(excess: Sequence[Role], desired: Desired) -> list[Role]:
    """What a purge takes away: only permissions of those APIs that the task looks after."""
    return [role for role in excess if role.resource in desired.scope] if desired.purge else []


def _principal(result: Plan, current: Current, name: str) -> None:
    if current.principal is None:
        result.steps.append(Step("create", PRINCIPAL, name, after={"enabled": True}))
        return
    result.unchanged.append(f"{PRINCIPAL} {name}")
    if not current.principal.enabled:
        result.obstacles.append(
            f"the service principal of {name} is disabled (accountEnabled is false), so Entra gives it no tokens; an "
            f"administrator has to enable it: Enterprise applications > {name} > Properties"
        )


# -- grants ------------------------------------------------------------------------------------------------------------


def _grants(result: Plan, current: Current, desired: Desired) -> None:
    if desired.roles is None:
        return
    permissions = result.permissions
    given = granted(current.grants, [resource for resource in current.resources.values() if resource])
    result.unchanged.extend(f"{GRANT} {role.label}" for role in desired.roles if role in given)
    purged = _purged(permissions.excess, desired)
    granted_now, taken = {"granted": True}, {"granted": False}
    if desired.consent:
        for role in permissions.missing:
            result.steps.append(Step("create", GRANT, role.label, role, taken, granted_now))
        for role in purged:
            if role in given:
                result.steps.append(Step("delete", GRANT, role.label, (role, given[role]), granted_now, taken))
    elif permissions.missing:
        result.warnings.append(
            f"not granted, and consent is false: {', '.join(labels(permissions.missing))}. An administrator has to "
            f"grant them"
        )
    kept = [role for role in permissions.excess if role not in purged or (not desired.consent and role in given)]
    if kept:
        result.warnings.append(_excess(kept, desired, given))


def _excess(kept: Sequence[Role], desired: Desired, given: Mapping[Role, Grant]) -> str:
    live = [role for role in kept if role in given]
    idle = [role for role in kept if role not in given]
    said = []
    if live:
        said.append(f"granted: {', '.join(labels(live))}")
    if idle:
        said.append(f"requested only: {', '.join(labels(idle))}")
    if desired.purge and desired.consent:
        advice = (
            "purge leaves them, since it looks only after the APIs that are named; name the API in "
            f"{of_graph_app('permissions')}"
        )
    elif desired.purge:
        advice = "purge leaves grants alone while consent is false"
    else:
        advice = f"look whether somebody needs them; {of_graph_app('purge')} removes them"
    return f"permissions of the application beyond those wanted, {'; '.join(said)} - {advice}"


# -- secrets -----------------------------------------------------------------------------------------------------------


def _secrets(result: Plan, current: Current, desired: Desired, now: datetime) -> None:
    found = current.application.secrets if current.application else ()
    # Undoing takes away what nobody was given yet, so that nobody can be locked out by it.
    in_use = None if desired.undo else (desired.key_in_use or (desired.secret.key_id if desired.secret else None))
    going = removals(desired.remove, found, in_use=in_use, now=now)
    if not desired.undo:
        result.problems.extend(going.problems)
    result.unchanged.extend(f"{SECRET} {key_id} (gone already)" for key_id in going.gone)
    for secret in going.going:
        before = {"name": secret.name, "key_id": secret.key_id, "ends": timestamp(secret.ends)}
        result.steps.append(Step("delete", SECRET, f"{secret.name} {secret.key_id}".strip(), secret, before))
    if desired.secret is None:
        return
    decision = decide(desired.secret, found, now)
    leaving = {secret.key_id for secret in going.going}
    result.orphans = tuple(secret for secret in decision.orphans if secret.key_id not in leaving)
    if result.orphans:
        ids = ", ".join(secret.key_id for secret in result.orphans)
        result.warnings.append(
            f"secrets named {desired.secret.name!r} that are neither in use nor were before: {ids}. They remain of runs "
            f"that were interrupted; when nobody uses them, remove them in Entra (Certificates and secrets) or with the module's "
            f"option remove_secrets"
        )
    new = decision.new
    if new is not None:
        after = {"name": new.name, "key_id": "(new)", "ends": timestamp(new.ends), "reason": new.reason}
        result.steps.append(Step("create", SECRET, new.name, new, _used(desired.secret, found), after))
    elif desired.secret.renew != "never":
        result.unchanged.append(f"{SECRET} {desired.secret.name}")


def _used(wish: Wish, found: Sequence[Credential]) -> dict[str, Any]:
    """The secret in use, in a diff."""
    used = next((secret for secret in found if wish.key_id and secret.key_id == wish.key_id), None)
    return {"name": used.name, "key_id": used.key_id, "ends": timestamp(used.ends)} if used else {}
