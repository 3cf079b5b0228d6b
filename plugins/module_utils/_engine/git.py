# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs git: without questions, hooks or secrets in its arguments, within a time, its words redacted.

Standard library only; it runs on the client's VM.
"""

from __future__ import annotations

import base64
import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from ansible_collections.placeos.office365.plugins.module_utils._masking import MASK

OLDEST_GIT = (2, 9)
"""The first version in which an empty ``credential.helper`` forgets the helpers of the machine's own configuration."""

# Nothing that the machine or a repository has configured may run programs, and nothing may go on in the background
# after the module has ended.
_SETTINGS = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", ""),
    ("core.askPass", ""),
    ("safe.bareRepository", "all"),
    ("core.autocrlf", "false"),
    ("credential.helper", ""),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("advice.detachedHead", "false"),
    ("submodule.recurse", "false"),
)
_PROGRESS = re.compile(
    r"^(?:remote: )?(?:Enumerating|Counting|Compressing|Receiving|Resolving|Unpacking|Updating) |^Cloning into|"
    r"^remote: Total |^\s*$|^Warning: Permanently added|^Please make sure you have the correct access|^and the repository exists"
)
_USERINFO = re.compile(r"(\bhttps?://)[^/@\s]+@|(\b[a-z+]+://[^/:@\s]*):[^/@\s]*@")


class GitError(Exception):
    """git has failed, or is not there.

    words: what git wrote, redacted. what: the command without options and addresses.
    """

    def __init__(self, what: str, words: str) -> None:
        super().__init__(f"{what}: {words}")
        self.what = what
        self.words = words


class Redactor:
    """Takes secrets out of texts, also in the encodings in which git and servers repeat them."""

    def __init__(self, token: str = "", token_user: str = "", key: str = "", others: Iterable[str] = ()) -> None:
        found = {line.strip() for line in key.splitlines() if not line.startswith("-----")}
        found |= {token, quote(token, safe=""), quote(token)} if token else set()
        found |= {base64.b64encode(f"{token_user}:{token}".encode()).decode()} if token else set()
        found |= set(others)
        self._secrets = sorted((secret for secret in found if secret), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text with each secret, and user and password of each address, masked."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return _USERINFO.sub(lambda found: f"{found.group(1)}{MASK}@" if found.group(1) else f"{found.group(2)}@", text)


@dataclass(frozen=True)
class Git:
    """How git is called.

    settings: further ``-c`` settings, never secret; they are in the arguments. environment: further variables.
    timeout: seconds for one command. held: file descriptors that git keeps open while it runs.
    """

    program: str
    redact: Callable[[str], str] = str
    timeout: float = 300
    settings: tuple[tuple[str, str], ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    held: tuple[int, ...] = ()
    owner: tuple[int, int] | None = None

    def reaching(self, settings: Iterable[tuple[str, str]], environment: Mapping[str, str]) -> Git:
        """The same git, able to reach a remote repository."""
        return replace(self, settings=(*self.settings, *settings), environment={**self.environment, **environment})

    def holding(self, descriptor: int) -> Git:
        """The same git, which keeps this file descriptor open while it runs."""
        return replace(self, held=(*self.held, descriptor))

    def run(self, what: str, *arguments: str, cwd: Path) -> str:
        """Run ``git <what> <arguments>`` in a folder and return what it prints.

        Raises GitError, also when it takes longer than it may; then git and what it has started are killed.
        """
        given = [f"{name}={value}" for name, value in (*_SETTINGS, *self.settings)]
        command = [self.program, *(part for setting in given for part in ("-c", setting)), *what.split(), *arguments]
        environment = {**_clean_environment(cwd), **self.environment}
        become: Callable[[], None] | None = None
        if self.owner:
            environment["HOME"] = _home(self.owner[0])
            become = _becoming(*self.owner)
        process = subprocess.Popen(  # noqa: S603 - the program was looked up, the arguments are a list
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=self.held,
            preexec_fn=become,  # noqa: PLW1509 - no threads here; Popen's own user= needs a newer Python
        )
        try:
            output, errors = process.communicate(timeout=self.timeout)
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git {what}", f"no end after {self.timeout:g} seconds") from error
        finally:
            _end(process)
        if process.returncode != 0:
            raise GitError(f"git {what}", self._said(errors) or f"ended with status {process.returncode}")
        return output.decode(errors="replace")

    def succeeds(self, what: str, *arguments: str, cwd: Path) -> bool:
        """Whether a command that asks a question answers yes."""
        try:
            self.run(what, *arguments, cwd=cwd)
        except GitError:
            return False
        return True

    def as_owner_of(self, folder: Path) -> Git:
        """The same git, run by the owner of a folder.

        What a checkout has configured for itself (filters, for example) is run by git; it must not run as root when
        somebody else wrote it.
        """
        status = folder.stat()
        if os.geteuid() != 0 or status.st_uid == 0:
            return self
        return replace(self, owner=(status.st_uid, status.st_gid), held=())

    def _said(self, errors: bytes) -> str:
        lines = re.split(r"[\r\n]+", errors.decode(errors="replace"))
        return self.redact("\n".join(line.rstrip() for line in lines if not _PROGRESS.search(line))).strip()[-2000:]


def find_git(search_path: str | None = None) -> str:
    """The path of git; raises GitError when it is missing or too old."""
    program = shutil.which("git", path=search_path)
    if not program:
        raise GitError("git", "there is no git on the VM. Install it (apt-get install git, yum install git)")
    words = Git(program, timeout=30).run("version", cwd=Path("/"))
    number = re.search(r"(\d+)\.(\d+)", words)
    if number and (int(number.group(1)), int(number.group(2))) < OLDEST_GIT:
        raise GitError("git", f"{words.strip()} on the VM is too old: 2.9 is the oldest that is supported")
    return program


def _clean_environment(cwd: Path) -> dict[str, str]:
    unwanted = ("SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") and name not in unwanted}
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_OPTIONAL_LOCKS": "0",
        # A folder whose own .git is missing must not be taken for a part of the checkout it lies in.
        "GIT_CEILING_DIRECTORIES": os.path.realpath(cwd.parent),
        **{name: os.environ[name] for name in ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH") if name in os.environ},
    }


def _home(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_dir
    except KeyError:
        return "/"


def _becoming(user: int, group: int) -> Callable[[], None]:
    def become() -> None:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)

    return become


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
