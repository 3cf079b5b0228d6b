# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects and lists as a fake ACAEngine answers them, for the exact exchanges of fake_placeos.

No server was recorded: the shapes are the attributes of the models in ruby-engine a3c55b7 and coauth f0d0336, and the
lists are those of co-elastic-query 54a300f.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import FakePlaceOS

HOST = "acme.aca.example"
CONNECTION: dict[str, Any] = {
    "url": f"https://{HOST}", "token": "fake-bearer-token", "platform": "acaengine", "index_lag": 0, "max_workers": 1,
}  # fmt: skip
API = "/control/api"
ZONES = f"{API}/zones"
SYSTEMS = f"{API}/systems"
MODULES = f"{API}/modules"
DEPENDENCIES = f"{API}/dependencies"
DISCOVERY = f"{API}/discovery"
DOMAINS = "/auth/api/domains"
CREATED = 1795382939


def ciphertext(of: str) -> str:
    """What the server shows of a secret: escape, salt, iv, tag and encrypted text."""
    return f"\x1b400$8$36$5d1f|aXY=\n|dGFn\n|ZmFrZS{of.encode().hex()}\n"


def expect_all(server: FakePlaceOS, target: str, *rows: Any) -> None:
    """Expect the one request that reads all objects of a kind; target may hold a filter."""
    join = "&" if "?" in target else "?"
    server.expect("GET", f"{target}{join}limit=10000", {"total": len(rows), "results": list(rows)})


def zone(identifier: str, name: str, **values: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "description": None,
        "tags": None,
        "settings": {},
        "triggers": [],
        "created_at": CREATED,
    }
    return {**defaults, "id": identifier, "name": name, **values}


def system(identifier: str, name: str, **values: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "edge_id": "edge-1", "description": None, "email": None, "capacity": 0, "features": None, "bookable": False,
        "installed_ui_devices": 0, "zones": [], "modules": [], "settings": {}, "created_at": CREATED,
        "support_url": None, "version": 0,
    }  # fmt: skip
    return {**defaults, "id": identifier, "name": name, **values}


def dependency(identifier: str, name: str, **values: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "role": "logic", "description": None, "default": None, "class_name": "::Aca::O365BookingPanel",
        "module_name": "Bookings", "settings": {}, "created_at": CREATED, "ignore_connected": False,
    }  # fmt: skip
    return {**defaults, "id": identifier, "name": name, **values}


def discovered(class_name: str, name: str, **values: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "role": "logic", "description": None, "default": None, "module_name": "Bookings", "makebreak": None,
        "settings": {}, "created_at": CREATED, "file_exists": True,
    }  # fmt: skip
    return {**defaults, "id": f"disc-{class_name}", "class_name": class_name, "name": name, **values}


def module(identifier: str, dependency_id: str, **values: Any) -> dict[str, Any]:
    """As a list shows it; other answers lack the included dependency."""
    defaults: dict[str, Any] = {
        "control_system_id": None, "edge_id": "edge-1", "ip": None, "tls": None, "udp": None, "port": None,
        "makebreak": False, "uri": None, "custom_name": None, "settings": {}, "updated_at": CREATED,
        "created_at": CREATED, "role": 3, "connected": True, "running": False, "notes": None,
        "ignore_connected": False, "ignore_startstop": False,
        "dependency": {"name": "Panel", "description": None, "module_name": "Bookings", "settings": {}},
    }  # fmt: skip
    return {**defaults, "id": identifier, "dependency_id": dependency_id, **values}


def domain(identifier: str, name: str, **values: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "dom": HOST, "description": None, "login_url": "/login?continue={{url}}", "logout_url": "/", "internals": {},
        "config": {}, "created_at": CREATED,
    }  # fmt: skip
    return {**defaults, "id": identifier, "name": name, **values}
