# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report before a rollout: what is said, and how."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.tests.unit.plugins.filter.preflight_checks import (
    GOOD,
    PROVED,
    UNPROVED,
    finding,
    inspected,
    report,
    told,
)


def test_where_all_is_well_nothing_stops() -> None:
    stops, text = told()
    assert stops == []
    assert text.startswith("acme: nothing would stop site.yml\n")
    assert "all 1 bookable rooms are there" in text


@pytest.mark.parametrize(
    ("changes", "subject", "failure"),
    [
        ({"platform": {"msg": "no answer"}}, "platform: no answer", True),
        ({"administrator": {"msg": "not allowed"}}, "sign-in to the platform: not allowed", True),
        ({"app": {"msg": "no token"}}, "application in Entra: no token", True),
        ({"access": {"access": [], "errors": [{}], "msg": "no pwsh"}}, "scope in Exchange: no pwsh", True),
        ({"inspected": {"msg": "bad option"}}, "app: bad option", True),
        ({"unprovable": ["no mailbox"]}, "scope: can't be proved: no mailbox", True),
        ({"inspected": UNPROVED}, "app: no such mailbox Make it.", False),
        ({"inspected": UNPROVED}, "scope: 1 mailbox could not be read", False),
    ],
)
def test_what_would_stop_site_is_said(changes: dict[str, Any], subject: str, failure: bool) -> None:
    made = report({**GOOD, **changes})
    assert subject in made["stops"]
    assert f"STOP    {subject}" in made["lines"]
    # Before an app is made, only what nothing cures is a reason to stop.
    assert (subject in made["failures"]) == failure


def test_what_could_not_be_seen_is_not_called_good() -> None:
    unseen = {"id": "registration_unknown", "severity": "info", "message": "may not be read", "action": "Give reader."}
    seen = {"id": "permission_granted", "severity": "info", "message": "in the token", "action": ""}
    stops, text = told(inspected={**PROVED, "findings": [unseen, seen]})
    assert stops == []
    assert "note    app: may not be read" in text
    assert "ok      app: in the token" in text


def test_what_can_not_be_read_for_one_reason_is_one_line_with_one_cure() -> None:
    unread = [
        {"id": name, "severity": "info", "message": f"unknown: {name}.", "action": "Give reader."}
        for name in ("a", "b")
    ]
    _stops, text = told(inspected={**PROVED, "findings": unread})
    assert "note    app: unknown: a. unknown: b. Give reader." in text


def test_on_a_terminal_long_lines_are_set_in_and_addresses_are_whole() -> None:
    addresses = [f"room-{number}-of-a-building@acme.example" for number in range(9)]
    made = report({**GOOD, "inspected": {**PROVED, "findings": [finding("mailbox_absent", ", ".join(addresses))]}})
    lines = made["text"].splitlines()
    assert max(map(len, lines)) < 80
    assert all(line.startswith(("acme:", "ok ", "STOP ", "        ")) for line in lines)
    assert " ".join(made["text"].split()) == " ".join(" ".join(made["lines"]).split())
    assert all(any(address in line for line in lines) for address in addresses)


def test_a_waived_proof_does_not_stop_but_is_told() -> None:
    stops, text = told(waived=True, inspected=UNPROVED)
    assert stops == []
    assert "waived (graph_access_waived)" in text


def test_a_waiver_does_not_cover_a_refused_sign_in() -> None:
    refused = {**UNPROVED, "findings": [{"id": "token_wrong_secret", "severity": "error", "message": "wrong secret"}]}
    assert told(waived=True, inspected=refused)[0] == ["app: wrong secret"]


def test_an_app_that_is_not_made_yet_is_no_fault() -> None:
    stops, text = told(inspected={"skipped": True}, rooms={"skipped": True})
    assert stops == []
    assert "not made yet" in text


def test_rooms_that_the_tenant_does_not_have_are_named() -> None:
    stops, text = told(rooms={"rooms": [{"email_address": None}]})
    assert stops == []
    assert "1 of 1 bookable rooms are no room mailboxes" in text
    assert "a@acme.example" in text


def test_with_both_switches_off_microsoft_was_not_asked() -> None:
    stops, text = told(managed=False, checked=False, inspected={}, app={}, access={}, rooms={})
    assert stops == []
    assert "not asked" in text


@pytest.mark.parametrize("odd", [None, "text", [], 7])
def test_results_of_other_shapes_are_no_traceback(odd: Any) -> None:
    names = ("workplace", "platform", "administrator", "app", "access", "inspected", "rooms", "unprovable", "fail_on")
    for name in names:
        assert told(**{name: odd})[1]
    for name in ("app", "access", "inspected"):
        assert told(**{name: {"findings": odd, "obstacles": odd, "changes": odd, "application": {}, "access": []}})[1]
        assert told(**{name: {"findings": [odd, {"id": odd}], "application": {}, "access": []}})[1]


def test_a_mailbox_that_should_be_refused_and_is_not_is_told_as_that() -> None:
    open_one = {"address": "director@acme.example", "ok": False, "state": "readable"}
    _stops, text = told(inspected={**inspected(), "mailboxes": [open_one]})
    assert "mailboxes that can be read, and must not: director@acme.example" in text


def refused(code: str, request_id: str) -> dict[str, Any]:
    """A check whose sign-in was refused."""
    return {
        "msg": f"no token: {code} [trace id {request_id}]",
        "errors": [{"kind": "bad_credential", "code": code, "request_id": request_id}],
    }


def test_what_stops_two_checks_is_told_once_whatever_id_microsoft_gave_the_requests() -> None:
    stops, text = told(app=refused("AADSTS7000215", "1a-2b"), access=refused("AADSTS7000215", "3c-4d"))
    assert stops == ["application in Entra: no token: AADSTS7000215 [trace id 1a-2b]"]
    assert text.count("AADSTS7000215") == 1
    assert "STOP    scope in Exchange: for the same reason as application in Entra" in text
    stops, _text = told(app=refused("AADSTS7000215", "1a-2b"), access=refused("AADSTS7000222", "3c-4d"))
    assert len(stops) == 2
