# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant as the drivers of PlaceOS and ACAEngine see it, which run in the same process as this server.

A driver that is configured for this tenant and for an application of it needs a secret that is good now, and reaches the
mailboxes that its application may use. Whatever is configured for another tenant or an unknown application is none of this
tenant's business: the other servers go on as if there were no Microsoft here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .errors import GraphError, new_id
from .facts import GRAPH, table
from .http import Context, Key
from .mailbox.access import opened
from .signin.bearer import Bearer
from .signin.token import token

if TYPE_CHECKING:
    from .state import Tenant

Refusal = tuple[int, dict[str, Any]]
"""Status and body of an answer that is an error."""


class Outside:
    """Signs in and reads calendars as a driver would, without a network."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    def concerns(self, tenant_name: Any, client_id: Any) -> bool:
        """Tell whether a tenant (id or domain) is this one, and an application one of its own."""
        names = {self.tenant.id.lower(), *(name.lower() for name in self.tenant.domains)}
        known = str(tenant_name).strip().lower() in names
        return known and self.tenant.application_by(str(client_id).strip()) is not None

    def sign_in(self, tenant_name: Any, client_id: Any, secret: Any) -> Refusal | None:
        """Return the token endpoint's refusal, None when it gives a token out."""
        form = {
            "grant_type": "client_credentials",
            "client_id": str(client_id).strip(),
            "client_secret": str(secret or ""),
            "scope": "https://graph.microsoft.com/.default",
        }
        answer = token(self._context(str(tenant_name).strip(), urlencode(form).encode()))
        return None if answer.status == 200 else (answer.status, json.loads(answer.body or b"{}"))

    def calendar(self, client_id: Any, mailbox: str) -> Refusal | None:
        """Return Graph's refusal to show the calendar of a mailbox; None when it does, or knows no such mailbox."""
        principal = self.tenant.principal_by(str(client_id).strip())
        resource = self.tenant.principal_by(GRAPH)
        if self.tenant.mailbox_of(mailbox) is None or principal is None or resource is None:
            return None
        roles = frozenset(self.tenant.roles_of(principal["id"], resource["id"]))
        ctx = self._context("", b"")
        ctx.params["mailbox"] = Key(mailbox)
        ctx.token = Bearer(principal["appId"], principal["id"], roles, {})
        try:
            opened(ctx, table("permissions")["routes"]["calendar.calendarView"]["accept"])
        except GraphError as problem:
            return problem.status, problem.body(self.tenant.clock.text(), new_id(), new_id())
        return None

    def _context(self, tenant_name: str, body: bytes) -> Context:
        return Context(
            tenant=self.tenant,
            method="POST",
            path="/",
            version="v1.0",
            base="https://login.microsoftonline.com",
            query={},
            headers={},
            raw_body=body,
            params={"tenant": Key(tenant_name)},
        )
