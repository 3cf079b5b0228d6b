# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The override file that several roles share, and the env file beside it.

Each role replaces its own share: variables, or mounts. The other's is taken from the present override file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import values
from .documents import MARK, SECRET_NAMES, Document, NotUnderstood, read

# The check-list for the integration writes the folder with a zero.
_TYPO = re.compile(r"\b0365-engine\b")
_DEFAULT_NAMES = tuple(f"{name}.override.{end}" for name in ("docker-compose", "compose") for end in ("yml", "yaml"))


@dataclass(frozen=True)
class Share:
    """What a role has to say about the service; nothing where it leaves the present share as it is."""

    environment: Mapping[str, object] | None = None
    secrets: Mapping[str, object] | None = None
    env_file: str = "engine_environment.env"
    # Paths on the host, each with the path in the container.
    volumes: Mapping[str, str] | None = None

    @property
    def has_variables(self) -> bool:
        """Whether the share is one of variables."""
        return self.environment is not None or self.secrets is not None


@dataclass
class Override:
    """What is to be written, or why it cannot be."""

    files: list[dict[str, str]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Service:
    """The service in the override file: raw texts, a $ in them doubled already."""

    env_file: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    secret_names: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)


def build(texts: Mapping[str, str], name: str, service: str, share: Share, setting: str = "") -> Override:
    """The files that give a service its share.

    Args:
        texts: the Compose files of the project by name, in the order in which Compose merges them.
        name: name of the override file, which may be among them.
        service: the service.
        share: what the role has to say.
        setting: the variable of the inventory that names the override file, for advice.
    """
    result = Override()
    documents, present = _read(texts, name, setting or "the override file's name", result)
    result.faults += _share_faults(share)
    if not result.faults and not any(service in document.services for document in documents):
        known = sorted({known for document in documents for known in document.services})
        result.faults.append(
            f"{', '.join(d.name for d in documents)}: has no service {service}; it has {', '.join(known) or 'none'}"
        )
    if result.faults:
        return result
    made = _kept(present, service)
    if share.has_variables:
        _put_variables(made, share, documents, service, result)
    if share.volumes is not None:
        made.volumes = [f"{source}:{_spelling(documents, service, path)}" for source, path in share.volumes.items()]
        made.volumes = [values.doubled(volume) for volume in made.volumes]
    _warn_of_typo(documents, result)
    result.secrets += [made.environment[secret].replace("$$", "$") for secret in made.secret_names]
    version = documents[0].version
    text = _written(made, service, version)
    result.files.append({"path": name, "content": text} if text else {"path": name, "state": "absent"})
    return result


def _read(
    texts: Mapping[str, str], name: str, setting: str, result: Override
) -> tuple[list[Document], Document | None]:
    """The client's files, and the present override file if it is ours."""
    documents = []
    present = None
    for file, text in texts.items():
        mine = posixpath.normpath(file) == posixpath.normpath(name)
        if mine and not text.startswith(MARK):
            result.faults.append(_not_ours(list(texts), name, setting))
            continue
        try:
            document = read(file, text)
        except NotUnderstood as error:
            result.faults.append(str(error))
            continue
        if mine:
            present = document
        elif document.services:
            documents.append(document)
        elif not documents:
            result.faults.append(
                f"{file}: has no key services; write it in a version of the format from 2 on, which every Compose reads"
            )
    if not texts or (not documents and not result.faults):
        result.faults.append("there is no Compose file of the project beside the override file")
    return documents, present


def _not_ours(names: list[str], name: str, setting: str) -> str:
    other = "docker-compose.placeos.yml"
    return (
        f"{name}: was not written by this collection, so it is left alone. Set {setting} to another name, such as "
        f"{other}, and let Compose read all files by writing into the file .env beside it: "
        f"COMPOSE_FILE={':'.join([*names, other])}"
    )


def _share_faults(share: Share) -> list[str]:
    named = {**dict.fromkeys(share.environment or {}), **dict.fromkeys(share.secrets or {})}
    faults = [
        f"{name}: is no name of a variable; use letters, digits and _"
        for name in named
        if not values.NAME.match(str(name))
    ]
    for given in (share.environment or {}, share.secrets or {}):
        faults += [f"{name}: {values.fault(value)}" for name, value in given.items() if values.fault(value)]
    twice = sorted((share.environment or {}).keys() & (share.secrets or {}).keys())
    faults += [f"{name}: is given as a secret and as a variable that is none" for name in twice]
    for source, path in (share.volumes or {}).items():
        faults += [
            f"volumes: {place!r} must be an absolute path without a colon"
            for place in (source, path)
            if not str(place).startswith("/") or ":" in str(place) or values.fault(place)
        ]
    return faults


