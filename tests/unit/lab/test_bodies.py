# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server makes of request bodies: types, null, "", sanitising, errors."""

from __future__ import annotations

from typing import Any

import pytest
from lab.placeos import search
from lab.placeos.resources.metadata import merge
from lab.placeos.sanitise import clean
from lab.testing import Client


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("R&D", "R&amp;D"),
        ("R&amp;D", "R&amp;D"),
        ("<b>Bold</b> x", "Bold x"),
        ("5 < 6", "5 &lt; 6"),
        ("a<b", "a"),
        ("<<x>>", "&lt;&gt;"),
        ("<script>x</script>ok", "ok"),
        ("<p>a</p><p>b</p>", "a b"),
        ('"q"', "&quot;q&quot;"),
        ("it's", "it's"),
        ("&nbsp;x", "\u00a0x"),
        ("&unknown; &#39;", "&amp;unknown; '"),
        ("  padded  ", "  padded"),
        ("  ", ""),
        ("tail <x", "tail"),
        ("<!-- c -->x", "x"),
    ],
)
def test_text_loses_tags_and_is_escaped(sent: str, kept: str) -> None:
    assert clean(sent, "text") == kept
    assert clean(kept, "text") == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<i>x</i> & y", "<i>x</i> &amp; y"),
        ("<p>p</p><br>", "<p>p</p><br/>"),
        ('<a href="http://e.org" onclick="x()">l</a>', '<a href="http://e.org" rel="nofollow">l</a>'),
        ('<a href="javascript:x()">l</a>', "l"),
        ("<b>open", "<b>open</b>"),
        ("<script>x</script>", ""),
        ("<form>a</form>b", "a b"),
    ],
)
def test_descriptions_keep_harmless_tags(sent: str, kept: str) -> None:
    assert clean(sent, "common") == kept


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": 5}, 400),
        ({"name": "x", "tags": "t"}, 400),
        ({"name": "x", "tags": [None]}, 400),
        ({"name": "x", "capacity": "1"}, 400),
        ({"name": "x", "capacity": 1.0}, 400),
        ({"name": "x", "capacity": 3_000_000_000}, 400),
        ([], 400),
        (b'{"name": ', 400),
        (b'{"name":"x"} y', 400),
        (b"", 400),
        (b'{"name": "\xff"}', 500),
        ({"name": None}, 500),
        ({"name": "x", "timezone": "Mars/Base"}, 500),
        ({}, 422),
        ({"name": "  "}, 422),
        ({"name": "x", "capacity": None, "tags": None, "unknown": 1, "id": "zone-mine"}, 201),
    ],
)
def test_status_of_a_body(lab: Client, body: Any, status: int) -> None:
    assert lab.post("/zones", body).status == status


def test_missing_and_blank_names_are_told_apart(lab: Client) -> None:
    assert lab.post("/zones", {}).json["failures"] == [{"field": "name", "reason": "should not be nil"}]
    assert lab.post("/zones", {"name": ""}).json["failures"] == [{"field": "name", "reason": "is required"}]


def test_a_blank_becomes_null_on_update_but_not_on_create(lab: Client) -> None:
    zone = lab.post("/zones", {"name": "Z", "code": "", "map_id": "m"})
    assert zone.json["code"] == ""
    changed = lab.patch(f"/zones/{zone.id}", {"map_id": "", "timezone": "", "description": None}).json
    assert "map_id" not in changed
    assert (changed["timezone"], changed["description"]) == ("UTC", "")


def test_a_name_keeps_leading_blanks_on_update_only(lab: Client) -> None:
    zone = lab.post("/zones", {"name": "  padded  "})
    assert zone.json["name"] == "padded"
    assert lab.put(f"/zones/{zone.id}", {"name": "  padded  "}).json["name"] == "  padded"


