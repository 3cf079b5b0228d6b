# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which application is meant, and what is read for its plan."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.directory import Directory, by_key
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.find import (
    Identity,
    NotOne,
    find,
    read,
    with_secret,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import Application, MalformedAnswer
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import GRAPH_APP_ID
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_graph import (
    CALENDARS,
    EXCHANGE,
    GRAPH,
    MANAGE_EXCHANGE,
    FakeGraph,
)


def looked_up(graph: FakeGraph, **identity: Any) -> str | None:
    slept: list[float] = []
    found = find(Directory(graph), Identity(**identity), deadline=60, sleep=slept.append)  # type: ignore[arg-type]
    return found.app_id if found else None


def test_an_application_is_found_by_its_id_in_one_read() -> None:
    graph = FakeGraph()
    row = graph.add_application("PlaceOS")
    assert looked_up(graph, app_id=row["appId"]) == row["appId"]
    assert len(graph.log) == 1


def test_an_id_that_an_earlier_task_has_just_made_is_waited_for() -> None:
    graph = FakeGraph(lag=2)
    row = graph.add_application("PlaceOS")
    graph._hide(row["id"])
    assert looked_up(graph, app_id=row["appId"]) == row["appId"]
    assert len(graph.log) == 2


def test_an_id_that_nobody_has_is_a_fault_since_ids_cannot_be_chosen() -> None:
    with pytest.raises(NotOne, match="there is no application with the id"):
        looked_up(FakeGraph(), app_id="aaaabbbb-1111-2222-3333-000000000009")


def test_the_secret_in_use_is_looked_for_on_other_copies_before_it_counts_as_gone() -> None:
    graph = FakeGraph()
    row = graph.add_application("PlaceOS")
    stale = Application.read(row)
    directory: Any = Directory(graph)  # type: ignore[arg-type]
    slept: list[float] = []

    def pause(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            row["passwordCredentials"] = [{"keyId": "KEY-1"}]

    found = with_secret(directory, stale, "key-1", deadline=60, sleep=pause)
    assert [secret.key_id for secret in found.secrets] == ["key-1"]
    assert slept == [1, 2, 4]
    assert with_secret(directory, found, "key-1", deadline=60, sleep=pause) is found
    assert len(slept) == 3

    slept.clear()
    assert with_secret(directory, stale, "key-2", deadline=10, sleep=pause) is stale
    assert sum(slept) <= 10


def test_a_unique_name_goes_before_a_display_name() -> None:
    graph = FakeGraph()
    graph.add_application("PlaceOS")
    row = graph.add_application("Other", uniqueName="placeos-acme")
    assert looked_up(graph, unique_name="placeos-acme", name="PlaceOS") == row["appId"]
    assert len(graph.log) == 1


def test_one_of_that_name_without_a_unique_name_is_adopted() -> None:
    graph = FakeGraph()
    graph.add_application("PlaceOS", uniqueName="placeos-other")
    row = graph.add_application("PlaceOS")
    assert looked_up(graph, unique_name="placeos-acme", name="PlaceOS") == row["appId"]


def test_one_with_another_unique_name_belongs_to_somebody_else() -> None:
    graph = FakeGraph()
    graph.add_application("PlaceOS", uniqueName="placeos-other")
    assert looked_up(graph, unique_name="placeos-acme", name="PlaceOS") is None


def test_several_of_one_name_are_all_named_with_id_and_date_oldest_first() -> None:
    graph = FakeGraph()
    rows = [graph.add_application("PlaceOS") for _number in range(3)]
    with pytest.raises(NotOne) as caught:
        looked_up(graph, name="PlaceOS")
    said = str(caught.value)
    assert "3 applications are named 'PlaceOS'" in said
    places = [said.index(f"{row['appId']}, created {row['createdDateTime']}") for row in rows]
    assert places == sorted(places)
    assert "Give app_id" in said


def test_a_name_written_exactly_so_goes_before_one_in_another_case() -> None:
    graph = FakeGraph()
    graph.add_application("PLACEOS")
    row = graph.add_application("PlaceOS")
    assert looked_up(graph, name="PlaceOS") == row["appId"]


def test_a_name_in_another_case_is_better_than_a_twin() -> None:
    graph = FakeGraph()
    row = graph.add_application("Placeos")
    assert looked_up(graph, name="PlaceOS") == row["appId"]


def test_a_renamed_application_is_found_by_the_id_in_its_secret_file() -> None:
    graph = FakeGraph()
    row = graph.add_application("Renamed by hand")
    assert looked_up(graph, name="PlaceOS", stored=row["appId"]) == row["appId"]


def test_the_secret_file_of_another_application_is_never_overwritten() -> None:
    graph = FakeGraph()
    other, mine = graph.add_application("Other"), graph.add_application("PlaceOS")
    with pytest.raises(
        NotOne, match=r"secret_file \(in an inventory graph_app_secret_file\) holds the secret of application"
    ):
        looked_up(graph, app_id=mine["appId"], stored=other["appId"])
    mine["uniqueName"] = "placeos-acme"
    with pytest.raises(NotOne, match="name another secret_file"):
        looked_up(graph, unique_name="placeos-acme", stored=other["appId"])


def test_a_quote_in_a_name_does_not_end_it() -> None:
    graph = FakeGraph()
    row = graph.add_application("O'Brien's PlaceOS")
    assert looked_up(graph, name="O'Brien's PlaceOS") == row["appId"]
    assert by_key("/v1.0/applications", "uniqueName", "it's/#1") == (
        "/v1.0/applications(uniqueName='it%27%27s%2F%231')"
    )


def test_what_an_application_has_of_other_apis_is_read_to_name_it_and_no_more() -> None:
    graph = FakeGraph()
    row = graph.add_application("PlaceOS")
    principal = graph.add_principal(row["appId"])
    directory = Directory(graph)  # type: ignore[arg-type]

    read(directory, Application.read(row), [GRAPH_APP_ID], permissions=True)
    assert len(graph.log) == 3

    graph.add_grant(principal, GRAPH, CALENDARS)
    graph.add_grant(principal, EXCHANGE, MANAGE_EXCHANGE)
    graph.log.clear()
    current = read(directory, Application.read(row), [GRAPH_APP_ID], permissions=True)
    assert current.resources.keys() == {GRAPH_APP_ID, EXCHANGE["appId"]}
    assert len(graph.log) == 4


def test_without_permissions_no_api_is_read() -> None:
    graph = FakeGraph()
    row = graph.add_application("PlaceOS")
    read(Directory(graph), Application.read(row), [], permissions=False)  # type: ignore[arg-type]
    assert len(graph.log) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": 7},
        {"appId": ""},
        {"appId": ["x"]},
        {"displayName": {}},
        {"requiredResourceAccess": "x"},
        {"requiredResourceAccess": ["x"]},
        {"requiredResourceAccess": [{}]},
        {"requiredResourceAccess": [{"resourceAppId": "x", "resourceAccess": [{"id": 7}]}]},
        {"passwordCredentials": {}},
        {"passwordCredentials": [{}]},
        {"passwordCredentials": [{"keyId": "x", "endDateTime": "soon"}]},
    ],
)
def test_an_answer_of_the_wrong_shape_is_told_as_such(change: dict[str, Any]) -> None:
    row = FakeGraph().add_application("PlaceOS")
    with pytest.raises(MalformedAnswer, match="the server's answer describes"):
        Application.read({**row, **change})


def test_an_answer_full_of_nulls_is_read() -> None:
    names = ("displayName", "uniqueName", "createdDateTime", "requiredResourceAccess", "passwordCredentials")
    assert Application.read({"id": "x", "appId": "Y", **dict.fromkeys(names)}) == Application("x", "y", "")
