# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing answers by their structure."""

from __future__ import annotations

from typing import Any


def differences(real: Any, ours: Any, new: frozenset[str] = frozenset(), where: str = "") -> list[str]:
    """Return where two JSON values differ in structure; an empty list or a null on either side fits any other."""
    if isinstance(real, dict) and isinstance(ours, dict):
        missing = [f"{where}.{key} is missing" for key in real if key not in ours]
        extra = [f"{where}.{key} is too much" for key in ours if key not in real and key not in new]
        both = [
            line for key in real if key in ours for line in differences(real[key], ours[key], new, f"{where}.{key}")
        ]
        return missing + extra + both
    if isinstance(real, list) and isinstance(ours, list):
        return differences(real[0], ours[0], new, f"{where}[0]") if real and ours else []
    if real is None or ours is None or type(real) is type(ours):
        return []
    return [f"{where}: {type(ours).__name__} instead of {type(real).__name__}"]
