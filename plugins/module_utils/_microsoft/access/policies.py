# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Application access policies: from the rows of Get-ApplicationAccessPolicy and the wishes to a plan.

A policy is identified by application, object id of its group and right: these cannot be changed, and names of the scope
carry a time stamp. Sources: New-/Set-/Remove-ApplicationAccessPolicy in MicrosoftDocs/office-docs-powershell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    CREATE,
    DELETE,
    DENY,
    KEEP,
    RESTRICT,
    SECURITY_GROUP,
    UPDATE,
    Plan,
    Recipient,
    Step,
    Wish,
    info,
    some,
    warning,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    Command,
    ExchangeError,
    text_of,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_access_policy

SCOPE_TYPES = frozenset({SECURITY_GROUP, "UserMailbox", "MailUser"})
"""Recipients that a policy accepts as its scope: they are security principals."""
ALL_APPLICATIONS = "*"


@dataclass(frozen=True)
class Policy:
    """A policy of one application as it stands. apps: all its applications, normally one."""

    identity: str
    apps: frozenset[str]
    group_id: str
    right: str
    description: str
    scope_name: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Policy:
        """From a row; the application is a string today and was a list once (Microsoft365DSC, pull request 4244)."""
        given = row.get("AppId")
        apps = given if isinstance(given, list) else [given]
        return cls(
            text_of(row, "Identity"),
            frozenset(str(app).strip().lower() for app in apps if app),
            text_of(row, "ScopeIdentityRaw").rpartition(";")[2].lower(),
            text_of(row, "AccessRight"),
            text_of(row, "Description"),
            text_of(row, "ScopeName"),
        )

    def shown(self, place: str) -> dict[str, Any]:
        """As results and diffs show it."""
        return _shown(place or self.scope_name, self.group_id, self.right, self.description, self.identity)


def policies_of(rows: Iterable[Mapping[str, Any]], app_id: str) -> list[Policy]:
    """The policies that name this application and no other; Exchange lists those of all applications."""
    wanted = app_id.lower()
    return [policy for policy in map(Policy.of, rows) if policy.apps == {wanted} and wanted != ALL_APPLICATIONS]


