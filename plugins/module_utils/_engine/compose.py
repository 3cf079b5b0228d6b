# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Compose there is, which files it reads, and what it is asked to do.

Both generations are known by what they are documented to do: docker-compose 1.x (Python) and the plugin (2 and later).
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.placeos.office365.plugins.module_utils._engine.run import EngineError, Programs, Ran

CANDIDATES = (("docker", "compose"), ("docker-compose",))
# In the order in which each generation prefers them where several are there.
BASE_V1 = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
BASE_V2 = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDE = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
# Seconds that an image may take to be pulled, and a container to stop.
UP = 1800
_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.\d+)?\S*")


class Compose:
    """One Compose command, run in the project's folder."""

    def __init__(self, programs: Programs, command: Sequence[str], version: str) -> None:
        self.programs = programs
        self.command = tuple(command)
        self.version = version
        self.is_v1 = version.startswith("1.")

    @property
    def name(self) -> str:
        """The command as a person types it."""
        return " ".join(self.command)

    def run(self, *arguments: str, timeout: float = 120) -> Ran:
        """Run one of its commands."""
        return self.programs.run([*self.command, *arguments], timeout)

    def check(self) -> str:
        """What is wrong with the merged files in Compose's words; nothing when they are good."""
        ran = self.run("config", "-q")
        return "" if ran.rc == 0 else ran.words

    def services(self) -> list[str]:
        """Names of the services."""
        return self.run("config", "--services").out.split()

    def config(self) -> str | None:
        """The merged files as one text, all variables and env files resolved: it is full of secrets."""
        ran = self.run("config")
        return ran.out if ran.rc == 0 else None

    def config_hash(self, service: str) -> str | None:
        """Compose's own hash of a service; in version 1 it equals the label of an up-to-date container."""
        ran = self.run("config", "--hash", service)
        found = [line.split() for line in ran.out.splitlines()]
        return next((words[1] for words in found if len(words) == 2 and words[0] == service), None)

    def container_ids(self, service: str) -> list[str] | None:
        """Ids of the service's containers, stopped ones too; nothing where Compose cannot read its files."""
        # Version 1 lists stopped containers anyway. For both, "-a" would add those of "run".
        ran = self.run("ps", "-q", *([] if self.is_v1 else ["-a"]), service)
        return ran.out.split() if ran.rc == 0 else None

    def up(self, service: str) -> Ran:
        """Create, or re-create when its configuration has changed, and start the service's container only."""
        return self.run("up", "-d", "--no-deps", service, timeout=UP)

    def remove(self, service: str) -> Ran:
        """Stop and remove the service's container."""
        return self.run("rm", "-s", "-f", service, timeout=UP)


def find_compose(programs: Programs, command: Sequence[str] | None) -> Compose:
    """The Compose of this host: the given command, else the plugin, else the program of old.

    Raises:
        EngineError: neither works here, with what each said.
    """
    if not programs.folder.is_dir():
        raise EngineError(f"project_dir {programs.folder} is not a folder on this host")
    tried = []
    for candidate in [tuple(command)] if command else CANDIDATES:
        ran = programs.run([*candidate, "version", "--short"])
        version = _VERSION.search(ran.out) if ran.rc == 0 else None
        if version:
            return Compose(programs, candidate, version.group(0).lstrip("v"))
        tried.append(f"- {' '.join(candidate)}: {ran.words.splitlines()[0]}")
    said = "\n".join(tried)
    raise EngineError(
        f"Compose is needed on this host, but none was found; tried\n{said}\n"
        "Install one of the packages docker-compose-plugin (Docker's own), docker-compose-v2 (Ubuntu) or "
        "docker-compose (Debian), or name the command that runs it with the option command."
    )


@dataclass(frozen=True)
class Project:
    """The files that make up a project, in the order in which Compose merges them."""

    files: tuple[str, ...]
    # Where the list comes from: "", ".env" or "environment".
    listed_in: str
    # Files beside the base file that only one of can be read.
    overrides: tuple[str, ...] = ()

    def path(self, folder: Path, name: str) -> Path:
        """Where a file of the list is."""
        return Path(os.path.normpath(str(folder / name)))


def read_project(folder: Path, environment: Mapping[str, str], is_v1: bool, coming: Collection[str] = ()) -> Project:
    """The files that Compose reads in a folder; `coming` are names that count as there already.

    Raises:
        EngineError: there is no base file.
    """
    listed, source, separator = _compose_file(folder, environment)
    if listed:
        return Project(tuple(name for name in listed.split(separator) if name), source)

    def there(names: Sequence[str]) -> list[str]:
        return [name for name in names if name in coming or (folder / name).exists()]

    base = there(BASE_V1 if is_v1 else BASE_V2)
    if not base:
        raise EngineError(
            f"there is no Compose file in {folder}: looked for {', '.join(BASE_V1)}. "
            "Is it the folder of the Compose project?"
        )
    overrides = there(OVERRIDE)
    return Project((base[0], *overrides[: len(overrides) if is_v1 else 1]), "", tuple(overrides))


def unread(project: Project, folder: Path, name: str) -> str:
    """Why Compose would not read the file, and what to do about it; nothing when it would."""
    ours = project.path(folder, name)
    others = [other for other in project.overrides if other != name]
    if any(project.path(folder, listed) == ours for listed in project.files) and not others:
        return ""
    if project.listed_in:
        place = f"{folder / '.env'} sets" if project.listed_in == ".env" else "the environment sets"
        return (
            f"{place} COMPOSE_FILE to {':'.join(project.files)}, so Compose would not read {name}. "
            f"Add it at the end: COMPOSE_FILE={':'.join([*project.files, name])}"
        )
    reason = "Compose reads no file of that name by itself"
    if others:
        reason = f"{' and '.join(others)} is there too, and Compose reads one override file only"
    listed = ":".join([project.files[0], *(others or project.overrides), name])
    return f"Compose would not read {name}: {reason}. List all files in {folder / '.env'}: COMPOSE_FILE={listed}"


def present_files(project: Project, folder: Path) -> tuple[list[str], list[str]]:
    """The files of a project that are there, and those that are not."""
    there = [name for name in project.files if project.path(folder, name).is_file()]
    return there, [name for name in project.files if name not in there]


def _compose_file(folder: Path, environment: Mapping[str, str]) -> tuple[str, str, str]:
    """COMPOSE_FILE, where it is set, and what separates its names; the environment wins over .env."""
    try:
        text = (folder / ".env").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    separator = environment.get("COMPOSE_PATH_SEPARATOR") or _setting(text, "COMPOSE_PATH_SEPARATOR") or os.pathsep
    if environment.get("COMPOSE_FILE"):
        return environment["COMPOSE_FILE"], "environment", separator
    return _setting(text, "COMPOSE_FILE"), ".env", separator


def _setting(text: str, name: str) -> str:
    """One variable of an .env file; the last one counts."""
    found = re.findall(rf"^\s*(?:export\s+)?{name}\s*=\s*(.*?)\s*$", text, re.MULTILINE)
    value: str = found[-1] if found else ""
    if value[:1] in ("'", '"'):
        return value[1:].split(value[0], maxsplit=1)[0]
    return re.split(r"\s+#", value)[0].strip()
