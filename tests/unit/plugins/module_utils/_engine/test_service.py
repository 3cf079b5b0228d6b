# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service of a Compose project: made to run with given files, or left as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._engine import run
from ansible_collections.placeos.office365.plugins.module_utils._engine import service as service_module
from ansible_collections.placeos.office365.plugins.module_utils._engine.files import Content, Folder
from ansible_collections.placeos.office365.plugins.module_utils._engine.journal import Journal, read_journal
from ansible_collections.placeos.office365.plugins.module_utils._engine.run import EngineError
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._engine.fake_vm import (
    BASE,
    ENV,
    OVERRIDE,
    FakeVm,
    wanted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST, SECOND = "Fake~Secret.One", "Fake~Secret.Two"
SICK = '    environment:\n      MODE: "SICK"\n'


def started(vm: FakeVm) -> None:
    """The service runs, as before the collection came."""
    vm.converge({})
    vm.calls()


@pytest.fixture(params=["v1", "v2"])
def any_vm(request: pytest.FixtureRequest, vm: FakeVm) -> FakeVm:
    """The VM with either generation of Compose."""
    if request.param == "v2":
        vm.use_v2()
    return vm


# -- the good way ----------------------------------------------------------------------------------------------------


def test_the_first_run_writes_the_files_and_recreates_the_container(any_vm: FakeVm) -> None:
    started(any_vm)
    outcome = any_vm.converge(wanted(FIRST))
    assert outcome.files == {"created": [ENV, OVERRIDE], "updated": [], "unchanged": [], "removed": []}
    assert (outcome.before, outcome.after, outcome.recreated) == ("container-1", "container-2", True)
    assert outcome.changed
    assert any_vm.files() == {"docker-compose.yaml": BASE, **wanted(FIRST)}
    assert FIRST in any_vm.containers[0]["FakeFiles"][ENV]


def test_files_are_for_their_owner_only(vm: FakeVm) -> None:
    vm.converge(wanted(FIRST))
    written = {name: mode for name, (text, mode) in vm.tree().items() if FIRST in text}
    assert written == {ENV: 0o600, f".placeos_office365/good/{ENV}": 0o600}
    assert (vm.project / ".placeos_office365").stat().st_mode & 0o777 == 0o700


def test_a_second_run_changes_nothing_and_calls_no_up(any_vm: FakeVm) -> None:
    any_vm.converge(wanted(FIRST))
    before = any_vm.tree()
    any_vm.calls()
    outcome = any_vm.converge(wanted(FIRST))
    assert not outcome.changed
    assert (outcome.before, outcome.after) == ("container-1", "container-1")
    assert any_vm.ups() == 0
    assert any_vm.tree() == before


def test_a_changed_secret_recreates_the_container_once(any_vm: FakeVm) -> None:
    any_vm.converge(wanted(FIRST))
    any_vm.calls()
    outcome = any_vm.converge(wanted(SECOND))
    assert outcome.files["updated"] == [ENV]
    assert (outcome.before, outcome.after) == ("container-1", "container-2")
    assert any_vm.ups() == 1
    assert not [text for text, _mode in any_vm.tree().values() if FIRST in text]


def test_a_stopped_container_is_started_and_that_is_a_change(any_vm: FakeVm) -> None:
    any_vm.converge(wanted(FIRST))
    (container,) = any_vm.containers
    any_vm.set(containers=[{**container, "State": {"Status": "exited"}}])
    assert any_vm.converge(wanted(FIRST), check_mode=True).changed
    outcome = any_vm.converge(wanted(FIRST))
    assert outcome.changed
    assert not outcome.recreated
    assert any_vm.containers[0]["State"]["Status"] == "running"


def test_a_change_of_the_clients_own_file_reaches_the_container_too(any_vm: FakeVm) -> None:
    any_vm.converge(wanted(FIRST))
    (any_vm.project / "docker-compose.yaml").write_text(BASE + "# another image\n")
    assert any_vm.converge(wanted(FIRST), check_mode=True).changed
    outcome = any_vm.converge(wanted(FIRST))
    assert outcome.recreated
    assert not any_vm.converge(wanted(FIRST)).changed


def test_files_that_are_not_wanted_any_more_are_removed(vm: FakeVm) -> None:
    vm.converge(wanted(FIRST))
    outcome = vm.converge({ENV: None, OVERRIDE: None})
    assert outcome.files["removed"] == [ENV, OVERRIDE]
    assert vm.files() == {"docker-compose.yaml": BASE}
    assert not [name for name, (text, _mode) in vm.tree().items() if FIRST in text]


def test_files_that_others_may_read_are_closed(vm: FakeVm) -> None:
    vm.converge(wanted(FIRST))
    (vm.project / ENV).chmod(0o644)
    assert vm.converge(wanted(FIRST)).files["updated"] == [ENV]
    assert vm.tree()[ENV][1] == 0o600


# -- check mode and diff ---------------------------------------------------------------------------------------------


def test_check_mode_changes_nothing_and_says_what_would_change(any_vm: FakeVm) -> None:
    started(any_vm)
    before = any_vm.tree()
    outcome = any_vm.converge(wanted(FIRST), check_mode=True)
    assert outcome.changed
    assert outcome.recreated
    assert outcome.files["created"] == [ENV, OVERRIDE]
    assert any_vm.tree() == before
    assert any_vm.ups() == 0


def test_check_mode_knows_when_nothing_would_change(any_vm: FakeVm) -> None:
    any_vm.converge(wanted(FIRST))
    assert not any_vm.converge(wanted(FIRST), check_mode=True).changed


def test_a_diff_names_variables_without_their_values(vm: FakeVm) -> None:
    vm.converge(wanted(FIRST))
    (diff,) = vm.converge(wanted(SECOND), check_mode=True).diff
    assert diff["before_header"] == ENV
    assert diff["before"] == "OFFICE_CLIENT_SECRET=********\nmode 0600\n"
    assert diff["after"] == "OFFICE_CLIENT_SECRET=******** (changed)\nmode 0600\n"


def test_a_full_disk_leaves_all_files_as_they_were(vm: FakeVm, monkeypatch: pytest.MonkeyPatch) -> None:
    vm.converge(wanted(FIRST))
    before = vm.files()
    write = Folder.write

    def full(folder: Folder, name: str, content: Content) -> None:
        if name == OVERRIDE and b"MODE" in (content.data or b""):
            raise OSError(28, "No space left on device", name)
        write(folder, name, content)

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "write", full)
        with pytest.raises(EngineError, match="No space left on device"):
            vm.converge(wanted(SECOND, SICK))
    assert vm.files() == before
    assert not vm.converge(wanted(FIRST)).changed


