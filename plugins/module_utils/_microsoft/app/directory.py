# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes of applications, service principals, app role assignments and client secrets through Graph.

One call each, without decisions. Paths and bodies: Microsoft Graph documentation v1.0, api/application-*,
api/serviceprincipal-*.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, TypeVar

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.secrets import timestamp
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph, segment
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import (
    Application,
    Grant,
    MalformedAnswer,
    Principal,
    Resource,
    Role,
    answer_of,
    grants,
    same,
    text,
)

APPLICATIONS = "/v1.0/applications"
PRINCIPALS = "/v1.0/servicePrincipals"

PORTAL_TAG = "WindowsAzureActiveDirectoryIntegratedApp"
"""Service principals with this tag are listed among the portal's enterprise applications (property tags)."""

Described = TypeVar("Described", Application, Principal, Resource)


def by_key(collection: str, name: str, value: str) -> str:
    """The path of an object by an alternate key; a quote in the value is doubled, as OData wants it."""
    return f"{collection}({name}='{segment(value.replace(chr(39), chr(39) * 2))}')"


class Directory:
    """The directory as graph_app sees it. Objects that are not there are None."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    # -- reads ---------------------------------------------------------------------------------------------------------

    def _one(self, kind: type[Described], path: str, key: str, value: str) -> Described | None:
        """The object with this key, as its type reads it, or None."""
        try:
            row = self.graph.get(path, {"$select": kind.SELECT})
        except HttpError as error:
            if error.status == 404 and error.graph_code in ("Request_ResourceNotFound", "ResourceNotFound"):
                return None
            raise
        with self._answer_of("GET", path):
            return kind.read(same(row, key, value, "an object of the directory"))

    def _answer_of(self, method: str, path: str) -> AbstractContextManager[None]:
        return answer_of(method, self.graph.http.url(path))

    def application(self, object_id: str) -> Application | None:
        """By its object id."""
        return self._one(Application, f"{APPLICATIONS}/{segment(object_id)}", "id", object_id)

    def application_by(self, key: str, value: str) -> Application | None:
        """By an alternate key: appId or uniqueName."""
        return self._one(Application, by_key(APPLICATIONS, key, value), key, value)

    def owners(self, object_id: str) -> frozenset[str] | None:
        """The object ids of an application's owners; None where they may not be read."""
        path = f"{APPLICATIONS}/{segment(object_id)}/owners"
        try:
            rows = self.graph.items(path, {"$select": "id"})
        except HttpError as error:
            if error.status in (403, 404):
                return None
            raise
        with self._answer_of("GET", path):
            return frozenset(text(row, "id", "an owner") for row in rows)

    def applications_named(self, name: str) -> list[Application]:
        """All of a display name. Graph compares without regard to case; where one is written exactly so, only such.

        Compared here once more: with a filter that was not regarded, any application could be taken for the one meant.
        """
        quoted = name.replace("'", "''")
        query = {"$filter": f"displayName eq '{quoted}'", "$select": Application.SELECT}
        rows = self.graph.items(APPLICATIONS, query)
        with self._answer_of("GET", APPLICATIONS):
            found = [Application.read(row) for row in rows]
        found = [application for application in found if application.display_name.casefold() == name.casefold()]
        return [application for application in found if application.display_name == name] or found

    def principal(self, app_id: str) -> Principal | None:
        """The service principal of an application."""
        return self._one(Principal, by_key(PRINCIPALS, "appId", app_id), "appId", app_id)

    def resource(self, app_id: str) -> Resource | None:
        """An API with its permissions, by its application id."""
        return self._one(Resource, by_key(PRINCIPALS, "appId", app_id), "appId", app_id)

    def resource_by_object(self, object_id: str) -> Resource | None:
        """An API with its permissions, by the id of its service principal."""
        return self._one(Resource, f"{PRINCIPALS}/{segment(object_id)}", "id", object_id)

    def grants(self, principal: Principal) -> tuple[Grant, ...]:
        """What has been consented to for a service principal."""
        path = f"{PRINCIPALS}/{segment(principal.object_id)}/appRoleAssignments"
        rows = self.graph.items(path)
        with self._answer_of("GET", path):
            return grants(rows)

    # -- writes --------------------------------------------------------------------------------------------------------

    def create_application(self, body: Mapping[str, Any], unique_name: str | None) -> Application | None:
        """Create one. With a unique name it is an upsert, safe to repeat; None if it was there already.

        Without one a lost answer can't be told from none: the error says maybe_done, and the caller has to look.
        """
        if unique_name:
            # api/application-upsert: 201 with the application, or 204 if there was one of this name.
            path = by_key(APPLICATIONS, "uniqueName", unique_name)
            row = self.graph.send("PATCH", path, body, repeatable=True, headers={"Prefer": "create-if-missing"})
            with self._answer_of("PATCH", path):
                return Application.read(row) if row is not None else None
        row = self.graph.send("POST", APPLICATIONS, body)
        with self._answer_of("POST", APPLICATIONS):
            return Application.read(self._object(row, "an application"))

    def update_application(self, object_id: str, body: Mapping[str, Any]) -> None:
        """Change some properties; collections are replaced whole."""
        self.graph.send("PATCH", f"{APPLICATIONS}/{segment(object_id)}", body, repeatable=True)

    def delete_application(self, object_id: str) -> None:
        """Delete a registration, and with it its service principal; it can be restored for 30 days."""
        self.graph.send("DELETE", f"{APPLICATIONS}/{segment(object_id)}", repeatable=True)

    def create_principal(self, app_id: str) -> Principal:
        """Create the service principal. The server allows one per application, so this is safe to repeat."""
        row = self.graph.send("POST", PRINCIPALS, {"appId": app_id, "tags": [PORTAL_TAG]}, repeatable=True)
        with self._answer_of("POST", PRINCIPALS):
            return Principal.read(
                same(self._object(row, "a service principal"), "appId", app_id, "a service principal")
            )

    def grant(self, principal: Principal, role: Role) -> None:
        """Consent to a permission. The server refuses a second one, so this is safe to repeat."""
        body = {"principalId": principal.object_id, "resourceId": role.resource_id, "appRoleId": role.id}
        self.graph.send("POST", f"{PRINCIPALS}/{segment(role.resource_id)}/appRoleAssignedTo", body, repeatable=True)

    def revoke(self, grant: Grant) -> None:
        """Take a consent back."""
        path = f"{PRINCIPALS}/{segment(grant.resource_id)}/appRoleAssignedTo/{segment(grant.id)}"
        self.graph.send("DELETE", path, repeatable=True)

    def add_secret(self, object_id: str, name: str, ends: datetime) -> tuple[dict[str, Any], str]:
        """Make a client secret; returns (passwordCredential without its value, the value). The only time it is told."""
        body = {"passwordCredential": {"displayName": name, "endDateTime": timestamp(ends)}}
        path = f"{APPLICATIONS}/{segment(object_id)}/addPassword"
        answer = self.graph.send("POST", path, body)
        with self._answer_of("POST", path):
            row = self._object(answer, "a client secret")
            value = text(row, "secretText", "a new client secret")
        return {key: item for key, item in row.items() if key != "secretText"}, value

    def remove_secret(self, object_id: str, key_id: str) -> None:
        """Remove one client secret by its id."""
        body = {"keyId": key_id}
        self.graph.send("POST", f"{APPLICATIONS}/{segment(object_id)}/removePassword", body, repeatable=True)

    @staticmethod
    def _object(row: Any, kind: str) -> Mapping[str, Any]:
        if not isinstance(row, Mapping):
            raise MalformedAnswer(f"the server's answer should describe {kind}, and describes nothing")
        return row
