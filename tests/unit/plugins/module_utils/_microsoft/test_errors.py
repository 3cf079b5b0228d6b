# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of refusals: our own table of cases, and each entry of the collected facts where these are present."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._http_words import graph_words, words
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.advice import ADVICE, advice
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.errors import (
    cause_of_403,
    classify,
    describe,
    kind_of,
    line,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.errors import (
    looks_like_a_secret_id,
    sign_in_advice,
    sign_in_code,
    sign_in_kind,
    sign_in_words,
)

ROOT = Path(__file__).resolve().parents[5]
FACTS = (
    Path(os.environ.get("PLACEOS_CONFORMANCE_DIR") or ROOT.parent / "shared" / "conformance")
    / "microsoft365"
    / "errors.json"
)
ENTRIES: dict[str, list[dict[str, Any]]] = json.loads(FACTS.read_text("utf-8")) if FACTS.exists() else {}

with_facts = pytest.mark.skipif(not ENTRIES, reason=f"the collected answers of Microsoft are not there ({FACTS})")


def entries(block: str) -> list[Any]:
    return [pytest.param(entry, id=entry["id"]) for entry in ENTRIES.get(block, [])] or [pytest.param({}, id="absent")]


def graph_error(code: str, message: str = "", **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


def http_error(status: int | None, body: Any, reason: str = "status") -> HttpError:
    return HttpError(reason, "GET", "https://graph.example/v1.0/x", words(body, []) or "w", status, data=body)


# -- the collected facts ---------------------------------------------------------------------------------------------


@with_facts
@pytest.mark.parametrize("entry", entries("token_endpoint"))
def test_each_known_refusal_of_the_sign_in_is_told(entry: dict[str, Any]) -> None:
    assert sign_in_kind(entry["status"], entry["body"]) == entry["classify"]
    if entry["aadsts"]:
        assert sign_in_code(entry["body"]) == entry["aadsts"]
        assert sign_in_words(entry["body"]).startswith(f"AADSTS{entry['aadsts']}: ")
        assert "Trace ID" not in sign_in_words(entry["body"])


@with_facts
@pytest.mark.parametrize("entry", entries("graph"))
def test_each_known_refusal_of_graph_is_told(entry: dict[str, Any]) -> None:
    # The one code that means two things is told apart by what the caller did before.
    after_write = entry["id"].startswith("repl_")
    assert classify(entry["status"], entry["body"], after_write=after_write) == entry["classify"]


@with_facts
def test_every_kind_of_the_facts_has_advice() -> None:
    kinds = {entry["classify"] for block in ("token_endpoint", "graph") for entry in ENTRIES[block]}
    assert kinds <= set(ADVICE)


@with_facts
@pytest.mark.parametrize("entry", entries("token_endpoint"))
def test_no_known_refusal_of_the_sign_in_is_called_a_defect_alone(entry: dict[str, Any]) -> None:
    hint = sign_in_advice(entry["aadsts"], sign_in_kind(entry["status"], entry["body"]), entry["status"])
    assert hint
    # What this collection sends never has a scope for other than a resource, so that one could only be its own fault.
    if entry["id"] != "scope_not_default":
        assert hint != advice("client_bug")


# -- our own table ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind", "part"),
    [
        (500011, "client_bug", "check cloud and tenant (in an inventory microsoft_cloud and microsoft_tenant_id)"),
        (500014, "client_bug", "its subscription has ended"),
        (900382, "client_bug", "belongs to another cloud"),
        (7000218, "client_bug", "check the proxy on the way"),
        (90002, "", "microsoft_tenant_id and microsoft_cloud"),
        (7000222, "", "microsoft_automation_client_secret"),
        (700038, "", "microsoft_client_id"),
        (65001, "policy_denial", "https://login.microsoftonline.com/error?code=65001 tells more"),
        (123456, "", "https://login.microsoftonline.com/error?code=123456 tells more"),
        (None, "transient", "run again in some minutes"),
        (700016, "client_bug", "microsoft_tenant_id"),
    ],
)
def test_a_refused_sign_in_says_what_to_do_by_its_code(code: int | None, kind: str, part: str) -> None:
    assert part in sign_in_advice(code, kind)


def test_a_refusal_without_a_number_means_the_tenant_only_where_the_path_is_unknown() -> None:
    assert sign_in_advice(None, "client_bug", 404) == advice("unknown_tenant")
    assert sign_in_advice(None, "client_bug", 400) == advice("client_bug")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (
            401,
            graph_error("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
            "token_expired",
        ),
        (401, graph_error("InvalidAuthenticationToken", "Access token is empty."), "token_missing"),
        (401, graph_error("SomethingNew", "who knows"), "token_invalid"),
        (401, None, "token_invalid"),
        (
            403,
            graph_error("ErrorAccessDenied", "Access is denied. Check credentials and try again."),
            "missing_consent",
        ),
        (403, graph_error("ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked"), "policy_denied"),
        (403, graph_error("ErrorAccessDenied", "Access to OData is disabled."), "policy_denied"),
        (403, graph_error("SomethingNew"), "missing_consent"),
        (403, None, "forbidden"),
        (403, "proxy says no", "forbidden"),
        (404, graph_error("Request_ResourceNotFound"), "not_found"),
        (404, graph_error("MailboxNotSupportedForRESTAPI"), "mailbox_not_found"),
        (404, None, "not_found"),
        (
            400,
            graph_error("Request_BadRequest", "Permission being assigned already exists on the object."),
            "already_done",
        ),
        (400, graph_error("Request_BadRequest", "Not a valid reference update."), "replication_lag"),
        (400, graph_error("CredentialTypeNotAllowedAsPerAppPolicy"), "policy_denied"),
        (400, graph_error("", ""), "client_bug"),
        (409, graph_error("Request_MultipleObjectsWithSameKeyValue"), "conflict_refetch"),
        (429, "<html>", "throttled"),
        (500, None, "transient"),
        (503, graph_error("serviceNotAvailable"), "transient"),
        (418, None, "client_bug"),
        (None, None, "unreachable"),
        (200, {"value": [{"error": {"responseCode": "x"}}]}, "schedule_error"),
        (200, [], "malformed"),
    ],
)
def test_status_and_code_give_the_kind(status: int | None, body: Any, kind: str) -> None:
    assert classify(status, body) == kind


