# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real reads prove: both sides are needed, and the causes of a refusal are told apart."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Schedule
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.run import Checked, judge
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import MailboxRead
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import PLACEOS_PERMISSIONS
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_facts import (
    OUTSIDE,
    RAOP,
    READABLE,
    REFUSED,
    ROOM,
    facts,
    faults,
    held,
    ids,
    refused,
    told,
)

ALL = PLACEOS_PERMISSIONS
OPEN = MailboxRead(OUTSIDE, "readable", 200)
NO_ROLE = MailboxRead(ROOM, "missing_role", 403, "ErrorAccessDenied", "Access is denied.")
NO_ROLE_OUTSIDE = MailboxRead(OUTSIDE, "missing_role", 403, "ErrorAccessDenied", "Access is denied.")
RBAC = {"mode": "rbac", "scoped": ("Calendars.ReadWrite",)}


def test_a_readable_denied_mailbox_is_the_first_thing_said() -> None:
    found = judge(facts(reads=(NO_ROLE, OPEN)))

    assert found[0].id == "scope_not_in_force"
    assert found[0].subject == OUTSIDE
    assert "Do not hand out the secret" in found[0].action


def test_why_a_scope_does_not_hold_is_said_as_far_as_it_is_known() -> None:
    no_policy = told(facts(reads=(READABLE, OPEN)), "scope_not_in_force")
    unscoped = told(facts(RBAC, reads=(READABLE, OPEN)), "scope_not_in_force")
    rbac = told(held(*ALL[1:], wanted=RBAC, reads=(READABLE, OPEN)), "scope_not_in_force")
    escaping = told(held(*ALL[1:], "Calendars.ReadBasic.All", reads=(READABLE, OPEN)), "scope_not_in_force")

    assert "There is no application access policy" in no_policy
    assert "not in force yet" in no_policy
    assert "Calendars.ReadWrite is granted in Entra for the whole tenant" in unscoped
    assert "assigned without a scope" in rbac
    assert "Calendars.ReadBasic.All is not limited" in escaping


def test_a_refusal_proves_nothing_where_nothing_can_be_read() -> None:
    found = facts(reads=(NO_ROLE, NO_ROLE_OUTSIDE))
    assert "scope_proved" not in ids(found)
    assert "may just be a lack of permission" in told(found, "scope_not_proved")


def test_one_readable_mailbox_beside_it_makes_a_refusal_a_proof() -> None:
    assert "scope_proved" in ids(facts(reads=(READABLE, NO_ROLE_OUTSIDE)))


@pytest.mark.parametrize(
    ("wanted", "reads"),
    [({"denied": ()}, (READABLE,)), ({"allowed": ()}, (REFUSED,)), ({"allowed": (), "denied": ()}, ())],
)
def test_without_one_of_the_sides_the_scope_is_not_proved(
    wanted: dict[str, tuple[str, ...]], reads: tuple[MailboxRead, ...]
) -> None:
    found = facts(wanted, reads=reads)
    assert faults(found) == ["scope_not_proved"]
    assert not Checked(found, judge(found)).proof.ok


def test_a_denied_mailbox_that_does_not_exist_proves_nothing() -> None:
    found = facts(reads=(READABLE, MailboxRead(OUTSIDE, "not_found", 404, "ErrorInvalidUser")))
    assert faults(found) == ["control_mailbox_missing"]
    assert "scope_proved" not in ids(found)


def test_all_mailboxes_with_one_cause_are_one_finding_that_names_ten() -> None:
    rooms = tuple(f"room-{number:03}@acme.example" for number in range(250))
    reads = tuple(MailboxRead(room, "denied_by_policy", 403, "ErrorAccessDenied", RAOP) for room in rooms)
    found = judge(facts({"allowed": (*rooms, ROOM)}, reads=(*reads, READABLE, REFUSED)))

    (one,) = [finding for finding in found if finding.id == "mailbox_refused_by_policy"]
    assert "250 of 251 calendars" in one.message
    assert one.subject.endswith("room-009@acme.example and 240 more")
    assert len(one.evidence["mailboxes"]) == 250
    assert one.evidence["words"] == [f"403 ErrorAccessDenied {RAOP}"]


def test_errors_inside_a_good_schedule_are_told_by_mailbox() -> None:
    errors = {ROOM: "ErrorMailRecipientNotFound Unable to resolve e-mail address."}
    said = told(facts(schedule=Schedule(ROOM, errors=errors)), "schedule_refused")
    assert f"{ROOM}: ErrorMailRecipientNotFound" in said


def test_a_good_schedule_is_not_mentioned() -> None:
    assert "schedule_refused" not in ids(facts(schedule=Schedule(ROOM)))


@pytest.mark.parametrize(
    ("reads", "reason"),
    [
        ((READABLE, REFUSED), ""),
        ((READABLE, OPEN), "can be read, but must not"),
        ((NO_ROLE, REFUSED), f"not as expected: {ROOM} (missing_role)"),
    ],
)
def test_the_proof_says_what_is_missing(reads: tuple[MailboxRead, ...], reason: str) -> None:
    found = facts(reads=reads)
    proof = Checked(found, judge(found), 12.34).proof

    assert proof.ok is (reason == "")
    assert reason in proof.reason
    assert proof.shown() == {"ok": proof.ok, "reason": proof.reason, "waited": 12.3}


def test_without_a_sign_in_there_is_no_proof() -> None:
    found = refused("bad_credential", 7000215)
    assert not Checked(found, judge(found)).proof.ok
