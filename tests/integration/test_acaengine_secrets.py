# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets on ACAEngine: written once, carried byte for byte, written again when they change, and never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from integration.support.acaengine import API, PANEL, AcaServer
from integration.support.modules import Result
from integration.support.objects import SECRET
from integration.support.server import CIPHERTEXT
from integration.support.site import panel_document

LATER = "another-s3cret"
READABLE = "a-readable-s3cret"


def quiet(result: Result) -> Result:
    """The result, after a look that no secret is in it."""
    text = json.dumps(result)
    for secret in (SECRET, LATER, READABLE, CIPHERTEXT, "\\u001b"):
        assert secret not in text
    return result


def wanted(secret: str = SECRET, **settings: Any) -> dict[str, Any]:
    """The driver's settings, as the role gives them."""
    return {"parent": PANEL, "encryption_level": "none", "document": panel_document(secret, **settings)}


def stored(aca: AcaServer, key: str = "msgraph_secret") -> str:
    """What the server shows of a secret."""
    value: str = aca.panel()["settings"][key]
    return value


def writes(aca: AcaServer, mark: int) -> list[str]:
    """The writes after a mark."""
    return [line for line in aca.since(mark) if not line.startswith("GET")]


@pytest.fixture
def driver(aca: AcaServer) -> AcaServer:
    """The panel's driver with its settings."""
    aca.good("driver", class_name=PANEL)
    quiet(aca.good("settings", **wanted()))
    assert stored(aca).startswith(CIPHERTEXT)
    return aca


def test_the_same_secret_is_not_written_again(driver: AcaServer) -> None:
    before, mark = driver.panel(), driver.mark()
    assert not quiet(driver.good("settings", **wanted()))["changed"]
    assert writes(driver, mark) == []
    assert driver.panel() == before


def test_a_new_secret_costs_one_write_and_one_of_its_fingerprint(driver: AcaServer) -> None:
    before = stored(driver)
    assert quiet(driver.check("settings", **wanted(LATER)))["changed"]
    mark = driver.mark()
    result = quiet(driver.good("settings", **wanted(LATER)))
    assert result["changes"]["updated"] == [f"none settings of {PANEL}"]
    (domain,) = driver.rows("domains")
    assert writes(driver, mark) == [
        f"PUT {API}/dependencies/{driver.panel()['id']}",
        f"PUT /auth/api/domains/{domain['id']}",
    ]
    assert stored(driver) != before
    assert not quiet(driver.good("settings", **wanted(LATER)))["changed"]


def test_the_diff_of_a_new_secret_tells_the_change_and_masks_both(driver: AcaServer) -> None:
    (entry,) = quiet(driver.good("settings", **wanted(LATER)))["diff"]
    assert entry["before"] != entry["after"]
    assert entry["before"]["document"]["msgraph_secret"] == "********"


def test_a_changed_setting_carries_the_ciphertext_byte_for_byte(driver: AcaServer) -> None:
    before, mark = stored(driver), driver.mark()
    quiet(driver.good("settings", **wanted(update_every="5m")))
    assert len(writes(driver, mark)) == 1
    assert driver.panel()["settings"]["update_every"] == "5m"
    assert stored(driver) == before


def test_a_secret_that_was_changed_by_hand_stays_unnoticed_unless_it_is_always_written(driver: AcaServer) -> None:
    """Nobody can read it back: the fingerprint tells what was written last."""
    settings = driver.panel()["settings"]
    driver.change("dependencies", driver.panel()["id"], settings={**settings, "$msgraph_secret": "by-hand"})
    by_hand = stored(driver)
    assert not quiet(driver.good("settings", **wanted()))["changed"]
    assert stored(driver) == by_hand
    assert quiet(driver.good("settings", **wanted(), update_secret="always"))["changed"]
    assert stored(driver) != by_hand


def test_on_create_writes_a_secret_once_only(driver: AcaServer) -> None:
    before, mark = stored(driver), driver.mark()
    assert not quiet(driver.good("settings", **wanted(LATER), update_secret="on_create"))["changed"]
    assert writes(driver, mark) == []
    quiet(driver.good("settings", **wanted(LATER, update_every="9m"), update_secret="on_create"))
    assert stored(driver) == before


