# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health, version and scopes (rest-api controllers/root.cr)."""

from __future__ import annotations

from ..auth import require_admin
from ..http import Context, Reply, empty, reply
from ..routing import WRITE, Router

BASE = "/api/engine/v2"
SERVICES = ("core", "dispatch", "frontend_loader", "rest_api", "source", "triggers")
SCOPES = (
    "public alert_dashboards alerts api_keys asset_categories asset_purchase_orders asset_types assets"
    " ldap_authentications saml_authentications o_auth_authentications brokers build_monitor chat_gpt cluster domains"
    " drivers settings modules systems guest control edges edge-control groups history invitations users zones metadata"
    " mqtt o_auth_applications pending_mails public_events repositories"
).split()


def register(router: Router) -> None:
    """Add the routes."""
    router.add("GET", BASE, health, public=True)
    router.add("GET", f"{BASE}/version", version)
    router.add("GET", f"{BASE}/platform", platform)
    router.add("GET", f"{BASE}/scopes", scopes)
    router.add("GET", f"{BASE}/cluster", cluster, scopes=("cluster",))
    router.add("GET", f"{BASE}/cluster/versions", cluster_versions)
    for name in ("reindex", "backfill"):
        router.add("POST", f"{BASE}/{name}", nothing, access=WRITE)
    router.add("POST", f"{BASE}/signal", signal, scopes=("root", "guest"), access=WRITE)


def health(ctx: Context) -> Reply:
    """Answer 200 without body: the databases are reachable."""
    return empty()


def _version(service: str) -> dict[str, str]:
    return {
        "service": service,
        "commit": "lab",
        "version": "2.0.0",
        "build_time": "Fri Aug 21 10:40:36 UTC 2026\n",
        "platform_version": "DEV",
    }


def version(ctx: Context) -> Reply:
    """Describe the service."""
    return reply(_version("rest-api"))


def cluster_versions(ctx: Context) -> Reply:
    """Describe the services of the platform."""
    return reply([_version(service) for service in SERVICES])


def nothing(ctx: Context) -> Reply:
    """Do nothing: there is no search index any more."""
    require_admin(ctx)
    return empty()


def signal(ctx: Context) -> Reply:
    """Publish the body on a channel; nobody listens here."""
    ctx.required("channel")
    return empty()


def platform(ctx: Context) -> Reply:
    """Describe the platform."""
    return reply({"version": "DEV", "changelog": "CHANGELOG is not generated for development builds"})


def scopes(ctx: Context) -> Reply:
    """List the scopes a credential can have."""
    return reply(SCOPES)


def cluster(ctx: Context) -> Reply:
    """List the one core node."""
    from ..core.core import NODE_ID, NODE_URL

    require_admin(ctx)
    return reply([{"id": NODE_ID, "uri": NODE_URL}])
