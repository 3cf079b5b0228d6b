# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints of secrets that can not be read back."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._placeos.fingerprints import (
    INTERNALS_KEY,
    Fingerprints,
    fingerprint,
    matches,
)
from ansible_collections.placeos.office365.plugins.module_utils._placeos.v2 import V2
from ansible_collections.placeos.office365.plugins.module_utils._plan import Row

SECRET = "fake-secret"


def test_a_fingerprint_matches_its_secret_only() -> None:
    stored = fingerprint({"client_secret": SECRET, "tenant": "t"})
    assert matches({"tenant": "t", "client_secret": SECRET}, stored)
    assert not matches({"client_secret": "other", "tenant": "t"}, stored)
    assert not matches({"client_secret": SECRET}, stored)


def test_a_fingerprint_is_salted_and_shows_nothing() -> None:
    one, other = fingerprint(SECRET), fingerprint(SECRET)
    assert one != other
    assert SECRET not in one
    scheme, salt, digest = one.split("$")
    assert (scheme, len(salt), len(digest)) == ("scrypt", 24, 44)


@pytest.mark.parametrize(
    "stored", [None, "", 7, "scrypt$", "scrypt$a$b", "scrypt$!!$!!", "md5$YQ==$YQ==", "a$b$c$d", ["x"], "scrypt$é$é"]
)
def test_a_damaged_fingerprint_matches_nothing(stored: Any) -> None:
    assert not matches(SECRET, stored)


class FakeDomains:
    """The domains of a server in memory."""

    def __init__(self, *rows: Row) -> None:
        self.stored = {row["id"]: row for row in rows}
        self.calls: list[str] = []

    def resource(self, kind: str) -> FakeDomains:
        assert kind == "domain"
        return self

    def rows(self) -> list[Row]:
        self.calls.append("rows")
        return [dict(row) for row in self.stored.values()]

    def read(self, row: Row) -> Row | None:
        self.calls.append("read")
        return dict(self.stored[row["id"]])

    def update(self, row: Row, changes: dict[str, Any]) -> Row:
        self.calls.append("update")
        assert changes.keys() == {"internals"}
        self.stored[row["id"]] = {**self.stored[row["id"]], **changes}
        return self.stored[row["id"]]


def fingerprints(domains: FakeDomains, host: str = "ACME.example:8443") -> Fingerprints:
    return Fingerprints(cast(V2, domains), host)


def test_what_was_learnt_and_saved_is_known_to_the_next_run() -> None:
    domains = FakeDomains({"id": "1", "domain": "other.example"}, {"id": "2", "domain": "acme.example"})
    first = fingerprints(domains)
    first.learn("tenant/7/credentials", SECRET)
    assert first.save() is None
    second = fingerprints(domains)
    assert second.matches("tenant/7/credentials", SECRET)
    assert not second.matches("tenant/7/credentials", "other")
    assert not second.matches("tenant/8/credentials", SECRET)
    assert "internals" not in domains.stored["1"]
    assert SECRET not in str(domains.stored)


def test_saving_keeps_what_others_and_earlier_runs_stored() -> None:
    kept = {INTERNALS_KEY: {"fingerprints": {"old": "x"}, "more": 1}, "theirs": {"a": 1}}
    domains = FakeDomains({"id": "2", "domain": "acme.example", "internals": kept})
    first = fingerprints(domains)
    first.learn("new", SECRET)
    first.save()
    internals = domains.stored["2"]["internals"]
    assert internals["theirs"] == {"a": 1}
    assert internals[INTERNALS_KEY]["more"] == 1
    assert internals[INTERNALS_KEY]["fingerprints"].keys() == {"old", "new"}


def test_saving_starts_from_what_is_stored_at_that_moment() -> None:
    """Another task may have added its own fingerprints since the first look."""
    domains = FakeDomains({"id": "2", "domain": "acme.example"})
    first = fingerprints(domains)
    assert not first.matches("a", SECRET)
    domains.stored["2"]["internals"] = {INTERNALS_KEY: {"fingerprints": {"theirs": "x"}}}
    first.learn("mine", SECRET)
    first.save()
    assert domains.stored["2"]["internals"][INTERNALS_KEY]["fingerprints"].keys() == {"mine", "theirs"}


def test_nothing_learnt_costs_nothing() -> None:
    domains = FakeDomains({"id": "2", "domain": "acme.example"})
    assert fingerprints(domains).save() is None
    assert domains.calls == []


def test_many_questions_cost_one_read() -> None:
    domains = FakeDomains({"id": "2", "domain": "acme.example"})
    asked = fingerprints(domains)
    for number in range(3):
        asked.matches(str(number), SECRET)
    assert domains.calls == ["rows"]


def test_without_a_domain_for_the_host_saving_warns() -> None:
    learnt = fingerprints(FakeDomains({"id": "1", "domain": "other.example"}))
    learnt.learn("a", SECRET)
    warning = learnt.save()
    assert warning is not None
    assert "no domain 'acme.example'" in warning
    assert SECRET not in warning


@pytest.mark.parametrize("internals", [None, {}, {INTERNALS_KEY: None}, {INTERNALS_KEY: {"fingerprints": None}}])
def test_a_domain_without_fingerprints_knows_nothing(internals: Any) -> None:
    domains = FakeDomains({"id": "2", "domain": "acme.example", "internals": internals})
    assert not fingerprints(domains).matches("a", SECRET)
