# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How time and memory grow with the number of rooms, where nothing changes."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from .playbook import ROOT, play
from .unchanged import WITHOUT_VERIFY, built, task_medians

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tools.lab_process import Lab


def measure(lab: Lab, folder: Path, *, sizes: Sequence[int], runs: int, latency_ms: float) -> list[dict[str, Any]]:
    """One row per size."""
    rows = []
    for size in sizes:
        inventory = built(lab, folder / str(size), size, latency_ms)
        found = [play(ROOT / "site.yml", inventory, lab, *WITHOUT_VERIFY, memory=True) for _run in range(runs)]
        rows.append(
            {
                "rooms": size,
                "runs": runs,
                "seconds": median(run.seconds for run in found),
                "ms_per_room": median(run.seconds for run in found) * 1000 / size,
                "largest_process_mib": max(run.largest for run in found),
                "all_processes_mib": max(run.together for run in found),
                "changed": max(run.changed for run in found),
                "reads": max(run.reads for run in found),
                "writes": max(run.writes for run in found),
                "seconds_per_task": task_medians(found),
            }
        )
    return rows
