# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What will stop the steps of a plan: rights that the signed-in application lacks, as far as check mode can tell.

By the roles in its token. One without roles is a person's or tells nothing, so nothing is foreseen for it. What it may do
through roles of the directory (Privileged Role Administrator), the token's wids tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.grants import labels
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import (
    APPLICATION,
    GRANT,
    SECRET,
    Current,
    Plan,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import Claims

CONSENTING = "AppRoleAssignment.ReadWrite.All"
OWNED = "Application.ReadWrite.OwnedBy"
ANY = frozenset({"Application.ReadWrite.All", "Directory.ReadWrite.All"})

_GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
_PRIVILEGED_ROLES = "e8611ab8-c189-46e8-94e1-60213ab1f814"
_APPLICATIONS = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
_CLOUD_APPLICATIONS = "158c047a-c907-4556-b7ef-446551a6b5f7"
"""Templates of roles of the directory, the same in all tenants (entra/identity/role-based-access-control/permissions-reference)."""
MAY_CONSENT = frozenset({_GLOBAL, _PRIVILEGED_ROLES})
MAY_WRITE = frozenset({_GLOBAL, _APPLICATIONS, _CLOUD_APPLICATIONS})


def obstacles(
    plan: Plan, current: Current, claims: Claims, owners: Callable[[str], Collection[str] | None]
) -> list[str]:
    """What a person has to do before the steps can be taken, one sentence each.

    owners: the object ids of an application's owners by its own, None where they may not be read.
    """
    if not claims.roles:
        return []
    found = []
    if plan.of(GRANT) and CONSENTING not in claims.roles and not MAY_CONSENT & claims.directory_roles:
        roles = labels([step.what[0] if step.verb == "delete" else step.what for step in plan.of(GRANT)])
        found.append(
            f"the application that signs in has no {CONSENTING}, so that Entra will refuse to give or revoke consent "
            f"({', '.join(roles)}); an administrator has to do that"
        )
    application = current.application
    writes = [*plan.of(APPLICATION, "update"), *plan.of(SECRET)]
    if application is None or not writes or ANY & claims.roles or MAY_WRITE & claims.directory_roles:
        return found
    if OWNED not in claims.roles:
        lacks = f"has no {OWNED}"
    else:
        known = owners(application.object_id) if claims.object_id else None
        if known is None or claims.object_id in known:
            return found
        lacks = f"has {OWNED} and does not own it"
    found.append(
        f"the application that signs in {lacks}, so that Entra will refuse to change {application.display_name} "
        f"({application.app_id}): {', '.join(dict.fromkeys(step.label for step in writes))}; an administrator makes it an "
        "owner of that application (Microsoft Graph or Azure CLI: az ad app owner add), or grants Application.ReadWrite.All"
    )
    return found
