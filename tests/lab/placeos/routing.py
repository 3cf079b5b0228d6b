# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes by method and path; literal segments win over parameters, and an unknown combination is a plain 404."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

from .http import Handler

READ, WRITE = "read", "write"


@dataclass(frozen=True, slots=True)
class Route:
    """A handler with what is checked before it runs: credentials, scopes (any of them), a JSON body."""

    handler: Handler
    scopes: tuple[str, ...] = ()
    access: str = READ
    public: bool = False
    body: bool = False


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    name: str = ""
    route: Route | None = None


class Router:
    """One tree of path segments per method."""

    def __init__(self) -> None:
        self.trees: dict[str, _Node] = {}

    def add(
        self,
        methods: str,
        pattern: str,
        handler: Handler,
        *,
        scopes: tuple[str, ...] = (),
        access: str = READ,
        public: bool = False,
        body: bool = False,
    ) -> None:
        """Register a handler for space-separated methods and a pattern such as ``/zones/:id``."""
        route = Route(handler, scopes, access, public, body)
        for method in methods.split():
            node = self.trees.setdefault(method, _Node())
            for segment in pattern.strip("/").split("/"):
                if segment.startswith(":"):
                    node.parameter = node.parameter or _Node()
                    node = node.parameter
                    node.name = node.name or segment[1:]
                else:
                    node = node.literal.setdefault(segment, _Node())
            node.route = route

    def match(self, method: str, raw_path: str) -> tuple[Route, dict[str, str]] | None:
        """Find the route of a request. One trailing slash is ignored, empty segments match nothing."""
        tree = self.trees.get("GET" if method == "HEAD" else method)
        if tree is None or not raw_path.startswith("/"):
            return None
        segments = raw_path[1:].removesuffix("/").split("/")
        values: list[tuple[str, str]] = []
        route = _descend(tree, segments, 0, values)
        return None if route is None else (route, {name: unquote(value) for name, value in values})


def _descend(node: _Node, segments: list[str], depth: int, values: list[tuple[str, str]]) -> Route | None:
    if depth == len(segments):
        return node.route
    segment = segments[depth]
    child = node.literal.get(segment)
    if child is not None:
        route = _descend(child, segments, depth + 1, values)
        if route is not None:
            return route
    if node.parameter is not None and segment:
        values.append((node.parameter.name, segment))
        route = _descend(node.parameter, segments, depth + 1, values)
        if route is not None:
            return route
        values.pop()
    return None
