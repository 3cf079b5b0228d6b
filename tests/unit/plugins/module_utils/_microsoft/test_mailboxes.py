# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendars are read twenty at a time, in order, and a scope counts as proved only by reads of both sides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.batch import BatchAnswer
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import (
    PAUSES,
    _read,
    prove,
    read_calendars,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_mailboxes import (
    ANSWERS,
    FakeMailboxes,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import Play

if TYPE_CHECKING:
    from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph
    from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import Proof
    from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import FakeHttpServer

ROOM, OUTSIDE = "syd-01.01@acme.example", "ceo@acme.example"


@pytest.fixture
def fake(server: FakeHttpServer) -> FakeMailboxes:
    return FakeMailboxes(server)


class FakeTime:
    """A clock that stands, and sleeps that let something happen."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.after: dict[int, Any] = {}

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) in self.after:
            self.after[len(self.slept)]()


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


def proved(graph: Graph, time: FakeTime, *, deadline: float = 600, **more: Any) -> Proof:
    """The proof for one room and one mailbox outside."""
    given = {"allowed": [ROOM], "denied": [OUTSIDE], **more}
    return prove(graph, graph.tokens, deadline=deadline, sleep=time.sleep, clock=lambda: 0.0, **given)


def test_a_thousand_mailboxes_take_fifty_requests_and_keep_their_order(graph: Graph, fake: FakeMailboxes) -> None:
    addresses = [f"room-{number:04}@acme.example" for number in range(1000)]
    fake.states = {addresses[7]: "not_found", addresses[993]: "denied_by_policy"}

    reads = read_calendars(graph, addresses)

    assert [read.address for read in reads] == addresses
    assert len(fake.server.asked) == 50
    assert [(at, read.state) for at, read in enumerate(reads) if read.state != "readable"] == [
        (7, "not_found"),
        (993, "denied_by_policy"),
    ]


def test_only_throttled_mailboxes_are_read_again_after_their_pause(
    graph: Graph, fake: FakeMailboxes, slept: list[float]
) -> None:
    addresses = [f"room-{number:02}@acme.example" for number in range(40)]
    fake.throttle = {addresses[3]: 1, addresses[33]: 1}

    reads = read_calendars(graph, addresses)

    assert {read.state for read in reads} == {"readable"}
    assert [len(batch) for batch in fake.batches] == [20, 20, 2]
    assert fake.batches[2] == [addresses[3], addresses[33]]
    assert slept == [7.0]


def test_of_an_appointment_only_the_id_is_asked_for_within_minutes(graph: Graph, fake: FakeMailboxes) -> None:
    read_calendars(graph, ["o'neil+1@acme.example"], minutes=5)

    (step,) = json.loads(fake.server.asked[0].body)["requests"]
    path, query = step["url"].split("?")
    assert step["method"] == "GET"
    assert path == "/users/o%27neil%2B1@acme.example/calendar/calendarView"
    assert "$select=id&$top=1" in query
    assert "startDateTime=" in query


def test_an_address_named_twice_is_read_once(graph: Graph, fake: FakeMailboxes) -> None:
    reads = read_calendars(graph, [ROOM, ROOM.upper()])
    assert [read.state for read in reads] == ["readable", "readable"]
    assert fake.batches == [[ROOM.upper()]]


def test_no_mailboxes_are_no_request(graph: Graph, fake: FakeMailboxes) -> None:
    assert read_calendars(graph, []) == []
    assert fake.server.asked == []


@pytest.mark.parametrize("state", ANSWERS)
def test_each_answer_has_its_state(graph: Graph, fake: FakeMailboxes, state: str) -> None:
    fake.states = {ROOM: state}
    (read,) = read_calendars(graph, [ROOM])
    assert read.state == state
    assert read.status == ANSWERS[state][0]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, None),
        (200, []),
        (200, "<html>"),
        (200, {"value": None}),
        (403, "<html>a proxy</html>"),
        (404, None),
        (404, {"error": "x"}),
        (401, {"error": {"code": "InvalidAuthenticationToken", "message": "Lifetime validation failed."}}),
        (400, {"error": {"code": None, "message": None}}),
        (418, {"error": []}),
    ],
)
def test_a_strange_answer_says_nothing_about_a_mailbox(status: int, body: Any) -> None:
    assert _read(ROOM, BatchAnswer(status, body)).state == "error"


def test_a_broken_batch_is_one_clear_error(graph: Graph, server: FakeHttpServer) -> None:
    server.script = [Play(200, {"responses": "none"})]
    with pytest.raises(HttpError, match="no list of responses"):
        read_calendars(graph, [ROOM])


class TestProof:
    def test_both_sides_twice_in_a_row(self, graph: Graph, fake: FakeMailboxes, time: FakeTime) -> None:
        fake.states = {OUTSIDE: "denied_by_policy"}
        proof = proved(graph, time)

        assert proof.ok
        assert fake.batches == [[ROOM, OUTSIDE]] * 2
        assert time.slept == []

    def test_a_policy_on_its_way_is_waited_for_with_fresh_tokens(
        self, graph: Graph, fake: FakeMailboxes, time: FakeTime, fake_tokens: Any
    ) -> None:
        time.after[3] = lambda: fake.states.update({OUTSIDE: "denied_by_policy"})
        proof = proved(graph, time)

        assert proof.ok
        assert time.slept == list(PAUSES[:3])
        assert fake_tokens.fresh == 3
        assert proof.waited == sum(PAUSES[:3])
        # What was right is not read again until all is right, and then everything is, together.
        assert fake.batches == [[ROOM, OUTSIDE], *[[OUTSIDE]] * 3, *[[ROOM, OUTSIDE]] * 2]

    def test_a_policy_that_comes_and_goes_is_not_proved_by_one_read(
        self, graph: Graph, fake: FakeMailboxes, time: FakeTime
    ) -> None:
        fake.states = {OUTSIDE: "denied_by_policy"}
        answer, seen = fake.answer, []

        def flickering(asked: Any) -> Any:
            seen.append(asked)
            fake.states[OUTSIDE] = "readable" if len(seen) == 2 else "denied_by_policy"
            return answer(asked)

        fake.server.answer = flickering
        assert proved(graph, time).ok
        assert len(seen) == 5  # right; wrong; right again, then all together twice

    def test_at_the_deadline_it_is_said_what_is_open(self, graph: Graph, fake: FakeMailboxes, time: FakeTime) -> None:
        proof = proved(graph, time, deadline=20)

        assert not proof.ok
        assert f"{OUTSIDE} can be read, but must not" in proof.reason
        assert time.slept == list(PAUSES[:2])

    def test_a_missing_control_mailbox_is_no_refusal(self, graph: Graph, fake: FakeMailboxes, time: FakeTime) -> None:
        fake.states = {OUTSIDE: "not_found"}
        proof = proved(graph, time, deadline=0)
        assert not proof.ok
        assert f"{OUTSIDE} (not_found)" in proof.reason

    @pytest.mark.parametrize("state", ["denied_by_policy", "missing_role"])
    def test_a_refusal_alone_is_no_proof(self, graph: Graph, fake: FakeMailboxes, time: FakeTime, state: str) -> None:
        fake.states = {OUTSIDE: state}
        proof = proved(graph, time, allowed=[])
        assert not proof.ok
        assert "no mailbox is named that must be readable" in proof.reason

    def test_a_reading_alone_is_no_proof(self, graph: Graph, fake: FakeMailboxes, time: FakeTime) -> None:
        proof = proved(graph, time, denied=[])
        assert not proof.ok
        assert "no mailbox is named that must be refused" in proof.reason
