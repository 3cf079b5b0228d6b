# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and texts that the server stores otherwise than they were sent still converge."""

from __future__ import annotations

from typing import Any

import pytest
from integration.support.server import Server
from integration.support.site import room, run_site, small_workplace

NAMES = ["R&D", "5 < 6", 'The "Box"', "it's", "Zürich Öst", "a  b", "C:\\path", "100% quiet", "😀"]


def awkward(name: str) -> dict[str, Any]:
    """A workplace with one name throughout."""
    tree = small_workplace()
    tree["name"] = f"Acme {name}"
    building = tree["buildings"][0]
    building.update(name=name, description=f"<p>{name}</p><br>", extras=[{"id": "tv", "name": name}])
    building["levels"] = [{"name": name, "rooms": [room("1.01", features=["tv"]), room("1.02")]}]
    building["levels"][0]["rooms"][0].update(name=name, display_name=name, description=name)
    return tree


@pytest.mark.parametrize("name", NAMES)
def test_a_second_run_changes_nothing_whatever_the_names_are(server: Server, name: str) -> None:
    run_site(server, awkward(name))
    assert run_site(server, awkward(name)) == []


@pytest.mark.parametrize("name", ["R&D", 'The "Box"', "5 < 6"])
def test_metadata_is_found_by_the_spelling_that_the_server_gave_its_name(server: Server, name: str) -> None:
    server.good("zone", name="Acme")
    wanted = {"parent": "Acme", "name": name, "details": {"a": 1}}
    assert server.good("metadata", **wanted)["changed"]
    assert not server.good("metadata", **wanted)["changed"]
    assert server.good("metadata", **{**wanted, "details": {"a": 2}})["changed"]
    assert len(server.good("info", kind="metadata", parent="Acme")["objects"]) == 1


def test_a_workplace_without_a_bookable_room_needs_no_booking_modules(server: Server) -> None:
    tree = small_workplace()
    tree["buildings"][0]["levels"] = [{"name": "Level 1", "rooms": [{"name": "1.01", "capacity": 2}]}]
    run_site(server, tree)
    assert [row["name"] for row in server.rows("modules")] == ["Calendar"]
    assert run_site(server, tree) == []
