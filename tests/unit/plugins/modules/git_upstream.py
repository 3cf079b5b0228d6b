# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real git repositories for the tests of engine_checkout, and programs before the real ones that note how they are called."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

GIT = shutil.which("git") or "git"


def git(folder: Path, *arguments: str) -> str:
    """Run the real git as somebody who works in a checkout."""
    names = {
        f"GIT_{who}_{what}": "somebody@acme.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        [GIT, *arguments],
        cwd=folder,
        env={**os.environ, **names, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


class Upstream:
    """The repository of an application, with one commit a version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commits: dict[str, str] = {}
        folder.mkdir(parents=True)
        git(folder, "init", "--quiet", "-b", "main")
        (folder / "Gemfile.lock").write_text("as in the repository\n")

    @property
    def url(self) -> str:
        return str(self.folder)

    def release(self, version: str, annotated: bool = False) -> str:
        """Commit something new and tag it; returns the commit's hash."""
        (self.folder / "version").write_text(f"{version}\n")
        (self.folder / "app").mkdir(exist_ok=True)
        (self.folder / "app" / "start.rb").write_text(f"puts '{version}'\n")
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "-m", f"Version {version}")
        git(self.folder, "tag", version, *(["-a", "-m", version] if annotated else []))
        self.commits[version] = git(self.folder, "rev-parse", "HEAD")
        return self.commits[version]


def note_calls(folder: Path, program: str, before: str = "") -> Path:
    """Put a program of this name before the real one; returns the file where its calls are noted.

    Each call is a line ``argv <arguments>`` and a line ``env <names>``. before: shell text that is run first.
    """
    real, log = shutil.which(program), folder / f"{program}.calls"
    folder.mkdir(exist_ok=True)
    script = folder / program
    script.write_text(
        "#!/bin/sh\n"
        f"printf 'argv %s\\n' \"$(printf '%s ' \"$@\" | tr '\\n' ' ')\" >> '{log}'\n"
        f"printf 'env %s\\n' \"$(env -0 | cut -z -d= -f1 | tr '\\0' ' ')\" >> '{log}'\n"
        f"{before}\n"
        f"exec '{real}' \"$@\"\n"
    )
    script.chmod(0o755)
    log.touch()
    return log


def noted(log: Path, what: str = "argv") -> list[str]:
    """The noted lines of one sort."""
    return [line.split(" ", 1)[1].strip() for line in log.read_text().splitlines() if line.startswith(f"{what} ")]


def everything_below(folder: Path) -> bytes:
    """Names and contents of all files, to look for what must not be there."""
    parts: list[bytes] = []
    for path in sorted(folder.rglob("*")):
        parts.append(os.fsencode(path))
        if path.is_file() and not path.is_symlink():
            parts.append(path.read_bytes())
    return b"\n".join(parts)
