# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an import did, for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SHOWN = 10
"""Lines of one kind that are shown; the lists themselves are complete."""

_Line = Callable[[Mapping[str, Any]], str]


def _both(entry: Mapping[str, Any]) -> str:
    return f"{entry['room']}: {entry['field']} {entry['inventory']} in the inventory, {entry['microsoft']} in Microsoft 365"


_KINDS: tuple[tuple[str, str, _Line], ...] = (
    ("added", "Rooms added", lambda entry: f"{entry['room']} ({entry['email']}) on {entry['level']}"),
    ("moved", "Rooms moved to the place that is known now", lambda entry: f"{entry['before']} is {entry['room']} now"),
    ("filled", "Gaps filled", lambda entry: f"{entry['room']}: {entry['field']} {entry['value']}"),
    ("overwritten", "Values replaced", _both),
    ("different", "Values that differ, left as they are", _both),
    (
        "vanished",
        "Rooms in the inventory, but not listed by Microsoft 365; left as they are",
        lambda entry: f"{entry['room']} ({entry['email']})",
    ),
    ("left_out", "Rooms not imported", lambda entry: f"{entry['room']}: {entry['reason']}"),
    (
        "unreadable",
        "Rooms with a calendar that could not be read",
        lambda entry: f"{entry['room']} ({entry['email']}): {entry['mailbox']}",
    ),
    (
        "incomplete",
        "Rooms with something missing",
        lambda entry: f"{entry['room']} ({entry['email']}): no {', no '.join(entry['missing'])}",
    ),
    (
        "by_hand",
        "Rooms to be changed by hand in the workbook",
        lambda entry: f"line {entry['line']}, {entry['room']}: {entry['values']}",
    ),
)


def summarise(result: Mapping[str, Any]) -> list[str]:
    """A heading per kind with its number, and the first entries."""
    changed = [file["path"] for file in result["files"] if file["changed"]]
    todo = f"to be written: {', '.join(changed)}" if changed else "nothing to write"
    lines = [f"Rooms from Microsoft 365: {result['imported']}; {todo}"]
    if result["separate"]:
        lines.append("The inventory has its workplace in another file: compare the two, and keep one of them")
    for key, title, line in _KINDS:
        # People rename rooms: only what was asked about names is news.
        entries = [line(entry) for entry in result[key] if key != "different" or entry["field"] != "display_name"]
        _list(lines, title, entries)
    renamed = sum(entry["field"] == "display_name" for entry in result["different"])
    if renamed:
        lines.append(f"Rooms that have another name in Microsoft 365: {renamed}")
    _list(lines, "Faults that site.yml will refuse; fill in or correct", result["faults"])
    return lines


def _list(lines: list[str], title: str, entries: list[str]) -> None:
    if not entries:
        return
    lines.append(f"{title}: {len(entries)}")
    lines += [f"  {entry}" for entry in entries[:SHOWN]]
    if len(entries) > SHOWN:
        lines.append(f"  and {len(entries) - SHOWN} more")
