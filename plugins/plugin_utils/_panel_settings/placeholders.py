# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that hold the place of a value: no values themselves, though to the driver they are as good as any."""

from __future__ import annotations

import re

# Default settings of the drivers over time (acaprojects/ruby-engine-drivers 797e4fc6, ee05c269, b94f3535), the check-list.
_KNOWN = frozenset(
    [
        "enter client id",
        "enter client secret",
        "enter ms graph application id",
        "enter ms graph client secret",
        "room@email.address",
        "token url here",
        "office client id here",
        "office secret here",
    ]
)
_LIKE = re.compile(
    r"[a-z ]+ here|(enter|insert|your|paste) [a-z0-9 ]+|/?tenant name or id.*"
    r"|/?<[^<>]*>(/.*)?|/?\{[^{}]*\}(/.*)?|x{3,}|\.{3,}|changeme|todo"
)


def is_placeholder(text: str) -> bool:
    """Does the text only say which value belongs here? An empty text does too."""
    plain = " ".join(text.replace("_", " ").casefold().split())
    return not plain or plain in _KNOWN or _LIKE.fullmatch(plain) is not None
