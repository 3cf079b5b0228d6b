# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake transport below requests that knows an exact, ordered list of exchanges, and a way to run a module on it.

Any request that is not the next one expected, and any expected one that is not sent, fails the test. Objects have the
shapes that PlaceOS rest-api of August 2026 was recorded with; those of tenants are read from its source.
"""

from __future__ import annotations

import io
import json
import tempfile
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import requests
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

URL = "https://acme.placeos.example"
API_KEY = "fake-api-key-of-an-administrator"
API = "/api/engine/v2"
STAFF_API = "/api/staff/v1"
ALL = "limit=10000"
NO_BODY = object()
ANY_BODY = object()


@dataclass
class Exchange:
    """One expected request and its answer."""

    method: str
    target: str
    status: int
    answer: Any
    body: Any
    headers: Mapping[str, str]


@dataclass
class FakePlaceOS:
    """The expected exchanges, in order, and what was really sent."""

    expected: list[Exchange] = field(default_factory=list)
    sent: list[requests.PreparedRequest] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def expect(
        self,
        method: str,
        target: str,
        answer: Any = None,
        *,
        body: Any = NO_BODY,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Expect this request next; target is the path with its query, body and answer are parsed JSON."""
        self.expected.append(Exchange(method, target, status, answer, body, headers or {}))

    def any_body_once(self, method: str, target: str, answer: Any) -> None:
        """Expect this request with a body that the test looks at afterwards (it holds a random salt)."""
        self.expect(method, target, answer, body=ANY_BODY)

    def last_body(self) -> Any:
        """What was sent last."""
        return _body(self.sent[-1])

    def expect_list(self, target: str, *rows: Any) -> None:
        """Expect the one request that reads all objects of a kind."""
        path = target if "?" in target else f"{target}?{ALL}"
        self.expect("GET", path, list(rows), headers={"X-Total-Count": str(len(rows))})

    def answer(self, request: requests.PreparedRequest) -> requests.Response:
        """Compare a request with the next expected one; what differs is a fault, told at the end of the run."""
        self.sent.append(request)
        was = f"{request.method} {_target(request.url or '')} {_body(request)!r}"
        if not self.expected:
            self.faults.append(f"unexpected request: {was}")
            raise AssertionError(self.faults[-1])
        exchange = self.expected.pop(0)
        wanted_body = None if exchange.body is NO_BODY else exchange.body
        if exchange.body is ANY_BODY:
            wanted_body = _body(request)
        same = (request.method, _parts(request.url or ""), _body(request)) == (
            exchange.method,
            _parts(exchange.target),
            wanted_body,
        )
        if not same:
            self.faults.append(f"expected {exchange.method} {exchange.target} {wanted_body!r}\n     got {was}")
            raise AssertionError(self.faults[-1])
        return _response(request, exchange)

    def done(self) -> None:
        """Nothing was wrong and nothing is left."""
        assert not self.faults, "\n".join(self.faults)
        assert not self.expected, f"not sent: {[f'{e.method} {e.target}' for e in self.expected]}"


class FakeAdapter(requests.adapters.HTTPAdapter):
    """Takes the place of the adapter that would open connections."""

    server: FakePlaceOS

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        return self.server.answer(request)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _parts(url: str) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(url)
    return parts.path, parse_qs(parts.query, keep_blank_values=True)


def _body(request: requests.PreparedRequest) -> Any:
    return None if request.body is None else json.loads(request.body)


def _response(request: requests.PreparedRequest, exchange: Exchange) -> requests.Response:
    response = requests.Response()
    response.status_code = exchange.status
    response.reason = HTTPStatus(exchange.status).phrase
    response.url = request.url or ""
    response.request = request
    response.headers.update({"Content-Type": "application/json", **exchange.headers})
    content = b"" if exchange.answer is None else json.dumps(exchange.answer).encode()
    response.raw = io.BytesIO(content)
    response._content = content
    return response


# -- running ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    """What a run of a module left: its result, and everything that it printed."""

    result: dict[str, Any]
    printed: str
    warnings: tuple[str, ...]

    @property
    def changes(self) -> dict[str, list[str]]:
        """The lists of changes that are not empty."""
        return {verb: names for verb, names in self.result["changes"].items() if names}

    @property
    def diff(self) -> list[tuple[str, Any, Any]]:
        """The diff as (header, before, after)."""
        return [(entry["after_header"], entry["before"], entry["after"]) for entry in self.result["diff"]]

    def no_warnings(self) -> Ran:
        """The run had nothing to warn about."""
        assert self.warnings == ()
        return self


CONNECTION: dict[str, Any] = {"url": URL, "api_key": API_KEY, "index_lag": 0, "max_workers": 1}


