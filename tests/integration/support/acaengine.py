# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's ACAEngine as the tests see it."""

from __future__ import annotations

from typing import Any

from .server import Server, anonymous

API = "/control/api"
KINDS = ("zones", "systems", "dependencies", "modules")
PANEL = "::Aca::O365BookingPanel"


class AcaServer(Server):
    """An ACAEngine; modules sign in with a token that never ends unless a test gives the password."""

    platform = "acaengine"

    def signed_in(self, role: str) -> dict[str, str]:
        """The options of a module that acts as admin, support or user."""
        return {"token": self.credentials[role], "platform": "acaengine"}

    def with_password(self, **more: Any) -> dict[str, Any]:
        """The options of a module that signs in with the administrator's password."""
        return {"token": None, **self.password_grant, **more}

    def site_variables(self) -> dict[str, str]:
        """A client without an API key, whose platform is asked for."""
        grant = {f"placeos_{name}": value for name, value in self.password_grant.items()}
        return {"placeos_api_key": "", "placeos_token": "", **grant}

    def headers(self) -> dict[str, str]:
        """The administrator's credentials."""
        return {"Authorization": f"Bearer {self.credentials['admin']}"}

    def rows(self, kind: str, **filters: Any) -> list[dict[str, Any]]:
        """All raw rows of a kind."""
        base = "/auth/api" if kind == "domains" else API
        query = "&".join(f"{key}={value}" for key, value in {"limit": 10000, **filters}.items())
        answer = self.api("GET", f"{base}/{kind}?{query}")
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["results"]
        return rows

    def by_id(self, kind: str, identifier: str) -> dict[str, Any]:
        """One raw row."""
        answer = self.api("GET", f"{API}/{kind}/{identifier}")
        assert answer.status_code == 200, answer.text
        row: dict[str, Any] = answer.json()
        return row

    def make(self, kind: str, **values: Any) -> dict[str, Any]:
        """Create an object by hand, as somebody in backoffice does."""
        base = "/auth/api" if kind == "domains" else API
        answer = self.api("POST", f"{base}/{kind}", values)
        assert answer.status_code == 200, answer.text
        row: dict[str, Any] = answer.json()
        return row

    def change(self, kind: str, identifier: str, **values: Any) -> dict[str, Any]:
        """Change an object by hand."""
        base = "/auth/api" if kind == "domains" else API
        answer = self.api("PUT", f"{base}/{kind}/{identifier}", values)
        assert answer.status_code == 200, answer.text
        row: dict[str, Any] = answer.json()
        return row

    def panel(self) -> dict[str, Any]:
        """The one dependency of the booking panel."""
        (found,) = [row for row in self.rows("dependencies") if row["class_name"] == PANEL]
        return found

    def info_of(self, zone: str) -> dict[str, Any]:
        """A zone's discovery document."""
        document: dict[str, Any] = self.row("zones", zone)["settings"]["discovery_info"]
        return document

    def drivers_of(self, system: str) -> list[str]:
        """The class names of the modules in a system's list, in order."""
        classes = {row["id"]: row["class_name"] for row in self.rows("dependencies")}
        made_of = {row["id"]: classes[row["dependency_id"]] for row in self.rows("modules")}
        return [made_of[identifier] for identifier in self.row("systems", system)["modules"]]

    def everything(self) -> dict[str, Any]:
        """All that stands on the server, with names in the place of ids, and without times, versions and salts."""
        rows: dict[str, list[dict[str, Any]]] = {kind: self.rows(kind) for kind in KINDS}
        names = {row["id"]: f"{kind}:{row['name']}" for kind in KINDS[:3] for row in rows[kind]}
        for row in rows["modules"]:
            names[row["id"]] = f"module of {names.get(row['control_system_id'])}"
            # The server shows driver and system inside.
            row.pop("dependency", None)
            row.pop("control_system", None)
        for row in rows["systems"]:
            # Made by the server from the modules that were loaded before an update.
            row.pop("features", None)
        rows["domains"] = self.rows("domains")
        loaded = [names[row["id"]] for row in rows["modules"] if self.loaded(row["id"])]
        return {
            **{kind: sorted((anonymous(row, names) for row in found), key=repr) for kind, found in rows.items()},
            "loaded": sorted(loaded),
        }

    def loaded(self, module_id: str) -> bool:
        """Does a module really run? Only a loaded one has a state."""
        answer = self.api("GET", f"{API}/modules/{module_id}/state")
        return bool(answer.status_code == 200)
