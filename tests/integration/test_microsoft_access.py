# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to mailboxes against the lab's tenant, by the endpoint that needs no PowerShell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from integration.support.microsoft_jobs import CONTROL, ROOM, ROOMS, SERVICE, STAFF, scoped_app

if TYPE_CHECKING:
    from integration.support.microsoft import Microsoft

MODULE = "graph_access_policy"
BOTH = [{"group": ROOMS}, {"group": STAFF}]
POLICY: dict[str, Any] = {"kind": "access_policy"}
INVOKE = "InvokeCommand"


def options(microsoft: Microsoft, **more: Any) -> dict[str, Any]:
    """PlaceOS's application of the seed, with a room, the service account and a control mailbox."""
    return {
        "transport": "admin_api",
        "app_id": microsoft.info["client_id"],
        "app": {"client_secret": microsoft.info["client_secret"]},
        "allowed_mailboxes": [ROOM, SERVICE],
        "denied_mailboxes": [CONTROL],
        "replication_deadline": 0,
        "access": BOTH,
        **more,
    }


def run(microsoft: Microsoft, check: bool = False, /, **more: Any) -> dict[str, Any]:
    return microsoft.run(MODULE, check, **options(microsoft, **more))


def good(microsoft: Microsoft, check: bool = False, /, **more: Any) -> dict[str, Any]:
    return microsoft.good(MODULE, check, **options(microsoft, **more))


def changes(result: dict[str, Any]) -> dict[str, list[str]]:
    return {verb: labels for verb, labels in result["changes"].items() if labels}


def ids(result: dict[str, Any]) -> set[str]:
    return {finding["id"] for finding in result["findings"]}


def commands(microsoft: Microsoft, mark: int) -> int:
    return sum(INVOKE in line for line in microsoft.since(mark))


# -- access policies -------------------------------------------------------------------------------------------------


def test_policies_as_wished_are_left_alone_at_the_price_of_a_few_reads(microsoft: Microsoft) -> None:
    mark = microsoft.mark()
    result = good(microsoft, **POLICY, members=[ROOM, SERVICE])
    assert changes(result) == {"unchanged": [f"RestrictAccess {ROOMS}", f"RestrictAccess {STAFF}"]}
    assert (result["changed"], result["proof"]["done"], result["proof"]["ok"]) == (False, True, True)
    assert [test["ok"] for test in result["tests"]] == [True] * 3
    assert ids(result) == {"admin_api_undocumented"}
    # 3 lists, 2 groups, their members, 3 tests.
    assert commands(microsoft, mark) == 10


def test_a_new_application_gets_its_policies_and_the_second_run_changes_nothing(microsoft: Microsoft) -> None:
    app = scoped_app(microsoft, "Calendars.ReadWrite")
    result = good(microsoft, **POLICY, **app)
    assert changes(result) == {"created": [f"RestrictAccess {ROOMS}", f"RestrictAccess {STAFF}"]}
    assert all(entry["identity"] for entry in result["access"])
    assert result["proof"]["ok"]
    assert "access_policies_deprecated" in ids(result)
    again = good(microsoft, **POLICY, **app)
    assert (again["changed"], again["access"]) == (False, result["access"])


def test_check_mode_shows_what_would_be_done_and_touches_nothing(microsoft: Microsoft) -> None:
    app = scoped_app(microsoft, "Calendars.ReadWrite")
    result = microsoft.check(MODULE, **options(microsoft, **POLICY, **app))
    assert changes(result) == {"created": [f"RestrictAccess {ROOMS}", f"RestrictAccess {STAFF}"]}
    assert result["diff"]["before"] == {}
    assert sorted(result["diff"]["after"]) == [f"RestrictAccess {ROOMS}", f"RestrictAccess {STAFF}"]
    assert (result["proof"]["done"], result["tests"]) == (False, [])
    assert good(microsoft, **POLICY, **app)["changed"]


def test_a_purge_names_the_others_in_check_mode_and_spares_other_applications(microsoft: Microsoft) -> None:
    other = scoped_app(microsoft, "Calendars.ReadWrite")
    good(microsoft, **POLICY, **other)
    wish = {**POLICY, "access": BOTH[:1], "purge": True, "allowed_mailboxes": [ROOM]}
    planned = microsoft.check(MODULE, **options(microsoft, **wish))
    done = good(microsoft, **wish)
    assert len(done["changes"]["deleted"]) == 1
    assert changes(planned) == changes(done)
    assert not good(microsoft, **POLICY, **other)["changed"]


