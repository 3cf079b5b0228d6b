# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles print for a person: the clicks in Entra, and PowerShell that is right as it stands there."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from tools.check_powershell import ROOT, cmdlets_for_a_person, faults

ROLES = ROOT / "roles"
APP = "11111111-2222-3333-4444-555555555555"
PRINCIPAL = "99999999-2222-3333-4444-555555555555"
ROOMS = [f"room-{number}@acme.example" for number in range(1, 8)]
CMDLETS = cmdlets_for_a_person()
TESTS = ("Test-ServicePrincipalAuthorization", "Test-ApplicationAccessPolicy")


def printed(role: str, template: str, /, **variables: Any) -> str:
    """A template of a role."""
    return rendered((ROLES / role / "templates" / template).read_text("utf-8"), **variables)


def rendered(source: str, /, **variables: Any) -> str:
    """A text with the defaults and variables of both roles, and those of a client."""
    loader = DataLoader()
    known: dict[str, Any] = {"inventory_hostname": "acme", "inventory_dir": "/inventory"}
    known["client__credentials"] = {"tenant": "T", "client_id": APP, "client_secret": "fake~value"}
    for name in ("client", "graph_app", "graph_access"):
        for part in ("defaults", "vars"):
            read = loader.load_from_file(str(ROLES / name / part / "main.yml"), trusted_as_template=True)
            known = {**read, **known}
    known |= {"microsoft_client_id": APP, "graph_access_allowed_mailboxes": ROOMS, **variables}
    # As the lookup "template" does it.
    how: dict[str, Any] = {"escape_backslashes": False, "overrides": {"trim_blocks": True}}
    text: str = Templar(loader=loader, variables=known).template(trust_as_template(source), **how)
    return text


def powershell(**variables: Any) -> str:
    given = {"graph_access_groups": ["rooms@acme.example"], "graph_access_denied_mailboxes": ["ceo@acme.example"]}
    return printed("graph_access", "exchange.ps1.j2", **{**given, **variables})


def wrong(script: str) -> list[str]:
    return [f"{fault.line}: {fault.words}" for fault in faults(script.encode(), CMDLETS)]


def commands(script: str) -> list[str]:
    return [line for line in script.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("kind", ["rbac", "access_policy"])
@pytest.mark.parametrize("groups", [["rooms@acme.example", "o'brien@acme.example"], []], ids=["groups", "no groups"])
def test_the_printed_powershell_is_powershell_with_cmdlets_and_parameters_that_exist(
    kind: str, groups: list[str]
) -> None:
    script = powershell(graph_access_kind=kind, graph_access_groups=groups)
    assert wrong(script) == []
    assert sum(line.startswith(TESTS) for line in commands(script)) == 2
    assert "{{" not in script


@pytest.mark.parametrize("quote", ["'", "\u2018", "\u2019", "\u201b"])
def test_a_quote_in_a_name_does_not_end_the_string(quote: str) -> None:
    name = f"Acme{quote}s app; Remove-Mailbox x"
    script = powershell(graph_app_name=name)
    assert f"-DisplayName 'Acme{quote}{quote}s app; Remove-Mailbox x'" in script
    assert wrong(script) == []


def test_exchange_grants_before_entra_revokes() -> None:
    script = powershell()
    order = [
        script.index(part)
        for part in (
            "New-ServicePrincipal",
            "New-ManagementRoleAssignment",
            TESTS[0],
            "two hours",
            "Revoke admin consent",
        )
    ]
    assert order == sorted(order)


def test_the_object_id_is_filled_in_where_the_apps_token_tells_it() -> None:
    assert f"\n$ObjectId = '{PRINCIPAL}'\n" in powershell(graph_app__inspected={"token": {"object_id": PRINCIPAL}})
    assert "\n$ObjectId = 'OBJECT-ID-OF-THE-ENTERPRISE-APPLICATION'\n" in powershell(
        graph_app__inspected={"skipped": True}
    )


def test_both_sides_of_the_proof_are_tested_and_a_few_of_many_mailboxes_are_named() -> None:
    script = powershell()
    assert f"-Resource '{ROOMS[0]}'" in script
    assert "-Resource 'ceo@acme.example'" in script
    assert "#   and 2 more" in script


def test_the_clicks_name_the_permissions_in_the_inventorys_order_without_the_one_that_exchange_grants() -> None:
    asked = ["User.Read.All", "Place.Read.All", "Calendars.ReadWrite", "GroupMember.Read.All"]
    text = printed("graph_app", "entra.md.j2", graph_app_permissions=asked)
    named = [line.strip() for line in text.splitlines() if line.startswith("   - ")]
    assert named == ["- User.Read.All", "- Place.Read.All", "- GroupMember.Read.All"]
    assert "Do not add Calendars.ReadWrite here" in text
    assert "leave it until Exchange has granted it" in text


def test_with_access_policies_entra_grants_all_of_them() -> None:
    text = printed("graph_app", "entra.md.j2", graph_access_kind="access_policy")
    assert "   - Calendars.ReadWrite\n" in text
    assert "Do not add" not in text


def test_without_an_app_the_clicks_begin_with_its_registration() -> None:
    text = printed("graph_app", "entra.md.j2", microsoft_client_id="", microsoft_tenant_id="")
    assert "App registrations > New registration" in text
    assert "in the tenant YOUR-TENANT" in text
    assert "Only if the client secret" not in text


def test_a_refusal_to_hand_over_names_the_mailbox_what_is_wrong_and_what_to_do() -> None:
    (block,) = yaml.safe_load((ROLES / "graph_access" / "tasks" / "proof.yml").read_text("utf-8"))
    (said,) = [
        task["ansible.builtin.assert"]["fail_msg"]
        for task in block["block"]
        if task["name"] == "The app reaches the rooms, and nothing that it must not"
    ]
    faults = [
        {"subject": "ceo@acme.example", "message": "it can be read", "action": "Set the scope."},
        {"message": "not proved"},
    ]
    text = rendered(said, graph_access__faults=faults)
    assert "- ceo@acme.example: it can be read Set the scope.\n- not proved\n" in text
    assert f"The scope of the app {APP} of acme is not proved" in text


@pytest.mark.parametrize(
    ("role", "template"),
    [("graph_app", "entra.md.j2"), ("graph_app", "rotate.md.j2"), ("graph_access", "exchange.ps1.j2")],
)
def test_prose_fits_80_columns_and_no_secret_is_in_it(role: str, template: str) -> None:
    text = printed(role, template, microsoft_tenant_id=APP)
    prose = [line for line in text.splitlines() if not line.startswith(("New-", "Test-"))]
    assert [line for line in prose if len(line) >= 80] == []
    assert "fake~value" not in text
    assert not text.startswith("\n")
