# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two filters, as a playbook sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ansible.errors import AnsibleTemplatePluginError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.placeos.office365.plugins.filter import workplace as workplace_plugin
from ansible_collections.placeos.office365.plugins.filter import workplace_faults as faults_plugin
from ansible_collections.placeos.office365.plugins.filter.workplace import workplace
from ansible_collections.placeos.office365.plugins.filter.workplace_faults import workplace_faults
from ansible_collections.placeos.office365.plugins.plugin_utils._workplace import timezones

if TYPE_CHECKING:
    from pathlib import Path

GOOD: dict[str, Any] = {
    "name": "Acme",
    "rooms_file": "rooms.csv",
    "buildings": [{"name": "Perth", "levels": [{"name": "Level 1"}]}],
}
BAD: dict[str, Any] = {"name": " ", "buildings": [{"name": "Perth", "levels": [{"name": 1}], "colour": "red"}]}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "rooms.csv").write_text("building,level,name\nPerth,Level 1,1.01\n")
    return str(tmp_path)


def test_the_filters_have_their_names() -> None:
    assert workplace_plugin.FilterModule().filters() == {"workplace": workplace}
    assert faults_plugin.FilterModule().filters() == {"workplace_faults": workplace_faults}


def test_a_good_workplace(folder: str) -> None:
    assert workplace_faults(GOOD, base_dir=folder) == []
    assert list(workplace(GOOD, base_dir=folder)) == ["name", "zones", "metadata", "systems", "bookable"]
    assert [system["name"] for system in workplace(GOOD, folder)["systems"]] == ["Perth - 1.01"]


def test_one_error_holds_all_faults_one_a_line() -> None:
    with pytest.raises(AnsibleTemplatePluginError) as raised:
        workplace(BAD)
    lines = str(raised.value).splitlines()
    assert lines[0] == "The workplace has 3 faults:"
    assert sorted(line.split(": ")[0] for line in lines[1:]) == [
        "workplace.buildings[0].colour",
        "workplace.buildings[0].levels[0].name",
        "workplace.name",
    ]
    assert workplace_faults(BAD) == lines[1:]


def test_one_fault_is_called_one() -> None:
    with pytest.raises(AnsibleTemplatePluginError, match=r"^The workplace has a fault:\nworkplace: is a list"):
        workplace([])


def test_templated_values_are_resolved_and_omitted_ones_are_not_written() -> None:
    variables = {
        "company": "acme.example",
        "raw": {
            "name": "{{ 'Ac' ~ 'me' }}",
            "buildings": [
                {
                    "name": "Perth",
                    "timezone": "{{ nothing | default(omit) }}",
                    "levels": "{{ levels }}",
                }
            ],
        },
        "levels": [
            {"name": "Level 1", "rooms": [{"name": "R", "email": "r@{{ company }}", "capacity": "{{ 4 * 2 }}"}]}
        ],
    }
    templar = Templar(loader=DataLoader(), variables=trusted(variables))
    assert templar.template(trust_as_template("{{ raw }}"))["name"] == "Acme"
    engine = templar.copy_with_new_env()
    engine.environment.filters["workplace"] = workplace
    result = engine.template(trust_as_template("{{ raw | workplace }}"))
    assert result["systems"] == [
        {
            "name": "Perth - R", "display_name": "R", "bookable": False, "email": "r@acme.example", "capacity": 8,
            "zones": ["Acme", "Perth", "Perth - Level 1"],
        }
    ]  # fmt: skip


def test_a_control_node_without_time_zones_is_warned_of(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(timezones, "known", frozenset)
    for plugin in (workplace_plugin, faults_plugin):
        monkeypatch.setattr(plugin.Display, "warning", lambda _self, text: warnings.append(text))
    workplace(GOOD, folder)
    workplace_faults(GOOD, folder)
    assert warnings == [timezones.NO_DATABASE] * 2


def trusted(value: Any) -> Any:
    """The same value with its texts marked as templates, as a vars file is loaded."""
    if isinstance(value, dict):
        return {key: trusted(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [trusted(entry) for entry in value]
    return trust_as_template(value) if isinstance(value, str) else value
