# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application that the tests of graph_app make, and what they ask of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.apply import Apply

if TYPE_CHECKING:
    import pytest

    from .microsoft import Microsoft
    from .modules import Result

PERMISSIONS = ["Calendars.ReadWrite", "User.Read.All", "GroupMember.Read.All", "Place.Read.All"]
WANTED: dict[str, Any] = {"name": "PlaceOS Acme", "unique_name": "placeos-acme", "permissions": PERMISSIONS}


def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between two reads take no time where the lab's directory does not lag."""
    defaults = Apply.__init__.__kwdefaults__
    monkeypatch.setitem(defaults or {}, "sleep", lambda seconds: time.sleep(min(seconds, 0.01)))


def made(microsoft: Microsoft, **more: Any) -> Result:
    """Make the application."""
    return microsoft.good("graph_app", **{**WANTED, **more})


def app_id(result: Result) -> str:
    """The client id of the application of a result."""
    identifier: str = result["application"]["app_id"]
    return identifier


def headers(result: Result) -> list[str]:
    """What the diff of a result is about."""
    return [entry["after_header"] for entry in result["diff"]]


def signed_in(microsoft: Microsoft, *permissions: str) -> dict[str, Any]:
    """The options by which a module is an application with these permissions only."""
    app = microsoft.made_app(name="Automation of a test", permissions=list(permissions))
    return {name: app[name] for name in ("client_id", "client_secret")}
