# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which application permissions PlaceOS's app and the automation need, and what limits them.

Values and ids: microsoftgraph/microsoft-graph-devx-content, permissions-descriptions.json (2026-08). Ids are never
used to grant: a value is resolved through the appRoles of the resource's own service principal, since one id can
belong to several resources. What PlaceOS calls: PlaceOS/office365, PlaceOS/calendar, PlaceOS/staff-api, PlaceOS/drivers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
EXCHANGE_APP_ID = "00000002-0000-0ff1-ce00-000000000000"

EXCHANGE_MANAGE = "Exchange.ManageAsApp"
"""On Exchange's resource: app-only PowerShell and admin endpoint; needs an Entra or Exchange role besides."""

PLACEOS_PERMISSIONS = ("Calendars.ReadWrite", "User.Read.All", "GroupMember.Read.All", "Place.Read.All")
"""What PlaceOS needs: its current documentation, and the calls its drivers make."""

NONEXISTENT: Mapping[str, str] = MappingProxyType(
    {
        "Contacts.Read.All": "Contacts.Read.All does not exist in Microsoft Graph; the real permissions are Contacts.Read "
        "and Contacts.ReadWrite. PlaceOS calls nothing of contacts: leave it out.",
        "Calendars.ReadWrite.All": "Calendars.ReadWrite.All does not exist; Calendars.ReadWrite as an application "
        "permission already covers all mailboxes that no policy excludes.",
        "Calendars.Read.All": "Calendars.Read.All does not exist; Calendars.Read as an application permission already "
        "covers all mailboxes that no policy excludes.",
        "Calendars.ReadBasic": "Calendars.ReadBasic is no application permission; that one is called "
        "Calendars.ReadBasic.All.",
        "Mail.Send.All": "Mail.Send.All does not exist; the application permission is Mail.Send.",
        "Places.Read.All": "Places.Read.All does not exist; the permission is Place.Read.All.",
        "Users.Read.All": "Users.Read.All does not exist; the permission is User.Read.All.",
        "Groups.Read.All": "Groups.Read.All does not exist; the permission is Group.Read.All, of which PlaceOS needs only "
        "GroupMember.Read.All.",
    }
)
"""Names that guides and people use, with what is meant."""

_DIRECTORY_READ = frozenset({"Directory.Read.All", "Directory.ReadWrite.All"})

IMPLIED_BY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Calendars.ReadWrite": frozenset(),
        "Calendars.Read": frozenset({"Calendars.ReadWrite"}),
        "Calendars.ReadBasic.All": frozenset({"Calendars.Read", "Calendars.ReadWrite"}),
        "User.Read.All": frozenset({"User.ReadWrite.All"}) | _DIRECTORY_READ,
        "GroupMember.Read.All": frozenset({"Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All"}),
        "Group.Read.All": frozenset({"Group.ReadWrite.All", "Directory.Read.All"}),
        "Place.Read.All": frozenset({"Place.ReadWrite.All"}),
        "Mail.Send": frozenset(),
        "Application.Read.All": frozenset({"Application.ReadWrite.All", "Directory.Read.All"}),
        "Application.ReadWrite.OwnedBy": frozenset({"Application.ReadWrite.All"}),
        "Organization.Read.All": frozenset({"Organization.ReadWrite.All"}) | _DIRECTORY_READ,
        "RoleManagement.Read.Exchange": frozenset({"RoleManagement.ReadWrite.Exchange"}),
        "ProfilePhoto.Read.All": frozenset({"ProfilePhoto.ReadWrite.All", "User.Read.All", "User.ReadWrite.All"}),
    }
)
"""Each permission with those that also satisfy whoever needs it for the calls made here and by PlaceOS. A name that seems
to include another does not always: Directory.ReadWrite.All does not open the members of groups."""

POLICY_LIMITED: frozenset[str] = frozenset(
    {
        "Mail.Read",
        "Mail.ReadBasic",
        "Mail.ReadBasic.All",
        "Mail.ReadWrite",
        "Mail.Send",
        "MailboxSettings.Read",
        "MailboxSettings.ReadWrite",
        "Calendars.Read",
        "Calendars.ReadWrite",
        "Contacts.Read",
        "Contacts.ReadWrite",
        "full_access_as_app",
    }
)
"""What an application access policy limits (Graph documentation, concepts/auth-limit-mailbox-access). Not in it:
Calendars.ReadBasic.All, which opens the free/busy times of every mailbox, and everything of users, groups and places."""

