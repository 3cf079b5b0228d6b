# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches, against a fake Graph that answers them in any order and throttles single requests."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import (
    BatchAnswer,
    BatchRequest,
    Graph,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import Asked, Play

if TYPE_CHECKING:
    from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import FakeHttpServer


def reads(count: int) -> list[BatchRequest]:
    return [BatchRequest("GET", f"/users/room-{number}@acme.example/calendar") for number in range(count)]


class FakeBatches:
    """Answers each inner request with its url; `throttled` says how often a url is refused first, and how."""

    def __init__(self) -> None:
        self.throttled: dict[str, list[dict[str, Any]]] = {}
        self.sizes: list[int] = []
        self.sent: Counter[str] = Counter()

    def __call__(self, asked: Asked) -> Play:
        steps = json.loads(asked.body)["requests"]
        assert asked.path == "/v1.0/$batch"
        assert [step["id"] for step in steps] == [str(number) for number in range(1, len(steps) + 1)]
        self.sizes.append(len(steps))
        return Play(200, {"responses": [self.one(step) for step in reversed(steps)]})

    def one(self, step: dict[str, Any]) -> dict[str, Any]:
        url = step["url"]
        self.sent[url] += 1
        refused = self.throttled.get(url)
        if refused:
            return {"id": step["id"], **refused.pop(0)}
        return {"id": step["id"], "status": 200, "headers": {"Content-Type": "x"}, "body": {"url": url}}


@pytest.fixture
def batches(server: FakeHttpServer) -> FakeBatches:
    fake = FakeBatches()
    server.answer = fake
    return fake


def limited(seconds: Any = None, *, name: str = "Retry-After", status: int = 429) -> dict[str, Any]:
    error = {"error": {"code": "ApplicationThrottled", "message": "Over its MailboxConcurrency limit."}}
    return {"status": status, "body": error, **({"headers": {name: seconds}} if seconds is not None else {})}


def test_a_thousand_reads_are_fifty_requests_answered_in_order(graph: Graph, batches: FakeBatches) -> None:
    requests = reads(1000)
    answers = graph.batch(requests)
    assert [answer.body["url"] for answer in answers] == [request.url for request in requests]
    assert sorted(batches.sizes) == [20] * 50
    assert answers[0] == BatchAnswer(200, {"url": requests[0].url}, {"content-type": "x"})


def test_nothing_asks_for_nothing(graph: Graph, server: FakeHttpServer) -> None:
    assert graph.batch([]) == []
    assert not server.asked


