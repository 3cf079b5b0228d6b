# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways of writing the same workplace: the import adds to each of them without touching what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.placeos.office365.plugins.plugin_utils._rooms.known import ImportFault
from ansible_collections.placeos.office365.tests.unit.plugins.plugin_utils.rooms_client import Client, room

NEW = room("n@acme.example", capacity=2)
KNOWN = room("k@acme.example", capacity=2, display_name="K")
ELSEWHERE = room("e@acme.example", building="Sydney", floor_number=9)

HEAD = "workplace:\n  name: Acme\n  timezone: Australia/Sydney\n  buildings:\n"
TOP = HEAD + "    - name: Sydney\n      levels:\n        - name: Level 1\n          rooms:\n"
ROOM = "            - name: K\n              email: k@acme.example\n"
ON_ONE_LINE = "{name: Level 1, rooms: [{name: K, email: k@acme.example}]}"
WAYS = {
    "blocks": TOP + ROOM,
    "dashes below their key": "workplace:\n  name: Acme\n  buildings:\n  - name: Sydney\n    levels:\n"
    "    - name: Level 1\n      rooms:\n      - name: K\n        email: k@acme.example\n",
    "all on one line": f"workplace: {{name: Acme, buildings: [{{name: Sydney, levels: [{ON_ONE_LINE}]}}]}}\n",
    "rooms on one line": f"{HEAD}  - name: Sydney\n    levels:\n    - {ON_ONE_LINE}\n",
    "the address first": HEAD + "    - levels:\n        - rooms:\n            - email: k@acme.example\n"
    "              name: K\n          name: Level 1\n      name: Sydney\n",
    "a long description last": TOP + ROOM + "              description: |\n                One\n\n                Two\n\n"
    "    # The end\nother: [1]\n",
    "comments and blank lines": HEAD + "\n    # one\n    - name: Sydney # two\n\n      levels: # three\n"
    "        - name: Level 1\n          rooms: # four\n\n            # five\n            - name: K # six\n"
    "              email: 'k@acme.example' # seven\n\n\n    # eight\n# nine\n",
    "without an end of line": TOP + ROOM.rstrip("\n"),
    "the lines of Windows": (TOP + ROOM).replace("\n", "\r\n"),
    "a document mark and secrets": "---\nsecret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132\nflag: yes\n" + TOP + ROOM,
    "merged keys": "common: &common {bookable: true, capacity: 7}\n" + TOP
    + "            - <<: *common\n              name: K\n              email: k@acme.example\n",
    "an empty list of rooms elsewhere": TOP.replace("Level 1\n          rooms:", "Level 9\n          rooms: []  # none yet")
    + "        - name: Level 1\n          rooms:\n" + ROOM,
    "rooms without a value elsewhere": TOP.replace("Level 1", "Level 9") + "        - name: Level 1\n          rooms:\n" + ROOM,
    "quoted keys and tabs in comments": (TOP + ROOM).replace("rooms:", '"rooms":').replace("email", '"email"')
    .replace("Sydney\n", "Sydney #\ttab\n", 1),
    "an alias of a value last": "mail: &mail k@acme.example\n" + TOP + ROOM.replace("k@acme.example", "*mail"),
    "an alias in braces": "mail: &mail k@acme.example\n" + TOP + "            - {name: K, email: *mail }\n",
}  # fmt: skip


@pytest.fixture(params=WAYS.values(), ids=list(WAYS))
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Client:
    made = Client(tmp_path)
    made.write(request.param)
    return made


def test_rooms_levels_buildings_and_gaps_find_their_places(client: Client) -> None:
    before = client.read()
    rooms = [KNOWN, NEW, ELSEWHERE, room("p@acme.example", building="Perth")]
    client.take(*rooms, timezones={"Perth": "Australia/Perth"})
    found = client.rooms()
    assert {email: (entry["building"], entry["level"]) for email, entry in found.items()} == {
        "k@acme.example": ("Sydney", "Level 1"),
        "n@acme.example": ("Sydney", "Level 1"),
        "e@acme.example": ("Sydney", "Level 9"),
        "p@acme.example": ("Perth", "Level 1"),
    }
    assert found["k@acme.example"]["capacity"] == (7 if "common" in before else 2)
    assert not client.plan(*rooms)["changed"]
    # Every character of the author is there, in the order of the author.
    written = iter(client.read())
    assert all(character in written for character in before.replace(" []", ""))


def test_the_ends_of_lines_stay_as_they_are(client: Client) -> None:
    windows = "\r\n" in client.read()
    client.take(KNOWN, NEW)
    text = client.read()
    assert (text.count("\r\n") == text.count("\n")) if windows else "\r" not in text


