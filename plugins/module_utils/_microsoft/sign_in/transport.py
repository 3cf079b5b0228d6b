# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP client under msal: our time-outs, TLS and proxies, repeats, and every failure as a TokenError.

msal would take REQUESTS_CA_BUNDLE over our CA, follow redirects with the secret in the body, and turn failures into
exceptions of several kinds, some with the answer inside. So it is given this session, and sees good answers only.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_all

with contextlib.suppress(ImportError):  # reported by frame.py, which asks _http.py
    import requests

from ansible_collections.placeos.office365.plugins.module_utils._http import (
    PASSING_STATUSES,
    HttpClient,
    HttpError,
    HttpOptions,
    content_of,
    network_error,
    seconds,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import SIGN_IN_HOSTS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.errors import (
    sign_in_advice,
    sign_in_code,
    sign_in_kind,
    sign_in_request_id,
    sign_in_words,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError

NOT_ENTRA = f"This is not the answer of Microsoft's sign-in: check {of_all('login_url')}, and the proxy on the way."


class SignInTransport:
    """What msal asks for: get, post and close, with answers that have status_code, headers and text."""

    def __init__(self, options: HttpOptions, sleep: Callable[[float], None] = time.sleep) -> None:
        self.options = options
        self._sleep = sleep
        self._session = HttpClient(options).session
        self._host = urlsplit(options.base_url).netloc

    def get(self, url: str, **how: Any) -> Any:
        """Read the sign-in's addresses."""
        answer, data = self._send("GET", url, **how)
        for name in ("token_endpoint", "authorization_endpoint", "issuer"):
            value = data.get(name)
            if not isinstance(value, str) or not value.startswith("https://"):
                raise self._odd("GET", url, answer.status_code, f"{name} is missing or no https address")
        self._check_host(url, data["token_endpoint"], answer.status_code)
        return answer

    def post(self, url: str, **how: Any) -> Any:
        """Send the credential, get a token."""
        self._check_host(url, url, None)
        answer, data = self._send("POST", url, **how)
        if not isinstance(data.get("access_token"), str) or not data["access_token"].strip():
            raise self._odd("POST", url, answer.status_code, "the answer has no access_token")
        if _life(data.get("expires_in")) is None:
            raise self._odd("POST", url, answer.status_code, "the answer does not say when the token ends")
        return answer

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def _check_host(self, asked: str, named: str, status: int | None) -> None:
        """The credential goes to the host it is meant for, and to Microsoft's other names of it."""
        try:
            netloc, host = urlsplit(named).netloc, urlsplit(named).hostname
        except ValueError:
            netloc, host = named, None
        if netloc != self._host and (netloc != host or host not in SIGN_IN_HOSTS):
            raise self._odd("GET", asked, status, f"it sends the credential to another host, {netloc}")

    def _send(self, method: str, url: str, **how: Any) -> tuple[Any, dict[str, Any]]:
        """A good answer with its data; repeats as HttpClient does, since asking for a token changes nothing."""
        waited, attempt = 0.0, 0
        while True:
            try:
                return self._once(method, url, **how)
            except TokenError as error:
                wait = self._pause(error, attempt)
                if wait is None or waited + wait > self.options.retry_deadline:
                    raise
                waited += wait
                attempt += 1
                self._sleep(wait)

    @staticmethod
    def _pause(error: TokenError, attempt: int) -> float | None:
        if error.kind not in ("throttled", "transient"):
            return None
        if error.retry_after:
            return error.retry_after
        return random.uniform(0.1, min(8.0, 0.5 * 2**attempt))

    def _once(self, method: str, url: str, **how: Any) -> tuple[Any, dict[str, Any]]:
        try:
            # A redirect would carry the secret to wherever it points.
            answer = self._session.request(
                method, url, **{**how, "timeout": self.options.timeout, "allow_redirects": False}
            )
        except requests.exceptions.RequestException as error:
            raise _from_network(network_error(method, url, error, self.options)) from None
        status = answer.status_code
        data, other = content_of(answer)
        if status == 200 and isinstance(data, dict):
            return answer, data
        if status in PASSING_STATUSES and not isinstance(data, dict):
            kind = "throttled" if status == 429 else "transient"
        else:
            kind = sign_in_kind(status, data)
        words = sign_in_words(data)
        if not words:
            kind = "malformed" if status < 400 else kind
            words = other or ("a redirect" if 300 <= status < 400 else answer.reason or "no words")
        code = sign_in_code(data)
        raise TokenError(
            kind=kind,
            words=words,
            url=f"{method} {url}",
            status=status,
            code=code,
            hint=NOT_ENTRA if kind == "malformed" else sign_in_advice(code, kind, status),
            request_id=sign_in_request_id(data) or answer.headers.get("x-ms-request-id"),
            retry_after=seconds(answer.headers.get("Retry-After")),
        )

    @staticmethod
    def _odd(method: str, url: str, status: int | None, words: str) -> TokenError:
        return TokenError("malformed", words, url=f"{method} {url}", status=status, hint=NOT_ENTRA)


def _life(value: Any) -> int | None:
    try:
        life = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return life if life > 0 else None


def _from_network(error: HttpError) -> TokenError:
    kind = "unreachable" if error.unreachable else "transient"
    return TokenError(kind, error.words, url=f"{error.method} {error.url}", hint=error.hint)
