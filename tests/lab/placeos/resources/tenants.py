# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants of the staff API: which calendar platform an installation uses (staff-api controllers/tenants.cr).

Integer ids, no GET by id, credentials never shown. Inferred from source, not recorded.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..auth import require_admin
from ..ciphertext import NEVER, decrypt, encrypt
from ..errors import ApiError, bad_request, crash, not_found, unauthorized
from ..fields import INT32, TypeMismatch, boolean, decode, decode_object, integer, mapping, string
from ..http import Context, Reply, empty, reply
from ..routing import WRITE, Router
from ..sanitise import clean
from ..store import Row

BASE = "/api/staff/v1/tenants"
PLATFORMS = ("office365", "google")
OFFICE_KEYS = ("tenant", "client_id", "client_secret")
GOOGLE_KEYS = ("issuer", "signing_key", "scopes", "domain")
EARLY_CHECKIN = 3600
CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "name": string,
    "domain": string,
    "email_domain": string,
    "platform": string,
    "delegated": boolean,
    "service_account": string,
    "credentials": mapping,
    "booking_limits": mapping,
    "outlook_config": mapping,
    "early_checkin": integer,
}
OUTLOOK_DEFAULTS: dict[str, Any] = {"app_id": ""}


def register(router: Router) -> None:
    """Add the routes."""
    router.add("GET", BASE, index_tenants)
    router.add("POST", BASE, create, access=WRITE, body=True)
    router.add("PATCH PUT", f"{BASE}/:id", update, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/:id", destroy, access=WRITE)
    router.add("GET", f"{BASE}/current_limits", current_limits)
    router.add("GET", f"{BASE}/current_early_checkin", current_early_checkin)
    router.add("GET", f"{BASE}/:id/limits", limits)
    router.add("POST", f"{BASE}/:id/limits", set_limits, access=WRITE, body=True)
    router.add("GET", f"{BASE}/:id/early_checkin", early_checkin)
    router.add("POST", f"{BASE}/:id/early_checkin", set_early_checkin, access=WRITE, body=True)


def document(row: Row) -> dict[str, Any]:
    """Return a tenant without credentials; null attributes are left out."""
    names = "id name domain email_domain platform delegated service_account booking_limits outlook_config early_checkin"
    return {name: row[name] for name in names.split() if row[name] is not None}


def _public_scope(ctx: Context) -> None:
    if "public" not in ctx.identity.scopes:
        raise unauthorized("public scope required for access")


def index_tenants(ctx: Context) -> Reply:
    """List all tenants; there is no paging."""
    _admin(ctx)
    return reply([document(row) for row in ctx.tables.tenants])


def create(ctx: Context) -> Reply:
    """Create."""
    _admin(ctx)
    values = _parse(ctx.body)
    row = Row(dict.fromkeys(CONVERTERS))
    row |= {"delegated": False, "booking_limits": {}, "early_checkin": EARLY_CHECKIN}
    row.update(values)
    row["credentials"] = json.dumps(values.get("credentials", {}))
    _validate(ctx, row)
    row["id"] = ctx.state.next_tenant
    ctx.state.next_tenant += 1
    return reply(document(ctx.tables.tenants.put(row)), 201)


def update(ctx: Context) -> Reply:
    """Change what is sent; empty or missing credentials keep the old ones."""
    _admin(ctx)
    row = Row(_find(ctx))
    values = _parse(ctx.body)
    for name, value in values.items():
        if name == "credentials":
            row[name] = json.dumps(value) if value else row[name]
        elif name != "booking_limits" or value:
            row[name] = value
    _validate(ctx, row)
    return reply(document(ctx.tables.tenants.put(row)))


def destroy(ctx: Context) -> Reply:
    """Delete."""
    _admin(ctx)
    ctx.tables.tenants.remove(_find(ctx)["id"])
    return empty(202)


def limits(ctx: Context) -> Reply:
    """Return the booking limits of a tenant."""
    _public_scope(ctx)
    return reply(_find(ctx)["booking_limits"])


def set_limits(ctx: Context) -> Reply:
    """Replace the booking limits of a tenant."""
    _admin(ctx)
    row, body = _find(ctx), decode_object(ctx.body, "Limits")
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in body.values()):
        raise bad_request("Couldn't parse Int32")
    ctx.tables.tenants.put(Row(row, booking_limits=body))
    return reply(body)


