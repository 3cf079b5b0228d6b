# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client's folder for tests of the import, and rooms as graph_room_info returns them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.placeos.office365.plugins.plugin_utils._rooms.importing import Request, import_rooms
from ansible_collections.placeos.office365.plugins.plugin_utils._rooms.merge import Choices
from ansible_collections.placeos.office365.plugins.plugin_utils._workplace.describe import describe

WORKPLACE = "host_vars/acme/workplace.yml"

SMALL = """\
# ours
workplace:
  name: Acme
  buildings:
    - name: Sydney # the first
      timezone: Australia/Sydney
      extras: [{ id: tv, name: 'Television' }]
      levels:
        - name: Level 1
          map: maps/1.svg
          rooms:
            # by the lift
            - name: "1.01"
              display_name: Bondi
              email: SYD-1.01@acme.example # old spelling
              bookable: true
              map_id: "1.01"
              features: [tv]
            - {name: "1.02", email: syd-1.02@acme.example, capacity: 4}
other: 1
"""


def room(email: str | None, **fields: Any) -> dict[str, Any]:
    """A room of the tenant: building Sydney, floor 1 and a name after its address, unless the test says otherwise."""
    name = email.partition("@")[0].upper() if email else None
    return {
        "id": f"id of {email}",
        "email_address": email,
        "display_name": name,
        "building": "Sydney",
        "floor_number": 1,
        "floor_label": None,
        "capacity": None,
        **fields,
    }


@dataclass
class Client:
    """One client's folder."""

    folder: Path

    def write(self, text: str, name: str = WORKPLACE) -> None:
        """Write a file of the inventory."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(text.encode())

    def read(self, name: str = WORKPLACE) -> str:
        """The text of a file of the inventory."""
        return (self.folder / name).read_bytes().decode()

    def workplace(self) -> dict[str, Any]:
        """The value of the variable."""
        return _workplace(self.read())

    def rooms(self) -> dict[str, dict[str, Any]]:
        """The rooms of the tree by address, in lower case; each knows its building and level."""
        return {
            entry["email"].lower(): {**entry, "building": building["name"], "level": level["name"]}
            for building in self.workplace()["buildings"]
            for level in building.get("levels") or ()
            for entry in level.get("rooms") or ()
            if entry.get("email")
        }

    def rooms_with_rows(self, sheet: str) -> list[str]:
        """The addresses of all rooms, those of the rooms file too."""
        rows = csv.DictReader(self.read(sheet).splitlines()) if (self.folder / sheet).exists() else ()
        return [*self.rooms(), *(row["email"].lower() for row in rows)]

    def faults_of(self, text: str) -> list[str]:
        """What the check says about a workplace file of that text."""
        return describe(_workplace(text), str(self.folder)).faults

    def plan(self, *rooms: dict[str, Any], **options: Any) -> dict[str, Any]:
        """What an import would do."""
        chosen = {key: options.pop(key) for key in ("overwrite", "bookable", "timezones") if key in options}
        options = {"name": "Acme", **options}
        return import_rooms(rooms, Request(WORKPLACE, str(self.folder), choices=Choices(**chosen), **options))

    def take(self, *rooms: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Import and write."""
        result = self.plan(*rooms, **options)
        for file in result["files"]:
            if file["changed"]:
                path = Path(file["path"])
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file["content"].encode())
        return result

    def added_lines(self, before: str, name: str = WORKPLACE) -> str:
        """The lines that were added; fails when a line was lost or changed."""
        rest = iter(before.splitlines())
        expected, added = next(rest, None), []
        for line in self.read(name).splitlines():
            if line == expected:
                expected = next(rest, None)
            else:
                added.append(line)
        assert expected is None, f"this line was lost or changed: {expected!r}"
        return "\n".join(added)


class _Loader(yaml.SafeLoader):
    """Takes Ansible's tags for the values that they stand before."""


_Loader.add_multi_constructor("!", lambda _loader, _tag, node: str(node.value))


def _workplace(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(text, _Loader)["workplace"]  # noqa: S506 - a SafeLoader
    return found
