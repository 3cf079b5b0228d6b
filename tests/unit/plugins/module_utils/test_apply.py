# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a plan is carried out on a server with the oddities of the recorded one; the server is a fake in memory."""

from __future__ import annotations

import html
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.module_utils import _apply
from ansible_collections.placeos.office365.plugins.module_utils._apply import (
    Execution,
    NotAttempted,
    Outcome,
    run_lanes,
)
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds import DRIVER, SYSTEM, ZONE
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    Action,
    Change,
    Desired,
    Field,
    Kind,
    PartlyReadable,
    Pending,
    Plan,
    Purge,
    Row,
    make_plan,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


def failure(reason: str = "status", status: int | None = None, **more: Any) -> HttpError:
    return HttpError(reason, "POST", "https://acme.example/x", "fake words", status, **more)


def not_unique() -> HttpError:
    return failure(status=422, failures=[{"field": "name", "reason": "should be unique"}])


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    fake = FakeClock()
    monkeypatch.setattr(_apply, "time", fake)
    return fake


@dataclass
class FakeResource:
    """One kind in memory.

    before: called with (call, object) and may raise; hidden: ids that lists do not show; incomplete: by name, what
    can't be written once all objects exist.
    """

    kind: Kind
    stored: dict[str, Row] = field(default_factory=dict)
    settle: float = 0.0
    before: Callable[[str, Any], None] = lambda _call, _what: None
    after: Callable[[str, Any], None] = lambda _call, _what: None
    normalise: Callable[[dict[str, Any]], dict[str, Any]] = dict
    lanes: Callable[[Action], Hashable | None] = lambda _action: None
    hidden: set[str] = field(default_factory=set)
    incomplete: dict[str, HttpError] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def _note(self, call: str, what: Any) -> None:
        with self.lock:
            self.calls.append((call, what))
        self.before(call, what)

    def rows(self, desired: list[Desired]) -> list[Row]:
        self._note("rows", None)
        return [dict(row) for row in self.stored.values() if row["id"] not in self.hidden]

    def read(self, row: Row) -> Row | None:
        self._note("read", row["id"])
        return dict(self.stored[row["id"]]) if row["id"] in self.stored else None

    def create(self, values: dict[str, Any]) -> Row:
        self._note("create", values.get("name"))
        with self.lock:
            self._check_name(values.get("name"), None)
            row = {"version": 0, **self.normalise(values), "id": f"id-{len(self.stored)}-{values.get('name')}"}
            self.stored[row["id"]] = row
        self.after("create", row)
        return dict(row)

    def update(self, row: Row, changes: dict[str, Any]) -> Row:
        self._note("update", (row["id"], dict(changes)))
        with self.lock:
            now = self.stored[row["id"]]
            if now.get("version", 0) != row.get("version", 0):
                raise failure(status=409)
            self._check_name(changes.get("name"), row["id"])
            now = {**now, **self.normalise(changes), "version": now.get("version", 0) + 1}
            self.stored[row["id"]] = now
        self.after("update", now)
        return dict(now)

    def delete(self, row: Row) -> None:
        self._note("delete", row["id"])
        with self.lock:
            if row["id"] not in self.stored:
                raise failure(status=404)
            del self.stored[row["id"]]
        self.after("delete", row)

    def complete(self, order: list[str]) -> dict[str, HttpError]:
        self._note("complete", order)
        return {self.stored_id(name): error for name, error in self.incomplete.items()}

    def stored_id(self, name: str) -> str:
        return next(identifier for identifier, row in self.stored.items() if row["name"] == name)

    def find(self, desired: Desired) -> Row | None:
        self._note("find", desired.label)
        for row in self.stored.values():
            if row["id"] not in self.hidden and row["name"] == desired.values.get("name"):
                return dict(row)
        return None

    def lane(self, action: Action) -> Hashable | None:
        return self.lanes(action)

    def _check_name(self, name: Any, identifier: str | None) -> None:
        if self.kind.unique and name is not None:
            for row in self.stored.values():
                if row["name"] == name and row["id"] != identifier:
                    raise not_unique()

    def count(self, call: str) -> int:
        return sum(1 for name, _what in self.calls if name == call)


