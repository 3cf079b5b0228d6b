# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for all settings of a room panel driver, not only for the known samples."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.plugin_utils._panel_settings import settings
from ansible_collections.placeos.office365.plugins.plugin_utils._panel_settings.credentials import Given
from ansible_collections.placeos.office365.plugins.plugin_utils._panel_settings.keys import DEPRECATED, PANEL, driver
from ansible_collections.placeos.office365.plugins.plugin_utils._panel_settings.placeholders import is_placeholder

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
URL = f"/{TENANT}/oauth2/v2.0/token"

# What JSON, YAML, URLs and durations are made of.
_MARKS = "ab09 .:/,-_~$%&*!|>#@'\"\\{}[]?=<\n\t\x00\x1b\u201c\u00e9\u0661"

READ = sorted({name for one in (PANEL, DEPRECATED) for name in driver(one).keys})  # type: ignore[union-attr]
CREDENTIALS = [name for name in READ if name.startswith(("office_", "msgraph_"))]

_names = st.one_of(
    st.sampled_from(CREDENTIALS),
    st.sampled_from(["office_options", "timeout", "update_every", "booking_cancel_timeout"]),
    st.sampled_from(READ),
    st.sampled_from(["colour", "office_secrt", "Office_Client_Id", "x_password"]),
)
_keys = st.builds(lambda dollar, name: ("$" if dollar else "") + name, st.integers(0, 3).map(lambda n: n == 0), _names)
_texts = st.one_of(
    st.sampled_from(
        [
            TENANT,
            CLIENT,
            URL,
            f"https://login.microsoftonline.com{URL}",
            f"{TENANT}/oauth2/token",
            "acme.onmicrosoft.com",
        ]
    ),
    st.sampled_from(["token url here", "enter client ID", "", " ", "tenant_name_or_ID.onMicrosoft.com", "<tenant>"]),
    st.sampled_from(
        ["fake~secret", " fake~secret ", "\x1bfake|cipher|text", "30m", "1800", "60", "1h", "true", "/oauth2"]
    ),
    st.text(_MARKS, max_size=12),
)
_values: st.SearchStrategy[Any] = st.one_of(
    _texts,
    st.none(),
    st.booleans(),
    st.integers(-5, 200_000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(_texts, max_size=2),
    st.dictionaries(st.sampled_from(["token_url", "site", "client_secret", "$x"]), _texts, max_size=3),
)
_documents = st.dictionaries(_keys, _values, max_size=8)
_classes = st.sampled_from([PANEL, DEPRECATED])
_inventories = st.sampled_from(
    [
        Given(),
        Given(TENANT, CLIENT, "fake~inventory"),
        Given("acme.example", None, "fake~inventory"),
        Given(" ", CLIENT),
    ]
)
_discovered = st.sampled_from([None, {"msgraph_client_id": "x"}, {"office_client_id": "x"}])


@given(_documents, _classes, _inventories, _discovered)
def test_the_filter_leaves_its_own_document_alone_and_has_nothing_new_to_say(
    given_settings: dict[str, Any], class_name: str, inventory: Given, discovered: dict[str, Any] | None
) -> None:
    first = settings.panel_settings(given_settings, class_name, inventory, discovered)
    if first["faults"]:
        return
    second = settings.panel_settings(first["document"], class_name, inventory, discovered)
    assert second["document"] == first["document"]
    assert second["faults"] == []
    assert set(second["warnings"]) <= set(first["warnings"])


@given(_documents, _classes, _inventories)
def test_what_is_given_is_never_changed(given_settings: dict[str, Any], class_name: str, inventory: Given) -> None:
    before = copy.deepcopy(given_settings)
    settings.panel_settings(given_settings, class_name, inventory)
    assert given_settings == before


@given(_documents, _classes)
def test_the_driver_finds_credentials_and_no_placeholder(given_settings: dict[str, Any], class_name: str) -> None:
    found = settings.panel_settings(given_settings, class_name, Given(TENANT, CLIENT, "fake~inventory"))
    if found["faults"]:
        return
    # As the server keeps it: a text is encrypted and found under its key without the dollar.
    kept = {key.removeprefix("$"): value for key, value in found["document"].items()}
    families = {PANEL: ("msgraph", "office"), DEPRECATED: ("office",)}[class_name]
    for thing in ("client_id", "secret", "token_url"):
        # Ruby's "or": only nothing and false are passed over.
        value = next(kept[f"{one}_{thing}"] for one in families if kept.get(f"{one}_{thing}") not in (None, False))
        assert isinstance(value, str)
        assert not is_placeholder(value)
    secret = next(f"{one}_secret" for one in families if f"{one}_secret" in kept)
    assert f"${secret}" in found["document"] or kept[secret].startswith("\x1b")


@given(st.text(_MARKS))
def test_any_text_has_an_answer(text: str) -> None:
    found = settings.panel_settings(text, PANEL, Given(TENANT, CLIENT, "fake~inventory"))
    assert set(found) == {"document", "warnings", "faults"}


@given(_documents, _classes)
def test_json_text_says_the_same_as_the_mapping(given_settings: dict[str, Any], class_name: str) -> None:
    inventory = Given(TENANT, CLIENT, "fake~inventory")
    text = json.dumps(given_settings)
    assert settings.panel_settings(text, class_name, inventory) == settings.panel_settings(
        json.loads(text), class_name, inventory
    )
