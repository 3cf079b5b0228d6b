# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the project folder: whole or not at all, and never behind a link."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._engine.files import ABSENT, Content, Folder
from ansible_collections.placeos.office365.plugins.module_utils._engine.run import EngineError

if TYPE_CHECKING:
    from pathlib import Path


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_file_is_written_with_its_mode_and_nothing_beside_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write("a.env", Content(b"A=1\n", 0o640))
    assert folder.read("a.env").data == b"A=1\n"
    assert (tmp_path / "a.env").stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == ["a.env"]


def test_a_file_that_cannot_be_finished_leaves_the_present_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path)
    folder.write("a.env", Content(b"A=1\n"))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        folder.write("a.env", Content(b"A=2\n"))
    assert (tmp_path / "a.env").read_text() == "A=1\n"
    assert names(tmp_path) == ["a.env"]


def test_no_content_removes_the_file_and_again_does_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write("a.env", Content(b"A=1\n"))
    folder.write("a.env", ABSENT)
    folder.write("a.env", ABSENT)
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.env", "sub/../../a.env", ""])
def test_paths_outside_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(EngineError, match="is not a path below"):
        Folder(tmp_path).place(name)


def test_links_are_refused_wherever_they_are(tmp_path: Path) -> None:
    project, outside = tmp_path / "aca", tmp_path / "outside"
    project.mkdir()
    outside.mkdir()
    (project / "sub").symlink_to(outside)
    (project / "a.env").symlink_to(outside / "a.env")
    for name in ("sub/a.env", "a.env"):
        with pytest.raises(EngineError, match="links are not followed"):
            Folder(project).write(name, Content(b"A=1\n"))
    assert names(outside) == []


def test_a_project_folder_that_is_a_link_itself_is_the_administrators_choice(tmp_path: Path) -> None:
    (tmp_path / "aca-2").mkdir()
    (tmp_path / "aca").symlink_to(tmp_path / "aca-2")
    Folder(tmp_path / "aca").write("a.env", Content(b"A=1\n"))
    assert names(tmp_path / "aca-2") == ["a.env"]


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.env").mkdir()
    with pytest.raises(EngineError, match="is there, but not a file"):
        Folder(tmp_path).read("a.env")
