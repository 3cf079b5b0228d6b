# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs at once with the file of one application: neither loses a secret that the other one has stored."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.placeos.office365.plugins.plugin_utils._microsoft.one_at_a_time import NotHeld, held
from ansible_collections.placeos.office365.plugins.plugin_utils._microsoft.secret_file import SecretFile

OURS: Any = [("default", VaultSecret(b"fake-vault-password"))]
APP = "aaaabbbb-1111-2222-3333-ccccddddeeee"


def key(number: int) -> str:
    return f"5d5d5d5d-0000-4000-8000-{number:012}"


def test_each_of_many_runs_finds_what_the_others_have_stored(tmp_path: Path) -> None:
    path = tmp_path / "host_vars" / "acme" / "app.yml"

    def one(number: int) -> None:
        with held(path):
            file = SecretFile(str(path), OURS)
            file.check(write=True)
            file.store(app_id=APP, secret=f"fake value {number}", key_id=key(number), ends=None)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    values = yaml.safe_load(VaultLib(OURS).decrypt(path.read_bytes()))
    known = {values["microsoft_client_secret_key_id"], *values["microsoft_client_secret_previous"]}
    assert known == {key(number) for number in range(8)}
    assert list(path.parent.iterdir()) == [path]


def test_who_waits_too_long_is_told_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    waited: list[float] = []
    with (
        held(path),
        pytest.raises(NotHeld, match=r"another run .*app\.yml for 60 seconds; run again when it has ended"),
        held(path, patience=60, sleep=waited.append, clock=lambda: sum(waited)),
    ):
        pytest.fail("two at once")
    assert sum(waited) > 60


def test_a_lock_that_a_killed_run_has_left_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    (tmp_path / ".app.yml.lock").touch()
    with held(path, patience=0):
        assert not path.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    (tmp_path / ".app.yml.lock").symlink_to(victim)
    with pytest.raises(NotHeld, match="cannot be written"), held(tmp_path / "app.yml"):
        pytest.fail("held by a link")
    assert not victim.exists()


def test_a_folder_that_cannot_be_made_is_told() -> None:
    with pytest.raises(NotHeld, match="/proc/nothing"), held(Path("/proc/nothing/app.yml")):
        pytest.fail("held nowhere")
