# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a module's options to a way to Exchange: who signs in, and through which transport."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.admin_api import AdminApi
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    Exchange,
    ExchangeError,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.powershell import PowerShell, Pwsh
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.frame import MicrosoftFrame
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import (
    of_all,
    of_graph_access_policy,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.options import UnusableOption, has_credential
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError

_INITIAL_DOMAINS = (".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn")
TRANSPORT_SPEC: dict[str, Any] = {
    "transport": {"type": "str", "choices": ["powershell", "admin_api"], "default": "powershell"},
    "organization": {"type": "str"},
    "managed_identity": {"type": "bool", "default": False},
    "managed_identity_id": {"type": "str"},
    "exchange_access_token": {"type": "str", "no_log": True},
    "pwsh_path": {"type": "str", "default": "pwsh"},
    "pwsh_timeout": {"type": "float", "default": 600.0},
    "_script": {"type": "path"},
}
"""Options that say how to reach Exchange; _script is set by the action plugin, which brings the script to the host."""


def exchange_for(frame: MicrosoftFrame) -> Exchange:
    """The way to Exchange that the options describe.

    Raises:
        UnusableOption: the options do not fit together.
    """
    given = frame.params
    if given["managed_identity"] and given["exchange_access_token"]:
        raise UnusableOption("managed_identity and exchange_access_token exclude each other; give one of them")
    if not given["managed_identity"] and not given["exchange_access_token"]:
        # Looked at now, so that a fault is told before anything is done.
        looked_at = frame.identity
        if looked_at.access_token:
            raise UnusableOption(
                f"{of_all('access_token')} is a token for Microsoft Graph, which Exchange does not take: give another credential, "
                "or exchange_access_token for Exchange Online besides (a module's option only)"
            )
    if given["transport"] == "admin_api":
        return _admin_api(frame)
    if not given["_script"]:
        raise UnusableOption(
            "transport powershell works through the collection's action plugin only: call the module by its full name, "
            "placeos.office365.graph_access_policy"
        )
    pwsh = Pwsh(given["pwsh_path"], given["_script"], given["pwsh_timeout"])
    return PowerShell(pwsh, lambda: connect_parameters(frame))


def _admin_api(frame: MicrosoftFrame) -> AdminApi:
    given = frame.params
    if given["managed_identity"]:
        raise UnusableOption(
            f"{of_graph_access_policy('managed_identity')} works only where {of_graph_access_policy('transport')} is "
            "powershell; with admin_api give another credential"
        )
    if not given["tenant"]:
        raise UnusableOption(
            f"{of_all('tenant')} is missing, as is AZURE_TENANT_ID: the id or a domain of the client's tenant"
        )
    http = frame.http(frame.urls["exchange_url"])
    return AdminApi(http, given["tenant"], lambda fresh: _token(frame, fresh=fresh), workers=given["max_workers"])


def _token(frame: MicrosoftFrame, *, fresh: bool = False) -> str:
    """A token for Exchange: the given one, or one that the automation identity gets."""
    token = frame.params["exchange_access_token"] or frame.tokens().get(frame.cloud.exchange_url, fresh=fresh)
    text: str = token.strip()
    frame.hide(text)
    return text


def connect_parameters(frame: MicrosoftFrame) -> dict[str, Any]:
    """The parameters of Connect-ExchangeOnline.

    It has none for a client secret, and takes certificates as PKCS#12 only: with a secret or PEM a token is got here and
    handed over (-AccessToken, from version 3.1 of the module).
    """
    given = frame.params
    found: dict[str, Any] = {"Organization": organization(frame)}
    if frame.cloud.name != "global":
        found["ExchangeEnvironmentName"] = frame.cloud.exchange_environment
    if given["managed_identity"]:
        return {**found, "ManagedIdentity": True, "ManagedIdentityAccountId": given["managed_identity_id"]}
    if not given["exchange_access_token"] and _is_pkcs12(frame):
        return {
            **found,
            "AppId": given["client_id"],
            "CertificateFilePath": str(Path(given["certificate_path"]).absolute()),
            "CertificatePassword": given["certificate_passphrase"],
        }
    return {**found, "AccessToken": _token(frame)}


def _is_pkcs12(frame: MicrosoftFrame) -> bool:
    content = frame.identity.certificate
    return isinstance(content, bytes) and b"-----BEGIN" not in content


def organization(frame: MicrosoftFrame) -> str:
    """The tenant's primary .onmicrosoft.com domain, by which Connect-ExchangeOnline knows it."""
    given = frame.params
    for name in (given["organization"], given["tenant"]):
        if name and (name == given["organization"] or name.lower().endswith(_INITIAL_DOMAINS)):
            return str(name)
    wanted = f"Give {of_graph_access_policy('organization')}, the tenant's primary .onmicrosoft.com domain."
    if not has_credential(given):
        raise ExchangeError(
            "",
            "the name of the organization is not given, and there is no identity to ask Graph for it",
            "sign_in",
            wanted,
        )
    try:
        rows = frame.graph().items("/v1.0/organization", {"$select": "verifiedDomains"})
    except (HttpError, TokenError, UnusableOption) as error:
        words = f"the name of the organization is not known, and Graph does not tell it: {error}"
        raise ExchangeError("", words, "sign_in", wanted) from error
    for row in rows:
        domains = row.get("verifiedDomains")
        for domain in domains if isinstance(domains, list) else ():
            if isinstance(domain, Mapping) and domain.get("isInitial") is True and isinstance(domain.get("name"), str):
                return str(domain["name"])
    raise ExchangeError(
        "", "the name of the organization is not known, and Graph names no initial domain", "sign_in", wanted
    )
