# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on the VM must be understood by the oldest Python that ansible-core manages hosts with, which is 3.8."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._engine import run

PLUGINS = Path(run.__file__).parents[2]
FILES = [
    PLUGINS / "module_utils" / "_masking.py",
    *sorted((PLUGINS / "module_utils" / "_engine").glob("*.py")),
    *sorted((PLUGINS / "modules").glob("engine_*.py")),
]
# Came with Python 3.9 to 3.12.
YOUNGER = {
    "removeprefix",
    "removesuffix",
    "with_stem",
    "hardlink_to",
    "readlink",
    "is_relative_to",
    "pairwise",
    "batched",
}
UTILS = "ansible_collections.placeos.office365.plugins.module_utils"
OURS = (UTILS + "._engine", UTILS + "._masking")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_file_is_understood_by_python_3_8(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 8))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    given = {word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords}
    assert not used & YOUNGER
    assert not given & {"slots", "kw_only", "strict"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_file_needs_the_standard_library_only(path: Path) -> None:
    tree = ast.parse(path.read_text())
    modules = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    modules |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    others = {m for m in modules if m.split(".")[0] not in sys.stdlib_module_names and not m.startswith(OURS)}
    assert others <= {"ansible.module_utils.basic"}
