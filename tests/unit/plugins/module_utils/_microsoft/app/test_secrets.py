# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a client secret is renewed, and which may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.secrets import (
    Wish,
    decide,
    removals,
    shown,
    timestamp,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import Credential

NOW = datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)
A, B, C = (f"5d5d5d5d-0000-4000-8000-00000000000{n}" for n in "abc")
NAME = "PlaceOS (Ansible)"


def secret(key_id: str, days: float = 100, name: str = NAME) -> Credential:
    return Credential(key_id, name, "Fic", NOW - timedelta(days=10), NOW + timedelta(days=days))


def reason(found: list[Credential], **wish: object) -> str:
    new = decide(Wish(NAME, **wish), found, NOW).new  # type: ignore[arg-type]
    return new.reason if new else ""


@pytest.mark.parametrize(
    ("found", "wish", "said"),
    [
        ([], {"key_id": None}, "there is none of this name"),
        ([], {"key_id": ""}, "none is in use yet"),
        ([secret(A)], {"key_id": ""}, "none is in use yet"),
        ([secret(A, name="Somebody's")], {"key_id": None}, "there is none of this name"),
        ([secret(A)], {"key_id": B}, f"the one in use, {B}, is not on the application"),
        ([secret(A, 29)], {"key_id": A}, f"the one in use, {A}, ends on 2026-12-22"),
        ([secret(A, -1)], {"key_id": A}, f"the one in use, {A}, ended on 2026-11-22"),
        ([secret(A, -1)], {"key_id": A, "renew_before": 0}, f"the one in use, {A}, ended on 2026-11-22"),
        ([secret(A, 10), secret(B, 20)], {"key_id": None}, f"the one in use, {B}, ends on 2026-12-13"),
        ([secret(A)], {"key_id": A, "renew": "always"}, "renewal was asked for"),
    ],
)
def test_a_new_secret_is_made_when(found: list[Credential], wish: dict[str, object], said: str) -> None:
    assert reason(found, **wish) == said


@pytest.mark.parametrize(
    ("found", "wish"),
    [
        ([secret(A)], {"key_id": A}),
        ([secret(A, 31)], {"key_id": A}),
        ([secret(A, 1)], {"key_id": A, "renew_before": 0}),
        ([secret(A)], {"key_id": None}),
        ([secret(A, -5), secret(B)], {"key_id": None}),
        ([Credential(A, NAME)], {"key_id": A}),
        ([], {"key_id": "", "renew": "never"}),
        ([secret(A, -1)], {"key_id": A, "renew": "never"}),
    ],
)
def test_no_secret_is_made_when(found: list[Credential], wish: dict[str, object]) -> None:
    assert reason(found, **wish) == ""


def test_a_new_secret_ends_after_its_days_to_the_millisecond() -> None:
    new = decide(Wish(NAME, days=180), [], NOW).new
    assert new is not None
    assert timestamp(new.ends) == "2027-05-22T08:00:00.123Z"
    assert new.ends.microsecond == 123000


def test_an_orphan_is_neither_in_use_nor_was_it() -> None:
    found = [secret(A), secret(B), secret(C), secret("x", name="Somebody's")]
    orphans = decide(Wish(NAME, key_id=A, previous=frozenset({B})), found, NOW).orphans
    assert [orphan.key_id for orphan in orphans] == [C]


def test_without_knowing_the_one_in_use_nothing_is_called_an_orphan() -> None:
    assert decide(Wish(NAME, key_id=None), [secret(A), secret(B)], NOW).orphans == ()


def test_secrets_are_removed_by_id_whatever_its_case_and_a_missing_one_is_fine() -> None:
    result = removals([A.upper(), C], [secret(A), secret(B)], in_use=B, now=NOW)
    assert ([item.key_id for item in result.going], result.gone, result.problems) == ([A], [C], [])


def test_the_secret_in_use_is_not_removed() -> None:
    result = removals([A], [secret(A), secret(B)], in_use=A.upper(), now=NOW)
    assert f"{A}, the secret in use" in result.problems[0]
    assert result.going == []


def test_the_last_secret_that_works_is_not_removed() -> None:
    result = removals([A], [secret(A), secret(B, -1)], in_use=None, now=NOW)
    assert "no other valid secret would be left" in result.problems[0]


def test_secrets_that_have_ended_may_all_go() -> None:
    result = removals([A, B], [secret(A, -1), secret(B, -2)], in_use=None, now=NOW)
    assert ([item.key_id for item in result.going], result.problems) == ([A, B], [])


def test_a_secret_in_a_result_shows_whole_days_and_whether_it_is_in_use() -> None:
    result = shown(secret(A, 12.5), Wish(NAME, key_id=A), NOW)
    assert result["days_left"] == 12
    assert result["in_use"] is True
    assert shown(secret(A), Wish(NAME, key_id=None), NOW)["in_use"] is None
    assert shown(Credential(A), None, NOW)["ends"] is None
