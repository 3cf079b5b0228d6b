# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's clouds: where each signs in, and where its Graph and Exchange are.

Hosts: Microsoft Graph documentation, concepts/deployments; names of Exchange environments and connection addresses:
Connect-ExchangeOnline. GCC uses the global cloud. PlaceOS itself has the global cloud's addresses built in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Cloud:
    """One cloud. The URLs are also the audiences of its tokens; exchange_environment is what PowerShell calls it."""

    name: str
    login_url: str
    graph_url: str
    exchange_url: str
    exchange_environment: str


CLOUDS: Mapping[str, Cloud] = MappingProxyType(
    {
        cloud.name: cloud
        for cloud in (
            Cloud(
                "global",
                "https://login.microsoftonline.com",
                "https://graph.microsoft.com",
                "https://outlook.office365.com",
                "O365Default",
            ),
            Cloud(
                "gcc-high",
                "https://login.microsoftonline.us",
                "https://graph.microsoft.us",
                "https://outlook.office365.us",
                "O365USGovGCCHigh",
            ),
            Cloud(
                "dod",
                "https://login.microsoftonline.us",
                "https://dod-graph.microsoft.us",
                "https://outlook-dod.office365.us",
                "O365USGovDoD",
            ),
            Cloud(
                "china",
                "https://login.partner.microsoftonline.cn",
                "https://microsoftgraph.chinacloudapi.cn",
                "https://partner.outlook.cn",
                "O365China",
            ),
        )
    }
)

SIGN_IN_HOSTS = frozenset(urlsplit(cloud.login_url).hostname for cloud in CLOUDS.values()) | {
    # Names that Microsoft's own sign-in documents still give for themselves.
    "login.windows.net",
    "login.microsoft.com",
    "login.chinacloudapi.cn",
}
"""Hosts to which a credential may go although another one was asked for the address."""

GLOBAL_ONLY = (
    "PlaceOS itself knows Microsoft's global cloud only (its sign-in and Graph addresses are built in); a tenant in the "
    "cloud {name} can be managed and checked with this, but PlaceOS cannot reach it."
)
"""The warning that a national cloud deserves; name: the cloud."""
