# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token that could not be had, as people read it."""

from __future__ import annotations

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.advice import advice


class TokenError(Exception):
    """No token.

    kind: one of those in advice.py; code: the number after AADSTS, a hint only; words: the server's; url: method and
    address; retry_after: seconds that the server asks for.
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
    ) -> None:
        self.kind = kind
        self.words = words
        self.url = url
        self.status = status
        self.code = code
        self.hint = hint or advice(kind)
        self.request_id = request_id
        self.retry_after = retry_after
        super().__init__(kind, words)

    def __str__(self) -> str:
        status = f" answered {self.status}" if self.status is not None else ""
        where = f"{self.url}{status}: " if self.url else ""
        trace = f" [trace id {self.request_id}]" if self.request_id else ""
        hint = f". {self.hint}" if self.hint else ""
        return f"no token: {where}{self.words.rstrip('.')}{trace}{hint}"
