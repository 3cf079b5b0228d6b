# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The app's secret is said in one place only: the file that the role graph_app writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader

from ansible_collections.placeos.office365.plugins.lookup.client_secret_faults import LookupModule

APP, OTHER = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"
KEPT = {"microsoft_client_id": APP, "microsoft_client_secret": "fake~kept"}
ELSEWHERE = {"microsoft_client_secret": "{{ vault_microsoft_client_secret }}"}


class Inventory:
    """A folder with an inventory of the hosts acme and initech."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "host_vars" / "acme" / "microsoft_app.yml"
        self.write("hosts.yml", {"all": {"hosts": {"acme": None, "initech": None}}})

    def write(self, path: str, content: Any) -> Path:
        """Write one file of it."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(content), "utf-8")
        return file

    def faults(self, *sources: Path) -> list[str]:
        """What the lookup says for acme."""
        variables = {
            "inventory_hostname": "acme",
            "group_names": ["ungrouped", "clients"],
            "ansible_inventory_sources": [str(source) for source in sources or (self.folder,)],
        }
        # A plugin that is made by hand has no name by which its options could be found; it has none to find.
        lookup = LookupModule(loader=DataLoader())
        lookup.set_options = lambda **_options: None  # type: ignore[method-assign]
        return lookup.run([str(self.file)], variables)


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    """Whose file holds the app."""
    made = Inventory(tmp_path)
    made.write("host_vars/acme/microsoft_app.yml", KEPT)
    return made


def test_the_file_alone_is_right(inventory: Inventory) -> None:
    assert inventory.faults() == []


@pytest.mark.parametrize(
    "path",
    ["host_vars/acme/vault.yml", "host_vars/acme/deep/er.yaml", "host_vars/acme.yml", "group_vars/all.yml",
     "group_vars/clients/app.yml"],
)  # fmt: skip
def test_a_second_place_is_named_with_the_file(inventory: Inventory, path: str) -> None:
    place = inventory.write(path, ELSEWHERE)
    (fault,) = inventory.faults()
    assert fault.startswith(f"microsoft_client_secret: is set in {place}, ")
    assert str(inventory.file) in fault
    assert "vault_microsoft" not in fault
    assert "another one" not in fault


def test_a_second_place_is_found_before_there_is_a_file(tmp_path: Path) -> None:
    inventory = Inventory(tmp_path)
    place = inventory.write("host_vars/acme/connection.yml", ELSEWHERE)
    (fault,) = inventory.faults()
    assert str(place) in fault
    assert str(inventory.file) in fault
    assert "site.yml makes another one, while this one stays valid in Entra" in fault


def test_an_inventory_file_is_looked_into_for_this_host_and_its_groups_only(inventory: Inventory) -> None:
    tree = {
        "all": {
            "hosts": {"initech": ELSEWHERE},
            "children": {"clients": {"vars": ELSEWHERE, "hosts": {"acme": ELSEWHERE}}, "others": {"vars": ELSEWHERE}},
        }
    }
    file = inventory.write("hosts.yml", tree)
    assert [fault.partition(", ")[0] for fault in inventory.faults(file)] == [
        f"microsoft_client_secret: is set in {file} (group clients)",
        f"microsoft_client_secret: is set in {file} (host acme)",
    ]


def test_another_hosts_secret_is_none_of_ours(inventory: Inventory) -> None:
    inventory.write("host_vars/initech/vault.yml", ELSEWHERE)
    inventory.write("group_vars/others.yml", ELSEWHERE)
    assert inventory.faults() == []


def test_an_empty_secret_says_nothing(inventory: Inventory) -> None:
    inventory.write("group_vars/all.yml", {"microsoft_client_secret": "", "other": 1})
    assert inventory.faults() == []


def test_the_id_of_another_app_is_a_fault_and_the_same_one_is_not(inventory: Inventory) -> None:
    place = inventory.write("host_vars/acme/connection.yml", {"microsoft_client_id": APP.upper()})
    assert inventory.faults() == []
    inventory.write("host_vars/acme/connection.yml", {"microsoft_client_id": OTHER})
    (fault,) = inventory.faults()
    assert fault == (
        f"microsoft_client_id: is {OTHER} in {place}, and {APP} in {inventory.file}; one of them is another app"
    )


def test_a_file_that_is_no_yaml_is_passed_over(inventory: Inventory) -> None:
    (inventory.folder / "hosts.ini.yml").write_text("[all]\nacme a=b: c: [\n", "utf-8")
    assert inventory.faults() == []
