# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.placeos.office365.plugins.module_utils._placeos.fingerprints import INTERNALS_KEY, fingerprint
from ansible_collections.placeos.office365.plugins.modules.placeos_tenant import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import (
    API,
    STAFF_API,
    FakePlaceOS,
    Ran,
    domain,
    tenant,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]

TENANTS = f"{STAFF_API}/tenants"
SECRET = "fake-client-secret-of-the-tenant"
CREDENTIALS = {"tenant": "11111111-2222-3333-4444-555555555555", "client_id": "66666666", "client_secret": SECRET}
WANTED: dict[str, Any] = {
    "name": "Acme",
    "domain": "acme.placeos.example",
    "calendar_platform": "office365",
    "credentials": CREDENTIALS,
}


def remembering(credentials: dict[str, Any]) -> dict[str, Any]:
    kept = {"fingerprints": {"tenant/7/credentials": fingerprint(credentials)}}
    return domain("authority-L5-ZQYAuMx", "Acme", internals={INTERNALS_KEY: kept})


def expect_remembering(server: FakePlaceOS, authority: dict[str, Any], *, listed: bool = False) -> None:
    if not listed:
        server.expect_list(f"{API}/domains", authority)
    server.expect("GET", f"{API}/domains/authority-L5-ZQYAuMx", authority)
    server.any_body_once("PATCH", f"{API}/domains/authority-L5-ZQYAuMx", authority)


def test_a_tenant_is_created_and_its_credentials_remembered_and_masked(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", TENANTS, [])
    body = {
        "name": "Acme", "domain": "acme.placeos.example", "platform": "office365", "credentials": CREDENTIALS,
    }  # fmt: skip
    server.expect("POST", TENANTS, tenant(7), body=body, status=201)
    server.expect("GET", TENANTS, [tenant(7)])
    expect_remembering(server, domain("authority-L5-ZQYAuMx", "Acme"))
    ran = play(main, **WANTED).no_warnings()
    assert ran.changes == {"created": ["acme.placeos.example"]}
    assert ran.diff[0][2]["credentials"] == {
        "tenant": "********", "client_id": "********", "client_secret": "********"
    }  # fmt: skip
    assert SECRET not in ran.printed
    assert SECRET not in str(server.last_body())


def test_unchanged_credentials_are_not_written_again(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", TENANTS, [tenant(7)])
    server.expect_list(f"{API}/domains", remembering(CREDENTIALS))
    ran = play(main, **WANTED).no_warnings()
    assert ran.result["changed"] is False
    assert SECRET not in ran.printed


def test_changed_credentials_alone_are_sent(server: FakePlaceOS, play: Play) -> None:
    old = remembering({**CREDENTIALS, "client_secret": "fake-older-secret"})
    server.expect("GET", TENANTS, [tenant(7)])
    server.expect_list(f"{API}/domains", old)
    server.expect("PATCH", f"{TENANTS}/7", tenant(7), body={"credentials": CREDENTIALS})
    server.expect("GET", TENANTS, [tenant(7)])
    expect_remembering(server, old, listed=True)
    ran = play(main, **WANTED).no_warnings()
    assert ran.changes == {"updated": ["acme.placeos.example"]}
    assert SECRET not in ran.printed


def test_a_changed_field_alone_is_sent(server: FakePlaceOS, play: Play) -> None:
    after = tenant(7, early_checkin=600)
    server.expect("GET", TENANTS, [tenant(7)])
    server.expect("PATCH", f"{TENANTS}/7", after, body={"early_checkin": 600})
    server.expect("GET", TENANTS, [after])
    ran = play(main, domain="acme.placeos.example", early_checkin=600).no_warnings()
    assert ran.diff == [("tenant acme.placeos.example", {"early_checkin": 3600}, {"early_checkin": 600})]


def test_a_tenant_is_deleted(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", TENANTS, [tenant(7)])
    server.expect("DELETE", f"{TENANTS}/7", status=202)
    assert play(main, domain="acme.placeos.example", state="absent").result["changed"]


def test_a_tenant_is_found_by_its_integer_id(server: FakePlaceOS, play: Play) -> None:
    after = tenant(7, name="New")
    server.expect("GET", TENANTS, [tenant(7)])
    server.expect("PATCH", f"{TENANTS}/7", after, body={"name": "New"})
    server.expect("GET", TENANTS, [after])
    ran = play(main, id="7", name="New").no_warnings()
    assert ran.result["changed"] is True


def test_check_mode_writes_nothing(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", TENANTS, [])
    ran = play(main, **WANTED, check=True).no_warnings()
    assert ran.changes == {"created": ["acme.placeos.example"]}
    assert SECRET not in ran.printed


def test_without_a_domain_of_that_host_a_warning_says_what_it_means(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", TENANTS, [])
    body = {**WANTED, "platform": "office365"}
    del body["calendar_platform"]
    server.expect("POST", TENANTS, tenant(7), body=body, status=201)
    server.expect("GET", TENANTS, [tenant(7)])
    server.expect_list(f"{API}/domains", domain("authority-L5-other01", "Other", domain="other.example"))
    (warning,) = play(main, **WANTED).warnings
    assert "the next run will write them again" in warning


def test_the_set_form_of_one_sends_what_the_single_form_sends(server: FakePlaceOS, play: Play) -> None:
    wanted = {"domain": "acme.placeos.example", "early_checkin": 600}
    for arguments in (wanted, {"tenants": [wanted]}):
        after = tenant(7, early_checkin=600)
        server.expect("GET", TENANTS, [tenant(7)])
        server.expect("PATCH", f"{TENANTS}/7", after, body={"early_checkin": 600})
        server.expect("GET", TENANTS, [after])
        play(main, **arguments).no_warnings()
