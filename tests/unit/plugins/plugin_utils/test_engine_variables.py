# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the inventory's variables to those of the engine service."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.plugin_utils._engine.variables import Variables, read

TENANT = "11111111-2222-3333-4444-555555555555"
GOOD = {
    "engine_environment_directory": "/opt/aca",
    "engine_environment_service": "engine",
    "engine_environment_override_file": "docker-compose.override.yml",
    "engine_environment_internal_domain": "acme.onmicrosoft.com",
    "engine_environment_variables": {},
    "engine_environment_secrets": {},
    "engine_environment_health_url": "http://127.0.0.1:8080/auth/authority",
    "engine_environment_health_timeout": 300,
    "microsoft_tenant_id": TENANT,
    "microsoft_client_id": "fake-client-id",
    "microsoft_client_secret": "fake~secret",
}


def of(**changes: Any) -> Variables:
    return read({**GOOD, **changes})


def test_the_four_variables_come_from_the_inventory() -> None:
    result = of()
    assert result.environment == {
        "OFFICE_CLIENT_ID": "fake-client-id",
        "OFFICE_TOKEN_URL": f"/{TENANT}/oauth2/v2.0/token",
        "INTERNAL_DOMAIN": "acme.onmicrosoft.com",
    }
    assert result.secrets == {"OFFICE_CLIENT_SECRET": "fake~secret"}
    assert (result.faults, result.warnings) == ([], [])


def test_further_variables_are_added_and_win() -> None:
    result = of(
        engine_environment_variables={"OFFICE_SCOPE": "x", "OFFICE_CLIENT_ID": "other"},
        engine_environment_secrets={"OFFICE_ACCOUNT_PASSWORD": "fake"},
    )
    assert result.environment["OFFICE_SCOPE"] == "x"
    assert result.environment["OFFICE_CLIENT_ID"] == "other"
    assert result.secrets.keys() == {"OFFICE_CLIENT_SECRET", "OFFICE_ACCOUNT_PASSWORD"}


@pytest.mark.parametrize(
    ("given", "corrected"),
    [
        (TENANT, f"/{TENANT}/oauth2/v2.0/token"),
        ("acme.onmicrosoft.com", "/acme.onmicrosoft.com/oauth2/v2.0/token"),
        (f"{TENANT}/oauth2/v2.0/token", f"/{TENANT}/oauth2/v2.0/token"),
    ],
)
def test_a_token_url_as_in_the_check_list_is_corrected_with_a_warning(given: str, corrected: str) -> None:
    result = of(engine_environment_variables={"OFFICE_TOKEN_URL": given})
    assert result.environment["OFFICE_TOKEN_URL"] == corrected
    assert corrected in result.warnings[0]


@pytest.mark.parametrize("given", [f"/{TENANT}/oauth2/token", f"https://login.example/{TENANT}/oauth2/v2.0/token"])
def test_a_token_url_that_is_one_is_left_alone(given: str) -> None:
    result = of(engine_environment_variables={"OFFICE_TOKEN_URL": given})
    assert (result.environment["OFFICE_TOKEN_URL"], result.warnings) == (given, [])


@pytest.mark.parametrize("given", ["acme.example, acme.com", ["acme.example", "@acme.com "], "acme.example,,acme.com,"])
def test_domains_are_joined_without_blanks_since_the_engine_compares_by_the_letter(given: object) -> None:
    assert of(engine_environment_internal_domain=given).environment["INTERNAL_DOMAIN"] == "acme.example,acme.com"


def test_everything_that_is_missing_is_told_at_once() -> None:
    faults = read({})
    assert [fault.split(":")[0].removeprefix("engine_environment_") for fault in faults.faults] == [
        "directory",
        "service",
        "override_file",
        "health_url",
        "health_timeout",
        "microsoft_tenant_id",
        "microsoft_client_id",
        "microsoft_client_secret",
        "internal_domain",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("directory", "opt/aca", "not an absolute path"),
        ("directory", "/opt/../etc", "not an absolute path"),
        ("service", "en gine", "not the name of a Compose service"),
        ("override_file", "sub/override.yml", "not a file name"),
        ("override_file", "override.txt", "not a file name"),
        ("internal_domain", "acme", "not a domain"),
        ("internal_domain", "me@acme.example", "not a domain"),
        ("variables", "A=1", "must be a mapping"),
        ("variables", {"A-B": "x"}, "no name of a variable"),
        ("variables", {"A": "x\ny"}, "line break"),
        ("variables", {"OFFICE_CLIENT_SECRET": "x"}, "belongs in engine_environment_secrets"),
        ("secrets", {"A": None}, "A has no value"),
        ("health_url", "127.0.0.1:8080", "not an address"),
        ("health_timeout", 0, "above 0"),
        ("health_timeout", "soon", "above 0"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable(variable: str, value: object, words: str) -> None:
    (fault,) = of(**{f"engine_environment_{variable}": value}).faults
    assert fault.startswith(f"engine_environment_{variable}: ")
    assert words in fault


def test_a_name_that_is_given_twice_is_a_fault() -> None:
    result = of(engine_environment_variables={"A": "1"}, engine_environment_secrets={"A": "2"})
    assert result.faults == ["engine_environment_secrets: A is in engine_environment_variables too; give it once"]


def test_secrets_are_not_shown() -> None:
    result = of(microsoft_client_secret="fake\nsecret", engine_environment_secrets={"B C": "fake-b", "D": "fake\nd"})
    assert len(result.faults) == 3
    assert not [fault for fault in result.faults if "fake" in fault]
