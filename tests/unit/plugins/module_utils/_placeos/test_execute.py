# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a room does not answer, in plain words."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._placeos.execute import cause_of


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        # Recorded from PlaceOS rest-api of August 2026.
        ("could not find module: module not found", 404, "no module of this name"),
        ("could not find function nope: bad request", 400, "no such function"),
        ('module raised: Missing hash key: "calendar_config" (KeyError)', 500, "a setting of the driver is missing"),
        # Microsoft's documented error codes.
        ("AADSTS7000215: Invalid client secret provided.", 500, "give its value, not its id"),
        ("AADSTS7000222: The provided client secret keys are expired.", 500, "has expired"),
        ("AADSTS700016: Application with identifier 'x' was not found", 500, "does not know the application"),
        ("AADSTS90002: Tenant 'x' not found.", 500, "does not know the tenant"),
        ("ErrorAccessDenied: Access is denied.", 500, "may not read this mailbox"),
        ("ErrorItemNotFound", 500, "no such mailbox"),
        ("MailboxNotEnabledForRESTAPI", 500, "no such mailbox"),
        ("anything", 401, "may not call this function"),
        ("module raised: boom (Exception)", 500, "see the server's words"),
        ("", None, "see the server's words"),
    ],
)
def test_a_failure_has_a_cause(words: str, status: int | None, said: str) -> None:
    assert said in cause_of(words, status)


def test_the_words_of_microsoft_count_more_than_the_status() -> None:
    assert "has expired" in cause_of("AADSTS7000222", 401)
