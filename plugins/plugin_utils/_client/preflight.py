# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of the checks that are made before a rollout; no input or output."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .verdict import ESCAPED, GOOD, NOTE, STOP, UNSCOPED, WARNING, Situation

WIDTH = 79
SHOWN = 20
"""Rooms that a line names; how many there are is always said."""
REVOKED = (
    "site.yml revokes it (graph_app_purge). If PlaceOS uses it now, it loses the rooms until Exchange's grant is in force, "
    "up to two hours later."
)
BY_ITSELF = "With graph_app_purge: true site.yml revokes it."
UNMADE = "its secret is not made yet; site.yml makes it"


@dataclass
class Report:
    """Lines in the order in which site.yml works, each with its mark.

    failures: those of the stops that nothing which site.yml makes would cure.
    """

    lines: list[str] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    _failed: dict[str, str] = field(default_factory=dict)

    def say(self, mark: str, subject: str, words: str) -> None:
        """Add a line."""
        self.lines.append(f"{mark:<8}{subject}: {words}")
        if mark == STOP:
            self.stops.append(f"{subject}: {words}")

    def failed(self, subject: str, result: Mapping[str, Any]) -> None:
        """A check that could not be made. What stops two of them is told once: a refused sign-in is one thing to mend."""
        # Microsoft gives each request an id of its own.
        errors = [{**row, "request_id": None} for row in _listed(result, "errors") if isinstance(row, Mapping)]
        first = self._failed.setdefault(repr(errors), subject) if errors else subject
        if first == subject:
            self.say(STOP, subject, _words(result))
            self.failures.append(self.stops[-1])
        else:
            self.lines.append(f"{STOP:<8}{subject}: for the same reason as {first}")


def report(checks: Mapping[str, Any]) -> dict[str, Any]:
    """Judge the results of the role preflight.

    Returns its lines, the sentences that say what stops site.yml, which of these nothing cures that site.yml makes, and the
    lines as a text for the terminal.
    """
    made = Report()
    _inventory(made, checks)
    _platform(made, checks)
    situation = _situation(checks)
    if situation.managed:
        _application(made, _mapping(checks, "app"))
        _access(made, checks, situation)
    if checks.get("managed") or checks.get("checked"):
        _inspected(made, checks, situation)
        _rooms(made, checks)
    else:
        made.say(NOTE, "Microsoft 365", "not asked (client_checks_microsoft and client_manages_microsoft are false)")
    verdict = "nothing would stop site.yml" if not made.stops else f"{len(made.stops)} check(s) would stop site.yml"
    lines = [f"{checks.get('client')}: {verdict}", *made.lines]
    text = "\n".join(map(_wrapped, lines))
    return {"lines": lines, "stops": made.stops, "failures": made.failures, "text": text}


def _wrapped(line: str) -> str:
    """A line as it is read on any terminal: what goes on is set in below the subject."""
    return textwrap.fill(line, WIDTH, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False)


def _situation(checks: Mapping[str, Any]) -> Situation:
    managed = bool(checks.get("managed"))
    return Situation(
        managed=managed,
        waived=bool(checks.get("waived")),
        proved=bool(_mapping(_mapping(checks, "inspected"), "proof").get("ok")),
        fail_on=str(checks.get("fail_on") or "error"),
        app=_changes(_mapping(checks, "app")) if managed else {},
        access=_changes(_mapping(checks, "access")) if managed else {},
    )


