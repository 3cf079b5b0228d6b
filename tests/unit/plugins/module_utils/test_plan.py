# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says, one example per rule. The same rules as properties stand in test_plan_properties.py."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds import (
    DOMAIN,
    DRIVER,
    METADATA,
    MODULE,
    REPOSITORY,
    SETTINGS,
    SYSTEM,
    TENANT,
    ZONE,
)
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    UNREADABLE,
    Change,
    Desired,
    Field,
    Kind,
    PartlyReadable,
    Pending,
    Plan,
    Purge,
    Row,
    differences,
    exact,
    make_plan,
)


def want(label: str = "", *, absent: bool = False, **values: Any) -> Desired:
    return Desired(label or str(values.get("name") or values.get("id")), values, absent)


def verbs(plan: Plan) -> dict[str, str]:
    return {action.label: action.verb for action in plan.actions}


def only_changes(plan: Plan) -> dict[str, Change]:
    (action,) = plan.actions
    return action.changes


ROOM: Row = {"id": "sys-1", "name": "Sydney 27.01", "email": "syd-27.01@acme.example", "capacity": 8}


# -- create, update, delete, keep ------------------------------------------------------------------------------------


def test_what_is_missing_is_created_with_what_the_user_set_and_nothing_else() -> None:
    plan = make_plan(SYSTEM, [want(name="27.01", capacity=8)], [])
    assert verbs(plan) == {"27.01": "create"}
    assert only_changes(plan) == {"name": Change(None, "27.01"), "capacity": Change(None, 8)}


def test_what_is_as_desired_is_kept() -> None:
    plan = make_plan(SYSTEM, [want(name="Sydney 27.01", capacity=8)], [ROOM])
    assert verbs(plan) == {"Sydney 27.01": "keep"}
    assert not plan.changed


def test_a_changed_field_alone_is_updated() -> None:
    plan = make_plan(SYSTEM, [want(name="Sydney 27.01", capacity=10)], [ROOM])
    assert only_changes(plan) == {"capacity": Change(8, 10)}
    assert plan.changed


def test_unset_is_not_null() -> None:
    assert not make_plan(SYSTEM, [want(name="Sydney 27.01")], [ROOM]).changed


def test_an_empty_text_clears_a_value() -> None:
    plan = make_plan(SYSTEM, [want(name="Sydney 27.01", email="")], [ROOM])
    assert only_changes(plan) == {"email": Change("syd-27.01@acme.example", "")}


@pytest.mark.parametrize("stored", ["", None], ids=["empty", "null"])
def test_an_empty_text_is_null(stored: str | None) -> None:
    row = {**ROOM, "map_id": stored, "display_name": stored, "email": stored}
    wanted = want(name="Sydney 27.01", map_id="", display_name="", email="")
    assert not make_plan(SYSTEM, [wanted], [row]).changed


def test_what_is_to_be_absent_is_deleted_once() -> None:
    gone = want(name="Sydney 27.01", absent=True)
    assert verbs(make_plan(SYSTEM, [gone], [ROOM])) == {"Sydney 27.01": "delete"}
    assert verbs(make_plan(SYSTEM, [gone], [])) == {"Sydney 27.01": "keep"}


def test_a_room_is_not_deleted_for_having_the_name_of_another_one() -> None:
    """Else a second run would delete the next room of that name."""
    theirs: Row = {"id": "sys-2", "name": "Sydney 27.01", "email": "new@acme.example"}
    gone = want(name="Sydney 27.01", email="syd-27.01@acme.example", absent=True)
    assert verbs(make_plan(SYSTEM, [gone], [theirs])) == {"Sydney 27.01": "keep"}
    without_email = {**theirs, "email": ""}
    assert verbs(make_plan(SYSTEM, [gone], [without_email])) == {"Sydney 27.01": "delete"}


def test_nothing_but_the_desired_objects_is_in_a_plan_without_purge() -> None:
    plan = make_plan(SYSTEM, [want(name="27.02")], [ROOM])
    assert verbs(plan) == {"27.02": "create"}


