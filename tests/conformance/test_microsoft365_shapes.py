# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab shows has the properties and types of Graph's metadata, and the structure of recorded answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conformance.microsoft365 import GRAPH, ROOM, STAFF, facts, needs_facts, recorded, shape
from lab.microsoft.seed import TENANT_ID
from lab.microsoft.seed_apps import PLACEOS_ID, PLACEOS_SECRET
from lab.microsoft.seed_rooms import list_address
from lab.microsoft.testing import Client
from lab.testing import Answer

pytestmark = needs_facts

TYPES = facts("types").get("types", {})
ENUMS = facts("types").get("enums", {})
ROLES = (
    "Application.ReadWrite.All AppRoleAssignment.ReadWrite.All Calendars.ReadWrite DelegatedPermissionGrant.ReadWrite.All "
    "Directory.Read.All Group.Read.All Organization.Read.All Place.Read.All User.Read.All"
).split()
JSON_OF = {"Edm.Boolean": bool, "Edm.Int32": int, "Edm.Int64": int, "Edm.Double": (int, float)}
APP = f"/applications(appId='{PLACEOS_ID}')"
PRINCIPAL = f"/servicePrincipals(appId='{PLACEOS_ID}')"
WINDOW = "startDateTime=2026-01-01T00:00:00Z&endDateTime=2026-02-01T00:00:00Z"
READS = {
    "/organization": "organization",
    "/users?$top=5": "user",
    f"/users/{STAFF}": "user",
    f"/users/{STAFF}?$select=accountEnabled,proxyAddresses,createdDateTime,userType,onPremisesSyncEnabled": "user",
    "/groups": "group",
    "/applications": "application",
    APP: "application",
    "/servicePrincipals": "servicePrincipal",
    PRINCIPAL: "servicePrincipal",
    f"{PRINCIPAL}/appRoleAssignments": "appRoleAssignment",
    f"/servicePrincipals(appId='{GRAPH}')/appRoleAssignedTo": "appRoleAssignment",
    "/oauth2PermissionGrants": "oAuth2PermissionGrant",
    "/places/microsoft.graph.room": "room",
    "/places/microsoft.graph.roomlist": "roomList",
    f"/places/{list_address('syd')}/microsoft.graph.roomlist/rooms": "room",
    f"/places/{ROOM}": "room",
    f"/users/{ROOM}/calendar": "calendar",
    f"/users/{ROOM}/calendars": "calendar",
    f"/users/{STAFF}/calendar/events": "event",
    f"/users/{STAFF}/calendar/calendarView?{WINDOW}": "event",
}


RECORDED_ONLY = {"servicePrincipal": {"createdDateTime": "Edm.DateTimeOffset"}}
"""Shown by the real service (recorded/directory), though its metadata does not have it."""


def named(kind: str) -> str:
    return kind.removeprefix("microsoft.graph.")


def properties(kind: str) -> dict[str, str]:
    entry = TYPES.get(named(kind))
    if entry is None:
        return {}
    inherited = properties(entry["base"]) if entry.get("base") else {}
    links = {one["name"]: "link" for one in entry.get("navigation") or []}
    own = {one["name"]: one["type"] for one in entry["properties"]} | RECORDED_ONLY.get(named(kind), {})
    return {"id": "Edm.String"} | inherited | links | own


def whole(kind: str) -> bool:
    """Tell whether everything a type is based on is among the facts."""
    entry = TYPES.get(named(kind))
    return entry is not None and (not entry.get("base") or whole(entry["base"]))


