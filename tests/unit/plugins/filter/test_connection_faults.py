# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection variables of a client: what is wrong is told all at once, and secrets are not shown."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.filter.connection_faults import connection_faults

GUID = "11111111-2222-3333-4444-555555555555"
GOOD = {
    "placeos_url": "https://acme.placeos.example",
    "placeos_api_key": "fake-key",
    "microsoft_tenant_id": GUID,
    "microsoft_client_id": GUID,
    "microsoft_client_secret": "fake~secret",
}


def test_a_complete_connection_has_no_fault() -> None:
    assert connection_faults(GOOD) == []


def test_everything_that_is_missing_is_told_at_once() -> None:
    faults = connection_faults({})
    assert [fault.split(":")[0] for fault in faults] == list(GOOD)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("placeos_url", "acme.placeos.example", "not an absolute URL"),
        ("placeos_url", "https://acme.placeos.example/backoffice", "must end after the host"),
        ("placeos_url", "https://acme.placeos.example:port", "not an absolute URL"),
        ("microsoft_tenant_id", "acme.onmicrosoft.com", "not a GUID"),
        ("microsoft_client_id", "PlaceOS", "not a GUID"),
        ("microsoft_client_secret", GUID, "the secret's id"),
        ("placeos_api_key", "  ", "is not set"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable(variable: str, value: str, words: str) -> None:
    (fault,) = connection_faults({**GOOD, variable: value})
    assert fault.startswith(f"{variable}: ")
    assert words in fault


@pytest.mark.parametrize(
    "credentials",
    [
        {"placeos_token": "fake-token"},
        {"placeos_username": "a@acme.example", "placeos_password": "fake", "placeos_client_id": "fake-id"},
    ],
)
def test_a_token_or_a_password_does_in_place_of_a_key(credentials: dict[str, str]) -> None:
    assert connection_faults({**GOOD, "placeos_api_key": "", **credentials}) == []


def test_half_of_a_password_grant_is_no_credential() -> None:
    assert connection_faults({**GOOD, "placeos_api_key": "", "placeos_username": "a@acme.example"}) != []


def test_secrets_are_not_shown() -> None:
    wrong = {**GOOD, "placeos_url": "nonsense", "microsoft_tenant_id": "nonsense"}
    assert not [fault for fault in connection_faults(wrong) if "fake" in fault]


def test_microsoft_is_left_out_where_it_is_not_needed() -> None:
    assert connection_faults({"placeos_url": "https://a.example", "placeos_api_key": "fake"}, microsoft=False) == []


OTHER = "99999999-8888-7777-6666-555555555555"
MANAGED = {
    **GOOD,
    "microsoft_automation_client_id": OTHER,
    "microsoft_automation_client_secret": "fake~automation~secret",
    "graph_app_permissions": ["Calendars.ReadWrite", {"resource": "Microsoft Graph", "value": "Place.Read.All"}],
    "graph_access_kind": "rbac",
    "graph_access_groups": ["rooms@acme.example"],
    "graph_access_permissions": ["Calendars.ReadWrite"],
    "graph_access_denied_mailboxes": ["ceo@acme.example"],
    "graph_access_waived": False,
}


def managed(**changes: object) -> list[str]:
    """The faults of a client whose Microsoft 365 is managed and checked."""
    return connection_faults({**MANAGED, **changes}, managed=True, checked=True, made=True)


def test_a_complete_managed_client_has_no_fault() -> None:
    assert managed() == []


def test_what_the_run_makes_may_be_missing_and_only_that() -> None:
    assert managed(microsoft_client_id="", microsoft_client_secret="") == []
    (fault,) = managed(microsoft_tenant_id="", microsoft_client_id="", microsoft_client_secret="")
    assert fault.startswith("microsoft_tenant_id: ")
    missing = connection_faults({**MANAGED, "microsoft_client_secret": ""}, managed=True, checked=True)
    assert [fault.split(":")[0] for fault in missing] == ["microsoft_client_secret"]


@pytest.mark.parametrize("name", ["microsoft_client_id", "microsoft_client_secret"])
def test_what_another_run_makes_is_not_asked_of_a_person(name: str) -> None:
    missing = {**MANAGED, name: "", "graph_app_secret_file": "host_vars/acme/microsoft_app.yml"}
    (fault,) = connection_faults(missing, managed=True)
    assert "run site.yml once without --tags" in fault
    assert "host_vars/acme/microsoft_app.yml" in fault
    (by_hand,) = connection_faults({**missing, "graph_app_secret_file": ""}, managed=True)
    assert "graph_app" not in by_hand


def test_everything_that_management_misses_is_told_with_all_other_faults() -> None:
    faults = connection_faults({}, managed=True, checked=True, made=True)
    assert [fault.split(":")[0] for fault in faults] == [
        "placeos_url",
        "placeos_api_key",
        "microsoft_tenant_id",
        "microsoft_automation_client_id",
        "microsoft_automation_client_secret",
        "graph_access_groups",
        "graph_access_denied_mailboxes",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("microsoft_automation_client_id", "acme", "not a GUID"),
        ("microsoft_automation_client_id", GUID, "identity of its own"),
        ("microsoft_automation_client_secret", GUID, "the secret's id"),
        ("microsoft_automation_certificate_path", "/nowhere/at/all.pem", "leave one of them out"),
        ("microsoft_cloud", "mars", "none of global"),
        ("microsoft_graph_url", "http://graph.acme.example", "not an https URL"),
        ("graph_app_permissions", ["User.Read.All", "Contacts.Read.All"], "PlaceOS calls nothing of contacts"),
        ("graph_app_permissions", ["read everything"], "not the name of an application permission"),
        ("graph_access_permissions", ["Place.Read.All"], "has no role in Exchange"),
        ("graph_access_groups", ["Rooms"], "not the mail address of a group"),
        ("graph_access_denied_mailboxes", ["Boss"], "not a mail address"),
    ],
)
def test_a_wrong_variable_of_management_is_told_with_its_name(variable: str, value: object, words: str) -> None:
    told = managed(**{variable: value})
    assert [fault for fault in told if words in fault], told
    assert not [fault for fault in told if "fake" in fault]


def test_a_nonexistent_permission_is_named_with_its_place() -> None:
    (fault,) = managed(graph_app_permissions=["User.Read.All", "Contacts.Read.All"])
    assert fault.startswith("graph_app_permissions[1]: Contacts.Read.All does not exist")


def test_a_certificate_that_is_not_there_is_a_fault() -> None:
    told = managed(microsoft_automation_client_secret="", microsoft_automation_certificate_path="/nowhere/at/all.pem")
    assert told == [
        "microsoft_automation_certificate_path: there is no file '/nowhere/at/all.pem' on the machine that runs Ansible"
    ]


def test_who_waives_the_proof_needs_neither_groups_nor_a_mailbox() -> None:
    assert managed(graph_access_waived=True, graph_access_groups=[], graph_access_denied_mailboxes=[]) == []


def test_checks_alone_need_no_identity_that_manages() -> None:
    told = connection_faults({**GOOD, "graph_access_denied_mailboxes": ["ceo@acme.example"]}, checked=True)
    assert told == []


def test_without_management_and_checks_nothing_of_them_is_looked_at() -> None:
    assert connection_faults({**GOOD, "graph_app_permissions": ["Contacts.Read.All"], "microsoft_cloud": "mars"}) == []
