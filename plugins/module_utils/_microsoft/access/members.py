# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is inside the scopes: members of groups, nested ones where they count, and recipients that a filter finds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    ACCESS_POLICY,
    DENY,
    GROUP_TYPES,
    Note,
    Wish,
    info,
    some,
    warning,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    NO_ANSWER,
    Answer,
    Command,
    text_of,
)

DEEPEST = 10
"""Levels of groups in groups that are looked into; loops end by themselves."""


def member_command(group: str) -> Command:
    """The direct members of a group."""
    return Command("Get-DistributionGroupMember", {"Identity": group, "ResultSize": "Unlimited"})


def filter_command(recipient_filter: str) -> Command:
    """The recipients that a management scope with this filter holds."""
    return Command("Get-Recipient", {"Filter": recipient_filter, "ResultSize": "Unlimited"})


def is_no_mailbox(answer: Answer) -> bool:
    """Does Exchange say of an address that nothing has it, or something without a mailbox of its own in the cloud?"""
    if answer.error is not None:
        return answer.error.kind == "not_found"
    kinds = [text_of(row, "RecipientTypeDetails") for row in answer.rows]
    # Remote ones are on a server on the premises; that of a group is no person's.
    return bool(kinds) and not any("Mailbox" in kind and not kind.startswith(("Remote", "Group")) for kind in kinds)


@dataclass
class Members:
    """What was read, by group (its address in the wish, or a nested group's own) or scope, in lower case.

    unread: of which the members could not be read, with the reason.
    """

    direct: dict[str, frozenset[str]] = field(default_factory=dict)
    nested: dict[str, frozenset[str]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def take(self, place: str, answer: Answer) -> None:
        """Remember one answer.

        Raises:
            ExchangeError: Exchange did not answer; a cmdlet that failed only leaves the members unknown.
        """
        key = place.lower()
        if answer.error is not None:
            if answer.error.kind in NO_ANSWER:
                raise answer.error
            self.unread[key] = answer.error.words
            return
        people, groups = set[str](), set[str]()
        for row in answer.rows:
            people |= _names(row)
            if text_of(row, "RecipientTypeDetails") in GROUP_TYPES:
                groups.add(text_of(row, "PrimarySmtpAddress").lower() or text_of(row, "Identity").lower())
        self.direct[key] = frozenset(people)
        self.nested[key] = frozenset(groups)

    def unknown_groups(self) -> list[str]:
        """Nested groups that have not been looked into."""
        known = self.direct.keys() | self.unread.keys()
        return sorted({group for groups in self.nested.values() for group in groups} - known)

    def inside(self, place: str, *, nested: bool) -> frozenset[str]:
        """All addresses inside, with those of nested groups where they count."""
        found, seen, queue = set[str](), set[str](), [place.lower()]
        while queue:
            key = queue.pop()
            if key in seen:
                continue
            seen.add(key)
            found |= self.direct.get(key, frozenset())
            if nested:
                queue.extend(self.nested.get(key, ()))
        return frozenset(found)


def _names(row: Mapping[str, Any]) -> set[str]:
    """By what a room can be named: a list of rooms may hold a second address, or the name to sign in with."""
    names = {text_of(row, name) for name in ("PrimarySmtpAddress", "WindowsLiveID")}
    further = row.get("EmailAddresses")
    for address in further if isinstance(further, (list, tuple)) else ():
        protocol, _colon, name = str(address).partition(":")
        if protocol.lower() == "smtp":
            names.add(name.strip())
    return {name.lower() for name in names} - {""}


def member_notes(
    kind: str,
    wishes: Iterable[Wish],
    members: Members,
    required: Sequence[str],
    own: Collection[str],
    *,
    unwanted: Sequence[str] = (),
) -> list[Note]:
    """What is to be said of the members: required ones outside every scope, denied ones, groups that do not count.

    own: addresses of wishes that are mailboxes themselves; unwanted: mailboxes that must be in no scope.
    """
    present = [wish for wish in wishes if wish.present]
    nested = kind == ACCESS_POLICY
    notes = [] if nested else [note for wish in present if (note := _nested_note(wish, members))]
    if not required and not unwanted:
        return notes
    inside, denied, unread = set[str](), set[str](), list[str]()
    for wish in present:
        key = (wish.group or wish.scope or wish.unit).lower()
        if wish.group in own:
            (denied if wish.right == DENY else inside).add(key)
        elif key in members.direct:
            (denied if wish.right == DENY else inside).update(members.inside(key, nested=nested))
        else:
            unread.append(f"{wish.place} ({members.unread.get(key, 'its members are not listed by Exchange')})")
    wanted = {address.lower(): address for address in required}
    shut_out = sorted(wanted[key] for key in wanted.keys() & denied)
    if shut_out:
        notes.append(
            warning(
                "member_denied", some(shut_out), "A DenyAccess policy of the list holds these mailboxes; it always wins.",
                "Take them out of that group.",
            )
        )  # fmt: skip
    let_in = sorted({address.lower() for address in unwanted} & (inside - denied))
    if let_in:
        notes.append(
            warning(
                "denied_inside", some(let_in), "The scopes of the list hold these mailboxes, which must be refused.",
                "Take them out of the groups, or name another mailbox that must be refused.",
            )
        )  # fmt: skip
    outside = sorted(wanted[key] for key in wanted.keys() - inside)
    if outside and unread:
        notes.append(
            info(
                "members_unknown", some(unread),
                f"Its members are not known, so {len(outside)} mailboxes could not be found in a scope: {some(outside)}.",
                "The tests and the proof by real reads tell whether they are reached.",
            )
        )  # fmt: skip
    elif outside and any(wish.right != DENY for wish in present):
        direct = "" if nested else " (direct ones)"
        notes.append(
            warning(
                "member_outside", some(outside),
                f"{len(outside)} of {len(wanted)} mailboxes that PlaceOS needs are in no scope of the list, by any of "
                "their addresses or by sign-in name.",
                f"Add them as members{direct} of one of the groups.",
            )
        )  # fmt: skip
    return notes


def _nested_note(wish: Wish, members: Members) -> Note | None:
    """RBAC counts direct members only."""
    groups = members.nested.get(wish.group.lower()) if wish.group else None
    if not groups:
        return None
    return warning(
        "rbac_nested_group", wish.group,
        f"It has groups as members ({some(sorted(groups))}); RBAC counts direct members only.",
        "Make rooms and the service account direct members, or give each group an entry of its own.",
    )  # fmt: skip
