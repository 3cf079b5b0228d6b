# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in with a certificate: a JWT that the application's private key signed.

Sources: learn.microsoft.com/entra/identity-platform/certificate-credentials; what msal, azure-identity and msal-node send
(PS256 with ``x5t#S256``, RS256 with ``x5t``).
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ..clock import parse
from . import keys
from .errors import SignInError

if TYPE_CHECKING:
    from ..http import Context
    from ..table import Row

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
HOST = "https://login.microsoftonline.com"
SKEW = 300
PADDINGS: dict[str, padding.AsymmetricPadding] = {
    "RS256": padding.PKCS1v15(),
    "PS256": padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH),
}


def check(ctx: Context, application: Row, assertion: str) -> None:
    """Raise the refusal of an assertion that is not the application's."""
    try:
        header, claims, signed, signature = keys.parts(assertion)
    except ValueError:
        raise SignInError("assertion_malformed") from None
    how = PADDINGS.get(str(header.get("alg")))
    if how is None:
        raise SignInError("assertion_malformed")
    credential = registered(ctx, application, header)
    certificate = x509.load_der_x509_certificate(base64.b64decode(credential["key"]))
    public = certificate.public_key()
    try:
        if not isinstance(public, rsa.RSAPublicKey):
            raise InvalidSignature
        public.verify(signature, signed, how, hashes.SHA256())
    except InvalidSignature:
        reason = "Key was found, but use of the key to verify the signature failed."
        raise SignInError("assertion_key", reason=reason) from None
    if parse(credential["endDateTime"]) <= ctx.tenant.now():
        raise SignInError("assertion_key", reason="The key used is expired.")
    check_claims(ctx, str(application["appId"]), claims)


def registered(ctx: Context, application: Row, header: dict[str, Any]) -> Row:
    """Return the key credential that an assertion's header names by thumbprint."""
    named = {str(header[name]).rstrip("=") for name in ("x5t", "x5t#S256") if header.get(name)}
    for credential in application["keyCredentials"]:
        if not credential.get("key") or credential.get("usage") != "Verify":
            continue
        der = base64.b64decode(credential["key"])
        prints = (hashlib.sha1(der, usedforsecurity=False).digest(), hashlib.sha256(der).digest())
        if named & {keys.encode(digest) for digest in prints}:
            return dict(credential)
    raise SignInError("assertion_signature")


def check_claims(ctx: Context, app_id: str, claims: dict[str, Any]) -> None:
    """Raise the refusal of claims that are not for this endpoint, this application, or this time."""
    tenants = {ctx.params["tenant"].lower(), ctx.tenant.id.lower(), *map(str.lower, ctx.tenant.domains)}
    ends = ("/oauth2/v2.0/token", "/v2.0", "/oauth2/token", "/")
    audiences = {f"{root}/{name}{end}" for root in (ctx.base, HOST) for name in tenants for end in ends}
    if str(claims.get("aud")).partition("?")[0].lower() not in {audience.lower() for audience in audiences}:
        raise SignInError("assertion_audience")
    if str(claims.get("iss")).lower() != app_id.lower() or str(claims.get("sub")).lower() != app_id.lower():
        raise SignInError("assertion_client")
    now, end, begin = ctx.tenant.clock.now(), claims.get("exp"), claims.get("nbf", claims.get("iat", 0))
    timely = isinstance(end, (int, float)) and isinstance(begin, (int, float)) and begin - SKEW <= now <= end + SKEW
    if not timely:
        raise SignInError("assertion_expired")
