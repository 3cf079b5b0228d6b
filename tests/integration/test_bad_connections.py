# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad connections and credentials: the message says which request failed, why, and what to do."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from integration.support.modules import Result
from integration.support.server import API, Server

ZONE = {"name": "Acme", "tags": ["org"]}
LIST = f"{API}/zones?limit=10000"


def refused(server: Server, *words: str, **arguments: Any) -> Result:
    """A run that fails with all of these words in its message, changing nothing."""
    mark = server.mark()
    result = server.run("zone", **{**ZONE, "retry_deadline": 0, **arguments})
    assert result["failed"]
    for part in words:
        assert part in result["msg"], result["msg"]
    assert not result.get("changed")
    assert not [entry for entry in server.answered()[mark:] if entry["method"] != "GET" and entry["status"] == 201]
    return result


def test_no_server_at_the_port(server: Server) -> None:
    url = "http://localhost:1"
    refused(server, f"GET {url}{LIST} failed", "Connection refused", "Check the host name and port", url=url)


def test_a_host_name_that_does_not_exist(server: Server) -> None:
    url = "http://no-such-host.invalid"
    words = (f"GET {url}{LIST} failed", "'no-such-host.invalid'", "Check the host name and port")
    refused(server, *words, url=url)


def test_an_address_that_is_none(server: Server) -> None:
    assert "url" in refused(server, url="acme.example")["msg"]


def test_a_certificate_of_an_unknown_authority(tls_server: Server) -> None:
    words = (
        f"GET {tls_server.url}{LIST} failed",
        "TLS failed",
        "certificate verify failed",
        "ca_path (placeos_ca_path)",
    )
    refused(tls_server, *words, ca_path=None)


def test_a_certificate_of_an_authority_in_ca_path(tls_server: Server) -> None:
    tls_server.reset()
    assert tls_server.good("zone", **ZONE)["changed"]
    assert not tls_server.good("zone", **ZONE, ca_path=None, validate_certs=False)["changed"]


def test_a_ca_path_that_does_not_exist(server: Server) -> None:
    refused(server, "ca_path /no/such/file does not exist on the host that runs this task", ca_path="/no/such/file")


def test_a_host_name_under_which_the_server_serves_nobody(server: Server) -> None:
    words = (f"GET {server.url}{LIST} answered 401", "authority not found", "host_header (placeos_host_header)")
    refused(server, *words, host_header="globex.example")


def test_a_host_header_for_a_server_behind_another_name(server: Server) -> None:
    url = server.url.replace("localhost", "127.0.0.1")
    assert server.good("zone", **ZONE, url=url, host_header="localhost")["changed"]


def test_a_key_that_the_server_does_not_know(server: Server) -> None:
    key = "api_key-Unknown0001.notAKeyOfThisServerButSomethingElse"
    result = refused(server, f"GET {server.url}{LIST} answered 401", "placeos_api_key", api_key=key)
    assert key not in str(result)


def test_no_credentials_at_all(server: Server) -> None:
    refused(server, "no credentials: give api_key (or PLACEOS_API_KEY), token, or username, password", api_key=None)


def test_a_user_who_may_not_even_read(server: Server) -> None:
    words = (f"GET {server.url}{LIST} answered 403", "Forbidden", "configuration needs an administrator")
    refused(server, *words, api_key=server.credentials["user"])


def test_a_user_who_may_read_but_not_write_is_told_for_each_object(server: Server) -> None:
    result = server.run("domain", domain="acme.example", name="Acme", api_key=server.credentials["support"])
    assert result["failed"]
    (error,) = result["errors"]
    assert (error["kind"], error["name"], error["action"]) == ("domain", "acme.example", "create")
    assert (error["method"], error["url"], error["status"]) == ("POST", f"{server.url}{API}/domains", 403)
    assert f"- domain acme.example: POST {server.url}{API}/domains answered 403: (no words) Forbidden" in result["msg"]
    assert "configuration needs an administrator" in result["msg"]


