# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every configuration module: create, again, change one field, again, absent, again; each step in check mode first."""

from __future__ import annotations

from typing import Any

import pytest
from integration.support.modules import Result
from integration.support.objects import EXAMPLES, Example, prepare
from integration.support.server import Server

SET_FORM = {"settings": "settings", "metadata": "metadata", "repository": "repositories"}
EACH = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.module)


def told(result: Result) -> dict[str, Any]:
    """What a result says about changes."""
    return {key: result[key] for key in ("changed", "changes", "diff")}


def step(server: Server, module: str, **arguments: Any) -> Result:
    """One run, foretold by check mode on a read-only server."""
    foretold = told(server.check(module, **arguments))
    real = server.good(module, **arguments)
    assert told(real) == foretold
    return real


@EACH
def test_check_mode_foretells_each_step_and_a_repeated_step_changes_nothing(server: Server, example: Example) -> None:
    prepare(server, *example.needs)
    gone: dict[str, list[str]] = {"created": [], "updated": [], "deleted": [], "unchanged": []}
    same = {"changed": False, "changes": {**gone, "unchanged": [example.label]}, "diff": []}
    header = {"before_header": example.diff_header, "after_header": example.diff_header}

    created = step(server, example.module, **example.made)
    assert created["changes"] == {**gone, "created": [example.label]}
    assert created["diff"] == [{**header, "before": {}, "after": example.shown}]
    assert told(step(server, example.module, **example.made)) == same

    wanted = {**example.made, **example.changed}
    updated = step(server, example.module, **wanted)
    assert updated["changes"] == {**gone, "updated": [example.label]}
    before = {name: values[0] for name, values in example.changes.items()}
    after = {name: values[1] for name, values in example.changes.items()}
    assert updated["diff"] == [{**header, "before": before, "after": after}]
    assert told(step(server, example.module, **wanted)) == same

    plural = SET_FORM.get(example.module, f"{example.module}s")
    identifier = updated[plural][0]["id"]
    absent = {**example.made, **example.removed, "state": "absent"}
    deleted = step(server, example.module, **absent)
    assert deleted["changes"] == {**gone, "deleted": [example.label]}
    entry = {**header, "before": {"state": "present", "id": identifier}, "after": {"state": "absent"}}
    assert deleted["diff"] == [entry]
    assert told(step(server, example.module, **absent)) == same


@EACH
def test_the_set_form_with_one_object_does_what_the_single_form_does(server: Server, example: Example) -> None:
    prepare(server, *example.needs)
    plural = SET_FORM.get(example.module, f"{example.module}s")
    single = server.check(example.module, **example.made)
    in_a_list = server.good(example.module, **{plural: [example.made]})
    assert told(in_a_list) == told(single)
    assert not server.good(example.module, **example.made)["changed"]


def test_the_result_lists_objects_in_the_order_of_the_plan_whichever_thread_was_faster(server: Server) -> None:
    rooms = [{"name": f"Room {number:02}"} for number in range(30)]
    server.fault("/api/engine/v2/systems", method="POST", fault="hang", seconds=0.2)
    result = server.good("system", systems=rooms)
    assert result["changes"]["created"] == [room["name"] for room in rooms]
    assert [row["name"] for row in result["systems"]] == [room["name"] for room in rooms]


def test_two_rooms_swap_their_names(server: Server) -> None:
    first, second = {"name": "A", "email": "a@acme.example"}, {"name": "B", "email": "b@acme.example"}
    server.good("system", systems=[first, second])
    identifiers = {row["email"]: row["id"] for row in server.rows("systems")}
    real = step(server, "system", systems=[{**first, "name": "B"}, {**second, "name": "A"}])
    assert sorted(real["changes"]["updated"]) == ["A", "B"]
    assert {row["email"]: (row["id"], row["name"]) for row in server.rows("systems")} == {
        "a@acme.example": (identifiers["a@acme.example"], "B"),
        "b@acme.example": (identifiers["b@acme.example"], "A"),
    }


def test_a_room_with_the_same_address_is_renamed_and_not_made_twice(server: Server) -> None:
    server.good("system", name="Old", email="room@acme.example")
    real = step(server, "system", name="New", email="Room@Acme.example")
    assert real["changes"]["updated"] == ["New"]
    assert real["diff"][0]["before"] == {"name": "Old"}
    assert server.names("systems") == ["New"]
