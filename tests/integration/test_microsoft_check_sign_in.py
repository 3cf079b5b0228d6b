# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which a sign-in fails is said in plain words by graph_app_check, with what to do."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from integration.support.checking import PERMISSIONS, Checking

from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_authority import (
    fake_certificate,
)

if TYPE_CHECKING:
    from integration.support.microsoft import Microsoft

OTHER = "99998888-7777-4666-8555-444433332222"


@pytest.fixture
def app(microsoft: Microsoft) -> Checking:
    """PlaceOS's application of the seed."""
    return Checking(microsoft)


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def refused(app: Checking, **options: Any) -> dict[str, Any]:
    """The first finding of a check that must fail for its sign-in."""
    result = app.run(**options)
    assert result["failed"]
    assert result["token"] == {}
    assert result["mailboxes"] == []
    assert not result["proof"]["ok"]
    first: dict[str, Any] = result["findings"][0]
    assert first["severity"] == "error"
    assert f"[{first['id']}]" in result["msg"]
    return first


@pytest.mark.parametrize(
    ("options", "identifier", "words"),
    [
        (
            {"client_secret": "wrong~Secret.Value-0123456789"},
            "token_wrong_secret",
            "no secret on the registration begins",
        ),
        ({"client_secret": OTHER}, "token_secret_id_given", "only the value signs in"),
        ({"client_id": OTHER}, "token_unknown_application", "does not know this application"),
        ({"tenant": OTHER, "reader": None}, "token_unknown_tenant", "no such tenant"),
        ({"tenant": "not_a_tenant", "reader": None}, "token_malformed_tenant", "'not_a_tenant' is neither"),
        ({"tenant": "common", "reader": None}, "token_malformed_tenant", "'common' is neither"),
    ],
)
def test_what_is_wrong_in_the_inventory(app: Checking, options: dict[str, Any], identifier: str, words: str) -> None:
    found = refused(app, **options)
    assert found["id"] == identifier
    assert words in found["message"]
    assert found["action"]


def test_an_expired_secret_is_named_with_its_day(app: Checking) -> None:
    app.microsoft.switch("secrets-expire", enabled=True)
    assert refused(app)["id"] == "token_secret_expired"


def test_a_disabled_application(app: Checking) -> None:
    app.must("PATCH", f"/v1.0/servicePrincipals/{app.principal()['id']}", {"accountEnabled": False})
    assert refused(app)["id"] == "token_application_disabled"
    assert "application_disabled" in app.ids()


def test_an_application_without_its_enterprise_application(app: Checking) -> None:
    app.must("DELETE", f"/v1.0/servicePrincipals/{app.principal()['id']}")
    assert refused(app)["id"] == "token_no_service_principal"
    assert "service_principal_missing" in app.ids()


def test_conditional_access_is_not_taken_for_a_wrong_secret(app: Checking) -> None:
    app.microsoft.switch("conditional-access", enabled=True)
    found = refused(app)
    assert found["id"] == "token_blocked_by_policy"
    assert "the credentials are right" in found["message"]


@pytest.mark.parametrize(
    ("fault", "identifier"),
    [
        ({"status": 429}, "token_throttled"),
        ({"status": 503}, "token_service_failing"),
        ({"fault": "html"}, "token_answer_unreadable"),
        ({"fault": "drop"}, "token_service_failing"),
        ({"status": 400, "body": {"error": "invalid_request", "error_codes": [9999999]}}, "token_refused"),
        ({"status": 400, "body": [1]}, "token_answer_unreadable"),
    ],
)
def test_a_sign_in_service_that_is_not_itself(app: Checking, fault: dict[str, Any], identifier: str) -> None:
    app.microsoft.fault(f"/{app.microsoft.tenant}/oauth2/v2.0/token", times=0, **fault)
    assert refused(app, reader=None)["id"] == identifier


def test_a_host_that_is_not_there(app: Checking, closed_port: int) -> None:
    found = refused(app, login_url=f"https://localhost:{closed_port}", reader=None)
    assert found["id"] == "token_host_unreachable"
    assert f"localhost:{closed_port}" in found["message"]


def test_a_certificate_of_the_host_that_is_not_trusted(app: Checking) -> None:
    found = refused(app, ca_path=None, reader=None)
    assert found["id"] == "token_tls_refused"
    assert "ca_path" in found["action"]


class TestCertificates:
    """The automation's application signs in with one; PlaceOS can't."""

    def test_one_that_is_registered_signs_in_but_proves_no_secret(self, microsoft: Microsoft) -> None:
        app = Checking(microsoft)
        result = app.run(**microsoft.certificate_identity(), permissions=["User.Read.All"], fail_on="never")
        ids = [entry["id"] for entry in result["findings"]]
        assert result["token"]["credential"] == "certificate"
        assert {"credential_not_proved", "certificate_valid"} <= set(ids)

    def test_one_that_is_not_registered_is_refused(self, microsoft: Microsoft) -> None:
        app = Checking(microsoft)
        assert (
            refused(app, client_secret=None, certificate=fake_certificate().pem())["id"] == "token_certificate_refused"
        )

    def test_a_clock_that_is_a_day_behind(self, microsoft: Microsoft) -> None:
        microsoft.advance(86_400)
        app = Checking(microsoft)
        assert refused(app, **microsoft.certificate_identity())["id"] == "token_clock_wrong"


class TestReadyTokens:
    def test_a_good_one_is_used_as_it_is(self, app: Checking) -> None:
        token = app.microsoft.token("placeos")
        result = app.run(client_id=None, client_secret=None, access_token=token)
        assert not result["failed"], result["msg"]
        assert result["findings"][0]["id"] == "credential_not_proved"
        assert token not in str(result)

    def test_one_of_another_tenant_or_application(self, app: Checking) -> None:
        token = app.microsoft.token("placeos")
        given = {"client_secret": None, "access_token": token, "reader": None}
        assert app.faults(**given, tenant=OTHER)[0] == "token_other_tenant"
        assert app.faults(**given, client_id=OTHER)[0] == "token_other_application"

    def test_one_for_exchange(self, app: Checking) -> None:
        token = app.microsoft.token(scope="https://outlook.office365.com/.default")
        assert refused(app, client_secret=None, access_token=token, reader=None)["id"] == "token_other_audience"

    def test_one_that_is_no_jwt_is_left_to_graph_to_judge(self, app: Checking) -> None:
        result = app.run(client_secret=None, access_token="opaque", reader=None)
        assert {"claims_unreadable", "graph_unusable"} <= {entry["id"] for entry in result["findings"]}


def test_a_national_cloud_is_a_warning(microsoft: Microsoft) -> None:
    app = Checking(microsoft, name="In a cloud", permissions=PERMISSIONS)
    assert "cloud_unknown_to_placeos" in app.ids(cloud="gcc-high", fail_on="never")


def test_a_reader_that_cannot_sign_in_is_said(app: Checking) -> None:
    broken = {**app.microsoft.identity("automation"), "client_secret": "wrong~Secret.Value-0123456789"}
    result = app.run(reader=broken)
    assert not result["failed"], result["msg"]
    assert {"reader_refused", "secret_expiry_unknown"} <= {entry["id"] for entry in result["findings"]}


def test_no_secret_and_no_token_is_in_any_result(app: Checking) -> None:
    for options in ({}, {"client_secret": "wrong~Secret.Value-0123456789"}, {"client_id": OTHER}):
        result = str(app.run(**options, fail_on="never"))
        for secret in (app.identity["client_secret"], app.microsoft.automation["client_secret"], "wrong~Secret", "eyJ"):
            assert secret not in result
