# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for lagging copies; the clock stands still and nobody sleeps, so the pauses alone count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.consistency import (
    NotConsistent,
    through_lag,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def refusal(status: int, code: str, message: str = "m", **more: Any) -> HttpError:
    body = {"error": {"code": code, "message": message, **more}}
    return HttpError("status", "GET", "https://graph.example/v1.0/x", f"{code}: {message}", status, data=body)


NOT_YET = refusal(404, "Request_ResourceNotFound")


def script(*steps: Any) -> Callable[[], Any]:
    """A call that gives these one after the other; errors are raised, the last one is repeated."""
    left = list(steps)

    def call() -> Any:
        step = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(step, HttpError):
            raise step
        return step

    return call


def still() -> float:
    return 0.0


# -- writes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lag",
    [
        NOT_YET,
        refusal(404, "Directory_ObjectNotFound"),
        refusal(400, "Request_BadRequest", "Not a valid reference update."),
        refusal(400, "Request_BadRequest", details=[{"code": "NoBackingApplicationObject", "target": "appId"}]),
    ],
)
def test_a_call_is_repeated_while_copies_lag(slept: list[float], lag: HttpError) -> None:
    assert through_lag(script(lag, lag, "done"), deadline=60, sleep=slept.append, clock=still) == "done"
    assert slept == [1.0, 2.0]


@pytest.mark.parametrize(
    "final",
    [
        refusal(403, "Authorization_RequestDenied"),
        refusal(404, "ErrorInvalidUser"),
        refusal(400, "Request_BadRequest", details=[{"code": "InvalidValue", "target": "signInAudience"}]),
        refusal(409, "Request_MultipleObjectsWithSameKeyValue"),
    ],
)
def test_any_other_refusal_is_final(slept: list[float], final: HttpError) -> None:
    with pytest.raises(HttpError):
        through_lag(script(final, "done"), deadline=60, sleep=slept.append, clock=still)
    assert not slept


def test_a_caller_may_wait_for_more_kinds(slept: list[float]) -> None:
    denied = refusal(403, "Authorization_RequestDenied")
    call = script(denied, "done")
    assert through_lag(call, deadline=60, also={"missing_consent"}, sleep=slept.append, clock=still) == "done"


def test_after_the_deadline_the_refusal_itself_is_the_error(slept: list[float]) -> None:
    with pytest.raises(HttpError) as caught:
        through_lag(script(NOT_YET), deadline=40, sleep=slept.append, clock=still)
    assert caught.value is NOT_YET
    assert slept == [1.0, 2.0, 4.0, 8.0, 8.0, 12.0]


def test_time_spent_in_the_calls_counts(slept: list[float]) -> None:
    seconds = iter(range(0, 1000, 30))
    with pytest.raises(HttpError):
        through_lag(script(NOT_YET), deadline=60, sleep=slept.append, clock=lambda: float(next(seconds)))
    assert slept == [1.0]


# -- reads -----------------------------------------------------------------------------------------------------------


def test_reads_must_agree_three_times_in_a_row(slept: list[float]) -> None:
    read = script(0, 1, 1, 0, 1, 1, 1)
    assert wait_until(read, bool, deadline=60, sleep=slept.append, clock=still) == 1
    assert slept == [1.0, 1.0, 1.0, 2.0, 1.0, 1.0]


def test_once_is_enough_where_that_is_said(slept: list[float]) -> None:
    assert wait_until(script("x"), bool, deadline=0, times=1, sleep=slept.append, clock=still) == "x"
    assert not slept


def test_an_object_that_is_not_there_yet_is_waited_for(slept: list[float]) -> None:
    assert wait_until(script(NOT_YET, "x"), bool, deadline=60, sleep=slept.append, clock=still) == "x"


def test_another_refusal_ends_the_waiting(slept: list[float]) -> None:
    with pytest.raises(HttpError):
        wait_until(
            script(refusal(403, "Authorization_RequestDenied")), bool, deadline=60, sleep=slept.append, clock=still
        )
    assert not slept


@pytest.mark.parametrize(("last", "told"), [(0, "did not show the change"), (NOT_YET, "Request_ResourceNotFound")])
def test_what_never_agrees_says_how_long_it_was_looked_at(slept: list[float], last: Any, told: str) -> None:
    with pytest.raises(NotConsistent, match=r"within 10 seconds \(4 reads\)") as caught:
        wait_until(script(last), bool, deadline=10, sleep=slept.append, clock=still)
    assert told in str(caught.value)
    assert caught.value.value is last
    assert slept == [1.0, 2.0, 4.0]
