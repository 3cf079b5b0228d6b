# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What graph_room_info asks Graph, and what it makes of odd answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import unquote

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError, HttpOptions, Response
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import CLOUDS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.rooms.reads import (
    Found,
    read_mailboxes,
    read_room_lists,
    read_rooms,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.rooms.results import room

Answer = Callable[[str], tuple[int, Any]]
"""Path with query -> status and body."""


class FakeHttp:
    """Answers reads and batches by a function, without a network; notes the requests."""

    options = HttpOptions("https://graph.example")

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.seen: list[str] = []
        self.batched: list[str] = []

    def authorise(self, *_given: Any) -> None:
        pass

    def url(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        given = "&".join(f"{name}={value}" for name, value in (query or {}).items() if value is not None)
        return path + (f"?{given}" if given else "")

    def request(self, method: str, path: str, *, query: Any = None, body: Any = None, **_more: Any) -> Response:
        self.seen.append(f"{method} {self.url(path, query)}")
        if path.endswith("/$batch"):
            return Response(200, {}, {"responses": [self._step(step) for step in body["requests"]]})
        status, data = self.answer(self.url(path, query))
        if status != 200:
            raise HttpError("status", method, path, "refused", status, data=data)
        return Response(200, {}, data)

    def _step(self, step: Mapping[str, Any]) -> dict[str, Any]:
        self.batched.append(unquote(step["url"]))
        status, data = self.answer(unquote(step["url"]))
        return {"id": step["id"], "status": status, "headers": {}, "body": data}


class FakeTokens:
    """Has one token."""

    renewable = False

    def get(self, _audience: str, **_more: Any) -> str:
        return "fake"


def graph(answer: Answer) -> tuple[Graph, FakeHttp]:
    http = FakeHttp(answer)
    return Graph(cast(Any, http), cast(Any, FakeTokens()), CLOUDS["global"], sleep=lambda _seconds: None), http


def rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"id": f"r{n}", "emailAddress": f"R{n}@acme.example"} for n in range(start, start + count)]


def found(*emails: str) -> Found:
    return Found([room({"emailAddress": email}) for email in emails])


REFUSED = {
    "error": {
        "code": "UnknownError",
        "message": '{"code":"invalid_permissions","message":"place.read.all permission is required"}',
    }
}


def test_a_refusal_of_places_names_the_permission() -> None:
    reader, _http = graph(lambda _path: (403, REFUSED))
    with pytest.raises(HttpError) as raised:
        read_rooms(reader)
    assert "Place.Read.All" in raised.value.hint


def test_another_failure_keeps_its_own_advice() -> None:
    reader, _http = graph(lambda _path: (400, {"error": {"code": "BadRequest", "message": "no"}}))
    with pytest.raises(HttpError) as raised:
        read_rooms(reader)
    assert "Place.Read.All" not in raised.value.hint


def lists(members: Callable[[str], tuple[int, Any]]) -> Answer:
    def answer(path: str) -> tuple[int, Any]:
        if "roomlist/rooms" in path:
            return members(path)
        skipped = "$skip" in path
        row = {"id": "L", "displayName": "All", "emailAddress": "o'hara+all@acme.example"}
        return 200, {"value": [] if skipped else [row, {"id": "M"}]}

    return answer


def test_a_room_list_is_addressed_by_its_address_and_one_without_is_empty() -> None:
    reader, http = graph(lists(lambda _path: (200, {"value": rows(2)})))
    result = found("r0@ACME.example", "else@acme.example")
    read_room_lists(reader, result, 4)
    assert http.batched == ["/places/o'hara+all@acme.example/microsoft.graph.roomlist/rooms"]
    assert [entry["rooms"] for entry in result.room_lists] == [["r0@acme.example", "r1@acme.example"], []]
    assert [entry["room_lists"] for entry in result.rooms] == [["All"], []]
    assert result.warnings == []


def test_a_list_of_exactly_a_hundred_is_read_on_and_told() -> None:
    reader, http = graph(lists(lambda path: (200, {"value": [] if "$skip" in path else rows(100)})))
    result = found()
    read_room_lists(reader, result, 4)
    assert any("$skip=100" in line for line in http.seen)
    assert ["All shows exactly 100 rooms" in warning for warning in result.warnings] == [True]


def test_a_list_that_has_more_after_all_is_complete() -> None:
    reader, _http = graph(
        lists(
            lambda path: (200, {"value": rows(20, 100) if "$skip=100" in path else rows(0 if "$skip" in path else 100)})
        )
    )
    result = found()
    read_room_lists(reader, result, 4)
    assert len(result.room_lists[0]["rooms"]) == 120
    assert result.warnings == []


@pytest.mark.parametrize("answer", [(404, None), (200, None), (200, {"value": "x"}), (403, REFUSED)])
def test_a_list_that_cannot_be_read_is_a_warning(answer: tuple[int, Any]) -> None:
    reader, _http = graph(lists(lambda _path: answer))
    result = found()
    read_room_lists(reader, result, 4)
    assert result.room_lists[0]["rooms"] is None
    assert [f"status {answer[0]}" in warning for warning in result.warnings] == [True]


def mailboxes(users: Callable[[str], tuple[int, Any]]) -> Answer:
    return lambda path: users(path) if path.startswith("/users?") else (200, {"value": []})


def test_accounts_are_looked_up_fifteen_a_filter_and_quotes_are_doubled() -> None:
    reader, http = graph(mailboxes(lambda _path: (200, {"value": []})))
    read_mailboxes(reader, found("o'hara@acme.example", *(f"r{n}@acme.example" for n in range(15))), 4)
    filters = [path for path in http.batched if path.startswith("/users?")]
    assert [path.count("@acme.example") for path in filters] == [15, 1]
    assert "mail in ('o''hara@acme.example'," in filters[0]


def test_an_address_that_two_rooms_have_is_asked_once() -> None:
    reader, http = graph(mailboxes(lambda _path: (200, {"value": []})))
    result = found("a@acme.example", "A@acme.example")
    read_mailboxes(reader, result, 4)
    assert len(http.batched) == 2
    assert [entry["mailbox"]["state"] for entry in result.rooms] == ["readable", "readable"]


def test_accounts_are_matched_whatever_the_letter_case_and_odd_rows_are_left() -> None:
    rows = [None, 5, {"mail": None}, {"id": "u1", "mail": "A@Acme.example", "accountEnabled": "false"}]
    reader, _http = graph(mailboxes(lambda _path: (200, {"value": rows})))
    result = found("a@acme.example")
    read_mailboxes(reader, result, 4)
    mailbox = result.rooms[0]["mailbox"]
    assert (mailbox["user_id"], mailbox["account_enabled"]) == ("u1", False)


@pytest.mark.parametrize(("status", "words"), [(403, "User.Read.All"), (400, "status 400")])
def test_accounts_that_cannot_be_looked_up_are_a_warning_and_no_failure(status: int, words: str) -> None:
    refused = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}
    reader, _http = graph(mailboxes(lambda _path: (status, refused)))
    result = found("a@acme.example")
    read_mailboxes(reader, result, 4)
    assert result.rooms[0]["mailbox"]["account_enabled"] is None
    assert [words in warning for warning in result.warnings] == [True]


def test_a_room_without_an_address_has_no_mailbox() -> None:
    reader, http = graph(mailboxes(lambda _path: (200, {"value": []})))
    result = Found([room({"displayName": "Lobby"})])
    read_mailboxes(reader, result, 4)
    assert (result.rooms[0]["mailbox"], http.seen) == (None, [])
