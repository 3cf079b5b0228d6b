# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two Office 365 booking panels: where their settings come from, and their ways to fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from lab.acaengine.encryption import ESCAPE
from lab.acaengine.engine.driver import RubyError
from lab.acaengine.engine.panels import parse_duration
from lab.acaengine.testing import Client
from lab.testing import Answer

Make = Callable[..., str]
Panel = Callable[..., str]
CURRENT, DEPRECATED = "::Aca::O365BookingPanel", "::Aca::OfficeBooking"
TENANT = "11111111-2222-3333-4444-555555555555"
TOKEN_URL = f"/{TENANT}/oauth2/v2.0/token"
NEW = {"msgraph_client_id": "app", "$msgraph_secret": "s", "msgraph_tenant": TENANT}
OLD = {"office_client_id": "app", "$office_secret": "s", "office_token_url": TOKEN_URL}
NO_EACH = "undefined method `each' for nil:NilClass"


@pytest.fixture
def panel(aca: Client, room: str, add_module: Make) -> Panel:
    """Return a function that makes a running panel module of a class with settings of its dependency."""

    def make(class_name: str, settings: dict[str, Any], **more: Any) -> str:
        body = {"name": "Panel", "role": "logic", "class_name": class_name, "module_name": "Bookings"}
        dependency = aca.made("/dependencies", **body, settings=settings)
        return add_module(room, dependency, **more)

    return make


def fetch(aca: Client, system: str = "") -> Answer:
    system = system or aca.get("/systems/Room%201").json["id"]
    return aca.post(f"/systems/{system}/exec", {"module": "Bookings", "index": 1, "method": "fetch_bookings"})


def failure(aca: Client) -> str:
    """Return the message of a call that failed."""
    answer = fetch(aca)
    assert answer.status == 500, answer
    return str(answer.json[0].partition("\n")[0])


@pytest.mark.parametrize(("class_name", "settings"), [(CURRENT, NEW), (CURRENT, OLD), (DEPRECATED, OLD)])
def test_todays_bookings_are_returned_and_shown(
    aca: Client, room: str, panel: Panel, class_name: str, settings: dict[str, Any]
) -> None:
    panel(class_name, settings)
    answer = fetch(aca)
    assert answer.status == 200
    (today,) = answer.json
    assert today
    assert today[0].keys() >= {"Start", "End", "Subject", "id", "icaluid", "owner", "email", "organizer", "isAllDay"}
    assert today[0]["Start"].endswith("Z")
    assert aca.get(f"/systems/{room}/state?module=Bookings&lookup=today").json == today
    assert fetch(aca).json == [today], "the same all day"


def test_bookings_depend_on_the_mailbox(aca: Client, room: str, panel: Panel) -> None:
    panel(CURRENT, NEW)
    before = fetch(aca).json
    aca.changed(f"/systems/{room}", email="other@acme.example")
    assert fetch(aca).json != before


@pytest.mark.parametrize(
    ("class_name", "settings", "name"),
    [(CURRENT, NEW, "msgraph_room"), (CURRENT, NEW, "office_room"), (DEPRECATED, OLD, "office_room")],
)
def test_a_setting_replaces_the_systems_address(
    aca: Client, panel: Panel, class_name: str, settings: dict[str, Any], name: str
) -> None:
    aca.post("/_lab/mailboxes", {"email": "room1@acme.example", "state": "missing"})
    panel(class_name, {**settings, name: "shared@acme.example"})
    assert fetch(aca).status == 200


# -- where settings come from --


