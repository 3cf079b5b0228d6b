# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of application access policies."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import DENY, Plan, Wish
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.policies import (
    group_faults,
    plan_policies,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import ExchangeError
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_exchange import (
    APP,
    ROOMS,
    STAFF,
    Row,
    group,
    objection,
    policy_row,
)

GROUPS = {ROOMS: group(ROOMS), STAFF: group(STAFF)}
OTHER_APP = "99999999-1111-2222-3333-ccccddddeeee"


def plan(*wishes: Wish, rows: list[Row] | None = None, purge: bool = False) -> Plan:
    planned = plan_policies(APP, wishes, GROUPS, rows or [], purge=purge)
    assert not [fault for step in planned.pending if step.command and (fault := objection(step.command))]
    return planned


def commands(planned: Plan) -> list[tuple[str, dict[str, Any]]]:
    return [(step.command.name, dict(step.command.parameters)) for step in planned.pending if step.command]


def ids(planned: Plan) -> set[str]:
    return {note.id for note in planned.notes}


def test_an_empty_tenant_gets_all_policies_back_to_back() -> None:
    planned = plan(Wish(group=ROOMS, description="rooms"), Wish(group=STAFF))
    rooms = {"AppId": [APP], "PolicyScopeGroupId": ROOMS, "AccessRight": "RestrictAccess", "Description": "rooms"}
    staff = {"AppId": [APP], "PolicyScopeGroupId": STAFF, "AccessRight": "RestrictAccess"}
    assert commands(planned) == [("New-ApplicationAccessPolicy", rooms), ("New-ApplicationAccessPolicy", staff)]
    assert ids(planned) == {"access_policies_deprecated"}


def test_what_is_as_wished_is_left_alone_whatever_the_scope_is_called() -> None:
    planned = plan(Wish(group=ROOMS), rows=[{**policy_row(ROOMS), "ScopeName": "renamed", "ScopeIdentity": "x"}])
    assert commands(planned) == []
    assert planned.changes()["unchanged"] == [f"RestrictAccess {ROOMS}"]
    assert planned.notes == []


def test_an_unset_description_keeps_the_generated_one() -> None:
    generated = "AppId: a;\nScopeIdentitySid: b;\nAccessRight: RestrictAccess; ShardType: All"
    assert commands(plan(Wish(group=ROOMS), rows=[policy_row(ROOMS, description=generated)])) == []


def test_another_description_is_set_in_place() -> None:
    row = policy_row(ROOMS)
    planned = plan(Wish(group=ROOMS, description="new"), rows=[row])
    assert commands(planned) == [("Set-ApplicationAccessPolicy", {"Identity": row["Identity"], "Description": "new"})]
    diff, label = planned.diff(), f"RestrictAccess {ROOMS}"
    assert diff["before"][label]["description"] == "made by hand"
    assert diff["after"][label]["description"] == "new"


def test_a_description_of_one_blank_is_sent_as_such_and_found_again() -> None:
    (command,) = commands(plan(Wish(group=ROOMS, description=" ")))
    assert command[1]["Description"] == " "
    assert commands(plan(Wish(group=ROOMS, description=" "), rows=[policy_row(ROOMS, description="")])) == []


def test_another_right_is_created_before_the_old_one_is_removed() -> None:
    old = policy_row(ROOMS)
    (new, given), (removed, identity) = commands(plan(Wish(group=ROOMS, right=DENY), rows=[old]))
    assert (new, given["AccessRight"]) == ("New-ApplicationAccessPolicy", "DenyAccess")
    assert (removed, identity) == ("Remove-ApplicationAccessPolicy", {"Identity": old["Identity"]})


def test_a_contradicting_right_goes_although_the_wished_one_is_there() -> None:
    planned = plan(Wish(group=ROOMS), rows=[policy_row(ROOMS), policy_row(ROOMS, DENY)])
    assert planned.changes()["deleted"] == [f"DenyAccess {ROOMS}"]


def test_absent_removes_this_policy_only() -> None:
    planned = plan(Wish(group=STAFF, present=False), rows=[policy_row(ROOMS), policy_row(STAFF)])
    assert planned.changes()["deleted"] == [f"RestrictAccess {STAFF}"]
    assert ids(planned) == {"access_policies_other"}


def test_absent_is_fine_where_there_is_nothing() -> None:
    assert commands(plan(Wish(group=STAFF, present=False), Wish(group=ROOMS), rows=[policy_row(ROOMS)])) == []


def test_others_of_the_application_are_reported_and_purged_when_told() -> None:
    rows = [policy_row(ROOMS), policy_row(STAFF)]
    assert ids(plan(Wish(group=ROOMS), rows=rows)) == {"access_policies_other"}
    assert plan(Wish(group=ROOMS), rows=rows, purge=True).changes()["deleted"] == [f"RestrictAccess {STAFF}"]


@pytest.mark.parametrize("app", ["*", OTHER_APP, [APP, OTHER_APP]])
def test_a_purge_never_touches_what_also_concerns_others(app: Any) -> None:
    planned = plan(Wish(group=ROOMS), rows=[policy_row(ROOMS), policy_row(STAFF, app=app)], purge=True)
    assert commands(planned) == []


@pytest.mark.parametrize("app", [None, []])
def test_a_policy_without_an_application_stops_everything(app: Any) -> None:
    with pytest.raises(ExchangeError, match="a policy has no AppId"):
        plan(Wish(group=ROOMS), rows=[policy_row(ROOMS), policy_row(STAFF, app=app)], purge=True)


def test_an_application_in_a_list_of_one_is_the_same() -> None:
    assert commands(plan(Wish(group=ROOMS), rows=[policy_row(ROOMS, app=[APP.upper()])])) == []


def test_that_nothing_restricts_the_application_any_more_is_a_warning() -> None:
    notes = plan(Wish(group=ROOMS, present=False), rows=[policy_row(ROOMS)]).notes
    (note,) = [note for note in notes if note.severity == "warning"]
    assert note.id == "access_not_restricted"
    assert "every mailbox of the tenant" in note.message


def test_a_denial_alone_leaves_all_other_mailboxes_open() -> None:
    (note,) = [note for note in plan(Wish(group=ROOMS, right=DENY)).notes if note.id == "access_not_restricted"]
    assert "all mailboxes but those denied" in note.message


@pytest.mark.parametrize(
    "kind",
    [
        "MailUniversalDistributionGroup", "DynamicDistributionGroup", "GroupMailbox", "RoomMailbox", "SharedMailbox",
        "EquipmentMailbox", "MailContact", "PublicFolder", "DiscoveryMailbox", "RoomList",
    ],
)  # fmt: skip
def test_a_recipient_that_is_no_security_principal_is_refused_with_what_to_do(kind: str) -> None:
    (fault,) = group_faults([Wish(group=ROOMS)], {ROOMS: group(ROOMS, kind)})
    assert f"{ROOMS} is a {kind}" in fault
    assert "mail-enabled security group" in fault


@pytest.mark.parametrize("kind", ["MailUniversalSecurityGroup", "UserMailbox", "MailUser"])
def test_security_principals_are_accepted(kind: str) -> None:
    assert group_faults([Wish(group=ROOMS)], {ROOMS: group(ROOMS, kind)}) == []
