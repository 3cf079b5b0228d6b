# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as rest-api answers them (controllers/application.cr, "Error Handlers")."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer other than success. ``body`` None means an empty body."""

    def __init__(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def bad_request(message: str) -> ApiError:
    """400: JSON which does not parse or has the wrong types."""
    return ApiError(400, {"error": message})


def bad_parameter(name: str, restriction: str) -> ApiError:
    """400: a query parameter of the wrong form."""
    return ApiError(
        400, {"error": f"invalid parameter value for '{name}'", "parameter": name, "restriction": restriction}
    )


def missing_parameter(name: str, restriction: str) -> ApiError:
    """422: a required query parameter is absent."""
    return ApiError(
        422, {"error": f"missing required parameter '{name}'", "parameter": name, "restriction": restriction}
    )


def unauthorized(message: str = "") -> ApiError:
    """401: no, bad or foreign credentials."""
    return ApiError(401, {"error": message})


def forbidden() -> ApiError:
    """403: role or scope; always an empty body."""
    return ApiError(403)


def not_found(message: str = "") -> ApiError:
    """404: an unknown row."""
    return ApiError(404, {"error": message})


def missing_key(row_id: str) -> ApiError:
    """404 in the words of the data layer."""
    return not_found(f"Key not present: {row_id}")


def conflict(message: str) -> ApiError:
    """409: a system was edited meanwhile."""
    return ApiError(409, {"error": message})


def invalid(*failures: tuple[str, str]) -> ApiError:
    """422: model validation, as (field, reason) pairs."""
    return ApiError(422, {"error": "validation failed", "failures": [{"field": f, "reason": r} for f, r in failures]})


def crash() -> ApiError:
    """500 of a server in production mode: the body says nothing."""
    return ApiError(500, {})
