# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights that docs/reference/microsoft-permissions.md names for each deed suffice; without one of them it is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from integration.support.app import WANTED, short_pauses
from integration.support.microsoft import Microsoft
from integration.support.modules import Result

ROOM, CONTROL = "syd-24.01@acme.example", "dana.marsh@acme.example"
CONSENT = ["Application.ReadWrite.OwnedBy", "AppRoleAssignment.ReadWrite.All", "Application.Read.All"]
ROOMS = ["Place.Read.All", "User.Read.All", "Calendars.Read"]


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    short_pauses(monkeypatch)


def who(microsoft: Microsoft, *permissions: str, exchange: bool = False) -> dict[str, str]:
    """An identity with just these permissions."""
    app = microsoft.made_app(name="Least", permissions=list(permissions), exchange_administrator=exchange)
    return {name: app[name] for name in ("client_id", "client_secret")}


def said(result: Result) -> str:
    return json.dumps([result.get("msg"), result.get("findings"), result["warnings"]])


# -- the application ---------------------------------------------------------------------------------------------------


def made(microsoft: Microsoft, identity: dict[str, str], **more: Any) -> Result:
    return microsoft.run("graph_app", **{**WANTED, "secret": {}, "replication_deadline": 5, **more}, **identity)


def test_an_application_with_its_secret_needs_the_right_to_own_ones_only(microsoft: Microsoft) -> None:
    identity = who(microsoft, "Application.ReadWrite.OwnedBy")
    result = made(microsoft, identity, consent=False)
    assert result["failed"] is False, result["msg"]
    used = {"key_id": result["secret"]["key_id"], "renew": "always"}
    rotated = made(microsoft, identity, consent=False, secret=used)
    assert rotated["failed"] is False, rotated["msg"]
    last = {"key_id": rotated["secret"]["key_id"]}
    removed = made(microsoft, identity, consent=False, secret=last, remove_secrets=[used["key_id"]])
    assert removed["failed"] is False, removed["msg"]


def test_consent_needs_these_three_rights_and_no_other(microsoft: Microsoft) -> None:
    result = made(microsoft, who(microsoft, *CONSENT))
    assert result["failed"] is False, result["msg"]
    assert sorted(microsoft.granted(result["application"]["app_id"])) == sorted(WANTED["permissions"])


@pytest.mark.parametrize("lacking", ["Application.ReadWrite.OwnedBy", "AppRoleAssignment.ReadWrite.All"])
def test_without_one_of_them_the_error_names_it(microsoft: Microsoft, lacking: str) -> None:
    result = made(microsoft, who(microsoft, *(name for name in CONSENT if name != lacking)))
    assert result["failed"] is True
    assert lacking in result["msg"]


def test_the_application_of_somebody_else_needs_ownership_or_the_wider_right(microsoft: Microsoft) -> None:
    other = microsoft.made_app(name="Of somebody else", permissions=[])
    wanted: dict[str, Any] = {"app_id": other["client_id"], "secret": {"key_id": other["key_id"], "renew": "always"}}
    refused = microsoft.run("graph_app", **wanted, **who(microsoft, "Application.ReadWrite.OwnedBy"))
    assert refused["failed"] is True
    assert "Application.ReadWrite.All" in refused["msg"]
    done = microsoft.run("graph_app", **wanted, **who(microsoft, "Application.ReadWrite.All"))
    assert done["failed"] is False, done["msg"]


# -- checks, rooms, access ---------------------------------------------------------------------------------------------


def checked(microsoft: Microsoft, *reader: str) -> Result:
    placeos = microsoft.identity("placeos")
    more: dict[str, Any] = {"allowed_mailboxes": [ROOM], "denied_mailboxes": [CONTROL], "fail_on": "never"}
    return microsoft.run("graph_app_check", **placeos, reader=who(microsoft, *reader), retry_deadline=0, **more)


