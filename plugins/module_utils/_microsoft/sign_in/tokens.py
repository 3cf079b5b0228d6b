# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access tokens by client credentials: got once per resource, renewed before they end, shared by all threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._masking import Secrets
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_all

try:
    import msal  # type: ignore[import-untyped]  # it has neither stubs nor a py.typed marker
except ImportError as error:  # reported by frame.py as a missing library, with the install command
    MSAL_IMPORT_ERROR: ImportError | None = error
else:
    MSAL_IMPORT_ERROR = None

from ansible_collections.placeos.office365.plugins.module_utils._http import Hints, HttpOptions
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.advice import advice
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import Cloud
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.certificates import (
    UnusableCertificate,
    key_pair,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import Claims, decode, is_for
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.errors import looks_like_a_secret_id
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.transport import SignInTransport

__all__ = ["MICROSOFT_HINTS", "MSAL_IMPORT_ERROR", "Claims", "Identity", "TokenError", "Tokens"]

RENEW_BEFORE = 300.0
"""Seconds before its end at which a token is replaced; half its life where that is less."""

MICROSOFT_HINTS = Hints(
    tls="If a proxy opens TLS connections on the way, give its CA with "
    f"{of_all('ca_path')}; do not switch verification off for good.",
    lost="Run again: what was done is found, nothing is made twice.",
    content="This is no answer of Microsoft 365: check the proxy on the way and, where set, "
    f"{of_all('login_url', 'graph_url', 'exchange_url')}.",
    refused=advice("unreachable"),
    silent=advice("unreachable"),
    slow=f"Microsoft's service or the way to it is slow; run again in some minutes, or raise {of_all('timeout')}.",
)


@dataclass(frozen=True)
class Identity:
    """Who signs in, with one of client_secret, certificate and access_token.

    certificate: PEM text with key and certificate, or PKCS#12 bytes; access_token: used as it is, needs no client_id.
    """

    tenant: str
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    certificate: str | bytes | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)


class Tokens:
    """The tokens of one identity."""

    def __init__(
        self,
        identity: Identity,
        cloud: Cloud,
        *,
        login_url: str | None = None,
        verify: bool | str = True,
        timeout: float = 30.0,
        retry_deadline: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        on_token: Callable[[str], None] = lambda token: None,
    ) -> None:
        """login_url: instead of the cloud's; on_token: told every token, so that it can be hidden; times in seconds."""
        self.identity = identity
        self.cloud = cloud
        self.login_url = (login_url or cloud.login_url).rstrip("/")
        self._options = HttpOptions(
            self.login_url, verify=verify, timeout=timeout, retry_deadline=retry_deadline, hints=MICROSOFT_HINTS
        )
        self._sleep, self._clock, self._on_token = sleep, clock, on_token
        self._lock = threading.Lock()
        self._held: dict[str, tuple[str, float]] = {}
        self._app: Any = None

    @property
    def renewable(self) -> bool:
        """Can a refused token be replaced? Not one that was given ready-made."""
        return not self.identity.access_token

    def get(self, audience: str, *, fresh: bool = False) -> str:
        """A token for a resource, named by its address (cloud.graph_url). Raises TokenError.

        fresh: a new one, although the present one has not ended: it carries what was granted in the meantime.
        """
        if self.identity.access_token:
            return self._ready(self.identity.access_token, audience)
        with self._lock:
            held = self._held.get(audience)
            if held and not fresh and self._clock() < held[1]:
                return held[0]
            self._held.pop(audience, None)
            token, life = self._acquire(audience)
            self._held[audience] = (token, self._clock() + life - min(RENEW_BEFORE, life / 2))
            return token

    def claims(self, audience: str, *, fresh: bool = False) -> Claims:
        """What the token says about itself; for diagnosis only."""
        return decode(self.get(audience, fresh=fresh))

    def _ready(self, given: str, audience: str) -> str:
        """The token that was given, after a look at what can be known about it."""
        token = given.strip()
        if any(character.isspace() or not character.isascii() for character in token):
            raise TokenError("token_invalid", f"{of_all('access_token')} has blanks or other foreign characters inside")
        claims = decode(token)
        if not is_for(claims, audience):
            raise TokenError("wrong_audience", f"{of_all('access_token')} is for {claims.audience}, not for {audience}")
        if claims.expires is not None and claims.expires <= self._clock():
            ended = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(claims.expires))
            raise TokenError("token_expired", f"{of_all('access_token')} ended at {ended}")
        return token

    def _acquire(self, audience: str) -> tuple[str, int]:
        try:
            if self._app is None:
                self._app = self._new_app()
            # Our own cache decides; msal's would hand out the same token again.
            self._app.remove_tokens_for_client()
            answer = self._app.acquire_token_for_client(scopes=[f"{audience}/.default"])
        except TokenError as error:
            raise self._told(error) from None
        except UnusableCertificate as error:
            raise TokenError("unusable_certificate", f"the certificate cannot be used: {error}") from None
        except Exception as error:  # noqa: BLE001 - as many kinds as there are ways to fail inside it
            # msal raises errors of many kinds, some with the answer or the credential in their text.
            raise TokenError(
                "malformed", f"the sign-in library gave up ({type(error).__name__})", url=self._where()
            ) from None
        if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            raise TokenError("malformed", "the sign-in library brought no token", url=self._where())
        token: str = answer["access_token"]
        self._on_token(token)
        return token, int(answer.get("expires_in") or 3600)

    def _new_app(self) -> Any:
        identity = self.identity
        credential: Any = identity.client_secret
        if identity.certificate:
            pair = key_pair(identity.certificate, identity.passphrase)
            # Without a SHA-1 thumbprint msal signs with PS256 and names the certificate by SHA-256.
            credential = {"private_key": pair.private_key, "public_certificate": pair.certificate}
        return msal.ConfidentialClientApplication(
            identity.client_id,
            client_credential=credential,
            authority=self._where(),
            # The host comes from our table or from the user: Microsoft need not be asked whether it is one of its own.
            instance_discovery=False,
            http_client=SignInTransport(self._options, self._sleep),
        )

    def _where(self) -> str:
        return f"{self.login_url}/{self.identity.tenant}"

    def _told(self, error: TokenError) -> TokenError:
        """The error with what only we can know: is the secret an id, and does the answer repeat a secret?"""
        kind = error.kind
        if kind == "bad_credential" and looks_like_a_secret_id(self.identity.client_secret):
            kind = "secret_id_pasted"
        secrets = Secrets(filter(None, (self.identity.client_secret, self.identity.passphrase)))
        return TokenError(
            kind,
            secrets.hide(error.words),
            url=error.url,
            status=error.status,
            code=error.code,
            hint=error.hint if kind == error.kind else "",
            request_id=error.request_id,
            retry_after=error.retry_after,
            client_id=self.identity.client_id or "",
        )
