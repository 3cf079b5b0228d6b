# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and results of graph_app are documented as they are, and no option shows a secret."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from ansible_collections.placeos.office365.plugins.doc_fragments.microsoft import ModuleDocFragment
from ansible_collections.placeos.office365.plugins.module_utils._microsoft import frame
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app import view as app_view
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.apply import Done
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import Current, Desired, Plan
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.secrets import Wish, shown
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import Credential
from ansible_collections.placeos.office365.plugins.modules import graph_app
from ansible_collections.placeos.office365.tests.unit.plugins.modules.test_documentation import Seen, differences

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
RETURN: dict[str, Any] = yaml.safe_load(graph_app.RETURN)
SECRETS = {"client_secret", "certificate", "certificate_passphrase", "access_token"}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What the module gives to AnsibleModule."""

    def show(argument_spec: dict[str, Any], **rules: Any) -> None:
        raise Seen(argument_spec, rules)

    monkeypatch.setattr(frame, "AnsibleModule", show)
    with pytest.raises(Seen) as caught:
        graph_app.main()
    return caught.value


def documented() -> dict[str, Any]:
    common, own = (yaml.safe_load(text) for text in (ModuleDocFragment.DOCUMENTATION, graph_app.DOCUMENTATION))
    return {**common["options"], **own["options"]}


def test_options_and_documentation_agree(seen: Seen) -> None:
    assert differences(seen.spec, documented()) == []
    assert seen.rules["supports_check_mode"] is True


def test_secrets_and_only_they_are_hidden(seen: Seen) -> None:
    assert {name for name, option in seen.spec.items() if option.get("no_log")} == SECRETS


def test_the_examples_name_options_that_exist() -> None:
    tasks = [task["placeos.office365.graph_app"] for task in yaml.safe_load(graph_app.EXAMPLES)]
    suboptions = documented()["secret"]["suboptions"]
    assert len(tasks) == 3
    for task in tasks:
        assert task.keys() <= documented().keys()
        assert task.get("secret", {}).keys() <= suboptions.keys()


def test_every_key_of_the_result_is_documented() -> None:
    done = Done(secret=Credential("key-1", "PlaceOS"))
    result = app_view.result(Plan(), Desired(), Current(), done, NOW)
    assert result.keys() == RETURN.keys() - {"changes", "errors"}
    assert result["application"].keys() == RETURN["application"]["contains"].keys()
    assert result["permissions"].keys() == RETURN["permissions"]["contains"].keys()
    assert result["secret"].keys() | {"value", "stored_in"} == RETURN["secret"]["contains"].keys()
    assert shown(Credential("key-1"), Wish("PlaceOS"), NOW).keys() == RETURN["secrets"]["contains"].keys()
    assert app_view.changes([], []).keys() == RETURN["changes"]["contains"].keys()
