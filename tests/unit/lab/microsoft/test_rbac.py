# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role-based access control for applications: by cmdlets, by Graph, and what comes of it in mailboxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab.microsoft.exchange.state import AdministrativeUnit
from lab.microsoft.testing import Client, Running
from lab.testing import Answer

Run = Callable[..., Answer]
START = "/beta/roleManagement/exchange"
ROLE = "Application Calendars.ReadWrite"
SYDNEY, SINGAPORE, DIRECTOR = "syd-24.01@acme.example", "sin-05.01@acme.example", "dana.marsh@acme.example"


def rows(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer
    return list(answer.json["value"])


def sentence(answer: Answer) -> str:
    assert answer.status in (400, 404), answer
    return str(answer.json["error"]["details"][0]["message"])


def reach(ms: Client, token: str, *mailboxes: str) -> list[int]:
    query = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z"
    return [ms.get(f"/v1.0/users/{one}/calendarView?{query}", role=token).status for one in mailboxes]


@pytest.fixture
def app(ms: Client) -> dict[str, str]:
    """An application without any permission."""
    return ms.app_with(name="PlaceOS RBAC")


@pytest.fixture
def token(ms: Client, app: dict[str, str]) -> str:
    return ms.token_of(app["client_id"], app["client_secret"])


@pytest.fixture
def pointer(run: Run, app: dict[str, str]) -> str:
    """The same application in Exchange; the value is what -App takes."""
    order = {"AppId": app["client_id"], "ObjectId": app["service_principal_id"], "DisplayName": "PlaceOS RBAC"}
    (made,) = rows(run("New-ServicePrincipal", **order))
    return str(made["ObjectId"])


@pytest.fixture
def reader(token: str, pointer: str) -> tuple[str, str]:
    """A token of the application and its pointer."""
    return token, pointer


@pytest.mark.parametrize("key", ["object_id", "client_id", "key_id"])
def test_the_id_must_be_that_of_the_enterprise_application(run: Run, app: dict[str, str], key: str) -> None:
    assert "AADServicePrincipalNotFound" in sentence(
        run("New-ServicePrincipal", AppId=app["client_id"], ObjectId=app[key])
    )


def test_a_pointer_is_found_by_any_of_its_ids_and_made_once(run: Run, app: dict[str, str], pointer: str) -> None:
    for identity in (pointer, app["client_id"], "placeos rbac"):
        (found,) = rows(run("Get-ServicePrincipal", Identity=identity))
        assert (found["AppId"], found["DisplayName"]) == (app["client_id"], "PlaceOS RBAC")
    again = run("New-ServicePrincipal", AppId=app["client_id"], ObjectId=pointer)
    assert "already exists" in sentence(again)
    assert "couldn't be found" in sentence(run("Get-ServicePrincipal", Identity="somebody else"))


def test_a_pointer_can_be_renamed_and_takes_its_assignments_along(run: Run, pointer: str) -> None:
    run("New-ManagementRoleAssignment", App=pointer, Role=ROLE)
    assert run("Set-ServicePrincipal", Identity=pointer, DisplayName="New").status == 200
    assert rows(run("Get-ServicePrincipal", Identity=pointer))[0]["DisplayName"] == "New"
    run("Remove-ServicePrincipal", Identity=pointer)
    assert rows(run("Get-ServicePrincipal")) == rows(run("Get-ManagementRoleAssignment")) == []


def test_an_assignment_without_a_scope_opens_every_mailbox(ms: Client, run: Run, token: str, pointer: str) -> None:
    assert reach(ms, token, SYDNEY, DIRECTOR) == [403, 403]
    (made,) = rows(run("New-ManagementRoleAssignment", App=pointer, Role=ROLE))
    assert (made["Name"], made["RoleAssignee"]) == (f"{ROLE}-PlaceOS RBAC", pointer)
    assert (made["RoleAssigneeType"], made["RecipientWriteScope"]) == ("ServicePrincipal", "Organization")
    assert reach(ms, token, SYDNEY, DIRECTOR) == [200, 200]


def test_what_exchange_grants_is_not_in_the_token(ms: Client, run: Run, app: dict[str, str], pointer: str) -> None:
    run("New-ManagementRoleAssignment", App=pointer, Role=ROLE)
    fresh = ms.token_of(app["client_id"], app["client_secret"])
    assert reach(ms, fresh, SYDNEY) == [200]
    assert ms.get("/v1.0/places/microsoft.graph.room", role=fresh).status == 403


def test_a_group_counts_its_direct_members_only(ms: Client, run: Run, token: str, pointer: str) -> None:
    order = {"App": pointer, "Role": ROLE, "Name": "rooms"}
    (made,) = rows(run("New-ManagementRoleAssignment", **order, RecipientGroupScope="rooms-nested@acme.example"))
    assert made["RecipientGroupScope"].startswith("Rooms of all buildings (nested)")
    assert reach(ms, token, SYDNEY) == [403]
    changed = run("Set-ManagementRoleAssignment", Identity="rooms", RecipientGroupScope="rooms-syd@acme.example")
    assert changed.status == 200
    assert reach(ms, token, SYDNEY, SINGAPORE) == [200, 403]


def test_outside_the_scope_the_words_are_those_of_policies(ms: Client, run: Run, token: str, pointer: str) -> None:
    run("New-ManagementRoleAssignment", App=pointer, Role=ROLE, RecipientGroupScope="rooms-syd@acme.example")
    answer = ms.get(f"/v1.0/users/{DIRECTOR}/calendar", role=token)
    assert "[RAOP]" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RecipientTypeDetails -eq 'RoomMailbox'", [200, 200, 403]),
        ("PrimarySmtpAddress -like 'syd-*'", [200, 403, 403]),
        ("Department -eq 'Board'", [403, 403, 200]),
        ("-not (RecipientTypeDetails -eq 'RoomMailbox')", [403, 403, 200]),
    ],
)
def test_a_management_scope_is_a_filter_over_recipients(
    ms: Client, run: Run, reader: tuple[str, str], text: str, expected: list[int]
) -> None:
    token, pointer = reader
    run("New-ManagementScope", Name="Calendars", RecipientRestrictionFilter=text)
    run("New-ManagementRoleAssignment", App=pointer, Role=ROLE, CustomResourceScope="Calendars")
    assert reach(ms, token, SYDNEY, SINGAPORE, DIRECTOR) == expected


