# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permissions that an application of PlaceOS must not have, and what somebody who gets its secret could do with them.

The meanings are those of Microsoft's permission descriptions (microsoftgraph/microsoft-graph-devx-content,
permissions/permissions-descriptions.json) and of the guides to app-only access in MicrosoftDocs/office-docs-powershell.
"""

from __future__ import annotations

_EXACT = {
    "AppRoleAssignment.ReadWrite.All": "it can give itself every other permission",
    "full_access_as_app": "it reads and changes everything in every mailbox through Exchange Web Services",
    "Exchange.ManageAsApp": "it manages Exchange Online as far as its directory roles reach",
    "User.ReadWrite.All": "it changes every user",
    "Group.ReadWrite.All": "it changes every group, its members and its files",
    "GroupMember.ReadWrite.All": "it changes who is in every group, and so in the scope of its own policies",
}

# The longest prefix that fits counts.
_PREFIXES = {
    "Application.ReadWrite.": "it can add secrets to applications and act as them",
    "Application.": "it reads every application of the tenant",
    "AppRoleAssignment.": "it reads or changes consents",
    "DelegatedPermissionGrant.ReadWrite.": "it can consent in the name of all users",
    "Directory.ReadWrite.": "it changes users, groups and applications of the whole directory",
    "Directory.": "it reads the whole directory",
    "Domain.ReadWrite.": "it changes the tenant's domains",
    "RoleManagement.ReadWrite.": "it can give itself administrator roles",
    "RoleManagement.": "it reads who is an administrator",
    "Policy.ReadWrite.": "it changes the tenant's security policies",
    "PrivilegedAccess.": "it handles privileged access",
    "Mail.Send": "it sends mail as anybody, unless a policy limits it",
    "Mail.": "it reads mail of every mailbox, unless a policy limits it",
    "MailboxSettings.ReadWrite": "it changes the settings of every mailbox, such as forwarding rules",
    "Files.": "it reads the files of everybody",
    "Sites.": "it reads the sites and files of the whole organisation",
    "Chat.": "it reads the chats of everybody",
    "ChannelMessage.": "it reads the messages of all teams",
}


def danger(value: str) -> str:
    """What a permission lets its holder do that PlaceOS never needs; an empty string for a harmless one."""
    if value in _EXACT:
        return _EXACT[value]
    fitting = [prefix for prefix in _PREFIXES if value.startswith(prefix)]
    return _PREFIXES[max(fitting, key=len)] if fitting else ""