def check(value: Any, kind: str, where: str) -> None:
    """Every property exists in the type, and every value has the JSON type of its property; null is tolerated."""
    if value is None:
        return
    if kind.startswith("Collection("):
        assert isinstance(value, list), where
        for number, item in enumerate(value):
            check(item, kind[len("Collection(") : -1], f"{where}[{number}]")
    elif kind.startswith("Edm."):
        wanted: Any = JSON_OF.get(kind, str)
        assert isinstance(value, wanted), f"{where}: {value!r} is no {kind}"
        assert wanted is bool or not isinstance(value, bool), f"{where}: {value!r} is no {kind}"
        if kind == "Edm.DateTimeOffset":
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z", value), f"{where}: {value}"
    elif kind in ENUMS:
        assert value in ENUMS[kind], f"{where}: {value!r} is not in {kind}"
    elif named(kind) in TYPES:
        known = properties(kind)
        assert isinstance(value, dict), where
        for name, item in value.items():
            if "@" in name:
                continue
            assert name in known or not whole(kind), f"{where}.{name} is not in {kind}"
            if known.get(name, "link") != "link":
                check(item, known[name], f"{where}.{name}")


@pytest.fixture
def reader(ms: Client) -> str:
    """The token of an application that may read everything, and is limited by no policy."""
    return ms.bearer_of(*ROLES)


def appointment(ms: Client, reader: str) -> Answer:
    times = {"start": {"dateTime": "2026-01-05T10:00:00", "timeZone": "UTC"}}
    times["end"] = {"dateTime": "2026-01-05T11:00:00", "timeZone": "UTC"}
    room = {"emailAddress": {"address": ROOM, "name": "A room"}, "type": "resource"}
    body = {"subject": "Meeting", **times, "attendees": [room], "body": {"contentType": "HTML", "content": "x"}}
    return ms.post(f"/v1.0/users/{STAFF}/calendar/events", body, role=reader)


@pytest.mark.parametrize("path", READS)
def test_every_property_exists_in_the_metadata_with_a_fitting_type(ms: Client, reader: str, path: str) -> None:
    assert appointment(ms, reader).status == 201
    body = {"clientId": "", "consentType": "AllPrincipals", "resourceId": "", "scope": "User.Read"}
    for name, app_id in (("clientId", PLACEOS_ID), ("resourceId", GRAPH)):
        body[name] = ms.get(f"/v1.0/servicePrincipals(appId='{app_id}')?$select=id", role=reader).json["id"]
    assert ms.post("/v1.0/oauth2PermissionGrants", body, role=reader).status == 201
    answer = ms.get(f"/v1.0{path}", role=reader)
    assert answer.status == 200, answer
    rows = answer.json.get("value", [answer.json])
    assert rows
    for number, row in enumerate(rows):
        check(row, f"microsoft.graph.{READS[path]}", f"{path}[{number}]")


def test_the_comparison_finds_what_is_wrong() -> None:
    for bad in ({"nonsense": 1}, {"accountEnabled": "yes"}, {"businessPhones": "x"}, {"createdDateTime": "today"}):
        with pytest.raises(AssertionError):
            check(bad, "microsoft.graph.user", "user")


def keys_of(value: Any) -> set[str]:
    return set(value)


def test_an_application_shows_at_least_what_was_recorded(ms: Client) -> None:
    (known,) = [one["response"]["body"] for one in recorded("directory") if one["n"] == 1]
    own = ms.get(f"/v1.0{APP}", role="automation").json
    assert keys_of(known) <= keys_of(own)
    for name in ("api", "info", "web", "spa", "publicClient", "parentalControlSettings", "verifiedPublisher"):
        assert keys_of(known[name]) <= keys_of(own[name]), name
    assert shape(known["requiredResourceAccess"]) == shape(own["requiredResourceAccess"])
    assert known["@odata.context"] == own["@odata.context"]


def test_service_principals_show_at_least_what_was_recorded(ms: Client) -> None:
    for one in recorded("directory"):
        if one["n"] in (2, 3):
            (known,) = one["response"]["body"]["value"]
            path = f"/v1.0/servicePrincipals?$filter=appId%20eq%20'{PLACEOS_ID if one['n'] == 2 else known['appId']}'"
            answer = ms.get(path, role="automation").json
            (own,) = answer["value"]
            assert answer["@odata.context"] == one["response"]["body"]["@odata.context"]
            assert keys_of(known) <= keys_of(own)
            if known["appRoles"]:
                assert shape(known["appRoles"]) == shape(own["appRoles"])
                assert {role["id"] for role in known["appRoles"]} == {role["id"] for role in own["appRoles"]}


