# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that was configured by hand, to the letter of the manual procedure, is taken over: no twin, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from integration.support.acaengine import API, PANEL, AcaServer
from integration.support.objects import CREDENTIALS
from integration.support.server import CIPHERTEXT
from integration.support.site import panel_document, room, run_site, site

CHECK_LIST: dict[str, Any] = {
    "touch_enabled": True,
    "timeout": 1800,
    "booking_max_duration": 120,
    "update_every": "1m",
    "office_client_id": CREDENTIALS["client_id"],
    "office_secret": "the-secret-in-clear-text",
    "office_scope": "https://graph.microsoft.com/.default",
    "office_options": {"site": "https://login.microsoftonline.com", "token_url": CREDENTIALS["tenant"]},
    "office_site": "https://login.microsoftonline.com",
    "office_token_url": CREDENTIALS["tenant"],
}
"""The settings of the check-list, with the bare tenant id in the place of the token URL."""

TREE: dict[str, Any] = {
    "name": "Acme",
    "buildings": [
        {
            "name": "Sydney",
            "orientations": {"landscape": 0},
            "extras": [
                {"id": "video_conference", "name": "Video Conference"},
                {"id": "presentation_screen", "name": "Presentation Screen"},
            ],
            "levels": [
                {
                    "name": "Level 27",
                    "map": "assets/maps/level_27.svg",
                    "rooms": [
                        room("27.01", capacity=8, map_id="27.01", features=["video_conference", "presentation_screen"]),
                        room("27.02", map_id="27.02"),
                        room("27.03", map_id="27.03", features=["video_conference"]),
                        {"name": "27.04", "capacity": 2, "map_id": "27.04"},
                    ],
                }
            ],
        }
    ],
}


@dataclass
class HandMade:
    """The server, and the ids of what somebody made on it."""

    server: AcaServer
    ids: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def made(aca: AcaServer) -> HandMade:
    """What years of work in backoffice left behind."""
    ids: dict[str, str] = {}
    ids["org"] = aca.make("zones", name="Acme", tags="org")["id"]
    ids["building"] = aca.make("zones", name="sydney", tags="building", description="Our first")["id"]
    ids["level"] = aca.make("zones", name="Sydney - Level 27", tags="level")["id"]
    ids["foreign"] = aca.make("zones", name="Globex", tags="org", settings={"theirs": {"$key": "value"}})["id"]
    org = {
        "discovery_info": {
            "buildings": [
                {"name": "Closed", "zone_id": "zone_gone-12", "closed": 2015},
                {"name": "Sydney", "zone_id": ids["building"], "orientations": {"portrait": 90}, "theirs": 1},
            ],
            "app": {"theme": "dark"},
        },
        "wayfinding": {"$token": "org-token", "start": "lobby"},
    }
    aca.change("zones", ids["org"], settings=org)
    building = {
        "discovery_info": {
            # As copied from the procedure: the id was never filled in.
            "levels": [{"level_id": "get from level zone URL", "level_name": "Level 27", "map_url": "old.svg"}],
            "extras": [
                {"extra_id": "hearing_loop", "extra_name": "Hearing Loop", "icon": "ear"},
                {"extra_id": "video_conference", "extra_name": "VC", "icon": "tv"},
            ],
        },
        "$panel_pin": "1234",
    }
    aca.change("zones", ids["building"], settings=building)

    ids["display"] = aca.make(
        "dependencies", name="Display", role="device", class_name="::Samsung::Displays::MdSeries", module_name="Display"
    )["id"]
    ids["panel"] = aca.make(
        "dependencies", name="Office365 Room Bookings", role="logic", class_name=PANEL, module_name="Bookings",
        settings=CHECK_LIST,
    )["id"]  # fmt: skip

    zones = [ids["level"], ids["building"], ids["org"]]
    for number, more in (
        ("27.01", {"email": "SYD-27.01@acme.example", "settings": {"$pin": "4711", "lamp": {"$key": "x", "on": True}}}),
        ("27.02", {"settings": {"map_id": "wrong", "extra_features": "old", "theirs": [1, 2]}}),
        ("27.03", {"email": "syd-27.03@acme.example"}),
    ):
        system = aca.make("systems", name=f"Sydney - {number}", zones=zones, bookable=True, **more)
        ids[number] = system["id"]
        edge = system["edge_id"]
        device = aca.make("modules", dependency_id=ids["display"], edge_id=edge, ip="10.0.0.1", port=1515)
        ids[f"display of {number}"] = device["id"]
        aca.change("systems", system["id"], modules=[device["id"]], version=0)
    # One module in its room's list, started; one in no list at all; none in the third room.
    for number in ("27.01", "27.02"):
        module = aca.make("modules", dependency_id=ids["panel"], control_system_id=ids[number], edge_id=edge)
        ids[f"panel of {number}"] = module["id"]
    aca.change("systems", ids["27.01"], modules=[ids["display of 27.01"], ids["panel of 27.01"]], version=1)
    assert aca.api("POST", f"{API}/modules/{ids['panel of 27.01']}/start").ok
    (domain,) = aca.rows("domains")
    aca.change(
        "domains", domain["id"],
        config={"app": {"theme": "dark"}, "o365_driver": "dep-of-another"}, internals={"login": {"theirs": 1}},
    )  # fmt: skip
    ids["domain"] = domain["id"]
    return HandMade(aca, ids)


