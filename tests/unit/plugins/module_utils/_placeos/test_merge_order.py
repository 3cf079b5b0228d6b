# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module list of a system: wanted ones in their order, foreign ones where they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.module_utils._placeos.flow_module import merge_order

IDS = st.lists(st.sampled_from("abcdefg"), unique=True, max_size=7)


@pytest.mark.parametrize(
    ("current", "wanted", "unwanted", "result"),
    [
        ("", "ab", "", "ab"),
        ("ab", "ab", "", "ab"),
        ("ba", "ab", "", "ab"),
        ("xby", "ab", "", "xayb"),
        ("bxa", "ab", "", "axb"),
        ("xyz", "ab", "", "xyzab"),
        ("axb", "ab", "x", "ab"),
        ("xay", "", "a", "xy"),
        ("xyz", "", "", "xyz"),
        ("ab", "aab", "", "ab"),
        ("", "", "a", ""),
        ("aa", "a", "", "a"),
        ("axaby", "ba", "", "bxay"),
    ],
)
def test_examples(current: str, wanted: str, unwanted: str, result: str) -> None:
    assert "".join(merge_order(list(current), list(wanted), set(unwanted))) == result


@given(IDS, IDS, st.sets(st.sampled_from("abcdefg")))
def test_every_list_holds_what_is_wanted_and_foreign_and_nothing_else(
    current: list[str], wanted: list[str], unwanted: set[str]
) -> None:
    unwanted -= set(wanted)
    result = merge_order(current, wanted, unwanted)
    assert sorted(result) == sorted((set(current) | set(wanted)) - unwanted)
    assert [m for m in result if m in wanted] == wanted
    foreign = [m for m in current if m not in wanted and m not in unwanted]
    assert [m for m in result if m not in wanted] == foreign


@given(IDS, IDS, st.sets(st.sampled_from("abcdefg")))
def test_a_list_that_was_put_right_stays_as_it_is(current: list[str], wanted: list[str], unwanted: set[str]) -> None:
    unwanted -= set(wanted)
    once = merge_order(current, wanted, unwanted)
    assert merge_order(once, wanted, unwanted) == once
