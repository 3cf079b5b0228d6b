# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""$batch: up to twenty requests in one, each with its own fate."""

from __future__ import annotations

from typing import Any

import pytest
from lab.microsoft.testing import Client
from lab.testing import Answer


def batch(ms: Client, *requests: dict[str, Any], role: str = "placeos") -> Answer:
    return ms.post("/v1.0/$batch", {"requests": list(requests)}, role=role)


def get(identity: Any, url: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "method": "GET", "url": url, **more}


def fates(answer: Answer) -> dict[str, int]:
    assert answer.status == 200, answer
    return {one["id"]: one["status"] for one in answer.json["responses"]}


def test_each_request_has_its_own_status_under_its_own_id_as_text(ms: Client) -> None:
    answer = batch(
        ms, get(0, "/organization"), get(1, "users/nobody"), get("x", "/v1.0/users?%24top=1"), get(3, "/applications")
    )
    assert fates(answer) == {"0": 200, "1": 404, "x": 200, "3": 403}
    first, second = answer.json["responses"][:2]
    assert first["headers"]["Content-Type"].startswith("application/json")
    assert second["body"]["error"]["code"] == "Request_ResourceNotFound"


def test_a_request_whose_predecessor_failed_is_not_carried_out(ms: Client) -> None:
    answer = batch(ms, get(1, "/users/nobody"), get(2, "/organization", dependsOn=["1"]), get(3, "/organization"))
    assert fates(answer) == {"1": 404, "2": 424, "3": 200}
    assert answer.json["responses"][1]["body"]["error"]["code"] == "FailedDependency"


def test_requests_that_build_on_each_other_run_in_order(ms: Client) -> None:
    write = {"headers": {"Content-Type": "application/json"}}
    path = "/applications(uniqueName='x')"
    body = {"displayName": "X"}
    made = {
        "id": 1,
        "method": "PATCH",
        "url": path,
        "body": body,
        "headers": {**write["headers"], "Prefer": "create-if-missing"},
    }
    assert fates(batch(ms, made, get(2, path, dependsOn=[1]), role="automation")) == {"1": 201, "2": 200}


@pytest.mark.parametrize(
    ("requests", "words"),
    [
        ([get(n, "/organization") for n in range(21)], "exceeds the maximum value of 20"),
        ([get(1, "/organization"), get("1", "/organization")], "must be unique"),
        ([get(1, "/organization", dependsOn=["2"])], "dependsOn"),
        ([{"id": 1, "method": "POST", "url": "/users", "body": {}}], "Content-Type"),
        ([{"id": 1, "url": "/users"}], "Invalid batch payload"),
        ([], "Invalid batch payload"),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(ms: Client, requests: list[dict[str, Any]], words: str) -> None:
    answer = batch(ms, *requests)
    assert answer.status == 400
    assert words in answer.json["error"]["message"]


def test_twenty_are_allowed_and_count_as_one_request(ms: Client) -> None:
    ms.signed("placeos")
    ms.post("/_lab/stats/reset", role=None)
    assert set(fates(batch(ms, *(get(n, "/organization") for n in range(20)))).values()) == {200}
    assert ms.get("/_lab/stats", role=None).json["total"] == 1


def test_a_batch_holds_no_batch(ms: Client) -> None:
    inner = {"id": 1, "method": "POST", "url": "/$batch", "body": {}, "headers": {"Content-Type": "application/json"}}
    assert fates(batch(ms, inner)) == {"1": 400}


def test_faults_hit_single_requests_of_a_batch(ms: Client) -> None:
    rule = {"path": "/v1.0/users/*/calendar*", "status": 429, "retry_after": 3}
    ms.post("/_lab/faults", rule, role=None)
    url = "/users/syd-24.01@acme.example/calendar"
    answer = batch(ms, get(1, url), get(2, url))
    assert fates(answer) == {"1": 429, "2": 200}
    hit = answer.json["responses"][0]
    assert hit["headers"]["Retry-After"] == "3"
    assert hit["body"]["error"]["code"] == "ApplicationThrottled"


def test_a_read_only_server_refuses_the_writes_of_a_batch_and_records_them(ms: Client) -> None:
    ms.signed("automation")
    ms.post("/_lab/read-only", {"enabled": True}, role=None)
    write = {"id": 2, "method": "POST", "url": "/applications", "body": {"displayName": "X"}}
    write["headers"] = {"Content-Type": "application/json"}
    assert fates(batch(ms, get(1, "/organization"), write, role="automation")) == {"1": 200, "2": 403}
    (violation,) = ms.get("/_lab/violations", role=None).json
    assert (violation["method"], violation["path"]) == ("POST", "/v1.0/applications")


def test_a_batch_of_reads_is_no_write(ms: Client) -> None:
    ms.signed("placeos")
    ms.post("/_lab/read-only", {"enabled": True}, role=None)
    assert fates(batch(ms, get(1, "/organization"))) == {"1": 200}
    assert ms.get("/_lab/violations", role=None).json == []
