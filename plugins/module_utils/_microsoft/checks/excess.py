# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges what an application holds beyond its need, and grants that defeat RBAC for Applications.

What Entra grants holds for the whole tenant and adds to what Exchange grants, so that one unscoped grant beside a
scoped role leaves nothing of the scope (learn.microsoft.com/graph/auth-limit-mailbox-access).
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.dangers import danger
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Facts, Grant, Unread
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.permissions import (
    canonical,
    enough,
    on_graph,
    requested_of,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import Finding
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import (
    of_graph_app,
    of_graph_app_check,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import (
    NONEXISTENT,
    RBAC_ROLES,
    UNNEEDED,
)

ESCAPING = frozenset({"Calendars.ReadBasic.All"})
"""Calendar permissions that application access policies do not limit (microsoft-graph-docs-contrib,
concepts/auth-limit-mailbox-access.md lists those they do)."""

_WHERE = f"in the portal, or by graph_app with {of_graph_app('purge')}"
_REVOKE = f"Revoke it {_WHERE}, unless somebody can say what for it is there."


def judge(facts: Facts) -> Iterator[Finding]:
    """Everything about permissions that are held but not needed, and about RBAC."""
    held = held_by(facts)
    yield from _rbac(facts, held)
    yield from _escaping(facts, held)
    for grant in sorted(held - _needed(facts, held)):
        yield _excess(facts, grant)
    yield from _requested(facts, held)


def held_by(facts: Facts) -> frozenset[Grant]:
    """What the application may do: by its token, and by the consents on record."""
    assigned = frozenset() if isinstance(facts.assigned, Unread) else facts.assigned
    return assigned | frozenset(Grant(role) for role in facts.roles or ())


def _names(grants: frozenset[Grant]) -> frozenset[str]:
    return on_graph(grants) or frozenset()


def _needed(facts: Facts, held: frozenset[Grant]) -> frozenset[Grant]:
    """Held grants that are asked for, stand in for what is asked for, or are spoken of elsewhere."""
    names = _names(held)
    needed = set(canonical(facts, facts.wanted.in_token))
    for name in list(needed - names):
        # A dangerous one may stand in for it, but is told as what it is.
        needed.update([stand_in for stand_in in enough(name) if stand_in in names and not danger(stand_in)][:1])
    unscoped = _unscoped(facts, held) if facts.wanted.mode == "rbac" else frozenset()
    return frozenset(Grant(name) for name in needed | ESCAPING) | unscoped


def _revoked(facts: Facts, grant: Grant) -> bool:
    """In the token, but the consent on record is gone."""
    return not isinstance(facts.assigned, Unread) and grant not in facts.assigned


def _excess(facts: Facts, grant: Grant) -> Finding:
    if _revoked(facts, grant):
        return Finding(
            "permission_lingering",
            str(grant),
            "its consent was taken back; tokens hold it for another hour or so.",
            {"permission": grant.value},
        )
    means = danger(grant.value)
    if means:
        return Finding(
            "permission_dangerous",
            str(grant),
            f"PlaceOS never needs this: {means}. Whoever gets PlaceOS's secret can do so too.",
            {"permission": grant.value, "resource": grant.resource},
            f"Revoke it now {_WHERE}, unless somebody answers for it.",
        )
    why = UNNEEDED.get(grant.value, "")
    return Finding(
        "permission_excess",
        str(grant),
        f"it is granted, but not asked for{f': {why}' if why else ''}.",
        {"permission": grant.value, "resource": grant.resource},
        _REVOKE,
    )


def _unscoped(facts: Facts, held: frozenset[Grant]) -> frozenset[Grant]:
    """Grants in Entra that reach the data which RBAC is to limit."""
    families = {name.split(".")[0] for name in canonical(facts, facts.wanted.scoped)}
    return frozenset(
        grant
        for grant in held
        if (grant.on_graph and grant.value.split(".")[0] in families) or grant.value == "full_access_as_app"
    )


def _rbac(facts: Facts, held: frozenset[Grant]) -> Iterator[Finding]:
    if facts.wanted.mode != "rbac":
        return
    for name in canonical(facts, facts.wanted.scoped):
        if name not in RBAC_ROLES:
            exists = f" {NONEXISTENT[name]}" if name in NONEXISTENT else ""
            yield Finding(
                "permission_cannot_be_scoped",
                name,
                f"Exchange has no role for it, so that RBAC for Applications can't give it.{exists}",
                {"permission": name, "roles": sorted(RBAC_ROLES)},
                f"Correct {of_graph_app_check('scoped_permissions')}.",
            )
        elif facts.roles is not None and name not in facts.roles:
            yield Finding(
                "permission_scoped_by_rbac",
                name,
                "it is not in the token, as it should be: Exchange gives it for the mailboxes in scope, which only "
                "reading them shows.",
                {"permission": name, "role": RBAC_ROLES[name]},
            )
    for grant in sorted(_unscoped(facts, held)):
        gone = _revoked(facts, grant)
        yield Finding(
            "rbac_unscoped_grant",
            str(grant),
            "its consent was taken back, but tokens still hold it for the whole tenant."
            if gone
            else "it is granted in Entra for the whole tenant. That adds up with what Exchange grants for a scope, so that "
            "the scope limits nothing.",
            {
                "permission": grant.value,
                "resource": grant.resource,
                "consented": None if isinstance(facts.assigned, Unread) else not gone,
            },
            "Wait until the token loses it (an hour or so), and restart what holds an older token."
            if gone
            else "Once Exchange has granted the mailboxes in scope (before that PlaceOS would lose them), revoke it in "
            f"Entra; graph_app does so with {of_graph_app('purge')}.",
        )


def _escaping(facts: Facts, held: frozenset[Grant]) -> Iterator[Finding]:
    if facts.wanted.mode == "rbac":
        return  # it is told there as an unscoped grant
    for name in sorted(ESCAPING & _names(held)):
        yield Finding(
            "permission_escapes_policies",
            name,
            "application access policies do not limit it: the times of all appointments in every mailbox are open.",
            {"permission": name},
            "Revoke it; Calendars.Read or Calendars.ReadWrite under a policy takes its place.",
        )


def _requested(facts: Facts, held: frozenset[Grant]) -> Iterator[Finding]:
    """The registration's own list against what is needed and granted."""
    requested, names = requested_of(facts), _names(held)
    if requested is None or isinstance(facts.registration, Unread):
        return
    wanted = canonical(facts, facts.wanted.in_token)
    stand_ins = {stand_in for name in wanted for stand_in in enough(name)}
    for grant in sorted(facts.registration.requested - held):
        if not grant.on_graph or grant.value not in stand_ins:
            yield Finding(
                "permission_requested_excess",
                str(grant),
                "it is requested, but neither asked for nor granted: the next Grant admin consent would grant it.",
                {"permission": grant.value, "resource": grant.resource},
                "Take it off the registration's list.",
            )
    for name in wanted:
        if name in names and name not in requested:
            yield Finding(
                "permission_not_on_registration",
                name,
                "it is granted, but the registration does not request it, so that administrators don't see why.",
                {"permission": name},
                "Run the role graph_app, which adds it.",
            )
