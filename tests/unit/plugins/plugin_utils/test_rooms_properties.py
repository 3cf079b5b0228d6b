# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for any inventory and any tenant: nothing written by hand is lost, and each room is there once."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.plugin_utils._rooms import scalars
from ansible_collections.placeos.office365.plugins.plugin_utils._rooms.tenant import read_tenant
from ansible_collections.placeos.office365.tests.unit.plugins.plugin_utils.rooms_client import Client, room

EMAILS = [f"r{number}@acme.example" for number in range(8)]
WORDS = st.sampled_from(
    ["Sydney", "Perth", "Level 1", "1", "Focus", "Acme", "{{ x }}", "no", "a: b #c", "Ünï", "Unassigned"]
)
TEXTS = st.one_of(WORDS, st.text(max_size=4))
NUMBERS = st.one_of(st.none(), st.integers(-3, 30))

TENANT_ROOMS = st.lists(
    st.builds(
        room,
        st.one_of(st.sampled_from(EMAILS), st.sampled_from([email.upper() for email in EMAILS]), st.none(), TEXTS),
        display_name=st.one_of(st.none(), TEXTS),
        building=st.one_of(st.none(), TEXTS),
        floor_label=st.one_of(st.none(), TEXTS),
        floor_number=NUMBERS,
        capacity=st.one_of(NUMBERS, TEXTS),
        label=st.one_of(st.none(), TEXTS),
        booking_type=st.sampled_from([None, "standard", "reserved", "unknown"]),
    ),
    max_size=8,
)


@st.composite
def inventories(draw: st.DrawFn) -> dict[str, Any]:
    """A workplace with up to eight rooms, each address at most once, as a person may have written it."""
    emails = draw(st.permutations([*EMAILS[:5], None, None, None]))
    names = iter(f"hand made {number}" for number in range(8))
    buildings = []
    for building in draw(st.lists(st.sampled_from(["Sydney", "Perth", "HQ", "Unassigned"]), unique=True, max_size=3)):
        levels: list[dict[str, Any]] = []
        for level in draw(st.lists(st.sampled_from(["Level 1", "Ground", "Unassigned"]), unique=True, max_size=2)):
            rooms = []
            for _room in range(draw(st.integers(0, 4))):
                name = next(names, None)
                if name:
                    rooms.append(_hand_made(draw, name, emails[int(name[-1])]))
            shown = bool(rooms) or draw(st.booleans())
            levels.append({"name": level, "rooms": rooms} if shown else {"name": level})
        buildings.append({"name": building, "timezone": "Australia/Sydney", "levels": levels})
    return {"name": "Acme", "buildings": buildings}


def _hand_made(draw: st.DrawFn, name: str, email: str | None) -> dict[str, Any]:
    more = {
        "capacity": st.integers(1, 9),
        "bookable": st.booleans(),
        "display_name": WORDS,
        "features": st.just(["tv"]),
    }
    fields: dict[str, Any] = {key: draw(value) for key, value in more.items() if draw(st.booleans())}
    # The mark by which the room is found again.
    fields |= {"map_id": name, "name": name, **({"email": email} if email else {})}
    return dict(draw(st.permutations(list(fields.items()))))


def style(data: st.DataObject, workplace: dict[str, Any]) -> str:
    """The workplace as a text, in one of the ways that people write YAML, with comments."""
    text: str = yaml.safe_dump(
        {"workplace": workplace},
        default_flow_style=data.draw(st.sampled_from([True, False, None])),
        sort_keys=False,
        indent=data.draw(st.integers(2, 4)),
        width=data.draw(st.sampled_from([40, 200])),
        allow_unicode=True,
    )
    if "{" not in text and '"' not in text:
        lines = enumerate(text.splitlines())
        text = "".join(f"{line} # note {number}\n" if line.endswith(":") else f"{line}\n" for number, line in lines)
    return text


def marks(workplace: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The rooms that were written by hand, by their mark."""
    return {
        entry["map_id"]: {**entry, "building": building["name"], "level": level["name"]}
        for building in workplace["buildings"]
        for level in building["levels"] or ()
        for entry in level.get("rooms") or ()
        if "map_id" in entry
    }


@settings(max_examples=60, deadline=None)
@given(inventories(), TENANT_ROOMS, st.data())
def test_any_tenant_merged_into_any_inventory(
    workplace: dict[str, Any], rooms: list[dict[str, Any]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        client = Client(Path(folder))
        before = style(data, workplace)
        client.write(before)
        csv = {"format": "csv", "rooms_file": "rooms.csv"} if data.draw(st.booleans()) else {}
        result = client.take(*rooms, **csv)
        after = marks(client.workplace())

        # Every value that was written by hand is there; only a room without a place may have got one.
        for mark, fields in marks(workplace).items():
            assert mark in after
            unassigned = "Unassigned" in (fields["building"], fields["level"])
            kept = {key for key in fields if not (unassigned and key in ("building", "level", "name"))}
            assert {key: after[mark][key] for key in kept} == {key: fields[key] for key in kept}
            if not unassigned:
                assert set(after[mark]) <= {*fields, "email", "capacity", "description"}
        assert [line for line in before.splitlines() if "# note" in line and line not in client.read()] == []

        # Each room of the tenant is there once.
        counts = Counter(client.rooms_with_rows("rooms.csv"))
        assert [wanted.email for wanted in read_tenant(rooms).rooms if counts[wanted.email] != 1] == []
        assert max(counts.values(), default=0) <= 1

        # A second import has nothing to do.
        again = client.plan(*rooms, **csv)
        assert not again["changed"]
        assert (again["added"], again["filled"], again["moved"]) == ([], [], [])

        # What the check refuses is what a person must fill in, or what was faulty before.
        assert [fault for fault in result["faults"] if "fill in" not in fault] == [] or client.faults_of(before)


@settings(deadline=None)
@given(st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.text()))
def test_any_value_reads_back_as_itself(value: Any) -> None:
    text = scalars.scalar(value)
    assert yaml.safe_load(text.removeprefix("!unsafe ")) == value
    assert yaml.safe_load(f"{{a: {text.removeprefix('!unsafe ')}, b: 1}}") == {"a": value, "b": 1}
    assert "\n" not in text


KEYS = st.sampled_from(["email_address", "display_name", "building", "floor_number", "room_lists", "mailbox"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2),
)


@settings(deadline=None)
@given(st.lists(st.dictionaries(KEYS, JSON), max_size=4))
def test_no_answer_of_a_tenant_is_too_odd_to_sort(rooms: list[Any]) -> None:
    tenant = read_tenant([*rooms, None, 5, "x", []], lists_as_buildings=True)
    assert all("@" in entry.email and entry.name for entry in tenant.rooms)
