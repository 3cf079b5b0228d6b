# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dependencies and the drivers found on the disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab.acaengine.testing import Client, Running

Make = Callable[..., str]
BODY = {"name": "Demo", "role": "logic", "class_name": "::Aca::DemoLogic", "module_name": "Demo"}
PANEL = "::Aca::O365BookingPanel"


def test_a_dependency_is_created_and_its_name_need_not_be_unique(aca: Client) -> None:
    first, second = (aca.post("/dependencies", BODY) for _time in range(2))
    assert first.status == second.status == 200
    assert first.json["id"].startswith("dep-")
    assert (first.json["settings"], first.json["default"], first.json["ignore_connected"]) == ({}, None, False)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"name": ""}, {"name": ["can't be blank"]}),
        (
            {"class_name": None, "module_name": " "},
            {"class_name": ["can't be blank"], "module_name": ["can't be blank"]},
        ),
        ({"role": "pilot"}, {"role": ["is not valid"]}),
    ],
)
def test_what_is_wrong_is_told_by_attribute(aca: Client, body: dict[str, Any], errors: dict[str, list[str]]) -> None:
    answer = aca.post("/dependencies", BODY | body)
    assert (answer.status, answer.json) == (406, errors)


def test_a_role_is_needed_and_must_be_text(aca: Client) -> None:
    answer = aca.post("/dependencies", {name: value for name, value in BODY.items() if name != "role"})
    assert answer.json == {"role": ["is not valid"]}
    assert aca.post("/dependencies", {**BODY, "role": 3}).status == 500


def test_an_update_ignores_role_and_class(aca: Client, demo: str) -> None:
    after = aca.changed(f"/dependencies/{demo}", name="New", role="service", class_name="::Other", settings={"a": 1})
    assert (after["name"], after["settings"]) == ("New", {"a": 1})
    assert (after["role"], after["class_name"]) == ("logic", "::Aca::DemoLogic")


def test_dependencies_are_listed_by_name_and_role(aca: Client) -> None:
    aca.made("/dependencies", **{**BODY, "name": "B"})
    aca.made("/dependencies", **{**BODY, "name": "A", "role": "service"})
    assert aca.names("/dependencies") == ["A", "B"]
    assert aca.names("/dependencies?role=logic") == ["B"]
    assert aca.names("/dependencies?role=pilot") == ["A", "B"]
    assert aca.get("/dependencies/dep-unknown").status == 404


def test_a_deleted_dependency_takes_its_modules_along(aca: Client, room: str, demo: str, add_module: Make) -> None:
    modules = [add_module(room, demo), add_module(room, demo, start=False)]
    assert aca.delete(f"/dependencies/{demo}").status == 200
    assert [aca.get(f"/modules/{module}").status for module in modules] == [404, 404]
    assert aca.get(f"/systems/{room}").json["modules"] == []


def test_a_reload_counts_the_loaded_modules(aca: Client, room: str, demo: str, add_module: Make) -> None:
    assert aca.post(f"/dependencies/{demo}/reload").json == {"message": "0 modules updated"}
    add_module(room, demo)
    add_module(room, demo, start=False)
    assert aca.post(f"/dependencies/{demo}/reload").json == {"message": "1 module updated"}
    missing = aca.made("/dependencies", **{**BODY, "class_name": "::Aca::Nowhere"})
    answer = aca.post(f"/dependencies/{missing}/reload")
    assert answer.status == 500
    assert answer.text.startswith("could not find 'aca/nowhere.rb'")


# -- discovery --


def test_the_two_booking_panels_are_known(aca: Client) -> None:
    found = {row["class_name"]: row for row in aca.get("/discovery?limit=100").json["results"]}
    assert len(found) > 30
    panel, old = found[PANEL], found["::Aca::OfficeBooking"]
    assert (panel["name"], panel["module_name"], panel["role"]) == (
        "Office365 Room Booking Panel Logic",
        "Bookings",
        "logic",
    )
    assert panel["settings"].keys() == {
        "update_every",
        "booking_cancel_email_message",
        "booking_timeout_email_message",
        "msgraph_client_id",
        "msgraph_secret",
        "msgraph_tenant",
    }
    assert (old["name"], old["module_name"]) == ("Deprecated Office365 Room Booking Panel Logic", "Bookings")
    assert aca.get(f"/discovery/disc-{PANEL}").json == panel
    assert aca.get("/discovery/disc-unknown").status == 404


def test_known_drivers_are_listed_by_name_and_searched(aca: Client) -> None:
    names = aca.names("/discovery?limit=100")
    assert names == sorted(names, key=str.lower)
    assert set(aca.names("/discovery?q=office365")) == {
        "Office365 Room Booking Panel Logic",
        "Deprecated Office365 Room Booking Panel Logic",
    }


def test_a_class_on_the_disk_is_known_after_a_scan(aca: Client, running_aca: Running) -> None:
    aca.post("/_lab/classes", {"class_name": "::Acme::Panel", "name": "Acme Panel", "module_name": "Bookings"})
    assert aca.get("/discovery/disc-::Acme::Panel").status == 404
    answer = aca.post("/discovery/scan")
    assert (answer.status, answer.text) == (200, "")
    assert aca.get("/discovery/disc-::Acme::Panel").json["name"] == "Acme Panel"


def test_a_second_scan_within_ten_seconds_is_ignored(aca: Client, running_aca: Running) -> None:
    clock = [100.0]
    running_aca.state.engine.shelf.clock = lambda: clock[0]
    aca.post("/discovery/scan")
    aca.post("/_lab/classes", {"class_name": "::Acme::Panel"})
    clock[0] += 9.9
    assert aca.post("/discovery/scan").status == 200
    assert aca.get("/discovery/disc-::Acme::Panel").status == 404
    clock[0] += 0.1
    aca.post("/discovery/scan")
    assert aca.get("/discovery/disc-::Acme::Panel").status == 200


def test_a_known_class_can_be_made_unknown_or_taken_away(aca: Client) -> None:
    aca.post("/_lab/classes", {"class_name": PANEL})
    assert aca.get(f"/discovery/disc-{PANEL}").status == 404
    aca.post("/discovery/scan")
    assert aca.get(f"/discovery/disc-{PANEL}").json["name"] == "Office365 Room Booking Panel Logic"
    assert PANEL not in aca("DELETE", "/_lab/classes", {"class_name": PANEL}).json["scanned"]
    assert aca.post("/_lab/classes", {"class_name": "Acme"}).status == 400
