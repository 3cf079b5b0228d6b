# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of an application in Entra: made, kept, changed, purged, deleted; check mode and diff tell the truth."""

from __future__ import annotations

from typing import Any

import pytest
from integration.support.app import PERMISSIONS, WANTED, app_id, headers, made, short_pauses, signed_in
from integration.support.microsoft import GRAPH_ID, Microsoft

EXCHANGE_ID = "00000002-0000-0ff1-ce00-000000000000"
DELEGATED = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
CONSENTING = ["Application.ReadWrite.OwnedBy", "Application.Read.All", "AppRoleAssignment.ReadWrite.All"]


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    short_pauses(monkeypatch)


# -- made and kept -----------------------------------------------------------------------------------------------------


def test_from_nothing_it_is_made_with_consent_and_a_secret_that_works(microsoft: Microsoft) -> None:
    result = made(microsoft, secret={"days": 90})
    assert result["changes"]["created"] == [
        "application PlaceOS Acme",
        "service principal PlaceOS Acme",
        *(f"permission {name}" for name in PERMISSIONS),
        "secret PlaceOS (Ansible)",
    ]
    application = microsoft.application(app_id(result))
    assert application["uniqueName"] == "placeos-acme"
    assert application["signInAudience"] == "AzureADMyOrg"
    assert microsoft.granted(app_id(result)) == sorted(PERMISSIONS)
    assert microsoft.principal(app_id(result))["tags"] == ["WindowsAzureActiveDirectoryIntegratedApp"]
    everything = sorted(PERMISSIONS)
    assert result["permissions"] == {"requested": everything, "granted": everything, "missing": [], "excess": []}
    (secret,) = result["secrets"]
    assert secret["in_use"] is True
    assert secret["days_left"] in (89, 90)
    assert secret["ends"] == application["passwordCredentials"][0]["endDateTime"]
    assert microsoft.token(client_id=app_id(result), client_secret=result["secret"]["value"])


def test_a_second_run_changes_nothing_in_four_reads(microsoft: Microsoft) -> None:
    key_id = made(microsoft, secret={})["secret"]["key_id"]
    mark = microsoft.mark()
    again = made(microsoft, secret={"key_id": key_id})
    assert again["changed"] is False
    assert not any(again["changes"][verb] for verb in ("created", "updated", "deleted"))
    assert again["diff"] == []
    assert "secret" not in again
    assert microsoft.requests(mark) == {"token": 2, "GET": 4}


def test_making_it_takes_few_requests(microsoft: Microsoft) -> None:
    mark = microsoft.mark()
    made(microsoft, secret={})
    counts = microsoft.requests(mark)
    assert (counts["PATCH"], counts["POST"]) == (1, 1 + len(PERMISSIONS) + 1)
    assert counts["GET"] <= 12


def test_check_mode_says_what_a_run_will_do_and_writes_nothing(microsoft: Microsoft) -> None:
    foreseen = microsoft.check("graph_app", **WANTED, secret={})
    assert foreseen["changed"] is True
    assert foreseen["application"]["app_id"] is None
    assert foreseen["permissions"]["missing"] == sorted(PERMISSIONS)
    assert "secret" not in foreseen
    done = made(microsoft, secret={})
    assert foreseen["changes"] == done["changes"]
    assert headers(foreseen) == headers(done)


def test_the_diff_reads_like_what_changes(microsoft: Microsoft) -> None:
    identifier = app_id(made(microsoft, permissions=["User.Read.All"]))
    wanted = ["User.Read.All", "Place.Read.All"]
    result = made(microsoft, permissions=wanted, name="PlaceOS of Acme", app_id=identifier)
    application, permission = result["diff"]
    assert application["before"] == {"name": "PlaceOS Acme", "requested": ["User.Read.All"]}
    assert application["after"] == {"name": "PlaceOS of Acme", "requested": ["Place.Read.All", "User.Read.All"]}
    assert (permission["before"], permission["after"]) == ({"granted": False}, {"granted": True})


