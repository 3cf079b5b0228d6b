# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers whose lists lag and that lose concurrent updates: no twin, nothing lost, a second run changes nothing."""

from __future__ import annotations

import time

import pytest
from integration.support.server import Server
from integration.support.site import large_workplace, run_site, small_workplace

LAG = 2.0


def test_behind_lists_that_lag_nothing_is_made_twice(server: Server) -> None:
    run_site(server, small_workplace())
    undisturbed = server.everything()
    server.reset()

    server.options["index_lag"] = LAG
    try:
        server.control("faults", {"fault": "index-lag", "seconds": LAG})
        run_site(server, small_workplace())
        mark = server.mark()
        # At once: what the lists do not show yet may be written again, but nothing is made.
        run_site(server, small_workplace())
        made = ("/zones", "/systems", "/repositories", "/drivers", "/modules", "/settings", "/tenants")
        assert not [line for line in server.since(mark) if line.startswith("POST") and line.endswith(made)]
        # The lists have to catch up with the second run before a third can be compared.
        time.sleep(LAG)
        assert run_site(server, small_workplace()) == []
    finally:
        server.options["index_lag"] = 0
        server.control("faults", {"fault": "index-lag", "seconds": 0})
    assert server.everything() == undisturbed


@pytest.mark.parametrize("attempt", range(3))
def test_on_a_server_that_loses_updates_nothing_is_lost(server: Server, attempt: int) -> None:
    server.control("faults", {"fault": "races", "enabled": True})
    run_site(server, large_workplace(24))
    modules = server.rows("modules")
    assert sorted(row["name"] for row in modules) == ["Bookings"] * 24 + ["Calendar"]
    names = {row["id"]: row["name"] for row in modules}
    systems = server.rows("systems")
    assert [[names.get(module) for module in row["modules"]] for row in systems] == [["Calendar", "Bookings"]] * 24
    assert all(row["capacity"] == 4 for row in systems)
    assert [row["name"] for row in modules if not server.loaded(row["id"])] == []
    assert run_site(server, large_workplace(24)) == []
