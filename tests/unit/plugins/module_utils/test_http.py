# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which a request can fail, against a fake server on loopback; nothing ever really sleeps."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import Hints, HttpClient, HttpError, HttpOptions
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import (
    FakeHttpServer,
    Play,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

KEY = "fake-api-key-0123456789"
SECRET = "fake-secret-in-a-body"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, certificate or netrc of the machine plays a part."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
            monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[FakeHttpServer]:
    with FakeHttpServer().running() as fake:
        yield fake


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(server: FakeHttpServer, slept: list[float]) -> HttpClient:
    return new_client(server.url, slept)


def new_client(url: str, slept: list[float], **options: Any) -> HttpClient:
    http = HttpClient(HttpOptions(url, **options), sleep=slept.append)
    http.authorise({"X-API-Key": KEY})
    return http


def failing(call: Callable[[], Any]) -> HttpError:
    """The error of a call; it never shows a credential."""
    with pytest.raises(HttpError) as caught:
        call()
    shown = f"{caught.value} {caught.value.words} {caught.value.hint} {caught.value!r}"
    assert KEY not in shown
    assert SECRET not in shown
    return caught.value


def post(http: HttpClient) -> Any:
    return http.request("POST", "/things", body={"password": SECRET})


# -- good answers ----------------------------------------------------------------------------------------------------


def test_a_request_carries_path_query_body_and_credentials(server: FakeHttpServer, client: HttpClient) -> None:
    server.play(Play(201, {"id": "x"}, {"X-Total-Count": "1"}))
    answer = client.request(
        "POST", "/a%20b", query={"limit": 5, "none": None, "q": "R&D"}, body={"é": 1}, headers={"X": "y"}
    )
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/a%20b?limit=5&q=R%26D")
    assert json.loads(asked.body) == {"é": 1}
    assert asked.headers["X-API-Key"] == KEY
    assert asked.headers["X"] == "y"
    assert asked.headers["Accept"] == asked.headers["Content-Type"] == "application/json"
    assert asked.headers["User-Agent"] == "ansible-placeos.office365"
    assert (answer.status, answer.data, answer.headers["x-total-count"]) == (201, {"id": "x"}, "1")


def test_an_empty_answer_is_none(server: FakeHttpServer, client: HttpClient) -> None:
    server.play(Play(202))
    assert client.request("DELETE", "/things/1").data is None


def test_a_plain_ok_is_an_answer(server: FakeHttpServer, client: HttpClient) -> None:
    server.play(Play(200, b"OK", {"Content-Type": "text/plain; charset=utf-8"}))
    assert client.request("POST", "/things/1/start").data == "OK"


def test_one_connection_serves_many_requests_and_cookies_are_not_kept(
    server: FakeHttpServer, client: HttpClient
) -> None:
    server.play(Play(200, [], {"Set-Cookie": "session=fake; Path=/"}))
    for _request in range(3):
        client.get("/things")
    assert server.connections == 1
    assert all("Cookie" not in asked.headers for asked in server.asked)


def test_the_host_header_names_the_domain(server: FakeHttpServer, slept: list[float]) -> None:
    new_client(server.url, slept, host_header="acme.placeos.example").get("/x")
    assert server.asked[0].headers["Host"] == "acme.placeos.example"


# -- no connection ---------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_refused_connection_is_told_and_may_be_tried_again(slept: list[float]) -> None:
    http = new_client(f"http://127.0.0.1:{free_port()}", slept, retry_deadline=0)
    error = failing(lambda: post(http))
    assert (error.reason, error.maybe_done, error.unreachable) == ("refused", False, True)
    assert "refused" in error.words.lower()
    assert "Check the host name and port" in error.hint


def test_a_connection_that_was_refused_is_tried_again_even_for_a_write() -> None:
    """Nothing reached the server, so nothing can be done twice."""
    port = free_port()
    with contextlib.ExitStack() as stack:
        started: list[FakeHttpServer] = []

        def start(_seconds: float) -> None:
            if not started:
                started.append(stack.enter_context(FakeHttpServer(port=port).running()))

        http = HttpClient(HttpOptions(f"http://127.0.0.1:{port}"), sleep=start)
        assert post(http).status == 200
        assert started[0].methods == ["POST"]


def test_an_unknown_host_is_told(slept: list[float]) -> None:
    error = failing(lambda: new_client("http://host.invalid", slept, retry_deadline=0).get("/x"))
    assert (error.reason, error.unreachable) == ("refused", True)
    assert "object at 0x" not in error.words


@pytest.mark.parametrize("url", ["http://:80", "http://acme.example:port"])
def test_a_url_that_is_none_is_told_and_not_tried_again(url: str, slept: list[float]) -> None:
    error = failing(lambda: new_client(url, slept).get("/x"))
    assert (error.reason, error.unreachable, error.maybe_done) == ("url", True, False)
    assert slept == []


def test_no_answer_in_time_is_told(server: FakeHttpServer, slept: list[float]) -> None:
    server.play(Play(hold=True))
    http = new_client(server.url, slept, timeout=0.2, retry_deadline=0)
    error = failing(lambda: post(http))
    assert (error.reason, error.maybe_done) == ("timeout", True)
    assert error.words == "no answer within 0.2 seconds"
    assert failing(lambda: http.get("/things")).maybe_done is False


def test_a_connection_dropped_in_a_read_is_retried(
    server: FakeHttpServer, client: HttpClient, slept: list[float]
) -> None:
    server.play(Play(drop=True), Play(drop=True), Play(200, [1]))
    assert client.get("/things").data == [1]
    assert server.methods == ["GET"] * 3
    assert len(slept) == 2


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_connection_dropped_in_a_write_is_not_retried(
    server: FakeHttpServer, client: HttpClient, slept: list[float], method: str
) -> None:
    server.play(Play(drop=True), Play(200))
    error = failing(lambda: client.request(method, "/things"))
    assert (error.reason, error.maybe_done, error.unreachable) == ("dropped", True, False)
    assert "nothing is made twice" in error.hint
    assert server.methods == [method]
    assert slept == []


def test_a_slow_read_is_retried(server: FakeHttpServer, slept: list[float]) -> None:
    server.play(Play(hold=True), Play(200, []))
    assert new_client(server.url, slept, timeout=0.2).get("/things").data == []
    assert server.methods == ["GET", "GET"]


# -- TLS -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A self-signed certificate for 127.0.0.1."""
    pytest.importorskip("cryptography")
    import datetime as dt
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fake")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("fake-tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return str(folder / "cert.pem"), str(folder / "key.pem")


@pytest.fixture
def tls_server(certificate: tuple[str, str]) -> Iterator[FakeHttpServer]:
    with FakeHttpServer(certificate).running() as fake:
        fake.play(Play(200, []))
        yield fake


def test_a_self_signed_certificate_is_refused_with_what_to_do(tls_server: FakeHttpServer, slept: list[float]) -> None:
    error = failing(lambda: post(new_client(tls_server.url, slept)))
    assert (error.reason, error.unreachable, error.maybe_done) == ("tls", True, False)
    assert "certificate verify failed" in error.words
    assert "ca_path (placeos_ca_path)" in error.hint
    assert (slept, tls_server.asked) == ([], [])


def test_with_its_authority_a_private_certificate_is_fine(
    tls_server: FakeHttpServer, slept: list[float], certificate: tuple[str, str]
) -> None:
    assert new_client(tls_server.url, slept, verify=certificate[0]).get("/x").data == []


def test_verification_can_be_switched_off(tls_server: FakeHttpServer, slept: list[float]) -> None:
    with pytest.warns(Warning, match="Unverified"):
        assert new_client(tls_server.url, slept, verify=False).get("/x").data == []


def test_the_authority_may_come_from_the_environment(
    tls_server: FakeHttpServer, slept: list[float], certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate[0])
    assert new_client(tls_server.url, slept).get("/x").data == []


def test_plain_http_to_a_tls_port_and_the_reverse_are_errors(
    server: FakeHttpServer, tls_server: FakeHttpServer, slept: list[float]
) -> None:
    plain = new_client(tls_server.url.replace("https", "http"), slept, retry_deadline=0, timeout=2)
    assert failing(lambda: post(plain)).reason in ("dropped", "timeout")
    reverse = new_client(server.url.replace("http", "https"), slept, retry_deadline=0, timeout=2)
    assert failing(lambda: post(reverse)).reason == "tls"


# -- redirects and strangers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_refused_and_names_the_right_url(
    server: FakeHttpServer, client: HttpClient, status: int, method: str, slept: list[float]
) -> None:
    server.play(Play(status, headers={"Location": "https://acme.placeos.example/api/engine/v2/zones?x=1"}))
    error = failing(lambda: client.request(method, "/api/engine/v2/zones"))
    assert (error.reason, error.status, error.maybe_done) == ("redirect", status, False)
    assert error.words == "the server redirects to https://acme.placeos.example"
    assert "use https://acme.placeos.example as the URL" in error.hint
    assert (len(server.asked), slept) == (1, [])


