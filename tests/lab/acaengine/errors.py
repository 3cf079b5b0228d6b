# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers other than success (CA app/controllers/auth/api/base.rb:15-39)."""

from __future__ import annotations


class Halt(Exception):
    """An answer with an empty body: 400, 403, 404, 409."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class TokenInvalid(Exception):
    """401 with an empty body; the reason stands in a header (DK invalid_token_response.rb)."""


class UserNotFound(Exception):
    """A token without a user, or of one who is gone: 401 as well, but only where a user is asked for (base.rb:67-80)."""

    def __init__(self) -> None:
        super().__init__("Auth::Api::UserNotFound")


class Invalid(Exception):
    """406: a record did not validate; messages by attribute (base.rb:36-39)."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(errors)
        self.errors = errors


class BadRequest(Exception):
    """400 by Rails: a body that does not parse, a required parameter that is missing."""


class Crash(Exception):
    """500 by Rails: Ruby code raised and nobody rescues it. The text is only for the log of the lab."""


def forbidden() -> Halt:
    """403: the role is not enough."""
    return Halt(403)


def not_found() -> Halt:
    """404: no such document."""
    return Halt(404)
