# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory that lags, loses answers, limits, refuses, and answers nonsense: nothing is made twice or left behind."""

from __future__ import annotations

from typing import Any

import pytest
from integration.support.app import PERMISSIONS, WANTED, app_id, made, short_pauses, signed_in
from integration.support.microsoft import Microsoft
from integration.support.modules import Result

NAME = WANTED["name"]
NAMED = {"unique": "placeos-acme", "by name only": None}
WRITES = ["/v1.0/applications*", "/v1.0/servicePrincipals", "/v1.0/servicePrincipals/*", "*/addPassword"]


@pytest.fixture
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    short_pauses(monkeypatch)


def attempt(microsoft: Microsoft, **more: Any) -> Result:
    """A run that may fail, but never without saying what and where."""
    result = microsoft.run("graph_app", **{**WANTED, "secret": {}, **more})
    if result["failed"]:
        assert "Traceback" not in str(result)
        assert any(words in result["msg"] for words in ("https://", "the server's answer", "did not show")), result[
            "msg"
        ]
    return result


def of_that_name(microsoft: Microsoft) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = microsoft.get("/v1.0/applications?$top=100")["value"]
    return [row for row in rows if row["displayName"] == NAME]


def one_of_each(microsoft: Microsoft) -> dict[str, Any]:
    """Exactly one application, one service principal, and each grant once; returns the application."""
    (application,) = of_that_name(microsoft)
    identifier = application["appId"]
    found = microsoft.get("/v1.0/servicePrincipals?$top=100")["value"]
    assert len([row for row in found if row["appId"] == identifier]) == 1
    assert microsoft.granted(identifier) == sorted(PERMISSIONS)
    return application


def requests_of_a_run(microsoft: Microsoft, **more: Any) -> int:
    mark = microsoft.mark()
    made(microsoft, secret={}, **more)
    return len(microsoft.since(mark))


# -- lost answers ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_in_a_hurry")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("unique_name", NAMED.values(), ids=NAMED.keys())
def test_whichever_answer_is_lost_one_run_makes_one_of_each(
    microsoft: Microsoft, unique_name: str | None, when: str
) -> None:
    total = requests_of_a_run(microsoft, unique_name=unique_name)
    for number in range(total):
        microsoft.reset()
        microsoft.fault("/", skip=number, fault="drop", when=when)
        result = attempt(microsoft, unique_name=unique_name, replication_deadline=2)
        assert result["failed"] is False, f"request {number}: {result['msg']}"
        application = one_of_each(microsoft)
        # The secret whose answer was lost is gone; the one that is there is the one that was returned.
        ids = [secret["keyId"] for secret in application["passwordCredentials"]]
        assert ids == [result["secret"]["key_id"]], f"request {number}"
        assert microsoft.token(client_id=app_id(result), client_secret=result["secret"]["value"])


@pytest.mark.usefixtures("_in_a_hurry")
def test_whichever_request_gets_a_page_instead_the_next_run_mends_it(microsoft: Microsoft) -> None:
    total = requests_of_a_run(microsoft)
    for number in range(total):
        microsoft.reset()
        microsoft.fault("/", skip=number, fault="html")
        attempt(microsoft, replication_deadline=2)
        assert attempt(microsoft)["failed"] is False
        one_of_each(microsoft)


@pytest.mark.usefixtures("_in_a_hurry")
@pytest.mark.parametrize("body", [[], {}, {"id": 3, "appId": [], "value": [None]}])
def test_an_answer_of_the_wrong_shape_is_told_never_a_traceback(microsoft: Microsoft, body: Any) -> None:
    total = requests_of_a_run(microsoft)
    for number in range(2, total):
        microsoft.reset()
        microsoft.fault("/v1.0/", skip=number - 2, status=200, body=body)
        attempt(microsoft, replication_deadline=2)
        assert attempt(microsoft)["failed"] is False
        one_of_each(microsoft)


