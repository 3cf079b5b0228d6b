# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the sign-in: why no token came, in plain words, or whether the token is the one that was meant.

AADSTS codes may change, so that they only choose the hint
(learn.microsoft.com/entra/identity-platform/reference-error-codes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Facts, Unread
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import Finding
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import (
    of_all,
    of_graph_app_check,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import Claims, is_for
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Refusal(NamedTuple):
    """finding: its id; meaning: in plain words; action: what to do."""

    finding: str
    meaning: str
    action: str


# by the class of the failure
_REFUSALS: dict[str, Refusal] = {
    "secret_id_pasted": Refusal(
        "token_secret_id_given",
        "the client secret has the form of a secret's id; Entra lists the id beside the value, and only the value signs in",
        "Copy the column Value, not Secret ID. The value is shown once: if it is gone, make a new secret.",
    ),
    "expired_credential": Refusal(
        "token_secret_expired",
        "the client secret has expired",
        "Make a new secret and hand it to PlaceOS: playbooks/rotate_secret.yml does both where client_manages_microsoft is "
        "true, and prints the steps where it is not.",
    ),
    "unknown_application": Refusal(
        "token_unknown_application",
        "the tenant does not know this application",
        f"Compare {of_graph_app_check('client_id')} and {of_all('tenant')} with the overview page of the app registration. "
        "An application made minutes ago may not have reached all of Entra yet.",
    ),
    "unknown_tenant": Refusal(
        "token_unknown_tenant",
        "there is no such tenant in this cloud",
        f"Compare {of_all('tenant')} with the Directory (tenant) ID in the overview of Microsoft Entra; for a tenant of a "
        f"national cloud, set {of_all('cloud')}.",
    ),
    "application_disabled": Refusal(
        "token_application_disabled",
        "the application is disabled in this tenant",
        "Enable it: Entra, Enterprise applications, the application, Properties, Enabled for users to sign-in. Ask first "
        "who disabled it, and why.",
    ),
    "missing_service_principal": Refusal(
        "token_no_service_principal",
        "the application is registered, but has no enterprise application (service principal) in this tenant",
        "Run the role graph_app, or grant admin consent in the portal, which creates it.",
    ),
    "policy_denial": Refusal(
        "token_blocked_by_policy",
        "a Conditional Access policy of the tenant refuses the sign-in; the credentials are right",
        "An Entra administrator finds the policy in the sign-in log (Service principal sign-ins), and has to let this "
        "application in from the addresses of PlaceOS and of this control node.",
    ),
    "clock": Refusal(
        "token_clock_wrong",
        "the time of this host differs too much from Entra's",
        "Set the clock of the host that runs this task (chronyc tracking, timedatectl).",
    ),
    "throttled": Refusal(
        "token_throttled",
        "Entra limits sign-ins of this application at the moment",
        "Wait some minutes. If it lasts, something signs in far too often with this application, such as a driver that "
        "restarts in a loop.",
    ),
    "token_expired": Refusal(
        "token_expired",
        "the access token that was given has ended",
        f"Get a new access token, or give {of_graph_app_check('client_secret')} or a certificate.",
    ),
    "wrong_audience": Refusal(
        "token_other_audience",
        "the access token that was given is not for Microsoft Graph",
        "Get a token for the scope https://graph.microsoft.com/.default (of the tenant's cloud).",
    ),
    "transient": Refusal(
        "token_service_failing",
        "Entra's sign-in service fails at the moment",
        "Run again in a few minutes; see the service health of Microsoft 365.",
    ),
}


def judge(facts: Facts) -> Iterator[Finding]:
    """Everything about signing in."""
    if facts.wanted.cloud != "global":
        yield Finding(
            "cloud_unknown_to_placeos",
            facts.wanted.cloud,
            f"the tenant is in the national cloud {facts.wanted.cloud}, but PlaceOS itself calls the global cloud only.",
            {"cloud": facts.wanted.cloud},
            "Everything here can be right and bookings still fail; ask PlaceOS before you go on.",
        )
    if isinstance(facts.sign_in, TokenError):
        yield refused(facts, facts.sign_in)
        return
    yield from _credential(facts)
    yield from _token(facts, facts.sign_in)


def refused(facts: Facts, error: TokenError) -> Finding:
    """Why there is no token."""
    identifier, meaning, action = _refusal(facts, error)
    evidence: dict[str, Any] = {"class": error.kind, "code": error.code, "status": error.status, "words": error.words}
    evidence["url"] = error.url
    said = f" (AADSTS{error.code})" if error.code else ""
    if error.words and (not error.code or identifier == "token_refused"):
        # What is not told in words of our own is told in Entra's.
        said = f" ({error.words.rstrip('.')})"
    return Finding(identifier, _subject(facts, identifier), f"{meaning}{said}.", evidence, action)


def _subject(facts: Facts, identifier: str) -> str:
    return facts.wanted.tenant if identifier.endswith("_tenant") else facts.wanted.client_id


def _refusal(facts: Facts, error: TokenError) -> Refusal:
    host = urlsplit(error.url.rpartition(" ")[2]).netloc or "the sign-in host"  # method and address
    if error.kind == "unreachable":
        if error.words.startswith("TLS"):
            return Refusal(
                "token_tls_refused",
                f"the certificate of {host} is not trusted",
                error.hint,
            )
        return Refusal(
            "token_host_unreachable",
            f"{host} can't be reached from the host that runs this task",
            "Look at its name resolution, firewall and proxy variables (https_proxy, no_proxy), and at "
            f"{of_all('login_url')} if it is set. PlaceOS needs the same way out.",
        )
    if error.kind == "bad_credential":
        return _wrong_credential(facts)
    if error.kind == "expired_credential" and facts.wanted.credential == "certificate":
        return Refusal(
            "certificate_expired", "the certificate has expired", "Add a new one to the registration, and give that."
        )
    if _tenant_is_malformed(error):
        return Refusal(
            "token_malformed_tenant",
            f"{facts.wanted.tenant!r} is neither the id of a tenant nor one of its domains",
            f"Give {of_all('tenant')} the Directory (tenant) ID from the overview of Microsoft Entra, or the domain, such as "
            "acme.onmicrosoft.com.",
        )
    if error.kind == "malformed":
        return Refusal(
            "token_answer_unreadable",
            f"{host} did not answer as Microsoft's sign-in service does",
            f"A proxy or login page answers in its place, or the address is wrong: {of_all('login_url')}.",
        )
    return _REFUSALS.get(
        error.kind,
        Refusal(
            "token_refused",
            "Entra refuses the sign-in",
            error.hint,
        ),
    )


def _wrong_credential(facts: Facts) -> Refusal:
    if facts.wanted.credential == "certificate":
        return Refusal(
            "token_certificate_refused",
            "the certificate is not registered on this application, or its private key is another's",
            "Compare its thumbprint with the list in Entra, Certificates & secrets. A certificate added minutes ago may "
            "not have reached all of Entra yet.",
        )
    registered = () if isinstance(facts.registration, Unread) else facts.registration.credentials
    hints = {found.hint for found in registered if found.kind == "secret" and found.hint}
    known = "; no secret on the registration begins as it does" if hints and facts.wanted.hint not in hints else ""
    return Refusal(
        "token_wrong_secret",
        f"the client secret is wrong: not one of this application, or removed{known}",
        f"Check that {of_graph_app_check('client_secret')} is a secret of this very application. A secret made a minute ago "
        "may not have reached all of Entra yet: try again.",
    )


def _tenant_is_malformed(error: TokenError) -> bool:
    # AADSTS900023 has the class of an unknown tenant; what to do differs. With "common" in its place, Entra looks for
    # the application in a directory of its own (700016).
    return error.code == 900023 or (error.code == 700016 and error.kind == "client_bug")


def _credential(facts: Facts) -> Iterator[Finding]:
    """PlaceOS signs in with a client secret only, so that nothing else proves that PlaceOS will."""
    if facts.wanted.credential == "secret":
        return
    used = "a certificate" if facts.wanted.credential == "certificate" else "a ready access token"
    yield Finding(
        "credential_not_proved",
        facts.app,
        f"this check signed in with {used}; PlaceOS signs in with a client secret, which is not proved by it.",
        {"credential": facts.wanted.credential},
        f"Give the one that PlaceOS has: {of_graph_app_check('client_secret')}.",
    )


def _token(facts: Facts, claims: Claims) -> Iterator[Finding]:
    """Whether the token is one of this application, for this tenant, for Graph, without a user, and still good."""
    if facts.roles is None:
        yield Finding(
            "claims_unreadable",
            facts.app,
            "the access token can't be looked into, so that the permissions in it are unknown.",
            {},
            "The permissions are judged by the consent given in Entra, if that may be read.",
        )
        return
    tenant, app = claims.tenant_id or "", claims.app_id or ""
    if tenant and _GUID.fullmatch(facts.wanted.tenant) and tenant.casefold() != facts.wanted.tenant.casefold():
        yield Finding(
            "token_other_tenant",
            facts.wanted.tenant,
            f"the token is one of the tenant {tenant}.",
            {"wanted": facts.wanted.tenant, "token": tenant},
            "The access token or the tenant id belongs to another client.",
        )
    if app and facts.wanted.client_id and app.casefold() != facts.wanted.client_id.casefold():
        yield Finding(
            "token_other_application",
            facts.wanted.client_id,
            f"the token is one of the application {app}.",
            {"wanted": facts.wanted.client_id, "token": app},
            "Give a token of the application that is to be checked.",
        )
    if not is_for(claims, facts.wanted.audience):
        yield Finding(
            "token_other_audience",
            facts.app,
            f"the token is meant for {claims.audience}, not for Microsoft Graph.",
            {"wanted": facts.wanted.audience, "token": claims.audience},
            "Get a token for the scope https://graph.microsoft.com/.default (of the tenant's cloud).",
        )
    if claims.idtyp == "user":
        yield Finding(
            "token_not_app_only",
            facts.app,
            "the token acts for a signed-in user; PlaceOS acts as the application itself, with other permissions.",
            {"idtyp": claims.idtyp},
            f"Give {of_graph_app_check('client_secret')}, or an access token from the client credentials grant.",
        )
    if claims.expires is not None and claims.expires <= facts.now.timestamp():
        yield Finding(
            "token_expired",
            facts.app,
            "the access token has expired.",
            {"expires": claims.expires},
            f"Get a new access token, or give {of_graph_app_check('client_secret')}; else look at this host's clock.",
        )
