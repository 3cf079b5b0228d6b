# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives git what it needs to reach a repository, and takes it back: token, deploy key, host keys.

Standard library only; it runs on the client's VM. Nothing here is left behind, and no secret is written to disk or put
into arguments.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .atomic import write_atomically
from .git import Git
from .remote import Remote
from .ssh_agent import agent_with

_TOKEN = "PLACEOS_ENGINE_TOKEN"
_USER = "PLACEOS_ENGINE_TOKEN_USER"
# Run by git through a shell with the word "get"; printf is a part of the shell, so the token is in nobody's arguments.
_HELPER = f'!f() {{ test "$1" = get && printf "username=%s\\npassword=%s\\n" "${_USER}" "${_TOKEN}"; }}; f'


@dataclass(frozen=True)
class Credentials:
    """How the repository is reached.

    token_user: the user that goes with the token; most servers take any. known_hosts: lines of that file.
    learned_hosts: file in which host keys are kept that were accepted when they were first seen.
    """

    token: str = field(default="", repr=False)
    token_user: str = "git"
    deploy_key: str = field(default="", repr=False)
    known_hosts: str = ""
    accept_new_host_key: bool = False
    learned_hosts: Path | None = None


def misfit(remote: Remote, given: Credentials) -> str:
    """What of the credentials does not fit the address, as a sentence; empty if all does."""
    web = remote.scheme in ("https", "http")
    if given.token and not web:
        return f"a token is for addresses with https; for {remote.scheme} give a deploy key, or change the address"
    if given.deploy_key and remote.scheme != "ssh":
        return f"a deploy key is for addresses with ssh; for {remote.scheme} give a token, or change the address"
    if any(line_break in given.token + given.token_user for line_break in "\r\n\0"):
        return "the token, or its user, has a line break in it"
    return ""


@contextmanager
def access(git: Git, remote: Remote, given: Credentials, keep_learned: bool = True) -> Iterator[Git]:
    """Yield a git that can reach the remote repository.

    keep_learned: whether host keys that are accepted now are written down; not in check mode.
    Raises AgentError when the deploy key cannot be used.
    """
    settings: list[tuple[str, str]] = []
    environment: dict[str, str] = {"GIT_ALLOW_PROTOCOL": "https:http:ssh:git"}
    if remote.scheme == "file":
        # Other repositories cannot name folders of the VM as their submodules.
        environment["GIT_ALLOW_PROTOCOL"] += ":file"
    with ExitStack() as stack:
        if given.token:
            settings += [(f"credential.{remote.scope}.helper", _HELPER)]
            environment.update({_TOKEN: given.token, _USER: given.token_user})
        # Submodules may be reached over ssh, whatever this address is.
        options = ["BatchMode=yes", "ControlMaster=no", "ControlPath=none", "ClearAllForwardings=yes"]
        options += ["ConnectTimeout=30", "ServerAliveInterval=15"]
        if given.deploy_key:
            environment["SSH_AUTH_SOCK"] = stack.enter_context(agent_with(given.deploy_key))
            options += ["IdentityFile=none", "IdentityAgent=SSH_AUTH_SOCK"]
        options += stack.enter_context(_host_keys(given, keep_learned))
        words = ["ssh", *(word for option in options for word in ("-o", option))]
        environment["GIT_SSH_COMMAND"] = " ".join(shlex.quote(word) for word in words)
        environment["GIT_SSH_VARIANT"] = "ssh"
        yield git.reaching(settings, environment)


@contextmanager
def _host_keys(given: Credentials, keep_learned: bool) -> Iterator[list[str]]:
    if not given.known_hosts and not given.accept_new_host_key:
        # Those that the VM knows already.
        yield ["StrictHostKeyChecking=yes"]
        return
    learned = given.learned_hosts if given.accept_new_host_key else None
    before = learned.read_text() if learned and learned.is_file() else ""
    # A file in memory: it is gone with the module, however that ends.
    descriptor = os.memfd_create("known_hosts")
    with open(descriptor, "r+", encoding="utf-8") as file:  # noqa: PTH123 - it has no path
        file.write(f"{given.known_hosts.strip()}\n{before}".lstrip("\n"))
        file.flush()
        checking = "accept-new" if given.accept_new_host_key else "yes"
        options = [f"UserKnownHostsFile=/proc/{os.getpid()}/fd/{descriptor}", f"StrictHostKeyChecking={checking}"]
        options += ["UpdateHostKeys=no", "HashKnownHosts=no"]
        # Keys that are given are the only ones that count.
        options += ["GlobalKnownHostsFile=none"] if given.known_hosts else []
        try:
            yield options
        finally:
            file.seek(0)
            known = {*given.known_hosts.splitlines(), *before.splitlines(), ""}
            new = [line for line in dict.fromkeys(file.read().splitlines()) if line not in known]
            if new and learned and keep_learned and learned.parent.is_dir():
                write_atomically(learned, "".join(f"{line}\n" for line in [*before.splitlines(), *new]))