def fake(kind: Kind, *rows: Row, **how: Any) -> FakeResource:
    return FakeResource(kind, {row["id"]: dict(row) for row in rows}, **how)


def carry_out(resource: FakeResource, wanted: list[Desired], **how: Any) -> dict[str, Outcome]:
    """Plan against what the lists show, carry out, return the outcomes by label."""
    purge = how.pop("purge", None)
    shown = [dict(row) for row in resource.stored.values() if row["id"] not in resource.hidden]
    plan = make_plan(resource.kind, wanted, shown, purge=purge)
    assert plan.problems == ()
    return {outcome.action.label: outcome for outcome in Execution(plan, resource, **how).run()}


def want(name: str, *, absent: bool = False, **values: Any) -> Desired:
    return Desired(name, {"name": name, **values}, absent)


def raising(call: str, errors: list[HttpError | None], only: Callable[[Any], bool] = lambda _what: True) -> Any:
    """Raise these errors, one per matching call; None lets one pass."""

    def before(name: str, what: Any) -> None:
        if name == call and only(what) and errors:
            error = errors.pop(0)
            if error is not None:
                raise error

    return before


# -- what is done ----------------------------------------------------------------------------------------------------


def test_objects_are_created_changed_deleted_and_kept_and_the_writes_confirmed_by_one_list() -> None:
    server = fake(
        SYSTEM, {"id": "1", "name": "keep"}, {"id": "2", "name": "change", "capacity": 1}, {"id": "3", "name": "drop"}
    )
    wanted = [want("keep"), want("change", capacity=2), want("drop", absent=True), want("new")]
    outcomes = carry_out(server, wanted)
    assert {label: o.verb for label, o in outcomes.items()} == {
        "keep": "keep", "change": "update", "new": "create", "drop": "delete",
    }  # fmt: skip
    assert all(o.error is None for o in outcomes.values())
    assert sorted(row["name"] for row in server.stored.values()) == ["change", "keep", "new"]
    assert server.count("rows") == 1
    assert server.count("read") == 0


def test_nothing_to_do_costs_no_request() -> None:
    server = fake(SYSTEM, {"id": "1", "name": "keep"})
    carry_out(server, [want("keep")])
    assert server.calls == [("complete", [])]


def test_what_needs_all_ids_is_written_once_between_the_writes_and_their_confirmation() -> None:
    server = fake(ZONE, {"id": "1", "name": "old", "code": "a"}, {"id": "2", "name": "drop"})
    wanted = [want("b", parent=Pending("zone", "a")), want("a"), want("old", code="b"), want("drop", absent=True)]
    carry_out(server, wanted, workers=1)
    assert [call for call, _what in server.calls] == ["create", "update", "create", "complete", "rows", "delete"]
    (order,) = [what for call, what in server.calls if call == "complete"]
    assert [server.stored[identifier]["name"] for identifier in order] == ["b", "a", "old"]


def test_what_can_not_be_completed_fails_its_object_and_no_other() -> None:
    server = fake(ZONE, incomplete={"b": failure(status=403)})
    outcomes = carry_out(server, [want("a"), want("b")])
    assert outcomes["a"].error is None
    assert isinstance(outcomes["b"].error, HttpError)


def test_with_a_server_that_can_not_be_reached_nothing_is_completed() -> None:
    server = fake(ZONE, before=raising("create", [failure("refused")]))
    carry_out(server, [want("a")])
    assert server.count("complete") == 0


def test_deleting_needs_no_confirmation_and_what_is_gone_already_is_fine() -> None:
    server = fake(SYSTEM, {"id": "1", "name": "drop"}, before=raising("delete", [failure(status=404)]))
    outcomes = carry_out(server, [want("drop", absent=True)])
    assert outcomes["drop"].error is None
    assert server.count("rows") == 0


