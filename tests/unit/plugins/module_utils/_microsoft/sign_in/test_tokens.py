# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in, against a fake sign-in on loopback with TLS; nothing ever really sleeps."""

from __future__ import annotations

import base64
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.advice import advice
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import Identity, TokenError
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_entra import (
    CLIENT,
    GRAPH,
    SECRET,
    TENANT,
    FakeEntra,
    fake_jwt,
    refusal,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import FakeHttpServer, Play

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.conftest import FakeClock
    from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_authority import (
        FakeCertificate,
    )

PASSPHRASE = "fake-passphrase-0123"


def refused(call: Callable[[], Any]) -> TokenError:
    """The error of a call; it never shows a secret."""
    with pytest.raises(TokenError) as caught:
        call()
    error = caught.value
    shown = f"{error} {error!r} {error.words} {error.hint} {error.url} {error.__cause__!r}"
    for secret in (SECRET, PASSPHRASE, "PRIVATE KEY"):
        assert secret not in shown
    assert "\n" not in str(error)
    return error


def test_a_secret_becomes_a_token_for_the_clouds_graph(entra: FakeEntra, tokens_of: Any) -> None:
    assert tokens_of().get(GRAPH) == entra.issued[0]
    (form,) = entra.forms
    assert (form["grant_type"], form["client_id"], form["client_secret"]) == ("client_credentials", CLIENT, SECRET)
    assert form["scope"] == "https://graph.microsoft.com/.default"
    assert [asked.path.split("?")[0] for asked in entra.server.asked] == [
        f"/{TENANT}/v2.0/.well-known/openid-configuration",
        f"/{TENANT}/oauth2/v2.0/token",
    ]


def test_one_token_per_resource_serves_all_calls(entra: FakeEntra, tokens_of: Any) -> None:
    tokens = tokens_of()
    assert tokens.get(GRAPH) == tokens.get(GRAPH)
    assert tokens.get("https://outlook.office365.com") != tokens.get(GRAPH)
    assert len(entra.forms) == 2


def test_many_threads_share_one_sign_in(entra: FakeEntra, tokens_of: Any) -> None:
    tokens = tokens_of()
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(tokens.get(GRAPH))) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [entra.issued[0]] * 8


def test_a_token_is_renewed_five_minutes_before_its_end(entra: FakeEntra, tokens_of: Any, clock: FakeClock) -> None:
    tokens = tokens_of()
    first = tokens.get(GRAPH)
    clock.now += 3599 - 301
    assert tokens.get(GRAPH) == first
    clock.now += 2
    assert tokens.get(GRAPH) == entra.issued[1] != first


def test_a_token_of_a_short_life_is_used_for_half_of_it(entra: FakeEntra, tokens_of: Any, clock: FakeClock) -> None:
    entra.expires_in = "60"
    tokens = tokens_of()
    first = tokens.get(GRAPH)
    clock.now += 29
    assert tokens.get(GRAPH) == first
    clock.now += 2
    assert tokens.get(GRAPH) != first


def test_a_fresh_token_carries_what_was_granted_in_the_meantime(entra: FakeEntra, tokens_of: Any) -> None:
    tokens = tokens_of()
    assert tokens.claims(GRAPH).roles == {"Calendars.ReadWrite"}
    entra.roles = ["Calendars.ReadWrite", "Place.Read.All"]
    assert tokens.claims(GRAPH).roles == {"Calendars.ReadWrite"}
    assert tokens.claims(GRAPH, fresh=True).roles == {"Calendars.ReadWrite", "Place.Read.All"}


def test_the_claims_say_who_signed_in_and_how(tokens_of: Any) -> None:
    claims = tokens_of().claims(GRAPH)
    assert (claims.app_id, claims.tenant_id, claims.audience) == (CLIENT, TENANT, GRAPH)
    assert (claims.credential, claims.idtyp, claims.expires) == ("secret", "app", 2_000_000_000)


def test_every_token_is_told_so_that_it_can_be_hidden(entra: FakeEntra, tokens_of: Any) -> None:
    told: list[str] = []
    tokens_of(on_token=told.append).get(GRAPH)
    assert told == entra.issued


# -- certificates ----------------------------------------------------------------------------------------------------


def signed_header(form: dict[str, str]) -> dict[str, Any]:
    part = form["client_assertion"].split(".")[0]
    header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return header


def certificate_forms(made: FakeCertificate) -> dict[str, tuple[Any, str | None]]:
    return {
        "PEM": (made.pem(), None),
        "PEM with passphrase": (made.pem(PASSPHRASE), PASSPHRASE),
        "certificate before key": ((made.pem_certificate + made.pem_key()).decode(), None),
        "PFX": (made.pfx(), None),
        "PFX with passphrase": (made.pfx(PASSPHRASE), PASSPHRASE),
        "PEM as bytes": (made.pem().encode(), None),
    }


