# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A workplace that changes on ACAEngine: rooms and levels leave, are renamed, and move; others' objects stay."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from integration.support.acaengine import PANEL, AcaServer
from integration.support.modules import Result
from integration.support.site import room, run_site, site, small_workplace

from ansible_collections.placeos.office365.plugins.filter.workplace import workplace

PURGE = {"purge": True, "purge_scope": {"zone": "Acme"}}


def estate(aca: AcaServer, tree: dict[str, Any], *, share: float = 1.0, check: bool = False) -> list[Result]:
    """The tasks of the role estate, with purge."""
    flat = workplace(tree)
    run = aca.check if check else aca.good
    purge = {**PURGE, "purge_max_share": share}
    return [
        run("zone", zones=flat["zones"]),
        run("system", systems=flat["systems"], **purge),
        run("zone", zones=flat["zones"], **purge),
    ]


@pytest.fixture
def acme(aca: AcaServer) -> AcaServer:
    """The small workplace beside somebody else's, which nothing may touch."""
    run_site(aca, small_workplace())
    globex = aca.make("zones", name="Globex", tags="org")
    tower = aca.make("zones", name="Tower", tags="building")
    aca.change(
        "zones", globex["id"],
        settings={"discovery_info": {"buildings": [{"zone_id": tower["id"], "name": "Tower"}]}},
    )  # fmt: skip
    aca.make("zones", name="Loose", tags="level")
    for name, zones in (("Globex 1", [tower["id"], globex["id"]]), ("Nobody's", [])):
        aca.make("systems", name=name, zones=zones)
    return aca


def others(aca: AcaServer) -> list[Any]:
    """What belongs to nobody we know, byte for byte."""
    zones = [row for row in aca.rows("zones") if row["name"] in ("Globex", "Tower", "Loose")]
    return zones + [row for row in aca.rows("systems") if row["name"] in ("Globex 1", "Nobody's")]


def test_nothing_is_deleted_without_purge(acme: AcaServer) -> None:
    tree = small_workplace()
    tree["buildings"][0]["levels"].pop()
    # The module left out is that of no bookable room.
    assert run_site(acme, tree) == []


def test_a_level_and_its_rooms_that_left_the_inventory_leave_server_and_documents(acme: AcaServer) -> None:
    before = others(acme)
    tree = small_workplace()
    tree["buildings"][0]["levels"].pop(0)
    foretold = estate(acme, tree, check=True)
    done = estate(acme, tree)
    assert foretold[1]["changes"] == done[1]["changes"]
    assert done[1]["changes"]["deleted"] == ["Sydney - 1.01", "Sydney - 1.02"]
    assert done[2]["changes"]["deleted"] == ["Sydney - Level 1"]
    assert [level["level_name"] for level in acme.info_of("Sydney")["levels"]] == ["Level 2"]
    assert acme.names("systems") == ["Globex 1", "Nobody's", "Sydney - 2.01"]
    assert acme.rows("modules") == []
    assert others(acme) == before
    assert not any(result["changed"] for result in estate(acme, tree))


def test_a_building_that_left_takes_its_levels_along(acme: AcaServer) -> None:
    before = others(acme)
    tree = small_workplace()
    tree["buildings"] = [{"name": "Perth", "levels": [{"name": "Level 1", "rooms": [{"name": "P1"}]}]}]
    done = estate(acme, tree)
    assert done[2]["changes"]["deleted"] == ["Sydney - Level 1", "Sydney - Level 2", "Sydney"]
    assert [entry["name"] for entry in acme.info_of("Acme")["buildings"]] == ["Perth"]
    assert others(acme) == before


def test_too_large_a_purge_is_shown_in_check_mode_and_refused_for_real(acme: AcaServer) -> None:
    tree = small_workplace()
    tree["buildings"][0]["levels"].pop(0)
    preview = estate(acme, tree, share=0.1, check=True)[1]
    assert preview["changes"]["deleted"] == ["Sydney - 1.01", "Sydney - 1.02"]
    assert any("a real run would be refused" in text for text in preview["warnings"])
    mark = acme.mark()
    refused = acme.run("system", systems=workplace(tree)["systems"], **PURGE)
    for words in ("2 of the 3 systems", "10%", "Sydney - 1.01, Sydney - 1.02", "estate_purge_max_share"):
        assert words in refused["msg"]
    assert acme.counts(mark)["writes"] == 0


def test_a_room_with_the_same_address_is_renamed_with_its_module(acme: AcaServer) -> None:
    was = acme.row("systems", "Sydney - 1.01")
    tree = small_workplace()
    tree["buildings"][0]["levels"][0]["rooms"][0]["name"] = "Bondi"
    assert run_site(acme, tree) == ["system"]
    now = acme.row("systems", "Sydney - Bondi")
    assert (now["id"], now["modules"]) == (was["id"], was["modules"])
    assert run_site(acme, tree) == []


def test_two_rooms_swap_their_names(acme: AcaServer) -> None:
    was = {row["email"]: row["id"] for row in acme.rows("systems") if row["email"]}
    tree = small_workplace()
    rooms = tree["buildings"][0]["levels"][0]["rooms"]
    rooms[0]["name"], rooms[1]["name"] = rooms[1]["name"], rooms[0]["name"]
    assert run_site(acme, tree) == ["system"]
    assert {row["email"]: (row["id"], row["name"]) for row in acme.rows("systems") if row["email"]} == {
        "syd-1.01@acme.example": (was["syd-1.01@acme.example"], "Sydney - 1.02"),
        "syd-1.02@acme.example": (was["syd-1.02@acme.example"], "Sydney - 1.01"),
    }
    assert run_site(acme, tree) == []


