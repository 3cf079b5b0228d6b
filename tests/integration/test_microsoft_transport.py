# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets and tokens go to the one host that they are meant for, over verified TLS, and come back in no message."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.support.fake_middleman import Asked, FakeMiddleman, Said, ThroughMiddleman
from integration.support.microsoft import Microsoft
from integration.support.modules import Result
from lab import tls

ROOM, CONTROL = "syd-24.01@acme.example", "dana.marsh@acme.example"
HOSTS = ("login_url", "graph_url", "exchange_url")
PATHS = {"login_url": "/oauth2/v2.0/token", "graph_url": "/v1.0/", "exchange_url": "/adminapi/"}


@pytest.fixture(scope="module")
def middleman(session_microsoft: Microsoft, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeMiddleman]:
    with FakeMiddleman(session_microsoft, tls.make(tmp_path_factory.mktemp("near"))).running() as fake:
        yield fake


@pytest.fixture(scope="module")
def elsewhere(session_microsoft: Microsoft, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeMiddleman]:
    """Another host, with another authority's certificate, which nothing may be sent to."""
    with FakeMiddleman(session_microsoft, tls.make(tmp_path_factory.mktemp("far"))).running() as fake:
        yield fake


@pytest.fixture
def between(microsoft: Microsoft, middleman: FakeMiddleman, elsewhere: FakeMiddleman) -> ThroughMiddleman:
    middleman.start()
    elsewhere.start()
    return ThroughMiddleman(microsoft, middleman)


def run(between: Microsoft, **more: Any) -> Result:
    """A run that speaks to all three hosts."""
    placeos = between.identity("placeos")
    return between.run(
        "graph_access_policy",
        **{
            "kind": "rbac",
            "transport": "admin_api",
            "app_id": placeos["client_id"],
            "app": {"client_secret": placeos["client_secret"]},
            "access": [{"group": "placeos-rooms@acme.example"}],
            "allowed_mailboxes": [ROOM],
            "denied_mailboxes": [CONTROL],
            "replication_deadline": 0,
            "retry_deadline": 0,
            **more,
        },
    )


def part_of(asked: Asked, host: str) -> bool:
    return PATHS[host] in asked.path


def credentials(between: Microsoft, middleman: FakeMiddleman) -> set[str]:
    """All secrets of the run: those that were given, and every token that was sent."""
    sent = {asked.headers.get("authorization", "").removeprefix("Bearer ") for asked in middleman.asked} - {""}
    return sent | {between.identity(who)["client_secret"] for who in ("automation", "placeos")}


@pytest.mark.parametrize("host", HOSTS)
def test_a_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent(
    between: ThroughMiddleman, elsewhere: FakeMiddleman, host: str
) -> None:
    result = run(between, **{host: elsewhere.url})
    assert result["failed"] is True
    assert elsewhere.url in result["msg"]
    assert "certificate" in result["msg"].lower()
    assert "ca_path" in result["msg"]
    assert elsewhere.asked == []


@pytest.mark.parametrize("host", HOSTS)
def test_a_certificate_of_another_name_is_refused(
    between: ThroughMiddleman, middleman: FakeMiddleman, host: str
) -> None:
    # Its certificate is for localhost and 127.0.0.1, not for this address of the same machine.
    other = f"https://127.0.0.2:{middleman.port}"
    result = run(between, **{host: other})
    assert result["failed"] is True
    assert "127.0.0.2" in result["msg"]
    assert not [asked for asked in middleman.asked if part_of(asked, host) and "127.0.0.2" in asked.headers["host"]]