def test_outcomes_come_in_the_order_of_the_plan() -> None:
    server = fake(SYSTEM)
    wanted = [want(f"room {n}") for n in range(20)]
    assert list(carry_out(server, wanted, workers=8)) == [w.label for w in wanted]


# -- lanes and waves -------------------------------------------------------------------------------------------------


def test_work_of_one_lane_never_overlaps_and_keeps_its_order_while_lanes_run_side_by_side() -> None:
    busy: set[str] = set()
    order: dict[str, list[int]] = {}
    lock = threading.Lock()
    overlapped = threading.Event()
    met = threading.Barrier(3, timeout=10)

    def work(item: tuple[str, int]) -> None:
        lane, number = item
        with lock:
            if lane in busy:
                overlapped.set()
            busy.add(lane)
            order.setdefault(lane, []).append(number)
        if number == 0:
            met.wait()  # the three lanes run at the same time, or this breaks
        # Room for the idle workers to take the next item of this lane, if they did.
        overlapped.wait(0.02)
        with lock:
            busy.discard(lane)

    run_lanes([(lane, number) for number in range(4) for lane in "abc"], lambda item: item[0], work, 9)
    assert not overlapped.is_set()
    assert order == {lane: list(range(4)) for lane in "abc"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([None, "a", "b", "c"]), max_size=12), st.integers(1, 4))
def test_every_item_is_worked_on_once(lanes: list[str | None], workers: int) -> None:
    done: list[int] = []
    lock = threading.Lock()

    def work(item: tuple[int, str | None]) -> None:
        with lock:
            done.append(item[0])

    run_lanes(list(enumerate(lanes)), lambda item: item[1], work, workers)
    assert sorted(done) == list(range(len(lanes)))
    for lane in "abc":
        of_lane = [n for n in done if lanes[n] == lane]
        assert of_lane == sorted(of_lane)


def test_a_defect_in_the_work_is_raised_and_not_swallowed() -> None:
    def work(item: int) -> None:
        raise ValueError(item)

    with pytest.raises(ValueError):
        run_lanes([1, 2], lambda item: None, work, 2)


def test_writes_of_one_system_never_overlap() -> None:
    """Drivers stand for any kind whose lane is the system, as modules' and settings' is."""
    busy: set[str] = set()
    lock = threading.Lock()
    overlapped = threading.Event()

    def before(call: str, what: Any) -> None:
        if call == "create":
            with lock:
                if str(what)[0] in busy:
                    overlapped.set()
                busy.add(str(what)[0])
            overlapped.wait(0.02)

    def after(_call: str, row: Any) -> None:
        with lock:
            busy.discard(str(row["name"])[0])

    server = fake(DRIVER, before=before, after=after, lanes=lambda action: action.label[0])
    names = [f"{system}{number}" for system in "abc" for number in range(5)]
    wanted = [Desired(name, {"name": name, "repository": "r", "file_name": name}) for name in names]
    outcomes = carry_out(server, wanted, workers=8)
    assert not overlapped.is_set()
    assert len([o for o in outcomes.values() if o.error is None]) == 15


@st.composite
def trees(draw: st.DrawFn) -> list[Desired]:
    """Zones in any order, each below another of the list or none."""
    count = draw(st.integers(1, 6))
    zones = []
    for number in range(count):
        parent = draw(st.none() | st.integers(0, number - 1)) if number else None
        inside = {} if parent is None else {"parent": Pending("zone", f"Zone {parent}")}
        zones.append(Desired(f"Zone {number}", {"name": f"Zone {number}", **inside}))
    return list(draw(st.permutations(zones)))


@settings(max_examples=40, deadline=None)
@given(trees(), st.sampled_from([1, 4]))
def test_a_tree_is_created_from_the_root_down_with_real_ids(tree: list[Desired], workers: int) -> None:
    server = fake(ZONE)
    outcomes = carry_out(server, tree, workers=workers)
    assert all(o.error is None for o in outcomes.values())
    ids = {row["name"]: row["id"] for row in server.stored.values()}
    for wanted in tree:
        parent = wanted.values.get("parent")
        row = server.stored[ids[wanted.label]]
        assert row.get("parent") == (ids[parent.name] if parent else None)


