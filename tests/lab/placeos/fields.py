# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of a model: types on the wire, defaults, null and "" (spider-gazelle/active-model).

``Model.parse`` turns a request body into the attributes it assigns; ``Model.assign`` copies them on to a row. PATCH
and PUT are the same partial update. Rules, all from recordings:

* a wrong JSON type is 400; null for an attribute that has neither null nor a default is 500,
* null for an attribute with a default resets it,
* on update (not on create) "" and [] for a nullable attribute become null,
* attributes which are not assignable, and unknown ones, are ignored.
"""

from __future__ import annotations

import copy
import json
import zoneinfo
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from .errors import ApiError, bad_request, crash, invalid
from .sanitise import clean

INT32 = range(-(2**31), 2**31)
INT64 = range(-(2**63), 2**63)
REQUIRED: Any = object()
"""Marks an attribute without default: absent on create it "should not be nil"."""

Values = dict[str, Any]


class TypeMismatch(Exception):
    """A JSON value of the wrong type for its attribute."""


def decode(raw: bytes) -> Any:
    """Parse a request body; 400 for anything that is not JSON, 500 for invalid UTF-8 (a defect of the server)."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise crash() from None
    if not text.strip():
        raise bad_request("Expected BeginObject but was EOF at line 1, column 1")
    try:
        # orjson refuses lone surrogates and large integers, which Crystal's parser reads.
        return json.loads(text, parse_constant=_refuse_constant)
    except ValueError as problem:
        raise bad_request(f"Unexpected token: {problem}") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"Unexpected token: {name}")


def decode_object(raw: bytes, what: str) -> dict[str, Any]:
    """Parse a body which must be a JSON object."""
    document = decode(raw)
    if not isinstance(document, dict):
        raise bad_request(f"Expected BeginObject but was {json_kind(document)} at line 1, column 1\n  parsing {what}")
    return document


def json_kind(value: Any) -> str:
    """Name a JSON value as the server's parser does."""
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return "Bool"
    return {int: "Int", float: "Float", str: "String", list: "BeginArray", dict: "BeginObject"}[type(value)]


# --- converters: one per attribute type -------------------------------------------------------


def string(value: Any) -> str:
    """A JSON string."""
    if not isinstance(value, str):
        raise TypeMismatch(f"Couldn't parse (String | Nil) from {json.dumps(value)}")
    return value


def integer(value: Any) -> int:
    """A JSON integer of 32 bits."""
    if not isinstance(value, int) or isinstance(value, bool) or value not in INT32:
        raise TypeMismatch(f"Couldn't parse (Int32 | Nil) from {json.dumps(value)}")
    return value


def boolean(value: Any) -> bool:
    """A JSON boolean."""
    if not isinstance(value, bool):
        raise TypeMismatch(f"Couldn't parse (Bool | Nil) from {json.dumps(value)}")
    return value


def strings(value: Any) -> list[str]:
    """A list of strings, order and repetitions kept."""
    if not isinstance(value, list):
        raise TypeMismatch(f"Expected BeginArray but was {json_kind(value)}")
    for item in value:
        if not isinstance(item, str):
            raise TypeMismatch(f"Expected String but was {json_kind(item)}")
    return value


def string_set(value: Any) -> list[str]:
    """A set of strings: the first of equal ones is kept, in order."""
    return list(dict.fromkeys(strings(value)))


def mapping(value: Any) -> dict[str, Any]:
    """A JSON object of any content."""
    if not isinstance(value, dict):
        raise TypeMismatch(f"Expected BeginObject but was {json_kind(value)}")
    return value


def anything(value: Any) -> Any:
    """Any JSON value whose integers fit 64 bits."""
    if isinstance(value, int) and not isinstance(value, bool) and value not in INT64:
        raise TypeMismatch(f'Invalid Int64: "{value}"')
    if isinstance(value, list):
        for item in value:
            anything(item)
    elif isinstance(value, dict):
        for item in value.values():
            anything(item)
    return value


def json_text(value: Any) -> str:
    """A JSON document which is stored and returned as text (json_schema of a driver)."""
    return orjson.dumps(anything(value)).decode()


