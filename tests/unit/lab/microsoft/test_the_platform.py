# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server as a part of the lab: its switches, its control endpoints, its part of lab.json, its faults."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.microsoft.platform import MicrosoftPlatform
from lab.microsoft.seed_apps import PLACEOS_ID, PLACEOS_SECRET
from lab.microsoft.testing import Client, Running, running_microsoft

ROOT = Path(__file__).resolve().parents[4]


def emails(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["email"]] if value.get("email") else []
        return own + [mail for item in value.values() for mail in emails(item)]
    return [mail for item in value for mail in emails(item)] if isinstance(value, list) else []


def test_lab_json_says_where_and_who(running_ms: Running) -> None:
    part = running_ms.platform.describe("https://localhost:1")
    assert {part[name] for name in ("login_url", "graph_url", "exchange_url")} == {"https://localhost:1"}
    assert (part["client_id"], part["client_secret"]) == (PLACEOS_ID, PLACEOS_SECRET)
    assert part["mailboxes"]["denied"] == ["dana.marsh@acme.example"]
    assert set(part["groups"]) == {"rooms", "staff"}


def test_the_certificate_of_the_automation_is_for_its_owner_only(running_ms: Running) -> None:
    file = Path(running_ms.platform.describe("")["automation"]["certificate_path"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text("utf-8")
    assert "PRIVATE KEY" in text
    assert "BEGIN CERTIFICATE" in text


def test_the_seed_holds_the_rooms_of_the_demonstration(running_ms: Running) -> None:
    folder = ROOT / "inventories" / "demo" / "host_vars" / "demo"
    rooms = emails(yaml.safe_load((folder / "workplace.yml").read_text("utf-8")))
    rooms += [line.split(",")[4] for line in (folder / "rooms.csv").read_text("utf-8").splitlines()[1:]]
    wanted = {mail for mail in rooms if mail}
    assert len(wanted) > 20
    assert wanted <= running_ms.tenant.mailboxes.keys()


def test_an_empty_tenant_has_only_what_microsoft_and_the_automation_need(tmp_path: Path) -> None:
    with running_microsoft(tmp_path, tenant="empty") as server:
        tenant = server.tenant
        assert (len(tenant.users), len(tenant.groups), len(tenant.rooms), len(tenant.mailboxes)) == (0, 0, 0, 0)
        assert [row["displayName"] for row in tenant.applications] == ["PlaceOS Automation"]
        part = server.platform.describe("x")
        assert part["client_id"] == part["automation"]["client_id"]
        assert server.client.get("/v1.0/organization", role="automation").status == 200


def test_an_unknown_kind_of_tenant_is_refused() -> None:
    with pytest.raises(ValueError, match="acme, empty"):
        MicrosoftPlatform(tenant="full")


def test_a_reset_brings_the_seed_back(ms: Client) -> None:
    ms.delete(f"/v1.0/applications(appId='{PLACEOS_ID}')", role="automation")
    ms.advance(1000)
    ms.post("/_lab/users", {"mail": "new@acme.example"}, role=None)
    ms.post("/_lab/reset", role=None)
    assert ms.get(f"/v1.0/applications(appId='{PLACEOS_ID}')", role="automation").status == 200
    assert ms.get("/v1.0/users/new@acme.example", role="automation").status == 404


def test_users_rooms_and_groups_are_put_there(ms: Client, running_ms: Running) -> None:
    ms.post("/_lab/users", {"mail": "new@acme.example", "name": "New One"}, role=None)
    rooms = {"mail": "per-{n}@acme.example", "count": 3, "capacity": 5, "list": "rooms-per@acme.example"}
    ms.post("/_lab/rooms", rooms, role=None)
    order = {
        "mail": "per@acme.example",
        "members": ["per-0001@acme.example", "new@acme.example", "rooms-syd@acme.example"],
    }
    group = ms.post("/_lab/groups", order, role=None).json["id"]
    assert len(ms.get(f"/v1.0/groups/{group}/members", role="placeos").json["value"]) == 3
    tenant = running_ms.tenant
    assert tenant.mailboxes["per-0003@acme.example"].kind == "RoomMailbox"
    places = [row for row in tenant.rooms if row["emailAddress"].startswith("per-")]
    assert [row["capacity"] for row in places] == [5, 5, 5]
    listed = tenant.room_lists.find(lambda row: row["emailAddress"] == "rooms-per@acme.example")
    assert listed is not None
    assert len(listed["_rooms"]) == 3


def test_rooms_can_be_replaced_by_others_as_graph_shows_them(ms: Client, running_ms: Running) -> None:
    bare = {"emailAddress": "only@acme.example", "displayName": None, "capacity": None, "building": None}
    ms.post("/_lab/rooms", {"replace": True, "rooms": [bare]}, role=None)
    assert [row["emailAddress"] for row in running_ms.tenant.rooms] == ["only@acme.example"]
    assert "syd-24.01@acme.example" not in running_ms.tenant.mailboxes


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("users", {}),
        ("rooms", {"mail": ""}),
        ("groups", {"mail": "x@acme.example", "kind": "nonsense"}),
        ("groups", {"mail": "x@acme.example", "members": ["nobody@acme.example"]}),
        ("apps", {"permissions": ["Contacts.Read.All"]}),
        ("advance-clock", {"seconds": "soon"}),
        ("faults", {"fault": "token-cache", "enabled": True}),
    ],
)
def test_orders_that_make_no_sense_are_refused(ms: Client, path: str, order: dict[str, Any]) -> None:
    answer = ms.post(f"/_lab/{path}", order, role=None)
    assert answer.status == 400
    assert answer.json["error"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1.0/users", 429, "TooManyRequests"),
        ("/v1.0/users/x/calendar/calendarView", 429, "ApplicationThrottled"),
        ("/v1.0/users", 503, "serviceNotAvailable"),
        ("/v1.0/users", 504, "UnknownError"),
    ],
)
def test_an_ordered_status_speaks_as_graph_does(ms: Client, path: str, status: int, code: str) -> None:
    ms.signed("placeos")
    ms.post("/_lab/faults", {"path": path, "status": status}, role=None)
    answer = ms.get(path, role="placeos")
    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert "retry-after" not in answer.headers


