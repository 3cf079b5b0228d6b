# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake of the part of Graph that graph_app uses, in memory: copies that lag, answers that get lost, races.

Bodies and errors are those of the recorded and documented exchanges: Graph documentation v1.0 (api/application-*,
api/serviceprincipal-*), and the replication errors that PlaceOS/rest-api repeats on.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import (
    EXCHANGE_APP_ID,
    GRAPH_APP_ID,
)

CALENDARS = "ef54d2bf-783f-4e0f-bca1-3210c0444d99"
USERS = "df021288-bdef-4463-88db-98f22de89214"
PLACES = "913b9306-0ce1-42b8-9137-6a7df690a760"
MANAGE_EXCHANGE = "dc50a0fb-09a3-484d-be87-e023b12c6440"
SHAREPOINT = "00000003-0000-0ff1-ce00-000000000000"
SECRET = "Fic~fake-secret-value-0123456789-abcdefgh"


def role(value: str, id_: str, *, enabled: bool = True, members: str = "Application") -> dict[str, Any]:
    return {"id": id_, "value": value, "isEnabled": enabled, "allowedMemberTypes": [members]}


def api(app_id: str, name: str, *roles: dict[str, Any]) -> dict[str, Any]:
    identifier = str(uuid.uuid5(uuid.NAMESPACE_DNS, app_id))
    return {"id": identifier, "appId": app_id, "displayName": name, "accountEnabled": True, "appRoles": list(roles)}


GRAPH = api(
    GRAPH_APP_ID,
    "Microsoft Graph",
    role("Calendars.ReadWrite", CALENDARS),
    role("User.Read.All", USERS),
    role("Place.Read.All", PLACES),
    role("Old.Thing", "11111111-0000-0000-0000-000000000001", enabled=False),
    role("People.Only", "11111111-0000-0000-0000-000000000002", members="User"),
)
EXCHANGE = api(EXCHANGE_APP_ID, "Office 365 Exchange Online", role("Exchange.ManageAsApp", MANAGE_EXCHANGE))
# The same id as on Graph, as Microsoft publishes it.
SITES = api(SHAREPOINT, "Office 365 SharePoint Online", role("User.Read.All", USERS))


def refusal(status: int, code: str, message: str, details: list[dict[str, str]] | None = None) -> HttpError:
    data = {"error": {"code": code, "message": message, **({"details": details} if details else {})}}
    return HttpError("status", "", "", f"{code}: {message}", status, data=data, graph_code=code, details=details or [])


def not_found(what: str) -> HttpError:
    words = f"Resource '{what}' does not exist or one of its queried reference-property objects are not present."
    return refusal(404, "Request_ResourceNotFound", words)


def lost(method: str) -> HttpError:
    return HttpError("dropped", method, "https://graph.fake", "the connection broke", maybe_done=True)


class FakeHttp:
    """Only knows where Graph is."""

    def url(self, path: str) -> str:
        return f"https://graph.microsoft.com{path}"


