# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what is refused although it was asked for, since it would hit an application that was hardly meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.find import Identity, describe
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import (
    APPLICATION,
    GRANT,
    SECRET,
    Plan,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import Application
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_app


@dataclass(frozen=True)
class Signer:
    """The application that signs in, and its client secret where that is what it signs in with."""

    app_id: str = ""
    secret: str = field(default="", repr=False)

    def is_(self, application: Application) -> bool:
        """Is it this one?"""
        return bool(self.app_id) and application.app_id.lower() == self.app_id.lower()


def refusals(plan: Plan, application: Application | None, meant: Identity, signer: Signer) -> list[str]:
    """Every reason not to carry out a plan for this application."""
    if application is None:
        return []
    return [*_of_itself(plan, application, signer), *_of_somebody(plan, application, meant)]


def deletion_refusal(application: Application, signer: Signer) -> str:
    """Why this application is not deleted; empty if nothing speaks against it."""
    if not signer.is_(application):
        return ""
    return (
        f"{describe(application)} is the application that signs in: it does not delete itself. Sign in as another one, or "
        f"delete it in Entra"
    )


def _of_itself(plan: Plan, application: Application, signer: Signer) -> list[str]:
    """Nobody saws off the branch: without its rights, or its secret, it could not even put that right again."""
    if not signer.is_(application):
        return []
    found = []
    revoked = [step.name for step in plan.of(GRANT, "delete")]
    if revoked:
        found.append(
            f"{describe(application)} is the application that signs in, and would revoke its own {_some(revoked)}. Correct "
            f"{of_graph_app('app_id')}, or do without {of_graph_app('purge')}"
        )
    # Which secret signs in is told by nobody; one that begins like it may be the one. Entra shows the first characters.
    mine = [
        step.name for step in plan.of(SECRET, "delete") if step.what.hint and signer.secret.startswith(step.what.hint)
    ]
    if mine:
        found.append(
            f"{of_graph_app('remove_secrets')} names {_some(mine)} of {describe(application)}, by all appearances the secret "
            f"that signs in now. Sign in with its successor, then remove it"
        )
    return found


def _of_somebody(plan: Plan, application: Application, meant: Identity) -> list[str]:
    """Several may have one display name: enough to be reported or extended, not to be deprived of anything."""
    ids = {(given or "").lower() for given in (meant.app_id, meant.stored)}
    if application.app_id.lower() in ids or (meant.unique_name and application.unique_name == meant.unique_name):
        return []
    lost = [step.name for step in plan.of(GRANT, "delete")]
    for step in plan.of(APPLICATION, "update"):
        lost += sorted({*step.before.get("requested", ())} - {*step.after.get("requested", ())} - {*lost})
    if not lost:
        return []
    refusal = (
        f"{of_graph_app('purge')} would take {_some(lost)} from {describe(application)}, which is known by its display name "
        f"only, and may be somebody else's. If it is the one that is meant, give its id in {of_graph_app('app_id')}"
    )
    return [refusal]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names)
