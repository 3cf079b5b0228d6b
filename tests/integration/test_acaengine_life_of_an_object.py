# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind that ACAEngine has: create, again, change one field, again, absent, again; each step in check mode first."""

from __future__ import annotations

import pytest
from integration.support.acaengine import PANEL, AcaServer
from integration.support.life import live, live_in_a_list, step
from integration.support.objects import MASKED, ROOM, SECRET, ZONES, Example

DEMO = "::Aca::DemoLogic"
EXAMPLES = (
    Example(
        module="zone",
        label="Sydney",
        needs=(("zone", {"zones": ZONES[:1]}),),
        made={"name": "Sydney", "parent": "Acme", "tags": ["building"], "orientations": {"landscape": 0}},
        changed={"orientations": {"landscape": 90}},
        changes={"orientations": ({"landscape": 0}, {"landscape": 90})},
        shown={"name": "Sydney", "parent": "Acme", "tags": ["building"], "orientations": {"landscape": 0}},
    ),
    Example(
        module="system",
        label="Sydney - 27.01",
        needs=(("zone", {"zones": ZONES}),),
        made={**ROOM, "map_id": "27.01", "features": ["tv", "phone"]},
        changed={"features": ["tv"]},
        changes={"features": (["tv", "phone"], ["tv"])},
        shown={**ROOM, "map_id": "27.01", "features": ["tv", "phone"]},
    ),
    Example(
        module="driver",
        label=PANEL,
        made={"class_name": PANEL},
        changed={"description": "Books rooms"},
        changes={"description": (None, "Books rooms")},
        shown={
            "name": "Office365 Room Booking Panel Logic",
            "class_name": PANEL,
            "module_name": "Bookings",
            "role": "logic",
        },
    ),
    Example(
        module="domain",
        label="acme.example",
        made={"domain": "acme.example", "name": "Acme", "config": {"dark": False}},
        changed={"config": {"dark": True}},
        changes={"config": ({"dark": False}, {"dark": True})},
        shown={"domain": "acme.example", "name": "Acme", "config": {"dark": False}},
        removed={"force": True},
    ),
)
EACH = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.module)


@EACH
def test_check_mode_foretells_each_step_and_a_repeated_step_changes_nothing(aca: AcaServer, example: Example) -> None:
    live(aca, example)


@EACH
def test_the_set_form_with_one_object_does_what_the_single_form_does(aca: AcaServer, example: Example) -> None:
    live_in_a_list(aca, example)


def test_settings_are_one_document_that_every_object_has(aca: AcaServer) -> None:
    """So it is never created: it starts empty, and ends empty."""
    aca.good("zone", zones=ZONES)
    of_sydney = {"parent": "Sydney", "parent_kind": "zone", "encryption_level": "none"}
    for document, before, after in (
        ({"a": 1, "$key": SECRET}, {}, {"a": 1, "$key": MASKED}),
        ({"a": 2, "$key": SECRET}, {"a": 1, "key": MASKED}, {"a": 2, "key": MASKED}),
    ):
        real = step(aca, "settings", **of_sydney, document=document)
        assert real["changes"]["updated"] == ["none settings of Sydney"]
        assert (real["diff"][0]["before"], real["diff"][0]["after"]) == ({"document": before}, {"document": after})
        assert not step(aca, "settings", **of_sydney, document=document)["changed"]
    assert step(aca, "settings", **of_sydney, state="absent")["changes"]["deleted"] == ["none settings of Sydney"]
    assert not step(aca, "settings", **of_sydney, state="absent")["changed"]
    assert aca.row("zones", "Sydney")["settings"] == {}


def test_a_module_lives_in_its_rooms_list(aca: AcaServer) -> None:
    aca.good("system", systems=[{"name": "Room 1"}, {"name": "Room 2"}])
    aca.good("driver", drivers=[{"class_name": PANEL}, {"class_name": DEMO}])
    both = [{"driver": name, "systems": ["Room 1", "Room 2"], "running": True} for name in (PANEL, DEMO)]
    foretold = aca.check("module", modules=both)
    made = aca.good("module", modules=both)
    assert foretold["changes"] == made["changes"]
    assert len(made["changes"]["created"]) == 4
    for room in ("Room 1", "Room 2"):
        assert aca.drivers_of(room) == [PANEL, DEMO]
    assert all(aca.loaded(row["id"]) for row in aca.rows("modules"))
    assert not aca.good("module", modules=both)["changed"]

    turned = list(reversed(both))
    assert aca.check("module", modules=turned)["changes"] == aca.good("module", modules=turned)["changes"]
    assert aca.drivers_of("Room 1") == [DEMO, PANEL]

    stopped = [{**both[0], "running": False}]
    assert aca.check("module", modules=stopped)["changes"] == aca.good("module", modules=stopped)["changes"]
    assert not aca.good("module", modules=stopped)["changed"]
    assert aca.good("module", modules=both[:1])["changed"]

    gone = {"driver": PANEL, "systems": ["Room 2"], "state": "absent"}
    assert aca.check("module", **gone)["changes"] == aca.good("module", **gone)["changes"]
    assert aca.drivers_of("Room 2") == [DEMO]
    assert len(aca.rows("modules")) == 3
    assert not aca.good("module", **gone)["changed"]


def test_a_shared_device_joins_rooms_and_leaves_them(aca: AcaServer) -> None:
    aca.good("system", systems=[{"name": "Room 1"}, {"name": "Room 2"}])
    aca.make(
        "dependencies", name="Display", role="device", class_name="::Samsung::Displays::MdSeries", module_name="Display"
    )
    wanted = {"driver": "Display", "ip": "10.0.0.1", "port": 1515, "systems": ["Room 1", "Room 2"]}
    assert aca.good("module", **wanted)["changed"]
    (device,) = aca.rows("modules")
    assert aca.row("systems", "Room 1")["modules"] == aca.row("systems", "Room 2")["modules"] == [device["id"]]
    assert not aca.good("module", **wanted)["changed"]
    assert aca.good("module", driver="Display", systems=["Room 2"], state="absent")["changed"]
    assert aca.row("systems", "Room 2")["modules"] == []
    refused = aca.run("module", driver="Display", state="absent")
    assert "its place in system Room 1" in refused["msg"]
    assert aca.good("module", driver="Display", state="absent", force=True)["changed"]
    assert aca.rows("modules") == []
    assert aca.row("systems", "Room 1")["modules"] == []


NAMES = ["R&D", "5 < 6", 'The "Box"', "it's", "Zürich Öst", "a  b", "C:\\path", "100% quiet", "27.01", "😀"]


@pytest.mark.parametrize("name", NAMES)
def test_awkward_names_converge(aca: AcaServer, name: str) -> None:
    zones = [
        {"name": name, "tags": ["org"], "description": name},
        {"name": f"{name} S", "tags": ["building"], "parent": name, "display_name": name,
         "extras": [{"id": "tv", "name": name}]},
    ]  # fmt: skip
    room = {"name": name, "description": name, "zones": [name, f"{name} S"], "map_id": name, "features": ["tv"]}
    for expected in (True, False):
        assert aca.good("zone", zones=zones)["changed"] is expected
        assert aca.good("system", systems=[room])["changed"] is expected
    assert aca.info_of(name)["buildings"][0]["name"] == name
    changed = {**room, "capacity": 3}
    assert aca.good("system", systems=[changed])["changed"]
    assert aca.good("system", name=name, state="absent")["changed"]
    assert aca.names("systems") == []
