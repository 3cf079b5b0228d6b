# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building drivers, running modules, and the booking drivers with their ways to fail."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from lab.placeos.core.mailboxes import Mailboxes
from lab.testing import Answer, Client, Running

LOGIC = "drivers/demo/logic.cr"
GRAPH = "drivers/microsoft/graph_api.cr"
BOOKINGS = "drivers/place/bookings.cr"
CREDENTIALS = "calendar_config: {tenant: t, client_id: c, client_secret: s}"


@pytest.fixture
def demo(lab: Client, make_driver: Callable[..., str]) -> tuple[str, str]:
    """Return system and running module of the demo driver."""
    driver = make_driver(LOGIC, "Logic", 99)
    system = lab.post("/systems", {"name": "Room"}).id
    module = lab.post("/modules", {"driver_id": driver, "control_system_id": system}).id
    lab.post(f"/modules/{module}/start")
    lab.eventually(lambda: lab.get(f"/modules/{module}/state").json)
    return system, module


def test_compilation_takes_a_while(lab: Client, running: Running, repository: str) -> None:
    running.platform.state.options.compile_seconds = 0.3
    body = {"name": "L", "module_name": "L", "role": 99, "commit": "a", "repository_id": repository}
    driver = lab.post("/drivers", {**body, "file_name": LOGIC}).id
    assert lab.get(f"/drivers/{driver}/compiled").status == 404
    lab.eventually(lambda: lab.get(f"/drivers/{driver}/compiled").status == 200)
    broken = lab.post("/drivers", {**body, "file_name": "drivers/nope.cr"}).id
    answer = lab.eventually(lambda: a if (a := lab.get(f"/drivers/{broken}/compiled")).status == 503 else None)
    assert "can't find file 'drivers/nope.cr'" in answer.json["compilation_output"]
    assert "drivers/nope.cr" in lab.get(f"/drivers/{broken}").json["compilation_output"]
    lab.patch(f"/drivers/{driver}", {"commit": "b"})
    assert lab.get(f"/drivers/{driver}/compiled").status == 404


def test_a_running_module_answers(lab: Client, demo: tuple[str, str]) -> None:
    system, module = demo
    assert lab.post(f"/systems/{system}/Logic_1/echo", ["x"]).json == "x"
    assert lab.post(f"/modules/{module}/exec/power", [True]).json is True
    assert lab.get(f"/systems/{system}/Logic/power").json is True
    assert lab.get(f"/systems/{system}/Logic_1").json["power"] == "true"
    assert lab.get(f"/systems/{system}/types").json == {"Logic": 1}
    assert lab.get(f"/systems/{system}/functions/Logic_1").json["echo"]["order"] == ["x"]


@pytest.mark.parametrize(
    ("call", "args", "status", "error"),
    [
        ("Logic_2/echo", ["x"], 404, "module not found"),
        ("Logic_1/nope", [], 400, "bad request"),
        ("Logic_1/echo", [], 500, "request failed"),
        ("Logic_1/fail", [], 500, "request failed"),
    ],
)
def test_failed_calls(  # noqa: PLR0917 - one case a line
    lab: Client, demo: tuple[str, str], call: str, args: list[Any], status: int, error: str
) -> None:
    answer = lab.post(f"/systems/{demo[0]}/{call}", args)
    assert (answer.status, answer.json["error"]) == (status, error)
    assert answer.json["sys_id"] == demo[0]


def test_a_stopped_module_refuses_calls_and_has_no_state(lab: Client, demo: tuple[str, str]) -> None:
    lab.post(f"/modules/{demo[1]}/stop")
    answer = lab.post(f"/modules/{demo[1]}/exec/echo", ["x"])
    assert answer.status == 500
    assert "it is stopped" in answer.json["message"]
    assert lab.get(f"/modules/{demo[1]}/state").json == {}


def test_the_nearest_setting_wins(lab: Client, demo: tuple[str, str]) -> None:
    system, module = demo
    zones = [lab.post("/zones", {"name": name}).id for name in ("Org", "Level")]
    lab.patch(f"/systems/{system}?version=1", {"zones": zones})
    for parent, word in ((zones[1], "level"), (zones[0], "org")):
        lab.post("/settings", {"parent_id": parent, "settings_string": f"greeting: {word}"})
    assert lab.get(f"/modules/{module}/state/greeting").json == '"level"'
    lab.post("/settings", {"parent_id": system, "settings_string": "greeting: system", "encryption_level": 3})
    assert lab.get(f"/modules/{module}/state/greeting").json == '"system"'


def test_a_zone_is_asked_system_by_system(lab: Client, demo: tuple[str, str]) -> None:
    zone = lab.post("/zones", {"name": "Z"}).id
    lab.patch(f"/systems/{demo[0]}?version=1", {"zones": [zone]})
    empty = lab.post("/systems", {"name": "Empty", "zones": [zone]}).id
    answer = lab.post(f"/zones/{zone}/exec/Logic_1/echo", ["x"]).json
    assert answer == {"success": [demo[0]], "failure": [], "module_missing": [empty]}


# --- booking rooms ---


