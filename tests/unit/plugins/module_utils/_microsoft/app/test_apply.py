# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of an application against copies that lag, answers that get lost, and others who do the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.apply import Apply, Done, StepFailed
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.directory import PORTAL_TAG, Directory
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.find import Identity, find, read
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.grants import Wanted, resolve, scope_of
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import Desired, Plan, plan
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.secrets import Wish
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.view import failure
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import GRAPH_APP_ID
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_graph import (
    CALENDARS,
    SECRET,
    FakeGraph,
    lost,
    not_found,
    refusal,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
WANTED = [Wanted(GRAPH_APP_ID, "Calendars.ReadWrite"), Wanted(GRAPH_APP_ID, "User.Read.All")]
INSUFFICIENT = "Insufficient privileges to complete the operation."


class Tried:
    """One run of the module's inner part, with a clock that only sleeping moves."""

    def __init__(
        self, graph: FakeGraph, *, unique_name: str | None = "placeos-acme", deadline: float = 120, **more: Any
    ) -> None:
        self.graph = graph
        self.clock = 0.0
        directory: Any = Directory(graph)  # type: ignore[arg-type]
        found = find(directory, Identity(None, unique_name, "PlaceOS"), deadline=deadline, sleep=self.sleep)
        current = read(directory, found, scope_of(WANTED), permissions=True)
        roles, _problems = resolve(WANTED, current.resources)
        wish = {"secret": Wish("PlaceOS", key_id=""), **more}
        desired = Desired(
            name="PlaceOS", unique_name=unique_name, roles=tuple(roles), scope=frozenset(scope_of([])), **wish
        )
        self.plan: Plan = plan(current, desired, NOW)
        apply = Apply(directory, deadline=deadline, sleep=self.sleep, clock=lambda: self.clock)
        self.failed: StepFailed | None = None
        try:
            self.done: Done = apply.run(self.plan, current)
        except StepFailed as error:
            self.failed, self.done = error, error.done

    def sleep(self, seconds: float) -> None:
        self.clock += seconds

    def message(self) -> str:
        """What the module says of the failure."""
        assert self.failed is not None
        return failure(self.failed, self.plan, tenant="t-1", login_url="https://login.microsoftonline.com")[0]

    def all_right(self) -> None:
        """One of each, everything granted, the value of the one secret known."""
        assert self.failed is None, self.failed
        (application,) = self.graph.applications.values()
        assert len(self.graph.principals) == 3 + 1
        assert len({row["appRoleId"] for row in self.graph.assignments}) == len(self.graph.assignments) == 2
        (secret,) = application["passwordCredentials"]
        assert self.done.secret is not None
        assert self.done.secret.key_id == secret["keyId"]
        assert self.done.value.startswith(SECRET)

    @property
    def key_id(self) -> str:
        """The id of the new secret."""
        assert self.done.secret is not None
        return self.done.secret.key_id


def secrets_of(graph: FakeGraph) -> set[str]:
    [application] = list(graph.applications.values())
    return {secret["keyId"] for secret in application["passwordCredentials"]}


def test_from_nothing_to_everything() -> None:
    graph = FakeGraph()
    tried = Tried(graph)
    tried.all_right()
    assert graph.writes == 5
    assert graph.log[-1].startswith("POST")
    assert graph.log[-1].endswith("/addPassword")
    (principal,) = [row for row in graph.principals.values() if row["id"].startswith("ccccdddd")]
    assert principal["tags"] == [PORTAL_TAG]


def test_a_second_run_writes_nothing() -> None:
    graph = FakeGraph()
    key_id = Tried(graph).key_id
    graph.log.clear()
    second = Tried(graph, secret=Wish("PlaceOS", key_id=key_id))
    assert second.plan.steps == []
    assert len(graph.log) == 4


@pytest.mark.parametrize("lag", [1, 3, 8])
def test_lagging_copies_are_waited_out(lag: int) -> None:
    graph = FakeGraph(lag=lag)
    tried = Tried(graph)
    tried.all_right()
    assert tried.clock > 0


def test_what_never_arrives_ends_before_a_secret_is_made() -> None:
    graph = FakeGraph(lag=10_000)
    tried = Tried(graph, deadline=60)
    assert tried.failed is not None
    assert graph.count("POST", "addPassword") == 0
    assert tried.clock <= 120


def test_what_did_not_arrive_is_named() -> None:
    graph = FakeGraph()
    graph._grant = lambda resource, body: {}  # type: ignore[method-assign]
    message = Tried(graph, deadline=30).message()
    assert "permission Calendars.ReadWrite, permission User.Read.All" in message
    assert "did not show the change within 30 seconds" in message


@pytest.mark.parametrize("how", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 6))
@pytest.mark.parametrize("unique_name", ["placeos-acme", None])
def test_a_lost_answer_makes_nothing_twice(number: int, how: str, unique_name: str | None) -> None:
    graph = FakeGraph()
    graph.lose[number] = how
    Tried(graph, unique_name=unique_name).all_right()


@pytest.mark.parametrize("number", range(1, 6))
def test_a_lost_answer_on_lagging_copies_makes_nothing_twice(number: int) -> None:
    graph = FakeGraph(lag=4)
    graph.lose[number] = "after"
    Tried(graph, unique_name=None).all_right()


def test_a_secret_whose_answer_was_lost_twice_is_removed_twice_and_the_task_fails() -> None:
    graph = FakeGraph()
    graph.lose = {5: "after", 7: "after"}
    tried = Tried(graph)
    assert tried.failed is not None
    assert secrets_of(graph) == set()
    assert tried.done.value == ""