def test_what_lies_inside_a_zone_that_failed_is_not_attempted() -> None:
    server = fake(ZONE, before=raising("create", [failure(status=500)], lambda name: name == "building"))
    wanted = [
        want("level", parent=Pending("zone", "building")),
        want("building"),
        want("other"),
    ]
    outcomes = carry_out(server, wanted)
    assert isinstance(outcomes["building"].error, HttpError)
    assert isinstance(outcomes["level"].error, NotAttempted)
    assert "zone 'building' that it refers to was not created" in str(outcomes["level"].error)
    assert outcomes["other"].error is None


def test_zones_that_refer_to_each_other_in_a_circle_fail_and_do_not_hang() -> None:
    server = fake(ZONE)
    wanted = [want("a", parent=Pending("zone", "b")), want("b", parent=Pending("zone", "a")), want("c")]
    outcomes = carry_out(server, wanted)
    assert isinstance(outcomes["a"].error, NotAttempted)
    assert outcomes["c"].error is None
    assert server.count("create") == 1


def test_inner_zones_are_deleted_first_even_with_many_workers() -> None:
    rows: list[Row] = [{"id": "0", "name": "0"}] + [
        {"id": str(n), "name": str(n), "parent": str(n - 1)} for n in range(1, 5)
    ]
    server = fake(ZONE, *rows)
    carry_out(server, [want(str(n), absent=True) for n in range(5)], workers=8)
    assert [what for call, what in server.calls if call == "delete"] == ["4", "3", "2", "1", "0"]


def test_zones_in_a_circle_of_parents_are_deleted_all_the_same() -> None:
    server = fake(ZONE, {"id": "a", "name": "a", "parent": "b"}, {"id": "b", "name": "b", "parent": "a"})
    carry_out(server, [want("a", absent=True), want("b", absent=True)])
    assert server.stored == {}


def test_purged_objects_of_one_name_are_told_apart() -> None:
    rows: list[Row] = [{"id": str(n), "name": "Display", "repository": "r", "file_name": f"{n}.cr"} for n in range(3)]
    server = fake(DRIVER, *rows)
    outcomes = carry_out(server, [], purge=Purge({"repository": "r"}, 1.0))
    assert server.stored == {}
    assert len(outcomes) == 3


def test_swapped_names_are_written_without_a_moment_of_two_equal_names() -> None:
    rows: list[Row] = [{"id": e, "name": n, "email": f"{e}@x.example"} for e, n in zip("123", "ABC", strict=True)]
    server = fake(SYSTEM, *rows)
    wanted = [want(n, email=f"{e}@x.example", capacity=4) for e, n in zip("123", "BCA", strict=True)]
    outcomes = carry_out(server, wanted, workers=8)
    assert all(o.error is None for o in outcomes.values())
    assert {row["id"]: row["name"] for row in server.stored.values()} == {"1": "B", "2": "C", "3": "A"}
    assert {row["capacity"] for row in server.stored.values()} == {4}


# -- lost answers and lagging lists ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["timeout", "dropped"])
def test_after_a_lost_answer_the_object_is_looked_up_and_not_created_twice(reason: str) -> None:
    server = fake(SYSTEM)
    lost = [True]

    def after(call: str, _row: Any) -> None:
        if call == "create" and lost:
            lost.clear()
            raise failure(reason, maybe_done=True)

    server.after = after
    outcomes = carry_out(server, [want("room", capacity=4)])
    assert outcomes["room"].error is None
    assert server.count("create") == 1
    assert outcomes["room"].row is not None
    assert outcomes["room"].row["id"] in server.stored
    assert "found after" in outcomes["room"].notes[0]


