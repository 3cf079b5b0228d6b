# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the play recap that ansible-playbook ends with."""

from __future__ import annotations

import re

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07)")
HOST = re.compile(r"^(?P<host>\S+)\s+:\s+(?P<counts>(?:[a-z]+=\d+\s*)+)$")


def plain(text: str) -> str:
    """Remove colours and links from what a program printed."""
    return ANSI.sub("", text)


def recaps(output: str) -> list[dict[str, dict[str, int]]]:
    """Return one entry per recap in `output`: host -> {ok, changed, unreachable, failed, ...}."""
    found: list[dict[str, dict[str, int]]] = []
    inside = False
    for line in plain(output).splitlines():
        if line.startswith("PLAY RECAP"):
            found.append({})
            inside = True
        elif inside and (match := HOST.match(line.strip())):
            counts = (pair.split("=") for pair in match["counts"].split())
            found[-1][match["host"]] = {name: int(number) for name, number in counts}
        elif inside and line.strip():
            inside = False
    return found


def total(recap: dict[str, dict[str, int]], name: str) -> int:
    """Add up one number of a recap over all its hosts."""
    return sum(counts.get(name, 0) for counts in recap.values())