class FakeGraph:
    """lag: how many requests an object stays unseen by reads; lose: numbers of writes whose answers are lost."""

    def __init__(self, *, lag: int = 0) -> None:
        self.http = FakeHttp()
        self.applications: dict[str, dict[str, Any]] = {}
        self.principals: dict[str, dict[str, Any]] = {row["id"]: dict(row) for row in (GRAPH, EXCHANGE, SITES)}
        self.assignments: list[dict[str, Any]] = []
        self.lag = lag
        self.lose: dict[int, str] = {}
        self.refuse: Callable[[str, str], HttpError | None] = lambda _method, _path: None
        self.log: list[str] = []
        self.writes = self.requests = 0
        self._seen_from: dict[str, int] = {}
        self._serial = 0

    # -- set up --------------------------------------------------------------------------------------------------------

    def add_application(self, name: str, **more: Any) -> dict[str, Any]:
        self._serial += 1
        row = {
            "id": f"44445555-0000-4000-8000-{self._serial:012}",
            "appId": f"aaaabbbb-1111-2222-3333-{self._serial:012}",
            "displayName": name,
            "uniqueName": None,
            "createdDateTime": f"2026-01-{self._serial:02}T08:00:00Z",
            "requiredResourceAccess": [],
            "passwordCredentials": [],
            **more,
        }
        self.applications[row["id"]] = row
        return row

    def add_principal(self, app_id: str, **more: Any) -> dict[str, Any]:
        self._serial += 1
        row = {"id": f"ccccdddd-7777-8888-9999-{self._serial:012}", "appId": app_id, "accountEnabled": True, **more}
        self.principals[row["id"]] = row
        return row

    def add_grant(self, principal: Mapping[str, Any], resource: Mapping[str, Any], role_id: str) -> dict[str, Any]:
        self._serial += 1
        row = {
            "id": f"3d3MzHd3-Grant_{self._serial}",
            "appRoleId": role_id,
            "principalId": principal["id"],
            "resourceId": resource["id"],
            "resourceDisplayName": resource["displayName"],
        }
        self.assignments.append(row)
        return row

    def count(self, method: str, pattern: str = "") -> int:
        return sum(1 for line in self.log if line.startswith(method) and re.search(pattern, line))

    # -- the interface of Graph ----------------------------------------------------------------------------------------

    def get(self, path: str, query: Mapping[str, Any] | None = None, **_how: Any) -> dict[str, Any]:
        self._note("GET", path)
        found = self._find(path)
        if found is None or not self._seen(found["id"]):
            raise not_found(path)
        return found

    def items(self, path: str, query: Mapping[str, Any] | None = None, **_how: Any) -> list[dict[str, Any]]:
        self._note("GET", path)
        if path == "/v1.0/applications":
            match = re.fullmatch(r"displayName eq '(.*)'", (query or {})["$filter"])
            wanted = match.group(1).replace("''", "'").lower() if match else ""
            rows = [row for row in self.applications.values() if row["displayName"].lower() == wanted]
        else:
            owner = path.split("/")[3]
            if owner not in self.principals or not self._seen(owner):
                raise not_found(owner)
            rows = [row for row in self.assignments if row["principalId"] == owner]
        return [row for row in rows if self._seen(row["id"])]

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        repeatable: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        while True:
            self.writes += 1
            how = self.lose.get(self.writes)
            self._note(method, path)
            if how == "before":
                if repeatable:
                    continue
                raise lost(method)
            answer = self._write(method, path, body, headers or {})
            if how is None:
                return answer
            if not repeatable:
                raise lost(method)

    def _note(self, method: str, path: str) -> None:
        self.requests += 1
        self.log.append(f"{method} {path}")
        error = self.refuse(method, path)
        if error is not None:
            raise error

    # -- inside --------------------------------------------------------------------------------------------------------

    def _seen(self, identifier: str) -> bool:
        return self.requests >= self._seen_from.get(identifier, 0)

    def _hide(self, identifier: str) -> None:
        self._seen_from[identifier] = self.requests + self.lag

    def _find(self, path: str) -> dict[str, Any] | None:
        collection = self.applications if path.startswith("/v1.0/applications") else self.principals
        keyed = re.search(r"\((\w+)='(.*)'\)$", path)
        if keyed:
            name, value = keyed.groups()
            return next((row for row in collection.values() if row.get(name) == value), None)
        return collection.get(path.split("/")[3])

    def _write(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Any:
        if path.startswith("/v1.0/applications"):
            return self._write_application(method, path, body, headers)
        if path == "/v1.0/servicePrincipals":
            return self._create_principal(body)
        # /v1.0/servicePrincipals/{resource}/appRoleAssignedTo[/{assignment}]
        resource, *rest = path.split("/")[3:4] + path.split("/")[5:]
        if method == "DELETE":
            self.assignments = [row for row in self.assignments if row["id"] != rest[0]]
            return None
        return self._grant(resource, body)

    def _write_application(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Any:
        keyed = re.search(r"\(uniqueName='(.*)'\)$", path)
        if keyed:
            found = next((row for row in self.applications.values() if row["uniqueName"] == keyed.group(1)), None)
            if found is not None:
                found.update(body)
                return None
            if headers.get("Prefer") != "create-if-missing":
                raise not_found(path)
            return self._created({**body, "uniqueName": keyed.group(1)})
        if method == "POST" and path == "/v1.0/applications":
            return self._created(dict(body))
        row = self.applications.get(path.split("/")[3])
        if row is None or not self._seen(row["id"]):
            raise not_found(path)
        if path.endswith("/addPassword"):
            return self._add_password(row, body["passwordCredential"])
        if path.endswith("/removePassword"):
            left = [item for item in row["passwordCredentials"] if item["keyId"] != body["keyId"]]
            if len(left) == len(row["passwordCredentials"]):
                raise refusal(400, "Request_BadRequest", "No credentials found to be removed.")
            row["passwordCredentials"] = left
        elif method == "DELETE":
            del self.applications[row["id"]]
        else:
            row.update(body)
        return None

    def _created(self, body: dict[str, Any]) -> dict[str, Any]:
        row = self.add_application(body.pop("displayName"), **body)
        self._hide(row["id"])
        return row

    def _add_password(self, row: dict[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
        self._serial += 1
        made = {
            "keyId": f"5d5d5d5d-0000-4000-8000-{self._serial:012}",
            "displayName": wanted["displayName"],
            "endDateTime": wanted["endDateTime"],
            "startDateTime": datetime.now(UTC).isoformat(),
            "hint": SECRET[:3],
        }
        row["passwordCredentials"] = [*row["passwordCredentials"], {**made, "secretText": None}]
        return {**made, "secretText": f"{SECRET}{self._serial}"}

    def _create_principal(self, body: Mapping[str, Any]) -> dict[str, Any]:
        backing = next((row for row in self.applications.values() if row["appId"] == body["appId"]), None)
        if backing is None or not self._seen(backing["id"]):
            words = (
                f"The appId '{body['appId']}' of the service principal does not reference a valid application object."
            )
            details = [{"code": "NoBackingApplicationObject", "message": words, "target": "appId"}]
            raise refusal(400, "Request_BadRequest", words, details)
        if any(row["appId"] == body["appId"] for row in self.principals.values()):
            words = f"The service principal name {body['appId']} is already in use."
            raise refusal(409, "Request_MultipleObjectsWithSameKeyValue", words)
        row = self.add_principal(body["appId"], tags=body.get("tags"))
        self._hide(row["id"])
        return row

    def _grant(self, resource: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if body["principalId"] not in self.principals or not self._seen(body["principalId"]):
            raise refusal(400, "Request_BadRequest", "Not a valid reference update.")
        wanted = (body["principalId"], resource, body["appRoleId"])
        if any((row["principalId"], row["resourceId"], row["appRoleId"]) == wanted for row in self.assignments):
            raise refusal(400, "Request_BadRequest", "Permission being assigned already exists on the object")
        row = self.add_grant(self.principals[body["principalId"]], self.principals[resource], body["appRoleId"])
        self._hide(row["id"])
        return row
