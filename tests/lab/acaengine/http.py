# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from .errors import BadRequest, UserNotFound
from .params import Params, blank

if TYPE_CHECKING:
    from ..placeos.store import Row
    from .state import State
    from .tokens import Token

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(slots=True)
class Reply:
    """An answer; an empty body has no content type."""

    status: int = 200
    body: bytes = b""
    media: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[["Context"], Reply]


def reply(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """Return a JSON answer. Rails renders text as it is: a text is not quoted (``render json: "text"``)."""
    body = document.encode() if isinstance(document, str) else orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
    return Reply(status, body, JSON, headers or {})


def raw(body: bytes) -> Reply:
    """Return rendered JSON."""
    return Reply(200, body, JSON)


def text(body: str, status: int = 200) -> Reply:
    """Return a plain-text answer."""
    return Reply(status, body.encode(), TEXT)


def head(status: int = 200) -> Reply:
    """Return an answer without body."""
    return Reply(status)


@dataclass(slots=True)
class Context:
    """What a handler sees of a request."""

    state: State
    method: str
    host: str
    headers: dict[str, str]
    params: Params
    token: Token | None = None

    @property
    def id(self) -> str:
        """The id of the path."""
        return str(self.params["id"])

    @property
    def user(self) -> Row:
        """The user of the token; UserNotFound without one (CA base.rb:71-80)."""
        owner = self.token.user_id if self.token else None
        found = self.state.tables.users.get(owner)
        if found is None:
            raise UserNotFound
        return found

    def has(self, name: str) -> bool:
        """Tell whether a parameter was given, with whatever value."""
        return name in self.params

    def text(self, name: str) -> str | None:
        """Return a scalar parameter as text; None when it is absent or null."""
        value = self.params.get(name)
        return None if value is None or isinstance(value, (dict, list)) else str(value)

    def required(self, name: str) -> str:
        """Return a parameter that must have a value (params.require); 400 otherwise."""
        value = self.params.get(name)
        if blank(value) or value is None:
            raise BadRequest(f"param is missing or the value is empty: {name}")
        return str(value)
