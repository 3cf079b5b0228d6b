# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs graph_app_check on the lab, and changes by hand what it is to find: as an administrator in the portal does."""

from __future__ import annotations

from typing import Any

from .microsoft import GRAPH_ID, Microsoft
from .modules import Result

PERMISSIONS = ["Calendars.ReadWrite", "User.Read.All", "GroupMember.Read.All", "Place.Read.All"]
EXCHANGE_SCOPE = "https://outlook.office365.com/.default"


class Checking:
    """One application of the lab's tenant under check; its reader is the automation unless a test says otherwise."""

    def __init__(self, microsoft: Microsoft, **application: Any) -> None:
        """application: order for one that is made for the test; without it, PlaceOS's of the seed."""
        self.microsoft = microsoft
        self.made: dict[str, str] = microsoft.made_app(**application) if application else {}
        self.identity = (
            {name: self.made[name] for name in ("client_id", "client_secret")}
            if application
            else microsoft.identity("placeos")
        )
        boxes = microsoft.info["mailboxes"]
        self.allowed, self.denied = boxes["allowed"], boxes["denied"]

    @property
    def app_id(self) -> str:
        """The application's id."""
        return self.identity["client_id"]

    # -- the check -------------------------------------------------------------------------------------------------

    def run(self, check: bool = False, /, **options: Any) -> Result:
        """What the module returns; options that are None are not given."""
        given = {
            **self.identity,
            "reader": self.microsoft.identity("automation"),
            "allowed_mailboxes": self.allowed,
            "denied_mailboxes": self.denied,
            "retry_deadline": 0,
            **options,
        }
        return self.microsoft.run("graph_app_check", check, **given)

    def faults(self, **options: Any) -> list[str]:
        """The ids of all errors and warnings, worst first."""
        return [entry["id"] for entry in self.run(**options)["findings"] if entry["severity"] != "info"]

    def ids(self, **options: Any) -> list[str]:
        """The ids of all findings."""
        return [entry["id"] for entry in self.run(**options)["findings"]]

    def finding(self, identifier: str, **options: Any) -> dict[str, Any]:
        """The one finding of this id."""
        found: list[dict[str, Any]] = [entry for entry in self.run(**options)["findings"] if entry["id"] == identifier]
        assert len(found) == 1, found
        return found[0]

    # -- by hand ---------------------------------------------------------------------------------------------------

    def must(self, method: str, path: str, body: Any = None) -> Any:
        """A write as the administrator, which must succeed."""
        answer = self.microsoft.api(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def principal(self) -> dict[str, Any]:
        """The enterprise application."""
        return self.microsoft.principal(self.app_id)

    def register(self, **values: Any) -> None:
        """Change the registration."""
        self.must("PATCH", f"/v1.0/applications/{self.microsoft.application(self.app_id)['id']}", values)

    def request(self, *permissions: str, delegated: tuple[str, ...] = ()) -> None:
        """Let the registration request just these."""
        graph = self.microsoft.principal(GRAPH_ID)
        roles = {role["value"]: role["id"] for role in graph["appRoles"]}
        scopes = {scope["value"]: scope["id"] for scope in graph["oauth2PermissionScopes"]}
        access = [
            *({"id": roles[name], "type": "Role"} for name in permissions),
            *({"id": scopes[name], "type": "Scope"} for name in delegated),
        ]
        self.register(requiredResourceAccess=[{"resourceAppId": GRAPH_ID, "resourceAccess": access}])

    def grant(self, *permissions: str, resource: str = GRAPH_ID) -> None:
        """Give admin consent to these."""
        holder, principal = self.microsoft.principal(resource), self.principal()
        roles = {role["value"]: role["id"] for role in holder["appRoles"]}
        for name in permissions:
            body = {"principalId": principal["id"], "resourceId": holder["id"], "appRoleId": roles[name]}
            self.must("POST", f"/v1.0/servicePrincipals/{principal['id']}/appRoleAssignments", body)

    def revoke(self, *permissions: str) -> None:
        """Take the consent to these back."""
        graph, principal = self.microsoft.principal(GRAPH_ID), self.principal()
        ids = {role["id"] for role in graph["appRoles"] if role["value"] in permissions}
        path = f"/v1.0/servicePrincipals/{principal['id']}/appRoleAssignments"
        for row in self.microsoft.get(path)["value"]:
            if row["appRoleId"] in ids:
                self.must("DELETE", f"{path}/{row['id']}")

    def add_secret(self, name: str, ends: str | None = None) -> dict[str, Any]:
        """Add a secret by hand; returns it with its text."""
        application = self.microsoft.application(self.app_id)
        credential = {"displayName": name, **({"endDateTime": ends} if ends else {})}
        added: dict[str, Any] = self.must(
            "POST", f"/v1.0/applications/{application['id']}/addPassword", {"passwordCredential": credential}
        )
        return added

    def exchange(self, cmdlet: str, **parameters: Any) -> Any:
        """Run an Exchange cmdlet as the administrator."""
        answer = self.microsoft._session.post(
            f"{self.microsoft.url}/adminapi/beta/{self.microsoft.tenant}/InvokeCommand",
            json={"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}},
            headers={"Authorization": f"Bearer {self.microsoft.token(scope=EXCHANGE_SCOPE)}"},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]

    def restrict(self, group: str) -> None:
        """Limit the application to the members of a group."""
        self.exchange(
            "New-ApplicationAccessPolicy", AppId=[self.app_id], PolicyScopeGroupId=group, AccessRight="RestrictAccess"
        )

    def scope_by_rbac(self, group: str) -> None:
        """Give the application the right to calendars of a group's direct members."""
        principal = self.principal()
        self.exchange("New-ServicePrincipal", AppId=self.app_id, ObjectId=principal["id"], DisplayName="made by a test")
        self.exchange(
            "New-ManagementRoleAssignment",
            App=principal["id"],
            Role="Application Calendars.ReadWrite",
            RecipientGroupScope=group,
        )
