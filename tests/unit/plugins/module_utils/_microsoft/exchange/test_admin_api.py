# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The undocumented endpoint: what is sent, and whatever comes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpOptions
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.admin_api import AdminApi
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import Answer, Command
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_exchange import (
    NOT_FOUND,
    TENANT,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import (
    FakeHttpServer,
    Play,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = f"/adminapi/beta/{TENANT}/InvokeCommand"
LIST = Command("Get-ApplicationAccessPolicy")
REMOVE = Command("Remove-ApplicationAccessPolicy", {"Identity": "p"})


@pytest.fixture
def server() -> Iterator[FakeHttpServer]:
    fake = FakeHttpServer()
    with fake.running():
        yield fake


def api(server: FakeHttpServer, tokens: list[str] | None = None, tenant: str = TENANT) -> AdminApi:
    given = iter(tokens or ["fake-token"])
    options = HttpOptions(server.url, timeout=5, retry_deadline=3)
    return AdminApi(HttpClient(options, sleep=lambda _s: None), tenant, lambda _fresh: next(given), workers=2)


def page(*rows: dict[str, Any], **more: Any) -> Play:
    return Play(content={"@odata.context": "x", "@adminapi.warnings": [], "value": list(rows), **more})


def run(server: FakeHttpServer, command: Command = LIST, *script: Play) -> Answer:
    server.script = list(script)
    (answer,) = api(server).run([command])
    return answer


def failed(server: FakeHttpServer, *script: Play, command: Command = LIST) -> Any:
    error = run(server, command, *script).error
    assert error is not None
    return error


def test_the_request_is_the_one_that_is_known_to_work(server: FakeHttpServer) -> None:
    answer = run(server, LIST, page({"Identity": "p", "AppId@data.type": "x", "AppId": "a"}))
    assert list(answer.rows) == [{"Identity": "p", "AppId": "a"}]
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", PATH)
    assert json.loads(asked.body) == {"CmdletInput": {"CmdletName": "Get-ApplicationAccessPolicy", "Parameters": {}}}
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["authorization"] == "Bearer fake-token"
    assert headers["prefer"] == "odata.maxpagesize=1000"
    assert headers["x-anchormailbox"] == f"APP:SystemMailbox{{bb558c35-97f1-4cb9-8ff7-d53741dc928c}}@{TENANT}"


def test_a_tenant_by_domain_has_another_anchor(server: FakeHttpServer) -> None:
    server.script = [page()]
    api(server, tenant="acme.onmicrosoft.com").run([LIST])
    assert server.asked[0].headers["X-AnchorMailbox"].startswith("UPN:SystemMailbox")


def test_removals_are_confirmed(server: FakeHttpServer) -> None:
    run(server, REMOVE, Play(status=200))
    assert json.loads(server.asked[0].body)["CmdletInput"]["Parameters"] == {"Identity": "p", "Confirm": False}


def test_all_pages_are_read_by_posting_the_same_body_to_our_own_host(server: FakeHttpServer) -> None:
    link = {"@odata.nextLink": f"https://elsewhere.example{PATH}?%24skiptoken=AAAA"}
    answer = run(server, LIST, page({"n": 1}, **link), page({"n": 2}))
    assert [row["n"] for row in answer.rows] == [1, 2]
    assert [asked.path for asked in server.asked] == [PATH, f"{PATH}?%24skiptoken=AAAA"]
    assert server.asked[0].body == server.asked[1].body


def test_pages_without_end_are_a_fault(server: FakeHttpServer) -> None:
    link = {"@odata.nextLink": f"https://x{PATH}?%24skiptoken=AAAA"}
    assert failed(server, page({"n": 1}, **link)).kind == "malformed"
    assert len(server.asked) == 2


@pytest.mark.parametrize("link", [7, "", None, "https://x/elsewhere", []])
def test_a_link_to_no_page_is_not_followed(server: FakeHttpServer, link: Any) -> None:
    run(server, LIST, page({"n": 1}, **{"@odata.nextLink": link}))
    assert len(server.asked) == 1


def error_body(message: str, **inner: Any) -> dict[str, Any]:
    details = [{"code": "Context", "target": "", "message": message}]
    return {"error": {"code": "NotFound", "message": "Error executing cmdlet", "details": details, **inner}}


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize(
    "message", [NOT_FOUND, json.dumps({"Message": "object 'x' couldn't be found.", "TypeName": "T"})]
)
def test_not_found_comes_with_either_status_and_in_either_form(
    server: FakeHttpServer, status: int, message: str
) -> None:
    error = failed(server, Play(status=status, content=error_body(message)))
    assert error.kind == "not_found"
    assert "couldn't be found" in error.words
    assert "|" not in error.words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"code": "BadRequest", "message": "plain words"}}, "plain words"),
        ({"error": {"message": "m", "innererror": {"internalexception": {"message": "Ex1|A.B|inner"}}}}, "inner"),
        ({"error": {"message": "m", "details": "text", "innererror": 7}}, "m"),
        ({"error": {"message": "m", "details": [None, {"message": None}]}}, "m"),
    ],
)
def test_the_best_words_of_an_error_are_taken(server: FakeHttpServer, body: Any, words: str) -> None:
    assert failed(server, Play(status=400, content=body)).words == words