# -- comparison ------------------------------------------------------------------------------------------------------


def test_the_order_and_repetition_of_features_do_not_count() -> None:
    row = {**ROOM, "features": ["vc", "whiteboard"]}
    assert not make_plan(SYSTEM, [want(name=ROOM["name"], features=["whiteboard", "vc", "vc"])], [row]).changed


def test_the_order_of_a_systems_zones_counts() -> None:
    row = {**ROOM, "zones": ["zone-org", "zone-level"]}
    plan = make_plan(SYSTEM, [want(name=ROOM["name"], zones=["zone-level", "zone-org"])], [row])
    assert only_changes(plan) == {"zones": Change(["zone-org", "zone-level"], ["zone-level", "zone-org"])}


def test_a_name_that_the_server_stored_escaped_is_the_same_name() -> None:
    row = {"id": "zone-1", "name": "R&amp;D Lab"}
    assert not make_plan(ZONE, [want(name="R&D Lab")], [row]).changed


def test_a_default_that_the_server_leaves_out_is_no_change() -> None:
    wanted = want(name=ROOM["name"], bookable=False, installed_ui_devices=0, features=[], zones=[])
    assert not make_plan(SYSTEM, [wanted], [ROOM]).changed


def test_exact_values_compare_deeply_and_hashably() -> None:
    assert exact({"b": [1, {"c": 2}], "a": 1}) == exact({"a": 1, "b": [1, {"c": 2}]})
    assert exact([1, 2]) != exact([2, 1])
    assert hash(exact({"a": [1]})) == hash(exact({"a": [1]}))


# -- identity --------------------------------------------------------------------------------------------------------


def test_a_room_with_a_known_email_is_renamed_not_created() -> None:
    plan = make_plan(SYSTEM, [want(name="Sydney 27.01 (VC)", email="SYD-27.01@acme.example")], [ROOM])
    assert only_changes(plan) == {"name": Change("Sydney 27.01", "Sydney 27.01 (VC)")}


def test_the_id_is_stronger_than_the_email_and_the_email_than_the_name() -> None:
    rows: list[Row] = [
        {"id": "sys-a", "name": "N", "email": "n@acme.example"},
        {"id": "sys-b", "name": "E", "email": "e@acme.example"},
        {"id": "sys-c", "name": "I", "email": "i@acme.example"},
    ]
    (by_email,) = make_plan(SYSTEM, [want(name="N", email="e@acme.example")], rows).actions
    (by_id,) = make_plan(SYSTEM, [want(id="sys-c", name="N", email="e@acme.example")], rows).actions
    (by_name,) = make_plan(SYSTEM, [want(name="N", email="new@acme.example")], rows).actions
    matched = [action.current["id"] for action in (by_email, by_id, by_name) if action.current]
    assert matched == ["sys-b", "sys-c", "sys-a"]


def test_a_room_that_takes_over_a_name_does_not_take_over_the_room_that_had_it() -> None:
    """The weaker identity of the first may not claim what the stronger one of the second will."""
    rows: list[Row] = [{"id": "sys-1", "name": "Alpha", "email": "a@acme.example"}]
    wanted = [want(name="Alpha", email="new@acme.example"), want(name="Beta", email="a@acme.example")]
    plan = make_plan(SYSTEM, wanted, rows)
    assert verbs(plan) == {"Alpha": "create", "Beta": "update"}
    assert [action.label for action in plan.actions] == ["Beta", "Alpha"]


def test_several_matches_are_one_problem_that_names_all_ids() -> None:
    rows: list[Row] = [{"id": f"sys-{n}", "name": f"Room {n}", "email": "same@acme.example"} for n in (3, 1, 2)]
    plan = make_plan(SYSTEM, [want(name="27.01", email="same@acme.example")], rows)
    (problem,) = plan.problems
    assert (problem.label, problem.field) == ("27.01", "email")
    assert "3 systems have this email: sys-1, sys-2, sys-3" in problem.text
    assert plan.actions == ()


