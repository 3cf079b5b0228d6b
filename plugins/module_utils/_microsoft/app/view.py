# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of an application and what became of it, as a result and a diff; without the value of any secret."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app import secrets as app_secrets
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.apply import Done, StepFailed
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.grants import labels
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import (
    GRANT,
    SECRET,
    Current,
    Desired,
    Plan,
    Step,
    standing,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.secrets import Wish
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.errors import POLICY_DENIED, kind_of, line
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.frame import describe_any
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_app

VERBS = {"create": "created", "update": "updated", "delete": "deleted"}

OWNED = (
    "It needs Application.ReadWrite.OwnedBy, and then only applications that the signed-in one made or owns can be "
    "changed (add it as an owner of others); or Application.ReadWrite.All."
)

LIMITED = (
    "The tenant's application management policy limits client secrets: give them a shorter life with "
    f"{of_graph_app('secret.days')}, or have an administrator exempt this application."
)

AGAIN = "Run again: what was done is found, nothing is made twice."


def changes(steps: Iterable[Step], unchanged: Iterable[str]) -> dict[str, list[str]]:
    """Names of the objects by what was done with them."""
    result: dict[str, list[str]] = {verb: [] for verb in VERBS.values()}
    for step in steps:
        result[VERBS[step.verb]].append(step.label)
    return {**result, "unchanged": list(unchanged)}


def diff(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """One entry per step."""
    return [
        {
            "before_header": step.label,
            "after_header": step.label,
            "before": dict(step.before),
            "after": dict(step.after),
        }
        for step in steps
    ]


def result(plan: Plan, desired: Desired, current: Current, done: Done, now: datetime) -> dict[str, Any]:
    """The result of a run that went well; of check mode where done holds what there was."""
    after = Current(done.application, done.principal, done.grants, current.resources)
    found = {
        "application": application(done),
        "permissions": standing(after, desired).shown(),
        "secrets": _secrets(done, desired.secret, now),
        "orphans": [secret.key_id for secret in plan.orphans],
        "obstacles": list(plan.obstacles),
    }
    if done.secret is not None:
        found["secret"] = {
            "key_id": done.secret.key_id,
            "name": done.secret.name,
            "ends": app_secrets.timestamp(done.secret.ends),
        }
    return found


def application(done: Done) -> dict[str, Any]:
    """Ids are None for what there is not yet."""
    registration, principal = done.application, done.principal
    return {
        "app_id": registration.app_id if registration else None,
        "object_id": registration.object_id if registration else None,
        "service_principal_id": principal.object_id if principal else None,
        "display_name": registration.display_name if registration else None,
        "unique_name": registration.unique_name if registration else None,
        "enabled": principal.enabled if principal else None,
    }


def _secrets(done: Done, wish: Wish | None, now: datetime) -> list[dict[str, Any]]:
    found = list(done.application.secrets) if done.application else []
    if done.secret is None:
        return [app_secrets.shown(secret, wish, now) for secret in found]
    known = {secret.key_id for secret in found}
    everything = [*found, *([done.secret] if done.secret.key_id not in known else [])]
    used = Wish(done.secret.name, key_id=done.secret.key_id)
    return [app_secrets.shown(secret, used, now) for secret in everything]


# -- failures ----------------------------------------------------------------------------------------------------------


def failure(failed: StepFailed, plan: Plan, *, tenant: str, login_url: str) -> tuple[str, dict[str, Any]]:
    """(message, entry of errors) of a step that failed: what, the server's words, and what a person does next."""
    step, error = failed.step, failed.error
    entry: dict[str, Any] = describe_any(error)
    if isinstance(error, HttpError) and step is not None and error.status == 403:
        entry["hint"] = _consent(failed, plan, tenant, login_url) if step.kind == GRANT else OWNED
    elif isinstance(error, HttpError) and step is not None and step.kind == SECRET and kind_of(error) == POLICY_DENIED:
        entry["hint"] = LIMITED
    elif not entry["hint"]:
        entry["hint"] = AGAIN
    entry["subject"] = step.label if step else "what was written"
    notes = f" {' '.join(failed.done.notes)}" if failed.done.notes else ""
    return f"{line(entry)}{notes}", entry


def _consent(failed: StepFailed, plan: Plan, tenant: str, login_url: str) -> str:
    """What an administrator does who has not given this identity the right to consent."""
    done = {id(step) for step in failed.done.steps}
    left = [step.what for step in plan.of(GRANT, "create") if id(step) not in done]
    revoked = [step.what[0] for step in plan.of(GRANT, "delete") if id(step) not in done]
    registration = failed.done.application
    app_id = registration.app_id if registration else ""
    name = registration.display_name if registration else ""
    said = ["Consent needs AppRoleAssignment.ReadWrite.All together with Application.Read.All."]
    if left:
        said.append(
            f"Not granted: {', '.join(labels(left))}. Without that right an administrator grants what the registration "
            f"requests: open {login_url.rstrip('/')}/{tenant}/adminconsent?client_id={app_id} and accept (the page that "
            f"follows may complain of a missing reply address; consent is given all the same), or Entra admin center > "
            f"App registrations > All applications > {name} > API permissions > Grant admin consent. Then run again."
        )
    if revoked:
        said.append(
            f"Not revoked: {', '.join(labels(revoked))}. An administrator revokes them under Enterprise applications > "
            f"{name} > Permissions > ... > Revoke permission."
        )
    return " ".join(said)
