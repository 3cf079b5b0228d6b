# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the facts about Microsoft 365 lie, and a tenant of the lab to compare with them.

They lie beside the repository (or where PLACEOS_CONFORMANCE_DIR says) and are not part of it. Nothing in them was made
with the lab: where both differ, the lab is wrong.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = Path(os.environ.get("PLACEOS_CONFORMANCE_DIR") or ROOT.parent / "shared" / "conformance")
FACTS = CONFORMANCE / "microsoft365"
ROOM = "syd-24.01@acme.example"
STAFF = "ada.byrne@acme.example"
GRAPH = "00000003-0000-0000-c000-000000000000"

needs_facts = pytest.mark.skipif(not FACTS.is_dir(), reason=f"the facts about Microsoft 365 are not there ({FACTS})")


def facts(name: str) -> dict[str, Any]:
    """Return one file of facts; an empty one where the folder is absent, so that modules can be collected."""
    file = FACTS / f"{name}.json"
    document: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return document


def recorded(name: str) -> list[dict[str, Any]]:
    """Return the exchanges of one recording."""
    file = FACTS / "recorded" / f"{name}.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def shape(value: Any) -> Any:
    """Return the structure of a document: key sets, the shape of a list's first element, and no values."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in sorted(value.items())}
    return [shape(value[0])] if isinstance(value, list) and value else "list" if isinstance(value, list) else "value"
