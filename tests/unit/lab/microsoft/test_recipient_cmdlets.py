# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cmdlets of recipients, groups and places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab.microsoft.testing import Client
from lab.testing import Answer

Run = Callable[..., Answer]
ROOM = "syd-24.01@acme.example"


def rows(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer
    return list(answer.json["value"])


@pytest.mark.parametrize(
    ("address", "details", "principal"),
    [
        (ROOM, "RoomMailbox", False),
        ("ada.byrne@acme.example", "UserMailbox", True),
        ("reception@acme.example", "SharedMailbox", False),
        ("projector-1@acme.example", "EquipmentMailbox", False),
        ("placeos-rooms@acme.example", "MailUniversalSecurityGroup", True),
        ("everyone@acme.example", "MailUniversalDistributionGroup", False),
        ("project@acme.example", "GroupMailbox", False),
        ("rooms-list-syd@acme.example", "RoomList", False),
    ],
)
def test_recipients_have_a_type_and_may_be_a_scope_or_not(
    run: Run, address: str, details: str, principal: bool
) -> None:
    (found,) = rows(run("Get-Recipient", Identity=address))
    assert (found["RecipientTypeDetails"], found["IsValidSecurityPrincipal"]) == (details, principal)
    assert found["PrimarySmtpAddress"] == address


@pytest.mark.parametrize("address", ["uma.lane@acme.example", "it-admins@acme.example", "sales@acme.example"])
def test_who_has_no_mailbox_and_no_address_is_no_recipient(run: Run, address: str) -> None:
    assert run("Get-Recipient", Identity=address).status == 404


def test_an_identity_may_be_any_name(run: Run) -> None:
    (room,) = rows(run("Get-Mailbox", Identity=ROOM))
    names = ("ExternalDirectoryObjectId", "Guid", "Alias", "DisplayName", "DistinguishedName", "UserPrincipalName")
    for name in names:
        assert rows(run("Get-Recipient", Identity=room[name]))[0]["PrimarySmtpAddress"] == ROOM


def test_recipients_are_filtered(run: Run) -> None:
    assert len(rows(run("Get-Recipient", RecipientTypeDetails=["RoomList"]))) == 3
    found = rows(run("Get-Mailbox", Filter="Department -eq 'Board'"))
    assert {row["DisplayName"] for row in found} == {"Dana Marsh", "Ines Park", "Max Ford"}
    assert run("Get-Recipient", Filter="Department is 'x'").status == 400
    assert set(rows(run("Get-Recipient", Identity=ROOM, Properties=["Name", "Alias"]))[0]) == {"Name", "Alias"}


def test_a_nested_group_is_one_member(run: Run) -> None:
    members = rows(run("Get-DistributionGroupMember", Identity="rooms-nested@acme.example"))
    assert {row["RecipientTypeDetails"] for row in members} == {"MailUniversalSecurityGroup"}
    assert run("Get-DistributionGroupMember", Identity="project@acme.example").status == 404


def test_a_new_group_is_there_for_graph_too(ms: Client, run: Run) -> None:
    order = {"Name": "Panels", "Type": "Security", "Members": [ROOM], "PrimarySmtpAddress": "panels@acme.example"}
    (made,) = rows(run("New-DistributionGroup", **order))
    assert (made["RecipientTypeDetails"], made["GroupType"]) == (
        "MailUniversalSecurityGroup",
        "Universal, SecurityEnabled",
    )
    run("Add-DistributionGroupMember", Identity="panels@acme.example", Member="ada.byrne@acme.example")
    group = ms.get(f"/v1.0/groups/{made['ExternalDirectoryObjectId']}", role="automation").json
    assert (group["mailEnabled"], group["securityEnabled"], group["groupTypes"]) == (True, True, [])
    members = ms.get(f"/v1.0/groups/{group['id']}/members", role="automation").json["value"]
    assert {row["mail"] for row in members} == {ROOM, "ada.byrne@acme.example"}
    again = run("Add-DistributionGroupMember", Identity="panels@acme.example", Member=ROOM)
    assert "is already a member of the group" in again.json["error"]["details"][0]["message"]
    assert run("New-DistributionGroup", **order).status == 400


def test_a_group_is_a_distribution_list_unless_told_otherwise(run: Run) -> None:
    (made,) = rows(run("New-DistributionGroup", Name="News"))
    assert (made["RecipientTypeDetails"], made["PrimarySmtpAddress"]) == (
        "MailUniversalDistributionGroup",
        "News@acme.example",
    )


def test_a_room_list_is_made_and_filled(ms: Client, run: Run) -> None:
    run("New-DistributionGroup", Name="Annexe", PrimarySmtpAddress="annexe@acme.example", RoomList=True)
    assert run("Add-DistributionGroupMember", Identity="annexe@acme.example", Member=ROOM).status == 200
    path = "/v1.0/places/annexe@acme.example/microsoft.graph.roomlist/rooms"
    assert [row["emailAddress"] for row in ms.get(path, role="placeos").json["value"]] == [ROOM]


def test_what_set_place_tells_is_seen_through_graph(ms: Client, run: Run) -> None:
    order = {
        "Building": "Tower", "Floor": 24, "FloorLabel": "L24", "Capacity": 9, "City": "Sydney", "Tags": ["a"],
        "IsWheelChairAccessible": True, "GeoCoordinates": "-33.86;151.21", "MTREnabled": True,
    }  # fmt: skip
    assert rows(run("Set-Place", Identity=ROOM, **order)) == []
    room = ms.get(f"/v1.0/places/{ROOM}", role="placeos").json
    assert (room["building"], room["floorNumber"], room["capacity"], room["tags"]) == ("Tower", 24, 9, ["a"])
    assert (room["address"], room["geoCoordinates"]) == ({"city": "Sydney"}, {"latitude": -33.86, "longitude": 151.21})
    (place,) = rows(run("Get-Place", Identity=ROOM))
    assert (place["Floor"], place["MTREnabled"], place["GeoCoordinates"]) == (24, True, "-33.86;151.21")
    assert rows(run("Get-Mailbox", Identity=ROOM))[0]["ResourceCapacity"] == 9
    assert run("Set-Place", Identity=ROOM, **order).json["@adminapi.warnings"] != []


def test_places_are_listed_by_type(run: Run) -> None:
    headers = {"Prefer": "odata.maxpagesize=1000"}
    assert len(rows(run("Get-Place", Type="Room", headers=headers))) == 250
    assert len(rows(run("Get-Place", Type="RoomList"))) == 3
    assert run("Get-Place", Type="Desk").status == 400
    assert run("Get-Place", Identity="ada.byrne@acme.example").status == 404
