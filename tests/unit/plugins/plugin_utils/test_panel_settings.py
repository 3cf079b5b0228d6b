# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is stored for a room panel driver is what that driver reads, and every change is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.plugin_utils._panel_settings import settings
from ansible_collections.placeos.office365.plugins.plugin_utils._panel_settings.credentials import Given

PANEL = "::Aca::O365BookingPanel"
DEPRECATED = "::Aca::OfficeBooking"
CLASSES = pytest.mark.parametrize("driver", [PANEL, DEPRECATED])

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
OTHER_CLIENT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
SECRET = "fake~Secret.of-the-inventory"
OTHER_SECRET = "fake~Secret.of-the-settings"
URL = f"/{TENANT}/oauth2/v2.0/token"
INVENTORY = Given(TENANT, CLIENT, SECRET)
NOTHING = Given()

# Default settings of O365BookingPanel since March 2020, and before (acaprojects/ruby-engine-drivers 2754bcc7, 4541c4f7).
DEFAULTS = {
    "update_every": "2m",
    "msgraph_client_id": "enter MS Graph Application ID",
    "msgraph_secret": "enter MS Graph Client secret",
    "msgraph_tenant": "tenant_name_or_ID.onMicrosoft.com",
}
DEFAULTS_OF_2019 = {
    "office_client_id": "enter client ID",
    "office_secret": "enter client secret",
    "office_tenant": "tenant_name_or_ID.onMicrosoft.com",
}


def check_list(client: str, secret: str, token_url: str) -> dict[str, Any]:
    """The settings sample of the check-list, with these values in it."""
    return {
        "touch_enabled": True,
        "timeout": 1800,
        "booking_max_duration": 120,
        "update_every": "1m",
        "office_client_id": client,
        "office_secret": secret,
        "office_scope": "https://graph.microsoft.com/.default",
        "office_options": {"site": "https://login.microsoftonline.com", "token_url": token_url},
        "office_site": "https://login.microsoftonline.com",
        "office_token_url": token_url,
    }


def result(
    given: object, driver: str = PANEL, credentials: Given = INVENTORY, discovered: dict[str, Any] | None = None
) -> dict[str, Any]:
    return settings.panel_settings(given, driver, credentials, discovered)


def stored(given: object, driver: str = PANEL, credentials: Given = INVENTORY) -> dict[str, Any]:
    """The document of settings without a fault."""
    found = result(given, driver, credentials)
    assert found["faults"] == []
    return dict(found["document"])


def warning(given: object, key: str, driver: str = PANEL, credentials: Given = INVENTORY) -> str:
    """The one warning about a key."""
    found = [words for words in result(given, driver, credentials)["warnings"] if words.startswith(f"{key}: ")]
    assert len(found) == 1, found
    return str(found[0])


def fault(given: object, driver: str = PANEL, credentials: Given = INVENTORY) -> str:
    (found,) = result(given, driver, credentials)["faults"]
    return str(found)


# -- the inventory alone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", [None, {}, "", " \n"])
def test_the_inventory_alone_makes_the_panel_driver_work(empty: object) -> None:
    assert result(empty) == {
        "document": {
            "msgraph_client_id": CLIENT,
            "$msgraph_secret": SECRET,
            "msgraph_token_url": URL,
            "msgraph_tenant": TENANT,
        },
        "warnings": [],
        "faults": [],
    }


def test_the_inventory_alone_makes_the_deprecated_driver_work() -> None:
    found = result({}, DEPRECATED)
    assert found["document"] == {
        "office_client_id": CLIENT,
        "$office_secret": SECRET,
        "office_token_url": URL,
        "office_site": "https://login.microsoftonline.com",
        "office_scope": "https://graph.microsoft.com/.default",
    }
    assert found["faults"] == []
    assert found["warnings"] == [
        "timeout: is not set, so ::Aca::OfficeBooking fails when a meeting is cancelled; write one such as 1800"
    ]


@pytest.mark.parametrize("name", ["Aca::O365BookingPanel", "O365BookingPanel", " ::Aca::O365BookingPanel"])
def test_the_class_is_known_however_much_of_its_name_is_written(name: str) -> None:
    assert stored({}, name) == stored({}, PANEL)


