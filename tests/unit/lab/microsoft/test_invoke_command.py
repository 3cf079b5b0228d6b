# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint that runs cmdlets: tokens, rights, envelope, pages, errors, parameters."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from lab.microsoft.seed import INITIAL_DOMAIN, TENANT_ID
from lab.microsoft.testing import APPS, Client, Running
from lab.testing import Answer

Run = Callable[..., Answer]
SCOPE = "https://outlook.office365.com/.default"
PATH = f"/adminapi/beta/{TENANT_ID}/InvokeCommand"
ROOM = "syd-24.01@acme.example"


def call(name: str, **parameters: Any) -> dict[str, Any]:
    return {"CmdletInput": {"CmdletName": name, "Parameters": parameters}}


def words(answer: Answer) -> str:
    """Return the sentence of an error."""
    return str(answer.json["error"]["details"][0]["message"])


def test_an_answer_has_envelope_companions_and_headers(run: Run) -> None:
    answer = run("Get-Mailbox", Identity=ROOM)
    assert answer.json["@odata.context"] == (
        f"https://outlook.office.com/adminapi/beta/{TENANT_ID}/$metadata#Collection(Exchange.GenericHashTable)"
    )
    assert answer.json["@adminapi.warnings"] == []
    (room,) = answer.json["value"]
    assert room["RecipientTypeDetails"] == "RoomMailbox"
    assert (room["ExchangeGuid@data.type"], room["ExchangeGuid@odata.type"]) == ("System.Guid", "#Guid")
    assert (room["EmailAddresses"], room["EmailAddresses@odata.type"]) == ([f"SMTP:{ROOM}"], "#Collection(String)")
    assert room["WhenMailboxCreated"].endswith("0000000+00:00")
    assert answer.headers["rate-limit-limit"] == "30000"
    assert answer.headers["content-type"].startswith("application/json;odata.metadata=minimal")


def test_the_tenant_may_be_named_by_its_domain_and_cmdlets_in_any_case(ms: Client) -> None:
    token = ms.token_of(*APPS["automation"], scope=SCOPE)
    path = f"/adminapi/beta/{INITIAL_DOMAIN}/InvokeCommand"
    answer = ms.post(path, call("get-mailbox", identity=ROOM), role=token)
    assert answer.json["value"][0]["PrimarySmtpAddress"] == ROOM
    assert f"/beta/{INITIAL_DOMAIN}/" in answer.json["@odata.context"]


def test_a_token_for_graph_is_none_for_exchange(ms: Client) -> None:
    answer = ms.post(PATH, call("Get-Mailbox", Identity=ROOM), role="automation")
    assert (answer.status, answer.text) == (401, "")
    assert "00000002-0000-0ff1-ce00-000000000000" in answer.headers["www-authenticate"]


def test_other_tenants_are_refused(ms: Client) -> None:
    token = ms.token_of(*APPS["automation"], scope=SCOPE)
    assert ms.post("/adminapi/beta/other.example/InvokeCommand", call("Get-Mailbox"), role=token).status == 401


@pytest.mark.parametrize("cmdlet", ["Get-Nothing", "Get-RoleGroup", "Connect-ExchangeOnline"])
def test_an_unknown_cmdlet_is_403_with_nuls(run: Run, cmdlet: str) -> None:
    answer = run(cmdlet)
    assert (answer.status, set(answer.text)) == (403, {"\0"})


@pytest.mark.parametrize(
    ("administrator", "reader", "expected"),
    [(False, False, (403, 403)), (False, True, (200, 403)), (True, False, (200, 200))],
)
def test_a_directory_role_decides_which_cmdlets_there_are(
    ms: Client, running_ms: Running, administrator: bool, reader: bool, expected: tuple[int, int]
) -> None:
    made = ms.app_with("User.Read.All", exchange_administrator=True)
    exchange, principal = running_ms.tenant.exchange, made["service_principal_id"]
    if not administrator:
        exchange.administrators.discard(principal)
    if reader:
        exchange.readers.add(principal)
    token = ms.token_of(made["client_id"], made["client_secret"], SCOPE)
    read = ms.post(PATH, call("Get-Recipient", Identity=ROOM), role=token)
    write = ms.post(PATH, call("New-ManagementScope", Name="x", RecipientRestrictionFilter="Alias -eq 'x'"), role=token)
    assert (read.status, write.status) == expected