@pytest.mark.parametrize(
    "form", ["PEM", "PEM with passphrase", "certificate before key", "PFX", "PFX with passphrase", "PEM as bytes"]
)
def test_a_certificate_signs_with_ps256_and_its_sha256_thumbprint(
    entra: FakeEntra, tokens_of: Any, app_certificate: FakeCertificate, form: str
) -> None:
    content, passphrase = certificate_forms(app_certificate)[form]
    tokens = tokens_of(Identity(TENANT, CLIENT, certificate=content, passphrase=passphrase))
    assert tokens.claims(GRAPH).credential == "certificate"
    (sent,) = entra.forms
    assert "client_secret" not in sent
    header = signed_header(sent)
    assert header["alg"] == "PS256"
    assert base64.urlsafe_b64decode(header["x5t#S256"] + "==") == app_certificate.thumbprint
    assert "x5t" not in header


def test_a_certificate_that_cannot_be_used_is_told_before_anything_is_sent(
    entra: FakeEntra, tokens_of: Any, app_certificate: FakeCertificate
) -> None:
    identity = Identity(TENANT, CLIENT, certificate=app_certificate.pem(PASSPHRASE), passphrase="fake-other")
    error = refused(lambda: tokens_of(identity).get(GRAPH))
    assert error.kind == "unusable_certificate"
    assert "passphrase does not open" in error.words
    assert not entra.forms


# -- ready tokens ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", [GRAPH, GRAPH + "/", "00000003-0000-0000-c000-000000000000", None])
def test_a_ready_token_is_used_as_it_is(entra: FakeEntra, tokens_of: Any, audience: str | None) -> None:
    token = fake_jwt(**({"aud": audience} if audience else {}), exp=2_000_000_000)
    tokens = tokens_of(Identity("", access_token=f" {token}\n"))
    assert tokens.get(GRAPH) == token
    assert not tokens.renewable
    assert not entra.server.asked


def test_an_opaque_ready_token_is_used_as_it_is(tokens_of: Any) -> None:
    assert tokens_of(Identity("", access_token="fake-opaque")).get(GRAPH) == "fake-opaque"


def test_a_ready_token_for_exchange_may_name_it_either_way(tokens_of: Any) -> None:
    token = fake_jwt(aud="https://outlook.office.com")
    assert tokens_of(Identity("", access_token=token)).get("https://outlook.office365.com") == token


@pytest.mark.parametrize(
    ("claims", "kind", "words"),
    [
        ({"aud": "https://management.azure.com", "exp": 2_000_000_000}, "wrong_audience", "is for https://management"),
        ({"aud": "00000002-0000-0ff1-ce00-000000000000"}, "wrong_audience", "not for https://graph.microsoft.com"),
        ({"aud": GRAPH, "exp": 1_899_999_999}, "token_expired", "ended at 2030-03-17 17:46:39 UTC"),
    ],
)
def test_a_ready_token_that_cannot_work_is_refused_before_the_first_request(
    tokens_of: Any, claims: dict[str, Any], kind: str, words: str
) -> None:
    error = refused(lambda: tokens_of(Identity("", access_token=fake_jwt(**claims))).get(GRAPH))
    assert error.kind == kind
    assert words in error.words


def test_a_ready_token_with_a_line_break_inside_is_refused_without_being_shown(tokens_of: Any) -> None:
    error = refused(lambda: tokens_of(Identity("", access_token="fake-first\nfake-second")).get(GRAPH))
    assert error.kind == "token_invalid"
    assert "fake-" not in str(error)


# -- refusals --------------------------------------------------------------------------------------------------------


def test_a_refusal_is_one_line_with_the_words_the_trace_and_what_to_do(entra: FakeEntra, tokens_of: Any) -> None:
    entra.plays = [Play(401, refusal(7000222, sentence="The provided client secret keys for app are expired."))]
    error = refused(lambda: tokens_of().get(GRAPH))
    assert (error.kind, error.code, error.status) == ("expired_credential", 7000222, 401)
    assert str(error) == (
        f"no token for application {CLIENT}: POST {entra.server.url}/{TENANT}/oauth2/v2.0/token answered 401: "
        "AADSTS7000222: The provided client secret keys for app are expired [trace id "
        f"9a8b7c6d-0000-4000-8000-000000000100]. {advice('expired_credential')}"
    )


def test_a_pasted_secret_id_is_told_as_such(entra: FakeEntra, tokens_of: Any) -> None:
    entra.plays = [Play(401, refusal(7000215, sentence="Invalid client secret provided."))]
    identity = Identity(TENANT, CLIENT, client_secret="9f4c1d2e-aaaa-4bbb-8ccc-0123456789ab")
    error = refused(lambda: tokens_of(identity).get(GRAPH))
    assert error.kind == "secret_id_pasted"
    assert "secret ID" in error.hint
    assert "9f4c1d2e" not in str(error)


def test_a_wrong_secret_of_another_form_is_only_wrong(entra: FakeEntra, tokens_of: Any) -> None:
    entra.plays = [Play(401, refusal(7000215))]
    assert refused(lambda: tokens_of().get(GRAPH)).kind == "bad_credential"