def email(value: Any) -> str:
    """An e-mail address: trimmed and lower-cased, not validated."""
    return string(value).strip().lower()


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones() | {"UTC", "Local"})


def time_zone(value: Any) -> str:
    """An IANA name; "" means UTC, an unknown name crashes the server."""
    name = string(value)
    if name == "":
        return "UTC"
    if name not in _zone_names():
        raise crash()
    return name


def enumeration(names: dict[str, int], what: str) -> Callable[[Any], int]:
    """An enum kept as integer; accepts the integer or the name in any case."""
    by_name = {name.lower(): number for name, number in names.items()}
    numbers = frozenset(names.values())

    def convert(value: Any) -> int:
        if isinstance(value, str) and value.lower().replace("_", "") in by_name:
            return by_name[value.lower().replace("_", "")]
        if isinstance(value, int) and not isinstance(value, bool) and value in numbers:
            return value
        raise TypeMismatch(f"Unknown enum {what} value: {value}")

    return convert


def word(names: Iterable[str], what: str, *, numbers: bool = False) -> Callable[[Any], str]:
    """An enum kept as lower-case text; integers (positions) only where the server takes them."""
    known = tuple(names)

    def convert(value: Any) -> str:
        if isinstance(value, str) and value.lower() in known:
            return value.lower()
        if numbers and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(known):
            return known[value]
        raise TypeMismatch(f"Unknown enum {what} value: {value}")

    return convert


# --- models -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute: converter, default (REQUIRED for none), null allowed, sanitising policy, assignable by clients."""

    name: str
    convert: Callable[[Any], Any]
    default: Any = REQUIRED
    nilable: bool = False
    sanitise: str = ""
    assignable: bool = True
    blank_is_null: bool = True

    def initial(self) -> Any:
        """Return the value of a new row: the default, or None."""
        return None if self.default is REQUIRED or (self.nilable and self.default is None) else copy.copy(self.default)


def optional(
    name: str, convert: Callable[[Any], Any] = string, *, sanitise: str = "", blank_is_null: bool = True
) -> Field:
    """Return a nullable attribute."""
    return Field(name, convert, None, nilable=True, sanitise=sanitise, blank_is_null=blank_is_null)


class Model:
    """The attributes of one kind of row."""

    def __init__(self, name: str, table: str, fields: Iterable[Field]) -> None:
        self.name = name
        self.table = table
        self.fields = {field.name: field for field in fields}

    def parse(self, raw: bytes) -> Values:
        """Return the assigned attributes of a request body; None stands for null."""
        return self.convert(decode_object(raw, self.name))

    def convert(self, document: dict[str, Any]) -> Values:
        """Check and convert the attributes of a JSON object."""
        values: Values = {}
        for name, value in document.items():
            field = self.fields.get(name)
            if field is None or not field.assignable:
                continue
            if value is None:
                values[name] = None
                continue
            try:
                values[name] = field.convert(value)
            except TypeMismatch as problem:
                raise bad_request(f"{problem}\n  parsing {self.name}#{name}") from None
        return values

    def new(self) -> Values:
        """Return the attributes of a row nothing was assigned to."""
        return {name: field.initial() for name, field in self.fields.items()}

    def assign(self, row: Values, values: Values, *, creating: bool) -> None:
        """Copy assigned attributes on to a row."""
        for name, value in values.items():
            field = self.fields[name]
            if value is None:
                if field.default is REQUIRED and not field.nilable:
                    raise crash()
                row[name] = field.initial()
                continue
            kept = _sanitised(value, field.sanitise) if field.sanitise else value
            blank = not creating and field.nilable and field.blank_is_null and kept in ("", [], {})
            row[name] = None if blank else kept

    def missing(self, row: Values, *extra: str) -> ApiError | None:
        """Return the 422 for required attributes that were never assigned."""
        names = [n for n, f in self.fields.items() if f.default is REQUIRED and not f.nilable and row.get(n) is None]
        names += [name for name in extra if row.get(name) is None]
        return invalid(*((name, "should not be nil") for name in names)) if names else None


def _sanitised(value: Any, policy: str) -> Any:
    if isinstance(value, str):
        return clean(value, policy)
    return list(dict.fromkeys(clean(item, policy) for item in value))
