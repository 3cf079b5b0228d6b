# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the values of variables are written so that every version of Compose reads the same."""

from __future__ import annotations

import json
import re
import unicodedata

NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
# In env files, versions differ over quotes, backslashes, "#", "$" and blanks (docker/compose issues 8607, 9060, 9447).
_PLAIN = re.compile(r"^[A-Za-z0-9_.~/:@%+,=-]+$")


def plain(value: str) -> bool:
    """Whether all versions read the value from an env file as it is."""
    return bool(_PLAIN.match(value))


def fault(value: object) -> str:
    """What is wrong with the value of a variable, without showing it; nothing when it can be written."""
    if value is None:
        return "has no value"
    if isinstance(value, (dict, list, tuple)):
        return "must be text, a number, true or false"
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in str(value)):
        return "holds a line break or another control character, which a variable cannot"
    return ""


def text(value: object) -> str:
    """A value as text: true and false as in YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def doubled(value: str) -> str:
    """A value for a Compose file, where a single $ would begin the name of a variable."""
    return value.replace("$", "$$")


def quoted(value: str) -> str:
    """A scalar for a YAML file: JSON strings are YAML too, and say exactly what they hold."""
    return json.dumps(value, ensure_ascii=False)
