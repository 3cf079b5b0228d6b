# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real calendar reads, by the thousand: which mailboxes an application can read, and which are refused to it.

Exchange's own test cmdlets say what is configured; only a read through Graph says what is in force, which may be hours
later (microsoft-graph-docs-contrib, concepts/auth-limit-mailbox-access.md). A proof needs both sides: mailboxes that
must be readable and mailboxes that must not be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain, repeat
from typing import Any
from urllib.parse import quote, urlencode

from ansible_collections.placeos.office365.plugins.module_utils._http_words import graph_words
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.errors import (
    MAILBOX_NOT_FOUND,
    MISSING_CONSENT,
    NOT_FOUND,
    POLICY_DENIED,
    THROTTLED,
    classify,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import some
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import BatchAnswer, BatchRequest, Graph
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import Tokens

READABLE = "readable"
DENIED_BY_POLICY = "denied_by_policy"
MISSING_ROLE = "missing_role"
MAILBOX_UNKNOWN = "not_found"
NO_MAILBOX = "no_mailbox"
THROTTLED_READ = "throttled"
FAILED_READ = "error"

REFUSED = frozenset({DENIED_BY_POLICY, MISSING_ROLE})
"""Exchange answered 403. Which of the two words it chooses is not the same in all tenants where RBAC is in force."""

_NO_MAILBOX_CODES = frozenset({"MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI"})
PAUSES = (5.0, 10.0, 20.0, 30.0)
"""Seconds between rounds of a proof; the last one is repeated. Policies take from minutes to hours."""


@dataclass(frozen=True)
class MailboxRead:
    """What came of reading one mailbox's calendar; code and words are the server's."""

    address: str
    state: str
    status: int | None = None
    code: str = ""
    words: str = ""


@dataclass(frozen=True)
class Proof:
    """Whether a scope is in force. reads: the last read of each mailbox; waited: seconds; reason: what is missing."""

    ok: bool
    reads: Sequence[MailboxRead]
    waited: float = 0.0
    reason: str = ""

    def shown(self) -> dict[str, Any]:
        """The proof as a module returns it."""
        return {"ok": self.ok, "reason": self.reason, "waited": round(self.waited, 1)}


def read_calendars(graph: Graph, addresses: Sequence[str], *, minutes: int = 5, workers: int = 4) -> list[MailboxRead]:
    """Read a few minutes of each calendar, 20 mailboxes a request; in the order of the addresses.

    minutes: length of the window from now on. Nothing of an appointment but its id is asked for. An address that is
    named twice is read once. Raises HttpError where Graph itself does not answer as it should.
    """
    start = datetime.now(UTC).replace(microsecond=0)
    window = {
        "startDateTime": _utc(start),
        "endDateTime": _utc(start + timedelta(minutes=minutes)),
        "$select": "id",
        "$top": 1,
    }
    query = urlencode(window, safe="$:")
    distinct = list({address.casefold(): address for address in addresses}.values())
    requests = [
        BatchRequest("GET", f"/users/{quote(address, safe='@')}/calendar/calendarView?{query}") for address in distinct
    ]
    answers = graph.batch(requests, workers=workers) if requests else []
    reads = {address.casefold(): _read(address, answer) for address, answer in zip(distinct, answers, strict=True)}
    return [reads[address.casefold()] for address in addresses]


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(address: str, answer: BatchAnswer) -> MailboxRead:
    """One inner answer; a good status alone does not make a calendar of it."""
    if 200 <= answer.status < 300:
        if isinstance(answer.body, Mapping) and isinstance(answer.body.get("value"), list):
            return MailboxRead(address, READABLE, answer.status)
        return MailboxRead(address, FAILED_READ, answer.status, words="the answer has no list of appointments")
    said = graph_words(answer.body)
    code, words = (said.code, said.message) if said else ("", "no words of Graph came with it")
    return MailboxRead(address, _state(answer, code), answer.status, code, words)


def _state(answer: BatchAnswer, code: str) -> str:
    kind = classify(answer.status, answer.body)
    if kind in (MAILBOX_NOT_FOUND, NOT_FOUND):
        # Without any code it may be a proxy's 404, which says nothing about the mailbox.
        return (NO_MAILBOX if code in _NO_MAILBOX_CODES else MAILBOX_UNKNOWN) if code else FAILED_READ
    states = {POLICY_DENIED: DENIED_BY_POLICY, MISSING_CONSENT: MISSING_ROLE, THROTTLED: THROTTLED_READ}
    return states.get(kind, FAILED_READ)


@dataclass(frozen=True)
class Expected:
    """Which mailboxes must be readable, and which refused."""

    allowed: Sequence[str]
    denied: Sequence[str]

    @cached_property
    def _refused(self) -> frozenset[str]:
        return frozenset(address.casefold() for address in self.denied)

    @property
    def addresses(self) -> list[str]:
        """All of them, the allowed ones first."""
        return [*self.allowed, *self.denied]

    def of(self, address: str) -> str:
        """What is expected of a mailbox: allowed or denied."""
        return "denied" if address.casefold() in self._refused else "allowed"

    def wrong(self, read: MailboxRead) -> bool:
        """Is this not as it should be?"""
        return read.state not in REFUSED if self.of(read.address) == "denied" else read.state != READABLE

    def reason(self, reads: Iterable[MailboxRead]) -> str:
        """What is missing for a proof; empty for a proof.

        A refusal proves nothing where nothing can be read: the application may just lack the permission.
        """
        wrong = [read for read in reads if self.wrong(read)]
        open_ones = [read.address for read in wrong if read.state == READABLE]
        others = [f"{read.address} ({read.state})" for read in wrong if read.state != READABLE]
        parts = []
        if open_ones:
            parts.append(f"{some(open_ones)} can be read, but must not")
        if others:
            parts.append(f"not as expected: {some(others)}")
        if not self.allowed:
            parts.append("no mailbox is named that must be readable")
        if not self.denied:
            parts.append("no mailbox is named that must be refused")
        return "; ".join(parts)


class Rounds:
    """Repeated reads of the same mailboxes: after the first time only of those that are not yet as they should be.

    When the last of them is right, all are read once more, so that what is told was true at one time.
    """

    def __init__(self, graph: Graph, expected: Expected, *, workers: int = 4) -> None:
        self._graph, self._expected, self._workers = graph, expected, workers
        self._known: dict[str, MailboxRead] = {}
        self._pending: list[str] = []

    def read(self) -> list[MailboxRead]:
        """The next round; returns the last read of each mailbox. Raises HttpError."""
        partly = bool(self._pending)
        self._ask(self._pending or self._expected.addresses)
        if partly and not self._pending:
            self._ask(self._expected.addresses)
        return [self._known[address.casefold()] for address in self._expected.addresses]

    def _ask(self, addresses: Sequence[str]) -> None:
        reads = read_calendars(self._graph, addresses, workers=self._workers)
        self._known.update((read.address.casefold(), read) for read in reads)
        self._pending = [read.address for read in reads if self._expected.wrong(read)]


def prove(
    graph: Graph,
    tokens: Tokens,
    allowed: Sequence[str],
    denied: Sequence[str],
    *,
    deadline: float,
    times: int = 2,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Proof:
    """Read until every allowed mailbox can be read and every denied one is refused, several times in a row.

    deadline: seconds. Between rounds a fresh token is taken, since an older one does not have later grants. The last
    rounds follow each other at once: servers do not all learn of a policy at the same moment.
    Raises HttpError and TokenError.
    """
    expected = Expected(allowed, denied)
    rounds, waits, started = Rounds(graph, expected), pauses(), clock()
    waited, agreed = 0.0, 0
    while True:
        reads = rounds.read()
        waited = max(waited, clock() - started)
        if not allowed or not denied:
            return Proof(False, reads, waited, expected.reason(reads))
        if not any(map(expected.wrong, reads)):
            agreed += 1
            if agreed >= times:
                return Proof(True, reads, waited)
            continue
        agreed, wait = 0, next(waits)
        if waited + wait > deadline:
            return Proof(False, reads, waited, expected.reason(reads))
        waited += wait
        sleep(wait)
        renew(graph, tokens)


def renew(graph: Graph, tokens: Tokens) -> None:
    """Take a fresh token, where the identity can get one."""
    if tokens.renewable:
        tokens.get(graph.audience, fresh=True)


def pauses() -> Iterator[float]:
    """The pauses between rounds, without end."""
    return chain(PAUSES, repeat(PAUSES[-1]))
