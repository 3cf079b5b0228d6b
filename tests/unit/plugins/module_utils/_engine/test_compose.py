# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files Compose reads in a folder, and what is said when ours would not be among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._engine.compose import read_project, unread
from ansible_collections.placeos.office365.plugins.module_utils._engine.run import EngineError
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._engine.fake_vm import (
    OVERRIDE,
    FakeVm,
    wanted,
)

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path, *names: str, v1: bool = True, dot_env: str = "", coming: tuple[str, ...] = ()) -> list[str]:
    for name in names:
        (folder / name).touch()
    if dot_env:
        (folder / ".env").write_text(dot_env)
    return list(read_project(folder, {}, v1, coming).files)


@pytest.mark.parametrize("v1", [True, False])
def test_the_base_file_and_its_override_are_read(tmp_path: Path, v1: bool) -> None:
    assert files(tmp_path, "docker-compose.yaml", OVERRIDE, "other.yml", v1=v1) == ["docker-compose.yaml", OVERRIDE]


def test_a_file_that_is_about_to_be_written_counts(tmp_path: Path) -> None:
    assert files(tmp_path, "docker-compose.yml", coming=(OVERRIDE,)) == ["docker-compose.yml", OVERRIDE]


def test_of_several_base_files_each_generation_prefers_its_own(tmp_path: Path) -> None:
    names = ("docker-compose.yml", "compose.yaml")
    assert files(tmp_path, *names, v1=True) == ["docker-compose.yml"]
    assert files(tmp_path, *names, v1=False) == ["compose.yaml"]


def test_of_several_override_files_version_2_reads_the_first(tmp_path: Path) -> None:
    names = ("docker-compose.yml", OVERRIDE, "compose.override.yml")
    assert files(tmp_path, *names, v1=False) == ["docker-compose.yml", "compose.override.yml"]


@pytest.mark.parametrize(
    "dot_env",
    [
        "COMPOSE_FILE=a.yml:b.yml\n",
        "TZ=UTC\nexport COMPOSE_FILE='a.yml:b.yml'\n",
        'COMPOSE_FILE="a.yml:b.yml" # both\n',
        "COMPOSE_FILE=old.yml\nCOMPOSE_FILE=a.yml:b.yml # both\n",
        "COMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=a.yml,b.yml\n",
    ],
)
def test_compose_file_in_dot_env_lists_the_files(tmp_path: Path, dot_env: str) -> None:
    assert files(tmp_path, "docker-compose.yml", dot_env=dot_env) == ["a.yml", "b.yml"]


def test_the_environment_wins_over_dot_env(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COMPOSE_FILE=a.yml\n")
    project = read_project(tmp_path, {"COMPOSE_FILE": "b.yml"}, True)
    assert (project.files, project.listed_in) == (("b.yml",), "environment")


def test_a_folder_without_a_compose_file_is_told_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"looked for docker-compose\.yml, docker-compose\.yaml, compose\.yml"):
        read_project(tmp_path, {}, True)


def test_a_compose_file_variable_without_the_override_is_told_with_what_to_add(vm: FakeVm) -> None:
    (vm.project / ".env").write_text("COMPOSE_FILE=docker-compose.yaml:prod.yml\n")
    with pytest.raises(EngineError) as caught:
        vm.converge(wanted("Fake~Secret"))
    assert f"Add it at the end: COMPOSE_FILE=docker-compose.yaml:prod.yml:{OVERRIDE}" in str(caught.value)
    assert OVERRIDE not in vm.files()


def test_a_compose_file_variable_with_the_override_is_well_before_it_is_written_too(vm: FakeVm) -> None:
    (vm.project / ".env").write_text(f"COMPOSE_FILE=docker-compose.yaml:{OVERRIDE}\n")
    assert vm.converge(wanted("Fake~Secret")).changed


@pytest.mark.parametrize("v1", [True, False])
def test_an_override_of_the_client_under_a_similar_name_is_told(tmp_path: Path, v1: bool) -> None:
    for name in ("docker-compose.yml", "compose.override.yml"):
        (tmp_path / name).touch()
    fault = unread(read_project(tmp_path, {}, v1, [OVERRIDE]), tmp_path, OVERRIDE)
    assert "compose.override.yml is there too" in fault
    assert f"COMPOSE_FILE=docker-compose.yml:compose.override.yml:{OVERRIDE}" in fault


def test_an_override_of_a_name_that_compose_does_not_know_is_told(tmp_path: Path) -> None:
    for name in ("docker-compose.yml", OVERRIDE):
        (tmp_path / name).touch()
    fault = unread(read_project(tmp_path, {}, True, ["placeos.yml"]), tmp_path, "placeos.yml")
    assert f"COMPOSE_FILE=docker-compose.yml:{OVERRIDE}:placeos.yml" in fault
