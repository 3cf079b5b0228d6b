# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use which mailbox, from a tenant and its configuration: evaluation.py with the look-ups it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from . import opath
from .evaluation import Accepted, Grant, Verdict, decide, policies_allow
from .recipients import Recipient, Recipients, scopes_of
from .state import Configuration, RoleAssignment

if TYPE_CHECKING:
    from ..state import Tenant

APPLICATION_ROLES = {
    f"Application {permission}": permission
    for permission in (
        "Calendars.Read",
        "Calendars.ReadWrite",
        "Contacts.Read",
        "Contacts.ReadWrite",
        "EWS.AccessAsApp",
        "Mail.Read",
        "Mail.ReadBasic",
        "Mail.ReadWrite",
        "Mail.Send",
        "MailboxSettings.Read",
        "MailboxSettings.ReadWrite",
        "SMTP.SendAsApp",
    )
}
"""Roles an application can be given, and the permission each holds (learn.microsoft.com application-rbac)."""


def properties_of(tenant: Tenant, recipient: Recipient) -> dict[str, Any]:
    """Return what recipient filters can ask for; MemberOfGroup holds the groups it is a direct member of."""
    groups = (Recipients(tenant).group(row) for row in tenant.groups_of(recipient.id, transitive=False))
    row = recipient.row
    return {
        "alias": recipient.alias,
        "city": row.get("city"),
        "company": row.get("companyName"),
        "countryorregion": row.get("country"),
        "department": row.get("department"),
        "displayname": recipient.display_name,
        "distinguishedname": recipient.distinguished_name,
        "emailaddresses": [recipient.address, *recipient.more_addresses],
        "externaldirectoryobjectid": recipient.id,
        "guid": str(recipient.guid),
        "memberofgroup": [group.distinguished_name for group in groups if group],
        "name": recipient.name,
        "office": row.get("officeLocation"),
        "primarysmtpaddress": recipient.address,
        "recipienttype": recipient.recipient_type,
        "recipienttypedetails": recipient.details,
        "stateorprovince": row.get("state"),
        "title": row.get("jobTitle"),
        "userprincipalname": recipient.upn,
        "windowsemailaddress": recipient.address,
    }


def in_scope(tenant: Tenant, configuration: Configuration, assignment: RoleAssignment, user_id: str) -> bool:
    """Tell whether a mailbox lies in the scope of an assignment. Groups and units count direct members only."""
    reach = assignment.reach
    if reach.user:
        return reach.user == user_id
    if reach.group:
        row = tenant.groups.get(reach.group)
        return row is not None and user_id in row.get("_members", [])
    if reach.unit:
        unit = tenant.exchange.units.get(reach.unit)
        return unit is not None and user_id in unit.members
    if reach.custom_scope:
        scope = next((one for one in configuration.scopes if one.guid == reach.custom_scope), None)
        user = tenant.users.get(user_id)
        recipient = Recipients(tenant).user(user) if user else None
        if scope is None or recipient is None:
            return False
        return opath.parse(scope.recipient_filter)(properties_of(tenant, recipient))
    return True


def grants_of(tenant: Tenant, configuration: Configuration, app_id: str, user_id: str) -> Iterator[Grant]:
    """Yield what roles in Exchange grant an application, for one mailbox."""
    mine = {one.object_id for one in configuration.pointers if one.app_id.lower() == app_id.lower()}
    for assignment in configuration.assignments:
        if assignment.app in mine and assignment.enabled and assignment.role in APPLICATION_ROLES:
            inside = in_scope(tenant, configuration, assignment, user_id)
            yield Grant(APPLICATION_ROLES[assignment.role], inside)


def verdict(tenant: Tenant, accepted: Accepted, app_id: str, roles: Collection[str], user_id: str) -> Verdict:
    """Return the verdict on a call through Graph, which sees the configuration that is in force."""
    configuration = tenant.exchange.in_force(tenant.options.policy_delay)
    rules = [policy.rule for policy in configuration.policies]
    allowed = policies_allow(rules, app_id, scopes_of(tenant, user_id)) if rules else True
    return decide(accepted, roles, allowed, grants_of(tenant, configuration, app_id, user_id))
