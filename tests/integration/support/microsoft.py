# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's Microsoft 365 as the tests see it: its switches, its log, the options of modules, and bare requests."""

from __future__ import annotations

from collections import Counter
from typing import Any

from requests import Response, Session
from tools.lab_process import Lab

from .modules import Result, run_module

GRAPH_SCOPE = "https://graph.microsoft.com/.default"
GRAPH_ID = "00000003-0000-0000-c000-000000000000"


class Microsoft:
    """One tenant of a lab; modules run as the automation application unless a test says otherwise."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.info: dict[str, Any] = lab.info["microsoft"]
        self.url: str = self.info["graph_url"]
        self.tenant: str = self.info["tenant_id"]
        self.ca_path: str = lab.info["ca_file"]
        self.automation: dict[str, str] = self.info["automation"]
        self.endpoints = {name: self.info[name] for name in ("login_url", "graph_url", "exchange_url")}
        self.options: dict[str, Any] = {
            "tenant": self.tenant,
            "ca_path": self.ca_path,
            **self.endpoints,
            **self.identity("automation"),
        }
        self._session = Session()
        self._session.trust_env = False
        self._session.verify = self.ca_path

    def identity(self, who: str) -> dict[str, str]:
        """The options by which a module is ``automation`` or ``placeos``, by secret."""
        part = self.automation if who == "automation" else self.info
        return {name: part[name] for name in ("client_id", "client_secret")}

    def certificate_identity(self) -> dict[str, str | None]:
        """The options by which a module is the automation application, by certificate."""
        return {
            "client_id": self.automation["client_id"],
            "client_secret": None,
            "certificate_path": self.automation["certificate_path"],
        }

    # -- modules ---------------------------------------------------------------------------------------------------

    def run(self, module: str, check: bool = False, /, **arguments: Any) -> Result:
        """Run a module against this tenant, whatever comes of it; options that are None are not given."""
        given = {name: value for name, value in {**self.options, **arguments}.items() if value is not None}
        return run_module(module, given, check=check)

    def good(self, module: str, check: bool = False, /, **arguments: Any) -> Result:
        """Run a module that must succeed."""
        result = self.run(module, check, **arguments)
        assert not result["failed"], result["msg"]
        return result

    def check(self, module: str, /, **arguments: Any) -> Result:
        """Run a module in check mode on a read-only tenant, and prove that it wrote nothing."""
        self.control("read-only", {"enabled": True})
        try:
            result = self.good(module, True, **arguments)
            violations = self.control("violations", method="GET")
        finally:
            self.control("read-only", {"enabled": False})
        assert violations == [], "check mode tried to write"
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
        """Order a fault for requests below a path."""
        self.control("faults", {"path": path, **rule})

    def switch(self, name: str, **value: Any) -> None:
        """Turn a switch: ``switch("directory-lag", seconds=5)``, ``switch("policy-type", enabled=True)``."""
        self.control("faults", {"fault": name, **value})

    def advance(self, seconds: float) -> None:
        """Let time pass in the tenant."""
        self.control("advance-clock", {"seconds": seconds})

    # -- the log ---------------------------------------------------------------------------------------------------

    def answered(self) -> list[dict[str, Any]]:
        """Every request to this server so far, in order."""
        return [entry for entry in self.lab.requests() if entry["server"] == "microsoft"]

    def mark(self) -> int:
        """The number of requests so far."""
        return len(self.answered())

    def since(self, mark: int) -> list[str]:
        """The requests after a mark as ``METHOD /path?query``."""
        return [f"{entry['method']} {entry['path']}" for entry in self.answered()[mark:]]

    def requests(self, mark: int = 0) -> Counter[str]:
        """How many requests of each method there were after a mark; those for tokens count as ``token``."""
        return Counter(
            "token" if "/oauth2/" in line or "/.well-known/" in line else line.partition(" ")[0]
            for line in self.since(mark)
        )

    # -- what stands there -----------------------------------------------------------------------------------------

    def token(self, who: str = "automation", scope: str = GRAPH_SCOPE, **identity: str) -> str:
        """A fresh access token."""
        form = {"grant_type": "client_credentials", "scope": scope, **(identity or self.identity(who))}
        answer = self._session.post(f"{self.url}/{self.tenant}/oauth2/v2.0/token", data=form)
        assert answer.status_code == 200, answer.text
        value: str = answer.json()["access_token"]
        return value

    def api(self, method: str, path: str, body: Any = None, *, who: str = "automation", **headers: str) -> Response:
        """A bare request with a fresh token."""
        sent = {"Authorization": f"Bearer {self.token(who)}", **headers}
        return self._session.request(method, f"{self.url}{path}", json=body, headers=sent)

    def get(self, path: str, *, who: str = "automation") -> dict[str, Any]:
        """The JSON of a read that must succeed."""
        answer = self.api("GET", path, who=who)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def application(self, app_id: str) -> dict[str, Any]:
        """The raw registration of an application."""
        return self.get(f"/v1.0/applications(appId='{app_id}')")

    def principal(self, app_id: str) -> dict[str, Any]:
        """The raw enterprise application."""
        return self.get(f"/v1.0/servicePrincipals(appId='{app_id}')")

    def granted(self, app_id: str, resource: str = GRAPH_ID) -> list[str]:
        """The values of the roles that an application was granted on a resource, sorted."""
        holder = self.principal(resource)
        values = {role["id"]: role["value"] for role in holder["appRoles"]}
        rows = self.get(f"/v1.0/servicePrincipals(appId='{app_id}')/appRoleAssignments")["value"]
        return sorted(values[row["appRoleId"]] for row in rows if row["resourceId"] == holder["id"])

    def made_app(self, **order: Any) -> dict[str, str]:
        """Make an application that is ready: name, permissions, secret, days, unique_name, exchange_administrator."""
        made: dict[str, str] = self.control("apps", order)
        return made