def test_a_certificate_signs_in_as_well(microsoft: Microsoft) -> None:
    assert made(microsoft, **microsoft.certificate_identity())["changed"] is True


# -- found -------------------------------------------------------------------------------------------------------------


def test_one_of_that_name_is_adopted_and_gets_the_unique_name(microsoft: Microsoft) -> None:
    first = made(microsoft, unique_name=None)
    second = made(microsoft)
    assert app_id(second) == app_id(first)
    assert second["changes"]["updated"] == ["application PlaceOS Acme"]
    assert microsoft.application(app_id(first))["uniqueName"] == "placeos-acme"
    assert made(microsoft)["changed"] is False


def test_several_of_one_name_are_named_and_nothing_is_written(microsoft: Microsoft) -> None:
    ids = [microsoft.made_app(name="PlaceOS Acme")["client_id"] for _number in range(2)]
    result = microsoft.run("graph_app", **WANTED)
    assert result["failed"] is True
    assert all(identifier in result["msg"] for identifier in ids)
    assert "created 20" in result["msg"]
    assert app_id(made(microsoft, app_id=ids[0])) == ids[0]
    assert app_id(made(microsoft)) == ids[0]


def test_an_application_is_renamed_not_made_twice(microsoft: Microsoft) -> None:
    first = made(microsoft)
    assert app_id(made(microsoft, name="PlaceOS of Acme")) == app_id(first)
    assert microsoft.principal(app_id(first))["displayName"] == "PlaceOS of Acme"


def test_a_name_with_quotes_and_letters_of_all_kinds_is_found_again(microsoft: Microsoft) -> None:
    wanted: dict[str, Any] = {**WANTED, "name": "O'Brien & Söhne #1 (100 %)", "unique_name": "it's/placeos #1"}
    microsoft.good("graph_app", **wanted)
    assert microsoft.good("graph_app", **wanted)["changed"] is False
    assert microsoft.good("graph_app", **{**wanted, "unique_name": None})["changed"] is False


# -- permissions -------------------------------------------------------------------------------------------------------


def test_names_that_do_not_exist_are_all_told_before_anything_is_written(microsoft: Microsoft) -> None:
    mark = microsoft.mark()
    wanted = {**WANTED, "permissions": ["Contacts.Read.All", "Calender.Read", *PERMISSIONS]}
    result = microsoft.run("graph_app", **wanted)
    assert result["failed"] is True
    assert "Contacts.Read.All does not exist" in result["msg"]
    assert "Calender.Read" in result["msg"]
    assert len(result["errors"]) == 2
    assert microsoft.requests(mark).keys() == {"token", "GET"}


def test_what_others_requested_stays(microsoft: Microsoft) -> None:
    first = made(microsoft, permissions=["User.Read.All"])
    row = microsoft.application(app_id(first))
    access = [{"id": "dc50a0fb-09a3-484d-be87-e023b12c6440", "type": "Role"}]
    exchange = {"resourceAppId": EXCHANGE_ID, "resourceAccess": access}
    (graph,) = row["requiredResourceAccess"]
    graph["resourceAccess"].append({"id": DELEGATED, "type": "Scope"})
    body = {"requiredResourceAccess": [exchange, graph]}
    assert microsoft.api("PATCH", f"/v1.0/applications/{row['id']}", body).status_code == 204

    result = made(microsoft, permissions=["Place.Read.All"], purge=True)
    assert result["permissions"]["excess"] == ["Exchange.ManageAsApp (Office 365 Exchange Online)"]
    after = {entry["resourceAppId"]: entry for entry in microsoft.application(app_id(first))["requiredResourceAccess"]}
    assert after[EXCHANGE_ID] == exchange
    assert {"id": DELEGATED, "type": "Scope"} in after[GRAPH_ID]["resourceAccess"]
    assert microsoft.granted(app_id(first)) == ["Place.Read.All"]