def test_after_an_answer_that_was_lost_before_anything_was_done_the_object_is_created() -> None:
    server = fake(SYSTEM, before=raising("create", [failure("dropped", maybe_done=True)]))
    outcomes = carry_out(server, [want("room")])
    assert outcomes["room"].error is None
    assert server.count("create") == 2
    assert len(server.stored) == 1


def test_answers_that_are_lost_again_and_again_end_in_an_error() -> None:
    lost: list[HttpError | None] = [failure("dropped", maybe_done=True) for _attempt in range(9)]
    server = fake(SYSTEM, before=raising("create", lost))
    outcomes = carry_out(server, [want("room")])
    assert isinstance(outcomes["room"].error, HttpError)
    assert server.count("create") == 3


def test_a_refusal_that_was_surely_not_carried_out_is_not_looked_up() -> None:
    server = fake(SYSTEM, before=raising("create", [failure(status=400)]))
    outcomes = carry_out(server, [want("room")])
    assert isinstance(outcomes["room"].error, HttpError)
    assert (server.count("create"), server.count("find")) == (1, 0)


def test_an_object_behind_a_lagging_list_is_found_when_the_server_says_should_be_unique(clock: FakeClock) -> None:
    server = fake(SYSTEM, {"id": "1", "name": "room", "capacity": 1}, hidden={"1"})
    looks = []

    def before(call: str, _what: Any) -> None:
        if call == "find":
            looks.append(clock.now)
            if clock.now > 1.0:
                server.hidden.clear()

    server.before = before
    outcomes = carry_out(server, [want("room", capacity=2)])
    assert outcomes["room"].error is None
    assert server.count("create") == 1
    assert server.stored["1"]["capacity"] == 2
    assert len(server.stored) == 1
    assert len(looks) > 1


@pytest.mark.parametrize(
    ("status", "reason"), [(406, "has already been taken"), (422, "has already been taken"), (422, "should be unique")]
)
def test_a_name_that_is_taken_is_looked_for_in_whichever_words_that_is_said(status: int, reason: str) -> None:
    refusal = failure(status=status, failures=[{"field": "name", "reason": reason}])
    server = fake(SYSTEM, {"id": "1", "name": "room"}, before=raising("create", [refusal]))
    plan = make_plan(SYSTEM, [want("room", capacity=2)], [])
    (outcome,) = Execution(plan, server).run()
    assert outcome.error is None
    assert server.stored["1"]["capacity"] == 2


@pytest.mark.parametrize(("status", "reason"), [(406, "can't be blank"), (409, "has already been taken")])
def test_another_refusal_is_no_twin(status: int, reason: str) -> None:
    refusal = failure(status=status, failures=[{"field": "name", "reason": reason}])
    server = fake(SYSTEM, before=raising("create", [refusal]))
    assert carry_out(server, [want("room")])["room"].error is refusal
    assert server.count("find") == 0


def test_a_name_that_nobody_finds_behind_a_refusal_is_an_error_in_the_end(clock: FakeClock) -> None:
    server = fake(SYSTEM, {"id": "1", "name": "room"}, hidden={"1"})
    outcomes = carry_out(server, [want("room")], lookup_deadline=5.0)
    error = outcomes["room"].error
    assert isinstance(error, HttpError)
    assert error.status == 422
    assert clock.now <= 5.0


# -- conflicts and lost updates --------------------------------------------------------------------------------------


def test_after_a_conflict_the_object_is_read_compared_and_written_with_its_new_version() -> None:
    """Somebody else has set the capacity and the code meanwhile: the first stays, the second is not touched."""
    server = fake(SYSTEM, {"id": "1", "name": "room", "capacity": 1, "version": 0})

    def before(call: str, _what: Any) -> None:
        if call == "update" and server.count("update") == 1:
            server.stored["1"] |= {"version": 5, "capacity": 2, "code": "theirs"}

    server.before = before
    outcomes = carry_out(server, [want("room", capacity=2, bookable=True)])
    assert outcomes["room"].error is None
    assert [what for call, what in server.calls if call == "update"] == [
        ("1", {"capacity": 2, "bookable": True}),
        ("1", {"bookable": True}),
    ]
    assert server.stored["1"]["code"] == "theirs"