def test_a_check_of_the_registration_needs_the_right_to_read_applications(microsoft: Microsoft) -> None:
    assert "Application.Read.All" not in said(checked(microsoft, "Application.Read.All"))
    assert "Application.Read.All" in said(checked(microsoft))


def test_rooms_need_these_three_rights(microsoft: Microsoft) -> None:
    result = microsoft.run("graph_room_info", **who(microsoft, *ROOMS))
    assert result["failed"] is False, result["msg"]
    assert not [warning for warning in result["warnings"] if "permission" in warning]
    assert result["rooms"][0]["mailbox"]["account_enabled"] is not None


@pytest.mark.parametrize("lacking", ROOMS)
def test_without_one_of_them_rooms_are_not_read_or_what_is_missing_is_named(microsoft: Microsoft, lacking: str) -> None:
    identity = who(microsoft, *(name for name in ROOMS if name != lacking))
    result = microsoft.run("graph_room_info", **identity, retry_deadline=0)
    assert result["failed"] is (lacking == "Place.Read.All")
    assert lacking in said(result)


def limited(microsoft: Microsoft, identity: dict[str, str], **more: Any) -> Result:
    app = microsoft.made_app(name="PlaceOS by roles", permissions=["User.Read.All"])
    return microsoft.run(
        "graph_access_policy",
        **identity,
        app_id=app["client_id"],
        app={"client_secret": app["client_secret"]},
        kind="rbac",
        transport="admin_api",
        access=[{"group": "placeos-rooms@acme.example"}],
        allowed_mailboxes=[ROOM],
        denied_mailboxes=[CONTROL],
        replication_deadline=0,
        retry_deadline=0,
        **more,
    )


def test_access_needs_exchange_and_the_right_to_read_applications(microsoft: Microsoft) -> None:
    result = limited(microsoft, who(microsoft, "Application.Read.All", exchange=True))
    assert result["failed"] is False, result["msg"]
    assert "entra_grants_unknown" not in said(result)


def test_without_exchange_the_permission_and_the_role_are_named(microsoft: Microsoft) -> None:
    result = limited(microsoft, who(microsoft, "Application.Read.All"))
    assert result["failed"] is True
    assert "Exchange.ManageAsApp" in result["msg"]


def test_without_the_right_to_read_applications_it_is_named_before_anything_is_written(microsoft: Microsoft) -> None:
    result = limited(microsoft, who(microsoft, exchange=True))
    assert result["failed"] is True
    assert result["changed"] is False
    assert "Application.Read.All" in result["msg"]


# -- nothing by accident -----------------------------------------------------------------------------------------------


def test_the_last_secret_that_still_works_cannot_be_removed(microsoft: Microsoft) -> None:
    app = microsoft.made_app(name="With one secret")
    result = microsoft.run("graph_app", app_id=app["client_id"], remove_secrets=[app["key_id"]])
    assert result["failed"] is True
    assert microsoft.token(client_id=app["client_id"], client_secret=app["client_secret"])


def test_a_purge_touches_no_other_application(microsoft: Microsoft) -> None:
    mine, other = (microsoft.made_app(name=name, permissions=["Mail.Send"]) for name in ("Mine", "Other"))
    before = microsoft.application(other["client_id"]), microsoft.granted(other["client_id"])
    wanted: dict[str, Any] = {"permissions": ["User.Read.All"], "purge": True, "secret": {"renew": "always"}}
    microsoft.good("graph_app", app_id=mine["client_id"], **wanted)
    assert microsoft.granted(mine["client_id"]) == ["User.Read.All"]
    assert (microsoft.application(other["client_id"]), microsoft.granted(other["client_id"])) == before


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"state": "absent"}, "does not delete itself"),
        ({"permissions": ["User.Read.All"], "purge": True}, "would revoke its own"),
        ({"remove_secrets": ["{key_id}"]}, "that signs in now"),
    ],
)
def test_the_application_that_signs_in_neither_deletes_nor_deprives_itself(
    microsoft: Microsoft, asked: dict[str, Any], words: str
) -> None:
    mine = microsoft.made_app(name="Automation", permissions=["Application.ReadWrite.All", *CONSENT])
    identity = {name: mine[name] for name in ("client_id", "client_secret")}
    # A second one, so that it is not for being the last one that the first one stays.
    microsoft.good("graph_app", app_id=mine["client_id"], secret={"name": "second", "key_id": ""})
    before = microsoft.application(mine["client_id"]), microsoft.granted(mine["client_id"])
    wanted = {**asked, "remove_secrets": [key.format(**mine) for key in asked.get("remove_secrets", [])]}
    for check in (True, False):
        result = microsoft.run("graph_app", check, app_id=mine["client_id"], **wanted, **identity)
        assert result["failed"] is True
        assert words in result["msg"]
        assert result["changed"] is False
    assert (microsoft.application(mine["client_id"]), microsoft.granted(mine["client_id"])) == before


