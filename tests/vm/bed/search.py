# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches folders for a text that should not be there, or only in certain files."""

from __future__ import annotations

import base64
import json
from pathlib import Path


def forms(secret: str) -> set[bytes]:
    """Return how a secret may be written: as it is (line by line when it is a key), escaped, and in base64."""
    # A key's first line between its marks says of what kind it is, and all keys of a kind share it.
    lines = [line for line in secret.splitlines() if len(line) > 20 and "-----" not in line][1:] or [secret]
    plain = {line for text in lines for line in (text, text.replace("$", "$$"))}
    # As in JSON, in JSON inside of JSON, and in both quotes of YAML.
    quoted = {json.dumps(text)[1:-1] for text in plain}
    quoted |= {json.dumps(text)[1:-1] for text in quoted} | {text.replace("'", "''") for text in plain}
    return {text.encode() for text in plain | quoted} | {base64.b64encode(text.encode()) for text in plain}


def shows(text: str, secret: str) -> bool:
    """Is a secret somewhere in a text, in any of its forms?"""
    return any(form in text.encode("utf-8", "surrogateescape") for form in forms(secret))


def files_with(secret: str, *folders: Path) -> dict[Path, int]:
    """Return each file that holds a secret, with its mode; links are looked at, not through."""
    wanted = forms(secret)
    found: dict[Path, int] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_symlink():
                content = str(file.readlink()).encode()
            elif file.is_file():
                content = file.read_bytes()
            else:
                continue
            if any(form in content for form in wanted):
                found[file] = file.lstat().st_mode & 0o7777
    return found