@pytest.mark.parametrize("content", [b"", b"\0" * 16, b"<html><title>no</title></html>"])
def test_a_403_without_words_tells_what_right_is_needed(server: FakeHttpServer, content: bytes) -> None:
    error = failed(server, Play(status=403, content=content))
    assert error.kind == "missing_right"
    assert "Exchange.ManageAsApp" in str(error)
    assert "\0" not in str(error)


def test_a_refused_token_is_renewed_once(server: FakeHttpServer) -> None:
    server.script = [Play(status=401, content=b""), page({"n": 1})]
    (answer,) = api(server, ["old", "new"]).run([LIST])
    assert answer.error is None
    assert [asked.headers["Authorization"] for asked in server.asked] == ["Bearer old", "Bearer new"]


def test_a_token_that_stays_refused_is_told_in_words(server: FakeHttpServer) -> None:
    server.script = [Play(status=401, content=b"")]
    (answer,) = api(server, ["old", "new"]).run([LIST])
    assert answer.error is not None
    assert (answer.error.kind, "token" in answer.error.hint) == ("sign_in", True)


def test_a_redirect_is_refused_and_names_the_host_to_use(server: FakeHttpServer) -> None:
    error = failed(server, Play(status=302, headers={"Location": "https://eur01.example/adminapi"}))
    assert "https://eur01.example" in str(error)
    assert "exchange_url" in str(error)
    assert len(server.asked) == 1


@pytest.mark.parametrize("command", [LIST, REMOVE])
def test_throttling_is_waited_out_also_for_writes(server: FakeHttpServer, command: Command) -> None:
    assert run(server, command, Play(status=429, headers={"Retry-After": "0"}), page()).error is None
    assert len(server.asked) == 2


def test_a_lost_write_is_not_repeated_and_a_lost_read_is(server: FakeHttpServer) -> None:
    error = failed(server, Play(status=503, content=b""), page(), command=REMOVE)
    assert (error.kind, "run again in some minutes" in error.hint) == ("unreachable", True)
    assert len(server.asked) == 1
    assert run(server, LIST, Play(drop=True), page()).error is None


@pytest.mark.parametrize(
    "content",
    [
        b"<html>portal</html>",
        b'{"value": ',
        b"[]",
        b'"text"',
        b"7",
        b'{"value": {}}',
        b'{"value": [1]}',
        b'{"value": "x"}',
    ],
)
def test_an_answer_of_another_kind_is_a_clear_fault(server: FakeHttpServer, content: bytes) -> None:
    error = failed(server, Play(content=content))
    assert error.kind == "malformed"
    assert PATH in str(error)


@pytest.mark.parametrize("content", [b"", b"{}"])
def test_a_cmdlet_without_output_may_answer_with_nothing(server: FakeHttpServer, content: bytes) -> None:
    assert list(run(server, REMOVE, Play(content=content)).rows) == []


def test_warnings_come_along(server: FakeHttpServer) -> None:
    assert run(server, LIST, page(**{"@adminapi.warnings": ["careful", 7]})).warnings == ["careful"]


def test_after_a_failed_write_the_rest_is_left_out_and_a_failed_read_stops_nothing(server: FakeHttpServer) -> None:
    server.script = [
        Play(status=404, content=error_body(NOT_FOUND)),
        page(),
        Play(status=400, content=error_body("no")),
    ]
    answers = api(server).run([LIST, REMOVE, REMOVE, REMOVE, LIST], stop_on_error=True)
    assert [answer.skipped for answer in answers] == [False, False, False, True, True]
    assert len(server.asked) == 3