@pytest.mark.parametrize("name", ["::Aca::ExchangeBooking", "", None, 3])
def test_another_class_is_a_fault(name: Any) -> None:
    found = result({}, name)
    assert found["document"] == {}
    assert found["faults"][0].startswith("class_name: ")


def test_no_credentials_at_all_are_three_faults_where_the_driver_looks_nowhere_else() -> None:
    keys = [words.partition(":")[0] for words in result({}, credentials=NOTHING)["faults"]]
    assert keys == ["msgraph_client_id", "msgraph_secret", "msgraph_token_url"]


def test_no_credentials_at_all_leave_the_deprecated_driver_to_the_environment_of_the_engine() -> None:
    found = result({"timeout": 1}, DEPRECATED, NOTHING)
    assert found["faults"] == []
    assert [words.partition(":")[0] for words in found["warnings"]] == [
        "office_client_id",
        "office_secret",
        "office_token_url",
    ]
    assert "OFFICE_CLIENT_SECRET" in found["warnings"][1]


# -- the sample of the check-list ------------------------------------------------------------------------------------


def test_the_check_list_with_real_values_suits_the_panel_driver() -> None:
    found = result(check_list(OTHER_CLIENT, OTHER_SECRET, TENANT), PANEL, NOTHING)
    assert found["faults"] == []
    assert found["document"] == {
        "msgraph_client_id": OTHER_CLIENT,
        "$msgraph_secret": OTHER_SECRET,
        "msgraph_token_url": URL,
        "msgraph_tenant": TENANT,
        "touch_enabled": True,
        "timeout": "30m",
        "booking_max_duration": 120,
        "update_every": "1m",
        "office_client_id": OTHER_CLIENT,
        "$office_secret": OTHER_SECRET,
        "office_scope": "https://graph.microsoft.com/.default",
        "office_options": {"site": "https://login.microsoftonline.com", "token_url": URL},
        "office_site": "https://login.microsoftonline.com",
        "office_token_url": URL,
    }
    assert {words.split(": ")[0] for words in found["warnings"]} == {
        "office_secret",
        "office_token_url",
        "office_options.token_url",
        "timeout",
        "office_options",
        "office_scope",
        "office_site",
    }


def test_the_check_list_with_real_values_suits_the_deprecated_driver() -> None:
    found = result(check_list(OTHER_CLIENT, OTHER_SECRET, TENANT), DEPRECATED, NOTHING)
    assert found["faults"] == []
    assert found["document"] == {
        "office_client_id": OTHER_CLIENT,
        "$office_secret": OTHER_SECRET,
        "office_token_url": URL,
        "office_site": "https://login.microsoftonline.com",
        "office_scope": "https://graph.microsoft.com/.default",
        "touch_enabled": True,
        "timeout": 1800,
        "booking_max_duration": 120,
        "update_every": "1m",
        "office_options": {"site": "https://login.microsoftonline.com", "token_url": URL},
    }
    assert {words.split(": ")[0] for words in found["warnings"]} == {
        "office_secret",
        "office_token_url",
        "office_options.token_url",
        "office_options",
    }


@CLASSES
def test_the_check_list_as_it_stands_takes_the_inventory_in_place_of_its_placeholders(driver: str) -> None:
    untouched = check_list("office client id here", "office secret here", "token url here")
    filled = check_list(CLIENT, SECRET, TENANT)
    assert stored(untouched, driver) == stored(filled, driver)
    assert "microsoft_client_id" in warning(untouched, "office_client_id", driver)
    assert SECRET not in warning(untouched, "office_secret", driver)
    assert URL in warning(untouched, "office_options.token_url", driver)


@CLASSES
def test_a_placeholder_without_a_value_in_the_inventory_is_a_fault(driver: str) -> None:
    untouched = check_list("office client id here", "office secret here", "token url here")
    faults = result(untouched, driver, NOTHING)["faults"]
    assert [words.partition(":")[0] for words in faults] == ["office_client_id", "office_secret", "office_token_url"]


# -- who wins --------------------------------------------------------------------------------------------------------