def test_a_grant_and_a_secret_have_the_recorded_structure(ms: Client) -> None:
    grant, secret = (one["response"] for one in recorded("directory") if one["n"] in (4, 5))
    made = ms.app_with()
    principal = made["service_principal_id"]
    graph = ms.get(f"/v1.0/servicePrincipals(appId='{GRAPH}')", role="automation").json
    body = {"principalId": principal, "resourceId": graph["id"], "appRoleId": graph["appRoles"][0]["id"]}
    own = ms.post(f"/v1.0/servicePrincipals/{principal}/appRoleAssignments", body, role="automation")
    assert own.status == grant["status"]
    assert shape(own.json) == shape(grant["body"])
    assert len(own.json["id"]) == len(grant["body"]["id"])
    own = ms.post(f"/v1.0/applications/{made['object_id']}/addPassword", {}, role="automation")
    assert own.status == secret["status"]
    assert shape(own.json) == shape(secret["body"])
    assert own.json["@odata.context"] == secret["body"]["@odata.context"]


VARIES = {"date", "content-length", "set-cookie"}


def headers_of(exchange: dict[str, Any]) -> set[str]:
    return {name.lower() for name in exchange["response"]["headers"]} - VARIES


def test_users_and_tokens_have_the_recorded_structure(ms: Client, reader: str) -> None:
    by_number = {one["n"]: one for one in recorded("entra_and_users")}
    good = {"client_id": PLACEOS_ID, "client_secret": PLACEOS_SECRET}
    own = {
        1: ms.get(f"/v1.0/users/{STAFF}", role=reader),
        2: ms.get("/v1.0/users?%24filter=accountEnabled+eq+true", role="nonsense"),
        3: ms.get("/v1.0/users?%24filter=accountEnabled+eq+true&$top=2", role=reader),
        4: ms.post("//oauth2/v2.0/token", b"", role=None),
        5: ms.sign_in(**good),
    }
    for number, answer in own.items():
        known = by_number[number]["response"]
        assert answer.status == known["status"], number
        assert headers_of(by_number[number]) <= set(answer.headers), number
        if known["body"]:
            wanted, given = shape(known["body"]), shape(answer.json)
            if number == 2:
                given["error"]["innerError"].pop("client-request-id")  # newer than the recording
            if number == 3:
                given.pop("@odata.nextLink")  # there are more users here
            assert given == wanted, number


def test_refusals_of_the_sign_in_service_have_the_recorded_structure(ms: Client) -> None:
    good = {"client_id": PLACEOS_ID, "client_secret": PLACEOS_SECRET}
    other = "99998888-7777-4666-8555-444433332222"
    own = {
        1: ms.get(f"/{other}/v2.0/.well-known/openid-configuration", role=None),
        2: ms.sign_in(other, **good),
        3: ms.sign_in(TENANT_ID, **{**good, "client_secret": "wrong"}),
        4: ms.sign_in(TENANT_ID, **{**good, "client_id": "aaaabbbb-1111-2222-3333-ccccddddffff"}),
    }
    known = {one["n"]: one for one in recorded("entra_errors")}
    for number, answer in own.items():
        if number not in known:
            continue
        wanted = known[number]["response"]
        assert answer.status == wanted["status"], number
        assert shape(answer.json) == shape(wanted["body"]), number
        assert (answer.json["error"], answer.json["error_codes"]) == (
            wanted["body"]["error"],
            wanted["body"]["error_codes"],
        ), number
        missing = headers_of(known[number]) - set(answer.headers)
        assert number == 1 or not missing, number
    assert {1, 2, 3, 4} <= known.keys()
