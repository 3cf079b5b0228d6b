# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not be shown: secrets in Compose's words, in log lines and in diffs."""

from __future__ import annotations

import json
import re

from ansible_collections.placeos.office365.plugins.module_utils._masking import MASK
from ansible_collections.placeos.office365.plugins.module_utils._masking import Secrets as Values

# The first line of an override file that this collection wrote, and the line that names secrets in it.
MARK = "# Written by the Ansible collection placeos.office365."
SECRET_NAMES = "# Secret: "
_ENV_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$")
_YAML_LINE = re.compile(r"^\s+([A-Za-z_][A-Za-z0-9_]*): (\".*\")$")
_TELLING = re.compile(r"secret|pass|token|key|cred|private", re.IGNORECASE)


class Secrets(Values):
    """Values that are replaced wherever they turn up, also those of a project's files."""

    def add_file(self, text: str) -> None:
        """Hide what a file of ours holds: all values of an env file, the secrets of an override file."""
        for name_and_value in map(_ENV_LINE.match, text.splitlines()):
            if name_and_value:
                self.add(_unquoted(name_and_value.group(2)))
        names = secret_names(text)
        for line in map(_YAML_LINE.match, text.splitlines()):
            if line and line.group(1) in names:
                self.add(json.loads(line.group(2)).replace("$$", "$"))

    def add_settings(self, text: str) -> None:
        """Hide those values of the project's .env file whose names say that they are secret."""
        for line in map(_ENV_LINE.match, text.splitlines()):
            if line and _TELLING.search(line.group(1)):
                self.add(_unquoted(line.group(2)))


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def secret_names(override: str) -> set[str]:
    """The variables that an override file of ours says are secret."""
    lines = [line for line in override.splitlines() if line.startswith(SECRET_NAMES)]
    return {name.strip() for line in lines for name in line[len(SECRET_NAMES) :].split(",")}


def shown(text: str, other: str, mark_changes: bool) -> str:
    """A file for a diff: names without values, except for what an override file says besides variables.

    Args:
        text: content of the file.
        other: its content on the other side of the diff.
        mark_changes: whether to say which values differ from the other side's.
    """
    other_values = dict(_named(line) for line in other.splitlines())
    lines = []
    for line in text.splitlines():
        if line.startswith(MARK):
            # Without it the text is not the option's value, which Ansible would mask as a whole.
            continue
        name, value = _named(line)
        if not name:
            lines.append(line if text.startswith(MARK) or not line.strip() else MASK)
            continue
        changed = mark_changes and name in other_values and other_values[name] != value
        # As it is written there: NAME=value in an env file, NAME: value in YAML.
        beginning = line[: line.index(name) + len(name)]
        sign = "=" if line[len(beginning)] == "=" else ": "
        lines.append(f"{beginning}{sign}{MASK}{' (changed)' if changed else ''}")
    return "".join(line + "\n" for line in lines)


def _named(line: str) -> tuple[str, str]:
    """Name and value of a variable, in an env file or under environment in an override file of ours."""
    found = _ENV_LINE.match(line) or _YAML_LINE.match(line)
    return (found.group(1), found.group(2)) if found else ("", "")