@pytest.mark.parametrize("target", ["api.preAuthorizedApplications.delegatedPermissionIds", "signInAudience"])
def test_an_invalid_value_is_a_lag_for_one_target_only(target: str) -> None:
    body = graph_error("Request_BadRequest", "m", details=[{"code": "InvalidValue", "message": "m", "target": target}])
    assert classify(400, body) == ("replication_lag" if target.startswith("api.") else "client_bug")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("invalid_client", "bad_credential"),
        ("unauthorized_client", "unknown_application"),
        ("invalid_grant", "policy_denial"),
        ("invalid_tenant", "unknown_tenant"),
        ("temporarily_unavailable", "transient"),
        ("invalid_scope", "client_bug"),
        ("something_new", "client_bug"),
    ],
)
def test_where_the_code_is_unknown_the_standards_value_decides(error: str, kind: str) -> None:
    body = {"error": error, "error_description": "AADSTS99999999: A sentence of the future.", "error_codes": [99999999]}
    assert sign_in_kind(400, body) == kind


@pytest.mark.parametrize("separator", [" ", "\r\n"])
def test_the_sentence_ends_before_the_trace_numbers(separator: str) -> None:
    numbers = separator.join(("Trace ID: 9a8b", "Correlation ID: 0f1e", "Timestamp: 2026-09-01 10:00:00Z"))
    body = {"error": "invalid_client", "error_description": f"AADSTS7000215: Invalid.{separator}{numbers}"}
    assert sign_in_words(body) == "AADSTS7000215: Invalid."
    assert sign_in_code(body) == 7000215


@pytest.mark.parametrize(
    ("secret", "is_id"),
    [
        ("9f4c1d2e-aaaa-4bbb-8ccc-0123456789AB", True),
        (" 9f4c1d2e-aaaa-4bbb-8ccc-0123456789ab\n", True),
        ("fak8Q~Secret.Value-0123456789abcdef", False),
        ("9f4c1d2e-aaaa-4bbb-8ccc-0123456789ab~x", False),
        ("", False),
        (None, False),
    ],
)
def test_a_secret_id_has_the_form_of_a_guid(secret: str | None, is_id: bool) -> None:
    assert looks_like_a_secret_id(secret) is is_id


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("refused", "unreachable"),
        ("tls", "unreachable"),
        ("url", "unreachable"),
        ("timeout", "transient"),
        ("dropped", "transient"),
        ("content", "malformed"),
        ("redirect", "malformed"),
    ],
)
def test_what_no_server_answered_has_a_kind_too(reason: str, kind: str) -> None:
    assert kind_of(http_error(None, None, reason)) == kind


