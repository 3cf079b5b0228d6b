# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cmdlets of application access policies.

Documented: application, scope and right cannot be changed; Get without any policy fails with "couldn't be found" and Get
with an unknown identity returns all of them; about 300 policies fit when their description is one blank, about 100 with a
generated one. Inferred: a policy with the same application, scope and right is refused; an identity that means two
policies (RestrictAccess and DenyAccess on one scope, which share it) means the older one.
"""

from __future__ import annotations

import re
from dataclasses import replace

from .call import Call, Handler
from .encoding import Row
from .errors import no_security_principal, not_found, policy_exists, refused, size_limit
from .evaluation import EVERY_APPLICATION, policies_allow
from .recipients import MAILBOXES, SECURITY_PRINCIPALS, Recipient, scopes_of, sid_of
from .state import AccessPolicy

GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
SIZE_LIMIT = 32_000
SIZE_OF_ONE = 105
"""Beside its description. With both numbers 300 policies with one blank fit, and 100 with a generated description."""


def identity_of(call: Call, policy: AccessPolicy) -> str:
    """Return the identity of a policy; its right is no part of it (recorded)."""
    return f"{call.tenant.id}\\{policy.app_id}:{sid_of(policy.scope_id)};{policy.scope_id}"


def row_of(call: Call, policy: AccessPolicy) -> Row:
    """Return a policy as the cmdlets show it (recorded on consoles)."""
    scope = call.recipients.by_id(policy.scope_id)
    return {
        "ScopeName": scope.display_name if scope else "",
        "ScopeIdentity": scope.name if scope else "",
        "Identity": identity_of(call, policy),
        "AppId": policy.app_id,
        "ScopeIdentityRaw": f"{sid_of(policy.scope_id)};{policy.scope_id}",
        "Description": policy.description,
        "AccessRight": policy.right,
        "ShardType": "All",
        "IsValid": scope is not None,
        "ObjectState": "Unchanged",
    }


def description_of(app_id: str, scope_id: str, right: str) -> str:
    """Return the description of a policy that was given none (recorded)."""
    return (
        f"AppId: {app_id};\nScopeIdentitySid: {sid_of(scope_id)};\nScopeIdentityOid: {scope_id};\n"
        f"AccessRight: {right}; ShardType: All"
    )


def find(call: Call) -> AccessPolicy:
    """Return the policy of -Identity; raises CmdletError."""
    wanted = call.identity.lower()
    for policy in call.exchange.current.policies:
        if identity_of(call, policy).lower() == wanted:
            return policy
    raise not_found(call.identity)


def get(call: Call) -> list[Row]:
    """Get-ApplicationAccessPolicy."""
    policies = call.exchange.current.policies
    if not policies:
        raise not_found(f"{call.tenant.id}\\*")
    named = [one for one in policies if identity_of(call, one).lower() == call.identity.lower()]
    return [row_of(call, policy) for policy in named or policies]


def new(call: Call) -> list[Row]:
    """New-ApplicationAccessPolicy: one policy for each application."""
    scope = _scope(call)
    right = call.text("AccessRight")
    policies = list(call.exchange.current.policies)
    made: list[AccessPolicy] = []
    for app_id in call.given["AppId"]:
        if app_id != EVERY_APPLICATION and not GUID.match(app_id):
            raise refused(f"The value '{app_id}' of parameter AppId is neither a GUID nor '*'.")
        text = call.given.get("Description")
        policy = AccessPolicy(
            app_id, right, scope.id, description_of(app_id, scope.id, right) if text is None else text
        )
        if any(one.rule == policy.rule for one in policies):
            raise policy_exists(identity_of(call, policy))
        policies.append(policy)
        made.append(policy)
    if sum(SIZE_OF_ONE + len(one.description) for one in policies) > SIZE_LIMIT:
        raise size_limit()
    if call.rehearsal:
        return []
    call.exchange.change(policies=tuple(policies))
    return [row_of(call, policy) for policy in made]


def _scope(call: Call) -> Recipient:
    scope = call.recipients.get(call.text("PolicyScopeGroupId"))
    if scope.details not in SECURITY_PRINCIPALS:
        raise no_security_principal(scope.name, scope.details)
    return scope


def change(call: Call) -> list[Row]:
    """Set-ApplicationAccessPolicy: the description alone."""
    policy = find(call)
    text = call.given.get("Description")
    if text is None or text == policy.description:
        call.unchanged(call.identity)
        return []
    if not call.rehearsal:
        changed = replace(policy, description=text)
        policies = tuple(changed if one is policy else one for one in call.exchange.current.policies)
        call.exchange.change(policies=policies)
    return []


def remove(call: Call) -> list[Row]:
    """Remove-ApplicationAccessPolicy."""
    policy = find(call)
    if not call.rehearsal:
        call.exchange.change(policies=tuple(one for one in call.exchange.current.policies if one is not policy))
    return []


def test(call: Call) -> list[Row]:
    """Test-ApplicationAccessPolicy: what is configured now, whatever is in force."""
    mailbox = call.recipients.get(call.identity, among=MAILBOXES)
    rules = [policy.rule for policy in call.exchange.current.policies]
    allowed = policies_allow(rules, call.text("AppId"), scopes_of(call.tenant, mailbox.id))
    return [
        {
            "AppId": call.text("AppId"),
            "Mailbox": mailbox.name,
            "MailboxId": mailbox.id,
            "MailboxSid": mailbox.sid,
            "AccessCheckResult": "Granted" if allowed else "Denied",
        }
    ]


HANDLERS: dict[str, Handler] = {
    "Get-ApplicationAccessPolicy": get,
    "New-ApplicationAccessPolicy": new,
    "Set-ApplicationAccessPolicy": change,
    "Remove-ApplicationAccessPolicy": remove,
    "Test-ApplicationAccessPolicy": test,
}
