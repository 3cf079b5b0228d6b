# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes as Rails cuts paths: a dot in the last segment begins a format, a dot elsewhere matches nothing.

``/systems/27.01`` therefore asks for the system "27" in the format "01". The server cuts the path before it decodes it
(spider-gazelle request.rb hands over the raw path), so that ``%2E`` is a dot that belongs to the id.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from .http import Handler


@dataclass(frozen=True, slots=True)
class Route:
    """A handler, whether it needs a token (doorkeeper_authorize!, CA base.rb:15), and which role it checks first."""

    handler: Handler
    public: bool = False
    role: str = ""


class Router:
    """Routes by method and number of segments; literal ones win over parameters in the order they were added."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}

    def add(self, methods: str, pattern: str, handler: Handler, *, public: bool = False, role: str = "") -> None:
        """Register a handler for space-separated methods; ``role`` is "", "support" or "admin"."""
        segments = pattern.strip("/").split("/")
        for method in methods.split():
            self.routes.setdefault((method, len(segments)), []).append((segments, Route(handler, public, role)))

    def match(self, method: str, raw_path: str) -> tuple[Route, dict[str, str]] | None:
        """Find the route of a request and the values of its parameters."""
        *before, last = [segment for segment in raw_path.split("/") if segment] or [""]
        last, dot, form = last.partition(".")
        if any("." in segment for segment in before) or (dot and (not form or "." in form)) or not last:
            return None
        given = [*before, last]
        for pattern, route in self.routes.get(("GET" if method == "HEAD" else method, len(given)), ()):
            if all(want == got or want.startswith(":") for want, got in zip(pattern, given, strict=True)):
                values = {w[1:]: unquote(g) for w, g in zip(pattern, given, strict=True) if w.startswith(":")}
                return route, values | ({"format": unquote(form)} if dot else {})
        return None
