# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rooms from a CSV or XLSX file: cells become the values that the tree would hold, each with its file and line."""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import checks
from .model import COLUMNS, PLACE_COLUMNS, ROOM
from .text import show, suggest
from .where import Faults, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# (line of the file, cells)
Row = tuple[int, list[Any]]

_FLAGS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(slots=True)
class RoomRow:
    """One room of the file: the names of its building and level, and its other columns as the tree would have them.

    ``bad`` names the columns whose cell could not be read; the fault is already reported.
    """

    where: Where
    building: object
    level: object
    values: dict[str, Any]
    bad: set[str]


def read(name: str, base_dir: str | None, path: str, faults: Faults) -> list[RoomRow]:
    """The rooms of the file ``name``, relative to ``base_dir``.

    A file that cannot be read at all is one fault at ``path``, where the inventory names the file.
    """
    try:
        file = _locate(name, base_dir)
        rows = _xlsx(file, name) if file.suffix.lower() == ".xlsx" else _csv(file, name)
        return _rooms(name, rows, faults)
    except checks.UnfitError as unfit:
        faults.add(path, str(unfit))
        return []


def _locate(name: str, base_dir: str | None) -> Path:
    file = Path(name).expanduser()
    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise checks.UnfitError(
            f"{show(name)} is neither a .csv nor an .xlsx file; save the sheet as CSV (UTF-8) or XLSX"
        )
    if not file.is_absolute():
        if not base_dir:
            raise checks.UnfitError(f"{show(name)} is relative, but no base_dir is given; pass base_dir=inventory_dir")
        file = Path(base_dir) / file
    if not file.is_file():
        raise checks.UnfitError(f"there is no file {show(str(file))}; the path is relative to the inventory's folder")
    return file


def _csv(file: Path, name: str) -> Iterator[Row]:
    try:
        # Excel begins UTF-8 files with a byte order mark.
        content = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise checks.UnfitError(f"{show(name)} is not UTF-8 (byte {error.start}); save it as CSV UTF-8") from None
    except OSError as error:
        raise checks.UnfitError(f"{show(name)} cannot be read: {error.strerror}") from None
    header = content.split("\n", 1)[0]
    # Excel writes semicolons where the comma is the decimal sign.
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    while True:
        # A quoted cell may span lines, so the reader's own count names the row's last line, not its first.
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise checks.UnfitError(f"{show(name)} is not valid CSV at line {first}: {error}") from None
        yield first, cells


def _xlsx(file: Path, name: str) -> Iterator[Row]:
    try:
        # Only users of XLSX need the package.
        import openpyxl
    except ImportError:
        raise checks.UnfitError(
            f"{show(name)} needs the Python package openpyxl on the control node;"
            f" install it with: {sys.executable} -m pip install openpyxl"
        ) from None
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise checks.UnfitError(f"{show(name)} cannot be read as an XLSX workbook: {error}") from None
    try:
        sheet = book.worksheets[0]
        for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, list(cells)
    finally:
        book.close()


def _rooms(name: str, rows: Iterable[Row], faults: Faults) -> list[RoomRow]:
    filled = ((line, cells) for line, cells in rows if any(not _is_blank(cell) for cell in cells))
    first = next(filled, None)
    if first is None:
        raise checks.UnfitError(f"{show(name)} is empty; its first line must name the columns")
    columns = _columns(Where(f"{name}:{first[0]}", in_file=True), first[1], faults)
    if columns is None:
        return []
    return [_room(Where(f"{name}:{line}", in_file=True), columns, cells, faults) for line, cells in filled]


def _columns(where: Where, header: list[Any], faults: Faults) -> list[str | None] | None:
    """The key of each column, None for an unknown one; None in all when a column that every room needs is missing."""
    columns: list[str | None] = []
    for cell in header:
        if _is_blank(cell):
            columns.append(None)
            continue
        key = re.sub(r"[\s-]+", "_", str(cell).strip().casefold())
        key = "email" if key == "e_mail" else key
        if key not in COLUMNS:
            faults.add(
                where.key(str(cell).strip()),
                f"unknown column{suggest(key, COLUMNS)}; the columns are {', '.join(COLUMNS)}",
            )
            columns.append(None)
        elif key in columns:
            faults.add(where.key(key), "the column is there twice; remove one")
            columns.append(None)
        else:
            columns.append(key)
    missing = [key.name for key in COLUMNS.values() if key.required and key.name not in columns]
    for name in missing:
        faults.add(where.key(name), "the column is missing; every room needs it")
    return None if missing else columns


def _room(where: Where, columns: list[str | None], cells: list[Any], faults: Faults) -> RoomRow:
    values: dict[str, Any] = {}
    bad: set[str] = set()
    for index, cell in enumerate(cells):
        if _is_blank(cell):
            continue
        if index >= len(columns):
            faults.add(
                where.path,
                f"has {len(cells)} cells under {len(columns)} columns; put quotes around a cell that holds the delimiter",
            )
            break
        key = columns[index]
        if key is None:
            continue
        try:
            values[key] = _value(key, cell)
        except checks.UnfitError as unfit:
            faults.add(where.key(key), str(unfit))
            bad.add(key)
    places = {key: _place(where, key, values, bad, faults) for key in PLACE_COLUMNS}
    return RoomRow(where, places["building"], places["level"], values, bad & ROOM.keys())


def _place(where: Where, key: str, values: dict[str, Any], bad: set[str], faults: Faults) -> str | None:
    """The building or level that the row names, taken out of its values."""
    if key in values:
        return str(values.pop(key))
    if key not in bad:
        faults.add(where.key(key), f"is missing; name the {key} as in workplace.buildings")
    return None


def _value(key: str, cell: object) -> object:
    return _CELLS.get(COLUMNS[key].check, _as_text)(cell)


def _as_text(cell: object) -> str:
    if isinstance(cell, int) and not isinstance(cell, bool):
        # A room called 101 is a number to a spreadsheet; nothing was lost.
        return str(cell)
    if not isinstance(cell, str):
        # 27.10 has become 27.1, a date has lost its spelling.
        raise checks.UnfitError(f"{cell} is not a text cell; format the cell as text and type it again")
    return cell.strip()


def _as_number(cell: object) -> object:
    if isinstance(cell, str) and cell.strip().isdecimal():
        return int(cell)
    # A workbook may keep whole numbers as floating point.
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _as_flag(cell: object) -> bool:
    if isinstance(cell, bool):
        return cell
    word = str(cell).strip()
    if word.casefold() not in _FLAGS:
        raise checks.UnfitError(f"{show(word)} is neither true, false, yes nor no; write one of them")
    return _FLAGS[word.casefold()]


def _as_words(cell: object) -> list[str]:
    return [word for word in re.split(r"[\s;,]+", _as_text(cell)) if word]


def _as_links(cell: object) -> list[str]:
    # A URL may hold semicolons and commas.
    return _as_text(cell).split()


_CELLS: dict[checks.Check, Callable[[object], object]] = {
    checks.whole_number: _as_number,
    checks.flag: _as_flag,
    checks.identifiers: _as_words,
    checks.links: _as_links,
}


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
