# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges real calendar reads: allowed mailboxes must be readable, denied ones refused, and refusals have causes.

A 403 means that the role was not granted, that a policy denies, or that the token is older than the grant; which of
them follows from the words of Exchange, the token's roles and the consents on record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.excess import ESCAPING
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Facts, Failure
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.permissions import on_graph
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import Finding, some
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import (
    DENIED_BY_POLICY,
    MAILBOX_UNKNOWN,
    NO_MAILBOX,
    READABLE,
    REFUSED,
    MailboxRead,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import (
    of_all,
    of_graph_app_check,
)

CALENDAR_ROLES = frozenset({"Calendars.Read", "Calendars.ReadWrite"}) | ESCAPING
"""Each of them lets an application read a calendar (Graph, List calendarView)."""

_REPEATED = f"The reads are repeated for the seconds of {of_graph_app_check('wait')}."
_LATER = f"Policies take effect after minutes to hours (Microsoft: up to 12). {_REPEATED}"


class Cause(NamedTuple):
    """What keeps from reading a mailbox, in plain words, and what to do."""

    meaning: str
    action: str


# by the finding
_CAUSES: dict[str, Cause] = {
    "mailbox_no_permission": Cause(
        "the application has no permission for calendars in its token, and no consent for one is known.",
        "Grant Calendars.ReadWrite with admin consent, or a role with RBAC for Applications; then set "
        f"{of_graph_app_check('mode')} to rbac.",
    ),
    "mailbox_grant_not_in_token": Cause(
        "the permission for calendars was granted, but the token is older than that, or does not have it yet.",
        f"Wait some minutes and check again with a fresh token. {_REPEATED}",
    ),
    "mailbox_refused_by_policy": Cause(
        "an application access policy of the tenant refuses them, though the permission is there.",
        f"Make them members of a group of the policy, nested groups included. {_LATER}",
    ),
    "mailbox_outside_rbac_scope": Cause(
        "Exchange refuses them: they are outside the scope of the application's role, or the role is not in force yet.",
        "Make them direct members of the scope's group (members of nested groups do not count), or change the scope. "
        f"Roles take from 30 minutes to 2 hours. {_REPEATED}",
    ),
    "mailbox_refused": Cause(
        "Exchange refuses them without naming a policy, though the permission is in the token: it may not have learned "
        "of the grant yet.",
        "Wait up to two hours, then look for policies of this application with the role graph_access in check mode. "
        f"{_REPEATED}",
    ),
    "mailbox_not_found": Cause(
        "there is no user or room with this address in the tenant.",
        "Correct the address; a room that was just created needs some minutes to hours.",
    ),
    "mailbox_absent": Cause(
        "the account exists, but has no mailbox in Exchange Online (no licence, deleted, or on a server on the premises).",
        "Give it a licence or create the room mailbox. New mailboxes need some minutes to hours.",
    ),
    "mailbox_unproved": Cause(
        "they could not be read, for reasons that say nothing about the scope.",
        f"Run again; with throttling, lower {of_all('max_workers')} or raise {of_all('retry_deadline')}.",
    ),
}


def judge(facts: Facts) -> Iterator[Finding]:
    """Everything about the mailboxes."""
    if facts.graph is not None:
        yield _failed(facts.graph)
    if facts.claims is None or (facts.graph is not None and not facts.reads):
        return
    if not facts.wanted.allowed and not facts.wanted.denied:
        yield _unproved(facts, "no mailboxes are given that must be readable or refused")
        return
    allowed = [read for read in map(facts.read_of, facts.wanted.allowed) if read is not None]
    denied = [read for read in map(facts.read_of, facts.wanted.denied) if read is not None]
    yield from _open(facts, denied)
    yield from _allowed(facts, allowed)
    yield from _controls(denied)
    yield from _scope(facts, allowed, denied)
    yield from _schedule(facts)


def _failed(failure: Failure) -> Finding:
    return Finding(
        "graph_failed" if failure.passing else "graph_unusable",
        "Microsoft Graph",
        f"it can't be asked: {failure.words.rstrip('.')}.",
        {"url": failure.url, "status": failure.status, "words": failure.words},
        failure.hint or f"See {of_all('graph_url')}, the network and the proxy on the way.",
    )


def _refusal(facts: Facts, read: MailboxRead) -> str:
    """Which of the causes a 403 has."""
    if facts.wanted.mode == "rbac":
        return "mailbox_outside_rbac_scope"
    if read.state == DENIED_BY_POLICY:
        return "mailbox_refused_by_policy"
    if facts.roles is None or CALENDAR_ROLES & facts.roles:
        return "mailbox_refused"
    granted = CALENDAR_ROLES & (on_graph(facts.assigned) or frozenset())
    return "mailbox_grant_not_in_token" if granted else "mailbox_no_permission"


def _cause(facts: Facts, read: MailboxRead) -> str:
    if read.state in REFUSED:
        return _refusal(facts, read)
    return {MAILBOX_UNKNOWN: "mailbox_not_found", NO_MAILBOX: "mailbox_absent"}.get(read.state, "mailbox_unproved")


def _allowed(facts: Facts, reads: list[MailboxRead]) -> Iterator[Finding]:
    """Mailboxes that must be readable, by what keeps them from it; one finding for all with one cause."""
    by_cause: dict[str, list[MailboxRead]] = defaultdict(list)
    for read in reads:
        if read.state != READABLE:
            by_cause[_cause(facts, read)].append(read)
    for cause, found in by_cause.items():
        meaning, action = _CAUSES[cause]
        yield Finding(
            cause, _subject(found), f"{_count(found, reads)} can't be read: {meaning}", _evidence(found), action
        )
    good = sum(read.state == READABLE for read in reads)
    if reads and good == len(reads):
        yield Finding(
            "calendars_readable", facts.app, f"all {good} mailboxes that must be readable are.", {"mailboxes": good}
        )


def _subject(reads: list[MailboxRead]) -> str:
    return some(dict.fromkeys(read.address for read in reads))


def _count(found: list[MailboxRead], reads: list[MailboxRead]) -> str:
    if len(reads) == 1:
        return "the calendar"
    return f"{len(found)} of {len(reads)} calendars"


def _evidence(reads: list[MailboxRead]) -> dict[str, Any]:
    words = dict.fromkeys(f"{read.status or ''} {read.code} {read.words}".strip() for read in reads)
    return {"mailboxes": list(dict.fromkeys(read.address for read in reads)), "words": list(words)[:5]}


def _open(facts: Facts, denied: list[MailboxRead]) -> Iterator[Finding]:
    """Mailboxes that can be read although they must not: the scope is not in force."""
    found = [read for read in denied if read.state == READABLE]
    if found:
        why = _why_open(facts)
        yield Finding(
            "scope_not_in_force",
            _subject(found),
            f"{_count(found, denied)} can be read that must not: the scope is not in force, and whoever has the secret "
            f"reads every mailbox. {why}",
            {**_evidence(found), "reasons": why},
            f"Do not hand out the secret yet. Set the scope (role graph_access). {_LATER}",
        )


def _why_open(facts: Facts) -> str:
    """What is known about why a scope does not hold."""
    held = (facts.roles or frozenset()) | (on_graph(facts.assigned) or frozenset())
    escaping = sorted(ESCAPING & held)
    if facts.wanted.mode == "rbac":
        unscoped = sorted(CALENDAR_ROLES & held)
        if unscoped:
            return f"{', '.join(unscoped)} is granted in Entra for the whole tenant beside the scoped role."
        return "The role is assigned without a scope, or the mailbox is inside it, or a change is not in force yet."
    if escaping and not CALENDAR_ROLES & held - ESCAPING:
        return f"{escaping[0]} is not limited by application access policies."
    also = f" {escaping[0]} is not limited by them at all." if escaping else ""
    return (
        "There is no application access policy for this application, or the mailbox is a member of its group, or the "
        f"policy is not in force yet (Exchange's own test may already say Denied).{also}"
    )


def _controls(denied: list[MailboxRead]) -> Iterator[Finding]:
    """A refusal proves something only for a mailbox that is there."""
    missing = [read for read in denied if read.state in (MAILBOX_UNKNOWN, NO_MAILBOX)]
    if missing:
        yield Finding(
            "control_mailbox_missing",
            _subject(missing),
            "there is no such mailbox, so that it proves nothing that it can't be read.",
            _evidence(missing),
            "Name a mailbox that exists and is outside the scope, such as one of the IT department.",
        )
    unknown = [read for read in denied if read.state not in (READABLE, MAILBOX_UNKNOWN, NO_MAILBOX, *REFUSED)]
    if unknown:
        meaning, action = _CAUSES["mailbox_unproved"]
        yield Finding("mailbox_unproved", _subject(unknown), meaning, _evidence(unknown), action)


def _scope(facts: Facts, allowed: list[MailboxRead], denied: list[MailboxRead]) -> Iterator[Finding]:
    """Whether both sides together prove the scope."""
    refused = [read for read in denied if read.state in REFUSED]
    readable = any(read.state == READABLE for read in allowed)
    if not denied:
        yield _unproved(facts, "no mailbox is given that must be refused")
    elif refused and not readable:
        yield _unproved(facts, "nothing can be read at all, so that the refusals may just be a lack of permission")
    elif len(refused) == len(denied):
        regime = "RBAC for Applications" if facts.wanted.mode == "rbac" else "an application access policy"
        yield Finding(
            "scope_proved",
            _subject(refused),
            f"the scope is in force ({regime}): {len(refused)} mailbox{'es' if len(refused) > 1 else ''} outside it refused.",
            _evidence(refused),
        )


def _unproved(facts: Facts, why: str) -> Finding:
    return Finding(
        "scope_not_proved",
        facts.app,
        f"it is not proved that the application is kept out of other mailboxes: {why}.",
        {"allowed": len(facts.wanted.allowed), "denied": len(facts.wanted.denied)},
        f"Give {of_graph_app_check('allowed_mailboxes', 'denied_mailboxes')}: at least one mailbox of each.",
    )


def _schedule(facts: Facts) -> Iterator[Finding]:
    """PlaceOS asks for free and busy times by getSchedule, which answers 200 with errors inside."""
    asked = facts.schedule
    if asked is None or not (asked.words or asked.errors):
        return
    what = asked.words or "; ".join(f"{address}: {words}" for address, words in list(asked.errors.items())[:5])
    yield Finding(
        "schedule_refused",
        some(asked.errors) if asked.errors else asked.through,
        f"calendars can be read, but their free and busy times (getSchedule, asked through {asked.through}) can't: {what}",
        {"through": asked.through, "errors": dict(asked.errors), "words": asked.words},
        "It often follows some time after the calendars; check again later.",
    )
