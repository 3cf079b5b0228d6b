# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests of domains on ACAEngine, which the sign-in service keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.placeos.office365.plugins.modules.placeos_domain import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_acaengine import (
    DEPENDENCIES,
    DOMAINS,
    HOST,
    dependency,
    domain,
    expect_all,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import FakePlaceOS, Ran

    Play = Callable[..., Ran]

ACME = domain("sgrp-acme", "Acme", config={"default_app": "/x/"})
PANEL = dependency("dep-panel", "Panel")


def test_the_driver_s_id_is_merged_into_the_configuration(server: FakePlaceOS, play_aca: Play) -> None:
    after = {**ACME, "config": {"default_app": "/x/", "colour": "red", "o365_driver": "dep-panel"}}
    expect_all(server, DEPENDENCIES, PANEL)
    expect_all(server, DOMAINS, ACME)
    server.expect("PUT", f"{DOMAINS}/sgrp-acme", after, body={"config": after["config"]})
    expect_all(server, DOMAINS, after)
    wanted = {"domain": HOST, "o365_driver": "::Aca::O365BookingPanel", "config": {"colour": "red"}}
    assert play_aca(main, **wanted).no_warnings().changes == {"updated": [HOST]}
    expect_all(server, DEPENDENCIES, PANEL)
    expect_all(server, DOMAINS, after)
    assert play_aca(main, **wanted).no_warnings().result["changed"] is False


def test_a_domain_is_created_under_its_own_field_name(server: FakePlaceOS, play_aca: Play) -> None:
    made = domain("sgrp-beta", "Beta", dom="beta.example")
    expect_all(server, DOMAINS)
    server.expect("POST", DOMAINS, made, body={"name": "Beta", "dom": "beta.example"})
    expect_all(server, DOMAINS, made)
    assert play_aca(main, domain="beta.example", name="Beta").no_warnings().changes == {"created": ["beta.example"]}


def test_an_unknown_driver_is_a_fault(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, DEPENDENCIES, PANEL)
    expect_all(server, DOMAINS, ACME)
    ran = play_aca(main, domain=HOST, o365_driver="Pannel")
    assert "o365_driver: there is no driver 'Pannel'; did you mean 'Panel'?" in ran.result["msg"]


def test_the_organisation_is_left_out_and_said(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, DOMAINS, ACME)
    ran = play_aca(main, domain=HOST, org_zone="Acme").no_warnings()
    assert ran.result["changed"] is False
    assert [entry["option"] for entry in ran.result["unsupported"]] == ["org_zone"]
