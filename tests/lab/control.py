# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control endpoints ``/_lab/…``: no credentials, no log, no latency, no faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .faults import ORDER_KEYS, SWITCHES, BadFault
from .gate import Gate

Endpoint = Callable[[Request], Awaitable[JSONResponse]]


def routes(gate: Gate, extra: list[Route] | None = None) -> list[Route]:
    """Return the control routes of a server; ``extra`` are those of its platform."""
    panel = Panel(gate)
    own = [
        Route("/faults", guarded(panel.faults), methods=["GET", "POST", "DELETE"]),
        Route("/reset", guarded(panel.reset), methods=["POST"]),
        Route("/violations", guarded(panel.violations), methods=["GET", "DELETE"]),
        Route("/stats", guarded(panel.stats), methods=["GET", "DELETE"]),
        Route("/stats/reset", guarded(panel.stats), methods=["POST"]),
        Route("/read-only", guarded(panel.read_only), methods=["GET", "POST"]),
        Route("/latency", guarded(panel.latency), methods=["POST"]),
    ]
    return own + (extra or [])


def guarded(endpoint: Endpoint) -> Endpoint:
    """Answer 400 with the reason to an order that makes no sense."""

    async def call(request: Request) -> JSONResponse:
        try:
            return await endpoint(request)
        except (TypeError, ValueError) as problem:  # BadFault, no JSON, a word where a number is expected
            return JSONResponse({"error": str(problem)}, 400)

    return call


async def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object in a body; an empty body is an empty object."""
    document = await request.json() if await request.body() else {}
    if not isinstance(document, dict):
        raise BadFault("a JSON object is expected")
    return document


class Panel:
    """The switches of one server."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    async def faults(self, request: Request) -> JSONResponse:
        """List, order or clear faults."""
        if request.method == "GET":
            return JSONResponse([rule.describe() for rule in self.gate.faults.rules])
        if request.method == "DELETE":
            clear(self.gate)
            return JSONResponse({"cleared": True})
        order = await body_of(request)
        if order.get("fault") == "race":
            order["fault"] = "races"
        if order.get("fault") in SWITCHES:
            return JSONResponse(turn(self.gate, order))
        return JSONResponse(self.gate.faults.add(order).describe())

    async def reset(self, request: Request) -> JSONResponse:
        """Restore the seed state and the faults of the command line; forget violations and statistics."""
        self.gate.platform.reset()
        self.gate.faults.clear()
        self.gate.restore_switches()
        self.gate.violations.clear()
        forget_statistics(self.gate)
        return JSONResponse({"reset": True})

    async def violations(self, request: Request) -> JSONResponse:
        """List (or clear) the writes that were refused."""
        if request.method == "DELETE":
            self.gate.violations.clear()
        return JSONResponse(self.gate.violations)

    async def stats(self, request: Request) -> JSONResponse:
        """Show (or clear) how many requests there were."""
        if request.method != "GET":
            forget_statistics(self.gate)
        return JSONResponse(statistics(self.gate))

    async def read_only(self, request: Request) -> JSONResponse:
        """Show or turn the refusal of writes."""
        if request.method == "POST":
            self.gate.read_only = bool((await body_of(request)).get("enabled", True))
        return JSONResponse({"enabled": self.gate.read_only})

    async def latency(self, request: Request) -> JSONResponse:
        """Change the delay of every request."""
        self.gate.latency = max(0.0, float((await body_of(request)).get("ms", 0)) / 1000)
        return JSONResponse({"ms": self.gate.latency * 1000})


def turn(gate: Gate, order: dict[str, Any]) -> dict[str, Any]:
    """Turn a switch: ``{"fault": "races", "enabled": true}`` or ``{"fault": "index-lag", "seconds": 2}``."""
    name = str(order["fault"])
    key = ORDER_KEYS.get(name)
    value: float | bool = float(order.get(key, 0)) if key else bool(order.get("enabled", True))
    if not gate.platform.switch(name, value):
        raise BadFault(f"{gate.platform.name} knows no fault {name}")
    return {"fault": name, "value": value}


def clear(gate: Gate) -> None:
    """Forget all ordered faults and turn the switches off."""
    gate.faults.clear()
    for name in SWITCHES:
        gate.platform.switch(name, False)


def statistics(gate: Gate) -> dict[str, Any]:
    """Return how many requests there were, by method and by status."""
    reads = sum(count for method, count in gate.counts.items() if method in ("GET", "HEAD", "OPTIONS"))
    total = sum(gate.counts.values())
    return {
        "total": total,
        "reads": reads,
        "writes": total - reads,
        "methods": dict(gate.counts),
        "statuses": dict(gate.statuses),
    }


def forget_statistics(gate: Gate) -> None:
    """Start counting anew."""
    gate.counts.clear()
    gate.statuses.clear()
