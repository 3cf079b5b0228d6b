# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose files as somebody wrote them: services, variables and mounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

# The first line of an override file that this collection wrote, and the line that names secrets in it. The module that
# writes it on the host knows both lines too.
MARK = "# Written by the Ansible collection placeos.office365."
SECRET_NAMES = "# Secret: "


class NotUnderstood(Exception):
    """A file that is not a Compose file; the text says where and why, without quoting it."""


class _Loader(yaml.SafeLoader):
    """Reads Compose's own tags (!reset, !override) as if they were not there."""


def _untagged(loader: _Loader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_Loader.add_multi_constructor("!", _untagged)


@dataclass(frozen=True)
class Document:
    """One Compose file."""

    name: str
    text: str
    data: Mapping[str, Any]

    @property
    def ours(self) -> bool:
        """Whether this collection wrote it."""
        return self.text.startswith(MARK)

    @property
    def version(self) -> str | None:
        """Version of the format, where one is given."""
        version = self.data.get("version")
        return None if version is None else str(version)

    @property
    def services(self) -> Mapping[str, Any]:
        """The services by name."""
        services = self.data.get("services")
        return services if isinstance(services, Mapping) else {}

    def service(self, name: str) -> Mapping[str, Any]:
        """One service; an empty one where the file does not mention it."""
        service = self.services.get(name)
        return service if isinstance(service, Mapping) else {}

    def environment(self, service: str) -> dict[str, str | None]:
        """The variables of a service, in list or in map form; nothing for one that is passed through."""
        given = self.service(service).get("environment")
        if isinstance(given, Mapping):
            return {str(name): _text(value) for name, value in given.items()}
        pairs = [str(item).partition("=") for item in given] if isinstance(given, list) else []
        return {name: value if equals else None for name, equals, value in pairs}

    def mounts(self, service: str) -> list[tuple[str, str]]:
        """Source and container path of the service's volumes, as they are written."""
        given = self.service(service).get("volumes")
        return [_mount(item) for item in given] if isinstance(given, list) else []

    @property
    def secret_names(self) -> list[str]:
        """The variables that a file of ours says are secret."""
        lines = [line.removeprefix(SECRET_NAMES) for line in self.text.splitlines() if line.startswith(SECRET_NAMES)]
        return [name.strip() for line in lines for name in line.split(",")]

    def lines_with(self, pattern: re.Pattern[str]) -> list[int]:
        """Numbers of the lines that the pattern is found in, comments left out."""
        lines = enumerate(self.text.splitlines(), start=1)
        return [number for number, line in lines if pattern.search(line.split("#", 1)[0])]


def read(name: str, text: str) -> Document:
    """A Compose file from its text.

    Raises:
        NotUnderstood: it is no YAML, or no mapping. What it says is not repeated: there may be secrets in it.
    """
    try:
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise NotUnderstood(
            f"{name}: is not valid YAML{where}: {getattr(error, 'problem', None) or 'unreadable'}"
        ) from None
    if not isinstance(data, Mapping):
        raise NotUnderstood(f"{name}: is not a Compose file; it has no services")
    return Document(name, text, data)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mount(item: object) -> tuple[str, str]:
    if isinstance(item, Mapping):
        return str(item.get("source", "")), str(item.get("target", ""))
    source, colon, rest = str(item).partition(":")
    return (source, rest.split(":")[0]) if colon else ("", source)
