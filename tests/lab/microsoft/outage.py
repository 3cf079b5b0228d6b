# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service says when a test orders a status: throttled, unavailable, upstream timeout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .errors import GraphError, known, new_id

if TYPE_CHECKING:
    from .state import Tenant

MAILBOX = re.compile(r"/(calendar|calendars|calendarView|events|sendMail|getSchedule)\b", re.IGNORECASE)


def fault_body(tenant: Tenant, status: int, path: str) -> Any:
    """Return the body of an ordered status: an OAuth error for the sign-in service, Graph's elsewhere."""
    if "/oauth2/" in path:
        if status == 429:
            return ""
        moment = tenant.now().strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": "temporarily_unavailable",
            "error_description": f"AADSTS90033: A transient error has occurred. Please try again. Timestamp: {moment}",
            "error_codes": [90033],
            "timestamp": moment,
            "trace_id": new_id(),
            "correlation_id": new_id(),
            "error_uri": "https://login.microsoftonline.com/error?code=90033",
        }
    identity = new_id()
    return error_of(status, path).body(tenant.clock.text(), identity, identity)


def error_of(status: int, path: str) -> GraphError:
    """Return the error of Graph with a status."""
    if status == 429:
        return known("throttled_exchange" if MAILBOX.search(path) else "throttled_no_header")
    if status == 503:
        return known("unavailable")
    return GraphError(status, "UnknownError", "")
