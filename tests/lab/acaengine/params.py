# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters as Rails 5.2 hands them to a controller: query, body and path merged; strong parameters; Ruby conversions."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import orjson

from .errors import BadRequest, Crash

Params = dict[str, Any]
ARRAY_NAME = re.compile(r"^(.+)\[\]$")
RUBY_INTEGER = re.compile(r"^[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*(?:_[0-9]+)*)$")
LEADING_NUMBER = re.compile(r"^\s*([+-]?\d+)")
OCTAL = re.compile(r"^([+-]?)0[oO]?([0-7]+)$")


def parse_query(text: str) -> Params:
    """Return form parameters; ``name[]`` collects a list."""
    found: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        listed = ARRAY_NAME.match(name)
        if listed:
            found.setdefault(listed[1], []).append(value)
        else:
            found[name] = value
    return found


def parse_body(content_type: str, body: bytes) -> Params:
    """Return the parameters of a body.

    Without a type the web server assumes text (spider-gazelle request.rb), and then there are none; JSON that does
    not parse is 400, JSON that is no object has no attributes.
    """
    media = content_type.partition(";")[0].strip().lower()
    if not body or media not in ("application/json", "application/x-www-form-urlencoded"):
        return {}
    try:
        if media != "application/json":
            return parse_query(body.decode())
        document = orjson.loads(body)
    except (orjson.JSONDecodeError, UnicodeDecodeError):
        raise BadRequest from None
    return munge(document) if isinstance(document, dict) else {}


def munge(value: Any) -> Any:
    """Drop nulls from arrays, at any depth: Rails does so with every body ("deep munge", Rails guide on security)."""
    if isinstance(value, dict):
        return {name: munge(item) for name, item in value.items()}
    if isinstance(value, list):
        return [munge(item) for item in value if item is not None]
    return value


def scalar(value: Any) -> bool:
    """Tell whether strong parameters let a value pass under a plain name."""
    return not isinstance(value, (dict, list))


def permit(
    params: Params, names: tuple[str, ...], arrays: tuple[str, ...] = (), hashes: tuple[str, ...] = ()
) -> Params:
    """Return the attributes a controller takes.

    Everything else is dropped without a word, also a list or an object where text is expected and text where a list
    is. Hashes go around strong parameters: null is nothing there, what is no object breaks (``to_unsafe_hash``).
    """
    taken = {name: params[name] for name in names if name in params and scalar(params[name])}
    for name in arrays:
        value = params.get(name)
        if isinstance(value, list) and all(map(scalar, value)):
            taken[name] = value
    for name in hashes:
        value = params.get(name)
        if isinstance(value, dict):
            taken[name] = value
        elif value is not None and value is not False:
            raise Crash(f"undefined method `to_unsafe_hash' for {value!r}")
    return taken


# -- Ruby's conversions --


def to_i(value: Any) -> int:
    """Ruby's to_i: null is 0, text counts as far as it begins with a number; booleans have none."""
    if value is None:
        return 0
    if isinstance(value, bool):
        raise Crash(f"undefined method `to_i' for {str(value).lower()}")
    if isinstance(value, (int, float)):
        return int(value)
    found = LEADING_NUMBER.match(str(value))
    return int(found[1]) if found else 0


def to_s(value: Any) -> str:
    """Ruby's to_s of what JSON can hold as a scalar."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def integer(value: Any) -> int:
    """Kernel#Integer; what it refuses is an error nobody rescues."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value)
    text = value.strip() if isinstance(value, str) else ""
    if not RUBY_INTEGER.match(text):
        raise Crash(f"invalid value for Integer(): {value!r}")
    octal = OCTAL.match(text)
    return int(f"{octal[1]}{octal[2]}", 8) if octal else int(text.replace("_", ""), 0)


def boolean(value: Any) -> bool:
    """Kernel#Boolean of couchbase-orm (CO lib/couchbase-orm.rb): "true" and "false" in any case, numbers, nothing else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    text = value.strip().lower() if isinstance(value, str) else ""
    if text not in ("true", "false"):
        raise Crash(f"invalid value for Boolean(): {value!r}")
    return text == "true"


def blank(value: Any) -> bool:
    """ActiveSupport's blank?."""
    return value is None or value is False or (isinstance(value, str) and not value.strip()) or value in ([], {})
