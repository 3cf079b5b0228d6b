# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stored names.

Zone names, and system names, are unique over a whole PlaceOS installation (exactly on v2, whatever the letter case on
ACAEngine), while "Level 1" exists in every building. So the stored name says where, and ``display_name`` is short.
"""

from __future__ import annotations


def in_building(building: str, name: str) -> str:
    """The stored name of a level or a room."""
    return f"{building} - {name}"
