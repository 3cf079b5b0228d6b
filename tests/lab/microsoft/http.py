# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and its answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from .errors import bad_request

if TYPE_CHECKING:
    from ..gate import Gate
    from .signin.bearer import Bearer
    from .state import Tenant

ODATA_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
METADATA = "https://graph.microsoft.com"
"""Where every @odata.context begins, whatever the address of the server (PlaceOS compares the whole text)."""


@dataclass(slots=True)
class Reply:
    """An answer; a body that is None has no content type."""

    status: int = 200
    body: bytes | None = None
    media: str = ODATA_JSON
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[["Context"], Reply | Awaitable[Reply]]


def reply(document: Any, status: int = 200, headers: dict[str, str] | None = None, media: str = ODATA_JSON) -> Reply:
    """Return a JSON answer."""
    return Reply(status, orjson.dumps(document), media, headers or {})


def empty(status: int = 204) -> Reply:
    """Return an answer without body."""
    return Reply(status)


class Key(str):
    """A value from a path that says which alternate key it is: ``applications(appId='…')`` has ``by`` "appid"."""

    by: str = "id"

    @classmethod
    def of(cls, value: str, by: str) -> Key:
        """Return a value with its key's name in lower case."""
        made = cls(value)
        made.by = by
        return made


class Refused(Exception):
    """A write on a server that is read-only."""


@dataclass(slots=True)
class Context:
    """What a handler sees of a request."""

    tenant: Tenant
    method: str
    path: str
    """Without the version and the query; percent-encoding as it came."""
    version: str
    """v1.0 or beta; "" outside Graph."""
    base: str
    """Scheme and host that the request was sent to."""
    query: dict[str, str]
    """Names in lower case; those with a dollar have it."""
    headers: Mapping[str, str]
    """Names in lower case."""
    raw_body: bytes
    params: dict[str, Key]
    gate: Gate | None = None
    request_id: str = ""
    client_request_id: str = ""
    token: Bearer | None = None
    """Of a route of Graph; others ask for it (signin.bearer.authenticate)."""

    @property
    def bearer(self) -> Bearer:
        """The token, where the route demanded one."""
        if self.token is None:
            raise RuntimeError("this route demands no token")
        return self.token

    def json(self) -> dict[str, Any]:
        """Return the JSON object in the body; 400 for anything else."""
        document = self.json_or_none()
        if not isinstance(document, dict):
            raise bad_request("Empty Payload. JSON content expected." if document is None else "Unable to read JSON")
        return document

    def json_or_none(self) -> Any:
        """Return the JSON in the body, None without one; 400 for what is no JSON."""
        if not self.raw_body.strip():
            return None
        try:
            return json.loads(self.raw_body)
        except ValueError:
            raise bad_request(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."
            ) from None

    def write(self) -> None:
        """Say that what follows changes something: raises Refused on a server that is read-only.

        Needed only in handlers of routes whose POST can also be a read; the gate refuses the others by themselves.
        """
        if self.gate is not None and self.gate.refuses(self.method, f"/{self.version}{self.path}"):
            raise Refused

    def prefers(self, word: str) -> bool:
        """Tell whether a Prefer header holds a preference."""
        return any(part.strip().lower() == word for part in self.headers.get("prefer", "").split(","))

    @property
    def eventual(self) -> bool:
        """Advanced queries are allowed (``ConsistencyLevel: eventual``)."""
        return self.headers.get("consistencylevel", "").lower() == "eventual"

    def context(self, what: str) -> str:
        """Return an @odata.context; ``what`` follows the hash."""
        return f"{METADATA}/{self.version}/$metadata#{what}"


def parse_query(text: str) -> dict[str, str]:
    """Return the options of a query; names may be percent-encoded (``%24top``), their case does not matter."""
    return {name.lower(): value for name, value in parse_qsl(text, keep_blank_values=True)}
