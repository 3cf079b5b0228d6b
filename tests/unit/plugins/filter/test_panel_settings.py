# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter, as a playbook sees it."""

from __future__ import annotations

from typing import Any

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.placeos.office365.plugins.filter import panel_settings as plugin
from ansible_collections.placeos.office365.plugins.filter.panel_settings import panel_settings

VARIABLES: dict[str, Any] = {
    "microsoft_tenant_id": "11111111-2222-3333-4444-555555555555",
    "microsoft_client_id": "66666666-7777-8888-9999-000000000000",
    "microsoft_client_secret": "fake~secret",
}


def template(expression: str, **variables: Any) -> Any:
    engine = Templar(loader=DataLoader(), variables=VARIABLES | variables).copy_with_new_env()
    engine.environment.filters["panel_settings"] = panel_settings
    return engine.template(trust_as_template("{{ " + expression + " }}"))


def test_the_filter_has_its_name() -> None:
    assert plugin.FilterModule().filters() == {"panel_settings": panel_settings}


def test_in_a_template_with_the_variables_of_an_inventory() -> None:
    found = template(
        "settings | panel_settings('::Aca::O365BookingPanel', tenant_id=microsoft_tenant_id,"
        " client_id=microsoft_client_id, client_secret=microsoft_client_secret)",
        settings={"timeout": 1800},
    )
    assert found == panel_settings(
        {"timeout": 1800},
        "::Aca::O365BookingPanel",
        tenant_id=VARIABLES["microsoft_tenant_id"],
        client_id=VARIABLES["microsoft_client_id"],
        client_secret=VARIABLES["microsoft_client_secret"],
    )
    assert found["document"]["timeout"] == "30m"


def test_variables_that_are_left_out_are_none() -> None:
    found = template(
        "{'timeout': 60, 'touch_enabled': omit} | panel_settings('OfficeBooking',"
        " tenant_id=nothing | default(omit), client_id=nothing | default(''))"
    )
    assert found["faults"] == []
    assert [words.split(":")[0] for words in found["warnings"]] == [
        "office_client_id",
        "office_secret",
        "office_token_url",
    ]
    assert "touch_enabled" not in found["document"]


def test_the_documented_options_are_those_of_the_function() -> None:
    options = yaml.safe_load(plugin.DOCUMENTATION)["options"]
    code = panel_settings.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    assert ["value", *list(options)[1:]] == list(names)