def test_a_description_is_changed_in_place_and_a_right_by_replacing(microsoft: Microsoft) -> None:
    described = good(microsoft, **POLICY, access=[{"group": ROOMS, "description": "new"}, BOTH[1]])
    assert changes(described)["updated"] == [f"RestrictAccess {ROOMS}"]
    assert described["access"][0]["description"] == "new"
    denied = {**POLICY, "access": [BOTH[0], {"group": STAFF, "right": "DenyAccess"}], "allowed_mailboxes": [ROOM]}
    result = good(microsoft, **denied, members=[SERVICE])
    assert changes(result)["created"] == [f"DenyAccess {STAFF}"]
    assert changes(result)["deleted"] == [f"RestrictAccess {STAFF}"]
    assert {"member_denied", "member_outside"} <= ids(result)
    assert not good(microsoft, **denied)["changed"]


def test_without_any_policy_the_application_reaches_everything_which_is_said(microsoft: Microsoft) -> None:
    gone = [{**entry, "state": "absent"} for entry in BOTH]
    planned = microsoft.check(MODULE, **options(microsoft, **POLICY, access=gone))
    assert "access_not_restricted" in ids(planned)
    result = run(microsoft, **POLICY, access=gone)
    assert result["failed"]
    assert f"{CONTROL}: must be denied, is granted" in result["msg"]
    assert any("reach every mailbox of the tenant" in warning for warning in result["warnings"])


@pytest.mark.parametrize("kind", ["distribution", "microsoft365"])
def test_groups_of_other_types_and_rooms_are_refused_together_before_any_write(microsoft: Microsoft, kind: str) -> None:
    microsoft.control("groups", {"mail": "other@acme.example", "kind": kind, "members": [ROOM]})
    app = scoped_app(microsoft, "Calendars.ReadWrite")
    wished = [{"group": name} for name in (ROOMS, "other@acme.example", ROOM, "nobody@acme.example")]
    result = run(microsoft, **POLICY, **app, access=wished)
    assert result["msg"].startswith("3 faults in the options; nothing was written")
    assert "other@acme.example is a " in result["msg"]
    assert f"{ROOM} is a RoomMailbox" in result["msg"]
    assert "no recipient nobody@acme.example" in result["msg"]
    assert not changes(result)


def test_a_plain_security_group_is_told_to_have_no_address(microsoft: Microsoft) -> None:
    microsoft.control("groups", {"mail": "plain@acme.example", "kind": "security", "members": [ROOM]})
    result = run(microsoft, **POLICY, access=[{"group": "plain@acme.example"}])
    assert "a plain security group of Entra has none" in result["msg"]


# -- RBAC ------------------------------------------------------------------------------------------------------------


def test_roles_for_groups_from_nothing_to_a_proof_and_unchanged_after_that(microsoft: Microsoft) -> None:
    app = scoped_app(microsoft)
    assert len(microsoft.check(MODULE, **options(microsoft, **app))["changes"]["created"]) == 3
    result = good(microsoft, **app, members=[ROOM, SERVICE])
    assert len(result["changes"]["created"]) == 3
    assert result["proof"]["ok"]
    assert ids(result) == {"admin_api_undocumented"}
    mark = microsoft.mark()
    again = good(microsoft, **app)
    assert (again["changed"], len(again["changes"]["unchanged"])) == (False, 3)
    assert commands(microsoft, mark) == 10


def test_a_room_that_is_named_by_a_second_address_is_found_inside(microsoft: Microsoft) -> None:
    first, second = "hall@acme.example", "townhall@acme.example"
    microsoft.control("users", {"mail": first, "kind": "RoomMailbox", "aliases": [second]})
    microsoft.control("groups", {"mail": ROOMS, "members": [first]})
    app = scoped_app(microsoft)
    planned = microsoft.check(MODULE, **options(microsoft, **app, members=[second]))
    assert "member_outside" not in ids(planned)
    result = good(microsoft, **app, members=[second], allowed_mailboxes=[second])
    assert result["proof"]["ok"]
    assert "member_outside" not in ids(result)


