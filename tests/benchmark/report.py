# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as small tables for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def table(part: str, result: Any) -> str:
    """The table of one part."""
    makers: dict[str, Callable[[Any], list[str]]] = {
        "unchanged": _unchanged,
        "building": _building,
        "growth": _growth,
    }
    return "\n".join(makers[part](result))


def _unchanged(found: dict[str, Any]) -> list[str]:
    asked = f"{found['reads']} reads, {found['writes']} writes, changed={found['changed']}"
    lines = [
        f"{found['rooms']} rooms, nothing to change; medians of {found['runs']} runs",
        f"  site.yml without verify  {found['seconds']:6.1f} s   {asked}",
    ]
    lines += [f"  {name:<24} {spent:6.2f} ms per room" for name, spent in found["ms_per_room"].items()]
    lines.append(f"  placeos_system in a loop {found['loop_ms_per_room']:6.0f} ms per room")
    lines.append(f"  loop : bulk task         {found['ratio']:6.0f} : 1")
    return lines


def _building(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{found['rooms']} rooms from empty, {found['workers']} workers; medians of {found['runs']} runs",
        f"  site.yml without verify  {found['site_seconds']:6.1f} s",
        f"  {'':<16} {'requests':>8} {'bare':>8} {'module':>16} {'its process':>16} {'its task':>16}",
    ]
    for name in ("placeos_system", "placeos_module"):
        row = found[name]
        cells = [f"{row[f'{key}_seconds']:6.1f} s {row[f'share_{key}']:>6.0%}" for key in ("work", "process", "task")]
        lines.append(
            f"  {name:<16} {row['requests']:>8} {row['bare_seconds']:6.1f} s " + " ".join(f"{c:>16}" for c in cells)
        )
        if row["only_ours"] or row["only_bare"]:
            lines.append(f"    only the module sends {row['only_ours']}, only the bare client {row['only_bare']}")
    return lines


def _growth(found: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"nothing to change, growing; medians of {found[0]['runs']} runs, largest memory",
        f"  {'rooms':>6} {'site.yml':>10} {'per room':>10} {'largest process':>16} {'all processes':>15} {'reads':>6}",
    ]
    for row in found:
        memory = f"{row['largest_process_mib']:>12.0f} MiB {row['all_processes_mib']:>11.0f} MiB"
        lines.append(
            f"  {row['rooms']:>6} {row['seconds']:>8.1f} s {row['ms_per_room']:>7.2f} ms {memory} {row['reads']:>6}"
        )
    return lines
