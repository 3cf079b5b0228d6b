# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token URL: a path below the sign-in site, and what people write in its place.

Both drivers hand site and token URL to the oauth2 gem (``lib/microsoft/office.rb`` and ``office2/client.rb`` of
acaprojects/ruby-engine-drivers), whose HTTP client joins them as references are joined (Faraday, ``build_url``): a path
comes behind the site, a whole URL takes the site's place. So a whole URL is right, a tenant alone is an address where
nobody gives out tokens. Both ask for a scope, which only the second version of Microsoft's endpoint understands.
"""

from __future__ import annotations

import re

ENDPOINT = "/oauth2/v2.0/token"

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_PATH = re.compile(r"[\w.~/-]+", re.ASCII)
_SITE_ALONE = re.compile(r"login\.[a-z0-9.-]+/", re.IGNORECASE)
_SITE = re.compile(r"https?://[^/?#\s]+", re.IGNORECASE)


def is_guid(text: str) -> bool:
    """Has it the form of the ids that Microsoft gives to tenants and applications?"""
    return _GUID.fullmatch(text) is not None


def is_tenant(text: str) -> bool:
    """Can it be a tenant: its id, or one of its domains?"""
    return is_guid(text) or _DOMAIN.fullmatch(text) is not None


def path_of(tenant: str) -> str:
    """The token URL of a tenant."""
    return f"/{tenant}{ENDPOINT}"


def tenant_of(url: str) -> str | None:
    """The tenant that a token URL names."""
    site = _SITE.match(url)
    first = url[site.end() if site else 0 :].strip("/").split("/")[0]
    return first if is_tenant(first) else None


def mended(given: str) -> tuple[str, str] | None:
    """The token URL that is meant, and what is wrong with the given one if it differs; None for nonsense."""
    whole = "https://" + given if _SITE_ALONE.match(given) else given
    site = _SITE.match(whole)
    base = site.group() if site else ""
    path = whole[len(base) :]
    tenant = tenant_of(whole)
    if tenant is None or not _PATH.fullmatch(path):
        return None
    rest = path.strip("/")[len(tenant) :]
    if not rest:
        return base + path_of(tenant), f"is only the tenant; tokens are given out at {ENDPOINT} below it"
    if not rest.endswith(ENDPOINT):
        return base + path_of(tenant), f"is not the address that gives out tokens, which ends with {ENDPOINT}"
    # Without the scheme, or the slash, it would be looked for below whatever path the site has.
    return f"{base}/{path.strip('/')}", "is not written as a path or a whole URL"
