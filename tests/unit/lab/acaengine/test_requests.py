# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Rails makes of a request before a controller sees it, and of an error nobody rescues."""

from __future__ import annotations

import pytest
from lab.acaengine.hosts import domain_key, parses
from lab.acaengine.testing import Client

JSON = "application/json"


def test_a_body_without_its_type_is_not_read(aca: Client) -> None:
    answer = aca.post("/zones", b'{"name": "Z"}', headers={"Content-Type": "text/plain"})
    assert (answer.status, answer.json) == (406, {"name": ["can't be blank", "can't be blank"]})


def test_a_body_may_be_a_form(aca: Client) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    zone = aca.post(
        "/systems", b"name=Room+1&bookable=true&capacity=8&zones[]=zone-1&zones[]=zone-2", headers=form
    ).json
    assert (zone["bookable"], zone["capacity"], zone["zones"]) == (True, 8, ["zone-1", "zone-2"])


def test_a_body_that_does_not_parse_is_400(aca: Client) -> None:
    answer = aca.post("/zones", b'{"name": ')
    assert (answer.status, answer.json) == (400, {"status": 400, "error": "Bad Request"})


def test_an_error_page_is_empty_unless_exactly_json_is_accepted(aca: Client) -> None:
    assert aca.get("/systems/unknown").json == {"status": 500, "error": "Internal Server Error"}
    for accept in ("*/*", "application/json, text/plain"):
        answer = aca.get("/systems/unknown", headers={"Accept": accept})
        assert (answer.status, answer.text) == (500, "")


def test_unknown_attributes_and_values_of_the_wrong_shape_are_dropped_without_a_word(aca: Client) -> None:
    body = {"name": "Z", "tags": ["org"], "parent_id": "zone-1", "triggers": "trig-1", "settings": None, "id": "zone-x"}
    zone = aca.post("/zones", body).json
    assert (zone["tags"], zone["triggers"], zone["settings"]) == (None, [], {})
    assert "parent_id" not in zone
    assert zone["id"] != "zone-x"


@pytest.mark.parametrize("value", ["text", ["list"], 5, True])
def test_settings_that_are_no_object_break(aca: Client, value: object) -> None:
    assert aca.post("/zones", {"name": "Z", "settings": value}).status == 500


def test_nulls_vanish_from_lists(aca: Client) -> None:
    zone = aca.post("/zones", {"name": "Z", "settings": {"a": [1, None, {"b": [None]}], "c": None}}).json
    assert zone["settings"] == {"a": [1, {"b": []}], "c": None}


def test_values_are_converted_as_the_attributes_say(aca: Client) -> None:
    body = {"name": 27, "capacity": "12 seats", "bookable": "TRUE", "installed_ui_devices": None, "description": False}
    system = aca.post("/systems", body).json
    assert (system["name"], system["capacity"], system["bookable"]) == ("27", 12, True)
    assert (system["installed_ui_devices"], system["description"]) == (0, "false")


def test_values_that_cannot_be_converted_break(aca: Client) -> None:
    assert aca.post("/systems", {"name": "A", "bookable": "yes"}).status == 500
    assert aca.post("/systems", {"name": "A", "capacity": True}).status == 500


def test_an_unknown_route_is_404(aca: Client) -> None:
    for method, path in (
        ("GET", "/nothing"),
        ("DELETE", "/zones"),
        ("POST", "/zones/zone-1"),
        ("GET", "/control/zones"),
    ):
        assert aca(method, path).status == 404


def test_a_dot_begins_a_format_unless_it_is_escaped(aca: Client) -> None:
    aca.made("/systems", name="27.01")
    aca.made("/systems", name="27")
    assert aca.get("/systems/27.01").json["name"] == "27"
    assert aca.get("/systems/27%2E01").json["name"] == "27.01"
    assert aca.get("/systems/27.01/types").status == 404


def test_patch_and_put_do_the_same(aca: Client) -> None:
    zone = aca.made("/zones", name="Z", description="first", tags="org")
    assert aca.patch(f"/zones/{zone}", {"description": "second"}).json["tags"] == "org"
    assert aca.put(f"/zones/{zone}", {"tags": "level"}).json["description"] == "second"


def test_an_id_of_another_kind_is_an_error_nobody_rescues(aca: Client) -> None:
    zone, system = aca.made("/zones", name="Z"), aca.made("/systems", name="S")
    assert aca.get(f"/zones/{system}").status == 500
    assert aca.get(f"/systems/{zone}").status == 500


@pytest.mark.parametrize(
    ("domain", "key"),
    [
        ("Acme.example", "acme.example"),
        ("https://acme.example:8443/path", "acme.example"),
        ("acme.example:8443", "acme.example"),
        ("acme.example/path", "acme.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", ""),
        ("localhost:8080", ""),
        ("http://localhost", "localhost"),
    ],
)
def test_the_host_of_a_domain(domain: str, key: str) -> None:
    assert domain_key(domain) == key


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://example.org/x", True),
        ("not an address", True),
        ("http://", False),
        ("http://a b/", False),
        ("http://host:999999/", False),
    ],
)
def test_addresses_that_are_refused_are_few(address: str, expected: bool) -> None:
    assert parses(address) is expected
