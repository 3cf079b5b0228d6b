# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed between the two writes that ACAEngine needs for one thing, behind lists that lag: no twin, no loose end."""

from __future__ import annotations

from typing import Any

import pytest
from integration.support.acaengine import PANEL, AcaServer
from integration.support.crash import killed_after

ROOM = {"name": "Room", "email": "room@acme.example"}
MODULE: dict[str, Any] = {"driver": PANEL, "systems": ["Room"], "running": True}
LAG = 1.0


@pytest.fixture
def lagging(aca: AcaServer, monkeypatch: pytest.MonkeyPatch) -> AcaServer:
    """Lists that show the server as it was a second ago, and modules that know it."""
    aca.good("system", **ROOM)
    aca.good("driver", class_name=PANEL)
    monkeypatch.setitem(aca.options, "index_lag", LAG)
    aca.control("faults", {"fault": "index-lag", "seconds": LAG})
    return aca


def requests_until(aca: AcaServer, write: str) -> int:
    """After how many requests of the module's task this write is answered."""
    mark = aca.mark()
    aca.good("module", **MODULE)
    lines = aca.since(mark)
    return next(position for position, line in enumerate(lines, 1) if line == write)


def test_a_module_that_was_made_but_not_put_into_its_room_is_taken_by_a_run_at_once(lagging: AcaServer) -> None:
    number = requests_until(lagging, "POST /control/api/modules")
    assert lagging.good("module", **{**MODULE, "state": "absent", "running": None})["changed"]
    assert lagging.rows("modules", ) == [] or lagging.row("systems", "Room")["modules"] == []
    assert killed_after(number, lambda: lagging.run("module", **MODULE))
    (made,) = [row for row in lagging.rows("modules", system_id="") if row] or [None]
    lagging.good("module", **MODULE)
    lagging.control("faults", {"fault": "index-lag", "seconds": 0})
    (only,) = lagging.rows("modules")
    assert made is None or only["id"] == made["id"]
    assert lagging.row("systems", "Room")["modules"] == [only["id"]]
    assert lagging.loaded(only["id"])
