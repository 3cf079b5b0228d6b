# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan for an application's access to mailboxes is made of. Nothing here talks to anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import Command, text_of
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import entry

ACCESS_POLICY, RBAC = "access_policy", "rbac"
RESTRICT, DENY = "RestrictAccess", "DenyAccess"
SECURITY_GROUP = "MailUniversalSecurityGroup"
GROUP_TYPES = frozenset(
    {SECURITY_GROUP, "MailUniversalDistributionGroup", "GroupMailbox", "RoomList", "MailNonUniversalGroup"}
)
CREATE, UPDATE, DELETE, KEEP = "create", "update", "delete", "keep"
VERBS: Mapping[str, str] = {CREATE: "created", UPDATE: "updated", DELETE: "deleted", KEEP: "unchanged"}


class AccessFaults(Exception):
    """What makes the wishes impossible; all of it at once, and before the first write."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = list(faults)


@dataclass(frozen=True)
class Wish:
    """One entry of the option access. Exactly one of group (an address), scope (a name) and unit is set."""

    group: str = ""
    scope: str = ""
    scope_filter: str = ""
    unit: str = ""
    right: str = RESTRICT
    permissions: tuple[str, ...] = ()
    description: str | None = None
    present: bool = True

    @property
    def place(self) -> str:
        """For whom, as a person says it."""
        if self.group:
            return self.group
        return f"scope {self.scope}" if self.scope else f"administrative unit {self.unit}"


@dataclass(frozen=True)
class Recipient:
    """A recipient as Exchange describes it. names: everything by which other rows may refer to it, in lower case."""

    address: str
    object_id: str
    kind: str
    names: frozenset[str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Recipient:
        """From a row of Get-Recipient."""
        # Not the display name: several groups can have the same.
        fields = ("Identity", "Name", "PrimarySmtpAddress", "ExternalDirectoryObjectId", "Guid", "Sid")
        names = [text_of(row, name) for name in (*fields, "DistinguishedName", "Id")]
        return cls(
            text_of(row, "PrimarySmtpAddress"),
            text_of(row, "ExternalDirectoryObjectId").lower(),
            text_of(row, "RecipientTypeDetails") or text_of(row, "RecipientType"),
            frozenset(name.lower() for name in names if name),
        )


@dataclass(frozen=True)
class Step:
    """One thing to do, or that is as desired already (command is None then).

    before, after: what it looks like, for diffs and results; None where it does not exist.
    """

    verb: str
    label: str
    command: Command | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Note:
    """A finding. severity: warning or info; action: what to do, or nothing; evidence: names that it rests on."""

    id: str
    severity: str
    subject: str
    message: str
    action: str = ""
    evidence: Mapping[str, list[str]] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """As a module returns it."""
        return entry(self)

    @property
    def line(self) -> str:
        """As a warning."""
        return f"{self.subject}: {self.message} {self.action}".strip()


def warning(
    identifier: str, subject: str, message: str, action: str = "", evidence: Mapping[str, list[str]] | None = None
) -> Note:
    """A finding that a person should act on."""
    return Note(identifier, "warning", subject, message, action, evidence or {})


def info(identifier: str, subject: str, message: str, action: str = "") -> Note:
    """A finding to know about."""
    return Note(identifier, "info", subject, message, action)


@dataclass
class Plan:
    """The steps in the order in which they are taken, and what is to be said about them."""

    steps: list[Step] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def pending(self) -> list[Step]:
        """What has to be done."""
        return [step for step in self.steps if step.command is not None]

    def changes(self) -> dict[str, list[str]]:
        """The labels by what is done with them."""
        found: dict[str, list[str]] = {word: [] for word in VERBS.values()}
        for step in self.steps:
            found[VERBS[step.verb]].append(step.label)
        return found

    def objects(self) -> list[dict[str, Any]]:
        """What is there in the end."""
        return [dict(step.after) for step in self.steps if step.after is not None]

    def diff(self) -> dict[str, Any]:
        """Before and after, without what stays as it is."""
        changed = [step for step in self.steps if step.verb != KEEP]
        return {
            "before": {step.label: dict(step.before) for step in changed if step.before is not None},
            "after": {step.label: dict(step.after) for step in changed if step.after is not None},
        }


def some(names: Iterable[str], most: int = 10) -> str:
    """A few of many names, and how many there are besides."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
