# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stops site.yml is told apart from what it does not judge, what is waived, and what it will change itself."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.tests.unit.plugins.filter.preflight_checks import (
    APP,
    PROVED,
    UNPROVED,
    changing,
    finding,
    inspected,
    told,
)


def test_what_site_is_about_to_change_does_not_stop_it() -> None:
    outside = {**UNPROVED, "findings": [finding("mailbox_outside_rbac_scope")]}
    stops, text = told(access=changing(created=["Calendars.ReadWrite rooms@acme.example"]), inspected=outside)
    assert stops == []
    assert "note    scope in Exchange: site.yml changes it (created: Calendars.ReadWrite rooms@acme.example)" in text
    assert "mailboxes not found: a@acme.example" in text
    assert "site.yml makes the changes above, and waits for the proof" in text


SECRET, PRINCIPAL = changing(created=["secret PlaceOS"]), changing(created=["service principal PlaceOS"])
CONSENT, SCOPE = changing(created=["permission Calendars.ReadWrite"]), changing(created=["x"])


@pytest.mark.parametrize(
    ("kind", "cured_by", "not_cured_by"),
    [
        ("token_wrong_secret", {"app": SECRET}, {"app": CONSENT, "access": SCOPE}),
        ("token_secret_expired", {"app": SECRET}, {"access": SCOPE}),
        ("token_no_service_principal", {"app": PRINCIPAL}, {"app": SECRET}),
        ("token_unknown_application", {"app": changing(created=["application PlaceOS"])}, {"app": SECRET}),
        ("mailbox_outside_rbac_scope", {"access": SCOPE}, {"app": SECRET}),
        ("mailbox_no_permission", {"app": CONSENT}, {"app": SECRET}),
        ("scope_not_in_force", {"access": SCOPE}, {"app": SECRET}),
    ],
)
def test_only_what_its_changes_cure_does_not_stop_site(
    kind: str, cured_by: dict[str, Any], not_cured_by: dict[str, Any]
) -> None:
    assert told(**cured_by, inspected=inspected(finding(kind)))[0] == []
    assert told(**not_cured_by, inspected=inspected(finding(kind)))[0] == ["app: something"]


@pytest.mark.parametrize(
    "kind",
    ["mailbox_not_found", "mailbox_absent", "control_mailbox_missing", "token_blocked_by_policy", "graph_unusable"],
)
def test_what_no_change_cures_stops_site_whatever_it_changes(kind: str) -> None:
    app = changing(created=["secret PlaceOS", "permission X"], deleted=["permission Y"])
    assert told(app=app, access=SCOPE, inspected=inspected(finding(kind)))[0] == ["app: something"]


UNSCOPED = finding("rbac_unscoped_grant", APP, "warning", evidence={"permissions": ["Calendars.ReadWrite"]})
LEFT = {**changing(created=["x"]), "findings": [UNSCOPED]}
PURGED = changing(deleted=["permission Calendars.ReadWrite"])


def test_a_grant_that_defeats_the_scope_stops_site_although_there_is_no_secret_yet() -> None:
    stops, text = told(access=LEFT, app=SECRET, inspected={"skipped": True})
    assert stops == [f"scope in Exchange: {APP}: something With graph_app_purge: true site.yml revokes it."]
    assert text.startswith("acme: 1 check(s) would stop site.yml")


def test_a_permission_that_no_policy_limits_stops_site_unless_it_is_revoked() -> None:
    escaped = {**UNSCOPED, "id": "policies_escaped"}
    access = {**changing(created=["x"]), "findings": [escaped]}
    assert len(told(access=access, inspected={"skipped": True})[0]) == 1
    assert told(access=access, app=PURGED, inspected={"skipped": True})[0] == []


def test_a_grant_that_defeats_the_scope_is_told_once() -> None:
    stops, _text = told(access=LEFT, inspected=inspected(finding("rbac_unscoped_grant", "Calendars.ReadWrite")))
    assert stops == ["app: Calendars.ReadWrite: something"]


def test_a_grant_that_site_revokes_does_not_stop_it_and_what_that_means_is_told() -> None:
    findings = inspected(finding("rbac_unscoped_grant", "Calendars.ReadWrite"), finding("scope_not_in_force"))
    stops, text = told(access=LEFT, app=PURGED, inspected=findings)
    assert stops == []
    assert "note    scope in Exchange: " in text
    assert "site.yml revokes it (graph_app_purge). If PlaceOS uses it now, it loses the rooms" in text


def test_a_grant_that_a_purge_leaves_stops_site() -> None:
    both = {**UNSCOPED, "evidence": {"permissions": ["Calendars.ReadWrite", "full_access_as_app"]}}
    assert len(told(access={**LEFT, "findings": [both]}, app=PURGED, inspected={"skipped": True})[0]) == 1


@pytest.mark.parametrize("kind", ["member_outside", "member_denied", "denied_inside", "control_missing"])
def test_wrong_members_stop_site_unless_the_mailboxes_are_proved_or_the_proof_is_waived(kind: str) -> None:
    access = {**changing(), "findings": [finding(kind, "a@acme.example", "warning")]}
    assert told(access=access, inspected={"skipped": True})[0] == ["scope in Exchange: a@acme.example: something"]
    assert told(access=access)[0] == []
    assert told(access=access, inspected={"skipped": True}, waived=True)[0] == []


def test_other_remarks_on_the_scope_do_not_stop_site() -> None:
    stops, text = told(access={**changing(), "findings": [finding("both_regimes", "", "warning")]})
    assert stops == []
    assert "warning scope in Exchange: something" in text


def test_what_a_person_has_to_do_first_stops_site() -> None:
    assert told(app={**CONSENT, "obstacles": ["no right"]})[0] == ["application in Entra: no right"]


def test_a_proof_that_can_not_be_made_stops_site_even_before_there_is_an_app() -> None:
    missing: dict[str, Any] = {"unprovable": ["no bookable room"], "inspected": {"skipped": True}}
    assert told(**missing)[0] == ["scope: can't be proved: no bookable room"]
    assert told(**missing, waived=True)[0] == []


@pytest.mark.parametrize("kind", ["permission_not_in_token_yet", "secret_expires_very_soon"])
def test_where_it_is_managed_site_does_not_judge_what_graph_app_looks_after(kind: str) -> None:
    seen = {**PROVED, "findings": [finding(kind)]}
    assert told(inspected=seen)[0] == []
    assert told(inspected=seen, managed=False)[0] == ["app: something"]


@pytest.mark.parametrize(
    ("kind", "severity", "fail_on", "stops"),
    [
        ("permission_missing", "error", "error", True),
        ("permission_missing", "error", "never", False),
        ("permission_excess", "warning", "error", False),
        ("permission_excess", "warning", "warning", True),
        # These two are judged by the proof, which knows errors only.
        ("scope_not_proved", "warning", "warning", False),
        ("schedule_refused", "warning", "warning", False),
        # Whatever is counted, nothing can be proved by an app that can't sign in.
        ("token_wrong_secret", "error", "never", True),
    ],
)
def test_where_it_is_only_checked_graph_app_fail_on_decides(
    kind: str, severity: str, fail_on: str, stops: bool
) -> None:
    seen = {**PROVED, "findings": [finding(kind, "", severity)]}
    assert bool(told(inspected=seen, managed=False, fail_on=fail_on)[0]) is stops
