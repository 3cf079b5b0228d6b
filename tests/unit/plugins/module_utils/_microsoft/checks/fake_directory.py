# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake Graph with one good application, its consents, a room and a mailbox outside; the tests spoil it.

Rows have the properties of Microsoft's metadata (v1.0) as far as the check asks for them.
"""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError, Response
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.gather import Gatherer
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import (
    GRAPH_APP_ID,
    PLACEOS_PERMISSIONS,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import Claims
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_facts import (
    CLIENT,
    OUTSIDE,
    WANTED,
    claims,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_mailboxes import (
    FakeMailboxes,
    error,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import (
    Asked,
    FakeHttpServer,
    Play,
)

ROLES = {value: f"0000000{number}-0000-4000-8000-000000000000" for number, value in enumerate(PLACEOS_PERMISSIONS)}
SCOPE = "99999999-0000-4000-8000-000000000000"


class FakeDirectory:
    """Answers by path. statuses: what is played instead, by a part of the path."""

    def __init__(self, server: FakeHttpServer) -> None:
        self.server = server
        self.mailboxes = FakeMailboxes(server, states={OUTSIDE: "denied_by_policy"})
        server.answer = self.answer
        self.statuses: dict[str, Play] = {}
        self.schedule: Any = {"value": []}
        requested = [*({"id": role, "type": "Role"} for role in ROLES.values()), {"id": SCOPE, "type": "Scope"}]
        self.application: Any = {
            "id": "object-id",
            "appId": CLIENT,
            "displayName": "PlaceOS",
            "signInAudience": "AzureADMyOrg",
            "disabledByMicrosoftStatus": None,
            "requiredResourceAccess": [{"resourceAppId": GRAPH_APP_ID, "resourceAccess": requested}],
            "passwordCredentials": [
                {
                    "keyId": "k1",
                    "displayName": "PlaceOS (Ansible)",
                    "hint": "abc",
                    "startDateTime": "2026-08-01T10:00:00Z",
                    "endDateTime": "2027-03-01T10:00:00.1234567Z",
                    "secretText": None,
                    "customKeyIdentifier": None,
                }
            ],
            "keyCredentials": [],
        }
        self.principal: Any = {"id": "sp-id", "appId": CLIENT, "displayName": "PlaceOS", "accountEnabled": True}
        self.grants: Any = {
            "value": [
                {
                    "id": f"g{role}",
                    "appRoleId": role,
                    "resourceId": "graph-id",
                    "resourceDisplayName": "Microsoft Graph",
                }
                for role in ROLES.values()
            ]
        }
        self.graph_row: Any = {
            "id": "graph-id",
            "appId": GRAPH_APP_ID,
            "displayName": "Microsoft Graph",
            "appRoles": [
                {"id": role, "value": value, "isEnabled": True, "allowedMemberTypes": ["Application"]}
                for value, role in ROLES.items()
            ],
            "oauth2PermissionScopes": [{"id": SCOPE, "value": "User.Read"}],
        }

    def answer(self, asked: Asked) -> Play:
        path = asked.path.partition("?")[0]
        for part, play in self.statuses.items():
            if part in path:
                return play
        if path.endswith("/$batch"):
            return self.mailboxes.answer(asked)
        if path.endswith("/getSchedule"):
            return Play(200, self.schedule)
        if path == f"/v1.0/applications(appId='{CLIENT}')":
            return Play(200, self.application)
        if path == f"/v1.0/servicePrincipals(appId='{CLIENT}')":
            return Play(200, self.principal)
        if path == "/v1.0/servicePrincipals/sp-id/appRoleAssignments":
            return Play(200, self.grants)
        if path in (f"/v1.0/servicePrincipals(appId='{GRAPH_APP_ID}')", "/v1.0/servicePrincipals/graph-id"):
            return Play(200, self.graph_row)
        return Play(404, error("Request_ResourceNotFound", "Resource 'x' does not exist."))

    @property
    def asked(self) -> list[str]:
        """The requests so far, without their queries."""
        return [f"{one.method} {one.path.partition('?')[0]}" for one in self.server.asked]


class FakeSignIn:
    """Tokens that say what the test wants; each fresh one says the next thing, the last one again and again."""

    renewable = True

    def __init__(self, *said: Claims | TokenError) -> None:
        self.said = list(said)
        self.fresh = 0

    def get(self, audience: str, *, fresh: bool = False) -> str:
        self.fresh += fresh
        if fresh and len(self.said) > 1:
            self.said.pop(0)
        if isinstance(self.said[0], TokenError):
            raise self.said[0]
        return f"fake-token-{self.fresh}"

    def claims(self, audience: str, *, fresh: bool = False) -> Claims:
        self.get(audience, fresh=fresh)
        if isinstance(self.said[0], TokenError):
            raise self.said[0]
        return self.said[0]


class FakeHttp:
    """An HttpClient without a network, which costs a delayed acknowledgement per request: thousands are played here."""

    def __init__(self, directory: FakeDirectory, options: Any) -> None:
        self.directory, self.options = directory, options

    def authorise(self, *_given: Any) -> None:
        """Nobody is asked."""

    def url(self, path: str, query: Any = None) -> str:
        return f"https://graph.microsoft.com{path}"

    def request(self, method: str, path: str, *, body: Any = None, **_how: Any) -> Response:
        play = self.directory.answer(Asked(method, path, {}, json.dumps(body).encode()))
        if play.status >= 400:
            raise HttpError("status", method, self.url(path), "fake", play.status, data=play.content, graph_code="Fake")
        return Response(play.status, {}, copy.deepcopy(play.content))


def gatherer(graph: Graph, *said: Claims | TokenError, **wanted: Any) -> Gatherer:
    """A gatherer whose application's tokens say this."""
    graph.tokens = FakeSignIn(*(said or (claims(*PLACEOS_PERMISSIONS),)))  # type: ignore[assignment]
    moment = datetime(2026, 9, 1, 10, tzinfo=UTC)
    return Gatherer(replace(WANTED, **wanted), graph, clock=lambda: moment)