def test_excess_is_reported_and_only_purge_takes_it_away(microsoft: Microsoft) -> None:
    first = made(microsoft)
    wanted = ["User.Read.All"]
    others = sorted(set(PERMISSIONS) - set(wanted))
    kept = made(microsoft, permissions=wanted)
    assert kept["changed"] is False
    assert kept["permissions"]["excess"] == others
    assert any("Calendars.ReadWrite" in warning for warning in kept["warnings"])

    foreseen = microsoft.check("graph_app", **{**WANTED, "permissions": wanted, "purge": True})
    purged = made(microsoft, permissions=wanted, purge=True)
    assert foreseen["changes"] == purged["changes"]
    assert sorted(purged["changes"]["deleted"]) == [f"permission {name}" for name in others]
    assert microsoft.granted(app_id(first)) == wanted
    assert purged["permissions"] == {"requested": wanted, "granted": wanted, "missing": [], "excess": []}
    assert made(microsoft, permissions=wanted, purge=True)["changed"] is False


def test_a_permission_of_another_api_is_granted_there(microsoft: Microsoft) -> None:
    wanted = [{"resource": "Office 365 Exchange Online", "value": "Exchange.ManageAsApp"}]
    result = made(microsoft, permissions=wanted)
    assert result["permissions"]["granted"] == ["Exchange.ManageAsApp (Office 365 Exchange Online)"]
    assert made(microsoft, permissions=wanted)["changed"] is False


def test_without_consent_it_is_only_requested(microsoft: Microsoft) -> None:
    result = made(microsoft, consent=False)
    assert result["permissions"]["requested"] == sorted(PERMISSIONS)
    assert result["permissions"]["missing"] == sorted(PERMISSIONS)
    assert microsoft.granted(app_id(result)) == []
    assert made(microsoft, consent=False)["changed"] is False
    assert made(microsoft)["changes"]["created"] == [f"permission {name}" for name in PERMISSIONS]


def test_a_disabled_service_principal_is_told(microsoft: Microsoft) -> None:
    result = made(microsoft)
    path = f"/v1.0/servicePrincipals/{result['application']['service_principal_id']}"
    assert microsoft.api("PATCH", path, {"accountEnabled": False}).status_code == 204
    again = made(microsoft)
    assert again["application"]["enabled"] is False
    assert any("accountEnabled is false" in warning for warning in again["warnings"])


# -- rights ------------------------------------------------------------------------------------------------------------


def test_the_least_rights_suffice_for_an_application_of_ones_own(microsoft: Microsoft) -> None:
    who = signed_in(microsoft, *CONSENTING)
    first = made(microsoft, **who, secret={})
    second = made(microsoft, **who, secret={"key_id": first["secret"]["key_id"], "renew": "always"})
    old = [first["secret"]["key_id"]]
    third = made(microsoft, **who, secret={"key_id": second["secret"]["key_id"]}, remove_secrets=old)
    assert third["changes"]["deleted"] == [f"secret PlaceOS (Ansible) {old[0]}"]
    assert microsoft.good("graph_app", **who, unique_name="placeos-acme", state="absent")["changed"] is True


def test_an_application_of_others_is_refused_with_the_right_that_lacks(microsoft: Microsoft) -> None:
    made(microsoft)
    who = signed_in(microsoft, *CONSENTING)
    (foreseen,) = microsoft.check("graph_app", **{**WANTED, "name": "Renamed"}, **who)["obstacles"]
    assert "does not own it" in foreseen
    result = microsoft.run("graph_app", **{**WANTED, "name": "Renamed"}, **who)
    assert result["failed"] is True
    assert "add it as an owner" in result["msg"]


@pytest.mark.parametrize("missing", ["AppRoleAssignment.ReadWrite.All", "Application.Read.All"])
def test_without_the_right_to_consent_an_administrator_is_told_what_to_do(microsoft: Microsoft, missing: str) -> None:
    who = signed_in(microsoft, *(name for name in CONSENTING if name != missing))
    result = microsoft.run("graph_app", **WANTED, **who, secret={})
    assert result["failed"] is True
    identifier = app_id(result)
    assert f"/{microsoft.tenant}/adminconsent?client_id={identifier}" in result["msg"]
    assert all(name in result["msg"] for name in PERMISSIONS)
    assert "AppRoleAssignment.ReadWrite.All" in result["msg"]
    assert result["changes"]["created"] == ["application PlaceOS Acme", "service principal PlaceOS Acme"]
    assert microsoft.application(identifier)["passwordCredentials"] == []

    # What the administrator does then; after that the rights of before suffice.
    made(microsoft)
    after = made(microsoft, **who, secret={})
    assert after["changes"]["created"] == ["secret PlaceOS (Ansible)"]


