# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opaque tokens (DK 4.3.2 with doorkeeper-couchbase; CA config/initializers/doorkeeper.rb:54-75)."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

LIFETIME = 14 * 24 * 60 * 60


@dataclass(slots=True)
class Token:
    """An access token and the refresh token that belongs to it; a client's own token has no user and no refresh token."""

    value: str
    user_id: str | None
    created_at: int
    lifetime: float
    """Seconds."""
    scope: str = "public"
    refresh: str | None = None
    revoked: bool = False
    expired: bool = False

    @property
    def fault(self) -> str | None:
        """Why the token is not accepted, in doorkeeper's words (DK config/locales/en.yml)."""
        if self.revoked:
            return "The access token was revoked"
        ended = self.expired or self.created_at + self.lifetime <= time.time()
        return "The access token expired" if ended else None


class Tokens:
    """The tokens of one server."""

    def __init__(self) -> None:
        self.issued: dict[str, Token] = {}
        self.by_refresh: dict[str, Token] = {}

    def issue(self, user_id: str | None, scope: str, lifetime: float, *, refresh: bool) -> Token:
        """Return a new token."""
        token = Token(secrets.token_hex(32), user_id, int(time.time()), lifetime, scope)
        self.issued[token.value] = token
        if refresh:
            token.refresh = secrets.token_hex(32)
            self.by_refresh[token.refresh] = token
        return token

    def renew(self, refresh: str, lifetime: float) -> Token | None:
        """Return the successor of a token; None for an unknown or used refresh token.

        The old token is revoked, so that its access token ends at once as well (DK refresh_token_request.rb,
        before_successful_response).
        """
        old = self.by_refresh.get(refresh)
        if old is None or old.revoked:
            return None
        old.revoked = True
        return self.issue(old.user_id, old.scope, lifetime, refresh=True)

    def keep(self, token: Token) -> None:
        """Register a token of the seed."""
        self.issued[token.value] = token

    def expire(self, spared: frozenset[str], *, refresh: bool) -> int:
        """Let all tokens but the spared ones expire, and return how many there were.

        With ``refresh`` their refresh tokens are useless too.
        """
        ended = [token for token in self.issued.values() if token.value not in spared and token.fault is None]
        for token in ended:
            token.expired = True
        if refresh:
            self.by_refresh.clear()
        return len(ended)
