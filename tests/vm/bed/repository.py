# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The git repository that plays o365-engine: releases that are well, and releases that are not."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .image import AUTHORITY

AUTHOR = {
    "GIT_AUTHOR_NAME": "A developer",
    "GIT_AUTHOR_EMAIL": "developer@example.com",
    "GIT_COMMITTER_NAME": "A developer",
    "GIT_COMMITTER_EMAIL": "developer@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}
# What an engine whose application is broken says before it ends, its environment included.
BROKEN_START = """\
echo "rake aborted!"
echo "NoMethodError: undefined method for office client $OFFICE_CLIENT_ID with $OFFICE_CLIENT_SECRET"
exit 1
"""


class Repository:
    """A bare repository in the folder that the servers serve, and the work tree that its releases are made in."""

    def __init__(self, served: Path, name: str = "o365-engine") -> None:
        self.served = served
        self.name = name
        self.bare = served / f"{name}.git"
        self.tree = served.parent / f"{name}-of-a-developer"

    def create(self) -> None:
        """Make both, empty."""
        for folder in (self.bare, self.tree):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", ".")
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        self.git("config", "core.hooksPath", os.devnull, folder=self.bare)

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        """Run git in the developer's work tree, or in another folder."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.served), **AUTHOR}
        command = ["git", "-c", "safe.directory=*", *arguments]
        answer = subprocess.run(
            command, cwd=folder or self.tree, env=environment, check=True, capture_output=True, text=True
        )
        return answer.stdout.strip()

    def release(self, tag: str, *, files: dict[str, str] | None = None, remove: tuple[str, ...] = ()) -> str:
        """Commit a release that is well, unless `files` and `remove` say otherwise; push it and return its hash."""
        contents = {
            "Gemfile": 'gem "rails"\n',
            "Gemfile.lock": "GEM of the repository\n",
            "RELEASE": f"{tag}\n",
            AUTHORITY: f'{{"version": "v1.0.0", "application": "o365-engine {tag}"}}\n',
            **(files or {}),
        }
        for name, text in contents.items():
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / name).write_text(text, encoding="utf-8")
        for name in remove:
            (self.tree / name).unlink()
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", f"Release {tag}")
        self.git("tag", tag)
        self.git("push", "--quiet", str(self.bare), "main", "--tags")
        return self.git("rev-parse", "HEAD")

    def release_without_answer(self, tag: str) -> str:
        """A release that starts, but does not answer /auth/authority."""
        return self.release(tag, remove=(AUTHORITY,))

    def release_that_ends(self, tag: str) -> str:
        """A release with which the engine ends at once, after it has printed a secret."""
        commit = self.release(tag, files={"start.sh": BROKEN_START})
        (self.tree / "start.sh").unlink()
        return commit
