# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that all modules share: environment fallbacks, credentials, and faults that are told before any request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from ansible_collections.placeos.office365.plugins.module_utils import _http
from ansible_collections.placeos.office365.plugins.modules import (
    placeos_metadata,
    placeos_module,
    placeos_repository,
    placeos_settings,
    placeos_tenant,
)
from ansible_collections.placeos.office365.plugins.modules.placeos_system import main as system_main
from ansible_collections.placeos.office365.plugins.modules.placeos_zone import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules import fake_acaengine
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import (
    API,
    API_KEY,
    CONNECTION,
    URL,
    FakePlaceOS,
    Ran,
    zone,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Play = Callable[..., Ran]

ZONES = f"{API}/zones"
ORG = zone("zone-L5-dGjtzdS", "Acme")
OTHERS = {"index_lag": 0, "max_workers": 1}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in CONNECTION.items() if name not in names}


# -- credentials -----------------------------------------------------------------------------------------------------


def test_url_and_key_are_taken_from_the_environment(
    server: FakePlaceOS, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACEOS_URL", f"{URL}/")
    monkeypatch.setenv("PLACEOS_API_KEY", API_KEY)
    monkeypatch.setenv("PLACEOS_HOST_HEADER", "other.example")
    monkeypatch.setenv("PLACEOS_TIMEOUT", "7")
    server.expect_list(ZONES, ORG)
    ran = play(main, name="Acme", connection=OTHERS).no_warnings()
    (request,) = server.sent
    assert request.url == f"{URL}{ZONES}?limit=10000"
    assert request.headers["X-API-Key"] == API_KEY
    assert request.headers["Host"] == "other.example"
    assert ran.result["invocation"]["module_args"]["timeout"] == 7.0
    assert API_KEY not in ran.printed


def test_an_option_is_stronger_than_the_environment(
    server: FakePlaceOS, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACEOS_URL", "https://wrong.example")
    monkeypatch.setenv("PLACEOS_API_KEY", "fake-other-key")
    server.expect_list(ZONES, ORG)
    play(main, name="Acme")
    assert server.sent[0].url == f"{URL}{ZONES}?limit=10000"
    assert server.sent[0].headers["X-API-Key"] == API_KEY


def test_with_a_key_the_platform_is_known_and_nothing_is_asked(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG)
    play(main, name="Acme")
    assert server.sent[0].headers["Accept"] == "application/json"
    assert "Authorization" not in server.sent[0].headers


def test_with_a_token_the_platform_is_asked_for_first(
    server: FakePlaceOS, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACEOS_TOKEN", "fake-bearer-token")
    server.expect("GET", "/auth/authority", {"version": "v2.0.0"})
    server.expect_list(ZONES, ORG)
    ran = play(main, name="Acme", connection=without("api_key"))
    assert [request.headers.get("Authorization") for request in server.sent] == [None, "Bearer fake-bearer-token"]
    assert "fake-bearer-token" not in ran.printed


def test_with_a_token_and_a_named_platform_nothing_is_asked(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG)
    play(main, name="Acme", token="fake-bearer-token", platform="placeos", connection=without("api_key"))


def test_a_password_is_exchanged_for_a_token(server: FakePlaceOS, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACEOS_USERNAME", "admin@acme.example")
    monkeypatch.setenv("PLACEOS_PASSWORD", "fake-password-1")
    monkeypatch.setenv("PLACEOS_CLIENT_ID", "fake-client")
    grant = {"grant_type": "password", "username": "admin@acme.example", "password": "fake-password-1"}
    server.expect("GET", "/auth/authority", {"version": "v2.0.0"})
    body = {"client_id": "fake-client", "scope": "public", **grant}
    server.expect("POST", "/auth/oauth/token", {"access_token": "fake-token-1", "refresh_token": "r"}, body=body)
    server.expect_list(ZONES, ORG)
    ran = play(main, name="Acme", connection=without("api_key"))
    assert server.sent[-1].headers["Authorization"] == "Bearer fake-token-1"
    assert "fake-password-1" not in ran.printed


def test_the_older_platform_is_told_by_the_server_not_guessed(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", "/auth/authority", {"version": "v1.0.0"})
    fake_acaengine.expect_all(server, fake_acaengine.ZONES, fake_acaengine.zone("zone-orga", "Acme"))
    ran = play(main, name="Acme", token="fake-bearer-token", connection=without("api_key"))
    assert ran.changes == {"unchanged": ["Acme"]}
    assert [request.headers.get("Authorization") for request in server.sent] == [None, "Bearer fake-bearer-token"]


def test_the_older_platform_has_no_api_keys(server: FakePlaceOS, play: Play) -> None:
    ran = play(main, name="Acme", platform="acaengine")
    assert "ACAEngine has no API keys: give username, password and client_id" in ran.result["msg"]
    assert server.sent == []


def test_a_key_beside_a_token_is_not_sent_to_the_older_platform(server: FakePlaceOS, play: Play) -> None:
    fake_acaengine.expect_all(server, fake_acaengine.ZONES)
    play(main, zones=[], platform="acaengine", token="fake-bearer-token")
    assert "X-API-Key" not in server.sent[0].headers


@pytest.mark.parametrize(
    ("module", "given", "plural"),
    [
        (placeos_metadata, {"metadata": [{"name": "m", "parent": "Acme"}] * 2}, "metadata"),
        (placeos_repository, {"name": "Drivers"}, "repositories"),
        (placeos_tenant, {"domain": "acme.example"}, "tenants"),
    ],
)
def test_what_the_older_platform_has_nothing_of_is_skipped_with_the_reason(
    server: FakePlaceOS, play_aca: Play, module: Any, given: dict[str, Any], plural: str
) -> None:
    result = play_aca(module.main, **given).result
    assert (result["changed"], result["skipped"], result[plural]) == (False, True, [])
    assert result["skip_reason"].startswith("ACAEngine")
    (entry,) = result["unsupported"]
    assert (entry["option"], entry["objects"]) == (plural, 2 if plural == "metadata" else 1)
    assert not any(result["changes"].values())
    assert server.sent == []


# -- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "acme.example"}, "url must be an absolute https URL"),
        ({"url": "ftp://acme.example"}, "url must be an absolute https URL"),
        ({"url": "https://[::1"}, "url must be an absolute https URL"),
        ({"url": "https://acme.example:port"}, "url must be an absolute https URL"),
        ({"url": "https://"}, "url must be an absolute https URL"),
        (
            {"url": "https://acme.example/backoffice"},
            "url must end after the host, without a path: https://acme.example",
        ),
        ({"ca_path": "/nowhere/ca.pem"}, "ca_path /nowhere/ca.pem does not exist"),
        ({"max_workers": 0}, "max_workers must be at least 1"),
        ({"api_key": None}, "no credentials: give api_key (or PLACEOS_API_KEY)"),
        ({"api_key": None, "username": "u", "password": "p"}, "no credentials"),
        ({"api_key": ""}, "no credentials"),
        ({"platform": "windows"}, "value of platform must be one of"),
        ({"timeout": "soon"}, "timeout"),
        ({"purge": True, "zones": []}, "purge_scope"),
        ({"purge": True, "zones": [], "purge_scope": {"colour": "red"}}, "colour"),
        ({"zones": [{"name": "A"}], "name": "B"}, "mutually exclusive"),
        ({"zones": [{"display_name": "A"}]}, "name, id"),
        ({"zones": [{"name": ""}]}, "name is missing in object 0"),
        ({"zones": [{"name": "A", "colour": "red"}]}, "colour"),
        ({"zones": [{"name": "A", "capacity": "many"}]}, "capacity"),
        ({"state": "there", "name": "A"}, "value of state must be one of"),
    ],
)
def test_a_fault_in_the_options_is_told_before_any_request(
    server: FakePlaceOS, play: Play, given: dict[str, Any], said: str
) -> None:
    if "name" not in given and "zones" not in given:
        given = {**given, "name": "Acme"}
    ran = play(main, connection={**CONNECTION, **given})
    assert ran.result["failed"] is True
    assert said in ran.result["msg"]
    assert server.sent == []


def test_a_purge_without_a_scope_writes_nothing(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG)
    ran = play(main, zones=[], purge=True, purge_scope={}, purge_max_share=1)
    assert ran.result["failed"] is True
    assert "purge needs a scope, or it would empty the server" in ran.result["msg"]


def test_a_url_is_required(server: FakePlaceOS, play: Play) -> None:
    assert "missing required arguments: url" in play(main, name="A", connection=without("url")).result["msg"]


def test_a_module_without_an_object_is_a_fault(server: FakePlaceOS, play: Play) -> None:
    assert "one of the following is required: zones, name, id" in play(main).result["msg"]


@pytest.mark.parametrize(
    ("module", "given", "said"),
    [
        (placeos_metadata, {"name": "m"}, "parent is missing in m"),
        (placeos_settings, {"parent": "zone-L5-1"}, "encryption_level is missing"),
        (placeos_settings, {"settings": [{"encryption_level": "none"}]}, "parent"),
        (placeos_module, {"modules": [{"systems": ["a"]}]}, "driver"),
    ],
)
def test_what_identifies_an_object_must_be_given(
    server: FakePlaceOS, play: Play, module: Any, given: dict[str, Any], said: str
) -> None:
    ran = play(module.main, **given)
    assert ran.result["failed"] is True
    assert said in ran.result["msg"]


def test_an_empty_set_is_fine_and_costs_one_read(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/systems")
    assert play(system_main, systems=[]).result["changed"] is False


def test_unverified_certificates_are_warned_about(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(ZONES, ORG)
    (warning,) = play(main, name="Acme", validate_certs=False).warnings
    assert "TLS certificates are not verified" in warning


def test_a_missing_library_is_told_with_how_to_install_it(
    server: FakePlaceOS, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_http, "REQUESTS_IMPORT_ERROR", ImportError("no module named requests"))
    assert "requests" in play(main, name="Acme").result["msg"]


def test_an_unreachable_server_is_told_once_with_what_to_check(
    server: FakePlaceOS, play: Play, monkeypatch: pytest.MonkeyPatch, sleeps: list[float]
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> requests.Response:
        raise requests.exceptions.SSLError("certificate verify failed: self-signed certificate")

    monkeypatch.setattr(server, "answer", refuse)
    ran = play(main, zones=[{"name": "A"}, {"name": "B"}])
    assert ran.result["msg"].count("TLS failed") == 1
    assert "ca_path" in ran.result["msg"]
    assert len(ran.result["errors"]) == 1


def test_an_api_key_in_an_error_of_the_server_is_masked(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", f"{ZONES}?limit=10000", {"error": f"unknown key {API_KEY}"}, status=401)
    ran = play(main, name="Acme")
    assert ran.result["failed"] is True
    assert API_KEY not in ran.printed


def test_ca_path_keeps_the_name_of_the_file(server: FakePlaceOS, play: Play, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("")
    server.expect_list(ZONES, ORG)
    ran = play(main, name="Acme", ca_path=str(ca))
    assert ran.result["invocation"]["module_args"]["ca_path"] == str(ca)
