# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab grants and denies by the permission matrix: every entry, each alternative of it, and nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conformance.microsoft365 import GRAPH, ROOM, STAFF, facts, needs_facts
from lab.microsoft.seed_rooms import list_address
from lab.microsoft.testing import Client
from lab.testing import Answer

pytestmark = needs_facts

ENTRIES = {entry["id"]: entry for entry in facts("permission_matrix").get("entries", [])}
NOBODY_IS_ASKED = {"batch"}
OWNED = "Application.ReadWrite.OwnedBy"
WINDOW = "?startDateTime=2026-01-01T00:00:00Z&endDateTime=2026-01-02T00:00:00Z"
JSON = {"Content-Type": "application/json"}


def alternatives(entry: dict[str, Any]) -> list[list[str]]:
    return [one if isinstance(one, list) else [one] for one in entry["lab_accept"]]


CASES = [(name, roles) for name, entry in ENTRIES.items() for roles in alternatives(entry)]
REFUSED = sorted(
    {
        (name, part)
        for name, entry in ENTRIES.items()
        for roles in alternatives(entry)
        if len(roles) > 1
        for part in roles
        if [part] not in alternatives(entry)
    }
)


def concrete(ms: Client, entry: dict[str, Any], target: dict[str, str]) -> str:
    """Return a path that names things which exist; events and assignments need not."""
    group = ms.get("/v1.0/groups?$top=1&$select=id", role="automation").json["value"][0]["id"]
    graph = ms.get(f"/v1.0/servicePrincipals(appId='{GRAPH}')?$select=id", role="automation").json["id"]
    area = entry["id"].partition(".")[0]
    ids = {
        "applications": target["object_id"],
        "groups": group,
        "users": STAFF,
        "events": "AAMkAGI=",
        "places": ROOM,
        "exchange": "x",
    }
    values = {
        "appId": target["client_id"],
        "uniqueName": "conformance",
        "clientSpId": target["service_principal_id"],
        "resourceSpId": graph,
        "assignmentId": "x",
        "mailbox": ROOM,
        "roomListEmailAddress": list_address("syd"),
    }

    def value(match: re.Match[str]) -> str:
        name = match[1].partition("|")[0]
        return str(values.get(name) or ids.get(area, target["service_principal_id"]))

    path = re.sub(r"\{([A-Za-z|]+)\}", value, entry["path"])
    return f"/{entry['version']}{path}" + (WINDOW if path.lower().endswith("calendarview") else "")


def call(ms: Client, name: str, *roles: str) -> Answer:
    """Make the call of an entry with a new application that holds roles, and owns the target if that matters."""
    entry = ENTRIES[name]
    caller, target = ms.app_with(*roles), ms.app_with()
    if OWNED in roles:
        reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{caller['service_principal_id']}"}
        for kind in (f"applications/{target['object_id']}", f"servicePrincipals/{target['service_principal_id']}"):
            assert ms.post(f"/v1.0/{kind}/owners/$ref", reference, role="automation").status == 204
    token = ms.token_of(caller["client_id"], caller["client_secret"])
    body: dict[str, Any] | None = {} if entry["method"] in ("POST", "PATCH") else None
    return ms(entry["method"], concrete(ms, entry, target), body, role=token, headers=JSON if body is not None else {})


@pytest.mark.parametrize(
    ("name", "roles"), CASES, ids=lambda value: value if isinstance(value, str) else "+".join(value)
)
def test_whoever_holds_an_accepted_permission_gets_past_it(ms: Client, name: str, roles: list[str]) -> None:
    answer = call(ms, name, *roles)
    assert answer.status != 403, answer
    if ENTRIES[name]["method"] == "GET" and not name.startswith("events."):
        # A seeded user has a manager; everything else that is read here exists.
        assert answer.status == ENTRIES[name]["success_status"], answer


@pytest.mark.parametrize("name", ENTRIES)
def test_whoever_holds_none_is_denied(ms: Client, name: str) -> None:
    answer = call(ms, name)
    assert (answer.status == 403) != (name in NOBODY_IS_ASKED), answer
    if answer.status == 403:
        assert set(answer.json["error"]) == {"code", "message", "innerError"}


@pytest.mark.parametrize(("name", "part"), REFUSED)
def test_half_of_what_must_be_held_together_is_not_enough(ms: Client, name: str, part: str) -> None:
    assert call(ms, name, part).status == 403


def test_there_are_entries_to_compare_with() -> None:
    assert len(ENTRIES) > 50
    assert len(CASES) > 100
    assert REFUSED
