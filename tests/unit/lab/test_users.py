# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, keys and applications, after rest-api spec/controllers/{users,api_key}_spec.cr and models user.cr."""

from __future__ import annotations

from typing import Any

import pytest
from lab.testing import Client

JANE = {"name": "Jane", "email": "jane@example.org", "login_name": "jd", "staff_id": "s1", "phone": "1", "misc": "m"}


@pytest.fixture
def jane(lab: Client) -> str:
    return lab.post("/users", {**JANE, "groups": ["a"]}).id


@pytest.fixture
def elsewhere(lab: Client) -> str:
    return lab.post("/domains", {"name": "Elsewhere", "domain": "elsewhere.example.org"}).id


def ids(lab: Client, path: str, **options: Any) -> list[str]:
    return [row["id"] for row in lab.get(path, **options).json]


@pytest.mark.parametrize("name", ["jane@example.org", "JANE@example.org", "jd", "s1"])
def test_a_user_is_found_by_what_is_unique(lab: Client, jane: str, name: str) -> None:
    assert lab.get(f"/users/{name}").json["id"] == jane


def test_a_user_is_found_by_an_id_without_its_prefix(lab: Client, jane: str) -> None:
    assert lab.get(f"/users/{jane.removeprefix('user-')}").json["id"] == jane


def test_other_users_see_staff_id_and_phone_but_no_roles(lab: Client, jane: str) -> None:
    shown = lab.get(f"/users/{jane}", role="user").json
    assert (shown["staff_id"], shown["phone"]) == ("s1", "1")
    assert not shown.keys() & {"sys_admin", "support", "misc", "login_name", "card_number", "ui_theme"}


def test_support_manages_users_but_not_their_roles(lab: Client, jane: str) -> None:
    changed = lab.patch(f"/users/{jane}", {"phone": "2", "sys_admin": True}, role="support").json
    assert (changed["phone"], changed["sys_admin"]) == ("2", False)
    made = lab.post("/users", {"name": "New", "email": "new@example.org"}, role="support").id
    assert lab.delete(f"/users/{made}", role="support").status == 202
    assert lab.patch(f"/users/{jane}", {}, role="user").status == 403
    assert lab.post("/users", {"name": "X", "email": "x@example.org"}, role="user").status == 403


def test_an_administrator_creates_users_of_other_authorities(lab: Client, elsewhere: str) -> None:
    made = lab.post("/users", {**JANE, "email": "admin@localhost.example.org", "authority_id": elsewhere})
    assert made.json["authority_id"] == elsewhere  # the same address is free there
    assert ids(lab, f"/users?authority_id={elsewhere}") == [made.id]
    assert made.id not in ids(lab, f"/users?authority_id={elsewhere}", role="user")


def test_metadata_is_told_on_request(lab: Client, jane: str) -> None:
    lab.put(f"/metadata/{jane}", {"name": "prefs", "description": "", "details": {}})
    assert "associated_metadata" not in lab.get(f"/users/{jane}").json
    assert list(lab.get(f"/users/{jane}?include_metadata=true").json["associated_metadata"]) == ["prefs"]
    assert list(lab.get("/users/jane@example.org/metadata").json) == ["prefs"]
    assert all("associated_metadata" in row for row in lab.get("/users?include_metadata=true", role="user").json)
    assert lab.get("/users/user-unknown/metadata").status == 404


def test_groups_are_looked_up_by_email(lab: Client, jane: str) -> None:
    assert lab.get("/users/groups?emails=Jane@example.org,nobody@example.org").json == [{"groups": ["a"], "id": jane}]
    assert lab.get("/users/groups?emails=bad").status == 422


def test_a_language_is_a_language_code(lab: Client, jane: str) -> None:
    assert lab.patch(f"/users/{jane}", {"preferred_language": "en-AU"}).status == 200
    answer = lab.patch(f"/users/{jane}", {"preferred_language": "english!"})
    assert answer.json["failures"][0]["field"] == "preferred_language"


def test_a_soft_delete_hides_a_user_until_it_is_revived(lab: Client, jane: str) -> None:
    domain = lab.get(f"/users/{jane}").json["authority_id"]
    lab.patch(f"/domains/{domain}", {"internals": {"soft_delete": True}})
    assert lab.delete(f"/users/{jane}").status == 202
    assert jane not in ids(lab, "/users")
    assert jane in ids(lab, "/users?include_deleted=true")
    assert lab.post(f"/users/{jane}/revive").status == 200
    assert jane in ids(lab, "/users")
    lab.delete(f"/users/{jane}?force_removal=true")
    assert lab.get(f"/users/{jane}").status == 404


def test_the_last_administrator_stays(lab: Client) -> None:
    me = lab.get("/users/current").json["id"]
    assert lab.delete(f"/users/{me}").status == 500
    assert lab.get(f"/users/{me}").status == 200


def test_keys_are_listed_by_authority(lab: Client, elsewhere: str) -> None:
    user = lab.post("/users", {**JANE, "authority_id": elsewhere}).id
    key = lab.post("/api_keys", {"name": "key", "user_id": user}).id
    assert ids(lab, f"/api_keys?authority_id={elsewhere}") == [key]


def test_an_application_is_updated_and_unique_in_its_authority(lab: Client) -> None:
    body = {"name": "App", "redirect_uri": "https://app.example.org/oauth", "owner_id": "authority-x"}
    made = lab.post("/oauth_apps", body).json
    again = lab.post("/oauth_apps", body).json["failures"]
    assert [failure["field"] for failure in again] == ["redirect_uri", "name"]
    changed = lab.patch(f"/oauth_apps/{made['id']}", {"redirect_uri": "https://b.example.org/oauth"}).json
    assert (changed["redirect_uri"], changed["uid"]) == ("https://b.example.org/oauth", made["uid"])
    assert lab.get("/oauth_apps?authority_id=authority-y").json == []
    assert lab.get(f"/oauth_apps/{made['id']}", role="user").status == 403
    assert lab.get(f"/oauth_apps/{made['uid']}").status == 500
