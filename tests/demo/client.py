# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo client: what stands in its inventory, and what an Exchange administrator has made in its tenant before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.placeos.office365.plugins.plugin_utils._workplace.describe import describe

from .servers import Server

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = Path("inventories/demo")
SECRET_FILE = "microsoft_app.yml"


@dataclass(frozen=True)
class Client:
    """The mailboxes of the inventory, and the group by which its app is limited."""

    rooms: list[dict[str, Any]]
    service_account: str
    group: str
    denied: str

    @property
    def allowed(self) -> list[str]:
        """The mailboxes that the app has to reach."""
        return [*(room["email"] for room in self.rooms), self.service_account]


def read_client(inventory: Path = ROOT / INVENTORY) -> Client:
    """Read the inventory; not its secrets."""
    folder = inventory / "host_vars" / "demo"
    workplace, microsoft = (
        yaml.safe_load((folder / name).read_text(encoding="utf-8")) for name in ("workplace.yml", "microsoft.yml")
    )
    systems = describe(workplace["workplace"], str(inventory)).flat["systems"]
    (group,), (denied,) = microsoft["graph_access_groups"], microsoft["graph_access_denied_mailboxes"]
    return Client(
        [system for system in systems if system["bookable"]], microsoft["booking_driver_service_account"], group, denied
    )


def furnish(tenant: Server, client: Client) -> None:
    """Put the client's mailboxes and its group into an empty tenant."""
    rooms = [
        {"emailAddress": room["email"], "displayName": room["display_name"], "capacity": room["capacity"]}
        for room in client.rooms
    ]
    tenant.control("rooms", {"rooms": rooms})
    for address in (client.service_account, client.denied):
        tenant.control("users", {"mail": address})
    tenant.control("groups", {"mail": client.group, "members": client.allowed})


def write_variables(file: Path, info: dict[str, Any]) -> None:
    """Write what the inventory can't know: where the lab is. A real client's inventory has nothing of this."""
    microsoft = info["microsoft"]
    variables = {
        "placeos_url": info["placeos"]["url"],
        "placeos_ca_path": info["ca_file"],
        # The lab's lists never lag behind, so nobody has to wait for them.
        "placeos_index_lag": 0,
        **{f"microsoft_{name}": microsoft[name] for name in ("login_url", "graph_url", "exchange_url")},
        "microsoft_ca_path": info["ca_file"],
        # Otherwise it is kept beside the host's other variables, and here that is in the repository.
        "graph_app_secret_file": str(file.parent / SECRET_FILE),
    }
    # JSON is YAML.
    file.write_text(json.dumps(variables, indent=1) + "\n", encoding="utf-8")
