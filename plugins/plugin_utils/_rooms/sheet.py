# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rooms file that is written again: rows that do not change keep every character, others keep what is not ours."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._workplace import rooms_file
from .._workplace.model import COLUMNS
from .._workplace.where import Faults
from .known import ImportFault

# What a new rooms file has: what the tenant knows, and the columns that people fill in most.
NEW_COLUMNS = tuple("building level name display_name email capacity bookable map_id features description".split())
_MARK = "\ufeff"

Row = tuple[int, str, str, dict[str, Any]]


@dataclass(slots=True)
class Sheet:
    """A rooms file: ``rooms`` are (line, building, level, values) as the inventory reads them.

    ``text`` is None for a workbook, which is read but never written.
    """

    rooms: list[Row] = field(default_factory=list)
    text: str | None = ""

    @property
    def writable(self) -> bool:
        """Can it be written?"""
        return self.text is not None

    def changed(self, changes: Mapping[int, Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> str:
        """The file's text with these values by line, and these new rows, each after its level's last room."""
        if self.text is None:
            raise ImportFault("a workbook is not written; save it as CSV, and name that in workplace.rooms_file")
        return _Rewriter(self.text).rewrite(changes, new)


def read_sheet(name: str, base_dir: str | None) -> Sheet:
    """Read the rooms file that the inventory names; a file that does not exist yet is an empty one."""
    path = locate(name, base_dir)
    faults = Faults()
    if not path.exists():
        return Sheet()
    rows = rooms_file.read(name, base_dir, "workplace.rooms_file", faults)
    # A single bad cell is for the check of the inventory to report; without rows the file is unusable.
    if not rows and faults.lines:
        raise ImportFault("\n".join(faults.lines))
    rooms = [(int(row.where.path.rpartition(":")[2]), str(row.building), str(row.level), row.values) for row in rows]
    if path.suffix.lower() == ".xlsx":
        return Sheet(rooms, None)
    return Sheet(rooms, path.read_bytes().decode("utf-8"))


def locate(name: str, base_dir: str | None) -> Path:
    """The path of the rooms file as the inventory's reader finds it."""
    return Path(base_dir or ".") / Path(name).expanduser()


class _Rewriter:
    def __init__(self, text: str) -> None:
        self.mark = _MARK if text.startswith(_MARK) else ""
        # The lines that the csv module counts; str.splitlines would find more.
        self.lines = list(io.StringIO(text.removeprefix(_MARK), newline=""))
        first = self.lines[0] if self.lines else ""
        self.newline = "\r\n" if first.endswith("\r\n") else "\n"
        # The same choice as the reader makes.
        self.delimiter = ";" if first.count(";") > first.count(",") else ","
        self.records = self._records()
        self.title = next((line for line, (_end, cells) in self.records.items() if any(cells)), None)
        self.columns: list[str] = []

    def _records(self) -> dict[int, tuple[int, list[str]]]:
        """(first line) -> (line after the last, cells)."""
        records: dict[int, tuple[int, list[str]]] = {}
        reader = csv.reader(iter(self.lines), delimiter=self.delimiter, strict=True)
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return records
            records[first] = (reader.line_num + 1, cells)

    def rewrite(self, changes: Mapping[int, Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> str:
        rows = list(new)
        header = self.records[self.title][1] if self.title else []
        self.columns = [_key(cell) for cell in header]
        wanted = {key for row in (*rows, *changes.values()) for key in row} | set(() if self.title else NEW_COLUMNS)
        extra = [key for key in dict.fromkeys((*NEW_COLUMNS, *COLUMNS)) if key in wanted - set(self.columns)]
        self.columns += extra
        texts: dict[int, str] = {}
        if extra:
            texts[self.title or 1] = self._line([*header, *extra])
        for line, values in changes.items():
            cells = [*self.records[line][1], *[""] * (len(self.columns) - len(self.records[line][1]))]
            for key, value in values.items():
                cells[self.columns.index(key)] = _cell(value)
            texts[line] = self._line(cells)
        after: dict[int, list[str]] = {}
        homes = self._homes(changes)
        for row in rows:
            home = homes.get((row["building"], row["level"])) or homes.get((row["building"], None))
            text = self._line([_cell(row.get(key)) for key in self.columns])
            after.setdefault(home or max(self.records, default=0), []).append(text)
        return self.mark + self._join(texts, after)

    def _homes(self, changes: Mapping[int, Mapping[str, Any]]) -> dict[tuple[str, str | None], int]:
        """The last line of each level, and of each building."""
        homes: dict[tuple[str, str | None], int] = {}
        for line, (_end, cells) in self.records.items():
            if line == self.title:
                continue
            values = {
                **dict(zip(self.columns, (cell.strip() for cell in cells), strict=False)),
                **changes.get(line, {}),
            }
            building, level = values.get("building"), values.get("level")
            if building:
                homes[building, level] = homes[building, None] = line
        return homes

    def _join(self, texts: Mapping[int, str], after: Mapping[int, list[str]]) -> str:
        parts: list[str] = []
        if not self.records:
            parts += [texts.get(1, ""), *after.get(0, [])]
        for line, (end, _cells) in self.records.items():
            parts.append(texts.get(line) or "".join(self.lines[line - 1 : end - 1]))
            if after.get(line) and not parts[-1].endswith(("\n", "\r")):
                parts[-1] += self.newline
            parts += after.get(line, [])
        return "".join(parts)

    def _line(self, cells: list[str]) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter, lineterminator=self.newline).writerow(cells)
        return out.getvalue()


def _key(cell: str) -> str:
    # As the reader of rooms files takes a column's title.
    key = re.sub(r"[\s-]+", "_", cell.strip().casefold())
    return "email" if key == "e_mail" else key


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)
