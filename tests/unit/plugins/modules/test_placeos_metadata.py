# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.placeos.office365.plugins.modules.placeos_metadata import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import (
    API,
    FakePlaceOS,
    Ran,
    metadata,
    system,
    zone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]

PARENT = "zone-L5-dHGq7Zz"
BULK = f"{API}/metadata/workplace_app/bulk?parent_ids={PARENT}"
WRITE = f"{API}/metadata/{PARENT}"
STORED = metadata(
    PARENT, "workplace_app", description="d", details={"theme": "dark", "levels": [1, 2, 3]}, editors=["role-admin"]
)
WANTED: dict[str, Any] = {"name": "workplace_app", "parent": "Acme North"}


def expect_rows(server: FakePlaceOS, stored: dict[str, Any] | None) -> None:
    server.expect_list(f"{API}/zones", zone(PARENT, "Acme North"))
    expect_bulk(server, stored)


def expect_bulk(server: FakePlaceOS, stored: dict[str, Any] | None) -> None:
    server.expect("GET", BULK, {PARENT: stored} if stored else {})


def test_metadata_is_created_by_an_upsert(server: FakePlaceOS, play: Play) -> None:
    made = metadata(PARENT, "workplace_app", details={"theme": "dark"})
    expect_rows(server, None)
    body = {"name": "workplace_app", "description": "", "details": {"theme": "dark"}, "editors": []}
    server.expect("PUT", WRITE, made, body=body, status=201)
    expect_bulk(server, made)
    ran = play(main, **WANTED, details={"theme": "dark"}).no_warnings()
    assert ran.changes == {"created": ["workplace_app of Acme North"]}


def test_unchanged_metadata_costs_one_read_per_name(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server, STORED)
    ran = play(main, **WANTED, details={"levels": [1, 2, 3]}, description="d").no_warnings()
    assert ran.result["changed"] is False


def test_a_changed_key_is_merged_and_all_else_is_sent_as_it_was(server: FakePlaceOS, play: Play) -> None:
    details = {"theme": "light", "levels": [1, 2, 3]}
    after = {**STORED, "details": details}
    expect_rows(server, STORED)
    body = {"name": "workplace_app", "description": "d", "details": details, "editors": ["role-admin"]}
    server.expect("PUT", WRITE, after, body=body)
    expect_bulk(server, after)
    ran = play(main, **WANTED, details={"theme": "light"}).no_warnings()
    assert ran.diff == [("metadata workplace_app of Acme North", {"details": STORED["details"]}, {"details": details})]


def test_metadata_is_replaced_where_that_is_said(server: FakePlaceOS, play: Play) -> None:
    after = {**STORED, "details": {"theme": "dark"}}
    expect_rows(server, STORED)
    body = {"name": "workplace_app", "description": "d", "details": {"theme": "dark"}, "editors": ["role-admin"]}
    server.expect("PUT", WRITE, after, body=body)
    expect_bulk(server, after)
    play(main, **WANTED, details={"theme": "dark"}, mode="replace").no_warnings()


def test_a_schema_is_kept(server: FakePlaceOS, play: Play) -> None:
    stored = {**STORED, "schema_id": "schema-1"}
    after = {**stored, "description": "new"}
    expect_rows(server, stored)
    body = {
        "name": "workplace_app", "description": "new", "details": STORED["details"], "editors": ["role-admin"],
        "schema_id": "schema-1",
    }  # fmt: skip
    server.expect("PUT", WRITE, after, body=body)
    expect_bulk(server, after)
    play(main, **WANTED, description="new").no_warnings()


def test_a_name_is_sent_in_its_stored_spelling(server: FakePlaceOS, play: Play) -> None:
    """Recorded: an unescaped & is refused the second time, although it names the stored row."""
    stored = metadata(PARENT, "A &amp; B")
    after = {**stored, "description": "new"}
    server.expect_list(f"{API}/zones", zone(PARENT, "Acme North"))
    server.expect("GET", f"{API}/metadata/A%20%26amp%3B%20B/bulk?parent_ids={PARENT}", {PARENT: stored})
    body = {"name": "A &amp; B", "description": "new", "details": {}, "editors": []}
    server.expect("PUT", WRITE, after, body=body)
    server.expect("GET", f"{API}/metadata/A%20%26amp%3B%20B/bulk?parent_ids={PARENT}", {PARENT: after})
    play(main, name="A &amp; B", parent="Acme North", description="new").no_warnings()


def test_metadata_is_deleted_by_its_name(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server, STORED)
    server.expect("DELETE", f"{WRITE}?name=workplace_app", status=202)
    ran = play(main, **WANTED, state="absent").no_warnings()
    assert ran.changes == {"deleted": ["workplace_app of Acme North"]}


def test_check_mode_writes_nothing(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server, STORED)
    ran = play(main, **WANTED, details={"theme": "light"}, check=True).no_warnings()
    assert ran.changes == {"updated": ["workplace_app of Acme North"]}


def test_metadata_of_a_system_is_found_by_the_systems_email(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(f"{API}/systems", system("sys-L5-room001", "1.01", email="room1@x.example"))
    server.expect("GET", f"{API}/metadata/settings/bulk?parent_ids=sys-L5-room001", {})
    made = metadata("sys-L5-room001", "settings", details=[1])
    body = {"name": "settings", "description": "", "details": [1], "editors": []}
    server.expect("PUT", f"{API}/metadata/sys-L5-room001", made, body=body, status=201)
    server.expect("GET", f"{API}/metadata/settings/bulk?parent_ids=sys-L5-room001", {"sys-L5-room001": made})
    play(main, name="settings", parent="room1@x.example", parent_kind="system", details=[1]).no_warnings()


def test_a_purge_deletes_other_metadata_of_the_parent(server: FakePlaceOS, play: Play) -> None:
    other = metadata(PARENT, "old_app")
    expect_rows(server, STORED)
    server.expect("GET", WRITE, {"workplace_app": STORED, "old_app": other})
    server.expect("DELETE", f"{WRITE}?name=old_app", status=202)
    scope = {"parent": "Acme North"}
    ran = play(main, metadata=[WANTED], purge=True, purge_scope=scope, purge_max_share=0.5).no_warnings()
    assert len(ran.changes["deleted"]) == 1


def test_the_set_form_of_one_sends_what_the_single_form_sends(server: FakePlaceOS, play: Play) -> None:
    wanted = {**WANTED, "description": "new"}
    for arguments in (wanted, {"metadata": [wanted]}):
        after = {**STORED, "description": "new"}
        expect_rows(server, STORED)
        body = {"name": "workplace_app", "description": "new", "details": STORED["details"], "editors": ["role-admin"]}
        server.expect("PUT", WRITE, after, body=body)
        expect_bulk(server, after)
        play(main, **arguments).no_warnings()