def test_only_the_lost_secret_is_removed_never_one_of_the_same_name() -> None:
    graph = FakeGraph()
    first = Tried(graph)
    graph.writes = 0
    graph.lose = {1: "after"}
    second = Tried(graph, secret=Wish("PlaceOS", days=90, key_id=""))
    assert second.failed is None
    assert secrets_of(graph) == {first.key_id, second.key_id}


def test_a_secret_that_somebody_makes_at_the_same_time_under_that_name_stays() -> None:
    graph = FakeGraph()
    graph.lose = {5: "after"}
    original = graph._add_password
    others: list[str] = []

    def add(row: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
        if not others:
            others.append(original(row, {**wanted, "endDateTime": "2027-01-01T00:00:00Z"})["keyId"])
        return original(row, wanted)

    graph._add_password = add  # type: ignore[method-assign, assignment]
    tried = Tried(graph)
    assert tried.failed is None
    assert secrets_of(graph) == {*others, tried.key_id}


def test_an_answer_without_the_secret_is_a_failure_and_leaves_no_secret_behind() -> None:
    graph = FakeGraph()
    original = graph._add_password
    graph._add_password = lambda row, wanted: {**original(row, wanted), "secretText": None}  # type: ignore[method-assign]
    tried = Tried(graph)
    assert "secretText" in str(tried.failed)
    assert secrets_of(graph) == set()


def test_nothing_is_read_after_a_secret_was_made() -> None:
    # azure.azcollection loses new secrets where the read after it is stale (its issue 2161).
    graph = FakeGraph()
    refused = False

    def refuse(method: str, _path: str) -> HttpError | None:
        return lost(method) if refused else None

    graph.refuse = refuse
    original = graph._add_password

    def add(row: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
        nonlocal refused
        refused = True
        return original(row, wanted)

    graph._add_password = add  # type: ignore[method-assign, assignment]
    Tried(graph).all_right()


def test_a_service_principal_that_somebody_makes_at_the_same_time_is_taken() -> None:
    graph = FakeGraph()
    raced: list[str] = []

    def race(method: str, path: str) -> HttpError | None:
        if method == "POST" and path == "/v1.0/servicePrincipals" and not raced:
            [application] = list(graph.applications.values())
            graph.add_principal(application["appId"])
            raced.append(path)
        return None

    graph.refuse = race
    Tried(graph).all_right()
    assert raced


def test_an_application_that_somebody_makes_at_the_same_time_is_taken() -> None:
    graph = FakeGraph()
    raced: list[str] = []

    def race(method: str, path: str) -> HttpError | None:
        if method == "PATCH" and not raced:
            raced.append(path)
            graph.add_application("PlaceOS", uniqueName="placeos-acme")
        return None

    graph.refuse = race
    Tried(graph).all_right()


def test_a_grant_that_is_there_already_is_fine() -> None:
    graph = FakeGraph()

    def race(method: str, path: str) -> HttpError | None:
        if method == "POST" and path.endswith("/appRoleAssignedTo") and not graph.assignments:
            principal = next(row for row in graph.principals.values() if row["id"].startswith("ccccdddd"))
            graph.add_grant(principal, graph.principals[path.split("/")[3]], CALENDARS)
        return None

    graph.refuse = race
    Tried(graph).all_right()


@pytest.mark.parametrize(
    "error", [not_found("x"), refusal(400, "Request_BadRequest", "No credentials found to be removed.")]
)
def test_a_secret_that_is_gone_already_is_fine(error: HttpError) -> None:
    graph = FakeGraph()
    old = Tried(graph).key_id
    new = Tried(graph, secret=Wish("PlaceOS", key_id="", days=90)).key_id

    def race(_method: str, path: str) -> HttpError | None:
        if not path.endswith("/removePassword"):
            return None
        [application] = list(graph.applications.values())
        application["passwordCredentials"] = [row for row in application["passwordCredentials"] if row["keyId"] != old]
        return error

    graph.refuse = race
    tried = Tried(graph, secret=Wish("PlaceOS", key_id=new), remove=(old,))
    assert tried.failed is None
    assert [step.label for step in tried.done.steps] == [f"secret PlaceOS {old}"]


def test_refused_consent_names_what_is_left_and_where_to_give_it() -> None:
    graph = FakeGraph()

    def refuse(method: str, path: str) -> HttpError | None:
        consenting = method == "POST" and path.endswith("/appRoleAssignedTo")
        return refusal(403, "Authorization_RequestDenied", INSUFFICIENT) if consenting else None

    graph.refuse = refuse
    tried = Tried(graph)
    assert graph.count("POST", "addPassword") == 0
    message = tried.message()
    [application] = list(graph.applications.values())
    assert "Not granted: Calendars.ReadWrite, User.Read.All" in message
    assert f"https://login.microsoftonline.com/t-1/adminconsent?client_id={application['appId']}" in message
    assert "Grant admin consent" in message
    assert "AppRoleAssignment.ReadWrite.All" in message


def test_an_application_that_is_not_owned_names_the_right_that_lacks() -> None:
    graph = FakeGraph()
    graph.add_application("PlaceOS")
    error = refusal(403, "Authorization_RequestDenied", INSUFFICIENT)
    graph.refuse = lambda method, _path: error if method == "PATCH" else None
    message = Tried(graph).message()
    assert message.startswith("application PlaceOS: ")
    assert "Application.ReadWrite.OwnedBy" in message


def test_a_life_that_the_tenant_forbids_says_what_to_shorten() -> None:
    graph = FakeGraph()
    words = "Credential lifetime exceeds the max value allowed as per assigned policy"
    error = refusal(400, "CredentialInvalidLifetimeAsPerAppPolicy", words)
    graph.refuse = lambda _method, path: error if path.endswith("/addPassword") else None
    message = Tried(graph).message()
    assert "secret.days (in an inventory graph_app_secret_days)" in message
    assert words in message
