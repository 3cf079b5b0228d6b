# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered between runs: the last known good files, and whether a change was under way.

``<project>/.placeos_office365/engine_compose.json`` is the journal, ``good/`` beside it holds copies of the files. The
steps of a change are written so that a run that is killed between any two of them can be undone by the next one:

1. the present files are copied to ``good/``
2. the journal says "changing" and which files are meant; from now on ``good/`` is the way back
3. the files are written, the container follows, its health is awaited
4. the journal says "good", then the new files are copied to ``good/``
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

from ansible_collections.placeos.office365.plugins.module_utils._engine.files import ABSENT, Content, Folder
from ansible_collections.placeos.office365.plugins.module_utils._engine.run import EngineError

STATE = ".placeos_office365"
JOURNAL = STATE + "/engine_compose.json"
COPIES = STATE + "/good"


@dataclass(frozen=True)
class Proven:
    """The container that was last seen healthy, and a hash of Compose's merged configuration at that time."""

    container: str = ""
    configuration: str = ""


@dataclass
class Journal:
    """The journal of one project folder."""

    folder: Folder
    changing: bool = False
    proven: Proven = field(default_factory=Proven)
    # What the files of the last change were before it; only of meaning while changing.
    before: dict[str, Content] = field(default_factory=dict)

    def begin(self, present: Mapping[str, Content]) -> None:
        """Note that these files are about to change. What is known to be good stays the way back."""
        self._make_folders()
        for name, content in present.items():
            if name not in self.before or not self.changing:
                self.before[name] = content
                self._copy(name, content)
        if not self.changing:
            self.before = dict(present)
        self.changing = True
        self._save()

    def unchanged(self) -> None:
        """Note that nothing has come of the change; the files are what they were."""
        self.changing = False
        self._save()

    def good(self, proven: Proven, present: Mapping[str, Content]) -> None:
        """Note that the files as they are now belong to a healthy container."""
        if not self.changing and self.proven == proven:
            return
        self._make_folders()
        self.changing, self.proven = False, proven
        self._save()
        for name, content in present.items():
            self._copy(name, content)

    def _copy(self, name: str, content: Content) -> None:
        copy = Content(content.data, 0o600)
        if self.folder.read(_copy_name(name)).data != copy.data:
            self.folder.write(_copy_name(name), copy)

    def _save(self) -> None:
        files = {
            name: {"there": content.data is not None, "mode": content.mode, "uid": content.uid, "gid": content.gid}
            for name, content in self.before.items()
        }
        about = {
            "about": "State of the Ansible module placeos.office365.engine_compose",
            "format": 1,
            "state": "changing" if self.changing else "good",
            "files": files if self.changing else {},
            "proven": asdict(self.proven),
        }
        text = json.dumps(about, indent=2, sort_keys=True) + "\n"
        self.folder.write(JOURNAL, Content(text.encode(), 0o600))

    def _make_folders(self) -> None:
        for name in (STATE, COPIES):
            place = self.folder.real / name
            if place.is_symlink():
                raise EngineError(f"{place} is a link; remove it")
            place.mkdir(mode=0o700, exist_ok=True)
            if place.stat().st_mode & 0o077:
                place.chmod(0o700)


def read_journal(folder: Folder) -> Journal:
    """The journal of a folder; one without it has never been changed.

    Raises:
        EngineError: the journal cannot be understood.
    """
    if not (folder.real / STATE).is_dir():
        return Journal(folder)
    content = folder.read(JOURNAL)
    if content.data is None:
        return Journal(folder)
    try:
        said = json.loads(content.data.decode())
        files = said["files"] if said["state"] == "changing" else {}
        before = {name: _content(folder, name, about) for name, about in files.items()}
        return Journal(folder, said["state"] == "changing", Proven(**said["proven"]), before)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        place = folder.real / JOURNAL
        raise EngineError(
            f"{place} cannot be read ({type(error).__name__}). Look whether the files in {place.parent / 'good'} "
            "are of use, then remove the journal"
        ) from None


def _content(folder: Folder, name: str, about: Mapping[str, Any]) -> Content:
    if not about["there"]:
        return ABSENT
    data = folder.read(_copy_name(name)).data
    if data is None:
        raise KeyError(name)
    return Content(data, about["mode"], about["uid"], about["gid"])


def _copy_name(name: str) -> str:
    return f"{COPIES}/{quote(name, safe='')}"


def leftovers(names: Iterable[str]) -> list[str]:
    """All files beside which a killed run may have left something."""
    return [*names, JOURNAL, *(_copy_name(name) for name in names)]
