# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory as Exchange sees it: recipients with names, addresses, SIDs and types, and who is in which group."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import not_found, not_unique

if TYPE_CHECKING:
    from ..state import Mailbox, Tenant

SECURITY_GROUP, DISTRIBUTION_GROUP = "MailUniversalSecurityGroup", "MailUniversalDistributionGroup"
ROOM_LIST, GROUP_MAILBOX, DYNAMIC = "RoomList", "GroupMailbox", "DynamicDistributionGroup"
MAIL_USER, USER_MAILBOX, ROOM_MAILBOX = "MailUser", "UserMailbox", "RoomMailbox"
GROUPS = frozenset((SECURITY_GROUP, DISTRIBUTION_GROUP, ROOM_LIST))
"""What Get-DistributionGroup finds; Microsoft 365 groups and dynamic ones have cmdlets of their own."""
MAILBOXES = frozenset((USER_MAILBOX, ROOM_MAILBOX, "SharedMailbox", "EquipmentMailbox"))
SECURITY_PRINCIPALS = frozenset((SECURITY_GROUP, USER_MAILBOX, MAIL_USER))
"""Recipients that may be the scope of an access policy (New-ApplicationAccessPolicy, -PolicyScopeGroupId)."""
DOMAIN_SID = "S-1-5-21-1000000001-2000000002-3000000003"
NAMESPACE = uuid.UUID("5f0d0f1c-0000-4000-8000-00000000e5c1")
CONTAINER = "OU=Microsoft Exchange Hosted Organizations,DC=EXAMPLE01A001,DC=PROD,DC=OUTLOOK,DC=COM"


@dataclass(frozen=True)
class Recipient:
    """A user, group or room list with an address."""

    id: str
    """Object id in Entra ID (ExternalDirectoryObjectId)."""
    name: str
    alias: str
    display_name: str
    address: str
    details: str
    """RecipientTypeDetails."""
    organization: str
    row: dict[str, Any]
    mailbox: Mailbox | None = None
    more_addresses: tuple[str, ...] = field(default=())

    @property
    def recipient_type(self) -> str:
        """The coarse type: all mailboxes are user mailboxes, a room list is a distribution group."""
        if self.details in MAILBOXES:
            return USER_MAILBOX
        return DISTRIBUTION_GROUP if self.details == ROOM_LIST else self.details

    @property
    def guid(self) -> uuid.UUID:
        """Exchange's own id of the object."""
        return guid_of(self.id)

    @property
    def sid(self) -> str:
        """The security identifier."""
        return sid_of(self.id)

    @property
    def distinguished_name(self) -> str:
        """The name in Exchange's directory; filters on MemberOfGroup need it."""
        return f"CN={self.name},OU={self.organization},{CONTAINER}"

    @property
    def upn(self) -> str:
        """The name to sign in with; empty for a group."""
        return str(self.row.get("userPrincipalName") or "")

    def answers_to(self, identity: str) -> bool:
        """Tell whether an identity in any of the usual forms means this recipient."""
        wanted = identity.lower()
        return wanted in {
            value.lower()
            for value in (
                self.id,
                self.name,
                self.alias,
                self.display_name,
                self.address,
                self.upn,
                self.sid,
                str(self.guid),
                self.distinguished_name,
                *self.more_addresses,
            )
            if value
        }


def guid_of(object_id: str) -> uuid.UUID:
    """Return the id in Exchange of an object of the directory."""
    return uuid.uuid5(NAMESPACE, object_id.lower())


def sid_of(object_id: str) -> str:
    """Return the SID of an object of the directory."""
    number = int.from_bytes(hashlib.sha256(object_id.lower().encode()).digest()[:4], "big")
    return f"{DOMAIN_SID}-{number % 900_000_000 + 1000}"


def group_details(row: dict[str, Any]) -> str:
    """Return the type of a group (types.json, observed differences of ``group``); empty when it has no mail."""
    kinds = row.get("groupTypes") or []
    if "Unified" in kinds:
        return GROUP_MAILBOX
    if not row.get("mailEnabled"):
        return ""
    if "DynamicMembership" in kinds:
        return DYNAMIC
    return SECURITY_GROUP if row.get("securityEnabled") else DISTRIBUTION_GROUP


