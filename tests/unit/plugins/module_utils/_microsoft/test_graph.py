# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and writing Graph, against a fake server on loopback; nothing ever really sleeps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph, segment
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import Asked, Play

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.conftest import FakeTokens
    from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import FakeHttpServer

EXPIRED = {
    "error": {"code": "InvalidAuthenticationToken", "message": "Lifetime validation failed, the token is expired."}
}


def failing(call: Callable[[], Any]) -> HttpError:
    with pytest.raises(HttpError) as caught:
        call()
    assert "fake-token" not in f"{caught.value} {caught.value!r}"
    return caught.value


def paths(server: FakeHttpServer) -> list[str]:
    return [asked.path for asked in server.asked]


# -- one object ------------------------------------------------------------------------------------------------------


def test_an_object_is_read_with_the_token(server: FakeHttpServer, graph: Graph) -> None:
    server.play(Play(200, {"id": "x"}))
    assert graph.get("/v1.0/organization", {"$select": "id"}, headers={"ConsistencyLevel": "eventual"}) == {"id": "x"}
    (asked,) = server.asked
    assert asked.path == "/v1.0/organization?%24select=id"
    assert asked.headers["Authorization"] == "Bearer fake-token-0"
    assert asked.headers["ConsistencyLevel"] == "eventual"


def test_an_address_is_one_part_of_a_path() -> None:
    assert segment("syd/1 #a@acme.example") == "syd%2F1%20%23a@acme.example"


def test_a_write_without_an_answer_is_none(server: FakeHttpServer, graph: Graph) -> None:
    server.play(Play(204))
    assert graph.send("POST", "/v1.0/applications/x/removePassword", {"keyId": "k"}) is None
    assert json.loads(server.asked[0].body) == {"keyId": "k"}


def test_a_path_outside_of_graph_is_a_defect_of_ours(graph: Graph) -> None:
    with pytest.raises(ValueError, match=r"begins with /v1\.0/ or /beta/"):
        graph.get("/users")


def test_a_refusal_says_code_message_and_request(server: FakeHttpServer, graph: Graph) -> None:
    details = [{"code": "NoBackingApplicationObject", "message": "m", "target": "appId"}]
    error = {"code": "Request_BadRequest", "message": "The appId is not valid.", "details": details}
    server.play(Play(400, {"error": error}, {"request-id": "5e6f7a8b"}))
    refused = failing(lambda: graph.send("POST", "/v1.0/servicePrincipals", {"appId": "x"}))
    assert refused.words == "Request_BadRequest: The appId is not valid."
    assert (refused.graph_code, refused.request_id, refused.details) == ("Request_BadRequest", "5e6f7a8b", details)


def test_json_inside_the_message_is_unfolded(server: FakeHttpServer, graph: Graph) -> None:
    inner = json.dumps({"code": "invalid_permissions", "message": "place.read.all permission is required"})
    server.play(Play(403, {"error": {"code": "UnknownError", "message": inner}}))
    refused = failing(lambda: graph.get("/v1.0/places/microsoft.graph.room"))
    assert refused.words == "invalid_permissions: place.read.all permission is required"
    assert refused.graph_code == "UnknownError"


# -- tokens ----------------------------------------------------------------------------------------------------------


def test_a_token_that_ended_on_the_way_is_renewed_once_and_the_call_repeated(
    server: FakeHttpServer, graph: Graph, fake_tokens: FakeTokens
) -> None:
    server.play(Play(401, EXPIRED), Play(201, {"id": "x"}))
    assert graph.send("POST", "/v1.0/applications", {"displayName": "x"}) == {"id": "x"}
    assert [asked.headers["Authorization"] for asked in server.asked] == ["Bearer fake-token-0", "Bearer fake-token-1"]
    assert fake_tokens.fresh == 1


def test_a_token_that_stays_refused_is_an_error_after_one_repeat(server: FakeHttpServer, graph: Graph) -> None:
    server.play(Play(401, EXPIRED))
    assert failing(lambda: graph.get("/v1.0/organization")).status == 401
    assert len(server.asked) == 2


