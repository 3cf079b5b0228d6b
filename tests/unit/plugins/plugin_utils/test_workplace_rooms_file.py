# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rooms from a file are as those of the tree, and their faults name file and line."""

from __future__ import annotations

import builtins
import datetime as dt
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from ansible_collections.placeos.office365.plugins.plugin_utils._workplace import rooms_file
from ansible_collections.placeos.office365.plugins.plugin_utils._workplace.describe import Description, describe

if TYPE_CHECKING:
    from pathlib import Path


def workplace(**keys: object) -> dict[str, Any]:
    return {
        "name": "Acme",
        "rooms_file": "rooms.csv",
        "buildings": [
            {
                "name": "Perth",
                "extras": [{"id": "vc", "name": "VC"}, {"id": "wb", "name": "WB"}],
                "levels": [{"name": "Level 1", "map": "1.svg"}, {"name": "Level 2", "map": "2.svg"}],
            }
        ],
        **keys,
    }


def described(folder: Path, **keys: object) -> Description:
    return describe(workplace(**keys), str(folder))


def write_book(file: Path, *rows: list[Any]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(file)


HEADER = "building,level,name"
GOOD_CSV = """\
building,level,name,email,capacity,bookable,public,map_id,features,images
Perth,Level 2,2.01,per-2.01@acme.example,8,true,no,2.01,vc wb,https://a.example/1.jpg 2.jpg
Perth,Level 1,1.01,per-1.01@acme.example,,Yes,,1.01,vc;wb,

 , ,
Perth,Level 1,"Quiet, please",,,,,,,
"""
EXPECTED = [
    {
        "name": "Perth - 1.01", "display_name": "1.01", "email": "per-1.01@acme.example", "bookable": True,
        "map_id": "1.01", "features": ["vc", "wb"], "zones": ["Acme", "Perth", "Perth - Level 1"],
    },
    {
        "name": "Perth - Quiet, please", "display_name": "Quiet, please", "bookable": False,
        "zones": ["Acme", "Perth", "Perth - Level 1"],
    },
    {
        "name": "Perth - 2.01", "display_name": "2.01", "email": "per-2.01@acme.example", "capacity": 8,
        "bookable": True, "public": False, "map_id": "2.01", "features": ["vc", "wb"],
        "images": ["https://a.example/1.jpg", "2.jpg"], "zones": ["Acme", "Perth", "Perth - Level 2"],
    },
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_rooms_of_a_csv_file(tmp_path: Path, encoding: str, newline: str) -> None:
    (tmp_path / "rooms.csv").write_text(GOOD_CSV, encoding=encoding, newline=newline)
    description = described(tmp_path)
    assert description.faults == []
    assert description.flat["systems"] == EXPECTED


def test_semicolons_may_separate_the_columns(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text(
        "Building;Level;Name;E-Mail;Map ID;Features\nPerth;Level 1;ü;u@a.example;7;vc wb\n"
    )
    description = described(tmp_path)
    assert description.faults == []
    assert description.flat["systems"][0] == {
        "name": "Perth - ü", "display_name": "ü", "bookable": False, "email": "u@a.example", "map_id": "7",
        "features": ["vc", "wb"], "zones": ["Acme", "Perth", "Perth - Level 1"],
    }  # fmt: skip


def test_rooms_of_a_workbook(tmp_path: Path) -> None:
    write_book(
        tmp_path / "rooms.xlsx",
        ["building", "level", "name", "email", "capacity", "bookable", "public", "map_id", "features", "images"],
        [
            "Perth",
            "Level 2",
            "2.01",
            "per-2.01@acme.example",
            8.0,
            True,
            "no",
            "2.01",
            "vc wb",
            "https://a.example/1.jpg 2.jpg",
        ],
        ["Perth", "Level 1", "1.01", "per-1.01@acme.example", None, "yes", None, "1.01", "vc; wb", None],
        [None, None, " "],
        ["Perth", "Level 1", "Quiet, please"],
    )
    description = described(tmp_path, rooms_file="rooms.xlsx")
    assert description.faults == []
    assert description.flat["systems"] == EXPECTED


def test_a_room_called_101_in_a_workbook(tmp_path: Path) -> None:
    write_book(tmp_path / "rooms.xlsx", HEADER.split(","), ["Perth", "Level 1", 101])
    assert described(tmp_path, rooms_file="rooms.xlsx").flat["bookable"] == []
    assert described(tmp_path, rooms_file="rooms.xlsx").flat["systems"][0]["name"] == "Perth - 101"


def test_a_whole_number_that_a_workbook_keeps_as_floating_point() -> None:
    value = rooms_file._value("capacity", 8.0)
    assert (value, type(value)) == (8, int)


@pytest.mark.parametrize("cell", [27.1, True, dt.datetime(2026, 1, 2)])  # noqa: DTZ001
def test_a_workbook_cell_that_lost_its_spelling(tmp_path: Path, cell: object) -> None:
    write_book(tmp_path / "rooms.xlsx", HEADER.split(","), ["Perth", "Level 1", cell])
    faults = described(tmp_path, rooms_file="rooms.xlsx").faults
    assert faults == [
        f"rooms.xlsx:2 name: {cell} is not a text cell; format the cell as text and type it again",
    ]


def test_rooms_of_the_tree_and_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text(f"{HEADER}\nPerth,Level 1,1.02\n")
    mixed = workplace()
    mixed["buildings"][0]["levels"][0]["rooms"] = [{"name": "1.01"}]
    systems = describe(mixed, str(tmp_path)).flat["systems"]
    assert [system["name"] for system in systems] == ["Perth - 1.01", "Perth - 1.02"]


def test_an_absolute_path_needs_no_folder(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text(f"{HEADER}\nPerth,Level 1,1.02\n")
    description = describe(workplace(rooms_file=str(tmp_path / "rooms.csv")))
    assert description.faults == []
    assert len(description.flat["systems"]) == 1


@pytest.mark.parametrize(
    ("columns", "cells", "fault"),
    [
        ("email", "per@acme", 'rooms.csv:2 email: "per@acme" is not an e-mail address'),
        ("capacity", "eight", 'rooms.csv:2 capacity: "eight" is not a whole number from 0'),
        ("capacity", "8.5", 'rooms.csv:2 capacity: "8.5" is not a whole number from 0'),
        ("bookable", "ja", 'rooms.csv:2 bookable: "ja" is neither true, false, yes nor no; write one of them'),
        ("bookable", "true", "rooms.csv:2 email: is missing; a bookable room needs the address of its mailbox"),
        ("features", "vc beamer", 'rooms.csv:2 features: "beamer" is not among workplace.buildings[0].extras'),
        ("timezone", "Perth", 'rooms.csv:2 timezone: "Perth" is not a time zone'),
        ("support_url", "help", 'rooms.csv:2 support_url: "help" is not an absolute URL'),
        ("map_id", "a,b", "rooms.csv:2: has 5 cells under 4 columns"),
        ("capasity", "8", 'rooms.csv:1 capasity: unknown column; did you mean "capacity"?; the columns are building,'),
        ("name", "x", "rooms.csv:1 name: the column is there twice; remove one"),
    ],
)
def test_a_fault_in_a_row(tmp_path: Path, columns: str, cells: str, fault: str) -> None:
    (tmp_path / "rooms.csv").write_text(f"{HEADER},{columns}\nPerth,Level 1,1.01,{cells}\n")
    faults = described(tmp_path).faults
    assert len(faults) == 1, faults
    assert faults[0].startswith(fault)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Pert,Level 1,x", 'rooms.csv:2 building: "Pert" is not a building of the workplace; did you mean "Perth"?'),
        (
            "Oslo,Level 1,x",
            'rooms.csv:2 building: "Oslo" is not a building of the workplace; add it to workplace.buildings',
        ),
        ("Perth,level 1,x", 'rooms.csv:2 level: "level 1" is not a level of "Perth"; did you mean "Level 1"?'),
        ("Perth,Roof,x", 'rooms.csv:2 level: "Roof" is not a level of "Perth"; add it to workplace.buildings'),
        (",Level 1,x", "rooms.csv:2 building: is missing; name the building as in workplace.buildings"),
        ("Perth,,x", "rooms.csv:2 level: is missing; name the level as in workplace.buildings"),
        ("Perth,Level 1,", "rooms.csv:2 name: is missing; it is required"),
    ],
)
def test_a_row_that_belongs_nowhere(tmp_path: Path, row: str, fault: str) -> None:
    (tmp_path / "rooms.csv").write_text(f"{HEADER}\n{row}\n")
    faults = described(tmp_path).faults
    assert len(faults) == 1, faults
    assert faults[0].startswith(fault)


def test_the_line_is_the_rows_first(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text(
        f'{HEADER},description,capacity\nPerth,Level 1,a,"two\nlines",1\n\nPerth,Level 1,b,"three\n\nlines",x\n'
    )
    assert [fault.split(": ")[0] for fault in described(tmp_path).faults] == ["rooms.csv:5 capacity"]


def test_a_room_twice_in_the_file_and_an_address_of_the_tree(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text(
        f"{HEADER},email\nPerth,Level 1,a,a@acme.example\nPerth,Level 2,A,\nPerth,Level 2,b,A@acme.example\n"
    )
    faults = described(tmp_path).faults
    assert [fault.split(": ")[0] for fault in faults] == ["rooms.csv:3 name", "rooms.csv:4 email"]
    assert "rooms.csv:2 name only in letter case" in faults[0]
    assert "is the address of rooms.csv:2 email too" in faults[1]


def test_a_missing_column_is_reported_once(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text("building,name\nPerth,a\nPerth,b\n")
    assert described(tmp_path).faults == ["rooms.csv:1 level: the column is missing; every room needs it"]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("rooms.csv", None, "there is no file"),
        ("rooms.xls", b"", '"rooms.xls" is neither a .csv nor an .xlsx file'),
        ("rooms.csv", b"", '"rooms.csv" is empty; its first line must name the columns'),
        ("rooms.csv", b"\n , \n", '"rooms.csv" is empty; its first line must name the columns'),
        ("rooms.csv", b"building,level,name\nPerth,Level 1,\xfc\n", '"rooms.csv" is not UTF-8 (byte 34)'),
        ("rooms.csv", b'building,level,name\nPerth,Level 1,"x\n', '"rooms.csv" is not valid CSV at line 2'),
        ("rooms.xlsx", b"no workbook", '"rooms.xlsx" cannot be read as an XLSX workbook'),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, fault: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    faults = described(tmp_path, rooms_file=name).faults
    assert len(faults) == 1, faults
    assert faults[0].startswith(f"workplace.rooms_file: {fault}")


def test_a_relative_file_without_a_folder_to_look_in() -> None:
    assert describe(workplace()).faults == [
        'workplace.rooms_file: "rooms.csv" is relative, but no base_dir is given; pass base_dir=inventory_dir',
    ]


def test_a_workbook_where_openpyxl_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without_openpyxl(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "openpyxl":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    write_book(tmp_path / "rooms.xlsx", HEADER.split(","), ["Perth", "Level 1", "1.01"])
    monkeypatch.setattr(builtins, "__import__", without_openpyxl)
    (fault,) = described(tmp_path, rooms_file="rooms.xlsx").faults
    assert fault.startswith('workplace.rooms_file: "rooms.xlsx" needs the Python package openpyxl on the control node;')
    assert fault.endswith("-m pip install openpyxl")
