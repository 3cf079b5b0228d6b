# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RBAC for Applications: from what Exchange has and the wishes to a plan.

Order: the pointer to the service principal, scopes, role assignments, then removals (Microsoft's article on role-based
access control for applications). One assignment per permission and scope, under a name that is always the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    CREATE,
    DELETE,
    GROUP_TYPES,
    KEEP,
    SECURITY_GROUP,
    UPDATE,
    AccessFaults,
    Plan,
    Recipient,
    Step,
    Wish,
    info,
    some,
    warning,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.rbac_rows import (
    Assignment,
    Pointer,
    Scope,
    assignments_of,
    last_part,
    pointers_of,
    same_filter,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import Command
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_access_policy
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import NONEXISTENT, RBAC_ROLES

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Application:
    """The application whose access is planned. object_id: of its service principal, empty while it is not known."""

    app_id: str
    object_id: str
    display_name: str


@dataclass(frozen=True)
class Found:
    """Rows of the Get cmdlets, of the whole tenant, and the groups by the address of the wish."""

    principals: Rows = ()
    scopes: Rows = ()
    assignments: Rows = ()
    groups: Mapping[str, Recipient] = field(default_factory=dict)


def permission_faults(wishes: Iterable[Wish]) -> list[str]:
    """Permissions that Exchange has no application role for."""
    faults = []
    for name in dict.fromkeys(name for wish in wishes for name in wish.permissions):
        if name not in RBAC_ROLES:
            known = NONEXISTENT.get(name) or f"those that RBAC can limit to mailboxes are {', '.join(RBAC_ROLES)}"
            faults.append(f"permission {name} cannot be assigned in Exchange: {known}")
    return faults


def group_faults(wishes: Iterable[Wish], groups: Mapping[str, Recipient]) -> list[str]:
    """Every recipient that is no group at all."""
    return [
        f"{wish.group} is a {groups[wish.group].kind or 'recipient of unknown type'} and no group; RBAC takes a group, a "
        "management scope or an administrative unit. Make rooms and the service account members of a mail-enabled "
        "security group"
        for wish in wishes
        if wish.present and wish.group in groups and groups[wish.group].kind not in GROUP_TYPES
    ]


def plan_rbac(app: Application, wishes: Sequence[Wish], found: Found, *, purge: bool = False) -> Plan:
    """What to do so that the application has the wished roles, each for its scope.

    Raises:
        AccessFaults: Exchange points to another service principal, or a scope without filter does not exist.
    """
    plan = Plan()
    pointers = pointers_of(found.principals)
    pointer = next((one for one in pointers if one.app_id == app.app_id.lower()), None)
    _plan_pointer(plan, app, pointer)
    _plan_scopes(plan, wishes, [Scope.of(row) for row in found.scopes])
    own = assignments_of(found.assignments, pointer, pointers) if pointer and app.app_id else []
    left = list(own)
    removals: list[Step] = []
    for wish in wishes:
        for permission in wish.permissions:
            _plan_assignment(plan, removals, app, _Item(wish, permission, found.groups.get(wish.group)), left)
    if purge:
        removals += [_removed(assignment, "") for assignment in left]
    else:
        _remark_others(plan, app, left)
    plan.steps += removals
    for wish in wishes:
        group = found.groups.get(wish.group)
        if wish.present and group is not None and group.kind in GROUP_TYPES - {SECURITY_GROUP}:
            plan.notes.append(
                warning(
                    "group_not_security", wish.group, f"It is a {group.kind}, not a mail-enabled security group.",
                    "Its owners or members may let others in; use a mail-enabled security group.",
                )
            )  # fmt: skip
    return plan


@dataclass(frozen=True)
class _Item:
    """One permission for one scope."""

    wish: Wish
    permission: str
    group: Recipient | None

    @property
    def role(self) -> str:
        return RBAC_ROLES[self.permission]

    @property
    def label(self) -> str:
        return f"{self.permission} {self.wish.place}"

    @property
    def target(self) -> str:
        """What identifies the scope for ever: names of groups change, their ids do not."""
        if self.group is not None:
            return f"group {self.group.object_id or self.wish.group.lower()}"
        return self.wish.place.lower()

    def fits(self, one: Assignment) -> bool:
        """Does an assignment show this scope, in whatever form its kind is known by?"""
        if self.wish.scope:
            shown, names = (one.custom, one.other), {self.wish.scope.lower()}
            stray = (one.group, one.unit)
        elif self.wish.unit:
            shown, names = (one.unit, one.other), {self.wish.unit.lower()}
            stray = (one.custom, one.group)
        else:
            shown, names = (one.group, one.other), {self.wish.group.lower(), *(self.group.names if self.group else ())}
            stray = (one.custom, one.unit)
        return not any(stray) and any(form in names for form in (*shown, *map(last_part, shown)) if form)

    def contradicts(self, one: Assignment) -> bool:
        """Does an assignment surely have another scope? Management scopes are shown by their names; others, who knows."""
        return bool(one.custom) and one.custom != self.wish.scope.lower()

    def name(self, app_id: str) -> str:
        """The assignment's name: unique in the tenant, at most 64 characters, the same in every run."""
        digest = hashlib.sha256(f"{app_id.lower()} {self.target}".encode()).hexdigest()[:10]
        return f"PlaceOS {self.permission} {digest}"

    def scope_parameter(self) -> dict[str, str]:
        if self.wish.group:
            return {"RecipientGroupScope": (self.group.address if self.group else "") or self.wish.group}
        if self.wish.scope:
            return {"CustomResourceScope": self.wish.scope}
        return {"RecipientAdministrativeUnitScope": self.wish.unit}

    def shown(self, name: str) -> dict[str, Any]:
        return _shown(self.permission, self.wish.place, name)


def _plan_pointer(plan: Plan, app: Application, pointer: Pointer | None) -> None:
    label = f"service principal of {app.app_id or 'an application that is not made yet'}"
    if pointer is None:
        parameters = {"AppId": app.app_id, "ObjectId": app.object_id, "DisplayName": app.display_name}
        after = {"kind": "service_principal", "app_id": app.app_id or None, "object_id": app.object_id or None}
        plan.steps.append(Step(CREATE, label, Command("New-ServicePrincipal", parameters), None, after))
        return
    if app.object_id and pointer.object_id and pointer.object_id != app.object_id.lower():
        raise AccessFaults(
            f"Exchange's pointer of application {app.app_id} names service principal {pointer.object_id}, not "
            f"{app.object_id}. Either service_principal_id is wrong (it is the object id under Entra's Enterprise "
            "applications, not that of the app registration), or the enterprise application was deleted and made again: "
            f"then run Remove-ServicePrincipal -Identity {pointer.object_id}, with which its old role assignments go, and "
            "run this again"
        )
    shown = {"kind": "service_principal", "app_id": pointer.app_id, "object_id": pointer.object_id}
    plan.steps.append(Step(KEEP, label, None, shown, shown))


def _plan_scopes(plan: Plan, wishes: Sequence[Wish], scopes: Sequence[Scope]) -> None:
    by_name = {scope.name.lower(): scope for scope in scopes}
    wanted = {wish.scope.lower(): wish for wish in wishes if wish.scope and wish.present}
    missing = []
    for key, wish in wanted.items():
        scope = by_name.get(key)
        label = f"scope {wish.scope}"
        after = {"kind": "scope", "name": wish.scope, "filter": wish.scope_filter or (scope and scope.recipient_filter)}
        if scope is None and not wish.scope_filter:
            missing.append(f"there is no management scope {wish.scope}: give its filter, so that it is made")
        elif scope is None:
            parameters = {"Name": wish.scope, "RecipientRestrictionFilter": wish.scope_filter}
            plan.steps.append(Step(CREATE, label, Command("New-ManagementScope", parameters), None, after))
        elif wish.scope_filter and not same_filter(wish.scope_filter, scope.recipient_filter):
            parameters = {"Identity": scope.name, "RecipientRestrictionFilter": wish.scope_filter}
            before = {**after, "filter": scope.recipient_filter}
            plan.steps.append(Step(UPDATE, label, Command("Set-ManagementScope", parameters), before, after))
        else:
            plan.steps.append(Step(KEEP, label, None, after, after))
    if missing:
        raise AccessFaults(*missing)


def _plan_assignment(plan: Plan, removals: list[Step], app: Application, item: _Item, left: list[Assignment]) -> None:
    """Find the assignment of one permission for one scope among those left, and plan what becomes of it."""
    name = item.name(app.app_id)
    same_role = [one for one in left if one.role.lower() == item.role.lower()]
    fitting = [one for one in same_role if item.fits(one)]
    # How Exchange names groups and units here is not documented: one of ours is believed unless it surely has another
    # scope, since to replace it in every run would be worse than to ask a person to look.
    ours = [one for one in same_role if one.name.lower() == name.lower() and one not in fitting]
    fitting += [one for one in ours if not item.contradicts(one)]
    fitting.sort(key=lambda one: one.name.lower() != name.lower())
    if not item.wish.present:
        for one in fitting:
            left.remove(one)
            removals.append(_removed(one, item.wish.place))
        return
    if fitting:
        left.remove(fitting[0])
        _keep(plan, item, fitting[0])
        return
    # Ours, but somebody has changed its scope: what is given must not be missing for a moment, so the new one comes
    # first, and two cannot have one name.
    changed = [one for one in left if one.name.lower() in (name.lower(), f"{name} b".lower())]
    for one in changed:
        left.remove(one)
        removals.append(_removed(one, ""))
    taken = {one.name.lower() for one in changed}
    name = next(free for free in (name, f"{name} b", f"{name} c") if free.lower() not in taken)
    parameters = {"Name": name, "App": app.object_id, "Role": item.role, **item.scope_parameter()}
    command = Command("New-ManagementRoleAssignment", parameters)
    plan.steps.append(Step(CREATE, item.label, command, None, item.shown(name)))


def _keep(plan: Plan, item: _Item, one: Assignment) -> None:
    """An assignment that is there: enable it if need be, and say so if its scope cannot be recognised."""
    if one.scopes and not item.fits(one) and not item.wish.unit:
        plan.notes.append(
            warning(
                "rbac_scope_unrecognised", item.label,
                f"The role assignment {one.name} shows its scope as {', '.join(one.scopes)}.",
                "Make sure that this is the wished scope; if it is not, remove the assignment and run again.",
            )
        )  # fmt: skip
    if one.enabled:
        plan.steps.append(Step(KEEP, item.label, None, *[item.shown(one.name)] * 2))
        return
    command = Command("Set-ManagementRoleAssignment", {"Identity": one.identity, "Enabled": True})
    before = {**item.shown(one.name), "enabled": False}
    plan.steps.append(Step(UPDATE, item.label, command, before, item.shown(one.name)))


def _remark_others(plan: Plan, app: Application, left: Sequence[Assignment]) -> None:
    if not left:
        return
    listed = some(f"{one.name} ({one.role}, {', '.join(one.scopes) or 'no scope shown'})" for one in left)
    severity = info if all(one.scopes for one in left) else warning
    plan.notes.append(
        severity(
            "rbac_other_assignments", app.app_id,
            f"The application holds roles in Exchange that are not in the list: {listed}. All of them add up.",
            f"{of_graph_access_policy('purge')} removes them.",
        )
    )  # fmt: skip


def _removed(one: Assignment, place: str) -> Step:
    permission = one.role.removeprefix("Application ")
    where = place or ", ".join(one.scopes) or "without a shown scope"
    command = Command("Remove-ManagementRoleAssignment", {"Identity": one.identity})
    return Step(DELETE, f"{permission} {where}", command, _shown(permission, where, one.name))


def _shown(permission: str, place: str, name: str) -> dict[str, Any]:
    return {"kind": "rbac", "permission": permission, "scope": place, "name": name}
