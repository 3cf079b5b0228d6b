# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests and results of placeos_repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.placeos.office365.plugins.module_utils._placeos.fingerprints import INTERNALS_KEY, fingerprint
from ansible_collections.placeos.office365.plugins.modules.placeos_repository import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import (
    API,
    CIPHERTEXT,
    CONNECTION,
    FakePlaceOS,
    Ran,
    domain,
    driver,
    repository,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[..., Ran]

REPOSITORIES = f"{API}/repositories"
URI = "https://github.com/placeos/drivers"
DRIVERS = repository("repo-L5-X9z1j48", "Drivers")
PRIVATE = repository("repo-L5-X9z1j48", "Drivers", username="bob", password=CIPHERTEXT)
SECRET = "fake-password-of-bob"


def remembering(secret: str) -> dict[str, Any]:
    """The server's domain, with the fingerprint of a password that was written before."""
    kept = {"fingerprints": {"repository/repo-L5-X9z1j48/password": fingerprint(secret)}}
    return domain("authority-L5-ZQYAuMx", "Acme", internals={"other": 1, INTERNALS_KEY: kept})


def test_a_repository_is_created_with_a_folder_name_made_of_its_name(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(REPOSITORIES)
    body = {"name": "PlaceOS Drivers!", "uri": URI, "repo_type": "driver", "folder_name": "placeos-drivers"}
    made = repository("repo-L5-X9z1j48", "PlaceOS Drivers!", folder_name="placeos-drivers")
    server.expect("POST", REPOSITORIES, made, body=body, status=201)
    server.expect_list(REPOSITORIES, made)
    ran = play(main, name="PlaceOS Drivers!", uri=URI).no_warnings()
    assert ran.changes == {"created": ["PlaceOS Drivers!"]}


def test_a_repository_that_is_there_under_another_spelling_is_kept(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(REPOSITORIES, DRIVERS)
    ran = play(main, name="Drivers", uri="https://GitHub.com/placeos/drivers.git").no_warnings()
    assert ran.result["changed"] is False


def test_only_the_changed_branch_is_sent(server: FakePlaceOS, play: Play) -> None:
    after = {**DRIVERS, "branch": "nightly"}
    server.expect_list(REPOSITORIES, DRIVERS)
    server.expect("PATCH", f"{REPOSITORIES}/repo-L5-X9z1j48", after, body={"branch": "nightly"})
    server.expect_list(REPOSITORIES, after)
    ran = play(main, name="Drivers", uri=URI, branch="nightly").no_warnings()
    assert ran.diff == [("repository Drivers", {"branch": "master"}, {"branch": "nightly"})]


def test_a_repository_is_deleted(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(REPOSITORIES, DRIVERS)
    server.expect_list(f"{API}/drivers")
    server.expect("DELETE", f"{REPOSITORIES}/repo-L5-X9z1j48", status=202)
    assert play(main, name="Drivers", uri=URI, state="absent").changes == {"deleted": ["Drivers"]}


def test_a_repository_is_not_deleted_with_its_drivers(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(REPOSITORIES, DRIVERS)
    server.expect_list(f"{API}/drivers", driver("driver-L5-o5Sn_q1", "Bookings", repository_id="repo-L5-X9z1j48"))
    ran = play(main, name="Drivers", uri=URI, state="absent")
    assert "would also delete 1 more: driver Bookings; set force" in ran.result["msg"]


def test_check_mode_writes_nothing(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(REPOSITORIES, DRIVERS)
    ran = play(main, name="Drivers", uri=URI, branch="nightly", check=True).no_warnings()
    assert ran.changes == {"updated": ["Drivers"]}


def test_before_a_create_the_list_is_read_again_after_the_lag(
    server: FakePlaceOS, play: Play, sleeps: list[float]
) -> None:
    """The server would accept a second repository of one URI, and its list may not show the first one yet."""
    server.expect_list(REPOSITORIES)
    server.expect_list(REPOSITORIES, DRIVERS)
    ran = play(main, name="Drivers", uri=URI, connection={**CONNECTION, "index_lag": 2})
    assert ran.result["changed"] is False
    assert sleeps == [2.0]


# -- the password ----------------------------------------------------------------------------------------------------


def test_a_written_password_is_remembered_by_its_fingerprint(server: FakePlaceOS, play: Play) -> None:
    authority = domain("authority-L5-ZQYAuMx", "Acme", internals={"other": 1})
    server.expect_list(REPOSITORIES, DRIVERS)
    server.expect("PATCH", f"{REPOSITORIES}/repo-L5-X9z1j48", PRIVATE, body={"username": "bob", "password": SECRET})
    server.expect_list(REPOSITORIES, PRIVATE)
    server.expect_list(f"{API}/domains", authority)
    server.expect("GET", f"{API}/domains/authority-L5-ZQYAuMx", authority)
    server.any_body_once("PATCH", f"{API}/domains/authority-L5-ZQYAuMx", authority)
    ran = play(main, name="Drivers", uri=URI, username="bob", password=SECRET).no_warnings()
    assert ran.changes == {"updated": ["Drivers"]}
    internals = server.last_body()["internals"]
    assert internals["other"] == 1
    ((key, kept),) = internals[INTERNALS_KEY]["fingerprints"].items()
    assert key == "repository/repo-L5-X9z1j48/password"
    assert kept.startswith("scrypt$")
    assert SECRET not in str(internals)


def test_a_password_that_was_written_before_is_not_written_again(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(REPOSITORIES, PRIVATE)
    server.expect_list(f"{API}/domains", remembering(SECRET))
    ran = play(main, name="Drivers", uri=URI, password=SECRET).no_warnings()
    assert ran.result["changed"] is False


def test_another_password_is_written_and_masked_everywhere(server: FakePlaceOS, play: Play) -> None:
    old = remembering("fake-old-password")
    server.expect_list(REPOSITORIES, PRIVATE)
    server.expect_list(f"{API}/domains", old)
    server.expect("PATCH", f"{REPOSITORIES}/repo-L5-X9z1j48", PRIVATE, body={"password": SECRET})
    server.expect_list(REPOSITORIES, PRIVATE)
    server.expect("GET", f"{API}/domains/authority-L5-ZQYAuMx", old)
    server.any_body_once("PATCH", f"{API}/domains/authority-L5-ZQYAuMx", old)
    ran = play(main, name="Drivers", uri=URI, password=SECRET).no_warnings()
    assert ran.changes == {"updated": ["Drivers"]}
    assert ran.diff == [("repository Drivers", {"password": "********"}, {"password": "******** (changed)"})]
    assert "password" not in ran.result["repositories"][0]
    assert ran.result["invocation"]["module_args"]["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert SECRET not in ran.printed
    assert CIPHERTEXT[1:] not in ran.printed


def test_a_password_in_the_set_form_is_masked_too(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(REPOSITORIES)
    wanted = [{"name": "Drivers", "uri": URI, "password": SECRET}]
    ran = play(main, repositories=wanted, check=True)
    assert SECRET not in ran.printed
    assert ran.diff[0][2]["password"] == "********"


def test_by_policy_a_password_is_written_always(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(REPOSITORIES, PRIVATE)
    server.expect("PATCH", f"{REPOSITORIES}/repo-L5-X9z1j48", PRIVATE, body={"password": SECRET})
    server.expect_list(REPOSITORIES, PRIVATE)
    ran = play(main, name="Drivers", uri=URI, password=SECRET, update_secret="always").no_warnings()
    assert ran.changes == {"updated": ["Drivers"]}


def test_by_policy_a_password_is_written_with_a_new_object_only(server: FakePlaceOS, play: Play) -> None:
    server.expect_list(REPOSITORIES, PRIVATE)
    ran = play(main, name="Drivers", uri=URI, password=SECRET, update_secret="on_create").no_warnings()
    assert ran.result["changed"] is False
