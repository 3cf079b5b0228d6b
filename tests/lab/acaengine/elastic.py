# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists (EQ lib/co-elastic-query.rb): what Elasticsearch finds, read again from the database.

The index is behind by ``index_lag`` seconds: it decides which documents are listed, in which order and how many there are;
their content always is the current one, and a document that is gone drops out (search, "records = ... find_by_id").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from .errors import Crash
from .http import Context
from .params import to_i
from .store import Document, Row, Table

DEFAULT_LIMIT = 20
MAX_OFFSET = 10_000
WINDOW = 10_000
"""Elasticsearch 2: index.max_result_window."""

NOT_INDEXED = frozenset(("settings", "conditions", "actions", "id"))
"""Objects with "enabled": false in RE db/es_template.json; ids are keys, not part of the documents."""
NAME_CUTS = re.compile(r"[\W_]+")
"""Analyser "aggressive_tokenisation" of RE db/es_template.json."""
STANDARD = re.compile(r"\w+(?:(?:(?<=[^\W\d_])[.':](?=[^\W\d_])|(?<=\d)[.,'](?=\d))\w+)*")
"""The standard analyser, as far as names need it: "27.01" and "acme.example" are one word each."""

Keep = Callable[[Row], bool]
Terms = tuple[frozenset[str], frozenset[str]]


def analyse(text: str) -> list[str]:
    """Return the words the standard analyser finds."""
    return [word.lower() for word in STANDARD.findall(text)]


def terms(row: Row, design: str) -> Terms:
    """Return the words of a document's name and of all of it; its type is a text of the document like others."""
    known = getattr(row, "terms", None)
    if known is not None:
        return known  # type: ignore[no-any-return]
    name = frozenset(word for word in NAME_CUTS.split(str(row.get("name") or "").lower()) if word)
    everything = set(analyse(design))
    for key, value in row.items():
        if key not in NOT_INDEXED:
            _gather(value, everything)
    found = (name, frozenset(everything))
    if isinstance(row, Document):
        row.terms = found
    return found


def _gather(value: Any, words: set[str]) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _gather(item, words)
    elif isinstance(value, list):
        for item in value:
            _gather(item, words)
    elif value is not None and not isinstance(value, bool):
        words.update(analyse(str(value)))


# -- simple_query_string (Lucene 5's SimpleQueryParser), default operator OR --

TOKEN = re.compile(r'"(?P<phrase>[^"]*)"?|(?P<not>-)|(?P<op>[|+()])|(?P<word>[^\s"|+()]+)|(?P<space>\s+)')
Clause = Callable[[Terms], bool]


def parse(text: str, *, with_name: bool) -> Clause:
    """Return a function that tells whether the words of a document match a query.

    Words are joined with OR, ``+`` makes it AND, ``-word`` is "or anything without it", a word that ends with ``*`` is a
    prefix, which is compared as it stands: "27.01*" is no beginning of a word of a *name*, which is cut at the dot, but
    one of a word of the whole document.
    """
    clauses: list[Clause] = []
    together = negated = False
    for found in TOKEN.finditer(text):
        if found["not"]:
            negated = not negated
            continue
        if found["op"] == "+":
            together = bool(clauses)
        elif found["word"] or found["phrase"]:
            clause = _clause(found["word"] or found["phrase"], with_name=with_name)
            if negated:
                clause = _without(clause)
            if together:
                clause = _both(clauses.pop(), clause)
            clauses.append(clause)
            together = False
        negated = False
    return lambda known: any(clause(known) for clause in clauses)


def _clause(word: str, *, with_name: bool) -> Clause:
    fields = (0, 1) if with_name else (1,)
    if word.endswith("*"):
        beginning = word[:-1].lower()
        return lambda known: any(any(term.startswith(beginning) for term in known[field]) for field in fields)
    by_field = {0: [part for part in NAME_CUTS.split(word.lower()) if part], 1: analyse(word)}
    return lambda known: any(part in known[field] for field in fields for part in by_field[field])


def _without(clause: Clause) -> Clause:
    return lambda known: not clause(known)


def _both(one: Clause, other: Clause) -> Clause:
    return lambda known: one(known) and other(known)


def score(text: str, known: Terms) -> int:
    """Return how relevant a document is: words found in its name count more (inferred; only the order is affected)."""
    words = [word for word in re.split(r"[\s\"|+()-]+", text.lower().rstrip("*")) if word]
    return sum(3 * (word in known[0]) + (word in known[1]) for word in words)


def search(
    ctx: Context,
    table: Table,
    *,
    keep: Sequence[Keep] = (),
    with_name: bool = False,
    parent: Callable[[Row], Terms | None] | None = None,
) -> tuple[int, list[Row]]:
    """Return the total and one page of documents.

    The order is that of the table (the controller's sort) or, with ``q``, that of relevance (EQ Query#build).

    ``with_name`` searches doc.name before everything (search_field), ``parent`` the document's parent as well (has_parent).
    """
    options = ctx.state.options
    wanted = ctx.text("limit")
    limit = min(DEFAULT_LIMIT if wanted is None else to_i(wanted), options.list_cap)
    offset = min(to_i(ctx.text("offset")), MAX_OFFSET)
    if limit < 0 or offset < 0 or offset + limit > WINDOW:
        raise Crash(f"Result window is too large or negative: {offset} + {limit}")
    rows = visible(table, options.index_lag)
    for condition in keep:
        rows = [row for row in rows if condition(row)]
    query = ctx.text("q") or ""
    if query:
        rows = _matching(rows, f"{query}*", table.name, with_name=with_name, parent=parent)
    total = len(rows)
    records = [current for row in rows[offset : offset + limit] if (current := table.get(row["id"])) is not None]
    if len(records) < limit and total > len(records) + offset:
        total = len(records) + offset
    return total, records


def _matching(
    rows: list[Row], query: str, design: str, *, with_name: bool, parent: Callable[[Row], Terms | None] | None
) -> list[Row]:
    matches = parse(query, with_name=with_name)
    found = []
    for row in rows:
        known = terms(row, design)
        above = parent(row) if parent else None
        if matches(known) or (above is not None and matches(above)):
            found.append((-score(query, known), row))
    return [row for _score, row in sorted(found, key=lambda pair: pair[0])]


def visible(table: Table, lag: float) -> list[Row]:
    """Return the documents as the index shows them."""
    older = table.lagging(lag) if lag else {}
    if not older:
        return list(table)
    rows = [row for row in table.rows.values() if row["id"] not in older]
    rows += [row for row in older.values() if row is not None]
    return sorted(rows, key=table.order_of)