def test_the_first_place_that_has_a_setting_wins(aca: Client, room: str, panel: Panel) -> None:
    module = panel(CURRENT, {**NEW, "room_name": "dependency"})
    zones = [aca.made("/zones", name=name) for name in ("level", "org")]
    aca.changed(f"/systems/{room}", zones=zones)

    def room_name() -> str:
        return aca.get(f"/systems/{room}/state?module=Bookings&lookup=room_name").text

    assert room_name() == "dependency"
    aca.changed(f"/zones/{zones[1]}", settings={"room_name": "org"})
    assert room_name() == "org"
    aca.changed(f"/zones/{zones[0]}", settings={"room_name": "level"})
    assert room_name() == "level", "zones count in the order of the system's list"
    aca.changed(f"/systems/{room}", zones=[*reversed(zones)])
    assert room_name() == "org"
    aca.changed(f"/systems/{room}", settings={"room_name": "system"})
    assert room_name() == "system"
    aca.changed(f"/modules/{module}", settings={"room_name": "module"})
    assert room_name() == "module"
    aca.changed(f"/modules/{module}", settings={"room_name": None})
    assert room_name() == "system", "null is nothing"


def test_false_is_a_value(aca: Client, room: str, panel: Panel) -> None:
    module = panel(CURRENT, {**NEW, "touch_enabled": True})
    path = f"/systems/{room}/state?module=Bookings&lookup=touch_enabled"
    assert aca.get(path).json is True
    aca.changed(f"/modules/{module}", settings={"touch_enabled": False})
    assert aca.get(path).json is False


def test_a_secret_is_opened_where_it_stands(aca: Client, room: str, panel: Panel) -> None:
    panel(CURRENT, {**NEW, "$msgraph_secret": "wrong-secret"})
    assert "AADSTS7000215" in failure(aca)
    aca.changed(f"/systems/{room}", settings={"$msgraph_secret": "right"})
    assert fetch(aca).status == 200


def test_ciphertext_copied_from_elsewhere_stops_the_driver(aca: Client, room: str, panel: Panel) -> None:
    panel(CURRENT, {})
    stored = aca.get("/dependencies").json["results"][0]
    secret = aca.changed(f"/dependencies/{stored['id']}", settings=NEW)["settings"]["msgraph_secret"]
    assert secret.startswith(ESCAPE)
    assert fetch(aca).status == 200
    aca.changed(f"/systems/{room}", settings={"msgraph_secret": secret})
    assert fetch(aca).status == 200, "the client made before is kept when the update fails"
    module = aca.get(f"/systems/{room}").json["modules"][0]
    aca.post(f"/modules/{module}/stop")
    assert aca.post(f"/modules/{module}/start").status == 200
    assert failure(aca) == "undefined method `get_bookings' for nil:NilClass"


def test_new_settings_work_at_once(aca: Client, panel: Panel) -> None:
    panel(CURRENT, {**NEW, "$msgraph_secret": "wrong-secret"})
    stored = aca.get("/dependencies").json["results"][0]
    assert "AADSTS7000215" in failure(aca)
    aca.changed(f"/dependencies/{stored['id']}", settings=NEW)
    assert fetch(aca).status == 200


# -- the current driver --


def test_msgraph_settings_come_before_office_settings(aca: Client, panel: Panel) -> None:
    panel(CURRENT, {**OLD, **NEW, "$office_secret": "wrong-secret"})
    assert fetch(aca).status == 200


def test_the_placeholders_of_its_default_settings_come_first_too(aca: Client, panel: Panel) -> None:
    defaults = aca.get(f"/discovery/disc-{CURRENT}").json["settings"]
    panel(CURRENT, {**defaults, "office_client_id": "app", "$office_secret": "s", "office_tenant": TENANT})
    assert "AADSTS90002: Tenant 'tenant_name_or_ID.onMicrosoft.com' not found" in failure(aca)
    stored = aca.get("/dependencies").json["results"][0]
    settings = {**stored["settings"], "msgraph_tenant": TENANT}
    aca.changed(f"/dependencies/{stored['id']}", settings=settings)
    assert failure(aca).startswith("unauthorized_client: AADSTS700016: Application with identifier 'enter MS Graph")


