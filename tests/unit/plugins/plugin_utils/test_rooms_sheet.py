# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms file of an import: rows are added and filled, what people have typed stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.plugin_utils._rooms.known import ImportFault
from ansible_collections.placeos.office365.tests.unit.plugins.plugin_utils.rooms_client import SMALL, Client, room

ROWS = "host_vars/acme/rooms.csv"
TREE = f"""\
workplace:
  name: Acme
  rooms_file: {ROWS}
  buildings:
    - {{name: Sydney, timezone: Australia/Sydney, levels: [{{name: Level 1}}, {{name: Level 2}}]}}
"""
TITLE = "Building,Level,Name,E-Mail,Capacity\n"
SHEET = f'{TITLE}Sydney,Level 1,"A, large",a@acme.example,\n\nSydney,Level 2,B,B@acme.example,4\n'
A, B = room("a@acme.example"), room("b@acme.example", floor_number=2)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    made = Client(tmp_path)
    made.write(TREE)
    made.write(SHEET, ROWS)
    return made


def test_rows_are_known_by_address_and_their_gaps_filled(client: Client) -> None:
    result = client.take({**A, "capacity": 3}, {**B, "capacity": 5})
    assert client.read(ROWS) == SHEET.replace("a@acme.example,", "a@acme.example,3")
    assert client.read() == TREE
    told = [(entry["room"], entry["microsoft"]) for entry in result["different"] if entry["field"] == "capacity"]
    assert told == [("Sydney - B", 5)]


def test_a_new_row_stands_behind_the_last_of_its_level(client: Client) -> None:
    client.take(A, B, room("c@acme.example", display_name="C", capacity=1), format="csv")
    assert client.read(ROWS) == (
        'Building,Level,Name,E-Mail,Capacity,bookable\nSydney,Level 1,"A, large",a@acme.example,\n'
        "Sydney,Level 1,C,c@acme.example,1,yes\n\nSydney,Level 2,B,B@acme.example,4\n"
    )


def test_a_new_level_is_written_in_the_tree_and_its_room_in_the_file(client: Client) -> None:
    rooms = [A, B, room("c@acme.example", floor_number=3)]
    result = client.take(*rooms, format="csv")
    assert result["faults"] == []
    assert "{name: Level 2}, {name: Level 3}]" in client.read()
    assert client.read(ROWS).endswith("Sydney,Level 3,C,c@acme.example,,yes\n")
    assert not client.plan(*rooms, format="csv")["changed"]


def test_with_the_format_yaml_new_rooms_go_to_the_tree_and_rows_stay_rows(client: Client) -> None:
    client.take({**A, "capacity": 3}, B, room("c@acme.example"))
    assert list(client.rooms()) == ["c@acme.example"]
    assert client.read(ROWS).count("\n") == SHEET.count("\n")


def test_a_row_moves_when_its_place_is_known(client: Client) -> None:
    lost = room("x@acme.example", display_name="X", building=None)
    client.take(A, B, lost, format="csv", timezones={"unassigned": "Australia/Sydney"})
    assert "Unassigned,Level 1,X,x@acme.example" in client.read(ROWS)
    client.take(A, B, {**lost, "building": "Sydney"}, format="csv")
    assert "Sydney,Level 1,X,x@acme.example" in client.read(ROWS)
    assert "Unassigned,Level" not in client.read(ROWS)


def test_a_first_rooms_file_has_the_columns_that_people_fill_in(tmp_path: Path) -> None:
    client = Client(tmp_path)
    new = room("a@acme.example", display_name="A; large", capacity=2)
    result = client.take(new, format="csv", rooms_file=ROWS, timezone="Australia/Sydney")
    assert result["faults"] == []
    assert client.workplace()["rooms_file"] == ROWS
    assert client.workplace()["buildings"] == [{"name": "Sydney", "levels": [{"name": "Level 1"}]}]
    assert client.read(ROWS) == (
        "building,level,name,display_name,email,capacity,bookable,map_id,features,description\n"
        "Sydney,Level 1,A; large,,a@acme.example,2,yes,,,\n"
    )


