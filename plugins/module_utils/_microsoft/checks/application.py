# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the registration and the enterprise application themselves, and what of Entra could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import (
    FAILED,
    FORBIDDEN,
    NOT_ASKED,
    NOT_FOUND,
    Facts,
    Registration,
    ServicePrincipal,
    Unread,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import Finding
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import (
    of_all,
    of_graph_app_check,
)

_UNKNOWN = (
    ("registration", "registration_unknown", "the registration (its requested permissions, its kind)"),
    ("service_principal", "service_principal_unknown", "the enterprise application"),
    ("assigned", "assignments_unknown", "the consents on record"),
)
_READER = of_graph_app_check("reader")


def reader_wanted(facts: Facts) -> str:
    """What to do where the registration may not be read: somebody else has to read it, if nobody does yet."""
    if facts.reader is not None:
        return f"First the identity that reads the directory has to sign in: {_READER}."
    if facts.graph is not None:
        return "First Microsoft Graph has to answer."
    return f"Give {_READER} an identity with Application.Read.All, such as the automation's. PlaceOS's app needs no such right."


def judge(facts: Facts) -> Iterator[Finding]:
    """Everything about the application as an object of Entra."""
    if facts.reader is not None:
        yield Finding(
            "reader_refused",
            "reader",
            f"the identity that reads the directory, {_READER}, can't sign in: {facts.reader.plain}.",
            {"class": facts.reader.kind, "code": facts.reader.code},
            facts.reader.hint,
        )
    yield from _unread(facts)
    if isinstance(facts.registration, Registration):
        yield from _registration(facts, facts.registration)
    if isinstance(facts.service_principal, ServicePrincipal):
        found = facts.service_principal
        if found.disabled or not found.enabled:
            by = f"Microsoft ({found.disabled})" if found.disabled else "an administrator"
            yield _disabled(facts, by)


def _disabled(facts: Facts, by: str) -> Finding:
    return Finding(
        "application_disabled",
        facts.app,
        f"the application is disabled by {by}; at the latest when the present tokens end, nothing works.",
        {"by": by},
        "Ask who disabled it and why, then enable it (Enterprise applications, the application, Properties).",
    )


def _registration(facts: Facts, found: Registration) -> Iterator[Finding]:
    if found.disabled:
        yield _disabled(facts, f"Microsoft ({found.disabled})")
    if found.audience not in ("", "AzureADMyOrg"):
        yield Finding(
            "application_multi_tenant",
            facts.app,
            f"accounts of other tenants may use this application ({found.audience}); PlaceOS needs it in this tenant only.",
            {"signInAudience": found.audience},
            "Set Supported account types to this directory only (Authentication page of the registration).",
        )


def _unread(facts: Facts) -> Iterator[Finding]:
    """What is unknown is said, so that nobody takes it for good."""
    failed: dict[str, list[str]] = {}
    action = reader_wanted(facts)
    for name, identifier, what in _UNKNOWN:
        unread = getattr(facts, name)
        if not isinstance(unread, Unread):
            continue
        if unread.reason == NOT_FOUND:
            yield from _not_found(facts, name, unread)
        elif unread.reason == FAILED:
            failed.setdefault(unread.words, []).append(what)
        elif unread.reason in (FORBIDDEN, NOT_ASKED):
            why = f"may not be read ({unread.status})" if unread.status else "could not be asked for"
            yield Finding(identifier, facts.app, f"unknown: {what} {why}.", {"words": unread.words}, action)
    for words, whats in failed.items():
        yield Finding(
            "directory_unreadable",
            facts.app,
            f"unknown: {', '.join(whats)}: {words}",
            {"words": words},
            f"Run again; if it lasts, see {of_all('graph_url')} and the proxy on the way.",
        )


def _not_found(facts: Facts, name: str, unread: Unread) -> Iterator[Finding]:
    if name == "registration":
        if isinstance(facts.service_principal, ServicePrincipal):
            yield Finding(
                "registration_elsewhere",
                facts.app,
                "the application is used in this tenant, but registered in another: its secrets and requested "
                "permissions are unknown.",
                {"words": unread.words},
                "Whoever owns the registration watches over its secrets.",
            )
    elif name == "service_principal":
        yield Finding(
            "service_principal_missing",
            facts.wanted.client_id,
            "the tenant has no enterprise application (service principal) of this application, so that nothing can be granted.",
            {"words": unread.words},
            "Run the role graph_app, or grant admin consent in the portal, which creates it.",
        )
