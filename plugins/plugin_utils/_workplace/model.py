# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of the inventory: what may be written where. To add a key, add a line here."""

from __future__ import annotations

from dataclasses import dataclass

from . import checks


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its name, what its value must be, and whether it must be there."""

    name: str
    check: checks.Check
    required: bool = False


Keys = dict[str, Key]


def _keys(*keys: Key) -> Keys:
    return {key.name: key for key in keys}


WORKPLACE = _keys(
    Key("name", checks.line, required=True),
    Key("display_name", checks.line),
    Key("code", checks.line),
    Key("description", checks.text),
    Key("timezone", checks.timezone),
    Key("rooms_file", checks.line),
    Key("buildings", checks.entries, required=True),
)

BUILDING = _keys(
    Key("name", checks.line, required=True),
    Key("display_name", checks.line),
    Key("code", checks.line),
    Key("description", checks.text),
    Key("timezone", checks.timezone),
    Key("location", checks.line),
    Key("extras", checks.entries),
    Key("orientations", checks.orientations),
    Key("levels", checks.entries, required=True),
)

EXTRA = _keys(
    Key("id", checks.identifier, required=True),
    Key("name", checks.line, required=True),
)

LEVEL = _keys(
    Key("name", checks.line, required=True),
    Key("display_name", checks.line),
    Key("code", checks.line),
    Key("description", checks.text),
    Key("map", checks.link),
    Key("capacity", checks.whole_number),
    Key("rooms", checks.entries),
)

ROOM = _keys(
    Key("name", checks.line, required=True),
    Key("display_name", checks.line),
    Key("code", checks.line),
    Key("description", checks.text),
    Key("type", checks.line),
    Key("email", checks.email),
    Key("capacity", checks.whole_number),
    Key("bookable", checks.flag),
    Key("public", checks.flag),
    Key("map_id", checks.line),
    Key("features", checks.identifiers),
    Key("images", checks.links),
    Key("support_url", checks.web_address),
    Key("timezone", checks.timezone),
)

# The columns of a rooms file: where the room belongs, then the room's own keys.
PLACE_COLUMNS = _keys(
    Key("building", checks.line, required=True),
    Key("level", checks.line, required=True),
)
COLUMNS: Keys = PLACE_COLUMNS | ROOM