def test_among_several_matches_the_one_with_the_same_name_is_meant() -> None:
    rows: list[Row] = [{"id": f"sys-{n}", "name": f"Room {n}", "email": "same@acme.example"} for n in (1, 2)]
    (action,) = make_plan(SYSTEM, [want(name="Room 2", email="same@acme.example", capacity=4)], rows).actions
    assert action.current == rows[1]


def test_of_several_matches_none_is_deleted_whatever_its_name() -> None:
    """The next run would find the other one alone, and delete that too."""
    rows: list[Row] = [{"id": f"sys-{n}", "name": f"Room {n}", "email": "same@acme.example"} for n in (1, 2)]
    plan = make_plan(SYSTEM, [want(name="Room 2", email="same@acme.example", absent=True)], rows)
    assert plan.actions == ()
    assert "sys-1, sys-2" in plan.problems[0].text


def test_an_unknown_id_is_a_problem_but_fine_where_the_object_is_to_be_absent() -> None:
    (problem,) = make_plan(SYSTEM, [want(id="sys-nope", name="27.01")], [ROOM]).problems
    assert problem.field == "id"
    assert "no system with the id sys-nope" in problem.text
    plan = make_plan(SYSTEM, [want(id="sys-nope", absent=True)], [ROOM])
    assert (verbs(plan), plan.problems) == ({"sys-nope": "keep"}, ())


@pytest.mark.parametrize(
    ("kind", "first", "second", "said"),
    [
        (SYSTEM, {"name": "A", "email": "x@a.example"}, {"name": "B", "email": "X@a.example"}, "the same email as 'A'"),
        (
            SYSTEM,
            {"name": "A", "email": "x@a.example"},
            {"name": " A ", "email": "y@a.example"},
            "the same name as 'A'",
        ),
        (ZONE, {"name": "R&D"}, {"name": "R&amp;D"}, "the same name as 'R&D'"),
        (ZONE, {"id": "zone-1", "name": "A"}, {"id": "zone-1", "name": "B"}, "the same id as 'A'"),
        (
            METADATA,
            {"name": "m", "parent": "zone-1"},
            {"name": "m", "parent": "zone-1"},
            "the same parent and name as 'm'",
        ),
    ],
)
def test_duplicates_in_the_list_are_a_problem(
    kind: Kind, first: dict[str, Any], second: dict[str, Any], said: str
) -> None:
    rows: list[Row] = [{"id": "zone-1", "name": "A"}]
    (problem,) = make_plan(kind, [want(**first), want("second", **second)], rows).problems
    assert problem.label == "second"
    assert said in problem.text


def test_two_objects_of_a_kind_whose_names_may_repeat_are_no_duplicates() -> None:
    wanted = [
        want("first", name="Display", repository="repo-1", file_name="a.cr"),
        want("second", name="Display", repository="repo-1", file_name="b.cr"),
    ]
    plan = make_plan(DRIVER, wanted, [])
    assert (plan.problems, verbs(plan)) == ((), {"first": "create", "second": "create"})


def test_a_repository_is_found_by_its_uri_where_no_folder_name_is_asked_for() -> None:
    row: Row = {"id": "repo-1", "name": "Drivers", "uri": "https://github.com/PlaceOS/drivers.git"}
    row |= {"repo_type": "driver", "folder_name": "d"}
    same = want(name="Drivers", uri="https://GitHub.com/PlaceOS/drivers/", repo_type="driver")
    assert verbs(make_plan(REPOSITORY, [same], [row])) == {"Drivers": "keep"}
    other = want(name="Drivers", uri=row["uri"], repo_type="driver", folder_name="second")
    assert verbs(make_plan(REPOSITORY, [other], [row])) == {"Drivers": "create"}


def test_a_driver_without_a_file_is_found_by_its_name() -> None:
    row: Row = {"id": "driver-1", "name": "Display", "repository": "repo-1", "file_name": "a.cr"}
    assert verbs(make_plan(DRIVER, [want(name="Display")], [row])) == {"Display": "keep"}


