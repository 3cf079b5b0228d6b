# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of Graph, from tables/errors.json or built by hand, and their bodies."""

from __future__ import annotations

import uuid
from typing import Any

from .facts import table


class GraphError(Exception):
    """An answer that is an error: status, body's code and message, details, headers."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.details, self.headers = details, headers or {}

    def body(self, moment: str, request_id: str, client_request_id: str) -> dict[str, Any]:
        """Return the body; ``moment`` is a time as Graph writes it."""
        document: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            document["details"] = self.details
        document["innerError"] = {
            "date": moment[:19],
            "request-id": request_id,
            "client-request-id": client_request_id,
        }
        return {"error": document}


def known(error_id: str, /, **values: Any) -> GraphError:
    """Return an error of tables/errors.json; ``values`` fill the blanks of its texts."""
    entry = table("errors")["graph"][error_id]
    details = [{key: fill(text, values) for key, text in one.items()} for one in entry.get("details", [])]
    headers = {key: fill(text, values) for key, text in entry.get("headers", {}).items()}
    return GraphError(
        entry["status"], entry["code"], fill(entry["message"], values), details=details or None, headers=headers
    )


def fill(text: str, values: dict[str, Any]) -> str:
    """Fill the blanks ``{name}`` of a text; braces that are no blank stay."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def bad_request(message: str, code: str = "BadRequest") -> GraphError:
    """Return a 400 of Graph's gateway."""
    return GraphError(400, code, message)


def invalid(name: str, resource: str, message: str | None = None) -> GraphError:
    """Return the directory's 400 about the value of a property."""
    error = known("invalid_value", property=name, resource=resource)
    if message:
        detail = {"code": "InvalidValue", "message": message, "target": name}
        return GraphError(error.status, error.code, message, details=[detail])
    return error


def new_id() -> str:
    """Return a random id."""
    return str(uuid.uuid4())
