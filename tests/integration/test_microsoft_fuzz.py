# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever any endpoint of Microsoft 365 answers, a module ends in plain words, and writes nothing after a bad read.

Each job runs once undisturbed, which tells what it asks for. Then each of these endpoints gives each answer, once for each
module that asks it: the jobs of a module take turns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest
from integration.support.app import short_pauses
from integration.support.fake_middleman import Asked, Rule, Said
from integration.support.fake_shortcut import FakeShortcut
from integration.support.microsoft import Microsoft
from integration.support.microsoft_jobs import JOBS
from integration.support.modules import Result
from integration.support.wrong_answers import DISTORTED, OF_THE_WIRE, WRONG, distorted

HURRY: dict[str, Any] = {"retry_deadline": 0, "timeout": 10}
SIGN_IN = ("/openid-configuration", "/token")


@pytest.fixture(scope="module")
def between(session_microsoft: Microsoft) -> Iterator[FakeShortcut]:
    with pytest.MonkeyPatch.context() as patch:
        short_pauses(patch)
        yield FakeShortcut(session_microsoft, patch)


PREPARED: dict[str, dict[str, Any]] = {}


def run(between: FakeShortcut, job: str, rule: Rule = lambda _asked: None) -> Result:
    """One run of a job on a tenant in its seed state; what is no clean end of a module is raised here."""
    module, prepare = JOBS[job]
    if between.wrote or job not in PREPARED:
        between.wrote = True
        between.reset()
        PREPARED.clear()
        PREPARED[job] = prepare(between)
    between.start(rule)
    return between.run(module, **{**HURRY, **PREPARED[job]})


def only_at(endpoint: str, answer: Callable[[Asked], Said]) -> Rule:
    """A rule for one endpoint; all others answer as they do."""

    def rule(asked: Asked) -> Said | None:
        return answer(asked) if asked.endpoint == endpoint else None

    return rule


KNOWN: dict[str, list[str]] = {}


def places(between: FakeShortcut, answers: Collection[str], answer: str) -> Iterator[tuple[str, str]]:
    """(job, endpoint) for each place that an answer is tried at: all that any module asks for, in one of its jobs.

    The sign-in is the same code in all modules, so that all jobs take turns there. What is refused on the wire is so
    everywhere: each place gets a third of it.
    """
    for job in [job for job in JOBS if job not in KNOWN]:
        result = run(between, job)
        assert result["failed"] is False, result["msg"]
        KNOWN[job] = between.asked_for()
    turns: dict[tuple[str, str], list[str]] = {}
    for job, (module, _prepare) in JOBS.items():
        for endpoint in KNOWN[job]:
            turns.setdefault(("" if endpoint.endswith(SIGN_IN) else module, endpoint), []).append(job)
    wire = answer in OF_THE_WIRE
    number = (list(OF_THE_WIRE) if wire else list(answers)).index(answer)
    # Every third place, so that each third of these answers is a turn of its own.
    turn = number // 3 if wire else number
    chosen = [
        (jobs[(turn + place) % len(jobs)], endpoint)
        for place, ((_module, endpoint), jobs) in enumerate(turns.items())
        if not wire or (number + place) % 3 == 0
    ]
    # Job by job: while nothing is written the tenant need not be made anew.
    yield from sorted(chosen, key=lambda one: list(JOBS).index(one[0]))


def readable(result: Result, where: str) -> None:
    """A failure names what was asked for, and says something about it, in words."""
    shown = json.dumps(result)
    assert "Traceback" not in shown, where
    assert "Unhandled" not in shown, where
    assert "object at 0x" not in shown, where
    if result["failed"]:
        assert result["errors"], where
        assert re.search(r"\w{3}", result["msg"]), where
        assert len(result["msg"]) < 4000, where


def told(result: Result) -> str:
    """All that a result says to a person."""
    return json.dumps([result.get("msg"), result.get("findings"), result["warnings"]])


def writes_after(between: FakeShortcut, endpoint: str) -> list[str]:
    """The writes that came after the first answer of an endpoint that only reads."""
    asked = between.asked
    first = next((place for place, one in enumerate(asked) if one.endpoint == endpoint), len(asked))
    if first == len(asked) or asked[first].writes:
        return []
    return [one.endpoint for one in asked[first:] if one.writes]


@pytest.mark.parametrize("answer", WRONG)
def test_an_answer_that_is_none_is_told_with_its_address_and_nothing_is_written_after_it(
    between: FakeShortcut, answer: str
) -> None:
    for job, endpoint in places(between, WRONG, answer):
        where = f"{job}: {endpoint} answered with {answer}"
        result = run(between, job, only_at(endpoint, lambda _asked: WRONG[answer]))
        readable(result, where)
        assert writes_after(between, endpoint) == [], where
        broken = next(asked for asked in between.asked if asked.endpoint == endpoint)
        if result["failed"]:
            path = broken.path.partition("?")[0]
            named = broken.cmdlet or f"{broken.method} {between.url}{path}"
            # A write whose answer does not matter is looked for where it should be seen, and named by what it was.
            unseen = broken.writes and "did not show the change" in result["msg"]
            assert named in result["msg"] or unseen, f"{where}: {result['msg']}"
        elif not broken.writes:
            # It was no answer that the job depends on, but it is not passed over either.
            assert result.get("findings") or result["warnings"], where


@pytest.mark.parametrize("how", DISTORTED)
def test_a_distorted_answer_never_ends_in_a_traceback(between: FakeShortcut, how: str) -> None:
    for job, endpoint in places(between, DISTORTED, how):
        where = f"{job}: {endpoint} answered with {how}"
        result = run(between, job, only_at(endpoint, lambda asked: distorted(between.passed_on(asked), how)))
        readable(result, where)
        if result["failed"] and how != "foreign texts":
            # Rows of Exchange in which nothing is recognised are none of ours: then a New- may follow, and takes nothing.
            written = [write for write in writes_after(between, endpoint) if not write.startswith("New-")]
            assert written == [], where