def test_the_settings_win_over_the_inventory_whichever_family_they_are_written_in() -> None:
    for name in ("office_client_id", "msgraph_client_id"):
        assert stored({name: OTHER_CLIENT})["msgraph_client_id"] == OTHER_CLIENT


def test_of_both_families_the_drivers_first_one_wins_and_the_other_is_told() -> None:
    both = {"msgraph_client_id": CLIENT, "office_client_id": OTHER_CLIENT}
    assert stored(both) == stored({**both, "office_client_id": CLIENT}) | {"office_client_id": OTHER_CLIENT}
    assert "reads msgraph_client_id first" in warning(both, "office_client_id")
    assert not [words for words in result({**both, "office_client_id": CLIENT})["warnings"] if "office_client" in words]


def test_default_settings_of_discovery_never_hide_a_value() -> None:
    document = stored({**DEFAULTS, "office_client_id": OTHER_CLIENT, "$office_secret": OTHER_SECRET})
    assert document["msgraph_client_id"] == OTHER_CLIENT
    assert document["$msgraph_secret"] == OTHER_SECRET
    assert "msgraph_secret" not in document
    assert document["msgraph_tenant"] == TENANT
    assert document["msgraph_token_url"] == URL


@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_an_empty_text_which_is_a_value_to_ruby_hides_nothing(nothing: str | None) -> None:
    document = stored({"msgraph_client_id": nothing, "office_client_id": OTHER_CLIENT})
    assert document["msgraph_client_id"] == OTHER_CLIENT


@pytest.mark.parametrize("driver", [PANEL, DEPRECATED])
def test_the_tenant_of_the_settings_wins_over_that_of_the_inventory(driver: str) -> None:
    document = stored({"office_tenant": "acme.onmicrosoft.com", "timeout": "5m"}, driver)
    first = "msgraph" if driver == PANEL else "office"
    assert document[f"{first}_token_url"] == "/acme.onmicrosoft.com/oauth2/v2.0/token"


def test_a_token_url_wins_over_a_tenant_as_in_the_driver() -> None:
    both = {"office_token_url": URL, "msgraph_tenant": "acme.onmicrosoft.com"}
    assert stored(both)["msgraph_token_url"] == URL
    assert "has no effect" in warning(both, "msgraph_tenant")


def test_a_tenants_url_has_the_path_that_the_settings_ask_for() -> None:
    document = stored({"msgraph_token_path": "/policy/oauth2/v2.0/token", "office_tenant": "acme.example"})
    assert document["msgraph_token_url"] == "/acme.example/policy/oauth2/v2.0/token"


def test_a_driver_from_before_march_2020_gets_the_family_that_it_reads() -> None:
    plain = result({}, discovered=DEFAULTS_OF_2019)
    assert plain["document"] == {
        "office_client_id": CLIENT,
        "$office_secret": SECRET,
        "office_token_url": URL,
        "office_tenant": TENANT,
    }
    sample = result(check_list(CLIENT, SECRET, TENANT), discovered=DEFAULTS_OF_2019)
    assert sample["document"]["timeout"] == 1800
    assert not [key for key in sample["document"] if "msgraph" in key]
    assert result({}, discovered=DEFAULTS) == result({})


# -- token URLs and tenants ------------------------------------------------------------------------------------------


@CLASSES
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (TENANT, URL),
        ("acme.onmicrosoft.com", "/acme.onmicrosoft.com/oauth2/v2.0/token"),
        (f"/{TENANT}", URL),
        (f"{TENANT}/oauth2/v2.0/token", URL),
        (f"/{TENANT}/oauth2/v2.0/token/", URL),
        (f" /{TENANT}/oauth2/v2.0/token ", URL),
        (f"/{TENANT}/oauth2/token", URL),
        (f"/{TENANT}/oauth2/v2.0/authorize", URL),
        (f"https://login.microsoftonline.com/{TENANT}", f"https://login.microsoftonline.com{URL}"),
        (f"login.microsoftonline.com{URL}", f"https://login.microsoftonline.com{URL}"),
    ],
)
def test_a_token_url_is_made_of_what_stands_in_its_place(written: str, meant: str, driver: str) -> None:
    given = {"office_token_url": written, "timeout": "1m"}
    assert stored(given, driver)["office_token_url"] == meant
    found = [words for words in result(given, driver)["warnings"] if words.startswith("office_token_url: ")]
    assert len(found) == 1
    # Long values are cut.
    assert json.dumps(written)[:40] in found[0]


