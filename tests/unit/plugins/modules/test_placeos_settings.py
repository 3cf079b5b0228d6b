# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._placeos.fingerprints import INTERNALS_KEY, fingerprint
from ansible_collections.placeos.office365.plugins.modules.placeos_settings import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import (
    API,
    CIPHERTEXT,
    FakePlaceOS,
    Ran,
    domain,
    driver,
    settings,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]

SETTINGS = f"{API}/settings"
PARENT = "driver-L5-dHDzws5"
BY_PARENT = f"{SETTINGS}?parent_id={PARENT}"
OPEN = settings("sets-L5-open001", PARENT, 0, "calendar: svc@example.org\nport: 1\n", ["calendar", "port"])
ADMIN = settings("sets-L5-admin01", PARENT, 2, "client_secret: fake-secret-of-the-app\n", ["client_secret"])
HIDDEN = settings("sets-L5-hidden1", PARENT, 3, CIPHERTEXT, ["client_secret"])
SECRET = "fake-secret-of-the-app"


def expect_rows(server: FakePlaceOS, *rows: Any) -> None:
    server.expect_list(f"{API}/drivers", driver(PARENT, "Calendar"))
    server.expect("GET", BY_PARENT, list(rows))


def test_settings_are_created_as_yaml(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server)
    body = {"parent_id": PARENT, "encryption_level": 0, "settings_string": "calendar: svc@example.org\nport: 1\n"}
    server.expect("POST", SETTINGS, OPEN, body=body, status=201)
    server.expect("GET", BY_PARENT, [OPEN])
    document = {"calendar": "svc@example.org", "port": 1}
    ran = play(main, parent="Calendar", encryption_level="none", document=document).no_warnings()
    assert ran.changes == {"created": ["none settings of Calendar"]}
    assert ran.diff[0][2]["document"] == document


@pytest.mark.parametrize("text", ["port: 1\ncalendar: svc@example.org\n", '{"calendar": "svc@example.org", "port": 1}'])
def test_settings_that_say_the_same_in_other_words_are_kept(server: FakePlaceOS, play: Play, text: str) -> None:
    expect_rows(server, {**OPEN, "settings_string": text})
    document = {"calendar": "svc@example.org", "port": 1}
    ran = play(main, parent="Calendar", encryption_level="none", document=document, mode="replace").no_warnings()
    assert ran.result["changed"] is False


def test_a_changed_key_is_merged_and_the_whole_document_sent(server: FakePlaceOS, play: Play) -> None:
    text = "calendar: svc@example.org\nport: 2\n"
    expect_rows(server, OPEN)
    server.expect(
        "PATCH", f"{SETTINGS}/sets-L5-open001", {**OPEN, "settings_string": text}, body={"settings_string": text}
    )
    server.expect("GET", BY_PARENT, [{**OPEN, "settings_string": text}])
    ran = play(main, parent="Calendar", encryption_level="none", document={"port": 2}).no_warnings()
    assert ran.changes == {"updated": ["none settings of Calendar"]}


def test_a_null_removes_a_key(server: FakePlaceOS, play: Play) -> None:
    after = {**OPEN, "settings_string": "port: 1\n", "keys": ["port"]}
    expect_rows(server, OPEN)
    server.expect("PATCH", f"{SETTINGS}/sets-L5-open001", after, body={"settings_string": "port: 1\n"})
    server.expect("GET", BY_PARENT, [after])
    play(main, parent="Calendar", encryption_level="none", document={"calendar": None}).no_warnings()


def test_settings_are_deleted(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server, OPEN)
    server.expect("DELETE", f"{SETTINGS}/sets-L5-open001", status=202)
    ran = play(main, parent="Calendar", encryption_level="none", state="absent").no_warnings()
    assert ran.changes == {"deleted": ["none settings of Calendar"]}


def test_check_mode_writes_nothing(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server, OPEN)
    ran = play(main, parent="Calendar", encryption_level="none", document={"port": 2}, check=True).no_warnings()
    assert ran.changes == {"updated": ["none settings of Calendar"]}


