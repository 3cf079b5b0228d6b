# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a server answers becomes a fact or a finding, never a traceback."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.run import judge
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_directory import (
    FakeDirectory,
    FakeHttp,
    gatherer,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_facts import faults
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import FakeHttpServer, Play

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph

BROKEN: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", 0, -1, True, 1e9, [], {}, [None], [1], ["x"], {"x": 1}, [[]], "2026-13-45T99:00:00Z"]
)


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in a document."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        yield from places_in(child, (*path, key))


def with_value(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of a document with another value at a path."""
    if not path:
        return value
    changed = copy.deepcopy(document)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


@settings(max_examples=600)
@given(data=st.data())
def test_any_value_of_the_wrong_type_becomes_a_fact_or_a_finding(
    graph: Graph, server: FakeHttpServer, data: st.DataObject
) -> None:
    directory = FakeDirectory(server)
    graph.http = FakeHttp(directory, graph.http.options)  # type: ignore[assignment]
    name = data.draw(st.sampled_from(["application", "principal", "grants", "graph_row", "schedule"]))
    document = getattr(directory, name)
    path = data.draw(st.sampled_from(list(places_in(document))))
    setattr(directory, name, with_value(document, path, data.draw(BROKEN)))

    for finding in judge(gatherer(graph).gather()):
        json.dumps(finding.shown())
        assert finding.message


@settings(max_examples=300)
@given(
    status=st.sampled_from([200, 204, 400, 401, 403, 404, 429, 500, 503, 999]),
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["error", "code", "message", "value", "details", "innerError"]), inner)
        ),
        max_leaves=8,
    ),
)
def test_any_answer_about_a_mailbox_becomes_a_state(
    graph: Graph, server: FakeHttpServer, status: int, body: Any
) -> None:
    directory = FakeDirectory(server)
    graph.http = FakeHttp(directory, replace(graph.http.options, retry_deadline=0))  # type: ignore[assignment]
    directory.mailboxes.step = lambda identifier, _address: {"id": identifier, "status": status, "body": body}  # type: ignore[assignment,method-assign]

    facts = gatherer(graph).gather()
    assert {read.state for read in facts.reads} <= {
        "readable", "denied_by_policy", "missing_role", "not_found", "no_mailbox", "throttled", "error",
    }  # fmt: skip
    json.dumps([finding.shown() for finding in judge(facts)])


@pytest.mark.parametrize("part", ["/applications", "/servicePrincipals(", "/appRoleAssignments", "/$batch"])
@pytest.mark.parametrize(
    "content",
    [b'{"value": [{"id": "tru', b"<html><title>Sign in</title></html>", b"[]", b"null", b'"text"', b"\xff\xfe", b""],
)
def test_broken_bodies_give_a_finding_that_names_the_address(
    graph: Graph, server: FakeHttpServer, part: str, content: bytes
) -> None:
    directory = FakeDirectory(server)
    directory.statuses = {part: Play(200, content, {"Content-Type": "application/json"})}
    graph.http.options = replace(graph.http.options, retry_deadline=0)
    found = judge(gatherer(graph).gather())

    told = [finding for finding in found if finding.id in ("directory_unreadable", "graph_unusable")]
    assert told
    assert all("/v1.0/" in finding.message for finding in told)


@pytest.mark.parametrize(
    "schedule",
    [
        None,
        {},
        {"value": "x"},
        {"value": [None, 1, {"scheduleId": "a@x", "error": "plain"}, {"scheduleId": "b@x", "error": {}}]},
        {"value": [{"scheduleId": None, "error": {"responseCode": 5}}]},
    ],
)
def test_odd_schedules_are_told_or_ignored(graph: Graph, server: FakeHttpServer, schedule: Any) -> None:
    directory = FakeDirectory(server)
    directory.schedule = schedule
    assert set(faults(gatherer(graph).gather())) <= {"schedule_refused"}
