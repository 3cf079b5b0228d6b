# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From looking to writing: which commands are sent, in how many sessions, and what happens when one fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.flow import (
    Access,
    AccessFailed,
    Outcome,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.look import Job
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    ACCESS_POLICY,
    RBAC,
    AccessFaults,
    Wish,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.rbac import Application
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.tests import ALLOWED, DENIED, Question
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    Answer,
    Command,
    ExchangeError,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_exchange import (
    APP,
    NESTED,
    PRINCIPAL,
    ROOMS,
    STAFF,
    FakeExchange,
    Row,
    failing,
    group_row,
    member_row,
    policy_row,
)

ROOM, CONTROL = "room-1@acme.example", "ceo@acme.example"
QUESTIONS = [Question(CONTROL, DENIED), Question(ROOM, ALLOWED)]


class Clock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


class Tenant(FakeExchange):
    """A fake tenant that remembers policies: enough for one application and two groups."""

    def __init__(self, *policies: Row, members: dict[str, list[Row]] | None = None, **types: str) -> None:
        self.policies = list(policies)
        self.members = members or {}
        self.types = types
        super().__init__(
            {
                "Get-ApplicationAccessPolicy": lambda _c: self.policies or failing(),
                "Get-Recipient": lambda c: self.recipient(c.parameters["Identity"]),
                "Get-DistributionGroupMember": lambda c: self.members.get(c.parameters["Identity"], []),
                "New-ApplicationAccessPolicy": self.create,
                "Remove-ApplicationAccessPolicy": self.remove,
                "Test-ApplicationAccessPolicy": self.test,
            }
        )

    def recipient(self, address: str) -> Any:
        kind = self.types.get(address.partition("@")[0].replace("-", "_"), "MailUniversalSecurityGroup")
        return failing(cmdlet="Get-Recipient") if kind == "nothing" else [group_row(address, kind)]

    def create(self, command: Command) -> list[Row]:
        given = command.parameters
        row = policy_row(given["PolicyScopeGroupId"], given["AccessRight"], APP, given.get("Description", "generated"))
        self.policies.append(row)
        return [row]

    def remove(self, command: Command) -> list[Row]:
        """The older one of two of the same identity."""
        gone = next(row for row in self.policies if row["Identity"] == command.parameters["Identity"])
        self.policies.remove(gone)
        return []

    def test(self, command: Command) -> list[Row]:
        granted = not self.policies or command.parameters["Identity"] == ROOM
        return [{"AccessCheckResult": "Granted" if granted else "Denied"}]


def job(*wishes: Wish, **more: Any) -> Job:
    more = {"kind": ACCESS_POLICY, "app": Application(APP, PRINCIPAL, "PlaceOS"), "questions": QUESTIONS, **more}
    return Job(wishes=wishes, **more)


def run(exchange: FakeExchange, given: Job, clock: Clock | None = None) -> Outcome:
    clock = clock or Clock()
    return Access(exchange, given, sleep=clock.sleep, clock=clock).run()


def ids(outcome: Outcome) -> set[str]:
    return {note.id for note in outcome.notes}


def test_the_first_run_looks_in_one_session_and_writes_and_tests_in_a_second_one() -> None:
    tenant = Tenant(members={ROOMS: [member_row(ROOM)]})
    outcome = run(tenant, job(Wish(group=ROOMS), Wish(group=STAFF), members=[ROOM]))
    assert outcome.changed
    assert outcome.plan.changes()["created"] == [f"RestrictAccess {ROOMS}", f"RestrictAccess {STAFF}"]
    assert [step.verb for step in outcome.settled.steps] == ["keep", "keep"]
    assert len(tenant.sessions) == 2
    assert [command.name for command in tenant.sessions[1]][:2] == ["New-ApplicationAccessPolicy"] * 2
    assert all(verdict.ok for verdict in outcome.verdicts)


def test_a_second_run_is_one_session_of_reads() -> None:
    tenant = Tenant(policy_row(ROOMS))
    outcome = run(tenant, job(Wish(group=ROOMS)))
    assert not outcome.changed
    assert (len(tenant.sessions), tenant.written()) == (1, [])
    assert [verdict.result for verdict in outcome.verdicts] == ["denied", "granted"]