@CLASSES
@pytest.mark.parametrize(
    "right", [URL, f"https://login.microsoftonline.com{URL}", "/acme.example/policy/oauth2/v2.0/token"]
)
def test_a_path_or_a_whole_token_url_is_right(right: str, driver: str) -> None:
    given = {"office_token_url": right}
    assert stored(given, driver)["office_token_url"] == right
    assert not [words for words in result(given, driver)["warnings"] if "token_url" in words]


@pytest.mark.parametrize(
    "wrong", ["acme", "common", "https://login.microsoftonline.com", "/a b/oauth2/v2.0/token", f"{URL}?x=1"]
)
def test_nonsense_in_place_of_a_token_url_is_a_fault(wrong: str) -> None:
    assert fault({"office_token_url": wrong}).startswith("office_token_url: ")


def test_the_tenant_is_found_in_what_is_more() -> None:
    document = stored({"office_tenant": f"https://login.microsoftonline.com{URL}"})
    assert document["office_tenant"] == TENANT
    assert document["msgraph_token_url"] == URL


def test_nonsense_in_place_of_a_tenant_is_a_fault() -> None:
    assert fault({"office_tenant": "Acme Ltd"}).startswith("office_tenant: ")


# -- secrets ---------------------------------------------------------------------------------------------------------

CIPHERTEXT = "\x1b400$8$1b$fake|aXY=|dGFn|ZGF0YQ=="


def test_a_secret_is_stored_for_encryption_with_or_without_the_dollar() -> None:
    assert stored({"office_secret": OTHER_SECRET}) == stored({"$office_secret": OTHER_SECRET})
    assert "$office_secret" in warning({"office_secret": OTHER_SECRET}, "office_secret")
    assert result({"$office_secret": OTHER_SECRET})["warnings"] == []


def test_what_the_server_shows_of_a_secret_is_passed_on_as_it_is() -> None:
    assert stored({"msgraph_secret": CIPHERTEXT}, credentials=INVENTORY)["msgraph_secret"] == CIPHERTEXT
    assert "$msgraph_secret" not in stored({"msgraph_secret": CIPHERTEXT})
    assert stored({"$msgraph_secret": CIPHERTEXT})["msgraph_secret"] == CIPHERTEXT


def test_ciphertext_is_not_copied_to_a_key_where_the_server_could_not_read_it() -> None:
    document = stored({"office_secret": CIPHERTEXT})
    assert document["office_secret"] == CIPHERTEXT
    assert document["$msgraph_secret"] == SECRET


@pytest.mark.parametrize(
    "given",
    [
        check_list(OTHER_CLIENT, OTHER_SECRET, TENANT),
        {"office_secret": OTHER_SECRET, "msgraph_secret": f" {OTHER_SECRET} "},
        {"office_client_id": OTHER_SECRET},
        {"office_secrt": OTHER_SECRET, "$x": OTHER_SECRET},
        {"office_user_password": OTHER_SECRET, "office_options": {"client_secret": OTHER_SECRET}},
        f'{{"office_secret": {OTHER_SECRET}, "a": }} ]',
        f"office_secret: *{OTHER_SECRET}",
        f"office_secret: !{OTHER_SECRET} x",
        f"{OTHER_SECRET}",
    ],
)
@CLASSES
def test_no_secret_is_told(given: object, driver: str) -> None:
    found = result(given, driver)
    told = "\n".join([*found["warnings"], *found["faults"]])
    assert told
    assert OTHER_SECRET not in told
    assert SECRET not in told