def test_a_level_with_another_display_name_is_shown_so_and_keeps_its_entrys_place(acme: AcaServer) -> None:
    tree = small_workplace()
    tree["buildings"][0]["levels"][0]["display_name"] = "Ground"
    assert run_site(acme, tree) == ["zone"]
    assert [entry["level_name"] for entry in acme.info_of("Sydney")["levels"]] == ["Ground", "Level 2"]
    assert run_site(acme, tree) == []


def two_buildings() -> dict[str, Any]:
    """The small workplace with a second building."""
    tree = small_workplace()
    tree["buildings"].append({"name": "Perth", "levels": [{"name": "Level 9", "rooms": [room("9.01")]}]})
    return tree


def test_a_room_moves_to_another_level_and_to_another_building(acme: AcaServer) -> None:
    tree = two_buildings()
    run_site(acme, tree)
    for source, target, name, zones in (
        ((0, 0), (0, 1), "Sydney - 1.01", ["Sydney - Level 2", "Sydney", "Acme"]),
        ((0, 1), (1, 0), "Perth - 1.01", ["Perth - Level 9", "Perth", "Acme"]),
    ):
        was = acme.row("systems", "Sydney - 1.01")
        tree = copy.deepcopy(tree)
        rooms = tree["buildings"][source[0]]["levels"][source[1]]["rooms"]
        moved = next(entry for entry in rooms if entry["name"] == "1.01")
        rooms.remove(moved)
        if target[0] == 1:
            moved.pop("features")
        tree["buildings"][target[0]]["levels"][target[1]]["rooms"].append(moved)
        assert run_site(acme, tree) == ["system"]
        now = acme.row("systems", name)
        names = {row["id"]: row["name"] for row in acme.rows("zones")}
        assert (now["id"], now["modules"]) == (was["id"], was["modules"])
        assert [names[identifier] for identifier in now["zones"]] == zones
        assert run_site(acme, tree) == []


def test_a_level_that_moves_to_another_building_leaves_the_first_ones_document(acme: AcaServer) -> None:
    """By its id: a level's name holds its building's, so in an inventory it would be another level."""
    run_site(acme, two_buildings())
    level = acme.row("zones", "Sydney - Level 1")["id"]
    info = acme.info_of("Sydney")
    info["levels"][0]["theirs"] = "kept"
    building = acme.row("zones", "Sydney")
    acme.change("zones", building["id"], settings={**building["settings"], "discovery_info": info})
    moved = {"id": level, "name": "Perth - Level 1", "parent": "Perth", "tags": ["level"]}
    foretold = acme.check("zone", **moved)
    done = acme.good("zone", **moved)
    assert foretold["changes"] == done["changes"]
    assert [entry["level_name"] for entry in acme.info_of("Sydney")["levels"]] == ["Level 2"]
    entries = acme.info_of("Perth")["levels"]
    assert [entry["level_id"] for entry in entries] == [acme.row("zones", "Perth - Level 9")["id"], level]
    assert entries[1]["theirs"] == "kept"
    assert entries[1]["map_url"] == "maps/1.svg"
    assert not acme.good("zone", **moved)["changed"]


def test_a_zone_with_zones_that_stay_is_deleted_with_force_only(acme: AcaServer) -> None:
    refused = acme.run("zone", name="Sydney", state="absent")
    assert refused["failed"]
    for words in ("zone Sydney", "2 zones stand below it", "force"):
        assert words in refused["msg"]
    assert acme.good("zone", name="Sydney", state="absent", force=True)["changed"]
    assert acme.info_of("Acme")["buildings"] == []


def test_a_room_that_is_not_booked_any_more_loses_its_module_with_purge_only(acme: AcaServer) -> None:
    tree = small_workplace()
    del tree["buildings"][0]["levels"][0]["rooms"][0]["bookable"]
    bookable = workplace(tree)["bookable"]
    task = {"driver": PANEL, "systems": bookable, "running": True}
    assert [module for module, result in site(acme, tree) if result["changed"]] == ["system"]
    assert acme.drivers_of("Sydney - 1.01") == [PANEL]
    purge = {"purge": True, "purge_scope": {"zone": "Acme", "driver": [PANEL]}, "purge_max_share": 0.5}
    foretold = acme.check("module", modules=[task], **purge)
    done = acme.good("module", modules=[task], **purge)
    assert foretold["changes"]["deleted"] == done["changes"]["deleted"] != []
    assert acme.row("systems", "Sydney - 1.01")["modules"] == []
    assert len(acme.rows("modules")) == 1
    assert not acme.good("module", modules=[task], **purge)["changed"]


def test_a_driver_takes_its_modules_along_with_force_only(acme: AcaServer) -> None:
    refused = acme.run("driver", class_name=PANEL, state="absent")
    assert "2 more: module Bookings" in refused["msg"]
    assert acme.good("driver", class_name=PANEL, state="absent", force=True)["changed"]
    assert acme.rows("modules") == []
