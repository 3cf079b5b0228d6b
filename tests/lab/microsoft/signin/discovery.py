# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GET /{tenant}/v2.0/.well-known/openid-configuration, the key set, and the discovery of instances."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..http import Context, Reply, reply
from .errors import JSON, SignInError, headers

if TYPE_CHECKING:
    from ..routing import Router
    from ..state import Tenant

GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
DOMAIN = re.compile(r"^(?=.{3,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$", re.IGNORECASE)
SHARED = frozenset(("common", "organizations", "consumers"))
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, OPTIONS"}


def register(router: Router) -> None:
    """Register the routes."""
    for version in ("/v2.0", ""):
        router.raw("GET", f"/{{tenant}}{version}/.well-known/openid-configuration", configuration)
    router.raw("GET", "/{tenant}/discovery/v2.0/keys", keys)
    router.raw("GET", "/{tenant}/discovery/keys", keys)
    router.raw("GET", "/{tenant}/discovery/instance", instance)


def known_as(tenant: Tenant, name: str) -> bool:
    """Tell whether a segment names this tenant, by its id or one of its domains."""
    return name.lower() in (tenant.id.lower(), *map(str.lower, tenant.domains))


def refuse_unknown(tenant: Tenant, name: str, *, discovery: bool = False) -> None:
    """Raise the refusal of a tenant that is not this one."""
    if known_as(tenant, name):
        return
    if not GUID.match(name) and not DOMAIN.match(name):
        raise SignInError("malformed_tenant", tenant=name)
    raise SignInError("unknown_tenant_discovery" if discovery else "unknown_tenant", tenant=name)


def configuration(ctx: Context) -> Reply:
    """Describe the endpoints; they lie where the request went, so that clients stay there."""
    name = ctx.params["tenant"]
    shared = name.lower() in SHARED
    try:
        if not shared:
            refuse_unknown(ctx.tenant, name, discovery=True)
    except SignInError as problem:
        return problem.answer(ctx)
    root = f"{ctx.base}/{name.lower() if shared else ctx.tenant.id}"
    document = {
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{ctx.base}/{{tenantid}}/v2.0" if shared else f"{root}/v2.0",
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{root}/oauth2/v2.0/logout",
        "claims_supported": [
            "sub",
            "iss",
            "cloud_instance_name",
            "aud",
            "exp",
            "iat",
            "tid",
            "ver",
            "at_hash",
            "email",
        ],
        "kerberos_endpoint": f"{root}/kerberos",
        "tenant_region_scope": None if shared else "OC",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    }
    return reply(document, 200, {"Cache-Control": "max-age=86400, private", **OPEN, **headers()}, JSON)


def keys(ctx: Context) -> Reply:
    """Show the key that signs tokens."""
    own = {**ctx.tenant.signing_key.public(), "issuer": f"{ctx.base}/{ctx.tenant.id}/v2.0"}
    return reply({"keys": [own]}, 200, {"Cache-Control": "max-age=86400, private", **OPEN, **headers()}, JSON)


def instance(ctx: Context) -> Reply:
    """Tell clients that this host is an authority (they ask a well-known host about one they do not know)."""
    host = ctx.base.partition("//")[2]
    endpoint = ctx.query.get("authorization_endpoint", f"{ctx.base}/common/oauth2/v2.0/authorize")
    root = endpoint.partition("/oauth2/")[0]
    document = {
        "tenant_discovery_endpoint": f"{root}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }
    return reply(document, 200, {"Cache-Control": "max-age=86400, private", **OPEN, **headers()}, JSON)
