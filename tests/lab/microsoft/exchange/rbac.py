# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cmdlets of role-based access control for applications: role assignments, and the test.

Names of properties are those of documents and of a client's source (exchange_cmdlets.json); forms of values are inferred
where no document shows one, above all for -RecipientGroupScope.
"""

from __future__ import annotations

from dataclasses import replace

from .call import Call, Handler
from .encoding import Row
from .errors import already_exists, not_found, refused
from .principals import pointer, scope, without
from .recipients import GROUPS, MAILBOXES
from .scopes import APPLICATION_ROLES, in_scope
from .state import EVERYWHERE, Reach, RoleAssignment

LONGEST_NAME = 64


def reach_of(call: Call, one: RoleAssignment) -> tuple[str, str]:
    """Return the kind of an assignment's scope and its name."""
    reach = one.reach
    if reach.custom_scope:
        names = {entry.guid: entry.name for entry in call.exchange.current.scopes}
        return "CustomRecipientScope", names.get(reach.custom_scope, "")
    if reach.unit:
        return "AdministrativeUnit", reach.unit
    object_id = reach.group or reach.user
    if object_id:
        recipient = call.recipients.by_id(object_id)
        return ("Group" if reach.group else "User"), recipient.name if recipient else object_id
    return "Organization", "Organization"


def assignment_row(call: Call, one: RoleAssignment) -> Row:
    """Return an assignment as the cmdlets show it."""
    kind, name = reach_of(call, one)
    owner = next((entry for entry in call.exchange.current.pointers if entry.object_id == one.app), None)
    return {
        "Name": one.name,
        "Identity": one.name,
        "Guid": one.guid,
        "Role": one.role,
        "RoleAssignee": one.app,
        "RoleAssigneeName": (owner.display_name or owner.object_id) if owner else one.app,
        "RoleAssigneeType": "ServicePrincipal",
        "AssignmentMethod": "Direct",
        "EffectiveUserName": "",
        "CustomResourceScope": name if kind == "CustomRecipientScope" else "",
        "CustomRecipientWriteScope": name if kind == "AdministrativeUnit" else "",
        "RecipientAdministrativeUnitScope": name if kind == "AdministrativeUnit" else "",
        "RecipientGroupScope": name if kind == "Group" else "",
        "RecipientWriteScope": kind,
        "App": one.app,
        "Enabled": one.enabled,
    }


def assignment(call: Call, identity: str) -> RoleAssignment:
    """Return the assignment of a name or guid."""
    for one in call.exchange.current.assignments:
        if identity.lower() in (one.name.lower(), one.guid):
            return one
    raise not_found(identity)


def get_assignments(call: Call) -> list[Row]:
    """Get-ManagementRoleAssignment: assignments to applications are the only ones here."""
    found = [assignment(call, call.identity)] if call.identity else list(call.exchange.current.assignments)
    if "RoleAssignee" in call.given:
        owner = pointer(call, call.text("RoleAssignee"))
        found = [one for one in found if one.app == owner.object_id]
    if "Role" in call.given:
        found = [one for one in found if one.role == role(call)]
    rows = [assignment_row(call, one) for one in found]
    for name in ("RoleAssigneeType", "RecipientWriteScope", "Enabled"):
        if name in call.given:
            rows = [row for row in rows if str(row[name]).lower() == str(call.given[name]).lower()]
    if "RecipientGroupScope" in call.given:
        wanted = call.recipients.get(call.text("RecipientGroupScope"), among=GROUPS).name
        rows = [row for row in rows if row["RecipientGroupScope"] == wanted]
    if "RecipientAdministrativeUnitScope" in call.given:
        unit = call.text("RecipientAdministrativeUnitScope")
        rows = [row for row in rows if row["RecipientAdministrativeUnitScope"] == unit]
    return rows


def role(call: Call) -> str:
    """Return the role of -Role; only those for applications exist here."""
    wanted = call.text("Role").lower()
    for known in APPLICATION_ROLES:
        if known.lower() == wanted:
            return known
    raise not_found(call.text("Role"))


