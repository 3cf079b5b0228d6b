# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the layers above see of a server, whichever platform it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient


class Platform(Protocol):
    """A signed-in PlaceOS v2 or ACAEngine server."""

    name: str
    """``placeos`` or ``acaengine``, as the option platform names them."""

    http: HttpClient

    index_lag: float
    """Seconds by which the server's lists may lag behind its writes."""

    any_case: bool
    """Are names unique whatever their letter case?"""

    lacks: Mapping[str, str]
    """Kinds that this platform does not have, each with the reason."""

    def resource(self, kind: str) -> Any:
        """The resource of a kind; one instance per kind and task, so that a list is read once."""

    def execute(self, system_id: str, module: str, method: str, arguments: list[Any]) -> Any:
        """Run a function of a system's module and return its result. Never repeated: it may act on the real world."""

    def status(self, system_id: str, module: str, key: str) -> Any:
        """One status value of a system's module; None where the module has not set it."""
