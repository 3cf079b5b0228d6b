# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorities (CA app/controllers/auth/api/domains_controller.rb)."""

from __future__ import annotations

from ..http import Context, Reply, head
from ..model import destroy, save
from ..models.others import AUTHORITY
from ..params import Params, permit
from ..routing import Router
from ..store import Document, Row
from .common import AUTH, index, shown


def register(router: Router) -> None:
    """Add the routes; only for administrators."""
    base = f"{AUTH}/domains"
    router.add("GET", base, index_domains, role="admin")
    router.add("POST", base, create, role="admin")
    router.add("GET", f"{base}/:id", show, role="admin")
    router.add("PUT PATCH", f"{base}/:id", update, role="admin")
    router.add("DELETE", f"{base}/:id", remove, role="admin")


def index_domains(ctx: Context) -> Reply:
    """List."""
    return index(ctx, ctx.state.tables.domains)


def find(ctx: Context) -> Row:
    """Return the authority of the path."""
    return ctx.state.find(ctx.state.tables.domains, ctx.id)


def show(ctx: Context) -> Reply:
    """Return an authority, internals included."""
    return shown(find(ctx))


def values_of(ctx: Context) -> Params:
    """Return the attributes a request may set (:44-55)."""
    names = ("name", "dom", "description", "login_url", "logout_url")
    return permit(ctx.params, names, (), ("internals", "config"))


def create(ctx: Context) -> Reply:
    """Create."""
    return shown(save(ctx.state, AUTHORITY, AUTHORITY.build(values_of(ctx))))


def update(ctx: Context) -> Reply:
    """Change the attributes given; config and internals are replaced whole."""
    return shown(save(ctx.state, AUTHORITY, AUTHORITY.assign(Document(find(ctx)), values_of(ctx))))


def remove(ctx: Context) -> Reply:
    """Delete."""
    destroy(ctx.state, AUTHORITY, find(ctx))
    return head()
