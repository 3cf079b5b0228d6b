# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lays the collection out as ansible-test wants to find it: .build/ansible_collections/placeos/office365."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TREE = ROOT / ".build" / "ansible_collections" / "placeos" / "office365"


def source_files() -> list[str]:
    """Return every file of the work tree that git tracks or would track, without the link below collections/."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    names = (name for name in listing.split("\0") if name and not name.startswith("collections/"))
    return sorted(name for name in names if (ROOT / name).is_file())


def lay_out() -> Path:
    """Copy the work tree, uncommitted files included, and return the folder of the copy."""
    shutil.rmtree(TREE, ignore_errors=True)
    for name in source_files():
        (TREE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, TREE / name, follow_symlinks=False)
    # ansible-test asks git what there is to test. Without a repository of its own it would ask the one around the
    # copy, which ignores .build, and find nothing.
    subprocess.run(["git", "init", "--quiet", str(TREE)], check=True)
    return TREE
