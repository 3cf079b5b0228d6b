# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""graph_app_check on the lab: real reads prove a scope, and tell why there is none."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

import pytest
from integration.support.checking import PERMISSIONS, Checking

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks import run

if TYPE_CHECKING:
    from integration.support.microsoft import Microsoft

ROOM, STAFF, OUTSIDE, UNLICENSED = (
    "syd-24.01@acme.example",
    "ada.byrne@acme.example",
    "dana.marsh@acme.example",
    "uma.lane@acme.example",
)
NO_CALENDAR = PERMISSIONS[1:]
UNPROVED = "scope_not_proved"
NO = {"error": {"code": "ErrorAccessDenied", "message": "Access is denied. Check credentials and try again."}}


@pytest.fixture
def placeos(microsoft: Microsoft) -> Checking:
    """PlaceOS's application of the seed, limited by application access policies."""
    return Checking(microsoft)


@pytest.fixture
def unlimited(microsoft: Microsoft) -> Checking:
    """An application with the same permissions, and no policy."""
    return Checking(microsoft, name="Unlimited", permissions=PERMISSIONS)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds of waiting follow each other in a tenth of a second."""
    monkeypatch.setattr(run, "pauses", lambda: repeat(0.1))


def test_a_scope_in_force_is_proved_by_reads_that_change_nothing(placeos: Checking) -> None:
    result = placeos.microsoft.check(
        "graph_app_check",
        **placeos.identity,
        reader=placeos.microsoft.identity("automation"),
        allowed_mailboxes=placeos.allowed,
        denied_mailboxes=placeos.denied,
    )
    assert not result["changed"]
    assert result["proof"]["ok"]
    assert {"scope_proved", "calendars_readable"} <= {entry["id"] for entry in result["findings"]}
    assert {row["address"]: (row["expected"], row["state"], row["ok"]) for row in result["mailboxes"]} == {
        **dict.fromkeys(placeos.allowed, ("allowed", "readable", True)),
        **dict.fromkeys(placeos.denied, ("denied", "denied_by_policy", True)),
    }


def test_check_mode_says_the_same(placeos: Checking) -> None:
    told = [placeos.run(check)["findings"] for check in (False, True)]
    assert told[0] == told[1]


def test_a_thousand_mailboxes_take_at_most_sixty_requests(microsoft: Microsoft, placeos: Checking) -> None:
    microsoft.control("rooms", {"mail": "many-{n}@acme.example", "count": 998})
    rooms = [f"many-{number:04d}@acme.example" for number in range(1, 999)]
    mark = microsoft.mark()
    result = placeos.run(allowed_mailboxes=[ROOM, *rooms], denied_mailboxes=[OUTSIDE])

    counts = microsoft.requests(mark)
    assert sum(counts.values()) <= 60, counts
    assert [row["address"] for row in result["mailboxes"]] == [ROOM, *rooms, OUTSIDE]
    # Rooms that were just made are in no group of the policy; they are one finding.
    assert result["findings"][0]["id"] == "mailbox_refused_by_policy"
    assert "998 of 999 calendars" in result["msg"]


def test_without_a_policy_everything_is_open(unlimited: Checking) -> None:
    result = unlimited.run()
    assert result["failed"]
    assert result["findings"][0]["id"] == "scope_not_in_force"
    assert result["findings"][0]["subject"] == OUTSIDE
    assert not result["proof"]["ok"]


def test_a_policy_on_its_way_is_waited_for(microsoft: Microsoft, unlimited: Checking, quick: None) -> None:
    microsoft.switch("policy-delay", seconds=1)
    unlimited.restrict("placeos-rooms@acme.example")
    given = {"allowed_mailboxes": [ROOM], "denied_mailboxes": [OUTSIDE]}
    assert "scope_not_in_force" in unlimited.faults(**given)

    waited = unlimited.run(**given, wait=30)
    assert not waited["failed"], waited["msg"]
    assert waited["proof"]["ok"]
    assert waited["proof"]["waited"] > 0


def test_mailboxes_outside_the_group_are_told_with_the_policy(placeos: Checking) -> None:
    found = placeos.finding("mailbox_refused_by_policy", allowed_mailboxes=[ROOM, OUTSIDE], denied_mailboxes=[])
    assert found["subject"] == OUTSIDE
    assert "RAOP" in found["evidence"]["words"][0]


def test_a_permission_without_consent_is_no_policy(microsoft: Microsoft) -> None:
    app = Checking(microsoft, permissions=NO_CALENDAR)
    faults = app.faults()
    assert "mailbox_no_permission" in faults
    assert UNPROVED in faults


def test_a_grant_that_the_token_does_not_have_yet(microsoft: Microsoft) -> None:
    app = Checking(microsoft, permissions=NO_CALENDAR)
    microsoft.switch("grant-lag", seconds=3600)
    app.grant("Calendars.ReadWrite")
    assert {"mailbox_grant_not_in_token", "permission_not_in_token_yet"} <= set(app.faults())


def test_mailboxes_that_are_not_there(placeos: Checking) -> None:
    given = {"allowed_mailboxes": [ROOM, "nobody@acme.example", UNLICENSED], "denied_mailboxes": ["noone@acme.example"]}
    faults = placeos.faults(**given)
    assert {"mailbox_not_found", "mailbox_absent", "control_mailbox_missing"} <= set(faults)
    assert "scope_proved" not in placeos.ids(**given)


@pytest.mark.parametrize("given", [{"denied_mailboxes": []}, {"allowed_mailboxes": []}])
def test_one_side_alone_proves_nothing(placeos: Checking, given: dict[str, Any]) -> None:
    result = placeos.run(**given)
    assert UNPROVED in [entry["id"] for entry in result["findings"]]
    assert not result["proof"]["ok"]


class TestRbac:
    """Exchange gives the permission; Entra and the token do not have it."""

    GROUP = "rbac-rooms@acme.example"
    GIVEN = {"mode": "rbac", "allowed_mailboxes": [ROOM], "denied_mailboxes": [OUTSIDE]}  # noqa: RUF012

    @pytest.fixture
    def scoped(self, microsoft: Microsoft) -> Checking:
        """An application with the rest of the permissions in Entra, and calendars of one group by RBAC."""
        microsoft.control("groups", {"mail": self.GROUP, "members": [ROOM]})
        app = Checking(microsoft, name="Scoped", permissions=NO_CALENDAR)
        app.scope_by_rbac(self.GROUP)
        return app

    def test_a_scope_is_proved_without_the_permission_in_the_token(self, scoped: Checking) -> None:
        result = scoped.run(**self.GIVEN)
        assert not result["failed"], result["msg"]
        assert "Calendars.ReadWrite" not in result["token"]["roles"]
        assert {"scope_proved", "permission_scoped_by_rbac"} <= {entry["id"] for entry in result["findings"]}

    def test_an_unscoped_grant_in_entra_defeats_it(self, scoped: Checking) -> None:
        scoped.grant("Calendars.ReadWrite")
        faults = scoped.faults(**self.GIVEN)
        assert faults == ["scope_not_in_force", "rbac_unscoped_grant"]
        assert "granted in Entra for the whole tenant" in scoped.finding("scope_not_in_force", **self.GIVEN)["message"]

    def test_a_mailbox_outside_the_scope(self, scoped: Checking) -> None:
        given = {**self.GIVEN, "allowed_mailboxes": [ROOM, STAFF]}
        assert scoped.faults(**given) == ["mailbox_outside_rbac_scope"]
        assert scoped.finding("mailbox_outside_rbac_scope", **given)["subject"] == STAFF

    def test_a_permission_that_exchange_cannot_give(self, scoped: Checking) -> None:
        given = {**self.GIVEN, "scoped_permissions": ["Calendars.ReadWrite", "Place.Read.All"]}
        assert "permission_cannot_be_scoped" in scoped.faults(**given)


class TestDisturbances:
    @pytest.mark.parametrize(
        ("path", "fault", "expected"),
        [
            ("/v1.0/$batch", {"status": 503}, "graph_failed"),
            ("/v1.0/$batch", {"status": 429}, "graph_failed"),
            ("/v1.0/$batch", {"fault": "html"}, "graph_unusable"),
            ("/v1.0/$batch", {"fault": "drop"}, "graph_failed"),
            ("/v1.0/$batch", {"status": 200, "body": {"responses": []}}, "graph_unusable"),
            ("/v1.0/applications", {"status": 500}, "directory_unreadable"),
            ("/v1.0/applications", {"status": 200, "body": {"id": None}}, "directory_unreadable"),
            ("/v1.0/servicePrincipals", {"fault": "html"}, "directory_unreadable"),
            ("/v1.0/users/*/calendar/getSchedule", {"status": 403, "body": NO}, "schedule_refused"),
            ("/v1.0/users/*/calendar/calendarView", {"status": 403, "body": NO}, "mailbox_refused"),
            ("/v1.0/users/*/calendar/calendarView", {"status": 429, "retry_after": 1}, "mailbox_unproved"),
            ("/v1.0/users/*/calendar/calendarView", {"status": 500}, "mailbox_unproved"),
        ],
    )
    def test_a_graph_that_is_not_itself_is_a_finding(
        self, placeos: Checking, path: str, fault: dict[str, Any], expected: str
    ) -> None:
        placeos.microsoft.fault(path, times=0, **fault)
        result = placeos.run(fail_on="never")
        assert not result["failed"], result["msg"]
        assert expected in [entry["id"] for entry in result["findings"]]
        assert result["ok"] is (expected in ("directory_unreadable", "schedule_refused"))

    def test_a_graph_that_is_not_there(self, placeos: Checking) -> None:
        result = placeos.run(graph_url="https://localhost:9")
        assert result["failed"]
        assert result["findings"][0]["id"] == "graph_unusable"


class TestOptions:
    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"denied_mailboxes": [ROOM.upper()]}, "in both of allowed_mailboxes and denied_mailboxes"),
            ({"allowed_mailboxes": ["room 1"]}, "'room 1' is no mail address"),
            ({"wait": -1}, "wait must not be negative"),
        ],
    )
    def test_nonsense_is_said_before_anything_is_asked(
        self, placeos: Checking, given: dict[str, Any], words: str
    ) -> None:
        mark = placeos.microsoft.mark()
        result = placeos.run(**given)
        assert result["failed"]
        assert words in result["msg"]
        assert placeos.microsoft.since(mark) == []
