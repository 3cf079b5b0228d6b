# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole check: facts, findings, and waiting for what time may cure."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks import (
    application,
    calendars,
    credentials,
    excess,
    permissions,
    sign_in,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Facts
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.gather import Gatherer
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import (
    ERROR,
    Finding,
    may_pass,
    ordered,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import Expected, Proof, pauses
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError

SIGN_IN_LAG = 300.0
"""Seconds for which a refused sign-in is tried again at most. A new secret or application is known everywhere within a
minute or a few; a policy takes hours, and a wrong secret should not have to wait as long as that."""


@dataclass(frozen=True)
class Checked:
    """What came of a check. waited: seconds."""

    facts: Facts
    findings: list[Finding]
    waited: float = 0.0

    @property
    def ok(self) -> bool:
        """Nothing of the severity error."""
        return not any(finding.severity == ERROR for finding in self.findings)

    @property
    def proof(self) -> Proof:
        """Whether the scope is in force: the allowed mailboxes readable, the denied ones refused."""
        facts = self.facts
        expected = Expected(facts.wanted.allowed, facts.wanted.denied)
        if isinstance(facts.sign_in, TokenError):
            return Proof(False, (), self.waited, "the application can't sign in")
        if facts.graph is not None:
            return Proof(False, (), self.waited, f"Microsoft Graph can't be asked: {facts.graph.words}")
        reason = expected.reason(facts.reads)
        return Proof(not reason, facts.reads, self.waited, reason)


def judge(facts: Facts) -> list[Finding]:
    """All findings, worst first."""
    parts = (sign_in, application, permissions, excess, credentials, calendars)
    return ordered(chain.from_iterable(part.judge(facts) for part in parts))


def check(
    gatherer: Gatherer,
    *,
    wait: float = 0.0,
    fail_on: str = ERROR,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Checked:
    """Check once, and again while something is wrong that time may cure, for `wait` seconds at most.

    There is no waiting where a lasting finding fails the task anyhow; fail_on: error, warning or never.
    """
    started, waited, waits = clock(), 0.0, pauses()
    while True:
        facts = gatherer.gather()
        findings = judge(facts)
        waited = max(waited, clock() - started)
        limit = min(wait, SIGN_IN_LAG) if isinstance(facts.sign_in, TokenError) else wait
        if not may_pass(findings, fail_on) or waited >= limit:
            return Checked(facts, findings, waited)
        pause = min(next(waits), limit - waited)
        waited += pause
        sleep(pause)
