# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of releases: what "the previous one" is, also after going back."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._engine.history import (
    LONGEST,
    HistoryError,
    added,
    read_history,
    show_history,
    way_back,
)


def entry(name: str, back_from: str | None = None) -> dict[str, str]:
    made = {"commit": name * 40, "version": f"v{name}", "path": f"/r/{name}", "when": "2026-01-01T00:00:00Z"}
    return made if back_from is None else {**made, "rolled_back_from": back_from}


def history(*steps: str) -> list[dict[str, str]]:
    """Steps such as "a", "b", "<a": forth to a, forth to b, back to a."""
    entries: list[dict[str, str]] = []
    for step in steps:
        entries = [dict(one) for one in added(entries, entry(step.lstrip("<")), rolled_back=step.startswith("<"))]
    return entries


@pytest.mark.parametrize(
    ("steps", "current", "way"),
    [
        ([], "a", []),
        (["a"], "a", []),
        (["a", "b"], "b", ["a"]),
        (["a", "b", "c"], "c", ["a", "b"]),
        (["a", "b", "<a"], "a", []),  # not forth to b, which was given up
        (["a", "b", "c", "<b"], "b", ["a"]),
        (["a", "b", "c", "<b", "<a"], "a", []),
        (["a", "b", "c", "<a"], "a", []),
        (["a", "b", "<a", "b"], "b", ["a"]),  # forth again because the inventory says so
        (["a", "b", "<a", "c"], "c", ["a"]),
        (["a", "b", "a"], "a", ["b"]),  # an inventory that pins the older version again is no rollback
        (["a", "b", "c", "<x"], "x", ["a", "b"]),
        (["a"], "b", ["a"]),  # switched, and killed before it was written down
    ],
)
def test_the_way_back(steps: list[str], current: str, way: list[str]) -> None:
    assert [one["path"] for one in way_back(history(*steps), f"/r/{current}")] == [f"/r/{name}" for name in way]


def test_the_same_release_again_is_no_news() -> None:
    assert history("a", "a") == history("a")
    assert history("a", "b", "<a", "<a") == history("a", "b", "<a")


def test_an_entry_made_by_a_rollback_says_what_was_given_up() -> None:
    assert history("a", "b", "<a")[-1]["rolled_back_from"] == "b" * 40


def test_the_history_does_not_grow_for_ever() -> None:
    entries = history(*(["a", "b"] * LONGEST))
    assert len(entries) == LONGEST
    assert entries[-1]["path"] == "/r/b"


def test_what_is_written_can_be_read() -> None:
    assert read_history(show_history(history("a", "b", "<a"))) == history("a", "b", "<a")
    assert read_history("\n") == []


@pytest.mark.parametrize("text", ["{", "{}", '["a"]', '[{"commit": "a"}]'])
def test_a_damaged_history_is_not_guessed_at(text: str) -> None:
    with pytest.raises(HistoryError):
        read_history(text)
