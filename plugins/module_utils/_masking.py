# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that must not be shown, taken out of texts that others wrote: servers, PowerShell, Compose."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "********"
"""Stands for a secret wherever a value is shown."""
# Shorter ones are no secrets, and masking them would spoil every sentence.
_SHORTEST = 4


class Secrets:
    """Values that are replaced wherever they turn up.

    Whole ones: so a text is masked before it is cut, since nobody recognises a part.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """Hide a value, also as Compose, JSON, a URL or a form would write it."""
        if len(value) < _SHORTEST:
            return
        forms = {value, value.replace("$", "$$"), json.dumps(value)[1:-1], quote(value, safe=""), quote_plus(value)}
        self._values.update(forms)

    def hide(self, text: str) -> str:
        """The text without them."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text
