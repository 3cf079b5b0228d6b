# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as YAML text that reads back as the same value, for Ansible too."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

# Plain text that no reader of YAML takes for something else; what looks like a number or a flag is found by reading it.
_PLAIN = re.compile(r"[A-Za-z0-9/](?:[A-Za-z0-9 ._/@+()&'-]*[A-Za-z0-9._/@+()&'-])?")
# Ansible evaluates texts of an inventory that hold one of these.
_TEMPLATE = re.compile(r"\{[{%#]")
# YAML refuses these characters, or takes them for the end of a line; JSON leaves them as they are.
_ESCAPED = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class Raw(str):
    """The lines of a list's item as somebody wrote them, the dash in the first column."""

    __slots__ = ()


def scalar(value: object) -> str:
    """One value on one line.

    A text from the tenant must never be evaluated as a template: whoever names a room there could otherwise run code on
    the control node. Such a text gets Ansible's tag ``!unsafe``.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _TEMPLATE.search(text):
        return f"!unsafe {_quoted(text)}"
    if _PLAIN.fullmatch(text) and yaml.safe_load(text) == text:
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    # A JSON string is a YAML string.
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(text, ensure_ascii=False))


def flow(fields: Mapping[str, Any]) -> str:
    """A mapping on one line."""
    return "{" + ", ".join(f"{key}: {_inside(value)}" for key, value in fields.items()) + "}"


def _inside(value: Any) -> str:
    if isinstance(value, Mapping):
        return flow(value)
    if isinstance(value, list):
        return "[" + ", ".join(_inside(item) for item in value) + "]"
    return scalar(value)


def block_item(item: Mapping[str, Any] | Raw) -> list[str]:
    """A list's item that is a mapping, on several lines, the dash in the first column."""
    if isinstance(item, Raw):
        return item.splitlines()
    return [("- " if index == 0 else "  ") + line for index, line in enumerate(block(item))]


def block(fields: Mapping[str, Any]) -> list[str]:
    """A mapping on several lines; lists of mappings below it likewise."""
    lines: list[str] = []
    for key, value in fields.items():
        if isinstance(value, list) and value and isinstance(value[0], (Mapping, Raw)):
            lines.append(f"{key}:")
            lines += [f"  {line}" if line else line for item in value for line in block_item(item)]
        else:
            lines.append(f"{key}: {_inside(value)}")
    return lines