@CLASSES
def test_no_secret_is_stored_readably_even_where_nothing_reads_it(driver: str) -> None:
    given = {
        "office_secret": OTHER_SECRET,
        "msgraph_secret": OTHER_SECRET,
        "office_secrt": OTHER_SECRET,
        "office_user_password": OTHER_SECRET,
        "office_options": {"client_secret": OTHER_SECRET, "deep": {"password": OTHER_SECRET}},
    }
    open_values = []

    def look(document: dict[str, Any]) -> None:
        for key, value in document.items():
            if isinstance(value, dict):
                look(value)
            elif value == OTHER_SECRET and not key.startswith("$"):
                open_values.append(key)

    look(result(given, driver)["document"])
    assert open_values == []


def test_the_id_of_a_secret_is_not_taken_for_its_value() -> None:
    assert "the secret's id" in result({"office_secret": OTHER_CLIENT})["faults"][0]


def test_an_application_has_a_guid() -> None:
    assert "is not the id of an application" in result({"office_client_id": "PlaceOS"})["faults"][0]


def test_what_the_server_cannot_encrypt_is_told() -> None:
    assert stored({"$office_secret": 123456})["$office_secret"] == "123456"
    assert stored({"$booking_max_duration": 120})["booking_max_duration"] == 120
    assert fault({"$room_map": ""}).startswith("$room_map: is empty")
    assert "a mapping" in fault({"$office_options": {"site": "x"}})


def test_with_and_without_the_dollar_the_encrypted_one_counts() -> None:
    given = {"office_secret": SECRET, "$office_secret": OTHER_SECRET}
    assert stored(given)["$office_secret"] == OTHER_SECRET
    assert "office_secret" not in stored(given)
    assert "twice" in warning(given, "office_secret")


# -- durations and other values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [(1800, "30m"), ("1800", "30m"), (90, "1m30s"), (5400, "1h30m"), (3600.0, "1h"), (1.5, "1.5s")],
)
def test_the_panel_driver_gets_seconds_as_a_duration(written: object, meant: str) -> None:
    assert stored({"timeout": written})["timeout"] == meant
    assert json.dumps(written) in warning({"timeout": written}, "timeout")


@pytest.mark.parametrize(("written", "meant"), [("30m", 1800), ("1h30m", 5400), ("1800", 1800), ("1.5s", 1.5)])
def test_the_deprecated_driver_gets_a_duration_as_seconds(written: str, meant: float) -> None:
    assert stored({"timeout": written}, DEPRECATED)["timeout"] == meant
    assert json.dumps(written) in warning({"timeout": written}, "timeout", DEPRECATED)


@CLASSES
def test_both_drivers_read_the_delay_of_cancelling_as_a_duration(driver: str) -> None:
    assert stored({"booking_cancel_timeout": 600}, driver)["booking_cancel_timeout"] == "10m"


@pytest.mark.parametrize("right", ["30m", "1h5m10s", "2w", "0.5h", ".5h", 0, False, None])
def test_a_duration_is_left_as_it_is(right: object) -> None:
    assert stored({"timeout": right})["timeout"] == right
    assert result({"timeout": right})["warnings"] == []


@pytest.mark.parametrize("wrong", ["half an hour", "30 m", "-5m", "30min", True, [30]])
@CLASSES
def test_what_is_no_duration_is_a_fault(wrong: object, driver: str) -> None:
    assert fault({"timeout": wrong}, driver).startswith("timeout: ")


@CLASSES
def test_a_pause_in_milliseconds_stays_and_one_that_can_only_be_seconds_becomes_a_duration(driver: str) -> None:
    assert stored({"update_every": 120_000}, driver)["update_every"] == 120_000
    assert stored({"update_every": 60}, driver)["update_every"] == "1m"
    assert fault({"update_every": 0}, driver).startswith("update_every: ")
    assert fault({"update_every": "0s"}, driver).startswith("update_every: ")


def test_true_and_false_written_as_text_and_numbers_too() -> None:
    document = stored({"touch_enabled": "False", "booking_max_duration": "120"})
    assert document["touch_enabled"] is False
    assert document["booking_max_duration"] == 120


@pytest.mark.parametrize("name", ["office_room", "room_name"])
def test_a_value_of_one_room_in_the_settings_of_all_is_told(name: str) -> None:
    assert "every room" in warning({name: "room@acme.example"}, name)
    assert stored({name: "room@acme.example"})[name] == "room@acme.example"