def run(
    main: Callable[[], None],
    arguments: Mapping[str, Any],
    read_printed: Callable[[], str],
    *,
    check: bool = False,
    diff: bool = True,
    connection: Mapping[str, Any] | None = None,
) -> Ran:
    """Run a module as Ansible does; returns its result."""
    given = {**(CONNECTION if connection is None else connection), **arguments}
    given |= {
        "_ansible_check_mode": check,
        "_ansible_diff": diff,
        "_ansible_remote_tmp": tempfile.gettempdir(),
        "_ansible_keep_remote_files": False,
    }
    if "inject_invocation" in PASS_VARS:
        # Newer versions of ansible-core tell the invocation on demand only, as with -vvv.
        given["_ansible_inject_invocation"] = True
    warnings: list[str] = []

    def warn(_module: AnsibleModule, warning: str, **_more: Any) -> None:
        # Their way into the result depends on whether the process has loaded parts of the controller.
        warnings.append(warning)

    with patch_module_args(given), mock.patch.object(AnsibleModule, "warn", warn):
        try:
            main()
        except SystemExit:
            printed = read_printed()
            return Ran(json.loads(printed), printed, tuple(warnings))
    raise AssertionError("the module ended without a result")


# -- recorded shapes -------------------------------------------------------------------------------------------------

_TIMES = {"created_at": 1795382939, "updated_at": 1795382939}


def _row(defaults: dict[str, Any], identifier: Any, values: dict[str, Any]) -> dict[str, Any]:
    """A stored object; what is None is left out, as the server does."""
    row = {**defaults, **values, "id": identifier}
    return {name: value for name, value in row.items() if value is not None}


def zone(identifier: str, name: str, **values: Any) -> dict[str, Any]:
    defaults = {**_TIMES, "description": "", "tags": [], "count": 0, "capacity": 0, "triggers": [], "images": []}
    return _row({**defaults, "playlists": [], "update_systems": False}, identifier, {"name": name, **values})


def system(identifier: str, name: str, **values: Any) -> dict[str, Any]:
    defaults = {
        **_TIMES, "description": "", "features": [], "bookable": False, "public": False, "capacity": 0,
        "approval": False, "images": [], "security_groups": [], "support_url": "", "camera_snapshot_urls": [],
        "version": 0, "installed_ui_devices": 0, "zones": [], "modules": [], "orientation": "unspecified",
        "playlists": [], "signage": False, "signage_last_seen": 1795364939, "space_config": {}, "update_triggers": False,
    }  # fmt: skip
    return _row(defaults, identifier, {"name": name, **values})


def repository(identifier: str, name: str, **values: Any) -> dict[str, Any]:
    defaults = {
        **_TIMES, "description": "", "folder_name": "drivers", "uri": "https://github.com/placeos/drivers",
        "commit_hash": "HEAD", "branch": "master", "release": False, "repo_type": "driver", "has_runtime_error": False,
    }  # fmt: skip
    return _row(defaults, identifier, {"name": name, **values})


CIPHERTEXT = "\u001b241111d1-ed1a-404c-a489-e55d081c466c|duwL/o1SBSoH5H9+|gWrOrTbDOYCIiPBS8g=="


def driver(identifier: str, name: str, **values: Any) -> dict[str, Any]:
    defaults = {
        **_TIMES, "description": "", "json_schema": "{}", "role": 99, "alert_level": "medium",
        "file_name": "drivers/place/bookings.cr", "commit": "abc1234", "module_name": "Bookings",
        "ignore_connected": False, "update_available": False, "repository_id": "repo-L5-XC4tJha",
    }  # fmt: skip
    return _row(defaults, identifier, {"name": name, **values})


def module(identifier: str, driver_id: str, **values: Any) -> dict[str, Any]:
    defaults = {
        **_TIMES, "ip": "", "port": 0, "tls": False, "udp": False, "makebreak": False, "uri": "", "name": "Bookings",
        "role": 99, "alert_level": "medium", "connected": True, "running": False, "notes": "",
        "ignore_connected": False, "ignore_startstop": False, "has_runtime_error": False, "launch_on_execute": False,
    }  # fmt: skip
    return _row(defaults, identifier, {"driver_id": driver_id, **values})


def settings(identifier: str, parent: str, level: int, text: str, keys: list[str]) -> dict[str, Any]:
    values = {"encryption_level": level, "settings_string": text, "keys": keys, "parent_id": parent}
    return _row({**_TIMES, "modified_by_id": "user-L5-PZocF1t", "parent_type": "driver"}, identifier, values)


def metadata(parent: str, name: str, **values: Any) -> dict[str, Any]:
    defaults = {**_TIMES, "description": "", "details": {}, "editors": [], "modified_by_id": "user-L5-PZocF1t"}
    return {**defaults, "name": name, "parent_id": parent, **values}


def domain(identifier: str, name: str, **values: Any) -> dict[str, Any]:
    defaults = {
        **_TIMES, "description": "", "domain": "acme.placeos.example", "login_url": "/login?continue={{url}}",
        "logout_url": "/auth/logout", "internals": {}, "config": {"default_app": "/backoffice/"}, "email_domains": [],
    }  # fmt: skip
    return _row(defaults, identifier, {"name": name, **values})


def tenant(identifier: int, **values: Any) -> dict[str, Any]:
    defaults = {"name": "Acme", "domain": "acme.placeos.example", "platform": "office365", "delegated": False}
    return _row({**defaults, "booking_limits": {}, "early_checkin": 3600}, identifier, values)
