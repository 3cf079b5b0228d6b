# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What site.yml does, task by task, inside this process: for tests that need it many times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.placeos.office365.plugins.filter.panel_settings import panel_settings
from ansible_collections.placeos.office365.plugins.filter.workplace import workplace

from .acaengine import PANEL
from .modules import Result
from .objects import BOOKINGS, CALENDAR, CREDENTIALS, REPOSITORY
from .server import Server

PANEL_SETTINGS = {"touch_enabled": True, "timeout": "30m", "booking_max_duration": 120, "update_every": "1m"}
"""What the role booking_driver gives the panels of ACAEngine."""


def small_workplace() -> dict[str, Any]:
    """One organisation, one building, two levels, three rooms of which two can be booked."""
    return {
        "name": "Acme",
        "buildings": [
            {
                "name": "Sydney",
                "timezone": "Australia/Sydney",
                "extras": [{"id": "tv", "name": "Television"}],
                "levels": [
                    {"name": "Level 1", "map": "maps/1.svg", "rooms": [room("1.01", features=["tv"]), room("1.02")]},
                    {"name": "Level 2", "rooms": [{"name": "2.01", "capacity": 2}]},
                ],
            }
        ],
    }


def room(name: str, **more: Any) -> dict[str, Any]:
    """A bookable room."""
    return {"name": name, "email": f"syd-{name}@acme.example", "capacity": 4, "bookable": True, **more}


def large_workplace(rooms: int) -> dict[str, Any]:
    """Ten levels with so many bookable rooms in all."""
    levels = [{"name": f"Level {number}", "rooms": []} for number in range(10)]
    for number in range(rooms):
        levels[number % 10]["rooms"].append(room(f"{number % 10}.{number // 10:03}"))  # type: ignore[attr-defined]
    return {"name": "Acme", "buildings": [{"name": "Sydney", "timezone": "Australia/Sydney", "levels": levels}]}


def site(server: Server, tree: dict[str, Any], *, check: bool = False) -> Iterator[tuple[str, Result]]:
    """Run every configuring task of site.yml, and yield what each says; the workplace is a tree, or lists already."""
    flat = tree if "systems" in tree else workplace(tree)

    def run(module: str, **arguments: Any) -> tuple[str, Result]:
        return module, server.run(module, check, **arguments)

    yield run("zone", zones=flat["zones"])
    yield run("metadata", metadata=flat["metadata"])
    yield run("system", systems=flat["systems"])
    if server.platform == "acaengine":
        yield from _site_on_acaengine(server, flat, check=check)
        return
    yield run("repository", repositories=[REPOSITORY])
    yield run("driver", drivers=[CALENDAR, BOOKINGS])
    yield run("settings", parent=CALENDAR["name"], encryption_level="admin", document={"calendar_config": CREDENTIALS})
    modules = [
        {"driver": CALENDAR["name"], "uri": CALENDAR["default_uri"], "systems": flat["bookable"], "running": True},
        {"driver": BOOKINGS["name"], "systems": flat["bookable"], "running": True},
    ]
    yield run("module", modules=modules)
    yield run("domain", domain="localhost", config={"org_zone": "the organisation"})
    yield run("tenant", domain="localhost", name=flat["name"], calendar_platform="office365", credentials=CREDENTIALS)


def _site_on_acaengine(server: Server, flat: dict[str, Any], *, check: bool) -> Iterator[tuple[str, Result]]:
    def run(module: str, **arguments: Any) -> tuple[str, Result]:
        return module, server.run(module, check, **arguments)

    yield run("driver", class_name=PANEL)
    yield run("settings", parent=PANEL, encryption_level="none", document=panel_document())
    yield run("module", driver=PANEL, systems=flat["bookable"], running=True)
    yield run("domain", domain="localhost", org_zone=flat["name"], o365_driver=PANEL, config={})


def panel_document(secret: str = CREDENTIALS["client_secret"], **settings: Any) -> dict[str, Any]:
    """The settings of the panels, as the role booking_driver makes them."""
    made: dict[str, Any] = panel_settings(
        {**PANEL_SETTINGS, **settings},
        PANEL,
        tenant_id=CREDENTIALS["tenant"],
        client_id=CREDENTIALS["client_id"],
        client_secret=secret,
    )
    document: dict[str, Any] = made["document"]
    return document


def run_site(server: Server, tree: dict[str, Any]) -> list[str]:
    """Run everything; every task must succeed. Returns the modules that changed something."""
    changed = []
    for module, result in site(server, tree):
        assert not result["failed"], f"{module}: {result['msg']}"
        if result["changed"]:
            changed.append(module)
    return changed
