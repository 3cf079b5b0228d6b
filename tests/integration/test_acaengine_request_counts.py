# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests each task needs on ACAEngine: lists page by page, nothing per room, no write without a change."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from integration.support.acaengine import API, AcaServer
from integration.support.site import large_workplace, run_site, site

ROOMS = 1000
READS = {
    "zone": 1,
    "metadata": 0,  # ACAEngine has none
    "system": 2,  # zones by name, systems
    "driver": 1,
    "settings": 3,  # drivers by name, the driver, fingerprints in the domain
    "module": 3,  # drivers, systems, modules
    "domain": 2,  # drivers by name, domains
}
LAG = 4.0
PAGES = 3
"""Reads of a list of a thousand rows from a server that grants 500: two pages, and one to see that there are no more."""


@pytest.fixture(scope="module")
def thousand(session_aca: AcaServer) -> AcaServer:
    """A thousand rooms, shared by the tests of this file, which leave them as they are."""
    session_aca.reset()
    run_site(session_aca, large_workplace(ROOMS))
    assert len(session_aca.names("systems")) == ROOMS
    assert len(session_aca.rows("modules")) == ROOMS
    return session_aca


def unchanged(aca: AcaServer, rooms: int) -> dict[str, Counter[str]]:
    """The requests of each task of a workplace that is as it should be."""
    found: dict[str, Counter[str]] = {}
    mark = aca.mark()
    for module, result in site(aca, large_workplace(rooms)):
        assert not result["failed"], result["msg"]
        assert not result["changed"], module
        found[module] = aca.counts(mark)
        mark = aca.mark()
    assert sum(counts["writes"] for counts in found.values()) == 0
    return found


def reads(counts: dict[str, Counter[str]]) -> dict[str, int]:
    """The reads of each task."""
    return {module: found["reads"] for module, found in counts.items()}


def test_a_thousand_unchanged_rooms_cost_twelve_reads_and_no_write(thousand: AcaServer) -> None:
    found = reads(unchanged(thousand, ROOMS))
    assert found == READS
    assert sum(found.values()) == 12


def test_a_server_with_small_pages_costs_more_reads_for_what_is_long_only(thousand: AcaServer) -> None:
    thousand.control("faults", {"fault": "list-cap", "rows": 500})
    try:
        found = reads(unchanged(thousand, ROOMS))
    finally:
        thousand.control("faults", {"fault": "list-cap", "rows": 0})
    assert found == {**READS, "system": 1 + PAGES, "module": 1 + 2 * PAGES}


def test_one_changed_room_costs_one_write_and_one_list_to_confirm_it(thousand: AcaServer) -> None:
    tree = large_workplace(ROOMS)
    tree["buildings"][0]["levels"][3]["rooms"][7]["capacity"] = 99
    for wanted in (tree, large_workplace(ROOMS)):
        mark = thousand.mark()
        changed = [module for module, result in site(thousand, wanted) if result["changed"]]
        assert changed == ["system"]
        lines = [line.partition("?")[0] for line in thousand.since(mark)]
        assert [line for line in lines if not line.startswith("GET")] == [
            f"PUT {API}/systems/{thousand.row('systems', 'Sydney - 3.007')['id']}"
        ]
        assert len(lines) == sum(READS.values()) + 2


def test_rows_that_were_just_deleted_do_not_hide_the_pages_after_them(thousand: AcaServer) -> None:
    """They leave gaps in their page, and the server then says that the list ends there."""
    gone = [f"Sydney - 0.{number:03}" for number in range(10)]
    doomed = [row["id"] for row in thousand.rows("systems") if row["name"] in gone]
    # The index then shows a time when all rooms were there already.
    time.sleep(LAG)
    thousand.control("faults", {"fault": "list-cap", "rows": 500})
    thousand.control("faults", {"fault": "index-lag", "seconds": LAG})
    for identifier in doomed:
        assert thousand.api("DELETE", f"{API}/systems/{identifier}").ok
    try:
        tasks = site(thousand, large_workplace(ROOMS), check=True)
        answer = next(result for module, result in tasks if module == "system")
        total = thousand.api("GET", f"{API}/systems?limit=500").json()["total"]
    finally:
        thousand.control("faults", {"fault": "index-lag", "seconds": 0})
    assert total < 500, "this server tells the right total"
    assert answer["changes"]["created"] == gone
    assert len(answer["changes"]["unchanged"]) == ROOMS - len(gone)
    try:
        changed = run_site(thousand, large_workplace(ROOMS))
    finally:
        thousand.control("faults", {"fault": "list-cap", "rows": 0})
    assert changed == ["system", "module"]
    assert len(set(thousand.names("systems"))) == len(thousand.names("systems")) == ROOMS
    assert len(thousand.rows("modules")) == ROOMS


def test_fewer_rooms_need_as_many_reads(aca: AcaServer) -> None:
    run_site(aca, large_workplace(20))
    assert reads(unchanged(aca, 20)) == READS


def test_new_rooms_cost_one_write_each_and_one_read_to_confirm_them(aca: AcaServer) -> None:
    rooms = [{"name": f"Room {number:03}"} for number in range(150)]
    mark = aca.mark()
    aca.good("system", systems=rooms)
    assert aca.counts(mark) == {"reads": 2, "writes": 150}


def test_zones_cost_one_write_each_and_one_read_and_write_for_each_document_above(aca: AcaServer) -> None:
    tree = large_workplace(0)
    mark = aca.mark()
    module, result = next(site(aca, tree))
    assert (module, len(result["changes"]["created"])) == ("zone", 12)
    # The organisation lists its building, and the building its ten levels.
    assert aca.counts(mark) == {"reads": 1 + 2 + 1, "writes": 12 + 2}


def test_behind_lists_that_lag_nothing_is_made_twice(aca: AcaServer) -> None:
    run_site(aca, large_workplace(24))
    undisturbed = aca.everything()
    aca.reset()
    aca.options["index_lag"] = 2.0
    aca.control("faults", {"fault": "index-lag", "seconds": 2})
    try:
        run_site(aca, large_workplace(24))
        mark = aca.mark()
        run_site(aca, large_workplace(24))
        created = [line for line in aca.since(mark) if line.startswith("POST") and line.count("/") == 3]
        refused = [entry for entry in aca.answered()[mark:] if entry["status"] == 406]
        # What the lists do not show yet may be asked for again; the server refuses a second one.
        assert len(created) == len(refused)
    finally:
        aca.options["index_lag"] = 0
        aca.control("faults", {"fault": "index-lag", "seconds": 0})
    assert aca.everything() == undisturbed
    assert run_site(aca, large_workplace(24)) == []