def _kept(present: Document | None, service: str) -> _Service:
    """The present share of all roles."""
    if present is None:
        return _Service()
    said: Mapping[str, Any] = present.service(service)
    environment = {name: value or "" for name, value in present.environment(service).items()}
    env_file = said.get("env_file") or []
    return _Service(
        env_file=[env_file] if isinstance(env_file, str) else [str(file) for file in env_file],
        environment=environment,
        secret_names=[name for name in present.secret_names if name in environment],
        volumes=[str(volume) for volume in said.get("volumes") or []],
    )


def _put_variables(made: _Service, share: Share, documents: list[Document], service: str, result: Override) -> None:
    """Replace the share of variables; secrets go into the env file where they can."""
    open_values = {name: values.text(value) for name, value in (share.environment or {}).items()}
    secret_values = {name: values.text(value) for name, value in (share.secrets or {}).items()}
    result.secrets += secret_values.values()
    # A variable under "environment" wins over one in an env file, so ours has to stand there as well.
    outdone = _warn_of_stale(documents, service, open_values, secret_values, result)
    lines = {n: v for n, v in secret_values.items() if values.plain(v) and n not in outdone}
    inline = {n: v for n, v in secret_values.items() if n not in lines}
    made.environment = {n: values.doubled(v) for n, v in sorted({**open_values, **inline}.items())}
    made.secret_names = sorted(inline)
    made.env_file = [share.env_file] if lines else []
    content = f"{MARK} Do not edit: the next run replaces it.\n" + "".join(
        f"{name}={value}\n" for name, value in sorted(lines.items())
    )
    file = {"path": share.env_file, "content": content} if lines else {"path": share.env_file, "state": "absent"}
    result.files.append(file)


def _warn_of_stale(
    documents: list[Document],
    service: str,
    open_values: Mapping[str, str],
    secret_values: Mapping[str, str],
    result: Override,
) -> set[str]:
    """Variables of ours that the client's own files set too, with a warning for each that matters."""
    stale = set()
    for document in documents:
        theirs = document.environment(service)
        for name in sorted(theirs.keys() & {**open_values, **secret_values}.keys()):
            stale.add(name)
            if name in secret_values:
                result.warnings.append(
                    f"{document.name} sets {name} for {service}, where more people may read it than should; it would "
                    "also win over an env file, so the value of the inventory goes into the override file. Remove the "
                    f"line from {document.name}"
                )
            elif theirs[name] != values.doubled(open_values[name]):
                result.warnings.append(
                    f"{document.name} sets {name} for {service} to another value; the inventory's wins. Remove the "
                    f"line from {document.name}"
                )
    return stale


def _spelling(documents: list[Document], service: str, path: str) -> str:
    """A container path as the client's files spell it: Compose merges mounts by the letter."""
    for document in reversed(documents):
        for _source, target in document.mounts(service):
            if target and posixpath.normpath(target) == posixpath.normpath(path):
                return target
    return path


def _warn_of_typo(documents: list[Document], result: Override) -> None:
    for document in documents:
        for number in document.lines_with(_TYPO):
            result.warnings.append(
                f"{document.name}, line {number}: 0365-engine is written with a zero; the checkout's folder is "
                "o365-engine, with the letter. Docker makes an empty folder for a source that is not there, and mounts "
                "that. A mount by the role engine_app at the same path in the container wins over this line; "
                "correct it or remove it"
            )


def _written(made: _Service, service: str, version: str | None) -> str:
    """The override file; nothing where it would say nothing."""
    lines: list[str] = []
    if made.env_file:
        lines += ["    env_file:", *(f"      - {values.quoted(file)}" for file in made.env_file)]
    if made.environment:
        lines += ["    environment:", *(f"      {n}: {values.quoted(v)}" for n, v in made.environment.items())]
    if made.volumes:
        lines += ["    volumes:", *(f"      - {values.quoted(volume)}" for volume in made.volumes)]
    if not lines:
        return ""
    head = [f"{MARK} Do not edit: the next run replaces it."]
    head += [SECRET_NAMES + ", ".join(made.secret_names)] if made.secret_names else []
    # docker-compose 1.x refuses files of different versions.
    head += [f"version: {values.quoted(version)}"] if version is not None else []
    return "\n".join([*head, "services:", f"  {service}:", *lines]) + "\n"
