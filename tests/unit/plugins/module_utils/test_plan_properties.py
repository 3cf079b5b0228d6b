# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties that hold for every plan, whatever the inventory and the server hold."""

from __future__ import annotations

import html
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.module_utils._placeos import compare
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds import METADATA, SETTINGS, SYSTEM, ZONE
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    Action,
    Desired,
    Kind,
    Pending,
    Plan,
    Purge,
    Row,
    make_plan,
)

NAMES = ["A", "B", "C", "D", "E", "R&D", "it's"]
EMAILS = ["a@acme.example", "b@acme.example", "c@acme.example", "d@acme.example"]
ZONES = ["zone-org", "zone-bld", "zone-lvl"]
FEATURES = ["vc", "whiteboard", "Tea & Coffee"]

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "capacity": st.integers(0, 3),
    "bookable": st.booleans(),
    "features": st.lists(st.sampled_from(FEATURES), max_size=4),
    "zones": st.lists(st.sampled_from(ZONES), max_size=3),
    "display_name": st.sampled_from(["", "One", "Two & a half"]),
    "description": st.sampled_from(["", "<b>x</b>", "a & b"]),
    "timezone": st.sampled_from(["", "Australia/Sydney"]),
}


def spelled(value: str) -> st.SearchStrategy[str]:
    """The same name or e-mail as people write it."""
    return st.sampled_from([value, f" {value} ", html.escape(value, quote=True) if "@" not in value else value.upper()])


def stored(kind: Kind, name: str, value: Any) -> Any:
    """What the server makes of a sent value: trimmed, escaped, e-mails lower-cased, "" as null or UTC."""
    canon = kind.field(name).canon
    if canon is compare.text and isinstance(value, str):
        return html.escape(html.unescape(value.strip()), quote=False) or None
    if canon is compare.text_set:
        return sorted({html.escape(html.unescape(item), quote=False) for item in value})
    if canon is compare.email:
        return value.strip().lower()
    if name == "timezone":
        return value or "UTC"
    return value


class FakeDatabase:
    """Carries single steps out as the server does; refuses a second object with a unique name."""

    def __init__(self, kind: Kind, rows: list[Row]) -> None:
        self.kind = kind
        self.rows = {row["id"]: dict(row) for row in rows}

    def do(self, action: Action) -> None:
        if action.verb == "delete" and action.current:
            del self.rows[action.current["id"]]
        if action.verb not in ("create", "update"):
            return
        identifier = action.current["id"] if action.current else f"new-{len(self.rows)}-{action.label}"
        values = {name: self.stored(name, change.after) for name, change in action.changes.items()}
        row = {**self.rows.get(identifier, {"id": identifier}), **values}
        if self.kind.unique:
            twins = [r for r in self.rows.values() if r["id"] != identifier and r["name"] == row["name"]]
            assert not twins, f"{action.verb} of {action.label} makes a second {row['name']!r}"
        self.rows[identifier] = row

    def stored(self, name: str, value: Any) -> Any:
        if isinstance(value, Pending):
            (row,) = [row for row in self.rows.values() if compare.text(row["name"]) == compare.text(value.name)]
            return row["id"]
        return stored(self.kind, name, value)

    def do_all(self, plan: Plan) -> list[Row]:
        for action in plan.actions:
            self.do(action)
        return list(self.rows.values())


@st.composite
def system_rows(draw: st.DrawFn) -> list[Row]:
    """Systems as a server may hold them: unique names, e-mails that may repeat."""
    rows: list[Row] = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5)):
        row: Row = {"id": f"sys-{len(rows)}", "name": html.escape(name, quote=False)}
        row["email"] = draw(st.sampled_from([*EMAILS, "", None]))
        fields = draw(st.fixed_dictionaries({}, optional=FIELDS))
        rows.append(row | {key: stored(SYSTEM, key, value) for key, value in fields.items()})
    return rows


