# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use which mailbox: evaluation without look-ups, then with the tenant's groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab.microsoft.exchange.evaluation import DENY, RESTRICT, Grant, Rule, Verdict, decide, policies_allow
from lab.microsoft.seed_apps import PLACEOS_ID
from lab.microsoft.testing import Client

APP, OTHER = "app-1", "app-2"
INSIDE = frozenset(("rooms",))
READ: list[str] = ["Calendars.ReadBasic.All", "Calendars.Read", "Calendars.ReadWrite"]
Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ([], True),
        ([Rule(APP, RESTRICT, "rooms")], True),
        ([Rule(APP, RESTRICT, "staff")], False),
        ([Rule(APP, RESTRICT, "staff"), Rule(APP, RESTRICT, "rooms")], True),
        ([Rule(APP, DENY, "rooms")], False),
        ([Rule(APP, RESTRICT, "rooms"), Rule(APP, DENY, "rooms")], False),
        ([Rule(APP, DENY, "staff")], True),
        ([Rule(OTHER, RESTRICT, "staff")], True),
        ([Rule("*", RESTRICT, "staff")], False),
        ([Rule("*", DENY, "rooms"), Rule(APP, RESTRICT, "rooms")], False),
        ([Rule(APP.upper(), RESTRICT, "staff")], False),
    ],
)
def test_denying_wins_and_several_restrictions_are_a_union(rules: list[Rule], allowed: bool) -> None:
    assert policies_allow(rules, APP, INSIDE) is allowed


@pytest.mark.parametrize(
    ("roles", "policies", "grants", "verdict"),
    [
        ({"Calendars.Read"}, True, [], Verdict.GRANTED),
        ({"Calendars.Read"}, False, [], Verdict.DENIED),
        ({"Mail.Read"}, True, [], Verdict.NO_ROLE),
        (set(), True, [], Verdict.NO_ROLE),
        (set(), True, [Grant("Calendars.Read", True)], Verdict.GRANTED),
        (set(), True, [Grant("Calendars.Read", False)], Verdict.DENIED),
        ({"Calendars.Read"}, True, [Grant("Calendars.Read", False)], Verdict.GRANTED),
        ({"Calendars.Read"}, False, [Grant("Calendars.Read", True)], Verdict.GRANTED),
        (set(), True, [Grant("Calendars.Read", False), Grant("Calendars.Read", True)], Verdict.GRANTED),
        ({"Calendars.ReadBasic.All"}, False, [], Verdict.GRANTED),
    ],
)
def test_what_entra_and_what_exchange_granted_add_up(
    roles: set[str], policies: bool, grants: list[Grant], verdict: Verdict
) -> None:
    assert decide(READ, roles, policies, grants) is verdict


def test_an_alternative_that_is_a_list_must_be_held_together() -> None:
    both = [["Mail.Send", "Mail.Read"]]
    assert decide(both, {"Mail.Send"}, True, []) is Verdict.NO_ROLE
    assert decide(both, {"Mail.Send", "Mail.Read"}, True, []) is Verdict.GRANTED
    assert decide(both, {"Mail.Send"}, True, [Grant("Mail.Read", True)]) is Verdict.GRANTED


def calendar(ms: Client, mailbox: str, role: str = "placeos") -> int:
    path = f"/v1.0/users/{mailbox}/calendarView?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z"
    return ms.get(path, role=role).status


def test_the_seeded_application_reaches_rooms_and_staff_and_no_director(ms: Client) -> None:
    assert calendar(ms, "syd-24.01@acme.example") == 200
    assert calendar(ms, "ada.byrne@acme.example") == 200
    assert calendar(ms, "dana.marsh@acme.example") == 403


def test_the_refusal_names_the_policy(ms: Client) -> None:
    answer = ms.get("/v1.0/users/dana.marsh@acme.example/calendar", role="placeos")
    assert answer.json["error"]["code"] == "ErrorAccessDenied"
    assert answer.json["error"]["message"] == (
        "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."
    )


def test_people_groups_and_rooms_are_not_limited_by_policies(ms: Client) -> None:
    for path in ("/v1.0/users/dana.marsh@acme.example", "/v1.0/groups", "/v1.0/places/microsoft.graph.room"):
        assert ms.get(path, role="placeos").status == 200


def test_members_of_nested_groups_count_for_policies(ms: Client, run: Run) -> None:
    for row in run("Get-ApplicationAccessPolicy").json["value"]:
        run("Remove-ApplicationAccessPolicy", Identity=row["Identity"])
    order = {"PolicyScopeGroupId": "rooms-nested@acme.example", "AccessRight": "RestrictAccess"}
    run("New-ApplicationAccessPolicy", AppId=PLACEOS_ID, **order)
    assert calendar(ms, "syd-24.01@acme.example") == 200
    assert calendar(ms, "ada.byrne@acme.example") == 403


def test_without_any_policy_the_application_reaches_everybody(ms: Client, run: Run) -> None:
    for row in run("Get-ApplicationAccessPolicy").json["value"]:
        run("Remove-ApplicationAccessPolicy", Identity=row["Identity"])
    assert calendar(ms, "dana.marsh@acme.example") == 200


def test_reading_basics_of_all_calendars_is_not_limited_by_policies(ms: Client, run: Run) -> None:
    made = ms.app_with("Calendars.ReadBasic.All")
    order = {"PolicyScopeGroupId": "placeos-rooms@acme.example", "AccessRight": "RestrictAccess"}
    run("New-ApplicationAccessPolicy", AppId=made["client_id"], **order)
    token = ms.token_of(made["client_id"], made["client_secret"])
    assert calendar(ms, "dana.marsh@acme.example", token) == 200


def test_calls_through_graph_follow_a_change_only_after_the_delay(ms: Client, run: Run) -> None:
    ms.switch("policy-delay", seconds=3600)
    order = {"PolicyScopeGroupId": "placeos-rooms@acme.example", "AccessRight": "DenyAccess"}
    run("New-ApplicationAccessPolicy", AppId=PLACEOS_ID, **order)
    test = run("Test-ApplicationAccessPolicy", Identity="syd-24.01@acme.example", AppId=PLACEOS_ID)
    assert test.json["value"][0]["AccessCheckResult"] == "Denied"
    assert calendar(ms, "syd-24.01@acme.example") == 200
    ms.advance(3000)
    assert calendar(ms, "syd-24.01@acme.example") == 200
    ms.advance(700)
    ms.forget_tokens()
    assert calendar(ms, "syd-24.01@acme.example") == 403
