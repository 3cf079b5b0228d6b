# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said about grants of Entra, about Exchange's own tests, and about a proof that is not there yet."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access import proof as access_proof
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.grants import Held, grant_notes
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.look import Job
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import ACCESS_POLICY, RBAC, Wish
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.proof import (
    prove_scope,
    verdict_fault,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.rbac import Application
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.tests import (
    ALLOWED,
    DENIED,
    Question,
    Verdict,
    questions,
    verdict,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import Answer
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import MailboxRead, Proof
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_exchange import APP, failing

SCOPED = ["Calendars.ReadWrite"]
ROOM, CONTROL = "room@acme.example", "ceo@acme.example"


def found(kind: str, *values: str, restricted: bool = False) -> dict[str, str]:
    notes = grant_notes(kind, APP, Held(frozenset(values), "a test"), SCOPED, restricted=restricted)
    return {note.id: note.message for note in notes}


@pytest.mark.parametrize(
    "value", ["Calendars.ReadWrite", "Calendars.Read", "Calendars.ReadBasic.All", "full_access_as_app"]
)
def test_a_grant_of_the_same_family_in_entra_defeats_the_scope(value: str) -> None:
    assert value in found(RBAC, value, "User.Read.All")["rbac_unscoped_grant"]


def test_with_access_policies_it_is_said_that_only_these_limit_it() -> None:
    assert (
        "only its access policies limit" in found(RBAC, "Calendars.ReadWrite", restricted=True)["rbac_unscoped_grant"]
    )


def test_other_mailbox_permissions_are_named_as_not_limited() -> None:
    assert found(RBAC, "Mail.Send").keys() == {"unscoped_mailbox_permission"}


def test_permissions_of_the_directory_are_nobodys_business_here() -> None:
    assert found(RBAC, "User.Read.All", "Place.Read.All", "GroupMember.Read.All") == {}


def test_what_no_policy_limits_is_a_warning_with_policies() -> None:
    assert found(ACCESS_POLICY, "Calendars.ReadWrite", "Calendars.ReadBasic.All").keys() == {"policies_escaped"}
    assert found(ACCESS_POLICY, "Calendars.ReadWrite") == {}


def test_grants_that_cannot_be_read_are_never_taken_for_none() -> None:
    (note,) = grant_notes(RBAC, APP, Held(None, "403"), SCOPED)
    assert (note.id, note.severity) == ("entra_grants_unknown", "info")


# -- the Test cmdlets ------------------------------------------------------------------------------------------------


def test_denied_mailboxes_are_asked_first_and_allowed_ones_from_all_over_the_list() -> None:
    rooms = [f"r{n}" for n in range(1000)]
    asked = questions(rooms, ["a", "b"], 12)
    assert [one.mailbox for one in asked[:2]] == ["a", "b"]
    assert len(asked) == len({one.mailbox for one in asked}) == 12
    assert int(asked[-1].mailbox[1:]) >= 900
    assert len(questions(["x"], ["a", "b"], 1)) == 1
    assert questions(["x"], ["a"], 0) == []
    assert len(questions(["x", "y"], [], 20)) == 2


@pytest.mark.parametrize(
    ("rows", "result"),
    [
        ([{"AccessCheckResult": "Granted"}], "granted"),
        ([{"AccessCheckResult": "Denied"}], "denied"),
        ([{"AccessCheckResult": None}], "unknown"),
        ([], "unknown"),
        ([{"AccessCheckResult": "Granted"}, {"AccessCheckResult": "Denied"}], "unknown"),
    ],
)
def test_a_verdict_on_policies(rows: list[Any], result: str) -> None:
    assert verdict(ACCESS_POLICY, Question(ROOM, ALLOWED), Answer(rows), SCOPED).result == result


def role(name: str, inside: Any, **more: Any) -> dict[str, Any]:
    return {"RoleName": f"Application {name}", "InScope": inside, **more}


@pytest.mark.parametrize(
    ("rows", "expected", "ok"),
    [
        ([role("Calendars.ReadWrite", True)], ALLOWED, True),
        ([role("Calendars.ReadWrite", "True")], ALLOWED, True),
        ([role("Calendars.ReadWrite", "False"), role("Calendars.ReadWrite", "True")], ALLOWED, True),
        ([role("Calendars.ReadWrite", False)], ALLOWED, False),
        ([], ALLOWED, False),
        ([role("Mail.Read", True)], ALLOWED, False),
        ([role("Calendars.ReadWrite", "Not Run")], ALLOWED, False),
        ([role("Calendars.ReadWrite", "Not Run")], DENIED, False),
        ([role("Calendars.ReadWrite", False)], DENIED, True),
        ([role("Calendars.ReadWrite", True)], DENIED, False),
        ([role("Mail.Read", True)], DENIED, True),
        ([], DENIED, True),
    ],
)
def test_a_verdict_on_rbac(rows: list[Any], expected: str, ok: bool) -> None:
    assert verdict(RBAC, Question(ROOM, expected), Answer(rows), SCOPED).ok is ok


def test_every_permission_must_be_in_scope_to_be_allowed_and_none_to_be_denied() -> None:
    two, rows = [*SCOPED, "Mail.Send"], [role("Calendars.ReadWrite", True), role("Mail.Send", False)]
    assert not verdict(RBAC, Question(ROOM, ALLOWED), Answer(rows), two).ok
    assert not verdict(RBAC, Question(ROOM, DENIED), Answer(rows), two).ok
    # A permission that only another group gives is none that this mailbox lacks.
    assert verdict(RBAC, Question(ROOM, ALLOWED), Answer(rows), two, {"Calendars.ReadWrite"}).ok
    assert not verdict(RBAC, Question(ROOM, ALLOWED), Answer(rows), two, {"Mail.Send"}).ok
    assert verdict(RBAC, Question(ROOM, ALLOWED), Answer(rows), two, set()).ok
    assert not verdict(RBAC, Question(ROOM, ALLOWED), Answer([]), two, set()).ok


def test_what_every_group_gives_is_what_any_mailbox_inside_must_have() -> None:
    def job(*entries: tuple[str, list[str]]) -> Job:
        return Job(
            Application(APP, "", "PlaceOS"), RBAC, [Wish(group, permissions=tuple(names)) for group, names in entries]
        )

    calendars, both = ["Calendars.ReadWrite"], ["Calendars.ReadWrite", "Mail.Send"]
    assert job(("rooms", calendars), ("service", both)).permissions_everywhere == {"Calendars.ReadWrite"}
    assert job(("rooms", calendars), ("Rooms", ["Mail.Send"])).permissions_everywhere == set(both)
    assert job(("rooms", calendars), ("service", ["Mail.Send"])).permissions_everywhere == set()
    assert job().permissions_everywhere == set()


def test_a_role_without_scope_is_named() -> None:
    wide = role("Calendars.ReadWrite", True, ScopeType="Organization")
    assert (
        "without any scope: Application Calendars.ReadWrite"
        in verdict(RBAC, Question(ROOM, DENIED), Answer([wide]), SCOPED).words
    )


def test_a_test_that_failed_is_unknown_with_the_words_of_exchange() -> None:
    asked = verdict(ACCESS_POLICY, Question(ROOM, DENIED), failing(), SCOPED)
    assert (asked.result, asked.ok) == ("unknown", False)
    assert "couldn't be found" in asked.words


def test_a_mailbox_that_exchange_does_not_know_is_another_fault_than_one_outside_the_scope() -> None:
    said = f"The operation couldn't be performed because object '{ROOM}' couldn't be found on 'X01.PROD.OUTLOOK.COM'"
    unknown = verdict(RBAC, Question(ROOM, ALLOWED), failing(said), SCOPED)
    assert (unknown.missing, unknown.words) == (True, f"Exchange finds no such mailbox: {said}")
    text = verdict_fault([unknown])
    assert "correct the address in the inventory" in text
    assert "inside a group" not in text
    # What is not found may also be the application.
    assert not verdict(RBAC, Question(ROOM, ALLOWED), failing(said.replace(ROOM, "an-id")), SCOPED).missing


def test_the_message_names_each_mailbox_with_what_is_wrong() -> None:
    wrong = [Verdict(Question(f"r{n}", ALLOWED), "denied", "x") for n in range(30)]
    text = verdict_fault([*wrong, Verdict(Question(CONTROL, DENIED), "denied", "x")])
    assert "30 of 31 mailboxes" in text
    assert "- r0: must be allowed, is denied (x)" in text
    assert "and 10 more" in text
    assert verdict_fault([Verdict(Question(CONTROL, DENIED), "denied", "x")]) == ""


# -- the proof -------------------------------------------------------------------------------------------------------


def proved(
    monkeypatch: pytest.MonkeyPatch,
    *states: str,
    kind: str = RBAC,
    denied: list[str] | None = None,
    defeated: str = "",
) -> Any:
    reads = [
        MailboxRead(address, state, words="words") for address, state in zip((ROOM, CONTROL), states, strict=False)
    ]
    denied = [CONTROL] if denied is None else denied
    ok = bool(denied) and states == ("readable", "denied_by_policy")
    monkeypatch.setattr(access_proof, "prove", lambda *_a, **_k: Proof(ok, reads, 7.04, "" if ok else "because"))
    unused: Any = None
    return prove_scope(kind, unused, unused, [ROOM], denied, wait=9, defeated=defeated)


def test_a_proof_is_told_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = proved(monkeypatch, "readable", "denied_by_policy").shown()
    assert shown == {"done": True, "ok": True, "reason": "", "waited": 7.0, "wrong": []}


@pytest.mark.parametrize(("kind", "delay"), [(RBAC, "2 hours"), (ACCESS_POLICY, "12 hours")])
def test_a_scope_that_is_not_in_force_yet_is_told_with_how_long_it_may_take(
    monkeypatch: pytest.MonkeyPatch, kind: str, delay: str
) -> None:
    fault = proved(monkeypatch, "readable", "readable", kind=kind).fault
    assert "configured, but not in force" in fault
    assert delay in fault
    assert "run again later" in fault
    assert "Do not give the client secret to PlaceOS" in fault


def test_nobody_is_told_to_wait_while_a_grant_in_entra_is_known_to_open_every_mailbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fault = proved(monkeypatch, "readable", "readable", defeated="Entra grants it. Remove it.").fault
    assert "Time does not cure that: Entra grants it. Remove it." in fault
    assert "run again later" not in fault
    # A room that is refused has another reason, which may pass.
    assert "run again later" in proved(monkeypatch, "denied_by_policy", "denied_by_policy", defeated="x").fault


def test_what_time_does_not_cure_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = proved(monkeypatch, "no_mailbox", "denied_by_policy").fault
    assert f"Time does not cure these, they could not be read at all: {ROOM} (words)" in fault
    assert "run again later" not in fault


def test_without_a_control_mailbox_nothing_is_wrong_and_nothing_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    result = proved(monkeypatch, "readable", denied=[])
    assert (result.ok, result.fault) == (False, "")
    assert [note.id for note in result.notes] == ["scope_not_proved"]


def test_a_missing_side_is_told_beside_what_is_wrong_on_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    result = proved(monkeypatch, "denied_by_policy", denied=[])
    assert "configured, but not in force: because." in result.fault
    assert [(note.id, note.subject) for note in result.notes] == [("scope_not_proved", "denied_mailboxes")]
