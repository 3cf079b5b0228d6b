# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare threaded client that sends the requests which a build needs: the yardstick for the bulk modules.

It knows beforehand what is to be done, compares nothing and reads no answer beyond the ids that later requests name.
Like the modules it uses one session for all threads, keeps connections alive and does not look at the environment for
each request; each phase is a pool over all rooms.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

API = "/api/engine/v2"
PAGE = 10_000


class BareClient:
    """One session, so many threads."""

    def __init__(self, url: str, api_key: str, workers: int) -> None:
        self.url = url
        self.workers = workers
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update({"X-API-Key": api_key, "Accept": "application/json"})
        self.session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=workers))
        self.ids: dict[str, str] = {}

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Send one request, and fail unless the answer is good."""
        answer = self.session.request(method, f"{self.url}{path}", json=body, params=query, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def read_all(self, kind: str) -> list[dict[str, Any]]:
        """Send one list request."""
        rows: list[dict[str, Any]] = self.call("GET", f"{API}/{kind}", limit=PAGE)
        return rows

    def each(self, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """Do work for all items, so many at a time."""
        with ThreadPoolExecutor(self.workers) as pool:
            return list(pool.map(work, items))

    def systems(self, desired: list[dict[str, Any]]) -> float:
        """Create all systems with the requests that placeos_system sends for them; return the seconds."""
        began = time.perf_counter()
        zones = {row["name"]: row["id"] for row in self.read_all("zones")}
        self.read_all("systems")

        def create(system: dict[str, Any]) -> tuple[str, str]:
            body = {**system, "zones": [zones[name] for name in system["zones"]]}
            return system["name"], self.call("POST", f"{API}/systems", body)["id"]

        self.ids = dict(self.each(create, desired))
        self.read_all("systems")
        return time.perf_counter() - began

    def modules(self, calendar: dict[str, Any], bookings: str) -> float:
        """Create the modules of all rooms with the requests that placeos_module sends for them; return the seconds."""
        began = time.perf_counter()
        rooms = list(self.ids.values())
        drivers = {row["name"]: row["id"] for row in self.read_all("drivers")}
        self.read_all("systems")
        self.read_all("modules")
        self.read_all("modules")
        calendar_id = self.call(
            "POST", f"{API}/modules", {"driver_id": drivers[calendar["driver"]], "uri": calendar["uri"]}
        )["id"]
        self.read_all("modules")
        self.each(lambda room: self.call("PUT", f"{API}/systems/{room}/module/{calendar_id}"), rooms)

        def create(room: str) -> str:
            self.session.get(
                f"{self.url}{API}/modules", params={"control_system_id": room}, timeout=60
            )  # 404: there is none yet
            body = {"driver_id": drivers[bookings], "control_system_id": room}
            identifier: str = self.call("POST", f"{API}/modules", body)["id"]
            return identifier

        created = self.each(create, rooms)
        self.read_all("modules")
        self.read_all("systems")

        def start(module: str) -> None:
            self.call("POST", f"{API}/modules/{module}/start")
            self.call("GET", f"{API}/modules/{module}/state")

        self.each(start, [calendar_id, *created])
        return time.perf_counter() - began
