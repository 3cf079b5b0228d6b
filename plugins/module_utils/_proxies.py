# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the proxy of the environment one? Its address may hold a password, which the libraries' own errors would show."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

with contextlib.suppress(ImportError):  # reported by _module.py and frame.py, which ask _http.py
    import requests
    from requests.adapters import BaseAdapter
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    class Refusing(BaseAdapter):
        """Sends nothing, since there is no telling through what."""

        def send(self, request: requests.PreparedRequest, *_how: Any, **_more: Any) -> requests.Response:
            """Refuse."""
            raise requests.exceptions.InvalidProxyURL(request=request)

        def close(self) -> None:
            """Nothing is open."""


WORDS = "the proxy of the environment cannot be used: its address is not like http://host:port or http://user:password@host:port"
HINT = (
    "Correct the http_proxy, https_proxy and no_proxy variables of the control node; in a password, characters such as / "
    "# ? @ are written %2F %23 %3F %40."
)


def unusable(base_url: str, proxies: Mapping[str, str]) -> bool:
    """Is there a proxy for this server, with an address that means nothing, or something else than it seems to?"""
    proxy = requests.utils.select_proxy(base_url, dict(proxies))
    if not proxy:
        return False
    try:
        parts = parse_url(proxy if "://" in proxy else f"http://{proxy}")
    except (LocationParseError, ValueError, TypeError):
        return True
    scheme = (parts.scheme or "").lower()
    known = scheme in ("http", "https") or scheme.startswith("socks")
    # What comes after the host is the rest of a password in which / # or ? were not quoted.
    return not (known and parts.host) or parts.path not in (None, "", "/") or bool(parts.query or parts.fragment)
