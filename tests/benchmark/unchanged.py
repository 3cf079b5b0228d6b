# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An estate that is as desired already: site.yml as a whole, each bulk task, and a loop of single tasks."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from .estate import write_inventory
from .lab_control import control
from .playbook import HERE, ROOT, Run, play

if TYPE_CHECKING:
    from pathlib import Path

    from tools.lab_process import Lab

BULK = {
    "Zones (organisation, buildings, levels)": "placeos_zone",
    "Metadata of zones": "placeos_metadata",
    "Systems (rooms)": "placeos_system",
    "Modules (one calendar service for all bookable rooms, booking logic in each)": "placeos_module",
}
LOOPED = 100
WITHOUT_VERIFY = ("--skip-tags", "verify")


def short(name: str) -> str:
    """The name of a task as the callback gives it, without its role."""
    return name.rpartition(" : ")[2]


def built(lab: Lab, folder: Path, rooms: int, latency_ms: float) -> Path:
    """Build an estate on the empty lab, as fast as it goes, and return its inventory."""
    placeos = lab.info["placeos"]
    inventory = write_inventory(folder, rooms, placeos["url"], placeos["credentials"]["admin"])
    control(lab, "reset")
    control(lab, "latency", {"ms": 0})
    play(ROOT / "site.yml", inventory, lab, *WITHOUT_VERIFY)
    control(lab, "latency", {"ms": latency_ms})
    return inventory


def task_medians(runs: list[Run]) -> dict[str, float]:
    """The median time of each task in seconds."""
    return {short(name): median(run.tasks[name] for run in runs) for name in runs[0].tasks}


def measure(lab: Lab, folder: Path, *, rooms: int, runs: int, latency_ms: float) -> dict[str, Any]:
    """Each run: site.yml without verify, then the loop; ratios are taken within a run."""
    inventory = built(lab, folder, rooms, latency_ms)
    whole: list[Run] = []
    loops: list[Run] = []
    for _run in range(runs):
        whole.append(play(ROOT / "site.yml", inventory, lab, *WITHOUT_VERIFY))
        loops.append(play(HERE / "loop.yml", inventory, lab))
    bulk = [_task(run, "Systems (rooms)") / rooms for run in whole]
    single = [_task(run, "One room") / LOOPED for run in loops]
    times = task_medians(whole)
    return {
        "rooms": rooms,
        "runs": runs,
        "seconds": median(run.seconds for run in whole),
        "changed": max(run.changed for run in whole),
        "reads": max(run.reads for run in whole),
        "writes": max(run.writes for run in whole),
        "ms_per_room": {module: times[name] * 1000 / rooms for name, module in BULK.items()},
        "seconds_per_task": times,
        "loop_ms_per_room": median(single) * 1000,
        "loop_changed": max(run.changed for run in loops),
        "ratio": median(one / many for one, many in zip(single, bulk, strict=True)),
        "ratios": [one / many for one, many in zip(single, bulk, strict=True)],
    }


def _task(run: Run, name: str) -> float:
    return next(seconds for task, seconds in run.tasks.items() if short(task) == name)
