# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains, also called authorities (rest-api controllers/domains.cr, models authority.cr)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ..auth import require_admin, require_support
from ..errors import invalid, not_found
from ..fields import Field, Model, mapping, string, strings
from ..http import Context, Reply, empty, reply
from ..listing import index
from ..removal import remove_domain
from ..routing import WRITE, Router
from ..rows import build, cached, changed, insert, renderer, require, save
from ..store import Row
from .root import BASE


def host(value: Any) -> str:
    """Reduce a URL to its lower-case host; a port is lost."""
    text = string(value)
    try:
        parts = urlsplit(text)
        return (parts.hostname or parts.path).lower()
    except ValueError:
        return text.lower()


MODEL = Model(
    "PlaceOS::Model::Authority",
    "authority",
    [
        Field("name", string, sanitise="text"),
        Field("description", string, "", sanitise="common"),
        Field("domain", host),
        Field("login_url", string, "/login?continue={{url}}"),
        Field("logout_url", string, "/auth/logout"),
        Field("internals", mapping, {}),
        Field("config", mapping, {"default_app": "/backoffice/"}),
        Field("email_domains", strings, []),
    ],
)
document = renderer(MODEL.fields, (), {})
blob = cached(document)


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("domains",)
    router.add("GET", f"{BASE}/domains", index_domains, scopes=scopes)
    router.add("POST", f"{BASE}/domains", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/domains/lookup/:email", lookup, public=True)
    router.add("GET", f"{BASE}/domains/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/domains/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/domains/:id", destroy, scopes=scopes, access=WRITE)


def index_domains(ctx: Context) -> Reply:
    """List."""
    require_support(ctx)
    return index(ctx, ctx.tables.domains, blob)


def lookup(ctx: Context) -> Reply:
    """Return the domain that signs in users of an e-mail domain."""
    domain = ctx.params["email"].partition("@")[2].lower()
    for row in ctx.tables.domains:
        if domain and domain in row["email_domains"]:
            return reply(row["domain"])
    raise not_found("No matching domain found")


def show(ctx: Context) -> Reply:
    """Return one domain."""
    require_support(ctx)
    return Reply(200, blob(require(ctx.tables.domains, ctx.params["id"])))


def create(ctx: Context) -> Reply:
    """Create; the domain must be unique."""
    require_admin(ctx)
    row = build(MODEL, MODEL.parse(ctx.body))
    _validate(ctx, row, creating=True)
    return reply(document(insert(ctx.tables.domains, row)), 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes; ``config`` and ``internals`` are replaced whole."""
    require_admin(ctx)
    row = changed(MODEL, require(ctx.tables.domains, ctx.params["id"]), MODEL.parse(ctx.body))
    _validate(ctx, row)
    return reply(document(save(ctx.tables.domains, row)))


def destroy(ctx: Context) -> Reply:
    """Delete with all users."""
    require_admin(ctx)
    remove_domain(ctx.state, require(ctx.tables.domains, ctx.params["id"]))
    return empty(202)


def _validate(ctx: Context, row: Row, *, creating: bool = False) -> None:
    problem = MODEL.missing(row)
    if problem:
        raise problem
    failures = [(name, "is required") for name in ("domain", "name") if not row[name].strip()]
    if row["domain"] and any(
        creating or o["id"] != row["id"] for o in ctx.tables.domains.find("domain", row["domain"])
    ):
        failures.append(("domain", "should be unique"))
    if failures:
        raise invalid(*failures)