def test_an_id_needs_no_look_up_of_the_parent(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", BY_PARENT, [OPEN])
    ran = play(main, parent=PARENT, encryption_level="none", document={"port": 1}).no_warnings()
    assert ran.result["changed"] is False


def test_a_readable_secret_is_compared_and_masked(server: FakePlaceOS, play: Play) -> None:
    new = "fake-new-secret-of-the-app"
    after = {**ADMIN, "settings_string": f"client_secret: {new}\n"}
    expect_rows(server, ADMIN)
    server.expect("PATCH", f"{SETTINGS}/sets-L5-admin01", after, body={"settings_string": f"client_secret: {new}\n"})
    server.expect("GET", BY_PARENT, [after])
    ran = play(main, parent="Calendar", encryption_level="admin", document={"client_secret": new}).no_warnings()
    assert ran.changes == {"updated": ["admin settings of Calendar"]}
    assert new not in ran.printed
    assert SECRET not in ran.printed
    assert "client_secret" in str(ran.diff)


def test_a_secret_in_the_set_form_is_masked_even_when_the_task_fails(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server)
    server.expect(
        "POST", SETTINGS, {"error": f"bad {SECRET}"}, status=400,
        body={"parent_id": PARENT, "encryption_level": 2, "settings_string": f"client_secret: {SECRET}\n"},
    )  # fmt: skip
    wanted = [{"parent": "Calendar", "encryption_level": "admin", "document": {"client_secret": SECRET}}]
    ran = play(main, settings=wanted)
    assert ran.result["failed"] is True
    assert SECRET not in ran.printed


def test_an_unchanged_secret_is_kept(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server, ADMIN)
    ran = play(main, parent="Calendar", encryption_level="admin", document={"client_secret": SECRET}).no_warnings()
    assert ran.result["changed"] is False
    assert SECRET not in ran.printed


def test_a_hidden_secret_is_compared_by_its_fingerprint(server: FakePlaceOS, play: Play) -> None:
    document = {"client_secret": SECRET}
    kept = {"fingerprints": {"settings/sets-L5-hidden1/document": fingerprint(document)}}
    expect_rows(server, HIDDEN)
    server.expect_list(f"{API}/domains", domain("authority-L5-ZQYAuMx", "Acme", internals={INTERNALS_KEY: kept}))
    ran = play(main, parent="Calendar", encryption_level="never_display", document=document).no_warnings()
    assert ran.result["changed"] is False


def test_nothing_can_be_merged_into_what_can_not_be_read(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server, {**HIDDEN, "keys": ["client_secret", "tenant"]})
    ran = play(main, parent="Calendar", encryption_level="never_display", document={"client_secret": SECRET})
    assert "it also has the keys tenant: give the whole document with mode: replace" in ran.result["msg"]
    assert SECRET not in ran.printed


def test_two_rows_of_one_level_are_warned_about(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server, OPEN, {**OPEN, "id": "sets-L5-open002"})
    ran = play(main, parent="Calendar", encryption_level="none", document={"port": 1})
    (warning,) = ran.warnings
    assert "2 settings rows of level none (sets-L5-open001, sets-L5-open002)" in warning


def test_a_key_that_another_level_overrides_is_warned_about(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server, OPEN, {**ADMIN, "keys": ["port"], "settings_string": "port: 3\n"})
    ran = play(main, parent="Calendar", encryption_level="none", document={"port": 1})
    (warning,) = ran.warnings
    assert "port also stands in the admin settings sets-L5-admin01" in warning


def test_dates_in_settings_stay_texts(server: FakePlaceOS, play: Play) -> None:
    expect_rows(server, {**OPEN, "settings_string": "from: 2026-08-01\n", "keys": ["from"]})
    ran = play(main, parent="Calendar", encryption_level="none", document={"from": "2026-08-01"}).no_warnings()
    assert ran.result["changed"] is False


def test_the_set_form_of_one_sends_what_the_single_form_sends(server: FakePlaceOS, play: Play) -> None:
    wanted = {"parent": "Calendar", "encryption_level": "none", "document": {"port": 2}}
    text = "calendar: svc@example.org\nport: 2\n"
    for arguments in (wanted, {"settings": [wanted]}):
        after = {**OPEN, "settings_string": text}
        expect_rows(server, OPEN)
        server.expect("PATCH", f"{SETTINGS}/sets-L5-open001", after, body={"settings_string": text})
        server.expect("GET", BY_PARENT, [after])
        play(main, **arguments).no_warnings()


def test_many_parents_are_read_twenty_at_a_time(server: FakePlaceOS, play: Play) -> None:
    """The server cuts the answer at 100 rows without a word."""
    parents = [f"sys-L5-{n:04}" for n in range(21)]
    for chunk in (parents[:20], parents[20:]):
        rows = [settings(f"sets-{parent}", parent, 0, "a: 1\n", ["a"]) for parent in chunk]
        server.expect("GET", f"{SETTINGS}?parent_id={','.join(chunk)}", rows)
    wanted = [{"parent": parent, "encryption_level": "none", "document": {"a": 1}} for parent in parents]
    assert not play(main, settings=wanted).result["changed"]


def test_settings_named_by_their_id_alone_are_found(server: FakePlaceOS, play: Play) -> None:
    server.expect("GET", f"{SETTINGS}/sets-L5-open001", OPEN)
    ran = play(main, id="sets-L5-open001", document={"port": 1}).no_warnings()
    assert ran.result["changed"] is False
