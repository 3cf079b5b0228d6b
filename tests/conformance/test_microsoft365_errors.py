# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each error of the facts is provoked by its trigger, and answered with its status, code and structure."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from conformance.microsoft365 import GRAPH, ROOM, STAFF, facts, needs_facts, shape
from lab.microsoft.seed import TENANT_ID
from lab.microsoft.seed_apps import PLACEOS_ID, PLACEOS_SECRET
from lab.microsoft.signin import keys
from lab.microsoft.signin.assertion import TYPE
from lab.microsoft.testing import Client
from lab.testing import Answer
from unit.lab.microsoft.test_certificates import assertion, new_key

pytestmark = needs_facts

TOKEN = {entry["id"]: entry for entry in facts("errors").get("token_endpoint", [])}
ERRORS = {entry["id"]: entry for entry in facts("errors").get("graph", [])}
Trigger = Callable[[Client], Answer]
GOOD = {"client_id": PLACEOS_ID, "client_secret": PLACEOS_SECRET}
OTHER = "99998888-7777-4666-8555-444433332222"
NOBODY = "11111111-1111-1111-1111-111111111111"
WINDOW = "?startDateTime=2026-01-01T00:00:00Z&endDateTime=2026-01-02T00:00:00Z"
ADMIN = "automation"
NOT_PROVOKED = {
    "policy_denied_documented": "the documented wording of policy_denied_current; the lab has the current one",
    "policy_denied_subscription": "subscriptions are not imitated",
}


def sign_in(**change: str) -> Trigger:
    return lambda ms: ms.sign_in(**{**GOOD, **change})


def read(path: str, role: str = "placeos") -> Trigger:
    return lambda ms: ms.get(f"/v1.0{path}", role=role)


def switched(name: str, then: Trigger, **value: Any) -> Trigger:
    def trigger(ms: Client) -> Answer:
        ms.signed(ADMIN)
        ms.switch(name, **value)
        return then(ms)

    return trigger


def faulty(path: str, then: Trigger, **rule: Any) -> Trigger:
    def trigger(ms: Client) -> Answer:
        ms.signed(ADMIN), ms.signed("placeos")
        assert ms.post("/_lab/faults", {"path": path, **rule}, role=None).status == 200
        return then(ms)

    return trigger


def expired_secret(ms: Client) -> Answer:
    made = ms.app_with(days=1)
    ms.advance(2 * 86400)
    return ms.sign_in(client_id=made["client_id"], client_secret=made["client_secret"])


def after(change: Callable[[Client, dict[str, str]], Answer]) -> Trigger:
    """Sign in as a new application after something was done to it."""

    def trigger(ms: Client) -> Answer:
        made = ms.app_with()
        assert change(ms, made).status == 204
        return ms.sign_in(client_id=made["client_id"], client_secret=made["client_secret"])

    return trigger


def principal_path(made: dict[str, str]) -> str:
    return f"/v1.0/servicePrincipals/{made['service_principal_id']}"


def asserted(*, registered: bool, late: bool = False) -> Trigger:
    def trigger(ms: Client) -> Answer:
        made, pair = ms.app_with(), keys.pair("conformance")
        if registered:
            body = {"keyCredentials": [new_key(pair[1])]}
            assert ms.patch(f"/v1.0/applications/{made['object_id']}", body, role=ADMIN).status == 204
        value = assertion(pair, made["client_id"])
        if late:
            ms.advance(86400)
        return ms.sign_in(client_id=made["client_id"], client_assertion_type=TYPE, client_assertion=value)

    return trigger


TOKEN_TRIGGERS: dict[str, Trigger] = {
    "bad_secret": sign_in(client_secret="wrong"),
    "expired_secret": expired_secret,
    "unknown_app": sign_in(client_id=NOBODY),
    "unknown_tenant": sign_in(tenant=OTHER),
    "unknown_tenant_discovery": lambda ms: ms.get(f"/{OTHER}/v2.0/.well-known/openid-configuration", role=None),
    "malformed_tenant": sign_in(tenant="not_a_tenant"),
    "scope_not_default": sign_in(scope="https://graph.microsoft.com/User.Read.All"),
    "missing_scope": sign_in(scope=""),
    "missing_secret": sign_in(client_secret=""),
    "unknown_resource": sign_in(scope="https://graph.example.invalid/.default"),
    "app_disabled": after(lambda ms, made: ms.patch(principal_path(made), {"accountEnabled": False}, role=ADMIN)),
    "no_service_principal": after(lambda ms, made: ms.delete(principal_path(made), role=ADMIN)),
    "assertion_signature": asserted(registered=False),
    "assertion_expired": asserted(registered=True, late=True),
    "ca_block": switched("conditional-access", sign_in(), enabled=True),
    "common_tenant": sign_in(tenant="common"),
    "wrong_method": lambda ms: ms.get(f"/{TENANT_ID}/oauth2/v2.0/token", role=None),
    "empty_tenant_segment": lambda ms: ms.post("//oauth2/v2.0/token", b"", role=None),
    "sts_throttled": faulty("/*/oauth2/*", sign_in(), status=429, retry_after=30),
    "sts_unavailable": faulty("/*/oauth2/*", sign_in(), status=503),
}