def test_check_mode_writes_nothing_and_does_not_judge_what_will_change() -> None:
    tenant = Tenant()
    outcome = run(tenant, job(Wish(group=ROOMS), check_mode=True))
    assert (outcome.changed, outcome.verdicts, tenant.written()) == (True, [], [])


def test_an_identity_is_never_asked_for_in_the_list_of_policies() -> None:
    tenant = Tenant()
    run(tenant, job(Wish(group=ROOMS)))
    listed = [c for session in tenant.sessions for c in session if c.name == "Get-ApplicationAccessPolicy"]
    assert listed
    assert all(not command.parameters for command in listed)


def test_all_faulty_groups_are_told_at_once_before_the_first_write() -> None:
    tenant = Tenant(placeos_rooms="RoomMailbox", placeos_staff="nothing")
    with pytest.raises(AccessFaults) as caught:
        run(tenant, job(Wish(group=ROOMS), Wish(group=STAFF), Wish(group=NESTED)))
    assert len(caught.value.faults) == 2
    assert tenant.written() == []


def test_an_unknown_group_that_is_to_be_absent_is_no_fault() -> None:
    outcome = run(Tenant(placeos_staff="nothing"), job(Wish(group=STAFF, present=False), Wish(group=ROOMS)))
    assert outcome.plan.changes()["created"] == [f"RestrictAccess {ROOMS}"]


def test_two_recipients_of_one_name_are_named() -> None:
    tenant = Tenant()
    tenant.replies["Get-Recipient"] = [group_row(ROOMS), group_row(STAFF)]
    with pytest.raises(AccessFaults, match=f"{ROOMS}, {STAFF}"):
        run(tenant, job(Wish(group="placeos")))


@pytest.mark.parametrize("removes", [slice(0, 1), slice(-1, None), slice(None)], ids=["older", "newer", "both"])
def test_another_right_ends_well_whichever_policy_of_the_same_identity_is_removed(removes: slice) -> None:
    class Tenants(Tenant):
        def remove(self, command: Command) -> list[Row]:
            same = [row for row in self.policies if row["Identity"] == command.parameters["Identity"]]
            gone = same[removes]
            self.policies = [row for row in self.policies if row not in gone]
            return []

    tenant = Tenants(policy_row(ROOMS))
    outcome = run(tenant, job(Wish(group=ROOMS, right="DenyAccess"), questions=[]))
    assert [row["AccessRight"] for row in tenant.policies] == ["DenyAccess"]
    assert "not_settled" not in ids(outcome)


def test_where_both_rights_cannot_be_at_once_the_old_policy_goes_first() -> None:
    class OneOnly(Tenant):
        def create(self, command: Command) -> Any:
            if self.policies:
                return failing("The object already exists.", "New-ApplicationAccessPolicy")
            return super().create(command)

    tenant = OneOnly(policy_row(ROOMS))
    run(tenant, job(Wish(group=ROOMS, right="DenyAccess"), questions=[]))
    assert [row["AccessRight"] for row in tenant.policies] == ["DenyAccess"]


def test_a_failed_write_stops_the_rest_and_says_what_was_done() -> None:
    class Full(Tenant):
        def create(self, command: Command) -> Any:
            if command.parameters["PolicyScopeGroupId"] == STAFF:
                return failing(
                    "The total size of App Access Policies exceeded the limit.", "New-ApplicationAccessPolicy"
                )
            return super().create(command)

    tenant = Full(policy_row(NESTED))
    with pytest.raises(AccessFailed) as caught:
        run(tenant, job(Wish(group=ROOMS), Wish(group=STAFF), purge=True))
    assert caught.value.error.kind == "too_many_policies"
    assert [step.label for step in caught.value.done] == [f"RestrictAccess {ROOMS}"]
    assert len(tenant.policies) == 2, "nothing may be removed after a failure: it would open mailboxes"


def test_a_list_that_may_not_be_read_is_fatal_only_where_it_is_needed() -> None:
    tenant = Tenant(policy_row(ROOMS))
    tenant.replies["Get-ManagementRoleAssignment"] = failing("CommandNotFoundException", "Get-ManagementRoleAssignment")
    assert not run(tenant, job(Wish(group=ROOMS))).changed
    with pytest.raises(ExchangeError, match=r"Exchange\.ManageAsApp"):
        run(tenant, job(Wish(group=ROOMS, permissions=("Calendars.ReadWrite",)), kind=RBAC))


