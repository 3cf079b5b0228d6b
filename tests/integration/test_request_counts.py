# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests each bulk task needs: few reads whatever the number of rooms, and one write per difference."""

from __future__ import annotations

from collections import Counter

from integration.support.server import Server
from integration.support.site import large_workplace, run_site, site

ROOMS = 150
UNCHANGED = {
    "zone": 1,
    "metadata": 1,
    "system": 2,  # zones by name, systems
    "repository": 1,
    "driver": 2,  # repositories by name, drivers
    "settings": 2,  # drivers by name, settings
    "module": 3,  # drivers, systems, modules
    "domain": 1,
    "tenant": 2,  # tenants, fingerprints in the domain
}


def test_unchanged_rooms_cost_a_fixed_number_of_reads_per_task_and_no_write(server: Server) -> None:
    run_site(server, large_workplace(ROOMS))
    counted: dict[str, Counter[str]] = {}
    mark = server.mark()
    for module, result in site(server, large_workplace(ROOMS)):
        assert not result["changed"], module
        counted[module] = server.counts(mark)
        mark = server.mark()
    assert {module: counts["writes"] for module, counts in counted.items()} == dict.fromkeys(UNCHANGED, 0)
    reads = {module: counts["reads"] for module, counts in counted.items()}
    # This workplace has no metadata, so its task asks for nothing.
    assert reads == {**UNCHANGED, "metadata": 0}


def test_new_rooms_cost_one_write_each_and_one_read_to_confirm_them(server: Server) -> None:
    rooms = [{"name": f"Room {number:03}"} for number in range(ROOMS)]
    mark = server.mark()
    server.good("system", systems=rooms)
    assert server.counts(mark) == {"reads": 2, "writes": ROOMS}


def test_three_changed_rooms_cost_three_writes_and_one_read_to_confirm_them(server: Server) -> None:
    rooms = [{"name": f"Room {number:03}"} for number in range(ROOMS)]
    server.good("system", systems=rooms)
    mark = server.mark()
    server.good("system", systems=[*({**room, "capacity": 3} for room in rooms[:3]), *rooms[3:]])
    assert server.counts(mark) == {"reads": 2, "writes": 3}
    assert [line.partition(" ")[0] for line in server.since(mark)] == ["GET", "PATCH", "PATCH", "PATCH", "GET"]


def test_new_documents_for_many_zones_are_read_with_one_request_per_hundred(server: Server) -> None:
    zones = [{"name": f"Zone {number:03}"} for number in range(ROOMS)]
    server.good("zone", zones=zones)
    documents = [{"name": "map", "parent": zone["name"], "details": {"n": zone["name"]}} for zone in zones]
    server.good("metadata", metadata=documents)
    mark = server.mark()
    assert not server.good("metadata", metadata=documents)["changed"]
    # The zones by name, and two reads of documents.
    assert server.counts(mark) == {"reads": 3}


def test_a_shared_module_joins_rooms_with_one_write_each(server: Server) -> None:
    run_site(server, large_workplace(20))
    mark = server.mark()
    for module, result in site(server, large_workplace(22)):
        if module == "module":
            assert len(result["changes"]["created"]) == 2
            assert server.counts(mark)["writes"] == 6, "two attached, two created, two started"
        mark = server.mark()
