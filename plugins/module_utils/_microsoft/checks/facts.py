# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known about an application when it is judged: plain data without secrets, tokens or connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import MailboxRead
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import GRAPH_APP_ID
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import Claims
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError

FORBIDDEN, NOT_FOUND, FAILED, NOT_ASKED = "forbidden", "not_found", "failed", "not_asked"


@dataclass(frozen=True, order=True)
class Grant:
    """A permission of a resource. One value exists on several resources, even with one id, so they go together."""

    value: str
    resource: str = GRAPH_APP_ID
    resource_name: str = field(default="Microsoft Graph", compare=False)

    @property
    def on_graph(self) -> bool:
        """Is it a permission of Microsoft Graph, as those are which PlaceOS uses?"""
        return self.resource == GRAPH_APP_ID

    def __str__(self) -> str:
        return self.value if self.on_graph else f"{self.value} on {self.resource_name}"


@dataclass(frozen=True)
class Unread:
    """Something that could not be read. reason: forbidden, not_found, failed, or not_asked (nobody to ask with)."""

    reason: str
    words: str = ""
    status: int | None = None
    url: str = ""


@dataclass(frozen=True)
class Credential:
    """A secret or certificate on a registration. kind: secret or certificate; hint: a secret's first characters.

    thumbprint: a certificate's SHA-1 in upper-case hexadecimal digits; starts, ends: None where they were not given.
    """

    kind: str
    key_id: str
    name: str
    hint: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    thumbprint: str = ""

    def __str__(self) -> str:
        """As a person finds it in the list of the portal."""
        parts = [repr(self.name) if self.name else "without a name"]
        if self.hint:
            parts.append(f"beginning with {self.hint}")
        return f"{self.kind} {', '.join(parts)} (key id {self.key_id})"


@dataclass(frozen=True)
class Registration:
    """The application object: what it asks for, and its credentials. audience: its signInAudience."""

    object_id: str
    name: str
    audience: str = "AzureADMyOrg"
    disabled: str = ""
    requested: frozenset[Grant] = frozenset()
    delegated: frozenset[Grant] = frozenset()
    credentials: tuple[Credential, ...] = ()


@dataclass(frozen=True)
class ServicePrincipal:
    """The enterprise application: the application's presence in this tenant."""

    object_id: str
    name: str
    enabled: bool = True
    disabled: str = ""


@dataclass(frozen=True)
class Wanted:
    """What the check is to hold the facts against.

    credential: how the application signed in, "secret", "certificate" or "token" (one was given); hint and thumbprint
    tell which of the registration's credentials that was. scoped: permissions that RBAC for Applications is to give.
    """

    tenant: str
    client_id: str
    permissions: tuple[str, ...]
    mode: str = "entra"
    scoped: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    credential: str = "secret"
    key_id: str = ""
    hint: str = ""
    thumbprint: str = ""
    warn_days: int = 30
    fail_days: int = 7
    cloud: str = "global"
    audience: str = "https://graph.microsoft.com"

    @property
    def in_token(self) -> tuple[str, ...]:
        """The permissions that the token must hold; those given by RBAC never appear there."""
        scoped = {name.casefold() for name in self.scoped} if self.mode == "rbac" else set()
        return tuple(name for name in self.permissions if name.casefold() not in scoped)


@dataclass(frozen=True)
class Schedule:
    """One getSchedule through a readable mailbox. errors: address to words, which come inside a good answer."""

    through: str
    words: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """Why Microsoft Graph as a whole could not be asked."""

    words: str
    url: str = ""
    status: int | None = None
    hint: str = ""
    passing: bool = False


@dataclass(frozen=True)
class Facts:
    """All that was gathered at one moment."""

    wanted: Wanted
    now: datetime
    sign_in: Claims | TokenError
    registration: Registration | Unread = Unread(NOT_ASKED)
    service_principal: ServicePrincipal | Unread = Unread(NOT_ASKED)
    assigned: frozenset[Grant] | Unread = Unread(NOT_ASKED)
    published: frozenset[str] | Unread = Unread(NOT_ASKED)
    reads: tuple[MailboxRead, ...] = ()
    schedule: Schedule | None = None
    reader: TokenError | None = None
    graph: Failure | None = None

    @property
    def app(self) -> str:
        """The application as a person knows it."""
        for found in (self.registration, self.service_principal):
            if not isinstance(found, Unread) and found.name:
                return f"{found.name} ({self.wanted.client_id})"
        return self.wanted.client_id

    @property
    def claims(self) -> Claims | None:
        """What the token says, if there is one."""
        return None if isinstance(self.sign_in, TokenError) else self.sign_in

    @property
    def roles(self) -> frozenset[str] | None:
        """The permissions in the token; None if there is no token, or none that can be read."""
        claims = self.claims
        return claims.roles if claims is not None and claims.readable else None

    def with_(self, **changes: Any) -> Facts:
        """The same facts but for these."""
        return replace(self, **changes)

    def read_of(self, address: str) -> MailboxRead | None:
        """What came of reading a mailbox's calendar."""
        wanted = address.casefold()
        return next((read for read in self.reads if read.address.casefold() == wanted), None)
