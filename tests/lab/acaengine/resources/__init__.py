# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes, one file per resource (RE config/routes.rb, CA config/routes.rb). ``register_all`` puts them into a router."""

from __future__ import annotations

from ..routing import Router
from . import dependencies, discovery, domains, execution, modules, nodes, signin, systems, users, zones

PARTS = (signin, zones, systems, execution, modules, dependencies, discovery, domains, users, nodes)


def register_all(router: Router) -> Router:
    """Register every route of the server."""
    for part in PARTS:
        part.register(router)
    return router
