# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a server answers, the only errors are HttpError and TokenError."""

from __future__ import annotations

import io
import json
import math
from typing import Any
from unittest import mock

import pytest
import requests
from hypothesis import example, given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter
from urllib3.response import HTTPResponse

from ansible_collections.placeos.office365.plugins.module_utils import _http
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpError, HttpOptions
from ansible_collections.placeos.office365.plugins.module_utils._http_words import graph_words, words
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.advice import ADVICE
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import CLOUDS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.errors import (
    classify,
    describe,
    kind_of,
    line,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import BatchRequest, Graph
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import Claims, decode
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.errors import (
    sign_in_code,
    sign_in_request_id,
    sign_in_words,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import (
    Identity,
    TokenError,
    Tokens,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_entra import (
    CLIENT,
    GRAPH,
    SECRET,
    TENANT,
    FakeEntra,
    fake_jwt,
)

quick = settings(max_examples=60)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
names = st.sampled_from(
    "error error_description error_codes code message details target innerError request-id value responses id status "
    "headers body @odata.nextLink token_endpoint authorization_endpoint issuer access_token expires_in roles aud exp "
    "trace_id".split()
)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5), max_leaves=12
)
graph_errors = st.fixed_dictionaries(
    {"error": st.dictionaries(st.sampled_from(["code", "message", "details", "innerError", "innererror"]), documents)}
)
whole = (documents | graph_errors).map(lambda document: json.dumps(document).encode())
cut = st.tuples(whole, st.integers(1, 30)).map(lambda both: both[0][: -both[1]])
pages = st.sampled_from(
    [
        b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>",
        b"<html>",
        b"\x00\x00\x00\x00",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"error":' * 20_000,
        b"null",
        b"OK",
        b"",
        b" ",
    ]
)
contents = whole | cut | pages | st.binary(max_size=20)
statuses = st.sampled_from(
    [200, 201, 204, 206, 301, 307, 400, 401, 403, 404, 405, 409, 418, 424, 429, 500, 501, 502, 503]
)
kinds_of_content = st.sampled_from(
    ["application/json", "text/html", "text/plain", "", "x", "application/json; charset=nonsense"]
)
pauses = st.sampled_from([None, "1", "-5", "nan", "inf", "1e400", "Wed, 21 Oct 2037 07:28:00 GMT", "soon", ""])
answers = st.tuples(statuses, contents, kinds_of_content, pauses)


class FakeWire(BaseAdapter):
    """Answers each request with the next of these; at the end with the last."""

    def __init__(self, *script: Any) -> None:
        super().__init__()
        self.script = list(script)
        self.sent = 0

    def send(self, request: requests.PreparedRequest, *_args: Any, **_how: Any) -> requests.Response:
        self.sent += 1
        assert self.sent < 1000, "no end of requests"
        status, content, kind, pause = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        headers = {"Content-Type": kind, **({"Retry-After": pause} if pause is not None else {})}
        raw = HTTPResponse(io.BytesIO(content), headers, status, preload_content=False)
        answer = requests.Response()
        answer.status_code, answer.raw, answer.url, answer.request = status, raw, str(request.url), request
        answer.headers.update(headers)
        return answer

    def close(self) -> None:
        pass


def never(seconds: float) -> None:
    """No real pause, and no senseless one."""
    assert math.isfinite(seconds)
    assert seconds >= 0


def graph_on(wire: FakeWire) -> Graph:
    http = HttpClient(HttpOptions(GRAPH, retry_deadline=5), sleep=never)
    http.session.mount("https://", wire)
    identity = Identity("", access_token="fake-opaque-token")
    return Graph(http, Tokens(identity, CLOUDS["global"]), CLOUDS["global"], sleep=never)


def check(error: HttpError) -> None:
    """Whatever it is, it can be told."""
    entry = describe(error)
    told = line(entry)
    assert entry["message"].strip()
    assert "fake-opaque-token" not in told
    assert "\n" not in told.replace(error.url, "")
    assert kind_of(error) in ADVICE


@quick
@given(answers)
@example((403, b"\x00\x00\x00\x00", "application/json", None))
@example((200, b"\x00\x00", "text/plain", None))
@example((200, b"[" * 100_000, "application/json", None))
def test_an_object_or_an_error(answer: Any) -> None:
    try:
        assert isinstance(graph_on(FakeWire(answer)).get("/v1.0/organization"), dict)
    except HttpError as error:
        check(error)


@quick
@given(answers)
@example((400, b'"\\n"', "application/json", None))
def test_a_write_gives_an_object_or_nothing_or_an_error(answer: Any) -> None:
    try:
        written = graph_on(FakeWire(answer)).send("POST", "/v1.0/applications", {"displayName": "x"})
        assert written is None or isinstance(written, dict)
    except HttpError as error:
        check(error)


first_pages = st.fixed_dictionaries(
    {"value": documents | st.lists(st.dictionaries(names, documents, max_size=3), max_size=3)},
    optional={"@odata.nextLink": documents | st.sampled_from(["/v1.0/users?$skip=1", "https://[/v1.0/x", "/beta/x#f"])},
).map(lambda document: (200, json.dumps(document).encode(), "application/json", None))


@quick
@given(first_pages, answers)
def test_a_list_has_objects_only_or_is_an_error(page: Any, answer: Any) -> None:
    for read in (graph_on(FakeWire(page, answer)).items, graph_on(FakeWire(page, answer)).places):
        try:
            assert all(isinstance(item, dict) for item in read("/v1.0/places/microsoft.graph.room"))
        except HttpError as error:
            check(error)


batch_answers = st.fixed_dictionaries(
    {
        "responses": documents
        | st.lists(
            st.fixed_dictionaries(
                {"id": st.sampled_from(["1", "2", 1, None]), "status": st.sampled_from([200, 429, 503, "200", None])},
                optional={"headers": documents | st.just({"retry-after": "nan"}), "body": documents},
            ),
            max_size=4,
        )
    }
).map(lambda document: (200, json.dumps(document).encode(), "application/json", None))


@quick
@given(batch_answers | answers)
def test_a_batch_has_all_its_answers_or_is_an_error(answer: Any) -> None:
    requests_ = [BatchRequest("GET", "/users/a"), BatchRequest("POST", "/users/b/events", {})]
    try:
        assert len(graph_on(FakeWire(answer)).batch(requests_)) == 2
    except HttpError as error:
        check(error)


@quick
@given(statuses, documents | graph_errors)
def test_every_answer_has_a_kind_and_words(status: int, body: Any) -> None:
    for after_write in (False, True):
        assert classify(status, body, after_write=after_write) in ADVICE
    assert isinstance(words(body, []), str)
    said = graph_words(body)
    assert said is None or said.words
    assert isinstance(sign_in_words(body), str)
    assert isinstance(sign_in_code(body), int | None)
    assert isinstance(sign_in_request_id(body), str | None)


# -- signing in ------------------------------------------------------------------------------------------------------

ADDRESSES = (
    200,
    json.dumps(FakeEntra.addresses("https://login.microsoftonline.com")).encode(),
    "application/json",
    None,
)


def told(error: TokenError) -> None:
    """Whatever it is, it is one line without the secret, of a kind that has advice."""
    assert error.kind in ADVICE
    assert SECRET not in str(error)
    assert "\n" not in str(error)


def sign_in(*script: Any) -> str:
    """A token, with this on the wire instead of the sign-in."""
    wire = FakeWire(*script)
    with mock.patch.object(_http, "HTTPAdapter", return_value=wire):
        tokens = Tokens(Identity(TENANT, CLIENT, client_secret=SECRET), CLOUDS["global"], retry_deadline=5, sleep=never)
        return tokens.get(GRAPH)


def test_the_fake_wire_carries_a_sign_in() -> None:
    token = json.dumps({"access_token": "fake", "expires_in": 3599, "token_type": "Bearer"}).encode()
    assert sign_in(ADDRESSES, (200, token, "application/json", None)) == "fake"


token_answers = st.fixed_dictionaries(
    {},
    optional={
        "access_token": documents | st.just("fake"),
        "expires_in": documents | st.sampled_from([3599, "3599", 0, -1, "inf", 1e308]),
        "token_type": documents,
        "client_info": documents,
        "id_token": documents,
        "refresh_in": documents,
        "scope": documents,
    },
).map(lambda document: (200, json.dumps(document).encode(), "application/json", None))


@quick
@given(answers | token_answers)
def test_the_sign_in_gives_a_token_or_a_token_error(answer: Any) -> None:
    for script in ((ADDRESSES, answer), (answer,)):
        try:
            assert isinstance(sign_in(*script), str)
        except TokenError as error:
            told(error)


@pytest.mark.parametrize("life", [None, "soon", 0, -1, [], "inf"])
def test_a_token_without_a_sensible_life_is_refused(life: Any) -> None:
    token = json.dumps({"access_token": "fake", "expires_in": life, "token_type": "Bearer"}).encode()
    with pytest.raises(TokenError, match="when the token ends"):
        sign_in(ADDRESSES, (200, token, "application/json", None))


# -- tokens as they are given ----------------------------------------------------------------------------------------


@quick
@given(st.text(max_size=40) | st.binary(max_size=20).map(repr) | documents.map(lambda claims: fake_jwt(claims=claims)))
@example("a." + "\xff" + ".c")
def test_any_text_has_claims(token: str) -> None:
    assert isinstance(decode(token), Claims)


@quick
@given(st.dictionaries(st.sampled_from("aud exp roles appid azp tid appidacr azpacr idtyp".split()), documents))
def test_claims_have_their_types_whatever_the_token_says(said: dict[str, Any]) -> None:
    claims = decode(fake_jwt(**said))
    assert all(isinstance(role, str) for role in claims.roles)
    assert isinstance(claims.expires, int | None)
    assert isinstance(claims.audience, str | None)
    with mock.patch("time.time", return_value=1_900_000_000.0):
        try:
            Tokens(Identity("", access_token=fake_jwt(**said)), CLOUDS["global"]).get(GRAPH)
        except TokenError as error:
            told(error)


@pytest.mark.parametrize("token", ["", "a.b.c", "..", "a.bnVsbA.c", "a.W10.c", "a.eyJleHAiOjFlNDAwfQ.c"])
def test_what_is_no_token_has_no_claims(token: str) -> None:
    assert decode(token).roles == frozenset()
