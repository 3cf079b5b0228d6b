# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cmdlets of what role assignments refer to: pointers to service principals, and management scopes.

Names of properties are those of documents and of a client's source (exchange_cmdlets.json).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .call import Call, Handler, parsed
from .encoding import Row
from .errors import already_exists, no_service_principal, not_found, refused
from .recipients import sid_of
from .state import ManagementScope, Pointer

# -- pointers to service principals ----------------------------------------------------------------------------------


def pointer_row(one: Pointer) -> Row:
    """Return a pointer as the cmdlets show it."""
    return {
        "DisplayName": one.display_name,
        "AppId": one.app_id,
        "ObjectId": one.object_id,
        "Identity": one.object_id,
        "Id": one.object_id,
        "Guid": one.guid,
        "Sid": one.sid,
    }


def pointer(call: Call, identity: str) -> Pointer:
    """Return the pointer an identity means: object id, application id, guid, SID or display name."""
    wanted = identity.lower()
    for one in call.exchange.current.pointers:
        if wanted in map(str.lower, (one.object_id, one.app_id, one.guid, one.sid, one.display_name)):
            return one
    raise not_found(identity)


def get_pointers(call: Call) -> list[Row]:
    """Get-ServicePrincipal."""
    if call.identity:
        return [pointer_row(pointer(call, call.identity))]
    return [pointer_row(one) for one in call.exchange.current.pointers]


def new_pointer(call: Call) -> list[Row]:
    """New-ServicePrincipal: the object id is that of the enterprise application (recorded refusal of any other)."""
    app_id, object_id = call.text("AppId"), call.text("ObjectId")
    principal = call.tenant.service_principals.as_of(object_id, call.tenant.lag)
    if principal is None or principal["appId"].lower() != app_id.lower():
        raise no_service_principal(object_id)
    pointers = call.exchange.current.pointers
    if any(one.object_id == principal["id"] for one in pointers):
        raise already_exists(object_id)
    one = Pointer(
        principal["appId"], principal["id"], call.text("DisplayName"), call.exchange.new_guid(), sid_of(object_id)
    )
    if call.rehearsal:
        return []
    call.exchange.change(pointers=(*pointers, one))
    return [pointer_row(one)]


def set_pointer(call: Call) -> list[Row]:
    """Set-ServicePrincipal: the display name alone."""
    one = pointer(call, call.identity)
    name = call.text("DisplayName", one.display_name)
    if name == one.display_name:
        call.unchanged(call.identity)
    elif not call.rehearsal:
        changed = replace(one, display_name=name)
        call.exchange.change(pointers=without(call.exchange.current.pointers, one, changed))
    return []


def remove_pointer(call: Call) -> list[Row]:
    """Remove-ServicePrincipal; its assignments go with it (inferred)."""
    one = pointer(call, call.identity)
    if not call.rehearsal:
        now = call.exchange.current
        left = tuple(entry for entry in now.assignments if entry.app != one.object_id)
        call.exchange.change(pointers=without(now.pointers, one), assignments=left)
    return []


def without(entries: tuple[Any, ...], old: Any, new: Any = None) -> tuple[Any, ...]:
    """Return the entries with one of them replaced, or left out."""
    return tuple(new if one is old else one for one in entries if one is not old or new is not None)


# -- management scopes -----------------------------------------------------------------------------------------------


def scope_row(one: ManagementScope) -> Row:
    """Return a scope as the cmdlets show it."""
    return {
        "Name": one.name,
        "Identity": one.name,
        "Guid": one.guid,
        "ScopeRestrictionType": "RecipientScope",
        "Exclusive": one.exclusive,
        "RecipientRoot": one.recipient_root,
        "RecipientFilter": one.recipient_filter,
    }


def scope(call: Call, identity: str) -> ManagementScope:
    """Return the scope of a name or guid."""
    for one in call.exchange.current.scopes:
        if identity.lower() in (one.name.lower(), one.guid):
            return one
    raise not_found(identity)


def get_scopes(call: Call) -> list[Row]:
    """Get-ManagementScope."""
    found = [scope(call, call.identity)] if call.identity else list(call.exchange.current.scopes)
    if "Exclusive" in call.given:
        found = [one for one in found if one.exclusive is call.given["Exclusive"]]
    if call.given.get("Orphan"):
        used = {entry.reach.custom_scope for entry in call.exchange.current.assignments}
        found = [one for one in found if one.guid not in used]
    return [scope_row(one) for one in found]


def new_scope(call: Call) -> list[Row]:
    """New-ManagementScope."""
    name, text = call.text("Name"), call.text("RecipientRestrictionFilter")
    parsed(text)
    scopes = call.exchange.current.scopes
    if any(one.name.lower() == name.lower() for one in scopes):
        raise already_exists(name)
    root, exclusive = call.text("RecipientRoot"), bool(call.given.get("Exclusive"))
    one = ManagementScope(call.exchange.new_guid(), name, text, root, exclusive)
    if call.rehearsal:
        return []
    call.exchange.change(scopes=(*scopes, one))
    return [scope_row(one)]


def set_scope(call: Call) -> list[Row]:
    """Set-ManagementScope."""
    one = scope(call, call.identity)
    text = call.text("RecipientRestrictionFilter", one.recipient_filter)
    parsed(text)
    changed = replace(
        one,
        name=call.text("Name", one.name),
        recipient_filter=text,
        recipient_root=call.text("RecipientRoot", one.recipient_root),
    )
    if changed == one:
        call.unchanged(call.identity)
    elif not call.rehearsal:
        call.exchange.change(scopes=without(call.exchange.current.scopes, one, changed))
    return []


def remove_scope(call: Call) -> list[Row]:
    """Remove-ManagementScope; one that is in use stays."""
    one = scope(call, call.identity)
    if any(entry.reach.custom_scope == one.guid for entry in call.exchange.current.assignments):
        raise refused(
            f"The management scope '{one.name}' can't be removed because a management role assignment uses it."
        )
    if not call.rehearsal:
        call.exchange.change(scopes=without(call.exchange.current.scopes, one))
    return []


HANDLERS: dict[str, Handler] = {
    "Get-ServicePrincipal": get_pointers,
    "New-ServicePrincipal": new_pointer,
    "Set-ServicePrincipal": set_pointer,
    "Remove-ServicePrincipal": remove_pointer,
    "Get-ManagementScope": get_scopes,
    "New-ManagementScope": new_scope,
    "Set-ManagementScope": set_scope,
    "Remove-ManagementScope": remove_scope,
}