# -- what Compose refuses --------------------------------------------------------------------------------------------


def test_files_that_compose_refuses_are_put_back_and_nothing_is_restarted(any_vm: FakeVm) -> None:
    any_vm.converge(wanted(FIRST))
    before = any_vm.tree()
    any_vm.calls()
    with pytest.raises(EngineError, match="Unsupported config option") as caught:
        any_vm.converge(wanted("BROKEN~Secret.Three"))
    assert "BROKEN~Secret.Three" not in str(caught.value)
    assert "put back, and nothing was restarted" in str(caught.value)
    assert any_vm.tree() == before
    assert any_vm.ups() == 0
    assert not any_vm.converge(wanted(FIRST)).changed


def test_a_project_that_is_refused_anyway_is_told_from_a_bad_change(vm: FakeVm) -> None:
    (vm.project / "docker-compose.yaml").write_text(BASE + "BROKEN\n")
    with pytest.raises(EngineError, match="without this task's change too"):
        vm.converge(wanted(FIRST))
    assert OVERRIDE not in vm.files()


def test_a_service_that_is_not_there_is_a_fault(vm: FakeVm) -> None:
    service = vm.service(wanted(FIRST))
    object.__setattr__(service.wish, "service", "motor")
    with pytest.raises(EngineError, match="there is no service motor; there is couch, engine"):
        service.converge()
    assert OVERRIDE not in vm.files()


# -- the way back ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (SICK, "answers 503"),
        ('    environment:\n      MODE: "ENDS"\n', "its container is exited, exit code 7"),
        ('    environment:\n      MODE: "CANNOT_START"\n', "Cannot start service engine"),
    ],
)
def test_a_service_that_does_not_become_healthy_gets_its_former_files_back(any_vm: FakeVm, bad: str, said: str) -> None:
    any_vm.converge(wanted(FIRST))
    outcome = any_vm.converge(wanted(SECOND, bad))
    assert said in outcome.fault
    assert "runs with them again, and is healthy" in outcome.fault
    assert outcome.rolled_back
    assert any_vm.files() == {"docker-compose.yaml": BASE, **wanted(FIRST)}
    assert FIRST in any_vm.containers[0]["FakeFiles"][ENV]
    assert not any_vm.converge(wanted(FIRST)).changed


def test_the_log_of_the_container_that_failed_is_shown_without_secrets(vm: FakeVm) -> None:
    vm.converge(wanted(FIRST))
    outcome = vm.converge(wanted(SECOND, SICK), log_lines=20)
    assert outcome.log[-2:] == ["it went wrong for ********", "ending"]
    assert "with OFFICE_CLIENT_SECRET=********" in outcome.log
    assert all(line in outcome.fault for line in outcome.log)
    assert SECOND not in outcome.fault + str(outcome.result())
    assert FIRST not in outcome.fault + str(outcome.result())


