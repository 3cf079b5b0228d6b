# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Purge: previewed, capped, inside its scope only; what would take more with it asks for force."""

from __future__ import annotations

from typing import Any

import pytest
from integration.support.objects import BOOKINGS, CALENDAR, DRIVERS, prepare
from integration.support.server import Server

ZONES = [{"name": "Acme", "tags": ["org"]}, {"name": "Globex", "tags": ["org"]}]
ROOMS: list[dict[str, Any]] = [{"name": f"Acme {number:02}", "zones": ["Acme"]} for number in range(20)]
FOREIGN: list[dict[str, Any]] = [{"name": "Globex 1", "zones": ["Globex"]}, {"name": "Nobody's"}]
SCOPE = {"purge": True, "purge_scope": {"zone": "Acme"}}


@pytest.fixture
def estate(server: Server) -> Server:
    """Twenty rooms of Acme, one of somebody else and one of nobody."""
    prepare(server, ("zone", {"zones": ZONES}), ("system", {"systems": ROOMS + FOREIGN}))
    return server


def test_nothing_is_deleted_without_purge(estate: Server) -> None:
    assert not estate.good("system", systems=ROOMS[:5])["changed"]
    assert len(estate.names("systems")) == 22


def test_the_preview_names_what_the_real_run_then_deletes(estate: Server) -> None:
    preview = estate.check("system", systems=ROOMS[:18], **SCOPE)
    assert preview["changes"]["deleted"] == ["Acme 18", "Acme 19"]
    assert [entry["before_header"] for entry in preview["diff"]] == ["system Acme 18", "system Acme 19"]
    real = estate.good("system", systems=ROOMS[:18], **SCOPE)
    assert (real["changes"], real["diff"]) == (preview["changes"], preview["diff"])
    assert estate.names("systems") == sorted(room["name"] for room in ROOMS[:18] + FOREIGN)
    assert not estate.good("system", systems=ROOMS[:18], **SCOPE)["changed"]


def test_too_large_a_purge_is_shown_in_check_mode_and_refused_for_real(estate: Server) -> None:
    preview = estate.check("system", systems=ROOMS[:17], **SCOPE)
    assert preview["changes"]["deleted"] == ["Acme 17", "Acme 18", "Acme 19"]
    assert "a real run would be refused" in preview["warnings"][0]
    mark = estate.mark()
    refused = estate.run("system", systems=[{**ROOMS[0], "capacity": 7}, *ROOMS[1:17]], **SCOPE)
    assert refused["failed"]
    for words in ("3 of the 20 systems", "10%", "Acme 17, Acme 18, Acme 19", "--check --diff", "purge_max_share"):
        assert words in refused["msg"]
    assert "nothing was written" in refused["msg"]
    assert estate.counts(mark)["writes"] == 0
    assert estate.good("system", systems=ROOMS[:17], purge_max_share=0.2, **SCOPE)["changed"]
    assert len(estate.names("systems")) == 19


def test_a_purge_of_everything_needs_the_full_share(estate: Server) -> None:
    assert estate.run("system", systems=[], purge_max_share=0.99, **SCOPE)["failed"]
    assert len(estate.good("system", systems=[], purge_max_share=1.0, **SCOPE)["changes"]["deleted"]) == 20
    assert estate.names("systems") == sorted(room["name"] for room in FOREIGN)


def test_a_purge_needs_a_scope(estate: Server) -> None:
    assert "purge_scope" in estate.run("system", systems=[], purge=True)["msg"]
    assert "purge needs a scope" in estate.run("system", systems=[], purge=True, purge_scope={})["msg"]
    assert (
        "there is no zone 'Acmo'" in estate.run("system", systems=[], purge=True, purge_scope={"zone": "Acmo"})["msg"]
    )
    assert len(estate.names("systems")) == 22


def test_zones_below_the_scope_are_deleted_from_the_innermost_on(estate: Server) -> None:
    below = [{"name": "Acme"}, {"name": "Old", "parent": "Acme"}, {"name": "Old 1", "parent": "Old"}]
    estate.good("zone", zones=below)
    preview = estate.check("zone", zones=[{"name": "Acme"}], purge_max_share=1.0, **SCOPE)
    real = estate.good("zone", zones=[{"name": "Acme"}], purge_max_share=1.0, **SCOPE)
    assert preview["changes"] == real["changes"]
    assert real["changes"]["deleted"] == ["Old 1", "Old"]
    assert estate.names("zones") == ["Acme", "Globex"]


