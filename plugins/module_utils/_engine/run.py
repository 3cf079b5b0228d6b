# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs on the VM: found where administrators install them, run without a terminal, their output kept in memory.

This package runs on the VM, so it needs Python 3.8 and its standard library only.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# sudo's secure_path may lack the folder that Compose is usually installed in by hand.
EXTRA_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/snap/bin")
# Seconds for a command that only asks.
QUICK = 120
NOT_FOUND = 127
TIMED_OUT = 124
_WORDS = 20


class EngineError(Exception):
    """A fault that ends the task; its text is for the person who runs it."""


@dataclass(frozen=True)
class Ran:
    """A program that has ended."""

    rc: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """The last lines of what it said."""
        said = [line.rstrip() for line in (self.err + "\n" + self.out).splitlines() if line.strip()]
        return "\n".join(said[-_WORDS:]) or f"it ended with code {self.rc}"


class Programs:
    """Runs programs in one folder.

    Each inherits the descriptor of the lock: a program that outlives a killed module still holds the lock.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.lock: int | None = None
        path = environment.get("PATH", os.defpath).split(os.pathsep)
        path.extend(extra for extra in EXTRA_PATH if extra not in path)
        # PWD: Compose v2 names the project after the folder as a person would have entered it.
        self.environment = {**environment, "PATH": os.pathsep.join(path), "PWD": str(folder)}

    def run(self, arguments: Sequence[str], timeout: float = QUICK) -> Ran:
        """Run a program to its end; one that is not there, or takes too long, is a result like any other."""
        program = shutil.which(arguments[0], path=self.environment["PATH"])
        if program is None:
            return Ran(NOT_FOUND, "", f"{arguments[0]}: not found")
        try:
            process = subprocess.Popen(  # noqa: S603 - the arguments are the module's own
                [program, *arguments[1:]],
                cwd=str(self.folder),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=() if self.lock is None else (self.lock,),
                start_new_session=True,
            )
        except OSError as error:
            return Ran(NOT_FOUND, "", f"{arguments[0]}: {error.strerror}")
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return Ran(TIMED_OUT, "", f"{' '.join(arguments)} did not end within {timeout:g} seconds")
        return Ran(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
