# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped script: it must be that very file, and its lists are read from its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[3] / "plugins" / "plugin_utils" / "_microsoft" / "exchange_online.ps1"
QUOTED = re.compile(r"'([^']+)'")


class NotTheScript(Exception):
    """The script is not the shipped one, or has changed so that its lists are not found."""


@dataclass(frozen=True)
class Script:
    """What the script says in its lists; names of cmdlets in lower case."""

    reading: frozenset[str]
    writing: frozenset[str]
    connecting: frozenset[str]
    properties: tuple[str, ...]

    @property
    def cmdlets(self) -> frozenset[str]:
        """All cmdlets that the script runs."""
        return self.reading | self.writing


def read_script(path: Path) -> Script:
    """Return the lists of the script at a path; raises NotTheScript."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise NotTheScript(f"the script cannot be read: {problem.strerror}") from None
    if content != SHIPPED.read_bytes():
        raise NotTheScript(f"the script is not the shipped {SHIPPED.name}")
    text = content.decode("utf-8")
    return Script(
        frozenset(map(str.lower, listed(text, "ReadingCmdlets"))),
        frozenset(map(str.lower, listed(text, "WritingCmdlets"))),
        frozenset(listed(text, "ConnectParameters")),
        tuple(listed(text, "Properties")),
    )


def listed(text: str, name: str) -> list[str]:
    """Return the texts of ``$Name = @( 'a' 'b' )``."""
    found = re.search(rf"^\${name} = @\((.*?)\)", text, re.MULTILINE | re.DOTALL)
    names = QUOTED.findall(found[1]) if found else []
    if not names:
        raise NotTheScript(f"the script has no list ${name}: the fake must be adapted to it")
    return names