def test_no_more_batches_are_under_way_than_workers(
    graph: Graph, batches: FakeBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, most, lock = [0], [0], threading.Lock()
    send = graph.http.request

    def counted(*args: Any, **how: Any) -> Any:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        try:
            return send(*args, **how)
        finally:
            with lock:
                under_way[0] -= 1

    monkeypatch.setattr(graph.http, "request", counted)
    graph.batch(reads(400), workers=2)
    assert most[0] <= 2
    assert len(batches.sizes) == 20


@pytest.mark.parametrize("name", ["Retry-After", "retry-after", "RETRY-AFTER"])
def test_only_the_throttled_are_repeated_together_after_the_longest_pause(
    graph: Graph, batches: FakeBatches, slept: list[float], name: str
) -> None:
    requests = reads(45)
    batches.throttled = {
        requests[3].url: [limited("4", name=name)],
        requests[30].url: [limited(9, name=name), limited("2", name=name)],
    }
    answers = graph.batch(requests)
    assert {answer.status for answer in answers} == {200}
    assert sorted(batches.sizes[:3]) == [5, 20, 20]
    assert batches.sizes[3:] == [2, 1]
    assert slept == [9.0, 2.0]
    assert batches.sent[requests[3].url] == 2
    assert batches.sent[requests[0].url] == 1


def test_the_throttled_without_a_time_back_off(graph: Graph, batches: FakeBatches, slept: list[float]) -> None:
    (request,) = reads(1)
    batches.throttled = {request.url: [limited(), limited(), limited("soon"), limited("0")]}
    assert graph.batch([request])[0].status == 200
    assert slept == [1.0, 2.0, 4.0, 8.0]


def test_what_stays_throttled_is_returned_as_it_is(graph: Graph, batches: FakeBatches, slept: list[float]) -> None:
    one, other = reads(2)
    batches.throttled = {one.url: [limited("25")] * 9}
    answers = graph.batch([one, other])
    assert [answer.status for answer in answers] == [429, 200]
    # The client's deadline is 60 seconds.
    assert slept == [25.0, 25.0]


def test_a_passing_failure_of_a_read_is_repeated_but_not_of_a_write(graph: Graph, batches: FakeBatches) -> None:
    read, write = BatchRequest("GET", "/users/a"), BatchRequest("POST", "/users/b/events", {"subject": "x"})
    batches.throttled = {url: [limited(status=503)] for url in ("/users/a", "/users/b/events")}
    assert [answer.status for answer in graph.batch([read, write])] == [200, 503]
    assert batches.sent == {"/users/a": 2, "/users/b/events": 1}


def test_a_batch_of_reads_is_repeated_when_its_answer_is_lost(graph: Graph, server: FakeHttpServer) -> None:
    fake = FakeBatches()
    plays = iter([Play(drop=True), Play(429, {"error": {"code": "x", "message": ""}}, {"Retry-After": "3"})])
    server.answer = lambda asked: next(plays, None) or fake(asked)
    assert len(graph.batch(reads(3))) == 3
    assert len(server.asked) == 3


def test_a_batch_with_a_write_is_not_repeated_when_its_answer_is_lost(graph: Graph, server: FakeHttpServer) -> None:
    server.play(Play(drop=True))
    with pytest.raises(HttpError) as caught:
        graph.batch([*reads(3), BatchRequest("DELETE", "/users/x")])
    assert caught.value.maybe_done
    assert len(server.asked) == 1


def test_a_body_is_sent_with_its_type(graph: Graph, server: FakeHttpServer) -> None:
    server.play(Play(200, {"responses": [{"id": "1", "status": 201}]}))
    graph.batch([BatchRequest("POST", "/users/b/events", {"subject": "x"}, {"Prefer": "p"})])
    assert json.loads(server.asked[0].body)["requests"] == [
        {
            "id": "1",
            "method": "POST",
            "url": "/users/b/events",
            "headers": {"Prefer": "p", "Content-Type": "application/json"},
            "body": {"subject": "x"},
        }
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no list of responses"),
        ({}, "no list of responses"),
        ({"responses": None}, "no list of responses"),
        ([], "expected an object, got a list"),
        ({"responses": []}, "lacks the response to GET /users/room-0@acme.example/calendar"),
        ({"responses": ["x", None, {"status": 200}]}, "lacks the response to GET /users/room-0"),
        ({"responses": [{"id": "1"}]}, "GET /users/room-0@acme.example/calendar in the batch has no status"),
        ({"responses": [{"id": "1", "status": True}]}, "has no status"),
        ({"responses": [{"id": "1", "status": "two"}]}, "has no status"),
    ],
)
def test_an_answer_of_the_wrong_form_names_what_is_wrong(
    graph: Graph, server: FakeHttpServer, content: Any, words: str
) -> None:
    server.play(Play(200, content))
    with pytest.raises(HttpError) as caught:
        graph.batch(reads(1))
    assert words in caught.value.words
    assert caught.value.reason == "content"


def test_ids_and_statuses_of_other_types_are_understood(graph: Graph, server: FakeHttpServer) -> None:
    server.play(Play(200, {"responses": [{"id": 1, "status": "200", "headers": None, "body": "text"}]}))
    assert graph.batch(reads(1)) == [BatchAnswer(200, "text", {})]
