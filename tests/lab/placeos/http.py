# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and its answer, independent of the web framework."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import orjson

from .errors import bad_parameter, missing_parameter

if TYPE_CHECKING:
    from .auth import Identity
    from .state import State, Tables

JSON = "application/json"
TEXT = "text/plain"


@dataclass(slots=True)
class Reply:
    """An answer: JSON by default, an empty body for None."""

    status: int = 200
    body: bytes = b""
    media: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[["Context"], Reply | Awaitable[Reply]]


def reply(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """Return a JSON answer."""
    return Reply(status, orjson.dumps(document), JSON, headers or {})


def empty(status: int = 200) -> Reply:
    """Return an answer without body (its content type is JSON nevertheless)."""
    return Reply(status)


def text(body: str, status: int = 200) -> Reply:
    """Return a plain-text answer."""
    return Reply(status, body.encode(), TEXT)


class Context:
    """What a handler sees of a request."""

    __slots__ = (
        "body",
        "cookies_",
        "headers",
        "identity_",
        "method",
        "params",
        "path",
        "query",
        "query_pairs",
        "state",
    )

    def __init__(
        self, state: State, method: str, path: str, query: str, *, headers: dict[str, str], body: bytes
    ) -> None:
        self.state = state
        self.method = method
        self.path = path
        self.query_pairs = parse_qsl(query, keep_blank_values=True) if query else []
        self.query: dict[str, str] = {}
        for name, value in self.query_pairs:
            self.query.setdefault(name, value)
        self.headers = headers
        self.body = body
        self.params: dict[str, str] = {}
        self.identity_: Identity | None = None
        self.cookies_: dict[str, str] | None = None

    @property
    def identity(self) -> Identity:
        """Who is asking; routes which need no credentials must not ask for it."""
        assert self.identity_ is not None
        return self.identity_

    @property
    def tables(self) -> Tables:
        """The tables of the server."""
        return self.state.tables

    @property
    def hostname(self) -> str:
        """The Host header without its port."""
        host = self.headers.get("host", "")
        return host if host.startswith("[") else host.rsplit(":", 1)[0] if host.rsplit(":", 1)[-1].isdigit() else host

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies by name."""
        if self.cookies_ is None:
            jar: SimpleCookie = SimpleCookie()
            with suppress(CookieError):
                jar.load(self.headers.get("cookie", ""))
            self.cookies_ = {name: morsel.value for name, morsel in jar.items()}
        return self.cookies_

    # -- query parameters, with the errors of the server --

    def text(self, name: str) -> str | None:
        """Return an optional text parameter."""
        return self.query.get(name)

    def required(self, name: str, restriction: str = "String") -> str:
        """Return a parameter which must be there (422 otherwise)."""
        value = self.query.get(name)
        if value is None:
            raise missing_parameter(name, restriction)
        return value

    def csv(self, name: str) -> list[str] | None:
        """Return a comma-separated list without blanks and repetitions."""
        value = self.query.get(name)
        return None if value is None else split(value)

    def number(self, name: str, kind: str, default: int | None = None) -> int | None:
        """Return an integer parameter; ``kind`` is "Int32", "Int64" or "UInt32"."""
        value = self.query.get(name)
        if value is None:
            return default
        value = value.strip()
        digits = value[1:] if value[:1] in "+-" else value
        number = int(value) if digits.isascii() and digits.isdigit() else None
        bits = 64 if kind == "Int64" else 32
        low, high = (0, 2**bits) if kind.startswith("U") else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        if number is None or not low <= number < high:
            raise bad_parameter(name, kind)
        return number

    def identifier(self, name: str) -> str | None:
        """Return a UUID parameter."""
        value = self.query.get(name)
        try:
            return None if value is None else str(uuid.UUID(value))
        except ValueError:
            raise bad_parameter(name, "UUID") from None

    def flag(self, name: str) -> bool | None:
        """Return a boolean parameter; whatever is not "true" reads as false."""
        value = self.query.get(name)
        return None if value is None else value == "true"

    def query_with(self, **changes: str) -> str:
        """Return the query string with parameters replaced in place or added at the end."""
        pairs: dict[str, str] = dict(self.query)
        pairs.update(changes)
        return urlencode(pairs)


def split(value: str) -> list[str]:
    """Split a comma-separated list."""
    return list(dict.fromkeys(part for part in (piece.strip() for piece in value.split(",")) if part))