def ciphertexts(aca: AcaServer) -> dict[str, str]:
    """Every encrypted value on the server, by its place."""
    found: dict[str, str] = {}

    def look(value: Any, place: str) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                look(item, f"{place}/{key}")
        elif isinstance(value, str) and value.startswith(CIPHERTEXT):
            found[place] = value

    for kind in ("zones", "systems", "dependencies"):
        for row in aca.rows(kind):
            look(row["settings"], row["id"])
    return found


def test_site_takes_it_over_without_a_twin_and_a_second_run_changes_nothing(made: HandMade) -> None:
    aca, ids = made.server, made.ids
    run_site(aca, TREE)
    assert {row["id"]: row["name"] for row in aca.rows("zones")} == {
        ids["org"]: "Acme",
        # Names are unique whatever their case: it is the same zone, and gets the inventory's spelling.
        ids["building"]: "Sydney",
        ids["level"]: "Sydney - Level 27",
        ids["foreign"]: "Globex",
    }
    systems = {row["name"]: row for row in aca.rows("systems")}
    assert sorted(systems) == [f"Sydney - 27.0{number}" for number in (1, 2, 3, 4)]
    assert [systems[f"Sydney - {n}"]["id"] for n in ("27.01", "27.02", "27.03")] == [
        ids[n] for n in ("27.01", "27.02", "27.03")
    ]
    assert [row["id"] for row in aca.rows("dependencies") if row["class_name"] == PANEL] == [ids["panel"]]
    panels = [row for row in aca.rows("modules") if row["dependency_id"] == ids["panel"]]
    assert sorted(row["control_system_id"] for row in panels) == sorted(ids[n] for n in ("27.01", "27.02", "27.03"))
    assert {ids["panel of 27.01"], ids["panel of 27.02"]} < {row["id"] for row in panels}
    assert all(aca.loaded(row["id"]) for row in panels)
    assert run_site(aca, TREE) == []


