# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a commit from the remote repository into the bare one beside the releases, and from there into a release.

Standard library only; it runs on the client's VM.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from .git import Git, GitError
from .versions import Resolved

_COMMITS = "refs/placeos/commits/"
# git's servers by protocol, and a plain web server.
_BY_NAME_ONLY = re.compile(
    r"not our ref|unadvertised object|(?i:couldn't find remote ref)|no such remote ref|dumb http"
)
_ALL = ("+refs/heads/*:refs/placeos/heads/*", "+refs/tags/*:refs/placeos/all_tags/*")


class Fetcher:
    """The bare repository, with a git that can reach the remote one."""

    def __init__(self, git: Git, cache: Path) -> None:
        self.git = git
        self.cache = cache

    def fetch(self, url: str, wanted: Resolved) -> None:
        """Have a commit in the bare repository, with no more of its history than is needed. Raises GitError."""
        self._prepare()
        if self._has(wanted.commit):
            return
        target = f"{_COMMITS}{wanted.commit}"
        try:
            # By its hash: the name could have moved since it was looked up.
            self._git("fetch", "--quiet", "--no-tags", "--depth=1", "--", url, f"+{wanted.commit}:{target}")
        except GitError as refused:
            if not _BY_NAME_ONLY.search(refused.words):
                raise
            # Old servers hand out named commits only. Then the hash may be anywhere in the history.
            self._fetch_all(url)
            if not self._knows(wanted.commit):
                raise
            self._git("update-ref", target, wanted.commit)

    def find(self, url: str, beginning: str) -> Resolved | None:
        """The commit whose hash begins so, looked for in the whole history. Raises GitError if there are several."""
        self._prepare()
        self._fetch_all(url)
        try:
            found = self._git("rev-parse", "--verify", f"{beginning}^{{commit}}").strip()
        except GitError as error:
            if "ambiguous" in error.words:
                raise
            return None
        return Resolved(found, "commit") if found.startswith(beginning) else None

    def note_tag(self, wanted: Resolved) -> str:
        """Remember where a tag was seen; returns the commit at which it was before, if it has moved."""
        name = f"refs/placeos/tags/{wanted.ref.split('/', 2)[2]}"
        try:
            former = self._git("rev-parse", "--quiet", "--verify", name).strip()
        except GitError:
            former = ""
        if former != wanted.commit:
            self._git("update-ref", name, wanted.commit)
        return former if former != wanted.commit else ""

    def checkout(self, url: str, commit: str, folder: Path) -> None:
        """Make a complete checkout in an empty folder, independent of the bare repository. Raises GitError."""
        run = self.git.run
        # No templates: hooks of the machine have no place here.
        run("init", "--quiet", "--template=", cwd=folder)
        try:
            self._hand_over(commit, folder)
        except GitError:
            # The bare repository is damaged. It only saves time, so it is made anew.
            shutil.rmtree(self.cache)
            self.fetch(url, Resolved(commit, "commit"))
            self._hand_over(commit, folder)
        # For people who look into it, and for submodules with relative addresses.
        run("remote add", "origin", url, cwd=folder)
        run("checkout", "--quiet", "--detach", commit, cwd=folder)
        if (folder / ".gitmodules").is_file():
            run("submodule update", "--quiet", "--init", "--recursive", cwd=folder)

    def _hand_over(self, commit: str, folder: Path) -> None:
        local = self.git.reaching([], {"GIT_ALLOW_PROTOCOL": "file"})
        source = f"{_COMMITS}{commit}"
        local.run("fetch", "--quiet", "--no-tags", "--depth=1", "--", str(self.cache), source, cwd=folder)

    def _prepare(self) -> None:
        if self.cache.is_dir():
            if self._answers("rev-parse", "--is-bare-repository"):
                return
            shutil.rmtree(self.cache)  # ours, and not a repository: a killed run has left it so
        self.cache.mkdir(mode=0o755)
        self._git("init", "--quiet", "--bare", "--template=")

    def _fetch_all(self, url: str) -> None:
        whole = ["--unshallow"] if (self.cache / "shallow").exists() else []
        self._git("fetch", "--quiet", "--no-tags", *whole, "--", url, *_ALL)

    def _has(self, commit: str) -> bool:
        return self._answers("rev-parse", "--quiet", "--verify", f"{_COMMITS}{commit}^{{tree}}")

    def _knows(self, commit: str) -> bool:
        return self._answers("cat-file", "-e", f"{commit}^{{commit}}")

    def _answers(self, what: str, *arguments: str) -> bool:
        return self.git.succeeds(what, *arguments, cwd=self.cache)

    def _git(self, what: str, *arguments: str) -> str:
        return self.git.run(what, *arguments, cwd=self.cache)
