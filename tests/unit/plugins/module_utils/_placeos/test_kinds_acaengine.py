# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ACAEngine compares differently, and what it has no place for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds import KINDS
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds_acaengine import ACAENGINE_KINDS, LACKS
from ansible_collections.placeos.office365.plugins.module_utils._plan import Desired, Plan, Row, make_plan

ZONE = ACAENGINE_KINDS["zone"]
SYSTEM = ACAENGINE_KINDS["system"]
DRIVER = ACAENGINE_KINDS["driver"]
PANEL = "::Aca::O365BookingPanel"


def planned(kind: str, desired: dict[str, Any], *rows: Row) -> Plan:
    return make_plan(ACAENGINE_KINDS[kind], [Desired("it", desired)], list(rows))


def test_every_kind_is_declared_or_said_to_be_lacking() -> None:
    assert ACAENGINE_KINDS.keys() | LACKS.keys() == KINDS.keys()
    assert not ACAENGINE_KINDS.keys() & LACKS.keys()


@pytest.mark.parametrize("name", sorted(ACAENGINE_KINDS))
def test_every_field_is_declared_or_said_to_be_lacking(name: str) -> None:
    declared = {field.name for field in ACAENGINE_KINDS[name].fields}
    lacking = ACAENGINE_KINDS[name].lacking
    assert not declared & lacking.keys()
    assert {field.name for field in KINDS[name].fields} <= declared | lacking.keys()
    assert all(lacking.values())


@pytest.mark.parametrize("name", sorted(ACAENGINE_KINDS))
def test_identities_and_scopes_use_declared_fields_only(name: str) -> None:
    kind = ACAENGINE_KINDS[name]
    declared = {"id"} | {field.name for field in kind.fields}
    parts = {part.lstrip("-").rstrip("?") for identity in kind.identities for part in identity}
    assert parts <= declared
    assert kind.parent is None or kind.parent in declared


@pytest.mark.parametrize("name", ["acme north", "ACME NORTH", " Acme North "])
def test_names_identify_in_any_letter_case_but_are_stored_as_written(name: str) -> None:
    (action,) = planned("zone", {"name": "Acme North"}, {"id": "zone-1", "name": name}).actions
    assert (action.verb, list(action.changes)) == ("update", ["name"])


def test_names_that_differ_in_letter_case_only_are_one_object_in_a_list() -> None:
    plan = make_plan(ZONE, [Desired("A", {"name": "A"}), Desired("a", {"name": "a"})], [])
    assert "has the same name as 'A' in the same list" in plan.problems[0].text


def test_texts_are_stored_as_they_are_sent() -> None:
    stored = {"id": "zone-1", "name": "R&amp;D <b>", "description": "x"}
    assert [c for a in planned("zone", {"name": "R&amp;D <b>"}, stored).actions for c in a.changes] == []
    (action,) = planned("zone", {"id": "zone-1", "name": "R&D"}, stored).actions
    assert list(action.changes) == ["name"]


@pytest.mark.parametrize("tags", [["a", "b"], ["b", "a"], ["b a"], ["a", "b", "a", ""]])
def test_tags_are_words_in_any_order(tags: list[str]) -> None:
    row = {"id": "zone-1", "name": "Z", "tags": ["a", "b"]}
    assert planned("zone", {"name": "Z", "tags": tags}, row).changed is False
    assert planned("zone", {"name": "Z", "tags": [*tags, "c"]}, row).changed is True


def test_features_with_names_are_merged_by_their_id() -> None:
    row = {"id": "zone-1", "name": "Z", "extras": [{"id": "vc", "name": "Video"}, {"id": "tv", "name": "TV"}]}
    same = [{"id": "tv", "name": "TV"}]
    assert planned("zone", {"name": "Z", "extras": same}, row).changed is False
    (action,) = planned("zone", {"name": "Z", "extras": [{"id": "tv", "name": "Screen"}]}, row).actions
    assert action.changes["extras"].after == [{"id": "vc", "name": "Video"}, {"id": "tv", "name": "Screen"}]


def test_a_driver_is_found_by_its_class_whatever_its_name() -> None:
    row = {"id": "dep-1", "name": "By hand", "class_name": PANEL}
    (action,) = planned("driver", {"name": "Panel", "class_name": PANEL}, row).actions
    assert (action.verb, list(action.changes)) == ("update", ["name"])
    assert planned("driver", {"name": "by HAND"}, row).actions[0].row == row


def test_a_driver_of_the_same_name_with_another_class_is_another_driver() -> None:
    row = {"id": "dep-1", "name": "Panel", "class_name": "::Aca::OfficeBooking"}
    assert planned("driver", {"name": "Panel", "class_name": PANEL}, row).actions[0].verb == "create"


@pytest.mark.parametrize("change", [{"class_name": "::Aca::Other"}, {"role": "service"}])
def test_class_and_role_of_a_driver_can_not_be_changed(change: dict[str, Any]) -> None:
    row = {"id": "dep-1", "name": "Panel", "class_name": PANEL, "role": "logic"}
    (problem,) = planned("driver", {"id": "dep-1", **change}, row).problems
    assert "can't be changed" in problem.text


def test_the_zones_of_a_system_are_compared_in_their_order() -> None:
    row = {"id": "sys-1", "name": "R", "zones": ["zone-1", "zone-2"]}
    assert planned("system", {"name": "R", "zones": ["zone-2", "zone-1"]}, row).changed is True
    assert planned("system", {"name": "R", "zones": ["zone-1", "zone-2"]}, row).changed is False
