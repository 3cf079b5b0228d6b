# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why Connect-ExchangeOnline failed, by the words of .NET, of Microsoft's sign-in and of Exchange, and what to do.

Sources of the words: exceptions of System.Net.Http, System.Net.Sockets and System.Net.Security as users have reported
them (dotnet/runtime, PowerShell/PowerShell), the C library's texts that .NET passes on, the Exchange team's page on
app-only authentication. Words change and are translated; what is not known gets the advice for all kinds.
"""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import (
    of_all,
    of_graph_access_policy,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.errors import (
    sign_in_advice,
    sign_in_code,
)

_HOSTS = "login.microsoftonline.com and outlook.office365.com, or their names in the tenant's cloud"
_ORGANIZATION = f"{of_graph_access_policy('organization')}: the tenant's primary .onmicrosoft.com domain"
_RIGHTS = (
    "that the application permission Exchange.ManageAsApp of Office 365 Exchange Online is granted to the automation "
    "identity, and that it has a directory role such as Exchange Administrator"
)
_WAY = f"name resolution, firewall and proxy (https_proxy, no_proxy) of the host that runs this task; it must reach {_HOSTS}"


class Cause(NamedTuple):
    """kind: as in ExchangeError; words: any of them tells it; hint: what to do."""

    kind: str
    words: tuple[str, ...]
    hint: str


# The first that fits decides: the reason inside stands beside the general words around it.
CAUSES = (
    Cause(
        "unreachable",
        ("proxy tunnel request", "(407)", "407 (", "proxy authentication required"),
        "The proxy on the way refuses. PowerShell takes it from https_proxy and no_proxy of the host that runs this task: "
        f"check its address, its user and password, and that it lets {_HOSTS} through.",
    ),
    Cause(
        "unreachable",
        (
            "ssl connection could not be established",
            "remote certificate is invalid",
            "remote certificate was rejected",
            "trust relationship for the ssl/tls",
            "untrustedroot",
            "partialchain",
            "remotecertificate",
            "handshake failed",
            "closed the transport stream",
        ),
        "TLS failed. If a proxy opens TLS connections on the way, PowerShell trusts it only when its CA is in the system's "
        f"store (update-ca-certificates) or in the file that SSL_CERT_FILE names; {of_all('ca_path')} is not for "
        "PowerShell. Check the clock too.",
    ),
    Cause(
        "unreachable",
        (
            "name or service not known",
            "name resolution",
            "no such host is known",
            "nodename nor servname",
            "no address associated with hostname",
            "no data of the requested type was found",
            "resource temporarily unavailable",
            "remote name could not be resolved",
        ),
        f"A host name is not known. Check {_WAY}.",
    ),
    Cause(
        "unreachable",
        (
            "connection refused",
            "actively refused",
            "network is unreachable",
            "no route to host",
            "network is down",
            "connection timed out",
            "did not properly respond after a period of time",
            "httpclient.timeout",
            "task was canceled",
            "operation was canceled",
            "operation has timed out",
            "connection reset by peer",
            "forcibly closed",
            "unable to connect to the remote server",
            "unexpected eof",
            "response ended prematurely",
            "error occurred while sending the request",
        ),
        f"Microsoft cannot be reached. Check {_WAY}.",
    ),
    Cause(
        "unreachable",
        ("service unavailable", "bad gateway", "gateway timeout", "too many requests", "internal server error"),
        "Exchange is disturbed or limits the connections; run again in some minutes.",
    ),
    Cause(
        "sign_in",
        ("role assigned to application", "isn't supported in this scenario", "cmdletaccessdenied"),
        "The automation identity has no usable directory role. Give its enterprise application Exchange Administrator in "
        "Entra (Roles & admins), and wait some minutes; see besides "
        "that Exchange.ManageAsApp of Office 365 Exchange Online is granted to it.",
    ),
    Cause(
        "sign_in",
        (
            "network password is not correct",
            "certificate data cannot be read",
            "mac verified",
            "cannot find the requested",
        ),
        "The certificate cannot be opened: give a PKCS#12 file with its private key as "
        f"{of_all('certificate_path')}, and its password as {of_all('certificate_passphrase')}.",
    ),
    Cause(
        "sign_in",
        ("unauthorized", "(401)", "access denied", "access is denied", "forbidden", "(403)"),
        f"Exchange does not let it in. Check {_RIGHTS}; check {_ORGANIZATION}.",
    ),
)
UNKNOWN = f"If it is the way there, check {_WAY}. If it is the sign-in, check {_ORGANIZATION}; then {_RIGHTS}."


def connect_cause(words: str) -> tuple[str, str]:
    """(kind, hint) of a failed Connect-ExchangeOnline, by what was said."""
    code = sign_in_code({"error_description": words})
    if code:
        return "sign_in", sign_in_advice(code)
    said = words.casefold()
    for cause in CAUSES:
        if any(part in said for part in cause.words):
            return cause.kind, cause.hint
    return "sign_in", UNKNOWN
