# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every configuration module: create, again, change one field, again, absent, again; each step in check mode first."""

from __future__ import annotations

import pytest
from integration.support.life import live, live_in_a_list, step
from integration.support.objects import EXAMPLES, Example
from integration.support.server import Server

EACH = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.module)


@EACH
def test_check_mode_foretells_each_step_and_a_repeated_step_changes_nothing(server: Server, example: Example) -> None:
    live(server, example)


@EACH
def test_the_set_form_with_one_object_does_what_the_single_form_does(server: Server, example: Example) -> None:
    live_in_a_list(server, example)


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