def test_an_import_without_news_touches_no_character(client: Client) -> None:
    before = client.read()
    result = client.plan({**KNOWN, "capacity": None})
    assert (result["changed"], result["files"][0]["content"]) == (False, before)


@pytest.mark.parametrize(
    "text", ["", "---\n", "# only a comment\n", "other: 1", "workplace:\n", "workplace: # soon\nother: 1\n"]
)
def test_a_workplace_is_begun_in_a_file_without_one(tmp_path: Path, text: str) -> None:
    client = Client(tmp_path)
    client.write(text)
    client.take(NEW, timezone="Australia/Sydney")
    assert list(client.rooms()) == ["n@acme.example"]
    assert all(line in client.read() for line in text.splitlines() if "#" in line or "other" in line)
    assert not client.plan(NEW)["changed"]


def test_a_list_that_an_anchor_shares_is_not_changed_in_several_places(tmp_path: Path) -> None:
    client = Client(tmp_path)
    client.write(
        "workplace:\n  name: Acme\n  buildings:\n    - name: Perth\n      levels: &levels [{name: Level 1, rooms: []}]\n"
        "    - name: Sydney\n      levels: *levels\n"
    )
    with pytest.raises(ImportFault, match=r"buildings\[1\]\.levels is shared by a YAML anchor in .*; write it out"):
        client.plan(NEW)
    assert not client.plan()["changed"]


def test_a_value_that_comes_from_merged_keys_is_replaced_by_one_of_its_own(tmp_path: Path) -> None:
    client = Client(tmp_path)
    client.write(WAYS["merged keys"])
    client.take(KNOWN, overwrite=["capacity"])
    assert client.rooms()["k@acme.example"]["capacity"] == 2
    assert client.read().startswith("common: &common {bookable: true, capacity: 7}\n")


def test_a_change_that_would_not_read_back_as_meant_is_refused(tmp_path: Path) -> None:
    """The blank lines at the end of this description are part of it, so nothing can stand behind them unseen."""
    client = Client(tmp_path)
    client.write(WAYS["blocks"] + "              description: |+\n                One\n\n\n")
    with pytest.raises(ImportFault, match="cannot change safely"):
        client.plan({**KNOWN, "capacity": None}, NEW)


def test_a_gap_is_filled_in_front_of_a_room_that_moves_away(tmp_path: Path) -> None:
    client = Client(tmp_path)
    gone = ROOM.replace("K", "G").replace("k@", "g@")
    client.write((TOP + ROOM + gone + gone.replace("G", "H").replace("g@", "h@")).replace("Level 1", "Unassigned"))
    stays = {**KNOWN, "floor_number": None}
    client.take(stays, room("g@acme.example", display_name="G"), room("h@acme.example", display_name="H", capacity=5))
    found = {email: (entry["level"], entry.get("capacity")) for email, entry in client.rooms().items()}
    assert found == {
        "k@acme.example": ("Unassigned", 2), "g@acme.example": ("Level 1", None), "h@acme.example": ("Level 1", 5)
    }  # fmt: skip


LOST = TOP.replace("Level 1", "Unassigned") + ROOM + "              # kept\n              map_id: K\n"


def test_a_level_with_rooms_is_not_squeezed_into_one_line(tmp_path: Path) -> None:
    client = Client(tmp_path)
    client.write(LOST + "        - {name: Level 1}\n")
    client.take({**KNOWN, "floor_number": 5}, NEW)
    assert "        - name: Level 5\n          rooms:\n            - name: K\n" in client.read()
    assert "# kept" in client.read()


@pytest.mark.parametrize("level", ["{name: Level 1}", "name: Level 1\n          rooms: [{name: X}]"])
def test_a_room_does_not_move_to_where_its_comments_have_no_place(tmp_path: Path, level: str) -> None:
    client = Client(tmp_path)
    client.write(f"{LOST}        - {level}\n")
    result = client.take(KNOWN)
    assert [(entry["field"], entry["microsoft"]) for entry in result["different"]] == [("level", "Level 1")]
    assert (result["moved"], client.rooms()["k@acme.example"]["level"]) == ([], "Unassigned")
    assert "# kept" in client.read()


def test_a_room_does_not_move_to_a_building_on_one_line(tmp_path: Path) -> None:
    client = Client(tmp_path)
    client.write(
        f"{LOST}    - {{name: Perth, levels: []}}\n".replace("Sydney", "Unassigned").replace(
            "Australia/Unassigned", "UTC"
        )
    )
    result = client.take({**KNOWN, "building": "Perth"})
    assert [entry["field"] for entry in result["different"]] == ["building"]
    assert client.workplace()["buildings"][1] == {"name": "Perth", "levels": []}