def mailbox(address: str, tail: str = f"/calendar/calendarView{WINDOW}", *roles: str) -> Trigger:
    """Read a mailbox as an application that no policy limits."""
    return lambda ms: ms.get(f"/v1.0/users/{address}{tail}", role=ms.bearer_of(*(roles or ("Calendars.ReadWrite",))))


def deleted_event(ms: Client) -> Answer:
    token = ms.bearer_of("Calendars.ReadWrite")
    times = {
        name: {"dateTime": f"2026-01-05T1{at}:00:00", "timeZone": "UTC"} for at, name in enumerate(("start", "end"))
    }
    path = f"/v1.0/users/{ROOM}/events"
    event = ms.post(f"/v1.0/users/{ROOM}/calendar/events", {"subject": "x", **times}, role=token).json["id"]
    assert ms.delete(f"{path}/{event}", role=token).status == 204
    return ms.get(f"{path}/{event}", role=token)


def expired_token(ms: Client) -> Answer:
    token = ms.token_of(PLACEOS_ID, PLACEOS_SECRET)
    ms.advance(86400)
    return ms.get("/v1.0/users", role=token)


def wrong_audience(ms: Client) -> Answer:
    token = ms.token_of(PLACEOS_ID, PLACEOS_SECRET, "https://outlook.office365.com/.default")
    return ms.get("/v1.0/users", role=token)


def fresh(ms: Client) -> dict[str, Any]:
    return dict(ms.post("/v1.0/applications", {"displayName": "Fresh"}, role=ADMIN).json)


def lagging(then: Trigger) -> Trigger:
    return switched("directory-lag", then, seconds=60)


def principal_too_early(ms: Client) -> Answer:
    return ms.post("/v1.0/servicePrincipals", {"appId": fresh(ms)["appId"]}, role=ADMIN)


def preauthorized_too_early(ms: Client) -> Answer:
    app, scope = fresh(ms), str(uuid.uuid4())
    ms.advance(3600)
    ms.forget_tokens()
    path = f"/v1.0/applications/{app['id']}"
    ms.signed(ADMIN)
    ms.switch("directory-lag", seconds=60)
    shown = {"adminConsentDescription": "x", "adminConsentDisplayName": "x", "id": scope, "isEnabled": True}
    published = {"api": {"oauth2PermissionScopes": [{**shown, "type": "Admin", "value": "x"}]}}
    assert ms.patch(path, published, role=ADMIN).status == 204
    allowed = {"appId": PLACEOS_ID, "delegatedPermissionIds": [scope]}
    return ms.patch(path, {"api": {"preAuthorizedApplications": [allowed]}}, role=ADMIN)


def grant(ms: Client, client: str, **change: str) -> Answer:
    graph = ms.get(f"/v1.0/servicePrincipals(appId='{GRAPH}')", role=ADMIN).json
    role = next(one["id"] for one in graph["appRoles"] if one["value"] == "User.Read.All")
    body = {"principalId": client, "resourceId": graph["id"], "appRoleId": role, **change}
    return ms.post(f"/v1.0/servicePrincipals/{graph['id']}/appRoleAssignedTo", body, role=ADMIN)


def password(ms: Client) -> Answer:
    return ms.post(f"/v1.0/applications(appId='{PLACEOS_ID}')/addPassword", {}, role=ADMIN)


def batch(*requests: dict[str, Any]) -> Trigger:
    return lambda ms: ms.post("/v1.0/$batch", {"requests": list(requests)}, role="placeos")


def inner(trigger: Trigger, number: int) -> Trigger:
    """Return one answer of a batch as if it had come alone."""

    def single(ms: Client) -> Answer:
        import json

        one = trigger(ms).json["responses"][number]
        headers = {name.lower(): value for name, value in one["headers"].items()}
        return Answer(one["status"], headers, json.dumps(one["body"]))

    return single


def get(identity: str, url: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "method": "GET", "url": url, **more}


def schedules(ms: Client) -> Answer:
    window = {"dateTime": "2026-01-01T00:00:00", "timeZone": "UTC"}
    body = {
        "schedules": ["nobody@contoso.example"],
        "startTime": window,
        "endTime": {**window, "dateTime": "2026-01-02T00:00:00"},
    }
    return ms.post("/v1.0/users/placeos@acme.example/calendar/getSchedule", body, role="placeos")