def test_a_redirect_to_a_path_shows_it(server: FakeHttpServer, client: HttpClient) -> None:
    server.play(Play(302, headers={"Location": "/login"}))
    assert failing(lambda: client.get("/x")).words == "the server redirects to /login"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_instead_of_json_is_told_by_its_title(
    server: FakeHttpServer, client: HttpClient, method: str, slept: list[float]
) -> None:
    page = b"<!DOCTYPE html><html><head><title> Sign in </title></head><body></body></html>"
    server.play(Play(200, page, {"Content-Type": "text/html"}))
    error = failing(lambda: client.request(method, "/x"))
    assert (error.reason, error.words) == ("content", "expected JSON, got an HTML page titled 'Sign in'")
    assert error.maybe_done == (method == "POST")
    assert "the URL of the server itself" in error.hint
    assert (len(server.asked), slept) == (1, [])


def test_any_other_text_is_shown_shortened(server: FakeHttpServer, client: HttpClient) -> None:
    server.play(Play(200, b"hello " * 200, {"Content-Type": "application/octet-stream"}))
    words = failing(lambda: client.get("/x")).words
    assert words.startswith("expected JSON, got hello hello")
    assert len(words) < 350


# -- statuses --------------------------------------------------------------------------------------------------------


def test_a_limit_is_kept_to_and_even_a_create_sent_again(
    server: FakeHttpServer, client: HttpClient, slept: list[float]
) -> None:
    """429 says that the request was not carried out."""
    server.play(Play(429, {"error": "slow down"}, {"Retry-After": "3"}), Play(201, {"id": 1}))
    assert post(client).data == {"id": 1}
    assert server.methods == ["POST", "POST"]
    assert slept == [3.0]


