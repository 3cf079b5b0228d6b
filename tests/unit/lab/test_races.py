# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lost updates of the real server, on order; and their absence without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab.testing import Client

LOGIC = "drivers/demo/logic.cr"


def races(lab: Client, enabled: bool = True) -> None:
    lab.post("/_lab/faults", {"fault": "races", "enabled": enabled}, role=None)


@pytest.mark.parametrize(("racing", "statuses"), [(True, [200, 200]), (False, [200, 409])])
def test_two_writers_with_one_version(lab: Client, racing: bool, statuses: list[int]) -> None:
    system = lab.post("/systems", {"name": "Room"}).id
    races(lab, racing)
    answers = lab.at_once(
        lambda: lab.patch(f"/systems/{system}?version=0", {"capacity": 7}),
        lambda: lab.patch(f"/systems/{system}?version=0", {"description": "mine"}),
    )
    assert sorted(answer.status for answer in answers) == statuses
    after = lab.get(f"/systems/{system}").json
    assert after["version"] == 1
    assert (after["capacity"] == 7) != (after["description"] == "mine"), "exactly one update must survive"


@pytest.mark.parametrize("racing", [True, False])
def test_one_name_created_twice_at_once(lab: Client, racing: bool) -> None:
    races(lab, racing)
    for path in ("/zones", "/systems"):
        answers = lab.at_once(*[lambda path=path: lab.post(path, {"name": "Twin"})] * 2)
        assert sorted(answer.status for answer in answers) == ([201, 201] if racing else [201, 422])
        assert len(lab.get(path).json) == (2 if racing else 1)


@pytest.mark.parametrize("racing", [True, False])
def test_logic_modules_created_at_once_for_one_system(
    lab: Client, make_driver: Callable[..., str], racing: bool
) -> None:
    driver = make_driver(LOGIC, "Logic", 99)
    system = lab.post("/systems", {"name": "Room"}).id
    races(lab, racing)
    body = {"driver_id": driver, "control_system_id": system}
    answers = lab.at_once(*[lambda: lab.post("/modules", body)] * 4)
    assert [answer.status for answer in answers] == [201] * 4
    assert len(lab.get(f"/modules?driver_id={driver}").json) == 4
    listed = len(lab.get(f"/systems/{system}").json["modules"])
    assert listed == 4 if not racing else listed < 4


def test_adding_shared_modules_at_once_loses_none_even_with_races(lab: Client, make_driver: Callable[..., str]) -> None:
    driver = make_driver("drivers/demo/device.cr", "Display", 1)
    system = lab.post("/systems", {"name": "Room"}).id
    modules = [lab.post("/modules", {"driver_id": driver, "ip": "192.0.2.1", "port": n}).id for n in (1, 2, 3)]
    races(lab)
    lab.at_once(*[lambda m=m: lab.put(f"/systems/{system}/module/{m}") for m in modules])
    after = lab.get(f"/systems/{system}").json
    assert (set(after["modules"]), after["version"]) == (set(modules), 3)


def test_a_start_right_after_the_creation_is_lost_until_started_again(
    lab: Client, make_driver: Callable[..., str]
) -> None:
    driver = make_driver(LOGIC, "Logic", 99)
    system = lab.post("/systems", {"name": "Room"}).id
    races(lab)
    module = lab.post("/modules", {"driver_id": driver, "control_system_id": system}).id
    lab.post(f"/modules/{module}/start")
    assert lab.get(f"/modules/{module}").json["running"] is True
    with pytest.raises(AssertionError, match="in time"):
        lab.eventually(lambda: lab.get(f"/modules/{module}/state").json, seconds=0.4)
    assert lab.post(f"/systems/{system}/Logic_1/echo", ["x"]).status == 404
    races(lab, False)
    lab.post(f"/modules/{module}/stop")
    lab.post(f"/modules/{module}/start")
    lab.eventually(lambda: lab.get(f"/modules/{module}/state").json)


def test_loading_makes_a_lost_start_good(lab: Client, make_driver: Callable[..., str]) -> None:
    driver = make_driver(LOGIC, "Logic", 99)
    system = lab.post("/systems", {"name": "Room"}).id
    races(lab)
    module = lab.post("/modules", {"driver_id": driver, "control_system_id": system}).id
    lab.post(f"/modules/{module}/start")
    assert lab.post(f"/modules/{module}/load").json is True
    assert lab.get(f"/modules/{module}/state").json["greeting"] == '"none"'
