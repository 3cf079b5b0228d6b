# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what an inventory calls a version to one commit. Pure; standard library only.

Source of the format: git-ls-remote(1): ``<hash> TAB <ref>``, where ``<tag>^{}`` is the commit of an annotated tag.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

FULL_HASH = re.compile(r"[0-9a-f]{40}")
HASH = re.compile(r"[0-9a-f]{7,40}")
_SIMILAR = 5


@dataclass(frozen=True)
class Resolved:
    """One commit. kind: how it was named; ``branch`` means that the name may be another commit tomorrow.

    ref: under which name the server has it, if it has one.
    """

    commit: str
    kind: str
    ref: str = ""


def as_hash(version: str) -> str:
    """The version in lower case where it can be a hash, otherwise nothing."""
    return version.lower() if HASH.fullmatch(version.lower()) else ""


def fault(version: str) -> str:
    """Why a version cannot be one, as a sentence; empty if it can."""
    if not version:
        return "is empty: give a commit hash or a tag"
    # git-check-ref-format(1)
    if version.startswith(("-", "/")) or version.endswith(("/", ".", ".lock")) or ".." in version or "@{" in version:
        return "is no name of a commit, tag or branch"
    if re.search(r"[\x00-\x20\x7f~^:?*\[\\]", version):
        return "is no name of a commit, tag or branch: it has a blank or one of ~ ^ : ? * [ \\ in it"
    return ""


def read_refs(listed: str) -> dict[str, str]:
    """What ``git ls-remote`` prints, as reference -> commit; annotated tags stand for their commits."""
    refs: dict[str, str] = {}
    for line in listed.splitlines():
        commit, tab, ref = line.partition("\t")
        if tab and FULL_HASH.fullmatch(commit):
            refs[ref.partition("^")[0]] = commit  # no name has a ^ in it
    return refs


def resolve(version: str, refs: Mapping[str, str]) -> Resolved | None:
    """Find a version among the references of the server: tag, then branch, then the hash of one of them.

    A full hash needs no reference. A short one of which the server names no commit gives None, as an unknown name does.
    """
    for ref, kind in ((version, ""), (f"refs/tags/{version}", "tag"), (f"refs/heads/{version}", "branch")):
        if ref in refs and (kind or ref.startswith("refs/")):
            return Resolved(refs[ref], kind or ("tag" if ref.startswith("refs/tags/") else "branch"), ref)
    hexadecimal = as_hash(version)
    if not hexadecimal:
        return None
    found = {commit: ref for ref, commit in sorted(refs.items(), reverse=True) if commit.startswith(hexadecimal)}
    if len(found) == 1:
        commit, ref = next(iter(found.items()))
        return Resolved(commit, "commit", ref)
    return Resolved(hexadecimal, "commit") if FULL_HASH.fullmatch(hexadecimal) else None


def similar(version: str, refs: Mapping[str, str]) -> list[str]:
    """Tags and branches that look like the one that is not there, the likeliest first."""
    names = [ref.split("/", 2)[2] for ref in refs if ref.startswith(("refs/tags/", "refs/heads/"))]
    close = difflib.get_close_matches(version, names, _SIMILAR, 0.5)
    bare = version.lower().lstrip("v")
    close += [name for name in names if bare and bare in name.lower()]
    return list(dict.fromkeys(close))[:_SIMILAR]
