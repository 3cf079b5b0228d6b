# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""May the bearer of a token make a call? By the permission matrix alone (tables/permissions.json)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .errors import GraphError, known

Accept = Sequence[str | Sequence[str]]
"""Alternatives; one that is itself a list must be held together."""


def holds(roles: Collection[str], accept: Accept) -> bool:
    """Tell whether roles satisfy one of the alternatives."""
    return any(
        one in roles if isinstance(one, str) else bool(one) and all(part in roles for part in one) for one in accept
    )


def refusal(area: str, roles: Collection[str]) -> GraphError:
    """Return the 403 of a part of Graph: directory, exchange or places."""
    if area == "places":
        return known("missing_consent_places", roles=" ".join(sorted(roles)))
    return known("missing_consent_exchange" if area == "exchange" else "missing_consent_directory")


def check(area: str, roles: Collection[str], accept: Accept) -> None:
    """Raise the 403 of a part of Graph unless one alternative is held."""
    if not holds(roles, accept):
        raise refusal(area, roles)
