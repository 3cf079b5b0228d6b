# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token that could not be had, as people read it."""

from __future__ import annotations

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.advice import advice


class TokenError(Exception):
    """No token.

    kind: one of those in advice.py; code: the number after AADSTS, a hint only; words: the server's; url: method and
    address; retry_after: seconds that the server asks for; client_id: of the application that was to get it.
    """

    def __init__(
        self,
        kind: str,
        words: str,
        *,
        url: str = "",
        status: int | None = None,
        code: int | None = None,
        hint: str = "",
        request_id: str | None = None,
        retry_after: float | None = None,
        client_id: str = "",
    ) -> None:
        self.kind = kind
        self.words = words
        self.url = url
        self.status = status
        self.code = code
        self.hint = hint or advice(kind)
        self.request_id = request_id
        self.retry_after = retry_after
        self.client_id = client_id
        super().__init__(kind, words)

    @property
    def plain(self) -> str:
        """What happened, without what to do about it."""
        status = f" answered {self.status}" if self.status is not None else ""
        where = f"{self.url}{status}: " if self.url else ""
        trace = f" [trace id {self.request_id}]" if self.request_id else ""
        who = f" for application {self.client_id}" if self.client_id else ""
        return f"no token{who}: {where}{self.words.rstrip('.')}{trace}"

    def __str__(self) -> str:
        return f"{self.plain}. {self.hint}" if self.hint else self.plain
