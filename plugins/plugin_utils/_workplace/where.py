# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a part of the inventory was written, and the list of faults found there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the inventory: ``workplace.buildings[0]``, or a row ``rooms.csv:14`` of a rooms file."""

    path: str
    in_file: bool = False

    def key(self, name: str) -> str:
        """The path of one key or column here."""
        return f"{self.path} {name}" if self.in_file else f"{self.path}.{name}"

    def item(self, name: str, index: int) -> Where:
        """The place of one entry of a list here."""
        return Where(f"{self.key(name)}[{index}]")


class Faults:
    """Faults in the order found, each one line: path, what is wrong, what to do."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, path: str, message: str) -> None:
        self.lines.append(f"{path}: {message}")
