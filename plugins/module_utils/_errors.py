# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as people and later tasks read them: object, field, URL, status, the server's words, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._apply import Outcome
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._plan import Kind

SHOWN_ERRORS = 20
"""Failed objects listed in the message; the result's ``errors`` has all of them."""

_HINTS = {
    401: "The key or token is unknown, expired, or belongs to another domain than the host of the URL: check "
    "placeos_api_key (or placeos_token), and placeos_host_header if the URL is not the domain under which the client signs in.",
    403: "The credential's user lacks the right: configuration needs an administrator, and a key the scope public.",
    404: "If this happens for every object, the URL is not that of a PlaceOS server, or platform (placeos_platform) "
    "names the other platform.",
    406: "The server refuses the value; correct the named field in the inventory.",
    409: "Another client keeps writing this object; run again.",
    413: "The object is too large for the server or the proxy before it.",
    422: "The server refuses the value; correct the named field in the inventory.",
    429: "The server limits requests; lower max_workers or raise retry_deadline.",
    500: "The server failed without saying why; its logs (rest-api and core, or engine) have more.",
    502: "The proxy reaches no server; see whether the PlaceOS services are up.",
    503: "The service is not available; see whether the PlaceOS services are up.",
    504: "The server did not answer its proxy in time; see the logs of rest-api.",
}


def describe(error: HttpError) -> dict[str, Any]:
    """A failed request as a result entry: method, URL, status, the server's words, what to do."""
    hint = error.hint or _HINTS.get(error.status or 0, "")
    if error.status == 401 and "authority" in error.words:
        hint = (
            "The server serves no client under this host name: give the domain under which the client signs in as "
            "the URL, or as host_header (placeos_host_header)."
        )
    entry: dict[str, Any] = {
        "method": error.method,
        "url": error.url,
        "status": error.status,
        "message": error.words,
        "hint": hint,
    }
    fields = [str(failure["field"]) for failure in error.failures if failure.get("field")]
    if fields:
        entry["field"] = ", ".join(dict.fromkeys(fields))
    if error.request_id:
        entry["request_id"] = error.request_id
    return entry


def line(entry: Mapping[str, Any]) -> str:
    """One error as one readable line."""
    subject = f"{entry['kind']} {entry['name']}: " if entry.get("name") else ""
    if entry.get("kind") and entry.get("name") == "purge":
        subject = "purge "
    field = f"{entry['field']}: " if entry.get("field") and entry["field"] not in entry["message"] else ""
    request = ""
    if entry.get("url"):
        status = f" answered {entry['status']}" if entry.get("status") else " failed"
        request = f"{entry['method']} {entry['url']}{status}: "
    identifier = f" [request id {entry['request_id']}]" if entry.get("request_id") else ""
    hint = f" {entry['hint']}" if entry.get("hint") else ""
    message = entry["message"].rstrip(".") if hint else entry["message"]
    return f"{subject}{request}{field}{message}{identifier}{'.' if hint else ''}{hint}"


def summary(kind: Kind, errors: list[dict[str, Any]], outcomes: list[Outcome]) -> str:
    """The message of a failed task: what failed, line by line, and what was done all the same."""
    lines = [f"- {line(entry)}" for entry in errors[:SHOWN_ERRORS]]
    if len(errors) > SHOWN_ERRORS:
        lines.append(f"- … and {len(errors) - SHOWN_ERRORS} more in the result's errors")
    if not outcomes:
        head = f"{len(errors)} fault{'s' if len(errors) > 1 else ''} in the {kind.plural}; nothing was written"
    else:
        done = sum(1 for outcome in outcomes if outcome.error is None)
        head = f"{len(errors)} of {len(outcomes)} {kind.plural} failed; all others ({done}) are as desired"
    return "\n".join([head, *lines])
