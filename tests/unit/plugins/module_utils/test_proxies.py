# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The password in a proxy's address is in no message, whatever is wrong with that address."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpError, HttpOptions
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import CLOUDS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import (
    Identity,
    TokenError,
    Tokens,
)
from ansible_collections.placeos.office365.plugins.module_utils._proxies import unusable

MALFORMED = [
    "http://bob:hunter2/secret@127.0.0.1:9",
    "http://bob:123/secret@127.0.0.1:9",
    "http://bob:hunter2#secret@127.0.0.1:9",
    "http://bob:hunter2?secret@127.0.0.1:9",
    "http://bob:hunter2secret@127.0.0.1:99999999",
    "http://bob:hunter2secret@bad host:3128",
    "http://bob:hunter2secret@[::1:9",
    "http://bob:hunter2secret@",
    "ftp://bob:hunter2secret@127.0.0.1:9",
    "bob:hunter2secret@127.0.0.1:9",
]
CLOSED = "http://bob:hunter2secret@127.0.0.1:9"
SERVER = "https://graph.example"


@pytest.fixture(autouse=True)
def _no_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def through(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy)


@pytest.mark.parametrize("proxy", [*MALFORMED, CLOSED])
def test_no_request_tells_the_password_of_the_proxy(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    through(monkeypatch, proxy)
    with pytest.raises(HttpError) as raised:
        HttpClient(HttpOptions(SERVER, retry_deadline=0)).get("/v1.0/places")
    said = f"{raised.value} {raised.value.hint}"
    assert "hunter2" not in said
    assert "bob" not in said
    assert "the proxy" in said
    assert "https_proxy" in said
    assert raised.value.unreachable


@pytest.mark.parametrize("proxy", [MALFORMED[0], CLOSED])
def test_no_sign_in_tells_it_either(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    through(monkeypatch, proxy)
    identity = Identity("acme.example", "aaaabbbb-0000-4000-8000-000000000001", "worthless")
    with pytest.raises(TokenError) as raised:
        Tokens(identity, CLOUDS["global"], login_url="https://login.example", retry_deadline=0).get(SERVER)
    assert "hunter2" not in str(raised.value)
    assert "the proxy" in str(raised.value)


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:3128", "https://bob:p%2Fw@proxy.example:3128/", "proxy.example:3128", "socks5://h:1"]
)
def test_what_is_an_address_is_used(proxy: str) -> None:
    assert not unusable(SERVER, {"https": proxy})
    assert not unusable(SERVER, {})
    assert not unusable(SERVER, {"http": MALFORMED[0]})


def test_a_server_that_is_reached_without_the_proxy_does_not_care(monkeypatch: pytest.MonkeyPatch) -> None:
    through(monkeypatch, MALFORMED[0])
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(HttpError, match="no connection"):
        HttpClient(HttpOptions("https://127.0.0.1:9", retry_deadline=0)).get("/v1.0/places")