def test_an_ordered_status_can_say_how_long_to_wait(ms: Client) -> None:
    ms.signed("placeos")
    ms.post("/_lab/faults", {"path": "/v1.0/users", "status": 429, "retry_after": 7}, role=None)
    assert ms.get("/v1.0/users", role="placeos").headers["retry-after"] == "7"


def test_the_sign_in_service_fails_in_its_own_words(ms: Client) -> None:
    good = {"client_id": PLACEOS_ID, "client_secret": PLACEOS_SECRET}
    ms.post("/_lab/faults", {"path": "/*/oauth2/*", "status": 503}, role=None)
    assert ms.sign_in(**good).json["error"] == "temporarily_unavailable"
    ms.post("/_lab/faults", {"path": "/*/oauth2/*", "status": 429, "retry_after": 1}, role=None)
    assert (ms.sign_in(**good).status, ms.sign_in(**good).status) == (429, 200)


def test_writes_to_a_read_only_server_are_refused_and_recorded(ms: Client) -> None:
    ms.signed("automation")
    ms.post("/_lab/read-only", {"enabled": True}, role=None)
    assert ms.post("/v1.0/applications", {"displayName": "X"}, role="automation").status == 403
    assert ms.patch(f"/v1.0/applications(appId='{PLACEOS_ID}')", {"notes": "x"}, role="automation").status == 403
    recorded = [(one["method"], one["server"]) for one in ms.get("/_lab/violations", role=None).json]
    assert recorded == [("POST", "microsoft"), ("PATCH", "microsoft")]
    assert ms.get(f"/v1.0/applications(appId='{PLACEOS_ID}')", role="automation").json["notes"] is None


def test_reading_schedules_is_no_write(ms: Client) -> None:
    ms.signed("placeos")
    ms.post("/_lab/read-only", {"enabled": True}, role=None)
    window = {"dateTime": "2026-01-01T00:00:00", "timeZone": "UTC"}
    body = {
        "schedules": ["syd-24.01@acme.example"],
        "startTime": window,
        "endTime": {**window, "dateTime": "2026-01-02T00:00:00"},
    }
    answer = ms.post("/v1.0/users/placeos@acme.example/calendar/getSchedule", body, role="placeos")
    assert answer.status == 200, answer
    assert ms.get("/_lab/violations", role=None).json == []