def test_a_ready_token_that_is_refused_is_not_tried_twice(
    server: FakeHttpServer, graph: Graph, fake_tokens: FakeTokens
) -> None:
    fake_tokens.renewable = False
    server.play(Play(401, EXPIRED))
    assert failing(lambda: graph.get("/v1.0/organization")).status == 401
    assert len(server.asked) == 1


def test_a_token_that_another_thread_renewed_is_not_renewed_again(
    server: FakeHttpServer, graph: Graph, fake_tokens: FakeTokens
) -> None:
    def answer(asked: Asked) -> Play:
        if asked.headers["Authorization"] == "Bearer fake-token-0":
            # While this answer is under way, another thread gets a new token.
            fake_tokens.fresh = 1
            return Play(401, EXPIRED)
        return Play(200, {"id": "x"})

    server.answer = answer
    assert graph.get("/v1.0/organization") == {"id": "x"}
    assert fake_tokens.fresh == 1


# -- repeats ---------------------------------------------------------------------------------------------------------


def test_a_post_that_only_reads_is_repeated_as_a_read(server: FakeHttpServer, graph: Graph, slept: list[float]) -> None:
    server.play(Play(504), Play(drop=True), Play(200, {"value": []}))
    assert graph.send("POST", "/v1.0/users/x/calendar/getSchedule", {"schedules": []}, repeatable=True) == {"value": []}
    assert (len(server.asked), len(slept)) == (3, 2)


def test_a_post_that_only_reads_leaves_no_doubt_behind(server: FakeHttpServer, graph: Graph) -> None:
    server.play(Play(200, b"<html>"))
    assert not failing(lambda: graph.send("POST", "/v1.0/users/x/calendar/getSchedule", {}, repeatable=True)).maybe_done


def test_a_write_whose_answer_was_lost_is_not_repeated(server: FakeHttpServer, graph: Graph) -> None:
    server.play(Play(drop=True))
    lost = failing(lambda: graph.send("POST", "/v1.0/applications/x/addPassword", {}))
    assert lost.maybe_done
    assert len(server.asked) == 1


def test_a_limited_call_waits_as_long_as_graph_says(server: FakeHttpServer, graph: Graph, slept: list[float]) -> None:
    limited = {"error": {"code": "TooManyRequests", "message": "Too many requests."}}
    server.play(Play(429, limited, {"Retry-After": "10"}), Play(201, {"id": "x"}))
    assert graph.send("POST", "/v1.0/applications", {}) == {"id": "x"}
    assert slept == [10.0]


@pytest.mark.parametrize("content", [[], [1], "text", 5])
def test_an_answer_that_is_no_object_is_an_error(server: FakeHttpServer, graph: Graph, content: Any) -> None:
    server.play(Play(200, content))
    assert "expected an object" in failing(lambda: graph.get("/v1.0/organization")).words
    written = failing(lambda: graph.send("POST", "/v1.0/applications", {}))
    assert "expected an object" in written.words
    assert written.maybe_done


# -- lists -----------------------------------------------------------------------------------------------------------


