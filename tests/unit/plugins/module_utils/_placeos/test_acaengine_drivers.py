# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests of drivers on ACAEngine, made from the classes that the server has discovered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.modules.placeos_driver import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_acaengine import (
    DEPENDENCIES,
    DISCOVERY,
    MODULES,
    dependency,
    discovered,
    expect_all,
    module,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import FakePlaceOS, Ran

    Play = Callable[..., Ran]

PANEL = "::Aca::O365BookingPanel"
PROPOSED = {"touch_enabled": False, "timeout": 1800}
FOUND = discovered(PANEL, "Office365 Room Booking Panel Logic", description="a panel", settings=PROPOSED)
STORED = dependency("dep-panel", "Office365 Room Booking Panel Logic", description="a panel", settings=PROPOSED)


def test_a_new_driver_starts_with_what_its_class_proposes(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, DEPENDENCIES)
    expect_all(server, DISCOVERY, discovered("::Aca::OfficeBooking", "Old"), FOUND)
    body = {
        "name": "Office365 Room Booking Panel Logic", "class_name": PANEL, "module_name": "Bookings", "role": "logic",
        "description": "a panel", "settings": PROPOSED,
    }  # fmt: skip
    server.expect("POST", DEPENDENCIES, STORED, body=body)
    expect_all(server, DEPENDENCIES, STORED)
    ran = play_aca(main, class_name=PANEL).no_warnings()
    assert ran.changes == {"created": [PANEL]}
    assert ran.result["drivers"][0]["id"] == "dep-panel"


def test_what_the_inventory_says_is_stronger_than_the_proposal(server: FakePlaceOS, play_aca: Play) -> None:
    service = discovered("::Aca::Graph", "Graph", role="service", default="https://graph.example", module_name="Graph")
    stored = dependency("dep-2", "Mine", class_name="::Aca::Graph", role="service", module_name="Calendar", default="x")
    expect_all(server, DEPENDENCIES)
    expect_all(server, DISCOVERY, service)
    body = {
        "name": "Mine", "class_name": "::Aca::Graph", "module_name": "Calendar", "role": "service",
        "default": "https://graph.example", "settings": {},
    }  # fmt: skip
    server.expect("POST", DEPENDENCIES, {**stored, "default": "https://graph.example"}, body=body)
    expect_all(server, DEPENDENCIES, {**stored, "default": "https://graph.example"})
    ran = play_aca(main, name="Mine", class_name="::Aca::Graph", module_name="Calendar").no_warnings()
    assert ran.result["drivers"][0]["default_uri"] == "https://graph.example"


def test_a_driver_that_is_there_costs_one_list(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, DEPENDENCIES, STORED)
    assert play_aca(main, class_name=PANEL, module_name="Bookings").no_warnings().result["changed"] is False


def test_only_the_changed_field_is_sent(server: FakePlaceOS, play_aca: Play) -> None:
    after = {**STORED, "description": "new"}
    expect_all(server, DEPENDENCIES, STORED)
    server.expect("PUT", f"{DEPENDENCIES}/dep-panel", after, body={"description": "new"})
    expect_all(server, DEPENDENCIES, after)
    assert play_aca(main, class_name=PANEL, description="new").no_warnings().changes == {"updated": [PANEL]}


def test_a_port_is_kept_under_the_name_default(server: FakePlaceOS, play_aca: Play) -> None:
    device = dependency("dep-3", "Display", class_name="::Aca::Display", role="device", default=1234)
    expect_all(server, DEPENDENCIES, device)
    server.expect("PUT", f"{DEPENDENCIES}/dep-3", {**device, "default": 4321}, body={"default": 4321})
    expect_all(server, DEPENDENCIES, {**device, "default": 4321})
    assert play_aca(main, class_name="::Aca::Display", default_port=4321).no_warnings().result["changed"] is True


@pytest.mark.parametrize("name", ["Aca::O365BookingPanel", "::Aca::O365BookingPannel"])
def test_an_unknown_class_is_told_with_the_one_that_was_meant(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float], name: str
) -> None:
    expect_all(server, DEPENDENCIES)
    expect_all(server, DISCOVERY, FOUND)
    ran = play_aca(main, class_name=name, check=True)
    assert ran.result["failed"] is True
    assert f"the server has no driver class {name}; did you mean {PANEL}?" in ran.result["msg"]


def test_a_class_that_is_not_discovered_yet_is_scanned_for(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float]
) -> None:
    expect_all(server, DEPENDENCIES)
    expect_all(server, DISCOVERY)
    server.expect("POST", f"{DISCOVERY}/scan")
    expect_all(server, DISCOVERY)
    expect_all(server, DISCOVERY, FOUND)
    server.any_body_once("POST", DEPENDENCIES, STORED)
    expect_all(server, DEPENDENCIES, STORED)
    assert play_aca(main, class_name=PANEL).changes == {"created": [PANEL]}
    assert sleeps == [1, 1]


def test_a_class_that_no_scan_finds_is_told(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.monotonic", lambda: float(len(sleeps)))
    expect_all(server, DEPENDENCIES)
    expect_all(server, DISCOVERY)
    server.expect("POST", f"{DISCOVERY}/scan")
    for _second in range(3):
        expect_all(server, DISCOVERY)
    ran = play_aca(main, class_name=PANEL, compile_timeout=3)
    assert "put its file into the server's folder of drivers first" in ran.result["msg"]
    assert ran.result["errors"][0]["field"] == "class_name"


def test_a_new_driver_needs_its_class(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, DEPENDENCIES)
    ran = play_aca(main, name="Panel")
    assert "class_name: is needed for a new driver, such as ::Aca::O365BookingPanel" in ran.result["msg"]


@pytest.mark.parametrize(
    "change", [{"name": STORED["name"], "role": "service"}, {"id": "dep-panel", "class_name": "::X"}]
)
def test_what_the_server_would_ignore_is_a_fault(server: FakePlaceOS, play_aca: Play, change: dict[str, Any]) -> None:
    expect_all(server, DEPENDENCIES, STORED)
    ran = play_aca(main, **change)
    assert ran.result["failed"] is True
    assert "can't be changed" in ran.result["msg"]


def test_what_a_driver_of_the_newer_platform_needs_is_left_out_and_said(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, DEPENDENCIES, STORED)
    ran = play_aca(main, class_name=PANEL, repository="Drivers", file_name="x.cr", commit="latest")
    assert [entry["option"] for entry in ran.result["unsupported"]] == ["commit", "file_name", "repository"]
    assert ran.result["changed"] is False


def test_the_modules_of_a_driver_that_is_to_go_are_named(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, DEPENDENCIES, STORED)
    expect_all(server, MODULES, module("mod-1", "dep-panel"), module("mod-2", "dep-other"))
    ran = play_aca(main, class_name=PANEL, state="absent")
    assert "would also delete 1 more: module Bookings mod-1" in ran.result["msg"]


def test_a_purge_scope_that_the_platform_does_not_have_is_a_fault(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, DEPENDENCIES, STORED)
    ran = play_aca(main, drivers=[], purge=True, purge_scope={"repository": "Drivers"})
    assert ran.result["failed"] is True
    assert "purge_scope.repository: drivers have no such scope on this platform" in ran.result["msg"]
