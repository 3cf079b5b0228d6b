# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever any endpoint of Microsoft 365 answers, a module ends in plain words, and writes nothing after a bad read.

Each job runs once undisturbed, which tells what it asks for; then once for each of these endpoints with each answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from integration.support.app import WANTED, short_pauses
from integration.support.fake_middleman import Asked, FakeMiddleman, Said, ThroughMiddleman
from integration.support.microsoft import Microsoft
from integration.support.modules import Result
from lab import tls

ROOMS, STAFF = "placeos-rooms@acme.example", "placeos-staff@acme.example"
ROOM, SERVICE, CONTROL = "syd-24.01@acme.example", "placeos@acme.example", "dana.marsh@acme.example"
HURRY: dict[str, Any] = {"retry_deadline": 0, "timeout": 10}
HTML = {"Content-Type": "text/html"}
PAGE = b"<!DOCTYPE html><html><head><title>Sign in to the proxy</title></head><body>no</body></html>"

# -- answers -----------------------------------------------------------------------------------------------------------

DEEP = 100_000
WRONG: Mapping[str, Said] = {
    "JSON that ends too early": Said(body=b'{"value": [{"id": "'),
    "a page": Said(body=PAGE, headers=HTML),
    "a page with 500": Said(500, PAGE, HTML),
    "a page with 503": Said(503, PAGE, HTML),
    "a list": Said.json([]),
    "a text": Said.json("value"),
    "an object for a list": Said.json({"value": {}, "responses": {}}),
    "rows that are no objects": Said.json({"value": [1, None, "x", []], "responses": [1, None, "x", []]}),
    "nesting without end": Said(body=b'{"value":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    "deep nesting": Said(body=b'{"value":' + b"[" * 400 + b"]" * 400 + b"}"),
    "bytes that are no text": Said(body=b'{"value": "\xff\xfe\xfa"}'),
    "NUL characters": Said(body=b"\0" * 20),
    "a redirect": Said(302, b"", {"Location": "https://elsewhere.example/"}),
    "429 for ever": Said.json({"error": {"code": "TooManyRequests", "message": "later"}}, 429, Retry_After="3600"),
    "an error of the wrong shape": Said.json({"error": [{"code": 1}], "failures": "x", "error_codes": "y"}, 400),
    "an error with deep nesting": Said(400, b'{"error":' * 400 + b"1" + b"}" * 400),
    "401 for ever": Said.json({"error": {"code": "InvalidAuthenticationToken", "message": "refused"}}, 401),
    "the end of the connection": Said(drop=True),
}
"""None of these can be taken for a good answer."""


def leaves(value: Any, replace: Callable[[str], Any]) -> Any:
    """A document with all its texts, numbers and truth values replaced."""
    if isinstance(value, dict):
        return {name: item if name == "id" and item == "1" else leaves(item, replace) for name, item in value.items()}
    return [leaves(item, replace) for item in value] if isinstance(value, list) else replace(str(value))


def keyless(value: Any, top: bool = True) -> Any:
    """A document whose objects have lost their keys, except the outermost one."""
    if isinstance(value, dict):
        return {name: keyless(item, False) for name, item in value.items()} if top else {}
    return [keyless(item, False) for item in value] if isinstance(value, list) else value


DISTORTED: Mapping[str, Callable[[Any], Any]] = {
    "null for everything": lambda document: leaves(document, lambda _text: None),
    "numbers for texts": lambda document: leaves(document, lambda _text: 7),
    "lists for texts": lambda document: leaves(document, lambda _text: [[]]),
    "objects for texts": lambda document: leaves(document, lambda _text: {"x": {}}),
    "foreign texts": lambda document: leaves(document, lambda text: f"\ud800\n\t{text}'/../{{{{ 1 }}}}"),
    "missing keys": keyless,
    "nothing at all": lambda _document: None,
    "an empty object": lambda _document: {},
    "another kind of content": lambda document: document,
}
"""What the lab says, distorted. Some of it is possible: then the module goes on with what it was told."""


def distorted(middleman: FakeMiddleman, asked: Asked, how: str) -> Said:
    real = middleman.passed_on(asked)
    try:
        document = json.loads(real.body)
    except ValueError:
        return real
    body = b"" if how == "nothing at all" else json.dumps(DISTORTED[how](document)).encode()
    media = "text/plain" if how == "another kind of content" else "application/json"
    return Said(real.status, body, {**real.headers, "Content-Type": media})


# -- jobs --------------------------------------------------------------------------------------------------------------


def scoped_app(microsoft: Microsoft, *permissions: str) -> dict[str, Any]:
    made = microsoft.made_app(name="PlaceOS by roles", permissions=["User.Read.All", *permissions])
    return {"app_id": made["client_id"], "app": {"client_secret": made["client_secret"]}}


ACCESS: dict[str, Any] = {
    "transport": "admin_api",
    "access": [{"group": ROOMS}, {"group": STAFF}],
    "members": [ROOM, SERVICE],
    "allowed_mailboxes": [ROOM, SERVICE],
    "denied_mailboxes": [CONTROL],
    "replication_deadline": 0,
}


def make(microsoft: Microsoft) -> dict[str, Any]:
    return {**WANTED, "secret": {}, "replication_deadline": 20}


def change(microsoft: Microsoft) -> dict[str, Any]:
    app = microsoft.made_app(name=WANTED["name"], permissions=["Mail.Send", "User.Read.All"])
    return {
        "app_id": app["client_id"],
        "permissions": ["User.Read.All", "Place.Read.All"],
        "purge": True,
        "secret": {"key_id": app["key_id"], "renew": "always"},
        "replication_deadline": 20,
    }


def delete(microsoft: Microsoft) -> dict[str, Any]:
    app = microsoft.made_app(name="To be deleted")
    return {"app_id": app["client_id"], "state": "absent", "replication_deadline": 20}


def check(microsoft: Microsoft) -> dict[str, Any]:
    return {
        **microsoft.identity("placeos"),
        "reader": microsoft.identity("automation"),
        "allowed_mailboxes": [ROOM],
        "denied_mailboxes": [CONTROL],
        "fail_on": "never",
    }


def policies(microsoft: Microsoft) -> dict[str, Any]:
    app = scoped_app(microsoft, "Calendars.ReadWrite")
    return {**ACCESS, **app, "kind": "access_policy"}


def roles(microsoft: Microsoft) -> dict[str, Any]:
    scope = {"scope": "PlaceOS", "scope_filter": "RecipientTypeDetails -eq 'RoomMailbox'"}
    return {**ACCESS, **scoped_app(microsoft), "kind": "rbac", "access": [*ACCESS["access"], scope]}


def rooms(microsoft: Microsoft) -> dict[str, Any]:
    microsoft.control("rooms", {"replace": True, "rooms": []})
    microsoft.control("rooms", {"mail": "room-{n}@acme.example", "count": 3, "list": "hq@acme.example"})
    return microsoft.identity("placeos")


JOBS: Mapping[str, tuple[str, Callable[[Microsoft], dict[str, Any]]]] = {
    "an application is made": ("graph_app", make),
    "an application is changed": ("graph_app", change),
    "an application is deleted": ("graph_app", delete),
    "everything is checked": ("graph_app_check", check),
    "policies are made": ("graph_access_policy", policies),
    "roles are given": ("graph_access_policy", roles),
    "rooms are read": ("graph_room_info", rooms),
}

# -- the runs ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def middleman(session_microsoft: Microsoft, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeMiddleman]:
    with FakeMiddleman(session_microsoft, tls.make(tmp_path_factory.mktemp("middleman"))).running() as fake:
        yield fake


@pytest.fixture
def between(
    session_microsoft: Microsoft, middleman: FakeMiddleman, monkeypatch: pytest.MonkeyPatch
) -> ThroughMiddleman:
    short_pauses(monkeypatch)
    return ThroughMiddleman(session_microsoft, middleman)


def run(between: ThroughMiddleman, job: str, rule: Callable[[Asked], Said | None] = lambda _asked: None) -> Result:
    """One run of a job on a tenant in its seed state; what is no clean end of a module is raised here."""
    module, prepare = JOBS[job]
    between.reset()
    options = prepare(between)
    between.middleman.start(rule)
    return between.run(module, **{**HURRY, **options})


def only_at(endpoint: str, answer: Callable[[Asked], Said]) -> Callable[[Asked], Said | None]:
    """A rule for one endpoint; all others answer as they do."""

    def rule(asked: Asked) -> Said | None:
        return answer(asked) if asked.endpoint == endpoint else None

    return rule


KNOWN: dict[str, list[str]] = {}


def endpoints(between: ThroughMiddleman, job: str) -> list[str]:
    """All that a job asks for; found out once."""
    if job not in KNOWN:
        result = run(between, job)
        assert result["failed"] is False, result["msg"]
        KNOWN[job] = between.middleman.endpoints()
    return KNOWN[job]


def readable(result: Result, where: str) -> None:
    """A failure names what was asked for, and says something about it, in words."""
    shown = json.dumps(result)
    assert "Traceback" not in shown, where
    assert "Unhandled" not in shown, where
    assert "object at 0x" not in shown, where
    if result["failed"]:
        assert result["errors"], where
        assert re.search(r"\w{3}", result["msg"]), where
        assert len(result["msg"]) < 4000, where


def told(result: Result) -> str:
    """All that a result says to a person."""
    return json.dumps([result.get("msg"), result.get("findings"), result["warnings"]])


def writes_after(between: ThroughMiddleman, endpoint: str) -> list[str]:
    """The writes that came after the first answer of an endpoint that only reads."""
    asked = between.middleman.asked
    first = next((place for place, one in enumerate(asked) if one.endpoint == endpoint), len(asked))
    if first == len(asked) or asked[first].writes:
        return []
    return [one.endpoint for one in asked[first:] if one.writes]


@pytest.mark.parametrize("answer", WRONG)
@pytest.mark.parametrize("job", JOBS)
def test_an_answer_that_is_none_is_told_with_its_address_and_nothing_is_written_after_it(
    between: ThroughMiddleman, job: str, answer: str
) -> None:
    for endpoint in endpoints(between, job):
        where = f"{job}: {endpoint} answered with {answer}"
        result = run(between, job, only_at(endpoint, lambda _asked: WRONG[answer]))
        readable(result, where)
        assert writes_after(between, endpoint) == [], where
        broken = next(asked for asked in between.middleman.asked if asked.endpoint == endpoint)
        if result["failed"]:
            path = broken.path.partition("?")[0]
            named = broken.cmdlet or f"{broken.method} {between.middleman.url}{path}"
            # A write whose answer does not matter is looked for where it should be seen, and named by what it was.
            unseen = broken.writes and "did not show the change" in result["msg"]
            assert named in result["msg"] or unseen, f"{where}: {result['msg']}"
        elif not broken.writes:
            # It was no answer that the job depends on, but it is not passed over either.
            assert result.get("findings") or result["warnings"], where


@pytest.mark.parametrize("how", DISTORTED)
@pytest.mark.parametrize("job", JOBS)
def test_a_distorted_answer_never_ends_in_a_traceback(between: ThroughMiddleman, job: str, how: str) -> None:
    for endpoint in endpoints(between, job):
        where = f"{job}: {endpoint} answered with {how}"
        result = run(between, job, only_at(endpoint, lambda asked: distorted(between.middleman, asked, how)))
        readable(result, where)
        if result["failed"] and how != "foreign texts":
            # Rows of Exchange in which nothing is recognised are none of ours: then a New- may follow, and takes nothing.
            written = [write for write in writes_after(between, endpoint) if not write.startswith("New-")]
            assert written == [], where