def test_a_filter_on_membership_takes_the_distinguished_name(ms: Client, run: Run, token: str, pointer: str) -> None:
    name = rows(run("Get-DistributionGroup", Identity="rooms-syd@acme.example"))[0]["DistinguishedName"]
    run("New-ManagementScope", Name="Calendars", RecipientRestrictionFilter=f"MemberOfGroup -eq '{name}'")
    run("New-ManagementRoleAssignment", App=pointer, Role=ROLE, CustomResourceScope="Calendars")
    assert reach(ms, token, SYDNEY, SINGAPORE) == [200, 403]


def test_scopes_are_changed_and_kept_while_they_are_used(ms: Client, run: Run, token: str, pointer: str) -> None:
    run("New-ManagementScope", Name="Calendars", RecipientRestrictionFilter="Alias -like 'syd-*'")
    run("New-ManagementRoleAssignment", App=pointer, Role=ROLE, CustomResourceScope="Calendars", Name="x")
    run("Set-ManagementScope", Identity="Calendars", RecipientRestrictionFilter="Alias -like 'sin-*'", Name="Cal")
    assert reach(ms, token, SYDNEY, SINGAPORE) == [403, 200]
    assert rows(run("Get-ManagementRoleAssignment", Identity="x"))[0]["CustomResourceScope"] == "Cal"
    assert "can't be removed" in sentence(run("Remove-ManagementScope", Identity="Cal"))
    run("Remove-ManagementRoleAssignment", Identity="x", Confirm=False)
    assert run("Remove-ManagementScope", Identity="Cal").status == 200
    assert rows(run("Get-ManagementScope")) == []


