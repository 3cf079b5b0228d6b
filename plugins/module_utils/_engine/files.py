# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a project folder: read and written whole, never through a link that leads elsewhere."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ansible_collections.placeos.office365.plugins.module_utils._engine.run import EngineError

_TEMPORARY = ".placeos_office365.tmp"


@dataclass(frozen=True)
class Content:
    """A file as it is, or as it is to be; without data there is none."""

    data: bytes | None
    mode: int = 0o600
    uid: int | None = None
    gid: int | None = None

    @property
    def text(self) -> str:
        """The data as text."""
        return (self.data or b"").decode("utf-8", "replace")


ABSENT = Content(None)


class Folder:
    """A project folder, and the files below it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.real = path.resolve()

    def place(self, name: str) -> Path:
        """Where a file is, by its path relative to the folder.

        Raises:
            EngineError: it is not below the folder, or a link.
        """
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts or not relative.name:
            raise EngineError(f"files: {name!r} is not a path below {self.path}")
        place = self.real / relative
        if not place.parent.is_dir():
            raise EngineError(f"files: the folder {place.parent} does not exist")
        if place.parent.resolve() != place.parent or place.is_symlink():
            raise EngineError(
                f"{place} is a link or lies behind one; links are not followed. Replace it by the real file"
            )
        if place.exists() and not place.is_file():
            raise EngineError(f"{place} is there, but not a file")
        return place

    def read(self, name: str) -> Content:
        """A file's content, mode and owner."""
        place = self.place(name)
        try:
            descriptor = os.open(str(place), os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return ABSENT
        with open(descriptor, "rb") as file:  # noqa: PTH123 - opened above, without following a link
            about = os.fstat(file.fileno())
            return Content(file.read(), stat.S_IMODE(about.st_mode), about.st_uid, about.st_gid)

    def write(self, name: str, content: Content) -> None:
        """Make a file what it is to be: written beside its place, then renamed."""
        place = self.place(name)
        if content.data is None:
            with suppress(FileNotFoundError):
                place.unlink()
        else:
            beside = _beside(place)
            with suppress(FileNotFoundError):
                beside.unlink()
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            descriptor = os.open(str(beside), flags, 0o600)
            try:
                with open(descriptor, "wb") as file:  # noqa: PTH123 - opened above, readable by its owner only
                    file.write(content.data)
                    file.flush()
                    if content.uid is not None and os.geteuid() == 0:
                        os.fchown(file.fileno(), content.uid, -1 if content.gid is None else content.gid)
                    os.fchmod(file.fileno(), content.mode)
                    os.fsync(file.fileno())
                beside.replace(place)
            except BaseException:
                with suppress(FileNotFoundError):
                    beside.unlink()
                raise
        sync(place.parent)

    def sweep(self, names: Iterable[str]) -> None:
        """Remove what a killed run has left beside these files."""
        for name in names:
            with suppress(FileNotFoundError):
                _beside(self.place(name)).unlink()


def _beside(place: Path) -> Path:
    return place.with_name(f".{place.name}{_TEMPORARY}")


def sync(folder: Path) -> None:
    """Make the renames in a folder last."""
    descriptor = os.open(str(folder), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def same(present: Content, desired: Content) -> bool:
    """Whether a file is as desired; a file of somebody else is not, whatever it says."""
    if present.data is None or desired.data is None:
        return present.data is desired.data
    return present.data == desired.data and present.mode == desired.mode and present.uid == os.geteuid()
