# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes of applications, service principals, app role assignments and client secrets through Graph.

One call each, without decisions. Paths and bodies: Microsoft Graph documentation v1.0, api/application-*,
api/serviceprincipal-*.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app_secrets import timestamp
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph, segment
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import (
    Application,
    Grant,
    MalformedAnswer,
    Principal,
    Resource,
    Role,
    grants,
    text,
)

APPLICATIONS = "/v1.0/applications"
PRINCIPALS = "/v1.0/servicePrincipals"

PORTAL_TAG = "WindowsAzureActiveDirectoryIntegratedApp"
"""Service principals with this tag are listed among the portal's enterprise applications (property tags)."""


def by_key(collection: str, name: str, value: str) -> str:
    """The path of an object by an alternate key; a quote in the value is doubled, as OData wants it."""
    return f"{collection}({name}='{segment(value.replace(chr(39), chr(39) * 2))}')"


class Directory:
    """The directory as graph_app sees it. Objects that are not there are None."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    # -- reads ---------------------------------------------------------------------------------------------------------

    def _one(self, path: str, select: str) -> dict[str, Any] | None:
        try:
            return self.graph.get(path, {"$select": select})
        except HttpError as error:
            if error.status == 404 and error.graph_code in ("Request_ResourceNotFound", "ResourceNotFound"):
                return None
            raise

    def application(self, object_id: str) -> Application | None:
        """By its object id."""
        row = self._one(f"{APPLICATIONS}/{segment(object_id)}", Application.SELECT)
        return Application.read(row) if row is not None else None

    def application_by(self, key: str, value: str) -> Application | None:
        """By an alternate key: appId or uniqueName."""
        row = self._one(by_key(APPLICATIONS, key, value), Application.SELECT)
        return Application.read(row) if row is not None else None

    def applications_named(self, name: str) -> list[Application]:
        """All of a display name. Graph compares without regard to case; where one is written exactly so, only such."""
        quoted = name.replace("'", "''")
        query = {"$filter": f"displayName eq '{quoted}'", "$select": Application.SELECT}
        found = [Application.read(row) for row in self.graph.items(APPLICATIONS, query)]
        return [application for application in found if application.display_name == name] or found

    def principal(self, app_id: str) -> Principal | None:
        """The service principal of an application."""
        row = self._one(by_key(PRINCIPALS, "appId", app_id), Principal.SELECT)
        return Principal.read(row) if row is not None else None

    def resource(self, app_id: str) -> Resource | None:
        """An API with its permissions, by its application id."""
        row = self._one(by_key(PRINCIPALS, "appId", app_id), Resource.SELECT)
        return Resource.read(row) if row is not None else None

    def resource_by_object(self, object_id: str) -> Resource | None:
        """An API with its permissions, by the id of its service principal."""
        row = self._one(f"{PRINCIPALS}/{segment(object_id)}", Resource.SELECT)
        return Resource.read(row) if row is not None else None

    def grants(self, principal: Principal) -> tuple[Grant, ...]:
        """What has been consented to for a service principal."""
        return grants(self.graph.items(f"{PRINCIPALS}/{principal.object_id}/appRoleAssignments"))

    # -- writes --------------------------------------------------------------------------------------------------------

    def create_application(self, body: Mapping[str, Any], unique_name: str | None) -> Application | None:
        """Create one. With a unique name it is an upsert, safe to repeat; None if it was there already.

        Without one a lost answer can't be told from none: the error says maybe_done, and the caller has to look.
        """
        if unique_name:
            # api/application-upsert: 201 with the application, or 204 if there was one of this name.
            path = by_key(APPLICATIONS, "uniqueName", unique_name)
            row = self.graph.send("PATCH", path, body, repeatable=True, headers={"Prefer": "create-if-missing"})
            return Application.read(row) if row is not None else None
        return Application.read(self._object(self.graph.send("POST", APPLICATIONS, body), "an application"))

    def update_application(self, object_id: str, body: Mapping[str, Any]) -> None:
        """Change some properties; collections are replaced whole."""
        self.graph.send("PATCH", f"{APPLICATIONS}/{object_id}", body, repeatable=True)

    def delete_application(self, object_id: str) -> None:
        """Delete a registration, and with it its service principal; it can be restored for 30 days."""
        self.graph.send("DELETE", f"{APPLICATIONS}/{object_id}", repeatable=True)

    def create_principal(self, app_id: str) -> Principal:
        """Create the service principal. The server allows one per application, so this is safe to repeat."""
        row = self.graph.send("POST", PRINCIPALS, {"appId": app_id, "tags": [PORTAL_TAG]}, repeatable=True)
        return Principal.read(self._object(row, "a service principal"))

    def grant(self, principal: Principal, role: Role) -> None:
        """Consent to a permission. The server refuses a second one, so this is safe to repeat."""
        body = {"principalId": principal.object_id, "resourceId": role.resource_id, "appRoleId": role.id}
        self.graph.send("POST", f"{PRINCIPALS}/{role.resource_id}/appRoleAssignedTo", body, repeatable=True)

    def revoke(self, grant: Grant) -> None:
        """Take a consent back."""
        path = f"{PRINCIPALS}/{grant.resource_id}/appRoleAssignedTo/{segment(grant.id)}"
        self.graph.send("DELETE", path, repeatable=True)

    def add_secret(self, object_id: str, name: str, ends: datetime) -> tuple[dict[str, Any], str]:
        """Make a client secret; returns (passwordCredential without its value, the value). The only time it is told."""
        body = {"passwordCredential": {"displayName": name, "endDateTime": timestamp(ends)}}
        row = self._object(self.graph.send("POST", f"{APPLICATIONS}/{object_id}/addPassword", body), "a client secret")
        value = text(row, "secretText", "a new client secret")
        return {key: item for key, item in row.items() if key != "secretText"}, value

    def remove_secret(self, object_id: str, key_id: str) -> None:
        """Remove one client secret by its id."""
        body = {"keyId": key_id}
        self.graph.send("POST", f"{APPLICATIONS}/{object_id}/removePassword", body, repeatable=True)

    @staticmethod
    def _object(row: Any, kind: str) -> Mapping[str, Any]:
        if not isinstance(row, Mapping):
            raise MalformedAnswer(f"the server's answer should describe {kind}, and describes nothing")
        return row
