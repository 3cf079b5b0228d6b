# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and addresses as the gem addressable 2.5 reads them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

IPV4 = re.compile(r"^(\d{1,3}\.){3}\d{1,3}")
SCHEME = re.compile(r"^([A-Za-z][\w+.-]*):(.*)$", re.DOTALL)
HOST_WITH_PORT = re.compile(r"^[^/?#.]+\.[^/?#]+$")
FORBIDDEN = re.compile(r"[<>{}/\\?#@\"\[\]\s]")


def domain_key(domain: Any) -> str:
    """Return the key of an authority's unique index: the host a text means (CA authority.rb:27-30).

    heuristic_parse sees a host only in addresses with a scheme, in IPv4 addresses, and in texts with a dot: "localhost"
    has none, so that all names without a dot share one (blank) key.
    """
    text = str(domain or "").strip()
    if IPV4.match(text):
        text = f"http://{text}"
    scheme = SCHEME.match(text)
    if scheme and not scheme[2].startswith("//"):
        if not HOST_WITH_PORT.match(scheme[1]):
            return ""
        text = f"http://{text}"
    elif not scheme:
        first = re.split(r"[/?#]", text, maxsplit=1)[0]
        if "." not in first:
            return ""
        text = f"http://{first}"
    return (urlsplit(text).hostname or "").lower()


def parses(address: str) -> bool:
    """Tell whether Addressable::URI.parse takes an address: it refuses little (inferred from its validate)."""
    scheme = SCHEME.match(address)
    if not scheme or not scheme[2].startswith("//"):
        return True
    authority, slash, _path = scheme[2][2:].partition("/")
    host, colon, port = authority.rpartition("@")[2].partition(":")
    if not host and not slash:
        return False
    return not FORBIDDEN.search(host) and not (colon and port and not re.fullmatch(r"\d{1,5}", port))
