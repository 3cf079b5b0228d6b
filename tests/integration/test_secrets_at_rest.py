# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets: compared where they can be read back, by a fingerprint where not, and never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from integration.support.modules import Result
from integration.support.objects import CREDENTIALS, REPOSITORY, SECRET, ZONES, prepare
from integration.support.server import Server

LATER = "another-s3cret"
TENANT = {"domain": "localhost", "name": "Acme", "calendar_platform": "office365", "credentials": CREDENTIALS}


def quiet(result: Result) -> Result:
    """The result, after a look that no secret is in it."""
    text = json.dumps(result)
    assert SECRET not in text
    assert LATER not in text
    return result


def document(level: str, secret: str = SECRET) -> dict[str, Any]:
    """A settings document with a secret in it."""
    return {
        "parent": "Acme",
        "parent_kind": "zone",
        "encryption_level": level,
        "document": {"host": "graph", "login": {"name": "svc", "client_secret": secret}},
    }


@pytest.mark.parametrize("level", ["support", "admin", "never_display"])
def test_an_encrypted_document_is_written_once_and_again_only_when_it_changes(server: Server, level: str) -> None:
    prepare(server, ("zone", {"zones": ZONES}))
    assert quiet(server.check("settings", **document(level)))["changed"]
    assert quiet(server.good("settings", **document(level)))["changed"]
    mark = server.mark()
    assert not quiet(server.good("settings", **document(level)))["changed"]
    assert server.counts(mark)["writes"] == 0
    assert quiet(server.check("settings", **document(level, LATER)))["changed"]
    changed = quiet(server.good("settings", **document(level, LATER)))
    assert changed["changes"]["updated"] == [f"{level} settings of Acme"]
    assert not quiet(server.good("settings", **document(level, LATER)))["changed"]
    (row,) = server.settings_of(server.row("zones", "Acme")["id"])
    assert row["keys"] == ["host", "login"]


@pytest.mark.parametrize("level", ["admin", "never_display"])
def test_the_diff_of_an_encrypted_document_shows_keys_and_masks_values(server: Server, level: str) -> None:
    prepare(server, ("zone", {"zones": ZONES}))
    (entry,) = quiet(server.good("settings", **document(level)))["diff"]
    masked = {"host": "********", "login": {"name": "********", "client_secret": "********"}}
    assert entry["after"]["document"] == masked
    (entry,) = quiet(server.good("settings", **document(level, LATER)))["diff"]
    assert list(entry["after"]) == ["document"]
    assert entry["before"] != entry["after"]


def test_an_unreadable_secret_follows_the_policy(server: Server) -> None:
    server.good("tenant", **TENANT)
    later = {**TENANT, "credentials": {**CREDENTIALS, "client_secret": LATER}}
    assert not quiet(server.good("tenant", **later, update_secret="on_create"))["changed"]
    assert not quiet(server.good("tenant", **TENANT))["changed"]
    always = quiet(server.good("tenant", **TENANT, update_secret="always"))
    assert always["changes"]["updated"] == ["localhost"]
    assert quiet(server.good("tenant", **later))["changed"]
    assert not quiet(server.good("tenant", **later))["changed"]


def test_a_repository_password_is_remembered_by_its_fingerprint(server: Server) -> None:
    private = {**REPOSITORY, "username": "builder", "password": SECRET}
    assert quiet(server.good("repository", **private))["changed"]
    assert not quiet(server.good("repository", **private))["changed"]
    changed = quiet(server.good("repository", **{**private, "password": LATER}))
    (entry,) = changed["diff"]
    assert list(entry["after"]) == ["password"]
    assert entry["before"] != entry["after"]
    assert not quiet(server.good("repository", **{**private, "password": LATER}))["changed"]


def test_fingerprints_are_salted_hashes_that_only_administrators_see(server: Server) -> None:
    server.good("tenant", **TENANT)
    (domain,) = server.rows("domains")
    kept = domain["internals"]["ansible_placeos_office365"]["fingerprints"]
    assert [value.split("$")[0] for value in kept.values()] == ["scrypt"]
    assert SECRET not in json.dumps(domain)
    assert "scrypt" not in server.api("GET", "/auth/authority").text
