# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ordered faults, read-only, the request log and statistics."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

import pytest
from lab.faults import BadFault, Faults, parse_rule, parse_switch
from lab.placeos.seed import KEYS
from lab.testing import Client, Running

ZONES = "/api/engine/v2/zones"


def order(lab: Client, **fault: Any) -> None:
    assert lab.post("/_lab/faults", fault, role=None).status == 200


def names(lab: Client) -> list[str]:
    return [zone["name"] for zone in lab.get("/zones").json]


def test_a_status_is_answered_the_ordered_number_of_times(lab: Client) -> None:
    order(lab, path=ZONES, times=2, status=429, retry_after=1)
    first = lab.get("/zones")
    assert (first.status, first.headers["retry-after"]) == (429, "1")
    assert lab.get("/zones").status == 429
    assert lab.get("/zones").status == 200


def test_method_path_and_skip_choose_the_request(lab: Client) -> None:
    order(lab, path=ZONES, method="post", skip=1, status=503, body="busy")
    assert lab.get("/zones").status == 200
    assert lab.post("/zones", {"name": "first"}).status == 201
    refused = lab.post("/zones", {"name": "second"})
    assert (refused.status, refused.text) == (503, "busy")
    assert names(lab) == ["first"]


def test_a_pattern_matches_in_the_middle_of_a_path(lab: Client) -> None:
    zone = lab.post("/zones", {"name": "Z"}).id
    order(lab, path="/api/engine/v2/zones/*/metadata", times=0, status=500)
    assert lab.get(f"/zones/{zone}/metadata").status == 500
    assert lab.get(f"/zones/{zone}/metadata").status == 500
    assert lab.get(f"/zones/{zone}").status == 200
    lab.delete("/_lab/faults")
    assert lab.get(f"/zones/{zone}/metadata").status == 200


@pytest.mark.parametrize(("when", "kept"), [("before", []), ("after", ["Z"])])
def test_a_dropped_connection_happens_before_or_after_the_deed(
    lab: Client, running: Running, when: str, kept: list[str]
) -> None:
    order(lab, fault="drop", path=ZONES, method="POST", when=when)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        lab.post("/zones", {"name": "Z"})
    assert names(lab) == kept
    entries = [json.loads(line) for line in running.log.read_text().splitlines()]
    assert [e["status"] for e in entries if e["method"] == "POST"][-1] is None


def test_a_dropped_connection_does_not_hurt_its_neighbours(lab: Client) -> None:
    kept = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=5)
    headers = {"X-API-Key": KEYS["admin"], "Host": "localhost"}
    kept.request("GET", ZONES, headers=headers)
    kept.getresponse().read()
    order(lab, fault="drop", path="/api/engine/v2/systems")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        lab.get("/systems")
    kept.request("GET", ZONES, headers=headers)
    assert kept.getresponse().status == 200
    kept.close()


def test_a_late_answer_is_late(lab: Client) -> None:
    order(lab, fault="hang", path=ZONES, seconds=0.3)
    began = time.monotonic()
    assert lab.get("/zones").status == 200
    assert time.monotonic() - began >= 0.3


def test_a_request_whose_sender_gave_up_is_carried_out_nevertheless(lab: Client) -> None:
    order(lab, fault="hang", path=ZONES, method="POST", seconds=0.4)
    impatient = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=0.1)
    impatient.request("POST", ZONES, b'{"name": "Z"}', {"X-API-Key": KEYS["admin"], "Host": "localhost"})
    with pytest.raises(TimeoutError):
        impatient.getresponse()
    impatient.close()
    assert names(lab) == []
    lab.eventually(lambda: names(lab) == ["Z"])


def test_a_redirect_loses_the_path_and_a_page_is_no_json(lab: Client) -> None:
    order(lab, fault="redirect", path=ZONES, method="POST")
    answer = lab.post("/zones", {"name": "Z"})
    assert (answer.status, answer.headers["location"]) == (301, "https://localhost/")
    order(lab, fault="html", path=ZONES)
    page = lab.get("/zones")
    assert (page.status, page.headers["content-type"]) == (200, "text/html")
    assert names(lab) == []


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"fault": "no"},
        {"status": 42},
        {"fault": "drop", "when": "x"},
        {"fault": "hang", "seconds": "x"},
        {"fault": "drop", "colour": 1},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(lab: Client, bad: dict[str, Any]) -> None:
    assert lab.post("/_lab/faults", bad, role=None).status == 400
    assert lab.get("/_lab/faults", role=None).json == []