def test_nested_groups_of_policies_are_looked_into_level_by_level_and_loops_end() -> None:
    nested = {ROOMS: [member_row(NESTED, "MailUniversalSecurityGroup")]}
    nested[NESTED] = [member_row(ROOM), member_row(ROOMS, "MailUniversalSecurityGroup")]
    tenant = Tenant(policy_row(ROOMS), members=nested)
    outcome = run(tenant, job(Wish(group=ROOMS), members=[ROOM.upper()]))
    assert len(tenant.sessions) == 2
    assert "member_outside" not in ids(outcome)


def test_required_mailboxes_outside_every_scope_are_one_warning_that_names_them() -> None:
    tenant = Tenant(policy_row(ROOMS), members={ROOMS: [member_row(ROOM)]})
    outcome = run(tenant, job(Wish(group=ROOMS), members=[ROOM, "room-2@acme.example", "placeos@acme.example"]))
    (note,) = outcome.notes
    assert (note.id, note.severity) == ("member_outside", "warning")
    assert note.subject == "placeos@acme.example, room-2@acme.example"


@pytest.mark.parametrize(
    "more", [{"WindowsLiveID": ROOM}, {"EmailAddresses": ["SMTP:room-1@acme.onmicrosoft.com", f"smtp:{ROOM.upper()}"]}]
)
def test_a_second_address_and_a_sign_in_name_are_as_good_as_the_first_address(more: dict[str, Any]) -> None:
    row = member_row("room-1@acme.onmicrosoft.com", **more)
    assert run(Tenant(policy_row(ROOMS), members={ROOMS: [row]}), job(Wish(group=ROOMS), members=[ROOM])).notes == []


@pytest.mark.parametrize("addresses", [[f"X500:{ROOM}", f"SIP:{ROOM}", "", None], ROOM, None, {}])
def test_what_is_no_mail_address_names_no_mailbox(addresses: Any) -> None:
    row = member_row("room-1@acme.onmicrosoft.com", EmailAddresses=addresses)
    outcome = run(Tenant(policy_row(ROOMS), members={ROOMS: [row]}), job(Wish(group=ROOMS), members=[ROOM]))
    assert ids(outcome) == {"member_outside"}


def test_a_required_mailbox_that_is_denied_is_a_warning() -> None:
    tenant = Tenant(members={ROOMS: [member_row(ROOM)], STAFF: [member_row(ROOM)]})
    outcome = run(tenant, job(Wish(group=ROOMS), Wish(group=STAFF, right="DenyAccess"), members=[ROOM]))
    assert "member_denied" in ids(outcome)


def test_a_mailbox_that_must_be_refused_and_is_inside_is_a_warning_before_anything_is_written() -> None:
    tenant = Tenant(members={ROOMS: [member_row(ROOM), member_row("CEO@acme.example")]}, ceo="UserMailbox")
    given = job(Wish(group=ROOMS), unwanted=["ceo@acme.example"], check_mode=True)
    (note,) = [note for note in run(tenant, given).notes if note.severity == "warning"]
    assert (note.id, note.subject) == ("denied_inside", "ceo@acme.example")
    tenant.members = {}
    assert "denied_inside" not in ids(run(tenant, given))


@pytest.mark.parametrize("kind", ["nothing", "MailUser", "RemoteUserMailbox", "GroupMailbox"])
def test_check_mode_says_that_a_mailbox_to_be_refused_is_none_so_that_it_proves_nothing(kind: str) -> None:
    given = job(Wish(group=ROOMS), unwanted=["ceo@acme.example"], check_mode=True)
    assert "control_missing" in ids(run(Tenant(ceo=kind), given))
    assert "control_missing" not in ids(run(Tenant(ceo="UserMailbox"), given))
    assert "control_missing" not in ids(run(Tenant(ceo=kind), replace(given, check_mode=False))), "the proof tells"


