# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calling functions, and what modules show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab.acaengine.seed import CLIENT_SECRET, client_id_of
from lab.acaengine.testing import Client
from lab.testing import Answer

Make = Callable[..., str]
WAIT = "Wait time exceeded. Command may have been queued."


def call(aca: Client, system: str, function: str = "state", *args: Any, **more: Any) -> Answer:
    return aca.post(f"/systems/{system}/exec", {"module": "Demo", "method": function, "args": list(args), **more})


@pytest.fixture
def playing(aca: Client, room: str, demo: str, add_module: Make) -> str:
    """A system with a running module; the value is the module."""
    return add_module(room, demo)


def test_a_result_comes_in_an_array(aca: Client, room: str, playing: str) -> None:
    answer = call(aca, room, "state", "Busy")
    assert (answer.status, answer.json) == (200, ["Busy"])
    assert call(aca, room, "volume", 50).json == [None]
    assert call(aca, room, "mute", {"a": 1}).json == [{"a": 1}]


def test_any_user_may_call(aca: Client, room: str, playing: str) -> None:
    body = {"module": "Demo", "method": "play"}
    assert aca.post(f"/systems/{room}/exec", body, role="user").json == ["Playing"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"method": "play"}, "param is missing or the value is empty: module"),
        ({"module": "Demo"}, "param is missing or the value is empty: method"),
        (
            {"module": "Other", "method": "play"},
            "method 'play' request failed as the module is not available at this time",
        ),
        (
            {"module": "Demo", "index": 2, "method": "play"},
            "method 'play' request failed as the module is not available at this time",
        ),
        ({"module": "Demo", "method": "nothing"}, "undefined method `nothing' for #<Aca::DemoLogic:"),
        ({"module": "Demo", "method": "volume"}, "wrong number of arguments (given 0, expected 1)"),
        ({"module": "Demo", "method": "volume", "args": [None]}, "wrong number of arguments (given 0, expected 1)"),
        ({"module": "Demo", "method": "volume", "args": ["loud"]}, "undefined method `>' for 'loud':String"),
    ],
)
def test_whatever_goes_wrong_is_500_with_message_and_backtrace_in_an_array(
    aca: Client, room: str, playing: str, body: dict[str, Any], message: str
) -> None:
    answer = aca.post(f"/systems/{room}/exec", body)
    assert answer.status == 500
    (text,) = answer.json
    assert text.startswith(message)
    assert text.partition("\n")[2], "a backtrace follows"


def test_an_unknown_system_is_a_failed_call_and_a_name_is_no_id_here(aca: Client, room: str, playing: str) -> None:
    for system in ("sys-unknown", "Room%201"):
        answer = call(aca, system, "play")
        assert (answer.status, answer.json[0].splitlines()[0]) == (500, "undefined method `get' for nil:NilClass")


def test_protected_functions_are_refused_by_name(aca: Client, room: str, playing: str) -> None:
    text = call(aca, room, "on_load").json[0]
    assert text.startswith(f"attempt to access module '{playing}' protected method 'on_load'")


def test_a_stopped_module_refuses_calls_and_keeps_its_status(aca: Client, room: str, playing: str) -> None:
    call(aca, room, "state", "Busy")
    aca.post(f"/modules/{playing}/stop")
    answer = call(aca, room, "play")
    assert answer.status == 500
    assert answer.json[0].startswith(f"method 'play' request failed as the module '{playing}' is currently stopped")
    assert aca.get(f"/systems/{room}/state?module=Demo&lookup=state").text == "Busy"


def test_a_module_that_was_never_started_is_not_available(aca: Client, room: str, demo: str, add_module: Make) -> None:
    add_module(room, demo, start=False)
    assert "is not available at this time" in call(aca, room, "play").json[0]
    assert aca.get(f"/systems/{room}/types").json == {}


def test_a_token_without_user_cannot_call(aca: Client, room: str, playing: str) -> None:
    grant = {"grant_type": "client_credentials", "client_id": client_id_of("localhost"), "client_secret": CLIENT_SECRET}
    token = aca.token(**grant).json["access_token"]
    answer = aca.post(f"/systems/{room}/exec", {"module": "Demo", "method": "play"}, role=token)
    assert answer.status == 500
    assert answer.json[0].startswith("Auth::Api::UserNotFound")


def test_a_call_that_takes_too_long_is_200_with_a_sentence_and_goes_on(aca: Client, room: str, playing: str) -> None:
    aca.post("/_lab/faults", {"fault": "exec-timeout"})
    answer = call(aca, room, "state", "Busy")
    assert (answer.status, answer.json) == (200, [WAIT])
    assert call(aca, room, "nothing").json == [WAIT]
    assert aca.get(f"/systems/{room}/state?module=Demo&lookup=state").text == "Busy"
    aca.delete("/_lab/faults")
    assert call(aca, room, "play").json == ["Playing"]


def test_the_calls_in_one_system_can_be_slow(aca: Client, room: str, playing: str) -> None:
    assert aca.post("/_lab/slow", {"system": room}).json == [room]
    assert call(aca, room, "play").json == [WAIT]
    assert aca.post("/_lab/slow", {"system": room, "enabled": False}).json == []
    assert call(aca, room, "play").json == ["Playing"]


def test_a_state_is_shown_whole_or_in_part_and_texts_are_not_quoted(aca: Client, room: str, playing: str) -> None:
    path = f"/systems/{room}/state?module=Demo"
    assert aca.get(path, role="user").json["volume"] == 0
    assert aca.get(f"{path}&lookup=volume").json == 0
    assert aca.get(f"{path}&lookup=state").text == "Idle"
    assert aca.get(f"{path}&lookup=nothing").text == "null"
    assert aca.get(f"/modules/{playing}/state?lookup=state").text == "Idle"
    assert aca.get(f"/modules/{playing}/state", role="user").status == 403
    assert aca.get(f"{path}&index=2").status == 404
    assert aca.get(f"{path}&index=0").json["volume"] == 0, "counted from the end"
    assert aca.get("/systems/sys-unknown/state?module=Demo").status == 404
    assert aca.get(f"/systems/{room}/state").status == 400


def test_modules_are_counted_by_name(aca: Client, room: str, demo: str, add_module: Make) -> None:
    for custom_name in (None, None, "Stage"):
        add_module(room, demo, custom_name=custom_name)
    assert aca.get(f"/systems/{room}/types", role="user").json == {"Demo": 2, "Stage": 1}
    assert aca.get(f"/systems/{room}/count?module=Demo").json == {"count": 2}
    assert aca.get(f"/systems/{room}/count?module=Other").json == {"count": 0}
    assert call(aca, room, "state", "Second", index=2).json == ["Second"]
    assert aca.get(f"/systems/{room}/state?module=Demo&index=2&lookup=state").text == "Second"


def test_functions_are_described(aca: Client, room: str, playing: str) -> None:
    functions = aca.get(f"/systems/{room}/funcs?module=Demo", role="user").json
    assert functions["play"] == {"arity": 0, "params": []}
    assert functions["volume"] == {"arity": 1, "params": [["req", "value"]]}
    assert aca.get(f"/systems/{room}/funcs?module=Other").status == 404