def test_a_list_has_the_objects_of_all_pages(server: FakeHttpServer, graph: Graph) -> None:
    server.play(
        Play(200, {"value": [{"id": 1}], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=a%2Bb"}),
        # An empty page may have a next one.
        Play(200, {"value": [], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=c"}),
        Play(200, {"value": [{"id": 2}]}),
    )
    found = graph.items("/v1.0/users", {"$top": 1}, headers={"ConsistencyLevel": "eventual"})
    assert found == [{"id": 1}, {"id": 2}]
    assert paths(server) == ["/v1.0/users?%24top=1", "/v1.0/users?$skiptoken=a%2Bb", "/v1.0/users?$skiptoken=c"]
    assert all(asked.headers["ConsistencyLevel"] == "eventual" for asked in server.asked)


def test_the_token_stays_on_our_host_whatever_the_next_link_names(server: FakeHttpServer, graph: Graph) -> None:
    server.play(
        Play(200, {"value": [], "@odata.nextLink": "https://elsewhere.example/v1.0/users?$skip=1"}),
        Play(200, {"value": [{"id": 1}]}),
    )
    assert graph.items("/v1.0/users") == [{"id": 1}]
    assert paths(server) == ["/v1.0/users", "/v1.0/users?$skip=1"]


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/steal", "/v1.0", "//x/", "http://[", 5, ["/v1.0/users"], {"a": 1}, "v1.0/users"]
)
def test_a_next_link_that_is_no_page_of_graph_is_an_error(server: FakeHttpServer, graph: Graph, link: Any) -> None:
    server.play(Play(200, {"value": [], "@odata.nextLink": link}))
    assert "nextLink is not the address" in failing(lambda: graph.items("/v1.0/users")).words
    assert len(server.asked) == 1


def test_pages_that_go_round_in_a_circle_are_an_error(server: FakeHttpServer, graph: Graph) -> None:
    server.play(Play(200, {"value": [{"id": 1}], "@odata.nextLink": "/v1.0/users?$skip=1"}))
    assert "circle" in failing(lambda: graph.items("/v1.0/users")).words
    assert len(server.asked) == 2


def test_pages_without_end_are_an_error(server: FakeHttpServer, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph.MAX_PAGES", 5)
    count = iter(range(100))
    server.answer = lambda asked: Play(200, {"value": [], "@odata.nextLink": f"/v1.0/users?$skip={next(count)}"})
    assert "not ended after 5 pages" in failing(lambda: graph.items("/v1.0/users")).words
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    "content", [{}, {"value": None}, {"value": {}}, {"value": ["x"]}, {"value": "x"}, [], "x", None]
)
def test_a_page_of_the_wrong_form_is_an_error(server: FakeHttpServer, graph: Graph, content: Any) -> None:
    server.play(Play(200, content))
    error = failing(lambda: graph.items("/v1.0/users"))
    assert error.reason == "content"
    assert "expected" in error.words


# -- places ----------------------------------------------------------------------------------------------------------


class FakePlaces:
    """A server with so many rooms; at most `cap` per page; with or without links; with or without $skip."""

    def __init__(self, count: int, *, cap: int = 100, links: bool = False, skips: bool = True) -> None:
        self.rooms = [{"id": f"room-{n}", "emailAddress": f"room-{n}@acme.example"} for n in range(count)]
        self.cap, self.links, self.skips = cap, links, skips

    def __call__(self, asked: Asked) -> Play:
        query = {name: int(values[0]) for name, values in parse_qs(urlsplit(asked.path).query).items()}
        skip = query.get("$skip", 0) if self.skips else 0
        top = min(query.get("$top", 100), self.cap)
        answer: dict[str, Any] = {"value": self.rooms[skip : skip + top]}
        if self.links and skip + top < len(self.rooms):
            answer["@odata.nextLink"] = f"/v1.0/places/microsoft.graph.room?$top={top}&$skip={skip + top}"
        return Play(200, answer)


@pytest.mark.parametrize(
    ("count", "options", "requests"),
    [
        (0, {}, 1),
        (40, {}, 2),
        (250, {}, 4),
        (300, {}, 4),
        (250, {"links": True}, 3),
        (75, {"cap": 30}, 4),
        (75, {"cap": 30, "links": True}, 3),
        (80, {"skips": False}, 2),
    ],
)
def test_all_rooms_are_found_each_once(
    server: FakeHttpServer, graph: Graph, count: int, options: dict[str, Any], requests: int
) -> None:
    fake = FakePlaces(count, **options)
    server.answer = fake
    assert graph.places("/v1.0/places/microsoft.graph.room") == fake.rooms
    assert len(server.asked) == requests


def test_rooms_without_an_id_are_told_apart_by_their_address(server: FakeHttpServer, graph: Graph) -> None:
    rooms = [{"id": None, "emailAddress": "a@x"}, {"emailAddress": "A@X"}, {"emailAddress": None}, {"displayName": "n"}]
    server.play(Play(200, {"value": rooms}), Play(200, {"value": []}))
    assert len(graph.places("/v1.0/places/microsoft.graph.room")) == 3