def test_check_mode_foresees_that_consent_will_be_refused(microsoft: Microsoft) -> None:
    who = signed_in(microsoft, "Application.ReadWrite.OwnedBy")
    result = microsoft.check("graph_app", **WANTED, **who)
    assert any("no AppRoleAssignment.ReadWrite.All" in warning for warning in result["warnings"])
    assert all(name in result["obstacles"][0] for name in PERMISSIONS)
    assert not any("AppRole" in warning for warning in microsoft.check("graph_app", **WANTED)["warnings"])


def test_without_any_right_it_says_which_is_needed_to_read(microsoft: Microsoft) -> None:
    result = microsoft.run("graph_app", **WANTED, **signed_in(microsoft, "User.Read.All"))
    assert result["failed"] is True
    assert "Application.ReadWrite.OwnedBy or Application.Read.All" in result["msg"]


# -- absent ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["app_id", "unique_name"])
def test_it_is_deleted_by_what_is_unique_and_can_be_restored(microsoft: Microsoft, by: str) -> None:
    identifier = app_id(made(microsoft))
    key = {"app_id": identifier} if by == "app_id" else {"unique_name": "placeos-acme"}
    foreseen = microsoft.check("graph_app", **key, state="absent")
    gone = microsoft.good("graph_app", **key, state="absent")
    assert foreseen["changes"] == gone["changes"]
    assert gone["changes"]["deleted"] == ["application PlaceOS Acme"]
    assert "restored for 30 days" in gone["msg"]
    assert microsoft.api("GET", f"/v1.0/applications(appId='{identifier}')").status_code == 404
    assert microsoft.good("graph_app", **key, state="absent")["changed"] is False


def test_a_display_name_is_not_enough_to_delete(microsoft: Microsoft) -> None:
    made(microsoft)
    result = microsoft.run("graph_app", name="PlaceOS Acme", state="absent")
    assert "state absent needs app_id or unique_name" in result["msg"]


# -- options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": None, "unique_name": None}, "one of the following is required: name, app_id, unique_name"),
        ({"name": None}, "to make one, give name"),
        ({"name": " "}, "name (in an inventory graph_app_name) is empty"),
        ({"app_id": "PlaceOS"}, "app_id (in an inventory microsoft_client_id) must be the application (client) id"),
        (
            {"app_id": "99999999-0000-0000-0000-000000000000", "replication_deadline": 0.5},
            "there is no application with",
        ),
        ({"secret": {"days": 0}}, "secret.days (in an inventory graph_app_secret_days) must be between 1 and 730"),
        ({"secret": {"days": 30, "renew_before_days": 30}}, "every run would make a new secret"),
        ({"secret": {"key_id": "Fic~fake"}}, "is no id of a secret"),
        ({"remove_secrets": ["all"]}, "'all' is no id of a secret"),
        ({"permissions": [{"name": "User.Read.All"}]}, "permissions[0]"),
        ({"permissions": [{"resource": "99999999-0000-0000-0000-000000000000", "value": "A"}]}, "no service principal"),
        ({"secret_file": "app.yml"}, "handled by the action plugin"),
    ],
)
def test_a_fault_in_the_options_is_told_and_nothing_is_written(
    microsoft: Microsoft, given: dict[str, Any], said: str
) -> None:
    mark = microsoft.mark()
    result = microsoft.run("graph_app", **{**WANTED, **given})
    assert result["failed"] is True
    assert said in result["msg"]
    assert microsoft.requests(mark).keys() <= {"token", "GET"}