def test_a_conflict_that_does_not_end_is_an_error_after_a_few_tries() -> None:
    server = fake(
        SYSTEM, {"id": "1", "name": "room", "capacity": 1}, before=raising("update", [failure(status=409)] * 99)
    )
    outcomes = carry_out(server, [want("room", capacity=2)])
    error = outcomes["room"].error
    assert isinstance(error, HttpError)
    assert error.status == 409
    assert server.count("update") == _apply.CONFLICT_TRIES


def test_an_update_whose_answer_was_lost_is_not_written_again() -> None:
    server = fake(SYSTEM, {"id": "1", "name": "room", "capacity": 1})
    lost = [True]

    def after(call: str, _row: Any) -> None:
        if call == "update" and lost:
            lost.clear()
            raise failure("dropped", maybe_done=True)

    server.after = after
    outcomes = carry_out(server, [want("room", capacity=2)])
    assert outcomes["room"].error is None
    assert server.count("update") == 1


def test_a_lost_update_is_found_by_the_confirming_list_and_repaired() -> None:
    server = fake(SYSTEM, {"id": "1", "name": "room", "capacity": 1}, {"id": "2", "name": "other", "capacity": 1})

    def before(call: str, _what: Any) -> None:
        if call == "rows" and server.count("rows") == 1:
            server.stored["1"] = {**server.stored["1"], "capacity": 1}

    server.before = before
    outcomes = carry_out(server, [want("room", capacity=2), want("other", capacity=2)])
    assert server.stored["1"]["capacity"] == 2
    assert outcomes["room"].notes == ["the server lost capacity; written again"]
    assert outcomes["other"].notes == []
    assert server.count("read") == 2


def test_an_object_that_a_lagging_list_does_not_show_yet_is_read_by_its_id() -> None:
    server = fake(SYSTEM)
    server.after = lambda call, row: server.hidden.add(row["id"]) if call == "create" else None
    outcomes = carry_out(server, [want("room", capacity=2)])
    assert (outcomes["room"].error, outcomes["room"].notes) == (None, [])
    assert server.count("read") == 1


def test_an_object_that_is_gone_after_it_was_written_is_an_error() -> None:
    server = fake(SYSTEM)
    server.after = lambda call, _row: server.stored.clear() if call == "create" else None
    outcomes = carry_out(server, [want("room")])
    assert "gone when looked at again" in str(outcomes["room"].error)


def test_what_can_only_be_read_in_part_is_not_written_again_by_the_confirmation() -> None:
    kind = Kind("thing", "things", (Field("name"), Field("document", canon=lambda _value: "veiled")), (("name",),))
    row = {"id": "1", "name": "it", "document": PartlyReadable(secret="fake ciphertext")}
    server = fake(kind, row, normalise=lambda values: {**values, "document": PartlyReadable(secret="fake ciphertext")})
    outcomes = carry_out(server, [want("it", document={"$secret": "new"})])
    assert outcomes["it"].error is None
    assert [what for call, what in server.calls if call == "update"] == [("1", {"document": {"$secret": "new"}})]
    assert outcomes["it"].notes == []


def test_after_a_conflict_a_secret_that_the_plan_wanted_to_write_is_sent_again() -> None:
    kind = Kind("thing", "things", (Field("name"), Field("document", canon=lambda _value: "veiled")), (("name",),))
    row = {"id": "1", "name": "it", "document": PartlyReadable(secret="fake ciphertext")}
    server = fake(kind, row, before=raising("update", [failure(status=409)]))
    carry_out(server, [want("it", document={"$secret": "new"})])
    assert server.stored["1"]["document"] == {"$secret": "new"}


