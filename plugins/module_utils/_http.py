# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One keep-alive HTTP session for all threads of a task: TLS, proxies, time-outs, retries, structured errors.

Reads are repeated while that can help; a write is repeated only where the server surely did not carry it out.
What is left is raised as an HttpError that says whether the request may have been carried out, so that the layers
above can look before they try again.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
except ImportError as error:  # reported by _module.py as a missing library, with the install command
    REQUESTS_IMPORT_ERROR: ImportError | None = error
else:
    REQUESTS_IMPORT_ERROR = None

PASSING_STATUSES = frozenset({429, 502, 503, 504})
"""Statuses by which a server or the proxy before it says: not now."""

FIRST_CONTACT = 5.0
"""Seconds after which a server that has not answered anything yet is given up: its address is wrong, or it is off."""

NOT_CARRIED_OUT = frozenset({429})
"""Statuses after which even a create may simply be sent again. A proxy's 502-504 says nothing about the server."""


_PAGE = "an HTML page"
_NO_API = "Is this the URL of the server itself, without a path, and not of a portal or login page before it?"


@dataclass
class HttpError(Exception):
    """A request that did not lead to a usable answer.

    reason: url, refused, tls, timeout, dropped, redirect, status, or content (an answer of the wrong kind).
    maybe_done: the server may have carried out the request although no good answer arrived.
    words: the server's own words, or the network's; hint: what to do about it; retry_after: seconds the server asks for.
    """

    reason: str
    method: str
    url: str
    words: str
    status: int | None = None
    maybe_done: bool = False
    hint: str = ""
    failures: list[dict[str, str]] = field(default_factory=list)
    request_id: str | None = None
    data: Any = None
    retry_after: float | None = None

    def __str__(self) -> str:
        status = f" -> {self.status}" if self.status is not None else ""
        return f"{self.method} {self.url}{status}: {self.words}"

    @property
    def unreachable(self) -> bool:
        """Would any other request fail the same way?"""
        return self.reason in ("url", "refused", "tls")


@dataclass(frozen=True)
class Response:
    """A good answer: data is the parsed JSON, None for an empty body."""

    status: int
    headers: Mapping[str, str]
    data: Any


@dataclass(frozen=True)
class HttpOptions:
    """How to talk to one server; times in seconds. verify: True, False or the path of a CA bundle."""

    base_url: str
    host_header: str | None = None
    verify: bool | str = True
    timeout: float = 30.0
    retry_deadline: float = 60.0
    pool_size: int = 8
    user_agent: str = "ansible-placeos.office365"


class HttpClient:
    """Sends JSON requests to one server. Safe for use by several threads."""

    def __init__(self, options: HttpOptions, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.options = options
        self._sleep = sleep
        self._headers: dict[str, str] = {"Accept": "application/json", "User-Agent": options.user_agent}
        if options.host_header:
            self._headers["Host"] = options.host_header
        self._renew: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None
        self._answered = False
        self._session = self._new_session()

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        # The environment is read once, here: per request it costs more than the request, and a ~/.netrc entry would
        # silently replace the token.
        session.trust_env = False
        if not requests.utils.should_bypass_proxies(self.options.base_url, no_proxy=None):
            session.proxies = getproxies()
        session.verify = self.options.verify
        if self.options.verify is True:
            session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=self.options.pool_size, max_retries=0)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session

    def authorise(
        self, headers: Mapping[str, str], renew: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None
    ) -> None:
        """Send these credentials with every request; when a 401 comes back, renew turns the refused ones into new ones."""
        self._headers.update(headers)
        self._renew = renew

    def url(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        """The full URL of a path; query values that are None are left out."""
        given = {key: value for key, value in (query or {}).items() if value is not None}
        return self.options.base_url.rstrip("/") + path + ("?" + urlencode(given) if given else "")

    def get(self, path: str, query: Mapping[str, Any] | None = None, *, final: Collection[int] = ()) -> Response:
        """Read; repeated with back-off on lost connections and passing statuses, except those named as final."""
        return self.request("GET", path, query=query, final=final)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        final: Collection[int] = (),
    ) -> Response:
        """Send one request and return its good (2xx) answer; raises HttpError for everything else.

        final: statuses that are an answer of this call, not a passing state of the server, so never retried.
        """
        url = self.url(path, query)
        started = time.monotonic()
        deadline = started + self.options.retry_deadline
        attempt, renewed = 0, False
        while True:
            used = dict(self._headers)
            try:
                return self._once(method, url, body, {**used, **(headers or {})})
            except HttpError as error:
                if error.status == 401 and self._renew is not None and not renewed:
                    renewed = True
                    self._headers.update(self._renew(used))
                    continue
                wait = self._pause(error, attempt, final)
                if error.reason == "refused" and not self._answered:
                    deadline = min(deadline, started + FIRST_CONTACT)
                if wait is None or time.monotonic() + wait > deadline:
                    raise
                attempt += 1
                self._sleep(wait)

    def _pause(self, error: HttpError, attempt: int, final: Collection[int]) -> float | None:
        """Seconds until the request may be sent again, or None if it must not be."""
        if error.status in final or error.reason in ("url", "tls", "redirect", "content"):
            return None
        if error.reason == "status" and error.status not in PASSING_STATUSES:
            return None
        if error.method != "GET" and error.maybe_done:
            return None
        if error.retry_after is not None:
            return error.retry_after
        # Full jitter, so that the threads of a pool do not come back together.
        return random.uniform(0.1, min(8.0, 0.5 * 2**attempt))

    def _once(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        content = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **headers} if content is not None else dict(headers)
        try:
            answer = self._session.request(
                method, url, data=content, headers=sent, timeout=self.options.timeout, allow_redirects=False
            )
        except requests.exceptions.RequestException as error:
            raise _network_error(method, url, error, self.options.timeout) from error
        self._answered = True
        return _checked(method, url, answer)


