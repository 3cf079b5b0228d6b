# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public drivers repository of PlaceOS, as far as the lab knows it: a small table of commits.

Every other repository is unreachable from the lab, as it was for the recorded server.
"""

from __future__ import annotations

import hashlib
from typing import Any

from .catalogue import CATALOGUE

URIS = frozenset(("https://github.com/placeos/drivers", "https://www.github.com/placeos/drivers"))
BRANCHES = ["master", "develop"]
DEFAULT_BRANCH = "master"
RELEASES = ["v1.2.0", "v1.1.0"]

_HISTORY: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "2026-08-20T04:11:09Z",
        "Alex Rivera",
        "fix(place/bookings): keep cache on failed poll",
        ("drivers/place/bookings.cr",),
    ),
    ("2026-08-14T01:52:40Z", "Sam Lee", "feat(microsoft/graph_api): list rooms", ("drivers/microsoft/graph_api.cr",)),
    (
        "2026-07-30T06:20:01Z",
        "Kim Novak",
        "refactor(place/calendar): share event mapping",
        ("drivers/place/calendar.cr", "drivers/microsoft/graph_api.cr"),
    ),
    ("2026-07-11T23:05:55Z", "Alex Rivera", "feat(place/bookings): cancelled events", ("drivers/place/bookings.cr",)),
    ("2026-06-02T03:33:33Z", "Sam Lee", "docs: driver index", ()),
    ("2026-05-19T10:00:00Z", "Kim Novak", "chore: initial import", tuple(CATALOGUE)),
)


def _commit(date: str, author: str, subject: str) -> dict[str, str]:
    digest = hashlib.sha1(f"{date} {subject}".encode(), usedforsecurity=False).hexdigest()
    return {"hash": digest, "subject": subject, "author": author, "date": date, "commit": digest}


COMMITS: tuple[tuple[dict[str, str], tuple[str, ...]], ...] = tuple(
    (_commit(date, author, subject), files) for date, author, subject, files in _HISTORY
)


def reachable(uri: str) -> bool:
    """Tell whether a repository is the one the lab knows."""
    return uri.strip().lower().rstrip("/").removesuffix(".git") in URIS


def commits(file_name: str | None, limit: int | None = None) -> list[dict[str, str]]:
    """Return commits, newest first, of all files or of one."""
    found = [commit for commit, files in COMMITS if not file_name or file_name in files]
    return found[: limit if limit is not None else 50]


def answer(
    what: str,
    *,
    branch: str | None = None,
    limit: int | None = None,
    driver: str | None = None,
    commit: str | None = None,
) -> Any:
    """Answer a question about the repository; None when the answer would be an error."""
    if what in ("commits", "drivers", "folders") and branch and branch not in BRANCHES:
        return None
    answers: dict[str, Any] = {
        "branches": BRANCHES,
        "default_branch": DEFAULT_BRANCH,
        "drivers": sorted(CATALOGUE),
        "folders": ["docs", "drivers", "spec"],
        "releases": RELEASES,
        "tags": RELEASES,
    }
    if what == "commits":
        return commits(driver, limit)
    if what == "details":
        kind = CATALOGUE.get(driver or "")
        return {**kind.details, "commit": commit} if kind else None
    return answers[what]
