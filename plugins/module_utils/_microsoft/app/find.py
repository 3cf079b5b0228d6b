# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the one application that is meant, and reads all that its plan needs; an unchanged run reads each thing once.

A display name is not unique in Entra, an application id and a unique name are (Graph documentation, resources/application).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.directory import Directory
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.grants import requested
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import Current
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.consistency import (
    DELAYS,
    NotConsistent,
    wait_until,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import Application
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_app

PATIENCE = 7.0
"""Seconds for which an application whose id was given is looked for: an earlier task may just have made it."""

PATIENCE_WITH_SECRETS = sum(DELAYS)
"""Seconds for which the secret in use is looked for: making another one where it was only just made would be worse."""


class NotOne(Exception):
    """The application that is meant can't be told, or is not there although it must be."""


@dataclass(frozen=True)
class Identity:
    """What tells the application. stored: the application id that the file with its secret names."""

    app_id: str | None = None
    unique_name: str | None = None
    name: str | None = None
    stored: str | None = None


def find(
    directory: Directory, identity: Identity, *, deadline: float, sleep: Callable[[float], None] = time.sleep
) -> Application | None:
    """The application, or None where it has to be made."""
    if identity.app_id:
        found = _by_app_id(directory, identity.app_id, min(deadline, PATIENCE), sleep)
        if found is None:
            raise NotOne(
                f"there is no application with the id {identity.app_id} in this tenant; an id can't be chosen, so leave "
                f"{of_graph_app('app_id')} out to have one made, or correct the id or the tenant"
            )
    else:
        found = _by_names(directory, identity)
    if found is not None and identity.stored and found.app_id != identity.stored.lower():
        raise NotOne(
            f"{of_graph_app('secret_file')} holds the secret of application {identity.stored}, and the one meant here is "
            f"{describe(found)}: name another secret_file, or move that one away"
        )
    return found


def _by_app_id(
    directory: Directory, app_id: str, patience: float, sleep: Callable[[float], None]
) -> Application | None:
    try:
        return wait_until(
            lambda: directory.application_by("appId", app_id),
            lambda found: found is not None,
            deadline=patience,
            times=1,
            sleep=sleep,
        )
    except NotConsistent:
        return None


def with_secret(
    directory: Directory,
    application: Application,
    key_id: str,
    *,
    deadline: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Application:
    """The application as a copy has it that knows this secret, or as it was where none does."""

    def knows(found: Application | None) -> bool:
        return found is not None and any(secret.key_id == key_id for secret in found.secrets)

    if knows(application):
        return application
    try:
        found = wait_until(
            lambda: directory.application(application.object_id),
            knows,
            deadline=min(deadline, PATIENCE_WITH_SECRETS),
            times=1,
            sleep=sleep,
        )
    except NotConsistent:
        return application
    return found or application


def _by_names(directory: Directory, identity: Identity) -> Application | None:
    if identity.unique_name:
        found = directory.application_by("uniqueName", identity.unique_name)
        if found is not None:
            return found
    if identity.stored:
        # It may have been renamed by hand; making a second one would leave the first with all its rights.
        found = directory.application_by("appId", identity.stored)
        if found is not None:
            return found
    if not identity.name:
        return None
    candidates = directory.applications_named(identity.name)
    if identity.unique_name:
        # One with another unique name belongs to somebody else.
        candidates = [found for found in candidates if not found.unique_name]
    if len(candidates) > 1:
        raise NotOne(
            f"{len(candidates)} applications are named {identity.name!r}: {_listed(candidates)}. Give {of_graph_app('app_id')} to "
            f"say which one is meant"
        )
    return candidates[0] if candidates else None


def _listed(applications: Sequence[Application]) -> str:
    return "; ".join(describe(found) for found in sorted(applications, key=lambda found: found.created))


def describe(application: Application) -> str:
    """An application for an error message."""
    created = f", created {application.created}" if application.created else ""
    return f"{application.display_name} ({application.app_id}{created})"


def read(directory: Directory, application: Application | None, scope: Sequence[str], *, permissions: bool) -> Current:
    """All that a plan needs. scope: application ids of the APIs; permissions: are they looked after at all?

    APIs that are not in the scope are read only where the application has something of them, to name it.
    """
    principal = directory.principal(application.app_id) if application else None
    grants = directory.grants(principal) if principal else ()
    if not permissions:
        return Current(application, principal, grants)
    resources = {app_id: directory.resource(app_id) for app_id in scope}
    for app_id in dict(requested(application.required)) if application else ():
        if app_id not in resources:
            resources[app_id] = directory.resource(app_id)
    for grant in grants:
        if grant.resource_id not in {resource.object_id for resource in resources.values() if resource}:
            other = directory.resource_by_object(grant.resource_id)
            if other is not None:
                resources[other.app_id] = other
    return Current(application, principal, grants, resources)