def test_a_zone_with_zones_that_stay_is_deleted_with_force_only(estate: Server) -> None:
    estate.good("zone", zones=[{"name": "Sydney", "parent": "Globex"}])
    refused = estate.run("zone", name="Globex", state="absent")
    assert refused["failed"]
    for words in ("zone Globex", "1 more: zone Sydney", "force"):
        assert words in refused["msg"]
    assert estate.good("zone", name="Globex", state="absent", force=True)["changed"]


def test_a_repository_takes_its_drivers_along_with_force_only(server: Server) -> None:
    prepare(server, *DRIVERS)
    gone = {"name": "PlaceOS Drivers", "uri": "https://github.com/PlaceOS/drivers", "state": "absent"}
    refused = server.run("repository", **gone)
    assert refused["failed"]
    for words in ("2 more", "driver Microsoft Graph API", "driver PlaceOS Bookings", "force"):
        assert words in refused["msg"]
    assert server.names("drivers") == ["Microsoft Graph API", "PlaceOS Bookings"]
    assert server.good("repository", force=True, **gone)["changed"]
    assert server.names("drivers") == []


def test_a_driver_takes_its_modules_along_with_force_only(server: Server) -> None:
    prepare(server, *DRIVERS, ("module", {"driver": CALENDAR["name"]}))
    gone = {**CALENDAR, "state": "absent"}
    refused = server.run("driver", **gone)
    assert "1 more: module Calendar" in refused["msg"]
    assert server.good("driver", force=True, **gone)["changed"]
    assert server.names("modules") == []


def test_the_last_system_of_a_shared_module_is_deleted_with_force_only(server: Server) -> None:
    prepare(server, *DRIVERS, ("system", {"systems": [{"name": "A"}, {"name": "B"}]}))
    modules = [{"driver": CALENDAR["name"], "systems": ["A"]}, {"driver": BOOKINGS["name"], "systems": ["A", "B"]}]
    server.good("module", modules=modules)
    refused = server.run("system", name="A", state="absent")
    assert "module Calendar" in refused["msg"]
    assert server.good("system", name="B", state="absent")["changes"]["deleted"] == ["B"]
    assert server.good("system", name="A", state="absent", force=True)["changed"]
    assert server.names("modules") == []


def test_modules_leave_rooms_that_are_not_listed_any_more(server: Server) -> None:
    names = [f"Room {number:02}" for number in range(10)]
    prepare(server, *DRIVERS, ("system", {"systems": [{"name": name} for name in names]}))
    drivers = [CALENDAR["name"], BOOKINGS["name"]]
    server.good("module", modules=[{"driver": driver, "systems": names} for driver in drivers])
    fewer = {
        "modules": [{"driver": driver, "systems": names[:9]} for driver in drivers],
        "purge": True,
        "purge_scope": {"driver": drivers},
    }
    preview = server.check("module", **fewer)
    real = server.good("module", **fewer)
    assert preview["changes"] == real["changes"]
    assert len(real["changes"]["deleted"]) == 1
    assert server.row("systems", "Room 09")["modules"] == []
    assert server.names("modules") == ["Bookings"] * 9 + ["Calendar"]
    assert not server.good("module", **fewer)["changed"]


def test_metadata_and_settings_of_one_parent_are_purged(server: Server) -> None:
    prepare(server, ("zone", {"zones": ZONES}))
    for parent in ("Acme", "Globex"):
        server.good("metadata", metadata=[{"name": name, "parent": parent, "details": {}} for name in ("a", "b")])
    keep = [{"name": "a", "parent": "Acme", "details": {}}]
    scope = {"purge": True, "purge_scope": {"parent": "Acme"}, "purge_max_share": 0.5}
    assert server.good("metadata", metadata=keep, **scope)["changed"]
    assert list(server.metadata_of(server.row("zones", "Acme")["id"])) == ["a"]
    assert len(server.metadata_of(server.row("zones", "Globex")["id"])) == 2