def _whole(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The rows, each with what every policy has: without it one of ours would be overlooked, or another one removed.

    Raises:
        ExchangeError: one has it not.
    """
    for row in rows:
        lacking = [name for name in ("AppId", "Identity", "AccessRight") if not text_of(row, name)]
        if lacking and not (lacking == ["AppId"] and isinstance(row.get("AppId"), list) and row["AppId"]):
            words = f"a policy has no {' and no '.join(lacking)}"
            raise ExchangeError("Get-ApplicationAccessPolicy", words, "malformed")
    return rows


def group_faults(wishes: Iterable[Wish], groups: Mapping[str, Recipient]) -> list[str]:
    """Every group that Exchange would refuse as the scope of a policy, with what to do."""
    faults = []
    for wish in wishes:
        group = groups.get(wish.group)
        if group is None or not wish.present or group.kind in SCOPE_TYPES:
            continue
        faults.append(
            f"{wish.group} is a {group.kind or 'recipient of unknown type'}, which an access policy does not accept. Use "
            "a mail-enabled security group and make rooms, shared mailboxes and the service account its members"
        )
    return faults


def plan_policies(
    app_id: str,
    wishes: Sequence[Wish],
    groups: Mapping[str, Recipient],
    rows: Sequence[Mapping[str, Any]],
    *,
    purge: bool = False,
) -> Plan:
    """What to do so that the policies of the application are as wished.

    All that is new is created first and in one go: with the first RestrictAccess policy everything outside it is
    denied. What is replaced is removed after that, so that no moment is wider than the beginning or the end.
    groups: the recipients by the address of the wish. rows: the policies of the whole tenant.
    """
    current = {(policy.group_id, policy.right): policy for policy in policies_of(_whole(rows), app_id)}
    names = {group.object_id: address for address, group in groups.items()}
    wanted = {(groups[wish.group].object_id, wish.right): wish for wish in wishes if wish.present}
    created, updated, kept = [], [], []
    doomed = {
        (groups[wish.group].object_id, wish.right) for wish in wishes if not wish.present and wish.group in groups
    }
    for key, wish in wanted.items():
        # The right cannot be changed, and the other one for the same group contradicts it: that policy gives way.
        doomed.add((key[0], DENY if wish.right == RESTRICT else RESTRICT))
        policy = current.get(key)
        if policy is None:
            created.append(_new(app_id, wish, groups[wish.group]))
        elif wish.description is not None and wish.description.strip() != policy.description:
            updated.append(_described(policy, wish))
        else:
            kept.append(Step(KEEP, _label(wish.right, wish.group), None, *[policy.shown(wish.group)] * 2))
    if purge:
        doomed |= current.keys()
    gone = [current[key] for key in current if key in doomed - wanted.keys()]
    plan = Plan([*created, *updated, *kept, *(_removed(policy, names) for policy in gone)])
    others = [policy for key, policy in current.items() if key not in wanted and policy not in gone]
    _remark(plan, app_id, others, names)
    return plan


def _remark(plan: Plan, app_id: str, others: Sequence[Policy], names: Mapping[str, str]) -> None:
    """What a person should know about the policies as they will be."""
    rights = [step.after["right"] for step in plan.steps if step.after is not None]
    rights += [policy.right for policy in others]
    if any(step.verb == CREATE for step in plan.steps):
        plan.notes.append(
            info(
                "access_policies_deprecated", app_id,
                "Microsoft advises against new application access policies; those that exist keep working.",
                f"RBAC for Applications is the successor: set {of_graph_access_policy('kind')} to rbac.",
            )
        )  # fmt: skip
    if others:
        listed = some(_label(policy.right, names.get(policy.group_id, policy.scope_name)) for policy in others)
        plan.notes.append(
            info(
                "access_policies_other", app_id, f"The application has policies that are not in the list: {listed}.",
                f"{of_graph_access_policy('purge')} removes them; until then all of them count, RestrictAccess as a union.",
            )
        )  # fmt: skip
    if RESTRICT not in rights:
        reach = "all mailboxes but those denied" if DENY in rights else "every mailbox of the tenant"
        plan.notes.append(
            warning(
                "access_not_restricted", app_id,
                f"Without a RestrictAccess policy its permissions reach {reach}, unless RBAC alone grants them.",
                "Add a RestrictAccess policy for a group of the rooms and the service account.",
            )
        )  # fmt: skip


def _new(app_id: str, wish: Wish, group: Recipient) -> Step:
    parameters: dict[str, Any] = {
        "AppId": [app_id],
        "PolicyScopeGroupId": group.address or wish.group,
        "AccessRight": wish.right,
    }
    if wish.description is not None:
        parameters["Description"] = wish.description
    after = _shown(wish.group, group.object_id, wish.right, wish.description, None)
    command = Command("New-ApplicationAccessPolicy", parameters)
    return Step(CREATE, _label(wish.right, wish.group), command, None, after)


def _described(policy: Policy, wish: Wish) -> Step:
    command = Command("Set-ApplicationAccessPolicy", {"Identity": policy.identity, "Description": wish.description})
    after = {**policy.shown(wish.group), "description": wish.description}
    return Step(UPDATE, _label(wish.right, wish.group), command, policy.shown(wish.group), after)


def _removed(policy: Policy, names: Mapping[str, str]) -> Step:
    place = names.get(policy.group_id, policy.scope_name)
    command = Command("Remove-ApplicationAccessPolicy", {"Identity": policy.identity})
    return Step(DELETE, _label(policy.right, place), command, policy.shown(place))


def _label(right: str, place: str) -> str:
    return f"{right} {place}"


def _shown(place: str, group_id: str, right: str, description: str | None, identity: str | None) -> dict[str, Any]:
    return {
        "kind": "access_policy",
        "group": place,
        "group_id": group_id,
        "right": right,
        "description": description,
        "identity": identity,
    }
