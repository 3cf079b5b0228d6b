# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From git's and ssh's words to what a person can do. Pure; standard library only."""

from __future__ import annotations

import re

from .remote import Remote

# (what is in the words, advice); the first that fits counts, so the special ones stand above the general ones.
# The words are those of git 2.39, OpenSSH 9.2, GitHub and GitLab.
_ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed",
        (
            "The server shows another host key than the known one. If its owner confirms that it was changed, put the new "
            "line into known_hosts ({scan}); otherwise somebody stands in between."
        ),
    ),
    (
        r"Host key verification failed|host key is known|authenticity of host",
        (
            "The server's host key is not known. Get its line with: {scan} - compare its fingerprint (ssh-keygen -lf) with "
            "the one that the server's owner publishes, and give the line as known_hosts (engine_app_known_hosts). "
            "accept_new_host_key: true (engine_app_accept_new_host_key) trusts whatever the server shows the first time."
        ),
    ),
    (
        r"Permission denied \(|Too many authentication failures",
        (
            "The server takes none of the keys. Give the private deploy key as deploy_key (engine_app_deploy_key), add its "
            "public part to the repository, and see that the address has the right user (git@ on most servers)."
        ),
    ),
    (
        (
            r"could not read (Username|Password)|Authentication failed|Invalid username or|HTTP Basic: Access denied"
            r"|returned error: 40[13]|Access denied|Support for password authentication was removed"
        ),
        (
            "The server wants other credentials. Give a token that may read this repository as token (engine_app_token; "
            "with engine_app_token_user where the server asks for a certain user), and see that it has not expired."
        ),
    ),
    (
        (
            r"[Rr]epository .*not found|Repository not found|does not appear to be a git repository|returned error: 404"
            r"|repository .*does not exist|project you were looking for could not be found|not exported"
        ),
        (
            "There is no such repository, or the credentials may not see it: servers answer the same to both. Compare the "
            "address with that of the repository's web page, and see that token or deploy key belongs to it."
        ),
    ),
    (
        r"Could not resolve host|Name or service not known|Temporary failure in name resolution",
        "The VM finds no such host: see its DNS, and the address.",
    ),
    (
        r"Connection refused|timed out|Network is unreachable|No route to host|Failed to connect|no end after",
        "The VM does not reach the server in time: see firewall and proxy (https_proxy in the task's environment).",
    ),
    (
        r"SSL certificate problem|server certificate verification failed|unable to get local issuer",
        (
            "The VM does not trust the server's certificate: install its authority on the VM, or name the file in "
            "GIT_SSL_CAINFO in the task's environment."
        ),
    ),
    (
        r"dubious ownership",
        (
            "The repository belongs to another user than the one who runs git. Use an address with ssh or https, or "
            "change its owner."
        ),
    ),
    (
        r"not our ref|unadvertised object|reference is not a tree",
        "The repository has no such commit; perhaps its branch was deleted or pushed anew. Pin one that is there.",
    ),
    (r"transport '.*' not allowed", "A submodule has an address that is not allowed here."),
    (r"No space left on device|Disk quota exceeded", "The VM's disk is full: lower keep, or make room."),
)


def advice(words: str, remote: Remote | None = None) -> str:
    """What to do about these words of git; empty when nothing is known about them."""
    host = remote.host if remote and remote.host else "HOST"
    port = f"-p {remote.port} " if remote and remote.port else ""
    for pattern, text in _ADVICE:
        if re.search(pattern, words):
            return text.format(scan=f"ssh-keyscan {port}-t ed25519 {host}")
    return ""
