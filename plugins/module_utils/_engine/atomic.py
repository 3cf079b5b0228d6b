# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a small file whole or not at all. Standard library only; it runs on the client's VM."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file's text; after a crash it is the old or the new one.

    Beside it a file ``.<name>.new`` may be left behind, which the next writing replaces.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - opened above, with its mode
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
