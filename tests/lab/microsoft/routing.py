# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes by segments: keys in parentheses, casts, and no regard for the case of literal segments.

``/applications(appId='x')``, ``/applications('x')`` and ``/applications/x`` reach the same routes; the value a handler
gets says which key it is (http.Key). ``graph.room`` is ``microsoft.graph.room``. Segments are cut before they are decoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from .errors import bad_request, known
from .facts import table
from .http import Handler, Key
from .permissions import Accept

WITH_KEY = re.compile(r"^(?P<name>[^()]+)\((?:(?P<key>[A-Za-z]+)=)?'(?P<value>(?:[^']|'')*)'\)$", re.DOTALL)
CAST = "microsoft.graph."
KEYS = {
    "applications": frozenset(("id", "appid", "uniquename")),
    "serviceprincipals": frozenset(("id", "appid")),
    "groups": frozenset(("id", "uniquename")),
    "users": frozenset(("id", "userprincipalname")),
}
"""By which keys the objects of a collection are known; by id alone elsewhere."""


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and what it needs.

    ``id`` is that of the permission matrix. ``accept`` None: the handler authorises by itself (or nobody needs to).
    """

    handler: Handler
    id: str
    accept: Accept | None
    area: str = "directory"
    beta_only: bool = False


@dataclass(slots=True)
class Pattern:
    """The segments of a route; parameters are in braces, and may be bound to an alternate key."""

    segments: list[tuple[str, str]]
    """(literal in lower case, ""), ("", parameter) or ("=key", parameter)."""
    route: Route


class Router:
    """Routes of Graph by method, and of other paths."""

    def __init__(self) -> None:
        self.graph: dict[str, list[Pattern]] = {}
        self.other: dict[str, list[Pattern]] = {}

    def add(self, matrix_id: str, handler: Handler, *, own_check: bool = False) -> None:
        """Register the call of an entry of tables/permissions.json.

        With ``own_check`` the handler checks permissions by itself (permissions.check, or by mailbox).
        """
        entry = table("permissions")["routes"][matrix_id]
        accept = None if own_check or (not entry["accept"] and matrix_id == "batch") else entry["accept"]
        route = Route(handler, matrix_id, accept, entry["area"], entry.get("version") == "beta")
        self._put(self.graph, entry["method"], entry["path"], route)

    def also(self, method: str, path: str, handler: Handler, *, like: str, own_check: bool = False) -> None:
        """Register a call that has no entry of its own, with the permissions of another one."""
        entry = table("permissions")["routes"][like]
        route = Route(
            handler, like, None if own_check else entry["accept"], entry["area"], entry.get("version") == "beta"
        )
        self._put(self.graph, method, path, route)

    def raw(self, methods: str, path: str, handler: Handler) -> None:
        """Register a path outside Graph; nobody checks a token, the handler does (signin.bearer.authenticate)."""
        for method in methods.split():
            self._put(self.other, method, path, Route(handler, "", None))

    @staticmethod
    def _put(where: dict[str, list[Pattern]], method: str, path: str, route: Route) -> None:
        where.setdefault(method, []).append(Pattern(cut_pattern(path), route))

    def match(self, method: str, path: str, version: str) -> tuple[Route, dict[str, Key]]:
        """Find the route of a path of Graph; raises 400 for an unknown segment and 405 for an unknown method."""
        given = cut(path)
        for pattern in self.graph.get(method, ()):
            values = fit(pattern.segments, given)
            if values is not None and not (pattern.route.beta_only and version != "beta"):
                return pattern.route, values
        patterns = [pattern for group in self.graph.values() for pattern in group]
        if any(fit(pattern.segments, given) is not None for pattern in patterns):
            raise known("method")
        raise known("bad_path", name=unknown_segment(patterns, given))

    def match_other(self, method: str, path: str) -> tuple[Route, dict[str, Key]] | None:
        """Find the route of a path outside Graph."""
        given = cut(path, keys=False)
        for pattern in self.other.get(method, ()):
            values = fit(pattern.segments, given)
            if values is not None:
                return pattern.route, values
        return None


def cut(path: str, *, keys: bool = True) -> list[tuple[str, Key | None]]:
    """Cut a path into literals (text, None) and keys in parentheses ("", value)."""
    found: list[tuple[str, Key | None]] = []
    for raw in path.split("/"):
        text = unquote(raw)
        if not text:
            continue
        with_key = WITH_KEY.match(text) if keys else None
        if with_key:
            found.append((with_key["name"], None))
            value = with_key["value"].replace("''", "'")
            found.append(("", Key.of(value, (with_key["key"] or "id").lower())))
        else:
            found.append((CAST + text[6:] if text.lower().startswith("graph.") else text, None))
    return found


def cut_pattern(path: str) -> list[tuple[str, str]]:
    """Cut the path of a route."""
    found: list[tuple[str, str]] = []
    for text, key in cut(path):
        if key is not None:
            found.append(("=" + key.by, key[1:-1]))
        elif text.startswith("{"):
            found.append(("", text[1:-1]))
        else:
            found.append((text.lower(), ""))
    return found


def fit(pattern: list[tuple[str, str]], given: list[tuple[str, Key | None]]) -> dict[str, Key] | None:
    """Return the parameters of a path that fits a pattern, None of one that does not."""
    if len(pattern) != len(given):
        return None
    values: dict[str, Key] = {}
    collection = ""
    for (literal, name), (text, key) in zip(pattern, given, strict=True):
        if literal.startswith("="):
            if key is None or key.by != literal[1:]:
                return None
            values[name] = key
        elif name:
            if key is None and text.lower().startswith((CAST, "$")):
                return None
            if key is not None and key.by not in KEYS.get(collection, ("id",)):
                return None
            values[name] = key if key is not None else Key(text)
        elif key is not None or text.lower() != literal:
            return None
        collection = literal
    return values


def unknown_segment(patterns: list[Pattern], given: list[tuple[str, Key | None]]) -> str:
    """Return the first segment at which no route goes on."""
    for length in range(1, len(given) + 1):
        part = given[:length]
        if not any(fit(pattern.segments[:length], part) is not None for pattern in patterns):
            return str(part[-1][1] if part[-1][1] is not None else part[-1][0])
    return str(given[-1][0]) if given else ""


def version_of(path: str) -> tuple[str, str]:
    """Cut the version off a path of Graph; 400 for an unknown one."""
    version, _slash, rest = path.lstrip("/").partition("/")
    if version.lower() not in ("v1.0", "beta"):
        raise bad_request(f"Invalid version: {version}")
    return version.lower(), "/" + rest
