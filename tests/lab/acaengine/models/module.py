# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules (RE app/models/orchestrator/module.rb)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..hosts import parses
from ..model import BLANK, CREATED, HASH, NO, REFERENCE, TEXT, Attribute, Errors, Model, save
from ..params import blank, boolean, integer, to_i
from ..store import Document, Row
from . import system

if TYPE_CHECKING:
    from ..state import State

SSH, DEVICE, SERVICE, LOGIC = range(4)
SSH_PORT = 22


def check(state: State, row: Document, errors: Errors) -> None:
    """Dependency, edge, and what the role asks for (module.rb:90-155).

    The role is cached; ports and addresses come from the dependency when the module has none.
    """
    dependency = state.tables.dependencies.get(row["dependency_id"])
    if dependency is None:
        errors["dependency"] = [BLANK]
    if blank(row["edge_id"]):
        errors["edge_id"] = [BLANK]
    if dependency is not None:
        ROLES[dependency["role"]](state, row, dependency, errors)


def check_ssh(state: State, row: Document, dependency: Row, errors: Errors) -> None:
    """SSH: port 22 at last; shown as secure."""
    row["role"] = SSH
    _address(row, row["port"] or dependency["default"] or SSH_PORT, errors)
    row["tls"], row["udp"] = True, None


def check_device(state: State, row: Document, dependency: Row, errors: Errors) -> None:
    """Devices: an address and a port; UDP excludes TLS."""
    row["role"] = DEVICE
    _address(row, row["port"] if row["port"] is not None else dependency["default"], errors)
    row["udp"] = bool(row["udp"])
    row["tls"] = not row["udp"] and bool(row["tls"])


def _address(row: Document, port: object, errors: Errors) -> None:
    row["port"] = to_i(port)
    if blank(row["ip"]):
        errors["ip"] = ["cannot be blank"]
    if not 1 <= row["port"] <= 65535:
        errors["port"] = ["is invalid"]
    if not parses(f"http://{row['ip'] or ''}:{row['port']}/"):
        errors.setdefault("ip", []).append("address / hostname or port are not valid")


def check_service(state: State, row: Document, dependency: Row, errors: Errors) -> None:
    """Services: an address that parses."""
    row["role"], row["udp"] = SERVICE, None
    if row["uri"] is None:
        row["uri"] = None if dependency["default"] is None else str(dependency["default"])
    if row["uri"] is None or not parses(row["uri"]):
        errors["uri"] = ["is an invalid URI"]
    else:
        row["tls"] = row["uri"].startswith("https:")


def check_logic(state: State, row: Document, dependency: Row, errors: Errors) -> None:
    """Logic: a system, and always connected."""
    row["connected"], row["tls"], row["udp"], row["role"] = True, None, None, LOGIC
    if state.tables.systems.get(row["control_system_id"]) is None:
        errors["control_system"] = ["must be associated"]


ROLES = {"ssh": check_ssh, "device": check_device, "service": check_service, "logic": check_logic}


def leave_systems(state: State, row: Row) -> None:
    """Unload the module, take it out of its systems and raise their versions (module.rb:157-168).

    Unloading goes on in the background, so that the features of the systems are made while the module still is there.
    """
    for found in state.tables.systems.find("module", row["id"]):
        changed = Document(found, version=found["version"] + 1)
        changed["modules"] = [module_id for module_id in found["modules"] if module_id != row["id"]]
        save(state, system.MODEL, changed)
    state.engine.forget(row["id"])


FLAG = Attribute(boolean)

MODEL = Model(
    "mod",
    {
        "dependency_id": REFERENCE,
        "control_system_id": REFERENCE,
        "edge_id": REFERENCE,
        "ip": TEXT,
        "tls": FLAG,
        "udp": FLAG,
        "port": Attribute(integer),
        "makebreak": NO,
        "uri": TEXT,
        "custom_name": TEXT,
        "settings": HASH,
        "updated_at": CREATED,
        "created_at": CREATED,
        "role": REFERENCE,
        "connected": Attribute(boolean, True),
        "running": NO,
        "notes": TEXT,
        "ignore_connected": NO,
        "ignore_startstop": NO,
    },
    secretive=True,
    validate=check,
    before_destroy=leave_systems,
)
