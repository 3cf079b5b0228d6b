# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connect-ExchangeOnline: app-only combinations of parameters (office-docs-powershell, app-only-auth-powershell-v2).

Texts of refusals are captured where they are marked so, else made up in the manner of the module.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from lab.microsoft.exchange import binding
from lab.microsoft.exchange.errors import CmdletError

SCOPE = "https://outlook.office365.com/.default"
ENVIRONMENTS = ("O365Default", "O365China", "O365USGovGCCHigh", "O365USGovDoD", "O365GermanyCloud")
COMBINATIONS = (
    frozenset(("AppId", "Organization", "CertificateFilePath")),
    frozenset(("ManagedIdentity", "Organization")),
    frozenset(("AccessToken", "Organization")),
)
OPTIONAL = frozenset(("CertificatePassword", "ManagedIdentityAccountId", "ExchangeEnvironmentName", "ConnectionUri"))
DOMAINS = (".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn")


class NotConnected(Exception):
    """Connect-ExchangeOnline failed, in its words."""


@dataclass(frozen=True)
class Connection:
    """A session: where, for which organisation, with which token."""

    url: str
    organization: str
    tls: ssl.SSLContext
    token: str = ""

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send a request; returns status and body. A path may be a whole address below the same host."""
        target = path if path.startswith(self.url) else self.url + path
        request = Request(target, body, dict(headers), method=method)
        try:
            with urlopen(request, timeout=30, context=self.tls) as answer:
                return answer.status, answer.read()
        except HTTPError as problem:
            return problem.code, problem.read()
        except URLError as problem:
            raise NotConnected(f"One or more errors occurred. ({problem.reason})") from None


def connect(given: dict[str, Any], environment: Mapping[str, str]) -> Connection:
    """Return a session; raises NotConnected."""
    check(given)
    address, authority = environment.get("FAKE_PWSH_EXCHANGE"), environment.get("FAKE_PWSH_CA")
    if not address or not authority:
        raise NotConnected("fake pwsh: FAKE_PWSH_EXCHANGE and FAKE_PWSH_CA are needed")
    tls = ssl.create_default_context(cafile=authority)
    session = Connection(address.rstrip("/"), str(given["Organization"]), tls)
    if "AccessToken" in given:
        token = str(given["AccessToken"])
    elif given.get("ManagedIdentity"):
        token = token_of_managed_identity(session, given, environment)
    else:
        token = token_of_certificate(session, given)
    return replace(session, token=token)


def check(given: dict[str, Any]) -> None:
    """Check names, types and combination of the parameters, as on Linux; raises NotConnected."""
    try:
        bound = binding.bind(binding.cmdlets()["connect-exchangeonline"], given)
    except CmdletError as problem:
        raise NotConnected(problem.words) from None
    if "CertificateThumbprint" in bound:
        raise NotConnected("The parameter CertificateThumbprint is only supported on Windows.")
    if frozenset(bound) - OPTIONAL not in COMBINATIONS:
        raise NotConnected("Parameter set cannot be resolved using the specified named parameters.")
    if not str(bound["Organization"]).lower().endswith(DOMAINS):
        raise NotConnected("The organization must be given by its primary .onmicrosoft.com domain.")
    if bound.get("ExchangeEnvironmentName", ENVIRONMENTS[0]) not in ENVIRONMENTS:
        raise NotConnected("Cannot bind parameter 'ExchangeEnvironmentName'.")


def token_of_managed_identity(session: Connection, given: dict[str, Any], environment: Mapping[str, str]) -> str:
    """Return the token that this machine's identity would get."""
    client_id, colon, secret = environment.get("FAKE_PWSH_MANAGED_IDENTITY", "").partition(":")
    wanted = given.get("ManagedIdentityAccountId")
    if not colon or (wanted and wanted != client_id):
        raise NotConnected("ManagedIdentityCredential authentication unavailable. No Managed Identity endpoint found.")
    return ask(session, {"client_id": client_id, "client_secret": secret})


def token_of_certificate(session: Connection, given: dict[str, Any]) -> str:
    """Return the token for a certificate in a PFX file."""
    from .certificate import Unreadable, assertion

    app_id, password = str(given["AppId"]), given.get("CertificatePassword")
    audience = f"{session.url}/{session.organization}/oauth2/v2.0/token"
    try:
        proof = assertion(app_id, audience, Path(str(given["CertificateFilePath"])), password)
    except Unreadable as problem:
        raise NotConnected(str(problem)) from None
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return ask(session, {"client_id": app_id, "client_assertion_type": kind, "client_assertion": proof})


def ask(session: Connection, values: dict[str, str]) -> str:
    """Ask the lab's token endpoint."""
    form = urlencode({"grant_type": "client_credentials", "scope": SCOPE, **values}).encode()
    path = f"/{quote(session.organization)}/oauth2/v2.0/token"
    status, body = session.send("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})
    document = json.loads(body)
    if status != 200:
        raise NotConnected(str(document.get("error_description")))
    return str(document["access_token"])
