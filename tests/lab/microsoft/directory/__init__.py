# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory: applications, service principals, grants, users, groups, the organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..routing import Router


def register(router: Router) -> None:
    """Register the routes."""
    from . import (  # these need the state's types
        applications,
        assignments,
        credentials,
        groups,
        organization,
        owners,
        permission_grants,
        principals,
        users,
    )

    for part in (
        applications,
        assignments,
        credentials,
        groups,
        organization,
        owners,
        permission_grants,
        principals,
        users,
    ):
        part.register(router)