def limits(call: Call) -> Reach:
    """Return the scope that parameters name; at most one may be given."""
    names = ("CustomResourceScope", "RecipientAdministrativeUnitScope", "RecipientGroupScope")
    given = [name for name in names if name in call.given]
    if len(given) > 1:
        raise refused(f"The parameters {' and '.join(given)} can't be used together.")
    if "CustomResourceScope" in call.given:
        return Reach(custom_scope=scope(call, call.text("CustomResourceScope")).guid)
    if "RecipientGroupScope" in call.given:
        return Reach(group=call.recipients.get(call.text("RecipientGroupScope"), among=GROUPS).id)
    if "RecipientAdministrativeUnitScope" in call.given:
        wanted = call.text("RecipientAdministrativeUnitScope").lower()
        units = [one for one in call.exchange.units.values() if wanted in (one.id.lower(), one.name.lower())]
        if not units:
            raise not_found(call.text("RecipientAdministrativeUnitScope"))
        return Reach(unit=units[0].id)
    return EVERYWHERE


def new_assignment(call: Call) -> list[Row]:
    """New-ManagementRoleAssignment, for applications."""
    if "App" not in call.given:
        raise refused("The lab imitates role assignments to applications only.")
    owner, name = pointer(call, call.text("App")), call.text("Name")
    wanted = role(call)
    name = name or f"{wanted}-{owner.display_name or owner.object_id}"[:LONGEST_NAME]
    if len(name) > LONGEST_NAME:
        raise refused(
            f"The length of the property is too long. The maximum length is {LONGEST_NAME}. Property Name: Name"
        )
    assignments = call.exchange.current.assignments
    if any(one.name.lower() == name.lower() for one in assignments):
        raise already_exists(name)
    one = RoleAssignment(call.exchange.new_guid(), name, wanted, owner.object_id, limits(call))
    if call.rehearsal:
        return []
    call.exchange.change(assignments=(*assignments, one))
    return [assignment_row(call, one)]


def set_assignment(call: Call) -> list[Row]:
    """Set-ManagementRoleAssignment: another scope, or enabled or not."""
    one = assignment(call, call.identity)
    wanted = limits(call)
    reach = one.reach if wanted == EVERYWHERE else wanted
    changed = replace(one, reach=reach, enabled=call.given.get("Enabled", one.enabled))
    if changed == one:
        call.unchanged(call.identity)
    elif not call.rehearsal:
        call.exchange.change(assignments=without(call.exchange.current.assignments, one, changed))
    return []


def remove_assignment(call: Call) -> list[Row]:
    """Remove-ManagementRoleAssignment."""
    one = assignment(call, call.identity)
    if not call.rehearsal:
        call.exchange.change(assignments=without(call.exchange.current.assignments, one))
    return []


def test(call: Call) -> list[Row]:
    """Test-ServicePrincipalAuthorization: what is configured now, whatever is in force."""
    owner = pointer(call, call.identity)
    resource = call.recipients.get(call.text("Resource"), among=MAILBOXES) if "Resource" in call.given else None
    configuration = call.exchange.current
    rows: list[Row] = []
    for one in configuration.assignments:
        if one.app != owner.object_id or not one.enabled:
            continue
        kind, name = reach_of(call, one)
        inside: bool | str = "Not Run" if resource is None else in_scope(call.tenant, configuration, one, resource.id)
        rows.append(
            {
                "RoleName": one.role,
                "GrantedPermissions": APPLICATION_ROLES[one.role],
                "AllowedResourceScope": name,
                "ScopeType": kind,
                "InScope": inside,
            }
        )
    return rows


HANDLERS: dict[str, Handler] = {
    "Get-ManagementRoleAssignment": get_assignments,
    "New-ManagementRoleAssignment": new_assignment,
    "Set-ManagementRoleAssignment": set_assignment,
    "Remove-ManagementRoleAssignment": remove_assignment,
    "Test-ServicePrincipalAuthorization": test,
}
