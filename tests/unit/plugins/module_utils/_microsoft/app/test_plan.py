# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application as it is and as it is wanted, and the steps between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.grants import Wanted, resolve, scope_of
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import (
    Current,
    Desired,
    Plan,
    plan,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.secrets import Wish
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import (
    Application,
    Credential,
    Grant,
    Principal,
    Resource,
    Role,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import GRAPH_APP_ID
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_graph import (
    CALENDARS,
    EXCHANGE,
    GRAPH,
    MANAGE_EXCHANGE,
    PLACES,
    SITES,
    USERS,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
RESOURCES: dict[str, Resource | None] = {row["appId"]: Resource.read(row) for row in (GRAPH, EXCHANGE, SITES)}
OLD, NEW = "5d5d5d5d-0000-4000-8000-00000000000a", "5d5d5d5d-0000-4000-8000-00000000000b"
PRINCIPAL = Principal("sp-1", "app-1")


def roles(*names: str) -> tuple[Role, ...]:
    return tuple(resolve([Wanted(GRAPH_APP_ID, name) for name in names], RESOURCES)[0])


def application(*requested: str, **more: Any) -> Application:
    access = [{"id": role_id, "type": "Role"} for role_id in requested]
    required = ({"resourceAppId": GRAPH_APP_ID, "resourceAccess": access},) if access else ()
    return Application("object-1", "app-1", "PlaceOS", **{"required": required, **more})


def grant(role_id: str, resource: dict[str, Any] | None = None) -> Grant:
    resource = resource or GRAPH
    return Grant(f"grant-{role_id}", role_id, resource["id"], resource["displayName"])


def current(app: Application | None = None, *grants: Grant, principal: Principal | None = PRINCIPAL) -> Current:
    return Current(app, principal if app else None, grants, RESOURCES)


def desired(*names: str, **more: Any) -> Desired:
    return Desired(name="PlaceOS", roles=roles(*names), scope=frozenset(scope_of([])), **more)


def labels(result: Plan) -> list[str]:
    return [f"{step.verb} {step.label}" for step in result.steps]


def test_from_nothing_everything_is_made_and_the_secret_last() -> None:
    wish = desired(
        "Calendars.ReadWrite", "User.Read.All", secret=Wish("PlaceOS", key_id=""), unique_name="placeos-acme"
    )
    result = plan(current(), wish, NOW)
    assert labels(result) == [
        "create application PlaceOS",
        "create service principal PlaceOS",
        "create permission Calendars.ReadWrite",
        "create permission User.Read.All",
        "create secret PlaceOS",
    ]
    first = result.steps[0]
    assert first.what["unique_name"] == "placeos-acme"
    assert first.what["body"]["signInAudience"] == "AzureADMyOrg"
    assert first.after["requested"] == ["Calendars.ReadWrite", "User.Read.All"]
    assert result.permissions.shown()["missing"] == ["Calendars.ReadWrite", "User.Read.All"]


def test_what_is_as_wanted_has_no_steps_and_is_told_as_unchanged() -> None:
    now = current(application(USERS), grant(USERS))
    result = plan(now, desired("User.Read.All"), NOW)
    assert result.steps == []
    assert result.warnings == []
    assert result.unchanged == ["application PlaceOS", "service principal PlaceOS", "permission User.Read.All"]


def test_permissions_that_are_not_named_at_all_are_left_alone() -> None:
    result = plan(current(application(USERS), grant(CALENDARS)), Desired(name="PlaceOS"), NOW)
    assert result.steps == []
    assert result.permissions.excess == ()


def test_a_requested_permission_is_not_a_granted_one() -> None:
    result = plan(current(application(USERS)), desired("User.Read.All"), NOW)
    assert labels(result) == ["create permission User.Read.All"]


def test_a_granted_permission_is_requested_too() -> None:
    result = plan(current(application(), grant(USERS)), desired("User.Read.All"), NOW)
    assert labels(result) == ["update application PlaceOS"]
    assert (result.steps[0].before, result.steps[0].after) == ({"requested": []}, {"requested": ["User.Read.All"]})


def test_without_consent_what_is_missing_is_only_told() -> None:
    result = plan(current(application(USERS)), desired("User.Read.All", consent=False), NOW)
    assert result.steps == []
    assert "not granted, and consent is false: User.Read.All" in result.warnings[0]


def test_excess_is_told_and_kept() -> None:
    now = current(application(USERS, PLACES), grant(USERS), grant(CALENDARS))
    result = plan(now, desired("User.Read.All"), NOW)
    assert result.steps == []
    (warning,) = result.warnings
    assert "granted: Calendars.ReadWrite; requested only: Place.Read.All" in warning
    assert "purge (in an inventory graph_app_purge) removes them" in warning


def test_purge_takes_excess_away_from_request_and_grant() -> None:
    now = current(application(USERS, PLACES), grant(USERS), grant(CALENDARS))
    result = plan(now, desired("User.Read.All", purge=True), NOW)
    assert labels(result) == ["update application PlaceOS", "delete permission Calendars.ReadWrite"]
    assert result.steps[0].after == {"requested": ["User.Read.All"]}
    assert result.warnings == []


def test_purge_keeps_its_hands_off_apis_that_were_not_named() -> None:
    now = current(application(USERS), grant(USERS), grant(MANAGE_EXCHANGE, EXCHANGE))
    result = plan(now, desired("User.Read.All", purge=True), NOW)
    assert result.steps == []
    assert "Exchange.ManageAsApp (Office 365 Exchange Online)" in result.warnings[0]
    assert "name the API in permissions (in an inventory graph_app_permissions)" in result.warnings[0]


def test_an_api_that_is_named_without_a_permission_is_emptied_by_a_purge() -> None:
    now = current(application(USERS), grant(USERS), grant(MANAGE_EXCHANGE, EXCHANGE))
    scope = frozenset({GRAPH_APP_ID, EXCHANGE["appId"]})
    wish = Desired(name="PlaceOS", roles=roles("User.Read.All"), scope=scope, purge=True)
    assert labels(plan(now, wish, NOW)) == ["delete permission Exchange.ManageAsApp (Office 365 Exchange Online)"]


def test_the_same_role_id_on_another_api_is_another_permission() -> None:
    now = current(application(USERS), grant(USERS, SITES))
    result = plan(now, desired("User.Read.All"), NOW)
    assert labels(result) == ["create permission User.Read.All"]
    assert result.permissions.shown()["excess"] == ["User.Read.All (Office 365 SharePoint Online)"]


def test_an_application_found_by_its_id_is_renamed_and_gets_its_unique_name() -> None:
    found = Application("object-1", "app-1", "Old name")
    result = plan(current(found), Desired(name="PlaceOS", unique_name="placeos-acme"), NOW)
    assert result.steps[0].what == {"displayName": "PlaceOS", "uniqueName": "placeos-acme"}
    assert result.steps[0].before == {"name": "Old name", "unique_name": None}


def test_a_unique_name_that_is_set_is_never_changed() -> None:
    result = plan(current(application(unique_name="other")), Desired(unique_name="placeos-acme"), NOW)
    assert "has the unique name 'other' already" in result.problems[0]
    assert result.steps == []


def test_a_disabled_service_principal_is_told() -> None:
    result = plan(current(application(), principal=Principal("sp-1", "app-1", enabled=False)), Desired(), NOW)
    assert "accountEnabled is false" in result.obstacles[0]


def test_old_secrets_go_before_the_new_one_is_made() -> None:
    secrets = (Credential(OLD, "PlaceOS", ends=NOW + timedelta(days=3)), Credential(NEW, "PlaceOS"))
    wish = Desired(secret=Wish("PlaceOS", key_id=NEW, renew="always"), remove=(OLD,))
    result = plan(current(application(secrets=secrets)), wish, NOW)
    assert labels(result) == [f"delete secret PlaceOS {OLD}", "create secret PlaceOS"]
    assert result.steps[1].before["key_id"] == NEW
    assert result.steps[1].after["reason"] == "renewal was asked for"


def test_the_key_in_use_is_refused_even_if_only_the_file_knows_it() -> None:
    secrets = (Credential(OLD, "PlaceOS"), Credential(NEW, "PlaceOS"))
    result = plan(current(application(secrets=secrets)), Desired(remove=(NEW,), key_in_use=NEW), NOW)
    assert "the secret in use" in result.problems[0]


def test_undoing_removes_the_new_secret_though_it_is_the_only_one_and_touches_nothing_else() -> None:
    now = Current(application(secrets=(Credential(NEW, "PlaceOS"),)), None)
    result = plan(now, Desired(remove=(NEW,), undo=True), NOW)
    assert labels(result) == [f"delete secret PlaceOS {NEW}"]
    assert result.problems == []


def test_an_orphan_is_told_with_what_to_do_unless_it_is_being_removed() -> None:
    secrets = (Credential(OLD, "PlaceOS"), Credential(NEW, "PlaceOS"))
    wish = Wish("PlaceOS", key_id=NEW)
    told = plan(current(application(secrets=secrets)), Desired(secret=wish), NOW)
    assert OLD in told.warnings[0]
    assert "remove_secrets" in told.warnings[0]
    assert plan(current(application(secrets=secrets)), Desired(secret=wish, remove=(OLD,)), NOW).warnings == []


def test_no_step_shows_the_value_of_a_secret() -> None:
    result = plan(current(), desired(secret=Wish("PlaceOS", key_id="")), NOW)
    assert result.steps[-1].after.keys() == {"name", "key_id", "ends", "reason"}