def test_verdicts_that_contradict_right_after_a_write_are_asked_for_again_for_a_while() -> None:
    class Slow(Tenant):
        asked = 0

        def test(self, command: Command) -> list[Row]:
            self.asked += 1
            return super().test(command) if self.asked > 6 else [{"AccessCheckResult": "Granted"}]

    clock = Clock()
    tenant = Slow()
    assert all(verdict.ok for verdict in run(tenant, job(Wish(group=ROOMS)), clock).verdicts)
    assert clock.slept == [2.0, 4.0][: len(clock.slept)] != []
    hopeless = Slow()
    hopeless.asked = -10000
    clock = Clock()
    outcome = run(hopeless, job(Wish(group=ROOMS), replication_deadline=10), clock)
    assert not all(verdict.ok for verdict in outcome.verdicts)
    assert clock.now <= 10


# -- RBAC ------------------------------------------------------------------------------------------------------------


class Roles(FakeExchange):
    """A fake tenant that remembers pointers and role assignments."""

    def __init__(self, *pointers: Row, lag: int = 0) -> None:
        self.pointers, self.assignments, self.lag = list(pointers), list[Row](), lag
        super().__init__(
            {
                "Get-ServicePrincipal": lambda _c: self.pointers,
                "Get-ManagementRoleAssignment": lambda _c: self.assignments,
                "Get-Recipient": lambda c: [group_row(c.parameters["Identity"])],
                "New-ServicePrincipal": self.point,
                "New-ManagementRoleAssignment": self.assign,
                "Test-ServicePrincipalAuthorization": self.test,
            }
        )

    def point(self, command: Command) -> Any:
        if self.lag:
            self.lag -= 1
            return failing("AADServicePrincipalNotFound", "New-ServicePrincipal")
        self.pointers.append(dict(command.parameters))
        return self.pointers[-1:]

    def assign(self, command: Command) -> Any:
        given = command.parameters
        if not any(row["ObjectId"] == given["App"] for row in self.pointers):
            return failing(cmdlet="New-ManagementRoleAssignment")
        self.assignments.append({**given, "RoleAssignee": given["App"], "Enabled": True})
        return self.assignments[-1:]

    def test(self, command: Command) -> Any:
        inside = command.parameters["Resource"] == ROOM
        return [{"RoleName": one["Role"], "InScope": inside, "ScopeType": "Group"} for one in self.assignments]


ROLE = Wish(group=ROOMS, permissions=("Calendars.ReadWrite",))


def test_rbac_from_nothing_to_tested_in_two_sessions_and_unchanged_in_one() -> None:
    tenant = Roles()
    outcome = run(tenant, job(ROLE, kind=RBAC))
    assert tenant.written() == ["New-ServicePrincipal", "New-ManagementRoleAssignment"]
    assert (len(tenant.sessions), [verdict.ok for verdict in outcome.verdicts]) == (2, [True, True])
    again = run(tenant, job(ROLE, kind=RBAC))
    assert (again.changed, len(tenant.sessions)) == (False, 3)


def test_a_new_application_that_exchange_does_not_know_yet_is_waited_for() -> None:
    clock = Clock()
    tenant = Roles(lag=2)
    assert run(tenant, job(ROLE, kind=RBAC), clock).changed
    assert clock.slept == [2.0, 4.0]
    assert tenant.written().count("New-ManagementRoleAssignment") == 3
    assert len(tenant.assignments) == 1


def test_one_that_it_never_knows_fails_with_what_the_id_should_be() -> None:
    with pytest.raises(AccessFailed, match="not that of the app registration"):
        run(Roles(lag=10_000), job(ROLE, kind=RBAC, replication_deadline=20))


def test_without_an_object_id_the_pointer_of_exchange_is_used() -> None:
    tenant = Roles({"AppId": APP, "ObjectId": PRINCIPAL, "DisplayName": "PlaceOS"})
    outcome = run(tenant, job(ROLE, kind=RBAC, app=Application(APP, "", "PlaceOS")))
    assert tenant.assignments[0]["App"] == PRINCIPAL
    assert [verdict.ok for verdict in outcome.verdicts] == [True, True]


def test_without_object_id_and_pointer_it_is_told_where_to_find_it() -> None:
    with pytest.raises(AccessFaults, match="service_principal_id"):
        run(Roles(), job(ROLE, kind=RBAC, app=Application(APP, "", "PlaceOS")))