def test_a_limit_without_a_time_is_met_with_growing_pauses(
    server: FakeHttpServer, client: HttpClient, slept: list[float]
) -> None:
    server.play(*[Play(429)] * 4, Play(200, []))
    client.get("/x")
    assert len(slept) == 4
    assert all(0.1 <= pause <= 4.0 for pause in slept)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_waits_for_a_service_that_is_briefly_away(
    server: FakeHttpServer, client: HttpClient, slept: list[float], status: int
) -> None:
    server.play(Play(status, b"<html><title>x</title></html>", {"Retry-After": "2"}), Play(200, []))
    assert client.get("/x").data == []
    assert slept == [2.0]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_write_through_a_proxy_that_gave_up_is_not_sent_again(
    server: FakeHttpServer, client: HttpClient, slept: list[float], status: int
) -> None:
    """The proxy's answer says nothing about what the server behind it did."""
    server.play(Play(status, headers={"Retry-After": "2"}), Play(201))
    error = failing(lambda: post(client))
    assert (error.status, error.maybe_done) == (status, True)
    assert (server.methods, slept) == (["POST"], [])


def test_retries_end_at_the_deadline(server: FakeHttpServer, slept: list[float]) -> None:
    server.play(Play(503, headers={"Retry-After": "100"}))
    error = failing(lambda: new_client(server.url, slept, retry_deadline=60).get("/x"))
    assert error.status == 503
    assert (len(server.asked), slept) == (1, [])


