# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the lists of ACAEngine are read to their end, or refused; the limits are those of co-elastic-query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.modules.placeos_zone import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_acaengine import ZONES, expect_all, zone

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import FakePlaceOS, Ran

    Play = Callable[..., Ran]

ALL = [zone(f"zone-{number:05}", f"Zone {number}") for number in range(10_050)]


def expect_page(server: FakePlaceOS, offset: int, rows: list[Any], total: int) -> None:
    more = f"&offset={offset}" if offset else ""
    server.expect("GET", f"{ZONES}?limit={10_000 - offset}{more}", {"total": total, "results": rows})


def test_an_empty_list_is_one_request(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, ZONES)
    assert play_aca(main, zones=[]).result["changed"] is False


def test_a_server_that_caps_pages_at_500_is_read_to_the_end_by_counting_rows(
    server: FakePlaceOS, play_aca: Play
) -> None:
    expect_page(server, 0, ALL[:500], 1201)
    expect_page(server, 500, ALL[500:1000], 1201)
    expect_page(server, 1000, ALL[1000:1201], 1201)
    wanted = [{"name": "Zone 0"}, {"name": "Zone 1200"}]
    assert play_aca(main, zones=wanted).changes == {"unchanged": ["Zone 0", "Zone 1200"]}


def test_a_row_that_moves_to_the_next_page_meanwhile_is_one_row(server: FakePlaceOS, play_aca: Play) -> None:
    expect_page(server, 0, ALL[:500], 502)
    expect_page(server, 500, [ALL[499], ALL[501]], 502)
    assert play_aca(main, name="Zone 499").changes == {"unchanged": ["Zone 499"]}


def test_a_page_without_rows_ends_the_list_whatever_its_total(server: FakePlaceOS, play_aca: Play) -> None:
    expect_page(server, 0, ALL[:500], 502)
    expect_page(server, 500, [], 502)
    assert play_aca(main, name="Zone 499").changes == {"unchanged": ["Zone 499"]}


def test_exactly_10000_rows_are_all_of_them(server: FakePlaceOS, play_aca: Play) -> None:
    expect_page(server, 0, ALL[:10_000], 10_000)
    assert play_aca(main, name="Zone 9999").changes == {"unchanged": ["Zone 9999"]}


def test_more_than_10000_rows_are_refused_before_anything_is_written(server: FakePlaceOS, play_aca: Play) -> None:
    expect_page(server, 0, ALL[:10_000], 10_050)
    ran = play_aca(main, name="New")
    assert ran.result["failed"] is True
    assert "the list has 10050 rows, and shows the first 10000 only" in ran.result["msg"]
    assert "nothing was written" in ran.result["msg"]


def test_the_window_is_not_left_with_small_pages_either(server: FakePlaceOS, play_aca: Play) -> None:
    for offset in range(0, 10_000, 5000):
        expect_page(server, offset, ALL[offset : offset + 5000], 10_050)
    assert play_aca(main, name="New").result["failed"] is True


@pytest.mark.parametrize(
    ("answer", "said"),
    [([], "expected a list with its total, got list"), ({"total": 1}, "expected a list, got NoneType")],
)
def test_an_answer_that_is_no_list_is_told(server: FakePlaceOS, play_aca: Play, answer: Any, said: str) -> None:
    server.expect("GET", f"{ZONES}?limit=10000", answer)
    ran = play_aca(main, name="New")
    assert ran.result["failed"] is True
    assert said in ran.result["msg"]


def test_a_missing_right_is_an_empty_403_with_a_hint(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", f"{ZONES}?limit=10000", status=403)
    ran = play_aca(main, name="New")
    assert "answered 403: (no words) Forbidden" in ran.result["msg"]