def test_a_bearer_token_works(server: Server) -> None:
    assert server.good("zone", **ZONE, api_key=None, token=server.credentials["jwt_admin"])["changed"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_to_https_is_refused_and_named(server: Server, method: str) -> None:
    server.fault(f"{API}/zones", method=method, fault="redirect", times=0)
    words = (f"{method} {server.url}{API}/zones", "answered 301", "redirects to https://localhost", "as the URL")
    refused(server, *words)
    assert server.names("zones") == [] if method == "POST" else True


def test_a_page_in_place_of_an_answer_to_a_read(server: Server) -> None:
    server.fault(f"{API}/zones", method="GET", fault="html")
    words = (f"GET {server.url}{LIST}", "expected JSON, got an HTML page titled 'Welcome'", "URL of the server itself")
    refused(server, *words)


def test_a_page_in_place_of_an_answer_to_a_write(server: Server) -> None:
    server.fault(f"{API}/zones", method="POST", fault="html", times=0)
    refused(server, "zone Acme: POST", "expected JSON, got an HTML page titled 'Welcome'")
    server.control("faults", method="DELETE")
    assert server.good("zone", **ZONE)["changes"]["created"] == ["Acme"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, without a word on the terminal."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is inherited
        """Say nothing."""


@pytest.fixture
def web_server() -> Iterator[str]:
    """A server that has nothing to do with PlaceOS."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{httpd.server_port}"
        httpd.shutdown()


def test_a_server_that_is_not_placeos(server: Server, web_server: str) -> None:
    words = (f"GET {web_server}{LIST} answered 404", "an HTML page titled 'Error response'", "URL of the server itself")
    refused(server, *words, url=web_server)
    refused(
        server, "/auth/authority answered 404", "host_header", url=web_server, api_key=None, **server.password_grant
    )


def test_the_platform_is_asked_for_and_a_foreign_server_is_told(server: Server, web_server: str) -> None:
    server.fault("/auth/authority", body="<html><title>Portal</title></html>", status=200)
    grant = {"api_key": None, **server.password_grant}
    refused(server, "GET", "/auth/authority", "expected JSON, got an HTML page titled 'Portal'", **grant)


def test_a_read_that_takes_too_long(server: Server) -> None:
    server.fault(f"{API}/zones", method="GET", fault="hang", seconds=0.4)
    mark = server.mark()
    words = (f"GET {server.url}{LIST} failed", "no answer within 0.2 seconds", "raise timeout")
    refused(server, *words, timeout=0.2)
    # The server answers all the same, and is not to do so in the middle of the next test.
    while not server.since(mark):
        time.sleep(0.02)


def test_a_read_is_repeated_after_a_dropped_connection_and_passing_statuses(server: Server) -> None:
    server.fault(f"{API}/zones", method="GET", fault="drop")
    server.fault(f"{API}/zones", method="GET", status=503, retry_after=0.1)
    server.fault(f"{API}/zones", method="GET", status=429, retry_after=0.1)
    mark = server.mark()
    assert server.good("zone", **ZONE)["changed"]
    reads = [entry["status"] for entry in server.answered()[mark:] if entry["method"] == "GET"]
    assert reads == [None, 503, 429, 200, 200]


def test_a_server_that_stays_away_is_given_up_after_the_deadline(server: Server) -> None:
    server.fault(f"{API}/zones", method="GET", status=503, retry_after=0.1, times=0)
    mark = server.mark()
    refused(server, f"GET {server.url}{LIST} answered 503", "services are up", retry_deadline=1.05)
    # One read and a repetition each 0.1 seconds; fewer where the machine is busy.
    assert 2 <= len(server.since(mark)) <= 12


def test_the_password_grant_signs_in_on_a_server_whose_platform_is_asked(server: Server) -> None:
    grant = {"api_key": None, **server.password_grant}
    mark = server.mark()
    assert server.good("zone", **ZONE, **grant)["changed"]
    assert server.since(mark)[:2] == ["GET /auth/authority", "POST /auth/oauth/token"]
    assert not server.good("zone", **ZONE, **grant)["changed"]


def test_a_token_that_expires_on_the_way_is_renewed_once(server: Server) -> None:
    server.fault(f"{API}/zones", method="POST", status=401, body={"error": "token expired"})
    mark = server.mark()
    result = server.good("zone", **ZONE, api_key=None, **server.password_grant)
    assert result["changes"]["created"] == ["Acme"]
    assert server.since(mark).count("POST /auth/oauth/token") == 2
    assert server.names("zones") == ["Acme"]


def test_a_wrong_password_is_told_with_the_way_out(server: Server) -> None:
    grant = {"api_key": None, **server.password_grant, "password": "wrong-password"}
    result = refused(server, "POST", "/auth/oauth/token", "Check username, password and client_id", "API key", **grant)
    assert "wrong-password" not in str(result)


def test_a_server_that_says_it_is_the_older_platform_is_spoken_to_as_one(server: Server) -> None:
    server.fault("/auth/authority", status=200, body={"version": "1.9.4", "domain": "localhost"})
    words = (f"GET {server.url}/control/api/zones", "answered 404", "names the other platform")
    refused(server, *words, api_key=None, **server.password_grant)


def test_options_come_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACEOS_URL", server.url)
    monkeypatch.setenv("PLACEOS_API_KEY", server.credentials["admin"])
    assert server.good("zone", **ZONE, url=None, api_key=None)["changed"]
