# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_info."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ansible_collections.placeos.office365.plugins.modules.placeos_info import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules import fake_acaengine as aca
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import (
    API,
    CIPHERTEXT,
    STAFF_API,
    FakePlaceOS,
    Ran,
    driver,
    metadata,
    module,
    repository,
    settings,
    system,
    tenant,
    zone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]


def test_all_objects_of_a_kind_are_read_at_once(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/zones", zone("zone-L5-1", "A", parent_id="zone-L5-0"), zone("zone-L5-2", "B"))
    ran = play(main, kind="zone").no_warnings()
    assert (ran.result["changed"], ran.result["count"]) == (False, 2)
    assert ran.result["objects"][0]["parent"] == "zone-L5-0"


def test_a_query_chooses_from_the_objects(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/systems", system("sys-L5-1", "A", capacity=4), system("sys-L5-2", "B", capacity=8))
    ran = play(main, kind="system", query="[?capacity > `5`].name")
    assert (ran.result["objects"], ran.result["count"]) == (["B"], 2)


def test_a_bad_query_is_told(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/systems")
    ran = play(main, kind="system", query="[?")
    assert ran.result["failed"] is True
    assert "query '[?' is not valid" in ran.result["msg"]


def test_filters_are_sent_to_the_server(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", f"{API}/zones?tags=org&limit=10000", [])
    assert play(main, kind="zone", filters={"tags": "org"}).result["objects"] == []


def test_codes_have_their_names(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/drivers", driver("driver-L5-1", "A", role=2))
    (found,) = play(main, kind="driver").result["objects"]
    assert (found["role"], found["repository"]) == ("service", "repo-L5-XC4tJha")


def test_modules_say_where_they_belong(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/modules", module("mod-L5-1", "driver-L5-1", control_system_id="sys-L5-1"))
    (found,) = play(main, kind="module").result["objects"]
    assert (found["driver"], found["system"]) == ("driver-L5-1", "sys-L5-1")


def test_secrets_that_can_not_be_read_are_left_out(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/repositories", repository("repo-L5-1", "A", password=CIPHERTEXT))
    ran = play(main, kind="repository")
    assert "password" not in ran.result["objects"][0]
    assert CIPHERTEXT[1:] not in ran.printed
    server.expect("GET", f"{STAFF_API}/tenants", [tenant(7)])
    assert "credentials" not in play(main, kind="tenant").result["objects"][0]


def test_settings_are_read_by_their_parent(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/drivers", driver("driver-L5-1abc", "Calendar"))
    row = settings("sets-L5-1", "driver-L5-1abc", 0, "a: 1\n", ["a"])
    server.expect("GET", f"{API}/settings?parent_id=driver-L5-1abc", [row])
    (found,) = play(main, kind="settings", parent="Calendar", parent_kind="driver").result["objects"]
    assert (found["document"], found["encryption_level"]) == ({"a": 1}, "none")


def test_metadata_is_read_by_its_parent(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", f"{API}/metadata/zone-L5-1abc", {"m": metadata("zone-L5-1abc", "m", details={"x": 1})})
    (found,) = play(main, kind="metadata", parent="zone-L5-1abc").result["objects"]
    assert (found["name"], found["details"]) == ("m", {"x": 1})


def test_the_authority_document_is_read(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", "/auth/authority", {"name": "Acme", "version": "v2.0.0"})
    assert play(main, kind="authority").result["objects"][0]["version"] == "v2.0.0"


@pytest.mark.parametrize("kind", ["settings", "metadata"])
def test_settings_and_metadata_need_a_parent(server: FakePlaceOS, play: Play, kind: str) -> None:
    assert "missing" in play(main, kind=kind).result["msg"]


def test_an_unknown_parent_is_told(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/zones", zone("zone-L5-1", "Sydney"))
    ran = play(main, kind="metadata", parent="Sidney")
    assert ran.result["msg"] == "parent: there is no zone 'Sidney'; did you mean 'Sydney'?"


# -- ACAEngine -------------------------------------------------------------------------------------------------------


def test_the_platform_is_told(server: FakePlaceOS, play: Play, play_aca: Play) -> None:
    server.expect_list(f"{API}/zones")
    assert play(main, kind="zone").result["platform"] == "placeos"
    aca.expect_all(server, aca.ZONES)
    assert play_aca(main, kind="zone").result["platform"] == "acaengine"


def test_on_acaengine_zones_have_the_fields_of_their_places(server: FakePlaceOS, play_aca: Play) -> None:
    entry = {"zone_id": "zone-bldg", "name": "North", "orientations": 90}
    aca.expect_all(
        server,
        aca.ZONES,
        aca.zone("zone-bldg", "Acme North", tags="building vip"),
        aca.zone("zone-orga", "Acme", settings={"discovery_info": {"buildings": [entry]}}),
    )
    found = play_aca(main, kind="zone").result["objects"][0]
    assert (found["parent"], found["display_name"], found["orientations"]) == ("zone-orga", "North", 90)
    assert found["tags"] == ["building", "vip"]


def test_on_acaengine_ciphertexts_are_not_shown(server: FakePlaceOS, play_aca: Play) -> None:
    hidden = aca.ciphertext("x")
    aca.expect_all(server, aca.SYSTEMS, aca.system("sys-room1", "R", settings={"a": {"key": hidden}, "b": 1}))
    ran = play_aca(main, kind="system")
    assert hidden[1:12] not in ran.printed
    server.expect("GET", f"{aca.DEPENDENCIES}/dep-panel1", aca.dependency("dep-panel1", "P", settings={"key": hidden}))
    ran = play_aca(main, kind="settings", parent="dep-panel1", parent_kind="driver")
    assert ran.result["objects"][0]["document"] == {"key": "********"}
    assert hidden[1:12] not in ran.printed


@pytest.mark.parametrize("kind", ["repository", "tenant"])
def test_what_acaengine_does_not_have_is_an_empty_answer_with_the_reason(
    server: FakePlaceOS, play_aca: Play, kind: str
) -> None:
    result = play_aca(main, kind=kind).result
    assert (result["objects"], result["count"], result["skipped"]) == ([], 0, True)
    assert "ACAEngine" in result["skip_reason"]
