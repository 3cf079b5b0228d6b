# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the Microsoft side are given: fake servers on loopback, with TLS, and a clock of their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpOptions
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import CLOUDS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import (
    MICROSOFT_HINTS,
    Identity,
    Tokens,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_authority import (
    FakeCertificate,
    fake_certificate,
    written,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_entra import (
    CLIENT,
    SECRET,
    TENANT,
    FakeEntra,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import FakeHttpServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, certificate, netrc or credential of the machine plays a part."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("AZURE_"):
            monkeypatch.delenv(name)
        if name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def server_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Paths of the fake servers' certificate, which is also its CA, and of its key."""
    return written(fake_certificate(None, "127.0.0.1", "localhost"), tmp_path_factory.mktemp("fake_tls"))


@pytest.fixture(scope="session")
def app_certificate() -> FakeCertificate:
    """The certificate of a fake application."""
    return fake_certificate()


@pytest.fixture
def entra(server_certificate: tuple[str, str]) -> Iterator[FakeEntra]:
    """A fake sign-in."""
    with FakeHttpServer(server_certificate).running() as server:
        yield FakeEntra(server)


@pytest.fixture
def server() -> Iterator[FakeHttpServer]:
    """A fake Graph; it plays a script."""
    with FakeHttpServer().running() as fake:
        yield fake


@pytest.fixture
def slept() -> list[float]:
    """The pauses; nobody really sleeps."""
    return []


class FakeClock:
    """Seconds since 1970 that pass only when told to."""

    now = 1_900_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tokens_of(
    entra: FakeEntra, server_certificate: tuple[str, str], slept: list[float], clock: FakeClock
) -> Callable[..., Tokens]:
    """Tokens of an identity at the fake sign-in; by default with a secret."""

    def make(identity: Identity | None = None, **options: Any) -> Tokens:
        given = {"login_url": entra.server.url, "verify": server_certificate[0], **options}
        who = identity or Identity(TENANT, CLIENT, client_secret=SECRET)
        return Tokens(who, CLOUDS["global"], sleep=slept.append, clock=clock, **given)

    return make


class FakeTokens:
    """Tokens without a sign-in: fake-token-0, and another one each time a fresh one is wanted."""

    renewable = True

    def __init__(self) -> None:
        self.fresh = 0

    def get(self, audience: str, *, fresh: bool = False) -> str:
        self.fresh += fresh
        return f"fake-token-{self.fresh}"


@pytest.fixture
def fake_tokens() -> FakeTokens:
    return FakeTokens()


@pytest.fixture
def graph(server: FakeHttpServer, fake_tokens: FakeTokens, slept: list[float]) -> Graph:
    """Graph on the fake server."""
    http = HttpClient(HttpOptions(server.url, hints=MICROSOFT_HINTS), sleep=slept.append)
    return Graph(http, fake_tokens, CLOUDS["global"], sleep=slept.append)  # type: ignore[arg-type]