def test_a_value_that_the_server_stores_otherwise_is_noted_and_not_written_for_ever() -> None:
    """A normalisation that we do not know must not make a loop, and must not pass in silence."""
    server = fake(SYSTEM, normalise=lambda values: {**values, "capacity": min(values.get("capacity", 0), 10)})
    outcomes = carry_out(server, [want("room", capacity=99)])
    assert outcomes["room"].error is None
    assert outcomes["room"].notes == ["the server stores another value than was sent for capacity"]
    assert server.count("update") == 1


def test_a_value_that_the_server_normalises_as_expected_is_no_difference() -> None:
    server = fake(SYSTEM, normalise=lambda v: {**v, "name": html.escape(v["name"]), "email": v["email"].lower()})
    outcomes = carry_out(server, [want("R&D", email="RD@Acme.example")])
    assert (outcomes["R&D"].error, outcomes["R&D"].notes) == (None, [])
    assert server.count("update") == 0


def test_writes_that_can_not_be_confirmed_are_noted() -> None:
    server = fake(SYSTEM, before=raising("rows", [failure(status=500)]))
    outcomes = carry_out(server, [want("room")])
    assert outcomes["room"].error is None
    assert "written, but not confirmed" in outcomes["room"].notes[0]


# -- failures --------------------------------------------------------------------------------------------------------


def test_one_object_that_fails_does_not_stop_the_others() -> None:
    server = fake(SYSTEM, before=raising("create", [failure(status=500)], lambda name: name == "room 7"))
    outcomes = carry_out(server, [want(f"room {n}") for n in range(50)], workers=4)
    failed = [label for label, o in outcomes.items() if o.error is not None]
    assert failed == ["room 7"]
    assert len(server.stored) == 49


@pytest.mark.parametrize("reason", ["refused", "tls"])
def test_a_server_that_can_not_be_reached_stops_the_rest(reason: str) -> None:
    server = fake(SYSTEM, before=raising("create", [None, None, *[failure(reason)] * 99]))
    outcomes = list(carry_out(server, [want(f"room {n}") for n in range(10)], workers=1).values())
    assert [type(o.error).__name__ for o in outcomes] == ["NoneType"] * 2 + ["HttpError"] + ["NotAttempted"] * 7
    assert "not attempted, since the server stopped answering" in str(outcomes[-1].error)
    assert server.count("create") == 3
    assert server.count("rows") == 0


@pytest.mark.parametrize("reason", ["timeout", "dropped", "status"])
def test_other_failures_do_not_stop_the_rest(reason: str) -> None:
    server = fake(SYSTEM, before=raising("create", [failure(reason, 500 if reason == "status" else None)]))
    outcomes = carry_out(server, [want(f"room {n}") for n in range(3)], workers=1)
    assert sum(1 for o in outcomes.values() if o.error is not None) == 1


def test_a_delete_whose_answer_was_lost_is_looked_at_and_done_again_if_need_be() -> None:
    server = fake(SYSTEM, {"id": "1", "name": "a"}, {"id": "2", "name": "b"})

    def after(call: str, row: Any) -> None:
        if call == "delete" and row["id"] == "1":
            raise failure("dropped", maybe_done=True)

    server.after = after
    server.before = raising("delete", [failure("dropped", maybe_done=True)], lambda what: what == "2")
    outcomes = carry_out(server, [want("a", absent=True), want("b", absent=True)], workers=1)
    assert all(o.error is None for o in outcomes.values())
    assert [what for call, what in server.calls if call == "delete"] == ["1", "2", "2"]
    assert server.stored == {}


def test_a_second_step_of_an_object_whose_first_failed_is_left_out() -> None:
    row: Row = {"id": "1", "name": "a"}
    first = Action("update", "a", want("a"), row, {"name": Change("a", "b")}, lane="renames")
    second = Action("update", "a", want("a"), row, {"name": Change("b", "c")}, lane="renames")
    server = fake(SYSTEM, row, before=raising("update", [failure(status=400)]))
    Execution(Plan(SYSTEM, (first, second)), server).run()
    assert server.count("update") == 1
