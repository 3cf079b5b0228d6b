# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules: what each role needs, what is shown with them, and running."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from lab.acaengine.seed import EDGE_ID
from lab.acaengine.testing import Client

Make = Callable[..., str]


@pytest.fixture
def driver(aca: Client) -> Callable[..., str]:
    """Return a function that creates a dependency of a role."""

    def make(role: str, default: int | str | None = None, class_name: str = "::Aca::DemoLogic") -> str:
        body = {"name": role, "role": role, "class_name": class_name, "module_name": role.title(), "default": default}
        return aca.made("/dependencies", **body)

    return make


def refused(aca: Client, **body: Any) -> dict[str, list[str]]:
    answer = aca.post("/modules", body)
    assert answer.status == 406, answer
    return dict(answer.json)


def test_a_dependency_and_an_edge_are_needed(aca: Client, demo: str, room: str) -> None:
    assert refused(aca) == {"dependency": ["can't be blank"], "edge_id": ["can't be blank"]}
    assert refused(aca, dependency_id=demo, control_system_id=room) == {"edge_id": ["can't be blank"]}


def test_logic_needs_a_system_and_is_always_connected(aca: Client, demo: str, room: str) -> None:
    wanted = {"control_system": ["must be associated"]}
    assert refused(aca, dependency_id=demo, edge_id=EDGE_ID) == wanted
    assert refused(aca, dependency_id=demo, edge_id=EDGE_ID, control_system_id="sys-unknown") == wanted
    module = aca.post("/modules", {"dependency_id": demo, "edge_id": EDGE_ID, "control_system_id": room}).json
    assert (module["role"], module["connected"], module["running"]) == (3, True, False)
    assert (module["tls"], module["udp"], module["port"]) == (None, None, None)


def test_a_module_is_not_added_to_its_system(aca: Client, demo: str, room: str) -> None:
    aca.made("/modules", dependency_id=demo, edge_id=EDGE_ID, control_system_id=room)
    after = aca.get(f"/systems/{room}").json
    assert (after["modules"], after["version"]) == ([], 0)


def test_a_device_needs_an_address_and_a_port(aca: Client, driver: Make) -> None:
    device = {"dependency_id": driver("device"), "edge_id": EDGE_ID}
    assert refused(aca, **device) == {"ip": ["cannot be blank"], "port": ["is invalid"]}
    assert refused(aca, **device, ip="a host", port=80) == {"ip": ["address / hostname or port are not valid"]}
    assert refused(aca, **device, ip="host", port=70000) == {"port": ["is invalid"]}
    module = aca.post("/modules", {**device, "ip": "192.0.2.1", "port": "23", "udp": True, "tls": True}).json
    assert (module["role"], module["port"], module["udp"], module["tls"]) == (1, 23, True, False)


def test_port_and_address_come_from_the_dependency(aca: Client, driver: Make) -> None:
    device = aca.post("/modules", {"dependency_id": driver("device", 1710), "edge_id": EDGE_ID, "ip": "mixer"}).json
    shell = aca.post("/modules", {"dependency_id": driver("ssh"), "edge_id": EDGE_ID, "ip": "switch"}).json
    uri = "https://service.example"
    service = aca.post("/modules", {"dependency_id": driver("service", uri), "edge_id": EDGE_ID}).json
    assert (device["port"], shell["port"], shell["tls"], shell["role"]) == (1710, 22, True, 0)
    assert (service["uri"], service["tls"], service["role"]) == (uri, True, 2)


def test_a_service_needs_an_address(aca: Client, driver: Make) -> None:
    assert refused(aca, dependency_id=driver("service"), edge_id=EDGE_ID) == {"uri": ["is an invalid URI"]}


def test_what_belongs_to_a_module_is_shown_with_it(aca: Client, demo: str, driver: Make) -> None:
    zone = aca.made("/zones", name="Z", settings={"z": 1})
    system = aca.made("/systems", name="S", zones=[zone], settings={"s": 1})
    aca.changed(f"/dependencies/{demo}", settings={"d": 1})
    logic = aca.made("/modules", dependency_id=demo, edge_id=EDGE_ID, control_system_id=system)
    shown = aca.get(f"/modules/{logic}").json
    assert shown["edge"] == {"name": "Lab node", "description": None}
    assert shown["dependency"] == {"name": "Demo", "description": None, "module_name": "Demo", "settings": {"d": 1}}
    assert shown["control_system"]["name"] == "S"
    assert shown["control_system"]["settings"] == {"s": 1}
    assert [row["settings"] for row in shown["control_system"]["zone_data"]] == [{"z": 1}]
    assert aca.get("/modules").json["results"] == [shown]
    service = aca.made("/modules", dependency_id=driver("service", "http://a.example"), edge_id="edge-unknown")
    assert not aca.get(f"/modules/{service}").json.keys() & {"control_system", "edge"}


def test_the_modules_of_a_system_are_current_complete_and_in_its_order(aca: Client, room: str, demo: str) -> None:
    aca.post("/_lab/faults", {"fault": "index-lag", "seconds": 60})
    body = {"dependency_id": demo, "edge_id": EDGE_ID, "control_system_id": room}
    modules = [aca.made("/modules", **body) for _time in range(25)]
    aca.changed(f"/systems/{room}", modules=[*reversed(modules), "mod-gone"])
    listed = aca.get(f"/modules?system_id={room}&limit=3").json
    assert listed["total"] == 25
    assert [row["id"] for row in listed["results"]] == [*reversed(modules)]
    assert "dependency" not in listed["results"][0]
    assert aca.get("/modules").json["total"] == 0
    assert aca.get("/modules?system_id=sys-unknown").status == 404