@st.composite
def wanted_systems(draw: st.DrawFn, *, absent: bool = True) -> list[Desired]:
    """A list as an inventory may hold it: every name and e-mail once."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    emails = draw(st.permutations([*EMAILS, None, None]))
    wanted = []
    for name, email in zip(names, emails, strict=False):
        values = {"name": draw(spelled(name))}
        gone = absent and draw(st.integers(0, 4)) == 0
        if email:
            values["email"] = draw(spelled(email))
        values.update(draw(st.fixed_dictionaries({}, optional=FIELDS)))
        wanted.append(Desired(name, values, gone))
    return wanted


def assume_it_can_be_done(plan: Plan, rows: list[Row]) -> None:
    """Leave out what no order of steps could do: a name that an object outside the list, or a doomed one, holds."""
    assume(not plan.problems)
    moving = {a.current["id"] for a in plan.of("update") if a.current and "name" in a.changes}
    still = {compare.text(row["name"]) for row in rows if row["id"] not in moving}
    taken = {compare.text(a.changes["name"].after) for a in plan.of("create", "update") if "name" in a.changes}
    assume(not still & {name for name in taken if "(being renamed)" not in str(name)})


def is_two_rooms(gone: Desired, rows: list[Row]) -> bool:
    """Does it name one room by its e-mail, and another one, which has none, by its name? Both go, one per run."""
    by_email = [row for row in rows if row["email"] and row["email"] == compare.email(gone.values.get("email"))]
    nameless = [row for row in rows if not row["email"] and compare.text(row["name"]) == compare.text(gone.label)]
    return bool(by_email and nameless)


@given(system_rows(), wanted_systems())
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(rows: list[Row], wanted: list[Desired]) -> None:
    plan = make_plan(SYSTEM, wanted, rows)
    assume_it_can_be_done(plan, rows)
    assume(not any(is_two_rooms(gone, rows) for gone in wanted if gone.absent))
    after = FakeDatabase(SYSTEM, rows).do_all(plan)
    again = make_plan(SYSTEM, wanted, after)
    assert (again.changed, again.problems) == (False, ())


@given(st.permutations(range(5)), st.permutations(range(5)), st.integers(0, 2))
def test_rotated_names_never_make_two_objects_of_one_name(before: list[int], after: list[int], new: int) -> None:
    """Any permutation of names among rooms with e-mails, and new rooms that take freed names."""
    count = 5 - new
    rows: list[Row] = [{"id": f"sys-{n}", "name": NAMES[before[n]], "email": f"{n}@acme.example"} for n in range(count)]
    wanted = [Desired(NAMES[after[n]], {"name": NAMES[after[n]], "email": f"{n}@acme.example"}) for n in range(5)]
    plan = make_plan(SYSTEM, wanted, rows)
    left = FakeDatabase(SYSTEM, rows).do_all(plan)
    assert {row["email"]: html.unescape(row["name"]) for row in left} == {
        f"{n}@acme.example": NAMES[after[n]] for n in range(5)
    }


@given(st.permutations(range(5)), st.permutations(range(5)), st.integers(0, 2), st.data())
def test_whatever_lane_is_faster_no_name_is_taken_before_it_is_free(
    before: list[int], after: list[int], new: int, data: st.DataObject
) -> None:
    """Steps of one lane run in order; everything else at any time."""
    count = 5 - new
    rows: list[Row] = [{"id": f"sys-{n}", "name": NAMES[before[n]], "email": f"{n}@acme.example"} for n in range(count)]
    wanted = [Desired(NAMES[after[n]], {"name": NAMES[after[n]], "email": f"{n}@acme.example"}) for n in range(5)]
    lanes: dict[Any, list[Action]] = {}
    for position, action in enumerate(make_plan(SYSTEM, wanted, rows).actions):
        lanes.setdefault(action.lane or position, []).append(action)
    database = FakeDatabase(SYSTEM, rows)
    while lanes:
        lane = data.draw(st.sampled_from(sorted(lanes, key=str)))
        database.do(lanes[lane].pop(0))
        if not lanes[lane]:
            del lanes[lane]


@given(system_rows(), wanted_systems(), st.randoms(use_true_random=False))
def test_the_order_in_which_the_server_lists_its_objects_does_not_count(
    rows: list[Row], wanted: list[Desired], random: Any
) -> None:
    purge = Purge({"name": "*"}, 0.5)
    shuffled = random.sample(rows, len(rows))
    assert make_plan(SYSTEM, wanted, shuffled, purge=purge) == make_plan(SYSTEM, wanted, rows, purge=purge)


@given(st.lists(st.sampled_from(FEATURES), max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_the_elements_of_a_set_does_not_count(features: list[str], random: Any) -> None:
    row: Row = {"id": "sys-1", "name": "A", "features": stored(SYSTEM, "features", features)}
    wanted = Desired("A", {"name": "A", "features": random.sample(features, len(features))})
    assert not make_plan(SYSTEM, [wanted], [row]).changed


@given(st.lists(st.sampled_from(ZONES), max_size=4), st.lists(st.sampled_from(ZONES), max_size=4))
def test_the_order_and_number_of_the_elements_of_a_list_count(before: list[str], after: list[str]) -> None:
    row: Row = {"id": "sys-1", "name": "A", "zones": before}
    plan = make_plan(SYSTEM, [Desired("A", {"name": "A", "zones": after})], [row])
    assert plan.changed == (before != after)


@given(system_rows(), wanted_systems())
def test_only_fields_that_the_user_set_are_ever_changed(rows: list[Row], wanted: list[Desired]) -> None:
    for action in make_plan(SYSTEM, wanted, rows).of("create", "update"):
        assert action.desired is not None
        assert set(action.changes) <= set(action.desired.values)


@given(system_rows(), wanted_systems())
def test_every_desired_object_is_in_the_plan_once_or_has_a_problem(rows: list[Row], wanted: list[Desired]) -> None:
    plan = make_plan(SYSTEM, wanted, rows)
    faulty = {problem.label for problem in plan.problems}
    planned = [
        a.label for a in plan.actions if set(a.changes) != {"name"} or "(being" not in str(a.changes["name"].after)
    ]
    assert sorted(planned) == sorted(w.label for w in wanted if w.label not in faulty)


@given(system_rows(), wanted_systems())
def test_no_row_is_claimed_by_two_objects(rows: list[Row], wanted: list[Desired]) -> None:
    owners: dict[str, set[str]] = {}
    for action in make_plan(SYSTEM, wanted, rows).actions:
        if action.current:
            owners.setdefault(action.current["id"], set()).add(action.label)
    assert all(len(labels) == 1 for labels in owners.values())


@given(system_rows(), wanted_systems(absent=False), st.floats(0, 1))
def test_a_purge_leaves_what_is_desired_and_stays_within_its_share(
    rows: list[Row], wanted: list[Desired], share: float
) -> None:
    plan = make_plan(SYSTEM, wanted, rows, purge=Purge({"name": "*"}, share))
    purged = {a.current["id"] for a in plan.actions if a.purged and a.current}
    others = {a.current["id"] for a in plan.actions if not a.purged and a.current}
    assert not purged & others
    too_large = len(purged) > share * len(rows)
    assert too_large == any(problem.label == "purge" for problem in plan.problems)


# -- trees of zones --------------------------------------------------------------------------------------------------


@given(st.dictionaries(st.integers(0, 5), st.none() | st.integers(0, 5), min_size=1))
def test_deletion_ends_for_any_parents_and_goes_up_where_there_is_no_cycle(parents: dict[int, int | None]) -> None:
    rows: list[Row] = [{"id": f"zone-{n}", "name": f"Z{n}", "parent": f"zone-{p}"} for n, p in parents.items()]
    wanted = [Desired(row["name"], {"name": row["name"]}, absent=True) for row in rows]
    deleted = [a.current["id"] for a in make_plan(ZONE, wanted, rows).actions if a.current]
    assert sorted(deleted) == sorted(row["id"] for row in rows)
    if not any(in_a_cycle(n, parents) for n in parents):
        for row in rows:
            if row["parent"] in deleted:
                assert deleted.index(row["id"]) < deleted.index(row["parent"])


def in_a_cycle(start: int, parents: dict[int, int | None]) -> bool:
    node, steps = parents.get(start), 0
    while node is not None and steps <= len(parents):
        node, steps = parents.get(node), steps + 1
    return node is not None


# -- documents -------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.sampled_from(["", "x", "é"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(st.sampled_from("abcd"), JSON, max_size=4)


@given(DOCUMENTS, DOCUMENTS, st.sampled_from(["merge", "replace"]))
def test_a_document_that_was_written_is_not_written_again(
    before: dict[str, Any], document: dict[str, Any], mode: str
) -> None:
    row: Row = {"id": "sets-1", "parent": "driver-1", "encryption_level": "none", "document": before}
    values = {"parent": "driver-1", "encryption_level": "none", "document": document, "mode": mode}
    plan = make_plan(SETTINGS, [Desired("s", values)], [row])
    after = FakeDatabase(SETTINGS, [row]).do_all(plan)
    assert not make_plan(SETTINGS, [Desired("s", values)], after).changed


@given(DOCUMENTS)
def test_replacing_leaves_exactly_what_was_given(document: dict[str, Any]) -> None:
    row: Row = {"id": "p/m", "parent": "p", "name": "m", "details": {"old": 1}}
    values = {"parent": "p", "name": "m", "details": document, "mode": "replace"}
    (after,) = FakeDatabase(METADATA, [row]).do_all(make_plan(METADATA, [Desired("m", values)], [row]))
    assert compare.document(after["details"]) == compare.document(document)


@given(DOCUMENTS, DOCUMENTS)
def test_merging_leaves_alone_what_is_not_named(before: dict[str, Any], document: dict[str, Any]) -> None:
    merged = compare.merged(before, document)
    for key, value in before.items():
        if key not in document:
            assert merged[key] == value
    for key, value in document.items():
        if value is None:
            assert key not in merged
        elif not isinstance(value, dict):
            assert merged[key] == value


@settings(max_examples=50)
@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_count(document: dict[str, Any], random: Any) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shuffled(value[key]) for key in random.sample(sorted(value), len(value))}
        return value

    row: Row = {"id": "sets-1", "parent": "driver-1", "encryption_level": "none", "document": document}
    values = {"parent": "driver-1", "encryption_level": "none", "document": shuffled(document), "mode": "replace"}
    assert not make_plan(SETTINGS, [Desired("s", values)], [row]).changed
