# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cmdlets of recipients: groups and their members, mailboxes, recipients of any kind.

Properties of a mailbox are recorded (invoke_command_samples.json, ``get_mailbox``), the others documented.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ..directory import build
from ..seed_rooms import room_list
from .call import Call, Handler
from .encoding import Row
from .errors import CmdletError, already_exists, not_found
from .recipients import GROUPS, MAILBOXES, ROOM_LIST, ROOM_MAILBOX, SECURITY_GROUP, SECURITY_PRINCIPALS, Recipient

DATABASE = UUID("aaaa0000-0000-4000-8000-000000000001")


def addresses(one: Recipient) -> list[str]:
    """Return all addresses; the first in upper case is the one that answers carry."""
    return [*(f"smtp:{other}" for other in one.more_addresses), f"SMTP:{one.address}"]


def shared(one: Recipient) -> Row:
    """Return what every recipient shows."""
    return {
        "Identity": one.name,
        "Name": one.name,
        "Alias": one.alias,
        "DisplayName": one.display_name,
        "DistinguishedName": one.distinguished_name,
        "PrimarySmtpAddress": one.address,
        "EmailAddresses": addresses(one),
        "RecipientType": one.recipient_type,
        "RecipientTypeDetails": one.details,
        "Guid": one.guid,
        "ExternalDirectoryObjectId": one.id,
        "IsDirSynced": False,
    }


def recipient_row(one: Recipient) -> Row:
    """Return a recipient as Get-Recipient shows it."""
    return {**shared(one), "IsValidSecurityPrincipal": one.details in SECURITY_PRINCIPALS}


def group_row(one: Recipient) -> Row:
    """Return a group as Get-DistributionGroup shows it."""
    return {
        **shared(one),
        "GroupType": "Universal, SecurityEnabled" if one.details == SECURITY_GROUP else "Universal",
        "ManagedBy": ["Organization Management"],
        "MemberJoinRestriction": "Closed",
        "MemberDepartRestriction": "Closed",
        "IsValidSecurityPrincipal": one.details == SECURITY_GROUP,
        "Sid": one.sid,
    }


def member_row(one: Recipient) -> Row:
    """Return a member as Get-DistributionGroupMember shows it: a nested group is one row."""
    return {**shared(one), "WindowsLiveID": one.upn}


def mailbox_row(call: Call, one: Recipient) -> Row:
    """Return a mailbox as Get-Mailbox shows it."""
    room = one.details == ROOM_MAILBOX
    place = next((row for row in call.tenant.rooms if _same(row.get("emailAddress"), one.address)), None)
    made = str(one.row.get("createdDateTime") or "2025-06-21T08:07:47Z")
    return {
        **shared(one),
        "DatabaseGuid": DATABASE,
        "ExchangeGuid": one.guid,
        "AuditLogAgeLimit": "90.00:00:00",
        "UserPrincipalName": one.upn,
        "WindowsLiveID": one.upn,
        "MicrosoftOnlineServicesID": one.upn,
        "IsResource": room or one.details == "EquipmentMailbox",
        "IsShared": one.details == "SharedMailbox",
        "IsMailboxEnabled": True,
        "ResourceType": "Room" if room else "Equipment" if one.details == "EquipmentMailbox" else None,
        "ResourceCapacity": place.get("capacity") if place else None,
        "ResourceCustom": [],
        "RoomMailboxAccountEnabled": False if room else None,
        "HiddenFromAddressListsEnabled": False,
        "LitigationHoldDuration": "Unlimited",
        "ProhibitSendQuota": "49.5 GB (53,150,220,288 bytes)" if room else "99 GB (106,300,440,576 bytes)",
        "RetainDeletedItemsFor": "14.00:00:00",
        "RecipientSoftDeletedStatus": 0,
        "WhenMailboxCreated": datetime.fromisoformat(made).astimezone(UTC),
    }


def _same(left: Any, right: str) -> bool:
    return str(left or "").lower() == right.lower()


def get_groups(call: Call) -> list[Row]:
    """Get-DistributionGroup."""
    return [group_row(one) for one in call.chosen(GROUPS)]


def get_members(call: Call) -> list[Row]:
    """Get-DistributionGroupMember: direct members."""
    group = call.recipients.get(call.identity, among=GROUPS)
    return [member_row(one) for one in call.limited(call.recipients.direct_members(group))]


def get_mailboxes(call: Call) -> list[Row]:
    """Get-Mailbox."""
    return [mailbox_row(call, one) for one in call.chosen(MAILBOXES)]


def get_recipients(call: Call) -> list[Row]:
    """Get-Recipient."""
    found = call.chosen(None)
    if "RecipientType" in call.given:
        found = [one for one in found if one.recipient_type in call.given["RecipientType"]]
    rows = [recipient_row(one) for one in found]
    wanted = {name.lower() for name in call.given.get("Properties", [])}
    return [{key: value for key, value in row.items() if not wanted or key.lower() in wanted} for row in rows]


def new_group(call: Call) -> list[Row]:
    """New-DistributionGroup: a distribution list, with -Type Security a mail-enabled security group, or a room list."""
    name, tenant = call.text("Name"), call.tenant
    alias = call.text("Alias") or "".join(letter for letter in name if letter.isalnum() or letter in "-_.")
    address = call.text("PrimarySmtpAddress") or f"{alias}@{tenant.domains[-1]}"
    if any(one.answers_to(name) or one.answers_to(address) for one in call.recipients):
        raise already_exists(name)
    members = [call.recipients.get(entry).id for entry in call.given.get("Members", [])]
    kind = "mail-enabled-security" if call.text("Type") == "Security" else "distribution"
    row = build.group(
        tenant,
        address,
        call.text("DisplayName") or name,
        kind,
        members,
        id=call.exchange.new_guid(),
        createdDateTime=f"{tenant.clock.text()[:19]}Z",
        description=call.given.get("Notes"),
        mailNickname=alias,
    )
    if call.given.get("RoomList"):
        row = {**room_list(address, row["displayName"], []), "id": row["id"]}
        if not call.rehearsal:
            tenant.room_lists.put(row)
        return [group_row(call.recipients.room_list(row))]
    if not call.rehearsal:
        tenant.groups.put(row)
    made = call.recipients.group(row)
    return [group_row(made)] if made else []


def add_member(call: Call) -> list[Row]:
    """Add-DistributionGroupMember."""
    group = call.recipients.get(call.identity, among=GROUPS)
    if "Member" not in call.given:
        raise not_found("")
    member = call.recipients.get(call.text("Member"))
    if member.id in [one.id for one in call.recipients.direct_members(group)]:
        words = f'The recipient "{member.name}" is already a member of the group "{group.name}".'
        raise CmdletError(words, "Microsoft.Exchange.Management.Tasks.MemberAlreadyExistsException", "Ex3ED9A1")
    if not call.rehearsal:
        table = call.tenant.room_lists if group.details == ROOM_LIST and "_rooms" in group.row else call.tenant.groups
        key, value = ("_rooms", member.address) if table is call.tenant.room_lists else ("_members", member.id)
        table.change(group.row, **{key: [*group.row.get(key, []), value]})
    return []


HANDLERS: dict[str, Handler] = {
    "Get-DistributionGroup": get_groups,
    "Get-DistributionGroupMember": get_members,
    "New-DistributionGroup": new_group,
    "Add-DistributionGroupMember": add_member,
    "Get-Mailbox": get_mailboxes,
    "Get-Recipient": get_recipients,
}
