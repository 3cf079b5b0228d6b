# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""graph_app_check on the lab: what was requested, consented and put into tokens, and how long the secrets will do."""

from __future__ import annotations

import datetime as dt
from itertools import repeat
from typing import TYPE_CHECKING, Any

import pytest
from integration.support.checking import PERMISSIONS, Checking

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks import run

if TYPE_CHECKING:
    from integration.support.microsoft import Microsoft

EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
NO_PLACES = PERMISSIONS[:3]
NO_MAILBOXES: dict[str, Any] = {"allowed_mailboxes": [], "denied_mailboxes": []}
UNPROVED = "scope_not_proved"
"""What is said whenever no mailboxes are given."""


@pytest.fixture
def app(microsoft: Microsoft) -> Checking:
    """An application that has just what PlaceOS needs."""
    return Checking(microsoft, name="Under check", permissions=PERMISSIONS)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds of waiting follow each other in a tenth of a second."""
    monkeypatch.setattr(run, "pauses", lambda: repeat(0.1))


def faults(app: Checking, **options: Any) -> list[str]:
    """The ids of errors and warnings of a check without mailboxes."""
    found = app.faults(**NO_MAILBOXES, **options)
    assert UNPROVED in found
    return [identifier for identifier in found if identifier != UNPROVED]


def in_days(days: float) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


class TestPermissions:
    def test_a_good_application_has_none_of_the_faults(self, app: Checking) -> None:
        assert faults(app) == []

    def test_neither_requested_nor_consented(self, microsoft: Microsoft) -> None:
        app = Checking(microsoft, permissions=NO_PLACES)
        assert faults(app) == ["permission_not_requested"]

    def test_requested_but_not_consented(self, microsoft: Microsoft) -> None:
        app = Checking(microsoft, permissions=NO_PLACES)
        app.request(*PERMISSIONS)
        assert faults(app) == ["permission_not_consented"]
        assert app.finding("permission_not_consented")["subject"] == "Place.Read.All"

    def test_consented_but_not_yet_in_the_token(self, microsoft: Microsoft) -> None:
        app = Checking(microsoft, permissions=NO_PLACES)
        app.request(*PERMISSIONS)
        microsoft.switch("grant-lag", seconds=3600)
        app.grant("Place.Read.All")
        assert faults(app) == ["permission_not_in_token_yet"]

    def test_a_consent_on_its_way_is_waited_for(self, microsoft: Microsoft, quick: None) -> None:
        app = Checking(microsoft, permissions=NO_PLACES)
        app.request(*PERMISSIONS)
        microsoft.switch("grant-lag", seconds=1)
        app.grant("Place.Read.All")
        mark = microsoft.mark()
        assert faults(app, wait=30) == []
        assert sum("POST" in line and "/oauth2/" in line for line in microsoft.since(mark)) > 2  # fresh tokens

    def test_a_consent_taken_back_while_tokens_still_have_it(self, app: Checking) -> None:
        app.microsoft.switch("grant-lag", seconds=3600)
        token = app.microsoft.token(**app.identity)
        app.revoke("Place.Read.All")
        given = {"client_secret": None, "access_token": token}
        assert faults(app, **given) == ["permission_withdrawn", "credential_not_proved"]

    def test_without_rights_to_the_directory_it_is_only_missing(self, microsoft: Microsoft) -> None:
        app = Checking(microsoft, permissions=NO_PLACES)
        assert faults(app, reader=None) == ["permission_missing"]
        assert {"registration_unknown", "assignments_unknown", "secret_expiry_unknown"} <= set(app.ids(reader=None))

    def test_delegated_only(self, microsoft: Microsoft) -> None:
        app = Checking(microsoft, permissions=["Calendars.ReadWrite", "Place.Read.All", "GroupMember.Read.All"])
        app.request("Calendars.ReadWrite", "Place.Read.All", "GroupMember.Read.All", delegated=("User.Read.All",))
        assert faults(app) == ["permission_delegated_only"]

    def test_a_permission_that_does_not_exist(self, app: Checking) -> None:
        given = {"permissions": [*PERMISSIONS, "Contacts.Read.All"]}
        assert faults(app, **given) == ["permission_nonexistent"]
        assert "Contacts.Read " in app.finding("permission_nonexistent", **given)["message"]

    def test_a_name_that_this_tenants_graph_does_not_have(self, app: Checking) -> None:
        assert faults(app, permissions=[*PERMISSIONS, "Calender.ReadWrite"]) == ["permission_unknown"]

    def test_the_broader_permission_of_the_guide(self, microsoft: Microsoft) -> None:
        app = Checking(
            microsoft, permissions=["Calendars.ReadWrite", "User.Read.All", "Group.Read.All", "Place.Read.All"]
        )
        assert faults(app) == []
        assert "permission_broader" in app.ids()

    def test_excess_by_its_danger(self, microsoft: Microsoft) -> None:
        more = ["Application.ReadWrite.All", "Directory.Read.All", "Contacts.Read", "Calendars.ReadBasic.All"]
        app = Checking(microsoft, permissions=[*PERMISSIONS, *more])
        assert faults(app) == [
            "permission_dangerous",
            "permission_dangerous",
            "permission_escapes_policies",
            "permission_excess",
        ]

    def test_a_permission_of_exchange_is_named_with_it(self, microsoft: Microsoft) -> None:
        app = Checking(microsoft, permissions=PERMISSIONS)
        app.grant("Exchange.ManageAsApp", resource=EXCHANGE)
        assert faults(app) == ["permission_dangerous"]
        found = app.finding("permission_dangerous", **NO_MAILBOXES)
        assert found["subject"] == "Exchange.ManageAsApp on Office 365 Exchange Online"

    def test_requested_and_granted_lists_that_differ(self, app: Checking) -> None:
        app.request("Calendars.ReadWrite", "User.Read.All", "GroupMember.Read.All", "Files.Read.All")
        assert faults(app) == []
        assert {"permission_requested_excess", "permission_not_on_registration"} <= set(app.ids(**NO_MAILBOXES))

    def test_an_application_open_to_other_tenants(self, app: Checking) -> None:
        app.register(signInAudience="AzureADMultipleOrgs")
        assert faults(app) == ["application_multi_tenant"]

    def test_fail_on_decides_about_warnings(self, microsoft: Microsoft) -> None:
        app = Checking(microsoft, permissions=[*PERMISSIONS, "Contacts.Read"])
        assert not app.run(**NO_MAILBOXES)["failed"]
        assert app.run(**NO_MAILBOXES, fail_on="warning")["failed"]
        app.request("Place.Read.All")
        app.revoke("Place.Read.All")
        spoilt = app.run(**NO_MAILBOXES, fail_on="never")
        assert not spoilt["failed"]
        assert not spoilt["ok"]


class TestSecrets:
    @pytest.mark.parametrize(
        ("days", "identifier"),
        [(150, "secret_valid"), (20, "secret_expires_soon"), (5, "secret_expires_very_soon")],
    )
    def test_the_days_of_the_secret_in_use(self, microsoft: Microsoft, days: int, identifier: str) -> None:
        app = Checking(microsoft, permissions=PERMISSIONS, days=days)
        found = app.finding(identifier)
        assert found["evidence"]["key_id"] == app.made["key_id"]
        assert found["evidence"]["hint"] == app.identity["client_secret"][:3]

    def test_an_expired_one(self, microsoft: Microsoft) -> None:
        app = Checking(microsoft, permissions=PERMISSIONS, days=-1)
        assert app.faults()[:2] == ["token_secret_expired", "secret_expired"]

    def test_a_second_one_of_the_same_name_is_an_orphan(self, app: Checking) -> None:
        app.add_secret("Made by a test", in_days(100))
        assert faults(app, secret_key_id=app.made["key_id"]) == ["secret_orphans"]

    def test_one_of_another_name_is_somebodys(self, app: Checking) -> None:
        app.add_secret("reporting", in_days(3000))
        ids = app.ids(**NO_MAILBOXES, secret_key_id=app.made["key_id"])
        assert {"secret_others", "secret_long_lived", "secret_valid"} <= set(ids)
        assert "secret_orphans" not in ids

    def test_a_key_id_of_nothing_and_of_another_secret(self, app: Checking) -> None:
        other = app.add_secret("reporting", in_days(100))
        assert faults(app, secret_key_id="00000000-0000-4000-8000-000000000000") == ["secret_key_id_unknown"]
        if other["hint"] != app.identity["client_secret"][:3]:
            assert faults(app, secret_key_id=other["keyId"]) == ["secret_key_id_mismatch"]

    def test_without_rights_its_end_is_unknown_and_never_good(self, app: Checking) -> None:
        ids = app.ids(**NO_MAILBOXES, reader=None)
        assert "secret_expiry_unknown" in ids
        assert "secret_valid" not in ids

    def test_the_new_secret_of_a_rotation_is_waited_for(self, app: Checking, quick: None) -> None:
        app.microsoft.switch("directory-lag", seconds=1)
        added = app.add_secret("new", in_days(100))
        assert "token_wrong_secret" not in faults(
            app, client_secret=added["secretText"], secret_key_id=added["keyId"], wait=30
        )
