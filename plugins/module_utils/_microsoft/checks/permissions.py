# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the permissions that PlaceOS needs: requested, consented, in the token; by a token's roles and by Entra.

What an application requests grants nothing; the grant is the app role assignment, and a token has what was assigned
some time before it was made. The three are therefore told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Facts, Grant, Unread
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import Finding
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_app_check
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import (
    IMPLIED_BY,
    NONEXISTENT,
    PLACEOS_PERMISSIONS,
    RBAC_ROLES,
    WHY,
)

_CONSENT = (
    "Run the role graph_app, or let an administrator click Grant admin consent (App registrations, API permissions)."
)


def on_graph(grants: frozenset[Grant] | Unread) -> frozenset[str] | None:
    """The names of the permissions on Microsoft Graph, or None where they are unknown."""
    return None if isinstance(grants, Unread) else frozenset(grant.value for grant in grants if grant.on_graph)


def requested_of(facts: Facts, kind: str = "requested") -> frozenset[str] | None:
    """What the registration requests: kind is requested (as the application itself) or delegated (for a user)."""
    return None if isinstance(facts.registration, Unread) else on_graph(getattr(facts.registration, kind))


def canonical(facts: Facts, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as Microsoft spells them; Entra does not mind letter case, so that an inventory need not either."""
    known = {*PLACEOS_PERMISSIONS, *NONEXISTENT, *IMPLIED_BY, *RBAC_ROLES, *(facts.roles or ())}
    for more in (on_graph(facts.assigned), requested_of(facts), facts.published):
        known.update(more if isinstance(more, frozenset) else ())
    spelled = {name.casefold(): name for name in sorted(known)}
    return tuple(dict.fromkeys(spelled.get(name.casefold(), name) for name in names))


def enough(name: str) -> list[str]:
    """The permission itself, and broader ones that hold it."""
    return [name, *sorted(IMPLIED_BY.get(name, ()))]


def judge(facts: Facts) -> Iterator[Finding]:
    """Everything about the permissions that are needed."""
    good = []
    for name in canonical(facts, facts.wanted.in_token):
        findings = list(_misnamed(facts, name) or _one(facts, name))
        good.extend([] if findings else [name])
        yield from findings
    if good and facts.roles is not None:
        yield Finding(
            "permission_granted",
            facts.app,
            f"in the token, as needed: {', '.join(good)}.",
            {"permissions": good},
        )


def _misnamed(facts: Facts, name: str) -> list[Finding]:
    if name in NONEXISTENT:
        return [
            Finding(
                "permission_nonexistent",
                name,
                NONEXISTENT[name].removeprefix(f"{name} "),
                {"permission": name},
                f"Take it out of {of_graph_app_check('permissions')}.",
            )
        ]
    if isinstance(facts.published, frozenset) and name not in facts.published:
        return [
            Finding(
                "permission_unknown",
                name,
                "Microsoft Graph has no application permission of this name.",
                {"permission": name},
                f"Correct its spelling in {of_graph_app_check('permissions')}.",
            )
        ]
    return []


def _one(facts: Facts, name: str) -> Iterator[Finding]:
    """One needed permission: fine (nothing, or an info), or what stands between it and the token."""
    roles, assigned = facts.roles, on_graph(facts.assigned)
    why = f" What for: {WHY[name]}." if name in WHY else ""
    in_token = [held for held in enough(name) if roles is not None and held in roles]
    given = [held for held in enough(name) if assigned is not None and held in assigned]
    evidence = _evidence(facts, name)
    if roles is not None and in_token:
        if assigned is not None and not given:
            yield Finding(
                "permission_withdrawn",
                name,
                f"the consent was taken back; tokens lose it within about an hour.{why}",
                evidence,
                _CONSENT,
            )
        elif name not in in_token:
            yield Finding(
                "permission_broader",
                name,
                f"{in_token[0]} stands in for it, which allows more than PlaceOS needs.",
                evidence,
                f"Grant {name} and take {in_token[0]} away, when convenient.",
            )
    elif given and roles is not None:
        yield Finding(
            "permission_not_in_token_yet",
            name,
            f"consent was given, but a fresh token does not have it yet.{why}",
            evidence,
            f"Wait some minutes and check again, as {of_graph_app_check('wait')} does; clients with an older token need a new "
            "one, so restart PlaceOS's driver afterwards.",
        )
    elif not given and (roles is not None or assigned is not None):
        yield _missing(facts, name, why, evidence)


def _missing(facts: Facts, name: str, why: str, evidence: dict[str, Any]) -> Finding:
    """Needed, and neither in the token nor known to be consented."""
    assigned, requested, delegated = on_graph(facts.assigned), requested_of(facts), requested_of(facts, "delegated")
    asked = requested is not None and any(held in requested for held in enough(name))
    if requested is not None and not asked:
        if any(held in (delegated or ()) for held in enough(name)):
            return Finding(
                "permission_delegated_only",
                name,
                f"it is requested as a delegated permission only, which works for signed-in users, never for PlaceOS.{why}",
                evidence,
                "Add it as an application permission, and grant admin consent.",
            )
        if assigned is not None:
            return Finding(
                "permission_not_requested",
                name,
                f"the application neither requests nor has it.{why}",
                evidence,
                f"Add it as an application permission of Microsoft Graph. {_CONSENT}",
            )
    if asked and assigned is not None:
        return Finding(
            "permission_not_consented",
            name,
            f"it is requested, but no administrator has consented.{why}",
            evidence,
            _CONSENT,
        )
    return Finding(
        "permission_missing",
        name,
        f"it is not in the token; whether consent was given is unknown, as Entra's records may not be read.{why}",
        evidence,
        f"{_CONSENT} With {of_graph_app_check('reader')} this check tells which step is missing.",
    )


def _evidence(facts: Facts, name: str) -> dict[str, Any]:
    """Where a permission was found; None for what is unknown."""
    places = {
        "requested": requested_of(facts),
        "consented": on_graph(facts.assigned),
        "in_token": facts.roles,
    }
    return {
        "permission": name,
        **{place: None if names is None else name in names for place, names in places.items()},
    }
