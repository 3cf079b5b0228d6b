# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that no working service of Microsoft gives, and good ones distorted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .fake_middleman import Said

HTML = {"Content-Type": "text/html"}
PAGE = b"<!DOCTYPE html><html><head><title>Sign in to the proxy</title></head><body>no</body></html>"
DEEP = 100_000
WRONG: Mapping[str, Said] = {
    "JSON that ends too early": Said(body=b'{"value": [{"id": "'),
    "a page": Said(body=PAGE, headers=HTML),
    "a page with 500": Said(500, PAGE, HTML),
    "a page with 503": Said(503, PAGE, HTML),
    "a list": Said.json([]),
    "a text": Said.json("value"),
    "an object for a list": Said.json({"value": {}, "responses": {}}),
    "rows that are no objects": Said.json({"value": [1, None, "x", []], "responses": [1, None, "x", []]}),
    "nesting without end": Said(body=b'{"value":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    "deep nesting": Said(body=b'{"value":' + b"[" * 400 + b"]" * 400 + b"}"),
    "bytes that are no text": Said(body=b'{"value": "\xff\xfe\xfa"}'),
    "NUL characters": Said(body=b"\0" * 20),
    "a redirect": Said(302, b"", {"Location": "https://elsewhere.example/"}),
    "429 for ever": Said.json({"error": {"code": "TooManyRequests", "message": "later"}}, 429, Retry_After="3600"),
    "an error of the wrong shape": Said.json({"error": [{"code": 1}], "failures": "x", "error_codes": "y"}, 400),
    "an error with deep nesting": Said(400, b'{"error":' * 400 + b"1" + b"}" * 400),
    "401 for ever": Said.json({"error": {"code": "InvalidAuthenticationToken", "message": "refused"}}, 401),
    "the end of the connection": Said(drop=True),
}
"""None of these can be taken for a good answer."""

OF_THE_WIRE = (
    "JSON that ends too early",
    "a page",
    "a page with 500",
    "a page with 503",
    "nesting without end",
    "bytes that are no text",
    "NUL characters",
    "a redirect",
    "429 for ever",
    "the end of the connection",
)
"""Of those, what is refused by the code that sends every request, before anybody looks what was asked for."""


def leaves(value: Any, replace: Callable[[str], Any]) -> Any:
    """A document with all its texts, numbers and truth values replaced."""
    if isinstance(value, dict):
        return {name: item if name == "id" and item == "1" else leaves(item, replace) for name, item in value.items()}
    return [leaves(item, replace) for item in value] if isinstance(value, list) else replace(str(value))


def keyless(value: Any, top: bool = True) -> Any:
    """A document whose objects have lost their keys, except the outermost one."""
    if isinstance(value, dict):
        return {name: keyless(item, False) for name, item in value.items()} if top else {}
    return [keyless(item, False) for item in value] if isinstance(value, list) else value


DISTORTED: Mapping[str, Callable[[Any], Any]] = {
    "null for everything": lambda document: leaves(document, lambda _text: None),
    "numbers for texts": lambda document: leaves(document, lambda _text: 7),
    "lists for texts": lambda document: leaves(document, lambda _text: [[]]),
    "objects for texts": lambda document: leaves(document, lambda _text: {"x": {}}),
    "foreign texts": lambda document: leaves(document, lambda text: f"\ud800\n\t{text}'/../{{{{ 1 }}}}"),
    "missing keys": keyless,
    "nothing at all": lambda _document: None,
    "an empty object": lambda _document: {},
    "another kind of content": lambda document: document,
}
"""What the lab says, distorted. Some of it is possible: then the module goes on with what it was told."""


def distorted(real: Said, how: str) -> Said:
    """An answer of the lab, distorted; one that is not JSON stays as it is."""
    try:
        document = json.loads(real.body)
    except ValueError:
        return real
    body = b"" if how == "nothing at all" else json.dumps(DISTORTED[how](document)).encode()
    media = "text/plain" if how == "another kind of content" else "application/json"
    return Said(real.status, body, {**real.headers, "Content-Type": media})
