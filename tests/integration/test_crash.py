# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed after any of its requests, the next run converges to the same state, and the one after changes nothing."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from integration.support.acaengine import AcaServer
from integration.support.crash import killed_after
from integration.support.server import Server
from integration.support.site import run_site, small_workplace
from tools.lab_process import running_lab

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from pathlib import Path

LABS = 4
"""Labs side by side; a run spends most of its time waiting for compilations and starts."""


@pytest.fixture(params=[Server, AcaServer], ids=lambda kind: kind.platform)
def labs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Server]]:
    """Labs of their own, since each is reset all the time."""
    with contextlib.ExitStack() as stack:
        yield [request.param(stack.enter_context(running_lab(tmp_path / str(number)))) for number in range(LABS)]


def crash_and_recover(server: Server, after: int, undisturbed: dict[str, Any]) -> str | None:
    """Return what went wrong, "complete" when the run ended before the crash, None when all is well."""
    server.reset()
    if not killed_after(after, lambda: run_site(server, small_workplace())):
        return "complete"
    run_site(server, small_workplace())
    state = server.everything()
    for kind, rows in undisturbed.items():
        if state[kind] != rows:
            return f"killed after {after} requests, then {kind}: {state[kind]}"
    changed = run_site(server, small_workplace())
    return f"killed after {after} requests, and the third run changed {changed}" if changed else None


def crash_at(server: Server, numbers: range, undisturbed: dict[str, Any], told: Queue[Any]) -> None:
    """Crash after each of these numbers of requests, until a run completes."""
    tried, problems, complete = 0, [], False
    for number in numbers:
        try:
            problem = crash_and_recover(server, number, undisturbed)
        except AssertionError as error:
            problem = f"killed after {number} requests: {error}"
        complete = problem == "complete"
        if complete:
            break
        tried += 1
        if problem:
            problems.append(problem)
    told.put((tried, complete, problems))


def test_a_run_that_was_killed_after_any_request_is_made_good_by_the_next(labs: list[Server]) -> None:
    mark = labs[0].mark()
    run_site(labs[0], small_workplace())
    total = len(labs[0].since(mark))
    undisturbed = labs[0].everything()

    context = multiprocessing.get_context("fork")
    told: Queue[Any] = context.Queue()
    workers = [
        # Far enough beyond the usual number of requests: it varies by those that wait for a compilation.
        context.Process(target=crash_at, args=(server, range(1 + first, total + 60, LABS), undisturbed, told))
        for first, server in enumerate(labs)
    ]
    for worker in workers:
        worker.start()
    answers = [told.get(timeout=240) for _worker in workers]
    for worker in workers:
        worker.join()

    assert [problem for _tried, _complete, problems in answers for problem in problems] == []
    assert all(complete for _tried, complete, _problems in answers)
    assert sum(tried for tried, _complete, _problems in answers) > 50