@pytest.mark.usefixtures("_in_a_hurry")
@pytest.mark.parametrize("status", [429, 503, 504])
@pytest.mark.parametrize("path", WRITES)
def test_a_service_that_is_briefly_unavailable_is_tried_again(microsoft: Microsoft, path: str, status: int) -> None:
    for method in ("POST", "PATCH"):
        microsoft.fault(path, method=method, status=status, retry_after=0.05)
    result = made(microsoft, secret={})
    application = one_of_each(microsoft)
    assert [secret["keyId"] for secret in application["passwordCredentials"]] == [result["secret"]["key_id"]]


@pytest.mark.usefixtures("_in_a_hurry")
def test_a_lost_removal_and_a_lost_deletion_are_no_failures(microsoft: Microsoft) -> None:
    first = made(microsoft, secret={})
    key_id = first["secret"]["key_id"]
    second = made(microsoft, secret={"key_id": key_id, "renew": "always"})
    microsoft.fault("*/removePassword", fault="drop", when="after")
    used = {"key_id": second["secret"]["key_id"]}
    gone = made(microsoft, secret=used, remove_secrets=[key_id])
    assert gone["changes"]["deleted"] == [f"secret PlaceOS (Ansible) {key_id}"]
    microsoft.fault("/v1.0/applications/*", method="DELETE", fault="drop", when="after")
    assert microsoft.good("graph_app", app_id=app_id(first), state="absent")["changed"] is True


# -- lag ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unique_name", NAMED.values(), ids=NAMED.keys())
def test_copies_that_lag_are_waited_for_and_the_second_run_finds_everything(
    microsoft: Microsoft, unique_name: str | None
) -> None:
    microsoft.switch("directory-lag", seconds=0.7)
    try:
        first = made(microsoft, secret={}, unique_name=unique_name)
        second = made(microsoft, secret={"key_id": first["secret"]["key_id"]}, unique_name=unique_name)
    finally:
        microsoft.switch("directory-lag", seconds=0)
    assert second["changed"] is False
    one_of_each(microsoft)


def test_a_lag_beyond_the_deadline_is_told_before_a_secret_is_made(microsoft: Microsoft) -> None:
    microsoft.switch("directory-lag", seconds=30)
    try:
        result = attempt_within(microsoft, 1.5)
    finally:
        microsoft.switch("directory-lag", seconds=0)
    assert result["failed"] is True
    assert "run again" in result["msg"].lower()
    microsoft.advance(60)
    assert made(microsoft, secret={})["failed"] is False
    application = one_of_each(microsoft)
    assert len(application["passwordCredentials"]) == 1


def attempt_within(microsoft: Microsoft, deadline: float) -> Result:
    return microsoft.run("graph_app", **WANTED, secret={}, replication_deadline=deadline)


# -- refused -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_in_a_hurry")
@pytest.mark.parametrize(
    ("switch", "value", "said"),
    [
        ("policy-lifetime", {"days": 90}, "secret.days (in an inventory graph_app_secret_days)"),
        ("policy-type", {"enabled": True}, "limits client secrets"),
    ],
)
def test_a_policy_of_the_tenant_names_the_option_to_change(
    microsoft: Microsoft, switch: str, value: dict[str, Any], said: str
) -> None:
    microsoft.switch(switch, **value)
    try:
        result = microsoft.run("graph_app", **WANTED, secret={"days": 180})
    finally:
        microsoft.switch("policy-lifetime", days=0)
        microsoft.switch("policy-type", enabled=False)
    assert result["failed"] is True
    assert result["msg"].startswith("secret PlaceOS (Ansible): ")
    assert said in result["msg"]
    assert made(microsoft, secret={"days": 30, "renew_before_days": 5})["failed"] is False


@pytest.mark.usefixtures("_in_a_hurry")
def test_a_refused_revocation_names_what_is_left(microsoft: Microsoft) -> None:
    made(microsoft)
    who = signed_in(microsoft, "Application.ReadWrite.All")
    result = microsoft.run("graph_app", **{**WANTED, "permissions": ["User.Read.All"]}, purge=True, **who)
    assert result["failed"] is True
    assert "Not revoked: " in result["msg"]
    assert "Calendars.ReadWrite" in result["msg"]
    assert "Revoke permission" in result["msg"]
