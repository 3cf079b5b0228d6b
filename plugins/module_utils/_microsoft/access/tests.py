# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange's own answer to "may this application use this mailbox": the Test cmdlets.

They read the configuration and bypass the caches, so they prove what is configured and nothing about what is in force
(Graph documentation, auth-limit-mailbox-access); only a real read does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import ACCESS_POLICY
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    Answer,
    Command,
    text_of,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import RBAC_ROLES

ALLOWED, DENIED = "allowed", "denied"
GRANTED, UNKNOWN = "granted", "unknown"


@dataclass(frozen=True)
class Question:
    """A mailbox and what is expected of it: allowed or denied."""

    mailbox: str
    expected: str


@dataclass(frozen=True)
class Verdict:
    """The answer to a question. result: granted, denied or unknown; words: what it rests on; missing: no such mailbox."""

    question: Question
    result: str
    words: str
    missing: bool = False

    @property
    def ok(self) -> bool:
        """Is it as expected?"""
        return self.result == (GRANTED if self.question.expected == ALLOWED else DENIED)

    def shown(self) -> dict[str, Any]:
        """As a module returns it."""
        return {
            "mailbox": self.question.mailbox,
            "expected": self.question.expected,
            "result": self.result,
            "ok": self.ok,
            "words": self.words,
        }


def questions(allowed: Sequence[str], denied: Sequence[str], most: int) -> list[Question]:
    """At most so many of the mailboxes: the denied ones first, then allowed ones from all over the list.

    Each costs Exchange a second or so; what is left out is proved by real reads, twenty in a request.
    """
    chosen = [Question(mailbox, DENIED) for mailbox in denied[:most]]
    room = max(0, most - len(chosen))
    if room and allowed:
        step = max(1.0, len(allowed) / room)
        places = dict.fromkeys(int(number * step) for number in range(min(room, len(allowed))))
        chosen += [Question(allowed[place], ALLOWED) for place in places]
    return chosen


def test_command(kind: str, app_id: str, object_id: str, question: Question) -> Command:
    """The cmdlet that answers a question."""
    if kind == ACCESS_POLICY:
        return Command("Test-ApplicationAccessPolicy", {"Identity": question.mailbox, "AppId": app_id})
    return Command("Test-ServicePrincipalAuthorization", {"Identity": object_id, "Resource": question.mailbox})


def verdict(
    kind: str, question: Question, answer: Answer, permissions: Sequence[str], everywhere: Collection[str] | None = None
) -> Verdict:
    """What the cmdlet's rows say.

    For RBAC a mailbox is allowed when each of the permissions that all groups give is in scope (everywhere, by default
    all of them), or any where there is none such; and denied when not one of the permissions is.
    """
    if answer.error is not None:
        # The cmdlet names what it does not find, which may be the application as well.
        if answer.error.kind == "not_found" and question.mailbox.casefold() in answer.error.words.casefold():
            return Verdict(question, UNKNOWN, f"Exchange finds no such mailbox: {answer.error.words}", missing=True)
        return Verdict(question, UNKNOWN, str(answer.error))
    if kind == ACCESS_POLICY:
        results = {text_of(row, "AccessCheckResult") for row in answer.rows}
        said = {frozenset({"Granted"}): GRANTED, frozenset({"Denied"}): DENIED}.get(frozenset(results), UNKNOWN)
        return Verdict(question, said, f"AccessCheckResult {', '.join(sorted(results)) or 'missing'}")
    return _authorised(question, answer.rows, permissions, permissions if everywhere is None else everywhere)


def _authorised(
    question: Question, rows: Sequence[Mapping[str, Any]], permissions: Sequence[str], everywhere: Collection[str]
) -> Verdict:
    roles = {RBAC_ROLES[name].lower(): name for name in permissions if name in RBAC_ROLES}
    reached: dict[str, set[str]] = {}
    for row in rows:
        role = text_of(row, "RoleName").lower()
        if role in roles:
            # Shown as True, False or Not Run; whether as text or truth value is not known.
            reached.setdefault(roles[role], set()).add(text_of(row, "InScope").lower())
    granted = sorted(name for name, scopes in reached.items() if "true" in scopes)
    unsure = sorted(name for name, scopes in reached.items() if "true" not in scopes and scopes - {"false"})
    wide = sorted({text_of(row, "RoleName") for row in rows if text_of(row, "ScopeType").lower() == "organization"})
    words = f"in scope: {', '.join(granted) or 'nothing'}"
    if wide:
        words += f"; without any scope: {', '.join(wide)}"
    if unsure:
        return Verdict(question, UNKNOWN, f"{words}; not told: {', '.join(unsure)}")
    if question.expected == ALLOWED:
        needed = {name for name in roles.values() if name in everywhere}
        enough = set(granted) >= needed if needed else bool(granted)
        return Verdict(question, GRANTED if enough else DENIED, words)
    return Verdict(question, GRANTED if granted else DENIED, words)
