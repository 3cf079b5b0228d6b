# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of the releases: which are there, making one, removing old ones. Nothing outside it is written.

    <directory>/repository.git         what was fetched, without credentials; may be deleted at any time
    <directory>/releases/<short hash>  complete checkouts, each with its own .git
    <directory>/history.json           which were in use
    <directory>/known_hosts            host keys that were accepted when first seen

Standard library only; it runs on the client's VM.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .atomic import write_atomically
from .history import HistoryError, read_history, show_history
from .lock import lock_within

if TYPE_CHECKING:
    from .history import Entry

SHORT = 12
"""Digits of a commit's hash in the name of its release."""

_NAME = re.compile(r"[0-9a-f]{12}(?:-(?P<number>\d+))?")
_OURS = ("releases", "repository.git", "history.json", ".lock")
# In the release's .git, where nothing looks on it as a part of the checkout. Written last: it says "complete".
_MARK = Path(".git", "placeos_release.json")


class LayoutError(Exception):
    """The folder cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Release:
    """A complete checkout. version: what the commit was called when it was made. created: UTC, sortable."""

    path: Path
    commit: str
    created: str
    version: str = ""

    @property
    def number(self) -> int:
        """1 for the first checkout of a commit, 2 for the next."""
        named = _NAME.fullmatch(self.path.name)
        return int((named and named.group("number")) or 1)


class Releases:
    """The releases below a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.folder = directory / "releases"
        self.cache = directory / "repository.git"
        self.learned_hosts = directory / "known_hosts"
        self._history = directory / "history.json"

    def check(self) -> None:
        """Refuse a directory that is somebody else's, or leads elsewhere. Raises LayoutError."""
        if not self.directory.is_absolute():
            raise LayoutError(f"{self.directory} is not an absolute path")
        for path in (self.directory, self.folder, self.cache, self._history):
            if path.is_symlink():
                raise LayoutError(f"{path} is a symbolic link; it must be a folder (or file) of its own")
        if not self.directory.exists():
            return
        if not self.directory.is_dir():
            raise LayoutError(f"{self.directory} is not a folder")
        names = {path.name for path in self.directory.iterdir()}
        if ".git" in names or (names and not names.intersection(_OURS)):
            what = "a checkout" if ".git" in names else "a folder with other contents"
            raise LayoutError(
                f"{self.directory} is {what} that was not made by this module; it is left alone. "
                "Give another directory for the releases (engine_app_directory)"
            )

    @contextlib.contextmanager
    def locked(self, patience: float) -> Iterator[int]:
        """Make the folders, and keep other runs out; yields the lock's descriptor.

        git inherits it: when a run was killed, its git may live on, and the next run waits for it. Afterwards what was
        left half done is removed. Raises LayoutError after so many seconds of waiting.
        """
        self.directory.mkdir(mode=0o755, exist_ok=True)
        self.folder.mkdir(mode=0o755, exist_ok=True)
        lock = os.open(self.directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if not lock_within(lock, patience):
                raise LayoutError(
                    f"another run, or the git of one that was killed, has been busy in {self.directory} for "
                    f"{patience:g} seconds; wait for it, or end it (fuser {self.directory / '.lock'})"
                )
            self._tidy()
            yield lock
        finally:
            os.close(lock)

    def named(self, path: str) -> str:
        """A path as this class writes it: others may have followed symbolic links above the directory."""
        given = Path(os.path.normpath(path))
        if os.path.realpath(given.parent) == os.path.realpath(self.folder):
            return str(self.folder / given.name)
        return str(given)

    def all(self) -> list[Release]:
        """Every complete release, the oldest first."""
        found = [self.read(path) for path in self.folder.iterdir()] if self.folder.is_dir() else []
        return sorted((release for release in found if release), key=lambda r: (r.created, r.path.name))

    def read(self, path: Path) -> Release | None:
        """The release at a path, if it is one of ours and complete."""
        if path.parent != self.folder or not _NAME.fullmatch(path.name) or path.is_symlink():
            return None
        try:
            mark = json.loads((path / _MARK).read_text())
            return Release(path, str(mark["commit"]), str(mark["created"]), str(mark.get("version", "")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def of_commit(self, beginning: str) -> list[Release]:
        """The releases of a commit, or of all commits that begin so."""
        return [release for release in self.all() if release.commit.startswith(beginning)]

    def new_path(self, commit: str) -> Path:
        """Where the next release of a commit belongs. Every path is used once, so that a switch is seen."""
        first = self.folder / commit[:SHORT]
        numbered = (self.folder / f"{first.name}-{number}" for number in range(2, 1000))
        return next(path for path in (first, *numbered) if not os.path.lexists(path))

    @contextlib.contextmanager
    def unfinished(self, path: Path, facts: Mapping[str, Any]) -> Iterator[Path]:
        """Yield a folder to make a release in; it gets its name when all is done, and goes when something fails."""
        folder = self.folder / f".new-{path.name}"
        folder.mkdir(mode=0o755)
        try:
            yield folder
            created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            (folder / _MARK).write_text(json.dumps({**facts, "created": created}) + "\n")
            # Otherwise the name could outlive a power cut that the contents do not.
            os.sync()
            folder.rename(path)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def remove(self, release: Release) -> None:
        """Remove a release: out of sight first, so that half of one is never taken for a whole one."""
        if self.read(release.path) != release:
            raise LayoutError(f"{release.path} is not a release of {self.directory}")
        doomed = self.folder / f".old-{release.path.name}"
        release.path.rename(doomed)
        shutil.rmtree(doomed)

    def history(self) -> list[dict[str, Any]]:
        """Which releases were in use. Raises LayoutError when the file is damaged."""
        try:
            return read_history(self._history.read_text())
        except FileNotFoundError:
            return []
        except (HistoryError, UnicodeDecodeError) as error:
            raise LayoutError(
                f"{self._history} {error}. Correct it, or move it away: then no release is known to have been in use"
            ) from error

    def write_history(self, entries: Sequence[Entry]) -> None:
        """Keep which releases were in use."""
        write_atomically(self._history, show_history(entries))

    def _tidy(self) -> None:
        for path in self.folder.iterdir():
            if path.name.startswith((".new-", ".old-")) and not path.is_symlink():
                shutil.rmtree(path)
        for path in self.directory.glob(".*.new"):
            path.unlink()
        # Whoever held these is gone, or it would hold our lock as well.
        for pattern in ("*.lock", "refs/**/*.lock", "objects/pack/tmp_*", "objects/tmp_*"):
            for path in self.cache.glob(pattern):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()


def now() -> str:
    """The time, as the history has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