class Recipients:
    """All recipients of a tenant, made when they are asked for."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        verified = tenant.organization.get("verifiedDomains") or []
        initial = (entry["name"] for entry in verified if entry.get("isInitial"))
        self.organization = next(initial, tenant.domains[0] if tenant.domains else tenant.id)

    def __iter__(self) -> Iterator[Recipient]:
        for row in self.tenant.users:
            recipient = self.user(row)
            if recipient:
                yield recipient
        for row in self.tenant.groups:
            recipient = self.group(row)
            if recipient:
                yield recipient
        listed = {str(row.get("mail")).lower() for row in self.tenant.groups}
        for row in self.tenant.room_lists:
            if str(row["emailAddress"]).lower() not in listed:
                yield self.room_list(row)

    def user(self, row: dict[str, Any]) -> Recipient | None:
        """Return a user as a recipient: a mailbox, a mail user when there is an address but no mailbox, or nothing."""
        address = str(row.get("mail") or "")
        boxes = self.tenant.mailboxes
        mailbox = boxes.get(address.lower()) or boxes.get(str(row.get("userPrincipalName")).lower())
        if (mailbox is None and not address) or (mailbox is not None and not mailbox.enabled):
            return None
        if mailbox is not None:
            address = mailbox.address
        alias = address.partition("@")[0]
        return Recipient(
            row["id"],
            alias,
            alias,
            str(row.get("displayName") or alias),
            address,
            mailbox.kind if mailbox else MAIL_USER,
            self.organization,
            row,
            mailbox,
            tuple(mailbox.aliases) if mailbox else (),
        )

    def group(self, row: dict[str, Any]) -> Recipient | None:
        """Return a group as a recipient; nothing when it has no mail. Its name ends in the time it was made."""
        details = group_details(row)
        if not details:
            return None
        address, shown = str(row.get("mail") or ""), str(row.get("displayName") or "")
        if any(str(entry["emailAddress"]).lower() == address.lower() for entry in self.tenant.room_lists):
            details = ROOM_LIST
        digits = "".join(filter(str.isdigit, str(row.get("createdDateTime") or "")))[:14]
        alias = str(row.get("mailNickname") or address.partition("@")[0])
        return Recipient(row["id"], f"{shown}{digits}", alias, shown, address, details, self.organization, row)

    def room_list(self, row: dict[str, Any]) -> Recipient:
        """Return a room list as a recipient."""
        address, shown = str(row["emailAddress"]), str(row.get("displayName") or "")
        alias = address.partition("@")[0]
        return Recipient(row["id"], shown or alias, alias, shown, address, ROOM_LIST, self.organization, row)

    def matching(self, identity: str) -> list[Recipient]:
        """Return the recipients an identity means; an address means one alone."""
        mailbox = self.tenant.mailboxes.get(identity.lower())
        row = self.tenant.users.get(mailbox.user_id) if mailbox else None
        owner = self.user(row) if row else None
        if owner:
            return [owner]
        found = [recipient for recipient in self if recipient.answers_to(identity)]
        exact = [one for one in found if identity.lower() in (one.address.lower(), one.id.lower())]
        return exact or found

    def get(self, identity: str, *, among: frozenset[str] | None = None) -> Recipient:
        """Return the one recipient an identity means, of certain types; raises CmdletError."""
        found = [one for one in self.matching(identity) if among is None or one.details in among]
        if not found:
            raise not_found(identity)
        if len(found) > 1:
            raise not_unique(identity)
        return found[0]

    def by_id(self, object_id: str) -> Recipient | None:
        """Return the recipient with an object id."""
        return next((one for one in self if one.id == object_id), None)

    def direct_members(self, recipient: Recipient) -> list[Recipient]:
        """Return the members of a group that are recipients; groups count as one."""
        if recipient.details == ROOM_LIST and "_rooms" in recipient.row:
            wanted = {str(address).lower() for address in recipient.row["_rooms"]}
            return [one for one in self if one.address.lower() in wanted]
        ids = {str(member).lower() for member in recipient.row.get("_members", [])}
        return [one for one in self if one.id.lower() in ids]


def scopes_of(tenant: Tenant, user_id: str) -> frozenset[str]:
    """Return the object ids that hold a mailbox as the scope of an access policy: its own and all its groups'."""
    groups = tenant.groups_of(user_id, transitive=True)
    return frozenset((user_id, *(group["id"] for group in groups)))