def test_files_that_were_not_there_before_are_gone_again(vm: FakeVm) -> None:
    started(vm)
    outcome = vm.converge(wanted(FIRST, SICK))
    assert outcome.rolled_back
    assert vm.files() == {"docker-compose.yaml": BASE}
    assert not [name for name, (text, _mode) in vm.tree().items() if FIRST in text]


def test_a_service_that_had_no_container_has_none_again(vm: FakeVm) -> None:
    outcome = vm.converge(wanted(FIRST, SICK))
    assert "had no container before" in outcome.fault
    assert vm.containers == []
    assert outcome.after is None
    assert not outcome.changed


def test_a_service_that_is_not_healthy_without_a_change_is_told_and_left_alone(vm: FakeVm) -> None:
    (vm.project / "docker-compose.yaml").write_text(BASE + "# SICK\n")
    vm.converge({})
    outcome = vm.converge({})
    assert "No file was changed" in outcome.fault
    assert not outcome.rolled_back
    assert not outcome.changed


def test_files_that_are_no_better_than_the_new_ones_are_put_back_and_that_is_told(vm: FakeVm) -> None:
    vm.converge(wanted(FIRST))
    (vm.project / "docker-compose.yaml").write_text(BASE + "# SICK\n")
    outcome = vm.converge(wanted(SECOND))
    assert "is not healthy with them either" in outcome.fault
    assert vm.files()[ENV] == wanted(FIRST)[ENV]


# -- interrupted -----------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The module is gone, and could not do anything about it."""


