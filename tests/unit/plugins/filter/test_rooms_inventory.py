# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter rooms_inventory, as a playbook sees it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleTemplatePluginError

from ansible_collections.placeos.office365.plugins.filter import rooms_inventory as plugin
from ansible_collections.placeos.office365.plugins.filter.rooms_inventory import rooms_inventory
from ansible_collections.placeos.office365.plugins.plugin_utils._rooms.importing import FORMATS, Request
from ansible_collections.placeos.office365.plugins.plugin_utils._rooms.merge import OVERWRITABLE, Choices

ROOMS = [{"email_address": "a@acme.example", "display_name": "A", "building": "Sydney", "floor_number": 1}]


def test_the_filter_has_its_name() -> None:
    assert plugin.FilterModule().filters() == {"rooms_inventory": rooms_inventory}


def test_it_says_what_to_write_and_writes_nothing(tmp_path: Path) -> None:
    result = rooms_inventory(
        ROOMS, "workplace.yml", str(tmp_path), name="Acme", timezones={"Sydney": "Australia/Sydney"}
    )
    (file,) = result["files"]
    assert (file["path"], file["changed"], file["exists"]) == (str(tmp_path / "workplace.yml"), True, False)
    assert yaml.safe_load(file["content"])["workplace"]["name"] == "Acme"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("rooms", "options", "words"),
    [
        (None, {}, "takes the list of rooms"),
        (ROOMS, {"colour": 1}, "colour"),
        (ROOMS, {"format": "json"}, "format 'json' is unknown"),
        (ROOMS, {"overwrite": ["email"]}, "email cannot be overwritten"),
    ],
)
def test_what_is_wrong_is_said_in_words(tmp_path: Path, rooms: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(AnsibleTemplatePluginError, match=words):
        rooms_inventory(rooms, "workplace.yml", str(tmp_path), **options)


def test_options_that_are_none_have_their_defaults(tmp_path: Path) -> None:
    assert rooms_inventory(ROOMS, "w.yml", str(tmp_path), workplace=None, timezone=None, overwrite=None)["changed"]


def test_options_and_documentation_agree() -> None:
    documented = yaml.safe_load(plugin.DOCUMENTATION)["options"]
    known = {*inspect.signature(Request).parameters, *inspect.signature(Choices).parameters} - {"choices"}
    assert set(documented) - {"_input"} == known
    assert documented["format"]["choices"] == list(FORMATS)
    assert documented["overwrite"]["choices"] == list(OVERWRITABLE)


def test_everything_returned_is_documented(tmp_path: Path) -> None:
    documented = yaml.safe_load(plugin.RETURN)["_value"]["contains"]
    assert set(documented) == set(rooms_inventory(ROOMS, "w.yml", str(tmp_path)))