def test_a_purge_does_not_go_by_a_display_name(microsoft: Microsoft) -> None:
    twin = microsoft.made_app(name=WANTED["name"], permissions=["Mail.Send", "User.Read.All"])
    before = microsoft.application(twin["client_id"]), microsoft.granted(twin["client_id"])
    result = microsoft.run("graph_app", **WANTED, purge=True)
    assert result["failed"] is True
    assert twin["client_id"] in result["msg"]
    assert (microsoft.application(twin["client_id"]), microsoft.granted(twin["client_id"])) == before


@pytest.mark.parametrize("app_id", ["00000003-0000-0000-c000-000000000000", "00000002-0000-0ff1-ce00-000000000000"])
def test_the_applications_of_microsoft_itself_are_not_touched(microsoft: Microsoft, app_id: str) -> None:
    before = microsoft.principal(app_id)
    deleted = microsoft.run("graph_app", app_id=app_id, state="absent")
    assert (deleted["failed"], deleted["changed"]) == (False, False)
    changed = microsoft.run("graph_app", app_id=app_id, name="Mine", purge=True, permissions=[], replication_deadline=0)
    assert (changed["failed"], changed["changed"]) == (True, False)
    assert microsoft.principal(app_id) == before


def test_the_secret_of_another_application_is_not_removed_by_its_id(microsoft: Microsoft) -> None:
    mine, other = (microsoft.made_app(name=name) for name in ("Mine", "Other"))
    before = microsoft.application(other["client_id"])
    result = microsoft.good("graph_app", app_id=mine["client_id"], remove_secrets=[other["key_id"]])
    assert result["changed"] is False
    assert microsoft.application(other["client_id"]) == before


@pytest.mark.parametrize("kind", ["access_policy", "rbac"])
@pytest.mark.parametrize("access", [[], [{"group": "placeos-rooms@acme.example", "state": "absent"}]])
def test_a_purge_that_would_leave_nothing_is_refused(
    microsoft: Microsoft, kind: str, access: list[dict[str, str]]
) -> None:
    policy: dict[str, Any] = {"kind": kind, "transport": "admin_api", "app_id": microsoft.info["client_id"]}
    mark = microsoft.mark()
    result = microsoft.run("graph_access_policy", **policy, access=access, purge=True)
    assert (result["failed"], result["changed"]) == (True, False)
    assert "state absent" in result["msg"]
    assert microsoft.since(mark) == []


@pytest.mark.parametrize("group", ["*", "placeos*", "no-such-group@acme.example"])
def test_what_is_named_by_a_pattern_or_is_not_there_removes_nothing(microsoft: Microsoft, group: str) -> None:
    policy: dict[str, Any] = {"kind": "access_policy", "transport": "admin_api", "app_id": microsoft.info["client_id"]}
    result = microsoft.run("graph_access_policy", **policy, access=[{"group": group, "state": "absent"}])
    assert result["changed"] is False
    assert result["failed"] is ("*" in group)
    both = [{"group": "placeos-rooms@acme.example"}, {"group": "placeos-staff@acme.example"}]
    assert microsoft.good("graph_access_policy", True, **policy, access=both)["changed"] is False
