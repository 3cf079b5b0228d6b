# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requested, consented, in the token: the steps between a permission and PlaceOS are told apart."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.dangers import danger
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Grant
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.run import judge
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import PLACEOS_PERMISSIONS
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_facts import (
    EXCHANGE,
    FORBIDDEN,
    claims,
    facts,
    faults,
    grants,
    held,
    ids,
    refused,
    registration,
    told,
)

ALL = PLACEOS_PERMISSIONS
REST = tuple(name for name in ALL if name != "Place.Read.All")
RBAC = {"mode": "rbac", "scoped": ("Calendars.ReadWrite",)}
NO_CALENDAR = ALL[1:]


def test_contacts_read_all_is_explained_with_the_right_name_and_that_nothing_needs_it() -> None:
    said = told(facts({"permissions": (*ALL, "Contacts.Read.All")}), "permission_nonexistent")

    assert "does not exist" in said
    assert "Contacts.Read " in said
    assert "PlaceOS calls nothing of contacts" in said
    assert "Take it out" in said


def test_names_are_compared_without_regard_to_case() -> None:
    assert faults(facts({"permissions": tuple(name.lower() for name in ALL)})) == []


def test_a_broader_permission_is_accepted_and_reported() -> None:
    found = held(*(name for name in ALL if name != "GroupMember.Read.All"), "Group.Read.All")

    assert faults(found) == []
    assert "Group.Read.All stands in for it" in told(found, "permission_broader")
    assert "GroupMember.Read.All" not in told(found, "permission_granted")


def test_a_broader_permission_beside_the_needed_one_is_excess() -> None:
    assert faults(held(*ALL, "Group.Read.All")) == ["permission_excess"]


def test_a_dangerous_stand_in_is_told_as_dangerous() -> None:
    found = held(*(name for name in ALL if name != "GroupMember.Read.All"), "Directory.Read.All")
    assert faults(found) == ["permission_dangerous"]
    assert "permission_broader" in ids(found)


def test_mail_send_is_needed_only_where_asked_for() -> None:
    assert faults(held(*ALL)) == []
    assert faults(held(*ALL, wanted={"permissions": (*ALL, "Mail.Send")})) == ["permission_not_requested"]
    assert faults(held(*ALL, "Mail.Send", wanted={"permissions": (*ALL, "Mail.Send")})) == []
    assert faults(held(*ALL, "Mail.Send")) == ["permission_dangerous"]


def test_dangers_are_told_before_other_excess() -> None:
    found = held(*ALL, "Contacts.Read", "Application.ReadWrite.All", "Directory.Read.All")
    assert faults(found) == ["permission_dangerous", "permission_dangerous", "permission_excess"]


@pytest.mark.parametrize("name", ALL)
def test_what_placeos_needs_is_not_dangerous(name: str) -> None:
    assert danger(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "Application.Read.All",
        "Application.ReadWrite.OwnedBy",
        "AppRoleAssignment.ReadWrite.All",
        "Directory.Read.All",
        "RoleManagement.ReadWrite.Directory",
        "Mail.ReadWrite",
        "Files.Read.All",
        "full_access_as_app",
    ],
)
def test_permissions_to_much_more_than_rooms_are_dangerous(name: str) -> None:
    assert danger(name)


def test_a_permission_of_another_api_does_not_satisfy_one_of_graph() -> None:
    elsewhere = Grant("Place.Read.All", "00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online")
    found = facts(
        sign_in=claims(*REST), assigned=grants(*REST) | {elsewhere}, registration=registration(requested=REST)
    )
    assert faults(found) == ["permission_not_requested", "permission_excess"]


def test_without_the_directory_a_missing_permission_is_missing_for_an_unknown_reason() -> None:
    found = facts(sign_in=claims(*REST), registration=FORBIDDEN, assigned=FORBIDDEN, published=FORBIDDEN)

    assert faults(found) == ["permission_missing"]
    assert "With reader (in an inventory microsoft_automation_client_id)" in told(found, "permission_missing")


def test_without_a_token_the_consents_on_record_tell() -> None:
    error = refused("bad_credential", 7000215).sign_in
    found = facts(sign_in=error, assigned=grants(*REST), reads=())
    assert faults(found) == ["token_wrong_secret", "permission_not_consented"]


def test_without_token_and_directory_nothing_is_said_about_permissions() -> None:
    assert faults(refused("bad_credential", 7000215)) == ["token_wrong_secret"]


def test_the_evidence_says_where_a_permission_was_found_and_what_is_unknown() -> None:
    found = facts(sign_in=claims(*REST), registration=FORBIDDEN)
    (one,) = [finding for finding in judge(found) if finding.id == "permission_not_in_token_yet"]
    expected = {"permission": "Place.Read.All", "requested": None, "consented": True, "in_token": False}
    assert one.evidence == expected


class TestRbac:
    """Permissions that Exchange gives are not in the token, and must not be."""

    def test_absent_from_the_token_is_right(self) -> None:
        found = held(*NO_CALENDAR, wanted=RBAC)
        assert faults(found) == []
        assert "permission_scoped_by_rbac" in ids(found)

    @pytest.mark.parametrize("name", ["Calendars.ReadWrite", "Calendars.Read", "Calendars.ReadBasic.All"])
    def test_any_grant_in_entra_for_the_same_data_defeats_the_scope(self, name: str) -> None:
        found = held(*NO_CALENDAR, name, wanted=RBAC)
        assert faults(found) == ["rbac_unscoped_grant"]
        assert "adds up with what Exchange grants" in told(found, "rbac_unscoped_grant")

    def test_exchange_web_services_defeat_it_too(self) -> None:
        ews = Grant("full_access_as_app", EXCHANGE, "Office 365 Exchange Online")
        found = held(*NO_CALENDAR, wanted=RBAC, assigned=grants(*NO_CALENDAR) | {ews})
        assert faults(found) == ["rbac_unscoped_grant"]

    def test_a_consent_taken_back_still_counts_while_the_token_has_it(self) -> None:
        found = held(*NO_CALENDAR, wanted=RBAC, sign_in=claims(*ALL))
        assert "tokens still hold it" in told(found, "rbac_unscoped_grant")

    def test_without_rbac_the_same_grant_is_what_is_needed(self) -> None:
        assert faults(held(*ALL)) == []
