# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in settings: encrypted on save, bound to object and key."""

from __future__ import annotations

from typing import Any

import pytest
from lab.acaengine.encryption import ESCAPE, CipherError, decode_setting, encode_setting, encrypt_settings
from lab.acaengine.seed import EDGE_ID
from lab.acaengine.testing import Client


@pytest.mark.parametrize("path", ["/zones", "/systems", "/dependencies", "/modules"])
def test_a_secret_is_stored_without_its_dollar_and_opens_there(aca: Client, demo: str, room: str, path: str) -> None:
    dependency = {"role": "logic", "class_name": "::A", "module_name": "A"}
    module = {"dependency_id": demo, "edge_id": EDGE_ID, "control_system_id": room}
    body = {"name": "X", **dependency, **module, "settings": {"$secret": "s3cret", "plain": "p"}}
    row = aca.post(path, body).json
    assert row["settings"].keys() == {"secret", "plain"}
    assert row["settings"]["secret"].startswith(ESCAPE)
    assert "s3cret" not in str(aca.get(f"{path}/{row['id']}").json)
    assert decode_setting(row["id"], "secret", row["settings"]["secret"]) == "s3cret"


def test_hashes_are_searched_and_lists_are_not() -> None:
    given: dict[str, Any] = {
        "a": {"$b": "x", "c": {"$d": "y"}},
        "$list": ["z"],
        "list": [{"$e": "clear"}],
        "$number": 5,
        "$hash": {"$f": "w"},
    }
    stored = encrypt_settings("zone-1", given)
    assert decode_setting("zone-1", "b", stored["a"]["b"]) == "x"
    assert decode_setting("zone-1", "d", stored["a"]["c"]["d"]) == "y"
    assert decode_setting("zone-1", "f", stored["$hash"]["f"]) == "w"
    assert (stored["$list"], stored["list"], stored["$number"]) == (["z"], [{"$e": "clear"}], 5)
    assert given["a"]["$b"] == "x", "what was given is not changed"


def test_ciphertext_has_four_parts_as_ruby_writes_them() -> None:
    salt, vector, tag, cipher = encode_setting("zone-1", "k", "x" * 100)[1:].split("|")
    assert salt.startswith("400$8$")
    assert (len(vector), len(tag)) == (17, 25)
    assert [len(line) for line in cipher.splitlines()] == [60, 60, 16]
    assert cipher.endswith("\n")


def test_each_save_makes_new_ciphertext() -> None:
    assert encode_setting("zone-1", "k", "same") != encode_setting("zone-1", "k", "same")


@pytest.mark.parametrize(("owner", "key"), [("zone-2", "k"), ("zone-1", "other")])
def test_ciphertext_does_not_open_elsewhere(owner: str, key: str) -> None:
    with pytest.raises(CipherError, match="CipherError"):
        decode_setting(owner, key, encode_setting("zone-1", "k", "secret"))


def test_spoilt_ciphertext_does_not_open() -> None:
    for text in (f"{ESCAPE}400|a|b", f"{ESCAPE}salt|!|!|!"):
        with pytest.raises(CipherError):
            decode_setting("zone-1", "k", text)
    assert decode_setting("zone-1", "k", "plain") == "plain"


def test_ciphertext_sent_back_is_kept(aca: Client) -> None:
    zone = aca.post("/zones", {"name": "Z", "settings": {"$k": "secret"}}).json
    after = aca.changed(f"/zones/{zone['id']}", settings={**zone["settings"], "more": 1})
    assert after["settings"]["k"] == zone["settings"]["k"]


def test_only_changed_settings_are_saved(aca: Client) -> None:
    zone = aca.post("/zones", {"name": "Z", "settings": {"$k": "secret"}}).json
    assert aca.changed(f"/zones/{zone['id']}", name="Y")["settings"] == zone["settings"]
    again = aca.changed(f"/zones/{zone['id']}", settings={"$k": "secret"})
    assert again["settings"]["k"] != zone["settings"]["k"], "a secret sent again is encrypted again"


def test_an_empty_secret_breaks(aca: Client) -> None:
    assert aca.post("/zones", {"name": "Z", "settings": {"$k": ""}}).status == 500
    assert aca.get("/zones").json["total"] == 0


def test_ciphertext_is_shown_to_whoever_may_read(aca: Client) -> None:
    system = aca.made("/systems", name="S", settings={"$k": "secret"})
    assert aca.get(f"/systems/{system}", role="user").json["settings"]["k"].startswith(ESCAPE)
