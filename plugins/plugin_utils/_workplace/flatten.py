# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the checked tree to the flat lists that the modules take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .names import in_building

if TYPE_CHECKING:
    from .tree import Building, Level, Room, Workplace

# The booking form of the workplace app shows settings.app.events.feature_decriptions[<feature>] (its spelling) as the
# name of a room's feature, and reads settings.app from the building's metadata of this name: PlaceOS/user-interfaces,
# libs/common settings.service.ts, libs/organisation organisation.service.ts, libs/spaces new-space-filters.component.ts.
APP_METADATA = "workplace_app"
APP_DESCRIPTION = "Settings of the workplace app"

_ZONE_FIELDS = ("code", "description", "timezone", "location", "capacity")


def flatten(workplace: Workplace) -> dict[str, Any]:
    """The flat lists of a tree without faults; parents stand before their children.

    Returns ``name``, ``zones``, ``metadata``, ``systems`` and ``bookable``. Objects name each other by
    stored name, and hold only what the inventory says, apart from display_name, bookable and an inherited time zone.
    """
    org = str(workplace.name)
    flat: dict[str, Any] = {
        "name": org,
        "zones": [_zone(workplace, org, "org")],
        "metadata": [],
        "systems": [],
        "bookable": [],
    }
    for building in workplace.buildings:
        _add_building(flat, workplace, building, org)
    return flat


def _add_building(flat: dict[str, Any], workplace: Workplace, building: Building, org: str) -> None:
    stored = str(building.name)
    flat["zones"].append({**_zone(building, stored, "building"), "parent": org, **_discovery(building)})
    if building.extras:
        flat["metadata"].append(_feature_names(building, stored))
    timezone = building.given.get("timezone") or workplace.given.get("timezone")
    for level in building.levels:
        zone = in_building(stored, str(level.name))
        flat["zones"].append({**_zone(level, zone, "level"), "parent": stored})
        for room in level.rooms:
            system = _system(room, in_building(stored, str(room.name)), [org, stored, zone], timezone)
            flat["systems"].append(system)
            if system["bookable"]:
                flat["bookable"].append(system["name"])


def _zone(node: Workplace | Building | Level, stored: str, tag: str) -> dict[str, Any]:
    zone: dict[str, Any] = {
        "name": stored,
        "display_name": node.given.get("display_name", node.name),
        "tags": [tag],
    }
    if "map" in node.given:
        zone["map_id"] = node.given["map"]
    zone.update((key, node.given[key]) for key in _ZONE_FIELDS if key in node.given)
    return zone


def _system(room: Room, stored: str, zones: list[str], timezone: str | None) -> dict[str, Any]:
    system: dict[str, Any] = {
        "display_name": room.name,
        "bookable": False,
        **room.given,
        "name": stored,
        "zones": zones,
    }
    if timezone is not None:
        system.setdefault("timezone", timezone)
    return system


def _feature_names(building: Building, stored: str) -> dict[str, Any]:
    return {
        "parent": stored,
        "name": APP_METADATA,
        "description": APP_DESCRIPTION,
        "details": {"events": {"feature_decriptions": dict(building.extras)}},
    }


def _discovery(building: Building) -> dict[str, Any]:
    """What only ACAEngine keeps in a zone, in its setting discovery_info."""
    discovery: dict[str, Any] = {}
    if building.extras:
        discovery["extras"] = [{"id": key, "name": name} for key, name in building.extras.items()]
    if "orientations" in building.given:
        discovery["orientations"] = building.given["orientations"]
    return discovery
