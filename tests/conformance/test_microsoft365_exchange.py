# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's Exchange cmdlets agree with documents and captures of the real ones.

Rules of evaluation, parameters, outputs, errors, and the endpoint InvokeCommand; answers are compared by structure.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from conformance.microsoft365 import facts, needs_facts
from conformance.structure import differences
from lab.microsoft.exchange import binding
from lab.microsoft.exchange.evaluation import DENY, RESTRICT, Rule, policies_allow
from lab.microsoft.exchange.invoke import HANDLERS
from lab.microsoft.exchange.scopes import APPLICATION_ROLES
from lab.microsoft.seed import TENANT_ID
from lab.microsoft.seed_apps import PLACEOS_ID
from lab.microsoft.testing import APPS, Client
from lab.testing import Answer

SESSION = frozenset(("Connect-ExchangeOnline", "Disconnect-ExchangeOnline", "Get-ConnectionInformation"))
ROOM, DIRECTOR = "syd-24.01@acme.example", "dana.marsh@acme.example"
CMDLETS: dict[str, Any] = facts("exchange_cmdlets")
SAMPLES = {sample["id"]: sample for sample in facts("invoke_command_samples").get("samples", [])}

pytestmark = needs_facts


def invoke(ms: Client, cmdlet: str, parameters: dict[str, Any], **headers: str) -> Answer:
    token = ms.token_of(*APPS["automation"], scope="https://outlook.office365.com/.default")
    body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}
    return ms.post(f"/adminapi/beta/{TENANT_ID}/InvokeCommand", body, role=token, headers=headers)


# -- evaluation and cmdlets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", CMDLETS.get("application_access_policy", {}).get("evaluation", {}).get("truth_table", []), ids=str
)
def test_access_policies_are_evaluated_as_documented(case: dict[str, Any]) -> None:
    rules = [Rule("app", DENY, "inside" if case["deny_match"] else "outside")]
    if case["restrict_exists"]:
        rules.append(Rule("app", RESTRICT, "inside" if case["restrict_match"] else "outside"))
    assert ("Granted" if policies_allow(rules, "app", {"inside"}) else "Denied") == case["result"]


@pytest.mark.parametrize("name", [name for name in CMDLETS.get("cmdlets", {}) if name not in SESSION])
def test_every_cmdlet_is_known_with_its_parameters(name: str) -> None:
    facts, ours = CMDLETS["cmdlets"][name], binding.cmdlets()[name.lower()]
    assert name.lower() in HANDLERS
    cloud = {entry["name"].lower() for entry in facts["parameters"] if entry["cloud"]}
    elsewhere = {entry["name"].lower() for entry in facts["parameters"] if not entry["cloud"]}
    known = {parameter.lower() for parameter in ours.types}
    assert cloud <= known
    assert not elsewhere & known
    always = {entry["name"].lower() for entry in facts["parameters"] if entry["mandatory_in_syntax"] == "all"}
    for row in ours.sets.values():
        must, may = ({parameter.lower() for parameter in row[part]} for part in ("must", "may"))
        # The document demands -ServiceId, the old name of -ObjectId; its own example does without.
        assert may & (always - elsewhere) <= {"serviceid"}, must


