# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was granted in Entra, and how it bears on scopes that Exchange sets.

Grants of both add up: an unscoped grant of Entra opens every mailbox whatever RBAC says (Microsoft's article on RBAC
for Applications). Access policies limit grants of Entra, but not all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    ACCESS_POLICY,
    Note,
    info,
    warning,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph, segment
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import (
    Resource,
    answer_of,
    grants,
    optional_text,
    same,
    text,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_access_policy
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import POLICY_LIMITED

ESCAPES_POLICIES = "Calendars.ReadBasic.All"
EVERYTHING = "full_access_as_app"
"""Exchange Web Services as any mailbox."""
_OF_MAILBOXES = POLICY_LIMITED | {ESCAPES_POLICIES}


@dataclass(frozen=True)
class Held:
    """Application permissions held in Entra. source: where that was read; values None: it could not be, for this reason."""

    values: frozenset[str] | None
    source: str


def read_principal(graph: Graph, app_id: str) -> tuple[str, str]:
    """(object id, display name) of the service principal of an application."""
    path = f"/v1.0/servicePrincipals(appId='{segment(app_id)}')"
    row = graph.get(path, {"$select": "id,appId,displayName"})
    kind = "a service principal"
    with answer_of("GET", graph.http.url(path)):
        return text(same(row, "appId", app_id, kind), "id", kind), optional_text(row, "displayName", kind) or ""


def read_grants(graph: Graph, object_id: str) -> frozenset[str]:
    """The names of all application permissions that a service principal holds."""
    path = f"/v1.0/servicePrincipals/{segment(object_id)}/appRoleAssignments"
    rows = graph.items(path)
    with answer_of("GET", graph.http.url(path)):
        found = grants(rows)
    resources = {resource: _resource(graph, resource) for resource in sorted({grant.resource_id for grant in found})}
    return frozenset(resources[grant.resource_id].value_of(grant.role_id) for grant in found)


def _resource(graph: Graph, object_id: str) -> Resource:
    path = f"/v1.0/servicePrincipals/{segment(object_id)}"
    row = graph.get(path, {"$select": Resource.SELECT})
    with answer_of("GET", graph.http.url(path)):
        return Resource.read(same(row, "id", object_id, "an API"))


def grant_notes(kind: str, app_id: str, held: Held, scoped: Collection[str], *, restricted: bool = False) -> list[Note]:
    """What the grants of Entra do to the scopes.

    scoped: the permissions that RBAC is to scope; restricted: access policies limit what Entra grants besides.
    """
    if held.values is None:
        return [
            info(
                "entra_grants_unknown", app_id,
                f"Whether Entra grants it mailbox permissions besides could not be read: {held.source}",
                "Give the automation identity Application.Read.All, or give app.",
            )
        ]  # fmt: skip
    if kind == ACCESS_POLICY:
        return _escaping(app_id, held)
    families = {name.partition(".")[0] for name in scoped}
    defeating = sorted(
        name for name in held.values & _OF_MAILBOXES if name == EVERYTHING or name.partition(".")[0] in families
    )
    others = sorted((held.values & _OF_MAILBOXES) - set(defeating))
    notes = []
    if defeating and restricted:
        notes.append(
            warning(
                "rbac_unscoped_grant", app_id,
                f"Entra grants it {', '.join(defeating)} ({held.source}), which only its access policies limit; the scopes "
                "of RBAC do not, since both add up.",
                "Remove this permission from the application in Entra before its access policies; the roles replace it.",
                {"permissions": defeating},
            )
        )  # fmt: skip
    elif defeating:
        notes.append(
            warning(
                "rbac_unscoped_grant", app_id,
                f"Entra grants it {', '.join(defeating)} for every mailbox ({held.source}); this adds up with the roles of "
                "Exchange, so their scope limits nothing.",
                "Remove this permission from the application in Entra (its grant too); the roles of Exchange replace it.",
                {"permissions": defeating},
            )
        )  # fmt: skip
    if others:
        notes.append(
            warning(
                "unscoped_mailbox_permission", app_id,
                f"Entra grants it {', '.join(others)} besides, which no scope of the list limits.",
                "Give it in permissions of the list instead of in Entra, or remove it.",
            )
        )  # fmt: skip
    return notes


def _escaping(app_id: str, held: Held) -> list[Note]:
    if ESCAPES_POLICIES not in (held.values or ()):
        return []
    return [
        warning(
            "policies_escaped", app_id,
            f"Entra grants it {ESCAPES_POLICIES}, which no access policy limits: it reads the times of every calendar.",
            "Remove this permission from the application.",
            {"permissions": [ESCAPES_POLICIES]},
        )
    ]  # fmt: skip


def regime_notes(
    kind: str, app_id: str, policies: Sequence[str], roles: Sequence[str], unread: Mapping[str, str] | None = None
) -> list[Note]:
    """A warning where both ways of scoping are in use for one application; unread: cmdlets that failed, with why."""
    if unread:
        other = "roles of RBAC for Applications" if kind == ACCESS_POLICY else "application access policies"
        why = "; ".join(f"{cmdlet}: {words}" for cmdlet, words in unread.items())
        return [
            info(
                "other_regime_unknown", app_id, f"Whether it also has {other} could not be read ({why}).",
                "Give the automation identity the role to look at them, to have them looked at.",
            )
        ]  # fmt: skip
    if kind == ACCESS_POLICY and roles:
        return [
            warning(
                "both_regimes", app_id,
                f"It also holds roles of RBAC for Applications ({', '.join(roles)}); they add to what policies leave.",
                f"Use one of the two; for the successor set {of_graph_access_policy('kind')} to rbac.",
            )
        ]  # fmt: skip
    if kind != ACCESS_POLICY and policies:
        return [
            warning(
                "both_regimes", app_id,
                f"It also has application access policies ({', '.join(policies)}); they limit what Entra grants, and add "
                "nothing to RBAC.",
                "When the roles are proved, first remove the permissions of mailboxes from the application in Entra, then "
                "these policies (kind access_policy, state absent). The other way round opens every mailbox.",
            )
        ]  # fmt: skip
    return []
