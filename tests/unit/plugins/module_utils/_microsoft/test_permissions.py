# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of permissions agree with each other, and with the collected facts where these are present."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft import permissions
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import CLOUDS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import satisfied

ROOT = Path(__file__).resolve().parents[5]
FACTS = Path(os.environ.get("PLACEOS_CONFORMANCE_DIR") or ROOT.parent / "shared" / "conformance") / "microsoft365"


def facts(name: str) -> Any:
    path = FACTS / name
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


ROLES = facts("app_roles.json")
CMDLETS = facts("exchange_cmdlets.json")

with_facts = pytest.mark.skipif(
    not (ROLES and CMDLETS), reason=f"the collected facts about Microsoft are not there ({FACTS})"
)


@with_facts
def test_every_name_we_speak_of_exists_and_every_nonexistent_one_does_not() -> None:
    published = {role["value"] for role in ROLES["roles"]}
    known = (
        set(permissions.PLACEOS_PERMISSIONS)
        | set(permissions.WHY)
        | set(permissions.UNNEEDED)
        | set(permissions.OPTIONAL)
        | permissions.ESCALATING
        | set(permissions.IMPLIED_BY)
        | {held for others in permissions.IMPLIED_BY.values() for held in others}
    ) - {permissions.EXCHANGE_MANAGE}
    # The facts say that two files of Microsoft contradict each other about this one.
    assert known - published == {"Place.ReadWrite.All"}
    assert not set(permissions.NONEXISTENT) & published
    assert {entry["value"] for entry in ROLES["nonexistent"]} <= set(permissions.NONEXISTENT)


@with_facts
def test_what_placeos_needs_and_what_a_policy_limits_are_the_facts() -> None:
    assert list(permissions.PLACEOS_PERMISSIONS) == ROLES["recommended_placeos_set"]
    limited = ROLES["application_access_policy_supported_roles"]
    assert set(limited["values"]) | set(limited["ews"]) == permissions.POLICY_LIMITED
    roles = CMDLETS["rbac_for_applications"]["roles"]
    assert {role: value for value, role in permissions.RBAC_ROLES.items()} == roles
    resources = {resource["appId"] for resource in ROLES["resources"]}
    assert {permissions.GRAPH_APP_ID, permissions.EXCHANGE_APP_ID} <= resources


@with_facts
def test_each_cloud_has_the_graph_of_the_facts() -> None:
    hosts = json.dumps(facts("permission_matrix.json")["national_cloud_hosts"])
    for cloud in CLOUDS.values():
        assert cloud.graph_url.removeprefix("https://") in hosts


def test_nothing_that_is_needed_is_called_unneeded() -> None:
    assert not set(permissions.PLACEOS_PERMISSIONS) & set(permissions.UNNEEDED)
    assert set(permissions.PLACEOS_PERMISSIONS) <= set(permissions.WHY)


@pytest.mark.parametrize(
    ("needed", "held", "enough"),
    [
        ("Calendars.ReadWrite", {"Calendars.ReadWrite"}, True),
        ("Calendars.ReadWrite", {"Calendars.Read"}, False),
        ("Calendars.Read", {"Calendars.ReadWrite"}, True),
        ("GroupMember.Read.All", {"Group.Read.All"}, True),
        ("GroupMember.Read.All", {"Directory.ReadWrite.All"}, False),
        ("User.Read.All", {"Directory.Read.All"}, True),
        ("Place.Read.All", {"User.Read.All"}, False),
        ("Something.New", {"Something.New"}, True),
    ],
)
def test_a_wider_permission_satisfies_a_narrower_one(needed: str, held: set[str], enough: bool) -> None:
    assert satisfied(needed, held) is enough
