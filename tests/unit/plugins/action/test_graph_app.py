# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugin does around the module: the file is looked at first, the secret is stored, or taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.placeos.office365.plugins.action.graph_app import ActionModule
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.sealing import recipient, seal
from ansible_collections.placeos.office365.plugins.plugin_utils._microsoft.secret_file import SecretFile

PASSWORDS: Any = (("default", VaultSecret(b"fake-vault-password")),)
VALUE = "Fic~fake-secret-value-0123456789-abcdefgh"
APP = "aaaabbbb-1111-2222-3333-ccccddddeeee"
OLD, NEW = "5d5d5d5d-0000-4000-8000-00000000000a", "5d5d5d5d-0000-4000-8000-00000000000b"
ENDS = "2027-05-22T08:00:00.123Z"


class FakeModule:
    """Stands in for the module: notes what it is given, and answers as it does."""

    def __init__(self, *, makes: bool = True, fails: bool = False, cannot_undo: bool = False) -> None:
        self.makes, self.fails, self.cannot_undo = makes, fails, cannot_undo
        self.calls: list[dict[str, Any]] = []
        self.before_answer: Callable[[], None] = lambda: None

    def __call__(self, *, module_name: str, module_args: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        assert module_name == "placeos.office365.graph_app"
        self.calls.append(json.loads(json.dumps(module_args)))
        result: dict[str, Any] = {
            "changed": False,
            "application": {"app_id": APP, "display_name": "PlaceOS"},
            "changes": {"created": ["application PlaceOS"], "updated": [], "deleted": [], "unchanged": []},
            "invocation": {"module_args": {"name": "PlaceOS", "_stored": {}}},
        }
        stored = module_args.get("_stored") or {}
        if stored.get("undo"):
            return {**result, "failed": self.cannot_undo, "msg": "refused" if self.cannot_undo else ""}
        if self.fails:
            return {**result, "failed": True, "msg": "it failed"}
        if self.makes:
            sealed = seal(VALUE, recipient(stored["address"])) if stored.get("address") else None
            result["secret"] = {"key_id": NEW, "name": "PlaceOS", "ends": ENDS}
            result["secret"].update({"sealed": sealed} if sealed else {"value": VALUE})
            result["changes"]["created"].append("secret PlaceOS")
            result["changed"] = True
        self.before_answer()
        return result


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "microsoft_app.yml"


def task(
    module: FakeModule, *, check: bool = False, passwords: Any = PASSWORDS, register: str = "", **arguments: Any
) -> dict[str, Any]:
    """Run a task with these arguments."""
    loader = DataLoader()
    loader.set_vault_secrets(passwords)
    given: Any = SimpleNamespace(
        args=arguments, check_mode=check, register=register, async_val=0, diff=False, action="graph_app"
    )
    nothing: Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None), has_pipelining=False)
    plugin = ActionModule(given, nothing, nothing, loader, nothing, nothing)
    setattr(plugin, "_execute_module", module)  # noqa: B010
    result: dict[str, Any] = plugin.run(task_vars={})
    return result


def content(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load(VaultLib(PASSWORDS).decrypt(path.read_bytes()))
    return values


def with_secret(path: Path, key_id: str = OLD) -> None:
    SecretFile(str(path), PASSWORDS).store(app_id=APP, secret="old-fake-value", key_id=key_id, ends=None)


def test_the_new_secret_is_in_the_file_and_not_in_the_result(path: Path) -> None:
    module = FakeModule()
    result = task(module, name="PlaceOS", secret={}, secret_file=str(path))
    assert content(path)["microsoft_client_secret"] == VALUE
    assert content(path)["microsoft_client_id"] == APP
    assert VALUE not in json.dumps(result)
    assert result["secret"] == {"key_id": NEW, "name": "PlaceOS", "ends": ENDS, "stored_in": str(path)}
    assert "_stored" not in result["invocation"]["module_args"]
    assert len(module.calls) == 1


def test_without_a_file_the_variable_of_the_task_gets_the_value_and_nothing_of_it_is_shown(path: Path) -> None:
    module = FakeModule()
    result = task(module, register="app", name="PlaceOS", secret={})
    assert result["secret"] == {"key_id": NEW, "name": "PlaceOS", "ends": ENDS, "value": VALUE}
    assert result["_ansible_no_log"] is True
    # What the module prints is shown by connection plugins and Ansible's debug output, so it is sealed there.
    assert module.calls[0]["_stored"].keys() == {"address"}
    assert not path.exists()


def test_a_result_without_a_new_secret_is_shown() -> None:
    assert "_ansible_no_log" not in task(FakeModule(makes=False), register="app", name="PlaceOS", secret={})


def test_no_secret_is_made_that_nobody_would_get_to_know() -> None:
    module = FakeModule()
    result = task(module, name="PlaceOS", secret={})
    assert result["failed"] is True
    assert "secret_file" in result["msg"]
    assert "register" in result["msg"]
    assert module.calls == []


@pytest.mark.parametrize("harmless", [{"check": True}, {"secret": {"renew": "never"}}, {"secret": None}])
def test_where_none_is_made_nothing_has_to_be_registered(harmless: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"name": "PlaceOS", "secret": {}, **harmless}
    assert not task(FakeModule(makes=False), **arguments).get("failed")


def test_nobody_but_the_plugin_can_say_what_the_file_holds() -> None:
    module = FakeModule(makes=False)
    task(module, name="PlaceOS", _stored={"undo": True})
    assert "_stored" not in module.calls[0]
    task(module, register="app", name="PlaceOS", secret={}, _stored={"undo": True})
    assert module.calls[1]["_stored"].keys() == {"address"}


def test_the_module_learns_what_the_file_holds_but_not_the_secret(path: Path) -> None:
    with_secret(path, "5d5d5d5d-0000-4000-8000-000000000001")
    with_secret(path, OLD)
    module = FakeModule(makes=False)
    task(module, name="PlaceOS", secret={}, secret_file=str(path))
    stored = module.calls[0]["_stored"]
    assert (stored["app_id"], stored["key_id"]) == (APP, OLD)
    assert stored["previous"] == ["5d5d5d5d-0000-4000-8000-000000000001"]
    assert "old-fake-value" not in json.dumps(module.calls)


def test_the_former_secret_is_listed_in_the_same_writing(path: Path) -> None:
    with_secret(path)
    task(FakeModule(), name="PlaceOS", secret={"renew": "always"}, secret_file=str(path))
    values = content(path)
    assert (values["microsoft_client_secret_key_id"], values["microsoft_client_secret_previous"]) == (NEW, [OLD])


def test_an_unchanged_run_leaves_the_file_as_it_is(path: Path) -> None:
    with_secret(path)
    before = path.read_bytes()
    result = task(FakeModule(makes=False), name="PlaceOS", secret={}, secret_file=str(path))
    assert result["changed"] is False
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ({"passwords": None}, "has no vault password"),
        ({"secret_file_vault_id": "prod"}, "is not among the vault passwords"),
        ({"secret_file": "/proc/nothing/app.yml"}, "/proc/nothing"),
    ],
)
def test_what_cannot_be_stored_is_told_before_the_module_runs(path: Path, spoil: dict[str, Any], said: str) -> None:
    module = FakeModule()
    arguments: dict[str, Any] = {"name": "PlaceOS", "secret": {}, "secret_file": str(path), **spoil}
    result = task(module, **arguments)
    assert result["failed"] is True
    assert said in result["msg"]
    assert module.calls == []


