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
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import getproxies

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
except ImportError as error:  # reported by _module.py as a missing library, with the install command
    REQUESTS_IMPORT_ERROR: ImportError | None = error
else:
    REQUESTS_IMPORT_ERROR = None

from ansible_collections.placeos.office365.plugins.module_utils import _proxies
from ansible_collections.placeos.office365.plugins.module_utils._http_words import failures, graph_words, words
from ansible_collections.placeos.office365.plugins.module_utils._masking import Secrets

PASSING_STATUSES = frozenset({429, 502, 503, 504})
"""Statuses by which a server or the proxy before it says: not now."""

FIRST_CONTACT = 5.0
"""Seconds after which a server that has not answered anything yet is given up: its address is wrong, or it is off."""

NOT_CARRIED_OUT = frozenset({429})
"""Statuses after which even a create may simply be sent again. A proxy's 502-504 says nothing about the server."""


_PAGE = "an HTML page"
_SECRET_FIELDS = frozenset({"client_secret", "client_assertion", "password"})


@dataclass(frozen=True)
class Hints:
    """What to do about failures that have nothing to do with what was asked for; each server has its own options.

    tls: its certificate is not trusted; lost: a write may have been carried out; content: it answered, but not with JSON;
    refused: nobody is there; silent: nothing came back while connecting; slow: nothing came back after that.
    """

    tls: str = (
        "If the server has a private or self-signed certificate, give its CA with ca_path (placeos_ca_path); "
        "do not switch verification off for good."
    )
    lost: str = "Run again: what was done is found, nothing is made twice."
    content: str = "Is this the URL of the server itself, without a path, and not of a portal or login page before it?"
    refused: str = "Check the host name and port of the URL, and that the server is up."
    silent: str = "Check the URL, the network and firewalls between the control node and the server."
    slow: str = "The server is slow or hangs; look at its logs, or raise timeout."


