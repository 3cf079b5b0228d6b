# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An index that lags: lists are behind, look-ups are not."""

from __future__ import annotations

import pytest
from lab.placeos.store import Row, Table
from lab.testing import Client

LAG = 0.6


@pytest.fixture(autouse=True)
def lagging(lab: Client) -> None:
    lab.post("/_lab/faults", {"fault": "index-lag", "seconds": LAG}, role=None)


def test_a_new_row_is_found_by_id_and_email_but_not_listed_yet(lab: Client) -> None:
    system = lab.post("/systems", {"name": "Room", "email": "r@example.org"}).id
    assert lab.get("/systems").json == []
    assert lab.get("/systems?q=Room").headers["x-total-count"] == "0"
    assert lab.get("/systems?email=r@example.org").json == []
    assert lab.get(f"/systems/{system}").status == 200
    assert len(lab.get("/systems/with_emails?in=r@example.org").json) == 1
    assert lab.post("/systems", {"name": "Room"}).status == 422
    lab.eventually(lambda: lab.get("/systems").json)


def test_a_change_and_a_deletion_show_late(lab: Client) -> None:
    zone = lab.post("/zones", {"name": "Old", "tags": ["t"]}).id
    lab.eventually(lambda: lab.get("/zones").json)
    lab.patch(f"/zones/{zone}", {"name": "New", "tags": []})
    assert [z["name"] for z in lab.get("/zones?tags=t").json] == ["Old"]
    lab.eventually(lambda: [z["name"] for z in lab.get("/zones").json] == ["New"])
    lab.delete(f"/zones/{zone}")
    assert [z["name"] for z in lab.get("/zones").json] == ["New"]
    assert lab.get(f"/zones/{zone}").status == 404
    lab.eventually(lambda: lab.get("/zones").json == [])


def test_children_by_parent_lag_but_settings_by_parent_do_not(lab: Client) -> None:
    parent = lab.post("/zones", {"name": "P"}).id
    lab.post("/zones", {"name": "C", "parent_id": parent})
    lab.post("/settings", {"parent_id": parent, "settings_string": "a: 1"})
    assert lab.get(f"/zones?parent_id={parent}").json == []
    assert len(lab.get(f"/settings?parent_id={parent}").json) == 1
    lab.eventually(lambda: lab.get(f"/zones?parent_id={parent}").json)


def test_without_lag_a_list_is_current(lab: Client) -> None:
    lab.post("/_lab/faults", {"fault": "index-lag", "seconds": 0}, role=None)
    lab.post("/zones", {"name": "Z"})
    assert len(lab.get("/zones").json) == 1


def test_a_table_remembers_what_a_row_was() -> None:
    table = Table("zone")
    table.put(Row(id="1", name="a"))
    table.put(Row(id="1", name="b"))
    table.put(Row(id="2", name="c"))
    table.remove("2")
    assert table.lagging(60) == {"1": None, "2": None}
    assert table.lagging(-1) == {}
