# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workplaces of any size: as an inventory for playbooks, and as the lists that modules take."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from ansible_collections.placeos.office365.plugins.plugin_utils._workplace.describe import describe

ROOMS_PER_LEVEL = 20
LEVELS_PER_BUILDING = 10
FEATURES = ("video_conference", "display", "whiteboard")
COLUMNS = ("building", "level", "name", "display_name", "email", "capacity", "bookable", "map_id", "features")


def rooms(number: int) -> list[dict[str, str]]:
    """Rows of a rooms file; every room can be booked, as that costs most."""
    rows = []
    for index in range(number):
        level, place = divmod(index, ROOMS_PER_LEVEL)
        building, level = divmod(level, LEVELS_PER_BUILDING)
        name = f"{level + 1:02}.{place + 1:02}"
        rows.append(
            {
                "building": f"Building {building + 1}",
                "level": f"Level {level + 1}",
                "name": name,
                "display_name": f"Room {name}",
                "email": f"b{building + 1}-{name}@bench.example",
                "capacity": str(2 + place % 15),
                "bookable": "yes",
                "map_id": name,
                "features": " ".join(FEATURES[: place % 4]),
            }
        )
    return rows


def tree(number: int) -> dict[str, Any]:
    """The buildings and levels for so many rooms, whose rooms stand in rooms.csv."""
    levels: dict[str, dict[str, Any]] = {}
    for row in rooms(number):
        levels.setdefault(row["building"], {})[row["level"]] = {
            "name": row["level"],
            "map": f"assets/maps/{row['building']}-{row['level']}.svg".replace(" ", "_").lower(),
        }
    extras = [{"id": feature, "name": feature.replace("_", " ").title()} for feature in FEATURES]
    return {
        "name": "Bench",
        "rooms_file": "host_vars/bench/rooms.csv",
        "buildings": [
            {"name": name, "timezone": "Europe/Berlin", "extras": extras, "levels": list(found.values())}
            for name, found in levels.items()
        ],
    }


def write_inventory(folder: Path, number: int, url: str, api_key: str) -> Path:
    """Write an inventory as a client would hold it, with the rooms in a CSV file; return its folder."""
    host = folder / "host_vars" / "bench"
    host.mkdir(parents=True, exist_ok=True)
    (folder / "hosts.yml").write_text(
        "all:\n  hosts:\n    bench:\n      ansible_connection: local\n"
        '      ansible_python_interpreter: "{{ ansible_playbook_python }}"\n',
        encoding="utf-8",
    )
    variables = {
        "placeos_url": url,
        "placeos_api_key": api_key,
        "microsoft_tenant_id": "11111111-2222-3333-4444-555555555555",
        "microsoft_client_id": "66666666-7777-8888-9999-000000000000",
        "microsoft_client_secret": "secret of the lab",
        "workplace": tree(number),
    }
    # JSON is YAML.
    (host / "client.yml").write_text(json.dumps(variables, indent=1), encoding="utf-8")
    with (host / "rooms.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rooms(number))
    return folder


def lists(folder: Path) -> dict[str, Any]:
    """The lists that an inventory's workplace becomes."""
    variables = json.loads((folder / "host_vars" / "bench" / "client.yml").read_text(encoding="utf-8"))
    description = describe(variables["workplace"], str(folder))
    if description.faults:
        raise ValueError("\n".join(description.faults))
    return description.flat
