# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Triggers and their instances in systems, after rest-api spec/controllers/{triggers,system-triggers}_spec.cr."""

from __future__ import annotations

import pytest
from lab.testing import Client


@pytest.fixture
def room(lab: Client) -> str:
    return lab.post("/systems", {"name": "Room"}).id


@pytest.fixture
def motion(lab: Client) -> str:
    return lab.post("/triggers", {"name": "Motion Detected", "important": True}).id


@pytest.fixture
def door(lab: Client) -> str:
    return lab.post("/triggers", {"name": "Door Held Open"}).id


def ids(lab: Client, path: str) -> list[str]:
    return [row["id"] for row in lab.get(path).json]


def test_an_instance_is_as_important_as_its_trigger(lab: Client, room: str, motion: str) -> None:
    made = lab.post(f"/systems/{room}/triggers", {"trigger_id": motion, "important": False})
    assert made.json["important"] is True


def test_an_instance_needs_a_trigger_that_exists(lab: Client, room: str) -> None:
    answer = lab.post(f"/systems/{room}/triggers", {"trigger_id": "trigger-unknown"})
    assert (answer.status, answer.json["failures"][0]["field"]) == (422, "trigger")


def test_the_list_is_filtered_and_searched_by_the_trigger(lab: Client, room: str, motion: str, door: str) -> None:
    path = f"/systems/{room}/triggers"
    first = lab.post(path, {"trigger_id": motion}).id
    second = lab.post(path, {"trigger_id": door}).id
    assert sorted(ids(lab, path)) == sorted([first, second])
    assert ids(lab, f"{path}?trigger_id={door}") == [second]
    assert ids(lab, f"{path}?important=true") == [first]
    assert ids(lab, f"{path}?triggered=true") == []
    assert ids(lab, f"{path}?q=motion") == [first]
    assert ids(lab, f"{path}?as_of=100") == []


def test_one_instance_tells_its_names_and_only_administrators_its_secret(lab: Client, room: str, motion: str) -> None:
    path = f"/systems/{room}/triggers/" + lab.post(f"/systems/{room}/triggers", {"trigger_id": motion}).id
    shown = lab.get(path).json
    assert (shown["name"], shown["control_system"]) == ("Motion Detected", {"name": "Room", "id": room})
    assert "control_system" not in lab.get(f"{path}?complete=false").json
    assert shown["webhook_secret"]
    assert "webhook_secret" not in lab.get(path, role="support").json
    assert lab.get(path, role="user").status == 403


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_the_switches_of_an_instance_can_be_changed_and_nothing_else(
    lab: Client, room: str, motion: str, door: str, method: str
) -> None:
    path = f"/systems/{room}/triggers/" + lab.post(f"/systems/{room}/triggers", {"trigger_id": motion}).id
    body = {"enabled": False, "important": False, "exec_enabled": None, "trigger_id": door, "playlists": ["playlist-x"]}
    changed = lab(method, path, body, role="support").json
    assert (changed["enabled"], changed["important"], changed["exec_enabled"]) == (False, False, False)
    assert (changed["trigger_id"], changed["playlists"]) == (motion, [])
    assert lab(method, path, {"enabled": "no"}).status == 400


def test_a_trigger_lists_its_instances(lab: Client, room: str, motion: str) -> None:
    instance = lab.post(f"/systems/{room}/triggers", {"trigger_id": motion}).id
    assert ids(lab, f"/triggers/{motion}/instances") == [instance]
    shown = lab.get(f"/triggers/{motion}?instances=true").json
    assert [row["id"] for row in shown["trigger_instances"]] == [instance]
    assert "trigger_instances" not in lab.get(f"/triggers/{motion}").json


def test_a_trigger_knows_five_methods(lab: Client) -> None:
    answer = lab.post("/triggers", {"name": "T", "supported_methods": ["POST", "FETCH"]})
    assert answer.json["failures"] == [{"field": "supported_methods", "reason": "contains invalid methods: FETCH"}]


def test_a_system_has_instances_of_the_triggers_of_its_zones(lab: Client, motion: str) -> None:
    zone = lab.post("/zones", {"name": "Z", "triggers": [motion]}).id
    room = lab.post("/systems", {"name": "R", "zones": [zone]}).id
    (instance,) = lab.get(f"/systems/{room}/triggers").json
    assert (instance["trigger_id"], instance["zone_id"], instance["important"]) == (motion, zone, True)
    assert ids(lab, f"/systems?trigger_id={motion}") == [room]
    lab.patch(f"/zones/{zone}", {"triggers": []})
    assert lab.get(f"/systems/{room}/triggers").json == []
