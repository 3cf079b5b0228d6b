# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation refers only to what is there: files, headings, role variables, modules, tags."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
OWN = re.compile(r"https://github\.com/placeos/ansible-collection-office365/(?:blob|tree)/main/")
GENERATED = frozenset({"CHANGELOG.rst", "CHANGELOG.md"})
"""Made by `make changelog` at a release."""

LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
SPEAKING_OF_VARIABLES = re.compile(
    r"(?<![\w.-])(?:estate|booking_driver|domain|verify|engine_environment|engine_app|graph_app|graph_access|preflight|"
    r"placeos|microsoft)_[a-z0-9_]+\b(?!\.)"
)


def markdown() -> list[Path]:
    """Every page of the repository, without what tools leave behind."""
    skipped = {"collections", "node_modules"}
    return sorted(
        page
        for page in ROOT.rglob("*.md")
        if not any(part.startswith(".") or part in skipped for part in page.relative_to(ROOT).parts[:-1])
    )


def for_users() -> list[Path]:
    """The pages that speak of roles and modules; those below tests speak of the lab and its parts."""
    return [page for page in markdown() if not page.is_relative_to(ROOT / "tests")]


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """All anchors of a page."""
    return {slug(heading) for heading in HEADING.findall(FENCE.sub("", page.read_text()))}


def broken(page: Path, text: str) -> list[str]:
    """The links of a page that lead nowhere."""
    faults = []
    for link in LINK.findall(FENCE.sub("", text)):
        if OWN.match(link):
            target = ROOT / OWN.sub("", link).partition("#")[0]
        elif re.match(r"[a-z]+:", link):
            continue
        else:
            target = page.parent / link.partition("#")[0] if not link.startswith("#") else page
        anchor = link.partition("#")[2]
        if not target.exists():
            if target.name not in GENERATED:
                faults.append(f"{link}: there is no such file")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            faults.append(f"{link}: {target.name} has no such heading")
    return faults


def specifications() -> dict[str, dict[str, Any]]:
    """The options of each role."""
    return {
        path.parents[1].name: yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"]
        for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))
    }


def documented() -> dict[str, dict[str, tuple[str, str]]]:
    """Type and default of each variable, by role, as docs/reference/roles.md has them."""
    pages: dict[str, dict[str, tuple[str, str]]] = {}
    for section in re.split(r"^## ", (ROOT / "docs/reference/roles.md").read_text(), flags=re.MULTILINE)[1:]:
        rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) \| ", section, re.MULTILINE)
        pages[section.split("\n", 1)[0].strip()] = {name: (kind, default.strip()) for name, kind, default in rows}
    return pages


@pytest.mark.parametrize("page", markdown(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page, page.read_text()) == []


def test_a_link_that_leads_nowhere_is_found() -> None:
    page = ROOT / "docs/README.md"
    text = "[a](missing.md) [b](reference/roles.md#nothing) [c](reference/roles.md#estate) [d](https://example.com/x)"
    assert broken(page, text) == [
        "missing.md: there is no such file",
        "reference/roles.md#nothing: roles.md has no such heading",
    ]


def test_the_reference_of_roles_says_what_the_specifications_say() -> None:
    expected = {
        role: {
            name: (option["type"], f"`{json.dumps(option['default'])}`" if "default" in option else "")
            for name, option in options.items()
        }
        for role, options in specifications().items()
    }
    assert documented() == expected


def test_every_default_of_a_role_is_specified_with_the_same_value() -> None:
    options = specifications()
    for role, specified in options.items():
        path = ROOT / "roles" / role / "defaults" / "main.yml"
        for name, value in yaml.safe_load(path.read_text()).items():
            assert name in specified, f"{path}: {name} is not in the specification"
            if "default" in specified[name]:
                assert value == specified[name]["default"], f"{name} of {role}"


@pytest.mark.parametrize("page", for_users(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_variable_and_module_that_a_page_names_exists(page: Path) -> None:
    known = {name for options in specifications().values() for name in options}
    known |= {path.stem for folder in ("modules", "filter") for path in (ROOT / "plugins" / folder).glob("*.py")}
    assert set(SPEAKING_OF_VARIABLES.findall(page.read_text())) - known == set()


def test_every_role_has_a_page_that_the_map_of_roles_leads_to() -> None:
    text = (ROOT / "docs/reference/roles.md").read_text()
    for role in specifications():
        assert (ROOT / "roles" / role / "README.md").exists()
        assert f"../../roles/{role}/README.md" in text


def test_every_page_is_on_the_map() -> None:
    text = (ROOT / "docs/README.md").read_text()
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")} - {"README.md"}
    assert {page for page in pages if f"({page})" not in text} == set()


def test_every_module_filter_and_lookup_is_in_the_reference() -> None:
    text = (ROOT / "docs/reference/modules.md").read_text()
    for folder in ("modules", "filter", "lookup"):
        for path in (ROOT / "plugins" / folder).glob("[a-z]*.py"):
            assert f"| `{path.stem}` |" in text


def test_every_playbook_is_in_the_reference() -> None:
    text = (ROOT / "docs/reference/playbooks.md").read_text()
    for path in (ROOT / "playbooks").glob("*.yml"):
        assert f"| `placeos.office365.{path.stem}` |" in text


def test_the_reference_of_the_inventory_says_where_each_variable_of_microsoft_365_comes_from() -> None:
    section = (ROOT / "docs/reference/inventory.md").read_text().partition("\n## Microsoft 365\n")[2]
    options = specifications()
    of_client = {name for name in options["client"] if name.startswith(("microsoft_", "client_"))}
    about_others = {"client_manages_vm", "client_needs_platform", "client_connection"}
    shortened = {"microsoft_automation_certificate_passphrase"}
    named = set(re.findall(r"`([a-z_0-9]+)`", section)) | shortened
    assert (of_client | set(options["graph_app"]) | set(options["graph_access"])) - about_others - named == set()