def _mapping(checks: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = checks.get(name)
    return value if isinstance(value, Mapping) else {}


def _was_run(result: Mapping[str, Any]) -> bool:
    """A task that was skipped, or that a play without the role never had, says nothing."""
    return bool(result) and not result.get("skipped")


def _words(result: Mapping[str, Any]) -> str:
    return " ".join(str(result.get("msg") or "the check failed without saying why").split())


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _inventory(made: Report, checks: Mapping[str, Any]) -> None:
    workplace = _mapping(checks, "workplace")
    rooms, bookable = len(workplace.get("systems") or ()), len(workplace.get("bookable") or ())
    made.say(GOOD, "inventory", f"no fault; {rooms} rooms, {bookable} of them bookable")


def _platform(made: Report, checks: Mapping[str, Any]) -> None:
    answer, administrator = _mapping(checks, "platform"), _mapping(checks, "administrator")
    if not answer.get("platform"):
        made.failed("platform", answer)
        return
    made.say(GOOD, "platform", f"{answer['platform']} answers at {checks.get('url')}")
    if not administrator.get("platform"):
        made.failed("sign-in to the platform", administrator)
    else:
        made.say(GOOD, "sign-in to the platform", "the credentials are an administrator's")


def _foreseen(made: Report, subject: str, result: Mapping[str, Any], proof_of_success: str) -> None:
    """What a task in check mode would change. It succeeded if it says what it is about."""
    if not _was_run(result):
        made.say(NOTE, subject, "not looked at")
    elif proof_of_success not in result or result.get("errors"):
        made.failed(subject, result)
    elif _changes(result):
        told = [f"{done}: {_some(names)}" for done, names in _changes(result).items()]
        made.say(NOTE, subject, f"site.yml changes it ({'; '.join(told)})")
    else:
        made.say(GOOD, subject, "as the inventory says")


def _application(made: Report, result: Mapping[str, Any]) -> None:
    subject = "application in Entra"
    _foreseen(made, subject, result, "application")
    for words in _listed(result, "obstacles"):
        made.say(STOP, subject, str(words))


def _access(made: Report, checks: Mapping[str, Any], situation: Situation) -> None:
    subject = "scope in Exchange"
    result = _mapping(checks, "access")
    _foreseen(made, subject, result, "access")
    told = {str(finding.get("id")) for finding in _findings(_mapping(checks, "inspected"))}
    for finding in _findings(result):
        beside = finding.get("id") in (UNSCOPED, ESCAPED)
        if beside and situation.revokes(finding):
            made.say(NOTE, subject, f"{_finding({**finding, 'action': ''})} {REVOKED}")
        # The app itself has said it with more words.
        elif finding.get("severity") in ("error", "warning") and (
            finding.get("id") != UNSCOPED or UNSCOPED not in told
        ):
            by_itself = f" {BY_ITSELF}" if beside else ""
            made.say(situation.mark_of_scope(finding), subject, f"{_finding(finding)}{by_itself}")


def _findings(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in _listed(result, "findings") if isinstance(row, Mapping)]


def _listed(result: Mapping[str, Any], name: str) -> list[Any]:
    value = result.get(name)
    return value if isinstance(value, list) else []


def _changes(result: Mapping[str, Any]) -> dict[str, list[str]]:
    """What would be done to what. Not by the result's own "changed": the tasks of preflight never say that they have."""
    return {
        str(done): list(map(str, names))
        for done, names in _mapping(result, "changes").items()
        if done != "unchanged" and isinstance(names, Sequence) and not isinstance(names, str) and len(names) > 0
    }


def _finding(finding: Mapping[str, Any]) -> str:
    words = " ".join(f"{finding.get('message') or ''} {finding.get('action') or ''}".split())
    return f"{finding['subject']}: {words}" if finding.get("subject") else words


def _inspected(made: Report, checks: Mapping[str, Any], situation: Situation) -> None:
    if not situation.waived:
        for words in _listed(checks, "unprovable"):
            made.failed("scope", {"msg": f"can't be proved: {words}"})
    result = _mapping(checks, "inspected")
    if not _was_run(result):
        after = "" if situation.waived else ", and proves the scope before the platform gets it"
        made.say(NOTE, "app", f"{UNMADE}{after}")
        return
    if "findings" not in result:
        made.failed("app", result)
        return
    # What may not be read has one cure mostly, which is said once.
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for place, finding in enumerate(_findings(result)):
        mark = situation.mark(finding)
        cure = (str(finding.get("subject")), str(finding.get("action"))) if mark == NOTE else (str(place),)
        alike.setdefault((mark, *cure), []).append(finding)
    for (mark, *_cure), found in alike.items():
        message = " ".join(str(finding.get("message") or "") for finding in found)
        made.say(mark, "app", _finding({**found[0], "message": message}))
    _proof(made, result, situation)


def _proof(made: Report, result: Mapping[str, Any], situation: Situation) -> None:
    proof = _mapping(result, "proof")
    mailboxes = [row for row in result.get("mailboxes") or () if isinstance(row, Mapping)]
    wrong = [row for row in mailboxes if not row.get("ok")]
    if proof.get("ok"):
        made.say(GOOD, "scope", f"in force: {len(mailboxes)} mailboxes are readable or refused as they should be")
        return
    reason = proof.get("reason") or "not proved"
    if situation.waived:
        made.say(WARNING, "scope", f"waived (graph_access_waived): {reason}")
    elif situation.pending:
        # What its changes do not cure is told by the findings.
        made.say(WARNING, "scope", f"{reason}; site.yml makes the changes above, and waits for the proof")
    else:
        made.say(STOP, "scope", str(reason))
    for state in dict.fromkeys(str(row.get("state")) for row in wrong):
        named = [str(row.get("address")) for row in wrong if row.get("state") == state]
        # Of those that are not as they should be, the readable ones are those that have to be refused.
        what = "that can be read, and must not" if state == "readable" else state.replace("_", " ")
        made.say(WARNING, f"mailboxes {what}", _some(named))


def _rooms(made: Report, checks: Mapping[str, Any]) -> None:
    result = _mapping(checks, "rooms")
    if not _was_run(result):
        return
    if any(str(finding.get("id")).startswith("token_") for finding in _findings(_mapping(checks, "inspected"))):
        return  # nor can rooms be read, which is no news
    if "rooms" not in result:
        made.say(WARNING, "rooms in the tenant", _words(result))
        return
    wanted = [str(system["email"]) for system in _bookable(_mapping(checks, "workplace").get("systems"))]
    there = {str(room.get("email_address") or "").lower() for room in result["rooms"] if isinstance(room, Mapping)}
    missing = [address for address in wanted if address.lower() not in there]
    if missing:
        words = f"{len(missing)} of {len(wanted)} bookable rooms are no room mailboxes of the tenant (new ones appear "
        made.say(WARNING, "rooms in the tenant", f"{words}after a day or two): {_some(missing)}")
    else:
        made.say(GOOD, "rooms in the tenant", f"all {len(wanted)} bookable rooms are there")


def _bookable(systems: object) -> Iterable[Mapping[str, Any]]:
    rows = systems if isinstance(systems, Sequence) else ()
    return [row for row in rows if isinstance(row, Mapping) and row.get("bookable") and row.get("email")]
