# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check waits for what time may cure, with fresh tokens, and for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.run import SIGN_IN_LAG, Checked, check
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import PLACEOS_PERMISSIONS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_facts import (
    OUTSIDE,
    claims,
    facts,
    held,
    refused,
    registration,
    secret,
)

if TYPE_CHECKING:
    from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Facts

ALL = PLACEOS_PERMISSIONS
NOT_YET = facts(sign_in=claims(*ALL[1:]))
WRONG = refused("bad_credential", 7000215)
GOOD = facts()


class FakeGatherer:
    """Gathers these facts, one after the other; the last ones again and again."""

    def __init__(self, *facts: Facts) -> None:
        self.facts = list(facts)
        self.gathered = 0

    def gather(self) -> Facts:
        self.gathered += 1
        return self.facts.pop(0) if len(self.facts) > 1 else self.facts[0]


def checked(*facts: Facts, **how: Any) -> tuple[Checked, list[float]]:
    """A check on these facts, and its pauses."""
    slept: list[float] = []
    return check(FakeGatherer(*facts), sleep=slept.append, clock=lambda: 0.0, **how), slept  # type: ignore[arg-type]


def test_without_wait_there_is_one_look() -> None:
    done, slept = checked(NOT_YET, GOOD)
    assert not done.ok
    assert slept == []


@pytest.mark.parametrize("before", [NOT_YET, WRONG], ids=["a consent on its way", "a secret made a moment ago"])
def test_what_comes_with_time_is_waited_for(before: Facts) -> None:
    done, slept = checked(before, before, GOOD, wait=600)
    assert done.ok
    assert slept == [5, 10]
    assert done.waited == 15


def test_a_good_application_is_not_waited_for() -> None:
    assert checked(GOOD, wait=600)[1] == []


def test_the_deadline_is_kept() -> None:
    done, slept = checked(NOT_YET, wait=100)
    assert not done.ok
    assert sum(slept) == 100


def test_a_wrong_secret_is_not_tried_for_hours() -> None:
    done, slept = checked(WRONG, wait=7200)
    assert not done.ok
    assert sum(slept) == SIGN_IN_LAG


@pytest.mark.parametrize(
    "lasting",
    [
        refused("expired_credential", 7000222),
        refused("secret_id_pasted", 7000215),
        facts(sign_in=claims(*ALL[1:]), registration=registration(secret(days=2))),
    ],
    ids=["expired", "id of a secret", "ends within days"],
)
def test_nothing_is_waited_for_where_something_else_fails_the_task_anyhow(lasting: Facts) -> None:
    assert checked(lasting, wait=600)[1] == []


def test_with_fail_on_never_other_faults_do_not_keep_from_waiting() -> None:
    spoilt = facts(sign_in=claims(*ALL[1:]), registration=registration(secret(days=2)))
    assert sum(checked(spoilt, wait=60, fail_on="never")[1]) == 60


def test_with_fail_on_warning_a_lasting_warning_ends_the_waiting() -> None:
    spoilt = held(*ALL[1:], "Files.Read.All")
    assert checked(spoilt, wait=60, fail_on="warning")[1] == []
    assert sum(checked(spoilt, wait=60)[1]) == 60


def test_the_proof_names_the_mailbox_that_stayed_open() -> None:
    from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import MailboxRead

    open_one = facts(reads=(GOOD.reads[0], MailboxRead(OUTSIDE, "readable", 200)))
    done, slept = checked(open_one, wait=20)
    assert slept == [5, 10, 5]
    assert not done.proof.ok
    assert OUTSIDE in done.proof.reason


def test_a_sign_in_that_throttles_passes() -> None:
    throttled = GOOD.with_(sign_in=TokenError("throttled", "Too many requests."), reads=())
    assert checked(throttled, GOOD, wait=60)[0].ok