def test_without_token_url_and_tenant_it_starts_but_every_call_fails(aca: Client, room: str, panel: Panel) -> None:
    module = panel(CURRENT, {"msgraph_client_id": "app", "$msgraph_secret": "s"})
    assert aca.get(f"/modules/{module}").json["running"] is True
    assert failure(aca) == "undefined method `get_bookings' for nil:NilClass"
    assert aca.get(f"/systems/{room}/state?module=Bookings&lookup=today").json == []


@pytest.mark.parametrize(
    "tenant",
    [
        {"msgraph_tenant": TENANT},
        {"office_tenant": "acme.onmicrosoft.com"},
        {"msgraph_token_url": TOKEN_URL},
        {"office_token_url": f"https://login.microsoftonline.com{TOKEN_URL}"},
        {"msgraph_tenant": TENANT, "office_token_path": "/oauth2/v2.0/token"},
    ],
)
def test_ways_to_name_the_tenant(aca: Client, panel: Panel, tenant: dict[str, str]) -> None:
    panel(CURRENT, {"msgraph_client_id": "app", "$msgraph_secret": "s", **tenant})
    assert fetch(aca).status == 200


@pytest.mark.parametrize("class_name", [CURRENT, DEPRECATED])
@pytest.mark.parametrize("url", [TENANT, f"/{TENANT}", f"/{TENANT}/oauth2", f"{TENANT}.onmicrosoft.com"])
def test_a_bare_tenant_is_no_token_url_and_the_message_is_empty(
    aca: Client, panel: Panel, class_name: str, url: str
) -> None:
    panel(class_name, {**OLD, "office_token_url": url})
    answer = fetch(aca)
    assert answer.status == 500
    assert answer.json[0].startswith("\noauth2/")


@pytest.mark.parametrize("state", ["missing", "denied"])
def test_a_refused_mailbox_is_only_told_as_nil(aca: Client, panel: Panel, state: str) -> None:
    """The batch answers 200, and nobody looks at the answer inside it (office2/events.rb)."""
    panel(CURRENT, NEW)
    aca.post("/_lab/mailboxes", {"email": "Room1@acme.example", "state": state})
    assert failure(aca) == NO_EACH
    aca.post("/_lab/mailboxes", {"email": "room1@acme.example", "state": "ok"})
    assert fetch(aca).status == 200


def test_so_is_a_room_without_an_address(aca: Client, room: str, panel: Panel) -> None:
    panel(CURRENT, NEW)
    for address in (None, ""):
        aca.changed(f"/systems/{room}", email=address)
        assert failure(aca) == NO_EACH


def test_a_bare_number_for_a_duration_is_milliseconds(aca: Client, room: str, panel: Panel) -> None:
    module = panel(CURRENT, {**NEW, "timeout": "30m"})
    path = f"/systems/{room}/state?module=Bookings&lookup=timeout"
    assert aca.get(path).json == 1800
    aca.changed(f"/modules/{module}", settings={"timeout": 1800})
    assert aca.get(path).json == 1


def test_a_duration_that_cannot_be_read_stops_the_driver(aca: Client, panel: Panel) -> None:
    panel(CURRENT, {**NEW, "timeout": "soon"})
    assert failure(aca) == "undefined method `get_bookings' for nil:NilClass"


def test_its_token_can_hide_a_wrong_secret(aca: Client, room: str, panel: Panel) -> None:
    aca.post("/_lab/faults", {"fault": "token-cache"})
    panel(CURRENT, NEW)
    assert fetch(aca).status == 200
    aca.changed(f"/systems/{room}", settings={"$msgraph_secret": "wrong-secret"})
    assert fetch(aca).status == 200
    aca.delete("/_lab/faults")
    assert "AADSTS7000215" in failure(aca)


