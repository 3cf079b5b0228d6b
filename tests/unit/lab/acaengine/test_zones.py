# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones: names, tags, settings, and what their deletion touches."""

from __future__ import annotations

import pytest
from lab.acaengine.testing import Client, Running


def test_a_zone_is_created_with_200_and_every_attribute(aca: Client) -> None:
    answer = aca.post("/zones", {"name": "Sydney", "tags": "building sydney", "settings": {"a": {"b": 1}}})
    assert answer.status == 200
    assert answer.json.keys() == {"id", "name", "description", "tags", "settings", "triggers", "created_at"}
    assert answer.json["id"].startswith("zone-")
    assert answer.json["tags"] == "building sydney"
    assert aca.get(f"/zones/{answer.json['id']}").json == answer.json


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": ""}, {"name": "  "}])
def test_a_name_is_needed_and_told_twice(aca: Client, body: dict[str, str]) -> None:
    answer = aca.post("/zones", body)
    assert (answer.status, answer.json) == (406, {"name": ["can't be blank", "can't be blank"]})


def test_a_name_is_unique_without_case_and_blanks_around_it(aca: Client) -> None:
    zone = aca.made("/zones", name="Level 1")
    for name in ("level 1", " LEVEL 1 "):
        answer = aca.post("/zones", {"name": name})
        assert (answer.status, answer.json) == (406, {"name": ["has already been taken"]})
    assert aca.changed(f"/zones/{zone}", name="LEVEL 1")["name"] == "LEVEL 1"
    aca.changed(f"/zones/{zone}", name="Level 2")
    assert aca.post("/zones", {"name": "Level 1"}).status == 200


def test_an_update_is_partial_but_replaces_settings_and_triggers_whole(aca: Client) -> None:
    zone = aca.made("/zones", name="Z", description="d", settings={"a": 1, "b": 2}, triggers=["trigger-1"])
    after = aca.changed(f"/zones/{zone}", settings={"b": 3})
    assert (after["description"], after["settings"], after["triggers"]) == ("d", {"b": 3}, ["trigger-1"])
    assert aca.changed(f"/zones/{zone}", triggers=[], settings={})["settings"] == {}


def test_an_update_that_changes_nothing_is_not_saved(aca: Client, running_aca: Running) -> None:
    zone = aca.made("/zones", name="Z", settings={"a": {"b": [1]}})
    saved = len(running_aca.state.tables.zones.changes)
    aca.changed(f"/zones/{zone}", name="Z", settings={"a": {"b": [1]}})
    assert len(running_aca.state.tables.zones.changes) == saved
    aca.changed(f"/zones/{zone}", settings={"a": {"b": [2]}})
    assert len(running_aca.state.tables.zones.changes) == saved + 1


def test_an_unknown_zone_is_404_and_empty(aca: Client) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = aca(method, "/zones/zone-unknown", {})
        assert (answer.status, answer.text) == (404, "")


def test_one_setting_is_shown_to_any_user_if_it_is_a_list_or_an_object(aca: Client) -> None:
    zone = aca.made("/zones", name="Z", settings={"discovery_info": {"levels": []}, "list": [1], "text": "t"})
    assert aca.get(f"/zones/{zone}?data=discovery_info", role="user").json == {"levels": []}
    assert aca.get(f"/zones/{zone}?data=list", role="user").json == [1]
    for name in ("text", "nothing"):
        assert aca.get(f"/zones/{zone}?data={name}", role="user").status == 404
    assert aca.get(f"/zones/{zone}", role="user").status == 403


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ("building", ["North", "South"]),
        ("building%20north", ["North"]),
        ("building,north", []),
        ("Building", []),
        ("level-1", []),
        ("1%20level", ["Level"]),
    ],
)
def test_all_tags_asked_for_must_be_there(aca: Client, tags: str, names: list[str]) -> None:
    """Commas and hyphens are taken out of the question, and its case is kept (zones_controller.rb:18)."""
    aca.made("/zones", name="South", tags="building south")
    aca.made("/zones", name="North", tags="Building North")
    aca.made("/zones", name="Level", tags="level-1")
    assert aca.names(f"/zones?tags={tags}") == names


def test_no_tags_to_ask_for_is_400_and_empty(aca: Client) -> None:
    answer = aca.get("/zones?tags=,-")
    assert (answer.status, answer.text) == (400, "")


def test_a_deleted_zone_leaves_its_systems_and_takes_nothing_along(aca: Client) -> None:
    building, level = aca.made("/zones", name="Building"), aca.made("/zones", name="Level")
    system = aca.made("/systems", name="Room", zones=[level, building])
    other = aca.made("/systems", name="Other", zones=[level])
    answer = aca.delete(f"/zones/{building}")
    assert (answer.status, answer.text) == (200, "")
    after = aca.get(f"/systems/{system}").json
    assert (after["zones"], after["version"]) == ([level], 1)
    assert aca.get(f"/systems/{other}").json["version"] == 0
    assert aca.get(f"/zones/{level}").status == 200
    assert aca.get(f"/zones/{building}").status == 404
