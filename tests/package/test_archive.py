# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive that users install: what is in it, and that it works from an empty folder with nothing else around."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from demo.client import INVENTORY, furnish, read_client, write_variables
from demo.servers import Server
from tools.ansible_test_tree import ROOT, source_files
from tools.lab_process import running_lab
from tools.recap import recaps, total

HERE = Path(sys.executable).parent
# `make package` prepares one more environment where there is a Python for the other supported ansible-core.
ENVIRONMENTS = [HERE, *sorted(done.parent / "bin" for done in (ROOT / ".build").glob("venv-*/.done"))]
SHIPPED = ("docs/", "meta/", "playbooks/", "plugins/", "roles/")
# Everything else at the top of the archive is a mistake until it is named here.
TOP = {
    "CHANGELOG.md",
    "CHANGELOG.rst",
    "CONTRIBUTING.md",
    "COPYING",
    "FILES.json",
    "MANIFEST.json",
    "README.md",
    "changelogs",
    "docs",
    "inventories",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}
NEVER = re.compile(
    r"(^|/)(\.venv|\.git|\.build|\.ci|\.cache|__pycache__|collections|output|\.vault_password|lab\.json)(/|$)"
    r"|\.(pyc|sqlite3?|jsonl|tar\.gz|pem|key)$"
)


@dataclass(frozen=True)
class Installed:
    """The collection in a folder of its own, and one ansible-core to use it with."""

    programs: Path
    collections: Path
    elsewhere: Path

    def run(self, program: str, *arguments: str) -> str:
        """Run an Ansible program in an unrelated folder; return what it printed, or fail with it."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
        env |= {
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            "ANSIBLE_HOME": str(self.elsewhere / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "NO_PROXY": "localhost,127.0.0.1",
            "no_proxy": "localhost,127.0.0.1",
        }
        command = [str(self.programs / program), *arguments]
        answer = subprocess.run(
            command,
            cwd=self.elsewhere,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, f"{' '.join(command)}\n{answer.stdout}"
        return answer.stdout


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the archive from the work tree as it is, with all that lies around in it."""
    folder = tmp_path_factory.mktemp("archive")
    command = [str(HERE / "ansible-galaxy"), "collection", "build", str(ROOT), "--output-path", str(folder)]
    subprocess.run(command, check=True, cwd=folder)
    (built,) = folder.glob("*.tar.gz")
    return built


@pytest.fixture(scope="session")
def names(archive: Path) -> set[str]:
    """Name every file of the archive."""
    with tarfile.open(archive) as tar:
        return {member.name for member in tar.getmembers() if not member.isdir()}


@pytest.fixture(scope="session", params=ENVIRONMENTS, ids=lambda path: path.parent.name.lstrip("."))
def installed(request: pytest.FixtureRequest, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the archive into an empty folder, without network and without dependencies."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / "elsewhere").mkdir()
    collection = Installed(request.param, folder / "collections", folder / "elsewhere")
    arguments = ["--collections-path", str(collection.collections), "--offline", "--no-deps"]
    collection.run("ansible-galaxy", "collection", "install", str(archive), *arguments)
    return collection


def test_archive_holds_everything_that_users_need(names: set[str]) -> None:
    wanted = {name for name in source_files() if name.startswith(SHIPPED)}
    wanted |= {"COPYING", "README.md", "meta/runtime.yml", "meta/execution-environment.yml", "playbooks/site.yml"}
    assert sorted(wanted - names) == []


def test_archive_holds_nothing_else(names: set[str]) -> None:
    assert sorted({name.partition("/")[0] for name in names} - TOP) == []


def test_archive_holds_no_left_overs_and_no_passwords(names: set[str]) -> None:
    assert sorted(name for name in names if NEVER.search(name)) == []


def test_archive_holds_only_files_of_the_project(names: set[str]) -> None:
    assert sorted(names - {"FILES.json", "MANIFEST.json"} - set(source_files())) == []


def test_manifest_names_version_and_licence(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        manifest = tar.extractfile("MANIFEST.json")
        assert manifest is not None
        info = json.load(manifest)["collection_info"]
    assert (info["namespace"], info["name"]) == ("placeos", "office365")
    assert info["license"] == ["GPL-3.0-or-later"]
    assert archive.name == f"placeos-office365-{info['version']}.tar.gz"


def test_installed_modules_are_documented(installed: Installed) -> None:
    modules = {Path(name).stem for name in source_files() if name.startswith("plugins/modules/placeos_")}
    assert "placeos_zone" in modules
    names = [f"placeos.office365.{module}" for module in sorted(modules)]
    documented = json.loads(installed.run("ansible-doc", "--json", *names))
    assert sorted(documented) == names
    assert all(entry["examples"] for entry in documented.values())


@pytest.mark.lab
def test_installed_playbook_configures_the_lab_and_changes_nothing_when_run_again(
    installed: Installed, tmp_path: Path
) -> None:
    inventory, variables = ROOT / INVENTORY, tmp_path / "lab.yml"
    with running_lab(tmp_path / "lab", "--tls", "--tenant", "empty") as lab:
        furnish(Server(lab.info["microsoft"]["graph_url"], lab.info["ca_file"]), read_client())
        write_variables(variables, lab.info)
        arguments = ["placeos.office365.site", "-i", str(inventory), "-e", f"@{variables}"]
        arguments += ["--vault-id", f"demo@{inventory / '.vault_password'}"]
        (first,) = recaps(installed.run("ansible-playbook", *arguments))[-1:]
        (second,) = recaps(installed.run("ansible-playbook", *arguments))[-1:]
    assert total(first, "ok") > 0
    assert total(first, "changed") > 0
    assert (total(second, "changed"), total(second, "ok") > 0) == (0, True)