def rows_of(ms: Client, name: str) -> list[dict[str, Any]]:
    """Return rows that a cmdlet gives back in the seed state, after whatever it needs."""
    principal = ms.get(f"/v1.0/servicePrincipals(appId='{PLACEOS_ID}')", role="automation").json["id"]
    pointer = {"AppId": PLACEOS_ID, "ObjectId": principal}
    scope = {"Name": "S", "RecipientRestrictionFilter": "Alias -like 'syd-*'"}
    assignment = {"App": PLACEOS_ID, "Role": "Application Calendars.Read", "CustomResourceScope": "S"}
    order = {"AppId": [PLACEOS_ID], "PolicyScopeGroupId": "rooms-syd@acme.example", "AccessRight": "RestrictAccess"}
    given: dict[str, dict[str, Any]] = {
        "New-ApplicationAccessPolicy": order,
        "Test-ApplicationAccessPolicy": {"Identity": ROOM, "AppId": PLACEOS_ID},
        "New-ServicePrincipal": pointer,
        "New-ManagementScope": scope,
        "New-ManagementRoleAssignment": assignment,
        "Test-ServicePrincipalAuthorization": {"Identity": PLACEOS_ID, "Resource": ROOM},
        "Get-DistributionGroup": {"Identity": "placeos-rooms@acme.example"},
        "Get-DistributionGroupMember": {"Identity": "placeos-rooms@acme.example"},
        "Get-Mailbox": {"Identity": ROOM},
        "Get-Recipient": {"Identity": ROOM},
        "Get-Place": {"Identity": ROOM},
    }
    for step in ("New-ServicePrincipal", "New-ManagementScope", "New-ManagementRoleAssignment"):
        if step != name:
            assert invoke(ms, step, given[step]).status == 200
        elif step in given:
            break
    answer = invoke(ms, name, given.get(name, {}))
    assert answer.status == 200, answer
    return list(answer.json["value"])


WITH_OUTPUT = [
    name for name, entry in CMDLETS.get("cmdlets", {}).items() if entry.get("output") and name not in SESSION
]


@pytest.mark.parametrize("name", WITH_OUTPUT)
def test_every_property_of_an_output_is_there(ms: Client, name: str) -> None:
    wanted = {entry["name"] for entry in CMDLETS["cmdlets"][name]["output"]["properties"]} - {"RunspaceId"}
    assert wanted <= set(rows_of(ms, name)[0])


def test_the_roles_of_applications_are_those_documented() -> None:
    assert CMDLETS["rbac_for_applications"]["roles"] == APPLICATION_ROLES


@pytest.mark.parametrize(
    ("kind", "accepted"),
    [
        (kind, kind == "MailUniversalSecurityGroup")
        for kind in ("MailUniversalSecurityGroup", "MailUniversalDistributionGroup")
    ]
    + [(kind, False) for kind in ("GroupMailbox", "RoomMailbox", "EquipmentMailbox", "SharedMailbox")]
    + [("UserMailbox", True)],
)
def test_scopes_are_accepted_by_type(ms: Client, kind: str, accepted: bool) -> None:
    table = CMDLETS["application_access_policy"]["scope_recipient_types"]
    assert any(entry.split()[0] == kind for entry in table["accepted" if accepted else "refused"])
    scope = invoke(ms, "Get-Recipient", {"RecipientTypeDetails": [kind], "ResultSize": 1}).json["value"][0]
    order = {"AppId": ["*"], "AccessRight": "DenyAccess", "PolicyScopeGroupId": scope["PrimarySmtpAddress"]}
    assert (invoke(ms, "New-ApplicationAccessPolicy", order).status == 200) is accepted


KNOWN_WORDS = [
    entry
    for entry in CMDLETS.get("known_errors", [])
    if not entry.get("message_contains", "not known").startswith("not known")
]


@pytest.mark.parametrize("entry", KNOWN_WORDS, ids=lambda entry: f"{entry['cmdlet']}: {entry['trigger']}")
def test_known_errors_have_their_words(ms: Client, entry: dict[str, Any]) -> None:
    if "size limit" in entry["trigger"]:
        apps = [f"99990000-1111-2222-3333-{number:012d}" for number in range(400)]
        order = {"AppId": apps, "AccessRight": "DenyAccess", "PolicyScopeGroupId": "rooms-syd@acme.example"}
        answer = invoke(ms, "New-ApplicationAccessPolicy", order)
    elif "no policy" in entry["trigger"]:
        for row in invoke(ms, "Get-ApplicationAccessPolicy", {}).json["value"]:
            invoke(ms, "Remove-ApplicationAccessPolicy", {"Identity": row["Identity"]})
        answer = invoke(ms, "Get-ApplicationAccessPolicy", {})
    elif "enterprise application" in entry["trigger"]:
        answer = invoke(ms, "New-ServicePrincipal", {"AppId": PLACEOS_ID, "ObjectId": PLACEOS_ID})
    elif "exists" in entry["trigger"]:
        order = {"Name": "S", "RecipientRestrictionFilter": "Alias -like 'syd-*'"}
        invoke(ms, "New-ManagementScope", order)
        answer = invoke(ms, "New-ManagementScope", order)
    else:
        answer = invoke(ms, "Get-Mailbox", {"Identity": "nobody"})
    message = answer.json["error"]["details"][0]["message"]
    assert entry["message_contains"] in message
    assert entry.get("exception", "") in message


