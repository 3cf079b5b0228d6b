# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults a test can order: which requests are hit, how often, and what happens to them.

A rule is a JSON object: ``path`` (a prefix, or a pattern when it contains ``*``; compared without the query),
``method``, ``skip`` (let that many matching requests through first), ``times`` (then hit that many; default 1, 0 for
all), and what to do: ``status`` with ``retry_after`` and ``body``, or ``fault``:

* ``drop`` closes the connection, ``when`` "before" (default) or "after" the request was carried out,
* ``hang`` answers ``seconds`` late,
* ``redirect`` sends 301 to the https root, losing the path,
* ``html`` answers 200 with a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import Any

KINDS = ("status", "drop", "hang", "redirect", "html")
KEYS = frozenset("path method times skip status retry_after body fault when seconds".split())
SWITCHES = {
    "index-lag": "SECONDS",
    "races": "[SECONDS]",
    "list-cap": "ROWS",
    "exec-timeout": "",
    "token-cache": "",
    "token-lifetime": "SECONDS",
    "directory-lag": "SECONDS",
    "grant-lag": "SECONDS",
    "policy-delay": "SECONDS",
    "policy-lifetime": "DAYS",
    "policy-type": "",
    "secrets-expire": "",
    "conditional-access": "",
    "exchange-throttle": "",
    "places-next-link": "",
}
"""Named faults of the platforms, and the value each takes: none, a number, or one in brackets that may be left out. A
platform that does not know a switch ignores it."""
ORDER_KEYS = {name: value.lower() for name, value in SWITCHES.items() if value.isalpha()}
"""The key under which an order names the number."""


class BadFault(ValueError):
    """A fault which cannot be ordered, with the reason."""


@dataclass(slots=True)
class Rule:
    """One ordered fault."""

    path: str
    pattern: re.Pattern[str] | None
    method: str | None
    skip: int
    times: int | None
    kind: str
    status: int = 0
    retry_after: float | None = None
    body: Any = None
    when: str = "before"
    seconds: float = 0.0

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request is of the kind the rule is about."""
        if self.method and self.method != method:
            return False
        return bool(self.pattern.match(path)) if self.pattern else path.startswith(self.path)

    def describe(self) -> dict[str, Any]:
        """Return the rule for ``GET /_lab/faults``."""
        return {
            "fault": self.kind,
            "path": self.path,
            "method": self.method,
            "skip": self.skip,
            "times": self.times,
            "status": self.status or None,
        }


def parse_rule(order: dict[str, Any]) -> Rule:
    """Return the rule of an order; raises BadFault."""
    unknown = order.keys() - KEYS
    if unknown:
        raise BadFault(f"unknown keys: {', '.join(sorted(unknown))}")
    kind = order.get("fault") or ("status" if "status" in order else "")
    if kind not in KINDS:
        raise BadFault(f"fault must be one of {', '.join((*KINDS[1:], *SWITCHES))}, or a status given")
    path = order.get("path", "/")
    method = order.get("method")
    times = order.get("times", 1)
    if kind == "status" and order.get("status") not in range(100, 600):
        raise BadFault("status must be an HTTP status")
    if order.get("when", "before") not in ("before", "after"):
        raise BadFault("when must be before or after")
    if not isinstance(path, str) or not isinstance(times, int) or not isinstance(order.get("skip", 0), int):
        raise BadFault("path is text, times and skip are whole numbers")
    return Rule(
        path=path,
        pattern=re.compile(translate(path)) if "*" in path else None,
        method=str(method).upper() if method else None,
        skip=order.get("skip", 0),
        times=times or None,
        kind=kind,
        status=order.get("status", 0),
        retry_after=order.get("retry_after"),
        body=order.get("body"),
        when=order.get("when", "before"),
        seconds=float(order.get("seconds", 5)),
    )


class Faults:
    """The rules of one server, in the order they were given; the first that matches acts."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, order: dict[str, Any]) -> Rule:
        """Add a rule."""
        rule = parse_rule(order)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget all rules."""
        self.rules.clear()

    def take(self, method: str, path: str) -> Rule | None:
        """Return the rule that hits a request, and count it."""
        for rule in self.rules:
            if not rule.matches(method, path):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.times is not None:
                rule.times -= 1
                if rule.times <= 0:
                    self.rules.remove(rule)
            return rule
        return None


def usage(name: str) -> str:
    """Return how a switch is written on the command line."""
    value = SWITCHES[name]
    return f"{name}={value}" if value.isalpha() else f"{name} or {name}={value[1:-1]}" if value else name


def parse_switch(text: str) -> tuple[str, float | bool]:
    """Return name and value of a command-line switch: ``index-lag=SECONDS``, ``races`` or ``races=SECONDS``, ..."""
    name, equals, value = text.partition("=")
    wanted = SWITCHES.get(name)
    try:
        if wanted is not None and equals and wanted and float(value) >= 0:
            return name, float(value)
    except ValueError:
        pass
    else:
        if wanted is not None and not equals and not wanted.isalpha():
            return name, True
    raise BadFault(f"{text!r} is not {', '.join(map(usage, SWITCHES))}")
