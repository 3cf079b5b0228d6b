# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of RBAC for Applications."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    AccessFaults,
    Plan,
    Wish,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.rbac import (
    Application,
    Found,
    group_faults,
    permission_faults,
    plan_rbac,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.rbac_rows import same_filter
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_exchange import (
    APP,
    IDS,
    PRINCIPAL,
    ROOMS,
    STAFF,
    Row,
    group,
    group_row,
    objection,
)

GROUPS = {ROOMS: group(ROOMS), STAFF: group(STAFF)}
POINTER: Row = {"AppId": APP, "ObjectId": PRINCIPAL, "DisplayName": "PlaceOS"}
SCOPE: Row = {"Name": "Rooms", "RecipientFilter": "(CustomAttribute1 -eq 'PlaceOS')"}
OTHER: Row = {"AppId": "99999999-1111-2222-3333-ccccddddeeee", "ObjectId": "o-2", "DisplayName": "Other"}


def wish(**given: Any) -> Wish:
    return Wish(**{"permissions": ("Calendars.ReadWrite",), **given})


def plan(*wishes: Wish, purge: bool = False, object_id: str = PRINCIPAL, **found: Any) -> Plan:
    found.setdefault("principals", [POINTER])
    planned = plan_rbac(Application(APP, object_id, "PlaceOS"), wishes, Found(groups=GROUPS, **found), purge=purge)
    assert not [fault for step in planned.pending if step.command and (fault := objection(step.command))]
    return planned


def commands(planned: Plan) -> list[tuple[str, dict[str, Any]]]:
    return [(step.command.name, dict(step.command.parameters)) for step in planned.pending if step.command]


def stable_name(**given: Any) -> str:
    name: str = commands(plan(wish(**given)))[-1][1]["Name"]
    return name


def assignment(name: str, **more: Any) -> Row:
    return {
        "Name": name,
        "Identity": name,
        "Role": "Application Calendars.ReadWrite",
        "RoleAssignee": PRINCIPAL,
        "RoleAssigneeName": "PlaceOS",
        "RoleAssigneeType": "ServicePrincipal",
        "Enabled": True,
        **more,
    }


def ids(planned: Plan) -> set[str]:
    return {note.id for note in planned.notes}


def test_an_empty_tenant_gets_pointer_scope_and_assignments_in_this_order() -> None:
    planned = plan(
        wish(scope="Rooms", scope_filter="CustomAttribute1 -eq 'PlaceOS'"),
        wish(group=STAFF, permissions=("Calendars.ReadWrite", "Mail.Send")),
        principals=[],
    )
    names = [name for name, _given in commands(planned)]
    assert names == ["New-ServicePrincipal", "New-ManagementScope", *["New-ManagementRoleAssignment"] * 3]
    assert commands(planned)[0][1] == {"AppId": APP, "ObjectId": PRINCIPAL, "DisplayName": "PlaceOS"}
    scoped, grouped, mail = (given for _name, given in commands(planned)[2:])
    assert (scoped["CustomResourceScope"], scoped["App"]) == ("Rooms", PRINCIPAL)
    assert (grouped["RecipientGroupScope"], mail["Role"]) == (STAFF, "Application Mail.Send")


def test_names_are_short_the_same_in_every_run_and_different_for_every_scope() -> None:
    names = {stable_name(group=ROOMS), stable_name(group=ROOMS), stable_name(group=STAFF), stable_name(unit="Sydney")}
    assert len(names) == 3
    longest = commands(plan(wish(group=ROOMS, permissions=("MailboxSettings.ReadWrite",))))[-1][1]["Name"]
    assert len(longest) <= 62, "Exchange takes 64 characters, and two are kept for a second one"


@pytest.mark.parametrize(
    "shown",
    [
        {"RecipientGroupScope": ROOMS},
        {"RecipientGroupScope": group_row(ROOMS)["Name"]},
        {"RecipientGroupScope": IDS[ROOMS].upper()},
        {"RecipientGroupScope": f"acme.onmicrosoft.com/Users/{group_row(ROOMS)['Name']}"},
        {"CustomRecipientWriteScope": group_row(ROOMS)["Name"]},
    ],
)
def test_a_group_is_recognised_in_any_form(shown: dict[str, str]) -> None:
    planned = plan(wish(group=ROOMS), assignments=[assignment("made by hand", **shown)])
    assert (commands(planned), planned.notes) == ([], [])


def test_our_own_assignment_is_believed_when_its_scope_is_not_shown() -> None:
    assert commands(plan(wish(group=ROOMS), assignments=[assignment(stable_name(group=ROOMS))])) == []


def test_our_own_assignment_with_a_scope_in_an_unknown_form_is_kept_and_reported() -> None:
    row = assignment(stable_name(group=ROOMS), RecipientGroupScope="S-1-5-21-7")
    planned = plan(wish(group=ROOMS), assignments=[row])
    assert commands(planned) == []
    assert ids(planned) == {"rbac_scope_unrecognised"}


def test_a_unit_given_by_name_and_shown_by_id_is_kept() -> None:
    shown = {"RecipientAdministrativeUnitScope": "7f7f", "CustomRecipientWriteScope": "7f7f"}
    planned = plan(wish(unit="Sydney"), assignments=[assignment(stable_name(unit="Sydney"), **shown)])
    assert (commands(planned), planned.notes) == ([], [])


def test_a_group_and_a_management_scope_of_the_same_name_are_not_mixed_up() -> None:
    name = group_row(ROOMS)["Name"]
    shown = {"CustomResourceScope": name, "CustomRecipientWriteScope": name}
    planned = plan(wish(group=ROOMS), assignments=[assignment("other", **shown)])
    assert [command for command, _given in commands(planned)] == ["New-ManagementRoleAssignment"]
    planned = plan(wish(scope="Rooms"), scopes=[SCOPE], assignments=[assignment("other", RecipientGroupScope="Rooms")])
    assert [command for command, _given in commands(planned)] == ["New-ManagementRoleAssignment"]


def test_an_assignment_moved_to_another_scope_is_replaced_the_new_one_first() -> None:
    ours = stable_name(group=ROOMS)
    planned = plan(wish(group=ROOMS), assignments=[assignment(ours, CustomResourceScope="Everybody")])
    (new, given), (removed, identity) = commands(planned)
    assert (new, given["Name"]) == ("New-ManagementRoleAssignment", f"{ours} b")
    assert (removed, identity) == ("Remove-ManagementRoleAssignment", {"Identity": ours})
    assert commands(plan(wish(group=ROOMS), assignments=[assignment(f"{ours} b", RecipientGroupScope=ROOMS)])) == []


def test_a_disabled_assignment_is_enabled() -> None:
    row = assignment("x", RecipientGroupScope=ROOMS, Enabled=False)
    assert commands(plan(wish(group=ROOMS), assignments=[row])) == [
        ("Set-ManagementRoleAssignment", {"Identity": "x", "Enabled": True})
    ]


def test_absent_removes_the_assignment_and_purge_the_others_of_this_application_alone() -> None:
    rows = [
        assignment("a", RecipientGroupScope=ROOMS),
        assignment("b", RecipientGroupScope=STAFF),
        assignment("c", RoleAssignee="o-2", RoleAssigneeName="Other", RecipientGroupScope=STAFF),
        assignment("d", Role="View-Only Recipients", RoleAssigneeType="RoleGroup"),
        assignment("e", Role="Mail Recipients"),
    ]
    found: dict[str, Any] = {"principals": [POINTER, OTHER], "assignments": rows}
    absent = commands(plan(wish(group=ROOMS, present=False), **found))
    assert absent == [("Remove-ManagementRoleAssignment", {"Identity": "a"})]
    purged = commands(plan(wish(group=ROOMS), purge=True, **found))
    assert purged == [("Remove-ManagementRoleAssignment", {"Identity": "b"})]


def test_a_purge_does_not_go_by_a_display_name_that_two_applications_have() -> None:
    row = assignment("b", RoleAssignee="", RecipientGroupScope=STAFF)
    twins = [POINTER, {**OTHER, "DisplayName": "PlaceOS"}]
    assert commands(plan(wish(group=ROOMS, present=False), purge=True, principals=twins, assignments=[row])) == []
    assert len(commands(plan(wish(group=ROOMS, present=False), purge=True, assignments=[row]))) == 1


def test_other_roles_are_named_and_a_warning_if_no_scope_is_shown() -> None:
    rows = [assignment("a", RecipientGroupScope=ROOMS), assignment("wide")]
    (note,) = plan(wish(group=ROOMS), assignments=rows).notes
    assert (note.id, note.severity) == ("rbac_other_assignments", "warning")
    assert "wide" in note.message


def test_a_scope_gets_the_wished_filter_and_is_left_alone_if_it_has_it() -> None:
    rows = [assignment("a", CustomResourceScope="Rooms")]
    same = wish(scope="rooms", scope_filter='CustomAttribute1  -EQ "PlaceOS"')
    assert commands(plan(same, scopes=[SCOPE], assignments=rows)) == []
    other = wish(scope="Rooms", scope_filter="CustomAttribute2 -eq 'x'")
    assert commands(plan(other, scopes=[SCOPE], assignments=rows)) == [
        ("Set-ManagementScope", {"Identity": "Rooms", "RecipientRestrictionFilter": "CustomAttribute2 -eq 'x'"})
    ]


def test_scopes_without_filter_must_exist_and_all_missing_ones_are_named_at_once() -> None:
    with pytest.raises(AccessFaults) as caught:
        plan(wish(scope="A"), wish(scope="B"))
    assert len(caught.value.faults) == 2


def test_a_pointer_to_another_service_principal_is_a_fault_with_both_causes() -> None:
    with pytest.raises(AccessFaults, match="not that of the app registration") as caught:
        plan(wish(group=ROOMS), object_id="11111111-2222-3333-4444-555555555555")
    assert f"Remove-ServicePrincipal -Identity {PRINCIPAL}" in str(caught.value)


def test_unknown_permissions_are_told_each_once() -> None:
    two = wish(permissions=("Contacts.Read.All", "User.Read.All"))
    faults = permission_faults([two, wish(permissions=("User.Read.All",))])
    assert len(faults) == 2
    assert "does not exist" in faults[0]
    assert "Calendars.ReadWrite" in faults[1]


def test_a_mailbox_is_no_group_and_a_distribution_list_is_one_with_a_warning() -> None:
    assert "no group" in group_faults([wish(group=ROOMS)], {ROOMS: group(ROOMS, "UserMailbox")})[0]
    assert group_faults([wish(group=ROOMS)], {ROOMS: group(ROOMS, "MailUniversalDistributionGroup")}) == []
    found = Found([POINTER], groups={ROOMS: group(ROOMS, "MailUniversalDistributionGroup")})
    assert ids(plan_rbac(Application(APP, PRINCIPAL, "PlaceOS"), [wish(group=ROOMS)], found)) == {"group_not_security"}


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("A -eq 'x'", '(a  -EQ "x")', True),
        ("((A -eq 'x'))", "A -eq 'x'", True),
        ("(A -eq 'x') -or (B -eq 'y')", "A -eq 'x') -or (B -eq 'y'", False),
        ("A -eq 'x'", "A -eq 'y'", False),
    ],
)
def test_filters_are_compared_as_exchange_would_write_them(first: str, second: str, same: bool) -> None:
    assert same_filter(first, second) is same
