# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How values, kinds of values and suggestions read in a fault."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

# Longer values are cut: a fault is one line on a terminal.
_SHOWN = 60

# In this order: to Python, true and false are numbers too.
_KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((bool,), "true or false"),
    ((int, float), "a number"),
    ((str,), "text"),
    ((Mapping,), "a mapping"),
    ((list, tuple), "a list"),
)


def show(value: object) -> str:
    """The value as its author wrote it, in JSON notation; a list or mapping is only named."""
    if isinstance(value, str):
        text = str(value)
        return json.dumps(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…", ensure_ascii=False)
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return kind(value)


def kind(value: object) -> str:
    """What sort of value this is, in the words of an inventory's author."""
    if value is None:
        return "empty"
    return next((words for kinds, words in _KINDS if isinstance(value, kinds)), f"a {type(value).__name__}")


def suggest(word: str, known: Iterable[str]) -> str:
    """``; did you mean "…"?``, or nothing when no known word is near."""
    near = _nearest(word, tuple(known))
    return f"; did you mean {show(near)}?" if near else ""


# The same slip tends to stand in every row of a rooms file.
@lru_cache(maxsize=1024)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    folded = {candidate.casefold(): candidate for candidate in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None