def test_an_administrative_unit_is_a_scope(ms: Client, run: Run, running_ms: Running, token: str, pointer: str) -> None:
    tenant = running_ms.tenant
    members = {tenant.mailboxes[SYDNEY].user_id}
    tenant.exchange.units["au-1"] = AdministrativeUnit("au-1", "Rooms", members)
    order = {"App": pointer, "Role": ROLE, "RecipientAdministrativeUnitScope": "Rooms"}
    (made,) = rows(run("New-ManagementRoleAssignment", **order))
    assert (made["RecipientWriteScope"], made["CustomRecipientWriteScope"]) == ("AdministrativeUnit", "au-1")
    assert reach(ms, token, SYDNEY, SINGAPORE) == [200, 403]


def test_an_unscoped_grant_in_entra_defeats_the_scope(ms: Client, run: Run) -> None:
    app = ms.app_with("Calendars.ReadWrite")
    run("New-ServicePrincipal", AppId=app["client_id"], ObjectId=app["service_principal_id"])
    order = {"App": app["client_id"], "Role": ROLE, "RecipientGroupScope": "rooms-syd@acme.example"}
    assert run("New-ManagementRoleAssignment", **order).status == 200
    assert reach(ms, ms.token_of(app["client_id"], app["client_secret"]), SYDNEY, DIRECTOR) == [200, 200]


def test_a_role_that_only_reads_does_not_write(ms: Client, run: Run, token: str, pointer: str) -> None:
    run("New-ManagementRoleAssignment", App=pointer, Role="Application Calendars.Read")
    assert reach(ms, token, SYDNEY) == [200]
    answer = ms.post(f"/v1.0/users/{SYDNEY}/calendar/events", {}, role=token)
    assert (answer.status, answer.json["error"]["message"]) == (
        403,
        "Access is denied. Check credentials and try again.",
    )


def test_an_assignment_that_is_off_grants_nothing(ms: Client, run: Run, token: str, pointer: str) -> None:
    run("New-ManagementRoleAssignment", App=pointer, Role=ROLE, Name="x")
    run("Set-ManagementRoleAssignment", Identity="x", Enabled=False)
    assert reach(ms, token, SYDNEY) == [403]
    assert rows(run("Get-ManagementRoleAssignment", Enabled=True)) == []


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"Role": "Application Everything"}, "'Application Everything' couldn't be found"),
        ({"App": "nobody"}, "'nobody' couldn't be found"),
        ({"CustomResourceScope": "none"}, "'none' couldn't be found"),
        ({"RecipientGroupScope": "none"}, "'none' couldn't be found"),
        ({"Name": "x" * 65}, "The maximum length is 64."),
    ],
)
def test_what_an_assignment_refers_to_must_be_there(run: Run, pointer: str, order: dict[str, str], words: str) -> None:
    assert words in sentence(run("New-ManagementRoleAssignment", **{"App": pointer, "Role": ROLE, **order}))


def test_an_assignment_has_one_scope(run: Run, pointer: str) -> None:
    run("New-ManagementScope", Name="s", RecipientRestrictionFilter="Alias -like 'syd-*'")
    order = {"App": pointer, "Role": ROLE, "CustomResourceScope": "s", "RecipientGroupScope": "rooms-syd@acme.example"}
    assert "can't be used together" in sentence(run("New-ManagementRoleAssignment", **order))


def test_assignments_are_listed_by_assignee_role_and_scope(run: Run, pointer: str) -> None:
    run("New-ManagementRoleAssignment", App=pointer, Role=ROLE, Name="one")
    order = {"App": pointer, "Role": "Application Mail.Send", "Name": "two"}
    run("New-ManagementRoleAssignment", **order, RecipientGroupScope="rooms-syd@acme.example")

    def names(**given: Any) -> list[str]:
        return [row["Name"] for row in rows(run("Get-ManagementRoleAssignment", **given))]

    assert names() == names(RoleAssignee=pointer) == names(RoleAssigneeType="ServicePrincipal") == ["one", "two"]
    assert names(Role="application mail.send") == names(RecipientGroupScope="rooms-syd@acme.example") == ["two"]
    assert "couldn't be found" in sentence(run("Get-ManagementRoleAssignment", Identity="three"))