def test_a_retry_after_that_is_a_date_or_rubbish_does_no_harm(
    server: FakeHttpServer, client: HttpClient, slept: list[float]
) -> None:
    server.play(
        Play(429, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        Play(429, headers={"Retry-After": "-5"}),
        Play(),
    )
    client.get("/x")
    assert len(slept) == 2
    assert all(pause >= 0 for pause in slept)


def test_a_status_that_is_an_answer_is_not_retried(
    server: FakeHttpServer, client: HttpClient, slept: list[float]
) -> None:
    server.play(Play(503, {"compilation_output": "Error"}))
    error = failing(lambda: client.get("/drivers/x/compiled", final=(503,)))
    assert error.data == {"compilation_output": "Error"}
    assert (len(server.asked), slept) == (1, [])


@pytest.mark.parametrize(
    ("play", "words"),
    [
        (Play(400, {"error": "Expected BeginArray"}), "Expected BeginArray"),
        (Play(403, None), "(no words) Forbidden"),
        (Play(404, b"Requested resource not found", {"Content-Type": "text/plain"}), "Requested resource not found"),
        (Play(409, {"error": "attempting to edit an old version"}), "attempting to edit an old version"),
        (Play(500, {}), "(no words) Internal Server Error"),
        (Play(500, {"message": "x", "error": "request failed"}), "x: request failed"),
        (Play(400, {"error": "invalid_grant", "error_description": "bad password"}), "invalid_grant: bad password"),
        (
            Play(413, b"<html><head><title>413 Too Large</title></head></html>", {"Content-Type": "text/plain"}),
            "an HTML page titled '413 Too Large'",
        ),
    ],
)
def test_a_failure_has_the_servers_words_and_is_sent_once(
    server: FakeHttpServer, client: HttpClient, slept: list[float], play: Play, words: str
) -> None:
    server.play(play)
    for call in (lambda: client.get("/x"), lambda: post(client)):
        error = failing(call)
        assert (error.status, error.words, error.reason) == (play.status, words, "status")
        assert error.maybe_done is False
    assert (server.methods, slept) == (["GET", "POST"], [])


def test_refused_values_are_told_field_by_field(server: FakeHttpServer, client: HttpClient) -> None:
    failures = [{"field": "name", "reason": "should be unique"}, {"field": "email", "reason": "is bad"}]
    server.play(Play(422, {"error": "validation failed", "failures": failures}, {"X-Request-ID": "fake-request-7"}))
    error = failing(lambda: post(client))
    assert error.words == "name should be unique; email is bad"
    assert error.failures == failures
    assert error.request_id == "fake-request-7"
    assert str(error) == f"POST {server.url}/things -> 422: name should be unique; email is bad"


def test_refused_values_are_told_field_by_field_in_the_words_of_rails_too(
    server: FakeHttpServer, client: HttpClient
) -> None:
    server.play(Play(406, {"name": ["has already been taken"], "port": ["is invalid", "can't be blank"]}))
    error = failing(lambda: post(client))
    assert error.words == "name has already been taken; port is invalid; port can't be blank"
    assert error.failures[0] == {"field": "name", "reason": "has already been taken"}
    assert len(error.failures) == 3


@pytest.mark.parametrize("answer", [{}, {"name": "is bad"}, {"error": "x", "names": ["y"]}])
def test_what_only_looks_like_a_list_of_fields_is_none(
    server: FakeHttpServer, client: HttpClient, answer: dict[str, Any]
) -> None:
    server.play(Play(406, answer))
    assert failing(lambda: post(client)).failures == []


def test_the_words_of_a_failure_may_be_plain_text(server: FakeHttpServer, client: HttpClient) -> None:
    server.play(Play(500, b"module failed to start", {"Content-Type": "text/plain; charset=utf-8"}))
    assert failing(lambda: post(client)).words == "module failed to start"


def test_strange_failures_do_no_harm(server: FakeHttpServer, client: HttpClient) -> None:
    server.play(Play(422, {"error": "validation failed", "failures": ["odd"]}))
    assert failing(lambda: post(client)).failures == []
    server.play(Play(422, ["odd"]))
    assert "odd" in failing(lambda: post(client)).words


# -- credentials -----------------------------------------------------------------------------------------------------


def test_an_expired_token_is_renewed_once_even_for_a_write(server: FakeHttpServer, slept: list[float]) -> None:
    http = new_client(server.url, slept)
    renewed: list[str] = []

    def renew(refused: Mapping[str, str]) -> dict[str, str]:
        renewed.append(refused["Authorization"])
        return {"Authorization": "Bearer fake-new"}

    http.authorise({"Authorization": "Bearer fake-old"}, renew)
    server.play(Play(401), Play(201, {}))
    post(http)
    assert [asked.headers["Authorization"] for asked in server.asked] == ["Bearer fake-old", "Bearer fake-new"]
    server.play(Play(401, {"error": "token expired"}))
    assert failing(lambda: post(http)).status == 401
    assert renewed == ["Bearer fake-old", "Bearer fake-new"]
    assert len(server.asked) == 4


def test_a_refused_key_is_not_tried_again(server: FakeHttpServer, client: HttpClient, slept: list[float]) -> None:
    server.play(Play(401, {"error": "unknown key"}))
    assert failing(lambda: client.get("/x")).status == 401
    assert (len(server.asked), slept) == (1, [])


def test_a_netrc_does_not_replace_the_credentials(
    server: FakeHttpServer, slept: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login fake password fake\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    http = new_client(server.url, slept)
    http.authorise({"Authorization": "Bearer fake-token"})
    http.get("/x")
    assert server.asked[0].headers["Authorization"] == "Bearer fake-token"


# -- proxies ---------------------------------------------------------------------------------------------------------


def test_the_proxy_of_the_environment_is_used(
    server: FakeHttpServer, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    server.play(Play(200, []))
    new_client("http://acme.placeos.example", slept).get("/zones")
    assert server.asked[0].path == "http://acme.placeos.example/zones"


@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "*", "placeos.example,127.0.0.0/8"])
def test_no_proxy_is_honoured(
    server: FakeHttpServer, slept: list[float], monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", no_proxy)
    new_client(server.url, slept).get("/zones")
    assert server.asked[0].path == "/zones"


def test_a_proxy_that_does_not_answer_is_told_as_such(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    http = new_client("http://acme.placeos.example", slept, retry_deadline=0)
    error = failing(lambda: post(http))
    assert (error.reason, error.unreachable, error.maybe_done) == ("refused", True, False)
    assert "the proxy does not answer" in error.words
    assert "no_proxy" in error.hint


# -- for other servers than PlaceOS ----------------------------------------------------------------------------------


def test_a_post_that_changes_nothing_is_repeated_like_a_read(
    server: FakeHttpServer, client: HttpClient, slept: list[float]
) -> None:
    server.play(Play(503), Play(drop=True), Play(200, {"found": 1}))
    assert client.request("POST", "/search", body={}, repeatable=True).data == {"found": 1}
    assert (len(server.asked), len(slept)) == (3, 2)


def test_a_server_may_name_a_date_until_which_to_wait(
    server: FakeHttpServer, client: HttpClient, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1_792_000_000.0)
    server.play(Play(429, None, {"Retry-After": "Wed, 14 Oct 2026 17:46:52 GMT"}), Play(200, {}))
    client.get("/x")
    assert slept == [12.0]


@pytest.mark.parametrize("value", ["nan", "inf", "soon", "", "0", "-5"])
def test_a_senseless_time_to_wait_is_backed_off(
    server: FakeHttpServer, client: HttpClient, slept: list[float], value: str
) -> None:
    server.play(Play(429, None, {"Retry-After": value}), Play(200, {}))
    client.get("/x")
    assert 0 < slept[0] <= 0.5


def test_pauses_count_towards_the_deadline(server: FakeHttpServer, client: HttpClient, slept: list[float]) -> None:
    server.play(Play(429, None, {"Retry-After": "25"}))
    assert failing(lambda: client.get("/x")).status == 429
    assert slept == [25.0, 25.0]


def test_a_credential_that_is_no_header_is_not_shown(server: FakeHttpServer, client: HttpClient) -> None:
    client.authorise({"X-API-Key": KEY + "\n"})
    error = failing(lambda: client.get("/x"))
    assert error.unreachable
    assert "line break" in error.words
    assert not server.asked


def test_a_refusal_without_text_is_told_by_its_status(server: FakeHttpServer, client: HttpClient) -> None:
    server.play(Play(403, b"\x00" * 40))
    assert failing(lambda: client.get("/x")).words == "(no words) Forbidden"


def test_each_server_has_hints_of_its_own(slept: list[float], server: FakeHttpServer) -> None:
    http = new_client(server.url, slept, hints=Hints(tls="t", lost="l", content="c"))
    server.play(Play(drop=True), Play(200, b"<html>"))
    assert failing(lambda: post(http)).hint == "l"
    assert failing(lambda: http.get("/x")).hint == "c"


@pytest.mark.parametrize("content", [rb'{"name": "a\ud800b"}', b'{"name": "a\xed\xa0\x80b"}'])
def test_half_a_surrogate_pair_does_not_get_in(server: FakeHttpServer, client: HttpClient, content: bytes) -> None:
    server.play(Play(content=content))
    assert client.get("/").data == {"name": "a?b"}


def test_a_whole_surrogate_pair_stays(server: FakeHttpServer, client: HttpClient) -> None:
    server.play(Play(content=rb'{"name": "\ud83d\ude00 \u00ed"}'))
    assert client.get("/").data == {"name": "\U0001f600 í"}