def test_the_first_matching_rule_acts_and_the_next_takes_over() -> None:
    faults = Faults()
    faults.add({"path": "/a", "status": 500})
    faults.add({"path": "/a", "status": 503})
    statuses = [rule.status if (rule := faults.take("GET", "/a/b")) else None for _request in range(3)]
    assert statuses == [500, 503, None]
    assert parse_rule({"path": "/a", "status": 500, "times": 0}).times is None


def test_switches_of_the_command_line() -> None:
    assert parse_switch("index-lag=2.5") == ("index-lag", 2.5)
    assert parse_switch("races") == ("races", True)
    for bad in ("index-lag", "index-lag=x", "rain"):
        with pytest.raises(BadFault):
            parse_switch(bad)


def test_read_only_refuses_and_records_every_write(lab: Client) -> None:
    zone = lab.post("/zones", {"name": "Z"}).id
    lab.post("/_lab/read-only", {"enabled": True}, role=None)
    assert lab.get("/zones").status == 200
    for method, path in (
        ("POST", "/zones"),
        ("PATCH", f"/zones/{zone}"),
        ("DELETE", f"/zones/{zone}"),
        ("POST", "/systems/x/Y_1/z"),
    ):
        answer = lab(method, path, {"name": "N"} if method != "DELETE" else None)
        assert answer.status == 403
        assert "lab is read-only" in answer.text
    recorded = lab.get("/_lab/violations", role=None).json
    assert [entry["method"] for entry in recorded] == ["POST", "PATCH", "DELETE", "POST"]
    assert recorded[0]["path"] == ZONES
    assert lab.post("/auth/oauth/token", {}, role=None).status == 401
    lab.post("/_lab/read-only", {"enabled": False}, role=None)
    assert names(lab) == ["Z"]


def test_the_log_has_each_request_and_no_credentials(lab: Client, running: Running) -> None:
    before = len(running.log.read_text().splitlines())
    lab.get("/zones?limit=3")
    lab.get(f"/zones?api-key={KEYS['admin']}", role=None)
    lab.get("/nothing")
    lines = running.log.read_text().splitlines()[before:]
    entries = [json.loads(line) for line in lines]
    assert [(e["server"], e["method"], e["path"], e["status"]) for e in entries] == [
        ("placeos", "GET", f"{ZONES}?limit=3", 200),
        ("placeos", "GET", f"{ZONES}?api-key=***", 200),
        ("placeos", "GET", "/api/engine/v2/nothing", 404),
    ]
    assert all(entry["ms"] >= 0 for entry in entries)


def test_statistics_count_by_method_and_leave_control_out(lab: Client) -> None:
    lab.post("/_lab/stats/reset", role=None)
    lab.get("/zones")
    lab.post("/zones", {"name": "Z"})
    lab.post("/zones", {"name": "Z"})
    found = lab.get("/_lab/stats", role=None).json
    assert found == {
        "total": 3,
        "reads": 1,
        "writes": 2,
        "methods": {"GET": 1, "POST": 2},
        "statuses": {"200": 1, "201": 1, "422": 1},
    }


def test_latency_delays_every_request(lab: Client) -> None:
    lab.post("/_lab/latency", {"ms": 100}, role=None)
    began = time.monotonic()
    lab.get("/zones")
    assert time.monotonic() - began >= 0.1
    lab.post("/_lab/latency", {"ms": 0}, role=None)


def test_a_reset_restores_the_seed_and_keeps_the_tokens(lab: Client, running: Running) -> None:
    token = running.platform.describe("x")["credentials"]["jwt_admin"]
    lab.post("/zones", {"name": "Z"})
    order(lab, path=ZONES, times=0, status=500)
    lab.post("/_lab/reset", role=None)
    assert names(lab) == []
    assert (
        lab.get("/users/current", role=None, headers={"Authorization": f"Bearer {token}"}).json["name"] == "Admin User"
    )
