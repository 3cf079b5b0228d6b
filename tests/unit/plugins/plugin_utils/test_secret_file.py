# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vaulted file with an application's secret, with Ansible's own vault."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.placeos.office365.plugins.plugin_utils._microsoft.secret_file import (
    SecretFile,
    UnusableFile,
    replaced,
)

OURS: Any = [("default", VaultSecret(b"fake-vault-password"))]
THEIRS: Any = [("prod", VaultSecret(b"fake-production-password"))]
VALUE = "Fic~fake-secret-value-0123456789-abcdefgh"
APP = "aaaabbbb-1111-2222-3333-ccccddddeeee"
OLD, NEW = "5d5d5d5d-0000-4000-8000-00000000000a", "5d5d5d5d-0000-4000-8000-00000000000b"


def put(path: Path, text: str, secrets: Any = None, vault_id: str | None = None) -> None:
    secrets = secrets or OURS
    path.write_bytes(VaultLib(secrets).encrypt(text, secret=secrets[0][1], vault_id=vault_id))


def content(path: Path, secrets: Any = None) -> str:
    text: str = VaultLib(secrets or OURS).decrypt(path.read_bytes()).decode()
    return text


def opened(path: Path, **how: Any) -> SecretFile:
    return SecretFile(str(path), how.pop("secrets", OURS), **how)


def stored(path: Path, key_id: str = NEW, **how: Any) -> dict[str, Any]:
    file = opened(path, **how)
    file.check(write=True)
    file.store(app_id=APP, secret=VALUE, key_id=key_id, ends="2027-05-22T08:00:00.123Z")
    values: dict[str, Any] = yaml.safe_load(content(path, how.get("secrets")))
    return values


