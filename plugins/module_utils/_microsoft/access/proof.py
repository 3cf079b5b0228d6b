# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the scope in force? Real reads with the application's own credentials, in words that tell what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    ACCESS_POLICY,
    RBAC,
    Note,
    some,
    warning,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.tests import Verdict
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import (
    READABLE,
    REFUSED,
    Expected,
    prove,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_access_policy
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import Tokens

DELAYS = {
    ACCESS_POLICY: "Access policies usually reach Graph within an hour or two; PlaceOS's guide counts on up to 12 hours.",
    RBAC: "Exchange keeps an application's permissions in a cache for 30 minutes, or 2 hours while it is in use.",
}
"""Microsoft's articles auth-limit-mailbox-access (2024) and RBAC for Applications; PlaceOS's guide."""


@dataclass
class Proved:
    """What came of it. done: were reads made at all; fault: for the message of a failed task, empty if there is none."""

    done: bool = False
    ok: bool = False
    reason: str = ""
    waited: float = 0.0
    wrong: list[dict[str, Any]] = field(default_factory=list)
    fault: str = ""
    notes: list[Note] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As a module returns it."""
        return {
            "done": self.done,
            "ok": self.ok,
            "reason": self.reason,
            "waited": round(self.waited, 1),
            "wrong": self.wrong,
        }


def not_proved(reason: str) -> Proved:
    """No reads were made."""
    return Proved(reason=reason)


def prove_scope(
    kind: str,
    graph: Graph,
    tokens: Tokens,
    allowed: Sequence[str],
    denied: Sequence[str],
    *,
    wait: float,
    defeated: str = "",
) -> Proved:
    """Read until the scope is in force or the time is over.

    defeated: what is known to keep the scope from limiting anything, as a sentence.

    Raises:
        HttpError, TokenError: Graph or the sign-in does not answer.
    """
    proof = prove(graph, tokens, allowed, denied, deadline=wait)
    expected = Expected(allowed, denied)
    wrong = [read for read in proof.reads if expected.wrong(read)]
    shown = [
        {"address": read.address, "expected": expected.of(read.address), "state": read.state, "words": read.words}
        for read in wrong
    ]
    found = Proved(True, proof.ok, proof.reason, proof.waited, shown)
    if proof.ok:
        return found
    missing = "denied_mailboxes" if not denied else "allowed_mailboxes" if not allowed else ""
    if missing:
        found.notes.append(
            warning(
                "scope_not_proved",
                missing,
                "The scope is not proved: no such mailbox is named.",
                f"Give {of_graph_access_policy(missing)}.",
            )
        )
    if not wrong:
        return found
    in_time = [read for read in wrong if read.state in {READABLE, *REFUSED}]
    others = [f"{read.address} ({read.words or read.state})" for read in wrong if read not in in_time]
    parts = [f"The scope is configured, but not in force: {proof.reason}."]
    is_open = any(read.state == READABLE for read in wrong)
    if defeated and is_open:
        parts.append(f"Time does not cure that: {defeated}")
    elif in_time:
        parts.append(DELAYS[kind] + " Nothing has to be changed in Exchange for that: run again later, or wait longer.")
        if is_open:
            parts.append(
                "If it stays so, see the findings: an unscoped grant in Entra opens every mailbox whatever is set here."
            )
    if others:
        parts.append(f"Time does not cure these, they could not be read at all: {some(others)}.")
    parts.append("Do not give the client secret to PlaceOS before this is proved.")
    found.fault = " ".join(parts)
    return found


def verdict_fault(verdicts: Sequence[Verdict]) -> str:
    """What the Test cmdlets object to, or nothing."""
    wrong = [one for one in verdicts if not one.ok]
    if not wrong:
        return ""
    lines = [
        f"- {one.question.mailbox}: must be {one.question.expected}, is {one.result} ({one.words})"
        for one in wrong[:20]
    ]
    more = [f"- and {len(wrong) - 20} more"] if len(wrong) > 20 else []
    head = (
        f"Exchange's own test finds {len(wrong)} of {len(verdicts)} mailboxes not as wanted; waiting does not cure that"
    )
    advice = []
    if any(not one.missing for one in wrong):
        advice.append(
            "What must be allowed has to be inside a group or scope of the list, what must be denied in none."
        )
    if any(one.missing for one in wrong):
        advice.append(
            "Where Exchange finds no mailbox: correct the address in the inventory. A new mailbox needs some minutes to hours, "
            "and one on premises is not known here."
        )
    return "\n".join([f"{head}:", *lines, *more, *advice])