@dataclass
class HttpError(Exception):
    """A request that did not lead to a usable answer.

    reason: url, refused, tls, timeout, dropped, redirect, status, or content (an answer of the wrong kind).
    maybe_done: the server may have carried out the request although no good answer arrived.
    words: the server's own words, or the network's; hint: what to do about it; retry_after: seconds the server asks for;
    graph_code, details: error.code and error.details of Microsoft Graph ({code, message, target} each).
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
    graph_code: str = ""
    details: list[dict[str, str]] = field(default_factory=list)

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
    hints: Hints = field(default_factory=Hints)


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
        self.session = self._new_session()

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
        adapter: Any = HTTPAdapter(pool_connections=1, pool_maxsize=self.options.pool_size, max_retries=0)
        if _proxies.unusable(self.options.base_url, session.proxies):
            adapter = _proxies.Refusing()
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
        repeatable: bool = False,
    ) -> Response:
        """Send one request and return its good (2xx) answer; raises HttpError for everything else.

        final: statuses that are an answer of this call, not a passing state of the server, so never retried.
        repeatable: this call changes nothing although it is a POST, so it is repeated like a read.
        """
        url = self.url(path, query)
        started, waited = time.monotonic(), 0.0
        deadline = self.options.retry_deadline
        attempt, renewed = 0, False
        while True:
            used = dict(self._headers)
            try:
                return self._once(method, url, body, {**used, **(headers or {})})
            except HttpError as error:
                error.maybe_done = error.maybe_done and not repeatable
                if error.status == 401 and self._renew is not None and not renewed:
                    renewed = True
                    self._headers.update(self._renew(used))
                    continue
                wait = self._pause(error, attempt, final)
                if error.reason == "refused" and not self._answered:
                    deadline = min(deadline, FIRST_CONTACT)
                if wait is None or max(time.monotonic() - started, waited) + wait > deadline:
                    raise
                attempt += 1
                waited += wait
                self._sleep(wait)

    def _pause(self, error: HttpError, attempt: int, final: Collection[int]) -> float | None:
        """Seconds until the request may be sent again, more than none, or None if it must not be."""
        if error.status in final or error.reason in ("url", "tls", "redirect", "content"):
            return None
        if error.reason == "status" and error.status not in PASSING_STATUSES:
            return None
        if error.method != "GET" and error.maybe_done:
            return None
        if error.retry_after:
            return error.retry_after
        # Full jitter, so that the threads of a pool do not come back together.
        return random.uniform(0.1, min(8.0, 0.5 * 2**attempt))

    def _once(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        content = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **headers} if content is not None else dict(headers)
        try:
            answer = self.session.request(
                method, url, data=content, headers=sent, timeout=self.options.timeout, allow_redirects=False
            )
        except requests.exceptions.RequestException as error:
            raise network_error(method, url, error, self.options) from error
        self._answered = True
        return _checked(method, url, answer, self.options.hints)


def seconds(value: Any) -> float | None:
    """The seconds of a Retry-After header, which may also be a date (RFC 9110, 10.2.3)."""
    try:
        given = float(value)
    except (TypeError, ValueError):
        pass
    else:
        return max(0.0, given) if given < float("inf") else None
    try:
        return max(0.0, parsedate_to_datetime(str(value)).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def network_error(method: str, url: str, error: Exception, options: HttpOptions) -> HttpError:
    """Tell apart what surely did not reach the server from what may have been carried out."""
    timeout = options.timeout
    cause = getattr(error.args[0], "reason", error.args[0]) if error.args else error
    if isinstance(error, requests.exceptions.SSLError):
        return HttpError(
            "tls", method, url, f"TLS failed: {_innermost(error)}",
            hint=options.hints.tls,
        )  # fmt: skip
    if isinstance(error, requests.exceptions.ProxyError):
        return HttpError(
            "refused", method, url, f"the proxy does not answer: {_innermost(error)}",
            hint="Look at the http_proxy, https_proxy and no_proxy variables of the control node.",
        )  # fmt: skip
    if isinstance(cause, NewConnectionError):
        return HttpError(
            "refused", method, url, f"no connection: {_innermost(error)}",
            hint=options.hints.refused,
        )  # fmt: skip
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(cause, ConnectTimeoutError):
        return HttpError(
            "refused", method, url, f"no connection within {timeout:g} seconds",
            hint=options.hints.silent,
        )  # fmt: skip
    if isinstance(error, requests.exceptions.Timeout):
        return HttpError(
            "timeout", method, url, f"no answer within {timeout:g} seconds", maybe_done=method != "GET",
            hint=options.hints.slow,
        )  # fmt: skip
    if isinstance(error, requests.exceptions.InvalidHeader):
        # The library's own words show the value, which is a credential.
        return HttpError(
            "url", method, url, "a header cannot be sent: its value begins with a blank or has a line break",
            hint="Look at the key or token, and at the host header.",
        )  # fmt: skip
    if isinstance(error, requests.exceptions.InvalidProxyURL):
        return HttpError("url", method, url, _proxies.WORDS, hint=_proxies.HINT)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return HttpError("url", method, url, str(error), hint="Give the URL as https://host[:port].")
    return HttpError(
        "dropped", method, url, f"the connection broke before the answer arrived: {_innermost(error)}",
        maybe_done=method != "GET", hint=options.hints.lost,
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


def _checked(method: str, url: str, answer: requests.Response, hints: Hints) -> Response:
    """Turn an answer into data or an HttpError."""
    status = answer.status_code
    if 300 <= status < 400:
        target = urlsplit(answer.headers.get("Location", ""))
        where = f"{target.scheme}://{target.netloc}" if target.netloc else answer.headers.get("Location", "nowhere")
        raise HttpError(
            "redirect", method, url, f"the server redirects to {where}", status,
            hint=f"Redirects are not followed, since they lose the request; use {where} as the URL.",
        )  # fmt: skip
    data, other = content_of(answer)
    if 200 <= status < 300:
        if other:
            raise HttpError(
                "content", method, url, f"expected JSON, got {other}", status, maybe_done=method != "GET",
                hint=hints.content,
            )  # fmt: skip
        return Response(status, answer.headers, data)
    refused = failures(data)
    graph = graph_words(data)
    raise HttpError(
        "status", method, url, words(data, refused) or other or f"(no words) {answer.reason or ''}".strip(), status,
        maybe_done=method != "GET" and status in PASSING_STATUSES - NOT_CARRIED_OUT,
        failures=refused,
        # The second spelling is Microsoft's.
        request_id=answer.headers.get("X-Request-ID") or answer.headers.get("request-id"), data=data,
        # PlaceOS never answers with a page; a proxy before it does, when it is down.
        hint=hints.content if other.startswith(_PAGE) and status not in PASSING_STATUSES else "",
        retry_after=seconds(answer.headers.get("Retry-After")),
        graph_code=graph.code if graph else "", details=graph.details if graph else [],
    )  # fmt: skip


def parsed(content: bytes) -> Any:
    """The value of a JSON text; raises ValueError or RecursionError where there is none.

    Half a surrogate pair (RFC 8259, 8.2) becomes a question mark: it could be sent nowhere and shown nowhere.
    """
    value = json.loads(content)
    if b"\\ud" in content.lower() or b"\xed" in content:
        value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    return value


def _without_credentials(answer: requests.Response) -> str:
    """The text of an answer without the credentials of its request: a part of one, cut off, would be hidden by nobody."""
    sent = answer.request
    secrets = Secrets(sent.headers.get(name, "").split(" ")[-1] for name in ("Authorization", "X-API-Key"))
    form = sent.body if "urlencoded" in sent.headers.get("Content-Type", "") else None
    if isinstance(form, (str, bytes)):
        text = form.decode("utf-8", "replace") if isinstance(form, bytes) else form
        for name, value in parse_qsl(text):
            if name in _SECRET_FIELDS:
                secrets.add(value)
    return secrets.hide(answer.text)


def content_of(answer: requests.Response) -> tuple[Any, str]:
    """(parsed JSON, "") or (None, a short description of what came instead)."""
    text = answer.content
    if not text.strip():
        return None, ""
    try:
        return parsed(text), ""
    except (ValueError, RecursionError):
        pass
    # Exchange's admin endpoint refuses with a body of NUL characters: that is no text either.
    said = _without_credentials(answer)[:4000]
    shown = "".join(character for character in said if character.isprintable() or character.isspace())
    if not shown.strip():
        return None, "" if answer.status_code >= 300 else "no text"
    if "<html" in shown.lower():
        title = re.search(r"<title>(.*?)</title>", shown, re.IGNORECASE | re.DOTALL)
        return None, _PAGE + (f" titled {' '.join(title.group(1).split())!r}" if title else "")
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    if kind.startswith("text/plain") and answer.status_code < 300:
        # PlaceOS answers some actions with a plain OK.
        return shown, ""
    return None, " ".join(shown.split())[:300]
