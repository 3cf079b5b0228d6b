# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every server of the lab has: log, faults, read-only, statistics, reset - each server its own."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from lab.acaengine.seed import TOKENS
from lab.acaengine.testing import Client, Running
from lab.faults import BadFault, parse_switch

LAB = Path(__file__).resolve().parents[3] / "lab"
ZONES = "/control/api/zones"


def test_the_log_names_the_server_and_no_secret(aca: Client, running_aca: Running) -> None:
    aca.get(f"/systems?limit=1&access_token={TOKENS['user']}", role=None)
    entry = json.loads(running_aca.log.read_text().splitlines()[-1])
    assert (entry["server"], entry["method"], entry["status"]) == ("acaengine", "GET", 200)
    assert entry["path"] == "/control/api/systems?limit=1&access_token=***"


def test_statistics_and_reset(aca: Client) -> None:
    aca.post("/_lab/stats/reset")
    aca.made("/zones", name="Z")
    aca.get("/zones")
    assert aca.get("/_lab/stats").json == {
        "total": 2,
        "reads": 1,
        "writes": 1,
        "methods": {"POST": 1, "GET": 1},
        "statuses": {"200": 2},
    }
    aca.post("/_lab/reset")
    assert aca.get("/zones").json["total"] == 0


def test_a_reset_ends_issued_tokens_and_keeps_the_seeded_ones(aca: Client) -> None:
    token = aca.token().json["access_token"]
    aca.post("/_lab/reset")
    assert aca.get("/zones", role=token).status == 401
    assert aca.get("/zones").status == 200


def test_read_only_refuses_and_records_writes_but_not_sign_ins(aca: Client) -> None:
    aca.post("/_lab/read-only", {})
    assert aca.token().status == 200
    refused = aca.post("/zones", {"name": "Z"})
    assert refused.status == 403
    assert refused.text.startswith("The lab is read-only")
    assert aca.get("/_lab/violations").json == [{"server": "acaengine", "method": "POST", "path": ZONES}]
    aca.post("/_lab/read-only", {"enabled": False})
    assert aca.get("/zones").json["total"] == 0


@pytest.mark.parametrize(("when", "total"), [("before", 0), ("after", 1)])
def test_faults_are_ordered_as_everywhere(aca: Client, when: str, total: int) -> None:
    aca.post("/_lab/faults", {"path": ZONES, "method": "GET", "status": 503, "retry_after": 1})
    assert (aca.get("/zones").status, aca.get("/zones").status) == (503, 200)
    aca.post("/_lab/faults", {"fault": "drop", "path": ZONES, "method": "POST", "when": when})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        aca.post("/zones", {"name": "Z"})
    assert aca.get("/zones").json["total"] == total


def test_a_switch_of_another_platform_is_refused(aca: Client) -> None:
    answer = aca.post("/_lab/faults", {"fault": "races"})
    assert answer.status == 400
    assert "acaengine knows no fault races" in answer.json["error"]


def test_switches_of_the_command_line() -> None:
    assert parse_switch("list-cap=500") == ("list-cap", 500.0)
    assert parse_switch("token-lifetime=60") == ("token-lifetime", 60.0)
    assert parse_switch("exec-timeout") == ("exec-timeout", True)
    for bad in ("list-cap", "list-cap=-1", "exec-timeout=1", "token-cache=", "token-lifetime=soon"):
        with pytest.raises(BadFault, match="is not index-lag=SECONDS"):
            parse_switch(bad)


def test_orders_that_make_no_sense_are_told(aca: Client) -> None:
    assert aca.post("/_lab/mailboxes", {"email": "a@b.c", "state": "gone"}).status == 400
    assert aca.post("/_lab/slow", {}).status == 400
    assert aca.get("/_lab/mailboxes").json == {}
    assert aca.get("/_lab/slow").json == []
    assert aca.get("/_lab/classes").json["scanned"]["::Aca::OfficeBooking"] is True


def get(url: str, token: str) -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def test_the_lab_runs_both_servers_each_with_its_own_state(tmp_path: Path) -> None:
    command = [sys.executable, str(LAB), "serve", "--state", str(tmp_path), "--fault", "list-cap=1", "--read-only"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not (tmp_path / "lab.json").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        lab = json.loads((tmp_path / "lab.json").read_text())
        engine = lab["acaengine"]
        assert engine.keys() >= {"url", "client_id", "username", "password"}
        assert engine["users"].keys() == engine["tokens"].keys() == {"admin", "support", "user"}
        assert engine["url"] != lab["placeos"]["url"]
        token = engine["tokens"]["admin"]
        assert len(get(f"{engine['url']}/control/api/discovery", token)["results"]) == 1
        assert get(f"{engine['url']}/_lab/read-only", "") == {"enabled": True}
        assert get(f"{engine['url']}/_lab/stats", "")["total"] == 1
        assert get(f"{lab['placeos']['url']}/_lab/stats", "")["total"] == 0
        assert get(f"{lab['placeos']['url']}/_lab/read-only", "") == {"enabled": True}
    finally:
        process.terminate()
        assert process.wait(10) == 0
