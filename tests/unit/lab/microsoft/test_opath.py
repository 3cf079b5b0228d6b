# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipient filters."""

from __future__ import annotations

import pytest
from lab.microsoft.exchange.opath import BadFilter, parse

ROW = {"alias": "syd-1", "department": None, "emailaddresses": ["a@x.example", "b@x.example"], "displayname": "O'Hara"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Alias -eq 'SYD-1'", True),
        ('Alias -eq "syd-1"', True),
        ("Alias -eq syd-1", True),
        ("Alias -ne 'syd-1'", False),
        ("Alias -like 'syd*'", True),
        ("Alias -like '*-2'", False),
        ("Alias -notlike 'sin*'", True),
        ("Department -eq $null", True),
        ("Department -ne $null", False),
        ("EmailAddresses -eq 'b@x.example'", True),
        ("EmailAddresses -like '*@y.example'", False),
        ("DisplayName -eq 'O''Hara'", True),
        ("Alias -eq 'x' -or Alias -eq 'syd-1'", True),
        ("Alias -eq 'syd-1' -and Department -eq 'IT'", False),
        ("Alias -eq 'x' -or Alias -eq 'syd-1' -and Department -eq 'IT'", False),
        ("-not(Alias -eq 'x')", True),
        ("((Alias -eq 'syd-1') -and (-not(Department -eq 'IT')))", True),
    ],
)
def test_a_filter_holds_or_not(text: str, expected: bool) -> None:
    assert parse(text)(ROW) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Alias",
        "Alias -eq",
        "Alias -is 'x'",
        "Nothing -eq 'x'",
        "(Alias -eq 'x'",
        "Alias -eq 'x' Alias",
        "Alias eq 'x'",
        "'x' -eq 'y'",
    ],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        parse(text)