def test_a_placeholder_of_the_connection_is_left_out() -> None:
    assert "office_room" not in stored({"office_room": "room@email.address"})
    assert stored({"office_site": "site here"}, DEPRECATED)["office_site"] == "https://login.microsoftonline.com"


def test_a_title_that_reads_like_a_placeholder_is_a_title() -> None:
    assert stored({"description": "Check in here"})["description"] == "Check in here"


# -- keys that nothing reads -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "driver", "words"),
    [
        ("office_options", PANEL, "no driver reads it"),
        ("office_scope", PANEL, "only ::Aca::OfficeBooking does"),
        ("booking_can_search", DEPRECATED, "only ::Aca::O365BookingPanel does"),
        ("msgraph_client_id", DEPRECATED, 'write "office_client_id"'),
        ("office_tenant", DEPRECATED, "takes the tenant from office_token_url"),
        ("bookng_max_duration", PANEL, 'did you mean "booking_max_duration"?'),
        ("Office_Client_ID", PANEL, 'did you mean "office_client_id"?'),
        ("colour", PANEL, "does not read it"),
    ],
)
def test_a_key_without_effect_is_told_with_the_reason_and_stored(name: str, driver: str, words: str) -> None:
    value = "acme.example" if name == "office_tenant" else "x"
    assert words in warning({name: value}, name, driver)
    assert stored({name: value}, driver)[name] == value


# -- settings as text ------------------------------------------------------------------------------------------------


@CLASSES
def test_json_text_is_what_it_says(driver: str) -> None:
    sample = check_list(CLIENT, SECRET, TENANT)
    assert result(json.dumps(sample, indent=4), driver) == result(sample, driver)


@pytest.mark.parametrize(
    "text",
    [
        '{ "timeout": "5m", "touch_enabled": true, }',
        "{ timeout: 5m, touch_enabled: true }",
        "timeout: 5m\ntouch_enabled: true  # for the corridor\n",
        "{ \u201ctimeout\u201d: \u201c5m\u201d, \u201ctouch_enabled\u201d: true }",
        '\n\t{\n\t"timeout": "5m",\n\t"touch_enabled": true }\n',
    ],
)
def test_what_is_almost_json_is_read_too(text: str) -> None:
    assert stored(text) == stored({"timeout": "5m", "touch_enabled": True})


def test_words_stay_words() -> None:
    text = "{timeline_start: 10:00, icon: no, description: 2024-01-31, room_map: 010}"
    document = stored(text)
    assert [document[key] for key in ("timeline_start", "icon", "description", "room_map")] == [
        "10:00",
        "no",
        "2024-01-31",
        "010",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n "timeout": "5m"\n "update_every": "1m"\n}', "line 3, column 2"),
        ('{"timeout": "5m"', "column 17"),
        ("get from level zone URL", "line 1, column 1"),
        ('["timeout"]', "a list"),
        ("a: &x [*x, {", "line 1"),
        ("? [a]\n: b", "line 1"),
        ("\x00", "line 1"),
    ],
)
def test_anything_else_is_a_fault_with_its_place(text: str, place: str) -> None:
    words = fault(text)
    assert words.startswith("settings: ")
    assert place in words


def test_settings_that_are_no_mapping_are_a_fault() -> None:
    assert fault([{"timeout": "5m"}]) == "settings: are a list, not a mapping of keys to values"
    assert fault({1: "x"}).startswith("settings: one of the keys is a number")
    assert fault({"$": "x"}).startswith("settings: a key is only a dollar sign")


def test_a_number_that_json_does_not_have_is_a_fault() -> None:
    assert "Infinity" in fault('{"booking_max_duration": Infinity}')


@CLASSES
@pytest.mark.parametrize("huge", [10**400, "9" * 400, 1e300, float("inf")])
def test_no_number_is_too_large_to_be_judged(huge: object, driver: str) -> None:
    for name in ("timeout", "booking_cancel_timeout", "update_every", "booking_max_duration"):
        result({name: huge}, driver)
