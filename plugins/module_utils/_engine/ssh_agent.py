# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ssh-agent that holds one deploy key for as long as it is needed, and not a moment longer.

Standard library only; it runs on the client's VM. Programs and options: ssh-agent(1), ssh-add(1).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# ssh-agent starts this and becomes its child. The pipe on standard input ends when the module closes it or dies, be it
# by SIGKILL; then the agent goes, and removes its socket and the folder of the socket itself.
_HOLDER = 'printf "%s\\n" "$SSH_AUTH_SOCK"; cat >/dev/null; kill "$SSH_AGENT_PID"'
_AGENT = ("ssh-agent", "sh", "-c")
_SECONDS = 30


class AgentError(Exception):
    """The key cannot be used; the text says why, without the key."""


@contextmanager
def agent_with(key: str) -> Iterator[str]:
    """Yield the path of the socket of an agent that holds this private key.

    The key goes to ssh-add over a pipe: it is never in a file or in arguments. Raises AgentError.
    """
    for program in ("ssh", "ssh-agent", "ssh-add"):
        if not shutil.which(program):
            raise AgentError(f"there is no {program} on the VM. Install OpenSSH's client (openssh-client)")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SSH_A", "GIT_"))}
    holder = subprocess.Popen(  # noqa: S603 - a constant
        [*_AGENT, _HOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    socket = ""
    try:
        socket = holder.stdout.readline().decode().strip() if holder.stdout else ""
        if not socket:
            raise AgentError("ssh-agent does not start on the VM")
        _add(key, {**environment, "SSH_AUTH_SOCK": socket})
        yield socket
    finally:
        holder.communicate()
        _wait_until_gone(socket)


def _wait_until_gone(socket: str) -> None:
    # The agent has been told to go, and cleans up; nothing is to be left when the module ends.
    folder, end = Path(socket).parent, time.monotonic() + _SECONDS
    while socket and folder.exists() and time.monotonic() < end:
        time.sleep(0.01)


def _add(key: str, environment: dict[str, str]) -> None:
    # A key that was pasted often lacks its last line break, or has those of Windows; ssh-add refuses both.
    text = "\n".join(line.rstrip() for line in key.strip().splitlines()) + "\n"
    # A key with a passphrase is refused instead of asking somebody for it.
    silent = {**environment, "SSH_ASKPASS": "/bin/false", "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": "none"}
    try:
        added = subprocess.run(
            ["ssh-add", "-q", "-"],  # noqa: S607 - found on PATH, as git finds ssh
            input=text.encode(),
            capture_output=True,
            env=silent,
            timeout=_SECONDS,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise AgentError(f"ssh-add did not end within {_SECONDS} seconds") from error
    if added.returncode != 0:
        said = " ".join(added.stderr.decode(errors="replace").split())
        raise AgentError(
            f"ssh-add does not take the deploy key ({said}). It must be the whole text of a private key without a "
            "passphrase, from its line BEGIN to its line END"
        )