def test_a_logic_module_is_told_from_that_of_another_system() -> None:
    rows: list[Row] = [{"id": "mod-1", "driver": "driver-1", "system": "sys-1", "name": "Bookings"}]
    wanted = [want(s, driver="driver-1", system=s) for s in ("sys-1", "sys-2")]
    assert verbs(make_plan(MODULE, wanted, rows)) == {"sys-1": "keep", "sys-2": "create"}


def test_a_tenant_without_email_domain_is_not_the_one_with() -> None:
    rows: list[Row] = [{"id": 1, "domain": "acme.example", "email_domain": "b.example", "name": "b"}]
    assert verbs(make_plan(TENANT, [want("x", domain="acme.example")], rows)) == {"x": "create"}


# -- rules of fields -------------------------------------------------------------------------------------------------


def test_an_immutable_field_that_differs_is_a_problem_that_says_what_to_do() -> None:
    row: Row = {"id": "driver-1", "name": "D", "repository": "repo-1", "file_name": "a.cr", "role": "device"}
    wanted = want(name="D", repository="repo-1", file_name="a.cr", role="logic")
    (problem,) = make_plan(DRIVER, [wanted], [row]).problems
    assert problem.field == "role"
    assert "driver-1 is 'device' and can't be changed to 'logic'; remove the object first" in problem.text


def test_a_document_is_merged_into_what_is_there() -> None:
    row: Row = {"id": "sets-1", "parent": "driver-1", "encryption_level": "none", "document": {"a": 1, "b": {"c": 2}}}
    wanted = want("s", parent="driver-1", encryption_level="none", document={"b": {"d": 3}, "a": None})
    assert only_changes(make_plan(SETTINGS, [wanted], [row])) == {
        "document": Change({"a": 1, "b": {"c": 2}}, {"b": {"c": 2, "d": 3}})
    }


def test_a_document_replaces_what_is_there_where_that_is_said() -> None:
    row: Row = {"id": "sets-1", "parent": "driver-1", "encryption_level": "none", "document": {"a": 1, "b": 2}}
    wanted = want("s", parent="driver-1", encryption_level="none", document={"b": 2}, mode="replace")
    assert only_changes(make_plan(SETTINGS, [wanted], [row])) == {"document": Change({"a": 1, "b": 2}, {"b": 2})}


def test_a_document_of_a_new_object_is_merged_into_nothing() -> None:
    wanted = want("d", domain="acme.example", config={"a": {"b": None, "c": 1}}, mode="merge")
    assert only_changes(make_plan(DOMAIN, [wanted], []))["config"] == Change(None, {"a": {"c": 1}})


def test_a_secret_that_can_not_be_read_is_decided_by_the_caller() -> None:
    row: Row = {"id": 1, "domain": "acme.example", "credentials": UNREADABLE}
    wanted = [want("t", domain="acme.example", credentials={"tenant": "x"})]
    assert only_changes(make_plan(TENANT, wanted, [row])) == {"credentials": Change(UNREADABLE, {"tenant": "x"})}
    assert not make_plan(TENANT, wanted, [row], same_secret=lambda *_args: True).changed
    asked: list[Any] = []

    def different(*args: Any) -> bool:
        asked.append(args)
        return False

    assert make_plan(TENANT, wanted, [row], same_secret=different).changed
    assert asked == [(TENANT, wanted[0], row, "credentials")]
    assert repr(UNREADABLE) == "(not readable)"


# -- order -----------------------------------------------------------------------------------------------------------


def test_swapped_names_are_parked_on_the_way() -> None:
    rows: list[Row] = [
        {"id": "sys-a", "name": "A", "email": "a@acme.example"},
        {"id": "sys-b", "name": "B", "email": "b@acme.example"},
    ]
    plan = make_plan(SYSTEM, [want(name="B", email="a@acme.example"), want(name="A", email="b@acme.example")], rows)
    steps = [(a.current["id"], a.changes["name"].after, a.lane) for a in plan.actions if a.current]
    assert steps == [
        ("sys-a", "A (being renamed)", "renames"),
        ("sys-b", "A", "renames"),
        ("sys-a", "B", "renames"),
    ]


