# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of graph_access_policy: documented as they are, and wrong ones told all at once before anybody is asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.placeos.office365.plugins.module_utils._microsoft import frame
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access import module as access_module
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.options import SPEC, option_faults
from ansible_collections.placeos.office365.plugins.modules import graph_access_policy
from ansible_collections.placeos.office365.tests.unit.plugins.modules.test_documentation import differences

APP = "aaaabbbb-1111-2222-3333-ccccddddeeee"
ENTRY = {
    "group": "rooms@acme.example",
    "scope": None,
    "scope_filter": None,
    "administrative_unit": None,
    "right": "RestrictAccess",
    "permissions": ["Calendars.ReadWrite"],
    "description": None,
    "state": "present",
}
GIVEN: dict[str, Any] = {
    "app_id": APP,
    "service_principal_id": None,
    "kind": "rbac",
    "access": [ENTRY],
    "purge": False,
    "allowed_mailboxes": [],
    "denied_mailboxes": [],
    "wait": 0.0,
    "replication_deadline": 60.0,
    "max_tests": 20,
    "pwsh_timeout": 600.0,
}


def entry(**more: Any) -> dict[str, Any]:
    return {**ENTRY, **more}


def faults(*, check_mode: bool = False, **more: Any) -> list[str]:
    return option_faults({**GIVEN, **more}, check_mode=check_mode)


def test_usual_options_are_in_order() -> None:
    assert faults() == []
    assert faults(kind="access_policy", access=[entry(), entry(group="b@acme.example", right="DenyAccess")]) == []
    assert faults(access=[entry(), entry(permissions=["Mail.Send"])]) == []
    assert faults(app_id="", check_mode=True) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"app_id": ""}, "app_id (in an inventory microsoft_client_id) is empty"),
        ({"app_id": "*"}, "policies for * are never touched"),
        ({"service_principal_id": "PlaceOS"}, "must be the object id of the enterprise application"),
        ({"service_principal_id": APP.upper()}, "is the application id"),
        ({"wait": -1.0}, "must not be negative"),
        ({"pwsh_timeout": 0.0}, "graph_access_pwsh_timeout) must be above 0"),
        (
            {"allowed_mailboxes": ["A@x"], "denied_mailboxes": ["a@X"]},
            "and graph_access_denied_mailboxes): a@x",
        ),
        ({"access": [entry(group="")]}, "access[0]: give one of group"),
        ({"access": [entry(), entry()]}, "access[1]: rooms@acme.example and Calendars.ReadWrite is in the list twice"),
        ({"access": [entry(right="DenyAccess")]}, "RBAC grants and never denies"),
        ({"access": [entry(permissions=[])]}, "permissions is empty"),
        ({"access": [entry(permissions=["Contacts.Read.All"])]}, "does not exist"),
        ({"kind": "access_policy", "access": [entry(group=None, scope="x")]}, "need kind rbac"),
        ({"kind": "access_policy", "access": [entry(), entry(right="DenyAccess")]}, "is in the list twice"),
    ],
)
def test_a_fault_is_told(more: dict[str, Any], said: str) -> None:
    (fault,) = faults(**more)
    assert said in fault


def test_all_faults_are_told_at_once() -> None:
    assert len(faults(app_id="x", wait=-1.0, access=[entry(permissions=[]), entry(right="DenyAccess")])) == 4


def test_a_group_may_be_restricted_to_while_its_denial_is_to_be_absent() -> None:
    wished = [entry(), entry(right="DenyAccess", state="absent")]
    assert faults(kind="access_policy", access=wished) == []


# -- documentation ---------------------------------------------------------------------------------------------------


def documentation() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(graph_access_policy.DOCUMENTATION)
    return loaded


def test_options_are_documented_as_they_are() -> None:
    assert differences(SPEC, documentation()["options"]) == []


def test_secrets_are_marked_as_such() -> None:
    marked = {name for name, spec in {**SPEC, **SPEC["app"]["options"]}.items() if spec.get("no_log")}
    assert marked == {
        "exchange_access_token", "client_secret", "certificate", "certificate_passphrase", "access_token"
    }  # fmt: skip


def test_examples_use_known_options_only(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    class Seen(Exception):
        pass

    def show(argument_spec: dict[str, Any], **_rules: Any) -> None:
        seen.update(argument_spec)
        raise Seen

    monkeypatch.setattr(frame, "AnsibleModule", show)
    with pytest.raises(Seen):
        graph_access_policy.main()
    examples = yaml.safe_load(graph_access_policy.EXAMPLES)
    for example in examples:
        given = example["placeos.office365.graph_access_policy"]
        assert given.keys() <= seen.keys()
        assert all(one.keys() <= SPEC["access"]["options"].keys() for one in given["access"])


def test_every_finding_that_can_be_made_is_documented_and_no_other() -> None:
    sources = Path(access_module.__file__).parent
    code = "\n".join(path.read_text() for path in sources.glob("*.py"))
    made = set(re.findall(r'(?:warning|info|severity)\(\s*"(\w+)"', code)) | {"not_settled"}
    findings = yaml.safe_load(graph_access_policy.RETURN)["findings"]["contains"]["id"]["description"]
    assert set(re.findall(r"V\((\w+)\)", " ".join(findings))) == made