def test_an_unknown_tenant_is_told_although_the_address_document_says_so(entra: FakeEntra, tokens_of: Any) -> None:
    identity = Identity("unknown.example", CLIENT, client_secret=SECRET)
    error = refused(lambda: tokens_of(identity).get(GRAPH))
    assert (error.kind, error.code) == ("unknown_tenant", 90002)
    assert "/unknown.example/v2.0/" in error.url


def test_after_a_refusal_the_next_call_asks_again(entra: FakeEntra, tokens_of: Any) -> None:
    entra.plays = [Play(400, refusal(700016, "unauthorized_client"))]
    tokens = tokens_of()
    assert refused(lambda: tokens.get(GRAPH)).kind == "unknown_application"
    assert tokens.get(GRAPH) == entra.issued[0]


def test_a_secret_that_the_server_repeats_is_not_shown(entra: FakeEntra, tokens_of: Any) -> None:
    entra.plays = [Play(401, refusal(7000215, sentence=f"Invalid client secret {SECRET} provided."))]
    assert "********" in str(refused(lambda: tokens_of().get(GRAPH)))


# -- passing failures ------------------------------------------------------------------------------------------------


def test_a_limited_sign_in_is_repeated_after_the_time_it_asks_for(
    entra: FakeEntra, tokens_of: Any, slept: list[float]
) -> None:
    entra.plays = [Play(429, None, {"Retry-After": "7"}), Play(503, refusal(90033, "temporarily_unavailable"))]
    assert tokens_of().get(GRAPH) == entra.issued[0]
    assert len(entra.forms) == 3
    assert slept[0] == 7
    assert len(slept) == 2


def test_a_sign_in_that_stays_limited_is_given_up_after_the_deadline(
    entra: FakeEntra, tokens_of: Any, slept: list[float]
) -> None:
    entra.plays = [Play(429, b"<html>slow down</html>", {"Retry-After": "20"})] * 9
    error = refused(lambda: tokens_of(retry_deadline=60.0).get(GRAPH))
    assert error.kind == "throttled"
    assert (len(entra.forms), slept) == (4, [20.0, 20.0, 20.0])


def test_a_lost_connection_is_repeated(entra: FakeEntra, tokens_of: Any) -> None:
    entra.plays = [Play(drop=True)]
    assert tokens_of().get(GRAPH) == entra.issued[0]


def test_a_refusal_is_not_repeated(entra: FakeEntra, tokens_of: Any) -> None:
    entra.plays = [Play(401, refusal(7000215))] * 3
    refused(lambda: tokens_of().get(GRAPH))
    assert len(entra.forms) == 1


# -- where the credential goes ---------------------------------------------------------------------------------------


def test_the_credential_is_not_sent_where_a_redirect_points(
    entra: FakeEntra, tokens_of: Any, server: FakeHttpServer
) -> None:
    entra.plays = [Play(307, None, {"Location": server.url})]
    error = refused(lambda: tokens_of().get(GRAPH))
    assert (error.kind, error.words) == ("malformed", "a redirect")
    assert not server.asked


def test_the_credential_is_not_sent_to_another_host_that_the_address_document_names(
    entra: FakeEntra, tokens_of: Any, server: FakeHttpServer
) -> None:
    entra.discovery = Play(200, FakeEntra.addresses(server.url.replace("http:", "https:")))
    error = refused(lambda: tokens_of().get(GRAPH))
    assert "another host" in error.words
    assert error.url.endswith("/v2.0/.well-known/openid-configuration")
    assert not server.asked
    assert not entra.forms


@pytest.mark.parametrize("host", ["login.microsoftonline.com:8443", "user@login.microsoftonline.com", "login.example"])
def test_a_host_that_only_looks_like_microsofts_gets_no_credential(entra: FakeEntra, tokens_of: Any, host: str) -> None:
    entra.discovery = Play(200, FakeEntra.addresses(f"https://{host}"))
    assert "another host" in refused(lambda: tokens_of().get(GRAPH)).words


def test_a_certificate_that_is_not_trusted_is_told_with_the_option_of_this_side(tokens_of: Any) -> None:
    error = refused(lambda: tokens_of(verify=True).get(GRAPH))
    assert error.kind == "unreachable"
    assert "microsoft_ca_path" in error.hint
    assert "placeos" not in str(error).lower()


def test_a_host_that_is_not_there_is_told_with_the_way_to_it_and_the_options_of_this_side(tokens_of: Any) -> None:
    error = refused(lambda: tokens_of(login_url="https://127.0.0.1:9").get(GRAPH))
    assert error.kind == "unreachable"
    assert "microsoft_login_url" in error.hint
    assert "https_proxy" in error.hint
    assert "server is up" not in error.hint


def test_our_ca_goes_before_the_environments(
    entra: FakeEntra, tokens_of: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    other = tmp_path / "other.pem"
    other.write_text("")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    assert tokens_of().get(GRAPH) == entra.issued[0]