def test_in_check_mode_an_application_that_is_not_made_yet_is_no_fault() -> None:
    outcome = run(Roles(), job(ROLE, kind=RBAC, app=Application("", "", "PlaceOS"), check_mode=True))
    assert len(outcome.plan.changes()["created"]) == 2
    assert outcome.plan.objects()[0] == {"kind": "service_principal", "app_id": None, "object_id": None}


def test_nested_groups_are_a_warning_with_rbac() -> None:
    tenant = Roles({"AppId": APP, "ObjectId": PRINCIPAL})
    nested = [member_row(NESTED, "MailUniversalSecurityGroup"), member_row(ROOM)]
    tenant.replies["Get-DistributionGroupMember"] = nested
    assert "rbac_nested_group" in ids(run(tenant, job(ROLE, kind=RBAC)))


def test_members_of_a_scope_are_found_by_its_filter() -> None:
    tenant = Roles({"AppId": APP, "ObjectId": PRINCIPAL})
    tenant.replies["Get-Recipient"] = lambda command: [member_row(ROOM)] if "Filter" in command.parameters else []
    wish = Wish(scope="Rooms", scope_filter="CustomAttribute1 -eq 'x'", permissions=("Calendars.ReadWrite",))
    assert "member_outside" not in ids(run(tenant, job(wish, kind=RBAC, members=[ROOM], check_mode=True)))
    outcome = run(tenant, job(wish, kind=RBAC, members=[ROOM, CONTROL], check_mode=True))
    assert "member_outside" in ids(outcome)


def test_a_mailbox_to_be_refused_is_found_in_a_scope_also_where_no_member_is_asked_for() -> None:
    tenant = Roles({"AppId": APP, "ObjectId": PRINCIPAL})
    tenant.replies["Get-Recipient"] = lambda command: [member_row(CONTROL)] if "Filter" in command.parameters else []
    wish = Wish(scope="Rooms", scope_filter="CustomAttribute1 -eq 'x'", permissions=("Calendars.ReadWrite",))
    assert "denied_inside" in ids(run(tenant, job(wish, kind=RBAC, unwanted=[CONTROL], check_mode=False)))


def test_members_of_a_unit_are_not_known_and_that_is_said() -> None:
    tenant = Roles({"AppId": APP, "ObjectId": PRINCIPAL})
    wish = Wish(unit="Sydney", permissions=("Calendars.ReadWrite",))
    (note,) = run(tenant, job(wish, kind=RBAC, members=[ROOM], check_mode=True)).notes
    assert (note.id, note.severity) == ("members_unknown", "info")


@pytest.mark.parametrize(("kind", "wish"), [(RBAC, ROLE), (ACCESS_POLICY, Wish(group=ROOMS))])
def test_both_ways_of_scoping_at_once_are_a_warning(kind: str, wish: Wish) -> None:
    tenant = Roles({"AppId": APP, "ObjectId": PRINCIPAL})
    run(tenant, job(ROLE, kind=RBAC))
    tenant.replies["Get-ApplicationAccessPolicy"] = [policy_row(ROOMS)]
    tenant.replies["Test-ApplicationAccessPolicy"] = [{"AccessCheckResult": "Denied"}]
    outcome = run(tenant, job(wish, kind=kind, questions=QUESTIONS[:1]))
    assert "both_regimes" in ids(outcome)
    assert outcome.restricted


def test_what_exchange_stores_in_another_form_is_said_and_not_written_for_ever() -> None:
    tenant = Roles({"AppId": APP, "ObjectId": PRINCIPAL})
    tenant.replies["Get-ManagementScope"] = [{"Name": "Rooms", "RecipientFilter": "as the server likes it"}]
    wish = Wish(scope="Rooms", scope_filter="CustomAttribute1 -eq 'x'", permissions=("Calendars.ReadWrite",))
    outcome = run(tenant, job(wish, kind=RBAC, questions=[]))
    assert "not_settled" in ids(outcome)
    assert tenant.written().count("Set-ManagementScope") == 2


def test_an_answer_that_was_skipped_is_never_taken_for_an_empty_list() -> None:
    tenant = Tenant()
    tenant.replies["New-ApplicationAccessPolicy"] = Answer((), (), ExchangeError("New", "boom"))
    with pytest.raises(AccessFailed, match="boom"):
        run(tenant, job(Wish(group=ROOMS)))