def interrupted_at(step: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the module die when it comes to a step; the answer ends that."""

    def die(*_arguments: Any, **_options: Any) -> None:
        raise Killed

    monkeypatch.setattr(service_module.Service if hasattr(service_module.Service, step) else Journal, step, die)
    return monkeypatch.undo


STEPS = ["begin", "_write", "_invalid", "_run_and_wait", "_unhealthy", "good", "_note_good"]


@pytest.mark.parametrize("step", STEPS)
def test_what_a_killed_run_has_begun_is_completed_by_the_next(
    any_vm: FakeVm, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_vm.converge(wanted(FIRST))
    with monkeypatch.context() as patch:
        interrupted_at(step, patch)
        with pytest.raises(Killed):
            any_vm.converge(wanted(SECOND))
    outcome = any_vm.converge(wanted(SECOND))
    assert not outcome.fault
    assert any_vm.files() == {"docker-compose.yaml": BASE, **wanted(SECOND)}
    assert SECOND in any_vm.containers[0]["FakeFiles"][ENV]
    assert not [text for text, _mode in any_vm.tree().values() if FIRST in text]
    any_vm.calls()
    assert not any_vm.converge(wanted(SECOND)).changed
    assert any_vm.ups() == 0


@pytest.mark.parametrize("step", ["_invalid", "_run_and_wait", "_unhealthy", "_roll_back"])
def test_the_way_back_of_a_killed_run_leads_to_what_was_good_before_it(
    any_vm: FakeVm, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_vm.converge(wanted(FIRST))
    with monkeypatch.context() as patch:
        interrupted_at(step, patch)
        with pytest.raises(Killed):
            any_vm.converge(wanted(SECOND, SICK))
    outcome = any_vm.converge(wanted(SECOND, SICK))
    assert outcome.rolled_back
    assert any_vm.files() == {"docker-compose.yaml": BASE, **wanted(FIRST)}
    assert FIRST in any_vm.containers[0]["FakeFiles"][ENV]


def test_another_share_after_a_killed_run_can_go_back_to_what_was_good_in_all_files(
    vm: FakeVm, monkeypatch: pytest.MonkeyPatch
) -> None:
    vm.converge(wanted(FIRST))
    with monkeypatch.context() as patch:
        interrupted_at("_run_and_wait", patch)
        with pytest.raises(Killed):
            vm.converge(wanted(SECOND))
    outcome = vm.converge({OVERRIDE: wanted(SECOND, SICK)[OVERRIDE]})
    assert outcome.rolled_back
    assert vm.files() == {"docker-compose.yaml": BASE, **wanted(FIRST)}


def test_files_half_written_by_a_killed_run_are_cleared_away(vm: FakeVm) -> None:
    vm.converge(wanted(FIRST))
    for name in (f".{ENV}", ".placeos_office365/.engine_compose.json", f".placeos_office365/good/.{ENV}"):
        (vm.project / f"{name}.placeos_office365.tmp").write_text("half")
    vm.converge(wanted(FIRST))
    assert not [name for name in vm.tree() if name.endswith(".tmp")]


def test_a_really_killed_module_is_waited_for_until_its_compose_has_ended(vm: FakeVm) -> None:
    vm.really = True
    vm.converge(wanted(FIRST))
    vm.set(up_seconds=1)
    code = (
        "import sys; from pathlib import Path\n"
        "from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._engine import fake_vm as f\n"
        "f.FakeVm.__post_init__ = lambda s: None\n"
        "v = f.FakeVm(Path(sys.argv[1]), sys.argv[2], really=True); r = v.root\n"
        "v.project, v.bin, v.state = r / 'aca', r / 'bin', r / 'state.json'\n"
        f"v.converge(f.wanted({SECOND!r}))\n"
    )
    vm.calls()
    path = os.pathsep.join(sys.path)
    module = subprocess.Popen(
        [sys.executable, "-c", code, str(vm.root), vm.url], env={**os.environ, "PYTHONPATH": path}
    )
    log = vm.root / "calls"
    deadline = time.monotonic() + 30
    while not (log.exists() and " up " in log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    module.send_signal(signal.SIGKILL)
    module.wait()
    outcome = vm.converge(wanted(SECOND), timeout=10)
    assert not outcome.fault
    # The orphaned Compose had made the container by then, so there was nothing left to do.
    assert vm.ups() == 1
    assert outcome.before == outcome.after == "container-2"


def test_a_project_that_somebody_else_is_working_on_is_not_touched(vm: FakeVm, monkeypatch: pytest.MonkeyPatch) -> None:
    service = vm.service({})
    other = vm.service({})
    with (
        service_module.exclusive(service.programs, vm.project, 0),
        pytest.raises(EngineError, match="another run"),
        service_module.exclusive(other.programs, vm.project, 0),
    ):
        pass


def test_a_journal_that_makes_no_sense_is_told_and_nothing_is_touched(vm: FakeVm) -> None:
    vm.converge(wanted(FIRST))
    (vm.project / ".placeos_office365" / "engine_compose.json").write_text("{}")
    with pytest.raises(EngineError, match=r"engine_compose\.json cannot be read"):
        vm.converge(wanted(SECOND))
    assert vm.files()[ENV] == wanted(FIRST)[ENV]


def test_while_a_change_is_under_way_the_journal_names_its_files(vm: FakeVm, monkeypatch: pytest.MonkeyPatch) -> None:
    vm.converge(wanted(FIRST))
    with monkeypatch.context() as patch:
        interrupted_at("_run_and_wait", patch)
        with pytest.raises(Killed):
            vm.converge(wanted(SECOND))
    journal = read_journal(Folder(vm.project))
    assert journal.changing
    assert {name: content.text for name, content in journal.before.items()} == wanted(FIRST)


# -- what is missing on the host -------------------------------------------------------------------------------------


def test_a_host_without_compose_is_told_what_was_tried_and_what_to_install(vm: FakeVm) -> None:
    (vm.bin / "docker-compose").unlink()
    with pytest.raises(EngineError) as caught:
        vm.converge(wanted(FIRST))
    for words in (
        "docker compose: docker: 'compose' is not a docker command",
        "docker-compose: docker-compose: not found",
        "docker-compose-plugin",
        "option command",
    ):
        assert words in str(caught.value)
    assert vm.files() == {"docker-compose.yaml": BASE}


def test_a_docker_engine_that_is_down_is_told_before_anything_is_written(vm: FakeVm) -> None:
    started(vm)
    vm.set(engine_down=True)
    with pytest.raises(EngineError, match="Cannot connect to the Docker daemon"):
        vm.converge(wanted(FIRST))
    assert vm.files() == {"docker-compose.yaml": BASE}


def test_a_folder_that_is_not_there_is_told(vm: FakeVm) -> None:
    vm.project = Path("/nonexistent/aca")
    with pytest.raises(EngineError, match="project_dir /nonexistent/aca is not a folder"):
        vm.converge(wanted(FIRST))


def test_programs_are_found_beyond_the_path_of_sudo(vm: FakeVm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "EXTRA_PATH", (str(vm.bin),))
    vm.really = True
    outcome = vm.converge(wanted(FIRST), environment={"PATH": "/nonexistent"})
    assert outcome.compose == {"command": "docker-compose", "version": "1.29.2"}


def test_the_command_can_be_named(vm: FakeVm) -> None:
    outcome = vm.converge(wanted(FIRST), command=[str(vm.bin / "docker-compose")])
    assert outcome.compose["command"] == str(vm.bin / "docker-compose")
    assert "docker compose version --short" not in vm.calls()
