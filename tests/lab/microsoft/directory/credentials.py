# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets and keys of applications: addPassword shows a secret once, removePassword takes it away, addKey, removeKey."""

from __future__ import annotations

import datetime as dt
import secrets
import string
from typing import TYPE_CHECKING, Any

from ..clock import stamp
from ..errors import invalid, known, new_id
from ..http import Context, Reply, empty, reply
from . import access
from .application_values import moment
from .certificates import check_proof, credential

if TYPE_CHECKING:
    from ..routing import Router
    from ..table import Row

LETTERS = string.ascii_letters + string.digits + "._-~"
LENGTH = 40
YEARS = 2
TOLERANCE = dt.timedelta(minutes=10)


def register(router: Router) -> None:
    """Register the routes."""
    router.add("applications.addPassword", add_password)
    router.add("applications.removePassword", remove_password)
    router.add("applications.addKey", add_key)
    router.also("POST", "/applications/{id}/removeKey", remove_key, like="applications.addKey")


def new_secret() -> str:
    """Return the text of a new secret: forty characters that look like Entra's."""
    return (
        "".join(secrets.choice(string.ascii_letters) for _number in range(3))
        + "8Q~"
        + "".join(secrets.choice(LETTERS) for _number in range(LENGTH - 6))
    )


def two_years_on(start: dt.datetime) -> dt.datetime:
    """Return the usual end of a secret (application-addpassword.md)."""
    try:
        return start.replace(year=start.year + YEARS)
    except ValueError:  # the 29th of February
        return start.replace(year=start.year + YEARS, day=28)


def add_password(ctx: Context) -> Reply:
    """Add a secret and show it, this once."""
    row = access.application_to_change(ctx)
    body = ctx.json_or_none() or {}
    wish = body.get("passwordCredential") if isinstance(body, dict) else None
    if wish is not None and not isinstance(wish, dict):
        raise invalid("passwordCredential", "Application")
    password = password_of(ctx, wish or {})
    text = new_secret()
    shown = {**password, "hint": text[:3], "secretText": text}
    kept = {**shown, "secretText": None}
    ctx.tenant.applications.change(
        row,
        passwordCredentials=[*row["passwordCredentials"], kept],
        _secrets={**row["_secrets"], kept["keyId"]: text},
    )
    return reply({"@odata.context": ctx.context("microsoft.graph.passwordCredential"), **shown})


def password_of(ctx: Context, wish: dict[str, Any]) -> Row:
    """Return a new password credential, its times as they were given."""
    tenant, options = ctx.tenant, ctx.tenant.options
    start_text = wish.get("startDateTime") or tenant.clock.text()
    start = moment(start_text, "startDateTime")
    end_text = wish.get("endDateTime") or stamp(two_years_on(start))
    end = moment(end_text, "endDateTime")
    if end <= start or end <= tenant.now():
        raise invalid("passwordCredentials", "Application", "Credential end date is invalid.")
    if options.policy_type:
        raise known("policy_type")
    if options.policy_lifetime and end - start > dt.timedelta(days=options.policy_lifetime) + TOLERANCE:
        raise known("policy_lifetime")
    return {
        "customKeyIdentifier": wish.get("customKeyIdentifier"),
        "displayName": wish.get("displayName"),
        "endDateTime": end_text,
        "hint": None,
        "keyId": new_id(),
        "secretText": None,
        "startDateTime": start_text,
    }


def remove_password(ctx: Context) -> Reply:
    """Take one secret away."""
    row = access.application_to_change(ctx)
    key = str(ctx.json().get("keyId", "")).lower()
    left = [one for one in row["passwordCredentials"] if one["keyId"].lower() != key]
    if len(left) == len(row["passwordCredentials"]):
        raise known("remove_unknown_key")
    texts = {name: text for name, text in row["_secrets"].items() if name.lower() != key}
    ctx.tenant.applications.change(row, passwordCredentials=left, _secrets=texts)
    return empty(204)


def add_key(ctx: Context) -> Reply:
    """Add a certificate, by proof of an existing one."""
    row, body = access.application_to_change(ctx), ctx.json()
    check_proof(ctx.tenant, row, body.get("proof"))
    made = credential(ctx.tenant, body.get("keyCredential"))
    ctx.tenant.applications.change(row, keyCredentials=[*row["keyCredentials"], made])
    return reply({"@odata.context": ctx.context("microsoft.graph.keyCredential"), **made, "key": None})


def remove_key(ctx: Context) -> Reply:
    """Take a certificate away, by proof of an existing one."""
    row, body = access.application_to_change(ctx), ctx.json()
    check_proof(ctx.tenant, row, body.get("proof"))
    left = [one for one in row["keyCredentials"] if one["keyId"] != body.get("keyId")]
    if len(left) == len(row["keyCredentials"]):
        raise known("remove_unknown_key")
    ctx.tenant.applications.change(row, keyCredentials=left)
    return empty(204)
