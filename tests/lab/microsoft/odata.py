# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""$filter, $select and $orderby, as much of OData as clients of this service use.

``matcher(text, kind)`` returns a function over rows. Supported: eq, ne, gt, ge, lt, le, in, and, or, not, parentheses,
startswith, endswith, contains, and ``list/any(x:x eq 'value')``. Texts are compared without regard to case, as the
directory does.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from .errors import bad_request
from .facts import properties
from .table import Row

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<mark>[(),:])|(?P<word>[A-Za-z0-9_.@$/+-]+))", re.DOTALL)
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}
Match = Callable[[Row], bool]


class Filter:
    """A parsed $filter; ``advanced`` when it needs ``ConsistencyLevel: eventual`` (ne, not, endswith)."""

    def __init__(self, text: str, kind: str) -> None:
        self.kind = kind
        self.known = {name.lower(): name for name in properties(kind)}
        self.advanced = False
        self.words = split(text)
        self.at = 0
        self.match = self._either()
        if self.at < len(self.words):
            raise invalid(f"Syntax error: character '{self.words[self.at]}' is not valid at position {self.at}.")

    def _peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def _take(self, wanted: str = "") -> str:
        word = self._peek()
        if not word or (wanted and word.lower() != wanted):
            raise invalid(f"Syntax error: '{wanted or 'a value'}' expected at position {self.at}.")
        self.at += 1
        return word

    def _either(self) -> Match:
        left = self._both()
        while self._peek().lower() == "or":
            self._take()
            left = _or(left, self._both())
        return left

    def _both(self) -> Match:
        left = self._one()
        while self._peek().lower() == "and":
            self._take()
            left = _and(left, self._one())
        return left

    def _one(self) -> Match:
        word = self._take()
        lower = word.lower()
        if lower == "not":
            self.advanced = True
            inner = self._one()
            return lambda row: not inner(row)
        if word == "(":
            inner = self._either()
            self._take(")")
            return inner
        if lower in FUNCTIONS and self._peek() == "(":
            return self._function(lower)
        if lower.endswith("/any") and self._peek() == "(":
            return self._any(word[:-4])
        return self._comparison(self._getter(word))

    def _function(self, name: str) -> Match:
        self.advanced = self.advanced or name == "endswith"
        self._take("(")
        get = self._getter(self._take())
        self._take(",")
        wanted = str(literal(self._take())).lower()
        self._take(")")
        if self._peek().lower() == "eq" and self.words[self.at + 1 : self.at + 2] == ["true"]:
            self.at += 2
        test = FUNCTIONS[name]
        return lambda row: isinstance(get(row), str) and test(get(row).lower(), wanted)

    def _any(self, name: str) -> Match:
        get = self._getter(name)
        self._take("(")
        variable = self._take()
        self._take(":")
        if self._peek().lower() in FUNCTIONS:
            test = FUNCTIONS[self._take().lower()]
            self._take("(")
            self._take(variable.lower())
            self._take(",")
            part = str(literal(self._take())).lower()
            self._take(")")
            self._take(")")
            return lambda row: any(test(str(item).lower(), part) for item in get(row) or [])
        path = self._take().partition("/")[2]
        compare = COMPARISONS.get(self._take().lower())
        wanted = folded(literal(self._take()))
        self._take(")")
        if compare is None:
            raise invalid("Syntax error in a lambda expression.")
        return lambda row: any(
            compare(folded(item.get(path) if path and isinstance(item, dict) else item), wanted)
            for item in get(row) or []
        )

    def _comparison(self, get: Callable[[Row], Any]) -> Match:
        operation = self._take().lower()
        if operation == "in":
            self._take("(")
            wanted = [folded(literal(self._take()))]
            while self._peek() == ",":
                self._take()
                wanted.append(folded(literal(self._take())))
            self._take(")")
            return lambda row: folded(get(row)) in wanted
        compare = COMPARISONS.get(operation)
        if compare is None:
            raise invalid(f"Syntax error: '{operation}' is no operator.")
        self.advanced = self.advanced or operation == "ne"
        value = folded(literal(self._take()))

        def match(row: Row) -> bool:
            try:
                return bool(compare(folded(get(row)), value))
            except TypeError:  # null is neither more nor less than anything
                return False

        return match

    def _getter(self, path: str) -> Callable[[Row], Any]:
        first, *more = path.split("/")
        name = self.known.get(first.lower())
        if name is None:
            raise invalid(f"Could not find a property named '{first}' on type 'microsoft.graph.{self.kind}'.")

        def get(row: Row) -> Any:
            value = row.get(name)
            for step in more:
                value = value.get(step) if isinstance(value, dict) else None
            return value

        return get


def _or(left: Match, right: Match) -> Match:
    return lambda row: left(row) or right(row)


def _and(left: Match, right: Match) -> Match:
    return lambda row: left(row) and right(row)


def invalid(message: str) -> Exception:
    """Return the 400 about a filter."""
    return bad_request(f"Invalid filter clause: {message}")


def split(text: str) -> list[str]:
    """Cut a filter into words; a text literal keeps its quotes."""
    words, at = [], 0
    while at < len(text.rstrip()):
        found = TOKEN.match(text, at)
        if found is None:
            raise invalid(f"Syntax error at position {at} in '{text}'.")
        words.append(found[0].strip())
        at = found.end()
    return words


def literal(word: str) -> Any:
    """Return the value of a literal; a bare word (a GUID, a date) is a text."""
    if word.startswith("'"):
        return word[1:-1].replace("''", "'")
    if word.lower() in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[word.lower()]
    try:
        return int(word)
    except ValueError:
        return word


def folded(value: Any) -> Any:
    """Return a value as it is compared."""
    return value.lower() if isinstance(value, str) else value


def matcher(text: str | None, kind: str) -> Match:
    """Return a function that tells whether a row passes a $filter; raises GraphError for a bad one."""
    if text is None or not text.strip():
        return lambda _row: True
    return Filter(text, kind).match


def selected(text: str | None, kind: str) -> list[str] | None:
    """Return the properties that a $select names, in their own spelling; None for all."""
    if text is None or not text.strip():
        return None
    known = {name.lower(): name for name in properties(kind)}
    found = []
    for word in (part.strip() for part in text.split(",")):
        if word == "*":
            return None
        if word.lower() not in known:
            message = f"Could not find a property named '{word}' on type 'microsoft.graph.{kind}'."
            raise bad_request(f"Parsing OData Select and Expand failed: {message}")
        found.append(known[word.lower()])
    return found
