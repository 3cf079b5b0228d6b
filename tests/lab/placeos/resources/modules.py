# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules (rest-api controllers/modules.cr, models module.cr)."""

from __future__ import annotations

from typing import Any

from ..auth import require_admin, require_support
from ..core import ExecError
from ..core.core import NODE_URL
from ..errors import crash, forbidden, invalid, not_found
from ..fields import Field, Model, Values, boolean, enumeration, integer, optional, string, word
from ..hierarchy import LOGIC, module_settings
from ..http import Context, Reply, empty, reply
from ..listing import Keep, collection, dump, index
from ..removal import remove_module
from ..routing import WRITE, Router
from ..rows import build, changed, insert, renderer, require, save
from ..state import State
from ..store import Row
from . import settings, zones
from .execution import arguments, failed, texts
from .root import BASE

SSH, DEVICE, SERVICE, WEBSOCKET = range(4)
ROLE_NAMES = {SSH: "SSH", DEVICE: "Device", SERVICE: "Service", WEBSOCKET: "Websocket", LOGIC: "Logic"}
ROLES = {name.lower(): number for number, name in ROLE_NAMES.items()}
SEVERITIES = ("low", "medium", "high", "critical")

MODEL = Model(
    "PlaceOS::Model::Module",
    "mod",
    [
        Field("ip", string, ""),
        Field("port", integer, 0),
        Field("tls", boolean, False),
        Field("udp", boolean, False),
        Field("makebreak", boolean, False),
        Field("uri", string, ""),
        Field("name", string, None, nilable=True, assignable=False),
        optional("custom_name", sanitise="text"),
        Field("role", enumeration(ROLES, "PlaceOS::Model::Driver::Role")),
        optional("alert_level", word(SEVERITIES, "PlaceOS::Model::Alert::Severity")),
        Field("connected", boolean, True),
        Field("running", boolean, False),
        Field("notes", string, "", sanitise="common"),
        Field("ignore_connected", boolean, False),
        Field("ignore_startstop", boolean, False),
        Field("has_runtime_error", boolean, False, assignable=False),
        Field("error_timestamp", integer, None, nilable=True, assignable=False),
        Field("launch_on_execute", boolean, False),
        optional("control_system_id"),
        optional("driver_id"),
        optional("edge_id"),
    ],
)
document = renderer(
    MODEL.fields, ("custom_name", "alert_level", "error_timestamp", "control_system_id", "driver_id", "edge_id"), {}
)


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("modules",)
    router.add("GET", f"{BASE}/modules", index_modules, scopes=scopes)
    router.add("POST", f"{BASE}/modules", create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{BASE}/modules/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{BASE}/modules/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{BASE}/modules/:id", destroy, scopes=scopes, access=WRITE)
    router.add("GET", f"{BASE}/modules/:id/settings", collated)
    router.add("GET", f"{BASE}/modules/:id/error", error)
    router.add("GET", f"{BASE}/modules/:id/state", state)
    router.add("GET", f"{BASE}/modules/:id/state/:key", state_key)
    router.add("POST", f"{BASE}/modules/:id/start", start, access=WRITE)
    router.add("POST", f"{BASE}/modules/:id/stop", stop, access=WRITE)
    router.add("POST", f"{BASE}/modules/:id/ping", ping, access=WRITE)
    router.add("POST", f"{BASE}/modules/:id/load", load, access=WRITE)
    router.add("POST", f"{BASE}/modules/:id/exec/:method", execute, access=WRITE, body=True)


def driver_details(driver: Row) -> dict[str, Any]:
    """Return what lists and updates tell about the driver of a module."""
    return {"name": driver["name"], "description": driver["description"], "module_name": driver["module_name"]}


def live(ctx: Context, row: Row) -> dict[str, Any]:
    """Return a module with its live connection state."""
    return {**document(row), "connected": ctx.state.core.connected(row)}


def _with_details(ctx: Context, row: Row, *, system_too: bool) -> dict[str, Any] | None:
    """Return a module with its driver (None when that is gone) and, for a logic module in lists, its system."""
    driver = ctx.tables.drivers.get(row["driver_id"])
    if driver is None:
        return None
    shown = live(ctx, row) | {"driver": driver_details(driver)}
    system = ctx.tables.systems.get(row["control_system_id"]) if system_too else None
    if system:
        found = [ctx.tables.zones.get(zone_id) for zone_id in system["zones"]]
        zone_data = [zones.document(zone) for zone in found if zone]
        shown["control_system"] = {"name": system["name"], "zone_data": zone_data}
    return shown


def index_modules(ctx: Context) -> Reply:
    """List; with ``control_system_id`` the current modules of that system, other parameters ignored."""
    require_support(ctx)
    system_id = ctx.text("control_system_id")
    if system_id is not None:
        system = require(ctx.tables.systems, system_id)
        rows = [ctx.tables.modules.get(module_id) for module_id in dict.fromkeys(system["modules"])]
        shown = []
        for row in rows:
            driver = ctx.tables.drivers.get(row["driver_id"]) if row else None
            if row and driver:
                shown.append(dump(document(row) | {"driver": driver_details(driver)}))
        return collection("mod", shown)
    keep: list[Keep] = []
    candidates = None
    driver_id, running, as_of = ctx.text("driver_id"), ctx.flag("running"), ctx.number("as_of", "Int64")
    if ctx.flag("no_logic"):
        keep.append(lambda row: row["role"] != LOGIC)
    if driver_id is not None:
        keep.append(lambda row: row["driver_id"] == driver_id)
        candidates = None if ctx.state.options.index_lag else ctx.tables.modules.find("driver", driver_id)
    if running is not None:
        keep.append(lambda row: row["running"] is running)
    if as_of is not None:
        keep.append(lambda row: row["updated_at"] < as_of + 1)
    return index(ctx, ctx.tables.modules, _blob(ctx), keep=keep, candidates=candidates, words=_words(ctx))


def _blob(ctx: Context) -> Any:
    def render(row: Row) -> bytes:
        shown = _with_details(ctx, row, system_too=True)
        return dump(shown if shown is not None else live(ctx, row))

    return render


def _words(ctx: Context) -> Any:
    """A module is also found by the words of its driver."""
    tables = ctx.tables

    def words(row: Row) -> frozenset[str]:
        driver = tables.drivers.get(row["driver_id"])
        own = tables.modules.words_of(row)
        return own | tables.drivers.words_of(driver) if driver else own

    return words


def show(ctx: Context) -> Reply:
    """Return one module; ``complete`` adds driver and system."""
    row = require(ctx.tables.modules, ctx.params["id"])
    require_support(ctx)
    shown = live(ctx, row) | {"core_node": NODE_URL}
    if ctx.flag("complete"):
        shown |= _with_details(ctx, row, system_too=True) or {}
    return reply(shown)


async def create(ctx: Context) -> Reply:
    """Create; a logic module joins its system at the end and gives it a new version.

    With races, modules created at once for one system all read the same list of modules, and the last one wins.
    """
    values = MODEL.parse(ctx.body)
    row = build(MODEL, values)
    _may_modify(ctx)
    driver = _validate(ctx, row)
    if row["alert_level"] is None:
        row["alert_level"] = driver["alert_level"]
    insert(ctx.tables.modules, row)
    system = ctx.tables.systems.get(row["control_system_id"])
    if system:
        await ctx.state.race_window()
        joined = Row(ctx.tables.systems.get(system["id"]) or system)
        joined["modules"] = [*system["modules"], row["id"]]
        joined["version"] = system["version"] + 1
        save(ctx.tables.systems, joined)
    ctx.state.core.module_created(row)
    return reply(document(row), 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes."""
    old = require(ctx.tables.modules, ctx.params["id"])
    values: Values = MODEL.parse(ctx.body)
    _may_modify(ctx)
    row = changed(MODEL, old, values)
    driver = _validate(ctx, row)
    save(ctx.tables.modules, row)
    ctx.state.core.module_saved(row)
    return reply(document(row) | {"driver": driver_details(driver)})


def destroy(ctx: Context) -> Reply:
    """Delete; systems lose the module and get a new version."""
    row = require(ctx.tables.modules, ctx.params["id"])
    _may_modify(ctx)
    remove_module(ctx.state, row)
    return empty(202)


def collated(ctx: Context) -> Reply:
    """List the settings that apply, low priority first."""
    require_admin(ctx)
    row = require(ctx.tables.modules, ctx.params["id"])
    return Reply(200, settings.blobs(ctx, module_settings(ctx.state, row)))


def error(ctx: Context) -> Reply:
    """Return the error log of a module; there never is one here."""
    require_admin(ctx)
    row = require(ctx.tables.modules, ctx.params["id"])
    raise not_found(f"No associated error logs found for module '{row['id']}'")


def state(ctx: Context) -> Reply:
    """Return all status variables; the values are JSON texts."""
    require_support(ctx)
    row = require(ctx.tables.modules, ctx.params["id"])
    return reply(texts(ctx.state.core.status(row)))


def state_key(ctx: Context) -> Reply:
    """Return one status variable as JSON text; an unknown one crashes the server."""
    require_admin(ctx)
    row = require(ctx.tables.modules, ctx.params["id"])
    status = texts(ctx.state.core.status(row))
    if ctx.params["key"] not in status:
        raise crash()
    return reply(status[ctx.params["key"]])


def start(ctx: Context) -> Reply:
    """Set the running flag; the module is loaded a moment later."""
    return _run(ctx, True)


def stop(ctx: Context) -> Reply:
    """Clear the running flag."""
    return _run(ctx, False)


def _run(ctx: Context, running: bool) -> Reply:
    row = require(ctx.tables.modules, ctx.params["id"])
    if row["running"] is not running:
        _may_modify(ctx)
        ctx.state.core.module_saved(ctx.tables.modules.put(Row(row, running=running)))
    return empty()


def ping(ctx: Context) -> Reply:
    """Ping the device of a module; nothing is reachable from the lab."""
    require_support(ctx)
    row = require(ctx.tables.modules, ctx.params["id"])
    if row["role"] == LOGIC:
        raise invalid(("role", "ping not supported for module role: Logic"))
    return reply({"host": row["ip"], "pingable": False, "warning": None, "exception": "no network in the lab"})


def load(ctx: Context) -> Reply:
    """Load a module on core now."""
    require_admin(ctx)
    row = require(ctx.tables.modules, ctx.params["id"])
    return reply(ctx.state.core.load(row))


def execute(ctx: Context) -> Reply:
    """Call a function of a module."""
    require_admin(ctx)
    row = require(ctx.tables.modules, ctx.params["id"])
    args = arguments(ctx)
    try:
        who = ctx.identity
        result = ctx.state.core.execute(
            row, ctx.params["method"], args, admin=who.admin, support=who.support, user_id=who.user["id"]
        )
    except ExecError as problem:
        raise failed(problem, row["control_system_id"] or "", row["name"], 1) from problem
    return reply(result)


def _may_modify(ctx: Context) -> None:
    if not ctx.identity.support:
        raise forbidden()


def _validate(ctx: Context, row: Row) -> Row:
    """Check a module against its driver's role and take name and role over; returns the driver."""
    driver = ctx.tables.drivers.get(row["driver_id"])
    if driver is None:
        raise crash()
    take_over(row, driver)
    role = row["role"]
    check = {LOGIC: _check_logic, SERVICE: _check_service, WEBSOCKET: _check_service}.get(role, _check_device)
    failures = check(row)
    if role != LOGIC and (row["control_system_id"] or "").strip():
        failures.append(("control_system", f"should not be associated for {ROLE_NAMES[role]} modules"))
    if failures:
        raise invalid(*failures)
    return driver


Failures = list[tuple[str, str]]


def _check_service(row: Row) -> Failures:
    """A service or websocket needs an absolute URI; the driver's default is not used."""
    row["udp"] = False
    if not row["uri"].strip():
        return [("uri", "not present")]
    row["tls"] = row["uri"].lower().startswith("https:")
    return [] if settings.URI.match(row["uri"]) else [("uri", "is an invalid URI")]


def _check_logic(row: Row) -> Failures:
    """Logic needs a system and runs on no edge."""
    row["tls"] = row["udp"] = False
    row["connected"] = True
    failures = []
    if not (row["control_system_id"] or "").strip():
        failures.append(("control_system", "must be associated for logic modules"))
    if row["edge_id"]:
        failures.append(("edge", "logic module cannot be allocated to an edge"))
    return failures


def _check_device(row: Row) -> Failures:
    """A device needs address and port; the driver's default port is not used."""
    blank = not row["ip"].strip()
    failures = [("ip", "cannot be blank")] if blank else []
    if row["port"] not in range(1, 65536):
        failures.append(("port", "is invalid"))
    if row["udp"]:
        row["tls"] = False
    if blank:
        failures.append(("ip", "address, hostname or port are invalid"))
    return failures


def take_over(row: Row, driver: Row) -> None:
    """Copy name and role of the driver; a module that does not run has no error."""
    row["name"], row["role"] = driver["module_name"], driver["role"]
    if not row["running"]:
        row["has_runtime_error"], row["error_timestamp"] = False, None


def driver_saved(state: State, driver: Row) -> None:
    """Save all modules of a driver again, as the server does whenever the driver is saved."""
    for module in state.tables.modules.find("driver", driver["id"]):
        row = Row(module)
        take_over(row, driver)
        save(state.tables.modules, row)