def test_a_name_is_freed_before_it_is_taken_by_a_new_object() -> None:
    rows: list[Row] = [{"id": "sys-a", "name": "A", "email": "a@acme.example"}]
    wanted = [want(name="A", email="new@acme.example"), want(name="A old", email="a@acme.example")]
    actions = make_plan(SYSTEM, wanted, rows).actions
    assert [(a.verb, a.label, a.lane) for a in actions] == [
        ("update", "A old", "renames"),
        ("create", "A", "renames"),
    ]


def test_a_rename_that_concerns_nobody_else_waits_for_nobody() -> None:
    rows: list[Row] = [{"id": "sys-a", "name": "A", "email": "a@acme.example"}]
    (action,) = make_plan(SYSTEM, [want(name="Z", email="a@acme.example")], rows).actions
    assert action.lane is None


def test_inner_zones_are_deleted_before_outer_ones() -> None:
    rows: list[Row] = [
        {"id": "zone-o", "name": "org"},
        {"id": "zone-b", "name": "building", "parent": "zone-o"},
        {"id": "zone-l", "name": "level", "parent": "zone-b"},
    ]
    plan = make_plan(ZONE, [want(name=row["name"], absent=True) for row in rows], rows)
    assert [action.label for action in plan.actions] == ["level", "building", "org"]


def test_parents_in_a_circle_do_not_hold_up_the_plan() -> None:
    rows: list[Row] = [
        {"id": "zone-a", "name": "a", "parent": "zone-b"},
        {"id": "zone-b", "name": "b", "parent": "zone-a"},
        {"id": "zone-c", "name": "c", "parent": "zone-c"},
    ]
    plan = make_plan(ZONE, [want(name=row["name"], absent=True) for row in rows], rows)
    assert sorted(action.label for action in plan.actions) == ["a", "b", "c"]


def test_a_reference_to_what_this_plan_creates_is_kept_as_such() -> None:
    building = Pending("zone", "Sydney")
    plan = make_plan(ZONE, [want(name="Level 1", parent=building), want(name="Sydney")], [])
    assert plan.actions[0].changes["parent"] == Change(None, building)
    assert str(building) == "Sydney (id known after creation)"


# -- purge -----------------------------------------------------------------------------------------------------------


def zones_below_sydney() -> list[Row]:
    rows: list[Row] = [{"id": "zone-syd", "name": "Sydney"}, {"id": "zone-per", "name": "Perth"}]
    rows += [{"id": f"zone-{n}", "name": f"Sydney {n}", "parent": "zone-syd"} for n in range(1, 5)]
    rows += [{"id": "zone-x", "name": "Sydney 4 annexe", "parent": "zone-4"}]
    rows += [{"id": "zone-p1", "name": "Perth 1", "parent": "zone-per"}]
    return rows


def test_a_purge_deletes_what_left_the_list_inside_its_scope_only() -> None:
    purge = Purge({"zone": "zone-syd"}, 0.5)
    plan = make_plan(ZONE, [want(name=f"Sydney {n}") for n in (1, 2, 3)], zones_below_sydney(), purge=purge)
    deleted = plan.of("delete")
    assert [action.label for action in deleted] == ["Sydney 4 annexe", "Sydney 4"]
    assert all(action.purged for action in deleted)
    assert plan.problems == ()


def test_a_purge_above_its_share_is_a_problem_that_lists_what_it_would_delete() -> None:
    purge = Purge({"zone": "zone-syd"}, 0.39)
    plan = make_plan(ZONE, [want(name=f"Sydney {n}") for n in (1, 2, 3)], zones_below_sydney(), purge=purge)
    (problem,) = plan.problems
    assert problem.label == "purge"
    assert "would delete 2 of the 5 zones in its scope, more than the allowed share of 39%" in problem.text
    assert "Sydney 4, Sydney 4 annexe" in problem.text
    assert len(plan.of("delete")) == 2


