# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Application permissions by name, by id, and in the registration of an application that others use as well."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.grants import (
    Wanted,
    granted,
    merged,
    parse,
    requested,
    resolve,
    scope_of,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import Grant, Resource
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import (
    EXCHANGE_APP_ID,
    GRAPH_APP_ID,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_graph import (
    CALENDARS,
    EXCHANGE,
    GRAPH,
    SHAREPOINT,
    SITES,
    USERS,
)

RESOURCES: dict[str, Resource | None] = {row["appId"]: Resource.read(row) for row in (GRAPH, EXCHANGE, SITES)}
DELEGATED = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"


def test_a_name_is_one_of_graph_and_a_dictionary_says_of_what() -> None:
    given = ["User.Read.All", {"value": "Place.Read.All"}, {"resource": SHAREPOINT.upper(), "value": "User.Read.All"}]
    wanted, problems = parse([*given, {"resource": "office 365 exchange online"}, "User.Read.All"])
    assert problems == []
    assert wanted == [
        Wanted(GRAPH_APP_ID, "User.Read.All"),
        Wanted(GRAPH_APP_ID, "Place.Read.All"),
        Wanted(SHAREPOINT, "User.Read.All"),
        Wanted(EXCHANGE_APP_ID, None),
    ]
    assert scope_of(wanted) == [GRAPH_APP_ID, SHAREPOINT, EXCHANGE_APP_ID]
    assert scope_of([]) == [GRAPH_APP_ID]


@pytest.mark.parametrize(
    "given",
    [7, None, [], {}, {"name": "User.Read.All"}, {"value": 3}, {"value": ""}, "", {"resource": 3, "value": "A"}],
)
def test_anything_else_is_a_fault_that_names_its_place(given: Any) -> None:
    wanted, problems = parse(["User.Read.All", given])
    assert len(wanted) == 1
    assert problems[0].startswith("permissions[1]")


def test_ids_come_from_what_the_resource_publishes_each_with_its_resource() -> None:
    roles, problems = resolve([Wanted(GRAPH_APP_ID, "User.Read.All"), Wanted(SHAREPOINT, "User.Read.All")], RESOURCES)
    assert problems == []
    assert [role.id for role in roles] == [USERS, USERS]
    assert roles[0] != roles[1]
    assert [role.label for role in roles] == ["User.Read.All", "User.Read.All (Office 365 SharePoint Online)"]


def test_all_unknown_names_are_told_at_once_with_what_is_meant() -> None:
    wanted = [
        Wanted(GRAPH_APP_ID, name)
        for name in ("Contacts.Read.All", "calendars.readwrite", "Place.Read.Al", "Old.Thing", "People.Only", "Nothing")
    ]
    roles, problems = resolve([*wanted, Wanted(GRAPH_APP_ID, "Place.Read.All")], RESOURCES)
    assert [role.value for role in roles] == ["Place.Read.All"]
    assert len(problems) == 6
    contacts, case, near, off, people, nothing = problems
    assert contacts.startswith("Contacts.Read.All does not exist")
    assert "PlaceOS calls nothing of contacts" in contacts
    assert "permission calendars.readwrite is written Calendars.ReadWrite" in case
    assert "similar ones are Place.Read.All" in near
    assert "switched it off" in off
    assert "not for applications" in people
    assert "Nothing" in nothing
    assert "similar" not in nothing


def test_an_api_that_the_tenant_does_not_know_is_told_once() -> None:
    other = "99999999-0000-0000-0000-000000000000"
    _roles, problems = resolve([Wanted(other, "A"), Wanted(other, "B")], {**RESOURCES, other: None})
    (problem,) = problems
    assert other in problem


def test_what_others_request_stays_as_it_is_and_in_its_order() -> None:
    required = [
        {"resourceAppId": SHAREPOINT, "resourceAccess": [{"id": USERS, "type": "Role"}]},
        {"resourceAppId": GRAPH_APP_ID, "resourceAccess": [{"id": DELEGATED, "type": "Scope"}]},
    ]
    roles, _problems = resolve([Wanted(GRAPH_APP_ID, "User.Read.All")], RESOURCES)
    result = merged(required, roles)
    assert result == [
        required[0],
        {
            "resourceAppId": GRAPH_APP_ID,
            "resourceAccess": [{"id": DELEGATED, "type": "Scope"}, {"id": USERS, "type": "Role"}],
        },
    ]
    assert merged(result, roles) == result
    assert required[1]["resourceAccess"] == [{"id": DELEGATED, "type": "Scope"}]


def test_a_delegated_permission_of_the_same_id_is_no_application_permission() -> None:
    required = [{"resourceAppId": GRAPH_APP_ID, "resourceAccess": [{"id": USERS, "type": "Scope"}]}]
    roles, _problems = resolve([Wanted(GRAPH_APP_ID, "User.Read.All")], RESOURCES)
    assert requested(required) == []
    assert requested(merged(required, roles)) == [(GRAPH_APP_ID, USERS)]
    assert merged(merged(required, roles), [], roles) == required


def test_an_entry_that_a_removal_empties_goes() -> None:
    roles, _problems = resolve([Wanted(GRAPH_APP_ID, "User.Read.All")], RESOURCES)
    assert merged(merged([], roles), [], roles) == []


def test_a_resource_without_entries_or_with_null_is_read() -> None:
    roles, _problems = resolve([Wanted(GRAPH_APP_ID, "User.Read.All")], RESOURCES)
    odd = [{"resourceAppId": GRAPH_APP_ID.upper(), "resourceAccess": None}]
    assert requested(merged(odd, roles)) == [(GRAPH_APP_ID, USERS)]


def test_grants_are_named_by_the_resource_they_are_of() -> None:
    grants = [
        Grant("g1", USERS, SITES["id"], "SharePoint"),
        Grant("g2", CALENDARS, GRAPH["id"]),
        Grant("g3", CALENDARS, "unknown", "Gone API"),
    ]
    found = granted(grants, [Resource.read(GRAPH), Resource.read(SITES)])
    assert [role.label for role in found] == [
        "User.Read.All (Office 365 SharePoint Online)",
        "Calendars.ReadWrite",
        f"{CALENDARS} (Gone API)",
    ]
