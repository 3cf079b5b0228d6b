# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals of Microsoft's sign-in, Graph and Exchange as kinds to decide by, and as advice to people.

Messages are for people, codes may change (Graph documentation, concepts/errors; Entra, reference-error-codes): a kind
comes from status and code where they tell, from the few sentences that other clients also rely on where they do not,
and there is always one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._http_words import GraphWords, graph_words
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.advice import advice
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.errors import sign_in_kind

MISSING_CONSENT = "missing_consent"
POLICY_DENIED = "policy_denied"
MAILBOX_NOT_FOUND = "mailbox_not_found"
NOT_FOUND = "not_found"
REPLICATION_LAG = "replication_lag"
CONFLICT_REFETCH = "conflict_refetch"
ALREADY_DONE = "already_done"
THROTTLED = "throttled"
TRANSIENT = "transient"
CLIENT_BUG = "client_bug"
FORBIDDEN = "forbidden"
UNREACHABLE = "unreachable"
MALFORMED = "malformed"

POLICY_WORDS = ("odata is disabled", "[raop]", "accesspolicy")
"""Parts of what Exchange says when an application access policy denies: the documented sentence and today's."""

_MAILBOX_CODES = frozenset(
    {
        "MailboxNotEnabledForRESTAPI",
        "MailboxNotSupportedForRESTAPI",
        "ErrorInvalidUser",
        "ErrorNonExistentMailbox",
        "ErrorMailboxMoveInProgress",
    }
)
_DONE_WORDS = ("already exists on the object", "object references already exist", "no credentials found to be removed")
_LAG_WORDS = ("not a valid reference update",)
_LAG_TARGET = "api.preAuthorizedApplications.delegatedPermissionIds"


def classify(status: int | None, body: Any, *, after_write: bool = False) -> str:
    """The kind of an answer, from its status and parsed body; never raises.

    after_write: right after a write of one's own, where a directory object that is not found is not there yet.
    """
    if isinstance(body, dict) and isinstance(body.get("error"), str):
        return sign_in_kind(status, body)
    said = graph_words(body)
    if status is None:
        return UNREACHABLE
    if 200 <= status < 300:
        return "schedule_error" if _schedule_errors(body) else MALFORMED
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return TRANSIENT
    if said is None:
        return _PLAIN.get(status, CLIENT_BUG)
    decide = {400: _bad_request, 401: _unauthorised, 403: _forbidden}.get(status)
    if decide:
        return decide(said)
    if status == 404:
        return _missing(said, after_write=after_write)
    return CLIENT_BUG


_BY_STATUS: Mapping[int, str] = {
    408: TRANSIENT,
    409: CONFLICT_REFETCH,
    412: CONFLICT_REFETCH,
    424: "dependency_failed",
    429: THROTTLED,
    501: CLIENT_BUG,
}
_PLAIN: Mapping[int, str] = {401: "token_invalid", 403: FORBIDDEN, 404: NOT_FOUND}
"""Without Graph's error it may be a proxy that answered."""


def _unauthorised(said: GraphWords) -> str:
    message = said.message.lower()
    if "audience" in message:
        return CLIENT_BUG
    if "token is empty" in message:
        return "token_missing"
    if "expired" in message or "lifetime validation" in message:
        return "token_expired"
    return "token_invalid"


def _forbidden(said: GraphWords) -> str:
    message = said.message.lower()
    if any(part in message for part in POLICY_WORDS) or said.code.endswith("AsPerAppPolicy"):
        return POLICY_DENIED
    return MISSING_CONSENT


def _missing(said: GraphWords, *, after_write: bool) -> str:
    if said.code in _MAILBOX_CODES:
        return MAILBOX_NOT_FOUND
    if said.code == "Directory_ObjectNotFound" or (after_write and said.code == "Request_ResourceNotFound"):
        return REPLICATION_LAG
    return NOT_FOUND


def _bad_request(said: GraphWords) -> str:
    message = said.message.lower()
    if said.code.endswith("AsPerAppPolicy"):
        return POLICY_DENIED
    for detail in said.details:
        if detail.get("code") == "NoBackingApplicationObject":
            return REPLICATION_LAG
        if detail.get("code") == "InvalidValue" and detail.get("target") == _LAG_TARGET:
            return REPLICATION_LAG
    if any(part in message for part in _LAG_WORDS):
        return REPLICATION_LAG
    if any(part in message for part in _DONE_WORDS):
        return ALREADY_DONE
    return CLIENT_BUG


def _schedule_errors(body: Any) -> list[Any]:
    entries = body.get("value") if isinstance(body, dict) else None
    return [e for e in entries if isinstance(e, dict) and e.get("error")] if isinstance(entries, list) else []


def kind_of(error: HttpError, *, after_write: bool = False) -> str:
    """The kind of a failed request, including those that no Microsoft server answered."""
    if error.reason == "status":
        return classify(error.status, error.data, after_write=after_write)
    if error.unreachable:
        return UNREACHABLE
    return TRANSIENT if error.reason in ("timeout", "dropped") else MALFORMED


def cause_of_403(
    error: HttpError, needed: Collection[str], held: Collection[str], assigned: Collection[str] | None = None
) -> str:
    """Which of the three causes a 403 has: role_not_granted, policy_denied or token_older_than_grant.

    needed: any one of these permissions suffices; held: the roles of the token; assigned: those that the directory
    shows as granted, where it may be read. A denial that fits none is unexplained: with RBAC for Applications, where
    the roles are not in the token, that is what a mailbox outside the scope looks like.
    """
    if kind_of(error) == POLICY_DENIED:
        return POLICY_DENIED
    if set(needed) & set(held):
        return "unexplained"
    if assigned is not None and set(needed) & set(assigned):
        return "token_older_than_grant"
    return "role_not_granted"


def describe(error: HttpError, *, kind: str | None = None) -> dict[str, Any]:
    """A failed request as a result entry: kind, method, URL, status, the server's words, what to do."""
    found = kind or kind_of(error)
    entry: dict[str, Any] = {
        "kind": found,
        "method": error.method,
        "url": error.url,
        "status": error.status,
        "code": error.graph_code,
        "message": error.words,
        "hint": error.hint or advice(found),
    }
    targets = [detail["target"] for detail in error.details if detail.get("target")]
    if targets:
        entry["field"] = ", ".join(dict.fromkeys(targets))
    if error.request_id:
        entry["request_id"] = error.request_id
    return entry


def line(entry: Mapping[str, Any]) -> str:
    """One error as one readable line."""
    subject = f"{entry['subject']}: " if entry.get("subject") else ""
    request = ""
    if entry.get("url"):
        status = f" answered {entry['status']}" if entry.get("status") else " failed"
        request = f"{entry.get('method', '')} {entry['url']}{status}: ".lstrip()
    field = f"{entry['field']}: " if entry.get("field") and entry["field"] not in entry["message"] else ""
    identifier = f" [request id {entry['request_id']}]" if entry.get("request_id") else ""
    hint = f" {entry['hint']}" if entry.get("hint") else ""
    message = str(entry["message"]).rstrip(".") if hint else str(entry["message"])
    return f"{subject}{request}{field}{message}{identifier}{'.' if hint else ''}{hint}"
