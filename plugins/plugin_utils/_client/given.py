# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small questions to the variables of a client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
ADDRESS = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+$")


def given(variables: Mapping[str, Any], name: str) -> str:
    """The text of a variable; empty where it is not set."""
    value = variables.get(name)
    return "" if value is None else str(value).strip()


def truth(variables: Mapping[str, Any], name: str) -> bool:
    """A variable as Ansible reads a truth value."""
    return given(variables, name).lower() in ("true", "yes", "on", "1", "y", "t")


def listed(variables: Mapping[str, Any], name: str) -> list[str]:
    """The texts of a variable that is a list; a single text is a list of one."""
    value = variables.get(name) or []
    return [str(item).strip() for item in ([value] if isinstance(value, str) else value)]


def url_parts(url: str) -> SplitResult:
    """The parts of a URL; none of them where it is no URL, or its port no number."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else urlsplit("")
    except ValueError:
        return urlsplit("")
