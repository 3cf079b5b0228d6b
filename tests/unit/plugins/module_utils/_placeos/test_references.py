# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names to ids."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._placeos.references import References, Unresolved
from ansible_collections.placeos.office365.plugins.module_utils._placeos.v2 import V2
from ansible_collections.placeos.office365.plugins.module_utils._plan import Pending, Row

ROWS: dict[str, list[Row]] = {
    "zone": [
        {"id": "zone-L5-aaaa", "name": "Sydney"},
        {"id": "zone-L5-bbbb", "name": "R&amp;D"},
        {"id": "zone-L5-cccc", "name": "Twin"},
        {"id": "zone-L5-dddd", "name": "Twin"},
    ],
    "system": [
        {"id": "sys-L5-aaaa", "name": "27.01", "email": "syd-27.01@acme.example"},
        {"id": "sys-L5-bbbb", "name": "same@acme.example", "email": "same@acme.example"},
    ],
    "module": [{"id": "mod-L5-aaaa", "name": "Calendar", "custom_name": "Outlook"}],
}


class FakePlatform:
    """Lists that may lag: the first answers are given before the last one."""

    def __init__(self, *earlier: list[Row], index_lag: float = 0.0, any_case: bool = False) -> None:
        self.index_lag = index_lag
        self.any_case = any_case
        self.earlier = list(earlier)
        self.reads: list[str] = []
        self.kind = ""

    def resource(self, kind: str) -> FakePlatform:
        self.kind = kind
        return self

    def rows(self) -> list[Row]:
        self.reads.append(self.kind)
        return self.earlier.pop(0) if self.earlier else ROWS[self.kind]


def references(platform: FakePlatform, **how: Any) -> References:
    return References(cast(V2, platform), **how)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses; time passes only by them."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr("time.monotonic", lambda: sum(pauses))
    return pauses


def test_an_id_is_taken_as_it_is_without_a_question() -> None:
    platform = FakePlatform()
    for identifier in ("zone-L5-V0jy-2~", "sys-L5-V0DV_Ap", "driver-L5-XB-RA-Z"):
        assert references(platform).resolve("zone", identifier) == identifier
    assert platform.reads == []


@pytest.mark.parametrize("name", ["Sydney", "  Sydney "])
def test_a_name_is_found_as_the_server_would_store_it(name: str) -> None:
    assert references(FakePlatform()).resolve("zone", name) == "zone-L5-aaaa"


def test_a_name_is_found_behind_its_escaped_spelling() -> None:
    assert references(FakePlatform()).resolve("zone", "R&D") == "zone-L5-bbbb"


@pytest.mark.parametrize("name", ["27.01", "SYD-27.01@acme.example"])
def test_a_system_is_found_by_name_and_by_email(name: str) -> None:
    assert references(FakePlatform()).resolve("system", name) == "sys-L5-aaaa"


def test_a_system_whose_name_is_its_email_is_one() -> None:
    assert references(FakePlatform()).resolve("system", "same@acme.example") == "sys-L5-bbbb"


@pytest.mark.parametrize("name", ["Calendar", "Outlook"])
def test_a_module_is_found_by_both_of_its_names(name: str) -> None:
    assert references(FakePlatform()).resolve("module", name) == "mod-L5-aaaa"


def test_any_number_of_names_costs_one_read_per_kind() -> None:
    platform = FakePlatform()
    known = references(platform)
    for name in ("Sydney", "R&D", "Sydney"):
        known.resolve("zone", name)
    known.resolve("system", "27.01")
    assert len(known.rows("zone")) == 4
    assert platform.reads == ["zone", "system"]


def test_a_name_of_several_objects_is_refused_with_all_ids() -> None:
    with pytest.raises(Unresolved, match=r"2 objects of kind zone are called 'Twin': zone-L5-cccc, zone-L5-dddd"):
        references(FakePlatform()).resolve("zone", "Twin")


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(Unresolved, match="there is no zone 'Sidney'; did you mean 'Sydney'"):
        references(FakePlatform()).resolve("zone", "Sidney")
    with pytest.raises(Unresolved, match=r"there is no zone 'Zagreb'$"):
        references(FakePlatform()).resolve("zone", "Zagreb")


def test_in_check_mode_an_unknown_name_is_taken_on_trust_and_noted() -> None:
    known = references(FakePlatform(), check_mode=True)
    assert known.resolve("zone", "New") == Pending("zone", "New")
    assert known.resolve("zone", "Sydney") == "zone-L5-aaaa"
    assert known.assumed == ["zone 'New'"]


def test_a_lagging_list_is_read_again_for_a_while(clock: list[float]) -> None:
    platform = FakePlatform([], [], index_lag=2.0)
    assert references(platform).resolve("zone", "Sydney") == "zone-L5-aaaa"
    assert len(platform.reads) == 3
    assert len(clock) == 2


def test_the_search_for_an_unknown_name_ends(clock: list[float]) -> None:
    with pytest.raises(Unresolved):
        references(FakePlatform(index_lag=2.0)).resolve("zone", "Nowhere")
    assert 0 < sum(clock) <= 6.0


def test_ids_are_shown_by_the_names_that_are_known_anyway() -> None:
    platform = FakePlatform()
    known = references(platform)
    assert known.name("zone", "zone-L5-bbbb") == "zone-L5-bbbb"
    known.learn("zone", ROWS["zone"])
    assert known.name("zone", "zone-L5-bbbb") == "R&D"
    assert platform.reads == []


def test_letter_case_counts_unless_the_platform_takes_no_notice_of_it() -> None:
    assert references(FakePlatform(any_case=True)).resolve("zone", "SYDNEY") == "zone-L5-aaaa"
    with pytest.raises(Unresolved, match="there is no zone 'SYDNEY'"):
        references(FakePlatform()).resolve("zone", "SYDNEY")