# -- InvokeCommand -------------------------------------------------------------------------------------------------------

POLICY = "Get-ApplicationAccessPolicy"
SAMPLE_CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "get_mailbox": ("Get-Mailbox", {"Identity": ROOM}),
    "get_policies": (POLICY, {}),
    "new_policy": (
        "New-ApplicationAccessPolicy",
        {"AppId": [PLACEOS_ID], "PolicyScopeGroupId": "rooms-syd@acme.example", "AccessRight": "RestrictAccess"},
    ),
    "test_policy_granted": ("Test-ApplicationAccessPolicy", {"Identity": ROOM, "AppId": PLACEOS_ID}),
    "test_policy_denied": ("Test-ApplicationAccessPolicy", {"Identity": DIRECTOR, "AppId": PLACEOS_ID}),
    "get_group": ("Get-DistributionGroup", {"Identity": "placeos-rooms@acme.example"}),
    "get_group_members_paged": ("Get-DistributionGroupMember", {"Identity": "placeos-rooms@acme.example"}),
    "error_not_found_pipe": ("Get-Mailbox", {"Identity": "nobody@contoso.example"}),
    "error_unknown_cmdlet": ("Get-DoesNotExist", {}),
}


@pytest.mark.parametrize("name", list(SAMPLE_CALLS))
def test_samples_of_the_endpoint_have_the_same_structure(ms: Client, name: str) -> None:
    sample = SAMPLES[name]["response"]
    answer = invoke(ms, *SAMPLE_CALLS[name], Prefer="odata.maxpagesize=100")
    assert answer.status == sample["status"]
    if sample["body"] is None:
        assert answer.text.strip("\0") == ""
        return
    assert {header.lower() for header in sample["headers"]} <= set(answer.headers)
    found = differences(sample["body"], answer.json)
    # A sample was cut to the properties that matter here: ours may have more in a row, and companions for lists and ids.
    assert [line for line in found if not line.startswith(".value[0].") or "too much" not in line] == []


def test_values_are_encoded_as_recorded(ms: Client) -> None:
    real = SAMPLES["get_mailbox"]["response"]["body"]["value"][0]
    ours = invoke(ms, "Get-Mailbox", {"Identity": ROOM}).json["value"][0]
    for key, value in real.items():
        if "@" in key and key.partition("@")[0] in ours:
            assert ours[key] == value, key
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00", ours["WhenMailboxCreated"])


def test_a_removal_and_a_change_of_nothing_answer_with_no_rows(ms: Client) -> None:
    identity = invoke(ms, POLICY, {}).json["value"][0]["Identity"]
    change = invoke(ms, "Set-ApplicationAccessPolicy", {"Identity": identity, "Description": "PlaceOS: rooms"}).json
    assert differences(SAMPLES["warning"]["response"]["body"], change) == []
    assert change["@adminapi.warnings"][0].startswith("The command completed successfully but no settings of '")
    gone = invoke(ms, "Remove-ApplicationAccessPolicy", {"Identity": identity, "Confirm": False}).json
    assert differences(SAMPLES["remove_policy"]["response"]["body"], gone) == []


def test_refusals_without_a_body_have_their_status(ms: Client) -> None:
    path = f"/adminapi/beta/{TENANT_ID}/InvokeCommand"
    body = SAMPLES["error_unauthorized"]["request"]["body"]
    answer = ms.post(path, body, role=None)
    real = SAMPLES["error_unauthorized"]["response"]
    assert (answer.status, answer.headers["www-authenticate"]) == (401, real["headers"]["WWW-Authenticate"])
    assert ms.post(path.replace("beta", "v1.0"), body, role=None).status == SAMPLES["error_v1"]["response"]["status"]
