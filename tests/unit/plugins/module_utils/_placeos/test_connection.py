# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in and telling platforms apart, against a fake server on loopback."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpError, HttpOptions
from ansible_collections.placeos.office365.plugins.module_utils._placeos.connection import (
    Credentials,
    PasswordGrant,
    UnusableCredentials,
    connect,
    detect,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import FakeHttpServer, Play

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGIN = Credentials(username="admin@acme.example", password="fake-password", client_id="fake-client")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHttpServer]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with FakeHttpServer().running() as fake:
        yield fake


def options(server: FakeHttpServer) -> HttpOptions:
    return HttpOptions(server.url, retry_deadline=0)


def tokens(number: int, *, refresh: bool = True) -> Play:
    more = {"refresh_token": f"fake-refresh-{number}"} if refresh else {}
    return Play(200, {"access_token": f"fake-token-{number}", **more})


def sent(server: FakeHttpServer) -> list[dict[str, Any]]:
    return [json.loads(asked.body) for asked in server.asked if asked.body]


# -- platforms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "platform"),
    [("v2.0.0", "placeos"), ("2.1", "placeos"), ("v3.0", "placeos"), ("v1.0.0", "acaengine"), ("", "acaengine")],
)
def test_the_version_of_the_authority_document_tells_the_platform(
    server: FakeHttpServer, version: str, platform: str
) -> None:
    server.play(Play(200, {"name": "Acme", "version": version}))
    assert detect(HttpClient(options(server))) == platform
    assert server.asked[0].path == "/auth/authority"


@pytest.mark.parametrize("answer", [{"hello": 1}, [], {"version": 2}, None])
def test_a_server_without_an_authority_document_is_none_of_them(server: FakeHttpServer, answer: Any) -> None:
    server.play(Play(200, answer))
    with pytest.raises(HttpError, match="not an authority document") as caught:
        detect(HttpClient(options(server)))
    assert "check the URL" in caught.value.hint


def test_an_unknown_host_name_is_told_with_the_way_out(server: FakeHttpServer) -> None:
    server.play(Play(404, {"error": "authority not found"}))
    with pytest.raises(HttpError) as caught:
        detect(HttpClient(options(server)))
    assert "host_header (placeos_host_header)" in caught.value.hint


def test_a_key_needs_no_question(server: FakeHttpServer) -> None:
    platform = connect(options(server), Credentials(api_key="fake-key"), index_lag=7)
    assert server.asked == []
    assert platform.index_lag == 7
    platform.http.get("/x")
    assert server.asked[0].headers["X-API-Key"] == "fake-key"


def test_a_key_for_the_older_platform_is_a_contradiction(server: FakeHttpServer) -> None:
    with pytest.raises(UnusableCredentials, match="has no API keys: give username, password and client_id"):
        connect(options(server), Credentials(api_key="fake-key"), platform="acaengine")


# -- the password grant ----------------------------------------------------------------------------------------------


def test_a_password_is_exchanged_for_a_token(server: FakeHttpServer) -> None:
    server.play(tokens(1))
    grant = PasswordGrant(options(server), LOGIN)
    assert grant.headers() == {"Authorization": "Bearer fake-token-1"}
    assert server.asked[0].path == "/auth/oauth/token"
    assert sent(server) == [
        {
            "client_id": "fake-client", "scope": "public", "grant_type": "password",
            "username": "admin@acme.example", "password": "fake-password",
        }
    ]  # fmt: skip


def test_a_token_is_renewed_by_the_newest_refresh_token(server: FakeHttpServer) -> None:
    server.play(tokens(1), tokens(2), tokens(3, refresh=False), tokens(4))
    grant = PasswordGrant(options(server), LOGIN)
    assert grant.renew(grant.headers()) == {"Authorization": "Bearer fake-token-2"}
    grant.renew(grant.headers())
    assert grant.renew(grant.headers()) == {"Authorization": "Bearer fake-token-4"}
    used = [body.get("refresh_token") for body in sent(server)]
    assert used == [None, "fake-refresh-1", "fake-refresh-2", "fake-refresh-2"]


def test_a_refused_refresh_token_leads_back_to_the_password(server: FakeHttpServer) -> None:
    server.play(tokens(1), Play(401, {"error": "invalid_grant"}), tokens(2))
    grant = PasswordGrant(options(server), LOGIN)
    assert grant.renew(grant.headers()) == {"Authorization": "Bearer fake-token-2"}
    assert [body["grant_type"] for body in sent(server)] == ["password", "refresh_token", "password"]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_password_is_told_with_the_way_out(server: FakeHttpServer, status: int) -> None:
    server.play(Play(status, {"error": "invalid_grant", "error_description": "not allowed"}))
    with pytest.raises(HttpError) as caught:
        PasswordGrant(options(server), LOGIN)
    assert "invalid_grant: not allowed" in str(caught.value)
    assert "create an API key" in caught.value.hint
    assert "fake-password" not in str(caught.value) + caught.value.hint
    assert len(server.asked) == 1


def test_an_answer_without_a_token_is_told(server: FakeHttpServer) -> None:
    server.play(Play(200, {"hello": 1}))
    with pytest.raises(HttpError, match="holds no access token"):
        PasswordGrant(options(server), LOGIN)


def test_a_request_whose_token_has_expired_is_sent_again_with_a_new_one(server: FakeHttpServer) -> None:
    server.play(Play(200, {"version": "v2.0.0"}), tokens(1), Play(401), tokens(2), Play(200, [1]))
    platform = connect(options(server), LOGIN)
    assert platform.http.get("/zones").data == [1]
    assert [asked.headers.get("Authorization") for asked in server.asked if asked.path == "/zones"] == [
        "Bearer fake-token-1",
        "Bearer fake-token-2",
    ]


def test_threads_that_meet_an_expired_token_share_one_renewal_whenever_they_come(server: FakeHttpServer) -> None:
    """A second renewal would revoke the token that the first has got, while others work with it."""
    server.play(tokens(1), tokens(2), tokens(3))
    grant = PasswordGrant(options(server), LOGIN)
    refused = grant.headers()
    got: list[dict[str, str]] = []
    threads = [threading.Thread(target=lambda: got.append(grant.renew(refused))) for _thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    # One whose request was on its way all the time.
    got.append(grant.renew(refused))
    assert got == [{"Authorization": "Bearer fake-token-2"}] * 5
    assert len(server.asked) == 2
