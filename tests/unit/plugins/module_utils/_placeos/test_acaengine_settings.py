# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact requests of settings on ACAEngine: one document per object, with secrets under ``$`` keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine import ACAEngine
from ansible_collections.placeos.office365.plugins.module_utils._placeos.fingerprints import INTERNALS_KEY, fingerprint
from ansible_collections.placeos.office365.plugins.module_utils._placeos.fingerprints import matches as made_of
from ansible_collections.placeos.office365.plugins.modules.placeos_settings import main
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_acaengine import (
    DEPENDENCIES,
    DOMAINS,
    SYSTEMS,
    ZONES,
    ciphertext,
    dependency,
    domain,
    expect_all,
    system,
    zone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient
    from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import FakePlaceOS, Ran

    Play = Callable[..., Ran]

SECRET = "fake-secret-of-the-app"
NEW = "fake-new-secret-of-the-app"
STORED = ciphertext("old")
FRESH = ciphertext("new")
DEP = "dep-panel1"
URL = f"{DEPENDENCIES}/{DEP}"
TARGET: dict[str, Any] = {"parent": DEP, "encryption_level": "none"}
BARE_DOMAIN = domain("sgrp-1", "Acme", internals={"other": 1})


def holding(**settings: Any) -> dict[str, Any]:
    """The driver with these settings."""
    return dependency(DEP, "Panel", settings=settings)


def knowing(value: str, path: str = "$office_secret", level: str = "none") -> dict[str, Any]:
    """The domain with the fingerprint of a secret that was written."""
    key = f"settings/{DEP}/{level}/document/{path}"
    kept = {"fingerprints": {key: fingerprint(value)}}
    return {**BARE_DOMAIN, "internals": {"other": 1, INTERNALS_KEY: kept}}


def expect_written(server: FakePlaceOS, before: dict[str, Any], sent: dict[str, Any], after: dict[str, Any]) -> None:
    """Expect that the document is read again, replaced whole, and looked at once more."""
    server.expect("GET", URL, before)
    server.expect("PUT", URL, after, body={"settings": sent})
    server.expect("GET", URL, after)


def expect_remembered(server: FakePlaceOS, stored: dict[str, Any] | None = None) -> None:
    """Expect that the fingerprints are added to the domain, which is read for it."""
    stored = stored or BARE_DOMAIN
    server.expect("GET", f"{DOMAINS}/sgrp-1", stored)
    server.any_body_once("PUT", f"{DOMAINS}/sgrp-1", stored)


def remembered(server: FakePlaceOS) -> dict[str, str]:
    """The fingerprints as they were sent last."""
    internals = server.last_body()["internals"]
    assert internals["other"] == 1
    return cast(dict[str, str], internals[INTERNALS_KEY]["fingerprints"])


# -- readable settings -----------------------------------------------------------------------------------------------


def test_the_driver_may_be_named(server: FakePlaceOS, play_aca: Play) -> None:
    expect_all(server, DEPENDENCIES, holding(timeout=1800))
    server.expect("GET", URL, holding(timeout=1800))
    ran = play_aca(main, parent="::Aca::O365BookingPanel", encryption_level="none", document={"timeout": 1800})
    assert ran.no_warnings().result["changed"] is False


def test_changed_keys_are_merged_and_the_whole_document_is_sent(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(timeout=1800, colour="red"))
    after = {"timeout": 900, "colour": "red", "touch_enabled": True}
    expect_written(server, holding(timeout=1800, colour="red"), after, holding(**after))
    ran = play_aca(main, **TARGET, document={"timeout": 900, "touch_enabled": True}).no_warnings()
    assert ran.changes == {"updated": [f"none settings of {DEP}"]}
    assert ran.diff[0][1]["document"] == {"timeout": 1800, "colour": "red"}


def test_what_another_hand_wrote_since_the_plan_was_made_stays(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(timeout=1800, colour="red", gone=1))
    meanwhile = holding(timeout=1800, colour="blue", new=[1])
    after = {"timeout": 900, "colour": "blue", "new": [1]}
    expect_written(server, meanwhile, after, holding(**after))
    play_aca(main, **TARGET, document={"timeout": 900}).no_warnings()


def test_a_null_removes_a_key(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(timeout=1800, old=1))
    expect_written(server, holding(timeout=1800, old=1), {"timeout": 1800}, holding(timeout=1800))
    play_aca(main, **TARGET, document={"old": None}).no_warnings()


def test_replacing_removes_all_other_keys(server: FakePlaceOS, play_aca: Play) -> None:
    before = holding(timeout=1800, old=1, key=STORED)
    server.expect("GET", URL, before)
    expect_written(server, before, {"timeout": 900}, holding(timeout=900))
    ran = play_aca(main, **TARGET, document={"timeout": 900}, mode="replace").no_warnings()
    assert ran.result["changed"] is True


def test_check_mode_writes_nothing(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(timeout=1800))
    assert play_aca(main, **TARGET, document={"timeout": 900}, check=True).result["changed"] is True


def test_settings_of_a_system_name_its_version_and_survive_a_conflict(
    server: FakePlaceOS, play_aca: Play, sleeps: list[float]
) -> None:
    url = f"{SYSTEMS}/sys-room1"
    room = system("sys-room1", "R", version=3, settings={"map_id": "1", "a": 1})
    later = {**room, "version": 4, "settings": {"map_id": "2", "a": 1}}
    after = {**later, "version": 5, "settings": {"map_id": "2", "a": 2}}
    server.expect("GET", url, room)
    server.expect("GET", url, room)
    server.expect("PUT", url, status=409, body={"settings": {"map_id": "1", "a": 2}, "version": 3})
    server.expect("GET", url, later)
    server.expect("GET", url, later)
    server.expect("PUT", url, after, body={"settings": {"map_id": "2", "a": 2}, "version": 4})
    server.expect("GET", url, after)
    ran = play_aca(main, parent="sys-room1", encryption_level="none", document={"a": 2})
    assert ran.result["settings"][0]["document"] == {"a": 2}


def test_many_objects_are_read_in_one_list(server: FakePlaceOS, play_aca: Play) -> None:
    rows = [dependency(f"dep-many{n:02}", f"D{n}", settings={"a": 1}) for n in range(11)]
    expect_all(server, DEPENDENCIES, *rows)
    wanted = [{"parent": row["id"], "encryption_level": "none", "document": {"a": 1}} for row in rows]
    assert play_aca(main, settings=wanted).no_warnings().result["changed"] is False


# -- secrets ---------------------------------------------------------------------------------------------------------


def test_a_new_secret_is_written_and_remembered(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(timeout=1800))
    expect_all(server, DOMAINS, BARE_DOMAIN)
    sent = {"timeout": 1800, "$office_secret": SECRET}
    expect_written(server, holding(timeout=1800), sent, holding(timeout=1800, office_secret=STORED))
    expect_remembered(server)
    ran = play_aca(main, **TARGET, document={"$office_secret": SECRET}).no_warnings()
    assert ran.result["changed"] is True
    ((key, kept),) = remembered(server).items()
    assert key == f"settings/{DEP}/none/document/$office_secret"
    assert made_of(SECRET, kept)
    assert SECRET not in ran.printed
    assert STORED[1:12] not in ran.printed


def test_an_unchanged_secret_is_not_written(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(timeout=1800, office_secret=STORED))
    expect_all(server, DOMAINS, knowing(SECRET))
    ran = play_aca(main, **TARGET, document={"$office_secret": SECRET, "timeout": 1800}).no_warnings()
    assert ran.result["changed"] is False
    assert SECRET not in ran.printed
    assert STORED[1:12] not in ran.printed


def test_beside_an_unchanged_secret_its_ciphertext_is_carried_along(server: FakePlaceOS, play_aca: Play) -> None:
    before = holding(timeout=1800, office_secret=STORED, other_secret=FRESH)
    server.expect("GET", URL, before)
    expect_all(server, DOMAINS, knowing(SECRET))
    after = {"timeout": 900, "office_secret": STORED, "other_secret": FRESH}
    expect_written(server, before, after, holding(**after))
    ran = play_aca(main, **TARGET, document={"$office_secret": SECRET, "timeout": 900}).no_warnings()
    assert ran.changes == {"updated": [f"none settings of {DEP}"]}
    assert STORED[1:12] not in ran.printed


def test_a_changed_secret_is_written_once(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(timeout=1800, office_secret=STORED))
    expect_all(server, DOMAINS, knowing(SECRET))
    sent = {"timeout": 1800, "$office_secret": NEW}
    after = holding(timeout=1800, office_secret=FRESH)
    expect_written(server, holding(timeout=1800, office_secret=STORED), sent, after)
    expect_remembered(server, knowing(SECRET))
    ran = play_aca(main, **TARGET, document={"$office_secret": NEW}).no_warnings()
    (kept,) = remembered(server).values()
    assert made_of(NEW, kept)
    assert not any(text in ran.printed for text in (SECRET, NEW, STORED[1:12], FRESH[1:12]))
    server.expect("GET", URL, after)
    expect_all(server, DOMAINS, knowing(NEW))
    assert play_aca(main, **TARGET, document={"$office_secret": NEW}).no_warnings().result["changed"] is False


def test_of_two_secrets_only_the_changed_one_is_sent(server: FakePlaceOS, play_aca: Play) -> None:
    """The other may belong to another task, which remembers it by itself."""
    before = holding(office_secret=STORED, graph={"key": STORED})
    known = knowing(SECRET)
    known["internals"][INTERNALS_KEY]["fingerprints"] |= knowing(SECRET, "graph.$key")["internals"][INTERNALS_KEY][
        "fingerprints"
    ]
    server.expect("GET", URL, before)
    expect_all(server, DOMAINS, known)
    after = holding(office_secret=STORED, graph={"key": FRESH})
    expect_written(server, before, {"office_secret": STORED, "graph": {"$key": NEW}}, after)
    expect_remembered(server, known)
    play_aca(main, **TARGET, document={"$office_secret": SECRET, "graph": {"$key": NEW}}).no_warnings()
    kept = remembered(server)
    assert made_of(SECRET, kept[f"settings/{DEP}/none/document/$office_secret"])
    assert made_of(NEW, kept[f"settings/{DEP}/none/document/graph.$key"])


def test_two_tasks_may_each_give_an_object_a_secret(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(office_secret=STORED, other=STORED))
    known = knowing(SECRET)
    known["internals"][INTERNALS_KEY]["fingerprints"] |= knowing(NEW, "$other")["internals"][INTERNALS_KEY][
        "fingerprints"
    ]
    expect_all(server, DOMAINS, known)
    assert play_aca(main, **TARGET, document={"$office_secret": SECRET}).no_warnings().result["changed"] is False
    server.expect("GET", URL, holding(office_secret=STORED, other=STORED))
    expect_all(server, DOMAINS, known)
    assert play_aca(main, **TARGET, document={"$other": NEW}).no_warnings().result["changed"] is False


def test_a_secret_that_somebody_removed_is_written_again(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(timeout=1))
    expect_all(server, DOMAINS, knowing(SECRET))
    sent = {"timeout": 1, "$office_secret": SECRET}
    expect_written(server, holding(timeout=1), sent, holding(timeout=1, office_secret=STORED))
    expect_remembered(server, knowing(SECRET))
    assert play_aca(main, **TARGET, document={"$office_secret": SECRET}).result["changed"] is True


def test_a_value_that_was_readable_so_far_becomes_a_secret(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(office_secret=SECRET))
    expect_all(server, DOMAINS, BARE_DOMAIN)
    expect_written(
        server, holding(office_secret=SECRET), {"$office_secret": SECRET}, holding(office_secret=STORED)
    )  # fmt: skip
    expect_remembered(server)
    ran = play_aca(main, **TARGET, document={"$office_secret": SECRET}).no_warnings()
    assert SECRET not in ran.printed


def test_an_old_secret_that_was_readable_is_not_shown_when_it_goes(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(office_secret="fake-old-readable-secret"))
    expect_all(server, DOMAINS, BARE_DOMAIN)
    ran = play_aca(main, **TARGET, document={"$office_secret": SECRET}, check=True).no_warnings()
    assert ran.result["changed"] is True
    assert "fake-old-readable-secret" not in str(ran.diff)


@pytest.mark.parametrize(("policy", "written"), [("on_create", False), ("always", True)])
def test_the_policy_may_decide_instead_of_the_fingerprint(
    server: FakePlaceOS, play_aca: Play, policy: str, written: bool
) -> None:
    before = holding(office_secret=STORED)
    server.expect("GET", URL, before)
    if written:
        expect_written(server, before, {"$office_secret": SECRET}, holding(office_secret=FRESH))
    ran = play_aca(main, **TARGET, document={"$office_secret": SECRET}, update_secret=policy).no_warnings()
    assert ran.result["changed"] is written


def test_a_secret_in_place_of_which_a_readable_value_is_wanted_is_warned_about(
    server: FakePlaceOS, play_aca: Play
) -> None:
    server.expect("GET", URL, holding(office_secret=STORED))
    ran = play_aca(main, **TARGET, document={"office_secret": "plain"}, check=True)
    assert "office_secret is encrypted on the server and becomes readable; begin its name with $" in ran.warnings[0]


@pytest.mark.parametrize("document", [{"$a": 5}, {"a": [{"$b": SECRET}]}])
def test_what_the_server_would_not_encrypt_is_a_fault(
    server: FakePlaceOS, play_aca: Play, document: dict[str, Any]
) -> None:
    server.expect("GET", URL, holding())
    ran = play_aca(main, **TARGET, document=document)
    assert "would be stored readably: ACAEngine encrypts texts outside of lists only" in ran.result["msg"]
    assert ran.result["changed"] is False


def test_without_a_domain_of_this_name_the_secret_is_written_with_a_warning(
    server: FakePlaceOS, play_aca: Play
) -> None:
    server.expect("GET", URL, holding())
    expect_all(server, DOMAINS, domain("sgrp-2", "Other", dom="other.example"))
    expect_written(server, holding(), {"$office_secret": SECRET}, holding(office_secret=STORED))
    (warning,) = play_aca(main, **TARGET, document={"$office_secret": SECRET}).warnings
    assert "no domain 'acme.aca.example' on the server" in warning


# -- levels ----------------------------------------------------------------------------------------------------------


def test_a_level_makes_secrets_of_texts_and_one_task_may_have_several_levels(
    server: FakePlaceOS, play_aca: Play
) -> None:
    """Both items are about one document, so the second must not undo the first."""
    start, middle = holding(colour="red"), holding(colour="red", timeout=900)
    end = holding(colour="red", timeout=900, office_secret=STORED)
    server.expect("GET", URL, start)
    expect_all(server, DOMAINS, BARE_DOMAIN)
    server.expect("GET", URL, start)
    server.expect("PUT", URL, middle, body={"settings": {"colour": "red", "timeout": 900}})
    server.expect("GET", URL, middle)
    server.expect(
        "PUT", URL, end, body={"settings": {"colour": "red", "timeout": 900, "$office_secret": SECRET}}
    )  # fmt: skip
    server.expect("GET", URL, end)
    expect_remembered(server)
    levels = [
        {"parent": DEP, "encryption_level": "none", "document": {"timeout": 900}},
        {"parent": DEP, "encryption_level": "admin", "document": {"office_secret": SECRET}},
    ]
    ran = play_aca(main, settings=levels).no_warnings()
    assert ran.changes == {"updated": [f"none settings of {DEP}", f"admin settings of {DEP}"]}
    assert SECRET not in ran.printed
    server.expect("GET", URL, end)
    expect_all(server, DOMAINS, knowing(SECRET, level="admin"))
    assert play_aca(main, settings=levels).no_warnings().result["changed"] is False


def test_replacing_by_one_of_several_items_is_a_fault(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(a=1))
    ran = play_aca(
        main,
        settings=[
            {**TARGET, "document": {"a": 1}, "mode": "replace"},
            {"parent": DEP, "encryption_level": "admin", "document": {"b": 2}},
        ],
    )
    assert "with mode replace, give all of it in one item" in ran.result["msg"]


def test_one_document_can_not_both_go_and_be_wanted(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(a=1))
    ran = play_aca(
        main,
        settings=[
            {**TARGET, "document": {"a": 1}},
            {"parent": DEP, "encryption_level": "admin", "state": "absent"},
        ],
    )
    assert "another item of the list wants it" in ran.result["msg"]


# -- what belongs to fields of the object ----------------------------------------------------------------------------


def test_settings_that_go_leave_those_that_are_fields_of_the_object(server: FakePlaceOS, play_aca: Play) -> None:
    url = f"{ZONES}/zone-bldg"
    before = zone("zone-bldg", "B", settings={"discovery_info": {"levels": []}, "a": 1, "k": STORED})
    after = zone("zone-bldg", "B", settings={"discovery_info": {"levels": []}})
    server.expect("GET", url, before)
    server.expect("GET", url, before)
    server.expect("PUT", url, after, body={"settings": {"discovery_info": {"levels": []}}})
    target = {"parent": "zone-bldg", "parent_kind": "zone", "encryption_level": "none", "state": "absent"}
    assert play_aca(main, **target).no_warnings().result["changed"] is True
    server.expect("GET", url, after)
    assert play_aca(main, **target).no_warnings().result["changed"] is False


def test_replacing_leaves_them_too(server: FakePlaceOS, play_aca: Play) -> None:
    url = f"{SYSTEMS}/sys-room1"
    before = system("sys-room1", "R", settings={"map_id": "1", "extra_features": "vc", "a": 1})
    after = {**before, "version": 1, "settings": {"map_id": "1", "extra_features": "vc", "b": 2}}
    server.expect("GET", url, before)
    server.expect("GET", url, before)
    server.expect("PUT", url, after, body={"settings": after["settings"], "version": 0})
    server.expect("GET", url, after)
    ran = play_aca(main, parent="sys-room1", encryption_level="none", document={"b": 2}, mode="replace").no_warnings()
    assert ran.result["settings"][0]["document"] == {"b": 2}


def test_a_document_that_names_them_reaches_them(server: FakePlaceOS, play_aca: Play) -> None:
    url = f"{SYSTEMS}/sys-room1"
    server.expect("GET", url, system("sys-room1", "R", settings={"map_id": "1", "extra_features": "vc"}))
    ran = play_aca(main, parent="sys-room1", encryption_level="none", document={"map_id": "2"}, check=True)
    assert ran.diff[0][1:] == ({"document": {"map_id": "1"}}, {"document": {"map_id": "2"}})


# -- purge -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["none", "admin"])
def test_a_purge_does_not_take_the_document_that_the_list_is_about(
    server: FakePlaceOS, play_aca: Play, level: str
) -> None:
    server.expect("GET", URL, holding(a=1, b=2))
    wanted = [{"parent": DEP, "encryption_level": level, "document": {"a": 1}}]
    ran = play_aca(main, settings=wanted, purge=True, purge_scope={"parent": DEP}, purge_max_share=1).no_warnings()
    assert ran.result["changed"] is False


def test_a_purge_takes_a_document_that_no_item_is_about_once(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(a=1))
    server.expect("GET", URL, holding(a=1))
    server.expect("PUT", URL, holding(), body={"settings": {}})
    how = {"settings": [], "purge": True, "purge_scope": {"parent": DEP}, "purge_max_share": 1}
    assert play_aca(main, **how).no_warnings().changes == {"deleted": [f"{DEP}/none"]}
    server.expect("GET", URL, holding())
    assert play_aca(main, **how).no_warnings().result["changed"] is False


# -- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Panel", "O365 - Panel", "dep"])
def test_an_unknown_parent_is_a_fault(server: FakePlaceOS, play_aca: Play, name: str) -> None:
    expect_all(server, DEPENDENCIES, dependency("dep-other1", "Other"))
    ran = play_aca(main, parent=name, encryption_level="none", document={"a": 1})
    assert f"parent: there is no driver '{name}'" in ran.result["msg"]


@pytest.mark.parametrize("parent", ["driver-L5-abcd", "user-abcd"])
def test_an_id_of_what_has_no_settings_is_a_fault(server: FakePlaceOS, play_aca: Play, parent: str) -> None:
    ran = play_aca(main, parent=parent, encryption_level="none", document={"a": 1})
    assert ran.result["failed"] is True
    assert "the object whose settings these are is gone" in ran.result["msg"]


def test_settings_are_found_by_the_id_that_a_result_gave_them(server: FakePlaceOS, play_aca: Play) -> None:
    server.expect("GET", URL, holding(office_secret=STORED))
    expect_all(server, DOMAINS, knowing(SECRET))
    ran = play_aca(main, id=f"{DEP}/none", document={"$office_secret": SECRET}).no_warnings()
    assert ran.result["changed"] is False


# -- what other hands do meanwhile ---------------------------------------------------------------------------------------


class FakeHttp:
    """One driver in memory."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.raw: dict[str, Any] = {"id": DEP, "settings": settings}

    def get(self, _path: str) -> Any:
        return type("Answer", (), {"data": self.raw})

    def request(self, _method: str, _path: str, *, body: dict[str, Any]) -> Any:
        self.raw = {"id": DEP, **body}
        return type("Answer", (), {"data": self.raw})


KEYS = st.sampled_from(["a", "b", "c", "d"])
DOCUMENTS = st.dictionaries(KEYS, st.integers(0, 3) | st.just({"x": 1}), max_size=4)


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_an_update_changes_its_own_keys_and_no_others(
    planned_with: dict[str, Any], wanted: dict[str, Any], meanwhile: dict[str, Any]
) -> None:
    http = FakeHttp(meanwhile)
    row: dict[str, Any] = {"id": f"{DEP}/none", "parent": DEP, "encryption_level": "none", "document": planned_with}
    ACAEngine(cast("HttpClient", http)).resource("settings").update(row, {"document": wanted})
    for key in ("a", "b", "c", "d"):
        ours = planned_with.get(key) != wanted.get(key)
        assert http.raw["settings"].get(key) == (wanted if ours else meanwhile).get(key)
