# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo says at its end: what stands on the servers, what the runs did, and what is proved by that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .servers import PlaceOS

REFUSED = "403 ErrorAccessDenied"
ZONE_KINDS = ("org", "region", "building", "level", "area")


class DemoError(RuntimeError):
    """Something in the demo went wrong; the message is for the person who watches."""


@dataclass
class Run:
    """One run of a playbook."""

    changed: int
    seconds: float
    requests: Counter[str]
    """By server."""
    output: str


def say(text: str = "") -> None:
    """Print at once, in order with what the programs print."""
    print(text, flush=True)


def standing_on(placeos: PlaceOS) -> list[tuple[str, int, str]]:
    """Return what stands on PlaceOS: noun, number, details."""
    zones = placeos.rows("/api/engine/v2/zones")
    tags = Counter(tag for zone in zones for tag in zone.get("tags") or ())
    kinds = ", ".join(f"{tags[kind]} {kind}{'s' if tags[kind] > 1 else ''}" for kind in ZONE_KINDS if tags[kind])
    systems = placeos.rows("/api/engine/v2/systems")
    bookable = sum(bool(system.get("bookable")) for system in systems)
    drivers = placeos.rows("/api/engine/v2/drivers")
    modules = placeos.rows("/api/engine/v2/modules")
    running = sum(bool(module.get("running")) for module in modules)
    tenants = placeos.rows("/api/staff/v1/tenants")
    return [
        ("zones", len(zones), kinds),
        ("systems", len(systems), f"{bookable} bookable"),
        ("drivers", len(drivers), names(drivers)),
        ("modules", len(modules), f"{running} running"),
        ("tenants", len(tenants), names(tenants)),
    ]


def names(rows: Iterable[dict[str, Any]]) -> str:
    """Return the names of some rows."""
    return ", ".join(sorted(str(row.get("name")) for row in rows))


def show_built(built: list[tuple[str, int, str]]) -> None:
    """Say what stands on PlaceOS."""
    say("What stands on PlaceOS now, as its API tells it")
    for noun, number, details in built:
        say(f"  {number:5} {noun if number != 1 else noun[:-1]:<8} {details}".rstrip())


def show_runs(look: Run, first: Run, second: Run) -> None:
    """Say what the runs did."""
    say("\nWhat the three runs did")
    for name, run, words in (
        ("look", look, "no write, and nothing in the way"),
        ("do", first, f"{first.changed} tasks changed something"),
        ("again", second, "changed=0: nothing was left to do"),
    ):
        asked = f"{run.requests['placeos']} requests to PlaceOS, {run.requests['microsoft']} to Microsoft"
        say(f"  {name:<6} {words}; {run.seconds:.0f} s\n         {asked}")


def show_proved(answers: dict[str, str], denied: str) -> None:
    """Say what is proved. Raises DemoError when it is not."""
    wrong = {box: answer for box, answer in answers.items() if answer != (REFUSED if box == denied else "200")}
    if wrong:
        told = "; ".join(f"{box}: {answer}" for box, answer in wrong.items())
        raise DemoError(f"Microsoft Graph does not answer as the scope says: {told}")
    say("\nWhat is proved: the demo asked Microsoft Graph once more, with PlaceOS's secret")
    say(f"  it reads {len(answers) - 1} calendars: those of all bookable rooms and the service account")
    say(f"  it is refused {denied}: {answers[denied]}")
    say("  the secret is in no line that the runs printed, and in no request's address")
