# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""POST /{tenant}/oauth2/v2.0/token: client credentials by secret or by certificate.

Codes and texts: tables/errors.json. In which order a request's mistakes are found is inferred.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote_plus

from ..clock import parse
from ..errors import new_id
from ..http import Context, Reply, reply
from . import assertion
from .discovery import SHARED, refuse_unknown
from .errors import JSON, NOT_KEPT, SignInError, headers

if TYPE_CHECKING:
    from ..routing import Router
    from ..table import Row

SUFFIX = "/.default"


def register(router: Router) -> None:
    """Register the routes."""
    router.raw("POST", "/{tenant}/oauth2/v2.0/token", token)
    router.raw("GET HEAD PUT PATCH DELETE", "/{tenant}/oauth2/v2.0/token", wrong_method)
    # An empty tenant is a path that the service does not know (recorded).
    router.raw(
        "GET POST", "/oauth2/v2.0/token", lambda _ctx: Reply(404, headers={"Cache-Control": "private", **headers()})
    )


def wrong_method(ctx: Context) -> Reply:
    """Refuse anything but POST."""
    return SignInError("wrong_method", method=ctx.method).answer(ctx)


def token(ctx: Context) -> Reply:
    """Give a token out, or say why not."""
    try:
        return issue(ctx)
    except SignInError as problem:
        return problem.answer(ctx)


def form_of(ctx: Context) -> dict[str, str]:
    """Return the form of a request; client id and secret may come as basic authentication."""
    form = {name: values[0] for name, values in parse_qs(ctx.raw_body.decode("latin-1")).items()}
    scheme, _blank, credentials = ctx.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _colon, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
        except ValueError:
            return form
        form.setdefault("client_id", unquote_plus(user))
        form.setdefault("client_secret", unquote_plus(secret))
    return form


def issue(ctx: Context) -> Reply:
    """Check a request in the order: form, tenant, application, scope, credential, service principal, policy."""
    tenant, form = ctx.tenant, form_of(ctx)
    name = ctx.params["tenant"]
    if name.lower() not in SHARED:
        refuse_unknown(tenant, name)
    for needed in ("grant_type", "client_id", "scope"):
        if not form.get(needed):
            raise SignInError("missing_scope", parameter=needed)
    if form["grant_type"] != "client_credentials":
        raise SignInError("unsupported_grant", grant=form["grant_type"])
    app_id = form["client_id"].strip()
    lag = tenant.replica("sign-in")
    application = tenant.application_by(app_id, lag) if name.lower() not in SHARED else None
    if application is None:
        directory = "Microsoft Services" if name.lower() in SHARED else tenant.organization["displayName"]
        raise SignInError("unknown_app", app_id=app_id, organization=directory)
    resource, audience = resource_of(ctx, form["scope"])
    kind = check_credential(ctx, application, form)
    principal = tenant.principal_by(app_id, lag)
    if principal is None:
        raise SignInError("no_service_principal")
    if not principal["accountEnabled"]:
        raise SignInError("app_disabled", app_id=app_id, name=application["displayName"])
    if tenant.options.conditional_access:
        raise SignInError("ca_block")
    lifetime = int(tenant.options.token_lifetime)
    value = tenant.signing_key.sign(claims_of(ctx, principal, resource, audience, kind))
    document = {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": value}
    return reply(document, 200, {**NOT_KEPT, **headers()}, JSON)


def resource_of(ctx: Context, scope: str) -> tuple[Row, str]:
    """Return the service principal a scope names, and the audience of a token for it."""
    words = scope.split()
    if len(words) != 1 or not words[0].endswith(SUFFIX):
        raise SignInError("scope_not_default", scope=scope)
    audience = words[0].removesuffix(SUFFIX)
    wanted = audience.rstrip("/").lower()

    def named(row: Row) -> bool:
        return any(str(name).rstrip("/").lower() == wanted for name in row["servicePrincipalNames"])

    found = ctx.tenant.service_principals.find(named)
    if found is None:
        raise SignInError("unknown_resource", resource=audience, organization=ctx.tenant.organization["displayName"])
    return found, audience


def check_credential(ctx: Context, application: Row, form: dict[str, str]) -> str:
    """Check secret or assertion; the value is the claim appidacr: "1" secret, "2" certificate."""
    if form.get("client_assertion"):
        if form.get("client_assertion_type") != assertion.TYPE:
            raise SignInError("missing_scope", parameter="client_assertion_type")
        assertion.check(ctx, application, form["client_assertion"])
        return "2"
    given = form.get("client_secret", "")
    if not given:
        raise SignInError("missing_secret")
    secrets: dict[str, str] = application["_secrets"]
    now = ctx.tenant.now()
    matching = [
        row
        for row in application["passwordCredentials"]
        if hmac.compare_digest(secrets.get(row["keyId"], "").encode(), given.encode())
        and parse(row["startDateTime"]) <= now
    ]
    if not matching:
        raise SignInError("bad_secret", app_id=application["appId"])
    if ctx.tenant.options.secrets_expire or all(parse(row["endDateTime"]) <= now for row in matching):
        raise SignInError("expired_secret", app_id=application["appId"])
    return "1"


def claims_of(ctx: Context, principal: Row, resource: Row, audience: str, kind: str) -> dict[str, Any]:
    """Return the claims of an application's token, in the older form that Graph's tokens have (ver 1.0)."""
    tenant = ctx.tenant
    now = int(tenant.clock.now())
    issuer = f"https://sts.windows.net/{tenant.id}/"
    roles = tenant.roles_of(principal["id"], resource["id"])
    claims = {
        "aud": audience,
        "iss": issuer,
        "iat": now,
        "nbf": now,
        "exp": now + int(tenant.options.token_lifetime),
        "aio": new_id().replace("-", ""),
        "app_displayname": principal["appDisplayName"],
        "appid": principal["appId"],
        "appidacr": kind,
        "idp": issuer,
        "idtyp": "app",
        "oid": principal["id"],
        "rh": "0.lab",
        "roles": roles,
        "sub": principal["id"],
        "tenant_region_scope": "OC",
        "tid": tenant.id,
        "uti": new_id().replace("-", "")[:22],
        "ver": "1.0",
        "wids": ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"],
    }
    if not roles:
        del claims["roles"]
    return claims