def test_its_functions_are_those_of_the_class(aca: Client, room: str, panel: Panel) -> None:
    module = panel(CURRENT, NEW)
    functions = aca.get(f"/systems/{room}/funcs?module=Bookings").json
    assert functions["fetch_bookings"] == {"arity": -1, "params": [["rest", "args"]]}
    assert functions["set_end_meeting_warning"]["arity"] == -1
    body = {"module": "Bookings", "method": "start_meeting", "args": [1_700_000_000]}
    assert aca.post(f"/systems/{room}/exec", body).status == 200
    assert aca.get(f"/modules/{module}").json["settings"] == {"last_meeting_started": 1_700_000_000}
    gone = aca.post(f"/systems/{room}/exec", {"module": "Bookings", "method": "end_meeting", "args": ["x"]})
    assert gone.json[0].startswith("Error (400): Booking not found with id: x")


# -- the deprecated driver --


def test_the_deprecated_driver_does_not_read_msgraph_settings(aca: Client, panel: Panel) -> None:
    panel(DEPRECATED, NEW)
    assert failure(aca) == "", "no token url, and no variable to fall back to"


@pytest.mark.parametrize(("state", "code"), [("missing", "ErrorItemNotFound"), ("denied", "ErrorAccessDenied")])
def test_it_hands_on_the_words_of_graph(aca: Client, panel: Panel, state: str, code: str) -> None:
    panel(DEPRECATED, OLD)
    aca.post("/_lab/mailboxes", {"email": "room1@acme.example", "state": state})
    assert json.loads(failure(aca))["error"]["code"] == code


def test_it_trips_over_a_room_without_an_address(aca: Client, room: str, panel: Panel) -> None:
    panel(DEPRECATED, OLD)
    aca.changed(f"/systems/{room}", email=None)
    assert failure(aca) == "undefined method `[]' for nil:NilClass"


def test_it_fetches_bookings_when_it_starts_and_starts_even_if_that_fails(aca: Client, room: str, panel: Panel) -> None:
    panel(DEPRECATED, {**OLD, "timeout": 1800})
    assert aca.get(f"/systems/{room}/state?module=Bookings&lookup=today").json == fetch(aca).json[0]
    assert aca.get(f"/systems/{room}/state?module=Bookings&lookup=timeout").json == 1800


# -- both --


@pytest.mark.parametrize("class_name", [CURRENT, DEPRECATED])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"$office_secret": "wrong-secret"}, "invalid_client: AADSTS7000215: Invalid client secret provided."),
        ({"$office_secret": None}, "invalid_client: AADSTS7000216: "),
        ({"office_client_id": None}, "invalid_request: AADSTS900144: "),
        ({"office_token_url": "/acme/oauth2/v2.0/token"}, "invalid_request: AADSTS900023: "),
    ],
)
def test_bad_credentials_are_told_in_the_words_of_microsoft(
    aca: Client, panel: Panel, class_name: str, change: dict[str, Any], message: str
) -> None:
    panel(class_name, OLD | change)
    assert failure(aca).startswith(message)
    body = fetch(aca).json[0].splitlines()[1]
    assert json.loads(body)["error_description"].startswith("AADSTS")


def test_a_panel_that_is_stopped_or_was_never_started_says_so(aca: Client, room: str, panel: Panel) -> None:
    module = panel(CURRENT, NEW, start=False)
    assert failure(aca) == "method 'fetch_bookings' request failed as the module is not available at this time"
    aca.post(f"/modules/{module}/start")
    aca.post(f"/modules/{module}/stop")
    assert failure(aca).endswith("is currently stopped")


@pytest.mark.parametrize(
    ("text", "milliseconds"), [("2m", 120_000), ("1m2s", 62_000), ("1.5h", 5_400_000), (1800, 1800), ("1d", 86_400_000)]
)
def test_durations(text: Any, milliseconds: int) -> None:
    assert parse_duration(text) == milliseconds


@pytest.mark.parametrize("text", ["soon", "", "5x", "m5"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(RubyError, match="cannot parse"):
        parse_duration(text)
