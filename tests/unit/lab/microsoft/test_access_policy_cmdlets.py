# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cmdlets of application access policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab.microsoft.seed import TENANT_ID
from lab.microsoft.seed_apps import PLACEOS_ID
from lab.microsoft.testing import Client
from lab.testing import Answer

Run = Callable[..., Answer]
APP = "99990000-1111-2222-3333-444455556666"
GROUP = "rooms-syd@acme.example"


def rows(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer
    return list(answer.json["value"])


def new(run: Run, **more: Any) -> Answer:
    return run(
        "New-ApplicationAccessPolicy",
        **{"AppId": [APP], "PolicyScopeGroupId": GROUP, "AccessRight": "RestrictAccess", **more},
    )


def remove_all(run: Run) -> None:
    for row in rows(run("Get-ApplicationAccessPolicy")):
        run("Remove-ApplicationAccessPolicy", Identity=row["Identity"], Confirm=False)


def test_a_policy_shows_its_scope_by_sid_and_object_id(run: Run) -> None:
    (made,) = rows(new(run, Description="Rooms in Sydney"))
    (group,) = rows(run("Get-DistributionGroup", Identity=GROUP))
    assert made["ScopeIdentityRaw"] == f"{group['Sid']};{group['ExternalDirectoryObjectId']}"
    assert made["Identity"] == f"{TENANT_ID}\\{APP}:{made['ScopeIdentityRaw']}"
    assert (made["ScopeName"], made["ScopeIdentity"]) == ("Rooms SYD", group["Name"])
    assert (made["AccessRight"], made["Description"]) == ("RestrictAccess", "Rooms in Sydney")
    assert (made["ShardType"], made["IsValid"], made["ObjectState"]) == ("All", True, "Unchanged")


def test_a_description_is_made_up_unless_given(run: Run) -> None:
    (made,) = rows(new(run))
    assert made["Description"].startswith(f"AppId: {APP};\nScopeIdentitySid: S-1-5-21-")
    assert made["Description"].endswith("AccessRight: RestrictAccess; ShardType: All")


def test_get_without_any_policy_fails(run: Run) -> None:
    remove_all(run)
    answer = run("Get-ApplicationAccessPolicy")
    assert answer.status == 404
    assert "couldn't be found on '" in answer.json["error"]["details"][0]["message"]


@pytest.mark.parametrize("identity", [None, "", "no such policy"])
def test_get_with_an_identity_that_is_nothing_returns_all(run: Run, identity: str | None) -> None:
    assert len(rows(run("Get-ApplicationAccessPolicy", Identity=identity))) == 2


def test_get_with_the_identity_of_a_policy_returns_that_one(run: Run) -> None:
    (made,) = rows(new(run))
    assert rows(run("Get-ApplicationAccessPolicy", Identity=made["Identity"])) == [made]


def test_only_the_description_can_be_changed(run: Run) -> None:
    (made,) = rows(new(run))
    assert run("Set-ApplicationAccessPolicy", Identity=made["Identity"], Description="New").json["value"] == []
    assert rows(run("Get-ApplicationAccessPolicy", Identity=made["Identity"]))[0]["Description"] == "New"
    for name, value in (("AccessRight", "DenyAccess"), ("AppId", "*"), ("PolicyScopeGroupId", GROUP)):
        assert run("Set-ApplicationAccessPolicy", Identity=made["Identity"], **{name: value}).status == 400


def test_removing_takes_the_named_one(run: Run) -> None:
    (made,) = rows(new(run))
    assert run("Remove-ApplicationAccessPolicy", Identity=made["Identity"]).json["value"] == []
    assert len(rows(run("Get-ApplicationAccessPolicy"))) == 2
    assert run("Remove-ApplicationAccessPolicy", Identity=made["Identity"]).status == 404


@pytest.mark.parametrize(
    "scope", ["everyone@acme.example", "project@acme.example", "syd-24.01@acme.example", "reception@acme.example"]
)
def test_a_scope_must_be_a_security_principal(run: Run, scope: str) -> None:
    answer = new(run, PolicyScopeGroupId=scope)
    assert answer.status == 400
    assert "is not a security principal" in answer.json["error"]["details"][0]["message"]


@pytest.mark.parametrize("scope", ["it-admins@acme.example", "nobody@acme.example"])
def test_a_scope_without_an_address_is_not_found(run: Run, scope: str) -> None:
    assert new(run, PolicyScopeGroupId=scope).status == 404


def test_a_person_may_be_a_scope(ms: Client, run: Run) -> None:
    (made,) = rows(new(run, PolicyScopeGroupId="ada.byrne@acme.example"))
    test = rows(run("Test-ApplicationAccessPolicy", Identity="ada.byrne@acme.example", AppId=APP))
    assert (made["ScopeName"], test[0]["AccessCheckResult"]) == ("Ada Byrne", "Granted")


def test_several_applications_get_a_policy_each(run: Run) -> None:
    made = rows(new(run, AppId=[APP, "*"]))
    assert [row["AppId"] for row in made] == [APP, "*"]


def test_the_same_policy_again_is_refused_and_one_with_the_other_right_is_not(run: Run) -> None:
    new(run)
    assert "already exists" in new(run).json["error"]["details"][0]["message"]
    assert new(run, AccessRight="DenyAccess").status == 200


def test_an_identity_of_two_rights_means_the_older_one(run: Run) -> None:
    (older,) = rows(new(run))
    new(run, AccessRight="DenyAccess")
    run("Remove-ApplicationAccessPolicy", Identity=older["Identity"])
    left = [row for row in rows(run("Get-ApplicationAccessPolicy")) if row["AppId"] == APP]
    assert [row["AccessRight"] for row in left] == ["DenyAccess"]


@pytest.mark.parametrize(("description", "about"), [(" ", 300), (None, 100)])
def test_the_size_of_all_policies_is_limited(run: Run, description: str | None, about: int) -> None:
    remove_all(run)
    apps = [f"99990000-1111-2222-3333-{number:012d}" for number in range(2 * about)]
    more = {} if description is None else {"Description": description}
    fitting = new(run, AppId=apps[: int(about * 0.95)], **more)
    assert fitting.status == 200
    answer = new(run, AppId=apps[int(about * 0.95) : int(about * 1.1)], **more)
    assert "The total size of App Access Policies exceeded the limit." in answer.json["error"]["details"][0]["message"]


def test_the_test_says_what_is_configured(run: Run) -> None:
    (inside,) = rows(run("Test-ApplicationAccessPolicy", Identity="syd-24.01@acme.example", AppId=PLACEOS_ID))
    (outside,) = rows(run("Test-ApplicationAccessPolicy", Identity="dana.marsh@acme.example", AppId=PLACEOS_ID))
    assert (inside["AccessCheckResult"], outside["AccessCheckResult"]) == ("Granted", "Denied")
    assert set(inside) == {"AppId", "Mailbox", "MailboxId", "MailboxSid", "AccessCheckResult"}
    assert run("Test-ApplicationAccessPolicy", Identity="uma.lane@acme.example", AppId=PLACEOS_ID).status == 404
