# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in to ACAEngine: the platform is asked for, tokens are renewed on the way, refusals say what to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from integration.support.acaengine import API, PANEL, AcaServer
from integration.support.site import large_workplace, run_site

ZONE = {"name": "Acme", "tags": ["org"]}
TOKEN = "POST /auth/oauth/token"


def sign_ins(aca: AcaServer, mark: int) -> int:
    """How often a token was asked for."""
    return aca.since(mark).count(TOKEN)


@pytest.fixture
def with_password(aca: AcaServer, monkeypatch: pytest.MonkeyPatch) -> AcaServer:
    """Modules sign in as people do."""
    monkeypatch.setattr(aca, "options", {**aca.options, **aca.with_password()})
    return aca


def test_a_server_whose_platform_is_not_told_is_asked_once(aca: AcaServer) -> None:
    mark = aca.mark()
    assert aca.good("zone", **ZONE, **aca.with_password(platform="auto"))["changed"]
    assert aca.since(mark)[:2] == ["GET /auth/authority", TOKEN]
    assert aca.good("zone", **ZONE, platform="auto")["changed"] is False


def test_options_come_from_the_environment(aca: AcaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACEOS_URL", aca.url)
    for name, value in aca.password_grant.items():
        monkeypatch.setenv(f"PLACEOS_{name.upper()}", value)
    assert aca.good("zone", **ZONE, url=None, token=None, platform=None)["changed"]


def test_a_wrong_password_is_told_with_the_way_out_and_without_the_password(aca: AcaServer) -> None:
    result = aca.run("zone", **ZONE, **aca.with_password(password="wrong-password"))
    assert result["failed"]
    assert f"POST {aca.url}/auth/oauth/token answered 401" in result["msg"]
    assert "Check username, password and client_id" in result["msg"]
    # ACAEngine has no API keys.
    assert "API key" not in result["msg"]
    assert "wrong-password" not in str(result)


def test_a_client_id_that_the_server_does_not_know(aca: AcaServer) -> None:
    result = aca.run("zone", **ZONE, **aca.with_password(client_id="0" * 32))
    assert "Check username, password and client_id" in result["msg"]


def test_a_client_id_that_is_not_given_is_named(aca: AcaServer) -> None:
    result = aca.run("zone", **ZONE, **aca.with_password(client_id=None))
    assert "client_id missing" in result["msg"]
    assert "api_key" not in result["msg"]


def test_an_api_key_is_no_way_in(aca: AcaServer) -> None:
    result = aca.run("zone", **ZONE, api_key="a-key", token=None)
    assert "ACAEngine has no API keys: give username, password and client_id" in result["msg"]


def test_a_token_that_the_server_does_not_know(aca: AcaServer) -> None:
    result = aca.run("zone", **ZONE, token="unknown-token-of-a-test")
    assert f"GET {aca.url}{API}/zones?limit=10000 answered 401" in result["msg"]
    assert "placeos_token" in result["msg"]
    assert "unknown-token-of-a-test" not in str(result)


def test_a_v2_server_that_is_called_acaengine_is_told(server: Any) -> None:
    result = server.run("zone", **ZONE, platform="acaengine", api_key=None, token=server.credentials["jwt_admin"])
    assert result["failed"]
    assert "answered 404" in result["msg"]
    assert "platform (placeos_platform) names the other platform" in result["msg"]


def test_an_acaengine_that_is_called_placeos_is_told(aca: AcaServer) -> None:
    result = aca.run("zone", **ZONE, platform="placeos")
    assert "answered 404" in result["msg"]
    assert "platform (placeos_platform) names the other platform" in result["msg"]


def while_it_writes(aca: AcaServer, action: Callable[[], Any], times: int, work: Callable[[], Any]) -> Any:
    """Do the work, and the action every now and then while its requests arrive."""
    stop = threading.Event()

    def interfere() -> None:
        done, seen = 0, 0
        while not stop.wait(0.05) and done < times:
            now = aca.control("stats", method="GET")["writes"]
            if now - seen > 20:
                seen, done = now, done + 1
                action()

    thread = threading.Thread(target=interfere)
    thread.start()
    try:
        return work()
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("refresh", [False, True], ids=["refreshable", "not-even-refreshable"])
def test_tokens_that_expire_in_the_middle_of_a_run_with_eight_workers(with_password: AcaServer, refresh: bool) -> None:
    aca = with_password
    rooms = [{"name": f"Room {number:03}"} for number in range(200)]
    mark = aca.mark()
    result = while_it_writes(
        aca,
        lambda: aca.control("expire-tokens", {"refresh": refresh}),
        3,
        lambda: aca.good("system", systems=rooms),
    )
    assert len(result["changes"]["created"]) == 200
    assert len(aca.names("systems")) == 200
    # One to begin with; for each expiry a refresh, and where that is refused a new sign-in.
    assert 2 <= sign_ins(aca, mark) <= 1 + 3 * (2 if refresh else 1)


def test_tokens_of_one_second_are_good_enough(with_password: AcaServer) -> None:
    aca = with_password
    aca.control("faults", {"fault": "token-lifetime", "seconds": 1})
    aca.control("latency", {"ms": 20})
    rooms = [{"name": f"Room {number:03}"} for number in range(400)]
    mark = aca.mark()
    started = time.monotonic()
    assert len(aca.good("system", systems=rooms)["changes"]["created"]) == 400
    seconds = time.monotonic() - started
    assert 2 <= sign_ins(aca, mark) <= 2 + seconds, "workers whose tokens end at once share one renewal"
    aca.control("latency", {"ms": 0})
    run_site(aca, large_workplace(24))
    assert run_site(aca, large_workplace(24)) == []
    assert [row["class_name"] for row in aca.rows("dependencies")] == [PANEL]
