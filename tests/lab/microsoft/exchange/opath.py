# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipient filters in OPATH, as far as management scopes and -Filter need them.

``-eq -ne -like -notlike -and -or -not``, parentheses, texts in either quotes, ``$true``, ``$false``, ``$null``; ``*`` at the
ends of a text for -like. Properties are compared without regard to case; MemberOfGroup takes a distinguished name and
knows direct members only (about_OPATH and RecipientFilter properties of the Exchange documentation).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Properties = Mapping[str, Any]
Filter = Callable[[Properties], bool]

TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")"""
    r"""|(?P<operator>-\w+)|(?P<word>\$?[\w.@%:-]+))""",
)
COMPARISONS = ("-eq", "-ne", "-like", "-notlike")
CONSTANTS: dict[str, Any] = {"$true": True, "$false": False, "$null": None}
KNOWN = frozenset(
    """
    alias city company countryorregion customattribute1 customattribute2 customattribute3 customattribute4 customattribute5
    customattribute6 customattribute7 customattribute8 customattribute9 customattribute10 customattribute11
    customattribute12 customattribute13 customattribute14 customattribute15 department displayname distinguishedname
    emailaddresses externaldirectoryobjectid memberofgroup name office primarysmtpaddress recipienttype
    recipienttypedetails resourcetype stateorprovince title userprincipalname windowsemailaddress guid
""".split()
)


class BadFilter(ValueError):
    """A filter that does not parse, with the reason."""


def parse(text: str) -> Filter:
    """Return the filter of a text; raises BadFilter."""
    reader = _Reader(text)
    found = reader.disjunction()
    if reader.kind:
        raise BadFilter(f"Invalid filter syntax: unexpected '{reader.value}'")
    return found


class _Reader:
    """Reads a filter from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.kind: str | None = None
        self.value = ""
        self.next()

    def next(self) -> str:
        """Go on to the next token; return the one left behind."""
        left = self.value
        if not self.text[self.place :].strip():
            self.kind, self.value = None, ""
            return left
        found = TOKEN.match(self.text, self.place)
        if found is None:
            raise BadFilter(f"Invalid filter syntax at '{self.text[self.place :].strip()}'")
        self.place, self.kind = found.end(), found.lastgroup
        self.value = found[found.lastgroup or 0]
        return left

    def takes(self, kind: str, *values: str) -> bool:
        """Tell whether the next token is of a kind (and one of some values), and go past it."""
        if self.kind != kind or (values and self.value.lower() not in values):
            return False
        self.next()
        return True

    def disjunction(self) -> Filter:
        parts = [self.conjunction()]
        while self.takes("operator", "-or"):
            parts.append(self.conjunction())
        return lambda row: any(part(row) for part in parts)

    def conjunction(self) -> Filter:
        parts = [self.term()]
        while self.takes("operator", "-and"):
            parts.append(self.term())
        return lambda row: all(part(row) for part in parts)

    def term(self) -> Filter:
        if self.takes("operator", "-not"):
            inner = self.term()
            return lambda row: not inner(row)
        if self.takes("open"):
            inside = self.disjunction()
            if not self.takes("close"):
                raise BadFilter("Invalid filter syntax: a closing parenthesis is missing")
            return inside
        return self.comparison()

    def comparison(self) -> Filter:
        if self.kind != "word":
            raise BadFilter(f"Invalid filter syntax: a property is expected instead of '{self.value}'")
        name = self.next().lower()
        if name not in KNOWN:
            raise BadFilter(f"'{name}' is not a recognized filterable property.")
        operator = self.value.lower()
        if not self.takes("operator", *COMPARISONS):
            raise BadFilter(f"Invalid filter syntax: '{self.value}' is not a comparison operator")
        return _comparison(name, operator, self.literal())

    def literal(self) -> Any:
        if self.kind == "quoted":
            quote = self.value[0]
            return self.next()[1:-1].replace(quote * 2, quote)
        if self.kind == "word":
            word = self.next()
            return CONSTANTS.get(word.lower(), word)
        raise BadFilter(f"Invalid filter syntax: a value is expected instead of '{self.value}'")


def _comparison(name: str, operator: str, wanted: Any) -> Filter:
    def same(value: Any) -> bool:
        if operator in ("-like", "-notlike"):
            return fnmatchcase(str(value or "").lower(), str(wanted).lower().replace("[", "[[]"))
        if wanted is None or isinstance(wanted, bool):
            return value in (None, "") if wanted is None else value is wanted
        return str(value if value is not None else "").lower() == str(wanted).lower()

    def check(row: Properties) -> bool:
        value = row.get(name)
        hit = any(map(same, value)) if isinstance(value, (list, tuple)) and wanted is not None else same(value)
        return hit if operator in ("-eq", "-like") else not hit

    return check
