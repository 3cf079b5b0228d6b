# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings: encryption levels, who sees what, history, caps, and which value reaches a module."""

from __future__ import annotations

import pytest
from lab.testing import Client

ESCAPE = "\x1b"


@pytest.fixture
def zone(lab: Client) -> str:
    return lab.post("/zones", {"name": "Z"}).id


def row(lab: Client, parent: str, level: int, text: str = "k: v") -> str:
    return lab.post("/settings", {"parent_id": parent, "encryption_level": level, "settings_string": text}).id


@pytest.mark.parametrize(
    ("level", "admin", "support"), [(0, True, True), (1, True, True), (2, True, False), (3, False, False)]
)
def test_who_sees_a_level_in_clear(lab: Client, zone: str, level: int, admin: bool, support: bool) -> None:
    row_id = row(lab, zone, level)
    for role, clear in (("admin", admin), ("support", support)):
        text = lab.get(f"/settings/{row_id}", role=role).json["settings_string"]
        assert (text == "k: v") is clear, role
        assert text.startswith(ESCAPE) is not clear, role
    assert lab.get(f"/settings/{row_id}", role="user").status == 403


def test_the_same_text_has_a_fresh_salt_and_ciphertext_is_kept(lab: Client, zone: str) -> None:
    row_id = row(lab, zone, 3)
    first = lab.get(f"/settings/{row_id}").json["settings_string"]
    assert lab.patch(f"/settings/{row_id}", {"settings_string": first}).json["settings_string"] == first
    assert lab.patch(f"/settings/{row_id}", {"settings_string": "k: v"}).json["settings_string"] != first


def test_the_plain_index_stays_encrypted_and_contains_history(lab: Client, zone: str) -> None:
    row(lab, zone, 2)
    found = lab.get("/settings").json
    assert len(found) == 2
    assert all(entry["settings_string"].startswith(ESCAPE) for entry in found)
    assert sum("settings_id" in entry for entry in found) == 1


def test_a_level_changes_with_the_text_but_not_alone(lab: Client, zone: str) -> None:
    row_id = row(lab, zone, 1)
    assert lab.patch(f"/settings/{row_id}", {"encryption_level": 2}).status == 500
    changed = lab.patch(f"/settings/{row_id}", {"encryption_level": 2, "settings_string": "k: w"})
    assert (changed.json["encryption_level"], changed.json["settings_string"]) == (2, "k: w")
    plain = row(lab, zone, 0)
    assert lab.patch(f"/settings/{plain}", {"encryption_level": 3}).json["settings_string"].startswith(ESCAPE)


def test_history_keeps_twenty_versions_newest_first(lab: Client, zone: str) -> None:
    row_id = row(lab, zone, 0, "n: 0")
    for number in range(1, 25):
        lab.patch(f"/settings/{row_id}", {"settings_string": f"n: {number}"})
    answer = lab.get(f"/settings/{row_id}/history?limit=2")
    assert [entry["settings_string"] for entry in answer.json] == ["n: 24", "n: 23"]
    assert answer.headers["content-range"] == "sets 0-2/20"
    assert "offset=3" in answer.headers["link"]  # one too far, as on the server


def test_a_look_up_by_parent_stops_at_a_hundred_rows_highest_level_first(lab: Client, zone: str) -> None:
    row(lab, zone, 0)
    row(lab, zone, 2)
    assert [r["encryption_level"] for r in lab.get(f"/settings?parent_id={zone}").json] == [2, 0]
    for _row in range(103):
        row(lab, zone, 0)
    answer = lab.get(f"/settings?parent_id={zone}&limit=1000")
    assert len(answer.json) == 100
    assert "x-total-count" not in answer.headers


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("- a", 422),
        ("word", 422),
        ("null", 422),
        ("a: [1", 500),
        ("\ta: 1", 500),
        ("", 201),
        ("  ", 201),
        ('{"a": 1}', 201),
    ],
)
def test_the_text_must_be_a_mapping(lab: Client, zone: str, text: str, status: int) -> None:
    assert lab.post("/settings", {"parent_id": zone, "settings_string": text}).status == status


@pytest.mark.parametrize("parent", [None, "bogus-1"])
def test_settings_without_a_usable_parent_crash(lab: Client, parent: str | None) -> None:
    assert lab.post("/settings", {"parent_id": parent, "settings_string": "a: 1"}).status == 500


def test_keys_stay_in_clear_and_cannot_be_forged(lab: Client, zone: str) -> None:
    row_id = row(lab, zone, 3, "one: 1\ntwo: {three: 3}")
    assert lab.get(f"/settings/{row_id}").json["keys"] == ["one", "two"]
    assert lab.patch(f"/settings/{row_id}", {"keys": ["forged"]}).json["keys"] == ["one", "two"]


def test_collated_settings_run_from_the_first_zone_to_the_system(lab: Client) -> None:
    zones = [lab.post("/zones", {"name": name}).id for name in ("Org", "Building")]
    system = lab.post("/systems", {"name": "Room", "zones": zones}).id
    for parent in (system, zones[1], zones[0]):
        row(lab, parent, 0)
    found = lab.get(f"/systems/{system}/settings").json
    assert [entry["parent_id"] for entry in found] == [*zones, system]
