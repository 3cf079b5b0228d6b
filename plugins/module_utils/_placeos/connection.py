# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From connection options to a signed-in platform."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpError, HttpOptions
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine import ACAEngine
from ansible_collections.placeos.office365.plugins.module_utils._placeos.platform import Platform
from ansible_collections.placeos.office365.plugins.module_utils._placeos.v2 import V2

TOKEN_PATH = "/auth/oauth/token"
AUTHORITY_PATH = "/auth/authority"


@dataclass(frozen=True)
class Credentials:
    """One of: an API key, a bearer token, or a user name with password and the id of an OAuth application."""

    api_key: str | None = None
    token: str | None = None
    username: str | None = None
    password: str | None = None
    client_id: str | None = None


class UnusableCredentials(Exception):
    """Credentials of a kind that the platform does not have."""


def connect(
    options: HttpOptions,
    credentials: Credentials,
    *,
    platform: str = "auto",
    index_lag: float = 2.0,
) -> Platform:
    """Sign in and return the platform.

    An API key already tells the platform, since only PlaceOS v2 has them; so the authority document is asked only
    where it is needed: with other credentials and platform auto.
    """
    http = HttpClient(options)
    if platform == "auto":
        platform = "placeos" if credentials.api_key else detect(http)
    if platform == "acaengine" and not (credentials.token or credentials.username):
        raise UnusableCredentials(
            "ACAEngine has no API keys: give username, password and client_id "
            "(placeos_username, placeos_password, placeos_client_id)"
        )
    if credentials.api_key and platform == "placeos":
        http.authorise({"X-API-Key": credentials.api_key})
    elif credentials.token:
        http.authorise({"Authorization": f"Bearer {credentials.token}"})
    else:
        tokens = PasswordGrant(options, credentials, platform=platform)
        http.authorise(tokens.headers(), tokens.renew)
    server: type[V2 | ACAEngine] = V2 if platform == "placeos" else ACAEngine
    return server(http, index_lag=index_lag)


def detect(http: HttpClient) -> str:
    """``placeos`` or ``acaengine``, by the version in the authority document, as PlaceOS's own client decides it."""
    try:
        authority = http.get(AUTHORITY_PATH).data
    except HttpError as error:
        if error.status == 404:
            error.hint = (
                "No authority has this host name: use the domain under which the client signs in, "
                "or give it with host_header (placeos_host_header)."
            )
        raise
    version = authority.get("version") if isinstance(authority, Mapping) else None
    if not isinstance(version, str):
        raise HttpError(
            "content", "GET", http.url(AUTHORITY_PATH), "the answer is not an authority document",
            hint="This does not look like a PlaceOS or ACAEngine server; check the URL.",
        )  # fmt: skip
    return "placeos" if version.lstrip("v").startswith(tuple("23456789")) else "acaengine"


class PasswordGrant:
    """Tokens for a user name and password; renewed by its refresh token, or from the start when that is refused."""

    def __init__(self, options: HttpOptions, credentials: Credentials, *, platform: str = "placeos") -> None:
        # A session of its own: the one it renews tokens for must not be asked to renew while doing so.
        self._http = HttpClient(options)
        self._credentials = credentials
        self._platform = platform
        self._lock = threading.Lock()
        self._refresh_token: str | None = None
        self._header: dict[str, str] = {}
        self._sign_in()

    def headers(self) -> dict[str, str]:
        """The header of the current token."""
        return dict(self._header)

    def renew(self, refused: Mapping[str, str]) -> dict[str, str]:
        """A new token in place of the refused one.

        Threads whose requests were refused meanwhile share one renewal: the server revokes the former token at once.
        """
        with self._lock:
            if refused.get("Authorization") == self._header["Authorization"]:
                try:
                    self._grant({"grant_type": "refresh_token", "refresh_token": self._refresh_token})
                except HttpError:
                    self._sign_in()
            return dict(self._header)

    def _sign_in(self) -> None:
        given = self._credentials
        self._grant({"grant_type": "password", "username": given.username, "password": given.password})

    def _grant(self, parameters: dict[str, Any]) -> None:
        body = {"client_id": self._credentials.client_id, "scope": "public", **parameters}
        try:
            answer = self._http.request("POST", TOKEN_PATH, body=body, final=(401,)).data
        except HttpError as error:
            if error.status in (400, 401, 403):
                error.hint = "Check username, password and client_id."
                if self._platform == "placeos":
                    error.hint += (
                        " Newer PlaceOS servers have the password grant switched off: create an API key in backoffice "
                        "and use api_key (placeos_api_key)."
                    )
            raise
        if not isinstance(answer, Mapping) or not answer.get("access_token"):
            raise HttpError("content", "POST", self._http.url(TOKEN_PATH), "the answer holds no access token")
        self._refresh_token = answer.get("refresh_token") or self._refresh_token
        self._header = {"Authorization": f"Bearer {answer['access_token']}"}