def test_roles_for_a_filter_a_unit_and_other_permissions(microsoft: Microsoft) -> None:
    app = scoped_app(microsoft)
    scope = {"scope": "PlaceOS rooms", "scope_filter": "RecipientTypeDetails -eq 'RoomMailbox'"}
    wish = {**app, "access": [scope, {"group": STAFF, "permissions": ["Calendars.ReadWrite", "Mail.Send"]}]}
    result = run(microsoft, **wish, max_tests=0, members=[ROOM, SERVICE])
    assert not result["failed"], result["msg"]
    assert len(result["changes"]["created"]) == 5
    assert "member_outside" not in ids(result)
    assert not good(microsoft, **wish, max_tests=0)["changed"]
    wider = {**scope, "scope_filter": "RecipientTypeDetails -eq 'UserMailbox'"}
    changed = run(microsoft, **{**wish, "access": [wider]})
    assert changes(changed)["updated"] == ["scope PlaceOS rooms"]
    assert f"{CONTROL}: must be denied, is granted" in changed["msg"]


def test_what_is_not_wished_any_more_goes_with_a_purge(microsoft: Microsoft) -> None:
    app = scoped_app(microsoft)
    good(microsoft, **app)
    fewer = {**app, "access": BOTH[:1], "allowed_mailboxes": [ROOM]}
    assert "rbac_other_assignments" in ids(good(microsoft, **fewer))
    result = good(microsoft, **fewer, purge=True)
    assert len(result["changes"]["deleted"]) == 1
    assert not good(microsoft, **fewer, purge=True)["changed"]


def test_a_grant_that_no_policy_limits_is_found_to_defeat_the_policies(microsoft: Microsoft) -> None:
    app = scoped_app(microsoft, "Calendars.ReadWrite", "Calendars.ReadBasic.All")
    result = run(microsoft, **POLICY, **app)
    assert "policies_escaped" in ids(result)
    assert CONTROL in result["msg"]
    assert "Time does not cure that: " in result["msg"]
    assert "run again later" not in result["msg"]


def test_an_unscoped_grant_in_entra_is_found_to_defeat_the_roles(microsoft: Microsoft) -> None:
    app = scoped_app(microsoft, "Calendars.ReadWrite")
    result = run(microsoft, **app)
    assert result["failed"]
    assert [test["ok"] for test in result["tests"]] == [True] * 3, "Exchange's own test sees nothing wrong"
    assert f"{CONTROL} can be read, but must not" in result["msg"]
    assert "Time does not cure that: " in result["msg"]
    assert "Entra grants it Calendars.ReadWrite for every mailbox" in result["msg"]
    assert any("Calendars.ReadWrite for every mailbox" in warning for warning in result["warnings"])


def test_a_nested_group_does_not_count_with_roles_which_is_said(microsoft: Microsoft) -> None:
    microsoft.control("groups", {"mail": "all@acme.example", "kind": "mail-enabled-security", "members": [ROOMS]})
    app = scoped_app(microsoft)
    result = run(microsoft, **app, access=[{"group": "all@acme.example"}], allowed_mailboxes=[ROOM])
    assert {"rbac_nested_group"} <= ids(result)
    assert f"{ROOM}: must be allowed, is denied" in result["msg"]
    policies = scoped_app(microsoft, "Calendars.ReadWrite")
    nested = {**POLICY, **policies, "access": [{"group": "all@acme.example"}], "allowed_mailboxes": [ROOM]}
    assert good(microsoft, **nested, members=[ROOM])["proof"]["ok"]


def test_the_object_id_of_the_registration_is_refused_with_a_hint(microsoft: Microsoft) -> None:
    app = scoped_app(microsoft)
    registration = microsoft.application(app["app_id"])["id"]
    result = run(microsoft, **app, service_principal_id=registration)
    assert "AADServicePrincipalNotFound" in result["msg"]
    assert "not that of the app registration" in result["msg"]


def test_an_application_that_is_not_made_yet_is_fine_in_check_mode_only(microsoft: Microsoft) -> None:
    result = microsoft.check(MODULE, **options(microsoft, app_id="", app=None))
    assert len(result["changes"]["created"]) == 3
    assert "app_id (in an inventory microsoft_client_id) is empty" in run(microsoft, app_id="", app=None)["msg"]


def test_both_regimes_at_once_come_with_the_order_of_removal(microsoft: Microsoft) -> None:
    result = good(microsoft)
    assert {"both_regimes", "rbac_unscoped_grant"} <= ids(result)
    assert any("The other way round opens every mailbox" in warning for warning in result["warnings"])


