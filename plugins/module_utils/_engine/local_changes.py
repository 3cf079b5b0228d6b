# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what somebody has changed in a checkout: files, and commits that are nowhere else.

Standard library only; it runs on the client's VM. Nothing is written.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .git import Git, GitError

SHOWN = 20
"""Files and commits of one checkout that a message lists."""


@dataclass(frozen=True)
class LocalChanges:
    """What is in a checkout only.

    files: lines of ``git status --porcelain``. commits: short hash and subject. unreadable: why it cannot be told.
    """

    path: str
    files: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    unreadable: str = ""

    def __bool__(self) -> bool:
        return bool(self.files or self.commits or self.unreadable)

    def lines(self) -> list[str]:
        """For people: a line for the checkout, then one for each change."""
        changes = [*self.files[:SHOWN], *(f"commit {commit}" for commit in self.commits[:SHOWN])]
        rest = len(self.files) + len(self.commits) - len(changes)
        if self.unreadable:
            changes.append(f"cannot be examined: {self.unreadable}")
        return [f"{self.path}:", *(f"  {change}" for change in changes), *([f"  … and {rest} more"] if rest else [])]

    def result(self) -> dict[str, Any]:
        """As an entry of the module's result."""
        return {
            "path": self.path,
            "files": list(self.files),
            "commits": list(self.commits),
            "unreadable": self.unreadable,
        }


def examine(git: Git, checkout: Path, expected: Sequence[str] = (), base: str = "") -> LocalChanges:
    """Look for changes in a checkout; without a ``.git`` of its own it is none, and has none.

    expected: patterns of files that the engine itself changes. base: the commit that was checked out, in a release;
    without it the commits that no remote branch or tag has are looked for.
    """
    if not (checkout / ".git").exists():
        return LocalChanges(str(checkout))
    try:
        git = git.as_owner_of(checkout)
        shown = git.run(
            "status", "--porcelain", "-z", "--untracked-files=all", "--ignore-submodules=none", cwd=checkout
        )
        commits = _commits(git, checkout, base)
    except (GitError, OSError) as error:
        words = error.words if isinstance(error, GitError) else str(error)
        return LocalChanges(str(checkout), unreadable=words)
    files = [line for line, names in _entries(shown) if not all(_matches(name, expected) for name in names)]
    return LocalChanges(str(checkout), tuple(files), tuple(commits))


def _commits(git: Git, checkout: Path, base: str) -> list[str]:
    if not git.succeeds("rev-parse", "--quiet", "--verify", "HEAD^{commit}", cwd=checkout):
        return []  # nothing was committed yet
    if not base and not git.run("for-each-ref", "--count=1", "refs/remotes", cwd=checkout).strip():
        return []  # there is no other place to compare with
    # A stash is a commit as well. The brackets make a pattern of its name, which --glob needs.
    mine = ["HEAD", "--branches", "--glob=refs/stas[h]"]
    known = ["--remotes", "--tags", *([base] if base else [])]
    listed = git.run("log", "--format=%h %s", "-n", "200", *mine, "--not", *known, "--", cwd=checkout)
    return listed.splitlines()


def _entries(shown: str) -> list[tuple[str, list[str]]]:
    """The lines of ``git status --porcelain -z``: as shown, and the names in them (two for a rename)."""
    fields = iter(shown.split("\0"))
    entries: list[tuple[str, list[str]]] = []
    for entry in fields:
        if not entry:
            continue
        state, name = entry[:2], entry[3:]
        if "R" in state or "C" in state:
            former = next(fields, "")
            entries.append((f"{state} {former} -> {name}", [former, name]))
        else:
            entries.append((f"{state} {name}", [name]))
    return entries


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
