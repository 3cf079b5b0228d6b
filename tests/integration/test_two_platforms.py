# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One inventory, two platforms: the same rooms in the same zones with the same features and modules."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from integration.support.acaengine import AcaServer
from integration.support.modules import Result
from integration.support.playbook import DEMO
from integration.support.server import Server
from integration.support.site import site

from ansible_collections.placeos.office365.plugins.filter.workplace import workplace

TREE: dict[str, Any] = yaml.safe_load((DEMO / "host_vars" / "demo" / "workplace.yml").read_text("utf-8"))["workplace"]
FLAT: dict[str, Any] = workplace(TREE, base_dir=str(DEMO))


@pytest.fixture(scope="module")
def both(session_server: Server, session_aca: AcaServer) -> tuple[Server, AcaServer, dict[str, Result]]:
    """The demo's workplace on both, and what ACAEngine's tasks said."""
    session_server.reset()
    session_aca.reset()
    for module, result in site(session_server, FLAT):
        assert not result["failed"], f"{module}: {result['msg']}"
    answers = dict(site(session_aca, FLAT))
    for module, result in answers.items():
        assert not result["failed"], f"{module}: {result['msg']}"
    return session_server, session_aca, answers


def zone_names(server: Server) -> dict[str, str]:
    """Every zone's name by its id."""
    return {row["id"]: row["name"] for row in server.rows("zones")}


def test_the_zones_have_the_same_names_tags_and_places(both: tuple[Server, AcaServer, dict[str, Result]]) -> None:
    v2, aca, _answers = both
    names = zone_names(v2)
    on_v2 = {
        row["name"]: (row["tags"], names.get(row.get("parent_id", "")), row.get("map_id") or None, row["display_name"])
        for row in v2.rows("zones")
    }
    objects = aca.good("info", kind="zone")["objects"]
    ids = zone_names(aca)
    on_aca = {
        row["name"]: (
            row["tags"], ids.get(row.get("parent", "")), row.get("map_id"), row.get("display_name", row["name"])
        )
        for row in objects
    }  # fmt: skip
    assert on_aca == on_v2
    assert len(on_v2) == 11


def test_the_rooms_are_the_same_with_their_zones_the_other_way_round(
    both: tuple[Server, AcaServer, dict[str, Result]],
) -> None:
    v2, aca, _answers = both

    def rooms(server: Server, *, reverse: bool) -> dict[str, Any]:
        names = zone_names(server)
        return {
            row["name"]: (
                row.get("email") or None,
                bool(row["bookable"]),
                row["capacity"],
                [names[zone] for zone in (reversed(row["zones"]) if reverse else row["zones"])],
                (row.get("map_id") if not reverse else row["settings"].get("map_id")) or None,
                sorted(row["settings"].get("extra_features", "").split() if reverse else row.get("features") or []),
            )
            for row in server.rows("systems")
        }

    assert rooms(aca, reverse=True) == rooms(v2, reverse=False)
    assert len(rooms(v2, reverse=False)) == 48


def test_the_same_rooms_can_be_booked(both: tuple[Server, AcaServer, dict[str, Result]]) -> None:
    v2, aca, _answers = both

    def booked(server: Server) -> list[str]:
        bookings = {
            row["id"] for row in server.rows("modules") if (row.get("dependency") or row)["module_name" if server is aca else "name"] == "Bookings"
        }  # fmt: skip
        return sorted(row["name"] for row in server.rows("systems") if bookings & set(row["modules"]))

    assert booked(aca) == booked(v2) == sorted(FLAT["bookable"])


def test_what_acaengine_lacks_is_in_the_results(both: tuple[Server, AcaServer, dict[str, Result]]) -> None:
    _v2, _aca, answers = both
    told = {
        module: {entry["option"]: entry["objects"] for entry in result.get("unsupported", [])}
        for module, result in answers.items()
    }
    assert told["zone"] == {"code": 2, "location": 2, "timezone": 2, "display_name": 1}
    assert told["system"] == {"display_name": 48, "timezone": 48}
    assert told["metadata"] == {"metadata": 2}
    assert answers["metadata"]["skipped"]
    assert told["domain"] == {"org_zone": 1}


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("repository", {"name": "PlaceOS Drivers", "uri": "https://github.com/PlaceOS/drivers"}),
        ("metadata", {"name": "a", "parent": "Acme", "details": {}}),
        ("tenant", {"domain": "localhost", "name": "Acme", "calendar_platform": "office365", "credentials": {}}),
    ],
)
def test_a_kind_that_acaengine_lacks_is_left_out_with_the_reason(
    aca: AcaServer, module: str, arguments: dict[str, Any]
) -> None:
    mark = aca.mark()
    result = aca.good(module, **arguments)
    assert result["skipped"]
    assert not result["changed"]
    assert "ACAEngine" in result["skip_reason"]
    assert [entry["objects"] for entry in result["unsupported"]] == [1]
    assert aca.since(mark) == []