# -- in force or not -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "permissions"), [("access_policy", ["Calendars.ReadWrite"]), ("rbac", [])])
def test_a_scope_that_is_configured_but_not_in_force_fails_and_passes_in_a_later_run(
    microsoft: Microsoft, kind: str, permissions: list[str]
) -> None:
    app = scoped_app(microsoft, *permissions)
    microsoft.switch("policy-delay", seconds=3600)
    result = run(microsoft, kind=kind, **app)
    assert result["failed"]
    assert result["changed"], "what was written stays written"
    assert [test["ok"] for test in result["tests"]] == [True] * 3
    assert "configured, but not in force" in result["msg"]
    assert "run again later" in result["msg"]
    microsoft.advance(3601)
    later = good(microsoft, kind=kind, **app)
    assert (later["changed"], later["proof"]["ok"]) == (False, True)


def test_a_run_waits_for_the_scope_until_the_deadline(microsoft: Microsoft) -> None:
    app = scoped_app(microsoft)
    microsoft.switch("policy-delay", seconds=2)
    result = good(microsoft, **app, wait=30)
    assert result["proof"]["ok"]
    assert result["proof"]["waited"] > 0


def test_without_credentials_of_the_application_nothing_is_proved_and_nothing_fails(microsoft: Microsoft) -> None:
    result = good(microsoft, **POLICY, app=None)
    assert (result["proof"]["done"], result["proof"]["ok"]) == (False, False)
    assert "app is not given" in result["proof"]["reason"]


def test_without_a_control_mailbox_it_is_said_that_nothing_is_proved(microsoft: Microsoft) -> None:
    result = good(microsoft, **POLICY, denied_mailboxes=[])
    assert "scope_not_proved" in ids(result)
    assert not result["proof"]["ok"]


def test_the_proof_is_made_with_the_application_that_is_limited(microsoft: Microsoft) -> None:
    result = run(microsoft, app=microsoft.identity("automation"))
    assert "the proof must be made with the application whose access is managed" in result["msg"]


# -- faults ----------------------------------------------------------------------------------------------------------


def test_an_identity_without_the_right_to_exchange_is_told_what_it_needs(microsoft: Microsoft) -> None:
    result = run(microsoft, **microsoft.identity("placeos"))
    assert result["failed"]
    assert "Exchange.ManageAsApp" in result["msg"]


def test_exchange_that_limits_requests_is_waited_for(microsoft: Microsoft) -> None:
    microsoft.fault(f"/adminapi/beta/{microsoft.tenant}/InvokeCommand", times=2, status=429, retry_after=1)
    assert not good(microsoft, **POLICY)["changed"]


@pytest.mark.parametrize("rule", [{"fault": "html"}, {"status": 500}, {"fault": "redirect"}], ids=str)
def test_an_exchange_that_answers_something_else_is_a_clear_fault(microsoft: Microsoft, rule: dict[str, Any]) -> None:
    microsoft.fault(f"/adminapi/beta/{microsoft.tenant}/InvokeCommand", times=50, **rule)
    result = run(microsoft, **POLICY, retry_deadline=1)
    assert result["failed"]
    assert "Traceback" not in json.dumps(result)
    assert "Get-ApplicationAccessPolicy" in result["msg"]


def test_a_directory_that_may_not_be_read_leaves_the_token_to_tell_the_grants(microsoft: Microsoft) -> None:
    made = microsoft.made_app(name="Exchange only", permissions=[], exchange_administrator=True)
    who = {name: made[name] for name in ("client_id", "client_secret")}
    app = scoped_app(microsoft, "Calendars.ReadWrite")
    result = run(microsoft, **who, **app)
    assert "service_principal_id" in result["msg"]
    principal = microsoft.principal(app["app_id"])["id"]
    result = run(microsoft, **who, **app, service_principal_id=principal)
    assert "rbac_unscoped_grant" in ids(result)
    assert "the roles in its token" in json.dumps(result["findings"])
    assert "entra_grants_unknown" in ids(good(microsoft, **who, **POLICY, app=None))


def test_no_secret_is_in_any_result(microsoft: Microsoft) -> None:
    results = [good(microsoft, **POLICY), run(microsoft, app_id="nonsense"), run(microsoft, **scoped_app(microsoft))]
    text = json.dumps(results)
    for secret in (microsoft.info["client_secret"], microsoft.automation["client_secret"], "eyJ"):
        assert secret not in text
