# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.placeos.office365.plugins.modules.placeos_domain import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import API, FakePlaceOS, Ran, domain

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]

DOMAINS = f"{API}/domains"
ACME = domain("authority-L5-ZQYAuMx", "Acme", config={"default_app": "/x/", "deep": {"a": 1, "b": 2}})
URL = f"{DOMAINS}/authority-L5-ZQYAuMx"


def test_a_domain_is_created(server: FakePlaceOS, play: Play) -> None:
    made = domain("authority-L5-new0001", "Beta", domain="beta.example", config={"org_zone": "zone-1"})
    server.expect_list(DOMAINS, ACME)
    body = {"name": "Beta", "domain": "beta.example", "config": {"org_zone": "zone-1"}}
    server.expect("POST", DOMAINS, made, body=body, status=201)
    server.expect_list(DOMAINS, ACME, made)
    ran = play(main, domain="beta.example", name="Beta", config={"org_zone": "zone-1"}).no_warnings()
    assert ran.changes == {"created": ["beta.example"]}


def test_an_unchanged_domain_costs_one_read_however_it_is_spelled(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(DOMAINS, ACME)
    ran = play(main, domain="https://ACME.placeos.example:8443/x", config={"deep": {"b": 2}}).no_warnings()
    assert ran.result["changed"] is False


def test_a_configuration_is_merged_and_sent_whole(server: FakePlaceOS, play: Play) -> None:
    config = {"default_app": "/x/", "deep": {"a": 1, "b": 3}, "org_zone": "zone-1"}
    after = {**ACME, "config": config}
    server.expect_list(DOMAINS, ACME)
    server.expect("PATCH", URL, after, body={"config": config})
    server.expect_list(DOMAINS, after)
    ran = play(main, domain="acme.placeos.example", config={"org_zone": "zone-1", "deep": {"b": 3}}).no_warnings()
    assert ran.diff == [("domain acme.placeos.example", {"config": ACME["config"]}, {"config": config})]


def test_a_configuration_is_replaced_where_that_is_said(server: FakePlaceOS, play: Play) -> None:
    after = {**ACME, "config": {"org_zone": "zone-1"}}
    server.expect_list(DOMAINS, ACME)
    server.expect("PATCH", URL, after, body={"config": {"org_zone": "zone-1"}})
    server.expect_list(DOMAINS, after)
    play(main, domain="acme.placeos.example", config={"org_zone": "zone-1"}, mode="replace").no_warnings()


def test_a_null_removes_a_key(server: FakePlaceOS, play: Play) -> None:
    after = {**ACME, "config": {"deep": {"a": 1, "b": 2}}}
    server.expect_list(DOMAINS, ACME)
    server.expect("PATCH", URL, after, body={"config": {"deep": {"a": 1, "b": 2}}})
    server.expect_list(DOMAINS, after)
    play(main, domain="acme.placeos.example", config={"default_app": None}).no_warnings()


def test_a_domain_is_deleted_by_force_only(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(DOMAINS, ACME)
    ran = play(main, domain="acme.placeos.example", state="absent")
    assert "all users and sign-in methods of the domain; set force" in ran.result["msg"]
    server.expect_list(DOMAINS, ACME)
    server.expect("DELETE", URL, status=202)
    assert play(main, domain="acme.placeos.example", state="absent", force=True).result["changed"]


def test_check_mode_writes_nothing(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(DOMAINS, ACME)
    ran = play(main, domain="acme.placeos.example", login_url="/new", check=True).no_warnings()
    assert ran.diff == [
        ("domain acme.placeos.example", {"login_url": "/login?continue={{url}}"}, {"login_url": "/new"})
    ]


def test_the_set_form_of_one_sends_what_the_single_form_sends(server: FakePlaceOS, play: Play) -> None:
    wanted = {"domain": "acme.placeos.example", "login_url": "/new"}
    for arguments in (wanted, {"domains": [wanted]}):
        after = {**ACME, "login_url": "/new"}
        server.expect_list(DOMAINS, ACME)
        server.expect("PATCH", URL, after, body={"login_url": "/new"})
        server.expect_list(DOMAINS, after)
        play(main, **arguments).no_warnings()
