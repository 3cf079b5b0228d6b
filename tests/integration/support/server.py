# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as the tests see it: its switches, its log, and what stands on it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import requests
from tools.lab_process import Lab

from .modules import Result, run_module

API = "/api/engine/v2"
VOLATILE = (
    "created_at",
    "updated_at",
    "version",
    "id",
    "edited_at",
    "last_saved",
    "updated_by",
    "modified_by_id",
    "signage_last_seen",
)
CIPHERTEXT = "\x1b"
"""How ACAEngine's encrypted values begin."""
KINDS = ("zones", "systems", "repositories", "drivers", "modules")


class Server:
    """One platform of a lab and the ways to look at it; modules run against it as the administrator."""

    platform = "placeos"

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        info = lab.info[self.platform]
        self.url: str = info["url"]
        self.credentials: dict[str, str] = info["credentials" if self.platform == "placeos" else "tokens"]
        self.password_grant: dict[str, str] = {name: info[name] for name in ("username", "password", "client_id")}
        self.options: dict[str, Any] = {"url": self.url, "index_lag": 0, **self.signed_in("admin")}
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = lab.info["ca_file"] if self.url.startswith("https") else True

    def signed_in(self, role: str) -> dict[str, str]:
        """The options of a module that acts as admin, support or user."""
        return {"api_key": self.credentials[role]}

    def site_variables(self) -> dict[str, str]:
        """What an inventory says about this server beyond its URL; nothing where the demo's own key is right."""
        return {}

    # -- modules ---------------------------------------------------------------------------------------------------

    def run(self, module: str, check: bool = False, /, **arguments: Any) -> Result:
        """Run a module against this server, whatever comes of it; options that are None are not given."""
        given = {name: value for name, value in {**self.options, **arguments}.items() if value is not None}
        return run_module(module, given, check=check)

    def good(self, module: str, check: bool = False, /, **arguments: Any) -> Result:
        """Run a module that must succeed."""
        result = self.run(module, check, **arguments)
        assert not result["failed"], result["msg"]
        return result

    # -- switches --------------------------------------------------------------------------------------------------

    def control(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Use a control endpoint."""
        answer = self._session.request(method, f"{self.url}/_lab/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self) -> None:
        """Back to the seed state, without faults, and writable."""
        self.control("reset", {})
        self.control("read-only", {"enabled": False})
        self.control("latency", {"ms": 0})

    def fault(self, path: str, **rule: Any) -> None:
        """Order a fault for requests below a path of the API."""
        self.control("faults", {"path": path, **rule})

    def check(self, module: str, /, **arguments: Any) -> Result:
        """Run a module in check mode on a read-only server, and prove that it wrote nothing."""
        self.control("read-only", {"enabled": True})
        try:
            result = self.good(module, True, **arguments)
            violations = self.control("violations", method="GET")
        finally:
            self.control("read-only", {"enabled": False})
        assert violations == [], "check mode tried to write"
        return result

    # -- the log ---------------------------------------------------------------------------------------------------

    def answered(self) -> list[dict[str, Any]]:
        """Every request to this server so far."""
        return [entry for entry in self.lab.requests() if entry["server"] == self.platform]

    def mark(self) -> int:
        """The number of requests so far."""
        return len(self.answered())

    def since(self, mark: int) -> list[str]:
        """The requests after a mark as ``METHOD /path?query``."""
        return [f"{entry['method']} {entry['path']}" for entry in self.answered()[mark:]]

    def counts(self, mark: int) -> Counter[str]:
        """How many reads and writes there were after a mark."""
        return Counter("reads" if line.startswith("GET") else "writes" for line in self.since(mark))

    # -- what stands there -----------------------------------------------------------------------------------------

    def headers(self) -> dict[str, str]:
        """The administrator's credentials."""
        return {"X-API-Key": self.credentials["admin"]}

    def api(self, method: str, path: str, body: Any = None) -> requests.Response:
        """A bare request of the administrator."""
        headers = self.headers()
        return self._session.request(method, f"{self.url}{path}", json=body, headers=headers)

    def rows(self, kind: str, **filters: Any) -> list[dict[str, Any]]:
        """All raw rows of a kind."""
        base = "/api/staff/v1" if kind == "tenants" else API
        query = "&".join(f"{key}={value}" for key, value in {"limit": 10000, **filters}.items())
        answer = self.api("GET", f"{base}/{kind}?{query}")
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()
        return rows

    def names(self, kind: str) -> list[str]:
        """The names of all objects of a kind, sorted; a twin stands there twice."""
        return sorted(str(row["name"]) for row in self.rows(kind))

    def row(self, kind: str, name: str) -> dict[str, Any]:
        """The one object of a name."""
        (found,) = [row for row in self.rows(kind) if row["name"] == name]
        return found

    def settings_of(self, parent: str) -> list[dict[str, Any]]:
        """The settings rows of one object, by its id."""
        return self.rows("settings", parent_id=parent)

    def metadata_of(self, parent: str) -> dict[str, Any]:
        """The metadata of one object, by its id."""
        found: dict[str, Any] = self.api("GET", f"{API}/metadata/{parent}").json()
        return found

    def loaded(self, module_id: str) -> bool:
        """Does a module really run?"""
        return bool(self.api("GET", f"{API}/modules/{module_id}/state").json())

    def everything(self) -> dict[str, Any]:
        """All that stands on the server, with names in the place of ids and without times and versions."""
        rows: dict[str, list[dict[str, Any]]] = {kind: self.rows(kind) for kind in KINDS}
        parents = [row["id"] for kind in KINDS for row in rows[kind]]
        rows["settings"] = [row for parent in parents for row in self.settings_of(parent)]
        holders = [row["id"] for kind in ("zones", "systems") for row in rows[kind]]
        rows["metadata"] = [document for holder in holders for document in self.metadata_of(holder).values()]
        rows["tenants"] = self.rows("tenants")
        rows["domains"] = self.rows("domains")
        names = {row["id"]: f"{kind}:{row['name']}" for kind in KINDS[:4] for row in rows[kind]}
        for row in rows["modules"]:
            system = names.get(row.get("control_system_id"), "shared")
            names[row["id"]] = f"module:{row['name']} {system}"
        running = [names[row["id"]] for row in rows["modules"] if self.loaded(row["id"])]
        return {
            **{kind: sorted((anonymous(row, names) for row in found), key=repr) for kind, found in rows.items()},
            "loaded": sorted(running),
        }


def anonymous(value: Any, names: dict[str, str]) -> Any:
    """A value with names in the place of ids, and without what differs in each run."""
    if isinstance(value, dict):
        # Fingerprints are salted, and listed under ids.
        return {
            key: anonymous(item, names)
            for key, item in sorted(value.items())
            if key not in VOLATILE and key != "ansible_placeos_office365"
        }
    if isinstance(value, list):
        return [anonymous(item, names) for item in value]
    if isinstance(value, str):
        return "(encrypted)" if value.startswith(CIPHERTEXT) else names.get(value, value)
    return value