def test_check_mode_writes_nothing_not_even_a_folder(tmp_path: Path) -> None:
    result = task(
        FakeModule(makes=False), check=True, name="P", secret={}, secret_file=str(tmp_path / "deep" / "a.yml")
    )
    assert not result.get("failed")
    assert list(tmp_path.iterdir()) == []


def test_check_mode_tells_what_is_missing_as_well(path: Path) -> None:
    assert task(FakeModule(), check=True, passwords=None, name="P", secret={}, secret_file=str(path))["failed"] is True


def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)


def test_a_secret_that_cannot_be_stored_is_removed_again_by_its_id(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = FakeModule()
    module.before_answer = lambda: fill_the_disk(monkeypatch)
    more: dict[str, Any] = {"unique_name": "placeos-acme", "permissions": ["User.Read.All"], "purge": True}
    result = task(module, name="PlaceOS", tenant="t", client_secret="s", secret={}, secret_file=str(path), **more)
    assert result["failed"] is True
    assert f"the new secret {NEW} could not be stored" in result["msg"]
    assert "No space left on device" in result["msg"]
    assert "removed again" in result["msg"]
    assert VALUE not in json.dumps(result)
    undo = module.calls[1]
    assert (undo["app_id"], undo["remove_secrets"], undo["_stored"]) == (APP, [NEW], {"undo": True})
    assert (undo["tenant"], undo["client_secret"]) == ("t", "s")
    assert undo.keys() & {"name", "unique_name", "permissions", "secret", "purge"} == set()
    assert result["changes"]["created"] == ["application PlaceOS"]
    assert "secret" not in result
    assert not path.exists()


def test_a_secret_that_can_be_neither_stored_nor_removed_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = FakeModule(cannot_undo=True)
    module.before_answer = lambda: fill_the_disk(monkeypatch)
    result = task(module, name="PlaceOS", secret={}, secret_file=str(path))
    assert result["failed"] is True
    assert "Removing it failed too (refused)" in result["msg"]
    assert "Certificates & secrets" in result["msg"]
    assert VALUE not in json.dumps(result)


def test_removed_secrets_are_taken_out_of_the_file(path: Path) -> None:
    with_secret(path, OLD)
    with_secret(path, NEW)
    arguments: dict[str, Any] = {"app_id": APP, "remove_secrets": [OLD], "secret_file": str(path)}
    assert task(FakeModule(makes=False), check=True, **arguments)["changed"] is True
    assert content(path)["microsoft_client_secret_previous"] == [OLD]
    assert task(FakeModule(makes=False), **arguments)["changed"] is True
    assert content(path)["microsoft_client_secret_previous"] == []
    assert task(FakeModule(makes=False), **arguments)["changed"] is False


def test_a_module_that_failed_leaves_the_file_as_it_is(path: Path) -> None:
    with_secret(path, OLD)
    with_secret(path, NEW)
    before = path.read_bytes()
    result = task(FakeModule(fails=True), app_id=APP, remove_secrets=[OLD], secret_file=str(path))
    assert result["msg"] == "it failed"
    assert path.read_bytes() == before


def test_deleting_the_application_leaves_the_file_alone(path: Path) -> None:
    with_secret(path)
    before = path.read_bytes()
    module = FakeModule(makes=False)
    task(module, passwords=None, app_id=APP, state="absent", secret_file=str(path))
    assert "secret_file" not in module.calls[0]
    assert path.read_bytes() == before
