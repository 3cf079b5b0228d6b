# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Full-text search of the index routes (rest-api utilities/text-search.cr, models' search_vector columns).

The query is split into words, joined with OR; the last word matches as a prefix. A row's words are those PostgreSQL's
``simple`` configuration finds in the searchable columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

MAX_CHARACTERS = 512
MAX_TOKENS = 16
OPERATORS = frozenset(("and", "or", "not"))
EMAIL = r"[^\W_](?:[\w.%+-])*@[\w.-]+\.[^\W\d_]{2,}"
TOKENS = re.compile(rf"({EMAIL})|[\w.]+\s*:|([^\W_]+)")
# How PostgreSQL's parser cuts a text, as far as names and descriptions need it. E-mail addresses, paths, dotted names and
# decimal numbers stay whole ("27.01" is one word, which a search for 27.01 - two words - does not find); hyphenated words
# are kept whole and in parts.
PIECES = re.compile(
    rf"(?P<email>{EMAIL})|(?P<path>[\w.-]*(?:/[\w.-]+)+)|(?P<dotted>[^\W_]+(?:[-_][^\W_]+)*(?:\.[^\W_]+)+)"
    r"|(?P<hyphenated>[^\W_]+(?:-[^\W_]+)+)|(?P<word>[^\W_]+)"
)
HYPHEN = "-"

Query = tuple[list[str], str]


def parse(text: str) -> Query | None:
    """Return (whole words, prefix), or None when the text imposes no filter."""
    tokens: list[str] = []
    for match in TOKENS.finditer(text[:MAX_CHARACTERS]):
        if len(tokens) >= MAX_TOKENS:
            break
        address, word = match.groups()
        if address:
            tokens.append(address.lower())
        elif word and word.lower() not in OPERATORS:
            tokens.append(word.lower())
    return (tokens[:-1], tokens[-1]) if tokens else None


def lexemes(values: Iterable[Any]) -> frozenset[str]:
    """Return the words of the searchable columns of one row."""
    found: set[str] = set()
    for value in values:
        if value:
            text = (" ".join(value) if isinstance(value, list) else str(value)).lower()
            for match in PIECES.finditer(text):
                found.add(match.group())
                if match.lastgroup == "hyphenated":
                    found.update(match.group().split(HYPHEN))
    return frozenset(found)


def split_up(value: str | None, separators: re.Pattern[str]) -> str:
    """Return a value once cut at separators and once whole, as the columns for e-mails and URIs are indexed."""
    return f"{separators.sub(' ', value)} {value}" if value else ""


def matcher(query: Query) -> Callable[[frozenset[str]], bool]:
    """Return a function which tells whether the words of a row match."""
    words, prefix = frozenset(query[0]), query[1]

    def matches(row_words: frozenset[str]) -> bool:
        return not words.isdisjoint(row_words) or any(word.startswith(prefix) for word in row_words)

    return matches