def test_a_secret_in_clear_text_becomes_encrypted(driver: AcaServer) -> None:
    settings = {**driver.panel()["settings"], "msgraph_secret": SECRET}
    driver.change("dependencies", driver.panel()["id"], settings=settings)
    assert stored(driver) == SECRET
    foretold = quiet(driver.check("settings", **wanted()))
    result = quiet(driver.good("settings", **wanted()))
    assert result["changed"]
    assert result["changes"] == foretold["changes"]
    assert stored(driver).startswith(CIPHERTEXT)
    assert not quiet(driver.good("settings", **wanted()))["changed"]


def test_a_secret_that_is_left_in_clear_text_under_another_key_is_told_and_not_shown(driver: AcaServer) -> None:
    settings = {**driver.panel()["settings"], "office_secret": READABLE}
    driver.change("dependencies", driver.panel()["id"], settings=settings)
    result = quiet(driver.good("settings", **wanted(update_every="7m")))
    assert [text for text in result["warnings"] if "office_secret" in text and "readable" in text]
    assert driver.panel()["settings"]["office_secret"] == READABLE
    gone = {**wanted(), "document": {"office_secret": None}}
    assert quiet(driver.good("settings", **gone))["changed"]
    assert "office_secret" not in driver.panel()["settings"]
    assert not quiet(driver.good("settings", **gone))["warnings"]


def test_a_level_encrypts_every_text_and_the_keys_of_a_zone_that_are_its_fields_stay(aca: AcaServer) -> None:
    aca.good("zone", zones=[{"name": "Acme", "tags": ["org"]}, {"name": "S", "parent": "Acme", "tags": ["building"]}])
    document = {"host": "graph", "login": {"$client_secret": SECRET}}
    task = {"parent": "Acme", "parent_kind": "zone", "encryption_level": "admin", "document": document}
    assert quiet(aca.good("settings", **task))["changed"]
    settings = aca.row("zones", "Acme")["settings"]
    assert settings["host"].startswith(CIPHERTEXT)
    assert settings["login"]["client_secret"].startswith(CIPHERTEXT)
    assert settings["discovery_info"]["buildings"][0]["name"] == "S"
    assert not quiet(aca.good("settings", **task))["changed"]
    assert quiet(aca.good("settings", **task, state="absent"))["changed"]
    assert list(aca.row("zones", "Acme")["settings"]) == ["discovery_info"]


def test_two_tasks_give_one_object_its_secrets_and_neither_forgets_the_others(driver: AcaServer) -> None:
    other = {"parent": PANEL, "encryption_level": "none", "document": {"mailer": {"$password": LATER}}}
    quiet(driver.good("settings", **other))
    for task in (wanted(), other):
        assert not quiet(driver.good("settings", **task))["changed"]


def test_a_run_that_died_before_the_fingerprint_writes_the_secret_again_and_then_rests(aca: AcaServer) -> None:
    aca.good("driver", class_name=PANEL)
    aca.fault("/auth/api/domains", method="PUT", status=500, times=0)
    result = quiet(aca.good("settings", **wanted()))
    assert [text for text in result["warnings"] if "next run will write them again" in text]
    aca.control("faults", method="DELETE")
    assert quiet(aca.good("settings", **wanted()))["changed"]
    assert not quiet(aca.good("settings", **wanted()))["changed"]


def test_fingerprints_are_salted_hashes_that_only_administrators_see(driver: AcaServer) -> None:
    (domain,) = driver.rows("domains")
    kept = domain["internals"]["ansible_placeos_office365"]["fingerprints"]
    assert [value.split("$")[0] for value in kept.values()] == ["scrypt"]
    assert SECRET not in json.dumps(domain)
    assert "scrypt" not in driver.api("GET", "/auth/authority").text


def test_placeos_info_shows_no_secret(driver: AcaServer) -> None:
    objects = quiet(driver.good("info", kind="settings", parent=PANEL, parent_kind="driver"))["objects"]
    assert objects[0]["document"]["msgraph_secret"] == "********"
    quiet(driver.good("info", kind="driver"))
    quiet(driver.good("info", kind="domain"))