def test_a_purge_spares_a_room_that_is_only_renamed() -> None:
    purge = Purge({"name": "*"}, 1.0)
    plan = make_plan(SYSTEM, [want(name="New", email=ROOM["email"])], [ROOM], purge=purge)
    assert verbs(plan) == {"New": "update"}


def test_a_purge_of_an_empty_scope_is_fine() -> None:
    assert make_plan(ZONE, [], [], purge=Purge({"name": "*"}, 0.0)).problems == ()


def test_every_scope_of_a_purge_must_hold() -> None:
    purge = Purge({"zone": "zone-syd", "name": "* ANNEXE"}, 1.0)
    plan = make_plan(ZONE, [], zones_below_sydney(), purge=purge)
    assert [action.label for action in plan.actions] == ["Sydney 4 annexe"]


def test_a_purged_object_whose_name_may_repeat_is_called_by_its_id_too() -> None:
    rows: list[Row] = [{"id": "driver-1", "name": "Display", "repository": "repo-1", "file_name": "a.cr"}]
    plan = make_plan(DRIVER, [], rows, purge=Purge({"repository": "repo-1"}, 1.0))
    assert [action.label for action in plan.actions] == ["Display driver-1"]


def test_all_problems_are_reported_together() -> None:
    rows: list[Row] = [
        {"id": "sys-1", "name": "A", "email": "x@a.example"},
        {"id": "sys-2", "name": "B", "email": "x@a.example"},
    ]
    wanted = [
        want(name="C", email="x@a.example"),
        want(id="sys-9", name="D"),
        want(name="E"),
        want("E again", name="E"),
    ]
    plan = make_plan(SYSTEM, wanted, rows, purge=Purge({"name": "*"}, 0.1))
    assert {problem.label for problem in plan.problems} == {"C", "D", "E again", "purge"}


def test_a_kind_has_the_fields_that_it_declares() -> None:
    assert SYSTEM.field("email").name == "email"
    with pytest.raises(KeyError, match="system has no field colour"):
        SYSTEM.field("colour")


# -- documents of which a part can't be read ---------------------------------------------------------------------------

DOCUMENT = Kind(
    "thing", "things",
    (Field("name", loose=lambda value: value and value.lower()), Field("document", canon=lambda value: value and "x")),
    (("id",), ("name",)),
)  # fmt: skip
HALF_READ: Row = {"id": "1", "name": "It", "document": PartlyReadable(secret="fake ciphertext")}
WANTED = want(name="It", document={"$secret": "s"})


@pytest.mark.parametrize(("same", "written"), [(True, set()), (False, {"document"}), (None, {"document"})])
def test_where_the_readable_part_is_the_same_the_caller_decides(same: bool | None, written: set[str]) -> None:
    decide = None if same is None else lambda *_args: same
    assert differences(DOCUMENT, WANTED, HALF_READ, decide).keys() == written


def test_where_the_readable_part_differs_nobody_is_asked() -> None:
    half_read = {**HALF_READ, "document": PartlyReadable()}
    assert differences(DOCUMENT, WANTED, half_read, lambda *_args: True).keys() == {"document"}


@pytest.mark.parametrize("before", [UNREADABLE, PartlyReadable(secret="fake ciphertext")])
@pytest.mark.parametrize(("resend", "written"), [(("document",), {"document"}), ((), set())])
def test_what_is_to_be_sent_again_may_be_decided_already(
    before: Any, resend: tuple[str, ...], written: set[str]
) -> None:
    row = {**HALF_READ, "document": before}
    assert differences(DOCUMENT, WANTED, row, lambda *_args: written == set(), resend=resend).keys() == written


def test_a_name_may_identify_more_loosely_than_it_is_compared() -> None:
    (action,) = make_plan(DOCUMENT, [want(name="IT")], [HALF_READ]).actions
    assert (action.verb, action.changes) == ("update", {"name": Change("It", "IT")})
