# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An estate from empty: the bulk modules against a bare threaded client that sends the same requests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from .bare_client import BareClient
from .estate import lists, write_inventory
from .lab_control import control
from .playbook import HERE, ROOT, environment, play
from .unchanged import BULK, WITHOUT_VERIFY, task_medians

if TYPE_CHECKING:
    from pathlib import Path

    from tools.lab_process import Lab

WORKERS = 8
CALENDAR = {"driver": "Microsoft Graph API", "uri": "https://graph.microsoft.com"}
BOOKINGS = "PlaceOS Bookings"
DRIVERS = [
    {
        "name": CALENDAR["driver"],
        "file_name": "drivers/microsoft/graph_api.cr",
        "module_name": "Calendar",
        "role": "service",
    },
    {"name": BOOKINGS, "file_name": "drivers/place/bookings.cr", "module_name": "Bookings", "role": "logic"},
]
IDENTIFIER = re.compile(r"(?:sys|mod|zone|driver)-[^/?&]+")


class ModuleError(RuntimeError):
    """A module failed; the message is its own."""


@dataclass
class Spent:
    """Seconds of one module. process: from its start to its end; work: without Python's start and imports."""

    process: float
    work: float
    requests: Counter[str]


class Builder:
    """Builds on one lab, by modules in processes of their own, as Ansible starts them, but without Ansible."""

    def __init__(self, lab: Lab, folder: Path, rooms: int, latency_ms: float) -> None:
        placeos = lab.info["placeos"]
        self.lab, self.latency_ms = lab, latency_ms
        self.url, self.key = placeos["url"], placeos["credentials"]["admin"]
        self.inventory = write_inventory(folder, rooms, self.url, self.key)
        self.lists = lists(self.inventory)

    def module(self, name: str, **options: Any) -> Spent:
        """Run one module."""
        arguments, times = self.lab.state / "arguments.json", self.lab.state / "times.json"
        options |= {"url": self.url, "api_key": self.key, "max_workers": WORKERS}
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}), encoding="utf-8")
        command = [sys.executable, str(HERE / "module_process.py"), name, str(arguments), str(times)]
        before, began = len(self.lab.requests()), time.perf_counter()
        env = environment(times) | {"PYTHONPATH": str(ROOT / "collections")}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        process = time.perf_counter() - began
        if done.returncode:
            raise ModuleError(f"{name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return Spent(process, json.loads(times.read_text(encoding="utf-8"))["module"], self.requests(before))

    def requests(self, since: int) -> Counter[str]:
        """What was asked of the server, with ids left out."""
        asked = self.lab.requests()[since:]
        return Counter(f"{r['method']} {IDENTIFIER.sub('ID', r['path'])}" for r in asked)

    def prepare(self) -> None:
        """An empty server with zones and drivers, made without latency."""
        control(self.lab, "reset")
        control(self.lab, "latency", {"ms": 0})
        self.module("placeos_zone", zones=self.lists["zones"])
        repository = {"name": "PlaceOS Drivers", "uri": "https://github.com/PlaceOS/drivers", "branch": "master"}
        self.module("placeos_repository", repositories=[repository])
        drivers = [{**driver, "repository": repository["name"]} for driver in DRIVERS]
        self.module("placeos_driver", drivers=drivers)
        document = {"calendar_config": {"tenant": "t", "client_id": "c", "client_secret": "secret of the lab"}}
        settings = {"parent": CALENDAR["driver"], "parent_kind": "driver", "encryption_level": "admin"}
        self.module("placeos_settings", settings=[{**settings, "document": document}])
        control(self.lab, "latency", {"ms": self.latency_ms})

    def by_modules(self) -> tuple[Spent, Spent]:
        """Systems, then modules, by the collection."""
        self.prepare()
        bookable = self.lists["bookable"]
        systems = self.module("placeos_system", systems=self.lists["systems"])
        wanted = [{**CALENDAR, "systems": bookable, "running": True}]
        wanted.append({"driver": BOOKINGS, "systems": bookable, "running": True})
        return systems, self.module("placeos_module", modules=wanted)

    def by_bare_client(self) -> tuple[Spent, Spent]:
        """The same by the bare client."""
        self.prepare()
        client = BareClient(self.url, self.key, WORKERS)
        before = len(self.lab.requests())
        seconds = client.systems(self.lists["systems"])
        systems = Spent(seconds, seconds, self.requests(before))
        before = len(self.lab.requests())
        seconds = client.modules(CALENDAR, BOOKINGS)
        return systems, Spent(seconds, seconds, self.requests(before))


def measure(lab: Lab, folder: Path, *, rooms: int, runs: int, latency_ms: float) -> dict[str, Any]:
    """Each run: the modules alone, the bare client, and site.yml from empty; ratios are taken within a run."""
    builder = Builder(lab, folder, rooms, latency_ms)
    modules, bare, whole = [], [], []
    for _run in range(runs):
        modules.append(builder.by_modules())
        bare.append(builder.by_bare_client())
        control(lab, "reset")
        whole.append(play(ROOT / "site.yml", builder.inventory, lab, *WITHOUT_VERIFY))
    times = task_medians(whole)
    result: dict[str, Any] = {"rooms": rooms, "runs": runs, "workers": WORKERS}
    result["site_seconds"] = median(run.seconds for run in whole)
    for index, name in enumerate(("placeos_system", "placeos_module")):
        ours, theirs = [pair[index] for pair in modules], [pair[index] for pair in bare]
        task = next(task for task, module in BULK.items() if module == name)
        in_task = [next(s for t, s in run.tasks.items() if t.endswith(task)) for run in whole]
        result[name] = {
            "requests": ours[0].requests.total(),
            "bare_requests": theirs[0].requests.total(),
            "only_ours": dict(ours[0].requests - theirs[0].requests),
            "only_bare": dict(theirs[0].requests - ours[0].requests),
            "bare_seconds": median(one.work for one in theirs),
            "work_seconds": median(one.work for one in ours),
            "process_seconds": median(one.process for one in ours),
            "task_seconds": times[task],
            "requests_per_second": median(one.requests.total() / one.work for one in ours),
            "bare_requests_per_second": median(one.requests.total() / one.work for one in theirs),
            "share_work": median(t.work / o.work for o, t in zip(ours, theirs, strict=True)),
            "share_process": median(t.work / o.process for o, t in zip(ours, theirs, strict=True)),
            "share_task": median(t.work / o for o, t in zip(in_task, theirs, strict=True)),
        }
    return result
