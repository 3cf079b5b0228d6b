# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes, one file per resource. ``register_all`` puts them into a router."""

from __future__ import annotations

from ..routing import Router
from . import (
    api_keys,
    applications,
    domains,
    drivers,
    execution,
    metadata,
    minor,
    modules,
    repositories,
    root,
    settings,
    signin,
    systems,
    tenants,
    trigger_instances,
    triggers,
    users,
    zones,
)

PARTS = (
    root,
    signin,
    zones,
    systems,
    execution,
    modules,
    drivers,
    repositories,
    settings,
    metadata,
    domains,
    api_keys,
    users,
    triggers,
    trigger_instances,
    tenants,
    applications,
    minor,
)


def register_all(router: Router) -> Router:
    """Register every route of the server."""
    for part in PARTS:
        part.register(router)
    return router
