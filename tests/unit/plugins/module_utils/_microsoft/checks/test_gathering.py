# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts are gathered by reads alone, by the identity that may read them, and what can't be read is unknown."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks import reading
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import (
    Grant,
    Registration,
    Unread,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import CLOUDS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import MalformedAnswer
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import (
    GRAPH_APP_ID,
    PLACEOS_PERMISSIONS,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_directory import (
    FakeDirectory,
    FakeSignIn,
    gatherer,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_facts import (
    CLIENT,
    OUTSIDE,
    WANTED,
    claims,
    faults,
    ids,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_mailboxes import error
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import (
    Asked,
    FakeHttpServer,
    Play,
)


@pytest.fixture
def directory(server: FakeHttpServer) -> FakeDirectory:
    return FakeDirectory(server)


def test_a_good_application_is_read_with_six_requests_that_change_nothing(
    graph: Graph, directory: FakeDirectory
) -> None:
    facts = gatherer(graph).gather()

    assert faults(facts) == []
    assert directory.asked == [
        f"GET /v1.0/applications(appId='{CLIENT}')",
        f"GET /v1.0/servicePrincipals(appId='{GRAPH_APP_ID}')",
        f"GET /v1.0/servicePrincipals(appId='{CLIENT}')",
        "GET /v1.0/servicePrincipals/sp-id/appRoleAssignments",
        "POST /v1.0/$batch",
        "POST /v1.0/users/syd-01.01@acme.example/calendar/getSchedule",
    ]
    steps = json.loads(directory.server.asked[4].body)["requests"]
    assert {step["method"] for step in steps} == {"GET"}


def test_what_was_read_is_what_is_there(graph: Graph, directory: FakeDirectory) -> None:
    facts = gatherer(graph).gather()

    assert isinstance(facts.registration, Registration)
    assert facts.registration.requested == facts.assigned == frozenset(map(Grant, PLACEOS_PERMISSIONS))
    assert facts.registration.delegated == frozenset({Grant("User.Read")})
    assert [(found.key_id, found.hint, found.ends) for found in facts.registration.credentials] == [
        ("k1", "abc", datetime(2027, 3, 1, 10, 0, 0, 123456, UTC))
    ]


def test_without_rights_everything_of_the_directory_is_unknown(graph: Graph, directory: FakeDirectory) -> None:
    refused = Play(403, error("Authorization_RequestDenied", "Insufficient privileges to complete the operation."))
    directory.statuses = {"/applications": refused, "/servicePrincipals": refused}
    facts = gatherer(graph).gather()

    assert faults(facts) == []
    expected = {"registration_unknown", "service_principal_unknown", "assignments_unknown", "secret_expiry_unknown"}
    assert expected < set(ids(facts))
    assert "secret_valid" not in ids(facts)


@pytest.mark.parametrize("status", [403, 404])
def test_a_proxy_that_refuses_says_nothing_about_the_directory(
    graph: Graph, directory: FakeDirectory, status: int
) -> None:
    page = Play(status, b"<html><title>Blocked by the gateway</title></html>", {"Content-Type": "text/html"})
    directory.statuses = {"/applications": page, "/servicePrincipals": page}
    facts = gatherer(graph).gather()

    assert set(faults(facts)) == {"directory_unreadable"}
    assert "service_principal_missing" not in ids(facts)


def test_an_application_of_another_tenant_is_told_apart_from_none(graph: Graph, directory: FakeDirectory) -> None:
    directory.statuses = {"/applications": Play(404, error("Request_ResourceNotFound", "does not exist"))}
    assert "registration_elsewhere" in ids(gatherer(graph).gather())

    directory.statuses["/servicePrincipals"] = directory.statuses["/applications"]
    assert "service_principal_missing" in ids(gatherer(graph).gather())


def test_a_token_that_graph_refuses_ends_the_reading(graph: Graph, directory: FakeDirectory) -> None:
    refused = Play(401, error("InvalidAuthenticationToken", "Access token validation failure. Invalid audience."))
    directory.statuses = {"/v1.0": refused}
    facts = gatherer(graph).gather()

    assert faults(facts)[0] == "graph_unusable"
    assert set(directory.asked) == {f"GET /v1.0/applications(appId='{CLIENT}')"}


def test_a_graph_that_is_not_there_is_one_clear_finding(graph: Graph, server: FakeHttpServer) -> None:
    graph.http.options = replace(graph.http.options, base_url="http://127.0.0.1:9", retry_deadline=0)
    assert faults(gatherer(graph).gather()) == ["graph_unusable"]


def test_the_reader_asks_the_directory_and_the_application_its_calendars(
    graph: Graph, directory: FakeDirectory
) -> None:
    one = gatherer(graph)
    one.graph.tokens.get = lambda _audience, **_how: "application"  # type: ignore[method-assign]
    readers = FakeSignIn(claims())
    readers.get = lambda _audience, **_how: "reader"  # type: ignore[method-assign]
    one.reader = Graph(type(graph.http)(graph.http.options), readers, CLOUDS["global"])  # type: ignore[arg-type]
    one.gather()

    by_whom = {
        line.path.split("/")[2].partition("(")[0]: line.headers["Authorization"] for line in directory.server.asked
    }
    assert by_whom == {
        "applications": "Bearer reader",
        "servicePrincipals": "Bearer reader",
        "$batch": "Bearer application",
        "users": "Bearer application",
    }


def test_a_reader_that_cannot_sign_in_is_said_and_the_application_asks_itself(
    graph: Graph, directory: FakeDirectory
) -> None:
    one = gatherer(graph)
    one.reader = copy.copy(graph)
    one.reader.tokens = FakeSignIn(TokenError("bad_credential", "Invalid client secret.", code=7000215))  # type: ignore[assignment]
    facts = one.gather()

    assert faults(facts) == ["reader_refused"]
    assert "secret_valid" in ids(facts)


def test_a_token_older_than_its_grant_is_replaced_and_the_mailbox_read_again(
    graph: Graph, directory: FakeDirectory
) -> None:
    room = WANTED.allowed[0]
    directory.mailboxes.states[room] = "missing_role"
    one = gatherer(graph, claims(*PLACEOS_PERMISSIONS[1:]), claims(*PLACEOS_PERMISSIONS))
    answer = directory.mailboxes.answer

    def good_after_the_first(request: Asked) -> Play:
        played = answer(request)
        directory.mailboxes.states.pop(room, None)
        return played

    directory.mailboxes.answer = good_after_the_first  # type: ignore[method-assign,assignment]
    facts = one.gather()

    assert faults(facts) == []
    assert directory.mailboxes.batches == [[room, OUTSIDE], [room], [room, OUTSIDE]]
    assert one.graph.tokens.fresh == 1  # type: ignore[attr-defined]


def test_a_sign_in_that_fails_later_is_told_as_such(graph: Graph, directory: FakeDirectory) -> None:
    one = gatherer(graph, claims(*PLACEOS_PERMISSIONS), TokenError("expired_credential", "expired", code=7000222))
    assert faults(one.gather()) == []
    assert faults(one.gather())[0] == "token_secret_expired"


def test_what_an_api_publishes_is_read_once_however_long_the_check_waits(
    graph: Graph, directory: FakeDirectory
) -> None:
    one = gatherer(graph)
    one.gather()
    one.gather()
    assert directory.asked.count(f"GET /v1.0/servicePrincipals(appId='{GRAPH_APP_ID}')") == 1
    assert directory.asked.count("GET /v1.0/servicePrincipals/sp-id/appRoleAssignments") == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("qrvM" + "A" * 23 + "=", "AABBCC" + "00" * 17),
        ("aabbcc" + "00" * 17, "AABBCC" + "00" * 17),
        ("QUFCQkND" + "MDAw" * 11 + "MA==", "AABBCC" + "0" * 34),
        (None, ""),
        (5, ""),
        ("not base64 at all!", ""),
        ("AAAA", ""),
    ],
)
def test_thumbprints_come_in_three_forms(given: Any, expected: str) -> None:
    assert reading.thumbprint(given) == expected


def test_a_grant_of_an_unreadable_api_keeps_its_id() -> None:
    row = {"id": "g", "appRoleId": "ABC", "resourceId": "other", "resourceDisplayName": "Some API"}
    (grant,) = reading.assigned([row], {})
    assert str(grant) == "abc on Some API"


def test_access_without_a_role_is_no_permission() -> None:
    row = {"id": "g", "appRoleId": "00000000-0000-0000-0000-000000000000", "resourceId": "other"}
    assert reading.assigned([row], {}) == frozenset()


def test_a_row_without_its_id_is_malformed() -> None:
    with pytest.raises(MalformedAnswer):
        reading.service_principal({"displayName": "x"})


def test_an_api_without_permissions_tells_nothing_about_names(graph: Graph, directory: FakeDirectory) -> None:
    directory.graph_row = {**directory.graph_row, "appRoles": []}
    facts = gatherer(graph).gather()
    assert isinstance(facts.published, Unread)
    assert "permission_unknown" not in ids(facts)
