# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""May this application use this mailbox? Nothing here looks anything up.

Sources: the evaluation order of application access policies (New-ApplicationAccessPolicy in office-docs-powershell) and
the article on role-based access control for applications, both as kept in exchange_cmdlets.json:

* a DenyAccess policy whose scope holds the mailbox denies; else a RestrictAccess policy whose scope holds it grants; else
  the mere existence of a RestrictAccess policy for the application denies; else all mailboxes are open,
* policies limit what was granted in Entra ID (the ``roles`` of the token), and only the permissions listed below,
* an assignment of a role in Exchange grants by itself, within its scope, and adds to what Entra ID granted. That it adds
  to a grant which a policy took away is inferred: both regimes are said to be independent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

RESTRICT, DENY = "RestrictAccess", "DenyAccess"
EVERY_APPLICATION = "*"

LIMITED_BY_POLICIES = frozenset(
    (
        "Calendars.Read",
        "Calendars.ReadWrite",
        "Contacts.Read",
        "Contacts.ReadWrite",
        "Mail.Read",
        "Mail.ReadBasic",
        "Mail.ReadBasic.All",
        "Mail.ReadWrite",
        "Mail.Send",
        "MailboxSettings.Read",
        "MailboxSettings.ReadWrite",
        "full_access_as_app",
    )
)
"""microsoft-graph-docs-contrib concepts/auth-limit-mailbox-access.md (November 2024). Calendars.ReadBasic.All is not
among them: whoever holds it reads the times of all calendars."""


@dataclass(frozen=True, slots=True)
class Rule:
    """An application access policy: an application (or ``*``), a right, and the object id of a group or a user."""

    app_id: str
    right: str
    scope: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission that Exchange itself gave the application, and whether the mailbox lies in its scope."""

    permission: str
    in_scope: bool


class Verdict(Enum):
    """What becomes of a request to a mailbox."""

    GRANTED = "granted"
    NO_ROLE = "no role"
    DENIED = "denied"


def policies_allow(rules: Iterable[Rule], app_id: str, scopes: Collection[str]) -> bool:
    """Tell whether access policies let an application into a mailbox.

    Args:
        rules: The policies of the tenant, in any order.
        app_id: The application.
        scopes: Object ids that hold the mailbox: its own, and of every group it is in, nested ones too.
    """
    app = app_id.lower()
    mine = [rule for rule in rules if rule.app_id == EVERY_APPLICATION or rule.app_id.lower() == app]
    if any(rule.right == DENY and rule.scope in scopes for rule in mine):
        return False
    restricting = [rule for rule in mine if rule.right == RESTRICT]
    return not restricting or any(rule.scope in scopes for rule in restricting)


Accepted = Sequence[str | Sequence[str]]
"""Alternatives; one that is itself a list must be held together (permission_matrix.json, ``lab_accept``)."""


def decide(accepted: Accepted, roles: Collection[str], policies_say_yes: bool, grants: Iterable[Grant]) -> Verdict:
    """Return the verdict on one call.

    Args:
        accepted: The permissions the call accepts.
        roles: What Entra ID granted, as the token says.
        policies_say_yes: The answer of policies_allow.
        grants: What Exchange granted, whatever its scope.
    """
    granted = list(grants)
    by_entra = {role for role in roles if policies_say_yes or role not in LIMITED_BY_POLICIES}
    effective = by_entra | {grant.permission for grant in granted if grant.in_scope}
    held = set(roles) | {grant.permission for grant in granted}
    if satisfies(effective, accepted):
        return Verdict.GRANTED
    return Verdict.DENIED if satisfies(held, accepted) else Verdict.NO_ROLE


def satisfies(held: Collection[str], accepted: Accepted) -> bool:
    """Tell whether the permissions held contain one of the alternatives."""
    return any(set([one] if isinstance(one, str) else one) <= set(held) for one in accepted)
