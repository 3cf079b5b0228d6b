# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange Online of the lab: who may read which mailbox, and the cmdlets that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..routing import Router


def register(router: Router) -> None:
    """Register the endpoint of cmdlets, and what Graph shows of Exchange's roles."""
    from . import invoke, role_management

    invoke.register(router)
    role_management.register(router)
