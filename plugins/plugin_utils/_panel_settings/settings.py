# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of it: settings as given, and the settings as the driver needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._workplace.text import show
from .checks import check
from .credentials import Given, settle
from .keys import DEPRECATED, PANEL, driver
from .read import read


def panel_settings(
    given: object, class_name: object, credentials: Given, discovered: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """``document``, ``warnings`` and ``faults``; with faults the document is not to be stored."""
    known = driver(class_name, discovered) if isinstance(class_name, str) else None
    if known is None:
        fault = f"class_name: {show(class_name)} is no driver of room panels; there are {PANEL} and {DEPRECATED}"
        return {"document": {}, "warnings": [], "faults": [fault]}
    report = read(given)
    settle(report, known, credentials)
    families = (known.client_id, known.secret, known.token_url, known.tenant, known.token_path)
    check(report, known, frozenset(name for family in families for name in family))
    first = (known.client_id[0], known.secret[0], known.token_url[0], *known.constants)
    return {"document": report.document(first), "warnings": report.warnings, "faults": report.faults}