def test_modules_are_filtered(aca: Client, room: str, demo: str, driver: Make, add_module: Make) -> None:
    logic = add_module(room, demo)
    mixer = driver("device", 1)
    device = aca.made("/modules", dependency_id=mixer, edge_id=EDGE_ID, ip="a", notes="rack")
    quiet = aca.made("/modules", dependency_id=mixer, edge_id=EDGE_ID, ip="b", ignore_connected=True)
    for module in (device, quiet):
        aca.post(f"/modules/{module}/start")

    def found(query: str) -> set[str]:
        return {row["id"] for row in aca.get(f"/modules?{query}").json["results"]}

    assert found(f"dependency_id={mixer}") == {device, quiet}
    assert found("no_logic=true") == found("no_logic") == {device, quiet}
    assert found("running=true") == {logic, device, quiet}
    assert found("running=false") == set()
    assert found("connected=false") == {device}
    assert found("connected=true") == {logic}
    assert found(f"as_of={int(time.time()) - 60}") == set()
    assert found(f"as_of={int(time.time()) + 60}") == {logic, device, quiet}
    assert found("q=rack") == {device}
    assert found("q=logic") == {logic}, "the role of its dependency is a word"
    aca.changed(f"/dependencies/{mixer}", ignore_connected=True)
    assert found("connected=false") == set()


def test_running_and_connected_are_not_set_by_a_request(aca: Client, room: str, demo: str, add_module: Make) -> None:
    module = add_module(room, demo, start=False, running=True, role=1)
    shown = aca.changed(f"/modules/{module}", running=True, connected=False, role=0)
    assert (shown["running"], shown["connected"], shown["role"]) == (False, True, 3)


def test_start_and_stop_are_answered_with_nothing(aca: Client, room: str, demo: str, add_module: Make) -> None:
    module = add_module(room, demo, start=False)
    assert aca.get(f"/modules/{module}/state").status == 404
    for deed, running in (("start", True), ("start", True), ("stop", False)):
        answer = aca.post(f"/modules/{module}/{deed}")
        assert (answer.status, answer.text) == (200, "")
        assert aca.get(f"/modules/{module}").json["running"] is running
    assert aca.get(f"/modules/{module}/state").json["state"] == "Idle", "a stopped module keeps its status"


def test_a_module_that_is_not_loaded_cannot_be_stopped(aca: Client, room: str, demo: str, add_module: Make) -> None:
    assert aca.post(f"/modules/{add_module(room, demo, start=False)}/stop").status == 500
    assert aca.post("/modules/mod-unknown/stop").status == 500


def test_a_class_that_is_not_there_is_an_error_nobody_rescues(aca: Client, room: str, driver: Make) -> None:
    dependency = driver("logic", class_name="::Aca::NoSuchClass")
    module = aca.made("/modules", dependency_id=dependency, edge_id=EDGE_ID, control_system_id=room)
    answer = aca.post(f"/modules/{module}/start")
    assert (answer.status, answer.json["error"]) == (500, "Internal Server Error")
    assert aca.post("/modules/mod-unknown/start").status == 500


def test_an_instance_that_cannot_be_made_is_told_in_plain_text(aca: Client, room: str, driver: Make) -> None:
    aca.post("/_lab/classes", {"class_name": "::Acme::Broken", "starts": False})
    dependency = driver("logic", class_name="::Acme::Broken")
    module = aca.made("/modules", dependency_id=dependency, edge_id=EDGE_ID, control_system_id=room)
    answer = aca.post(f"/modules/{module}/start")
    assert (answer.status, answer.text) == (500, "module failed to start")
    assert answer.headers["content-type"].startswith("text/plain")
    assert aca.get(f"/modules/{module}").json["running"] is False


def test_an_update_loads_the_module_and_keeps_it_running(aca: Client, room: str, demo: str, add_module: Make) -> None:
    stopped, running = add_module(room, demo, start=False), add_module(room, demo)
    aca.post(f"/systems/{room}/exec", {"module": "Demo", "method": "play"})
    answer = aca.put(f"/modules/{stopped}", {"notes": "n"})
    assert answer.json["dependency"] == {"name": "Demo", "module_name": "Demo"}
    assert aca.get(f"/modules/{stopped}/state").json == {}
    assert aca.changed(f"/modules/{running}", notes="n")["running"] is True
    assert aca.get(f"/modules/{running}").json["running"] is True
    assert aca.get(f"/modules/{running}/state").json["state"] == "Idle", "a new instance"


def test_a_deleted_module_leaves_its_systems(aca: Client, room: str, demo: str, add_module: Make) -> None:
    module = add_module(room, demo)
    version = aca.get(f"/systems/{room}").json["version"]
    answer = aca.delete(f"/modules/{module}")
    assert (answer.status, answer.text) == (200, "")
    after = aca.get(f"/systems/{room}").json
    assert (after["modules"], after["version"]) == ([], version + 1)
    assert aca.get(f"/modules/{module}/state").status == 404


def test_only_devices_can_be_pinged(aca: Client, room: str, demo: str, driver: Make, add_module: Make) -> None:
    device = aca.made("/modules", dependency_id=driver("device", 1), edge_id=EDGE_ID, ip="192.0.2.1")
    assert aca.post(f"/modules/{device}/ping", role="support").json["pingable"] is False
    assert aca.post(f"/modules/{add_module(room, demo)}/ping").status == 406