def test_unknown_routes_verbs_and_types(lab: Client) -> None:
    for method, path in (("GET", "/nothing"), ("DELETE", "/zones/"), ("OPTIONS", "/zones"), ("GET", "//zones/")):
        answer = lab(method, path)
        assert (answer.status, answer.headers["content-type"]) == (404, "text/plain"), path
    assert lab.post("/zones", b"name=x", headers={"Content-Type": "text/plain"}).status == 415
    assert lab.get("/zones", headers={"Accept": "text/html"}).status == 406
    assert lab.get(f"/zones?q={'a' * 9000}").status == 414
    head = lab("HEAD", "/zones")
    assert (head.status, head.text, head.headers["x-total-count"]) == (200, "", "0")


def test_a_request_id_is_echoed_or_made(lab: Client) -> None:
    assert lab.get("/zones", headers={"X-Request-ID": "abc"}).headers["x-request-id"] == "abc"
    assert lab.get("/zones").headers["x-request-id"]


def test_metadata_merges_with_patch_and_is_replaced_with_put(lab: Client) -> None:
    zone = lab.post("/zones", {"name": "Z"}).id
    lab.put(f"/metadata/{zone}", {"name": "m", "description": "", "details": {"a": 1, "b": {"c": 1, "d": 2}}})
    merged = lab.patch(f"/metadata/{zone}", {"name": "m", "description": "", "details": {"b": {"c": None, "e": 3}}})
    assert merged.json["details"] == {"a": 1, "b": {"d": 2, "e": 3}}
    replaced = lab.put(f"/metadata/{zone}", {"name": "m", "description": "", "details": [1]})
    assert replaced.json["details"] == [1]
    assert merge({"a": 1}, [2]) == [2]


def test_metadata_needs_name_description_and_details(lab: Client) -> None:
    zone = lab.post("/zones", {"name": "Z"}).id
    assert lab.put(f"/metadata/{zone}", {"name": "m", "details": {}}).status == 400
    assert lab.put("/metadata/zone-nope", {"name": "m", "description": "", "details": {}}).status == 422


def test_metadata_stops_silently_at_a_hundred_rows(lab: Client) -> None:
    zone = lab.post("/zones", {"name": "Z"}).id
    for number in range(103):
        lab.put(f"/metadata/{zone}", {"name": f"m{number}", "description": "", "details": {}})
    assert len(lab.get(f"/metadata/{zone}").json) == 100


def test_the_host_of_a_domain_is_kept_in_lower_case_and_config_is_replaced(lab: Client) -> None:
    domain = lab.post("/domains", {"name": "A", "domain": "https://Acme.Example.org:8443/x", "config": {"a": 1}})
    assert domain.json["domain"] == "acme.example.org"
    assert lab.patch(f"/domains/{domain.id}", {"config": {"b": 2}}).json["config"] == {"b": 2}
    assert lab.patch(f"/domains/{domain.id}", {"domain": "localhost"}).status == 422


def test_enums_are_integers_or_names_and_come_back_as_integers(lab: Client, repository: str) -> None:
    body = {"name": "D", "module_name": "D", "file_name": "x.cr", "commit": "a", "repository_id": repository}
    driver = lab.post("/drivers", {**body, "role": "Logic"})
    assert driver.json["role"] == 99
    assert lab.post("/drivers", {**body, "role": 42}).status == 400
    assert lab.patch(f"/drivers/{driver.id}", {"role": 1}).json["failures"][0]["field"] == "role"


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Level 27", "lev", True),
        ("Level 27", "27 nothing", True),
        ("Level 27", "evel", False),
        ("Room 27.01", "27.01", False),
        ("Room 27.01", "27", True),
        ("Room-05", "05", True),
        ("Room-05", "room-0", True),
        ("acme.example.org", "example", False),
        ("R&amp;D", "tags:(+D)", True),
    ],
)
def test_words_as_the_database_cuts_them(text: str, query: str, found: bool) -> None:
    parsed = search.parse(query)
    assert parsed is not None
    assert search.matcher(parsed)(search.lexemes([text])) is found