class Room:
    """A room with a shared Calendar module and a Bookings module of its own, both running."""

    def __init__(self, lab: Client, make_driver: Callable[..., str], email: str | None = "room@example.org") -> None:
        self.lab = lab
        self.graph = make_driver(GRAPH, "Calendar", 2)
        bookings = make_driver(BOOKINGS, "Bookings", 99)
        self.system = lab.post("/systems", {"name": "Room", "email": email, "bookable": True}).id
        self.calendar = lab.post("/modules", {"driver_id": self.graph, "uri": "https://graph.microsoft.com"}).id
        self.bookings = lab.post("/modules", {"driver_id": bookings, "control_system_id": self.system}).id
        for module in (self.calendar, self.bookings):
            lab.post(f"/modules/{module}/start")
        time.sleep(0.1)

    def join(self) -> None:
        self.lab.put(f"/systems/{self.system}/module/{self.calendar}")

    def credentials(self, text: str = CREDENTIALS) -> None:
        self.lab.post("/settings", {"parent_id": self.graph, "encryption_level": 2, "settings_string": text})

    def poll(self) -> Answer:
        return self.lab.post(f"/systems/{self.system}/Bookings_1/poll_events", [])


def test_a_room_that_is_set_up_shows_todays_bookings(lab: Client, make_driver: Callable[..., str]) -> None:
    room = Room(lab, make_driver)
    room.join()
    room.credentials()
    answer = room.poll()
    assert (answer.status, answer.text) == (200, "null")
    events = lab.get(f"/systems/{room.system}/Bookings_1/bookings").json
    assert events
    assert all(event["location"] == "room@example.org" for event in events)
    assert json.loads(lab.get(f"/systems/{room.system}/Bookings_1").json["bookings"]) == events
    assert lab.post(f"/systems/{room.system}/Calendar_1/list_users", []).json[0]["email"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("no email", "Nil assertion failed"),
        ("no calendar", "undefined method 'list_events' for Calendar_1 (driver index unavailable)"),
        ("calendar stopped", "it is stopped"),
        ("no credentials", "Nil assertion failed"),
        ("wrong secret", "AADSTS7000215"),
        ("missing", "ErrorItemNotFound"),
        ("denied", "ErrorAccessDenied"),
    ],
)
def test_a_room_fails_the_way_its_fault_fails(
    lab: Client, make_driver: Callable[..., str], fault: str, words: str
) -> None:
    room = Room(lab, make_driver, None if fault == "no email" else "room@example.org")
    if fault != "no calendar":
        room.join()
    if fault == "wrong secret":
        room.credentials(CREDENTIALS.replace("client_secret: s", "client_secret: wrong-secret"))
    elif fault != "no credentials":
        room.credentials()
    if fault == "calendar stopped":
        lab.post(f"/systems/{room.system}/Calendar_1/list_users", [])
        lab.post(f"/modules/{room.calendar}/stop")
    if fault in ("missing", "denied"):
        lab.post("/_lab/mailboxes", {"email": "Room@example.org", "state": fault}, role=None)
    answer = room.poll()
    assert answer.status == 500
    assert answer.json["error"] == "request failed"
    assert words in answer.json["message"]
    if fault in ("missing", "denied"):
        lab.post("/_lab/mailboxes", {"email": "room@example.org", "state": "ok"}, role=None)
        assert room.poll().status == 200


def test_a_calendar_id_stands_in_for_the_email(lab: Client, make_driver: Callable[..., str]) -> None:
    room = Room(lab, make_driver, None)
    room.join()
    room.credentials()
    lab.post("/settings", {"parent_id": room.system, "settings_string": "calendar_id: other@example.org"})
    assert room.poll().status == 200
    assert lab.get(f"/systems/{room.system}/Bookings_1/bookings").json[0]["location"] == "other@example.org"


def test_events_are_the_same_all_day_and_differ_from_room_to_room() -> None:
    boxes = Mailboxes()
    assert boxes.events("a@x.org", "UTC") == boxes.events("A@x.org".lower(), "UTC")
    assert boxes.events("a@x.org", "UTC") != boxes.events("b@x.org", "UTC")


# --- the public repository ---


def test_the_public_repository_has_commits_and_drivers(lab: Client, repository: str) -> None:
    commits = lab.get(f"/repositories/{repository}/commits?driver={BOOKINGS}").json
    assert len(commits) < len(lab.get(f"/repositories/{repository}/commits").json)
    assert len(commits[0]["commit"]) == 40
    assert {"commit", "date", "author", "subject"} <= commits[0].keys()
    assert commits[0]["date"] > commits[1]["date"]
    assert GRAPH in lab.get(f"/repositories/{repository}/drivers").json
    assert "master" in lab.get(f"/repositories/{repository}/branches").json
    details = lab.get(f"/repositories/{repository}/details?driver={GRAPH}&commit={commits[0]['commit']}").json
    assert (details["generic_name"], details["uri_base"]) == ("Calendar", "https://graph.microsoft.com")
    newest = lab.get(f"/repositories/{repository}/commits?limit=1").json[0]["commit"]
    assert lab.post(f"/repositories/{repository}/pull").json == {"commit_hash": newest}


def test_any_other_repository_is_out_of_reach(lab: Client) -> None:
    other = lab.post("/repositories", {"name": "O", "folder_name": "o", "uri": "https://git.example.org/o.git"}).id
    assert (lab.get(f"/repositories/{other}/commits").status, lab.get(f"/repositories/{other}/commits").text) == (
        500,
        "{}",
    )
    assert lab.post(f"/repositories/{other}/pull").status == 408
