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
