# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entra's sign-in: discovery, keys, tokens by secret or certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..routing import Router


def register(router: Router) -> None:
    """Register the routes."""
    from . import discovery, token  # these need the state's types

    discovery.register(router)
    token.register(router)