def test_the_test_tells_for_each_role_whether_a_mailbox_is_inside(run: Run, pointer: str) -> None:
    run("New-ManagementRoleAssignment", App=pointer, Role=ROLE, RecipientGroupScope="rooms-syd@acme.example")
    run("New-ManagementRoleAssignment", App=pointer, Role="Application Mail.Send")

    def inside(**given: Any) -> list[Any]:
        return [row["InScope"] for row in rows(run("Test-ServicePrincipalAuthorization", Identity=pointer, **given))]

    assert inside() == ["Not Run", "Not Run"]
    assert inside(Resource=SYDNEY) == [True, True]
    assert inside(Resource=SINGAPORE) == [False, True]
    first = rows(run("Test-ServicePrincipalAuthorization", Identity=pointer, Resource=SYDNEY))[0]
    assert (first["RoleName"], first["GrantedPermissions"]) == (ROLE, "Calendars.ReadWrite")


def test_the_test_is_ahead_of_graph(ms: Client, run: Run, token: str, pointer: str) -> None:
    ms.switch("policy-delay", seconds=7200)
    run("New-ManagementRoleAssignment", App=pointer, Role=ROLE)
    assert rows(run("Test-ServicePrincipalAuthorization", Identity=pointer, Resource=SYDNEY))[0]["InScope"] is True
    assert reach(ms, token, SYDNEY) == [403]


@pytest.fixture
def manager(ms: Client) -> str:
    return ms.bearer_of("RoleManagement.ReadWrite.Exchange")


def test_graph_and_the_cmdlets_show_the_same_assignments(
    ms: Client, run: Run, app: dict[str, str], token: str, manager: str
) -> None:
    (role,) = ms.get(
        f"{START}/roleDefinitions?%24filter=displayName eq '{ROLE}'".replace(" ", "%20"), role=manager
    ).json["value"]
    group = rows(run("Get-DistributionGroup", Identity="rooms-syd@acme.example"))[0]["ExternalDirectoryObjectId"]
    order = {
        "principalId": f"/ServicePrincipals/{app['service_principal_id']}",
        "roleDefinitionId": role["id"],
        "directoryScopeId": f"/groups/{group}",
        "appScopeId": None,
    }
    made = ms.post(f"{START}/roleAssignments", order, role=manager)
    assert made.status == 201, made
    assert reach(ms, token, SYDNEY, SINGAPORE) == [200, 403]
    (shown,) = rows(run("Get-ManagementRoleAssignment", RoleAssignee=app["client_id"]))
    assert (shown["Guid"], shown["RecipientWriteScope"]) == (made.json["id"], "Group")
    assert ms.post(f"{START}/roleAssignments", order, role=manager).status == 409
    assert ms.delete(f"{START}/roleAssignments/{made.json['id']}", role=manager).status == 204
    assert ms.get(f"{START}/roleAssignments", role=manager).json["value"] == []


def test_a_scope_of_graph_is_a_management_scope(
    ms: Client, run: Run, app: dict[str, str], token: str, manager: str
) -> None:
    attributes = {"Exclusive": False, "RecipientFilter": "Alias -like 'syd-*'"}
    order = {"type": "RecipientScope", "displayName": "Sydney", "customAttributes": attributes}
    scope = ms.post(f"{START}/customAppScopes", order, role=manager).json
    assert rows(run("Get-ManagementScope"))[0]["RecipientFilter"] == "Alias -like 'syd-*'"
    definitions = ms.get(f"{START}/roleDefinitions", role=manager).json["value"]
    given = {
        "principalId": f"/ServicePrincipals/{app['service_principal_id']}",
        "roleDefinitionId": next(one["id"] for one in definitions if one["displayName"] == ROLE),
        "appScopeId": scope["id"],
    }
    made = ms.post(f"{START}/roleAssignments", given, role=manager).json
    assert (made["directoryScopeId"], made["appScopeId"]) == (None, scope["id"])
    assert reach(ms, token, SYDNEY, SINGAPORE) == [200, 403]
    assert ms.delete(f"{START}/customAppScopes/{scope['id']}", role=manager).status == 400
    both = {**given, "directoryScopeId": "/"}
    assert ms.post(f"{START}/roleAssignments", both, role=manager).status == 400


def test_role_management_is_in_beta_only_and_needs_its_permission(ms: Client, manager: str) -> None:
    assert ms.get(f"{START}/roleDefinitions", role="placeos").status == 403
    assert ms.get(f"{START}/roleDefinitions".replace("beta", "v1.0"), role=manager).status in (400, 405)
