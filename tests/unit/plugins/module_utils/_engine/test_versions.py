# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a version of the inventory is in the repository."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._engine.versions import (
    Resolved,
    fault,
    read_refs,
    resolve,
    similar,
)

ONE, TWO, TAG = "1a2b3c4d5e" * 4, "1a2b3c4fff" * 4, "f0" * 20
# As git ls-remote prints it: v2 is an annotated tag, so its own hash comes first and its commit second.
LISTED = (
    f"{TWO}\tHEAD\n{TWO}\trefs/heads/main\n{ONE}\trefs/heads/v1\n{ONE}\trefs/tags/v1\n"
    f"{TAG}\trefs/tags/v2\n{TWO}\trefs/tags/v2^{{}}\nwarning: something else\n"
)
REFS = read_refs(LISTED)


@pytest.mark.parametrize(
    ("version", "resolved"),
    [
        ("main", Resolved(TWO, "branch", "refs/heads/main")),
        ("v1", Resolved(ONE, "tag", "refs/tags/v1")),
        ("v2", Resolved(TWO, "tag", "refs/tags/v2")),
        ("refs/heads/v1", Resolved(ONE, "branch", "refs/heads/v1")),
        (ONE, Resolved(ONE, "commit", "refs/heads/v1")),
        (ONE.upper(), Resolved(ONE, "commit", "refs/heads/v1")),
        (ONE[:8], Resolved(ONE, "commit", "refs/heads/v1")),
        (ONE[:7], None),  # two commits begin so
        ("abcdef0", None),
        ("ab" * 20, Resolved("ab" * 20, "commit")),
        ("HEAD", None),
        ("v3", None),
    ],
)
def test_a_version_is_a_tag_then_a_branch_then_a_hash(version: str, resolved: Resolved | None) -> None:
    assert resolve(version, REFS) == resolved


def test_similar_names_help_with_a_version_that_is_not_there() -> None:
    refs = {f"refs/tags/{name}": ONE for name in ("v1.4.1", "v1.4.2", "v2.0.0", "release-1.4.20")}
    assert similar("1.4.2", refs)[0] == "v1.4.2"
    assert "release-1.4.20" in similar("1.4.2", refs)
    assert similar("nothing-like-it", refs) == []


@pytest.mark.parametrize("version", ["", "--upload-pack=x", "a b", "a..b", "v1^{}", "a\nb", "main~1", "a:b", "x.lock"])
def test_what_is_no_name_is_refused(version: str) -> None:
    assert fault(version)


@pytest.mark.parametrize("version", ["v1.4.2", "main", "feature/rooms", ONE, ONE[:7], "refs/tags/v1"])
def test_names_are_accepted(version: str) -> None:
    assert fault(version) == ""
