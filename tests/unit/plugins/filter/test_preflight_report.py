# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report before a rollout: what stops site.yml is told apart from what it will do itself."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.filter.preflight_report import FilterModule

report = FilterModule().filters()["preflight_report"]

PROVED = {"findings": [], "proof": {"ok": True}, "mailboxes": [{"address": "a@acme.example", "ok": True}]}
UNPROVED = {
    "findings": [{"id": "mailbox_not_found", "severity": "error", "message": "no such mailbox", "action": "Make it."}],
    "proof": {"ok": False, "reason": "1 mailbox could not be read"},
    "mailboxes": [{"address": "a@acme.example", "ok": False, "state": "not_found"}],
}
GOOD: dict[str, Any] = {
    "client": "acme",
    "url": "https://acme.placeos.example",
    "managed": True,
    "checked": True,
    "waived": False,
    "workplace": {"systems": [{"name": "1", "email": "a@acme.example", "bookable": True}], "bookable": ["1"]},
    "platform": {"platform": "placeos"},
    "administrator": {"platform": "placeos"},
    "app": {"application": {}, "changed": False},
    "access": {"access": [], "changed": False},
    "inspected": PROVED,
    "rooms": {"rooms": [{"email_address": "A@acme.example"}]},
}


def told(**changes: Any) -> tuple[list[str], str]:
    """What stops, and the report as one text."""
    made = report({**GOOD, **changes})
    return made["stops"], "\n".join(made["lines"])


def test_where_all_is_well_nothing_stops() -> None:
    stops, text = told()
    assert stops == []
    assert text.startswith("acme: nothing would stop site.yml\n")
    assert "all 1 bookable rooms are there" in text


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"platform": {"msg": "no answer"}}, "platform: no answer"),
        ({"administrator": {"msg": "not allowed"}}, "sign-in to the platform: not allowed"),
        ({"app": {"msg": "no token"}}, "application in Entra: no token"),
        ({"access": {"access": [], "errors": [{}], "msg": "no pwsh"}}, "scope in Exchange: no pwsh"),
        ({"inspected": {"msg": "bad option"}}, "app: bad option"),
        ({"inspected": UNPROVED}, "app: no such mailbox Make it."),
        ({"inspected": UNPROVED}, "scope: 1 mailbox could not be read"),
    ],
)
def test_what_would_stop_site_is_said(changes: dict[str, Any], subject: str) -> None:
    stops, text = told(**changes)
    assert subject in stops
    assert f"STOP    {subject}" in text


def test_what_site_is_about_to_change_does_not_stop_it() -> None:
    # Not "changed": the role's tasks have changed_when: false, since nothing is changed by them.
    app = {"application": {}, "changed": False, "changes": {"created": ["application PlaceOS"], "unchanged": ["x"]}}
    stops, text = told(app=app, inspected=UNPROVED)
    assert stops == []
    assert "note    application in Entra: site.yml changes it (created: application PlaceOS)" in text
    assert "mailboxes not found: a@acme.example" in text


def test_what_could_not_be_seen_is_not_called_good() -> None:
    unseen = {"id": "registration_unknown", "severity": "info", "message": "may not be read", "action": "Give reader."}
    seen = {"id": "permission_granted", "severity": "info", "message": "in the token", "action": ""}
    stops, text = told(inspected={**PROVED, "findings": [unseen, seen]})
    assert stops == []
    assert "note    app: may not be read" in text
    assert "ok      app: in the token" in text


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
    for name in ("workplace", "platform", "administrator", "app", "access", "inspected", "rooms"):
        assert told(**{name: odd})[1]