def test_the_directory_role_alone_is_not_enough(ms: Client, running_ms: Running) -> None:
    made = ms.app_with("User.Read.All")
    running_ms.tenant.exchange.administrators.add(made["service_principal_id"])
    token = ms.token_of(made["client_id"], made["client_secret"], SCOPE)
    assert ms.post(PATH, call("Get-Mailbox", Identity=ROOM), role=token).status == 403


def test_only_beta_has_it(ms: Client) -> None:
    assert ms.post(PATH.replace("beta", "v1.0"), call("Get-Mailbox"), role=None).status == 405


@pytest.mark.parametrize(
    "body",
    [{}, [], {"CmdletInput": {"CmdletName": "Get-Mailbox", "Parameters": None}}, {"CmdletInput": {"Parameters": {}}}],
)
def test_what_is_no_call_is_400(ms: Client, body: Any) -> None:
    token = ms.token_of(*APPS["automation"], scope=SCOPE)
    answer = ms.post(PATH, body, role=token)
    assert (answer.status, answer.json["error"]["code"]) == (400, "BadRequest")


def test_a_missing_object_is_404_with_tag_type_and_sentence(run: Run) -> None:
    answer = run("Get-Mailbox", Identity="nobody@acme.example")
    assert (answer.status, answer.json["error"]["code"]) == (404, "NotFound")
    tag, kind, sentence = words(answer).split("|")
    assert (tag, kind) == ("Ex6F9304", "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException")
    assert sentence.startswith(
        "The operation couldn't be performed because object 'nobody@acme.example' couldn't be found on '"
    )


def test_an_existing_object_is_400_with_json_in_the_message(run: Run) -> None:
    order = {"Name": "Rooms", "RecipientRestrictionFilter": "RecipientTypeDetails -eq 'RoomMailbox'"}
    assert run("New-ManagementScope", **order).status == 200
    answer = run("New-ManagementScope", **order)
    assert answer.status == 400
    assert json.loads(words(answer))["Message"].endswith("already exists.")


@pytest.mark.parametrize(
    ("cmdlet", "parameters", "sentence"),
    [
        ("Get-Mailbox", {"Nothing": 1}, "A parameter cannot be found that matches parameter name 'Nothing'."),
        (
            "New-ApplicationAccessPolicy",
            {"AppId": ["*"], "AccessRight": "DenyAccess"},
            "Cannot process command because of one or more missing mandatory parameters: PolicyScopeGroupId.",
        ),
        (
            "Set-Place",
            {"Identity": ROOM, "Capacity": "many"},
            "Cannot process argument transformation on parameter 'Capacity'.",
        ),
        ("Set-Place", {"Identity": [ROOM]}, "Cannot process argument transformation on parameter 'Identity'."),
        (
            "New-ApplicationAccessPolicy",
            {"AppId": "*", "AccessRight": "Allow", "PolicyScopeGroupId": "x"},
            "Cannot process argument transformation on parameter 'AccessRight'.",
        ),
        (
            "Remove-ApplicationAccessPolicy",
            {"Identity": "x", "Confirm": "no"},
            "Cannot process argument transformation",
        ),
        (
            "New-ManagementRoleAssignment",
            {"Role": "x", "App": "y", "User": "z"},
            "Parameter set cannot be resolved using the specified named parameters.",
        ),
    ],
)
def test_parameters_are_bound_as_powershell_does(
    run: Run, cmdlet: str, parameters: dict[str, Any], sentence: str
) -> None:
    answer = run(cmdlet, **parameters)
    assert answer.status == 400
    assert sentence in words(answer)


def test_pages_are_continued_by_posting_the_same_body_to_the_link(ms: Client) -> None:
    token = ms.token_of(*APPS["automation"], scope=SCOPE)
    body = call("Get-DistributionGroupMember", Identity="placeos-rooms@acme.example", ResultSize="Unlimited")
    headers = {"Prefer": "odata.maxpagesize=120"}
    first = ms.post(PATH, body, role=token, headers=headers)
    second = ms.post(first.json["@odata.nextLink"].removeprefix(ms.url), body, role=token, headers=headers)
    third = ms.post(second.json["@odata.nextLink"].removeprefix(ms.url), body, role=token, headers=headers)
    assert [len(page.json["value"]) for page in (first, second, third)] == [120, 120, 10]
    assert "@odata.nextLink" not in third.json
    found = {row["ExternalDirectoryObjectId"] for page in (first, second, third) for row in page.json["value"]}
    assert len(found) == 250


