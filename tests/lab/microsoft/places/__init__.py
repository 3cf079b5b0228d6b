# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms and room lists through Graph: ``/places``.

Documented or reported by several of its users: the exact @odata.context (PlaceOS compares it), 100 a page, no
@odata.nextLink (unless the switch ``places-next-link`` is on), $top with $skip, room lists by address only and 100 rooms of
one list, metadata that is null until Set-Place was used. Access policies and scopes do not concern places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..routing import Router


def register(router: Router) -> None:
    """Register the routes."""
    from . import handlers

    handlers.register(router)
