# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and results of graph_room_info are documented as they are."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.placeos.office365.plugins.doc_fragments.microsoft import ModuleDocFragment
from ansible_collections.placeos.office365.plugins.module_utils._microsoft import frame
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.rooms.results import missing, room
from ansible_collections.placeos.office365.plugins.modules import graph_room_info
from ansible_collections.placeos.office365.tests.unit.plugins.modules.test_documentation import Seen, differences

RETURN: dict[str, Any] = yaml.safe_load(graph_room_info.RETURN)


def test_options_and_documentation_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    def show(argument_spec: dict[str, Any], **rules: Any) -> None:
        raise Seen(argument_spec, rules)

    monkeypatch.setattr(frame, "AnsibleModule", show)
    with pytest.raises(Seen) as caught:
        graph_room_info.main()
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    documented |= yaml.safe_load(graph_room_info.DOCUMENTATION)["options"]
    assert differences(caught.value.spec, documented) == []


def test_every_key_of_a_room_is_documented() -> None:
    documented = RETURN["rooms"]["contains"]
    assert set(documented) == {*room({}), "room_lists", "mailbox"}
    assert {key for key in RETURN["rooms"]["sample"][0] if key not in documented} == set()


def test_what_is_missing_is_documented_by_its_names() -> None:
    assert set(RETURN["missing"]["sample"]) == set(missing([]))


def test_the_examples_name_options_that_exist() -> None:
    known = set(yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"])
    known |= set(yaml.safe_load(graph_room_info.DOCUMENTATION)["options"])
    tasks = yaml.safe_load(graph_room_info.EXAMPLES)
    given = [
        set(task["placeos.office365.graph_room_info"]) for task in tasks if "placeos.office365.graph_room_info" in task
    ]
    assert [options - known for options in given] == [set(), set()]
