# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fake facts: an application with which everything is right, and ways to spoil it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import (
    Credential,
    Facts,
    Grant,
    Registration,
    ServicePrincipal,
    Unread,
    Wanted,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.run import judge
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import MailboxRead
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import PLACEOS_PERMISSIONS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import Claims
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError

TENANT = "11112222-3333-4444-5555-666677778888"
CLIENT = "aaaabbbb-1111-2222-3333-ccccddddeeee"
NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)
ROOM, OUTSIDE = "syd-01.01@acme.example", "ceo@acme.example"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
FORBIDDEN = Unread("forbidden", "Authorization_RequestDenied: Insufficient privileges.", 403)
RAOP = "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."

READABLE = MailboxRead(ROOM, "readable", 200)
REFUSED = MailboxRead(OUTSIDE, "denied_by_policy", 403, "ErrorAccessDenied", RAOP)
WANTED = Wanted(TENANT, CLIENT, PLACEOS_PERMISSIONS, allowed=(ROOM,), denied=(OUTSIDE,), hint="abc")


def grants(*names: str) -> frozenset[Grant]:
    """Permissions of Microsoft Graph."""
    return frozenset(map(Grant, names))


def claims(*roles: str, **changes: Any) -> Claims:
    """What a good token says, with these roles."""
    good = Claims(frozenset(roles), CLIENT, TENANT, "https://graph.microsoft.com", 1_900_000_000, "secret", "app")
    return replace(good, **changes)


def secret(key_id: str = "k1", *, days: float = 180, name: str = "PlaceOS (Ansible)", hint: str = "abc") -> Credential:
    """A secret that ends in so many days."""
    return Credential(
        "secret", key_id, name, hint=hint, starts=NOW - timedelta(days=90), ends=NOW + timedelta(days=days)
    )


def certificate(key_id: str = "c1", *, days: float = 180, thumbprint: str = "AA" * 20) -> Credential:
    """A certificate that ends in so many days."""
    return Credential("certificate", key_id, "CN=placeos", ends=NOW + timedelta(days=days), thumbprint=thumbprint)


def registration(
    *credentials: Credential, requested: tuple[str, ...] = PLACEOS_PERMISSIONS, **more: Any
) -> Registration:
    """A registration with these credentials, by default one good secret."""
    return Registration(
        "object-id", "PlaceOS", requested=grants(*requested), credentials=credentials or (secret(),), **more
    )


def facts(wanted: dict[str, Any] | None = None, /, **changes: Any) -> Facts:
    """Good facts but for these changes; wanted: changes to what is wanted."""
    good = Facts(
        replace(WANTED, **(wanted or {})),
        NOW,
        claims(*PLACEOS_PERMISSIONS),
        registration=registration(),
        service_principal=ServicePrincipal("sp-id", "PlaceOS"),
        assigned=grants(*PLACEOS_PERMISSIONS),
        published=frozenset({*PLACEOS_PERMISSIONS, "Mail.Send", "Group.Read.All", "Calendars.ReadBasic.All"}),
        reads=(READABLE, REFUSED),
    )
    return replace(good, **changes)


def held(*names: str, wanted: dict[str, Any] | None = None, **changes: Any) -> Facts:
    """Facts of an application that requests, was granted, and has in its token just these."""
    given = {
        "sign_in": claims(*names),
        "assigned": grants(*names),
        "registration": registration(requested=names),
        **changes,
    }
    return facts(wanted, **given)


def refused(kind: str, code: int | None = None, words: str = "Refused.", **wanted: Any) -> Facts:
    """Facts of an application that got no token, and of which nothing else is known."""
    url = "POST https://login.microsoftonline.com/t/oauth2/v2.0/token"
    return Facts(replace(WANTED, **wanted), NOW, TokenError(kind, words, url=url, status=400, code=code))


def ids(found: Facts) -> list[str]:
    """The ids of all findings, worst first."""
    return [finding.id for finding in judge(found)]


def faults(found: Facts) -> list[str]:
    """The ids of the errors and warnings."""
    return [finding.id for finding in judge(found) if finding.severity != "info"]


def told(found: Facts, identifier: str) -> str:
    """Subject, message and action of the one finding of this id."""
    (one,) = [finding for finding in judge(found) if finding.id == identifier]
    return f"{one.subject}: {one.message} {one.action}"