def test_a_page_is_a_hundred_rows_unless_more_are_preferred(run: Run) -> None:
    assert len(run("Get-Mailbox").json["value"]) == 100
    assert len(run("Get-Mailbox", headers={"Prefer": "odata.maxpagesize=1000"}).json["value"]) > 250


def test_result_size_cuts_and_warns(run: Run) -> None:
    answer = run("Get-Mailbox", ResultSize=3)
    assert len(answer.json["value"]) == 3
    assert answer.json["@adminapi.warnings"][0].startswith("There are more results available")


def test_select_leaves_properties_and_their_companions(ms: Client) -> None:
    token = ms.token_of(*APPS["automation"], scope=SCOPE)
    answer = ms.post(f"{PATH}?%24select=Guid,Name", call("Get-Mailbox", Identity=ROOM), role=token)
    assert set(answer.json["value"][0]) == {"Guid", "Guid@data.type", "Guid@odata.type", "Name"}


def test_a_change_of_nothing_is_a_warning(run: Run) -> None:
    identity = run("Get-ApplicationAccessPolicy").json["value"][0]["Identity"]
    answer = run("Set-ApplicationAccessPolicy", Identity=identity, Description="PlaceOS: rooms")
    (warning,) = answer.json["@adminapi.warnings"]
    assert warning == f"The command completed successfully but no settings of '{identity}' have been modified."


def test_rehearsals_change_nothing(run: Run) -> None:
    identity = run("Get-ApplicationAccessPolicy").json["value"][0]["Identity"]
    assert run("Remove-ApplicationAccessPolicy", Identity=identity, WhatIf=True).json["value"] == []
    assert len(run("Get-ApplicationAccessPolicy").json["value"]) == 2


def test_a_read_only_tenant_lets_cmdlets_read_and_refuses_the_others(ms: Client, run: Run) -> None:
    ms.post("/_lab/read-only", {"enabled": True}, role=None)
    assert run("Get-ApplicationAccessPolicy").status == 200
    assert run("Set-Place", Identity=ROOM, Capacity=3).text.startswith("The lab is read-only")
    assert len(ms.get("/_lab/violations", role=None).json) == 1


def test_throttling_refuses_every_other_call(ms: Client, run: Run) -> None:
    ms.switch("exchange-throttle", enabled=True)
    answers = [run("Get-Mailbox", Identity=ROOM) for _number in range(4)]
    assert [answer.status for answer in answers] == [429, 200, 429, 200]
    assert (answers[0].headers["retry-after"], answers[0].headers["rate-limit-remaining"]) == ("1", "0")


def test_a_batch_runs_several_cmdlets(ms: Client) -> None:
    token = ms.token_of(*APPS["automation"], scope=SCOPE)
    requests = [
        {"id": "a", "method": "POST", "url": PATH, "body": call("Get-Mailbox", Identity=ROOM)},
        {"id": "b", "method": "POST", "url": PATH, "body": call("Get-Mailbox", Identity="nobody")},
        {"id": "c", "method": "POST", "url": PATH, "body": call("Get-Nothing")},
    ]
    answer = ms.post(f"/adminapi/beta/{TENANT_ID}/$batch", {"requests": requests}, role=token)
    assert [(one["id"], one["status"]) for one in answer.json["responses"]] == [("a", 200), ("b", 404), ("c", 403)]


def test_the_list_of_cmdlets_is_that_of_the_caller(ms: Client) -> None:
    path = f"/adminapi/v1.0/{TENANT_ID}/EXOModuleFile?Version=3.9.2"
    token = ms.token_of(*APPS["automation"], scope=SCOPE)
    exported = ms.get(path, role=token).json["value"][0]["exportedCmdlets"].split(",")
    assert "New-ApplicationAccessPolicy" in exported
    assert ms.get(path, role=ms.token_of(*APPS["placeos"], scope=SCOPE)).status == 403