def early_checkin(ctx: Context) -> Reply:
    """Return how early one may check in to a tenant's bookings, in seconds."""
    _public_scope(ctx)
    return reply(_find(ctx)["early_checkin"])


def set_early_checkin(ctx: Context) -> Reply:
    """Change how early one may check in."""
    _admin(ctx)
    row, seconds = _find(ctx), decode(ctx.body)
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise bad_request("Couldn't parse Int64")
    ctx.tables.tenants.put(Row(row, early_checkin=seconds))
    return reply(seconds)


def current_limits(ctx: Context) -> Reply:
    """Return the booking limits of the tenant the Host header selects."""
    row = _current(ctx)
    return reply(row["booking_limits"], headers={"X-Delegated": str(row["delegated"]).lower()})


def current_early_checkin(ctx: Context) -> Reply:
    """Return the early check-in of the tenant the Host header selects."""
    row = _current(ctx)
    return reply(row["early_checkin"], headers={"X-Delegated": str(row["delegated"]).lower()})


def _admin(ctx: Context) -> None:
    _public_scope(ctx)
    require_admin(ctx)


def _current(ctx: Context) -> Row:
    _public_scope(ctx)
    for row in ctx.tables.tenants:
        if row["domain"] == ctx.hostname:
            return row
    raise not_found(f"could not find tenant with domain: {ctx.hostname}")


def _find(ctx: Context) -> Row:
    key = ctx.params["id"]
    row = ctx.tables.tenants.rows.get(int(key)) if key.isdigit() else None  # type: ignore[call-overload]
    if row is None:
        raise not_found(f"Key not present: {key}")
    found: Row = row
    return found


def _parse(raw: bytes) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in decode_object(raw, "PlaceOS::Model::Tenant::Responder").items():
        if name in CONVERTERS and value is not None:
            try:
                values[name] = CONVERTERS[name](value)
            except TypeMismatch as problem:
                raise bad_request(f"{problem}\n  parsing PlaceOS::Model::Tenant::Responder#{name}") from None
    if "name" in values:
        values["name"] = clean(values["name"], "text")
    if "outlook_config" in values:
        values["outlook_config"] = OUTLOOK_DEFAULTS | values["outlook_config"]
    return values


def _validate(ctx: Context, row: Row) -> None:
    """Check and normalise a tenant, and encrypt its credentials under its domain."""
    failures = [(name, "should not be nil") for name in ("domain", "platform") if row[name] is None]
    if not failures:
        failures = [(name, "is required") for name in ("domain", "platform") if not row[name].strip()]
        row["domain"] = row["domain"].strip().lower()
        row["email_domain"] = (row["email_domain"] or "").strip().lower() or None
        pair = (row["domain"], row["email_domain"])
        if any((o["domain"], o["email_domain"]) == pair and o["id"] != row.get("id") for o in ctx.tables.tenants):
            failures.append(("domain", "should be unique"))
        if row["platform"] not in PLATFORMS:
            failures.append(("platform", "must be a valid platform name"))
        failures += _credential_failures(row)
        limits_ = row["booking_limits"].values()
        if not all(isinstance(v, int) and not isinstance(v, bool) and v in INT32 for v in limits_):
            failures.append(("booking_limits", "Couldn't parse Int32"))
    if failures:
        shown = [{"field": field, "reason": reason} for field, reason in failures]
        raise ApiError(422, {"error": "error validating tenant data", "failures": shown})
    row["credentials"] = encrypt(row["credentials"], row["domain"], NEVER)


def _credential_failures(row: Row) -> list[tuple[str, str]]:
    try:
        # Another domain without new credentials: the old ones were encrypted under the old domain.
        found = json.loads(decrypt(row["credentials"], row["domain"], NEVER))
    except ValueError:
        raise crash() from None
    if row["delegated"]:
        needed: tuple[str, ...] = ("domain",) if row["platform"] == "google" else ()
    else:
        needed = GOOGLE_KEYS if row["platform"] == "google" else OFFICE_KEYS if row["platform"] == "office365" else ()
    missing = [key for key in needed if key not in found]
    return [("credentials", f"Missing JSON attribute: {missing[0]}")] if missing else []
