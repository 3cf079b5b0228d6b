# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a repository is: the forms of its address, and what may not be in it.

Standard library only, as everything in this package: it runs on the client's VM.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

PROTOCOLS = ("https", "http", "ssh", "git", "file")
"""What git may use; others (such as ``ext``) run programs that the address names."""

_SCP = re.compile(r"(?:(?P<user>[^@/:\s]+)@)?(?P<host>\[[^\]\s]+\]|[^/:\s]+):(?P<path>\S.*)")
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")


class RemoteError(ValueError):
    """The address cannot be used; the text says why and what to write."""


@dataclass(frozen=True)
class Remote:
    """A repository's address without credentials.

    scope: scheme, host and port: the only place that a token is sent to.
    """

    url: str
    scheme: str
    host: str = ""
    port: int | None = None
    user: str = ""

    @property
    def scope(self) -> str:
        """For which addresses git asks the credential helper, as in ``credential.<scope>.helper``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{f':{self.port}' if self.port else ''}"

    @property
    def exposed(self) -> bool:
        """Whether credentials would cross a network unencrypted."""
        return self.scheme == "http" and not _LOOPBACK.fullmatch(self.host)


def secret_in(url: str) -> str:
    """User and password that somebody has written into an address, to keep them out of every output."""
    found = re.match(r"\w+://([^/\s]*)@", url)
    if not found or (not url.lower().startswith("http") and ":" not in found.group(1)):
        return ""
    return found.group(1)


def read_remote(url: str) -> Remote:
    """Understand an address: a URL, ``git@host:path``, or the absolute path of a repository on the VM.

    Raises RemoteError. Its text never repeats a password that is in the address.
    """
    if not url.strip() or url.startswith("-") or re.search(r"[\x00-\x20\x7f]", url):
        raise RemoteError("is not an address: it is empty, begins with a hyphen, or has blanks in it")
    if secret_in(url):
        raise RemoteError(
            "has a user or a password in it, which git would store and show. Write the address without them, "
            "and give token (with token_user, if the server asks for a certain user) or deploy_key"
        )
    if url.startswith("/"):
        return Remote(url, "file")
    if "::" in url.split("/", 1)[0] and not url.startswith("["):
        raise RemoteError(f"uses a git remote helper; use one of {', '.join(PROTOCOLS)}")
    if "://" not in url:
        short = _SCP.fullmatch(url)
        if not short:
            raise RemoteError(f"is neither a URL ({', '.join(PROTOCOLS)}) nor git@host:path nor an absolute path")
        return Remote(url, "ssh", short.group("host").strip("[]"), user=short.group("user") or "")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise RemoteError(f"is not a URL: {error}") from error
    if parts.scheme not in PROTOCOLS:
        raise RemoteError(f"uses {parts.scheme}; git may use {', '.join(PROTOCOLS)} here")
    if parts.scheme != "file" and not parts.hostname:
        raise RemoteError("names no host")
    return Remote(url, parts.scheme, parts.hostname or "", port, parts.username or "")