def _seconds(value: Any) -> float | None:
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError):
        return None


def _network_error(method: str, url: str, error: Exception, timeout: float) -> HttpError:
    """Tell apart what surely did not reach the server from what may have been carried out."""
    cause = getattr(error.args[0], "reason", error.args[0]) if error.args else error
    if isinstance(error, requests.exceptions.SSLError):
        return HttpError(
            "tls", method, url, f"TLS failed: {_innermost(error)}",
            hint="If the server has a private or self-signed certificate, give its CA with ca_path (placeos_ca_path); "
            "do not switch verification off for good.",
        )  # fmt: skip
    if isinstance(error, requests.exceptions.ProxyError):
        return HttpError(
            "refused", method, url, f"the proxy does not answer: {_innermost(error)}",
            hint="Look at the http_proxy, https_proxy and no_proxy variables of the control node.",
        )  # fmt: skip
    if isinstance(cause, NewConnectionError):
        return HttpError(
            "refused", method, url, f"no connection: {_innermost(error)}",
            hint="Check the host name and port of the URL, and that the server is up.",
        )  # fmt: skip
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(cause, ConnectTimeoutError):
        return HttpError(
            "refused", method, url, f"no connection within {timeout:g} seconds",
            hint="Check the URL, the network and firewalls between the control node and the server.",
        )  # fmt: skip
    if isinstance(error, requests.exceptions.Timeout):
        return HttpError(
            "timeout", method, url, f"no answer within {timeout:g} seconds", maybe_done=method != "GET",
            hint="The server is slow or hangs; look at its logs, or raise timeout.",
        )  # fmt: skip
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return HttpError("url", method, url, str(error), hint="Give the URL as https://host[:port].")
    return HttpError(
        "dropped", method, url, f"the connection broke before the answer arrived: {_innermost(error)}",
        maybe_done=method != "GET", hint="Run again: what was done is found, nothing is made twice.",
    )  # fmt: skip


def _innermost(error: BaseException) -> str:
    """The last cause's text: urllib3 wraps it three times over."""
    seen: set[int] = set()
    current: Any = error
    while id(current) not in seen:
        seen.add(id(current))
        inner = getattr(current, "reason", None) or (current.args[-1] if getattr(current, "args", None) else None)
        if not isinstance(inner, BaseException):
            break
        current = inner
    text = re.sub(r"^(<[^>]*object at 0x[0-9a-f]+>|HTTPS?Connection(Pool)?\([^)]*\)):?\s*", "", str(current))
    return text.strip() or type(current).__name__


def _checked(method: str, url: str, answer: requests.Response) -> Response:
    """Turn an answer into data or an HttpError."""
    status = answer.status_code
    if 300 <= status < 400:
        target = urlsplit(answer.headers.get("Location", ""))
        where = f"{target.scheme}://{target.netloc}" if target.netloc else answer.headers.get("Location", "nowhere")
        raise HttpError(
            "redirect", method, url, f"the server redirects to {where}", status,
            hint=f"Redirects are not followed, since they lose the request; use {where} as the URL.",
        )  # fmt: skip
    data, words = _content(answer)
    if 200 <= status < 300:
        if words:
            raise HttpError(
                "content", method, url, f"expected JSON, got {words}", status, maybe_done=method != "GET",
                hint=_NO_API,
            )  # fmt: skip
        return Response(status, answer.headers, data)
    failures = _failures(data)
    raise HttpError(
        "status", method, url, _words(data, failures) or words or f"(no words) {answer.reason or ''}".strip(), status,
        maybe_done=method != "GET" and status in PASSING_STATUSES - NOT_CARRIED_OUT,
        failures=failures,
        request_id=answer.headers.get("X-Request-ID"), data=data,
        # PlaceOS never answers with a page; a proxy before it does, when it is down.
        hint=_NO_API if words.startswith(_PAGE) and status not in PASSING_STATUSES else "",
        retry_after=_seconds(answer.headers.get("Retry-After")),
    )  # fmt: skip


def _content(answer: requests.Response) -> tuple[Any, str]:
    """(parsed JSON, "") or (None, a short description of what came instead)."""
    text = answer.content
    if not text.strip():
        return None, ""
    try:
        return json.loads(text), ""
    except ValueError:
        pass
    shown = answer.text[:4000]
    if "<html" in shown.lower():
        title = re.search(r"<title>(.*?)</title>", shown, re.IGNORECASE | re.DOTALL)
        return None, _PAGE + (f" titled {title.group(1).strip()!r}" if title else "")
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    if kind.startswith("text/plain") and answer.status_code < 300:
        # PlaceOS answers some actions with a plain OK.
        return shown, ""
    return None, shown.strip()[:300]


def _failures(data: Any) -> list[dict[str, str]]:
    """Refused values as {field, reason}: PlaceOS lists them so, ACAEngine (Rails) as {field: [reason, ...]}."""
    if not isinstance(data, dict):
        return []
    if isinstance(data.get("failures"), list):
        return [item for item in data["failures"] if isinstance(item, dict)]
    if data and all(isinstance(reasons, list) for reasons in data.values()):
        return [{"field": name, "reason": str(reason)} for name, reasons in data.items() for reason in reasons]
    return []


def _words(data: Any, failures: list[dict[str, str]]) -> str:
    """What the server said: failures by field first, else its error or message."""
    if failures:
        return "; ".join(f"{item.get('field')} {item.get('reason')}" for item in failures)
    if isinstance(data, dict):
        parts = [str(data[key]) for key in ("message", "error", "error_description") if data.get(key)]
        return ": ".join(dict.fromkeys(parts))
    return str(data) if data else ""