# -- three causes of a 403 -------------------------------------------------------------------------------------------

DENIED = graph_error("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
BY_POLICY = graph_error("ErrorAccessDenied", "Access to OData is disabled.")
NEEDED = {"Calendars.Read", "Calendars.ReadWrite"}


@pytest.mark.parametrize(
    ("body", "held", "assigned", "cause"),
    [
        (DENIED, set(), None, "role_not_granted"),
        (DENIED, {"User.Read.All"}, {"User.Read.All"}, "role_not_granted"),
        (DENIED, {"User.Read.All"}, {"Calendars.ReadWrite"}, "token_older_than_grant"),
        (BY_POLICY, {"Calendars.ReadWrite"}, {"Calendars.ReadWrite"}, "policy_denied"),
        (DENIED, {"Calendars.ReadWrite"}, {"Calendars.ReadWrite"}, "unexplained"),
    ],
)
def test_the_causes_of_a_403_are_told_apart(body: Any, held: set[str], assigned: set[str] | None, cause: str) -> None:
    assert cause_of_403(http_error(403, body), NEEDED, held, assigned) == cause


# -- as people read it -----------------------------------------------------------------------------------------------


def test_an_error_is_one_line_with_what_to_do() -> None:
    error = http_error(
        400, graph_error("CredentialInvalidLifetimeAsPerAppPolicy", "Credential lifetime exceeds the max.")
    )
    error.request_id = "5e6f"
    entry = {"subject": "secret PlaceOS (Ansible)", **describe(error)}
    assert line(entry) == (
        "secret PlaceOS (Ansible): GET https://graph.example/v1.0/x answered 400: CredentialInvalidLifetimeAsPerAppPolicy: "
        f"Credential lifetime exceeds the max [request id 5e6f]. {advice('policy_denied')}"
    )


def test_the_field_that_graph_names_is_told() -> None:
    error = http_error(400, graph_error("Request_BadRequest", "Bad."))
    error.details = [{"code": "InvalidValue", "target": "signInAudience"}]
    assert ": signInAudience: Request_BadRequest: Bad. " in line(describe(error))


def test_no_advice_speaks_of_placeos_options() -> None:
    assert not [kind for kind, text in ADVICE.items() if "placeos_" in text]


# -- Graph's words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"code": "c", "message": "m"}, "c: m"),
        ({"code": "c", "message": ""}, "c"),
        ({"code": "", "message": "m"}, "m"),
        ({"code": None, "message": None}, "(no words)"),
        ({}, "(no words)"),
        ({"code": "same", "message": "same"}, "same"),
        ({"code": "c", "message": "two\r\nlines"}, "c: two lines"),
        ({"code": "UnknownError", "message": '{"code":"i","message":"n"}'}, "i: n"),
        ({"code": "UnknownError", "message": '{"error":{"code":"i","message":"n"}}'}, "i: n"),
        ({"code": "c", "message": '{"cut": '}, 'c: {"cut":'),
        ({"code": 5, "message": ["x"]}, "5"),
    ],
)
def test_graphs_words_are_code_and_message(error: dict[str, Any], said: str) -> None:
    assert words({"error": error}, []) == said


def test_the_inner_error_may_be_spelt_either_way() -> None:
    for spelling in ("innerError", "innererror"):
        said = graph_words({"error": {"code": "c", "message": "m", spelling: {"request-id": "r"}}})
        assert said is not None
        assert said.request_id == "r"


def test_errors_of_placeos_and_oauth_keep_their_words() -> None:
    assert graph_words({"error": "not found"}) is None
    assert words({"error": "invalid_grant", "error_description": "Bad"}, []) == "invalid_grant: Bad"
    assert words({"message": "m", "error": "m"}, []) == "m"