def test_a_new_file_is_encrypted_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "host_vars" / "acme" / "microsoft_app.yml"
    values = stored(path)
    assert values == {
        "microsoft_client_id": APP,
        "microsoft_client_secret": VALUE,
        "microsoft_client_secret_key_id": NEW,
        "microsoft_client_secret_ends": "2027-05-22T08:00:00.123Z",
        "microsoft_client_secret_previous": [],
    }
    assert path.read_text().startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_the_mode_is_the_owners_whatever_the_umask_and_the_mode_before(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    put(path, "a: 1\n")
    path.chmod(0o644)
    before = os.umask(0)
    try:
        stored(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_other_variables_and_comments_stay_and_former_secrets_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    text = (
        "---\n# by hand\nother: {deep: [1, 2]}\nmicrosoft_client_secret: old-fake-value\n"
        f"microsoft_client_secret_key_id: {OLD}\n# above the list\nmicrosoft_client_secret_previous:\n- first\n\n"
        "last: |\n  a\n  b\n"
    )
    put(path, text)
    values = stored(path)
    after = content(path)
    assert values["microsoft_client_secret_previous"] == ["first", OLD]
    assert values["other"] == {"deep": [1, 2]}
    assert values["last"] == "a\nb\n"
    assert "# by hand" in after
    assert "# above the list" in after
    assert "old-fake-value" not in after


def test_the_same_secret_stored_again_is_not_its_own_predecessor(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    stored(path, OLD)
    stored(path, NEW)
    assert stored(path, NEW)["microsoft_client_secret_previous"] == [OLD]


def test_removed_secrets_are_forgotten_and_nothing_is_written_if_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    stored(path, OLD)
    stored(path, NEW)
    assert opened(path).forget([OLD.upper()]) is True
    assert yaml.safe_load(content(path))["microsoft_client_secret_previous"] == []
    before = path.read_bytes()
    assert opened(path).forget([OLD]) is False
    assert path.read_bytes() == before


def test_a_key_id_without_a_secret_is_no_secret_in_use(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    put(path, f"microsoft_client_id: {APP}\nmicrosoft_client_secret_key_id: {OLD}\n")
    file = opened(path)
    assert (file.app_id, file.key_id, file.previous) == (APP, "", [])


def test_values_with_tags_do_not_disturb(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    put(path, "other: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nmore: !unsafe '{{ x }}'\n")
    opened(path).store(app_id=APP, secret=VALUE, key_id=NEW, ends=None)
    assert "other: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n" in content(path)
    assert "more: !unsafe '{{ x }}'" in content(path)


@pytest.mark.parametrize("given", ["microsoft_client_id: {a: 1}\nmicrosoft_client_secret: [1]\n", "", "\n", "---\n"])
def test_odd_values_count_as_none(tmp_path: Path, given: str) -> None:
    path = tmp_path / "app.yml"
    put(path, given)
    file = opened(path)
    assert (file.app_id, file.key_id, file.previous) == ("", "", [])


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    path.touch()
    assert stored(path)["microsoft_client_secret"] == VALUE


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "real.yml", tmp_path / "link.yml"
    put(target, "a: 1\n")
    link.symlink_to(target)
    stored(link)
    assert link.is_symlink()
    assert yaml.safe_load(content(target))["a"] == 1


def test_ansible_itself_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    stored(path)
    loader = DataLoader()
    loader.set_vault_secrets(OURS)
    assert loader.load_from_file(str(path))["microsoft_client_secret"] == VALUE


# -- vault passwords ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secrets", [None, []])
def test_without_a_vault_password_it_says_how_to_give_one(tmp_path: Path, secrets: Any) -> None:
    with pytest.raises(UnusableFile, match="--vault-password-file"):
        opened(tmp_path / "app.yml", secrets=secrets)


def test_with_one_password_that_is_taken_and_its_id_kept(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    stored(path, secrets=THEIRS)
    assert path.read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n")


def test_with_several_passwords_a_new_file_needs_to_be_told_which(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    with pytest.raises(UnusableFile, match="secret_file_vault_id"):
        opened(path, secrets=OURS + THEIRS)
    stored(path, secrets=OURS + THEIRS, vault_id="prod")
    assert content(path, THEIRS)


def test_with_several_passwords_a_file_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    put(path, "a: 1\n", THEIRS, "prod")
    stored(path, secrets=OURS + THEIRS)
    assert path.read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n")


def test_with_several_passwords_the_usual_one_is_taken_unless_the_file_has_its_own(tmp_path: Path) -> None:
    new, own = tmp_path / "new.yml", tmp_path / "own.yml"
    stored(new, secrets=OURS + THEIRS, usual="prod")
    assert content(new, THEIRS)
    put(own, "a: 1\n", THEIRS, "prod")
    stored(own, secrets=OURS + THEIRS, usual="default")
    assert content(own, THEIRS)
    with pytest.raises(UnusableFile, match="secret_file_vault_id"):
        opened(tmp_path / "other.yml", secrets=OURS + THEIRS, usual="staging")


def test_the_only_password_is_not_taken_where_another_one_is_usual(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"'default' .vault_encrypt_identity., and the run has prod only"):
        opened(tmp_path / "app.yml", secrets=THEIRS, usual="default")
    stored(tmp_path / "named.yml", secrets=THEIRS, usual="default", vault_id="prod")


def test_a_vault_id_that_the_run_does_not_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="'staging' is not among the vault passwords of this run"):
        opened(tmp_path / "app.yml", vault_id="staging")


def test_a_file_of_another_password_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    put(path, "a: 1\n", THEIRS)
    with pytest.raises(UnusableFile, match="cannot be decrypted"):
        opened(path)


# -- what cannot be written --------------------------------------------------------------------------------------------


def test_a_file_that_is_not_encrypted_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    path.write_text("a: 1\n")
    with pytest.raises(UnusableFile, match="ansible-vault encrypt"):
        opened(path)


def test_what_is_no_yaml_is_told_without_its_text(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    put(path, "a: 1\nsecret: [fake-secret-in-file\n")
    with pytest.raises(UnusableFile, match=r"is no YAML in line \d") as caught:
        opened(path)
    assert "fake-secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_holds_no_variables_is_told(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    put(path, "- a\n- b\n")
    with pytest.raises(UnusableFile, match="does not hold variables"):
        opened(path)


def test_variables_that_cannot_be_replaced_line_by_line_leave_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    put(path, "{microsoft_client_id: a, other: b}\n")
    before = path.read_bytes()
    with pytest.raises(UnusableFile, match=r"(is laid out so|is no YAML)"):
        opened(path).store(app_id=APP, secret=VALUE, key_id=NEW, ends=None)
    assert path.read_bytes() == before


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="cannot be read"):
        opened(tmp_path)


def test_checking_only_writes_nothing_and_makes_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "app.yml"
    opened(path).check(write=False)
    assert list(tmp_path.iterdir()) == []


def test_a_path_through_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnusableFile):
        opened(tmp_path / "file" / "app.yml").check(write=True)


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "app.yml"
    stored(path, OLD)
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UnusableFile, match="No space left on device"):
        opened(path).store(app_id=APP, secret=VALUE, key_id=NEW, ends=None)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_value_is_never_on_disk_in_the_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    original = os.fdopen

    class Spy:
        def __init__(self, descriptor: int, mode: str) -> None:
            self.file = original(descriptor, mode)

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_how: object) -> None:
            self.file.close()

        def write(self, data: bytes) -> None:
            written.append(data)
            self.file.write(data)

        def flush(self) -> None:
            self.file.flush()

        def fileno(self) -> int:
            return self.file.fileno()

    monkeypatch.setattr("os.fdopen", Spy)
    stored(tmp_path / "app.yml")
    assert written
    assert all(VALUE.encode() not in data for data in written)


# -- the text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "a: 2\n"),
        ("a: 1", "a: 2\n"),
        ("a: 1\nb: 1\n", "a: 2\nb: 1\n"),
        ("b: 1\na:\n  - x\n  - y\nc: 1\n", "b: 1\na: 2\nc: 1\n"),
        ("a:\n- x\n- y\n# note\nc: 1\n", "a: 2\n# note\nc: 1\n"),
        ("a: |\n  x\n  y\n\n# note\n", "a: 2\n\n# note\n"),
        ("aa: 1\n a: no\n", "aa: 1\n a: no\na: 2\n"),
    ],
)
def test_a_variable_is_replaced_where_it_stands(before: str, after: str) -> None:
    assert replaced(before, {"a": 2}) == after