def test_rooms_of_the_tree_stay_there_when_new_ones_become_rows(tmp_path: Path) -> None:
    client = Client(tmp_path)
    client.write(SMALL)
    rooms = [room("syd-1.01@acme.example"), room("n@acme.example")]
    client.take(*rooms, format="csv", rooms_file=str(tmp_path / ROWS))
    assert client.added_lines(SMALL) == f"  rooms_file: {ROWS}"
    assert client.read(ROWS).count("@") == 1


@pytest.mark.parametrize(
    "sheet",
    [
        "\ufeff" + SHEET.replace(", large", "+ large").replace(",", ";").replace("\n", "\r\n"),
        SHEET.removesuffix("\n"),
        SHEET.replace('"A, large"', '"A\nlarge"'),
    ],
    ids=["Excel", "without an end of line", "a cell of two lines"],
)
def test_marks_delimiters_and_ends_of_lines_stay(client: Client, sheet: str) -> None:
    client.write(sheet, ROWS)
    rooms = [A, {**B, "capacity": 9}, room("c@acme.example", display_name="C", capacity=1, floor_number=2)]
    client.take(*rooms, format="csv")
    text = client.read(ROWS)
    delimiter, windows = ";" if ";" in sheet else ",", "\r\n" in sheet
    assert text.startswith(sheet[:8])
    assert delimiter.join(["Sydney", "Level 2", "C", "c@acme.example", "1", "yes"]) in text
    assert (text.count("\r\n") == text.count("\n")) is windows
    assert not client.plan(*rooms, format="csv")["changed"]


def test_faults_name_the_line_that_the_file_will_have(client: Client) -> None:
    client.write(SHEET.replace("B@acme.example,4", "B@acme.example,four"), ROWS)
    result = client.plan(A, B, room("c@acme.example"), format="csv")
    assert [fault.split(": ")[0] for fault in result["faults"]] == [f"{ROWS}:5 capacity"]


def test_rows_of_an_unknown_place_are_known_all_the_same(client: Client) -> None:
    client.write(SHEET.replace("Sydney,Level 2", "Sidney,Level 2"), ROWS)
    result = client.plan(A, B)
    assert result["added"] == []
    assert any('"Sidney" is not a building' in fault for fault in result["faults"])


def test_a_workbook_is_read_and_left_to_its_author(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    client = Client(tmp_path)
    client.write(TREE.replace("rooms.csv", "rooms.xlsx"))
    book = openpyxl.Workbook()
    for row in (["building", "level", "name", "email", "capacity"], ["Sydney", "Level 1", "A", "a@acme.example", None]):
        book.active.append(row)
    book.save(tmp_path / "host_vars/acme/rooms.xlsx")
    result = client.take({**A, "capacity": 3}, room("c@acme.example"))
    assert result["by_hand"] == [{"room": "A", "email": "a@acme.example", "line": 2, "values": {"capacity": 3}}]
    assert list(client.rooms()) == ["c@acme.example"]
    with pytest.raises(ImportFault, match="is a workbook, which is read but not written; use the format yaml"):
        client.plan(A, format="csv")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"format": "json"}, "format 'json' is unknown; use one of yaml, csv"),
        ({"format": "csv"}, "the format csv needs the name of a rooms file"),
        ({"format": "csv", "rooms_file": "rooms.txt"}, r"rooms\.txt does not end in \.csv"),
    ],
)
def test_a_rooms_file_needs_a_name(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ImportFault, match=words):
        Client(tmp_path).plan(A, **options)


def test_a_workplace_has_one_rooms_file(client: Client) -> None:
    with pytest.raises(ImportFault, match=f"rooms_file is {ROWS} already"):
        client.plan(A, format="csv", rooms_file="other.csv")


def test_a_rooms_file_that_cannot_be_read_is_told(client: Client) -> None:
    (client.folder / ROWS).write_bytes(b"\xff\xfe")
    with pytest.raises(ImportFault, match="is not UTF-8"):
        client.plan(A)