def test_every_foreign_key_entry_and_module_survives(made: HandMade) -> None:
    aca, ids = made.server, made.ids
    run_site(aca, TREE)
    org = aca.by_id("zones", ids["org"])["settings"]
    assert org["discovery_info"] == {
        "buildings": [
            {"name": "Closed", "zone_id": "zone_gone-12", "closed": 2015},
            {"name": "Sydney", "zone_id": ids["building"], "orientations": {"landscape": 0}, "theirs": 1},
        ],
        "app": {"theme": "dark"},
    }
    assert org["wayfinding"]["start"] == "lobby"
    building = aca.by_id("zones", ids["building"])
    assert building["description"] == "Our first"
    assert building["settings"]["discovery_info"] == {
        "levels": [{"level_id": ids["level"], "level_name": "Level 27", "map_url": "assets/maps/level_27.svg"}],
        "extras": [
            {"extra_id": "hearing_loop", "extra_name": "Hearing Loop", "icon": "ear"},
            {"extra_id": "video_conference", "extra_name": "Video Conference", "icon": "tv"},
            {"extra_id": "presentation_screen", "extra_name": "Presentation Screen"},
        ],
    }
    first, second = (aca.by_id("systems", ids[number]) for number in ("27.01", "27.02"))
    assert first["settings"]["lamp"]["on"] is True
    assert first["settings"]["map_id"] == "27.01"
    assert first["settings"]["extra_features"] == "video_conference presentation_screen"
    assert second["settings"]["theirs"] == [1, 2]
    assert second["settings"]["map_id"] == "27.02"
    for number in ("27.01", "27.02", "27.03"):
        assert aca.drivers_of(f"Sydney - {number}") == ["::Samsung::Displays::MdSeries", PANEL]
        assert aca.by_id("systems", ids[number])["modules"][0] == ids[f"display of {number}"]
    (domain,) = aca.rows("domains")
    assert domain["config"] == {"app": {"theme": "dark"}, "o365_driver": ids["panel"]}
    assert domain["internals"]["login"] == {"theirs": 1}


def test_every_ciphertext_stays_byte_for_byte(made: HandMade) -> None:
    aca = made.server
    before = ciphertexts(aca)
    assert len(before) == 5
    run_site(aca, TREE)
    after = ciphertexts(aca)
    assert {place: after.get(place) for place in before} == before
    assert after.keys() - before.keys() == {f"{made.ids['panel']}/msgraph_secret"}


def test_check_mode_says_what_the_run_then_does(made: HandMade) -> None:
    aca = made.server
    aca.control("read-only", {"enabled": True})
    foretold = [(module, result["changes"]) for module, result in site(aca, TREE, check=True)]
    assert aca.control("violations", method="GET") == []
    aca.control("read-only", {"enabled": False})
    assert [(module, result["changes"]) for module, result in site(aca, TREE)] == foretold


def test_the_check_lists_settings_with_the_secret_in_clear_text_become_right(made: HandMade) -> None:
    """The clear text is written again under a key with $; the rest of the check-list is corrected on the way."""
    aca = made.server
    document = panel_document(**CHECK_LIST)
    wanted = {"parent": PANEL, "encryption_level": "none", "document": document}
    assert aca.good("settings", **wanted)["changed"]
    settings = aca.panel()["settings"]
    assert "the-secret-in-clear-text" not in str(settings)
    assert settings["timeout"] == "30m"
    assert not aca.good("settings", **wanted)["changed"]
    assert aca.panel()["settings"] == settings


def test_a_room_that_has_the_deprecated_driver_too_is_told_since_panels_would_go_on_using_it(made: HandMade) -> None:
    aca, ids = made.server, made.ids
    old = aca.make(
        "dependencies", name="Old", role="logic", class_name="::Aca::OfficeBooking", module_name="Bookings"
    )["id"]  # fmt: skip
    system = aca.by_id("systems", ids["27.03"])
    module = aca.make("modules", dependency_id=old, control_system_id=system["id"], edge_id=system["edge_id"])["id"]
    aca.change("systems", system["id"], modules=[*system["modules"], module], version=system["version"])
    for _run in range(2):
        warnings = [text for name, result in site(aca, TREE) if name == "module" for text in result["warnings"]]
        (warning,) = [text for text in warnings if "::Aca::OfficeBooking" in text or "Old" in text]
        assert "such as Sydney - 27.03" in warning
    assert module in aca.by_id("systems", ids["27.03"])["modules"]