BUSY = {
    "error": {
        "code": "Directory_ObjectNotFound",
        "message": "Unable to read the company information from the directory.",
    }
}
BUSY["error"]["innerError"] = {"date": "x", "request-id": "x", "client-request-id": "x"}  # type: ignore[assignment]
TRIGGERS: dict[str, Trigger] = {
    "no_token": lambda ms: ms.get("/v1.0/users", role=None),
    "bad_token": read("/users", role="nonsense"),
    "expired_token": expired_token,
    "wrong_audience": wrong_audience,
    "missing_consent_directory": read("/applications"),
    "missing_consent_exchange": mailbox(ROOM, "/calendar", "User.Read.All"),
    "missing_consent_places": lambda ms: ms.get(
        "/v1.0/places/microsoft.graph.room", role=ms.bearer_of("User.Read.All")
    ),
    "policy_denied_current": read(f"/users/dana.marsh@acme.example/calendar/calendarView{WINDOW}"),
    "mailbox_missing": mailbox("uma.lane@acme.example"),
    "user_invalid": mailbox("nobody@contoso.example"),
    "user_missing_directory": read("/users/nobody@contoso.example"),
    "item_missing": deleted_event,
    "bad_id": mailbox(ROOM, "/events/nonsense"),
    "calendarview_no_range": mailbox(ROOM, "/calendar/calendarView"),
    "repl_resource_not_found": lagging(lambda ms: ms.get(f"/v1.0/applications/{fresh(ms)['id']}", role=ADMIN)),
    "repl_directory_read": faulty("/v1.0/organization", read("/organization"), status=404, body=BUSY),
    "repl_no_backing_app": lagging(principal_too_early),
    "repl_preauthorized": preauthorized_too_early,
    "sp_conflict": lambda ms: ms.post("/v1.0/servicePrincipals", {"appId": PLACEOS_ID}, role=ADMIN),
    "assign_not_valid_reference": lambda ms: grant(ms, NOBODY),
    "assign_duplicate": lambda ms: grant(ms, ms.app_with("User.Read.All")["service_principal_id"]),
    "assign_unknown_role": lambda ms: grant(ms, ms.app_with()["service_principal_id"], appRoleId=NOBODY),
    "invalid_value": lambda ms: ms.post(
        "/v1.0/applications", {"displayName": "X", "signInAudience": "Nobody"}, role=ADMIN
    ),
    "remove_unknown_key": lambda ms: ms.post(
        f"/v1.0/applications(appId='{PLACEOS_ID}')/removePassword", {"keyId": NOBODY}, role=ADMIN
    ),
    "policy_lifetime": switched("policy-lifetime", password, days=30),
    "policy_type": switched("policy-type", password, enabled=True),
    "policy_identifier": lambda ms: ms.post(
        "/v1.0/applications", {"displayName": "X", "identifierUris": ["https://else.example/x"]}, role=ADMIN
    ),
    "throttled_exchange": faulty("/v1.0/users/*/calendar", read(f"/users/{ROOM}/calendar"), status=429, retry_after=10),
    "throttled_directory": faulty("/v1.0/users", read("/users"), status=429, retry_after=30),
    "throttled_no_header": faulty("/v1.0/users", read("/users"), status=429),
    "unavailable": faulty("/v1.0/users", read("/users"), status=503),
    "gateway": faulty("/v1.0/users", read("/users"), status=504),
    "method": lambda ms: ms.put("/v1.0/users", {}, role="placeos"),
    "bad_path": read("/foo"),
    "advanced_query": read('/users?$search="displayName:x"'.replace('"', "%22")),
    "batch_too_many": batch(*(get(str(number), f"/users/{STAFF}") for number in range(21))),
    "batch_duplicate_id": batch(get("1", "/organization"), get("1", "/organization")),
    "batch_dependency": inner(batch(get("1", "/foo"), get("2", "/organization", dependsOn=["1"])), 1),
    "batch_inner_throttle": faulty(
        "/v1.0/users/*/calendar", inner(batch(get("1", f"/users/{ROOM}/calendar")), 0), status=429, retry_after=10
    ),
    "schedule_unknown": schedules,
}


@pytest.mark.parametrize("name", TOKEN)
def test_the_sign_in_service_refuses_as_the_real_one_does(ms: Client, name: str) -> None:
    known, answer = TOKEN[name], TOKEN_TRIGGERS[name](ms)
    assert answer.status == known["status"], answer
    if known["body"] is None:
        assert answer.text == ""
    else:
        assert shape(answer.json) == shape(known["body"])
        assert (answer.json["error"], answer.json["error_codes"]) == (
            known["body"]["error"],
            known["body"]["error_codes"],
        )
    for header, value in (known.get("headers") or {}).items():
        assert answer.headers[header.lower()] == value


@pytest.mark.parametrize("name", [name for name in ERRORS if name not in NOT_PROVOKED])
def test_graph_refuses_as_the_real_one_does(ms: Client, name: str) -> None:
    known, answer = ERRORS[name], TRIGGERS[name](ms)
    assert answer.status == known["status"], answer
    given = {name: value for name, value in answer.json.items() if not name.startswith("@")}
    assert shape(given) == shape(known["body"]), answer
    if "error" in known["body"]:
        wanted = known["body"]["error"]
        assert answer.json["error"]["code"] == wanted["code"]
        assert [one["code"] for one in answer.json["error"].get("details", [])] == [
            one["code"] for one in wanted.get("details", [])
        ]
    for header, value in (known.get("headers") or {}).items():
        if not header.startswith("x-ms-throttle"):  # values are illustrative, and nobody reads them
            assert answer.headers[header.lower()] == value, header


def test_nothing_was_left_out() -> None:
    assert TOKEN_TRIGGERS.keys() == TOKEN.keys()
    assert TRIGGERS.keys() | NOT_PROVOKED.keys() == ERRORS.keys()