@pytest.fixture(scope="module")
def expired(session_microsoft: Microsoft, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeMiddleman]:
    """The right host, of an authority that is trusted, half an hour too late."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tls, "LIFETIME", dt.timedelta(minutes=-30))
        certificates = tls.make(tmp_path_factory.mktemp("expired"))
    with FakeMiddleman(session_microsoft, certificates).running() as fake:
        yield fake


@pytest.mark.parametrize("host", HOSTS)
def test_a_certificate_that_has_ended_is_refused(
    between: ThroughMiddleman, middleman: FakeMiddleman, expired: FakeMiddleman, host: str
) -> None:
    expired.start()
    result = run(between, **{host: expired.url}, ca_path=both(between, middleman, expired))
    assert result["failed"] is True
    assert expired.url in result["msg"]
    assert "expired" in result["msg"]
    assert expired.asked == []


@pytest.mark.parametrize("host", HOSTS)
def test_a_connection_that_breaks_is_told_with_its_address(
    between: ThroughMiddleman, middleman: FakeMiddleman, host: str
) -> None:
    middleman.start(lambda asked: Said(drop=True) if part_of(asked, host) else None)
    result = run(between)
    assert result["failed"] is True
    assert middleman.url in result["msg"]
    assert not [asked for asked in middleman.asked if asked.writes]


def test_an_authority_of_the_environment_does_not_beat_the_one_that_is_given(
    between: ThroughMiddleman, elsewhere: FakeMiddleman, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", elsewhere.ca_path)
    monkeypatch.setenv("CURL_CA_BUNDLE", elsewhere.ca_path)
    monkeypatch.setenv("SSL_CERT_FILE", elsewhere.ca_path)
    for host in HOSTS:
        assert run(between, **{host: elsewhere.url})["failed"] is True
    assert elsewhere.asked == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("host", HOSTS)
def test_a_redirect_is_told_and_never_followed(
    between: ThroughMiddleman, middleman: FakeMiddleman, elsewhere: FakeMiddleman, host: str, status: int
) -> None:
    to = Said(status, b"", {"Location": f"{elsewhere.url}/v1.0/x"})
    middleman.start(lambda asked: to if part_of(asked, host) else None)
    # The other host is trusted here: only the refusal to follow keeps the credential from it.
    result = run(between, ca_path=both(between, middleman, elsewhere))
    assert result["failed"] is True
    assert str(status) in result["msg"]
    assert "redirect" in result["msg"]
    assert elsewhere.asked == []


def both(between: ThroughMiddleman, *fakes: FakeMiddleman) -> str:
    """A bundle of the authorities of several fakes."""
    bundle = Path(fakes[0].ca_path).with_name("bundle.pem")
    bundle.write_text("".join(Path(fake.ca_path).read_text() for fake in fakes))
    return str(bundle)


@pytest.mark.parametrize("ending", ["", "appRoleAssignments", "InvokeCommand"])
def test_a_link_to_the_next_page_never_leads_to_another_host(
    between: ThroughMiddleman, middleman: FakeMiddleman, elsewhere: FakeMiddleman, ending: str
) -> None:
    def rule(asked: Asked) -> Said | None:
        if part_of(asked, "login_url") or (ending and ending not in asked.path) or "next" in asked.path:
            return None
        said = middleman.passed_on(asked)
        document = json.loads(said.body or b"{}")
        path = asked.path.partition("?")[0]
        return Said.json({**document, "@odata.nextLink": f"{elsewhere.url}{path}?next=1"}, said.status)

    middleman.start(rule)
    run(between, ca_path=both(between, middleman, elsewhere))
    assert any("next=1" in asked.path for asked in middleman.asked), "the link was followed on our own host"
    assert elsewhere.asked == []


def test_a_sign_in_that_names_another_host_for_the_secret_is_not_believed(
    between: ThroughMiddleman, middleman: FakeMiddleman, elsewhere: FakeMiddleman
) -> None:
    def rule(asked: Asked) -> Said | None:
        if "openid-configuration" not in asked.path:
            return None
        document = middleman.passed_on(asked).body.decode().replace(middleman.url, elsewhere.url)
        return Said(body=document.encode())

    middleman.start(rule)
    result = run(between, ca_path=both(between, middleman, elsewhere))
    assert result["failed"] is True
    assert "another host" in result["msg"]
    assert elsewhere.asked == []


def echo(host: str, pad: int) -> Callable[[Asked], Said | None]:
    """Refusals that repeat what was sent, where a message may be cut."""

    def rule(asked: Asked) -> Said | None:
        if not part_of(asked, host):
            return None
        sent = f"{asked.headers.get('authorization', '')} {asked.body.decode()}"
        words = "x" * pad + f" you sent {sent}"
        described = {"error": "invalid_client", "error_description": f"AADSTS7000215: {words}"}
        refused = {"error": {"code": "Forbidden", "message": words}}
        return Said.json(described if host == "login_url" else refused, 401 if host == "login_url" else 403)

    return rule


@pytest.mark.parametrize("pad", [0, 240, 560])
@pytest.mark.parametrize("host", HOSTS)
def test_a_server_that_repeats_what_was_sent_shows_no_credential(
    between: ThroughMiddleman, middleman: FakeMiddleman, host: str, pad: int
) -> None:
    middleman.start(echo(host, pad))
    result = run(between)
    assert result["failed"] is True
    shown = json.dumps(result)
    for secret in credentials(between, middleman):
        assert secret not in shown
        assert secret[-24:] not in shown


@pytest.mark.parametrize("cut", range(0, 300, 60))
@pytest.mark.parametrize("host", HOSTS)
def test_a_page_that_repeats_what_was_sent_shows_no_credential_where_it_is_cut(
    between: ThroughMiddleman, middleman: FakeMiddleman, host: str, cut: int
) -> None:
    def rule(asked: Asked) -> Said | None:
        if not part_of(asked, host):
            return None
        sent = f"{asked.headers.get('authorization', '')} {asked.body.decode()}"
        return Said(400, f"{'x' * cut} {sent}".encode(), {"Content-Type": "text/plain"})

    middleman.start(rule)
    result = run(between)
    assert result["failed"] is True
    shown = json.dumps(result)
    for secret in credentials(between, middleman):
        # The first part of a token says only of what kind it is; what follows names whose it is.
        assert secret[:60] not in shown
        assert secret[:24] not in shown or secret.startswith("ey")
