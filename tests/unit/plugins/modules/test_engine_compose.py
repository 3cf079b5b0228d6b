# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that look after a Compose service: their options, and that nothing secret leaves them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.placeos.office365.plugins.module_utils._engine import run as run_module
from ansible_collections.placeos.office365.plugins.modules import engine_compose, engine_compose_info
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._engine.fake_vm import (
    BASE,
    ENV,
    OVERRIDE,
    FakeAnswers,
    FakeVm,
    wanted,
)
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import run
from ansible_collections.placeos.office365.tests.unit.plugins.modules.test_documentation import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import Ran

SECRET = "Fake~Secret.One"


@pytest.fixture
def vm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeVm]:
    monkeypatch.setattr(run_module, "EXTRA_PATH", ())
    fake = FakeVm(tmp_path / "vm", really=True)
    for name, value in fake.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("COMPOSE_FILE", raising=False)
    answers = FakeAnswers(fake)
    yield fake
    answers.close()


@pytest.fixture
def play(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def start(module: ModuleType, **arguments: Any) -> Ran:
        how = {name: arguments.pop(name) for name in ("check", "diff") if name in arguments}
        return partial(run, module.main, arguments, lambda: capsys.readouterr().out, connection={})(**how)

    return start


def options(vm: FakeVm, **more: Any) -> dict[str, Any]:
    files = [{"path": name, "content": text} for name, text in wanted(SECRET).items()]
    health = {"url": vm.url, "host_header": "acme.example", "timeout": 1, "interval": 0.1}
    return {"project_dir": str(vm.project), "files": files, "health": health, **more}


@pytest.mark.parametrize("module", [engine_compose, engine_compose_info])
def test_options_and_documentation_agree(module: Any) -> None:
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert differences(module.OPTIONS, documented) == []


@pytest.mark.parametrize("module", [engine_compose, engine_compose_info])
def test_the_example_uses_known_options_only(module: Any) -> None:
    (task,) = yaml.safe_load(module.EXAMPLES)
    name = module.__name__.rsplit(".", 1)[1]
    given = task[f"placeos.office365.{name}"]
    assert given.keys() <= module.OPTIONS.keys()
    assert all(file.keys() <= engine_compose.FILE.keys() for file in given.get("files", []))


def test_a_run_returns_what_was_done_and_shows_no_secret(vm: FakeVm, play: Callable[..., Ran]) -> None:
    ran = play(engine_compose, **options(vm, secrets=["another-secret"]))
    assert ran.result["changed"] is True
    assert ran.result["files"]["created"] == [ENV, OVERRIDE]
    assert ran.result["container"] == {"before": None, "after": "container-1", "recreated": False}
    assert ran.result["compose"] == {"command": "docker-compose", "version": "1.29.2"}
    assert ran.result["rolled_back"] is False
    assert SECRET not in ran.printed
    assert "another-secret" not in ran.printed
    assert "diff" in ran.result


def test_options_are_kept_out_of_the_syslog_of_the_host(
    vm: FakeVm, play: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[str] = []
    monkeypatch.setattr(AnsibleModule, "_log_to_syslog", lambda _self, message: logged.append(message), raising=False)
    monkeypatch.setattr(AnsibleModule, "_log_invocation", lambda _self: logged.append("invocation"))
    play(engine_compose, **options(vm))
    assert logged == []


def test_a_service_that_fails_ends_the_task_with_its_log(vm: FakeVm, play: Callable[..., Ran]) -> None:
    play(engine_compose, **options(vm))
    sick = {"path": OVERRIDE, "content": f"{wanted(SECRET)[OVERRIDE]}# SICK\n"}
    ran = play(engine_compose, **options(vm, files=[sick]))
    assert ran.result["failed"] is True
    assert ran.result["rolled_back"] is True
    assert "it went wrong for ********" in ran.result["log"]
    assert "did not become healthy" in ran.result["msg"]
    assert SECRET not in ran.printed


def test_check_mode_writes_nothing(vm: FakeVm, play: Callable[..., Ran]) -> None:
    assert play(engine_compose, check=True, **options(vm)).result["changed"] is True
    assert vm.files() == {"docker-compose.yaml": BASE}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"files": [{"path": "a", "content": "x", "mode": "rw"}]}, "is not an octal number"),
        ({"files": [{"path": "a"}]}, "state is present but all of the following are missing: content"),
        ({"files": [{"path": "../a", "content": "x"}]}, "is not a path below"),
        ({"health": {"url": "127.0.0.1"}}, "no http or https address"),
        ({"health": {"timeout": 0}}, "must be more than 0"),
    ],
)
def test_options_that_make_no_sense_are_told(
    vm: FakeVm, play: Callable[..., Ran], changes: dict[str, Any], said: str
) -> None:
    assert said in play(engine_compose, **options(vm, **changes)).result["msg"]
    assert vm.files() == {"docker-compose.yaml": BASE}


def test_the_service_can_be_looked_at(vm: FakeVm, play: Callable[..., Ran]) -> None:
    before = play(engine_compose_info, project_dir=str(vm.project)).result
    assert (before["files"], before["missing"], before["container"]) == (["docker-compose.yaml"], [], {})
    play(engine_compose, **options(vm))
    ran = play(engine_compose_info, project_dir=str(vm.project))
    assert ran.result["files"] == ["docker-compose.yaml", OVERRIDE]
    assert ran.result["container"] == {
        "id": "container-1",
        "status": "running",
        "health": "",
        "image": "aca0/engine:stable",
        "mounts": [{"source": "/srv/app", "destination": "/home/aca-apps/ruby-engine-app"}],
    }
    assert SECRET not in ran.printed


def test_files_that_are_listed_but_not_there_are_told_apart(vm: FakeVm, play: Callable[..., Ran]) -> None:
    (vm.project / ".env").write_text(f"COMPOSE_FILE=docker-compose.yaml:{OVERRIDE}\n")
    result = play(engine_compose_info, project_dir=str(vm.project)).result
    assert (result["files"], result["missing"]) == (["docker-compose.yaml"], [OVERRIDE])
