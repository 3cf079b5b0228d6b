# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of facts in tables/, read once; each names its sources."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "tables"
GRAPH = "00000003-0000-0000-c000-000000000000"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
SHAREPOINT = "00000003-0000-0ff1-ce00-000000000000"


@cache
def table(name: str) -> dict[str, Any]:
    """Return tables/NAME.json."""
    document: dict[str, Any] = json.loads((TABLES / f"{name}.json").read_text("utf-8"))
    return document


def roles_of(resource: str) -> dict[str, str]:
    """Return the application roles that a resource publishes: value to id."""
    roles: dict[str, str] = table("app_roles").get(resource) or {}
    return roles


def role_id(value: str, resource: str = GRAPH) -> str:
    """Return the id of an application role."""
    return roles_of(resource)[value]


@cache
def properties(kind: str) -> dict[str, str]:
    """Return the properties of a type and of those it is based on: name to type."""
    types = table("types")["types"]
    found: dict[str, str] = {"id": "Edm.String"}
    chain = []
    step: str | None = kind
    while step and step in types:
        chain.append(step)
        step = types[step]["base"]
    for name in reversed(chain):
        found |= types[name]["properties"]
    return found