RBAC_ROLES: Mapping[str, str] = MappingProxyType(
    {
        permission: f"Application {permission}"
        for permission in (
            "Mail.Read",
            "Mail.ReadBasic",
            "Mail.ReadWrite",
            "Mail.Send",
            "MailboxSettings.Read",
            "MailboxSettings.ReadWrite",
            "Calendars.Read",
            "Calendars.ReadWrite",
            "Contacts.Read",
            "Contacts.ReadWrite",
            "EWS.AccessAsApp",
            "SMTP.SendAsApp",
        )
    }
)
"""Permissions that Exchange's RBAC for Applications can grant for a scope of mailboxes, with the role's name there."""

WHY: Mapping[str, str] = MappingProxyType(
    {
        "Calendars.ReadWrite": "books, changes and cancels meetings, and reads the calendars of rooms and of the service "
        "account; must be limited to these mailboxes",
        "User.Read.All": "finds people by name and address, their managers and photos",
        "GroupMember.Read.All": "finds the groups of a person, for rights and for the staff directory",
        "Group.Read.All": "what PlaceOS's own consent page asks for; GroupMember.Read.All is enough for its calls",
        "Place.Read.All": "reads rooms and room lists",
        "Mail.Send": "sends PlaceOS's mails from a mailbox; only with that mailer, and limited to that mailbox",
        "User.Invite.All": "invites guests; only where PlaceOS does that",
        "ChannelMessage.Read.All": "reads messages of Teams channels; only with that feature",
        "ProfilePhoto.Read.All": "caches photos; User.Read.All suffices for it",
        "Application.Read.All": "reads when secrets and certificates end",
        "Application.ReadWrite.OwnedBy": "creates an application and renews its secrets, for those it owns",
        "Application.ReadWrite.All": "changes any application of the tenant",
        "AppRoleAssignment.ReadWrite.All": "gives admin consent; with it an application can give itself any permission",
        "Organization.Read.All": "reads the tenant's name and domains",
        "RoleManagement.Read.Exchange": "reads Exchange's role assignments",
        "RoleManagement.ReadWrite.Exchange": "assigns Exchange's application roles",
        EXCHANGE_MANAGE: "runs Exchange's commands without a person, within the role given to the service principal",
    }
)
"""What a permission is for, in the words of a finding."""

OPTIONAL: Collection[str] = (
    "Mail.Send",
    "User.Invite.All",
    "ChannelMessage.Read.All",
    "ProfilePhoto.Read.All",
    "Group.Read.All",
)
"""Permissions that some installations of PlaceOS have a use for."""

UNNEEDED: Mapping[str, str] = MappingProxyType(
    {
        "Contacts.Read": "PlaceOS calls nothing of contacts",
        "Contacts.ReadWrite": "PlaceOS calls nothing of contacts",
        "Calendars.Read": "part of Calendars.ReadWrite",
        "Calendars.ReadBasic.All": "no access policy limits it: it opens the free/busy times of every mailbox",
        "Group.Read.All": "GroupMember.Read.All is enough, and does not open what groups talk about",
        "Group.ReadWrite.All": "PlaceOS changes no groups",
        "Directory.Read.All": "far wider than User.Read.All and GroupMember.Read.All",
        "Directory.ReadWrite.All": "lets PlaceOS change the directory",
        "User.ReadWrite.All": "PlaceOS changes no users unless told to manage them",
        "Mail.Read": "PlaceOS reads no mail",
        "Mail.ReadWrite": "PlaceOS reads no mail",
        "Application.ReadWrite.All": "PlaceOS's app must not change applications: who has its secret could take over others",
        "Application.ReadWrite.OwnedBy": "PlaceOS's app must not change applications",
        "AppRoleAssignment.ReadWrite.All": "who has the app's secret could give it any permission of the tenant",
        "RoleManagement.ReadWrite.Directory": "who has the app's secret could make it a global administrator",
        "RoleManagement.ReadWrite.Exchange": "who has the app's secret could undo its own limits",
    }
)
"""Permissions that PlaceOS's app does not need, with the reason to take them away."""

ESCALATING: frozenset[str] = frozenset(
    {
        "AppRoleAssignment.ReadWrite.All",
        "RoleManagement.ReadWrite.Directory",
        "Application.ReadWrite.All",
        "RoleManagement.ReadWrite.Exchange",
        "Directory.ReadWrite.All",
    }
)
"""Permissions with which an application can get further permissions or take over others."""


def satisfied(needed: str, held: Collection[str]) -> bool:
    """Is this permission, or one that includes it, among those held?"""
    return needed in held or bool(IMPLIED_BY.get(needed, frozenset()) & set(held))
