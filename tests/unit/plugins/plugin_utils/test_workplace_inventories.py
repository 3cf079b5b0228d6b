# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventories that users see first, and the example of the reference page, are good."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.placeos.office365.plugins.plugin_utils._workplace.describe import describe

ROOT = Path(__file__).resolve().parents[4]


def flat(inventory: str, host: str) -> dict[str, Any]:
    folder = ROOT / "inventories" / inventory
    variables = yaml.safe_load((folder / "host_vars" / host / "workplace.yml").read_text(encoding="utf-8"))
    description = describe(variables["workplace"], str(folder))
    assert description.faults == []
    return description.flat


def test_the_demo_client() -> None:
    demo = flat("demo", "demo")
    tags = Counter(tag for zone in demo["zones"] for tag in zone["tags"])
    assert tags == {"org": 1, "building": 2, "level": 8}
    assert len(demo["systems"]) == 48
    assert len(demo["bookable"]) == 42
    rooms = Counter((system["zones"][1], system["timezone"]) for system in demo["systems"])
    assert rooms == {("Sydney", "Australia/Sydney"): 24, ("Singapore", "Asia/Singapore"): 24}


def test_the_demo_secrets_are_encrypted() -> None:
    vault = ROOT / "inventories" / "demo" / "host_vars" / "demo" / "vault.yml"
    assert vault.read_text(encoding="ascii").startswith("$ANSIBLE_VAULT;1.2;AES256;demo\n")


def test_the_client_to_copy() -> None:
    acme = flat("example_placeos", "acme")
    assert [system["name"] for system in acme["systems"]] == ["Sydney - 27.01", "Sydney - 27.02"]
    assert acme["bookable"] == ["Sydney - 27.01"]


def test_the_example_of_the_reference_page() -> None:
    page = ROOT / "docs" / "reference" / "inventory.md"
    if not page.exists():
        pytest.skip("the documentation is not part of this tree")
    example = yaml.safe_load(page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0])
    description = describe(example["workplace"])
    assert description.faults == []
    assert description.flat["bookable"] == ["Sydney - 27.01"]
